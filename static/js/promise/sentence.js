// The sentence at a place in a text: a pure function on words. The sentence of `text` that holds the place `at`; a full stop
// after an abbreviation (one of `short`), an initial or before a small letter ends none.
export function sentenceAt(text, at, short) {
  let start = 0;
  let piece = "";
  for (const found of text.matchAll(/[.!?…]["”’»)\]]*(?=\s)|\n/g)) {
    const end = found.index + found[0].length;
    const next = text.slice(end, end + 4).trimStart().replace(/^["”’»(–-]+/, "").charAt(0);
    const small = next !== next.toUpperCase();
    const before = text.slice(Math.max(0, found.index - 12), found.index).split(/\s+/).pop().replace(/^[("”]+/, "");
    const shortened = found[0][0] === "." && (/^\p{Lu}$/u.test(before) || short.has(before.toLowerCase()));
    if (small || shortened) continue;
    piece = text.slice(start, end).trim() || piece;
    if (piece && (at < end || (at === end && found[0] !== "\n"))) return piece;
    start = end;
  }
  return text.slice(start).trim() || piece; // behind the last full stop the caret is still at the last sentence
}
