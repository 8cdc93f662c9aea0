"""What was noted last of each person at a meeting, and how one can take part."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from meetings.models import Attendance, Interruption, Meeting, Movement

CHANNELS = ("Teams", "Skype", "telefon")  # for a meeting that names none of its own


def channels_of(meeting: Meeting) -> tuple[str, ...]:
    """Through what one may take part, besides being on site."""
    return tuple(meeting.channels) or CHANNELS


class Done(NamedTuple):
    """What was last noted about somebody: a name for it, and for a mark the status and channel before it."""

    name: str
    status: str = ""
    channel: str = ""


def last_done(rows: Iterable[Attendance]) -> dict[int, Done]:
    """For each row what `undo` would take back; three queries whatever the number of rows."""
    keys = [row.pk for row in rows]
    found: dict[int, tuple[datetime, Done]] = {}

    def newest(pk: int, when: datetime, done: Done) -> None:
        if pk not in found or found[pk][0] <= when:
            found[pk] = (when, done)

    for pk, marks in _marks(keys).items():
        if marks:
            newest(pk, *marks[-1])
    for model in (Interruption, Movement):
        alive = model.objects.filter(attendance__in=keys).values("pk")
        dates = model.history.filter(id__in=alive).order_by("history_date", "history_id")
        # A corrected clock is no new event; an interruption that ended is.
        for one in dates.exclude(history_change_reason="retime").values_list("id", "attendance_id", "history_date"):
            newest(one[1], one[2], Done(f"{model.__name__.lower()}-{one[0]}"))
    return {pk: done for pk, (_, done) in found.items()}


def _marks(keys: list[int]) -> dict[int, list[tuple[datetime, Done]]]:
    """The marks (status, channel) of each row that have not been undone, oldest first."""
    marks: dict[int, list[tuple[datetime, Done]]] = {}
    before: dict[int, Any] = {}
    for past in Attendance.history.filter(id__in=keys).order_by("history_date", "history_id"):
        mine, last = marks.setdefault(past.id, []), before.get(past.id)
        if past.history_change_reason == "undo" and mine:
            mine.pop()
        elif past.history_change_reason == "attend" and last and (past.status, past.channel) != (last.status, last.channel):
            if last.partial and not past.partial:
                mine.clear()  # took movements with it: no single key brings them back
            else:
                mine.append((past.history_date, Done(f"mark-{past.history_id}", last.status, last.channel)))
        before[past.id] = past
    return marks
