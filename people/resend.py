"""What somebody sent when their log-in had just ended, or had begun anew elsewhere: kept, shown, and sent by one button."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.html import strip_tags

KEY = "resend"
MOST = 2_000_000  # characters: more than any form of ours takes
DROP = "utan"  # ?utan=1 opens the page without what was kept


def posted(request: HttpRequest) -> list[tuple[str, str]]:
    """The fields of a form that was sent, for its own page; none of one with a password or too long. Files are not kept."""
    if request.method != "POST":
        return []
    fields = [(name, value) for name, values in request.POST.lists() for value in values if name != "csrfmiddlewaretoken"]
    secret = any("password" in name for name, _ in fields)
    return [] if secret or sum(len(value) for _, value in fields) > MOST else fields


def keep(request: HttpRequest, fields: list[tuple[str, str]], user_pk: int) -> None:
    """Keep them in the session that follows, for the same user and no one else."""
    if fields:
        request.session[KEY] = {"path": request.path, "fields": fields, "user": user_pk}


def offered(request: HttpRequest) -> HttpResponse | None:
    """The page that offers what was kept for the address one is at; None when there is nothing."""
    kept = request.session.get(KEY)
    if kept is None:
        return None
    here = request.path == kept["path"]
    if kept["user"] != request.user.pk or (here and (request.method == "POST" or DROP in request.GET)):
        del request.session[KEY]
        return None
    return page(request, kept["fields"], "Du hade loggats ut när du skickade, så det sparades inte.") if here else None


def page(request: HttpRequest, fields: list[tuple[str, str]], why: str, status: int = 200) -> HttpResponse:
    """What was written, to read and to send once more."""
    told = [" ".join(strip_tags(value).split()) for _, value in fields]
    # What is one word may be a choice or a number of ours: it is sent, and not shown.
    context = {
        "fields": fields,
        "why": why,
        "told": [text for text in told if " " in text],
        "path": request.path,
        "drop": DROP,
    }
    answer = render(request, "people/resend.html", context, status=status)
    add_never_cache_headers(answer)
    return answer


def from_our_own_page(request: HttpRequest) -> bool:
    """The browser says that the form was one of ours: only its token was old."""
    return request.headers.get("Origin") == settings.SITE_URL.rstrip("/")
