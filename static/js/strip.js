// The attendance strip: go to a person by arrows or by the first letters of the name, then one key or one tap. Nothing is shown as done before
// the server has answered; what could not be sent stays at the person and is sent again when asked, with the time at which the key was pressed.
import { make, post, say } from "fvg/page";

const strip = document.getElementById("strip");
const search = document.getElementById("strip-search");
const waiting = new Map(); // person → what is not saved yet, in the order of the keys: [{what, words, channel, last, paragraph, pressed}]
const busy = new Set();
let crossed = false; // answers about several persons were on their way at once: the last to come need not be the last that was written
let settled = 0; // when the latest of one's own marks was answered

const rows = () => [...strip.querySelectorAll(".strip-row")];
const linkOf = (row) => row.querySelector(".strip-person");
const rowOf = (pk) => strip.querySelector(`.strip-row[data-person="${pk}"]`);

// Where one is

function current() {
  return strip.querySelector(".strip-person[tabindex='0']")?.closest(".strip-row") || rows()[0];
}

function stand(row) {
  for (const other of rows()) linkOf(other).tabIndex = other === row ? 0 : -1;
}

function prepare(row) {
  const link = linkOf(row);
  link.tabIndex = -1;
  link.setAttribute("role", "button");
  link.setAttribute("aria-expanded", "false");
  link.setAttribute("aria-keyshortcuts", "h k g d a f o z");
}

function open(row, wanted = true) {
  for (const other of rows()) {
    const shown = other === row && wanted;
    other.querySelector(".strip-actions").hidden = !shown;
    linkOf(other).setAttribute("aria-expanded", String(shown));
    for (const one of other.querySelectorAll(".strip-actions button, .strip-actions a")) one.tabIndex = shown ? 0 : -1;
  }
}

function goTo(row) {
  if (!row) return;
  stand(row);
  linkOf(row).focus();
  row.scrollIntoView({ block: "nearest" });
}

function beside(row, step) {
  const all = rows();
  return all[Math.min(Math.max(all.indexOf(row) + step, 0), all.length - 1)];
}

// Going to somebody by name

const plain = (words) => words.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase("sv");

// Those whose name begins so: first names before surnames, and those who are not marked before those who are.
function found(letters) {
  const exact = letters.toLocaleLowerCase("sv");
  const words = (row) => row.dataset.name.split(/[\s-]+/);
  const begins = (row, part, fold) => words(row).findIndex((_, at, all) => fold(all.slice(at).join(" ")).startsWith(part));
  const hits = (part, fold) => rows().map((row) => [row, begins(row, part, fold)]).filter(([, at]) => at >= 0);
  const right = hits(exact, (name) => name.toLocaleLowerCase("sv"));
  const marked = (row) => (row.classList.contains("strip-row--waiting") ? 0 : 1);
  const order = ([one, at], [other, there]) => (at > 0) - (there > 0) || marked(one) - marked(other);
  return (right.length ? right : hits(plain(letters), plain)).sort(order).map(([row]) => row);
}

function point() {
  const hits = search.value.trim() ? found(search.value.trim()) : [];
  for (const row of rows()) row.classList.toggle("strip-row--found", row === hits[0]);
  if (!search.value.trim()) return [];
  if (hits.length > 1) {
    none.hidden = false;
    none.className = "meta";
    none.textContent = `${hits[0].dataset.name}, en av ${hits.length}: ${hits.slice(1, 4).map((row) => row.dataset.name).join(", ")}${hits.length > 4 ? " …" : ""}`;
  }
  if (!hits.length) say("Ingen heter så.", "strip");
  else say(hits.length === 1 ? `${hits[0].dataset.name}. Tryck Enter.` : `${hits[0].dataset.name}, en av ${hits.length}.`, "strip");
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
    const hits = search.value.trim() ? found(search.value.trim()) : [];
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

// To the server and back

function press(row, button) {
  const desk = document.querySelector(".desk");
  const pk = row.dataset.person;
  if (busy.has(pk)) {
    tell(row, "Vänta, det förra sparas.");
    return;
  }
  const queue = waiting.get(pk) || [];
  // The same key again means: try again, with the time that it had. Another one waits for its turn behind what was not sent.
  if (queue.at(-1)?.what !== button.dataset.what) {
    queue.push({
      what: button.dataset.what,
      words: button.firstChild.textContent.trim(),
      channel: button.dataset.channel || "",
      last: null, // what an undo takes back: known when its turn comes
      paragraph: (desk && desk.dataset.open) || "",
      pressed: Date.now(),
    });
    waiting.set(pk, queue);
  }
  send(pk);
}

// What waits for a person goes one at a time, the oldest first, and stops at the first that could not be sent.
async function send(pk) {
  const queue = waiting.get(pk);
  if (!queue || busy.has(pk)) return;
  busy.add(pk);
  if (busy.size > 1) crossed = true;
  tell(rowOf(pk), "");
  const refused = [];
  try {
    while (queue.length) {
      const row = rowOf(pk);
      const wanted = queue[0];
      row.setAttribute("aria-busy", "true");
      if (wanted.what === "undo" && refused.length) { // the last thing is not the one that was meant
        queue.shift();
        refused.push("Inget är ångrat.");
        continue;
      }
      wanted.last ??= wanted.what === "undo" ? row.dataset.last : "";
      const stopped = answered(pk, await post(row.dataset.move, told(wanted)), queue, refused);
      if (stopped) {
        failed(pk, queue, [...refused, stopped]);
        return;
      }
    }
    tell(rowOf(pk), refused.join(" "));
  } catch {
    failed(pk, queue, [...refused, "Inte sparat."]);
  } finally {
    if (!queue.length) waiting.delete(pk);
    busy.delete(pk);
    settled = Date.now();
    rowOf(pk)?.removeAttribute("aria-busy");
    if (crossed && !busy.size) {
      crossed = false;
      document.dispatchEvent(new Event("desk:ask"));
    }
  }
}

// The event as the server takes it: how long ago the key was pressed, whatever the clocks say.
function told({ what, channel, last, paragraph, pressed }) {
  return { what, channel, last, paragraph, ago: Math.max(0, Math.round((Date.now() - pressed) / 1000)) };
}

// Takes what has been answered out of the queue. Returns why the rest cannot be sent now, or "".
function answered(pk, { status, data }, queue, refused) {
  if (status === 200 && data) {
    queue.shift();
    put(pk, data);
    say(data.said, "strip");
  } else if (status === 422 && data && data.row) {
    queue.shift();
    put(pk, data);
    refused.push(data.message);
  } else if (status === 409) {
    refused.push(`Inte sparat${listed(queue)}. ${(data && data.message) || "Protokollet kan inte ändras nu."}`);
    queue.length = 0; // nor would the others be saved
  } else if (status === 401) return "Inte sparat, du är utloggad. Logga in i en ny flik.";
  else if (status === 404) return "Inte sparat. Personen finns inte längre i närvarolistan.";
  else if (status === 403) return "Inte sparat. Du får inte ändra närvaron längre.";
  else return "Inte sparat.";
  return "";
}

// Of several: which they are.
function listed(queue) {
  return queue.length > 1 ? `: ${queue.map((one) => one.words).join(", ")}` : "";
}

// The row as the server has it now, with the focus where it was.
function put(pk, { row: html, counts, warnings }) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  putRow(pk, holder.content.querySelector(".strip-row"));
  tellWhole(counts, warnings);
}

function putRow(pk, row) {
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

function tellWhole(counts, warnings) {
  strip.querySelector("[data-strip-counts]").textContent = counts;
  const list = strip.querySelector("[data-strip-warnings]");
  list.replaceChildren(...warnings.map((words) => make("li", {}, words)));
  list.hidden = !warnings.length;
}

// What others have marked. Rows that wait for an answer here are left as they are until next time, and so are all when the server was
// asked before one's own latest mark was answered: it may tell of what was before.
document.addEventListener("desk:strip", ({ detail }) => {
  if (waiting.size || busy.size) return;
  if (detail.asked <= settled) {
    document.dispatchEvent(new Event("desk:ask"));
    return;
  }
  const holder = document.createElement("template");
  holder.innerHTML = detail.html;
  const found = [...holder.content.querySelectorAll(".strip-row")];
  const same = found.length === rows().length && found.every((row) => rowOf(row.dataset.person));
  if (same) {
    for (const row of found) if (row.dataset.mark !== rowOf(row.dataset.person).dataset.mark) putRow(row.dataset.person, row);
  } else { // somebody has come to the list, or left it
    const at = strip.querySelector("[data-strip-sides]").contains(document.activeElement);
    for (const row of found) prepare(row);
    strip.querySelector("[data-strip-sides]").replaceChildren(holder.content);
    if (rows().length) stand(rows()[0]);
    if (at) search.focus();
  }
  tellWhole(detail.counts, detail.warnings);
  strip.dataset.mark = detail.mark;
});

function tell(row, words, button) {
  const place = row.querySelector(".strip-error");
  place.replaceChildren(...[words, button].filter(Boolean));
  place.hidden = !words;
}

function failed(pk, queue, said) {
  const again = make("button", { type: "button", class: "button button--secondary button--small", "data-again": "1" }, "Försök igen");
  const which = queue.length > 1 ? `Väntar${listed(queue)}. ` : "";
  tell(rowOf(pk), `${said.join(" ")} ${which}`, again);
}

// Back on the net: what waits is sent by itself.
window.addEventListener("online", () => [...waiting.keys()].forEach(send));

// A page that is left with something unsent asks first.
window.addEventListener("beforeunload", (event) => {
  if (waiting.size) event.preventDefault();
});

for (const row of rows()) prepare(row);
if (rows().length) stand(rows()[0]);
strip.querySelector(".strip-search").hidden = false;
strip.querySelector(".strip-help").hidden = false;
