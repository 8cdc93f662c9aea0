"""Whom the room tells of what by mail: notices with their calendar file, cancellations, who is called in, what became of a
proposal, what other groups send and answer, and a disagreement that somebody else has taken out. Words: templates/mail."""

from collections.abc import Iterable
from datetime import timedelta
from functools import cache, partial
from typing import Any

import icalendar
from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from meetings.models import BalanceItem, Disagreement, Meeting, Proposal
from meetings.models.meeting import instant
from meetings.reading.numbering import numbers_now
from people import mail
from people.models import Person, Role, User


def tell(kind: str, persons: Iterable[Person], *, meeting: Meeting, **more: Any) -> int:
    """One letter each about the meeting, shown together with the others about it."""
    return mail.tell(kind, persons, thread=f"meeting-{meeting.pk}", meeting=meeting, **more)


def recipients(meeting: Meeting) -> list[Person]:
    """Everybody with a seat on the meeting's day, each once, and substitutes who are called in."""
    seats = meeting.group.mandates.valid_on(meeting.date).filter(role__in=Role.SEATS)
    called_in = meeting.attendances.filter(replaces__isnull=False)
    there = Q(pk__in=seats.values("person")) | Q(pk__in=called_in.values("person"))
    return list(Person.objects.filter(there).select_related("user").order_by("pk"))


@cache
def _swedish_time() -> icalendar.Timezone:
    """What an hour means in the files: the same in all, and made once, since it takes longer than all else in one."""
    return icalendar.Timezone.from_tzid(settings.TIME_ZONE)


def calendar(meeting: Meeting, *, method: str, person: Person) -> str:
    """An iCalendar file (RFC 5545/5546): the same UID for the meeting's whole life, SEQUENCE one higher for each change."""
    page = reverse("meetings:meeting", args=[meeting.pk])
    file = icalendar.Calendar()
    file.add("prodid", "-//FVG//samverkan//SV")
    file.add("version", "2.0")
    file.add("method", method)
    event = icalendar.Event()
    event.add("uid", f"meeting-{meeting.pk}@{settings.SITE_URL.split('//')[1]}")
    event.add("sequence", meeting.notices)
    event.add("dtstamp", timezone.now())
    starts = instant(meeting.date, meeting.starts)
    event.add("dtstart", starts)
    event.add("dtend", instant(meeting.date, meeting.ends) if meeting.ends else starts + timedelta(hours=2))
    event.add("summary", f"{meeting.group.abbreviation}: samverkansmöte")
    event.add("location", meeting.place)
    event.add("description", f"Dagordning och handlingar: {settings.SITE_URL}{page}")
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    sender = settings.DEFAULT_FROM_EMAIL.rpartition("<")[2].rstrip(">")
    organizer = icalendar.vCalAddress(f"mailto:{sender}")
    organizer.params["CN"] = icalendar.vText(f"{meeting.group}")
    event.add("organizer", organizer)
    if method != "PUBLISH":  # a file that somebody fetches invites nobody (RFC 5546, 3.2.1)
        attendee = icalendar.vCalAddress(f"mailto:{person.address}")
        attendee.params["RSVP"] = icalendar.vText("FALSE")
        event.add("attendee", attendee)
    file.add_component(_swedish_time())
    file.add_component(event)
    return file.to_ical().decode()


def call_letter(meeting: Meeting, *, changed: bool) -> tuple[str, str]:
    """Subject and text of the notice, the same for everybody, to be looked at before it is sent."""
    return mail.write("call", meeting=meeting, changed=changed, agenda=_agenda(meeting))


def _agenda(meeting: Meeting) -> list[tuple[int, str]]:
    """The number and heading of every § that will be there."""
    return [(number, paragraph.heading) for number, paragraph in numbers_now(meeting) if number is not None]


def send_call(meeting: Meeting) -> int:
    """The notice to everybody; a second one is called changed. Returns how many letters there were."""
    changed, agenda, file = meeting.notices > 1, _agenda(meeting), partial(calendar, meeting)
    return tell("call", recipients(meeting), meeting=meeting, changed=changed, agenda=agenda, calendar=file, method="REQUEST")


def send_cancel(meeting: Meeting) -> int:
    """Tell everybody that the meeting is off, and take it out of their calendars."""
    return tell("cancel", recipients(meeting), meeting=meeting, calendar=partial(calendar, meeting), method="CANCEL")


def tell_substitute(meeting: Meeting, person: Person) -> None:
    """A substitute is called in."""
    if meeting.date:
        file = partial(calendar, meeting) if meeting.starts and meeting.state == "called" else None
        tell("substitute", [person], meeting=meeting, calendar=file, method="REQUEST")


def tell_of_proposal(proposal: Proposal, *, by: User) -> None:
    """The one who proposed a point learns what became of it, without its words and without any union's name."""
    if proposal.person_id != by.person_id:
        tell("proposal", [proposal.person], meeting=proposal.meeting, placed=proposal.state == Proposal.State.PLACED)


def tell_of_referral(item: BalanceItem) -> None:
    """Another group has sent a promise; the secretary of the group that gets it takes care of it."""
    mail.tell("balance_referred", item.group.holders(Role.SECRETARY), thread=f"balance-{item.group_id}", item=item)


def tell_of_report(item: BalanceItem) -> None:
    """The group that a promise was sent to has closed it; the secretary of the group that sent it learns so."""
    origin = item.referred_from
    secretaries = origin.group.holders(Role.SECRETARY)
    mail.tell("balance_reported", secretaries, thread=f"balance-{origin.group_id}", item=item, origin=origin)


def tell_of_taken_back(disagreement: Disagreement, *, by: User) -> None:
    """Those who speak for the union learn that somebody else has taken its disagreement out of the draft."""
    meeting = disagreement.meeting
    speaking = [person for person in meeting.group.speaking_for([disagreement.party_id]) if person.pk != by.person_id]
    tell("disagreement_removed", speaking, meeting=meeting, disagreement=disagreement, by=by)
