// Lists that programs write as single paragraphs, or as one list for each item: their items come where their markers and margins
// say.
import { make } from "fvg/paste/elements";

const MARGIN = /margin(?:-left)?:(?:[^;]{0,80}\s)?(\d{1,4}(?:\.\d{1,9})?)(pt|in|cm|px)\s{0,4}(?:;|$)/;
const STEP = { pt: 36, in: 0.5, cm: 1.27, px: 48 }; // how far Word moves each level of a list to the right
const DEEPEST = 6;
const MARKER = /^([·•▪●◦‣*–—\uf020-\uf0ff-]|[§oØüv✓](?=\u00a0)|(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{2,5})[.)])[ \u00a0]+/;
const NUMBERED = /^\(?(?:\d+\.)*(?:(\d{1,3})|([a-z])|([ivxl]{1,7}))[.):]?\)?$/i;
const ROMAN = { i: 1, v: 5, x: 10, l: 50 };

// `listed` (on a paragraph) and `level` (on a list) were left by the copying in paste.js.
export function gatherLists(container) {
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

export function levelByMargin(style) {
  const found = MARGIN.exec(style);
  return found ? Math.min(Math.max(Math.round(Number(found[1]) / STEP[found[2]]), 1), DEEPEST) : 1;
}

// What numbers a marker may mean, the likeliest first; none for a bullet.
export function numbersOf(marker) {
  const found = NUMBERED.exec(marker);
  if (!found || (marker.length === 1 && !found[1])) return [];
  if (found[1]) return [Number(found[1])];
  const letters = (found[2] || found[3]).toLowerCase();
  const values = [...letters].map((letter) => ROMAN[letter] || 0);
  const signed = values.map((one, at) => (one < Math.max(...values.slice(at)) ? -one : one));
  const roman = values.includes(0) ? 0 : signed.reduce((sum, one) => sum + one, 0);
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
