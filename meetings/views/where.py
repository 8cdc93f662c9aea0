"""Where does a question belong? A page that answers without scripts, and the same answer as data for the desk and the forms."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from meetings.forms.agenda import said
from meetings.models import Meeting
from meetings.reading import where as places
from meetings.reading.numbering import numbered
from meetings.views.common import crumbs
from people.access import does
from people.permissions import may
from record.pages import by_script

LONGEST = 300


@does("read_agenda", Meeting)
@require_safe
def where(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The §§ where these words may belong, the likeliest first, and why."""
    words = request.GET.get("q", "").replace("\x00", "")[:LONGEST]
    rows = suggested(meeting, words, user=request.user)
    if by_script(request):
        told = [{"paragraph": pk, "number": number, "heading": heading, "why": why} for pk, number, heading, why, _ in rows]
        return JsonResponse({"q": words, "suggestions": told})
    writes, arranges = may(request.user, "edit_text", meeting), may(request.user, "arrange", meeting)
    rows = [(said(number, paragraph), why, _way(paragraph.pk, writes, arranges)) for _, number, _, why, paragraph in rows]
    context = {"meeting": meeting, "words": words, "rows": rows, "crumbs": crumbs(meeting)}
    return render(request, "meetings/where.html", context)


def suggested(meeting: Meeting, words: str, *, user) -> list[tuple]:
    """(id, preliminary number, heading, why, paragraph) of each suggestion; only what this person may know of teaches it."""
    found = places.suggest(meeting, words, seen=Meeting.objects.visible_to(user))
    rows = meeting.paragraphs.order_by("position", "pk").prefetch_related("items", "placements")
    numbers = {paragraph.pk: number for number, paragraph in numbered(rows, meeting.group)} if found else {}
    return [(one.paragraph.pk, numbers.get(one.paragraph.pk), one.paragraph.heading, one.why, one.paragraph) for one in found]


def _way(pk: int, writes: bool, arranges: bool) -> str:
    """Where to go on with it: to the § at the desk, or to a new point under it."""
    if writes:
        return reverse("meetings:write", args=[pk])
    return reverse("meetings:add_item", args=[pk]) if arranges else ""
