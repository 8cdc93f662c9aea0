"""The order of paragraphs and their preliminary numbers: what is printed, and as which § or bilaga."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from meetings.models import Appendix, Item, Meeting, Paragraph, Placement
from motions.models import Motion
from motions.states import State as MotionState
from people.models import Group
from record.text import references

KINDS = {"board_matters": Item.Kind.BOARD_MATTER, "decisions": Item.Kind.DECISION}


def kind_under(paragraph: Paragraph) -> str:
    """What a new point under the § most likely is."""
    return KINDS.get(paragraph.slug, Item.Kind.TOPIC)


# What is written of a tabled matter when it comes back. As long as it is all, it follows the number that the earlier § gets.
ORIGIN = re.compile(r"Bordlagt (\[§ \d+\]\(paragraph:\d+\) )?den \d{1,2} [a-zåäö]+ \d{4}\.")


def only_tells_origin(text: str) -> bool:
    """Nothing has been written of the matter but where it was tabled."""
    return bool(ORIGIN.fullmatch(text.strip()))


def awaits_comments(item: Item) -> bool:
    """A board matter of which nothing has been said yet."""
    unsaid = not item.text.strip() or only_tells_origin(item.text)
    return item.kind == Item.Kind.BOARD_MATTER and not item.outcome and unsaid


def unanswered(motion: Motion) -> int:
    """How many att-satser or questions of what is still asked wait for an answer that the union may read."""
    if motion.says or motion.state != MotionState.FILED:
        return 0
    return sum(1 for claim in motion.claims.all() if claim.answer is None)


def lacks_file(motion: Motion, appendix: Appendix | None) -> bool:
    """What is filed has a file, or a text alternative, that is not the one that will be printed."""
    if not motion.file:
        return False
    return appendix is None or (appendix.sha256, appendix.description) != (motion.sha256, motion.description)


def goes_to_board(placement: Placement, meeting: Meeting) -> bool:
    """The motion is taken up under a matter that goes to the board, and goes with it; else it goes alone (protocol/board.py)."""
    return placement.item is not None and placement.item.kind in Item.kinds_for_board(meeting.group)


def has_content(paragraph: Paragraph) -> bool:
    """Something would be printed under the heading."""
    if paragraph.text.strip() or paragraph.items.all() or paragraph.placements.all():
        return True
    # The balance list is printed from what is open: it cannot be left out as long as something is.
    return paragraph.slug == "balance" and bool(paragraph.meeting.balance_notes.all())


class Numbered(NamedTuple):
    """A paragraph with the number that it has, or would have; None when it is left out."""

    number: int | None
    paragraph: Paragraph

    @property
    def where(self) -> str:
        """`§ 7`, or the heading of one that has no number."""
        return f"§ {self.number}" if self.number else self.paragraph.heading

    @property
    def said(self) -> str:
        """`§ 7 Information`, or the heading alone."""
        return f"§ {self.number} {self.paragraph.heading}" if self.number else self.paragraph.heading


def numbered(paragraphs: Iterable[Paragraph], group: Group) -> list[Numbered]:
    """Each paragraph with its number, or None when it is left out because it is empty (R27).

    A paragraph read from a file keeps the number it had there.
    """
    drop = group.empty_paragraphs == Group.Empty.DROP
    lines, number = [], 0
    for paragraph in paragraphs:
        if paragraph.source_number is not None:
            number = paragraph.source_number
        elif drop and paragraph.only_with_content and not has_content(paragraph):
            lines.append(Numbered(None, paragraph))
            continue
        else:
            number += 1
        lines.append(Numbered(number, paragraph))
    return lines


def numbers_now(meeting: Meeting) -> list[Numbered]:
    """The meeting's paragraphs as they stand now, read for their numbers alone."""
    return numbered(meeting.paragraphs.prefetch_related("items", "placements"), meeting.group)


def numbered_now(paragraph: Paragraph) -> Numbered:
    """One paragraph with the number that it has now."""
    return next(row for row in numbers_now(paragraph.meeting) if row.paragraph.pk == paragraph.pk)


def printed_paragraphs(meeting: Meeting) -> list[Numbered]:
    """The paragraphs that are printed, with their numbers."""
    return [row for row in numbered(meeting.paragraphs.all(), meeting.group) if row.number is not None]


@dataclass(frozen=True)
class Numbers:
    """The numbers that things are printed with, by id; a paragraph left out has none."""

    paragraphs: dict[int, int]
    appendices: dict[int, int]

    @classmethod
    def of(cls, meeting: Meeting) -> "Numbers":
        printed = printed_paragraphs(meeting)
        return cls({paragraph.pk: number for number, paragraph in printed}, appendix_numbers(meeting, printed))


def moved(ids: list[int], pk: int, *, by: int) -> list[int]:
    """The same ids with `pk` moved `by` places; at the ends it stays."""
    at = ids.index(pk)
    to = min(max(at + by, 0), len(ids) - 1)
    ids = [other for other in ids if other != pk]
    return [*ids[:to], pk, *ids[to:]]


def appendix_numbers(meeting: Meeting, printed: list[tuple[int, Paragraph]]) -> dict[int, int]:
    """Appendix → number: by first reference in the text (R65), then the others. What was read from a file keeps its number."""
    appendices = list(meeting.appendices.all())
    fixed = {row.pk: row.source_number for row in appendices if row.source_number is not None}
    order: dict[int, None] = {}
    for _, paragraph in printed:
        for pk in referred(meeting, paragraph):
            order.setdefault(pk)
    for row in appendices:
        order.setdefault(row.pk)
    known = {row.pk for row in appendices}
    free = (number for number in range(1, len(appendices) + len(fixed) + 1) if number not in fixed.values())
    return fixed | {pk: next(free) for pk in order if pk in known and pk not in fixed}


def referred(meeting: Meeting, paragraph: Paragraph) -> Iterator[int]:
    """The appendices that a paragraph refers to, in reading order."""
    if paragraph.slug == "agenda":
        yield from (change.appendix_id for change in meeting.agenda_changes.all() if change.appendix_id)
    yield from (pk for kind, pk in references(paragraph.text) if kind == "appendix")
    for item in paragraph.items.all():
        yield from (pk for kind, pk in references(item.text) if kind == "appendix")
        yield from (link.appendix_id for link in item.appendix_links.all())
        yield from (one.appendix_id for one in paragraph.placements.all() if one.item_id == item.pk and one.appendix_id)
    yield from (one.appendix_id for one in paragraph.placements.all() if one.item_id is None and one.appendix_id)
