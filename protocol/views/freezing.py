"""Send the text for approval, take it back, and seal it again when the seal has failed."""

import logging

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from meetings import checklist
from meetings.models import Meeting
from people.access import does
from protocol import actions, document
from protocol.forms import FreezeForm
from protocol.shown import current_version
from protocol.views.approval import withdraw_page
from record.moves import WrongState

logger = logging.getLogger(__name__)

# Where each kind of problem is mended; "write" and "motion" carry the id of their own.
PAGES = {
    "edit": "meetings:edit",
    "appoint": "meetings:appoint",
    "attendance": "meetings:attendance",
    "arrange": "meetings:arrange",
    "place": "meetings:place",
    "appendices": "meetings:append",
    "balance": "meetings:group_balance",
    "write": "meetings:write",
    "motion": "motions:motion",
}


def address(meeting: Meeting, problem: checklist.Problem) -> str:
    """The page where a problem is mended."""
    own = {"write": problem.paragraph, "motion": problem.paragraph, "balance": meeting.group_id}
    return reverse(PAGES[problem.page], args=[own.get(problem.page, meeting.pk)])


@does("freeze", Meeting)
@require_http_methods(["GET", "HEAD", "POST"])
def freeze(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The check list; when nothing stops it, the text is fixed and sent to those who sign."""
    form = FreezeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            version = actions.freeze(meeting, by=request.user, privacy_reviewed=form.cleaned_data["privacy_reviewed"])
        except ValidationError as error:
            form.add_error(None, ValidationError(error.messages))
        else:
            messages.success(request, f"Version {version.n} är skickad till justering. De som ska skriva under har fått mejl.")
            return HttpResponseRedirect(reverse("protocol:protocol", args=[meeting.pk]), status=303)
    whole = document.whole(meeting.pk)
    rows = [
        {"problem": problem, "url": address(meeting, problem)}
        for problem in checklist.problems(whole, document.referenced_appendices(whole))
        if problem.page != "balance"  # the freeze itself takes in promises made elsewhere
    ]
    context = {
        "meeting": whole,
        "form": form,
        "stops": [row for row in rows if row["problem"].blocking],
        "advice": [row for row in rows if not row["problem"].blocking],
        "signers": sorted(whole.officers.all(), key=lambda one: (one.role != "chair", one.role == "secretary", one.position)),
    }
    return render(request, "protocol/freeze.html", context)


@does("withdraw", Meeting)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Take the text back, with a reason; every signature on it is void."""
    return withdraw_page(request, meeting)


@does("seal", Meeting)
@require_POST
def seal(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Try the seal again. The signatures stand whatever happens to it."""
    version = current_version(meeting)
    if version is None:
        raise WrongState(meeting, "seal")
    try:
        actions.seal(version)
    except WrongState:
        raise
    except Exception:  # told to the person and written in the log; the next attempt starts anew
        logger.exception("Version %s could not be sealed", version.pk)
        messages.error(request, "Förseglingen misslyckades. Underskrifterna ligger kvar, och ett nytt försök görs automatiskt.")
    else:
        messages.success(request, "Protokollet är förseglat och skickat till alla.")
    return HttpResponseRedirect(reverse("protocol:protocol", args=[meeting.pk]), status=303)
