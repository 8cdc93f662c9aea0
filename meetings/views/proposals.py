"""Proposals to the agenda: anybody with a seat proposes and takes back, the secretary places or returns with a reason."""

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from meetings.actions import proposals as actions
from meetings.forms.proposals import PlaceProposalForm, ProposeForm, ReturnProposalForm
from meetings.models import Meeting, Proposal
from meetings.reading import proposals
from meetings.reading.numbering import kind_under, numbers_now
from meetings.reading.proposals import proposals_of, row_of
from meetings.reading.where import Place, places
from meetings.views.common import confirm, crumbs
from people.access import does
from people.permissions import can, may
from record import uploads
from record.forms import overtaken_by, status_of, told
from record.pages import form_page, posted, see
from record.text import to_html

CHANGED = "Förslaget har ändrats sedan du öppnade sidan. Det du skrev står kvar: läs förslaget igen och spara."


@does("propose", Meeting)
@form_page
def propose(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Propose a point; after the deadline the page shows where to go with it instead, and what was typed can go along."""
    form = ProposeForm(
        posted(request),
        request.FILES or None,
        parties=proposals.parties_of(request.user, meeting.group),
        initial={name: request.GET.get(name, "") for name in ("title",)},
    )
    late = proposals.is_late(meeting)
    if not late and form.is_valid():
        with told(form):
            actions.propose(meeting, by=request.user, **form.facts())
            messages.success(
                request, "Förslaget är skickat till sekreteraren. Du får ett mejl när det är placerat eller kommer tillbaka."
            )
            return see("meetings:propose", meeting.pk, at="forslag")
        late = proposals.is_late(meeting)  # it may have passed while the form was read
    elif late and form.is_bound:
        form.add_error(None, actions.TOO_LATE)
    later = list(proposals.next_open(meeting)[:3]) if late else []
    context = {
        "meeting": meeting,
        "form": form,
        "late": late,
        "typed": late and form.is_bound,
        "crumbs": crumbs(meeting),
        "others": [other for other in later if may(request.user, "propose", other)],
        "can": can(request.user, meeting, "read_agenda", "propose"),
        **proposals_of(request.user, meeting),
    }
    return render(request, "meetings/propose.html", context)


@does("place_proposal", Proposal)
@form_page
def place_proposal(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """Read a proposal, see where it may belong, and put it there."""
    meeting = proposal.meeting
    paragraphs = numbers_now(meeting)
    hints = places(meeting, f"{proposal.title} {proposal.text[:500]}", user=request.user)
    initial = {"title": proposal.title, "version": proposal.version, "paragraph": hints[0].row.paragraph.pk if hints else None}
    form = PlaceProposalForm(posted(request), meeting=meeting, rows=paragraphs, initial=initial)
    if form.is_valid():
        paragraph = form.cleaned_data["paragraph"]
        with told(form, stale=CHANGED):
            actions.place_proposal(
                proposal,
                paragraph=paragraph,
                kind=kind_under(paragraph),
                title=form.cleaned_data["title"],
                version=form.cleaned_data["version"],
                by=request.user,
            )
            messages.success(request, f"”{proposal}” står nu på dagordningen. {proposal.person} får ett mejl.")
            return see("meetings:arrange", meeting.pk, at=f"i{proposal.item_id}")
    return _show(request, overtaken_by(form) or proposal, form, hints)


@does("return_proposal", Proposal)
@form_page
def return_proposal(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """Give a proposal back, with the reason."""
    form = ReturnProposalForm(posted(request), initial={"version": proposal.version})
    if form.is_valid():
        with told(form, stale=CHANGED):
            actions.return_proposal(proposal, by=request.user, **form.cleaned_data)
            messages.success(request, f"”{proposal}” är lämnat tillbaka. {proposal.person} får ett mejl.")
            return see("meetings:arrange", proposal.meeting_id, at="forslag")
    proposal = overtaken_by(form) or proposal
    context = {
        "proposal": proposal,
        "meeting": proposal.meeting,
        "form": form,
        "row": row_of(proposal, request.user),
        "text": to_html(proposal.text),
        "crumbs": [*crumbs(proposal.meeting), (proposal.title, reverse("meetings:place_proposal", args=[proposal.pk]))],
    }
    return render(request, "meetings/proposal_return.html", context, status=status_of(form))


def _show(request: HttpRequest, proposal: Proposal, form: PlaceProposalForm, hints: list[Place]) -> HttpResponse:
    """The proposal as it came, where it may belong, and the form that places it."""
    context = {
        "proposal": proposal,
        "meeting": proposal.meeting,
        "row": row_of(proposal, request.user),
        "text": to_html(proposal.text),
        "form": form,
        "hints": [(place.row.said, place.why) for place in hints[:3]],
        "waits": proposal.state == Proposal.State.PROPOSED,
        "can": can(request.user, proposal, "return_proposal"),
        "crumbs": [*crumbs(proposal.meeting), ("Dagordning", reverse("meetings:arrange", args=[proposal.meeting_id]))],
    }
    return render(request, "meetings/proposal.html", context, status=status_of(form))


@does("withdraw_proposal", Proposal)
@form_page
def withdraw_proposal(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """Take one's own proposal back, after a question."""
    meeting, form = proposal.meeting, Form(posted(request))
    if form.is_valid():
        with told(form, stale="Förslaget har ändrats av någon annan sedan du läste det."):
            actions.withdraw_proposal(proposal, version=proposal.version, by=request.user)
            messages.success(request, f"Förslaget ”{proposal}” är tillbakataget.")
            return see("meetings:meeting", meeting.pk, at="forslag")
    return confirm(
        request,
        meeting,
        form,
        heading=f"Ta tillbaka förslaget ”{proposal}”",
        submit="Ta tillbaka förslaget",
        submit_class="button--danger",
        words="Sekreteraren ser då inte längre förslaget som väntande. Du kan föreslå punkten igen före stopptiden.",
        back=reverse("meetings:meeting", args=[meeting.pk]),
    )


@does("see_meeting", Proposal)
@never_cache
@require_safe
def proposal_file(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """The file as it was sent in: always saved, never shown by the browser as a page of ours."""
    if not proposal.file:
        raise Http404
    return uploads.download(
        proposal.file.storage, proposal.file.name, filename=proposal.filename, content_type=proposal.content_type
    )
