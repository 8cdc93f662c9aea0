"""The only door to WeasyPrint: a page as a PDF for the archive. Without Django: it runs in a process of its own."""

from base64 import b64decode
from datetime import datetime
from functools import cache
from typing import Any

from protocol.pdfua import attachment, finish, undrawn

INLINE = ("data:image/png;base64,", "data:image/jpeg;base64,")  # how an inline image begins


class CannotDraw(Exception):
    """Something in the page cannot be drawn or fetched; the message says what."""


def draw(html: str, title: str, created: datetime, attachments: list[tuple[str, bytes, str, str, str]]) -> bytes:
    """PDF/A-3a and PDF/UA-1 in one file; `created` is in UTC, to the second. Attachments are as in `protocol.pdf.render`.

    Raises CannotDraw; nothing outside the HTML is ever read.
    """
    from weasyprint import HTML
    from weasyprint.urls import FatalURLFetchingError

    files = [
        attachment(data, name=name, mime=mime, relationship=relationship, description=description, at=created)
        for name, data, mime, relationship, description in attachments
    ]
    try:
        drawn = HTML(string=html, base_url=None, url_fetcher=_fetcher()).render()
        drawn.metadata.title = title
        drawn.metadata.lang = "sv"
        drawn.metadata.created = drawn.metadata.modified = f"{created:%Y-%m-%dT%H:%M:%SZ}"
        drawn.metadata.attachments = files  # and none that the page asks for
        pdf = drawn.write_pdf(pdf_variant="pdf/a-3a", finisher=finish)
    except FatalURLFetchingError as error:  # a BaseException
        raise CannotDraw(f"the document points outside itself: {error}") from None
    except RecursionError:
        raise CannotDraw("the document is nested too deep") from None
    missing = list(undrawn(drawn))
    if missing:
        raise CannotDraw(f"no font can draw {', '.join(f'{chr(codepoint)} (U+{codepoint:04X})' for codepoint in missing)}")
    return pdf


@cache
def _fetcher() -> Any:
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Nothing(URLFetcher):
        """Lets the document fetch nothing at all: style and images are in the page, and fonts are installed."""

        def fetch(self, url, headers=None):
            if not url.startswith(INLINE):
                raise ValueError(f"not allowed: {url[:80]}")
            head, data = url.split(",", 1)
            return URLFetcherResponse(url, b64decode(data), {"Content-Type": head[5:].removesuffix(";base64")})

    return Nothing(timeout=1, allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
