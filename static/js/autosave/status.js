// What the person sees of the saving: a line at each text, and in the bar at the top the one that most needs somebody.
import { isSpoken, worst } from "fvg/autosave/states";
import { say } from "fvg/page";

export const forms = []; // every text of the page that saves itself
let active = null; // the one that was written in last
const bar = document.getElementById("save-status");
let announced = "saved"; // what stands there from the beginning is no news

document.addEventListener("focusin", (event) => {
  active = forms.find((one) => one.form.contains(event.target)) || active;
});

export const isActive = (form) => form === active;

export function tell(form, words) {
  form.look = form.draft.look;
  form.status.hidden = false;
  form.status.dataset.state = form.look;
  form.status.textContent = words;
  tellAll();
}

export function tellAll() {
  const told = bar && worst(forms, active);
  if (!told) return;
  bar.hidden = false;
  bar.dataset.state = told.look;
  bar.textContent = told.status.textContent;
  if (isSpoken(told.look) && told.look !== announced) {
    announced = told.look;
    say(bar.textContent, "saved");
  }
}
