// What others do to the meeting while one writes: marks and numbers in the agenda, newer texts, points that come and go.
import { forms } from "fvg/autosave";
import { showDone } from "fvg/desk/done";
import { countLeft, placeItem } from "fvg/desk/items";
import { name } from "fvg/desk/opening";
import { desk, formOf, linkTo, notice, open, sheetAround, sheetOf } from "fvg/desk/sheets";
import { make } from "fvg/page";

export function tellAgenda({ agenda, done }) {
  for (const line of agenda) mark(line);
  for (const progress of document.querySelectorAll("[data-progress]")) progress.textContent = `${done} av ${agenda.length} klara`;
  const bar = desk.querySelector(".desk-progress progress");
  bar.value = done;
  bar.max = agenda.length;
}

function mark({ paragraph, number, state, words }) {
  const sheet = sheetOf(paragraph);
  const link = linkTo(paragraph);
  if (!sheet || !link) return;
  link.querySelector("[data-number-of]").textContent = number === null ? "–" : number;
  const troubled = forms.some((one) => sheet.contains(one.form) && ["failed", "paused"].includes(one.look));
  const badge = link.querySelector(".agenda-state");
  badge.textContent = troubled ? "inte sparad" : words;
  badge.className = `agenda-state agenda-state--${troubled ? "attention" : state}`;
  if (!formOf(sheet).doneInput.value) showDone(sheet, state === "done" || state === "attention");
  renumber(sheet, number === null ? "" : String(number));
}

function renumber(sheet, number) {
  if (sheet.dataset.number === number) return;
  sheet.dataset.number = number;
  sheet.querySelector("[data-number-words]").textContent = number ? `§ ${number}` : "Skrivs inte ut";
  sheet.querySelector("[data-unnumbered]").hidden = Boolean(number);
  if (sheet === open()) name(sheet);
}

// `versions`: what each text's is in the database, as asked for at the moment `asked`.
export function tellTexts(versions, asked) {
  const here = new Set(forms.map((one) => one.row));
  for (const one of forms) {
    const version = versions[one.row];
    if (version !== undefined && version > Number(one.text.version) && one.clean) one.refresh();
  }
  const gone = forms.filter((one) => !(one.row in versions) && one.born < asked); // what came here later is not in the answer
  const come = Object.keys(versions).filter((row) => !here.has(row));
  if (gone.length || come.length) follow(gone, come);
}

// Points that others have added or taken away. Where more has changed than that, or something here is unsaved, the person is
// asked to read the page anew.
let following = false;

async function follow(gone, come) {
  if (following) return;
  following = true;
  try {
    const rows = [...gone.map((one) => one.row), ...come];
    const inUse = (one) => !one.clean || one.form.contains(document.activeElement);
    if (rows.some((row) => row.startsWith("p")) || gone.some(inUse)) return tellChanged();
    gone.forEach(take);
    if (come.length) await fetchItems(come);
  } catch {
    // the next report tells again
  } finally {
    following = false;
  }
}

function take(one) {
  const sheet = sheetAround(one.form);
  one.form.closest(".paragraph").remove();
  forms.splice(forms.indexOf(one), 1);
  countLeft(sheet);
}

async function fetchItems(rows) {
  const answer = await fetch(location.pathname, { headers: { "X-Requested-With": "fetch", "X-Background": "1" } });
  const page = answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  for (const row of rows) {
    const item = page?.querySelector(`form[data-row="${row}"]`)?.closest(".paragraph");
    const sheet = item && sheetOf(sheetAround(item).dataset.paragraph);
    if (!sheet) return tellChanged();
    if (!forms.some((one) => one.row === row)) placeItem(sheet, item); // one's own may have come meanwhile
  }
}

function tellChanged() {
  const again = make("a", { href: location.pathname }, "Läs in sidan på nytt");
  notice("desk-changed", "Dagordningen har ändrats på ett annat ställe.", again, ". Det du har skrivit sparas först.");
}
