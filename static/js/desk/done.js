// A § that is done. Done is a field of the text's own form: it is saved with the text, tried again with it, and kept with it.
import { show } from "fvg/desk/opening";
import { formOf, open, sheets } from "fvg/desk/sheets";
import { say } from "fvg/page";

const isDone = (sheet) => !sheet.querySelector("[data-done-tag]").hidden;

export function showDone(sheet, done) {
  sheet.querySelector("[data-done]").hidden = done;
  sheet.querySelector("[data-undo-done]").hidden = !done;
  sheet.querySelector("[data-done-tag]").hidden = !done;
}

function setDone(sheet, done) {
  formOf(sheet).setDone(done);
  showDone(sheet, done);
}

export function doneAndNext() {
  const sheet = open();
  setDone(sheet, true);
  const at = sheets.indexOf(sheet);
  const next = [...sheets.slice(at + 1), ...sheets.slice(0, at)].find((one) => !isDone(one));
  if (next) show(next.dataset.paragraph);
  else say("Alla paragrafer är klara. Gå igenom checklistan och skicka till justering.");
}

document.addEventListener("click", (event) => {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const button = event.target.closest("[data-done], [data-undo-done]");
  if (!button) return;
  event.preventDefault();
  if (button.hasAttribute("data-done")) doneAndNext();
  else setDone(open(), false);
});
