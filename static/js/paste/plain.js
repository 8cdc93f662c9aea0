// Plain text, as the viewers of PDFs hand it over: one line of it for every line on paper.
import { empty, make } from "fvg/paste/elements";

const BULLET = /^([•▪●◦‣·○■□➢✓*–—-])(?:\s+(.*))?$/u;
const LETTER_BULLET = /^(o)\s+(.*)$/; // only in a list
const NUMBER = /^(\d{1,3})([.)])\s+(.*)$/;

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
  // Sentences that run on begin a line in the middle of themselves; only then can a full line before a capital be trusted to go
  // on.
  const full = lines.filter((line) => line.length >= widest * 0.8);
  const prose = wrapped && lines.some((line) => /^\p{Ll}/u.test(line)) && full.length > 1;
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

  // Outside lists, a full line that ends in the middle of a sentence: a dash after it is no bullet.
  const isCut = () => open && !lists.length && !/[.:;!?]$/.test(words) && words.length >= widest * 0.8;

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
    } else if (bullet && bullet[2] && !(dash && !blank && isCut())) {
      startItem(bullet[1], bullet[2], 0);
    } else if (counted) {
      startItem(number[2], number[3], Number(number[1]));
    } else if (open && !blank && /[\p{L}\d][-\u2010]$/u.test(words) && /^\p{Ll}/u.test(line)) {
      // "in- och utflyttning" keeps its hyphen.
      open.append(/^(?:och|eller|samt|respektive|till)\b/.test(line) ? ` ${line}` : line);
      const [before, added] = [...open.childNodes].slice(-2);
      if (!added.data.startsWith(" ")) before.data = before.data.slice(0, -1);
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
