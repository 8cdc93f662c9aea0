"""Find a protocol by group, year and words."""

import re
from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.db.models import CharField, F, QuerySet
from django.db.models.functions import Cast, Substr
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
WORD = re.compile(r"\w+")


@own_page
@require_safe
def archive(request: HttpRequest) -> HttpResponse:
    """The protocols that this person may read, newest first; with words, the §§ where they stand."""
    readable = Meeting.objects.readable_by(request.user).filter(state__in=FROZEN)
    groups, years = choices(readable)
    form = SearchForm(request.GET or None, groups=groups, years=years)
    wanted = form.cleaned_data if form.is_valid() else getattr(form, "cleaned_data", {})
    typed, said_by = wanted.get("q") or "", wanted.get("said_by") or ""
    stems = search.stems(typed)
    page = hits(narrowed(readable, wanted), typed, said_by, stems, request)
    context = {
        "form": form,
        "words": stems or said_by,
        "typed": typed,
        "narrowed": bool(wanted.get("group") or wanted.get("year") or said_by),
        "asked": " · ".join(part for part in (f"”{typed}”" if stems else "", said_by and f"sagt av {said_by}") if part),
        "per_page": PER_PAGE,
        **page,
    }
    return render(request, "protocol/archive.html", context)


def narrowed(meetings: QuerySet[Meeting], wanted: dict[str, Any]) -> QuerySet[Meeting]:
    """Those of the group and the year that were chosen."""
    if wanted.get("group"):
        meetings = meetings.filter(group=wanted["group"])
    if wanted.get("year"):
        meetings = meetings.filter(date__year=wanted["year"])
    return meetings


def hits(meetings: QuerySet[Meeting], typed: str, said_by: str, stems: list[str], request: HttpRequest) -> dict[str, Any]:
    """One page of what was found: passages when words or a party were asked for, else protocols; `more`: not all of them."""
    by_passage = bool(stems or said_by)
    if by_passage:
        keys = search.find(meetings, typed, said_by=said_by)
        model, related, officers = Passage, "meeting__group", "meeting__officers"
    else:
        keys = meetings.order_by(F("date").desc(nulls_last=True), "-pk").values_list("pk", flat=True)
        model, related, officers = Meeting, "group", "officers"
    page = Paginator(keys[: search.MOST_HITS] if by_passage else keys, PER_PAGE).get_page(request.GET.get("page"))
    shown = list(page)  # sorted as keys, whole rows only for this page
    by_key = model.objects.select_related(related).prefetch_related(officers).in_bulk(shown)
    return {
        "page": page,
        "more": by_passage and len(keys) > search.MOST_HITS,
        "rows": [row(request.user, by_key[key], stems) for key in shown if key in by_key],
    }


def choices(meetings: QuerySet[Meeting]) -> tuple[list[int], list[int]]:
    """The groups, and the years from the latest, that these meetings are of: one look at them for both."""
    year = Substr(Cast("date", CharField()), 1, 4)  # a function of the database itself on SQLite, unlike ExtractYear
    pairs = set(meetings.order_by().values_list("group", year).distinct())
    return sorted({group for group, _ in pairs}), sorted({int(year) for _, year in pairs if year}, reverse=True)


def row(user: Any, hit: Meeting | Passage, stems: list[str]) -> dict[str, Any]:
    """One hit: its meeting, the passage if words were asked for, and whether the file is there to download."""
    meeting = hit.meeting if isinstance(hit, Passage) else hit
    return {
        "meeting": meeting,
        "passage": hit if isinstance(hit, Passage) else None,
        "excerpt": excerpt(hit.words.removeprefix(hit.heading), stems) if isinstance(hit, Passage) else "",
        "can": {"download": meeting.state in FINISHED and may(user, "download", meeting)},
    }


def words_with(text: str, stems: list[str]) -> Iterator[re.Match]:
    """The words that hold one of the stems, word by word: one pattern for all would read a long word from each of its letters."""
    return (word for word in WORD.finditer(text) if any(stem in word[0].lower() for stem in stems))


def excerpt(text: str, stems: list[str]) -> SafeString:
    """The words around the first hit, with every hit marked. Everything is escaped before a mark is put around it."""
    flat = " ".join(text.split())
    if not stems:
        return format_html("{}", flat if len(flat) <= 2 * AROUND else flat[: flat.rfind(" ", 0, 2 * AROUND)] + " …")
    at = next((word.start() for word in words_with(flat, stems)), 0)
    start = max(flat.rfind(" ", 0, max(at - AROUND, 0)) + 1, 0) if at > AROUND else 0
    end = flat.find(" ", at + AROUND)
    piece = flat[start : end if end != -1 else len(flat)]
    parts, last = [], 0
    for match in words_with(piece, stems):
        parts += [("", piece[last : match.start()]), ("mark", match[0])]
        last = match.end()
    parts.append(("", piece[last:]))
    marked = format_html_join("", "{}", ((format_html("<mark>{}</mark>", text) if tag else text,) for tag, text in parts))
    return format_html("{}{}{}", "… " if start else "", marked, " …" if end != -1 else "")
