"""Two texts that were written from the same one, joined sentence by sentence where they have not changed the same place."""

import re

from .differences import shortest_edits
from .plain import canonical

_PART = re.compile(r"\n+|[^\S\n]+|[^\n.!?…]*[.!?…]+\S*|[^\n]+")  # line breaks, spaces, sentences
Hunk = tuple[int, int, list[str]]  # of the common text: from, to, and what stands there instead


def merge(base: str, mine: str, theirs: str) -> str | None:
    """Plain form with what both have changed of `base`; None when they have changed the same sentence, or are too different.

    What both have added at the same place stands theirs first.
    """
    parts = _PART.findall(base)
    own, other = _hunks(parts, _PART.findall(mine)), _hunks(parts, _PART.findall(theirs))
    if own is None or other is None:
        return None
    wanted = other + [hunk for hunk in own if hunk not in other]
    if any(_collide(first, second) for first in own for second in other if first != second):
        return None
    out: list[str] = []
    at, last = 0, -1  # how far the common text has come; where something was last put in between
    for start, end, instead in sorted(wanted, key=lambda hunk: hunk[:2]):  # stable: theirs before mine at the same place
        both_here = at == start == end and out and not out[-1][-1].isspace() and not instead[0][:1].isspace()
        out += parts[at:start] + (["\n\n"] if both_here and start == last else []) + instead
        at, last = end, start if start == end else -1
    return canonical("".join(out + parts[at:]))


def apart(base: str, mine: str, theirs: str) -> bool:
    """Whether the two changes of `base` touch nowhere, so that nobody needs to see the joined text before it is saved."""
    parts = _PART.findall(base)
    own, other = _hunks(parts, _PART.findall(mine)), _hunks(parts, _PART.findall(theirs))
    if own is None or other is None:
        return False
    return not any(first[0] <= second[1] and second[0] <= first[1] for first in own for second in other if first != second)


def _collide(first: Hunk, second: Hunk) -> bool:
    return first[0] < second[1] and second[0] < first[1]


def _hunks(base: list[str], changed: list[str]) -> list[Hunk] | None:
    edits = shortest_edits(base, changed)
    if edits is None:
        return None
    hunks: list[Hunk] = []
    at, open_hunk = 0, False
    for kind, part in edits:
        if kind == "same":
            at, open_hunk = at + 1, False
            continue
        if not open_hunk:
            hunks.append((at, at, []))
            open_hunk = True
        start, _, instead = hunks[-1]
        if kind == "removed":
            at += 1
            hunks[-1] = (start, at, instead)
        else:
            instead.append(part)
    return hunks
