"""Swedish words put together: lists, genitives, the beginning and the end of a sentence. Pure functions."""

import re
from collections.abc import Iterable


def capital(words: str) -> str:
    """The sentence with a capital first letter and the rest untouched."""
    return words[:1].upper() + words[1:]


def ended(words: str) -> str:
    """The words as a whole sentence."""
    return words if not words or words.endswith((".", "!", "?")) else f"{words}."


def join(names: Iterable[str]) -> str:
    """A list in running text: `A`, `A och B`, `A, B och C`."""
    *first, last = list(names) or [""]
    return f"{', '.join(first)} och {last}" if first else last


def genitive(name: str) -> str:
    """`LR` → `LRs`, `Vision` → `Visions`, `Lärarnas` → `Lärarnas`; a name on s, x or z stays as it is."""
    return name if name[-1:].casefold() in ("s", "x", "z") else f"{name}s"


def folded(text: str) -> str:
    """The words alone, to look for one text in another."""
    return " ".join(re.findall(r"\w+", text.casefold()))
