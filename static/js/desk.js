// The drafting desk: every § is in the page and one is shown. Opening another waits for nothing; what was typed is saved meanwhile.
import { flush, forms, register } from "fvg/autosave";
import { upgradeAll } from "fvg/editor";
import { make, post, say } from "fvg/page";

const REPORT_EVERY = 5000;
const SEARCH_PAUSE = 250;
const STATES = { empty: "tom", started: "påbörjad", attention: "åtgärda", done: "klar" };

const desk = document.querySelector(".desk[data-meeting]");
const sheets = [...desk.querySelectorAll(".desk-text > .paragraph")];
const tab = crypto.randomUUID ? crypto.randomUUID() : [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const titleEnd = document.title.slice(document.title.indexOf(" – "));

const sheetOf = (id) => sheets.find((sheet) => sheet.dataset.paragraph === String(id));
const open = () => sheetOf(desk.dataset.open);
const linkTo = (id) => desk.querySelector(`.agenda a[data-open-paragraph="${id}"]`);
const formOf = (sheet) => forms.find((one) => one.row === `p${sheet.dataset.paragraph}`);
const where = (sheet) => (sheet.dataset.number ? `§ ${sheet.dataset.number}` : sheet.dataset.heading);

// Opening a §

function show(id, { push = true, focus = true } = {}) {
  const sheet = sheetOf(id);
  if (!sheet) return;
  for (const one of sheets) one.hidden = one !== sheet;
  desk.dataset.open = sheet.dataset.paragraph;
  for (const link of desk.querySelectorAll(".agenda [aria-current]")) link.removeAttribute("aria-current");
  const link = linkTo(id);
  if (link) {
    link.setAttribute("aria-current", "page");
    const frame = link.closest(".desk-agenda");
    if (frame.scrollHeight > frame.clientHeight) frame.scrollTop = link.offsetTop - frame.offsetTop - frame.clientHeight / 3;
  }
  upgradeAll(sheet);
  name(sheet);
  if (push && location.pathname !== sheet.dataset.href) history.pushState(null, "", sheet.dataset.href);
  document.dispatchEvent(new CustomEvent("desk:opened", { detail: { paragraph: Number(id) } }));
  if (focus) {
    writeIn(sheet.querySelector("textarea[name=text]"));
    window.scrollTo({ top: 0 });
    say(`${where(sheet)} ${sheet.dataset.number ? sheet.dataset.heading : ""}`);
  }
  report();
}

// The caret at the end of the text, now: the editor's own command waits for the next frame, and a letter typed meanwhile would be lost.
function writeIn(area) {
  if (!area.editor) return area.focus({ preventScroll: true });
  area.editor.commands.setTextSelection(area.editor.state.doc.content.size);
  area.editor.view.focus();
}

function name(sheet) {
  document.title = `${where(sheet)} ${sheet.dataset.number ? `${sheet.dataset.heading} ` : ""}${titleEnd.trimStart()}`;
}

function beside(steps) {
  const at = sheets.indexOf(open()) + steps;
  if (sheets[at]) show(sheets[at].dataset.paragraph);
}

// Done is a field of the text's own form: it is saved with the text, tried again with it, and kept with it.
function setDone(sheet, done) {
  const form = formOf(sheet);
  form.setDone(done);
  sheet.querySelector("[data-done]").hidden = done;
  sheet.querySelector("[data-undo-done]").hidden = !done;
  sheet.querySelector("[data-done-tag]").hidden = !done;
}

function doneAndNext() {
  const sheet = open();
  setDone(sheet, true);
  const at = sheets.indexOf(sheet);
  const next = [...sheets.slice(at + 1), ...sheets.slice(0, at)].find((one) => one.querySelector("[data-done-tag]").hidden);
  if (next) show(next.dataset.paragraph);
  else say("Alla paragrafer är klara. Gå igenom checklistan och skicka till justering.");
}

// The texts under the open §, one after another
function nextText() {
  const areas = [...open().querySelectorAll("textarea[name=text]")];
  const at = areas.findIndex((area) => area.closest("form").contains(document.activeElement));
  const area = areas[(at + 1) % areas.length];
  writeIn(area);
  area.closest(".paragraph").scrollIntoView({ block: "nearest" });
}

// A button of the open § by its key
function sendForm(which, otherwise) {
  const form = open().querySelector(which);
  if (form && !form.closest("[hidden]")) form.requestSubmit();
  else say(otherwise);
}

window.addEventListener("popstate", () => {
  const sheet = sheets.find((one) => one.dataset.href === location.pathname);
  if (sheet && sheet !== open()) show(sheet.dataset.paragraph, { push: false }); // a link within the page is no other §
});

document.addEventListener("click", (event) => {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest("a[data-open-paragraph]");
  if (link && sheetOf(link.dataset.openParagraph)) {
    event.preventDefault();
    show(link.dataset.openParagraph);
  }
  const button = event.target.closest("[data-done], [data-undo-done]");
  if (button) {
    event.preventDefault();
    if (button.hasAttribute("data-done")) doneAndNext();
    else setDone(open(), false);
  }
  const adder = event.target.closest("[data-new-item]");
  if (adder) {
    event.preventDefault();
    askForItem(adder.closest(".paragraph"));
  }
  const tool = event.target.closest("[data-desk]");
  if (tool) ({ go: openGo, keys: openKeys })[tool.dataset.desk]();
});

// Going anywhere by its name

const go = document.getElementById("desk-go");
const goWords = document.getElementById("desk-go-words");
const goList = document.getElementById("desk-go-list");
const goNone = document.getElementById("desk-go-none");
let chosen = 0;
let search = 0;

function places() {
  return sheets.flatMap((sheet) => [
    { sheet, words: `${where(sheet)} ${sheet.dataset.number ? sheet.dataset.heading : ""}`.trim(), hint: STATES[stateOf(sheet)] || "" },
    ...[...sheet.querySelectorAll(".desk-items > .paragraph")].map((item) => ({ sheet, item, words: item.dataset.title || item.querySelector("h3").textContent.trim(), hint: where(sheet) })),
  ]);
}

const stateOf = (sheet) => {
  const mark = linkTo(sheet.dataset.paragraph)?.querySelector(".agenda-state");
  return mark ? [...mark.classList].at(-1).replace("agenda-state--", "") : "";
};

// Every word must be the beginning of a word of the place; a number means that §.
function matches(place, words) {
  const parts = place.words.toLowerCase().split(/[^\p{L}\d]+/u);
  return words.every((word) => parts.some((part) => (/^\d+$/.test(word) ? part === word : part.startsWith(word))));
}

function listPlaces() {
  const words = goWords.value.toLowerCase().split(/[^\p{L}\d]+/u).filter(Boolean);
  const found = places().filter((place) => matches(place, words));
  if (words.length === 1 && /^\d+$/.test(words[0])) found.sort((a, b) => Boolean(a.item) - Boolean(b.item));
  fillPlaces(found);
  clearTimeout(search);
  const asked = goWords.value.trim();
  if (asked.length > 2 && desk.dataset.suggest) search = setTimeout(() => suggest(asked, found), SEARCH_PAUSE);
}

// "Var hör frågan hemma?": the template's help texts and earlier meetings know
async function suggest(asked, found) {
  try {
    const answer = await fetch(`${desk.dataset.suggest}?q=${encodeURIComponent(asked)}`, { headers: { "X-Requested-With": "fetch", Accept: "application/json" } });
    if (!answer.ok || goWords.value.trim() !== asked) return;
    const known = new Set(found.filter((place) => !place.item).map((place) => place.sheet.dataset.paragraph));
    const more = (await answer.json()).suggestions.filter((one) => sheetOf(one.paragraph) && !known.has(String(one.paragraph)));
    fillPlaces([...found, ...more.map((one) => ({ sheet: sheetOf(one.paragraph), words: `${where(sheetOf(one.paragraph))} ${sheetOf(one.paragraph).dataset.heading}`, hint: `Hör hemma här: ${one.why}` }))]);
  } catch {
    // the list that is there will do
  }
}

function fillPlaces(found) {
  chosen = 0;
  goList.replaceChildren(...found.slice(0, 40).map((place, at) => {
    const option = make("li", { role: "option", id: `desk-go-${at}`, class: "choice-option", "aria-selected": String(at === 0) }, make("span", {}, place.words), " ", make("span", { class: "meta" }, place.hint));
    option.place = place;
    option.addEventListener("click", () => goTo(place));
    return option;
  }));
  goNone.textContent = found.length ? "" : "Ingen paragraf och inget ärende heter så.";
  if (found.length) goWords.setAttribute("aria-activedescendant", "desk-go-0");
  else goWords.removeAttribute("aria-activedescendant");
}

function choose(steps) {
  const options = [...goList.children];
  if (!options.length) return;
  chosen = (chosen + steps + options.length) % options.length;
  options.forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
  options[chosen].scrollIntoView({ block: "nearest" });
  goWords.setAttribute("aria-activedescendant", options[chosen].id);
}

function goTo({ sheet, item }) {
  go.close();
  show(sheet.dataset.paragraph, { focus: !item });
  if (item) {
    writeIn(item.querySelector("textarea[name=text]"));
    item.scrollIntoView({ block: "center" });
  }
}

function openGo() {
  if (document.querySelector("dialog[open]")) return;
  goWords.value = "";
  listPlaces();
  go.showModal();
  goWords.focus();
}

goWords.addEventListener("input", listPlaces);
goWords.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (goList.children[chosen]) goTo(goList.children[chosen].place);
  }
});

// The list of keys

const keys = document.getElementById("desk-keys");
const keysOff = document.getElementById("desk-keys-off");
const stored = (action) => { try { return action(window.localStorage); } catch { return null; } };
keysOff.checked = stored((storage) => storage.getItem("desk-question-mark")) === "off";
keysOff.addEventListener("change", () => stored((storage) => (keysOff.checked ? storage.setItem("desk-question-mark", "off") : storage.removeItem("desk-question-mark"))));

function openKeys() {
  if (document.querySelector("dialog[open]")) return;
  keys.showModal();
  keys.scrollTop = 0;
}

// A new point under the §

const asking = document.getElementById("desk-new");
const askingError = document.getElementById("desk-new-error");

function askForItem(sheet) {
  const form = asking.querySelector("form");
  form.dataset.paragraph = sheet.dataset.paragraph;
  form.action = sheet.querySelector("[data-new-item]").dataset.newItem;
  form.reset();
  form.elements.kind.value = sheet.dataset.kind || "topic";
  askingError.hidden = true;
  asking.showModal();
  form.elements.title.focus();
}

asking.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const sheet = sheetOf(form.dataset.paragraph);
  const button = form.querySelector("button:not([type])");
  button.disabled = true;
  let problem = "Det gick inte att lägga till. Det du skrev står kvar här. Försök igen.";
  try {
    const { status, data } = await post(form.action, new FormData(form));
    if (status === 201) {
      asking.close();
      addItem(sheet, data);
      return;
    }
    if (data) problem = data.errors ? Object.values(data.errors).flat().join(" ") : data.message || problem;
  } catch {
    // told below
  } finally {
    button.disabled = false;
  }
  askingError.textContent = problem;
  askingError.hidden = false;
});

function addItem(sheet, { html }) {
  const item = new DOMParser().parseFromString(html, "text/html").querySelector("section");
  placeItem(sheet, item);
  writeIn(item.querySelector("textarea[name=text]"));
  item.scrollIntoView({ block: "nearest" });
  report();
}

// Board matters about which nothing has been said yet
function countLeft(sheet) {
  const form = sheet.querySelector("[data-no-comments]");
  const left = [...sheet.querySelectorAll('.desk-items > [data-kind="board_matter"] form[data-autosave]')]
    .filter((one) => !one.elements.outcome.value && (one.closest("[data-carried]") || !one.querySelector("textarea[name=text]").value.trim())).length;
  form.hidden = !left;
  form.querySelector("[data-left]").textContent = `Inga synpunkter på resten (${left})`;
}

// Forms of the page that the desk sends by itself

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.hasAttribute("data-write-in")) {
    event.preventDefault();
    const own = formOf(form.closest(".desk-text > .paragraph"));
    own.text.put({ text: form.elements.text.value, html: form.dataset.html });
    own.touched();
    own.send();
    writeIn(own.text.area);
  } else if (form.hasAttribute("data-flush")) {
    event.preventDefault();
    if (await flush(open())) form.submit();
    else say("En text i paragrafen är inte sparad än. Försök igen när den är det.");
  } else if (form.hasAttribute("data-no-comments")) {
    event.preventDefault();
    if (!(await flush(open()))) return say("En text i paragrafen är inte sparad än. Försök igen när den är det.");
    try {
      const { ok, status, data } = await post(form.action, {});
      if (!ok) throw new Error(status);
      say(data.message);
      form.hidden = true;
      open().querySelector(".editor-text, textarea[name=text]").focus();
      report();
    } catch {
      say("Det gick inte att spara. Försök igen.");
    }
  }
});

// Who else is here, and what they have saved

const others = document.getElementById("desk-others");
const notices = document.getElementById("desk-notices");
let timer = 0;
let reporting = false;
let again = false;
let away = false;
let typedAt = 0;
let answered = Promise.resolve();

async function report() {
  clearTimeout(timer);
  if (away) return;
  if (reporting) {
    again = true;
    return;
  }
  reporting = true;
  try {
    const fields = { tab, paragraph: desk.dataset.open, strip: document.getElementById("strip").dataset.mark };
    if (Date.now() - typedAt < REPORT_EVERY) fields.typing = "1";
    const asked = Date.now();
    const asking = post(desk.dataset.here, fields, { background: !fields.typing });
    answered = asking.catch(() => {});
    const answer = await asking;
    if (answer.ok && answer.data) told(answer.data, asked);
    else if (answer.status === 409) tellLocked();
  } catch {
    // no contact: the save status tells what that means for the text
  } finally {
    reporting = false;
    timer = setTimeout(report, again ? 300 : document.hidden ? 6 * REPORT_EVERY : REPORT_EVERY);
    again = false;
  }
}

function told(data, asked) {
  for (const line of data.agenda) mark(line);
  for (const progress of document.querySelectorAll("[data-progress]")) progress.textContent = `${data.done} av ${data.agenda.length} klara`;
  const bar = desk.querySelector(".desk-progress progress");
  bar.value = data.done;
  bar.max = data.agenda.length;
  tellOthers(data.others);
  if (data.strip) document.dispatchEvent(new CustomEvent("desk:strip", { detail: { ...data.strip, asked } }));
  const here = new Set(forms.map((one) => one.row));
  for (const one of forms) {
    const version = data.versions[one.row];
    if (version === undefined) continue;
    if (version > Number(one.text.version) && one.clean) one.refresh();
  }
  const gone = forms.filter((one) => !(one.row in data.versions) && one.born < asked); // what came here later is not in the answer
  const come = Object.keys(data.versions).filter((row) => !here.has(row));
  if (gone.length || come.length) followAgenda(gone, come);
}

// Points that others have added or taken away. Where more has changed than that, or something here is unsaved, the person is asked to read the page anew.
let following = false;

async function followAgenda(gone, come) {
  if (following) return;
  following = true;
  try {
    if ([...gone.map((one) => one.row), ...come].some((row) => row.startsWith("p")) || gone.some((one) => !one.clean || one.form.contains(document.activeElement))) return tellChanged();
    for (const one of gone) {
      const sheet = one.form.closest(".desk-text > .paragraph");
      one.form.closest(".paragraph").remove();
      forms.splice(forms.indexOf(one), 1);
      countLeft(sheet);
    }
    if (!come.length) return;
    const answer = await fetch(location.pathname, { headers: { "X-Requested-With": "fetch", "X-Background": "1" } });
    const page = answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
    for (const row of come) {
      const item = page?.querySelector(`form[data-row="${row}"]`)?.closest(".paragraph");
      const sheet = item && sheetOf(item.closest(".desk-text > .paragraph").dataset.paragraph);
      if (!sheet) return tellChanged();
      if (!forms.some((one) => one.row === row)) placeItem(sheet, item); // one's own may have come meanwhile
    }
  } catch {
    // the next report tells again
  } finally {
    following = false;
  }
}

// Into the § in the order that the page has it, ready to be written in, with the focus left where it is.
function placeItem(sheet, item) {
  let before = item.nextElementSibling;
  while (before && !sheet.querySelector(`[id="${before.id}"]`)) before = before.nextElementSibling;
  sheet.querySelector(".desk-items").insertBefore(document.adoptNode(item), before && sheet.querySelector(`[id="${before.id}"]`));
  sheet.querySelector(".desk-under").hidden = false;
  register(item.querySelector("form[data-autosave]"));
  if (!sheet.hidden) upgradeAll(item);
  countLeft(sheet);
}

function mark({ paragraph, number, state, words }) {
  const sheet = sheetOf(paragraph);
  const link = linkTo(paragraph);
  if (!sheet || !link) return;
  link.querySelector("[data-number-of]").textContent = number === null ? "–" : number;
  const form = formOf(sheet);
  const troubled = forms.some((one) => sheet.contains(one.form) && ["failed", "paused"].includes(one.look));
  const badge = link.querySelector(".agenda-state");
  badge.textContent = troubled ? "inte sparad" : words;
  badge.className = `agenda-state agenda-state--${troubled ? "attention" : state}`;
  if (!form.doneInput.value) {
    const done = state === "done" || state === "attention";
    sheet.querySelector("[data-done]").hidden = done;
    sheet.querySelector("[data-undo-done]").hidden = !done;
    sheet.querySelector("[data-done-tag]").hidden = !done;
  }
  const words_ = number === null ? "" : String(number);
  if (sheet.dataset.number === words_) return;
  sheet.dataset.number = words_;
  sheet.querySelector("[data-number-words]").textContent = words_ ? `§ ${words_}` : "Skrivs inte ut";
  sheet.querySelector("[data-unnumbered]").hidden = Boolean(words_);
  if (sheet === open()) name(sheet);
}

function tellOthers(found) {
  const words = found.filter((one) => !one.own).map((one) => `${one.who} ${one.typing ? "skriver" : "är här"}${one.where ? ` (${one.where})` : ""}`);
  const mine = found.filter((one) => one.own);
  if (mine.length) words.push(`Du har skrivbordet öppet på ett ställe till${mine[0].where ? ` (${mine[0].where})` : ""}`);
  const said = words.length ? `${words.join(" · ")}.` : "";
  if (others.textContent !== said) others.textContent = said;
  others.hidden = !said;
  for (const who of desk.querySelectorAll(".agenda-who")) who.textContent = "";
  for (const one of found) {
    const link = !one.own && linkTo(one.paragraph);
    if (link) link.querySelector(".agenda-who").textContent = `${one.who} ${one.typing ? "skriver här" : "är här"}`;
  }
}

function notice(id, ...parts) {
  if (!document.getElementById(id)) notices.append(make("div", { id, class: "notice notice--warning", role: "status" }, ...parts));
}

function tellChanged() {
  notice("desk-changed", make("p", { class: "notice-title" }, "Dagordningen har ändrats på ett annat ställe."),
    make("p", {}, make("a", { href: location.pathname }, "Läs in sidan på nytt"), ". Det du har skrivit sparas först."));
}

function tellLocked() {
  notice("desk-locked", make("p", { class: "notice-title" }, "Protokollet är skickat till justering och kan inte ändras."),
    make("p", {}, "Text som inte hann sparas står kvar här, så att du kan kopiera den."));
}

// Keys

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

const writing = () => document.activeElement.matches("input, textarea, select, [contenteditable=true]");

document.addEventListener("keydown", (event) => {
  const { key } = event;
  const ctrl = event.ctrlKey || event.metaKey;
  const alone = !ctrl && !event.altKey;
  const alt = event.altKey && !ctrl && !event.shiftKey;
  let does = null;
  if (document.querySelector("dialog[open]")) return;
  if (ctrl && !event.altKey && key === "Enter") does = doneAndNext;
  else if (ctrl && !event.altKey && !event.shiftKey && key.toLowerCase() === "k") does = openGo;
  else if (alt && key === "ArrowDown") does = () => beside(1);
  else if (alt && key === "ArrowUp") does = () => beside(-1);
  else if (alt && event.code === "KeyN") does = () => askForItem(open());
  else if (alt && event.code === "KeyJ") does = nextText;
  else if (alt && event.code === "KeyI") does = () => sendForm("[data-no-comments]", "Alla nämndärenden har redan text eller utfall.");
  else if (alt && event.code === "KeyM") does = () => sendForm("[data-write-in]", "Paragrafen har ingen standardmening att skriva in.");
  else if (key === "F6" && !ctrl) does = () => nextRegion(event.shiftKey ? -1 : 1);
  else if (key === "F1" && alone) does = openKeys;
  else if (key === "?" && alone && !writing() && !keysOff.checked) does = openKeys;
  if (!does) return;
  event.preventDefault();
  event.stopPropagation();
  does();
}, true);

document.addEventListener("input", (event) => {
  if (event.target.closest("form[data-autosave]")) typedAt = Date.now();
  event.target.closest("[data-carried]")?.removeAttribute("data-carried"); // more is said now than where it was tabled
});
document.addEventListener("desk:saved", ({ detail }) => {
  countLeft(sheetOf(detail.paragraph));
  report();
});
document.addEventListener("visibilitychange", () => document.hidden || report());
document.addEventListener("desk:ask", report);

const leave = () => post(desk.dataset.here, { tab, leaving: "1" }, { keepalive: true, background: true }).catch(() => {});
window.addEventListener("pagehide", () => away || leave());

// Whoever logs out leaves the desk first: afterwards there is nobody who could. What is being asked at that moment is answered before that.
document.addEventListener("submit", async (event) => {
  if (event.defaultPrevented || away || !event.target.matches("form[action$='/logout/']")) return;
  event.preventDefault();
  away = true;
  clearTimeout(timer);
  await Promise.race([answered.then(leave), new Promise((done) => setTimeout(done, 2000))]);
  event.target.requestSubmit();
});
window.addEventListener("pageshow", (event) => event.persisted && away && location.reload());

for (const hidden of document.querySelectorAll("[data-scripted]")) hidden.hidden = false;
const kept = forms.find((one) => one.keptNotice && open() && !open().contains(one.form));
if (kept) {
  const sheet = kept.form.closest(".desk-text > .paragraph");
  notice("desk-kept", make("p", { class: "notice-title" }, "Det finns text som inte hann sparas."),
    make("p", {}, make("a", { href: sheet.dataset.href, "data-open-paragraph": sheet.dataset.paragraph }, `Gå till ${where(sheet)}`)));
}
if (!location.hash && !open()?.querySelector(".text-form-end + .notice") && document.activeElement === document.body && matchMedia("(pointer: fine)").matches) {
  // The text in the middle of the screen, not below the menus.
  scrollTo({ top: document.querySelector(".desk-bar").getBoundingClientRect().top + scrollY, behavior: "instant" });
  writeIn(open().querySelector("textarea[name=text]")); // the desk is opened to write; a phone would cover half of it with keys
}
if (location.hash.startsWith("#item-")) document.getElementById(location.hash.slice(1))?.scrollIntoView();
report();
