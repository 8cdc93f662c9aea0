"""Motions on a meeting's agenda: taken up under a §, printed in the text or an appendix, put off to a later meeting."""

from datetime import date, timedelta

from django.db import transaction
from django.utils.formats import date_format

from meetings.actions.agenda import append, remove_appendix, replace_file
from meetings.models import AgendaChange, Appendix, Item, Meeting, Paragraph, Placement
from meetings.reading.left_open import left_open
from meetings.reading.numbering import lacks_file, moved
from meetings.states import FINISHED, State
from motions.actions.handling import postpone as put_off
from motions.actions.handling import take_up
from motions.models import FINAL, Motion
from motions.states import LOCKED, Phase
from people.models import User, today
from record import uploads
from record.history import forget, remember
from record.moves import Refused, during, hold
from record.swedish import ended

FILE_GONE = "Filen till ”{}” finns inte i lagringen. Be dem som lämnade in om den igen."
# What the interchange format calls an appendix that holds one of these.
APPENDIX_KINDS = {Motion.Kind.OPINION: "statement", Motion.Kind.QUESTION: "inquiry", Motion.Kind.NOTE: "minute_note"}


def place(
    motion: Motion,
    *,
    meeting: Meeting,
    paragraph: Paragraph | None,
    item: Item | None = None,
    appendix: Appendix | None = None,
    by: User,
) -> Placement:
    """Take a filed motion up at a meeting: under a paragraph or item, printed there or in an appendix.

    One that was up before and was left open can be taken up again when that protocol is sealed. Refused when it is locked, is
    another group's, is up at another meeting, or has a file and no appendix for it.
    """
    with during(meeting, "place") as stored:
        motion = hold(motion)
        if motion.group_id != stored.group_id:
            raise Refused(f"{motion.words.The} är till en annan grupp.")
        if motion.state != "filed" or (motion.phase in LOCKED and not left_open(motion)):
            raise Refused("Bara det som är inlämnat och inte låst kan placeras.")
        for part in (paragraph, item.paragraph if item else None, appendix):
            if part is not None and part.meeting_id != stored.pk:
                raise Refused("Platsen hör till ett annat möte.")
        if motion.file and (appendix is None or appendix.sha256 != motion.sha256):
            raise Refused(f"{motion.words.The} har en fil. Välj att skriva ut i en ny bilaga, så följer filen med protokollet.")
        placement = stored.placements.filter(motion=motion).first() or Placement(meeting=stored, motion=motion)
        elsewhere = motion.placements.exclude(meeting=stored).exclude(meeting__state__in=[*FINISHED, State.CANCELLED])
        if elsewhere.exists():
            raise Refused(f"{motion.words.The} tas redan upp på ett annat möte.")
        again = placement.pk is not None
        placement.paragraph = paragraph or (item.paragraph if item else None)
        placement.item, placement.appendix = item, appendix
        placement.position = placement.position or max(stored.placements.values_list("position", flat=True), default=0) + 1
        remember(placement, by=by, verb="place")
        take_up(motion, Phase.DRAFTING if stored.state == State.DRAFT else Phase.OPEN, day=stored.date, again=again, by=by)
    return placement


def place_in_new_appendix(
    motion: Motion, *, meeting: Meeting, paragraph: Paragraph | None, item: Item | None, title: str = "", by: User
) -> Placement:
    """Take a motion up and print it in an appendix of its own, called `title` or as the motion is; Refused as by `place`."""
    with transaction.atomic():
        kind = APPENDIX_KINDS.get(motion.kind, motion.kind)
        file = (
            {"file": uploads.again(motion, missing=FILE_GONE.format(motion)), "description": motion.description}
            if motion.file
            else {}
        )
        appendix = append(meeting, title=title or motion.title, party=motion.party, kind=kind, by=by, **file)
        return place(motion, meeting=meeting, paragraph=paragraph, item=item, appendix=appendix, by=by)


def take_file(placement: Placement, *, by: User) -> Placement:
    """Print the file that the motion has now: in the appendix that held its earlier one, else in a new one."""
    with during(placement.meeting, "place") as meeting:
        motion, row = hold(placement.motion), hold(placement)
        if not motion.file:
            raise Refused(f"{motion.words.The} har ingen fil.")
        appendix = row.appendix
        if not lacks_file(motion, appendix):
            return row
        own = appendix is not None and motion.history.filter(sha256=appendix.sha256).exclude(sha256="").exists()
        if appendix is None or not own or appendix.placements.exclude(pk=row.pk).exists():
            return place_in_new_appendix(motion, meeting=meeting, paragraph=row.paragraph, item=row.item, by=by)
        replace_file(
            appendix, file=uploads.again(motion, missing=FILE_GONE.format(motion)), description=motion.description, by=by
        )
    return row


def note_change(placement: Placement, *, moved: bool, by: User) -> AgendaChange:
    """Say under "Godkännande av dagordning" that the motion came to the agenda, or was moved to where it stands now.

    Once noted, a later move only changes the § of the same note.
    """
    with during(placement.meeting, "place") as meeting:
        change = AgendaChange.objects.filter(meeting=meeting, motion=placement.motion).first()
        if change is None:
            kind = AgendaChange.Kind.MOVE if moved else AgendaChange.Kind.ADDITION
            change = AgendaChange(meeting=meeting, motion=placement.motion, kind=kind)
        change.party, change.subject = placement.motion.party, str(placement.motion)
        change.paragraph, change.appendix = placement.paragraph, placement.appendix
        change.full_clean(exclude=["meeting", "party", "paragraph", "appendix", "motion"])
        remember(change, by=by, verb="change_agenda")
    return change


def unnote_change(placement: Placement, *, by: User) -> None:
    """Take back what was said of the motion under "Godkännande av dagordning"."""
    with during(placement.meeting, "place") as meeting:
        for change in AgendaChange.objects.filter(meeting=meeting, motion=placement.motion):
            forget(change, by=by, verb="change_agenda")


def move_placement(placement: Placement, *, by_steps: int, by: User) -> None:
    """Move it earlier (-1) or later (1) among those printed at the same place: under one § or matter, or in one appendix."""
    with during(placement.meeting, "place") as meeting:
        placements = list(meeting.placements.order_by("position", "pk"))
        by_pk = {row.pk: row for row in placements}
        beside = [row.pk for row in placements if row.place == by_pk[placement.pk].place]
        order = iter(moved(beside, placement.pk, by=by_steps))
        for position, row in enumerate(placements, start=1):
            placed = by_pk[next(order)] if row.pk in beside else row
            if placed.position != position:
                placed.position = position
                remember(placed, by=by, verb="place")


def postpone(placement: Placement, *, until: date | None, why: str, by: User) -> None:
    """Put the motion off to the meeting on `until`, or to the next one.

    At the meeting it is tabled, and the protocol says so; before the meeting it leaves the agenda. Refused when `until` is not
    later, and at the meeting when it is tabled already or has all its answers.
    """
    with during(placement.meeting, "postpone") as meeting:
        motion = placement.motion
        day = meeting.date or today()
        if until is not None and until <= day:
            raise Refused("Välj ett möte som kommer efter det här.")
        table = meeting.state == State.DRAFT and not motion.says
        if table and any(claim.put_off for claim in motion.claims.prefetch_related("answers")):
            raise Refused(f"{motion.words.The} är redan {'bordlagt' if motion.words.neuter else 'bordlagd'}.")
        when = f"till mötet den {date_format(until, 'j F Y')}" if until else "till nästa möte"
        text = f"{motion.words.the} bordläggs {when}. {ended(why.strip())}".rstrip()
        tabled = put_off(
            motion,
            until=until or day + timedelta(days=1),
            text=text,
            table=table,
            why=why.strip(),
            by=by,
            next_time=until is None,
        )
        if table:
            if not tabled and all(claim.outcome in FINAL for claim in motion.claims.prefetch_related("answers")):
                raise Refused(f"{motion.words.The} har fått slutliga svar. Det finns inget att skjuta upp.")
            return
        unnote_change(placement, by=by)
        appendix = placement.appendix
        forget(hold(placement), by=by, verb="postpone", why=why)
        if appendix is not None and _only_for(appendix, motion):
            remove_appendix(appendix, by=by)


def _only_for(appendix: Appendix, motion: Motion) -> bool:
    """The appendix was made for this motion, and nothing else is printed in it or refers to it."""
    made_for_it = appendix.sha256 == motion.sha256 and not appendix.text and appendix.party_id == motion.party_id
    return made_for_it and not appendix.placements.exists() and not appendix.item_links.exists()
