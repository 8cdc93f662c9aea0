"""Names that look like somebody's but are not: a slip of the pen in a text, or the same person about to be added twice."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
# Second halves that many surnames share: what tells Lindberg from Lundberg is the first half.
_ENDINGS = (
    "sson",
    "son",
    "berg",
    "bergh",
    "strom",
    "lund",
    "lundh",
    "gren",
    "kvist",
    "man",
    "mann",
    "stedt",
    "dahl",
    "dal",
    "mark",
    "holm",
    "vall",
    "ell",
    "en",
    "in",
)
MOST_COMPARED = 5000  # pairs in one text: more is no text that somebody wrote
_SAME_SOUND = (("qv", "kv"), ("q", "k"), ("c", "k"), ("w", "v"), ("z", "s"), ("ph", "f"), ("th", "t"))


def is_near(written: str, known: str) -> bool:
    """The two are most likely the same person's name, written differently. A name is not near itself, nor its own genitive."""
    if same(written, known):
        return False
    return _distance(written, known) is not None or (
        written[-1:] in "sS" and len(written) > 3 and _distance(written[:-1], known) is not None
    )


def same(written: str, known: str) -> bool:
    """The same name, as it stands or in the genitive; capitals and spaces do not matter."""
    return _folded(written) in _ways(known)


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _ways(name: str) -> tuple[str, ...]:
    """The name as it may stand: also in the genitive."""
    name = _folded(name)
    return name, f"{name}s", f"{name}:s", f"{name}’s"


def look_alikes(text: str, known: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each name in the text that is near, but not, one of the `known`: (as written, as known). Once for each spelling.

    The work is bounded, however long the text is and whatever stands in it.
    """
    names = [name for name in dict.fromkeys(known) if len(name.split()) > 1]
    right = {way for name in names for way in _ways(name)}
    alike: dict[str, list[str]] = {}  # names that are near each other have the same initials
    for name in names:
        alike.setdefault(_initials(name.split()), []).append(name)
    lengths = sorted({len(initials) for initials in alike})
    seen: set[str] = set()
    left = MOST_COMPARED
    for run in _capitalised_runs(text):
        initials = _initials(run)
        for start in range(len(run)):
            for length in lengths:
                offered = alike.get(initials[start : start + length])
                if offered is None or len(run) - start < length:
                    continue
                written = " ".join(run[start : start + length])
                if written in seen:
                    continue
                seen.add(written)
                if _folded(written) in right:
                    continue
                left -= len(offered)
                if left < 0:
                    return
                meant = next((name for name in offered if is_near(written, name)), None)
                if meant is not None:
                    yield written, meant


def _initials(words: Iterable[str]) -> str:
    """The first letter of each word, as it sounds."""
    return "".join(_spelling(word.casefold())[:1] or " " for word in words)


def near(written: str, known: Iterable[str]) -> list[str]:
    """Those of `known` that somebody may have meant: the same name, or one that is near."""
    return [name for name in known if same(written, name) or is_near(written, name)]


def _capitalised_runs(text: str) -> Iterator[list[str]]:
    """Words with a capital that stand side by side: `Ordföranden Karin Ek`."""
    run: list[str] = []
    end = -1
    for word in _WORD.finditer(text):
        beside = end >= 0 and text[end : word.start()].strip(" \t\u00a0") == "" and word.start() > end
        if not (word[0][:1].isupper() and beside):
            if len(run) > 1:
                yield run
            run = []
        if word[0][:1].isupper():
            run.append(word[0])
        end = word.end()
    if len(run) > 1:
        yield run


def _distance(written: str, known: str) -> int | None:
    """How many letters tell the names apart, or None when they are too far from each other to be one name."""
    left, right = written.split(), known.split()
    if len(left) != len(right):
        return None
    total = 0
    for mine, theirs in zip(left, right, strict=True):
        steps = _word_distance(mine.casefold(), theirs.casefold())
        if steps is None:
            return None
        total += steps
    return total if total <= 2 else None


def _word_distance(left: str, right: str) -> int | None:
    if left == right:
        return 0
    left, right = _spelling(left), _spelling(right)
    if left == right:
        return 1  # an accent, or another spelling of the same sound
    for ending in _ENDINGS:
        if left.endswith(ending) and right.endswith(ending) and len(left) > len(ending) and len(right) > len(ending):
            left, right = left[: -len(ending)], right[: -len(ending)]
            break
    if left[:1] != right[:1]:
        return None
    shorter = min(len(left), len(right))
    if shorter < 4:
        return None
    # Four letters with one exchanged is another name (Lind, Lund); with one more or less it is a slip (Lindh).
    most = 2 if shorter >= 8 else 1 if shorter > 4 or len(left) != len(right) or sorted(left) == sorted(right) else 0
    steps = _edits(left, right)
    return steps if 0 < steps <= most else None


@lru_cache(maxsize=4096)
def _spelling(word: str) -> str:
    """The word without accents and with one spelling for each sound."""
    word = "".join(letter for letter in unicodedata.normalize("NFKD", word) if not unicodedata.combining(letter))
    for written, sound in _SAME_SOUND:
        word = word.replace(written, sound)
    return word


def _edits(left: str, right: str) -> int:
    """The edit distance, two letters that changed places counted as one step."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, letter in enumerate(left, start=1):
        last, before, row = before, row, [i]
        for j, against in enumerate(right, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == right[j - 2] and left[i - 2] == against:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
