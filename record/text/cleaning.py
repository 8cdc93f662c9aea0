"""What every stored text passes through: one normal form of characters, and a refusal of those that hide."""

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 300_000
# What somebody may write in one text: far more than any § needs, and no more than is soon read, drawn and compared.
MOST_CHARACTERS = 100_000
MOST_LINES = 5_000
MOST_BARS = 5_000  # between the cells of tables
MOST_MARKED = 6_000  # words in bold, and links
LONGEST_WORD = 2_000  # an address may be long


class TextError(ValueError):
    """Says in Swedish what cannot be stored, and on which line."""

    def __init__(self, message: str, *, line: int | None = None, what: str = ""):
        super().__init__(message)
        self.line = line
        self.what = what or message


# Controls (without newline), format characters (without the soft hyphen) and others that are drawn as nothing at all.
_CONTROL = "\x00-\x08\x0b-\x1f\x7f-\x9f"
_DIRECTION = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_INVISIBLE = (
    "\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"
    "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_SYMBOL_FONT = "\ue000-\uf8ff\U000f0000-\U0010ffff"  # private use: no font of ours can draw it
_PLANE_ENDS = "".join(chr(plane + last) for plane in range(0x10000, 0xF0000, 0x10000) for last in (0xFFFE, 0xFFFF))
_NO_CHARACTER = f"\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff{_PLANE_ENDS}"

_REASONS = {
    "styrtecken": re.compile(f"[{_CONTROL}]"),
    "tecken som styr läsriktningen": re.compile(f"[{_DIRECTION}]"),
    "osynligt tecken": re.compile(f"[{_INVISIBLE}]"),
    "tecken ur ett symbolteckensnitt": re.compile(f"[{_SYMBOL_FONT}]"),
    "tecken som inte finns": re.compile(f"[{_NO_CHARACTER}]"),
}
_REFUSED = re.compile(f"[{_CONTROL}{_DIRECTION}{_INVISIBLE}{_NO_CHARACTER}{_SYMBOL_FONT}]")

# Word draws its bullets and automatic arrows with a symbol font that lives in the private-use area.
_BULLET = re.compile("^([ \u00a0]*)[\uf020-\uf0ff](?:[ \u00a0]+|(?=\\S)|$)", re.MULTILINE)
_DRAWN = str.maketrans({"\uf0e0": "→", "\uf0df": "←", "\uf0e8": "→", "\uf0f3": "↔", "\uf04a": "☺"})
_LINE_ENDS = str.maketrans({"\r": "\n", "\u2028": "\n", "\u2029": "\n\n", "\t": " "})


def clean(raw: str) -> str:
    """The text in NFC with \\n line ends and no trailing spaces; raises TextError for what must not be stored."""
    _refuse_length(raw)
    text = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").translate(_LINE_ENDS))
    text = _BULLET.sub(r"\1- ", text).translate(_DRAWN)
    if refused := _REFUSED.search(text):
        line = text.count("\n", 0, refused.start()) + 1
        what = f"{describe(refused.group())} (U+{ord(refused.group()):04X}) kan inte sparas. Ta bort det och spara igen."
        raise TextError(f"Rad {line}: {what}", line=line, what=what[0].upper() + what[1:])
    text = "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")
    _refuse_length(text)
    return text


def describe(character: str) -> str:
    """What a refused character is, in Swedish."""
    return next(reason for reason, pattern in _REASONS.items() if pattern.match(character))


def demand_readable(text: str) -> None:
    """Raises TextError for a text that is more than one can read; says the bound, and what to do."""
    _refuse_length(text, MOST_CHARACTERS)
    demand_lines(text)
    _refuse_more(_marked(text), MOST_MARKED, "Texten har {} ställen med fetstil eller länk", "Ta bort det som inte behövs.")
    longest = max(map(len, text.split()), default=0)
    _refuse_more(longest, LONGEST_WORD, "Ett ord i texten har {} tecken", "Dela upp ordet, eller ta bort det som inte är ord.")


def demand_lines(text: str) -> None:
    """Raises TextError for more lines or cells than one can read, whatever words stand there."""
    _refuse_more(text.count("\n") + 1, MOST_LINES, "Texten har {} rader", "Dela upp den eller lägg den som bilaga.")
    _refuse_more(text.count("|"), MOST_BARS, "Tabellerna i texten har {} celler", "Lägg tabellen som bilaga.")


def _marked(text: str) -> int:
    """How many places are in bold or are links, at most."""
    return text.count("**") // 2 + text.count("](")


def _refuse_more(found: int, most: int, what: str, instead: str) -> None:
    if found > most:
        raise TextError(f"{what.format(_spaced(found))}, högst {_spaced(most)} får plats. {instead}")


def demand_readable_together(texts: Iterable[str], *, most: int, lines: int = MOST_LINES, where: str = "tillsammans") -> None:
    """Raises TextError for texts that are read as one and together are more than one can read; nothing in them is parsed."""
    kept = list(texts)
    for found, most_of_it, what in (
        (sum(map(len, kept)), most, "tecken"),
        (sum(text.count("\n") + 1 for text in kept if text), lines, "rader"),
        (sum(text.count("|") for text in kept), MOST_BARS, "celler i tabeller"),
        (sum(map(_marked, kept)), 2 * MOST_MARKED, "ställen med fetstil eller länk"),
    ):
        if found > most_of_it:
            much = f"Allt {where} har {_spaced(found)} {what}, högst {_spaced(most_of_it)} får plats."
            raise TextError(
                f"{much} Det du har skrivit står kvar här, men är inte sparat. Dela upp det, eller lägg en del i en fil."
            )


def _refuse_length(text: str, most: int = LONGEST) -> None:
    if len(text) > most:
        much = f"{_spaced(len(text))} tecken, högst {_spaced(most)} får plats"
        raise TextError(f"Texten är för lång: {much}. Dela upp den eller lägg den som bilaga.")


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", " ")
