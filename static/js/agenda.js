// The agenda at the side of the desk: on a wide screen open, with the § that is being written in view; on a narrow one folded.
const wide = window.matchMedia("(min-width: 60em)");

function place() {
  for (const details of document.querySelectorAll("details[data-fold]")) details.open = wide.matches;
  const here = document.querySelector(".agenda [aria-current]");
  const frame = here && here.closest(".desk-agenda");
  if (frame) frame.scrollTop = here.offsetTop - frame.offsetTop - frame.clientHeight / 3;
}

wide.addEventListener("change", place);
place();
