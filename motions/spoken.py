"""Swedish sentences about motions, made from data: pure functions that know neither database nor layout."""

import re
from collections.abc import Sequence

from record.swedish import capital, genitive, join

# The kinds of the interchange format: `inquiry` holds letters and questions, `statement` is a särskilt yttrande.
MOTION_KINDS = {"motion": "Yrkande", "inquiry": "Skrivelse", "statement": "Särskilt yttrande"}
QUESTION, NOTE = "Fråga", "Protokollsanteckning"
ANSWERED = {"motion": "yrkandet", "inquiry": "frågan", "statement": "yttrandet"}
SUPPORTED = {"motion": "yrkande", "inquiry": "fråga", "statement": "yttrande"}
ANSWER_VERDICTS = {
    "granted": "{it} bifalls.",
    "partly_granted": "{it} bifalls delvis.",
    "rejected": "{it} avslås.",
    "tabled": "{it} bordläggs.",
}
# An answer that begins with its own verdict; further in, the same words may be about something else ("ett liknande yrkande
# avslogs 2019").
SUBJECT = r"\W*((yrkandet|att-satsen|frågan|skrivelsen|yttrandet|förvaltningen|arbetsgivaren|vi) (har )?)?"
SPOKEN_VERDICTS = {
    "granted": rf"{SUBJECT}bif(all|öll)",
    "partly_granted": rf"{SUBJECT}(delvis bif(all|öll)|bif(all|öll)\w* (bara |endast )?(yrkandet )?delvis)",
    "rejected": rf"{SUBJECT}avsl(å|og|ag)",
    "tabled": rf"{SUBJECT}bordl(ägg|a)",
}


def motions_intro(party: str, kind: str = "motion") -> str:
    """`LRs yrkanden:`; a letter or a statement says whose it is in its heading."""
    return f"{genitive(party)} yrkanden:" if kind == "motion" else ""


def claims_intro(party: str, kind: str = "motion", count: int = 2) -> str:
    """What stands before the att-satser, or before the questions of a letter."""
    asked = "följande fråga" if count == 1 else "följande frågor"
    return f"{party} yrkar:" if kind == "motion" else f"{party} ställer {asked}:" if kind == "inquiry" else ""


def support(supporters: Sequence[str], party: str, kind: str = "motion") -> str:
    """`Lärarförbundet och SACO stödjer LRs yrkande.`"""
    return f"{join(supporters)} stödjer {genitive(party)} {SUPPORTED[kind]}." if supporters else ""


def named(word: str, party: str, title: str | None) -> str:
    """`Fråga från LR: Lokaler`"""
    return ": ".join(filter(None, (f"{word} från {party}", title)))


def question_title(party: str, title: str) -> str:
    """A question's title in the interchange format, which has one kind for letters and questions."""
    return named(QUESTION, party, title)


def read_title(kind: str, party: str, title: str | None) -> tuple[bool, str]:
    """Whether something of the format's `kind` is a question, and its own title: `question_title` read back."""
    name, words = named(QUESTION, party, None), title or ""
    if kind == "inquiry" and (words == name or words.startswith(f"{name}: ")):
        return True, words.removeprefix(name).removeprefix(": ")
    return False, words


def motion_heading(kind: str, party: str, title: str | None, number: int | None = None) -> str:
    """`1. Kompetensförsörjning`; a letter or a statement begins with what it is and from whom."""
    spoken = (kind == "motion" and title) or read_title(kind, party, title)[0]
    name = title or "" if spoken else named(MOTION_KINDS[kind], party, title)
    return f"{number}. {name}" if number else name


def answer_label(outcome: str | None, answer: str | None, employer: str, kind: str = "motion") -> str:
    """What stands before the answer; the verdict is left out when the answer begins with it. `employer` as in running text."""
    side, it = capital(genitive(employer)), ANSWERED[kind]
    if outcome == "withdrawn":
        return f"{capital(it)} återtogs."
    verdict = ANSWER_VERDICTS.get(outcome or "", "").format(it=it)
    if verdict:
        spoken = re.match(SPOKEN_VERDICTS[outcome or ""], answer or "", re.I)
        return f"{side} svar:" if spoken else f"{side} svar: {verdict}"
    if answer:
        return "Besvaras:"
    return f"{capital(it)} besvarades." if outcome == "answered" else ""


def answer_text(label: str, answer: str) -> str:
    """The answer in plain form with its label in bold before it; a list, heading or table begins on its own line."""
    if not label:
        return answer
    run_in = "\n\n" if re.match(r"(- |\d+\. |#|\||\*\*)", answer) else " "
    return f"**{label}**{run_in}{answer}".rstrip()
