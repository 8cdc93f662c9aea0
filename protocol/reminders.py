"""Reminders: to those who have not signed, and to those whose promises are overdue. Each at most once a day."""

from datetime import timedelta

from django.utils import timezone
from django.utils.formats import date_format

from meetings.models import BalanceItem, Meeting, Officer
from meetings.notices import link
from people import mail
from people.models import Letter, Person, today
from protocol.letters import name_of
from protocol.models import Signature


def remind() -> int:
    """Post today's reminders and return how many there were."""
    return _signers() + _owners()


def _told_today(kind: str, person: Person, thread: str) -> bool:
    since = timezone.now() - timedelta(hours=20)
    return Letter.objects.filter(kind=kind, person=person, thread=thread, created_at__gte=since).exists()


def _signers() -> int:
    """The day before the adjustment day, and every day after it, to each who has not signed."""
    sent = 0
    day = today()
    waiting = Meeting.objects.awaiting_approval().filter(adjustment_day__lte=day + timedelta(days=1)).select_related("group")
    for meeting in waiting:
        signed = Signature.objects.filter(version__meeting=meeting, version__withdrawal__isnull=True).values("person")
        for officer in Officer.objects.filter(meeting=meeting).exclude(person__in=signed).select_related("person__user"):
            thread = f"meeting-{meeting.pk}"
            if officer.person.address and not _told_today("remind_to_sign", officer.person, thread):
                body = (
                    f"Protokollet väntar på din underskrift. Justeringsdagen är {date_format(meeting.adjustment_day, 'j F Y')}.\n\n"
                    f"Läs och skriv under: {link('protocol:approval', meeting.pk)}"
                )
                mail.post("remind_to_sign", officer.person, subject=f"Påminnelse: {name_of(meeting)}", body=body, thread=thread)
                sent += 1
    return sent


def _owners() -> int:
    """Every Monday, to each owner of overdue promises: one letter with how many."""
    day = today()
    if day.weekday() != 0:
        return 0
    counts: dict[Person, int] = {}
    for item in BalanceItem.objects.overdue(day).filter(owner__isnull=False).select_related("owner__user"):
        counts[item.owner] = counts.get(item.owner, 0) + 1
    sent = 0
    for person, count in counts.items():
        if person.address and not _told_today("overdue", person, "balance"):
            words = "en punkt" if count == 1 else f"{count} punkter"
            body = f"Du är ansvarig för {words} på balanslistan där dagen har passerat.\n\n{link('meetings:balance')}"
            mail.post("overdue", person, subject="Balanslistan: något skulle ha varit klart", body=body, thread="balance")
            sent += 1
    return sent
