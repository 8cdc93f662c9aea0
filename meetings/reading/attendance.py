"""Who is at a meeting and how, in words; what was noted last of each; whose turn it is to adjust."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Max

from meetings.models import Attendance, Interruption, Meeting, Movement, Officer
from meetings.states import Verb
from people.models import Mandate, Party, Role

CHANNELS = ("Teams", "Skype", "telefon")  # for a meeting that names none of its own


def channels_of(meeting: Meeting) -> tuple[str, ...]:
    """Through what one may take part, besides being on site."""
    return tuple(meeting.channels) or CHANNELS


def rows_of(meeting: Meeting) -> list[Attendance]:
    """Everybody in the list, in the order of the protocol."""
    return list(
        meeting.attendances.select_related("party", "replaces").prefetch_related(
            "party__names", "presences", "movements", "interruptions__paragraph"
        )
    )


def describe(row: Attendance, day: date) -> str:
    """Name, title and party as in the protocol."""
    party = row.party.short_on(day) if row.party else row.party_printed
    return ", ".join(part for part in (row.name, row.title, party) if part)


def differs(row: Attendance) -> str:
    """What differs from being there all the time, in a few words."""
    parts = [f"{movement.get_kind_display()} {movement.at:%H.%M}" for movement in row.movements.all()]
    if row.partial:
        count = len(row.presences.all())
        parts.append("närvarande under en paragraf" if count == 1 else f"närvarande under {count} paragrafer")
    broken = len(row.interruptions.all())
    if broken:
        parts.append("ett avbrott" if broken == 1 else f"{broken} avbrott")
    if row.co_opted:
        parts.append("adjungerad")
    if row.replaces:
        parts.append(f"ersätter {row.replaces.name}")
    return ", ".join(parts)


def electable(meeting: Meeting) -> list[Attendance]:
    """Those who may be chosen to adjust: who is here, or is chosen already, and neither chairs nor keeps the minutes."""
    busy = {officer.person_id for officer in meeting.officers.all() if officer.role != Officer.Role.ADJUSTER}
    chosen = {officer.person_id for officer in meeting.adjusters}
    return [
        row
        for row in rows_of(meeting)
        if row.person_id not in busy and (row.status == Attendance.Status.PRESENT or row.person_id in chosen)
    ]


def turns(meeting: Meeting, attendances: list[Attendance]) -> list[tuple[str, date | None]]:
    """The unions that are here and the day each one last adjusted for this group; the one whose turn it is comes first (R34)."""
    here: dict[int, Party] = {
        row.party_id: row.party for row in attendances if row.side == Attendance.Side.EMPLOYEE and row.party_id
    }
    latest = dict(
        Officer.objects.filter(role=Officer.Role.ADJUSTER, party__in=here, meeting__group=meeting.group_id)
        .exclude(meeting=meeting)
        .order_by()
        .values_list("party")
        .annotate(day=Max("meeting__date"))
    )
    order = sorted(here, key=lambda pk: (latest.get(pk) or date.min, here[pk].position, pk))
    return [(here[pk].name_on(meeting.date), latest.get(pk)) for pk in order]


def union_seats(meeting: Meeting) -> list[Mandate]:
    """One seat of each person that sits for a union in the group that day: who may go to the board for the staff."""
    seats: dict[int, Mandate] = {}
    for seat in (
        meeting.group.mandates.valid_on(meeting.date)
        .filter(role__in=Role.OF_UNIONS)
        .select_related("person", "party")
        .prefetch_related("party__names")
        .order_by("party__position", "party", "position", "pk")
    ):
        if seat.side == "employee":
            seats.setdefault(seat.person_id, seat)
    return list(seats.values())


class Done(NamedTuple):
    """What was last noted about somebody: a name for it, and for a mark the status and channel before it."""

    name: str
    status: str = ""
    channel: str = ""


def last_done(attendances: Iterable[Attendance]) -> dict[int, Done]:
    """For each row what `undo` would take back; three queries whatever the number of rows."""
    keys = [row.pk for row in attendances]
    latest: dict[int, tuple[datetime, Done]] = {}

    def newest(pk: int, when: datetime, done: Done) -> None:
        if pk not in latest or latest[pk][0] <= when:
            latest[pk] = (when, done)

    for pk, marks in _marks(keys).items():
        if marks:
            newest(pk, *marks[-1])
    for model in (Interruption, Movement):
        alive = model.objects.filter(attendance__in=keys).values("pk")
        dates = model.history.filter(id__in=alive).order_by("history_date", "history_id")
        # A corrected clock is no new event; an interruption that ended is.
        for pk, attendance, when in dates.exclude(history_verb=Verb.RETIME).values_list("id", "attendance_id", "history_date"):
            newest(attendance, when, Done(f"{model.__name__.lower()}-{pk}"))
    return {pk: done for pk, (_, done) in latest.items()}


def _marks(keys: list[int]) -> dict[int, list[tuple[datetime, Done]]]:
    """The marks (status, channel) of each row that have not been undone, oldest first."""
    marks: dict[int, list[tuple[datetime, Done]]] = {}
    before: dict[int, Any] = {}
    for past in Attendance.history.filter(id__in=keys).order_by("history_date", "history_id"):
        mine, last = marks.setdefault(past.id, []), before.get(past.id)
        if past.history_verb == Verb.UNDO and mine:
            mine.pop()
        elif past.history_verb == Verb.ATTEND and last and (past.status, past.channel) != (last.status, last.channel):
            if last.partial and not past.partial:
                mine.clear()  # took movements with it: no single key brings them back
            else:
                mine.append((past.history_date, Done(f"mark-{past.history_id}", last.status, last.channel)))
        before[past.id] = past
    return marks
