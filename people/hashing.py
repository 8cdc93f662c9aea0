"""Passwords are hashed by turns: however many log in at once, the threads and the processor are there for those who are in."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import Any

from allauth.core import context as current
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from record.limited import Busy, Turns

CROWDED = "Många loggar in just nu. Inget har ändrats. Vänta en stund och försök igen."

# In each web process, which has a handful of threads. Whoever waits holds one of them: of strangers, who may be any number, one
# waits. Those who are in have turns of their own, so that no stranger keeps anybody from signing, and wait for longer.
STRANGERS, KNOWN = Turns(1), Turns(1)
OF_STRANGERS = {"patience": 3.0, "queue": 1}
OF_KNOWN = {"patience": 15.0, "queue": 2}

_has_it: ContextVar[bool] = ContextVar("has a turn to hash", default=False)


class Crowded(Exception):
    """So many passwords are being checked that this one was not looked at. Says in Swedish to come back."""

    def __init__(self) -> None:
        super().__init__(CROWDED)


def demand_room() -> None:
    """Raises Crowded when a stranger would be turned away anyhow; asked before anything is counted."""
    if STRANGERS.full(OF_STRANGERS["queue"]):
        raise Crowded


@contextmanager
def turn() -> Iterator[None]:
    """Have the turn to hash for this request; raises Crowded. Whoever has it already goes on, and so does a command.

    Whoever hashes in a transaction takes the turn before it: nobody waits for a turn with the database locked.
    """
    request = current.request
    if request is None or _has_it.get():
        yield
        return
    turns, limits = (KNOWN, OF_KNOWN) if request.user.is_authenticated else (STRANGERS, OF_STRANGERS)
    with ExitStack() as held:
        try:
            held.enter_context(turns.one(**limits))
        except Busy:
            raise Crowded from None
        held.callback(_has_it.reset, _has_it.set(True))
        yield


class InTurn(PBKDF2PasswordHasher):
    """Django's own hashes, one at a time. Every password passes here, also the one that is made up for an unknown address."""

    def encode(self, *args: Any, **kwargs: Any) -> str:
        with turn():
            return super().encode(*args, **kwargs)
