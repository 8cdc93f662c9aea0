"""The order of paragraphs and their preliminary numbers: what is printed, and as which §."""

from collections.abc import Iterable

from meetings.models import Paragraph
from people.models import Group


def has_content(paragraph: Paragraph) -> bool:
    """Something would be printed under the heading."""
    return bool(paragraph.text.strip() or paragraph.items.all() or paragraph.placements.all())


def numbered(paragraphs: Iterable[Paragraph], group: Group) -> list[tuple[int | None, Paragraph]]:
    """Each paragraph with its number, or None when it is left out because it is empty (R27).

    A paragraph read from a file keeps the number it had there.
    """
    drop = group.empty_paragraphs == Group.Empty.DROP
    rows, number = [], 0
    for paragraph in paragraphs:
        if paragraph.source_number is not None:
            number = paragraph.source_number
        elif drop and paragraph.only_with_content and not has_content(paragraph):
            rows.append((None, paragraph))
            continue
        else:
            number += 1
        rows.append((number, paragraph))
    return rows


def moved(ids: list[int], pk: int, *, by: int) -> list[int]:
    """The same ids with `pk` moved `by` places; at the ends it stays."""
    at = ids.index(pk)
    to = min(max(at + by, 0), len(ids) - 1)
    ids = [other for other in ids if other != pk]
    return [*ids[:to], pk, *ids[to:]]
