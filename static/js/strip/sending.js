// What is marked goes to the server and back. Nothing is shown as done before the server has answered; what could not be sent
// stays at the person and is sent again when asked.
import { make, post, say } from "fvg/page";
import { prepare, putRow, rowOf, rows, search, stand, strip, tell, tellWhole } from "fvg/strip/people";
import { enqueue, listed, told } from "fvg/strip/queue";

// Person → what is not saved yet, in the order of the keys: [{what, words, channel, last, paragraph, pressed}]
const waiting = new Map();
const busy = new Set();
// Answers about several persons were on their way at once: the last to come need not be the last that was written.
let crossed = false;
let settled = 0; // when the latest of one's own marks was answered

export function press(row, button) {
  const desk = document.querySelector(".desk");
  const pk = row.dataset.person;
  if (busy.has(pk)) {
    tell(row, "Vänta, det förra sparas.");
    return;
  }
  const queue = enqueue(waiting.get(pk) || [], {
    what: button.dataset.what,
    words: button.firstChild.textContent.trim(),
    channel: button.dataset.channel || "",
    paragraph: (desk && desk.dataset.open) || "",
    pressed: Date.now(),
  });
  waiting.set(pk, queue);
  send(pk);
}

// What waits for a person goes one at a time, the oldest first, and stops at the first that could not be sent.
export async function send(pk) {
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

function put(pk, { row: html, counts, warnings }) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  putRow(pk, holder.content.querySelector(".strip-row"));
  tellWhole(counts, warnings);
}

function failed(pk, queue, said) {
  const looks = "button button--secondary button--small";
  const again = make("button", { type: "button", class: looks, "data-again": "1" }, "Försök igen");
  const which = queue.length > 1 ? `Väntar${listed(queue)}. ` : "";
  tell(rowOf(pk), `${said.join(" ")} ${which}`, again);
}

// What others have marked. Rows that wait for an answer here are left as they are until next time, and so are all when the server
// was asked before one's own latest mark was answered: it may tell of what was before.
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

// Back on the net: what waits is sent by itself.
window.addEventListener("online", () => [...waiting.keys()].forEach(send));

// A page that is left with something unsent asks first.
window.addEventListener("beforeunload", (event) => {
  if (waiting.size) event.preventDefault();
});
