"""The meetings of a group, as the room of motions asks for them, and which of them a motion is for."""

from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from meetings.models import Meeting
from meetings.states import WRITABLE, State
from motions.models import Motion
from motions.occasions import Occasion, TakenUp
from people.models import Group, User, today

MOST = 12


def coming(group: Group) -> list[Occasion]:
    """The meetings from today on that can take something up, with their deadlines; the first may have begun."""
    rows = Meeting.objects.filter(group=group, date__gte=today(), state__in=WRITABLE)
    return [Occasion(*row) for row in rows.order_by("date", "starts", "pk").values_list("date", "deadline")[:MOST]]


def taken_up(motion: Motion, user: User) -> list[TakenUp]:
    """The meetings that have taken the motion up and that `user` may know of, the latest first."""
    meetings = Meeting.objects.visible_to(user).filter(placements__motion=motion).exclude(state=State.CANCELLED)
    return [
        TakenUp(
            date_format(meeting.date, "j F Y") if meeting.date else str(meeting),
            reverse("meetings:meeting", args=[meeting.pk]),
            meeting.state not in WRITABLE,
        )
        for meeting in meetings.order_by("-date", "-pk")
    ]


def still_open(groups: Iterable[int]) -> QuerySet[Meeting]:
    """The meetings of these groups that something can come up at, the earliest first."""
    return Meeting.objects.filter(group__in=groups, state__in=WRITABLE, date__isnull=False).order_by("date", "starts", "pk")


def meant_from(motion: Motion) -> date:
    """The day from which it is to be taken up; without a wish, from when it was filed."""
    return motion.aim or timezone.localdate(motion.filed_at)


def meeting_for(motion: Motion, meetings: Iterable[Meeting]) -> Meeting | None:
    """The first of the group's `meetings` (earliest first) that the motion can come up at as it is meant."""
    return next((one for one in meetings if one.group_id == motion.group_id and one.date >= meant_from(motion)), None)
