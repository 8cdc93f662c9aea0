"""Find a protocol by group, year and words."""

import re
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from meetings.models import Meeting
from meetings.states import FINISHED, FROZEN
from people.access import own_page
from people.permissions import may
from protocol import search
from protocol.forms import SearchForm
from protocol.models import Passage

PER_PAGE = 20
AROUND = 140


@own_page
@require_safe
def archive(request: HttpRequest) -> HttpResponse:
    """The protocols that this person may read, newest first; with words, the §§ where they stand."""
    readable = Meeting.objects.readable_by(request.user).filter(state__in=FROZEN)
    groups = list(readable.order_by("group").values_list("group", flat=True).distinct())
    years = [day.year for day in readable.filter(date__isnull=False).dates("date", "year", order="DESC")]
    form = SearchForm(request.GET or None, groups=groups, years=years)
    wanted = form.cleaned_data if form.is_valid() else getattr(form, "cleaned_data", {})
    meetings = readable
    if wanted.get("group"):
        meetings = meetings.filter(group=wanted["group"])
    if wanted.get("year"):
        meetings = meetings.filter(date__year=wanted["year"])
    words = search.stems(wanted.get("q") or "")
    if words:
        found = search.find(Passage.objects.filter(meeting__in=meetings), wanted["q"]).prefetch_related("meeting__officers")
    else:
        found = meetings.select_related("group").prefetch_related("officers").order_by("-date", "-pk")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "words": words,
        "typed": wanted.get("q") or "",
        "narrowed": bool(wanted.get("group") or wanted.get("year")),
        "page": page,
        "rows": [row(request.user, one, words) for one in page],
        "anything": bool(groups),
    }
    return render(request, "protocol/archive.html", context)


def row(user: Any, found: Meeting | Passage, words: list[str]) -> dict[str, Any]:
    """One hit: its meeting, the passage if words were asked for, and whether the file is there to download."""
    meeting = found.meeting if isinstance(found, Passage) else found
    return {
        "meeting": meeting,
        "passage": found if isinstance(found, Passage) else None,
        "excerpt": excerpt(found.words.removeprefix(found.heading), words) if isinstance(found, Passage) else "",
        "may_download": meeting.state in FINISHED and may(user, "download", meeting),
    }


def excerpt(text: str, words: list[str]) -> SafeString:
    """The words around the first hit, with every hit marked. Everything is escaped before a mark is put around it."""
    hit = re.compile(rf"\w*(?:{'|'.join(re.escape(word) for word in sorted(words, key=len, reverse=True))})\w*", re.IGNORECASE)
    flat = " ".join(text.split())
    first = hit.search(flat)
    at = first.start() if first else 0
    start = max(flat.rfind(" ", 0, max(at - AROUND, 0)) + 1, 0) if at > AROUND else 0
    end = flat.find(" ", at + AROUND)
    piece = flat[start : end if end != -1 else len(flat)]
    parts, last = [], 0
    for match in hit.finditer(piece):
        parts += [("", piece[last : match.start()]), ("mark", match[0])]
        last = match.end()
    parts.append(("", piece[last:]))
    marked = format_html_join("", "{}", ((format_html("<mark>{}</mark>", text) if tag else text,) for tag, text in parts))
    return format_html("{}{}{}", "… " if start else "", marked, " …" if end != -1 else "")
