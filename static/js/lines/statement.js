// From a typed line (`v: stödjer LR`) to who said what: pure functions on words and on the parties [{id, name, abbreviations,
// formers}].
const LETTER = "[\\p{L}\\p{N}]";
const ENDS_IN_S = /[sxz]$/i;
const ENDED = /[.?!:;…][”"'’)\]»]*$/u;
// `Speakers: what they said`: the colon is followed by a space, and by words that are more than numbers.
const SAID = /^(\s*)([^:\n]{1,120}?)\s*:\s+(?=\S)/u;
const BETWEEN = /\s*,\s*|\s+och\s+|\s*&\s*/u;

const folded = (words) => words.normalize("NFC").toLocaleLowerCase("sv");
const namesOf = (party) => [party.name, ...(party.abbreviations || []), ...(party.formers || [])];

// `Vision` → `s`, `Lärarnas` → nothing: what the genitive adds to a name.
export const genitiveEnd = (name) => (ENDS_IN_S.test(name) ? "" : "s");

// The one party that a speaker's word means: a name or an abbreviation in full, else the beginning of only one party's names.
export function speaker(word, parties) {
  const wanted = folded(word.trim());
  if (!wanted) return null;
  const whole = parties.filter((party) => namesOf(party).some((name) => folded(name) === wanted));
  if (whole.length) return whole.length === 1 ? whole[0] : null;
  const begun = parties.filter((party) => namesOf(party).some((name) => folded(name).startsWith(wanted)));
  return begun.length === 1 ? begun[0] : null;
}

// Where parties are named in running words: [{from, to, party, genitive}]. An abbreviation counts however it is typed (`lrs`); a
// name only as it is spelt, since `vision` and `förvaltningen` are also words.
export function mentions(words, parties) {
  const known = new Map(); // as it is looked for → the parties that it may mean
  const add = (key, party) => known.set(key, (known.get(key) || new Set()).add(party));
  for (const party of parties) {
    for (const name of namesOf(party)) {
      const capitals = (name.match(/\p{Lu}/gu) || []).length;
      if (capitals >= 2 && !/\s/.test(name)) add(folded(name), party);
      else if (capitals) add(name, party);
    }
  }
  if (!known.size) return [];
  const keys = [...known.keys()].sort((a, b) => b.length - a.length).map((key) => key.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = new RegExp(`(?<!${LETTER})(${keys.join("|")})(:?s)?(?!${LETTER})`, "giu");
  const found = [];
  for (const match of words.matchAll(pattern)) {
    const typed = match[1].normalize("NFC");
    const meant = known.get(typed) || known.get(folded(typed));
    // `5 st` is not the union ST.
    const counted = typed === folded(typed) && /\d\s*$/.test(words.slice(0, match.index));
    if (meant && meant.size === 1 && !counted) {
      found.push({ from: match.index, to: match.index + match[0].length, party: [...meant][0], genitive: Boolean(match[2]) });
    }
  }
  return found;
}

// What is to be put where in the line: [{from, to, pieces: [{text, party?, bold?}]}], or nothing when the line is not of this
// kind.
export function changes(line, parties) {
  const said = SAID.exec(line);
  if (!said) return null;
  const rest = line.slice(said[0].length);
  if (!/\p{L}/u.test(rest)) return null;
  const named = said[2].split(BETWEEN).map((word) => speaker(word, parties));
  if (named.includes(null)) return null;
  const speakers = [...new Set(named)];
  const pieces = speakers.flatMap((party, at) => [
    ...(at ? [{ text: at === speakers.length - 1 ? " och " : ", " }] : []),
    { text: party.name, party: party.id, bold: true },
  ]);
  const out = [{ from: said[1].length, to: said[0].length, pieces: [...pieces, { text: " " }] }];
  for (const { from, to, party, genitive } of mentions(rest, parties)) {
    const end = genitive ? genitiveEnd(party.name) : "";
    const written = [{ text: party.name, party: party.id }, ...(end ? [{ text: end }] : [])];
    out.push({ from: said[0].length + from, to: said[0].length + to, pieces: written });
  }
  const end = line.trimEnd().length;
  if (!ENDED.test(line.trimEnd())) out.push({ from: end, to: line.length, pieces: [{ text: "." }] });
  return out;
}

// The whole line in plain form; the line itself when it is left alone.
export function expanded(line, parties) {
  const edits = changes(line, parties);
  if (!edits) return line;
  let out = "";
  let at = 0;
  for (const { from, to, pieces } of edits) {
    out += line.slice(at, from);
    for (const { text, party, bold } of pieces) {
      const chip = party ? `[${text}](party:${party})` : text;
      out += bold ? `**${chip}**` : chip;
    }
    at = to;
  }
  return out + line.slice(at);
}
