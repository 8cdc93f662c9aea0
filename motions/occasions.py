"""The group's coming meetings and their deadlines. This room knows no meetings: the one that does tells it here (meetings/apps.py)."""

from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple

from django.utils import timezone

from people.models import Group


class Occasion(NamedTuple):
    """A coming meeting of a group, with the last moment to file for it."""

    date: date
    deadline: datetime | None

    @property
    def late(self) -> bool:
        """Its deadline has passed."""
        return self.deadline is not None and self.deadline < timezone.now()


_source: list[Callable[[Group], list[Occasion]]] = []


def told_by(source: Callable[[Group], list[Occasion]]) -> None:
    """The room above says once, at the start, where the meetings are found."""
    _source[:] = [source]


def coming(group: Group) -> list[Occasion]:
    """The planned and called meetings from today on, the nearest first."""
    return _source[0](group) if _source else []


def aimed_at(occasions: list[Occasion], day: date | None) -> Occasion | None:
    """The meeting that something wanted on `day` (or as soon as can be) comes up at."""
    return next((one for one in occasions if day is None or one.date >= day), None)


def in_time(occasions: list[Occasion], day: date | None) -> Occasion | None:
    """The same, of those whose deadline has not passed."""
    return aimed_at([one for one in occasions if not one.late], day)
