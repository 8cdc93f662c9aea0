"""Plan, call, open the draft, cancel: the meeting's way to the table."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from meetings import letters, standard, states
from meetings.actions.balance import soonest, take_unheard
from meetings.actions.carry import carry_over
from meetings.models import Attendance, Meeting, Officer, Paragraph, TemplateItem
from meetings.states import Verb
from motions.actions.handling import follow_meeting, set_phase
from motions.states import Phase
from people.models import Group, Mandate, Person, Role, Service, User, today
from record import chain
from record.history import forget, remember
from record.moves import Refused, Stale, during, hold, moving
from record.swedish import join


def plan(group: Group, *, by: User | None, **fields: Any) -> Meeting:
    """Plan a meeting: the agenda from the template, place, time and officers from the previous one, and what was left open."""
    with transaction.atomic():
        hold(group)
        previous = (
            group.meetings.exclude(state=states.State.CANCELLED).filter(date__isnull=False).order_by("-date", "-pk").first()
        )
        meeting = Meeting(group=group, previous=previous, template=standard.template_for(group))
        if previous is not None:
            for name in ("place", "channels", "starts", "kind"):
                setattr(meeting, name, getattr(previous, name))
            if previous.next_on and "date" not in fields:
                meeting.date, meeting.starts = previous.next_on, previous.next_at or previous.starts
                meeting.place = previous.next_place or previous.place
        for name, value in fields.items():
            setattr(meeting, name, value)
        meeting.full_clean(exclude=["template", "previous", "group"])
        remember(meeting, by=by, verb="plan")
        _lay_agenda(meeting, by=by)
        _appoint_from(previous, meeting, by=by)
        carry_over(meeting, by=by)
    return meeting


def _lay_agenda(meeting: Meeting, *, by: User | None) -> None:
    """Write a paragraph for each line of the template that the group has use for."""
    group = meeting.group
    wanted = {TemplateItem.Needs.NOTHING}
    if group.board_id:
        wanted.add(TemplateItem.Needs.BOARD)
    if group.is_safety_committee:
        wanted.add(TemplateItem.Needs.SAFETY)
    items = [item for item in meeting.template.items.all() if item.needs in wanted]
    for position, item in enumerate(items, start=1):
        paragraph = Paragraph(
            meeting=meeting,
            position=position,
            slug=item.slug,
            heading=item.heading,
            section=item.section,
            only_with_content=item.rule == TemplateItem.Rule.CONTENT,
        )
        remember(paragraph, by=by, verb="plan")


def _appoint_from(previous: Meeting | None, meeting: Meeting, *, by: User | None) -> None:
    """Appoint the previous meeting's chair and secretary if they still have a seat, else those with the roles in the group."""
    day = meeting.date or today()
    mandates = list(meeting.group.mandates.valid_on(day).select_related("person", "party"))
    for role in (Officer.Role.CHAIR, Officer.Role.SECRETARY):
        before = previous.officer(role) if previous is not None else None
        chosen = next((m for m in mandates if before is not None and m.person_id == before.person_id), None)
        chosen = chosen or next((m for m in mandates if m.role == role), None)
        if chosen is not None:
            set_officer(meeting, role, chosen.person, title=chosen.title, by=by)


def set_officer(meeting: Meeting, role: str, person: Person, *, title: str, by: User | None) -> Officer:
    """Make `person` the meeting's chair or secretary in the caller's transaction, replacing whoever was."""
    officer = Officer.objects.filter(meeting=meeting, role=role).first() or Officer(meeting=meeting, role=role)
    officer.person, officer.name, officer.title = person, person.display, title
    officer.position = {Officer.Role.CHAIR: 0, Officer.Role.SECRETARY: 1}[Officer.Role(role)]
    remember(officer, by=by, verb="appoint")
    return officer


def edit(meeting: Meeting, *, fields: dict[str, Any], version: int, by: User) -> Meeting:
    """Change the facts of the meeting before the freeze; what is meant for its day follows it. Stale when somebody was first."""
    with moving(meeting, "edit", by=by) as stored:
        if stored.version != version:
            raise Stale(stored)
        before = stored.date
        for name, value in fields.items():
            setattr(stored, name, value)
        stored.version += 1
        stored.full_clean(exclude=["template", "previous", "group"])
        if stored.date != before:
            _move_service(stored, before, by=by)
            same_day = stored.group.meetings.filter(date=before).exclude(pk=stored.pk).exclude(state=states.State.CANCELLED)
            if before is not None and not same_day.exists():
                follow_meeting(stored.group, before=before, day=stored.date, by=by)
    return meeting


def _move_service(meeting: Meeting, before: date | None, *, by: User) -> None:
    """Let the substitutes who are called in serve on the meeting's day, not on `before`; on none when it is cancelled."""
    called_in = meeting.attendances.filter(replaces__isnull=False).values("person")
    mandates = Mandate.objects.filter(group=meeting.group, role=Role.SUBSTITUTE, person__in=called_in)
    for service in Service.objects.filter(mandate__in=mandates, date=before):
        forget(service, by=by, verb="move_service")
    if meeting.date and meeting.state != states.State.CANCELLED:
        for mandate in mandates.exclude(services__date=meeting.date):
            remember(Service(mandate=mandate, date=meeting.date), by=by, verb="move_service")


def appoint(meeting: Meeting, *, chair: Person | None, secretary: Person | None, by: User) -> None:
    """Choose who chairs and who keeps the minutes, two persons; the title is the one of their seat in the group."""
    with during(meeting, "appoint") as stored:
        if chair is not None and chair == secretary:
            raise ValidationError({"secretary": "Ordförande och sekreterare måste vara olika personer."})
        titles = _titles(stored)
        for role, person in ((Officer.Role.CHAIR, chair), (Officer.Role.SECRETARY, secretary)):
            if person is not None:
                set_officer(stored, role, person, title=titles.get(person.pk, ""), by=by)


def _titles(meeting: Meeting) -> dict[int, str]:
    """Person → title of their seat on the meeting's day."""
    seats = meeting.group.mandates.valid_on(meeting.date or today()).order_by("position").values_list("person_id", "title")
    return {person: title for person, title in seats if title}


def lacks_for_call(meeting: Meeting) -> list[str]:
    """What this meeting lacks and a notice cannot go out without, in words."""
    there = {"datum": meeting.date, "tid": meeting.starts, "plats": meeting.place, "dagordning": meeting.paragraphs.exists()}
    return [words for words, found in there.items() if not found]


def call(meeting: Meeting, *, by: User, seen: int | None = None) -> Meeting:
    """Send the notice, or a changed notice, to everybody with a seat: one mail each, with a calendar file.

    `seen` is how many notices had gone out when the sender decided: Stale when there is one more, so that two clicks are one
    letter. ValidationError when a fact is missing or the day has passed.
    """
    with transaction.atomic():
        with moving(meeting, Verb.CALL, by=by) as stored:
            if seen is not None and stored.notices != seen:
                raise Stale(stored)
            missing = lacks_for_call(stored)
            if missing:
                raise ValidationError(f"Kallelsen kan inte skickas: {join(missing)} saknas.")
            if stored.date < today():
                raise ValidationError("Kallelsen kan inte skickas: datumet har redan passerat.")
            stored.called_at = stored.called_at or timezone.now()
            stored.notices += 1
        sent = letters.send_call(meeting)
        chain.append(
            meeting.group.chain,
            "called",
            by=by,
            thing=f"meeting:{meeting.pk}",
            data={"date": str(meeting.date), "starts": str(meeting.starts), "place": meeting.place, "letters": sent},
        )
    return meeting


def cancel(meeting: Meeting, *, why: str, by: User) -> Meeting:
    """Call it off; those who were called are told, and their calendars too. ValidationError without a reason."""
    if not why.strip():
        raise ValidationError({"why": "Skriv varför mötet ställs in."})
    with transaction.atomic():
        called = hold(meeting).state == states.State.CALLED
        with moving(meeting, "cancel", by=by, why=why) as stored:
            stored.cancelled_why = why
            stored.notices += 1
        _move_service(meeting, meeting.date, by=by)
        following = soonest(meeting.group_id)
        if following is not None:
            take_unheard(hold(following), by=by)
        _aim_at_next(meeting, by=by)
        if called:
            letters.send_cancel(meeting)
        chain.append(meeting.group.chain, "cancelled", by=by, thing=f"meeting:{meeting.pk}", data={"why": why})
    return meeting


def _aim_at_next(cancelled: Meeting, *, by: User) -> None:
    """Let what was meant for the meeting be for the next one; if there is none, it comes with the first from that day."""
    if cancelled.date is None:
        return
    coming = cancelled.group.meetings.filter(state__in=states.WRITABLE, date__gte=cancelled.date)
    following = coming.order_by("date", "pk").first()
    if following is not None:
        follow_meeting(cancelled.group, before=cancelled.date, day=following.date, by=by)


def delete(meeting: Meeting, *, by: User) -> None:
    """Remove a planned meeting that nobody has been called to; Refused when something is written in it or refers to it."""
    with during(meeting, "delete") as stored:
        written = (
            stored.paragraphs.exclude(text="").exists() or Paragraph.objects.filter(meeting=stored, items__isnull=False).exists()
        )
        written = written or stored.balance_notes.exclude(text="").exists()
        tied = any(
            parts.exists()
            for parts in (
                stored.placements,
                stored.appendices,
                stored.following,
                stored.attendances,
                stored.opened_items,
                stored.closed_items,
                stored.proposals,
            )
        )
        if written or tied:
            raise Refused("Mötet är inte tomt. Ställ in det i stället.")
        for parts in (stored.balance_notes, stored.officers, stored.personnel_reps, stored.agenda_changes, stored.paragraphs):
            for row in parts.all():
                forget(row, by=by, verb="delete")
        forget(stored, by=by, verb="delete")


def decline(meeting: Meeting, *, mandate: Mandate, substitute: Mandate | None, by: User) -> None:
    """Say that one cannot come, and call in a substitute. Why is not asked and not stored.

    Refused for a seat of another group, and for a substitute of another party or who cannot come either.
    """
    with during(meeting, "decline") as stored:
        if mandate.group_id != stored.group_id or (substitute is not None and substitute.group_id != stored.group_id):
            raise Refused("Uppdraget hör inte till mötets grupp.")
        row = _attendance_of(stored, mandate)
        row.status = Attendance.Status.EXCUSED
        remember(row, by=by, verb="decline")
        if substitute is not None:
            if substitute.role != Role.SUBSTITUTE or substitute.party_id != mandate.party_id:
                raise Refused("Ersättaren måste vara utsedd av samma part.")
            stand_in = _attendance_of(stored, substitute)
            if stand_in.status == Attendance.Status.EXCUSED:
                raise Refused("Ersättaren har själv anmält förhinder. Välj en annan.")
            stand_in.replaces = row
            stand_in.roles = sorted({*stand_in.roles, "substitute"})
            remember(stand_in, by=by, verb="call_substitute")
            if stored.date and not Service.objects.filter(mandate=substitute, date=stored.date).exists():
                remember(Service(mandate=substitute, date=stored.date), by=by, verb="call_substitute")
            letters.tell_substitute(stored, substitute.person)


def _attendance_of(meeting: Meeting, mandate: Mandate) -> Attendance:
    """The person's row at the meeting, made from the mandate when there is none yet."""
    row = meeting.attendances.filter(person=mandate.person).first()
    return row or attendance_from(meeting, mandate)


def attendance_from(meeting: Meeting, mandate: Mandate) -> Attendance:
    """An unsaved row with name, title and party as on the meeting's day."""
    union = mandate.side == Attendance.Side.EMPLOYEE
    roles = [mandate.role] if mandate.role in (Role.SAFETY_REP, Role.CHIEF_SAFETY_REP, Role.SUBSTITUTE) else []
    title = mandate.title
    if not title and mandate.role in (Role.SAFETY_REP, Role.CHIEF_SAFETY_REP):
        title = mandate.get_role_display()
    return Attendance(
        meeting=meeting,
        person=mandate.person,
        name=mandate.person.display,
        title=title,
        party=mandate.party if union else None,
        side=mandate.side,
        roles=roles,
        position=seat_order(mandate),
    )


def seat_order(mandate: Mandate) -> int:
    """Chair first, then the employer's seats, then the unions by party and seat."""
    if mandate.side == Attendance.Side.EMPLOYER:
        return min(mandate.position + (0 if mandate.role == Role.CHAIR else 100), 999)
    return min(1000 + (mandate.party.position if mandate.party else 0) * 50 + mandate.position, 32000)


def open_draft(meeting: Meeting, *, by: User) -> Meeting:
    """Begin the meeting: a row for each with a seat that day, what was left open since, and the motions under treatment."""
    with moving(meeting, "open_draft", by=by) as stored:
        seats = (
            stored.group.mandates.valid_on(stored.date)
            .filter(Q(role__in=Role.SEATS) | Q(role=Role.SUBSTITUTE, services__date=stored.date))
            .exclude(role=Role.SECRETARY)
            .select_related("person", "party")
            .distinct()
        )
        there = set(stored.attendances.values_list("person_id", flat=True))
        for mandate in sorted(seats, key=lambda seat: (seat_order(seat), seat.pk)):
            if mandate.person_id not in there:
                there.add(mandate.person_id)
                remember(attendance_from(stored, mandate), by=by, verb="open_draft")
        carry_over(stored, by=by)
        set_phase(
            [placement.motion for placement in stored.placements.select_related("motion")],
            Phase.DRAFTING,
            by=by,
            verb="open_draft",
        )
        chain.append(stored.group.chain, "draft_opened", by=by, thing=f"meeting:{stored.pk}")
    return meeting
