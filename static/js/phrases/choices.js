// Which phrases are offered after `/`, and what a slot in one may be filled with: pure functions on words and on the data of the
// desk.
import { clock } from "fvg/page";

export const SLOT = /\{(\p{L}+(?: \p{L}+)*)\}/gu;
const folded = (words) => words.normalize("NFC").toLocaleLowerCase("sv");
// Whether some word of it, with what follows, begins as typed.
function beginsWord(words, query) {
  const all = folded(words);
  return [...all.matchAll(/[\p{L}\p{N}]+/gu)].some(({ index }) => all.startsWith(query, index));
}

// Phrases for what has been typed after the slash: the key itself, keys that begin so, then phrases with such a word.
export function offered(phrases, typed) {
  const query = folded(typed);
  const rank = ({ key, words }) => (key === query ? 0 : key.startsWith(query) ? 1 : beginsWord(words, query) ? 2 : 3);
  return phrases.map((phrase) => [rank(phrase), phrase]).filter(([place]) => place < 3).sort((a, b) => a[0] - b[0])
    .map(([, phrase]) => ({ label: `/${phrase.key}`, words: phrase.words.replace(SLOT, "[$1]"), phrase }));
}

// What a slot may be filled with, as far as it agrees with what has been typed in its place; last, that itself.
export function choices(name, slots, parties, typed, now = new Date()) {
  const query = folded(typed.trim());
  const all = (slots[name] || []).map((one) => {
    if (name === "part") {
      const { abbreviations = [] } = parties.find(({ id }) => id === one.id) || {};
      return { words: one.name, hint: abbreviations.join(", "), party: String(one.id) };
    }
    if (name === "bilaga") return { words: `bilaga ${one.number}`, hint: one.title, ref: `appendix:${one.id}` };
    return typeof one === "string" ? { words: one, hint: "" } : { words: one.text, hint: one.hint };
  });
  if (name === "tid") all.unshift({ words: clock(now), hint: "nu" });
  const found = all.filter(({ words, hint }) => !query || beginsWord(words, query) || beginsWord(hint, query));
  const isOther = query && found.length && !found.some(({ words }) => folded(words) === query);
  return isOther ? [...found, { words: typed.trim(), hint: "som du skrev", kept: true }] : found;
}
