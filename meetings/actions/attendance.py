"""Who is there, who adjusts, who goes to the board."""

from collections.abc import Iterable
from datetime import date, time
from typing import Any

from django.core.exceptions import ValidationError

from meetings.models import Attendance, Interruption, Meeting, Officer, Paragraph, PersonnelRep, Presence
from people.models import Party, Person, User
from record.history import forget, remember
from record.moves import Refused, during, hold

MOST_PERSONNEL_REPS = 3  # prop. 1984/85:200 gave the staff at most three at a board's meeting


def attend(row: Attendance, *, by: User, **fields: Any) -> Attendance:
    """Set how somebody takes part: status, channel."""
    with during(row.meeting, "attend"):
        held = hold(row)
        for name, value in fields.items():
            setattr(held, name, value)
        held.full_clean(exclude=["meeting", "person", "party", "replaces"])
        if held.status != Attendance.Status.PRESENT and held.partial:
            _clear_presence(held, by=by)
        remember(held, by=by, why="attend")
    vars(row).update(vars(held))
    return row


def all_expected_present(meeting: Meeting, *, by: User) -> int:
    """Everybody who was expected and is not excused is here. Returns how many were marked."""
    with during(meeting, "attend") as held:
        rows = held.attendances.filter(status=Attendance.Status.EXPECTED)
        for row in rows:
            row.status = Attendance.Status.PRESENT
            remember(row, by=by, why="attend")
        return len(rows)


def join(
    meeting: Meeting,
    *,
    person: Person | str,
    side: str,
    title: str = "",
    party: Party | None = None,
    co_opted: bool = False,
    by: User,
) -> Attendance:
    """Somebody without a seat takes part: an adjungerad, or a presenter. A name is somebody the registry does not know yet."""
    with during(meeting, "attend") as held:
        if isinstance(person, str):
            person = Person(name=person)
            person.full_clean()
            remember(person, by=by, why="attend")
        if held.attendances.filter(person=person).exists():
            raise Refused("Personen finns redan i närvarolistan.")
        last = max(
            (row.position for row in held.attendances.all() if row.side == side), default=900 if side == "employer" else 31000
        )
        row = Attendance(
            meeting=held, person=person, name=person.display, title=title, party=party, side=side, co_opted=co_opted,
            status=Attendance.Status.PRESENT, position=last + 1,
        )  # fmt: skip
        row.full_clean(exclude=["meeting", "person", "party"])
        remember(row, by=by, why="attend")
    return row


def present_under(row: Attendance, *, paragraphs: Iterable[Paragraph], by: User) -> None:
    """Somebody was there only under these paragraphs; all of them, or none, means the whole meeting."""
    with during(row.meeting, "attend"):
        held, wanted = hold(row), {paragraph.pk for paragraph in paragraphs}
        every = set(held.meeting.paragraphs.values_list("pk", flat=True))
        if not wanted <= every:
            raise Refused("Paragrafen hör till ett annat möte.")
        _clear_presence(held, by=by)
        if wanted and wanted != every:
            held.partial = True
            for pk in sorted(wanted):
                remember(Presence(attendance=held, paragraph_id=pk), by=by, why="present_under")
        remember(held, by=by, why="present_under")
    vars(row).update(vars(held))


def _clear_presence(row: Attendance, *, by: User) -> None:
    for presence in row.presences.all():
        forget(presence, by=by, why="present_under")
    row.partial = False


def interrupt(row: Attendance, *, paragraph: Paragraph | None, starts: time, ends: time, reason: str, by: User) -> Interruption:
    """Somebody did not hear from one time to another, for a technical reason."""
    with during(row.meeting, "attend") as held:
        if ends <= starts:
            raise ValidationError({"ends": "Avbrottet kan inte sluta innan det börjar."})
        if paragraph is not None and paragraph.meeting_id != held.pk:
            raise Refused("Paragrafen hör till ett annat möte.")
        interruption = Interruption(attendance=row, paragraph=paragraph, starts=starts, ends=ends, reason=reason)
        interruption.full_clean(exclude=["attendance", "paragraph"])
        remember(interruption, by=by, why="interrupt")
    return interruption


def uninterrupt(interruption: Interruption, *, by: User) -> None:
    """The interruption was noted by mistake."""
    with during(interruption.attendance.meeting, "attend"):
        forget(interruption, by=by, why="uninterrupt")


def leave(row: Attendance, *, by: User) -> None:
    """Somebody without a seat was added by mistake."""
    with during(row.meeting, "attend") as held:
        row = hold(row)
        if not row.co_opted and held.group.mandates.valid_on(held.date).filter(person=row.person_id).exists():
            raise Refused("Den som har en plats i gruppen står kvar i närvarolistan. Markera frånvarande i stället.")
        if held.officers.filter(person=row.person_id).exists() or row.replaced_by.exists():
            raise Refused("Personen har en uppgift på mötet. Välj någon annan först.")
        _clear_presence(row, by=by)
        for interruption in row.interruptions.all():
            forget(interruption, by=by, why="leave")
        forget(row, by=by, why="leave")


def elect(meeting: Meeting, *, adjusters: list[Attendance], adjustment_day: date | None, by: User) -> None:
    """Choose the adjusters among those in the attendance list, and the day the protocol is to be adjusted."""
    with during(meeting, "elect") as held:
        for row in adjusters:
            if row.meeting_id != held.pk:
                raise Refused("Justeraren finns inte i mötets närvarolista.")
        if adjustment_day and held.date and adjustment_day < held.date:
            raise ValidationError({"adjustment_day": "Justeringsdagen kan inte vara före mötet."})
        for officer in held.officers.filter(role=Officer.Role.ADJUSTER).exclude(person__in=[row.person_id for row in adjusters]):
            forget(officer, by=by, why="elect")
        for position, row in enumerate(adjusters, start=2):
            officer = held.officers.filter(role=Officer.Role.ADJUSTER, person=row.person_id).first()
            officer = officer or Officer(meeting=held, role=Officer.Role.ADJUSTER, person=row.person)
            officer.name, officer.title, officer.party, officer.position = row.name, row.title, row.party, position
            remember(officer, by=by, why="elect")
        held.adjustment_day = adjustment_day
        remember(held, by=by, why="elect")
    vars(meeting).update(vars(held))


def choose_personnel_reps(meeting: Meeting, *, persons: list[tuple[Person, Party | None]], by: User) -> None:
    """Who goes to the board's meeting for the staff: none to three, also among those absent here (R36)."""
    if len(persons) > MOST_PERSONNEL_REPS:
        raise ValidationError({"persons": f"Välj högst {MOST_PERSONNEL_REPS} personalföreträdare."})
    with during(meeting, "edit_text") as held:
        for row in held.personnel_reps.all():
            forget(row, by=by, why="choose_personnel_reps")
        for person, party in persons:
            remember(PersonnelRep(meeting=held, person=person, party=party), by=by, why="choose_personnel_reps")
