"""The outbox: one letter per recipient, kept until it is sent. Nothing else in the project sends mail about meetings.

`tell` is the one door. A kind of letter is a row in people/letters.py, its words are templates/mail/<kind>.txt, and a room tells.
"""

import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import IntegrityError, OperationalError, connection, transaction
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
LEASE = timedelta(minutes=10)  # how long one attempt holds a letter
LONGEST = timedelta(minutes=3)  # what an attempt may take: ten seconds for each of the words exchanged with the server
PAUSE = timedelta(minutes=4)  # after the first attempt; twice as long after each
LONGEST_PAUSE = timedelta(hours=1)
REFUSED_PAUSE = timedelta(days=1)  # the recipient's server says that there is nobody; so does one that was set up wrong
LATE = timedelta(hours=1)  # a letter that has waited this long is told of
ROUND = 240  # seconds: with a server that does not answer the timer has other things to do as well
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
        at, after = _moment(kind, person, thread, pause=pause, gather=gather)
        if at is not None:
            subject, body = write(kind, person=person, **context)
            file = calendar(person=person, method=method) if calendar else ""
            letter = {
                "person": person,
                "subject": subject,
                "body": body,
                "calendar": file,
                "calendar_method": method if file else "",
                "thread": thread,
                "created_at": at,
            }
            written += _kept_once(kind, address or person.address, after, letter)
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
) -> tuple[datetime | None, int | None]:
    """When the letter is to leave, None when another one tells the person of this; and which letter it comes after (0: none)."""
    now = timezone.now()
    if pause is None and gather is None:
        return now, None
    earlier = Letter.objects.filter(kind=kind, person=person, thread=thread)
    last = earlier.order_by("-pk").first()
    after = last.pk if last else 0
    if pause is not None and earlier.filter(created_at__gte=now - pause).exists():
        return None, None
    if gather is None:
        return now, after
    if earlier.waiting().exists():
        return None, None  # it has not gone out yet, and tells of this too
    return (max(now, last.created_at + gather) if last else now), after


def _kept_once(kind: str, address: str, after: int | None, letter: dict[str, Any]) -> bool:
    """Whether the letter was kept: of two that come after the same one, and are written at once, the database takes one."""
    if after is None:
        keep(kind, address, **letter)
        return True
    try:
        with transaction.atomic():
            keep(kind, address, after=after, **letter)
    except IntegrityError:
        return False
    return True


def keep(kind: str, address: str, *, subject: str, **fields: Any) -> Letter:
    """Put a letter in the outbox, and send it after the commit."""
    fields["due_at"] = fields.setdefault("created_at", timezone.now())
    letter = Letter.objects.create(kind=kind, address=address, subject=" ".join(subject.split())[:200], **fields)
    transaction.on_commit(lambda: deliver.enqueue(letter.pk))
    return letter


def claim(letter_id: int) -> Letter | None:
    """Take the letter for one attempt, or None when it is sent, put aside, not due, or in the hands of another worker.

    The row is locked only while the attempt is counted: a slow mail server must not hold up the database. From then on the
    letter is held by its `taken_until`.
    """
    with transaction.atomic():
        now = timezone.now()
        letter = Letter.objects.due(now).select_for_update().filter(pk=letter_id).first()
        if letter is None:
            return None
        letter.attempts += 1
        letter.taken_until = now + LEASE
        letter.fault = ""  # of the attempt before; none stands there while this one is under way
        letter.save()
    return letter


def _still_held(letter: Letter) -> bool:
    """Whether the letter is still ours for as long as the sending may take."""
    ours = Letter.objects.waiting().filter(pk=letter.pk, taken_until=letter.taken_until)
    return letter.taken_until - timezone.now() > LONGEST and ours.exists()


def give_up(letter_id: int, *, by: User) -> bool:
    """Put a letter aside that is not to be sent any more; returns whether it was one. Never one on its way."""
    with transaction.atomic():
        letter = Letter.objects.waiting().select_for_update().filter(pk=letter_id).first()
        if letter is None or letter.under_way:
            return False
        letter.set_aside_at, letter.set_aside_by = timezone.now(), by
        letter.save()
    return True


def try_again(letter_id: int) -> bool:
    """Begin anew with a letter that failed or was put aside; returns whether it was one. Never one on its way."""
    with transaction.atomic():
        now = timezone.now()
        letter = Letter.objects.select_for_update().filter(pk=letter_id, sent_at=None).first()
        if letter is None or letter.under_way or not (letter.fault or letter.set_aside_at or letter.due_at < now):
            return False
        letter.attempts, letter.due_at = 0, now  # the pauses between attempts begin anew
        letter.refused, letter.set_aside_at, letter.set_aside_by = False, None, None
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
            _note(letter, fault="Inbjudan behövs inte längre.", set_aside_at=timezone.now())
            return False
        left = _hand_over(letter, message)
    except Exception as error:  # whatever the mail server or the network comes up with, the letter waits for better days
        fault, refused = _fault(error, letter)
        log.warning("letter %s was not sent, attempt %s: %s", letter.pk, letter.attempts, type(error).__name__)
        _note(letter, fault=fault, refused=refused, due_at=timezone.now() + pause_after(letter.attempts, refused=refused))
        return False
    if not left:
        log.warning("letter %s was not sent, attempt %s: it is no longer held", letter.pk, letter.attempts)
        return False
    _note_sent(letter)
    return True


def _hand_over(letter: Letter, message: EmailMultiAlternatives) -> bool:
    """Give the mail to the server, unless the letter is no longer ours when the server answers."""
    server = get_connection()
    try:
        server.open()
        if not _still_held(letter):
            return False
        message.connection = server
        message.send()
    finally:
        with suppress(Exception):  # a server that ends badly has the mail all the same
            server.close()
    return True


def pause_after(attempts: int, *, refused: bool = False) -> timedelta:
    """How long to wait after so many attempts that failed: 4, 8, 16, 32 minutes, then an hour, for as long as it takes."""
    return REFUSED_PAUSE if refused else min(PAUSE * 2 ** min(attempts - 1, 10), LONGEST_PAUSE)


def _fault(error: Exception, letter: Letter) -> tuple[str, bool]:
    """What went wrong, without the address, and whether the server says that it will never take this recipient."""
    told, refused = f"{type(error).__name__}: {error}", False
    if isinstance(error, SMTPRecipientsRefused) and error.recipients:
        code, words = next(iter(error.recipients.values()))
        refused = 500 <= code < 600
        words = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
        told = f"{'Mottagaren avvisas' if refused else 'Mottagaren tas inte emot just nu'}: {code} {words}"
    return told.replace(letter.address, "adressen")[:200], refused


def _note(letter: Letter, **found: Any) -> None:
    """Write down what an attempt came to, unless the letter is somebody else's by now."""
    held = Letter.objects.filter(pk=letter.pk, sent_at=None, taken_until=letter.taken_until)
    held.update(taken_until=None, **found)


def _note_sent(letter: Letter) -> None:
    """Write down that the mail has left, also when the letter is no longer ours: what has left need not leave again.

    Insists when the database is away, since the letter would be sent once more.
    """
    for pause in (1, 5, 30, 0):
        try:
            Letter.objects.filter(pk=letter.pk, sent_at=None).update(
                sent_at=timezone.now(), taken_until=None, fault="", refused=False, set_aside_at=None, set_aside_by=None
            )
            return
        except OperationalError:
            if not pause:
                raise
            log.warning("letter %s has left, and the database does not take it down; trying again", letter.pk)
            if not connection.in_atomic_block:
                connection.close()  # the next attempt opens another
            time.sleep(pause)


def deliver_waiting(limit: int = 500) -> int:
    """Send what waits and is due, for some minutes; returns how many letters left. Run by `manage.py tick`."""
    waiting = Letter.objects.due(timezone.now()).order_by("due_at", "pk").values_list("pk", flat=True)[:limit]
    began, left = time.monotonic(), 0
    for pk in list(waiting):
        left += deliver.call(pk)
        if time.monotonic() - began > ROUND:
            break
    late = Letter.objects.waiting().filter(created_at__lte=timezone.now() - LATE).count()
    if late:
        log.warning("%s letters have waited for more than an hour", late)
    return left


def as_mail(letter: Letter) -> EmailMultiAlternatives | None:
    """The mail to its one recipient; None for an invitation that nobody needs any more."""
    body = letter.body
    if letter.kind == INVITATION:
        user = User.objects.filter(email=letter.address, is_active=True).first()
        if user is None or not invitations.is_open(user):
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
