"""The only door to WeasyPrint: the document as one HTML page, and that page as a PDF for the archive."""

import re
from base64 import b64decode
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from django.template.loader import render_to_string

from protocol.format import Protocol
from protocol.parts import AppendixPart
from protocol.pdfua import attachment, finish, undrawn
from protocol.pictures import INLINE
from protocol.printed import LOCAL_TIME, context

STYLE = Path(__file__).resolve().parent.parent / "static" / "css" / "document.css"


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
) -> bytes:
    """PDF/A-3a and PDF/UA-1 in one file, the same bytes for the same input.

    Attachments are (name, bytes, mime, relationship, description).

    Raises RenderError when something in it cannot be drawn or fetched; nothing outside the HTML is ever read.
    """
    from weasyprint import HTML
    from weasyprint.urls import FatalURLFetchingError

    moment = created.astimezone(UTC).replace(microsecond=0)
    files = [
        attachment(data, name=name, mime=mime, relationship=relationship, description=description, at=moment)
        for name, data, mime, relationship, description in attachments
    ]
    try:
        drawn = HTML(string=html, base_url=None, url_fetcher=_fetcher()).render()
        drawn.metadata.title = title
        drawn.metadata.lang = "sv"
        drawn.metadata.created = drawn.metadata.modified = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        drawn.metadata.attachments = files  # and none that the page asks for
        pdf = drawn.write_pdf(pdf_variant="pdf/a-3a", finisher=finish)
    except FatalURLFetchingError as error:  # a BaseException
        raise RenderError(f"the document points outside itself: {error}") from None
    except RecursionError:
        raise RenderError("the document is nested too deep") from None
    missing = list(undrawn(drawn))
    if missing:
        raise RenderError(f"no font can draw {', '.join(f'{chr(codepoint)} (U+{codepoint:04X})' for codepoint in missing)}")
    return pdf


@cache
def _fetcher():
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Nothing(URLFetcher):
        """Lets the document fetch nothing at all: style and images are in the page, and fonts are installed."""

        def fetch(self, url, headers=None):
            if not url.startswith(INLINE):
                raise ValueError(f"not allowed: {url[:80]}")
            head, data = url.split(",", 1)
            return URLFetcherResponse(url, b64decode(data), {"Content-Type": head[5:].removesuffix(";base64")})

    return Nothing(timeout=1, allowed_protocols=(), allow_redirects=False, fail_on_errors=True)


def file_date(on: str | date | None) -> datetime:
    """A fixed moment for a file whose own date is only a day: noon, Swedish time."""
    when = date.fromisoformat(on) if isinstance(on, str) else on or date(1970, 1, 1)
    return datetime(when.year, when.month, when.day, 12, tzinfo=LOCAL_TIME)
