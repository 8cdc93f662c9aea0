"""Reminders to those who have not signed: the day before the adjustment day, and every day after it."""

from datetime import timedelta

from meetings.models import Meeting
from people import mail
from people.models import Person, today
from protocol import letters
from protocol.models import Signature


def remind() -> int:
    """Write today's reminders, one for each signer and protocol, and return how many there were."""
    waiting = Meeting.objects.awaiting_approval().filter(adjustment_day__lte=today() + timedelta(days=1)).select_related("group")
    return sum(letters.tell("remind_to_sign", _unsigned(meeting), meeting=meeting, pause=mail.DAILY) for meeting in waiting)


def _unsigned(meeting: Meeting) -> list[Person]:
    """Those of its signers who have not signed what stands."""
    signed = set(
        Signature.objects.filter(version__meeting=meeting, version__withdrawal__isnull=True).values_list("person", flat=True)
    )
    return [person for person in letters.signers(meeting) if person.pk not in signed]
