// Finding a place by what is typed: pure functions on words.
const BETWEEN = /[^\p{L}\d]+/u;
const isNumber = (word) => /^\d+$/.test(word);

// Every word must be the beginning of a word of the place; a number means that §.
function matches(place, words) {
  const parts = place.toLowerCase().split(BETWEEN);
  return words.every((word) => parts.some((part) => (isNumber(word) ? part === word : part.startsWith(word))));
}

// The places [{words, item}] that are meant, in their order; for a number alone a § comes before the points under it.
export function found(places, typed) {
  const words = typed.toLowerCase().split(BETWEEN).filter(Boolean);
  const hits = places.filter((place) => matches(place.words, words));
  if (words.length === 1 && isNumber(words[0])) hits.sort((a, b) => Boolean(a.item) - Boolean(b.item));
  return hits;
}
