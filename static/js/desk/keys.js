// Every step of the desk by key, the list of the keys, and F6 between agenda, text and attendance.
import { doneAndNext } from "fvg/desk/done";
import { askForItem } from "fvg/desk/items";
import { beside, nextText } from "fvg/desk/opening";
import { openSearch } from "fvg/desk/search";
import { sendForm } from "fvg/desk/sending";
import { pressed } from "fvg/desk/shortcuts";
import { desk, open } from "fvg/desk/sheets";

const list = document.getElementById("desk-keys");
const off = document.getElementById("desk-keys-off");

const STORED = "desk-question-mark";
off.checked = stored((storage) => storage.getItem(STORED)) === "off";
off.addEventListener("change", () => {
  stored((storage) => (off.checked ? storage.setItem(STORED, "off") : storage.removeItem(STORED)));
});

function stored(action) {
  try {
    return action(window.localStorage);
  } catch {
    return null;
  }
}

function openKeys() {
  if (document.querySelector("dialog[open]")) return;
  list.showModal();
  list.scrollTop = 0;
}

const REGIONS = [
  () => desk.querySelector(".agenda [aria-current]"),
  () => open().querySelector(".editor-text, textarea[name=text]"),
  () => document.getElementById("strip"),
];

function nextRegion(steps) {
  const boxes = [desk.querySelector(".desk-agenda"), desk.querySelector(".desk-text"), document.getElementById("strip")];
  const at = boxes.findIndex((box) => box && box.contains(document.activeElement));
  for (let step = 1; step <= REGIONS.length; step += 1) {
    const target = REGIONS[(at + step * steps + 2 * REGIONS.length) % REGIONS.length]();
    if (target) {
      const fold = target.closest("details[data-fold]");
      if (fold) fold.open = true;
      const area = target.closest("form[data-autosave]")?.querySelector("textarea[name=text]");
      if (area?.editor) area.editor.view.focus(); // at once, with the caret where it was
      else target.focus();
      return;
    }
  }
}

const DOES = {
  doneAndNext,
  search: openSearch,
  next: () => beside(1),
  previous: () => beside(-1),
  newItem: () => askForItem(open()),
  nextText,
  noComments: () => sendForm("[data-no-comments]", "Alla nämndärenden har redan text eller utfall."),
  writeStandard: () => sendForm("[data-write-in]", "Paragrafen har ingen standardmening att skriva in."),
  nextRegion: () => nextRegion(1),
  previousRegion: () => nextRegion(-1),
  keys: openKeys,
};

const isWriting = () => document.activeElement.matches("input, textarea, select, [contenteditable=true]");

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  const does = pressed(event, { questionMark: !off.checked && !isWriting() });
  if (!does) return;
  event.preventDefault();
  event.stopPropagation();
  DOES[does]();
}, true);

document.addEventListener("click", (event) => {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const tool = event.target.closest("[data-desk]");
  if (tool) ({ go: openSearch, keys: openKeys })[tool.dataset.desk]();
});
