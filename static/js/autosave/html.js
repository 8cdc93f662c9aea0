// Words to HTML and back, and the server's marked-up difference between two texts.
import { make } from "fvg/page";

const read = (html) => new DOMParser().parseFromString(html, "text/html").body;

// Plain words as the editor takes them: each line a paragraph, nothing read as markup.
export const paragraphs = (words) => words.split(/\n+/).map((line) => make("p", {}, line).outerHTML).join("");
export const wordsOf = (html) => [...read(html).children].map((one) => one.textContent).join("\n\n");

// From the other's text to one's own, word by word, as the server has marked it up.
export function difference(html) {
  const marked = html ? [...read(html).childNodes] : [];
  if (!marked.length) return [];
  const key = ["det du har ", make("ins", {}, "lagt till"), " och det du ", make("del", {}, "saknar")];
  return [make("section", { class: "diff" }, make("p", {}, make("strong", {}, "Skillnaden: "), ...key), ...marked)];
}
