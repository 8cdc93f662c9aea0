// A <details data-menu> closes on Escape, on a click elsewhere, and when focus leaves it.
const openMenus = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    const inside = menu.contains(document.activeElement);
    menu.open = false;
    if (inside) menu.querySelector("summary").focus();
  }
});

for (const kind of ["click", "focusin"]) {
  document.addEventListener(kind, (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  });
}

// Whoever logs out leaves no unsaved text behind for the next person (autosave.js keeps it in sessionStorage until then).
document.addEventListener("submit", (event) => {
  // The attribute: where a form has a button that is called action, form.action is the button.
  if (event.defaultPrevented || !event.target.getAttribute("action")?.endsWith("/logout/")) return;
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith("draft:")) sessionStorage.removeItem(key);
  } catch {
    // storage is forbidden: nothing was kept
  }
});
