"""The list of motions, with what waits for me above."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from motions.forms import Filters
from motions.models import Answer, Claim, Motion, voices
from motions.states import State
from people.access import own_page
from people.models import Group
from people.permissions import may

PER_PAGE = 25
WAITING = 5  # of each sort, at the top of the list


@own_page
@require_safe
def motions(request: HttpRequest) -> HttpResponse:
    """Everything I may read, my drafts first, with what waits for me above."""
    user = request.user
    groups = Group.objects.visible_to(user).meeting_groups()
    form = Filters(request.GET, user=user, groups=groups)
    found = _filtered(Motion.objects.visible_to(user), form.cleaned_data if form.is_valid() else {}, user)
    rows = found.drafts_first().select_related("group", "party").prefetch_related("party__names", "claims__answers")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "filtered": any(request.GET.get(name) for name in form.fields),
        "waiting": _waiting(user) if page.number == 1 else [],
        "write_in": [group for group in groups if may(user, "draft_motion", group) and voices(user, "draft_motion", group.pk)],
    }
    return render(request, "motions/list.html", context)


def _filtered(motions: QuerySet, wanted: dict[str, Any], user: Any) -> QuerySet:
    if wanted.get("grupp"):
        motions = motions.filter(group=wanted["grupp"])
    if wanted.get("slag"):
        motions = motions.filter(kind=wanted["slag"])
    if wanted.get("egna"):
        motions = motions.filter(party__in={held.party for held in user.held if held.party is not None})
    released = Answer.objects.filter(claim=OuterRef("pk"), released_at__isnull=False)
    unanswered = Exists(Claim.objects.filter(~Exists(released), motion=OuterRef("pk")))
    match wanted.get("status"):
        case "draft":
            motions = motions.filter(state=State.DRAFT)
        case "withdrawn":
            motions = motions.filter(state=State.WITHDRAWN)
        case "waiting":
            motions = motions.filter(unanswered, state=State.FILED)
        case "answered":
            motions = motions.filter(~unanswered, state=State.FILED, claims__isnull=False).distinct()
    return motions


def _waiting(user: Any) -> list[tuple[str, Motion]]:
    """What one is asked to do, with the word for it."""
    motions = Motion.objects.visible_to(user).select_related("group")
    sorts = [
        ("Att stödja", motions.to_support(user)),
        ("Att svara på", motions.to_answer(user)),
        ("Svar att lämna ut", motions.to_release(user)),
    ]
    return [(words, motion) for words, found in sorts for motion in found.order_by("filed_at", "pk")[:WAITING]]
