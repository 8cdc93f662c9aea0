// Alt+L, or "Följ upp": the sentence at the caret, or what is marked, becomes a promise with somebody to keep it. The text is
// saved first.
import { flush } from "fvg/autosave";
import { eachEditor } from "fvg/editor";
import { deskData } from "fvg/lines";
import { post, say } from "fvg/page";
import { sentenceAt } from "fvg/promise/sentence";

const dialog = document.getElementById("promise-dialog");
const form = dialog.querySelector("[data-promise-form]");
const problem = form.querySelector("[data-promise-error]");
// The abbreviations after which no sentence ends, as the server has them (meetings/statements.py).
const SHORT = new Set(deskData().short);
let last = null; // the field that was written in last

eachEditor((editor, textarea) => editor.on("focus", () => (last = textarea)));
document.addEventListener("focusin", (event) => {
  if (event.target.matches("textarea[name=text]")) last = event.target;
});

// What is marked in the editor, as the browser has it: the editor hears of a caret's move only in the next frame.
function marked(editor) {
  const seen = document.getSelection();
  if (!seen.rangeCount || !editor.view.hasFocus()) return editor.state.selection;
  const { startContainer, startOffset, endContainer, endOffset } = seen.getRangeAt(0);
  if (!editor.view.dom.contains(startContainer) || !editor.view.dom.contains(endContainer)) return editor.state.selection;
  return { from: editor.view.posAtDOM(startContainer, startOffset), to: editor.view.posAtDOM(endContainer, endOffset) };
}

function chosenWords(area) {
  if (!area.editor) {
    const { value, selectionStart, selectionEnd } = area;
    return selectionStart === selectionEnd ? sentenceAt(value, selectionStart, SHORT) : value.slice(selectionStart, selectionEnd).trim();
  }
  const { doc } = area.editor.state;
  const { from, to } = marked(area.editor);
  if (from !== to) return doc.textBetween(from, to, " ", " ").trim();
  const $from = doc.resolve(from);
  return sentenceAt($from.parent.textBetween(0, $from.parent.content.size, "\n", "\n"), $from.parentOffset, SHORT);
}

function open(button, area) {
  form.reset();
  form.setAttribute("action", button.href);
  form.elements.sentence.value = area ? chosenWords(area).replace(/\s+/g, " ") : "";
  complain("");
  dialog.showModal();
  (form.elements.sentence.value ? form.elements.owner : form.elements.sentence).focus();
}

function complain(words) {
  problem.hidden = !words;
  problem.textContent = words;
}

const sheetOf = (element) => element && element.closest(".desk-text > .paragraph"); // a topic is followed up under its §
const areaIn = (sheet) => (last && sheet.contains(last) ? last : sheet.querySelector("textarea[name=text]"));

document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.code !== "KeyL" || document.querySelector("dialog[open]")) return;
  const own = sheetOf(document.activeElement);
  const sheet = own || [...document.querySelectorAll("section.paragraph")].find((one) => !one.hidden);
  const button = sheet && sheet.querySelector("a[data-promise]");
  if (!button) return;
  event.preventDefault();
  open(button, areaIn(sheet));
});

dialog.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  event.stopPropagation(); // at the desk the same keys mark the § as done
  form.requestSubmit();
});

document.addEventListener("mousedown", (event) => {
  if (event.target.closest("a[data-promise]")) event.preventDefault(); // the caret stays in its sentence
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("a[data-promise]");
  if (!button || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  event.stopImmediatePropagation(); // no page is left, so nobody needs to save first
  open(button, areaIn(sheetOf(button)));
}, true);

async function send(url, body) {
  try {
    const { status, ok, data } = await post(url, body);
    if (ok) return data;
    if (status === 401) return { problem: "Du är utloggad. Logga in i en annan flik och spara igen." };
    return { problem: data?.errors ? Object.values(data.errors).flat().join(" ") : data?.message || "Åtagandet kunde inte sparas. Försök igen." };
  } catch {
    return { problem: "Det gick inte att nå servern. Åtagandet är inte sparat. Försök igen." };
  }
}

function show(html) {
  const made = document.createElement("template");
  made.innerHTML = html; // our own page's fragment, escaped by the server
  const fresh = made.content.firstElementChild;
  const old = document.getElementById(fresh.id);
  if (old) old.replaceWith(fresh);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "1";
  complain("");
  try {
    if (!(await flush(document.querySelector(".desk-text > .paragraph:not([hidden])") || document))) return complain("Texten är inte sparad än. Stäng, se till att den sparas och följ upp meningen igen.");
    const told = await send(form.getAttribute("action"), new FormData(form));
    if (told.problem) return complain(told.problem);
    show(told.html);
    dialog.close();
    say(told.message, "promise");
  } finally {
    delete form.dataset.busy;
  }
});

document.addEventListener("submit", async (event) => {
  const own = event.target.closest("form[data-unpromise]");
  if (!own || !event.submitter) return;
  event.preventDefault();
  const told = await send(own.getAttribute("action"), { [event.submitter.name]: event.submitter.value });
  const sheet = sheetOf(own);
  if (told.html) show(told.html);
  say(told.problem || told.message, "promise");
  const area = sheet && areaIn(sheet);
  if (area) area.focus();
});
