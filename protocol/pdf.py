"""The document as one HTML page, and that page as a PDF for the archive (drawn in protocol/drawing.py)."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

from django.template.loader import render_to_string

from protocol import drawing
from protocol.format import Protocol
from protocol.parts import AppendixPart
from protocol.printed import LOCAL_TIME, context
from record.limited import Busy, Limits, Raised, TooMuch, run

STYLE = Path(__file__).resolve().parent.parent / "static" / "css" / "document.css"
# What one document may take. A protocol of a hundred pages takes a quarter of it; the patience is that of somebody who waits.
LIMITS = Limits(cpu_seconds=60, megabytes=2_000, patience=10)
TOO_MUCH = {
    "time": "det tar för lång tid att rita. Dela upp mycket långa stycken, listor och tabeller",
    "memory": "det tar för mycket minne att rita. Dela upp mycket långa tabeller, och minska bilderna",
    "crash": "programmet som ritar slutade fungera",
}


class RenderError(Exception):
    """The document could not be drawn as an archive-grade PDF; the message says why."""


def html_of(protocol: Protocol, *, mode: str, **options) -> str:
    """The whole document as one HTML page that needs no other file; `options` are those of `context`."""
    page = context(protocol, mode=mode, **options)
    return alone("protocol/document.html", page, _appendix_pages(page["document"].appendices))


def alone(template: str, page: dict, more_style: str = "") -> str:
    """A template as one HTML page that carries the document's style sheet, with `more_style` after it."""
    html = _nested_headings(render_to_string(template, page))
    style = STYLE.read_text(encoding="utf-8") + more_style
    return html.replace("</head>", f"<style>\n{style}</style>\n</head>", 1)


def _appendix_pages(appendices: Iterable[AppendixPart]) -> str:
    """Page rules for each appendix: its own page numbers, and the stamp that says where it belongs."""
    return "".join(
        f"""
@page bilaga-{n} {{
  margin: 32mm 25mm 24mm 28mm;
  @top-left {{ content: "Bilaga {n} till " string(stamp) "\\A" string(mark); white-space: pre-line; }}
  @top-right {{ content: "Bilaga {n} · Sida " counter(page) " (" target-counter(url(#bilaga-{n}-slut), page) ")"; }}
}}
@page :nth(1 of bilaga-{n}) {{ counter-reset: page 1; }}
@media print {{ #bilaga-{n} {{ page: bilaga-{n}; }} }}
"""
        for n in (appendix.number for appendix in appendices)
    )


def _nested_headings(html: str) -> str:
    """No heading skips a level, whatever the texts hold: PDF/UA asks for it, and so do those who listen."""
    levels: list[int] = []
    last = 0

    def level(match: re.Match) -> str:
        nonlocal last
        if match[1] == "</h":
            return f"</h{levels.pop() if levels else match[2]}"
        last = min(int(match[2]), last + 1)
        levels.append(last)
        return f"<h{last}"

    return re.sub(r"(</?h)([1-6])(?=[\s>])", level, html)


def render(
    html: str,
    *,
    title: str,
    created: datetime,
    attachments: Iterable[tuple[str, bytes, str, str, str]] = (),
    limits: Limits = LIMITS,
) -> bytes:
    """PDF/A-3a and PDF/UA-1 in one file, the same bytes for the same input; drawn in a process of its own, within `limits`.

    Attachments are (name, bytes, mime, relationship, description).

    Raises RenderError when something in it cannot be drawn or fetched, or takes too long; nothing outside the HTML is ever read.
    """
    moment = created.astimezone(UTC).replace(microsecond=0)
    try:
        return run(drawing.draw, html, title, moment, list(attachments), limits=limits)
    except Raised as error:
        if error.name == "CannotDraw":
            raise RenderError(error.message) from None
        raise
    except TooMuch as error:
        raise RenderError(TOO_MUCH[error.of]) from None
    except Busy:
        raise RenderError("andra dokument ritas just nu. Försök igen om en stund") from None


def file_date(on: str | date | None) -> datetime:
    """A fixed moment for a file whose own date is only a day: noon, Swedish time."""
    when = date.fromisoformat(on) if isinstance(on, str) else on or date(1970, 1, 1)
    return datetime(when.year, when.month, when.day, 12, tzinfo=LOCAL_TIME)
