"""The balance list: open, note, close. An open promise cannot fall off."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from meetings.models import BalanceItem, BalanceNote, Meeting, Paragraph
from meetings.states import FROZEN, State
from people.models import Group, Person, User
from record import chain
from record.history import remember
from record.moves import Refused, Stale, WrongState, hold


def tell_of_export(items: list[BalanceItem], *, kind: str, by: User) -> None:
    """Note in the log of each group that its list was taken out as a file, and how much of it."""
    counts: dict[Group, int] = {}
    for item in items:
        counts[item.group] = counts.get(item.group, 0) + 1
    with transaction.atomic():
        for group in sorted(counts, key=lambda group: group.pk):  # in one order, so that two never wait for each other
            data = {"items": counts[group], "kind": kind}
            chain.append(group.chain, "balance_exported", by=by, thing=f"group:{group.pk}", data=data)


def open_item(
    group: Group, *, title: str, by: User, meeting: Meeting | None = None, paragraph: Paragraph | None = None, owner: Person | None = None,
    due: date | None = None,
) -> BalanceItem:  # fmt: skip
    """A new promise; opened at a meeting in progress it stands in that meeting's protocol."""
    with transaction.atomic():
        if meeting is not None and hold(meeting).state in FROZEN:
            raise WrongState(meeting, "edit_text")
        item = BalanceItem(group=group, title=title, opened_at=meeting, paragraph=paragraph, owner=owner, due=due)
        item.full_clean(exclude=["group", "opened_at", "paragraph", "owner"])
        remember(item, by=by, why="open_item")
        if meeting is not None:
            remember(BalanceNote(item=item, meeting=meeting, position=item.pk % 32000), by=by, why="open_item")
    return item


def change_item(item: BalanceItem, *, title: str, owner: Person | None, due: date | None, version: int, by: User) -> BalanceItem:
    """Change what is promised, by whom and until when."""
    with transaction.atomic():
        held = hold(item)
        if held.version != version:
            raise Stale(held)
        held.title, held.owner, held.due, held.version = title, owner, due, held.version + 1
        held.full_clean(exclude=["group", "opened_at", "paragraph", "owner", "closed_at"])
        remember(held, by=by, why="change_item")
    vars(item).update(vars(held))
    return item


def note(
    item: BalanceItem, *, meeting: Meeting, text: str, by: User, closes: bool = False, under: Paragraph | None = None,
    seen: str | None = None,
) -> BalanceNote:  # fmt: skip
    """What was said at this meeting; a closing note needs words, and says under which § (else the list's own) the promise was kept.

    `seen` is the note that `by` had before them; Stale when it is another by now.
    """
    if closes and not text.strip():
        raise ValidationError({"text": "Skriv vad som är gjort för att avsluta punkten."})
    with transaction.atomic():
        meeting = hold(meeting)
        if meeting.state in FROZEN or meeting.state == "cancelled":
            raise WrongState(meeting, "edit_text")
        held = hold(item)
        if held.group_id != meeting.group_id:
            raise Refused("Punkten hör till en annan grupp.")
        if held.state == BalanceItem.State.CLOSED and held.closed_at_id != meeting.pk:
            raise Refused("Punkten är redan avslutad.")
        under = _closing_paragraph(meeting, under) if closes else None
        row = BalanceNote.objects.filter(item=held, meeting=meeting).first() or BalanceNote(
            item=held, meeting=meeting, position=held.pk % 32000
        )
        if seen is not None and row.text != seen:
            raise Stale(row)
        row.text, row.closes, row.under = text, closes, under
        row.full_clean(exclude=["item", "meeting", "under"])
        remember(row, by=by, why="close_item" if closes else "note")
        state = BalanceItem.State.CLOSED if closes else BalanceItem.State.OPEN
        if held.state != state:
            held.state, held.closed_at = state, meeting if closes else None
            held.version += 1
            remember(held, by=by, why="close_item" if closes else "reopen_item")
    vars(item).update(vars(held))
    return row


def _closing_paragraph(meeting: Meeting, under: Paragraph | None) -> Paragraph:
    """The § of the protocol that tells of the closing. A meeting that has not begun may still be called off, and closes nothing."""
    if meeting.state != State.DRAFT:
        raise Refused("Mötet har inte börjat. Anteckna nu, och avsluta punkten när utkastet är öppet.")
    if under is None:
        under = meeting.paragraphs.filter(slug="balance").first()
    if under is None or under.meeting_id != meeting.pk:
        raise ValidationError({"under": "Välj under vilken paragraf i protokollet punkten avslutas."})
    return under


def report(item: BalanceItem, *, meeting: Meeting, text: str, by: User, seen: str | None = None) -> BalanceNote:
    """The owner tells how it goes, for the next meeting's list."""
    return note(item, meeting=meeting, text=text, by=by, closes=False, seen=seen)
