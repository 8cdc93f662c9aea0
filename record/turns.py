"""What only one process may do at a time, and what is taken from one that has died."""

import fcntl
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from django.db import DatabaseError, connection
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

OURS = 0x465647  # the first half of PostgreSQL's key: these locks are ours
LEASE = timedelta(minutes=12)  # longer than a drawing or a letter is held: whoever takes the job again may have it
MOST_TIMES = 5  # a job that has ended so many workers would end the next one too


@contextmanager
def alone(name: str) -> Iterator[bool]:
    """Whether nobody else does `name` now; as long as the block runs, nobody else will. Whoever dies lets go at once.

    Other than a row that says "taken", these locks end with the process that has them: nobody waits for the dead.
    """
    lock = _in_postgresql if connection.vendor == "postgresql" else _beside_the_file
    with lock(name) as mine:
        yield mine


@contextmanager
def _in_postgresql(name: str) -> Iterator[bool]:
    key = [OURS, zlib.crc32(name.encode()) & 0x7FFFFFFF]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        mine = cursor.fetchone()[0]
    try:
        yield mine
    finally:
        if mine:
            # The connection goes back to a pool and lives on. One that is broken has let go already.
            with suppress(DatabaseError), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)


@contextmanager
def _beside_the_file(name: str) -> Iterator[bool]:
    with open(f"{connection.settings_dict['NAME']}-{name}.lock", "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def put_back_lost() -> int:
    """Jobs in the queue that have been under way for longer than a worker may hold them are ready again; returns how many.

    Their worker has died, or could not note how they ended since the database was away. Every job may be done twice: what has
    been done is known by its own row. One that has been lost MOST_TIMES is given up.
    """
    lost = DBTaskResult.objects.running().filter(started_at__lt=timezone.now() - LEASE)
    back = 0
    for job in lost.only("pk", "started_at", "worker_ids"):
        mine = lost.filter(pk=job.pk, started_at=job.started_at)  # unless it has been taken again meanwhile
        if len(job.worker_ids) >= MOST_TIMES:
            mine.update(status=TaskResultStatus.FAILED, finished_at=timezone.now(), traceback="Lost by every worker.")
        else:
            back += mine.update(status=TaskResultStatus.READY)
    return back
