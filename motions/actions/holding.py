"""A motion held while something is done with it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from motions.models import Motion
from record.moves import WrongState, hold


@contextmanager
def unlocked(motion: Motion, verb: str) -> Iterator[Motion]:
    """Hold the motion; it must be in a state for `verb`, and no protocol may have locked it."""
    with transaction.atomic():
        stored = hold(motion)
        if stored.locked or stored.state not in stored.MOVES[verb].sources:
            raise WrongState(stored, verb)
        yield stored
