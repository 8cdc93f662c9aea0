// When two have changed the same text: both are shown, and the person says which is to stand. Nothing is saved until then.
import { button } from "fvg/autosave/notices";
import { capital, sameText } from "fvg/autosave/words";
import { make } from "fvg/page";

const textBox = (title, words, outcome) => make("section", {},
  make("p", {}, make("strong", {}, title)),
  make("p", { class: "as-typed" }, words || "(tom)"),
  ...(outcome ? [make("p", {}, `Utfall: ${outcome}`)] : []));

const theirs = (data) => textBox(`${capital(data.who)}, kl. ${data.at}`, data.theirs, data.their_outcome);
const giveWay = (form, data) => button(`Behåll den som ${data.who} skrev`, "button--secondary", () => form.giveWay(data.current));

// From the other's text to one's own, word by word, as the server has marked it up.
function difference(html) {
  const marked = html ? [...new DOMParser().parseFromString(html, "text/html").body.childNodes] : [];
  if (!marked.length) return [];
  const key = ["det du har ", make("ins", {}, "lagt till"), " och det du ", make("del", {}, "saknar")];
  return [make("section", { class: "diff" }, make("p", {}, make("strong", {}, "Skillnaden: "), ...key), ...marked)];
}

export function askWhichText(form, data, sent) {
  const { together } = data;
  const advice = together
    ? "Ni har ändrat olika ställen. Läs den sammanfogade texten och spara den, eller välj en av de andra."
    : `Välj: behåll din, behåll den som ${data.who} skrev, eller redigera ihop.`;
  form.show(
    data.message,
    make("p", {}, advice),
    ...(together ? [textBox("Båda sammanfogade", together.words)] : []),
    ...difference(data.diff),
    make("div", { class: "compare" }, textBox("Din text", data.mine, data.my_outcome), theirs(data)),
    make("div", { class: "button-row" },
      ...(together ? [button("Spara båda", "", () => saveTogether(form, data, sent))] : []),
      button("Behåll min", together ? "button--secondary" : "", () => form.goOn("chosen", data.version)),
      giveWay(form, data),
      button("Redigera ihop", "button--secondary", () => merge(form, data, sent))),
  );
}

// What has been typed since the box came is joined too: then the server is asked once more.
function saveTogether(form, data, sent) {
  if (sameText(sent, form.text.fields())) {
    form.text.put(data.together);
    form.goOn("chosen", data.version);
  } else form.joinBoth();
  form.text.area.focus();
}

// Both texts in sight, mine in the editor; nothing is saved until the person says that they are one.
function merge(form, data, sent) {
  if (data.together && sameText(sent, form.text.fields())) form.text.put(data.together);
  form.say("Pausat: redigera ihop texterna");
  form.show(
    "Skriv ihop texterna i rutan. Sedan sparar du.",
    ...difference(data.diff),
    theirs(data),
    make("div", { class: "button-row" },
      button("Spara den ihopskrivna texten", "", () => form.goOn("chosen", data.version)), giveWay(form, data)),
  );
  form.text.area.focus();
}
