// Says what is pasted in the few tags that the editor reads, before it reads them. Only what the editor would lose is done here: lists and bold
// that programs write as styles (the page's policy keeps every style from being applied), titles, tracked changes, merged cells, characters that
// cannot be stored, and the lines of a PDF. What a text may hold is decided on the server, in record/text/html_in.py, which knows the same
// clipboards; the corpus in tests/record/clipboard holds the two together.
import { pm } from "django-prose-editor/editor";

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
const MARGIN = /margin(?:-left)?:(?:[^;]{0,80}\s)?(\d{1,4}(?:\.\d{1,9})?)(pt|in|cm|px)\s{0,4}(?:;|$)/;
const STEP = { pt: 36, in: 0.5, cm: 1.27, px: 48 }; // how far Word moves each level of a list to the right
const DEEPEST = 6;
const MARKER = /^([·•▪●◦‣*–—\uf020-\uf0ff-]|[§oØüv✓](?=\u00a0)|(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{2,5})[.)])[ \u00a0]+/;
const NUMBERED = /^\(?(?:\d+\.)*(?:(\d{1,3})|([a-z])|([ivxl]{1,7}))[.):]?\)?$/i;
const ROMAN = { i: 1, v: 5, x: 10, l: 50 };
const WEIGHT = /(?<![\w-])font-weight:\s{0,4}(\w{1,8})/;
const WINGDINGS = /font-family:\s{0,4}["']?wingdings/i;
const DRAWN = { à: "→", ß: "←", è: "→", J: "☺", L: "☹", ü: "✓" };
const MOST_COLUMNS = 50;
const MOST_CELLS = 10000;

// Characters

const STORED_SYMBOLS = /[\uf04a\uf0df\uf0e0\uf0e8\uf0f3]/; // the server knows what they draw
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Noncharacter_Code_Point}]|(?![\ufe00-\ufe0f])\p{Default_Ignorable_Code_Point}/gu;

// Words without what is drawn as nothing; a no-break space stays where Swedish has one (§ 7, 12 000 kr), else it is a space.
// `last` is the character before the words.
function tidied(words, last = "") {
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

// HTML

const empty = () => document.implementation.createHTMLDocument("");
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

// The browser reports every style and handler that it reads as a breach of the page's policy: they are read under another name, or not at all.
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

function make(near, tag, ...children) {
  const made = near.ownerDocument.createElement(tag);
  made.append(...children);
  return made;
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

// Lists that programs write as single paragraphs, or as one list for each item

// `listed` (on a paragraph) and `level` (on a list) were left by the copying above.
function gatherLists(container) {
  let root = null;
  const join = (level, numbers, item, place) => {
    const joined = joinList(root, level, numbers, item);
    if (joined !== root) container.insertBefore(joined, place);
    root = joined;
  };
  for (const node of [...container.childNodes]) {
    const place = node.nextSibling;
    if (!node.textContent.trim()) continue;
    if (node.listed) {
      const { level, style, words } = node.listed;
      let { marker } = node.listed;
      const found = marker ? null : MARKER.exec(words.trimStart());
      if (found) {
        marker = found[1];
        dropMarker(node, marker.length);
      }
      if (level || marker) join(level || levelByMargin(style), numbersOf(marker), make(node, "li", node), place);
      else if (root) lastItem(root).append(node);
    } else if (node.level) {
      let number = Number(node.getAttribute("start")) || 1;
      node.remove();
      for (const item of [...node.children]) {
        join(node.level, node.localName === "ol" ? [number] : [], item, place);
        number += 1;
      }
    } else root = null;
  }
}

function lastItem(list) {
  const item = list.lastElementChild;
  return item.nested ? lastItem(item.nested) : item;
}

function levelByMargin(style) {
  const found = MARGIN.exec(style);
  return found ? Math.min(Math.max(Math.round(Number(found[1]) / STEP[found[2]]), 1), DEEPEST) : 1;
}

// What numbers a marker may mean, the likeliest first; none for a bullet.
function numbersOf(marker) {
  const found = NUMBERED.exec(marker);
  if (!found || (marker.length === 1 && !found[1])) return [];
  if (found[1]) return [Number(found[1])];
  const letters = (found[2] || found[3]).toLowerCase();
  const values = [...letters].map((letter) => ROMAN[letter] || 0);
  const roman = values.includes(0) ? 0 : values.reduce((sum, one, at) => sum + (one < Math.max(...values.slice(at)) ? -one : one), 0);
  const letter = letters.length === 1 ? letters.charCodeAt(0) - 96 : 0;
  return (letters === "i" ? [roman, letter] : [letter, roman]).filter(Boolean);
}

// Takes so many characters from the start of an element's words, and the space around them.
function dropMarker(element, many) {
  const walker = element.ownerDocument.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let left = many;
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const words = left === many ? node.data.trimStart() : node.data;
    const cut = Math.min(left, words.length);
    left -= cut;
    node.data = left ? words.slice(cut) : words.slice(cut).trimStart();
    if (node.data) return;
  }
}

// Puts an item where its level says, into the list `root` or into a new one; returns the outermost list.
function joinList(root, level, numbers, item) {
  let list = root;
  let nested = list && list.lastElementChild.nested;
  while (nested && nested.depth <= level) {
    list = nested;
    nested = list.lastElementChild.nested;
  }
  const next = root ? (Number(root.getAttribute("start")) || 1) + root.children.length : 0;
  const restarts = root && ((root.localName === "ol") !== numbers.length > 0 || (numbers.length > 0 && !numbers.includes(next)));
  if (list && list.depth < level && nested) nested.append(item);
  else if (list && (list.depth < level || list !== root || !restarts)) {
    if (list.depth >= level) list.append(item);
    else list.lastElementChild.append((list.lastElementChild.nested = newList(item, level, numbers)));
  } else return newList(item, level, numbers);
  return root;
}

function newList(item, level, numbers) {
  const list = make(item, numbers.length ? "ol" : "ul", item);
  if (numbers.length && numbers[0] > 1) list.setAttribute("start", String(numbers[0]));
  list.depth = level;
  return list;
}

// Plain text, as the viewers of PDFs hand it over: one line of it for every line on paper

const BULLET = /^([•▪●◦‣·○■□➢✓*–—-])(?:\s+(.*))?$/u;
const LETTER_BULLET = /^(o)\s+(.*)$/; // only in a list
const NUMBER = /^(\d{1,3})([.)])\s+(.*)$/;

export function tidiedText(text) {
  const tidy = tidied(text.replace(/[\u00ad\u2010](?=[ \t]*\r?\n)/g, "-").replace(/\r\n?|\f|\v/g, "\n"));
  return tidy.trim().includes("\n") ? tidy : tidy.replaceAll("\n", "");
}

// The blocks of a text as an element; `asIs` keeps every line a line.
export function textAsBlocks(text, asIs) {
  const into = empty().body;
  if (asIs) {
    for (const block of text.split(/\n[ \t]*(?:\n[ \t]*)+/)) if (block.trim()) into.append(linesOf(into, block));
    return into;
  }
  const lines = text.split("\n").map((line) => line.trim());
  const widest = lines.reduce((most, line) => Math.max(most, line.length), 0);
  const wrapped = widest >= 40 && widest <= 130; // else the lines are no lines of a page
  // Sentences that run on begin a line in the middle of themselves; only then can a full line before a capital be trusted to go on.
  const prose = wrapped && lines.some((line) => /^\p{Ll}/u.test(line)) && lines.filter((line) => line.length >= widest * 0.8).length > 1;
  const numbers = new Set(lines.map((line) => NUMBER.exec(line)).filter(Boolean).map((found) => found[1] + found[2]));
  let open = null; // the paragraph that a line may go on with
  let words = ""; // the last line in it
  let lists = []; // from the outermost: {marker, list, next}
  let blank = false;
  let waiting = null; // a bullet on a line of its own

  const startItem = (marker, rest, number) => {
    const at = lists.findIndex((one) => one.marker === marker);
    if (at >= 0) lists = lists.slice(0, at + 1);
    else {
      const list = make(into, number ? "ol" : "ul");
      if (number > 1) list.setAttribute("start", String(number));
      (lists.length ? lists.at(-1).list.lastElementChild : into).append(list);
      lists.push({ marker, list, next: number });
    }
    lists.at(-1).next += 1;
    open = make(into, "p", rest);
    words = rest;
    lists.at(-1).list.append(make(into, "li", open));
  };

  const goesOn = (line) => {
    if (!wrapped || words.length < widest * 0.5) return false;
    if (/^[\p{Ll}(,;]/u.test(line)) return !/[.!?:]$/.test(words);
    return prose && words.length >= widest * 0.8 && words.length + 1 + line.split(" ")[0].length > widest * 0.95;
  };

  for (const line of lines) {
    if (!line) {
      blank = true;
      continue;
    }
    const bullet = BULLET.exec(line) || (lists.length ? LETTER_BULLET.exec(line) : null);
    const dash = bullet && /[–—*-]/.test(bullet[1]);
    const number = NUMBER.exec(line);
    const inList = (marker) => lists.some((one) => one.marker === marker);
    const counted = number && (lists.some((one) => one.marker === number[2] && one.next === Number(number[1]))
      || (!inList(number[2]) && numbers.has(`${Number(number[1]) + 1}${number[2]}`)));
    const closes = blank && !(bullet && inList(bullet[1])) && !(counted && inList(number[2]));
    if (closes) {
      open = null;
      lists = [];
    }
    if (waiting) {
      startItem(waiting, line, 0);
      waiting = null;
    } else if (bullet && !bullet[2] && !dash) {
      waiting = bullet[1];
    } else if (bullet && bullet[2] && !(dash && !blank && open && !lists.length && !/[.:;!?]$/.test(words) && words.length >= widest * 0.8)) {
      startItem(bullet[1], bullet[2], 0);
    } else if (counted) {
      startItem(number[2], number[3], Number(number[1]));
    } else if (open && !blank && /[\p{L}\d][-\u2010]$/u.test(words) && /^\p{Ll}/u.test(line)) {
      // "in- och utflyttning" keeps its hyphen.
      open.append(/^(?:och|eller|samt|respektive|till)\b/.test(line) ? ` ${line}` : line);
      if (!open.lastChild.data.startsWith(" ")) open.lastChild.previousSibling.data = open.lastChild.previousSibling.data.slice(0, -1);
      words = line;
    } else if (open && !blank && goesOn(line)) {
      open.append(/\S-$/.test(words) ? line : ` ${line}`);
      words = line;
    } else {
      lists = [];
      open = make(into, "p", line);
      words = line;
      into.append(open);
    }
    blank = false;
  }
  if (waiting) into.append(make(into, "p", waiting));
  return into;
}

function linesOf(into, block) {
  const paragraph = make(into, "p");
  for (const [at, line] of block.split("\n").entries()) paragraph.append(...(at ? [make(into, "br")] : []), line);
  return paragraph;
}

// What the editor asks for when something is pasted. One line of plain text is left to the editor: it takes the look of its place.
export const pasteProps = {
  transformPastedHTML: cleanedHTML,
  transformPastedText: tidiedText,
  clipboardTextParser: (text, context, plain, view) => {
    if (!text.trim().includes("\n")) return null;
    return pm.model.DOMParser.fromSchema(view.state.schema).parseSlice(textAsBlocks(text, plain), { preserveWhitespace: true, context });
  },
};
