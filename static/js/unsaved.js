// Asks before the page is left with changed text in a <form data-unsaved>. Sending the form, or saving it elsewhere, lifts the guard:
// a script that has saved says form.dispatchEvent(new Event("saved")).
const changed = new Set();

for (const form of document.querySelectorAll("form[data-unsaved]")) {
  // A form that comes back with errors holds text that is saved nowhere; the other forms of the page are as they were sent.
  if (form.querySelector(".error")) changed.add(form);
  form.addEventListener("input", () => changed.add(form));
  for (const kind of ["submit", "saved"]) form.addEventListener(kind, () => changed.delete(form));
}

window.addEventListener("beforeunload", (event) => {
  if (changed.size) event.preventDefault();
});
