// Says what is pasted in the few tags that the editor reads, before it reads them. Only what the editor would lose is done here:
// lists and bold that programs write as styles (the page's policy keeps every style from being applied), titles, tracked changes,
// merged cells, characters that cannot be stored, and the lines of a PDF. What a text may hold is decided on the server, in
// record/text/html_in.py, which knows the same clipboards; the corpus in tests/record/clipboard holds the two together.
import { pm } from "django-prose-editor/editor";
import { tidied, tidiedText } from "fvg/paste/characters";
import { empty, make } from "fvg/paste/elements";
import { gatherLists } from "fvg/paste/lists";
import { textAsBlocks } from "fvg/paste/plain";

const HEADINGS = { h1: "h2", h2: "h2", h3: "h3", h4: "h3", h5: "h3", h6: "h3" };
const BLOCKS = new Set(
  ("address article aside blockquote center dd details div dl dt fieldset figcaption figure footer form header hr legend main nav pre section " +
    "summary").split(" "),
);
const DROPPED = new Set(
  "audio canvas col colgroup del head iframe img link math meta noembed noframes noscript object script style svg template title video xml".split(" "),
);

const LEFT_OUT = /mso-element:\s*comment|mso-special-character:\s*comment|mso-hide:\s*all|display:\s*none/;
const LEFT_OUT_CLASS = /(?:^|[\s_])(?:msocom|msoDel\b|MsoCommentReference)/;
const TITLE_CLASS = /(?:^|[\s_])Mso(?:(Title\b)|Subtitle\b|Heading[1-9])/;
const LIST_CLASS = /(?:^|[\s_])MsoListParagraph/;
const LIST_LEVEL = /mso-list:[^;]{0,40}level([1-9])/;
const WEIGHT = /(?<![\w-])font-weight:\s{0,4}(\w{1,8})/;
const WINGDINGS = /font-family:\s{0,4}["']?wingdings/i;
const DRAWN = { à: "→", ß: "←", è: "→", J: "☺", L: "☹", ü: "✓" };
const MOST_COLUMNS = 50;
const MOST_CELLS = 10000;

const styleOf = (element) => element.getAttribute("data-style") || element.getAttribute("style") || "";
const classOf = (element) => element.getAttribute("class") || "";
const isLeftOut = (element) => LEFT_OUT.test(styleOf(element)) || LEFT_OUT_CLASS.test(classOf(element));

const FOREIGN_TAG = /<(?!(?:a|br|col|colgroup|h[23]|li|meta|ol|p|span|strong|table|tbody|t[dhr]|ul)\b)[a-z]/i;

// The clipboard's HTML in the editor's own tags, without style, class or anything that is not words, structure, bold or a link.
export function cleanedHTML(html) {
  const quiet = quieted(html);
  if (html.includes("data-pm-slice") && !FOREIGN_TAG.test(quiet)) return quiet; // copied in an editor like ours: chips and references stay
  const read = new DOMParser().parseFromString(quiet, "text/html");
  if (isPageOfPDF(read.body)) return textAsBlocks(tidiedText(linesOfPDF(read.body)), false).innerHTML;
  const made = empty().body;
  copy(read.body, made, { bold: false, href: null, pre: false, wingdings: false, block: null, said: { last: "" } });
  for (const container of [made, ...made.querySelectorAll("div, td, th")]) gatherLists(container);
  return made.innerHTML;
}

// The browser reports every style and handler that it reads as a breach of the page's policy: they are read under another name,
// or not at all.
function quieted(html) {
  return html
    .split(/<(?=(?:style|script)\b)/i)
    .map((part, at) => (at ? part.slice((part.search(/<\/(?:style|script)/i) + 1 || part.length + 1) - 1) : part))
    .join("")
    .replace(/<[a-z][^<>]*>/gi, (tag) => tag.replace(/\s(style|on[a-z]+)(?=\s*=)/gi, " data-$1"));
}

// Firefox's viewer of PDFs, which many programs carry, marks each line on paper in this way.
const isPageOfPDF = (body) => body.querySelector("span[role=presentation]") && body.querySelector("br[role=presentation]") && !body.querySelector("p, li, td");

function linesOfPDF(body) {
  const walker = body.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  let text = "";
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.nodeType === Node.TEXT_NODE) text += node.data.replace(/\n/g, " ");
    else if (node.localName === "br") text += "\n";
  }
  return text;
}

function copy(from, into, look) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) copyWords(node.data, into, look);
    else if (node.nodeType === Node.ELEMENT_NODE) copyElement(node, into, look);
  }
}

function copyWords(words, into, look) {
  const tidy = tidied(look.wingdings ? words.replace(/[àßèJLü]/g, (one) => DRAWN[one]) : words, look.said.last);
  look.said.last = tidy.at(-1) || look.said.last;
  for (const [at, line] of (look.pre ? tidy.split("\n") : [tidy]).entries()) {
    if (at) into.append(make(into, "br"));
    if (!line) continue;
    let node = into.ownerDocument.createTextNode(line);
    if (look.bold && line.trim()) node = make(into, "strong", node);
    if (look.href) {
      node = make(into, "a", node);
      node.setAttribute("href", look.href);
    }
    into.append(node);
  }
}

function copyElement(element, into, around) {
  const tag = element.localName;
  const style = styleOf(element);
  if (DROPPED.has(tag) || isLeftOut(element)) return;
  if (tag === "br") {
    into.append(make(into, "br"));
    return;
  }
  if (style.includes("mso-list:Ignore") && around.block) {
    around.block.marker += element.textContent;
    return;
  }
  const look = {
    bold: tag in HEADINGS || tag === "th" ? false : isBold(tag, style, around.bold),
    href: around.href || (tag === "a" ? addressOf(element) : null),
    pre: around.pre || tag === "pre",
    wingdings: around.wingdings || WINGDINGS.test(style),
    block: around.block,
    said: around.said,
  };
  if (tag === "p" || tag in HEADINGS) copyParagraph(element, into, look);
  else if (tag === "ul" || tag === "ol") copyList(element, into, look);
  else if (tag === "li") {
    const item = make(into, "li");
    copy(element, item, look);
    into.append(item);
  } else if (tag === "table") copyTable(element, into, look);
  else if (BLOCKS.has(tag)) {
    // A frame around blocks is none of the text's, and would keep the lists that programs cut in pieces apart.
    const box = make(into, "div");
    copy(element, box, look);
    const words = [...box.childNodes].some((node) => node.nodeType === Node.TEXT_NODE ? node.data.trim() : /^(?:a|strong|br)$/.test(node.localName));
    if (words || !box.firstElementChild) into.append(box);
    else while (box.firstChild) into.append(box.firstChild);
  } else copy(element, into, look);
}

function isBold(tag, style, around) {
  const weight = WEIGHT.exec(style);
  if (!weight) return around || tag === "b" || tag === "strong";
  if (weight[1] === "inherit") return around;
  return weight[1] === "bold" || weight[1] === "bolder" || (/^\d+$/.test(weight[1]) && Number(weight[1]) >= 600);
}

function addressOf(element) {
  const href = (element.getAttribute("href") || "").trim();
  return /^(?:https?|mailto):/i.test(href) ? href : null;
}

function copyParagraph(element, into, look) {
  let tag = HEADINGS[element.localName] || "p";
  const title = tag === "p" && TITLE_CLASS.exec(classOf(element));
  if (tag === "p" && element.getAttribute("role") === "heading") tag = /^[12]$/.test(element.getAttribute("aria-level")) ? "h2" : "h3";
  else if (title) tag = title[1] ? "h2" : "h3";
  const made = make(into, tag);
  const block = { marker: "" };
  copy(element, made, { ...look, block });
  into.append(made);
  const marker = tidied(block.marker).trim();
  if (tag !== "p") {
    if (marker) made.prepend(`${marker} `);
    return;
  }
  const style = styleOf(element);
  const level = LIST_LEVEL.exec(style);
  if (level || LIST_CLASS.test(classOf(element))) Object.assign(made, { listed: { level: level ? Number(level[1]) : 0, marker, style, words: element.textContent } });
}

function copyList(element, into, look) {
  const made = make(into, element.localName);
  const start = element.getAttribute("start") || "";
  if (element.localName === "ol" && /^[1-9]\d{0,2}$/.test(start) && start !== "1") made.setAttribute("start", start);
  copy(element, made, look);
  const first = element.querySelector(":scope > li[data-aria-level]");
  if (first) made.level = Number(first.getAttribute("data-aria-level")) || 1;
  into.append(made);
}

// Empty cells come where a merged cell reached, so that every word stays in its column.
function copyTable(table, into, look) {
  const made = make(into, "tbody");
  for (const caption of table.querySelectorAll(":scope > caption")) {
    const above = make(into, "p");
    copy(caption, above, look);
    into.append(above);
  }
  const rows = [...table.querySelectorAll(":scope > tr, :scope > * > tr")].filter((row) => !isLeftOut(row));
  const cells = rows.map((row) => [...row.children].filter((cell) => /^t[dh]$/.test(cell.localName) && !isLeftOut(cell)));
  const count = (cell, name) => (/^[1-9]\d{0,2}$/.test(cell.getAttribute(name)) ? Number(cell.getAttribute(name)) : 1);
  const wanted = cells.flat().reduce((sum, cell) => sum + count(cell, "colspan") * count(cell, "rowspan"), 0);
  const merged = wanted <= MOST_CELLS && cells.every((row) => row.reduce((sum, cell) => sum + count(cell, "colspan"), 0) <= MOST_COLUMNS);
  const reached = [];
  for (const row of cells) {
    const line = make(into, "tr");
    for (const cell of [...row, null]) {
      while (reached[line.children.length]) {
        reached[line.children.length] -= 1;
        line.append(make(into, "td", make(into, "p")));
      }
      if (!cell) continue;
      const box = make(into, cell.localName);
      copy(cell, box, { ...look, bold: cell.localName === "th" ? false : isBold("td", styleOf(cell), look.bold), block: null });
      const [across, down] = merged ? [count(cell, "colspan"), count(cell, "rowspan")] : [1, 1];
      for (let column = 0; column < across; column += 1) {
        reached[line.children.length] = down - 1;
        line.append(column ? make(into, "td", make(into, "p")) : box);
      }
    }
    if (line.firstChild) made.append(line);
  }
  if (made.firstChild) into.append(make(into, "table", made));
}

// What the editor asks for when something is pasted. One line of plain text is left to the editor: it takes the look of its
// place.
export const pasteProps = {
  transformPastedHTML: cleanedHTML,
  transformPastedText: tidiedText,
  clipboardTextParser: (text, context, plain, view) => {
    if (!text.trim().includes("\n")) return null;
    return pm.model.DOMParser.fromSchema(view.state.schema).parseSlice(textAsBlocks(text, plain), { preserveWhitespace: true, context });
  },
};
