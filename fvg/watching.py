"""What runs by itself, and whether it does: the worker, the timer, and the oldest of what they are to take care of."""

import contextvars
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import BoundedSemaphore, Thread
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Min
from django.utils import timezone
from django.utils.timesince import timesince
from django_tasks_db.models import DBTaskResult

from meetings.models import Meeting
from meetings.models.meeting import SEAL_TAKES
from people import mail
from people.models import Letter
from record import beats, guards
from record.models import Beat
from record.verifying import last_verification

PATIENCE = 0.8  # seconds: whoever asks gets an answer within one
asking = BoundedSemaphore(4)  # those that hang together with the database, in each process
log = logging.getLogger(__name__)


class Part(NamedTuple):
    """A part, and since when it has been silent (what should beat), or the oldest has waited (what should be taken care of)."""

    name: str
    label: str
    since: datetime | None
    limit: timedelta
    beats: bool
    now: datetime

    @property
    def age(self) -> int | None:
        """Seconds; None for what has never beaten, and for an empty queue."""
        return None if self.since is None else max(0, int((self.now - self.since).total_seconds()))

    @property
    def late(self) -> bool:
        """Whether somebody should look."""
        return self.beats if self.since is None else self.now - self.since > self.limit

    @property
    def words(self) -> str:
        if self.since is None:
            return "har aldrig gått" if self.beats else "inget väntar"
        age = f"{self.age} sekunder" if self.age < 60 else timesince(self.since, self.now, depth=1)
        return f"gick för {age} sedan" if self.beats else f"har väntat i {age}"


def parts() -> list[Part]:
    """Every part as it is now. Five questions to the database."""
    now = timezone.now()
    beaten = dict(Beat.objects.values_list("name", "at"))
    letters = Letter.objects.waiting().filter(created_at__lte=now).aggregate(oldest=Min("created_at"))
    tasks = DBTaskResult.objects.ready().aggregate(oldest=Min("enqueued_at"))
    seals = Meeting.objects.waiting_for_seal().aggregate(oldest=Min("adjusted_at"))
    return [
        Part("worker", "Bakgrundsarbetet", beaten.get(beats.WORKER), timedelta(minutes=5), True, now),
        Part("timer", "Det som går var femte minut", beaten.get(beats.TIMER), timedelta(minutes=20), True, now),
        Part("mail", "Mejl som inte har gått i väg", letters["oldest"], mail.LATE, False, now),
        Part("tasks", "Jobb som inte har börjat", tasks["oldest"], timedelta(minutes=10), False, now),
        Part("seals", "Protokoll som väntar på försegling", seals["oldest"], SEAL_TAKES, False, now),
    ]


def health() -> dict[str, Any] | None:
    """What the monitoring is told: names of parts, and ages. None when the database is slow, or is not what it should be."""
    return _soon(_health)


def _health() -> dict[str, Any] | None:
    last = last_verification()
    if guards.missing() or (last is not None and last.findings):
        return None
    found = parts()
    late = [part.name for part in found if part.late]
    return {"status": "varning" if late else "ok", "late": late, "ages": {part.name: part.age for part in found}}


def _soon(ask: Callable[[], Any]) -> Any:
    """What `ask` answers, or None when it has none within our patience. A thread of its own hangs in our place."""
    answers: list[Any] = []

    def run() -> None:
        try:
            answers.append(_in_time(ask))
        except Exception as error:  # whatever is wrong, the answer is the same
            log.warning("the database does not answer: %s", type(error).__name__)
        finally:
            asking.release()
            connection.close()

    if not asking.acquire(blocking=False):
        return None
    thread = Thread(target=contextvars.copy_context().run, args=(run,), daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return answers[0] if answers else None


def _in_time(ask: Callable[[], Any]) -> Any:
    """PostgreSQL itself ends a question that takes too long. (SQLite has only readers here, which wait for nobody.)"""
    if connection.vendor != "postgresql":
        return ask()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {int(PATIENCE * 1000)}")
        cursor.execute(f"SET LOCAL lock_timeout = {int(PATIENCE * 1000)}")
        return ask()
