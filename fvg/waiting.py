"""What waits for a person: to sign, to answer, to place, to write, overdue."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from meetings.models import BalanceItem, Meeting, Officer, Proposal
from meetings.reading.left_open import not_taken_up
from meetings.reading.occasions import meeting_for, still_open
from meetings.states import LETTERS, WRITABLE, State
from motions.models import Motion, MotionQuerySet
from people import confirming
from people.models import Role, User
from people.permissions import scope
from protocol.models import ChangeRequest, Signature

# The lists that ask something of the person; the others are for knowing.
CALLS = (
    "to_sign",
    "to_confirm",
    "requests",
    "drafts",
    "proposals",
    "to_place",
    "asked",
    "to_answer",
    "to_release",
    "answered",
    "to_support",
    "own_motions",
    "mine",
    "lost",
    "unsealed",
)


NEWS = timedelta(days=14)  # how long an answer is news on the start page


def for_user(user: User, day: date) -> dict[str, Any]:
    """The start page's lists; a fixed number of queries however much there is."""
    writing = {held.group for held in user.held if held.role in (Role.SECRETARY, Role.CHAIR)}
    unions = {held.party for held in user.held if held.party and held.role in Role.OF_UNIONS}
    signed = Signature.objects.filter(person=user.person_id, version__withdrawal__isnull=True).values("version__meeting")
    meetings = Meeting.objects.visible_to(user)
    motions = Motion.objects.visible_to(user).with_claims()
    asked = list(motions.asked_of(user).order_by("answer_by", "pk")[:20]) if user.person_id else []
    restorable = meetings.filter(scope(user, "seal", letters=LETTERS), seal_fault__isnull=False)
    lost = list(restorable.select_related("group", "seal_fault").order_by("date", "pk")[:20])
    lists = {
        "to_sign": meetings.awaiting_approval()
        .filter(pk__in=Officer.objects.filter(person=user.person_id).values("meeting"))
        .exclude(pk__in=signed)
        .order_by("adjustment_day", "date")[:20],
        "to_confirm": confirming.waits_for(user)[:20],
        "requests": ChangeRequest.objects.visible_to(user)
        .open()
        .filter(version__meeting__group__in=writing)
        .select_related("person")
        .defer("version__data")[:20]
        if writing
        else [],
        "proposals": meetings.filter(group__in=writing, state__in=WRITABLE)
        .annotate(proposed=Count("proposals", filter=Q(proposals__state=Proposal.State.PROPOSED)))
        .filter(proposed__gt=0)
        .order_by("date", "pk")[:20],
        "to_place": _to_place(motions, writing),
        "asked": asked,
        "to_answer": motions.to_answer(user).exclude(pk__in=[motion.pk for motion in asked])[:20],
        "answered": motions.answered_since(timezone.now() - NEWS).filter(party__in=unions)[:20] if unions else [],
        "to_release": motions.to_release(user)[:20],
        "to_support": motions.to_support(user)[:20],
        "drafts": meetings.filter(state=State.DRAFT, group__in=writing).order_by("date")[:20],
        "lost": lost,
        "unsealed": meetings.waiting_for_seal()
        .exclude(pk__in=[meeting.pk for meeting in lost])
        .select_related("group", "seal_fault")
        .order_by("date")[:20]
        if user.roles_anywhere & {Role.HR, Role.SECRETARY}
        else [],
        "own_motions": motions.filter(party__in=unions, state="draft")[:20] if unions else [],
        "upcoming": meetings.upcoming()[:5],
        "overdue": BalanceItem.objects.visible_to(user).overdue(day).select_related("owner")[:20],
        "mine": BalanceItem.objects.visible_to(user).open().filter(owner=user.person_id).select_related("owner")[:20]
        if user.person_id
        else [],
    }
    return {
        **lists,
        "waits": any(lists[name] for name in CALLS),
        "day": day,
        "can": {"plan": bool(writing) or Role.HR in user.roles_anywhere},
    }


def _to_place(motions: MotionQuerySet, groups: set[int]) -> list[Motion]:
    """The motions that no meeting has taken up, each with `place_at`: the meeting that it is for, or None."""
    found = list(not_taken_up(motions.filter(group__in=groups))[:20])
    meetings = list(still_open(groups)) if found else []
    for motion in found:
        motion.place_at = meeting_for(motion, meetings)
    return found
