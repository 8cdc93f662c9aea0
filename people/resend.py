"""What somebody sent when their log-in had just ended, or had begun anew elsewhere: kept, shown, and sent by one button."""

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

KEY = "resend"
MOST = 500_000  # characters: the longest form of ours holds 150,000 of text, here with its markup and the names of its fields
DROP = "utan"  # ?utan=1 opens the page without what was kept
# Each looks no further than to the next tag: whoever is logged in can send anything here.
WITHIN_WORDS = re.compile(r"</?(?:a|b|span|strong)(?:\s[^<>]*)?>")
TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


def posted(request: HttpRequest) -> list[tuple[str, str]]:
    """The fields of a form that was sent, for its own page; none of one with a password or too long. Files are not kept."""
    if request.method != "POST":
        return []
    fields = [(name, value) for name, values in request.POST.lists() for value in values if name != "csrfmiddlewaretoken"]
    secret = any("password" in name for name, _ in fields)
    return [] if secret or sum(len(name) + len(value) for name, value in fields) > MOST else fields


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
    rich = {name.removesuffix("_format") for name, value in fields if name.endswith("_format") and value == "html"}
    told = [" ".join((words_of(value) if name in rich else value).split()) for name, value in fields]
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


def words_of(html: str) -> str:
    """The words of what the rich editor sent, for the eye alone: the page escapes them like any text."""
    words = TAG.sub(" ", WITHIN_WORDS.sub("", html))
    return words.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def from_our_own_page(request: HttpRequest) -> bool:
    """The browser says that the form was one of ours: only its token was old."""
    return request.headers.get("Origin") == settings.SITE_URL.rstrip("/")
