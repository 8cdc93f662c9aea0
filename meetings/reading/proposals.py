"""What has been proposed for a meeting's agenda, as a person may see it: their own with what became of them, and who waits."""

from typing import Any, NamedTuple

from django.db.models import QuerySet, prefetch_related_objects
from django.utils import timezone
from django.utils.safestring import SafeString

from meetings.models import Meeting, Proposal
from meetings.states import FROZEN, NOT_BEGUN, State
from people.models import Group, Party, Role, User
from people.permissions import may
from record.text import to_html

TAGS = {"proposed": "waiting", "placed": "done", "returned": "rejected", "withdrawn": "withdrawn"}


class ProposalSeen(NamedTuple):
    """A proposal as the one who made it meets it."""

    proposal: Proposal
    tag: str
    state: str
    told: str
    reason: SafeString
    can: dict[str, bool]


def proposals_of(user: User, meeting: Meeting) -> dict[str, Any]:
    """For the meeting's page: the user's own `proposals`, `proposals_waiting` for those who place them, and the last day."""
    prefetch_related_objects([meeting], "officers")
    visible = Proposal.objects.visible_to(user).filter(meeting=meeting).select_related("paragraph", "item", "person", "party")
    seen = list(visible.prefetch_related("party__names").order_by("proposed_at", "pk"))
    for proposal in seen:
        proposal.meeting = meeting  # with its officers
    places = may(user, "place_proposal", meeting)
    waiting = [proposal for proposal in seen if proposal.state == Proposal.State.PROPOSED]
    return {
        "proposals": [row_of(proposal, user) for proposal in seen if proposal.person_id == user.person_id],
        "proposals_waiting": waiting if places else [],
        "propose_late": is_late(meeting),
        "propose_until": meeting.deadline if meeting.deadline and meeting.deadline > timezone.now() else None,
    }


def row_of(proposal: Proposal, user: User) -> ProposalSeen:
    """What became of it, in words."""
    meeting = proposal.meeting
    state, told = proposal.get_state_display(), ""
    match proposal.state:
        case Proposal.State.PLACED if proposal.item_id:
            told = f"Under ”{proposal.paragraph}”."
        case Proposal.State.PLACED:
            state, told = "togs bort från dagordningen", "Fråga sekreteraren varför."
        case Proposal.State.PROPOSED if meeting.state == State.CANCELLED:
            told = "Mötet är inställt. Föreslå punkten till ett annat möte."
        case Proposal.State.PROPOSED if meeting.state in FROZEN:
            state, told = "togs inte upp", "Ingen hann placera förslaget före mötet. Föreslå punkten till nästa möte."
    return ProposalSeen(
        proposal=proposal,
        tag=TAGS[proposal.state],
        state=state,
        told=told,
        reason=to_html(proposal.reason),
        can={"withdraw_proposal": proposal.state == Proposal.State.PROPOSED and may(user, "withdraw_proposal", proposal)},
    )


def is_late(meeting: Meeting) -> bool:
    """The deadline for what is to be on the agenda has passed."""
    return meeting.deadline is not None and timezone.now() >= meeting.deadline


def next_open(meeting: Meeting) -> QuerySet[Meeting]:
    """The group's later meetings that still take proposals, the first one first."""
    rows = meeting.group.meetings.filter(state__in=NOT_BEGUN, date__gte=timezone.localdate()).exclude(pk=meeting.pk)
    if meeting.date is not None:
        rows = rows.filter(date__gte=meeting.date)
    return rows.exclude(deadline__lte=timezone.now()).select_related("group").order_by("date", "pk")


def parties_of(user: User, group: Group) -> list[Party]:
    """The unions that `user` may speak for in the group; none for the employer's side."""
    held = {one.party for one in user.held if one.group == group.pk and one.party and not one.heir and one.role in Role.OF_UNIONS}
    return list(Party.objects.filter(pk__in=held).with_names())
