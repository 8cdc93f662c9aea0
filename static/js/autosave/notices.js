// What is told below a text that cannot simply be saved, and what the person can do about it there.
import { capital, excerpt } from "fvg/autosave/words";
import { make, say } from "fvg/page";

// A button that does something here, and sends nothing.
export function button(words, kind, action) {
  const made = make("button", { type: "button", class: `button ${kind}`.trim() }, words);
  made.addEventListener("click", action);
  return made;
}

export function boxOf(title, ...parts) {
  return make("div", { class: "notice notice--warning" }, make("p", { class: "notice-title" }, title), ...parts);
}

export function copyButton(form) {
  const made = button("Kopiera min text", "button--secondary button--small", async () => {
    const { area } = form.text;
    await navigator.clipboard.writeText(area.editor ? area.editor.getText({ blockSeparator: "\n\n" }) : area.value);
    made.textContent = "Kopierat";
  });
  return make("p", {}, made);
}

export function offerLogIn(form) {
  if (form.notice) return;
  const link = make("a", { href: location.pathname, target: "_blank", rel: "noopener" }, "Logga in i en ny flik");
  const then = " och kom tillbaka hit. Texten sparas då av sig själv.";
  form.show("Du är utloggad. Texten finns kvar här.", make("p", {}, link, then));
}

export function tellJoined(form, { who, where }) {
  const words = `${capital(who)} har också skrivit i ${where}. Ni ändrade olika ställen, så båda texterna är sparade.`;
  form.show(words, make("p", {}, button("Dölj", "button--quiet button--small", () => form.hideNotice())));
  form.joined = form.notice;
  form.notice.classList.replace("notice--warning", "notice--info");
  say(words, "saved");
}

export function showRefusal(form, words) {
  hideRefusal(form);
  form.refusal = make("p", { class: "error" }, make("span", { class: "visually-hidden" }, "Fel: "), words);
  form.form.querySelector(".field").prepend(form.refusal);
  say(words);
}

export function hideRefusal(form) {
  form.refusal?.remove();
  form.refusal = null;
}

// What an earlier page, or a conflict, left unsaved.
export function offerKept(form) {
  const { kept } = form.draft;
  form.keptNotice?.remove();
  form.keptNotice = null;
  const offered = kept.offered(form.text.fields());
  if (!offered) return;
  const forget = () => {
    kept.forgetAside(offered.key);
    offerKept(form);
  };
  const takeBack = () => {
    form.takeBack(offered.fields);
    forget();
  };
  form.keptNotice = boxOf(
    "Det finns text härifrån som inte är sparad.",
    make("p", { class: "as-typed" }, excerpt(offered.fields)),
    make("div", { class: "button-row" },
      button("Ta tillbaka texten", "button--small", takeBack), button("Släng den", "button--secondary button--small", forget)),
  );
  form.form.querySelector(".text-form-end").after(form.keptNotice);
}
