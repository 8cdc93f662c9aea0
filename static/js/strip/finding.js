// Finding a person by the first letters of a name: pure functions on words.
const plain = (words) => words.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase("sv");
const exact = (words) => words.toLocaleLowerCase("sv");

// Where in the name something begins so: 0 for the first name, -1 for nowhere.
function place(name, letters, fold) {
  return name.split(/[\s-]+/).findIndex((_, at, all) => fold(all.slice(at).join(" ")).startsWith(fold(letters)));
}

// Those [{name, waiting}] whose name begins so: first names before surnames, and those who are not marked before those who are.
// Whoever types no accents means the letters without them, unless somebody's name is spelt just so.
export function found(people, letters) {
  const hits = (fold) => people.map((one) => [one, place(one.name, letters, fold)]).filter(([, at]) => at >= 0);
  const order = ([one, at], [other, there]) => (at > 0) - (there > 0) || Boolean(other.waiting) - Boolean(one.waiting);
  const right = hits(exact);
  return (right.length ? right : hits(plain)).sort(order).map(([one]) => one);
}
