"""What the room tells by mail: notices with their calendar file, cancellations, who is called in, what other groups send and answer,
and a disagreement that somebody else has taken out. One letter for each recipient."""

from datetime import timedelta

import icalendar
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from meetings.models import BalanceItem, Disagreement, Meeting
from meetings.models.meeting import instant
from meetings.reading.numbering import numbered
from people import mail
from people.models import Group, Party, Person, Role, User, today


def link(name: str, *args: object) -> str:
    """An absolute address from the settings, never from the request."""
    return settings.SITE_URL + reverse(name, args=args)


def when(meeting: Meeting) -> str:
    """The day and time in words: 16 april 2026 kl. 09:00."""
    day = date_format(meeting.date, "l j F Y")
    return f"{day} kl. {meeting.starts:%H:%M}" if meeting.starts else day


def recipients(meeting: Meeting) -> list[Person]:
    """Everybody with a seat on the meeting's day, each once, and substitutes who are called in."""
    seats = meeting.group.mandates.valid_on(meeting.date).filter(role__in=[*Role.SEATS]).select_related("person__user")
    persons = {seat.person_id: seat.person for seat in seats}
    for row in meeting.attendances.filter(replaces__isnull=False).select_related("person__user"):
        persons[row.person_id] = row.person
    return [persons[pk] for pk in sorted(persons)]


def holders(group: Group, *roles: str, **more: object) -> list[Person]:
    """Those with such a seat in the group today who can be written to, each once."""
    seats = group.mandates.valid_on(today()).filter(role__in=roles, **more).select_related("person__user")
    persons = {seat.person_id: seat.person for seat in seats}
    return [persons[pk] for pk in sorted(persons) if persons[pk].address]


def calendar(meeting: Meeting, *, method: str, person: Person) -> str:
    """An iCalendar file (RFC 5545/5546): the same UID for the meeting's whole life, SEQUENCE one higher for each change."""
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
    event.add("description", f"Dagordning och handlingar: {link('meetings:meeting', meeting.pk)}")
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    sender = settings.DEFAULT_FROM_EMAIL.rpartition("<")[2].rstrip(">")
    organizer = icalendar.vCalAddress(f"mailto:{sender}")
    organizer.params["CN"] = icalendar.vText(f"{meeting.group}")
    event.add("organizer", organizer)
    if method != "PUBLISH":  # a file that somebody fetches invites nobody (RFC 5546, 3.2.1)
        attendee = icalendar.vCalAddress(f"mailto:{person.address}")
        attendee.params["RSVP"] = icalendar.vText("FALSE")
        event.add("attendee", attendee)
    file.add_component(event)
    file.add_missing_timezones()
    return file.to_ical().decode()


def call_letter(meeting: Meeting, *, changed: bool) -> tuple[str, str]:
    """Subject and text of the notice, the same for everybody."""
    agenda = "\n".join(
        f"§ {number}  {paragraph.heading}"
        for number, paragraph in numbered(meeting.paragraphs.prefetch_related("items", "placements"), meeting.group)
        if number is not None
    )
    opening = "Kallelsen är ändrad." if changed else "Du kallas till möte."
    body = (
        f"{opening}\n\n{meeting.group.name}, {meeting.group.organisation}\n{when(meeting)}\n{meeting.place}\n\n"
        f"Preliminär dagordning\n{agenda}\n\nHandlingar och yrkanden: {link('meetings:meeting', meeting.pk)}\n"
        f"Kan du inte komma? Anmäl det där, så kallas din ersättare."
    )
    subject = f"{'Ändrad kallelse' if changed else 'Kallelse'}: {meeting.group.abbreviation} {date_format(meeting.date, 'j F Y')}"
    return subject, body


def send_call(meeting: Meeting) -> int:
    """The notice to everybody; a second one is called changed. Returns how many letters there were."""
    subject, body = call_letter(meeting, changed=meeting.notices > 1)
    return _send(meeting, "call", subject, body, method="REQUEST")


def send_cancel(meeting: Meeting) -> int:
    """Tell everybody that the meeting is off, and take it out of their calendars."""
    body = (
        f"Mötet är inställt.\n\n{meeting.group.name}, {meeting.group.organisation}\n{when(meeting)}\n{meeting.place}\n\n"
        f"Skäl: {meeting.cancelled_why}\n\nMötets sida: {link('meetings:meeting', meeting.pk)}"
    )
    return _send(
        meeting, "cancel", f"Inställt: {meeting.group.abbreviation} {date_format(meeting.date, 'j F Y')}", body, method="CANCEL"
    )


def _send(meeting: Meeting, kind: str, subject: str, body: str, *, method: str) -> int:
    sent = 0
    for person in recipients(meeting):
        if person.address:
            file = calendar(meeting, method=method, person=person)
            mail.post(kind, person, subject=subject, body=body, calendar=file, method=method, thread=f"meeting-{meeting.pk}")
            sent += 1
    return sent


def tell_substitute(meeting: Meeting, person: Person) -> None:
    """A substitute is called in."""
    if not person.address or not meeting.date:
        return
    body = (
        f"Du kallas in som ersättare.\n\n{meeting.group.name}, {meeting.group.organisation}\n{when(meeting)}\n{meeting.place}\n\n"
        f"Dagordning och handlingar: {link('meetings:meeting', meeting.pk)}"
    )
    file = calendar(meeting, method="REQUEST", person=person) if meeting.starts and meeting.state == "called" else ""
    mail.post(
        "substitute",
        person,
        subject=f"Du kallas in som ersättare: {meeting.group.abbreviation} {date_format(meeting.date, 'j F Y')}",
        body=body,
        calendar=file,
        method="REQUEST" if file else "",
        thread=f"meeting-{meeting.pk}",
    )


def tell_of_referral(item: BalanceItem) -> None:
    """Another group has sent a promise; the secretary of the group that gets it takes care of it."""
    body = (
        f"{item.referred_from.group} har skickat en punkt till balanslistan för {item.group.definite}.\n\n"
        f"Läs den och utse en ansvarig: {link('meetings:balance_item', item.pk)}"
    )
    subject = f"Ny punkt på balanslistan för {item.group.abbreviation}"
    for person in holders(item.group, Role.SECRETARY):
        mail.post("balance_referred", person, subject=subject, body=body, thread=f"balance-{item.group_id}")


def tell_of_taken_back(disagreement: Disagreement, *, by: User) -> None:
    """Those who speak for the union learn that somebody else has taken its disagreement out of the draft."""
    meeting = disagreement.meeting
    body = (
        f"En oenighet som er organisation har anmält är borttagen av {by} ur utkastet till protokollet från {meeting.group.definite}.\n\n"
        f"Anmäl den igen om ni fortfarande är oeniga: {link('meetings:disagree', disagreement.item_id)}"
    )
    for person in holders(meeting.group, *Role.SPEAKING, party__in=Party.objects.with_heirs({disagreement.party_id})):
        if person.pk != by.person_id:
            mail.post(
                "disagreement_removed",
                person,
                subject=f"Oenighet borttagen: {meeting}",
                body=body,
                thread=f"meeting-{meeting.pk}",
            )


def tell_of_report(item: BalanceItem) -> None:
    """The group that a promise was sent to has closed it; the secretary of the group that sent it learns so."""
    origin = item.referred_from
    body = (
        f"{item.group} har avslutat en punkt som kom från {origin.group.definite}. Svaret står på punktens sida, och på er balanslista så länge punkten är öppen hos er.\n\n"
        f"Läs det här: {link('meetings:balance_item', origin.pk)}"
    )
    subject = f"Svar på en punkt på balanslistan för {origin.group.abbreviation}"
    for person in holders(origin.group, Role.SECRETARY):
        mail.post("balance_reported", person, subject=subject, body=body, thread=f"balance-{origin.group_id}")


def tell_all(meeting: Meeting, kind: str, *, subject: str, body: str) -> int:
    """The same words to everybody with a seat, one letter each."""
    persons = [person for person in recipients(meeting) if person.address]
    for person in persons:
        mail.post(kind, person, subject=subject, body=body, thread=f"meeting-{meeting.pk}")
    return len(persons)
