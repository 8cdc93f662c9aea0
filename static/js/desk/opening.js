// Opening a §: every § is in the page and one is shown, so that opening another waits for nothing.
import { ask, desk, linkTo, open, sheetOf, sheets, textOf, titleOf } from "fvg/desk/sheets";
import { upgradeAll } from "fvg/editor";
import { say } from "fvg/page";

const titleEnd = document.title.slice(document.title.indexOf(" – ")).trimStart();

export function show(id, { push = true, focus = true } = {}) {
  const sheet = sheetOf(id);
  if (!sheet) return;
  for (const one of sheets) one.hidden = one !== sheet;
  desk.dataset.open = sheet.dataset.paragraph;
  pointOut(linkTo(id));
  upgradeAll(sheet);
  name(sheet);
  if (push && location.pathname !== sheet.dataset.href) history.pushState(null, "", sheet.dataset.href);
  document.dispatchEvent(new CustomEvent("desk:opened", { detail: { paragraph: Number(id) } }));
  if (focus) {
    writeIn(textOf(sheet));
    window.scrollTo({ top: 0 });
    say(titleOf(sheet));
  }
  ask();
}

function pointOut(link) {
  for (const other of desk.querySelectorAll(".agenda [aria-current]")) other.removeAttribute("aria-current");
  if (!link) return;
  link.setAttribute("aria-current", "page");
  const frame = link.closest(".desk-agenda");
  if (frame.scrollHeight > frame.clientHeight) frame.scrollTop = link.offsetTop - frame.offsetTop - frame.clientHeight / 3;
}

// The caret at the end of the text, now: the editor's own command waits for the next frame, and a letter typed meanwhile would be
// lost.
export function writeIn(area) {
  if (!area.editor) return area.focus({ preventScroll: true });
  area.editor.commands.setTextSelection(area.editor.state.doc.content.size);
  area.editor.view.focus();
}

// The window is called as its §.
export function name(sheet) {
  document.title = `${titleOf(sheet)} ${titleEnd}`;
}

export function beside(steps) {
  const at = sheets.indexOf(open()) + steps;
  if (sheets[at]) show(sheets[at].dataset.paragraph);
}

// The texts under the open §, one after another
export function nextText() {
  const areas = [...open().querySelectorAll("textarea[name=text]")];
  const at = areas.findIndex((area) => area.closest("form").contains(document.activeElement));
  const area = areas[(at + 1) % areas.length];
  writeIn(area);
  area.closest(".paragraph").scrollIntoView({ block: "nearest" });
}

window.addEventListener("popstate", () => {
  const sheet = sheets.find((one) => one.dataset.href === location.pathname);
  if (sheet && sheet !== open()) show(sheet.dataset.paragraph, { push: false }); // a link within the page is no other §
});

document.addEventListener("click", (event) => {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest("a[data-open-paragraph]");
  if (!link || !sheetOf(link.dataset.openParagraph)) return;
  event.preventDefault();
  show(link.dataset.openParagraph);
});
