// A <details data-fold> is open on a wide screen and closed on a narrow one, until somebody decides otherwise.
const wide = window.matchMedia("(min-width: 60em)");

function fold() {
  for (const details of document.querySelectorAll("details[data-fold]")) details.open = wide.matches;
}

wide.addEventListener("change", fold);
fold();
