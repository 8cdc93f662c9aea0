"""Send the text for approval, and seal it again when the seal has failed."""

import logging
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from meetings.language.statements import token
from meetings.models import Meeting
from meetings.reading import checklist
from meetings.reading.left_open import not_carried
from meetings.reading.numbering import Numbers
from people.access import does
from protocol import actions, document, sealing
from protocol.forms import FreezeForm
from protocol.models import ChangeRequest
from protocol.shown import current_version
from record.forms import told
from record.moves import WrongState
from record.pages import form_page, posted, see

logger = logging.getLogger(__name__)

# Where each kind of problem is mended; "write", "promise" and "motion" carry the id of their own.
PAGES = {
    "edit": "meetings:edit",
    "appoint": "meetings:appoint",
    "attendance": "meetings:attendance",
    "arrange": "meetings:arrange",
    "place": "meetings:place",
    "appendices": "meetings:append",
    "next": "meetings:next",
    "write": "meetings:write",
    "promise": "meetings:promise",
    "motion": "motions:motion",
}


def address(meeting: Meeting, problem: checklist.Problem) -> str:
    """The page where a problem is mended, at the place on it."""
    own = problem.about if problem.page in ("write", "promise", "motion") else meeting.pk
    url = reverse(PAGES[problem.page], args=[own])
    if problem.page == "write":
        return f"{url}#item-{problem.item}" if problem.item else f"{url}#p-{problem.about}"
    if problem.page == "promise":
        chosen = f"mening={token(problem.sentence)}&" if problem.sentence else ""
        return f"{url}?{chosen}checklista=1"
    if problem.page == "place" and problem.about:
        return f"{url}#m{problem.about}"
    return url


def places(meeting: Meeting, problems: list[checklist.Problem]) -> list[dict[str, Any]]:
    """The list by place, what stops the freeze first; a place without lines is done."""
    numbers, listed = Numbers.of(meeting).paragraphs, []
    for name in checklist.PLACES:
        own = sorted((problem for problem in problems if problem.place == name), key=lambda problem: not problem.blocking)
        stops = sum(1 for problem in own if problem.blocking)
        lines = [
            {
                "problem": problem,
                "url": address(meeting, problem),
                "number": numbers.get(problem.about) if problem.page in ("write", "promise") else None,
            }
            for problem in own
        ]
        listed.append({"name": name, "rows": lines, "stops": stops, "advice": len(own) - stops})
    return listed


def taken_up(meeting: Meeting) -> list[ChangeRequest]:
    """The changes for which the latest version was taken back: what the secretary has come to mend."""
    latest = meeting.versions.order_by("-n").first()
    if latest is None:
        return []
    return list(latest.change_requests.filter(accepted=True).select_related("person", "paragraph"))


@does("freeze", Meeting)
@form_page
def freeze(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The check list; when nothing stops it, the text is fixed and sent to those who sign."""
    form = FreezeForm(posted(request))
    if form.is_valid():
        with told(form):
            version = actions.freeze(meeting, by=request.user, privacy_reviewed=form.cleaned_data["privacy_reviewed"])
            messages.success(request, f"Version {version.n} är skickad till justering. De som ska skriva under har fått mejl.")
            return see("protocol:protocol", meeting.pk)
    whole = Meeting.objects.whole().get(pk=meeting.pk)
    problems = checklist.problems(whole, document.referenced_appendices(whole))
    stops = sum(1 for problem in problems if problem.blocking)
    context = {
        "meeting": whole,
        "form": form,
        "places": places(whole, problems),
        "stops": stops,
        "advice": len(problems) - stops,
        "wishes": taken_up(meeting),
        "incoming": [item.title for item in not_carried(whole)],
        "signers": sorted(
            whole.officers.all(), key=lambda officer: (officer.role != "chair", officer.role == "secretary", officer.position)
        ),
    }
    return render(request, "protocol/freeze.html", context)


@does("seal", Meeting)
@require_POST
def seal(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Try the seal again. The signatures stand whatever happens to it."""
    version = current_version(meeting)
    if version is None:
        raise WrongState(meeting, "seal")
    try:
        sealing.seal(version)
    except WrongState:
        raise
    except Exception:  # told to the person and written in the log; the next attempt starts anew
        logger.exception("Version %s could not be sealed", version.pk)
        messages.error(request, "Förseglingen misslyckades. Underskrifterna ligger kvar, och ett nytt försök görs automatiskt.")
    else:
        messages.success(request, "Protokollet är förseglat och skickat till alla.")
    return see("protocol:protocol", meeting.pk)
