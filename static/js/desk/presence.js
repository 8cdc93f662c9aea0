// Who else is at the desk, in one sentence: a pure function on what the server tells [{who, where, typing, own}].
const at = (where) => (where ? ` (${where})` : "");

export function presence(found) {
  const words = found.filter((one) => !one.own).map((one) => `${one.who} ${one.typing ? "skriver" : "är här"}${at(one.where)}`);
  const mine = found.find((one) => one.own);
  if (mine) words.push(`Du har skrivbordet öppet på ett ställe till${at(mine.where)}`);
  return words.length ? `${words.join(" · ")}.` : "";
}
