"""What a union writes in a motion: every such column once, where it shows, and what a locked motion keeps.

The form, the print, the facts of the page, the versions, the history, the search, the log and the guards all read this table: a
new column of the model (motions/models.py) gets its line here, and stands in all of them.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from motions.kinds import ASKING, Kind

EVERY = frozenset(Kind)


class Written(NamedTuple):
    """One column that is written in the form, in the form's order."""

    name: str
    label: str  # in the form
    told: str  # in the history: Ändrat: rubrik och text
    text: str = ""  # before its value in the versions, and where two people's texts are compared; "" is for what stands alone
    fact: str = ""  # among the facts of the motion's page and of the check page; "" where the print shows it, or the page itself
    yes: str = ""  # the fact's value, where the column is a yes or no
    kinds: frozenset[str] = EVERY  # those that have it; for the others it is emptied
    always: bool = False  # told also while it is empty
    printed: bool = False  # stands in the print
    prose: bool = False  # running text: printed below the heading
    worded: bool = False  # in the writer's own words: found by the search, and enough to begin a draft with
    closed: bool = True  # the database keeps it once a protocol has locked the motion


WRITTEN = (
    Written("kind", "Vad vill ni lämna in?", "slag", "Slag", always=True, printed=True),
    Written("title", "Rubrik", "rubrik", "Rubrik", always=True, printed=True, worded=True),
    Written("matter", "Ärende som det gäller", "ärende", "Ärende", fact="Ärende", worded=True),
    # The days stand by themselves on the page, beside what they were put off to. A wish is no part of what is printed.
    Written("wanted_on", "Önskat möte", "önskat möte", "Önskat möte", kinds=EVERY - ASKING, closed=False),
    Written("due_on", "Ska besvaras på mötet", "besvaras på mötet", "Besvaras på mötet", kinds=ASKING),
    Written("to_board", "Skicka med till nämnden", "till nämnden", "Ska till nämnden", fact="Nämnden",
            yes="Ska skickas med till nämnden", kinds=frozenset({Kind.OPINION})),
    Written("background", "Bakgrund eller text", "text", always=True, printed=True, prose=True, worded=True),
)  # fmt: skip
NAMES = tuple(column.name for column in WRITTEN)
LABELS = {column.name: column.label for column in WRITTEN}
PRINTED = tuple(column.name for column in WRITTEN if column.printed)
WORDED = tuple(column.name for column in WRITTEN if column.worded)

# What came with the filing and what it came from: closed by the database too.
FILED = (
    "group_id",
    "party_id",
    "party_printed",
    "author_id",
    "number",
    "filed_at",
    "receipt",
    "file",
    "filename",
    "sha256",
    "description",
    "deadline",
    "state",
    "withdrawn_at",
)
CLOSED = (*(column.name for column in WRITTEN if column.closed), *FILED)
# What the log tells of a filing and of each version after it. Of a file it tells the checksum; the state has its own events.
TOLD = (*NAMES, "receipt", "group_id", "party_id", "party_printed", "author_id", "number", "filename", "description", "deadline")


def values(row: Any, names: Iterable[str] = NAMES) -> dict[str, Any]:
    """What stands in a motion, or in a row of its history: column → value."""
    return {name: getattr(row, name) for name in names}


def not_of(kind: str | None) -> dict[str, Any]:
    """The columns that this kind does not have, emptied: a field that is hidden may hold what was typed for another kind."""
    others = (column for column in WRITTEN if column.kinds != EVERY and kind not in column.kinds)
    return {column.name: False if column.yes else "" if column.worded else None for column in others}


def prose(row: Any) -> str:
    """The running text as it prints, in the plain form: the text itself, and under its label in bold whatever else is prose."""
    texts = ((column.text, getattr(row, column.name)) for column in WRITTEN if column.prose)
    return "\n\n".join(f"**{label}**\n\n{text}" if label else text for label, text in texts if text)


def facts(row: Any) -> list[tuple[str, str]]:
    """What the page tells of it beside the print: label and value."""
    told = ((column, getattr(row, column.name)) for column in WRITTEN if column.fact)
    return [(column.fact, column.yes or str(value)) for column, value in told if value]


def as_lines(fields: dict[str, Any]) -> list[str]:
    """Everything that is written, a line or a text for each column."""
    return [_line(column, fields[column.name]) for column in WRITTEN if column.always or fields[column.name]]


def _line(column: Written, value: str | date | bool | None) -> str:
    words = Kind(value).label if column.name == "kind" else "ja" if column.yes else str(value)
    return f"{column.text}: {words}" if column.text else words


def changed(before: Any, after: Any) -> list[str]:
    """What the history calls the columns that differ between two rows."""
    return [column.told for column in WRITTEN if getattr(before, column.name) != getattr(after, column.name)]
