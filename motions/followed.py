"""What of the answers is followed up. This room knows no balance list: the one that does tells it here (meetings/apps.py)."""

from collections.abc import Callable
from typing import NamedTuple

from motions.models import Answer, Motion
from people.models import User


class FollowedUp(NamedTuple):
    """A promise in the answer to the att-sats `claim`, as it stands on the list."""

    claim: int
    words: str
    status: str
    state: str
    url: str


class PromiseSource(NamedTuple):
    """What stands on the list of a motion's answers, for one reader; and the page that puts more of an answer there."""

    of: Callable[[Motion, User], list[FollowedUp]]
    address: Callable[[Answer], str]


_source: list[PromiseSource] = []


def told_by(source: PromiseSource) -> None:
    """The room above says once, at the start, where the list is found."""
    _source[:] = [source]


def of(motion: Motion, user: User) -> dict[int, list[FollowedUp]]:
    """The promises by the key of the att-sats that was answered."""
    found: dict[int, list[FollowedUp]] = {}
    for one in _source[0].of(motion, user) if _source else []:
        found.setdefault(one.claim, []).append(one)
    return found


def address(answer: Answer) -> str:
    """Where a sentence of the answer is put on the list; "" when there is nothing to put."""
    return _source[0].address(answer) if _source else ""
