"""May you do it? The one table, action × role × state of the meeting, read from permissions.tsv by code, page and tests alike.

A cell lists the states in which a role may: P planned, K called, U draft, J approval and adjusted, S sealed, A archived (a cancelled
meeting reads as archived); * is all of them and – is never. After the letters: e = only what is one's own or one's own union's,
t = a substitute only when serving, o = only the person named, b = break glass (not opened by this table alone).
"""

import csv
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from django.db.models import Q

LETTERS = "PKUJSA"
LETTER_NAMES = {"P": "planerat", "K": "kallat", "U": "utkast", "J": "för justering", "S": "förseglat", "A": "arkiverat"}
COLUMNS = (
    "secretary", "chair", "adjuster", "employer_rep", "union_rep", "substitute",
    "safety_rep", "hr", "auditor", "admin", "outsider", "anonymous",
)  # fmt: skip
COLUMN_NAMES = dict(
    zip(
        COLUMNS,
        ("sekreterare", "ordförande", "justerare", "arbetsgivarrepresentant", "facklig representant", "ersättare", "skyddsombud",
         "HR/registrator", "revisor", "systemadministratör", "inloggad i annan grupp", "ej inloggad"),
        strict=True,
    )
)  # fmt: skip

# Rows whose pages are still to be built. Nobody reaches them: there is no URL that names them.
PENDING = frozenset(
    {
        "export_many", "publish", "read_public", "correct", "archive", "read_security_log", "remind",
    }
)  # fmt: skip


def column_of(role: str) -> str:
    """The column of the table for a role; the huvudskyddsombud has that of the safety representatives."""
    return "safety_rep" if role == "chief_safety_rep" else role


class Cell(NamedTuple):
    """In which states a role may, and on what further condition ("" or one of e, t, o, b)."""

    states: frozenset[str]
    suffix: str


class Row(NamedTuple):
    """One action of the table."""

    action: str
    source: str
    how: str
    label: str
    cells: dict[str, Cell]


class Verdict(Enum):
    """The table's answer."""

    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"
    WRONG_STATE = "wrong state"


def read_cell(written: str) -> Cell:
    """A cell as it is written in the table; a cell that cannot be read stops the start."""
    if written == "–":
        return Cell(frozenset(), "")
    suffix = written[-1] if written[-1] in "etob" else ""
    letters = written.removesuffix(suffix) if suffix else written
    states = frozenset(LETTERS if letters == "*" else letters)
    if not states or not states <= frozenset(LETTERS):
        raise ValueError(f"people/permissions.tsv: the cell {written!r} cannot be read")
    return Cell(states, suffix)


@cache
def table() -> dict[str, Row]:
    """All rows by action."""
    path = Path(__file__).with_name("permissions.tsv")
    with path.open(encoding="utf-8") as lines:
        return {
            line["action"]: Row(
                line["action"], line["source"], line["how"], line["label"], {name: read_cell(line[name]) for name in COLUMNS}
            )
            for line in csv.DictReader(lines, delimiter="\t")
        }


def columns_of(user: Any, thing: Any) -> set[str]:
    """The columns of the table that apply to `user` for `thing`: mandates valid today, and what the meeting itself has elected."""
    if not user.is_authenticated:
        return {"anonymous"}
    roles = {column_of(role) for role in user.roles_in(thing.group_id)}
    roles |= thing.elected(user) if hasattr(thing, "elected") else set()
    if user.is_staff:
        roles.add("admin")
    return roles or {"outsider"}


def holds(cell: Cell, column: str, user: Any, thing: Any) -> bool:
    """Whether the condition behind the cell's suffix is met."""
    if cell.suffix == "":
        return True
    own = not hasattr(thing, "is_own") or thing.is_own(user, column)
    if cell.suffix == "e":
        return own
    if cell.suffix == "t":
        return own and any(row.mandate in user.serving and row.group == thing.group_id for row in user.held)
    if cell.suffix == "o":
        return column in (thing.elected(user) if hasattr(thing, "elected") else set())
    return False  # break glass is opened by its own page, with a reason, never by the table


def decide(user: Any, action: str, thing: Any) -> Verdict:
    """May `user` do `action` to `thing`, and is it time?

    `thing` answers `group_id` and `letter`, and if need be `elected(user)` and `is_own(user, column)`: own in that role.
    """
    row = table()[action]
    right_role = False
    for column in columns_of(user, thing):
        cell = row.cells[column]
        if not cell.states or not holds(cell, column, user, thing):
            continue
        right_role = True
        if thing.letter == "*" or thing.letter in cell.states:
            return Verdict.ALLOWED
    return Verdict.WRONG_STATE if right_role else Verdict.FORBIDDEN


def may(user: Any, action: str, thing: Any) -> bool:
    """True when the table allows it now."""
    return decide(user, action, thing) is Verdict.ALLOWED


def scope(user: Any, action: str, *, group: str = "group", state: str = "state", letters: dict[str, str]) -> Q:
    """The same table as a condition on rows: what `user` may do `action` to. `letters` maps each state to its letter.

    Covers rights by mandate; what a person has been elected to is added by the queryset that knows the meeting.
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
        names = [name for name, letter in letters.items() if letter in states]
        condition |= Q(**{f"{group}__in": groups, f"{state}__in": names})
    return condition
