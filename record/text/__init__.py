"""The one text model: the plain form, a small lossless subset of Markdown. Stored is plain form; HTML is only output."""

import re

from .blocks import (
    REFERENCE_KINDS,
    Block,
    Heading,
    Inline,
    Item,
    Link,
    ListBlock,
    Paragraph,
    Party,
    Reference,
    Strong,
    Table,
    Words,
)
from .cleaning import LONGEST, TextError, clean, demand_readable, demand_readable_together
from .differences import Change, Effort, diff, diff_html
from .html_in import from_html, outlines_of, plain_of
from .html_out import to_editor_html, to_html
from .merging import apart, merge
from .plain import canonical, parse, write
from .words import references, resolve, to_words

_GAPS = re.compile(r"[ \n]+")  # a no-break space is there on purpose


class _Kept(str):
    """A text that `stored` has made: it is read once, and not again under a lock. Whatever is made of it is a plain str."""

    __slots__ = ()


def stored(raw: str) -> str:
    """A text as it is stored: clean and canonical; raises TextError."""
    return raw if type(raw) is _Kept else _Kept(clean(canonical(clean(raw))))


def written(raw: str) -> str:
    """A text as somebody writes it, as it is stored; raises TextError, also for what is more than one can read."""
    demand_readable(raw)  # before it is read
    text = stored(raw)
    demand_readable(text)
    return text


def stored_line(raw: str) -> str:
    """A line as it is stored: clean, with line breaks and runs of space as one space; raises TextError."""
    return _GAPS.sub(" ", clean(raw)).strip()


__all__ = [
    "LONGEST",
    "REFERENCE_KINDS",
    "Block",
    "Change",
    "Effort",
    "Heading",
    "Inline",
    "Item",
    "Link",
    "ListBlock",
    "Paragraph",
    "Party",
    "Reference",
    "Strong",
    "Table",
    "TextError",
    "Words",
    "apart",
    "canonical",
    "clean",
    "demand_readable",
    "demand_readable_together",
    "diff",
    "diff_html",
    "from_html",
    "merge",
    "outlines_of",
    "parse",
    "plain_of",
    "references",
    "resolve",
    "stored",
    "stored_line",
    "to_editor_html",
    "to_html",
    "to_words",
    "write",
    "written",
]
