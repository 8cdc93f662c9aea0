// Saves every form[data-autosave] of the page while one types: register(form) for one that comes later, flush() to save what is
// left now.
import { AutosavedForm } from "fvg/autosave/form";
import { isRetried } from "fvg/autosave/states";
import { forms, tellAll } from "fvg/autosave/status";
import { say } from "fvg/page";

export { forms };
let leaving = false;

export function register(form) {
  const one = new AutosavedForm(form);
  form.addEventListener("submit", (event) => {
    if (!event.submitter || !event.submitter.hasAttribute("data-save-now")) return;
    event.preventDefault();
    flush();
  });
  forms.push(one);
  return one;
}

// Send what is left, in the whole page or in a part of it, and wait for the answers; false when something could not be saved.
export async function flush(within = document) {
  const mine = forms.filter((one) => within.contains(one.form));
  for (const one of mine) {
    if (one.draft.stopped) continue;
    clearTimeout(one.timer);
    for (let round = 0; round < 5 && !one.clean && !one.draft.stopped; round += 1) {
      await one.send();
      if (one.look === "failed") break;
    }
  }
  const left = mine.find((one) => !one.clean);
  if (left) left.status.scrollIntoView({ block: "center" });
  return !left;
}

for (const form of document.querySelectorAll("form[data-autosave]")) register(form);
tellAll();

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const stays = link.dataset.openParagraph || (link.pathname === location.pathname && link.hash);
  if (stays || event.target.closest(".editor-text") || link.target || link.origin !== location.origin || forms.every((one) => one.clean)) return;
  event.preventDefault();
  await flush();
  location.assign(link.href); // what could not be saved, the browser asks about
});

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "s") {
    event.preventDefault();
    flush();
  }
}, true);

// Back on the net, or back at the page: what waits for its next try is sent at once.
for (const kind of ["online", "focus"]) {
  window.addEventListener(kind, () => forms.forEach((one) => isRetried(one.draft.state) && one.send()));
}
document.addEventListener("visibilitychange", () => {
  if (document.hidden) forms.forEach((one) => !isRetried(one.draft.state) && one.send());
});

window.addEventListener("beforeunload", (event) => {
  if (!leaving && forms.some((one) => !one.clean)) event.preventDefault();
});

// Whoever logs out saves first. When that cannot be done they are told, and may log out all the same.
for (const form of document.querySelectorAll("form[action$='/logout/']")) {
  form.addEventListener("submit", async (event) => {
    if (leaving || forms.every((one) => one.clean)) return;
    event.preventDefault();
    const saved = await flush();
    leaving = true;
    if (saved) form.requestSubmit();
    else say("Allt är inte sparat. Logga ut en gång till för att lämna det osparade.");
  });
}
