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
        held = hold(row)
        for name, value in fields.items():
            setattr(held, name, value)
        held.full_clean(exclude=["meeting", "person", "party", "replaces"])
        if held.status != Attendance.Status.PRESENT:
            _forget_movements(held, by=by, verb=Verb.ATTEND)
            for interruption in held.interruptions.all():
                forget(interruption, by=by, verb=Verb.ATTEND)
        remember(held, by=by, verb=Verb.ATTEND)
    vars(row).update(vars(held))
    return row


def all_expected_present(meeting: Meeting, *, by: User) -> int:
    """Everybody who was expected and is not excused is here. Returns how many were marked."""
    with during(meeting, "attend") as held:
        rows = held.attendances.filter(status=Attendance.Status.EXPECTED)
        for row in rows:
            row.status = Attendance.Status.PRESENT
            remember(row, by=by, verb=Verb.ATTEND)
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
            remember(person, by=by, verb=Verb.ATTEND)
        if held.attendances.filter(person=person).exists():
            raise Refused("Personen finns redan i närvarolistan.")
        last = max(
            (row.position for row in held.attendances.all() if row.side == side), default=900 if side == "employer" else 31000
        )
        row = Attendance(
            meeting=held,
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
    """Somebody was there only under these paragraphs, whatever was noted before; all or none of them is the whole meeting.

    Refused when a paragraph is another meeting's.
    """
    with during(row.meeting, "attend"):
        held, wanted = hold(row), {paragraph.pk for paragraph in paragraphs}
        order = _order(held.meeting_id)
        if not wanted <= set(order):
            raise Refused("Paragrafen hör till ett annat möte.")
        _forget_movements(held, by=by, verb="present_under")
        _store(held, wanted or set(order), order, by=by, verb="present_under")
        remember(held, by=by, verb="present_under")
    vars(row).update(vars(held))


# While the meeting is on


def came(row: Attendance, *, paragraph: Paragraph, at: time, by: User) -> Movement:
    """Somebody comes, or is back, under `paragraph`: there from it on, also under what is added later."""
    with during(row.meeting, "attend"):
        held = hold(row)
        order = _order(held.meeting_id)
        last = _last(held, paragraph, at, order)
        if last is not None and last.kind == Movement.Kind.CAME:
            raise Refused(f"{held.name} är redan här, sedan kl. {last.at:%H.%M}.")
        here = held.status == Attendance.Status.PRESENT
        if last is None and here and not held.partial:  # else the beginning of the meeting would be taken from them
            raise Refused(f"{held.name} är redan här, sedan mötet började.")
        before = _there(held, order) if last is not None or here else set()
        movement = _note(held, Movement.Kind.CAME, paragraph, at, by=by)
        held.status = Attendance.Status.PRESENT
        _store(held, before | set(order[order.index(paragraph.pk) :]), order, by=by, verb="came")
        remember(held, by=by, verb="came")
    vars(row).update(vars(held))
    return movement


def went(row: Attendance, *, paragraph: Paragraph, at: time, by: User) -> Movement:
    """Somebody goes under `paragraph`: there to it inclusive. Who was expected and never marked was there from the beginning."""
    with during(row.meeting, "attend"):
        held = hold(row)
        order = _order(held.meeting_id)
        last = _last(held, paragraph, at, order)
        if last is not None and last.kind == Movement.Kind.WENT:
            raise Refused(f"{held.name} gick redan kl. {last.at:%H.%M}.")
        if held.status not in (Attendance.Status.PRESENT, Attendance.Status.EXPECTED):
            raise Refused(f"{held.name} är inte markerad som här. Markera ”Här” eller ”Kom nu” först.")
        for interruption in held.interruptions.filter(starts__isnull=False, ends__isnull=True):
            _end(interruption, at, by=by, verb=Verb.WENT)  # who has gone is away, not cut off
        movement = _note(held, Movement.Kind.WENT, paragraph, at, by=by)
        held.status = Attendance.Status.PRESENT
        _store(held, _there(held, order) & set(order[: order.index(paragraph.pk) + 1]), order, by=by, verb=Verb.WENT)
        remember(held, by=by, verb=Verb.WENT)
    vars(row).update(vars(held))
    return movement


def unmove(movement: Movement, *, by: User) -> None:
    """The person's last coming or going was a mistake: everything is as it was before it."""
    with during(movement.attendance.meeting, "attend"):
        held = hold(movement.attendance)
        rest = list(held.movements.all())
        if not rest or rest.pop().pk != movement.pk:
            raise Refused("Bara den senaste ankomsten eller avgången kan ångras.")
        order = _order(held.meeting_id)
        at = order.index(movement.paragraph_id)
        noted = movement.history.earliest("history_date").history_date
        if not rest:
            wanted = _there_at(held, order, noted)
            past = held.history.filter(history_date__lt=noted).first()
            held.status = past.status if past else Attendance.Status.EXPECTED
            if held.status != Attendance.Status.PRESENT and held.interruptions.filter(starts__gte=movement.at).exists():
                raise Refused(f"{held.name} har ett avbrott efter kl. {movement.at:%H.%M}. Ta bort det först.")
        elif movement.kind == Movement.Kind.WENT:
            wanted = _there(held, order) | set(order[at:])
        else:
            # Who went and came back under one § was there under it all the same.
            wanted = _there(held, order) - set(order[max(at, order.index(rest[-1].paragraph_id) + 1) :])
        for interruption in held.interruptions.filter(ends=movement.at):
            if interruption.history.latest("history_date").history_verb == Verb.WENT:
                interruption.ends = None
                remember(interruption, by=by, verb="unmove")
        forget(movement, by=by, verb="unmove")
        _store(held, wanted, order, by=by, verb="unmove")
        remember(held, by=by, verb="unmove")


def _there_at(row: Attendance, order: list[int], when: datetime) -> set[int]:
    """Under which of today's §§ the row said that the person was there, before it knew of any movement."""
    past = row.history.filter(history_date__lt=when).first()
    if past is None or not past.partial:
        return set(order)
    there: set[int] = set()
    for one in Presence.history.filter(attendance_id=row.pk, history_date__lt=when).order_by("history_date", "history_id"):
        (there.discard if one.history_type == "-" else there.add)(one.paragraph_id)
    return there & set(order)


def retime(movement: Movement, *, at: time, by: User) -> None:
    """Correct what the clock said; the order of somebody's movements stays."""
    with during(movement.attendance.meeting, "attend"):
        held = hold(movement)
        others = Movement.objects.filter(attendance=held.attendance_id)
        before, after = others.filter(pk__lt=held.pk).last(), others.filter(pk__gt=held.pk).first()
        if (before and at < before.at) or (after and at > after.at):
            raise ValidationError({"at": "Klockslaget måste stämma med ordningen mellan ankomster och avgångar."})
        held.at = at
        remember(held, by=by, verb=Verb.RETIME)
    vars(movement).update(vars(held))


def connect(row: Attendance, *, channel: str, by: User) -> Attendance:
    """Take part on site ("") or through one of the meeting's channels."""
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
    with during(row.meeting, "attend") as held:
        if paragraph is not None and paragraph.meeting_id != held.pk:
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
    """The line is back. One that was broken for less than a minute is not kept: None."""
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
    """Take back what was last noted about the person, if that is still what `last` names."""
    with during(row.meeting, "attend"):
        held = hold(row)
        done = last_done([held]).get(held.pk)
        if done is None or done.name != last:
            raise Refused("Det senaste är ett annat nu. Läs raden och försök igen." if done else "Det finns inget att ångra.")
        kind, _, pk = done.name.partition("-")
        if kind == "movement":
            unmove(held.movements.get(pk=pk), by=by)
        elif kind == "interruption":
            interruption = held.interruptions.get(pk=pk)
            if interruption.ends is not None and interruption.history.filter(history_verb=Verb.BROKEN).exists():
                interruption.ends = None
                remember(interruption, by=by, verb=Verb.UNDO)
            else:
                forget(interruption, by=by, verb=Verb.UNDO)
        else:
            _bring_back_interruptions(held, by=by)
            held.status, held.channel = done.status, done.channel
            remember(held, by=by, verb=Verb.UNDO)
    row.refresh_from_db()


def _bring_back_interruptions(row: Attendance, *, by: User) -> None:
    """Those that the last mark took with it."""
    before = row.history.all()[1:2]  # the newest row is the mark itself
    gone = Interruption.history.filter(attendance_id=row.pk, history_type="-", history_verb=Verb.ATTEND)
    for past in gone.filter(history_date__gt=before[0].history_date) if before else ():
        interruption = past.instance
        if not Paragraph.objects.filter(pk=past.paragraph_id).exists():
            interruption.paragraph_id = None  # taken away since
        remember(interruption, by=by, verb=Verb.UNDO)


# Presence


def follow(paragraph: Paragraph, *, new: bool, by: User) -> None:
    """A § that is new, or has come to a new place before it was dealt with: who is there around it is there under it.

    What has been dealt with keeps those who were there, wherever it is put, and so does a set of §§ that was chosen by hand.
    """
    if not new and _dealt_with(paragraph):
        return
    order = _order(paragraph.meeting_id)
    at = order.index(paragraph.pk)
    before, after = order[at - 1] if at else None, order[at + 1] if at + 1 < len(order) else None
    moved = Q(movements__isnull=False)
    rows = paragraph.meeting.attendances.filter(moved | Q(partial=True) if new else moved).distinct()
    for row in rows.prefetch_related("presences", "movements"):
        moves, there = list(row.movements.all()), _there(row, order)
        is_in = all(one is None or one in there for one in (before, after))
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
    """A § is taken away: nobody is there under it any more."""
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
    return {one.paragraph_id for one in row.presences.all()} if row.partial else set(order)


def _store(row: Attendance, wanted: set[int], order: list[int], *, by: User, verb: str) -> None:
    """Make the Presence rows say `wanted`: none when that is every §. The row itself is left to the caller to save."""
    row.partial = wanted != set(order)
    keep = wanted if row.partial else set()
    stored = {one.paragraph_id: one for one in row.presences.all()}
    for pk, one in stored.items():
        if pk not in keep:
            forget(one, by=by, verb=verb)
    for pk in order:
        if pk in keep and pk not in stored:
            remember(Presence(attendance=row, paragraph_id=pk), by=by, verb=verb)


def _last(row: Attendance, paragraph: Paragraph, at: time, order: list[int]) -> Movement | None:
    """The movement before one that is to be noted now, which must come after it."""
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
    """Back to the whole meeting, or none of it."""
    for one in (*row.movements.all(), *row.presences.all()):
        forget(one, by=by, verb=verb)
    row.partial = False


# Interruptions noted afterwards


def interrupt(row: Attendance, *, paragraph: Paragraph | None, starts: time, ends: time, reason: str, by: User) -> Interruption:
    """Somebody did not hear from one time to another, for a technical reason."""
    with during(row.meeting, "attend") as held:
        if row.status in (Attendance.Status.EXCUSED, Attendance.Status.ABSENT):
            raise Refused(f"{row.name} är inte här. Ett avbrott gäller den som är med.")
        if ends <= starts:
            raise ValidationError({"ends": "Avbrottet kan inte sluta innan det börjar."})
        if paragraph is not None and paragraph.meeting_id != held.pk:
            raise Refused("Paragrafen hör till ett annat möte.")
        interruption = Interruption(attendance=row, paragraph=paragraph, starts=starts, ends=ends, reason=reason)
        interruption.full_clean(exclude=["attendance", "paragraph"])
        remember(interruption, by=by, verb="interrupt")
    return interruption


def uninterrupt(interruption: Interruption, *, by: User) -> None:
    """The interruption was noted by mistake."""
    with during(interruption.attendance.meeting, "attend"):
        forget(interruption, by=by, verb="uninterrupt")


def leave(row: Attendance, *, by: User) -> None:
    """Somebody without a seat was added by mistake."""
    with during(row.meeting, "attend") as held:
        row = hold(row)
        if not row.co_opted and held.group.mandates.valid_on(held.date).filter(person=row.person_id).exists():
            raise Refused("Den som har en plats i gruppen står kvar i närvarolistan. Markera frånvarande i stället.")
        if held.officers.filter(person=row.person_id).exists() or row.replaced_by.exists():
            raise Refused("Personen har en uppgift på mötet. Välj någon annan först.")
        _forget_movements(row, by=by, verb="leave")
        for interruption in row.interruptions.all():
            forget(interruption, by=by, verb="leave")
        forget(row, by=by, verb="leave")


def elect(meeting: Meeting, *, adjusters: list[Attendance], adjustment_day: date | None, by: User) -> None:
    """Choose the adjusters among those in the attendance list, and the day the protocol is to be adjusted."""
    with during(meeting, "elect") as held:
        for row in adjusters:
            if row.meeting_id != held.pk:
                raise Refused("Justeraren finns inte i mötets närvarolista.")
        if adjustment_day and held.date and adjustment_day < held.date:
            raise ValidationError({"adjustment_day": "Justeringsdagen kan inte vara före mötet."})
        for officer in held.officers.filter(role=Officer.Role.ADJUSTER).exclude(person__in=[row.person_id for row in adjusters]):
            forget(officer, by=by, verb="elect")
        for position, row in enumerate(adjusters, start=2):
            officer = held.officers.filter(role=Officer.Role.ADJUSTER, person=row.person_id).first()
            officer = officer or Officer(meeting=held, role=Officer.Role.ADJUSTER, person=row.person)
            officer.name, officer.title, officer.party, officer.position = row.name, row.title, row.party, position
            remember(officer, by=by, verb="elect")
        held.adjustment_day = adjustment_day
        remember(held, by=by, verb="elect")
    vars(meeting).update(vars(held))


def choose_personnel_reps(meeting: Meeting, *, persons: list[tuple[Person, Party | None]], by: User) -> None:
    """Who goes to the board's meeting for the staff: none to three, also among those absent here (R36)."""
    if len(persons) > MOST_PERSONNEL_REPS:
        raise ValidationError({"persons": f"Välj högst {MOST_PERSONNEL_REPS} personalföreträdare."})
    with during(meeting, "edit_text") as held:
        for row in held.personnel_reps.all():
            forget(row, by=by, verb="choose_personnel_reps")
        for person, party in persons:
            remember(PersonnelRep(meeting=held, person=person, party=party), by=by, verb="choose_personnel_reps")
