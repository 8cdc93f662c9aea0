"""The outbox: one letter per recipient, kept until it is sent. Nothing else in the project sends mail about meetings.

`tell` is the one door. A kind of letter is a row in people/letters.py, its words are templates/mail/<kind>.txt, and a room tells.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django_tasks import task

from people import invitations
from people.letters import may_be_refused
from people.models import Letter, Person, Silence, User

INVITATION = "invitation"
DAILY = timedelta(hours=20)  # the pause of what may come once a day; the timer is not to the minute
MOST_ATTEMPTS = 10
# No machine should answer a machine: neither "jag är på semester" nor a bounce of a bounce.
AUTOMATIC = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
log = logging.getLogger(__name__)


def tell(
    kind: str,
    persons: Iterable[Person | None],
    /,
    *,
    thread: str = "",
    address: str = "",
    pause: timedelta | None = None,
    gather: timedelta | None = None,
    calendar: Callable[..., str] | None = None,
    method: str = "",
    **context: Any,
) -> int:
    """Write a letter of the kind to each of `persons`, to be sent when the transaction has committed; return how many there were.

    None to a person without an address, nor to one who has said no to the kind. `context` is what the words of the kind ask for.

    Letters with the same `thread` are shown together. With `address` it goes there, also when there is no person (None) yet.
    With `pause`, none to one who was told of the same (kind and thread) that recently. With `gather`, what happens several times
    in a row is one letter at once, and at most one more, that long after, for the rest.
    `calendar(person=…, method=…)` makes the person's iCalendar file, and `method` is its METHOD.
    """
    written = 0
    for person in _reached(kind, persons, address):
        at = _moment(kind, person, thread, pause=pause, gather=gather)
        if at is not None:
            subject, body = write(kind, person=person, **context)
            file = calendar(person=person, method=method) if calendar else ""
            keep(
                kind,
                address or person.address,
                person=person,
                subject=subject,
                body=body,
                calendar=file,
                calendar_method=method if file else "",
                thread=thread,
                created_at=at,
            )
            written += 1
    return written


def write(kind: str, /, **context: Any) -> tuple[str, str]:
    """Subject and text of a letter. The subject is the first line of its template, and the text what stands below the empty line.

    The subject is read by others over the shoulder and in logs: no union, no text of a protocol.
    """
    subject, _, body = render_to_string(f"{kind}.txt", {"site": settings.SITE_URL, **context}, using="mail").partition("\n\n")
    return subject, body.strip()


def _reached(kind: str, persons: Iterable[Person | None], address: str) -> list[Person | None]:
    """Those of the persons who have an address and have not said no to the kind."""
    reached = [person for person in persons if address or person.address]
    if not may_be_refused(kind):
        return reached
    silent = set(Silence.objects.filter(kind=kind, person__in=reached).values_list("person", flat=True))
    return [person for person in reached if person.pk not in silent]


def _moment(
    kind: str, person: Person | None, thread: str, *, pause: timedelta | None, gather: timedelta | None
) -> datetime | None:
    """When the letter is to leave; None when another one tells the person of this."""
    now = timezone.now()
    earlier = Letter.objects.filter(kind=kind, person=person, thread=thread)
    if pause is not None and earlier.filter(created_at__gte=now - pause).exists():
        return None
    if gather is None:
        return now
    if earlier.filter(sent_at=None, attempts__lt=MOST_ATTEMPTS).exists():
        return None  # it has not gone out yet, and tells of this too
    last = earlier.order_by("-created_at").first()
    return max(now, last.created_at + gather) if last else now


def keep(kind: str, address: str, *, subject: str, **fields: Any) -> Letter:
    """Put a letter in the outbox, and send it after the commit."""
    letter = Letter.objects.create(kind=kind, address=address, subject=" ".join(subject.split())[:200], **fields)
    transaction.on_commit(lambda: deliver.enqueue(letter.pk))
    return letter


def due_at(letter: Letter) -> Any:
    """When the next attempt may be made: at once, then after 4, 12, 28 … minutes, the tenth after a day and a half."""
    return letter.created_at + timedelta(minutes=4 * (2**letter.attempts - 1))


def claim(letter_id: int) -> Letter | None:
    """Take the letter for one attempt, or None when it is sent, given up, not due, or in the hands of another worker.

    The row is locked only while the attempt is counted: a slow mail server must not hold up the database.
    """
    with transaction.atomic():
        letter = Letter.objects.select_for_update().filter(pk=letter_id, sent_at=None, attempts__lt=MOST_ATTEMPTS).first()
        if letter is None or due_at(letter) > timezone.now():
            return None
        letter.attempts += 1
        letter.fault = ""  # of the attempt before; none stands there while this one is under way
        letter.save()
    return letter


def try_again(letter_id: int) -> bool:
    """Begin anew with a letter whose last attempt failed, given up or not; returns whether it was one. Never one on its way."""
    with transaction.atomic():
        letter = Letter.objects.select_for_update().filter(pk=letter_id, sent_at=None).first()
        if letter is None or not (letter.fault or due_at(letter) < timezone.now()):
            return False
        letter.attempts, letter.created_at = 0, timezone.now()  # the waits between attempts are counted from here
        letter.save()
        transaction.on_commit(lambda: deliver.enqueue(letter.pk))
    return True


@task()
def deliver(letter_id: int) -> bool:
    """Try to send one letter; says whether it left. A failure is noted on the letter and tried again by `deliver_waiting`."""
    letter = claim(letter_id)
    if letter is None:
        return False
    try:
        message = as_mail(letter)
        if message is None:
            letter.fault, letter.attempts = "Inbjudan behövs inte längre.", MOST_ATTEMPTS
        else:
            message.send()
            letter.fault, letter.sent_at = "", timezone.now()
    except Exception as error:  # whatever the mail server or the network comes up with, the letter waits for better days
        letter.fault = f"{type(error).__name__}: {error}"[:200]
        log.warning("letter %s was not sent, attempt %s: %s", letter.pk, letter.attempts, type(error).__name__)
    letter.save()
    return letter.sent_at is not None


def deliver_waiting(limit: int = 500) -> int:
    """Send what waits and is due; returns how many letters left. Run by `manage.py tick`."""
    waiting = Letter.objects.filter(sent_at=None, attempts__lt=MOST_ATTEMPTS).order_by("created_at", "pk")[:limit]
    now = timezone.now()
    return sum(deliver.call(letter.pk) for letter in waiting if due_at(letter) <= now)


def as_mail(letter: Letter) -> EmailMultiAlternatives | None:
    """The mail to its one recipient; None for an invitation that nobody needs any more."""
    body = letter.body
    if letter.kind == INVITATION:
        user = User.objects.filter(email=letter.address, is_active=True).first()
        if user is None or user.has_usable_password():
            return None
        body = body.replace(invitations.LINK, invitations.link_for(user))
    host = urlsplit(settings.SITE_URL).hostname
    headers = {**AUTOMATIC, "Message-ID": f"<letter-{letter.pk}@{host}>"}
    if letter.person_id and may_be_refused(letter.kind):
        choices = settings.SITE_URL + reverse("people:choose_mail")
        headers["List-Unsubscribe"] = f"<{choices}>"
        body = f"{body.rstrip()}\n\n-- \nVill du inte ha sådana här mejl? Välj bort dem på din profil: {choices}\n"
    if letter.thread:
        headers["In-Reply-To"] = headers["References"] = f"<thread-{slugify(letter.thread)}@{host}>"
    message = EmailMultiAlternatives(letter.subject, body, to=[letter.address], headers=headers)
    if letter.calendar:
        # The method stands both here and in the file, or calendars show a file instead of an invitation (RFC 6047).
        message.attach_alternative(letter.calendar, f"text/calendar; method={letter.calendar_method}")
    return message
