// Who else is at the desk: a line above it, and a mark at the § where each one is.
import { presence } from "fvg/desk/presence";
import { desk, linkTo } from "fvg/desk/sheets";

const line = document.getElementById("desk-others");

export function tellOthers(found) {
  const said = presence(found);
  if (line.textContent !== said) line.textContent = said;
  line.hidden = !said;
  for (const who of desk.querySelectorAll(".agenda-who")) who.textContent = "";
  for (const one of found) {
    const link = !one.own && linkTo(one.paragraph);
    if (link) link.querySelector(".agenda-who").textContent = `${one.who} ${one.typing ? "skriver här" : "är här"}`;
  }
}
