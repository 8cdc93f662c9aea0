"""Reminders: to those who have not signed, at most once a day, and of promises that are overdue, each once a week, of the
last day for a central negotiation, once, and to those who are to write an answer."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.formats import date_format

from meetings.actions.balance import soonest
from meetings.letters import holders, link
from meetings.models import BalanceItem, Disagreement, Meeting, Officer
from motions import reminders as answers
from people import mail
from people.models import Group, Letter, Party, Person, Role, today
from protocol.letters import name_of
from protocol.models import Signature
from record.history import remember

WEEK = timedelta(days=7)
MOST_LINKS = 20
NOTICE = timedelta(days=3)  # before the last day for a central negotiation
LONGEST = 400  # days; nobody agrees on more


def remind() -> int:
    """Post today's reminders and return how many there were."""
    return _signers() + _overdue() + _negotiations() + answers.remind()


def _signers() -> int:
    """The day before the adjustment day, and every day after it, to each who has not signed."""
    sent = 0
    day = today()
    waiting = Meeting.objects.awaiting_approval().filter(adjustment_day__lte=day + timedelta(days=1)).select_related("group")
    for meeting in waiting:
        signed = Signature.objects.filter(version__meeting=meeting, version__withdrawal__isnull=True).values("person")
        for officer in Officer.objects.filter(meeting=meeting).exclude(person__in=signed).select_related("person__user"):
            thread = f"meeting-{meeting.pk}"
            if officer.person.address and not mail.told_today("remind_to_sign", officer.person, thread):
                body = (
                    f"Protokollet väntar på din underskrift. Justeringsdagen är {date_format(meeting.adjustment_day, 'j F Y')}.\n\n"
                    f"Läs och skriv under: {link('protocol:approval', meeting.pk)}"
                )
                mail.post("remind_to_sign", officer.person, subject=f"Påminnelse: {name_of(meeting)}", body=body, thread=thread)
                sent += 1
    return sent


def _overdue() -> int:
    """The day after its day, and every week after that, to the owner of an overdue promise and to the group's secretary.

    One letter to each for all that is in turn; the item remembers when it was last told of.
    """
    day = today()
    with transaction.atomic():
        in_turn = Q(reminded_on__isnull=True) | Q(reminded_on__lte=day - WEEK)
        rows = BalanceItem.objects.overdue(day).filter(in_turn).select_related("group", "owner__user").order_by("pk")
        items = list(rows.select_for_update(of=("self",)))
        for item in items:
            item.reminded_on = day
            remember(item, by=None, verb="remind")
        return _tell_owners(items) + _tell_secretaries(items)


def _tell_owners(items: list[BalanceItem]) -> int:
    owned: dict[Person, list[BalanceItem]] = {}
    for item in items:
        if item.owner is not None and item.owner.address:
            owned.setdefault(item.owner, []).append(item)
    for person, own in owned.items():
        told = "Skriv där hur det går" if all(soonest(item.group_id) for item in own) else "Säg till sekreteraren hur det går"
        body = (
            f"Du är ansvarig för {_many(own)} på balanslistan där dagen har passerat.\n\n{_links(own)}\n\n"
            f"{told}. Ska dagen flyttas, säg till sekreteraren."
        )
        mail.post("overdue", person, subject="Balanslistan: något skulle ha varit klart", body=body, thread="balance")
    return len(owned)


def _tell_secretaries(items: list[BalanceItem]) -> int:
    groups: dict[Group, list[BalanceItem]] = {}
    for item in items:
        groups.setdefault(item.group, []).append(item)
    sent = 0
    for group, own in groups.items():
        body = f"Dagen har passerat för {_many(own)} på balanslistan för {group.definite}.\n\n{_links(own)}"
        for person in holders(group, Role.SECRETARY):
            subject = f"Balanslistan för {group.abbreviation}: försenat"
            mail.post("overdue_list", person, subject=subject, body=body, thread=f"balance-{group.pk}")
            sent += 1
    return sent


def _many(items: list[BalanceItem]) -> str:
    return "en punkt" if len(items) == 1 else f"{len(items)} punkter"


def _links(items: list[BalanceItem]) -> str:
    """Where to read of each, without its words."""
    lines = [link("meetings:balance_item", item.pk) for item in items[:MOST_LINKS]]
    return "\n".join(lines if len(items) <= MOST_LINKS else [*lines, f"Alla: {link('meetings:balance')}"])


def _negotiations() -> int:
    """Some days before the last one that the group has agreed on: to the union that disagrees, the secretary and HR, each once."""
    day, sent = today(), 0
    rows = Disagreement.objects.open()
    recent = rows.filter(item__paragraph__meeting__date__gte=day - timedelta(days=LONGEST))
    for row in recent.select_related("item__paragraph__meeting__group", "settlement"):
        if row.deadline is None or not row.deadline - NOTICE <= day <= row.deadline:
            continue
        thread = f"disagreement-{row.pk}"
        told = set(Letter.objects.filter(kind="negotiation", thread=thread).values_list("person", flat=True))
        for person in _concerned(row):
            if person.pk not in told:
                _tell_of_last_day(row, person, thread)
                sent += 1
    return sent


def _concerned(row: Disagreement) -> list[Person]:
    """Those who speak for the union in the group, its secretary, and HR of the group or above it."""
    group = row.meeting.group
    seats = (
        group.mandates.valid_on(today())
        .filter(role__in=Role.SPEAKING, party__in=Party.objects.with_heirs({row.party_id}))
        .select_related("person__user")
    )
    persons = [seat.person for seat in seats if seat.person.address] + holders(group, Role.SECRETARY)
    above: Group | None = group
    while above is not None:
        persons += holders(above, Role.HR)
        above = above.parent
    return list({person.pk: person for person in persons}.values())


def _tell_of_last_day(row: Disagreement, person: Person, thread: str) -> None:
    meeting = row.meeting
    body = (
        f"Vid mötet med {meeting.group.definite} den {date_format(meeting.date, 'j F Y')} anmäldes oenighet i ett ärende. "
        f"Sista dag att begära central förhandling är den {date_format(row.deadline, 'j F Y')}, enligt det som gäller för gruppen.\n\n"
        f"Läs mer: {link('meetings:disagreements')}"
    )
    mail.post("negotiation", person, subject=f"Sista dag närmar sig: {name_of(meeting)}", body=body, thread=thread)
