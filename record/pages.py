"""What the views of every room share: how a page is asked for, and where one goes after it."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import resolve_url
from django.views.decorators.http import require_http_methods

# A page with a form: read with GET, sent with POST.
form_page = require_http_methods(["GET", "HEAD", "POST"])


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: what was posted, be it nothing at all; None when the page is only read."""
    return request.POST if request.method == "POST" else None


def see(to: str, *args: Any, at: str = "") -> HttpResponse:
    """Go and look (303) at a page, by its name or address, so that reloading it does not do again what was posted."""
    return HttpResponseRedirect(resolve_url(to, *args) + (f"#{at}" if at else ""), status=303)


def by_script(request: HttpRequest) -> bool:
    """A script of ours asks, which reads the answer itself and wants no page."""
    return request.headers.get("X-Requested-With") == "fetch"


def whole_number(written: str | None) -> int:
    """A number from an address or a form that anybody may edit; 0 for what is none, or for more than a row is numbered by."""
    return int(written) if written and written.isascii() and written.isdecimal() and len(written) < 10 else 0
