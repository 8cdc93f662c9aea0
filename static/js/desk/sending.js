// Forms of the page that the desk sends by itself, once what is typed has been saved.
import { flush } from "fvg/autosave";
import { writeIn } from "fvg/desk/opening";
import { ask, formOf, open, sheetAround } from "fvg/desk/sheets";
import { post, say } from "fvg/page";

// A button of the open § by its key
export function sendForm(which, otherwise) {
  const form = open().querySelector(which);
  if (form && !form.closest("[hidden]")) form.requestSubmit();
  else say(otherwise);
}

// The standard sentence of the § becomes its text.
function writeStandard(form) {
  const own = formOf(sheetAround(form));
  own.text.put({ text: form.elements.text.value, html: form.dataset.html });
  own.touched();
  own.send();
  writeIn(own.text.area);
}

async function sayNoComments(form) {
  try {
    const { ok, status, data } = await post(form.getAttribute("action"), {});
    if (!ok) throw new Error(status);
    say(data.message);
    form.hidden = true;
    open().querySelector(".editor-text, textarea[name=text]").focus();
    ask();
  } catch {
    say("Det gick inte att spara. Försök igen.");
  }
}

async function afterSaving(action) {
  if (await flush(open())) await action();
  else say("En text i paragrafen är inte sparad än. Försök igen när den är det.");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.hasAttribute("data-write-in")) {
    event.preventDefault();
    writeStandard(form);
  } else if (form.hasAttribute("data-flush")) {
    event.preventDefault();
    afterSaving(() => form.submit());
  } else if (form.hasAttribute("data-no-comments")) {
    event.preventDefault();
    afterSaving(() => sayNoComments(form));
  }
});
