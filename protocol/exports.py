"""A protocol as a file: JSON, plain text, HTML and PDF, all with the same sentences."""

import json
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from protocol import pdf, printed, spoken
from protocol.canonical import dumps
from protocol.format import Protocol, write
from protocol.parts import Document, MatterPart, MotionGroup, ParagraphPart, Prose, RemarkPart
from record.limited import Limits
from record.text import to_words

WIDTH = 76


class ExportFormat(NamedTuple):
    """A way to write a protocol to a file. `write` takes the protocol and the options of `printed.context`."""

    label: str
    content_type: str
    suffix: str
    write: Callable[..., bytes]


# What the command offers, and what the pages serve by.
FORMATS = {
    "json": ExportFormat("samverkan-protocol/1", "application/json", ".json", lambda protocol, **options: as_json(protocol)),
    "txt": ExportFormat("text", "text/plain; charset=utf-8", ".txt", lambda *args, **options: as_txt(*args, **options).encode()),
    "html": ExportFormat(
        "HTML", "text/html; charset=utf-8", ".html", lambda *args, **options: as_html(*args, **options).encode()
    ),
    "pdf": ExportFormat("PDF", "application/pdf", ".pdf", lambda *args, **options: as_pdf(*args, **options)),
}


def as_json(protocol: Protocol) -> bytes:
    """samverkan-protocol/1, indented for people; `format.loads` gives the same protocol back."""
    return (json.dumps(write(protocol), ensure_ascii=False, indent=2) + "\n").encode()


def as_html(protocol: Protocol, *, mode: str, **options) -> str:
    """One HTML page that needs no other file; `options` are those of `printed.context`."""
    return pdf.html_of(protocol, mode=mode, **options)


def page_of(
    protocol: Protocol, *, mode: str, created: datetime | None = None, attachments: Iterable[tuple] | None = None, **options
) -> dict[str, Any]:
    """What `pdf.render` is given: the page, and the protocol as data inside the file.

    The file carries the date `created`, else the day of adjustment or meeting.
    """
    if attachments is None:
        attachments = [
            ("protokoll.json", dumps(write(protocol)), "application/json", "Source", "Protokollet som data, samverkan-protocol/1")
        ]
    return {
        "html": pdf.html_of(protocol, mode=mode, **options),
        "title": spoken.title(protocol),
        "created": created or pdf.file_date(protocol.adjusted_on or protocol.date),
        "attachments": attachments,
    }


def as_pdf(protocol: Protocol, *, limits: Limits = pdf.LIMITS, **options) -> bytes:
    """The PDF with the protocol as data inside it; `options` are those of `page_of` and of `printed.context`."""
    return pdf.render(**page_of(protocol, **options), limits=limits)


def as_txt(protocol: Protocol, *, mode: str, **options) -> str:
    """The printed document as plain text."""
    document = printed.context(protocol, mode=mode, **options)["document"]
    blocks = [block for block in _document(document) if block.strip()]
    return "\n\n".join(blocks).replace("\u00a0", " ") + "\n"


def _document(document: Document) -> Iterator[str]:
    yield document.mark
    yield _underlined(document.title, "=")
    yield f"Tidpunkt\n{document.time or 'Ej angiven'}"
    yield f"Plats\n{document.place or 'Ej angiven'}"
    yield "Närvarande"
    for side, people in document.present:
        yield "\n".join((side, *people))
    if document.absent:
        yield "\n".join(("Anmält förhinder/frånvarande", *document.absent))
    yield document.approved
    for row in document.signatures:
        lines = (f"{line.name}, {line.office}" + (f" ({line.status})" if line.status else "") for line in row)
        yield "\n".join(lines)
    if document.preliminary:
        yield "Paragrafernas nummer är preliminära."
    for paragraph in document.paragraphs:
        yield from _paragraph(paragraph)
    for appendix in document.appendices:
        yield _underlined(f"Bilaga {appendix.number} till {document.stamp}", "=")
        yield _fill(appendix.title)
        yield appendix.byline
        yield _prose(appendix.text)
        yield from _motions(appendix.motions)
        yield from _remarks(appendix.remarks)
        if appendix.is_empty:
            yield "Bilagan finns som egen fil."
    if control := document.control:
        yield _underlined("Underskrifter och kontroll", "=")
        yield "\n".join(", ".join(row) for row in control.approvals)
        yield f"Innehållets kontrollsumma\n{control.short_hash}\nSHA-256: {control.content_hash}"
        if control.chain_head:
            yield f"Loggkedjans huvud\n{control.chain_head}"
        if control.verify_url:
            yield f"Kontrollera filen på {control.verify_url}"


def _paragraph(paragraph: ParagraphPart) -> Iterator[str]:
    if paragraph.section:
        yield _underlined(paragraph.section, "=")
    number = f"§ {paragraph.number}  " if paragraph.number else ""
    yield _underlined(f"{number}{paragraph.heading}".rstrip(), "-")
    yield _prose(paragraph.text)
    for title, text in paragraph.topics:
        yield _fill(title)
        yield _prose(text)
    for matter in paragraph.matters:
        yield from _matter(matter)
    yield from _motions(paragraph.motions)
    yield from map(_fill, paragraph.notes)
    yield _prose(paragraph.default)
    yield from _remarks(paragraph.remarks)


def _matter(matter: MatterPart) -> Iterator[str]:
    yield "\n".join(line for line in (_fill(matter.title), *matter.references, matter.before) if line)
    yield _prose(matter.text)
    for number, text in matter.decisions:
        yield f"{number} {_prose(text)}".strip()
    yield from map(_fill, matter.after)
    yield from _motions(matter.motions)


def _motions(groups: Iterable[MotionGroup]) -> Iterator[str]:
    for group in groups:
        yield group.intro
        for motion in group.motions:
            yield _fill(motion.heading)
            yield _prose(motion.background)
            yield motion.intro
            for number, claim in enumerate(motion.claims, start=1):
                sign = f"{number}." if motion.numbered else "-"
                line = f"{sign} {_prose(claim.text)}"
                yield _fill(line) if "\n\n" not in claim.text.plain else line
                yield "\n".join(f"  {number}. {_prose(point)}" for number, point in enumerate(claim.points, start=1))
                yield _fill(claim.support)
                yield _prose(claim.answer)


def _remarks(remarks: Iterable[RemarkPart]) -> Iterator[str]:
    for remark in remarks:
        yield remark.heading
        yield _prose(remark.text)


def _prose(text: Prose) -> str:
    return "\n".join(_fill(line) for line in to_words(spoken.no_break(text.plain)).split("\n"))


def _fill(line: str) -> str:
    """The line broken at blanks; what follows in a list item is indented. Words and addresses are never cut."""
    indent = " " * len(re.match(r"\s*(?:(?:-|\d+\.) )?", line)[0])
    if "\t" in line or len(line) <= WIDTH:
        return line
    return textwrap.fill(
        " ".join(line.split("\n")), WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _underlined(words: str, rule: str) -> str:
    filled = _fill(words)
    return f"{filled}\n{rule * max(map(len, filled.split(chr(10))))}"
