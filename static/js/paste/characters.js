// The characters of what is pasted: what cannot be stored, or is drawn as nothing, is taken out. Pure functions on words.
const STORED_SYMBOLS = /[\uf04a\uf0df\uf0e0\uf0e8\uf0f3]/; // the server knows what they draw
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Noncharacter_Code_Point}]|(?![\ufe00-\ufe0f])\p{Default_Ignorable_Code_Point}/gu;

// Words without what is drawn as nothing; a no-break space stays where Swedish has one (§ 7, 12 000 kr), else it is a space.
// `last` is the character before the words.
export function tidied(words, last = "") {
  return words
    .replace(/[\u2028\u2029]/g, "\n")
    .replace(HIDDEN, (one) => {
      if (one === "\n" || one === "\t" || STORED_SYMBOLS.test(one)) return one;
      return /[\uf020-\uf0ff]/.test(one) ? "•" : "";
    })
    .replace(/[ \u00a0]+/g, (space, at, all) => {
      if (!space.includes("\u00a0")) return space;
      const before = all[at - 1] || last;
      const after = all[at + space.length] || "";
      return space.length === 1 && (/[\d§]/.test(before) || (/\S/.test(before) && /\d/.test(after))) ? space : " ";
    });
}

// A text as the clipboard has it: its lines end in one way, and words that a PDF has divided keep a hyphen to be joined by.
export function tidiedText(text) {
  const tidy = tidied(text.replace(/[\u00ad\u2010](?=[ \t]*\r?\n)/g, "-").replace(/\r\n?|\f|\v/g, "\n"));
  return tidy.trim().includes("\n") ? tidy : tidy.replaceAll("\n", "");
}
