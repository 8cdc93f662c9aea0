// Who is at the desk: the server is told every few seconds where one is, and tells where the others are and what they have done.
import { tellAgenda, tellTexts } from "fvg/desk/fresh";
import { presence } from "fvg/desk/presence";
import { desk, linkTo, notice } from "fvg/desk/sheets";
import { post } from "fvg/page";

const EVERY = 5000;
const IN_THE_BACKGROUND = 30000;
const SOON = 300;

const tab = crypto.randomUUID ? crypto.randomUUID() : hex(crypto.getRandomValues(new Uint8Array(16)));
let timer = 0;
let reporting = false;
let again = false;
let away = false;
let typedAt = 0;
let answered = Promise.resolve();

function hex(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export async function report() {
  clearTimeout(timer);
  if (away) return;
  if (reporting) {
    again = true;
    return;
  }
  reporting = true;
  try {
    const fields = { tab, paragraph: desk.dataset.open, strip: document.getElementById("strip").dataset.mark };
    if (Date.now() - typedAt < EVERY) fields.typing = "1";
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
    timer = setTimeout(report, again ? SOON : document.hidden ? IN_THE_BACKGROUND : EVERY);
    again = false;
  }
}

function told(data, asked) {
  tellAgenda(data);
  tellOthers(data.others);
  if (data.strip) document.dispatchEvent(new CustomEvent("desk:strip", { detail: { ...data.strip, asked } }));
  tellTexts(data.versions, asked);
}

// A line above the desk, and a mark in the agenda at the § where each one is.
function tellOthers(found) {
  const line = document.getElementById("desk-others");
  const said = presence(found);
  if (line.textContent !== said) line.textContent = said;
  line.hidden = !said;
  for (const who of desk.querySelectorAll(".agenda-who")) who.textContent = "";
  for (const one of found) {
    const link = !one.own && linkTo(one.paragraph);
    if (link) link.querySelector(".agenda-who").textContent = `${one.who} ${one.typing ? "skriver här" : "är här"}`;
  }
}

function tellLocked() {
  const left = "Text som inte hann sparas står kvar här, så att du kan kopiera den.";
  notice("desk-locked", "Protokollet är skickat till justering och kan inte ändras.", left);
}

document.addEventListener("input", (event) => {
  if (event.target.closest("form[data-autosave]")) typedAt = Date.now();
});
for (const kind of ["desk:ask", "desk:saved"]) document.addEventListener(kind, report);
document.addEventListener("visibilitychange", () => document.hidden || report());

// Leaving

const leave = () => post(desk.dataset.here, { tab, leaving: "1" }, { keepalive: true, background: true }).catch(() => {});
window.addEventListener("pagehide", () => away || leave());

// Whoever logs out leaves the desk first: afterwards there is nobody who could. What is being asked at that moment is answered
// before that.
document.addEventListener("submit", async (event) => {
  if (event.defaultPrevented || away || !event.target.matches("form[action$='/logout/']")) return;
  event.preventDefault();
  away = true;
  clearTimeout(timer);
  await Promise.race([answered.then(leave), new Promise((done) => setTimeout(done, 2000))]);
  event.target.requestSubmit();
});
window.addEventListener("pageshow", (event) => event.persisted && away && location.reload());
