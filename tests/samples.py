"""The sample protocols, which are not part of the project, and one small invented protocol that is."""

import os
from copy import deepcopy
from pathlib import Path
from unittest import SkipTest

SAMPLES = Path(os.environ.get("SAMPLES") or Path(__file__).resolve().parent.parent.parent / "shared")


def sample(pattern: str) -> Path:
    """The sample file that fits the pattern; the test is skipped by name when there is none."""
    found = sorted(SAMPLES.glob(pattern)) if SAMPLES.is_dir() else []
    if not found:
        raise SkipTest(f"no sample {pattern}; set SAMPLES to the folder that holds it")
    return found[0]


def _person(name: str, side: str, **known) -> dict:
    blank = {"title": None, "party": None, "political_party": None, "channel": None, "presence": None, "replaces": None}
    return {"name": name, "side": side, "status": "present", "roles": [], "absences": [], **blank, **known}


def _paragraph(number: int, heading: str, text: str = "", section: str | None = None, **known) -> dict:
    return {"number": number, "heading": heading, "section": section, "text": text, "topics": [], "matters": [], **known}


def _matter(title: str, **known) -> dict:
    blank = {"references": [], "presenter": None, "text": "", "outcome": None, "appendices": [], "decisions": []}
    return {"title": title, **blank, **known}


INVENTED = {
    "format": "samverkan-protocol/1",
    "kind": "protocol",
    "body": {"name": "Förvaltningsgruppen", "abbreviation": "FVG", "kind": "fvg", "organisation": "Parkförvaltningen"},
    "date": "2026-03-05",
    "starts": "09:00",
    "ends": "10:45",
    "place": "Eken, Lindvägen 1",
    "channels": ["Skype"],
    "attendees": [
        _person("Vera Ek", "employer", title="förvaltningschef", roles=["chair"]),
        _person("Olle Rönn", "employee", party="Skogsfacket", channel="Skype"),
        _person("Siv Alm", "employee", title="huvudskyddsombud", party="Trädgårdarnas", roles=["chief_safety_rep", "adjuster"]),
        _person("Bo Asp", "employer", title="ekonomichef", status="absent"),
    ],
    "chair": "Vera Ek",
    "secretary": "Tor Hassel",
    "adjusters": ["Siv Alm"],
    "adjustment_day": "2026-03-06",
    "adjusted_on": "2026-03-06",
    "paragraphs": [
        _paragraph(1, "Mötets öppnande"),
        _paragraph(2, "Val av sekreterare"),
        _paragraph(3, "Val av justerare och justeringsdag"),
        _paragraph(4, "Information", "", "Information", topics=[{"title": "Vårbruket", "text": "**Skogsfacket** undrade när."}]),
        _paragraph(
            5,
            "Nämndärenden",
            "",
            "Ärendehantering",
            matters=[
                _matter("Ny plantskola", references=["PN 2026-0001"], presenter="Ekonomichef", outcome="no_comments"),
                _matter("Budget", presenter="Förvaltningschef", text="Se bilaga 1.", outcome="comments", appendices=[1]),
            ],
        ),
        _paragraph(6, "Balanslista", "", "Ärendehantering"),
        _paragraph(7, "Nästa möte", "", "Ärendehantering"),
    ],
    "motions": [
        {
            "kind": "motion",
            "number": 1,
            "party": "SF",
            "title": "Handskar",
            "background": "Det är kallt.",
            "paragraph": 5,
            "appendix": 1,
            "matter": "Budget",
            "claims": [
                {
                    "text": "att handskar köps in.",
                    "points": [],
                    "supporters": ["Trädgårdarnas"],
                    "answer": "Det ordnas.",
                    "outcome": "granted",
                },
                {"text": "att det sker i dag.", "points": [], "supporters": [], "answer": None, "outcome": "rejected"},
            ],
        }
    ],
    "reservations": [],
    "balance": [{"title": "Skyltar | **nya**"}],
    "next_meeting": {"date": "2026-04-09", "time": "09:00", "place": "lokal Eken"},
    "appendices": [
        {"number": 1, "title": "Yrkanden om budget", "kind": "motion", "party": "SF", "author": None, "date": None, "text": None},
    ],
    "statements": [
        {"paragraph": 4, "speakers": ["Skogsfacket"], "verb": "undrade", "text": "Skogsfacket undrade när."},
    ],
    "commitments": [],
    "warnings": [],
}


def invented() -> dict:
    """A protocol of invented people, as parsed JSON that may be changed freely."""
    return deepcopy(INVENTED)
