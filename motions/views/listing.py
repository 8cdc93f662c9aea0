"""The list of motions, with what waits for me above, and how many att-satser had which outcome."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from motions import finding
from motions import statistics as numbers
from motions.forms.finding import CountedFilters, MotionFilters
from motions.models import Motion, voices
from people.access import own_page
from people.models import Group, Party, today
from people.permissions import may
from record.tables import as_csv

PER_PAGE = 25
WAITING = 5  # of each sort, at the top of the list


@own_page
@require_safe
def motions(request: HttpRequest) -> HttpResponse:
    """Everything I may read, my drafts first, with what waits for me above."""
    user = request.user
    groups = Group.objects.visible_to(user).meeting_groups()
    readable = Motion.objects.visible_to(user)
    form = MotionFilters(request.GET, user=user, groups=groups, motions=readable)
    fitting = finding.filtered(readable, form.cleaned_data if form.is_valid() else {}, user)
    listed = fitting.drafts_first().select_related("group", "party").prefetch_related("party__names", "claims__answers")
    page = Paginator(listed, PER_PAGE).get_page(request.GET.get("page"))
    asked = request.GET.copy()
    asked.pop("page", None)
    context = {
        "form": form,
        "page": page,
        "filtered": any(request.GET.get(name) for name in form.fields),
        "chosen": form.chosen(),
        "asked": asked.urlencode(),
        "waiting": _waiting(user) if page.number == 1 else [],
        "write_in": [group for group in groups if may(user, "draft_motion", group) and voices(user, "draft_motion", group.pk)],
    }
    return render(request, "motions/list.html", context)


def _waiting(user: Any) -> list[tuple[str, Motion]]:
    """What one is asked to do, with the word for it."""
    motions = Motion.objects.visible_to(user).select_related("group")
    sorts = [
        ("Att stödja", motions.to_support(user)),
        ("Att svara på", motions.to_answer(user)),
        ("Svar att lämna ut", motions.to_release(user)),
    ]
    return [(words, motion) for words, found in sorts for motion in found.order_by("filed_at", "pk")[:WAITING]]


@own_page
@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    """Outcomes by union, year and kind, of what I may read; with ?format=csv as a file."""
    user, readable = request.user, Motion.objects.visible_to(request.user)
    groups = Group.objects.visible_to(user).meeting_groups()
    form = CountedFilters(request.GET, user=user, groups=groups, motions=readable)
    counted = numbers.counts(finding.filtered(readable, form.cleaned_data if form.is_valid() else {}, user))
    parties = list(Party.objects.filter(pk__in={count.party for count in counted}).with_names())
    if request.GET.get("format") == "csv":
        response = HttpResponse(as_csv(numbers.rows(counted, parties)), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = content_disposition_header(True, f"yrkanden-{today():%Y-%m-%d}.csv")
        response.headers["Cache-Control"] = "private, no-store"
        return response
    asked = request.GET.copy()
    asked.pop("format", None)
    context = {
        "form": form,
        "tables": numbers.tables(counted, parties) if counted else [],
        "outcomes": [label for _, label in numbers.OUTCOMES],
        "chosen": form.chosen(),
        "asked": asked.urlencode(),
        "day": today(),
    }
    return render(request, "motions/statistics.html", context)
