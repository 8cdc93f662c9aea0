"""Where does a question belong? A page that answers without scripts, and the same answer as data for the desk and the forms."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from meetings.models import Meeting
from meetings.reading.where import places
from meetings.views.common import crumbs
from people.access import does
from people.permissions import can
from record.pages import by_script

LONGEST = 300


@does("read_agenda", Meeting)
@require_safe
def where(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The §§ where these words may belong, the likeliest first, and why."""
    question = request.GET.get("q", "").replace("\x00", "")[:LONGEST]
    hints = places(meeting, question, user=request.user)
    if by_script(request):
        suggestions = [
            {"paragraph": row.paragraph.pk, "number": row.number, "heading": row.paragraph.heading, "why": why}
            for row, why in hints
        ]
        return JsonResponse({"q": question, "suggestions": suggestions})
    allowed = can(request.user, meeting, "edit_text", "arrange")
    lines = [(row.said, why, _way(row.paragraph.pk, allowed)) for row, why in hints]
    context = {"meeting": meeting, "words": question, "rows": lines, "crumbs": crumbs(meeting)}
    return render(request, "meetings/where.html", context)


def _way(pk: int, allowed: dict[str, bool]) -> str:
    """Where to go on with it: to the § at the desk, or to a new point under it."""
    if allowed["edit_text"]:
        return reverse("meetings:write", args=[pk])
    return reverse("meetings:add_item", args=[pk]) if allowed["arrange"] else ""
