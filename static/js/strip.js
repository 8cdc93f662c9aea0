// The attendance strip: go to a person by arrows or by the first letters of the name, then one key or one tap.
import { say } from "fvg/page";
import { found } from "fvg/strip/finding";
import { beside, current, goTo, linkOf, open, prepare, rows, search, stand, strip } from "fvg/strip/people";
import { press, send } from "fvg/strip/sending";

// Going to somebody by name

function hitsOf(letters) {
  const people = rows().map((row) => ({ row, name: row.dataset.name, waiting: row.classList.contains("strip-row--waiting") }));
  return found(people, letters).map(({ row }) => row);
}

function point() {
  const letters = search.value.trim();
  const hits = letters ? hitsOf(letters) : [];
  for (const row of rows()) row.classList.toggle("strip-row--found", row === hits[0]);
  if (!letters) return [];
  const [first, ...others] = hits.map((row) => row.dataset.name);
  if (others.length) {
    none.hidden = false;
    none.className = "meta";
    none.textContent = `${first}, en av ${hits.length}: ${others.slice(0, 3).join(", ")}${hits.length > 4 ? " …" : ""}`;
  }
  if (!first) say("Ingen heter så.", "strip");
  else say(others.length ? `${first}, en av ${hits.length}.` : `${first}. Tryck Enter.`, "strip");
  return hits;
}

function leaveSearch(row) {
  search.value = "";
  for (const one of rows()) one.classList.remove("strip-row--found");
  goTo(row);
}

let marked = false; // somebody has been marked by key, and is the one to go on from

const none = strip.querySelector("[data-strip-none]");
search.addEventListener("input", () => {
  none.hidden = true;
  point();
});

search.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "Enter" || event.key === "ArrowDown") {
    event.preventDefault();
    const hits = search.value.trim() ? hitsOf(search.value.trim()) : [];
    none.hidden = Boolean(hits.length) || !search.value.trim();
    if (hits.length) leaveSearch(hits[0]);
    else if (!search.value.trim()) goTo(event.key === "ArrowDown" && marked ? beside(current(), 1) : current());
    else {
      none.className = "error";
      none.textContent = `Ingen i listan heter ”${search.value.trim()}”.`;
      search.select(); // what is typed next takes its place
      say(none.textContent);
    }
  } else if (event.key === "Escape" && search.value) {
    event.preventDefault();
    search.value = "";
    point();
  }
});

// One key

strip.addEventListener("keydown", (event) => {
  if (event.target === search || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  const row = event.target.closest(".strip-row");
  const onPerson = row && event.target === linkOf(row);
  const letter = event.key.length === 1 && /\p{L}/u.test(event.key);
  const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
  if (step !== undefined) {
    event.preventDefault();
    goTo(row ? beside(row, step) : current());
  } else if (event.key === " " && onPerson) {
    event.preventDefault();
    toggle(row);
  } else if (event.key === "Escape" && row && !onPerson) {
    event.preventDefault();
    goTo(row);
  } else if (letter) {
    const button = row && !event.shiftKey && row.querySelector(`.strip-actions button[data-key="${event.key.toLowerCase()}"]`);
    if (button) {
      event.preventDefault();
      if (event.repeat) return;
      press(row, button);
      // What is typed next is the name of the next person, whatever letter it begins with.
      marked = true;
      search.value = "";
      search.focus({ preventScroll: true });
    } else if (row && !event.shiftKey && "hkgdafoz".includes(event.key.toLowerCase())) {
      event.preventDefault();
      say(`${row.dataset.name}: det finns inget att ångra.`, "strip");
    } else {
      search.focus(); // the letter goes there
    }
  }
});

// Focus opens the buttons, so a pointer that has just given focus must not shut them again.
let opened = null;
strip.addEventListener("pointerdown", (event) => {
  const link = event.target.closest(".strip-person");
  opened = link && link.getAttribute("aria-expanded") === "true" ? link : null;
});

function toggle(row) {
  open(row, linkOf(row).getAttribute("aria-expanded") !== "true");
}

strip.addEventListener("focusin", (event) => {
  const row = event.target.closest(".strip-row");
  if (!row) return;
  stand(row);
  open(row);
});

strip.addEventListener("click", (event) => {
  const row = event.target.closest(".strip-row");
  if (!row || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest(".strip-person");
  const button = event.target.closest("button");
  if (link) {
    event.preventDefault();
    stand(row);
    open(row, opened !== link);
    link.focus();
    if (opened === link) open(row, false);
    opened = null;
  } else if (button && button.dataset.what) {
    press(row, button);
  } else if (button && button.dataset.again) {
    send(row.dataset.person);
  }
});

for (const row of rows()) prepare(row);
if (rows().length) stand(rows()[0]);
strip.querySelector(".strip-search").hidden = false;
strip.querySelector(".strip-help").hidden = false;
