"""What changed between two versions of a protocol, § by §, word by word."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from django.utils.safestring import SafeString

from protocol import printed
from protocol.format import Protocol
from protocol.parts import ParagraphPart, Prose
from record.text import Effort, diff_html, to_words

CHANGED, ADDED, REMOVED = "ändrad", "tillagd", "borttagen"


@dataclass(frozen=True)
class Difference:
    """One part of the protocol that is not as it was."""

    heading: str
    kind: str
    html: SafeString


def differences(old: Protocol, new: Protocol) -> list[Difference]:
    """The parts that differ, in the order of the new text; what was taken out comes last.

    The order and the numbers are compared once, as a list.
    """
    before, after = _parts(old), _parts(new)
    differing, effort = [], Effort()
    for key, (heading, text) in after.items():
        if key not in before:
            differing.append(Difference(heading, ADDED, diff_html("", text, effort=effort)))
        elif before[key][1] != text:
            differing.append(Difference(heading, CHANGED, diff_html(before[key][1], text, effort=effort)))
    gone = [(heading, text) for key, (heading, text) in before.items() if key not in after]
    return differing + [Difference(heading, REMOVED, diff_html(text, "", effort=effort)) for heading, text in gone]


def _parts(protocol: Protocol) -> dict[tuple[str, int], tuple[str, str]]:
    """(heading, how many times it has come) → (what it is called, its words)."""
    document = printed.context(protocol, mode="draft")["document"]
    front = (document.title, document.time, document.place, document.present, document.absent)
    signers = tuple((protocol.chair or "", *protocol.adjusters, protocol.secretary or ""))
    sections = [("Tid, plats och närvaro", "", front), ("De som skriver under", "", signers)]
    sections.append(("Paragrafernas ordning och nummer", "", tuple(_line(part) for part in document.paragraphs)))
    for part in document.paragraphs:
        sections.append((part.heading, f"§ {part.number}  " if part.number else "", replace(part, heading="", section="")))
    sections.append(
        ("Bilagornas ordning och nummer", "", tuple(f"Bilaga {part.number} {part.title}" for part in document.appendices))
    )
    sections += [(part.title, f"Bilaga {part.number}  ", replace(part, title="")) for part in document.appendices]
    seen: dict[str, int] = {}
    parts = {}
    for heading, number, part in sections:
        seen[heading] = seen.get(heading, 0) + 1
        parts[heading, seen[heading]] = (f"{number}{heading}", "\n".join(text for text in _said(part) if text.strip()))
    return parts


def _line(part: ParagraphPart) -> str:
    """A § as a line of the list: its section when it opens one, its number and heading."""
    return " ".join(
        words for words in (part.section and f"{part.section}:", part.number and f"§ {part.number}", part.heading) if words
    )


def _said(part: Any) -> Iterator[str]:
    """Every word that is printed of a part, in order."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, Prose):
        yield to_words(part.plain)
    elif isinstance(part, tuple):
        for piece in part:
            yield from _said(piece)
    elif is_dataclass(part):
        for field in fields(part):
            yield from _said(getattr(part, field.name))
