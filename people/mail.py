"""The outbox: one letter per recipient, kept until it is sent. Nothing else in the project sends mail about meetings."""

import logging
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
MOST_ATTEMPTS = 10
# No machine should answer a machine: neither "jag är på semester" nor a bounce of a bounce.
AUTOMATIC = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
log = logging.getLogger(__name__)


def write(template: str, *, person: Person | None = None, by: User | None = None, **context: Any) -> str:
    """The text of a letter: templates/mail/<template>.txt in the frame that all letters share."""
    return (
        render_to_string(f"mail/{template}.txt", {"person": person, "by": by, "site": settings.SITE_URL, **context}).strip()
        + "\n"
    )


def post(
    kind: str, person: Person, *, subject: str, body: str, calendar: str = "", method: str = "", thread: str = "",
    at: datetime | None = None,
) -> Letter | None:  # fmt: skip
    """Keep a letter to `person` and send it when the transaction has committed.

    Nothing for a person without an address, nor for one who has said no to the kind.

    The subject is read by others over the shoulder and in logs: no union, no text of a protocol. `calendar` is an iCalendar file
    and `method` its METHOD. Letters with the same `thread` are shown together. With `at`, it is not sent before then.
    """
    if not person.address or (may_be_refused(kind) and Silence.objects.filter(person=person, kind=kind).exists()):
        return None
    return keep(
        kind, person.address, person=person, subject=subject, body=body, calendar=calendar, calendar_method=method, thread=thread,
        created_at=at or timezone.now(),
    )  # fmt: skip


def post_once(kind: str, person: Person, *, subject: str, body: str, thread: str, pause: timedelta) -> None:
    """The same, for what often happens several times in a row: one letter at once, and at most one more after the pause for the rest."""
    earlier = Letter.objects.filter(kind=kind, person=person, thread=thread)
    if earlier.filter(sent_at=None, attempts__lt=MOST_ATTEMPTS).exists():
        return  # one that has not gone out yet tells of this too
    last = earlier.order_by("-created_at").first()
    now = timezone.now()
    post(kind, person, subject=subject, body=body, thread=thread, at=max(now, last.created_at + pause) if last else now)


def told_today(kind: str, person: Person, thread: str) -> bool:
    """Whether the person has been sent such a letter since yesterday: nobody is reminded of the same thing twice a day."""
    since = timezone.now() - timedelta(hours=20)
    return Letter.objects.filter(kind=kind, person=person, thread=thread, created_at__gte=since).exists()


def keep(kind: str, address: str, *, subject: str, **fields: Any) -> Letter:
    """Keep a letter to an address (of somebody who may not be a person yet) and send it after the commit."""
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
    """Begin anew with a letter whose last attempt failed, given up or not; says whether it was one. Never one that is on its way."""
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
