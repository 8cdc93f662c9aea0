// Adds, moves and removes att-satser without a round trip. Without this file the same buttons post the form and do the same.
const form = document.querySelector("form[data-claims]");
const list = form.querySelector("[data-rows]");
const said = form.querySelector("[data-said]");
let undo = null;
const asks = () => ["inquiry", "question"].includes(form.elements.kind.value);
const the = () => (asks() ? "Frågan" : "Att-satsen");
const one = () => (asks() ? "Fråga" : "Att-sats");

// Text that came back unsaved from the server is worth a question before the page is left.
if (form.hasAttribute("data-dirty")) form.dispatchEvent(new Event("input"));

// The print is fetched while one types: there it is seen first that the log-in has ended. What is typed stays, and is kept if it is sent.
document.body.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status !== 401 || form.querySelector("[data-logged-out]")) return;
  const notice = document.createElement("div");
  notice.className = "notice notice--warning";
  notice.dataset.loggedOut = "";
  notice.setAttribute("role", "alert");
  const words = document.createElement("p");
  words.textContent = "Du är utloggad. Det du har skrivit står kvar här. Spara som vanligt: då får du logga in, och sedan skicka det.";
  notice.append(words);
  form.querySelector(".action-bar").before(notice);
});

form.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-do]");
  if (!button) return;
  event.preventDefault();
  const row = button.closest("[data-row]");
  const place = row ? [...list.children].indexOf(row) : -1;
  switch (button.dataset.do) {
    case "add":
      show(insert(blank(), list.children.length), "");
      break;
    case "up":
    case "down":
      move(row, place + (button.dataset.do === "up" ? -1 : 1), button);
      break;
    case "remove":
      remove(row, place);
  }
  form.dispatchEvent(new Event("input"));
});

form.elements.kind.addEventListener("change", renumber);

function blank() {
  return form.querySelector("template[data-blank]").content.firstElementChild.cloneNode(true);
}

function insert(row, place) {
  list.insertBefore(row, list.children[place] || null);
  renumber();
  return row;
}

function move(row, place, button) {
  if (place < 0 || place >= list.children.length) return;
  row.remove();
  insert(row, place);
  tell(`${the()} är nu nummer ${place + 1}.`);
  row.scrollIntoView({ block: "nearest" });
  // The same button keeps focus while it is there; at the end of the list the text takes it.
  if (getComputedStyle(button).display !== "none") button.focus();
  else row.querySelector("textarea").focus({ preventScroll: true });
}

function remove(row, place) {
  row.remove();
  renumber();
  undo?.remove();
  undo = document.createElement("p");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--secondary button--small";
  button.textContent = `Ångra: lägg tillbaka nummer ${place + 1}`;
  button.addEventListener("click", () => {
    undo.remove();
    show(insert(row, Math.min(place, list.children.length)), `${the()} är tillbaka.`);
    form.dispatchEvent(new Event("input"));
  });
  undo.append(button);
  form.querySelector("[data-removed]")?.remove();
  said.after(undo);
  tell(`${one()} ${place + 1} är borttagen.`);
  button.focus();
}

function show(row, words) {
  row.querySelector("[data-focus-row]").focus();
  tell(words);
}

function tell(words) {
  said.textContent = words;
}

// Numbers stand in labels, ids and button values, so that the form means the same if it is posted after all.
function renumber() {
  [...list.children].forEach((row, index) => {
    const number = index + 1;
    const [text, points] = row.querySelectorAll("textarea");
    const invalid = text.getAttribute("aria-invalid") ? `att-${number}-fel ` : "";
    text.id = `att-${number}`;
    text.setAttribute("aria-describedby", `${invalid}att-hjalp`);
    points.id = `punkter-${number}`;
    if (points.getAttribute("aria-invalid")) points.setAttribute("aria-describedby", `punkter-${number}-fel`);
    row.querySelectorAll(".error").forEach((error) => {
      error.id = error.id.replace(/\d+/, number);
    });
    row.querySelectorAll("label").forEach((label) => {
      label.htmlFor = label.htmlFor.replace(/\d+/, number);
    });
    row.querySelectorAll("[data-label]").forEach((words) => {
      words.textContent = ((asks() && words.dataset.labelAsking) || words.dataset.label).replace("#", number);
    });
    row.querySelectorAll("[data-do]").forEach((button) => {
      button.value = `${button.dataset.do}:${number}`;
    });
  });
}
