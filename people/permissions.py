"""May you do it? The one table, action × role × state of the meeting, read from permissions.tsv by code, page and tests alike.

A cell lists the states in which a role may: P planned, K called, U draft, J approval and adjusted, S sealed, A archived (which
a cancelled meeting counts as); * is all of them and – is never. After the letters: e = only what is one's own or one's own
union's, t = a substitute only when serving, o = only the person named, b = break glass (not opened by this table alone).
"""

import csv
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from django.db import models
from django.db.models import Q

LETTERS = "PKUJSA"
LETTER_NAMES = {"P": "planerat", "K": "kallat", "U": "utkast", "J": "för justering", "S": "förseglat", "A": "arkiverat"}
COLUMN_NAMES = {
    "secretary": "sekreterare",
    "chair": "ordförande",
    "adjuster": "justerare",
    "employer_rep": "arbetsgivarrepresentant",
    "union_rep": "facklig representant",
    "substitute": "ersättare",
    "safety_rep": "skyddsombud",
    "hr": "HR/registrator",
    "auditor": "revisor",
    "admin": "systemadministratör",
    "outsider": "inloggad i annan grupp",
    "anonymous": "ej inloggad",
}
COLUMNS = tuple(COLUMN_NAMES)

# Rows whose pages are still to be built. Nobody reaches them: there is no URL that names them.
PENDING = frozenset(
    {
        "export_many",
        "publish",
        "read_public",
        "correct",
        "archive",
        "read_security_log",
        "remind",
    }
)


def column_of(role: str) -> str:
    """The column of the table for a role; the huvudskyddsombud has that of the safety representatives."""
    return "safety_rep" if role == "chief_safety_rep" else role


class PermissionCell(NamedTuple):
    """In which states a role may, and on what further condition ("" or one of e, t, o, b)."""

    states: frozenset[str]
    suffix: str


class PermissionRow(NamedTuple):
    """One action of the table."""

    action: str
    source: str
    how: str
    label: str
    cells: dict[str, PermissionCell]


class Thing(Protocol):
    """What the table asks of whatever somebody wants to do something to."""

    @property
    def group_id(self) -> int:
        """The group whose mandates count."""

    @property
    def letter(self) -> str | None:
        """The letter of the state that it is in; None for what has no life of its own and can be asked about at any time."""

    def elected(self, user: Any) -> set[str]:
        """The columns that `user` has here by having been elected to something, besides those of the mandates."""

    def is_own(self, user: Any, column: str) -> bool:
        """Whether it is the user's own, or their own union's, in the role of the column."""


class OfGroup(models.Model):
    """A thing that elects nobody and belongs to whoever has a role in its group; a `Thing` of another kind says so itself."""

    class Meta:
        abstract = True

    def elected(self, user: Any) -> set[str]:
        return set()

    def is_own(self, user: Any, column: str = "") -> bool:
        return True


class Verdict(Enum):
    """The table's answer."""

    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"
    WRONG_STATE = "wrong state"


def read_cell(written: str) -> PermissionCell:
    """A cell as it is written in the table; a cell that cannot be read stops the start."""
    if written == "–":
        return PermissionCell(frozenset(), "")
    suffix = written[-1] if written[-1] in "etob" else ""
    letters = written.removesuffix(suffix) if suffix else written
    states = frozenset(LETTERS if letters == "*" else letters)
    if not states or not states <= frozenset(LETTERS):
        raise ValueError(f"people/permissions.tsv: the cell {written!r} cannot be read")
    return PermissionCell(states, suffix)


@cache
def table() -> dict[str, PermissionRow]:
    """All rows by action."""
    path = Path(__file__).with_name("permissions.tsv")
    with path.open(encoding="utf-8") as lines:
        return {
            line["action"]: PermissionRow(
                line["action"], line["source"], line["how"], line["label"], {name: read_cell(line[name]) for name in COLUMNS}
            )
            for line in csv.DictReader(lines, delimiter="\t")
        }


def columns_of(user: Any, thing: Thing) -> set[str]:
    """The columns of the table that apply to `user` for `thing`: by mandates valid today, and by what the meeting has elected."""
    if not user.is_authenticated:
        return {"anonymous"}
    roles = {column_of(role) for role in user.roles_in(thing.group_id)}
    roles |= thing.elected(user)
    if user.is_staff:
        roles.add("admin")
    return roles or {"outsider"}


def holds(cell: PermissionCell, column: str, user: Any, thing: Thing) -> bool:
    """Whether the condition behind the cell's suffix is met."""
    if cell.suffix == "":
        return True
    if cell.suffix == "e":
        return thing.is_own(user, column)
    if cell.suffix == "t":
        return thing.is_own(user, column) and any(
            row.mandate in user.serving and row.group == thing.group_id for row in user.held
        )
    if cell.suffix == "o":
        return column in thing.elected(user)
    return False  # break glass is opened by its own page, with a reason, never by the table


def decide(user: Any, action: str, thing: Thing) -> Verdict:
    """May `user` do `action` to `thing`, and is it time?"""
    row = table()[action]
    right_role = False
    for column in columns_of(user, thing):
        cell = row.cells[column]
        if not cell.states or not holds(cell, column, user, thing):
            continue
        right_role = True
        if thing.letter is None or thing.letter in cell.states:
            return Verdict.ALLOWED
    return Verdict.WRONG_STATE if right_role else Verdict.FORBIDDEN


def may(user: Any, action: str, thing: Thing) -> bool:
    """True when the table allows it now."""
    return decide(user, action, thing) is Verdict.ALLOWED


def can(user: Any, thing: Thing, *actions: str) -> dict[str, bool]:
    """What a page asks of the table, as `can.read_agenda` in its template."""
    return {action: may(user, action, thing) for action in actions}


def scope(user: Any, action: str, *, group: str = "group", state: str = "state", letters: dict[str, str] | None) -> Q:
    """The same table as a condition on rows: what `user` may do `action` to.

    `letters` maps each state to its letter; None for rows that have no life of their own. Rights by mandate are covered; what a
    person has been elected to is added by the queryset that knows the meeting.
    """
    row = table()[action]
    wanted: dict[frozenset[str], set[int]] = {}
    for held in user.held:
        cell = row.cells[column_of(held.role)]
        met = cell.suffix in ("", "e") or (cell.suffix == "t" and held.mandate in user.serving)
        if cell.states and met:
            wanted.setdefault(cell.states, set()).add(held.group)
    condition = Q(pk__in=[])
    for states, groups in wanted.items():
        allowed = Q(**{f"{group}__in": groups})
        if letters is not None:
            allowed &= Q(**{f"{state}__in": [name for name, letter in letters.items() if letter in states]})
        condition |= allowed
    return condition
