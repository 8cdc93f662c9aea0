"""The att-satser as they are typed: rows in the form of the motion, each after the fixed "att".

No formset of Django's: the rows are posted as lists, in the order of the page, and a script (static/js/claims.js) adds, moves
and removes them by moving what stands there. A formset numbers its fields, and would have every number in the page written anew.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict

from motions.actions.drafting import MOST_CLAIMS
from motions.kinds import SAYING, WORDS, Kind
from motions.models import FINAL, Claim
from record.fields import TextFormField, TextLineFormField
from record.pages import whole_number
from record.swedish import capital
from record.text import TextError, demand_readable

_ATT = re.compile(r"att\b\s*", re.IGNORECASE)
_NUMBERING = re.compile(r"^\s*(?:\d{1,3}[.)]|[-–•*])\s+")


@dataclass
class ClaimRow:
    """One att-sats as it is typed: after the fixed "att", with its points one on a line. `pk` is the row of what is filed."""

    number: int
    text: str = ""
    points: str = ""
    pk: int = 0
    fixed: str = ""  # why it cannot be changed
    text_error: str = ""
    points_error: str = ""
    focus: bool = False

    def judge(self, kind: str) -> tuple[str, list[str]]:
        """The text and points as they are stored; what is wrong with them stands in the row."""
        text, points = "", []
        try:
            text = TextFormField(required=False).clean(with_att(kind, self.text.strip()))
        except ValidationError as error:
            self.text_error = error.messages[0]
        try:
            lines = (_NUMBERING.sub("", line) for line in self.points.splitlines())
            points = [point for point in map(TextLineFormField(required=False).clean, lines) if point]
        except ValidationError as error:
            self.points_error = error.messages[0]
        return text, points


@dataclass
class ClaimRows:
    """The att-satser of the form, in the order of the page.

    They are posted as two lists, so that order is all there is to say.
    """

    rows: list[ClaimRow]
    removed: ClaimRow | None = None
    error: str = ""
    said: str = ""
    cleaned: list[dict[str, Any]] = field(default_factory=list)
    unit: str = "Att-sats"

    @classmethod
    def posted(cls, data: QueryDict) -> "ClaimRows":
        """What the form says, however many of the lists the page had."""
        texts, points = data.getlist("claim_text"), data.getlist("claim_points")
        points += [""] * (len(texts) - len(points))
        pks = [whole_number(pk) for pk in data.getlist("claim_pk")]
        pks += [0] * (len(texts) - len(pks))
        return cls([ClaimRow(number, *row) for number, row in enumerate(zip(texts, points, pks, strict=False), start=1)])

    @classmethod
    def of(cls, kind: str, claims: Iterable[Claim]) -> "ClaimRows":
        """What is stored, as it is typed; one empty row when there is nothing yet."""
        typed = [(without_att(kind, claim.text), "\n".join(claim.points), claim.pk) for claim in claims]
        return cls([ClaimRow(number, *claim) for number, claim in enumerate(typed, start=1)] or [ClaimRow(1)])

    def typed(self) -> list[str]:
        """What stands in the rows, read by nobody yet."""
        return [text for row in self.rows for text in (row.text, row.points)]

    def measure(self, kind: str) -> bool:
        """Whether no row alone is more than one can read; of those that are, the row says so. Nothing is parsed."""
        self.unit = capital(WORDS.get(kind, WORDS[Kind.MOTION]).unit)
        for row in self.rows:
            try:
                demand_readable(with_att(kind, row.text))
            except TextError as error:
                row.text_error = str(error)
        return not self.problems

    def hold_to(self, claims: Iterable[Claim]) -> None:
        """These att-satser are stored: those with a released answer stand as they are, and a row of none of them is a new one."""
        known = {claim.pk: claim for claim in claims}
        seen: set[int] = set()
        for row in self.rows:
            row.pk = row.pk if row.pk in known and row.pk not in seen else 0
            seen.add(row.pk)
            row.fixed = why_fixed(known[row.pk]) if row.pk > 0 else ""

    def check_against(self, kind: str, claims: Iterable[Claim]) -> bool:
        """Whether every answered att-sats is there as it was; what is only shown in another way is no change."""
        left = {claim.pk: claim for claim in claims}
        for fields in self.cleaned:
            claim = left.pop(fields["pk"], None)
            if claim is not None and fields["text"] == with_att(kind, without_att(kind, claim.text)):
                fields["text"] = claim.text
            if claim is not None and claim.released and (fields["text"], fields["points"]) != (claim.text, claim.points):
                row = next(row for row in self.rows if row.pk == claim.pk)
                row.text_error = "Den här har fått svar och kan inte ändras. Skriv tillbaka texten eller ladda om sidan."
        if any(claim.released is not None for claim in left.values()):
            unit = WORDS[Kind(kind)].the_unit.capitalize()
            self.error = f"{unit} som har fått svar kan inte tas bort. Ladda om sidan och försök igen."
        return not self.problems

    def press(self, verb: str, number: int, data: QueryDict, kind: str) -> None:
        """Do what the pressed button says (add, remove, up, down, restore), keeping everything that is typed."""
        here, spoken = number - 1, WORDS.get(kind, WORDS[Kind.MOTION])
        unit, the = capital(spoken.unit), capital(spoken.the_unit)
        if verb == "add":
            self.rows.append(ClaimRow(0, focus=True))
        elif verb == "restore":
            typed = data.get("removed_text", ""), data.get("removed_points", ""), whole_number(data.get("removed_pk", ""))
            self.rows.insert(min(max(here, 0), len(self.rows)), ClaimRow(0, *typed, focus=True))
            self.said = f"{the} är tillbaka."
        elif 0 <= here < len(self.rows):
            row = self.rows.pop(here)
            if verb == "remove":
                self.removed = row
                self.said = f"{unit} {number} är borttagen."
            else:
                there = max(here - 1, 0) if verb == "up" else min(here + 1, len(self.rows))
                self.rows.insert(there, row)
                row.focus, self.said = True, f"{the} är nu nummer {there + 1}."
        for position, row in enumerate(self.rows, start=1):
            row.number = position

    def is_valid(self, kind: str) -> bool:
        """Check every row and fill `cleaned` with what is stored; rows without a word are left out."""
        spoken = WORDS.get(kind, WORDS[Kind.MOTION])
        self.unit = capital(spoken.unit)
        judged = [(row, *row.judge(kind)) for row in self.rows]
        self.cleaned = [{"text": text, "points": points, "pk": row.pk} for row, text, points in judged if text or points]
        if self.cleaned and kind in SAYING:
            self.error = f"{spoken.The} är bara text. Flytta det som står i rutorna till texten ovanför, och ta bort dem här."
        elif len(self.cleaned) > MOST_CLAIMS:
            most = f"Högst {MOST_CLAIMS} {spoken.units} får plats, och här är {len(self.cleaned)}."
            self.error = f"{most} Dela upp dem på flera inlämningar."
        return not self.problems

    @property
    def left_out(self) -> int:
        """How many rows had no word in them."""
        return len(self.rows) - len(self.cleaned)

    @property
    def problems(self) -> list[dict[str, str]]:
        """For the summary of errors, in the order of the page."""
        told = [("att-satser", "", self.error)]
        for row in self.rows:
            told.append((f"att-{row.number}", f"{self.unit} {row.number}", row.text_error))
            told.append((f"punkter-{row.number}", f"Punkter till {self.unit.lower()} {row.number}", row.points_error))
        return [{"href": f"#{where}", "label": label, "message": message} for where, label, message in told if message]


def with_att(kind: str, text: str) -> str:
    """As it is stored: a yrkande's att-sats begins with att, written or not."""
    return f"att {text}" if kind == Kind.MOTION and text and not _ATT.match(text) else text


def without_att(kind: str, text: str) -> str:
    """As it is typed, after the fixed att of the page."""
    return _ATT.sub("", text, count=1) if kind == Kind.MOTION and _ATT.match(text) else text


def why_fixed(claim: Claim) -> str:
    """Why its words stand as they are; "" when they can be changed."""
    if claim.released is None:
        return ""
    return "Har fått svar." if claim.outcome in FINAL else "Har bordlagts."
