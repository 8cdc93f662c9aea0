"""The one way to change something that has a life: hold it, check the step, let the caller add the evidence, remember."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

from django.db import transaction

from record.history import remember

Thing = TypeVar("Thing")


class Move(NamedTuple):
    """A verb's step: the states it may start from, and the state it leads to (None: it stays)."""

    sources: frozenset[str]
    target: str | None


def step(*sources: str, to: str | None = None) -> Move:
    """Read as a line of the table: from these states, to that one."""
    return Move(frozenset(sources), to)


class WrongState(Exception):
    """It is not time for `verb`. Says in Swedish why, and what to do next."""

    def __init__(self, thing: Any, verb: str) -> None:
        self.thing, self.verb = thing, verb
        self.reason, self.next_step = thing.why_not(verb)
        super().__init__(self.reason)


class Stale(Exception):
    """The text was changed by somebody else since it was read. `current` is the row as it stands now."""

    def __init__(self, current: Any) -> None:
        self.current = current
        super().__init__("Texten har ändrats av någon annan sedan du läste den.")


class Refused(Exception):
    """A rule says no. The Swedish text tells which, and what is missing."""


def hold(thing: Thing) -> Thing:
    """The row as it stands now, locked until the transaction ends."""
    return type(thing)._base_manager.select_for_update().get(pk=thing.pk)


@contextmanager
def moving(thing: Any, verb: str, *, by: Any, why: str = "") -> Iterator[Any]:
    """Lock `thing`, check that `verb` may start from its state, yield the locked row, then move it, save it whole and remember.

    Of two simultaneous calls exactly one wins; the other meets WrongState. `thing.MOVES` is the table.
    """
    with transaction.atomic():
        stored = hold(thing)
        move = stored.MOVES[verb]
        if stored.state not in move.sources:
            raise WrongState(stored, verb)
        yield stored
        if move.target is not None:
            stored.state = move.target
        remember(stored, by=by, verb=verb, why=why)
    vars(thing).update(vars(stored))


@contextmanager
def during(thing: Any, verb: str) -> Iterator[Any]:
    """Lock `thing` while its parts are changed, and check that `verb` is allowed in its state. The row itself is not saved."""
    with transaction.atomic():
        stored = hold(thing)
        if stored.state not in stored.MOVES[verb].sources:
            raise WrongState(stored, verb)
        yield stored
