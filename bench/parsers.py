"""What reads words from outside: the largest text one may write, made to be slow, against the same work on plain words."""

from collections.abc import Callable

from bench import Line, medians

# What has once been slow, or looks as if it could be.
PIECES = (
    "§ ",
    "\u00a0",
    "**a ",
    "[a](party:1) ",
    "[a](http://b",
    "  - a\n",
    "|a",
    "Åsa Ek ",
    "kommer att ",
    "a@a.",
    "2020-",
    "a. ",
    "a" * 1_999 + " ",
)
PLAIN = "Chefen berättade om läget i verksamheten. "


def measure() -> list[Line]:
    """The floor of each parser is itself, on as many plain words; then the whole length against half of it."""
    from meetings.language import names, pasting, statements, wording
    from protocol.views.archive import excerpt
    from record import text
    from record.text.cleaning import MOST_CHARACTERS

    def compared(words: str) -> None:
        text.diff_html(words, words[::-1])

    def joined(words: str) -> None:
        text.merge(words, f"a. {words}", words[::-1])

    known = [f"Åsa Ek{number}" for number in range(50)]
    parsers: list[tuple[str, Callable[[str], object], int]] = [
        ("HTML", text.plain_of, 10 * MOST_CHARACTERS),
        ("plain form", text.stored, MOST_CHARACTERS),
        ("text to HTML", text.to_html, MOST_CHARACTERS),
        ("differences", compared, MOST_CHARACTERS),
        ("two texts joined", joined, MOST_CHARACTERS),
        ("a pasted list of matters", pasting.understand, 60_000),
        ("who said what", statements.statements, MOST_CHARACTERS),
        ("promises", wording.promises, MOST_CHARACTERS),
        ("names that look alike", lambda words: list(names.look_alikes(words, known)), MOST_CHARACTERS),
        ("wording", wording.findings, MOST_CHARACTERS),
        ("references by hand", wording.loose_references, MOST_CHARACTERS),
        ("a hit of the search", lambda words: excerpt(words, ["badhus", "lokal"]), MOST_CHARACTERS),
        ("what is delicate", wording.delicate, MOST_CHARACTERS),
    ]
    lines = []
    for name, parse, longest in parsers:
        floor, *taken = medians(*(lambda w=words, p=parse: p(w) for words in filled(longest)), runs=3)
        slowest = max(range(len(taken)), key=taken.__getitem__)
        piece = PIECES[slowest]
        half, whole = medians(*(lambda n=n, p=parse, w=piece: p(repeated(w, n)) for n in (longest // 2, longest)), runs=3)
        lines.append(Line(f"{name}: the slowest, {piece!r}", taken[slowest] / floor, "× the same length of plain words"))
        lines.append(Line(f"{name}: twice the length", whole / half, "× the half"))
    return lines


def filled(length: int) -> list[str]:
    """Plain words, and then each piece again and again, all of this length."""
    return [repeated(piece, length) for piece in (PLAIN, *PIECES)]


def repeated(piece: str, length: int) -> str:
    return (piece * (length // len(piece) + 1))[:length]
