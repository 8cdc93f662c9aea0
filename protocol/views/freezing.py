"""Send the text for approval, and seal it again when the seal has failed."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from meetings.language.statements import token
from meetings.models import Meeting
from meetings.reading import checklist
from meetings.reading.left_open import not_carried
from meetings.reading.numbering import Numbers
from meetings.states import FINISHED, State
from people.access import does
from protocol import actions, document, drawings, evidence, sealing
from protocol.forms import FreezeForm, RestoreFileForm
from protocol.models import ChangeRequest, Drawing
from protocol.shown import current_version
from record.forms import told
from record.moves import WrongState
from record.pages import form_page, posted, see

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


def try_to_draw(request: HttpRequest, meeting: Meeting) -> Drawing:
    """How the document is drawn as it stands, begun unless somebody has done it: what cannot be printed is not signed."""
    return drawings.tried(meeting) or drawings.ask(Drawing.Kind.PROTOCOL, meeting, by=request.user)


def try_again(request: HttpRequest, meeting: Meeting) -> str:
    """Begin the trial, also of what could not be drawn before: the fault may have been ours. Returns why it could not, or ""."""
    last = drawings.tried(meeting)
    if last is not None and last.state == Drawing.State.DONE:
        return ""
    now = drawings.ask(Drawing.Kind.PROTOCOL, meeting, by=request.user)
    return last.fault if last is not None and now.under_way else now.fault


def still_drawn(request: HttpRequest, meeting: Meeting, form: FreezeForm, drawing: Drawing) -> HttpResponse:
    """The page that sends the same form once more, by itself or by its button, until the document has been drawn."""
    context = {"meeting": meeting, "form": form, "drawing": drawing, "ahead": drawings.ahead_of(drawing)}
    return render(request, "protocol/_trying.html" if request.htmx else "protocol/trying.html", context)


def onwards(request: HttpRequest, name: str, meeting: Meeting) -> HttpResponse:
    """To another page, also for the form that sends itself."""
    return HttpResponseClientRedirect(reverse(name, args=[meeting.pk])) if request.htmx else see(name, meeting.pk)


@does("freeze", Meeting)
@form_page
def freeze(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The check list; when nothing stops it, the document is drawn once, the text is fixed and sent to those who sign."""
    form = FreezeForm(posted(request))
    if form.is_valid():
        drawing = try_to_draw(request, meeting)
        if drawing.under_way:
            return still_drawn(request, meeting, form, drawing)
        with told(form):
            version = actions.freeze(meeting, by=request.user, privacy_reviewed=form.cleaned_data["privacy_reviewed"])
            messages.success(request, f"Version {version.n} är skickad till justering. De som ska skriva under har fått mejl.")
            return onwards(request, "protocol:protocol", meeting)
        if request.htmx:  # the page that one comes to says the same
            return onwards(request, "protocol:freeze", meeting)
    whole = Meeting.objects.whole().get(pk=meeting.pk)
    problems = checklist.problems(whole, document.referenced_appendices(whole))
    stops = sum(1 for problem in problems if problem.blocking)
    # It is begun while the list is read, so that one seldom waits.
    undrawn = try_again(request, meeting) if not stops and request.method == "GET" else ""
    context = {
        "meeting": whole,
        "form": form,
        "undrawn": undrawn,
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
    """Put the seal in the queue again. The signatures stand whatever happens to it."""
    version = current_version(meeting)
    if version is None or meeting.state != State.ADJUSTED:
        raise WrongState(meeting, "seal")
    sealing.seal_later(version.pk)
    meeting.refresh_from_db()
    if meeting.state in FINISHED:
        messages.success(request, "Protokollet är förseglat och skickat till alla.")
    else:
        messages.info(request, "Ett nytt försök att försegla görs nu. Underskrifterna ligger kvar.")
    return see("protocol:protocol", meeting.pk)


@does("seal", Meeting)
@form_page
def restore_file(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Put back the very file that an appendix has lost, so that what people have signed can be sealed."""
    if meeting.state not in (State.APPROVAL, State.ADJUSTED):
        raise WrongState(meeting, "seal")
    form = RestoreFileForm(posted(request), request.FILES or None)
    if form.is_valid():
        with told(form, at="file"):
            sealing.restore_file(meeting, file=form.cleaned_data["file"], by=request.user)
            messages.success(request, "Filen är tillbaka. Har alla skrivit under förseglas protokollet nu.")
            return see("protocol:protocol", meeting.pk)
    context = {"meeting": meeting, "form": form, "lost": evidence.lost_files(meeting)}
    return render(request, "protocol/restore_file.html", context)
