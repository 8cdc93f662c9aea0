"""What only one process may do at a time."""

import fcntl
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, connection

OURS = 0x465647  # the first half of PostgreSQL's key: these locks are ours


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
