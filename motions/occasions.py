"""The group's coming meetings and their deadlines. This room knows no meetings: `meetings` tells it here (meetings/apps.py)."""

from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple

from django.utils import timezone

from motions.models import Motion
from people.models import Group, User


class Occasion(NamedTuple):
    """A coming meeting of a group, with the last moment to file for it."""

    date: date
    deadline: datetime | None

    @property
    def late(self) -> bool:
        """Its deadline has passed."""
        return self.deadline is not None and self.deadline < timezone.now()


class TakenUp(NamedTuple):
    """A meeting that has the motion on its agenda, in words, and its page."""

    words: str
    url: str
    over: bool  # its protocol is being signed or is sealed


class OccasionSource(NamedTuple):
    """A group's coming meetings; and those that have taken a motion up, as far as one reader knows of them."""

    coming: Callable[[Group], list[Occasion]]
    taken_up: Callable[[Motion, User], list[TakenUp]]


_source: list[OccasionSource] = []


def told_by(source: OccasionSource) -> None:
    """The room above says once, at the start, where the meetings are found."""
    _source[:] = [source]


def coming(group: Group) -> list[Occasion]:
    """The planned and called meetings from today on, the nearest first."""
    return _source[0].coming(group) if _source else []


def taken_up(motion: Motion, user: User) -> list[TakenUp]:
    """The meetings that have taken the motion up, the latest first."""
    return _source[0].taken_up(motion, user) if _source else []


def aimed_at(occasions: list[Occasion], day: date | None) -> Occasion | None:
    """The meeting that something wanted on `day` (or as soon as can be) comes up at."""
    return next((one for one in occasions if day is None or one.date >= day), None)


def in_time(occasions: list[Occasion], day: date | None) -> Occasion | None:
    """The same, of those whose deadline has not passed."""
    return aimed_at([one for one in occasions if not one.late], day)
