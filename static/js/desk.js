// The drafting desk, where a protocol is written: each thing that it does is a file in desk/; here it is made ready.
import { forms } from "fvg/autosave";
import "fvg/desk/keys";
import { writeIn } from "fvg/desk/opening";
import { report } from "fvg/desk/reporting";
import { notice, open, sheetAround, textOf, where } from "fvg/desk/sheets";
import { make } from "fvg/page";

for (const hidden of document.querySelectorAll("[data-scripted]")) hidden.hidden = false;

const kept = forms.find((one) => one.keptNotice && open() && !open().contains(one.form));
if (kept) {
  const sheet = sheetAround(kept.form);
  const link = make("a", { href: sheet.dataset.href, "data-open-paragraph": sheet.dataset.paragraph }, `Gå till ${where(sheet)}`);
  notice("desk-kept", "Det finns text som inte hann sparas.", link);
}

const mayWrite = !location.hash && !open()?.querySelector(".text-form-end + .notice") && document.activeElement === document.body;
if (mayWrite && matchMedia("(pointer: fine)").matches) {
  // The text in the middle of the screen, not below the menus.
  scrollTo({ top: document.querySelector(".desk-bar").getBoundingClientRect().top + scrollY, behavior: "instant" });
  writeIn(textOf(open())); // the desk is opened to write; a phone would cover half of it with keys
}
if (location.hash.startsWith("#item-")) document.getElementById(location.hash.slice(1))?.scrollIntoView();
report();
