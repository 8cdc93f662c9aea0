// <button data-copies="id" hidden> copies the text of the field with that id, and says so in the role=status that follows it.
// Without a script, or where the browser does not let a page copy, the field is there to mark and copy by hand.
for (const button of document.querySelectorAll("[data-copies]")) {
  const field = document.getElementById(button.dataset.copies);
  if (!field || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const told = button.nextElementSibling;
    try {
      await navigator.clipboard.writeText(field.value);
      told.textContent = "Kopierat.";
    } catch {
      field.focus();
      field.select();
      told.textContent = "Webbläsaren tillät inte det. Texten är markerad: tryck Ctrl+C.";
    }
  });
}
