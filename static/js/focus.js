// Moves focus to what the page wants read first: the summary of errors.
const wanted = document.querySelector("[data-focus]");
if (wanted) wanted.focus();

// A link in the summary goes to the field itself, with its label in view.
document.addEventListener("click", (event) => {
  const link = event.target.closest(".error-summary a[href^='#']");
  const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!field) return;
  event.preventDefault();
  (field.closest(".field") || field).scrollIntoView({ block: "start" });
  field.focus({ preventScroll: true });
});
