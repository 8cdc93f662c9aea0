"""The board's list of matters comes to the agenda (R46): new ones are added, known ones stay as they are, both titles kept."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from meetings.actions import agenda
from meetings.models import Item, Paragraph
from people.models import User
from record.history import remember
from record.moves import during, hold


class MattersListed(NamedTuple):
    """What became of the rows of a list."""

    added: list[Item]
    renamed: list[Item]  # known by their registry number under another title
    known: int


def known_among(items: Sequence[Item], listed: Sequence[dict[str, Any]]) -> list[Item | None]:
    """For each row of a list the matter that it speaks of, or None when it is new.

    The same title is the same matter, if the registry numbers do not say otherwise; else the same registry number is, once for
    each matter that stands there: several matters may share a number (R45).
    """
    known: list[Item | None] = [None] * len(listed)
    left = list(items)
    for at, row in enumerate(listed):
        same = next((item for item in left if _titled(item, row["title"]) and _agree(item.references, row["references"])), None)
        if same is not None:
            known[at] = same
            left.remove(same)
    for at, row in enumerate(listed):
        if known[at] is None:
            same = next((item for item in left if _numbers(item.references) & _numbers(row["references"])), None)
            if same is not None:
                known[at] = same
                left.remove(same)
    return known


def _titled(item: Item, title: str) -> bool:
    return title.casefold() in (item.title.casefold(), item.board_title.casefold())


def _numbers(references: Sequence[str]) -> set[str]:
    return {"".join(reference.split()).casefold() for reference in references}


def _agree(one: Sequence[str], other: Sequence[str]) -> bool:
    return not one or not other or bool(_numbers(one) & _numbers(other))


def list_matters(paragraph: Paragraph, *, rows: Sequence[dict[str, Any]], by: User) -> MattersListed:
    """Add the matters of the list that are not there; all of it, or nothing. Sent twice, it changes nothing the second time.

    A row has title, references, presenter and board_agenda_no. A known matter keeps everything, and gets the board's title
    beside its own when they differ.
    """
    listed = _each_once(rows)
    added, renamed = [], []
    with during(paragraph.meeting, "arrange"):
        items = list(paragraph.items.filter(kind=Item.Kind.BOARD_MATTER))
        for row, item in zip(listed, known_among(items, listed), strict=True):
            if item is None:
                added.append(agenda.add_item(paragraph, kind=Item.Kind.BOARD_MATTER, by=by, **row))
            elif not _titled(item, row["title"]):
                stored = hold(item)
                stored.board_title = row["title"]
                stored.version += 1
                stored.full_clean(exclude=["paragraph"])
                remember(stored, by=by, verb="list_matters")
                renamed.append(stored)
    return MattersListed(added, renamed, len(listed) - len(added) - len(renamed))


def _each_once(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows without those that say the same as an earlier one."""
    found: dict[tuple, dict[str, Any]] = {}
    for row in rows:
        found.setdefault((row["title"].casefold(), frozenset(_numbers(row["references"]))), row)
    return list(found.values())
