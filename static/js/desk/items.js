// The points under a §: a new one by Alt+N, those that others add, and how many board matters nobody has said anything about.
import { register } from "fvg/autosave";
import { writeIn } from "fvg/desk/opening";
import { ask, sheetOf, textOf } from "fvg/desk/sheets";
import { upgradeAll } from "fvg/editor";
import { post } from "fvg/page";

const dialog = document.getElementById("desk-new");
const form = dialog.querySelector("form");
const error = document.getElementById("desk-new-error");

export function askForItem(sheet) {
  form.dataset.paragraph = sheet.dataset.paragraph;
  form.setAttribute("action", sheet.querySelector("[data-new-item]").dataset.newItem);
  form.reset();
  form.elements.kind.value = sheet.dataset.kind || "topic";
  error.hidden = true;
  dialog.showModal();
  form.elements.title.focus();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const sheet = sheetOf(form.dataset.paragraph);
  const button = form.querySelector("button:not([type])");
  button.disabled = true;
  let problem = "Det gick inte att lägga till. Det du skrev står kvar här. Försök igen.";
  try {
    const { status, data } = await post(form.getAttribute("action"), new FormData(form));
    if (status === 201) {
      dialog.close();
      addItem(sheet, data);
      return;
    }
    if (data) problem = data.errors ? Object.values(data.errors).flat().join(" ") : data.message || problem;
  } catch {
    // told below
  } finally {
    button.disabled = false;
  }
  error.textContent = problem;
  error.hidden = false;
});

function addItem(sheet, { html }) {
  const item = new DOMParser().parseFromString(html, "text/html").querySelector("section");
  placeItem(sheet, item);
  writeIn(textOf(item));
  item.scrollIntoView({ block: "nearest" });
  ask();
}

// Into the § in the order that the page has it, ready to be written in, with the focus left where it is.
export function placeItem(sheet, item) {
  const here = (other) => other && sheet.querySelector(`[id="${other.id}"]`);
  let before = item.nextElementSibling;
  while (before && !here(before)) before = before.nextElementSibling;
  sheet.querySelector(".desk-items").insertBefore(document.adoptNode(item), here(before));
  sheet.querySelector(".desk-under").hidden = false;
  register(item.querySelector("form[data-autosave]"));
  if (!sheet.hidden) upgradeAll(item);
  countLeft(sheet);
}

// Board matters about which nothing has been said yet
export function countLeft(sheet) {
  const rest = sheet.querySelector("[data-no-comments]");
  const unsaid = (one) => !one.elements.outcome.value && (one.closest("[data-carried]") || !textOf(one).value.trim());
  const left = [...sheet.querySelectorAll('.desk-items > [data-kind="board_matter"] form[data-autosave]')].filter(unsaid).length;
  rest.hidden = !left;
  rest.querySelector("[data-left]").textContent = `Inga synpunkter på resten (${left})`;
}

document.addEventListener("click", (event) => {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const adder = event.target.closest("[data-new-item]");
  if (!adder) return;
  event.preventDefault();
  askForItem(adder.closest(".paragraph"));
});

document.addEventListener("input", (event) => {
  event.target.closest("[data-carried]")?.removeAttribute("data-carried"); // more is said now than where it was tabled
});

document.addEventListener("desk:saved", ({ detail }) => countLeft(sheetOf(detail.paragraph)));
