// Ctrl+K: going to a § or a point by its name, or by what the matter is about.
import { found } from "fvg/desk/finding";
import { show, writeIn } from "fvg/desk/opening";
import { desk, linkTo, sheetOf, sheets, textOf, titleOf, where } from "fvg/desk/sheets";
import { make } from "fvg/page";

const PAUSE = 250;
const MOST = 40;
const STATES = { empty: "tom", started: "påbörjad", attention: "åtgärda", done: "klar" };

const dialog = document.getElementById("desk-go");
const input = document.getElementById("desk-go-words");
const list = document.getElementById("desk-go-list");
const none = document.getElementById("desk-go-none");
let chosen = 0;
let timer = 0;

function places() {
  return sheets.flatMap((sheet) => [
    { sheet, words: titleOf(sheet), hint: STATES[stateOf(sheet)] || "" },
    ...[...sheet.querySelectorAll(".desk-items > .paragraph")].map((item) => (
      { sheet, item, words: item.dataset.title || item.querySelector("h3").textContent.trim(), hint: where(sheet) }
    )),
  ]);
}

function stateOf(sheet) {
  const mark = linkTo(sheet.dataset.paragraph)?.querySelector(".agenda-state");
  return mark ? [...mark.classList].at(-1).replace("agenda-state--", "") : "";
}

function listPlaces() {
  const hits = found(places(), input.value);
  fill(hits);
  clearTimeout(timer);
  const asked = input.value.trim();
  if (asked.length > 2 && desk.dataset.suggest) timer = setTimeout(() => suggest(asked, hits), PAUSE);
}

// "Var hör frågan hemma?": the template's help texts and earlier meetings know
async function suggest(asked, hits) {
  try {
    const headers = { "X-Requested-With": "fetch", Accept: "application/json" };
    const answer = await fetch(`${desk.dataset.suggest}?q=${encodeURIComponent(asked)}`, { headers });
    if (!answer.ok || input.value.trim() !== asked) return;
    const known = new Set(hits.filter((place) => !place.item).map((place) => place.sheet.dataset.paragraph));
    const more = (await answer.json()).suggestions.filter((one) => sheetOf(one.paragraph) && !known.has(String(one.paragraph)));
    fill([...hits, ...more.map(suggested)]);
  } catch {
    // the list that is there will do
  }
}

function suggested({ paragraph, why }) {
  const sheet = sheetOf(paragraph);
  return { sheet, words: `${where(sheet)} ${sheet.dataset.heading}`, hint: `Hör hemma här: ${why}` };
}

function fill(hits) {
  chosen = 0;
  list.replaceChildren(...hits.slice(0, MOST).map(optionFor));
  none.textContent = hits.length ? "" : "Ingen paragraf och inget ärende heter så.";
  if (hits.length) input.setAttribute("aria-activedescendant", "desk-go-0");
  else input.removeAttribute("aria-activedescendant");
}

function optionFor(place, at) {
  const option = make(
    "li", { role: "option", id: `desk-go-${at}`, class: "choice-option", "aria-selected": String(at === 0) },
    make("span", {}, place.words), " ", make("span", { class: "meta" }, place.hint),
  );
  option.place = place;
  option.addEventListener("click", () => goTo(place));
  return option;
}

function choose(steps) {
  const options = [...list.children];
  if (!options.length) return;
  chosen = (chosen + steps + options.length) % options.length;
  options.forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
  options[chosen].scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", options[chosen].id);
}

function goTo({ sheet, item }) {
  dialog.close();
  show(sheet.dataset.paragraph, { focus: !item });
  if (!item) return;
  writeIn(textOf(item));
  item.scrollIntoView({ block: "center" });
}

export function openSearch() {
  if (document.querySelector("dialog[open]")) return;
  input.value = "";
  listPlaces();
  dialog.showModal();
  input.focus();
}

input.addEventListener("input", listPlaces);
input.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (list.children[chosen]) goTo(list.children[chosen].place);
  }
});
