"""Who is there, who comes and goes while the meeting is on, who adjusts, who goes to the board.

Somebody who never moved was there the whole meeting and has no Presence rows. Who came under a § is there from it on, who went
under one is there to it inclusive; the set of §§ is stored by id, so that it is printed right whatever the numbers become.
"""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q

from meetings.models import Attendance, Interruption, Meeting, Movement, Officer, Paragraph, PersonnelRep, Presence
from meetings.reading.attendance import channels_of, last_done
from meetings.states import Verb
from people.models import Party, Person, User
from record.history import forget, remember
from record.moves import Refused, during, hold

MOST_PERSONNEL_REPS = 3  # prop. 1984/85:200 gave the staff at most three at a board's meeting
# Printed as "deltog inte … på grund av …". A list, because a private reason must have nowhere to go.
REASONS = ("tekniska problem", "bruten uppkoppling", "ljudproblem", "strömavbrott")


def attend(row: Attendance, *, by: User, **fields: Any) -> Attendance:
    """Set how somebody takes part: status, channel.

    Who is not here has no comings, goings or broken lines; an undo gives the last back.
    """
    with during(row.meeting, "attend"):
        attendance = hold(row)
        for name, value in fields.items():
            setattr(attendance, name, value)
        attendance.full_clean(exclude=["meeting", "person", "party", "replaces"])
        if attendance.status != Attendance.Status.PRESENT:
            _forget_movements(attendance, by=by, verb=Verb.ATTEND)
            for interruption in attendance.interruptions.all():
                forget(interruption, by=by, verb=Verb.ATTEND)
        remember(attendance, by=by, verb=Verb.ATTEND)
    vars(row).update(vars(attendance))
    return row


def all_expected_present(meeting: Meeting, *, by: User) -> int:
    """Mark everybody who is still expected as here; returns how many that was."""
    with during(meeting, "attend") as stored:
        expected = stored.attendances.filter(status=Attendance.Status.EXPECTED)
        for row in expected:
            row.status = Attendance.Status.PRESENT
            remember(row, by=by, verb=Verb.ATTEND)
        return len(expected)


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
    """Add somebody without a seat, such as an adjungerad or a presenter; Refused when the person is in the list.

    A `person` given as a name is new in the registry.
    """
    with during(meeting, "attend") as stored:
        if isinstance(person, str):
            person = Person(name=person)
            person.full_clean()
            remember(person, by=by, verb=Verb.ATTEND)
        if stored.attendances.filter(person=person).exists():
            raise Refused("Personen finns redan i närvarolistan.")
        last = max(
            (row.position for row in stored.attendances.all() if row.side == side), default=900 if side == "employer" else 31000
        )
        row = Attendance(
            meeting=stored,
            person=person,
            name=person.display,
            title=title,
            party=party,
            side=side,
            co_opted=co_opted,
            status=Attendance.Status.PRESENT,
            position=last + 1,
        )
        row.full_clean(exclude=["meeting", "person", "party"])
        remember(row, by=by, verb=Verb.ATTEND)
    return row


def present_under(row: Attendance, *, paragraphs: Iterable[Paragraph], by: User) -> None:
    """Note that somebody was there only under these paragraphs, whatever was noted before; all or none is the whole meeting.

    Refused when a paragraph is another meeting's.
    """
    with during(row.meeting, "attend"):
        attendance, wanted = hold(row), {paragraph.pk for paragraph in paragraphs}
        order = _order(attendance.meeting_id)
        if not wanted <= set(order):
            raise Refused("Paragrafen hör till ett annat möte.")
        _forget_movements(attendance, by=by, verb="present_under")
        _store(attendance, wanted or set(order), order, by=by, verb="present_under")
        remember(attendance, by=by, verb="present_under")
    vars(row).update(vars(attendance))


# While the meeting is on


def came(row: Attendance, *, paragraph: Paragraph, at: time, by: User) -> Movement:
    """Note that somebody comes, or is back, under `paragraph`: there from it on, also under what is added later.

    Refused for who is here already, or has moved under a later §; ValidationError when the clock goes back.
    """
    with during(row.meeting, "attend"):
        attendance = hold(row)
        order = _order(attendance.meeting_id)
        last = _last(attendance, paragraph, at, order)
        if last is not None and last.kind == Movement.Kind.CAME:
            raise Refused(f"{attendance.name} är redan här, sedan kl. {last.at:%H.%M}.")
        here = attendance.status == Attendance.Status.PRESENT
        if last is None and here and not attendance.partial:  # else the beginning of the meeting would be taken from them
            raise Refused(f"{attendance.name} är redan här, sedan mötet började.")
        before = _there(attendance, order) if last is not None or here else set()
        movement = _note(attendance, Movement.Kind.CAME, paragraph, at, by=by)
        attendance.status = Attendance.Status.PRESENT
        _store(attendance, before | set(order[order.index(paragraph.pk) :]), order, by=by, verb="came")
        remember(attendance, by=by, verb="came")
    vars(row).update(vars(attendance))
    return movement


def went(row: Attendance, *, paragraph: Paragraph, at: time, by: User) -> Movement:
    """Note that somebody goes under `paragraph`: there to it inclusive, from the beginning when never marked.

    Refused for who is not here, or has moved under a later §; ValidationError when the clock goes back.
    """
    with during(row.meeting, "attend"):
        attendance = hold(row)
        order = _order(attendance.meeting_id)
        last = _last(attendance, paragraph, at, order)
        if last is not None and last.kind == Movement.Kind.WENT:
            raise Refused(f"{attendance.name} gick redan kl. {last.at:%H.%M}.")
        if attendance.status not in (Attendance.Status.PRESENT, Attendance.Status.EXPECTED):
            raise Refused(f"{attendance.name} är inte markerad som här. Markera ”Här” eller ”Kom nu” först.")
        for interruption in attendance.interruptions.filter(starts__isnull=False, ends__isnull=True):
            _end(interruption, at, by=by, verb=Verb.WENT)  # who has gone is away, not cut off
        movement = _note(attendance, Movement.Kind.WENT, paragraph, at, by=by)
        attendance.status = Attendance.Status.PRESENT
        _store(attendance, _there(attendance, order) & set(order[: order.index(paragraph.pk) + 1]), order, by=by, verb=Verb.WENT)
        remember(attendance, by=by, verb=Verb.WENT)
    vars(row).update(vars(attendance))
    return movement


def unmove(movement: Movement, *, by: User) -> None:
    """Take back the person's last coming or going, so that all is as it was before it; Refused when it is not the last."""
    with during(movement.attendance.meeting, "attend"):
        attendance = hold(movement.attendance)
        rest = list(attendance.movements.all())
        if not rest or rest.pop().pk != movement.pk:
            raise Refused("Bara den senaste ankomsten eller avgången kan ångras.")
        order = _order(attendance.meeting_id)
        at = order.index(movement.paragraph_id)
        noted = movement.history.earliest("history_date").history_date
        if not rest:
            wanted = _there_at(attendance, order, noted)
            past = attendance.history.filter(history_date__lt=noted).first()
            attendance.status = past.status if past else Attendance.Status.EXPECTED
            if (
                attendance.status != Attendance.Status.PRESENT
                and attendance.interruptions.filter(starts__gte=movement.at).exists()
            ):
                raise Refused(f"{attendance.name} har ett avbrott efter kl. {movement.at:%H.%M}. Ta bort det först.")
        elif movement.kind == Movement.Kind.WENT:
            wanted = _there(attendance, order) | set(order[at:])
        else:
            # Who went and came back under one § was there under it all the same.
            wanted = _there(attendance, order) - set(order[max(at, order.index(rest[-1].paragraph_id) + 1) :])
        for interruption in attendance.interruptions.filter(ends=movement.at):
            if interruption.history.latest("history_date").history_verb == Verb.WENT:
                interruption.ends = None
                remember(interruption, by=by, verb="unmove")
        forget(movement, by=by, verb="unmove")
        _store(attendance, wanted, order, by=by, verb="unmove")
        remember(attendance, by=by, verb="unmove")


def _there_at(row: Attendance, order: list[int], when: datetime) -> set[int]:
    """Under which of today's §§ the row said that the person was there, before it knew of any movement."""
    past = row.history.filter(history_date__lt=when).first()
    if past is None or not past.partial:
        return set(order)
    there: set[int] = set()
    for presence in Presence.history.filter(attendance_id=row.pk, history_date__lt=when).order_by("history_date", "history_id"):
        (there.discard if presence.history_type == "-" else there.add)(presence.paragraph_id)
    return there & set(order)


def retime(movement: Movement, *, at: time, by: User) -> None:
    """Correct the time of a movement; ValidationError when that would change the order of the person's movements."""
    with during(movement.attendance.meeting, "attend"):
        stored = hold(movement)
        others = Movement.objects.filter(attendance=stored.attendance_id)
        before, after = others.filter(pk__lt=stored.pk).last(), others.filter(pk__gt=stored.pk).first()
        if (before and at < before.at) or (after and at > after.at):
            raise ValidationError({"at": "Klockslaget måste stämma med ordningen mellan ankomster och avgångar."})
        stored.at = at
        remember(stored, by=by, verb=Verb.RETIME)
    vars(movement).update(vars(stored))


def connect(row: Attendance, *, channel: str, by: User) -> Attendance:
    """Set that somebody takes part on site ("") or through one of the meeting's channels; Refused for another channel."""
    if channel and channel not in channels_of(row.meeting):
        raise Refused("Kanalen är inte en av mötets.")
    expected = row.status == Attendance.Status.EXPECTED and channel  # whoever is connected is here
    return attend(row, channel=channel, **({"status": Attendance.Status.PRESENT} if expected else {}), by=by)


def mark(row: Attendance, *, status: str, by: User) -> Attendance:
    """Mark somebody as here, excused or absent for the whole meeting; Refused when comings, goings or breaks would be lost."""
    with during(row.meeting, "attend"):
        last = row.movements.last()
        if last is not None:
            raise Refused(f"{row.name} {last.get_kind_display()} kl. {last.at:%H.%M}. Ångra det först.")
        if status != Attendance.Status.PRESENT and row.interruptions.exists():
            raise Refused(f"{row.name} har ett avbrott noterat. Ångra eller ta bort det först.")
        return attend(row, status=status, by=by)


def broken(row: Attendance, *, paragraph: Paragraph | None, at: time, by: User, reason: str | None = None) -> Interruption:
    """Note that somebody is cut off, until it is mended or the person goes; Refused for who is not here or is cut off already.

    Without `reason`, the reason of whoever takes part through a channel is REASONS[0].
    """
    with during(row.meeting, "attend") as meeting:
        if paragraph is not None and paragraph.meeting_id != meeting.pk:
            raise Refused("Paragrafen hör till ett annat möte.")
        row = hold(row)
        last = row.movements.last()
        if row.status != Attendance.Status.PRESENT or (last is not None and last.kind == Movement.Kind.WENT):
            raise Refused(f"{row.name} är inte här. Ett avbrott gäller den som är med.")
        going_on = row.interruptions.filter(starts__isnull=False, ends__isnull=True).first()
        if going_on is not None:
            raise Refused(f"Avbrottet för {row.name} pågår redan, sedan kl. {going_on.starts:%H.%M}.")
        if reason is None:
            reason = REASONS[0] if row.channel else ""  # of who is in the room, nobody has said why
        interruption = Interruption(attendance=row, paragraph=paragraph, starts=at, reason=reason)
        interruption.full_clean(exclude=["attendance", "paragraph"])
        remember(interruption, by=by, verb=Verb.BROKEN)
    return interruption


def mended(row: Attendance, *, at: time, by: User) -> Interruption | None:
    """End the person's interruption; None, and no trace, when it lasted less than a minute. Refused when none is going on."""
    with during(row.meeting, "attend"):
        going_on = hold(row).interruptions.filter(starts__isnull=False, ends__isnull=True).first()
        if going_on is None:
            raise Refused(f"{row.name} har inget avbrott som pågår.")
        return _end(going_on, at, by=by)


def _end(interruption: Interruption, at: time, *, by: User, verb: str = "mended") -> Interruption | None:
    if at < interruption.starts:
        raise ValidationError({"at": f"Avbrottet började kl. {interruption.starts:%H.%M} och kan inte sluta innan dess."})
    if at == interruption.starts:
        forget(interruption, by=by, verb=verb)
        return None
    interruption.ends = at
    remember(interruption, by=by, verb=verb)
    return interruption


def undo(row: Attendance, *, last: str, by: User) -> None:
    """Take back what was last noted about the person; Refused when that is no longer what `last` names."""
    with during(row.meeting, "attend"):
        attendance = hold(row)
        done = last_done([attendance]).get(attendance.pk)
        if done is None or done.name != last:
            raise Refused("Det senaste är ett annat nu. Läs raden och försök igen." if done else "Det finns inget att ångra.")
        kind, _, pk = done.name.partition("-")
        if kind == "movement":
            unmove(attendance.movements.get(pk=pk), by=by)
        elif kind == "interruption":
            interruption = attendance.interruptions.get(pk=pk)
            if interruption.ends is not None and interruption.history.filter(history_verb=Verb.BROKEN).exists():
                interruption.ends = None
                remember(interruption, by=by, verb=Verb.UNDO)
            else:
                forget(interruption, by=by, verb=Verb.UNDO)
        else:
            _bring_back_interruptions(attendance, by=by)
            attendance.status, attendance.channel = done.status, done.channel
            remember(attendance, by=by, verb=Verb.UNDO)
    row.refresh_from_db()


def _bring_back_interruptions(row: Attendance, *, by: User) -> None:
    """Bring back the interruptions that the last mark took away."""
    before = row.history.all()[1:2]  # the newest row is the mark itself
    gone = Interruption.history.filter(attendance_id=row.pk, history_type="-", history_verb=Verb.ATTEND)
    for past in gone.filter(history_date__gt=before[0].history_date) if before else ():
        interruption = past.instance
        if not Paragraph.objects.filter(pk=past.paragraph_id).exists():
            interruption.paragraph_id = None  # taken away since
        remember(interruption, by=by, verb=Verb.UNDO)


# Presence


def follow(paragraph: Paragraph, *, new: bool, by: User) -> None:
    """Make those who are there around a § that is new, or has moved before it was dealt with, be there under it.

    What has been dealt with keeps those who were there, wherever it is put, and so does a set of §§ that was chosen by hand.
    """
    if not new and _dealt_with(paragraph):
        return
    order = _order(paragraph.meeting_id)
    at = order.index(paragraph.pk)
    before, after = order[at - 1] if at else None, order[at + 1] if at + 1 < len(order) else None
    moved = Q(movements__isnull=False)
    attendances = paragraph.meeting.attendances.filter(moved | Q(partial=True) if new else moved).distinct()
    for row in attendances.prefetch_related("presences", "movements"):
        moves, there = list(row.movements.all()), _there(row, order)
        is_in = all(beside is None or beside in there for beside in (before, after))
        if before is None and moves and moves[0].kind == Movement.Kind.CAME and moves[0].paragraph_id == after:
            is_in = False
        if after is None and moves and moves[-1].kind == Movement.Kind.WENT:
            is_in = False
        wanted = there | {paragraph.pk} if is_in else there - {paragraph.pk}
        if not wanted:
            raise Refused(f"{row.name} är bara närvarande under den här paragrafen. Ändra närvaron först.")
        partial = row.partial
        _store(row, wanted, order, by=by, verb="arrange")
        if row.partial != partial:
            remember(row, by=by, verb="arrange")


def _dealt_with(paragraph: Paragraph) -> bool:
    return bool(
        paragraph.done
        or paragraph.text.strip()
        or paragraph.movements.exists()
        or paragraph.interruptions.exists()
        or paragraph.items.exclude(text="", outcome="").exists()
    )


def drop(paragraph: Paragraph, *, by: User) -> None:
    """Let nobody be there under a § that is taken away; Refused when somebody moved under it, or was there only under it."""
    if paragraph.movements.exists():
        raise Refused("Någon kom eller gick under paragrafen. Ändra det i närvarolistan först.")
    order = [pk for pk in _order(paragraph.meeting_id) if pk != paragraph.pk]
    for row in paragraph.meeting.attendances.filter(partial=True).prefetch_related("presences"):
        there = _there(row, order) - {paragraph.pk}
        if not there:
            raise Refused(f"{row.name} är bara närvarande under den här paragrafen. Ändra närvaron först.")
        _store(row, there, order, by=by, verb="arrange")
        if not row.partial:
            remember(row, by=by, verb="arrange")


def _order(meeting: int) -> list[int]:
    """The §§ of the meeting in their order now."""
    return list(Paragraph.objects.filter(meeting=meeting).order_by("position", "pk").values_list("pk", flat=True))


def _there(row: Attendance, order: list[int]) -> set[int]:
    """Under which §§ the person is there, as it stands."""
    return {presence.paragraph_id for presence in row.presences.all()} if row.partial else set(order)


def _store(row: Attendance, wanted: set[int], order: list[int], *, by: User, verb: str) -> None:
    """Make the Presence rows say `wanted`: none when that is every §. The row itself is left to the caller to save."""
    row.partial = wanted != set(order)
    keep = wanted if row.partial else set()
    stored = {presence.paragraph_id: presence for presence in row.presences.all()}
    for pk, presence in stored.items():
        if pk not in keep:
            forget(presence, by=by, verb=verb)
    for pk in order:
        if pk in keep and pk not in stored:
            remember(Presence(attendance=row, paragraph_id=pk), by=by, verb=verb)


def _last(row: Attendance, paragraph: Paragraph, at: time, order: list[int]) -> Movement | None:
    """The person's last movement; Refused or ValidationError when one under `paragraph` at `at` would come before it."""
    if paragraph.pk not in order:
        raise Refused("Paragrafen hör till ett annat möte.")
    last = row.movements.last()
    if last is not None and order.index(paragraph.pk) < order.index(last.paragraph_id):
        raise Refused(f"{row.name} {last.get_kind_display()} under en senare paragraf. Öppna den, eller en som kommer efter.")
    if last is not None and at < last.at:
        raise ValidationError({"at": f"{row.name} {last.get_kind_display()} kl. {last.at:%H.%M}. Skriv ett senare klockslag."})
    return last


def _note(row: Attendance, kind: str, paragraph: Paragraph, at: time, *, by: User) -> Movement:
    movement = Movement(attendance=row, kind=kind, paragraph=paragraph, at=at)
    remember(movement, by=by, verb=kind)
    return movement


def _forget_movements(row: Attendance, *, by: User, verb: str) -> None:
    """Forget the person's movements and presences: they were there the whole meeting, or not at all."""
    for part in (*row.movements.all(), *row.presences.all()):
        forget(part, by=by, verb=verb)
    row.partial = False


# Interruptions noted afterwards


def interrupt(row: Attendance, *, paragraph: Paragraph | None, starts: time, ends: time, reason: str, by: User) -> Interruption:
    """Note that somebody did not hear from one time to another, for a technical reason; Refused for who is not here."""
    with during(row.meeting, "attend") as meeting:
        if row.status in (Attendance.Status.EXCUSED, Attendance.Status.ABSENT):
            raise Refused(f"{row.name} är inte här. Ett avbrott gäller den som är med.")
        if ends <= starts:
            raise ValidationError({"ends": "Avbrottet kan inte sluta innan det börjar."})
        if paragraph is not None and paragraph.meeting_id != meeting.pk:
            raise Refused("Paragrafen hör till ett annat möte.")
        interruption = Interruption(attendance=row, paragraph=paragraph, starts=starts, ends=ends, reason=reason)
        interruption.full_clean(exclude=["attendance", "paragraph"])
        remember(interruption, by=by, verb="interrupt")
    return interruption


def uninterrupt(interruption: Interruption, *, by: User) -> None:
    """Take away an interruption that was noted by mistake."""
    with during(interruption.attendance.meeting, "attend"):
        forget(interruption, by=by, verb="uninterrupt")


def leave(row: Attendance, *, by: User) -> None:
    """Take somebody who was added by mistake off the list; Refused for who has a seat in the group or a task here."""
    with during(row.meeting, "attend") as meeting:
        row = hold(row)
        if not row.co_opted and meeting.group.mandates.valid_on(meeting.date).filter(person=row.person_id).exists():
            raise Refused("Den som har en plats i gruppen står kvar i närvarolistan. Markera frånvarande i stället.")
        if meeting.officers.filter(person=row.person_id).exists() or row.replaced_by.exists():
            raise Refused("Personen har en uppgift på mötet. Välj någon annan först.")
        _forget_movements(row, by=by, verb="leave")
        for interruption in row.interruptions.all():
            forget(interruption, by=by, verb="leave")
        forget(row, by=by, verb="leave")


def elect(meeting: Meeting, *, adjusters: list[Attendance], adjustment_day: date | None, by: User) -> None:
    """Choose the adjusters among those in the attendance list, and the day of adjustment.

    Refused for somebody else, ValidationError for a day before the meeting.
    """
    with during(meeting, "elect") as stored:
        for row in adjusters:
            if row.meeting_id != stored.pk:
                raise Refused("Justeraren finns inte i mötets närvarolista.")
        if adjustment_day and stored.date and adjustment_day < stored.date:
            raise ValidationError({"adjustment_day": "Justeringsdagen kan inte vara före mötet."})
        for officer in stored.officers.filter(role=Officer.Role.ADJUSTER).exclude(
            person__in=[row.person_id for row in adjusters]
        ):
            forget(officer, by=by, verb="elect")
        for position, row in enumerate(adjusters, start=2):
            officer = stored.officers.filter(role=Officer.Role.ADJUSTER, person=row.person_id).first()
            officer = officer or Officer(meeting=stored, role=Officer.Role.ADJUSTER, person=row.person)
            officer.name, officer.title, officer.party, officer.position = row.name, row.title, row.party, position
            remember(officer, by=by, verb="elect")
        stored.adjustment_day = adjustment_day
        remember(stored, by=by, verb="elect")
    vars(meeting).update(vars(stored))


def choose_personnel_reps(meeting: Meeting, *, persons: list[tuple[Person, Party | None]], by: User) -> None:
    """Choose who goes to the board's meeting for the staff: none to three, also among those absent here (R36)."""
    if len(persons) > MOST_PERSONNEL_REPS:
        raise ValidationError({"persons": f"Välj högst {MOST_PERSONNEL_REPS} personalföreträdare."})
    with during(meeting, "edit_text") as stored:
        for row in stored.personnel_reps.all():
            forget(row, by=by, verb="choose_personnel_reps")
        for person, party in persons:
            remember(PersonnelRep(meeting=stored, person=person, party=party), by=by, verb="choose_personnel_reps")
