// What lies on the desk: a sheet for every §, of which one is open, and how to find them.
import { forms } from "fvg/autosave";
import { make } from "fvg/page";

export const desk = document.querySelector(".desk[data-meeting]");
export const sheets = [...desk.querySelectorAll(".desk-text > .paragraph")];

export const sheetOf = (id) => sheets.find((sheet) => sheet.dataset.paragraph === String(id));
export const sheetAround = (element) => element.closest(".desk-text > .paragraph");
export const open = () => sheetOf(desk.dataset.open);
export const linkTo = (id) => desk.querySelector(`.agenda a[data-open-paragraph="${id}"]`);
export const formOf = (sheet) => forms.find((one) => one.row === `p${sheet.dataset.paragraph}`);
export const textOf = (section) => section.querySelector("textarea[name=text]");
export const where = (sheet) => (sheet.dataset.number ? `§ ${sheet.dataset.number}` : sheet.dataset.heading);
// Where, and for a § with a number what it is called too.
export const titleOf = (sheet) => (sheet.dataset.number ? `${where(sheet)} ${sheet.dataset.heading}` : where(sheet));

// The server is asked at once how things are: reporting.js hears it.
export const ask = () => document.dispatchEvent(new Event("desk:ask"));

const notices = document.getElementById("desk-notices");

// Told above the desk, once.
export function notice(id, words, ...parts) {
  if (document.getElementById(id)) return;
  const title = make("p", { class: "notice-title" }, words);
  notices.append(make("div", { id, class: "notice notice--warning", role: "status" }, title, make("p", {}, ...parts)));
}
