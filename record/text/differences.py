"""What changed between two texts, word by word; line by line, or as a whole, when they are too long or too different."""

import re
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_WORD = re.compile(r"\s+|\w+|[^\w\s]")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
# Some six hundred words changed in one text. Beyond that lines are compared, and then the text is told as another one.
MOST_STEPS = 200_000
STEPS_A_WORD = 4  # on top, so that a long text with few changes is compared to its end
MOST_STEPS_EVER = 600_000  # less than a second, and some tens of megabytes, however long the texts are
MOST_BY_WORDS = 600_000  # characters of both; beyond that the words alone fill the memory
MOST_ON_A_PAGE = 2_000_000

_HIDDEN = {"added": ("ins", "tillagt:"), "removed": ("del", "borttaget:")}


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of text; `kind` is "same", "added" or "removed"."""

    kind: str
    text: str


@dataclass(slots=True)
class Effort:
    """How much all the comparisons of one page may take together. What comes after that is told as another text."""

    left: int = MOST_ON_A_PAGE


def diff(old: str, new: str, *, effort: Effort | None = None) -> tuple[Change, ...]:
    """The changes from old to new; same + removed is old, same + added is new."""
    effort = effort or Effort()
    if old == new:
        return _joined([("same", old)])
    for pattern in (_WORD, _LINE) if len(old) + len(new) <= MOST_BY_WORDS else (_LINE,):
        if effort.left <= 0:
            break
        changes = shortest_edits(pattern.findall(old), pattern.findall(new), effort=effort)
        if changes is not None:
            return _joined(changes)
    return _joined([("removed", old), ("added", new)])


def diff_html(old: str, new: str, *, effort: Effort | None = None) -> SafeString:
    """The changes as <ins> and <del>, each with a word for those who do not see the colour."""
    out = []
    for change in diff(old, new, effort=effort):
        text = escape(change.text).replace("\n", "<br>")
        if change.kind == "same":
            out.append(text)
        else:
            tag, word = _HIDDEN[change.kind]
            out.append(f'<{tag}><span class="visually-hidden">{word} </span>{text}</{tag}>')
    return mark_safe("".join(out))  # noqa: S308 - every word in it was escaped above


def shortest_edits(old: list[str], new: list[str], *, effort: Effort | None = None) -> list[tuple[str, str]] | None:
    """Myers' shortest edit script from old to new, part by part ("same", "added", "removed"); None when it takes too long."""
    effort = effort or Effort()
    effort.left -= len(old) + len(new)
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    middle = _shortest(old[start : len(old) - end], new[start : len(new) - end], effort)
    if middle is None:
        return None
    return [("same", t) for t in old[:start]] + middle + [("same", t) for t in old[len(old) - end :]]


def _shortest(old: list[str], new: list[str], effort: Effort) -> list[tuple[str, str]] | None:
    reach = {1: 0}  # how far each diagonal has come in the old text
    trail: list[dict[int, int]] = []
    steps = 0
    most = min(MOST_STEPS + STEPS_A_WORD * (len(old) + len(new)), MOST_STEPS_EVER, effort.left)
    for edits in range(len(old) + len(new) + 1):
        trail.append(reach.copy())
        for diagonal in range(-edits, edits + 1, 2):
            down = diagonal == -edits or (diagonal != edits and reach[diagonal - 1] < reach[diagonal + 1])
            x = reach[diagonal + 1] if down else reach[diagonal - 1] + 1
            y = x - diagonal
            while x < len(old) and y < len(new) and old[x] == new[y]:
                x, y, steps = x + 1, y + 1, steps + 1
            reach[diagonal] = x
            if x >= len(old) and y >= len(new):
                effort.left -= steps
                return _backwards(old, new, trail)
            steps += 1
            if steps > most:
                effort.left -= steps
                return None
    return None


def _backwards(old: list[str], new: list[str], trail: list[dict[int, int]]) -> list[tuple[str, str]]:
    out = []
    x, y = len(old), len(new)
    for edits in range(len(trail) - 1, -1, -1):
        reach, diagonal = trail[edits], x - y
        down = diagonal == -edits or (diagonal != edits and reach[diagonal - 1] < reach[diagonal + 1])
        before = diagonal + 1 if down else diagonal - 1
        from_x = reach[before]
        from_y = from_x - before
        while x > from_x and y > from_y:
            x, y = x - 1, y - 1
            out.append(("same", old[x]))
        if edits:
            out.append(("added", new[from_y]) if down else ("removed", old[from_x]))
            x, y = from_x, from_y
    return out[::-1]


def _joined(changes: list[tuple[str, str]]) -> tuple[Change, ...]:
    """Neighbours of a kind as one; in a stretch of changes the removed comes before the added."""
    out: list[Change] = []
    waiting: dict[str, list[str]] = {"removed": [], "added": []}
    same: list[str] = []

    def close_changed() -> None:
        for kind, texts in waiting.items():
            if texts and (text := "".join(texts)):
                out.append(Change(kind, text))
            texts.clear()

    for kind, text in [*changes, ("end", "")]:
        if kind in waiting:
            if same:
                out.append(Change("same", "".join(same)))
                same = []
            waiting[kind].append(text)
        else:
            close_changed()
            same.append(text)
    if text := "".join(same):
        out.append(Change("same", text))
    return tuple(out)
