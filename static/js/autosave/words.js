// What two versions of a text have in common, and what is shown of one: pure functions on the fields of a form.
import { make } from "fvg/page";

const read = (html) => new DOMParser().parseFromString(html, "text/html").body;

// Plain words as the editor takes them: each line a paragraph, nothing read as markup.
export const paragraphs = (words) => words.split(/\n+/).map((line) => make("p", {}, line).outerHTML).join("");
export const wordsOf = (html) => [...read(html).children].map((one) => one.textContent).join("\n\n");

export const textOf = (fields) => (fields.text_format === "html" ? wordsOf(fields.text || "") : fields.text || "");
export const lettersOf = (fields) => textOf(fields).replace(/[^\p{L}\p{N}]/gu, "");

// Whether everything that was kept stands in what is here now.
export const holds = (now, kept) => lettersOf(now).includes(lettersOf(kept)) && (kept.outcome || "") === (now.outcome || "");
export const sameText = (one, other) => Boolean(one) && one.text === other.text && (one.outcome || "") === (other.outcome || "");

// The page that was left a moment ago saved its last words after this one was read: what stands there (`theirs`) is one's own,
// and is in what one sends now.
export function sentWhenLeft(theirs, sent, aside) {
  const letters = lettersOf({ text: theirs });
  return aside.some((fields) => fields && lettersOf(fields) === letters) && lettersOf(sent).includes(letters);
}

export const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);

export function excerpt(fields) {
  const words = textOf(fields);
  return words.length > 300 ? `${words.slice(0, 300)} …` : words;
}
