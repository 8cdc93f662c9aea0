"""Swedish sentences about motions, made from data: pure functions that know neither database nor layout."""

import re
from collections.abc import Iterable, Sequence

# `statement` is what the interchange format calls a särskilt yttrande.
MOTION_KINDS = {"motion": "Yrkande", "inquiry": "Skrivelse", "statement": "Särskilt yttrande"}
ANSWER_VERDICTS = {
    "granted": "yrkandet bifalls.",
    "partly_granted": "yrkandet bifalls delvis.",
    "rejected": "yrkandet avslås.",
    "tabled": "yrkandet bordläggs.",
}
VERDICT_SIGNS = {
    "granted": r"\bbif(alls|öll)",
    "partly_granted": r"\bdelvis\b",
    "rejected": r"\bavsl(ås|og|ogs)\b",
    "tabled": r"\bbord(lägg|lad)",
}


def capital(words: str) -> str:
    """The sentence with a capital first letter and the rest untouched."""
    return words[:1].upper() + words[1:]


def join(names: Iterable[str]) -> str:
    """A list in running text: `A`, `A och B`, `A, B och C`."""
    *first, last = list(names) or [""]
    return f"{', '.join(first)} och {last}" if first else last


def genitive(name: str) -> str:
    """`LR` → `LRs`, `Vision` → `Visions`, `Lärarnas` → `Lärarnas`; a name on s, x or z stays as it is."""
    return name if name[-1:].casefold() in ("s", "x", "z") else f"{name}s"


def motions_intro(party: str, kind: str = "motion") -> str:
    """`LRs yrkanden:`; a letter or a statement says whose it is in its heading."""
    return f"{genitive(party)} yrkanden:" if kind == "motion" else ""


def claims_intro(party: str, kind: str = "motion") -> str:
    """What stands before the att-satser, or before the questions of a letter."""
    return f"{party} yrkar:" if kind == "motion" else f"{party} ställer följande frågor:"


def support(supporters: Sequence[str], party: str) -> str:
    """`Lärarförbundet och SACO stödjer LRs yrkande.`"""
    return f"{join(supporters)} stödjer {genitive(party)} yrkande." if supporters else ""


def motion_heading(kind: str, party: str, title: str | None, number: int | None = None) -> str:
    """`1. Kompetensförsörjning`; a letter or a statement begins with what it is and from whom."""
    name = title if kind == "motion" and title else ": ".join(filter(None, (f"{MOTION_KINDS[kind]} från {party}", title)))
    return f"{number}. {name}" if number else name


def answer_label(outcome: str | None, answer: str | None, employer: str) -> str:
    """What stands before the answer; the verdict is left out when the answer says it itself. `employer` as in running text."""
    side = capital(genitive(employer))
    if outcome == "withdrawn":
        return "Yrkandet återtogs."
    verdict = ANSWER_VERDICTS.get(outcome or "")
    if verdict:
        spoken = re.search(VERDICT_SIGNS[outcome or ""], answer or "", re.I)
        return f"{side} svar:" if spoken else f"{side} svar: {verdict}"
    if answer:
        return "Besvaras:"
    return "Yrkandet besvarades." if outcome == "answered" else ""


def answer_text(label: str, answer: str) -> str:
    """The answer in plain form with its label in bold before it; a list, heading or table begins on its own line."""
    if not label:
        return answer
    run_in = "\n\n" if re.match(r"(- |\d+\. |#|\||\*\*)", answer) else " "
    return f"**{label}**{run_in}{answer}".rstrip()
