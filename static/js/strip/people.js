// The people of the attendance strip: a row for each, one of them is where one is, and one has its buttons shown.
import { make } from "fvg/page";

export const strip = document.getElementById("strip");
export const search = document.getElementById("strip-search");

export const rows = () => [...strip.querySelectorAll(".strip-row")];
export const linkOf = (row) => row.querySelector(".strip-person");
export const rowOf = (pk) => strip.querySelector(`.strip-row[data-person="${pk}"]`);

export function current() {
  return strip.querySelector(".strip-person[tabindex='0']")?.closest(".strip-row") || rows()[0];
}

export function stand(row) {
  for (const other of rows()) linkOf(other).tabIndex = other === row ? 0 : -1;
}

export function prepare(row) {
  const link = linkOf(row);
  link.tabIndex = -1;
  link.setAttribute("role", "button");
  link.setAttribute("aria-expanded", "false");
  link.setAttribute("aria-keyshortcuts", "h k g d a f o z");
}

export function open(row, wanted = true) {
  for (const other of rows()) {
    const shown = other === row && wanted;
    other.querySelector(".strip-actions").hidden = !shown;
    linkOf(other).setAttribute("aria-expanded", String(shown));
    for (const one of other.querySelectorAll(".strip-actions button, .strip-actions a")) one.tabIndex = shown ? 0 : -1;
  }
}

export function goTo(row) {
  if (!row) return;
  stand(row);
  linkOf(row).focus();
  row.scrollIntoView({ block: "nearest" });
}

export function beside(row, step) {
  const all = rows();
  return all[Math.min(Math.max(all.indexOf(row) + step, 0), all.length - 1)];
}

// The row as the server has it now, with the focus where it was.
export function putRow(pk, row) {
  const old = rowOf(pk);
  if (!old) return;
  const focused = document.activeElement;
  const had = old.contains(focused);
  const key = had ? focused.dataset.key : "";
  const shown = !old.querySelector(".strip-actions").hidden;
  prepare(row);
  if (old.contains(current())) linkOf(row).tabIndex = 0;
  old.replaceWith(row);
  if (shown) open(row);
  if (had) (row.querySelector(`button[data-key="${key}"]`) || linkOf(row)).focus();
}

export function tellWhole(counts, warnings) {
  strip.querySelector("[data-strip-counts]").textContent = counts;
  const list = strip.querySelector("[data-strip-warnings]");
  list.replaceChildren(...warnings.map((words) => make("li", {}, words)));
  list.hidden = !warnings.length;
}

export function tell(row, words, button) {
  const place = row.querySelector(".strip-error");
  place.replaceChildren(...[words, button].filter(Boolean));
  place.hidden = !words;
}
