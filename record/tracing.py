"""Which request a line in the log belongs to: a number of ours, in the log, the answer and the pages that tell of errors."""

import logging
import re
import secrets
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
current: ContextVar[str] = ContextVar("request_id", default="")
# From the word to where Python goes on with another error, or to the end.
THE_ROW = re.compile(r"^(DETAIL|CONTEXT): .*?(?=^The above exception |^During handling |\Z)", re.DOTALL | re.MULTILINE)
log = logging.getLogger(__name__)


def new_id() -> str:
    """Short enough to be read over the telephone."""
    return secrets.token_hex(5)


class Traced:
    """Give every request a number of its own, whatever it brings, and write a line for each that is refused."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = new_id()
        token = current.set(request.request_id)
        try:
            response = self.get_response(request)
            response.headers[HEADER] = request.request_id
            if 400 <= response.status_code < 500:
                level = logging.WARNING if response.status_code == 429 else logging.INFO
                log.log(level, "%s %s %s", response.status_code, request.method, _asked(request))
        finally:
            current.reset(token)
        return response


def _asked(request: HttpRequest) -> str:
    """The page and who asked, without the address: it may hold a key or what somebody searched for. Asks the database nothing."""
    match = request.resolver_match
    page = match.view_name or "-" if match else "-"
    thing = match.kwargs.get("pk", "") if match else ""
    user = getattr(getattr(request, "_cached_user", None), "pk", None)
    return f"{page} {thing}".strip() + (f", user {user}" if user else "")


class WithRequest(logging.Filter):
    """Add the number to every line, also to those that are written when the answer is on its way."""

    def filter(self, record: logging.LogRecord) -> bool:
        own = getattr(getattr(record, "request", None), "request_id", "")
        record.request_id = own or current.get() or "-"
        return True


class Line(logging.Formatter):
    """A line of the log. What PostgreSQL tells of the row that it refused is left out: the row has all its text."""

    def formatException(self, ei) -> str:
        return THE_ROW.sub("", super().formatException(ei))
