"""The text of the protocol and its order: paragraphs, items, appendices, changes of the agenda."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import models

from meetings.actions.attendance import drop, follow
from meetings.models import (
    AgendaChange,
    Appendix,
    BalanceItem,
    BalanceNote,
    BoardDecision,
    Commitment,
    Disagreement,
    Item,
    ItemAppendix,
    Meeting,
    Paragraph,
    Proposal,
)
from meetings.reading.numbering import awaits_comments, moved
from meetings.states import Verb
from people.models import User
from record import uploads
from record.history import forget, remember
from record.moves import Refused, Stale, during, hold
from record.swedish import join

MOST_ITEMS = 200
# What stands in the way of taking a part away, in the words of the refusal.
IN_THE_WAY: dict[type[models.Model], str] = {
    Commitment: "ett åtagande",
    BalanceItem: "en punkt på balanslistan",
    BalanceNote: "en avslutad punkt på balanslistan",
    Proposal: "ett förslag",
    AgendaChange: "en ändring av dagordningen",
    Disagreement: "en anmäld oenighet",
    BoardDecision: "nämndens beslut",
}


def edit_text(paragraph: Paragraph, *, fields: dict[str, Any], version: int, by: User, verb: str = "") -> Paragraph:
    """Save a paragraph as it was written from `version`; Stale, with the text that stands, when somebody else was first."""
    with during(paragraph.meeting, "edit_text"):
        return _write(paragraph, fields, version=version, by=by, verb=verb or Verb.EDIT_TEXT)


def edit_item(item: Item, *, fields: dict[str, Any], version: int, by: User, verb: str = "") -> Item:
    """Save an item as it was written from `version`: its text in the draft, the rest from the planning on.

    Stale, with the item that stands, when somebody else was first; ValidationError for an outcome that its kind does not have.
    """
    needs = Verb.EDIT_TEXT if {"text", "outcome"} & fields.keys() else "arrange"
    with during(item.paragraph.meeting, needs):
        wanted = fields.get("outcome", item.outcome)
        if wanted not in Item.OUTCOMES[Item.Kind(item.kind)] and wanted != item.outcome:
            raise ValidationError({"outcome": "Det utfallet passar inte för den sortens punkt."})
        return _write(item, fields, version=version, by=by, verb=verb or needs)


def _write(row: Any, fields: dict[str, Any], *, version: int, by: User, verb: str) -> Any:
    """Set `fields` on the row as it stands now; Stale when that is not `version`."""
    stored = hold(row)
    if stored.version != version:
        raise Stale(stored)
    for name, value in fields.items():
        setattr(stored, name, value)
    stored.version += 1
    stored.full_clean(exclude=["meeting", "paragraph"])
    remember(stored, by=by, verb=verb)
    vars(row).update(vars(stored))
    return row


def set_done(paragraph: Paragraph, *, done: bool, by: User) -> None:
    """Mark a paragraph as finished, or not; no text is touched, so it never collides with somebody's writing."""
    with during(paragraph.meeting, "edit_text"):
        stored = hold(paragraph)
        if stored.done != done:
            stored.done = done
            remember(stored, by=by, verb="done" if done else "not_done")


def no_comments_on_the_rest(paragraph: Paragraph, *, by: User) -> int:
    """Set "inga synpunkter" on every board matter of which nothing has been said (R44). Returns how many."""
    with during(paragraph.meeting, "edit_text"):
        rest = [item for item in paragraph.items.filter(kind=Item.Kind.BOARD_MATTER, outcome="") if awaits_comments(item)]
        for item in rest:
            item.outcome = Item.Outcome.NO_COMMENTS
            item.version += 1
            remember(item, by=by, verb="no_comments_on_the_rest")
        return len(rest)


def add_item(paragraph: Paragraph, *, kind: str, by: User, **fields: Any) -> Item:
    """Add a topic or matter last under its paragraph; Refused when that is full."""
    with during(paragraph.meeting, "arrange"):
        last = paragraph.items.aggregate(last=models.Max("position"))["last"] or 0
        if last >= MOST_ITEMS:
            raise Refused(f"En paragraf kan ha högst {MOST_ITEMS} punkter.")
        item = Item(paragraph=paragraph, kind=kind, position=last + 1, **fields)
        item.full_clean(exclude=["paragraph"])
        remember(item, by=by, verb="arrange")
    return item


def remove_item(item: Item, *, by: User) -> None:
    """Take an item away, its text kept in the history; Refused while a motion, or something else, refers to it."""
    with during(item.paragraph.meeting, "arrange"):
        if item.placements.exists():
            raise Refused("Något som fackliga parter har lämnat in är placerat under punkten. Flytta det först.")
        for link in item.appendix_links.all():
            forget(link, by=by, verb="arrange")
        _take_away(hold(item), by=by, verb="arrange")


def move_item(item: Item, *, by_steps: int, by: User) -> None:
    """Move an item up (-1) or down (1) among its siblings."""
    with during(item.paragraph.meeting, "arrange"):
        _reorder(list(item.paragraph.items.all()), item.pk, by_steps, by=by)


def add_paragraph(meeting: Meeting, *, heading: str, section: str, after: Paragraph | None, by: User) -> Paragraph:
    """Add a paragraph that the template does not have, after another one or last."""
    with during(meeting, "arrange"):
        paragraphs = list(meeting.paragraphs.all())
        paragraph = Paragraph(
            meeting=meeting, heading=heading, section=section, position=max((row.position for row in paragraphs), default=0) + 1
        )
        paragraph.full_clean(exclude=["meeting"])
        remember(paragraph, by=by, verb="arrange")
        if after is not None:
            steps = [row.pk for row in paragraphs].index(after.pk) + 1 - len(paragraphs)
            _reorder([*paragraphs, paragraph], paragraph.pk, steps, by=by)
            paragraph.refresh_from_db()
        follow(paragraph, new=True, by=by)
    return paragraph


def remove_paragraph(paragraph: Paragraph, *, by: User) -> None:
    """Take an empty paragraph away, with the notes that its sentences were no promises; Refused when it is not empty."""
    with during(paragraph.meeting, "arrange"):
        stored = hold(paragraph)
        if stored.text.strip() or stored.items.exists() or stored.placements.exists() or stored.interruptions.exists():
            raise Refused("Paragrafen har innehåll. Flytta eller ta bort det först.")
        drop(stored, by=by)
        for row in stored.commitments.all():
            if not row.followed_up:
                forget(row, by=by, verb="arrange")
        _take_away(stored, by=by, verb="arrange")


def _take_away(row: Any, *, by: User, verb: str) -> None:
    """Remove a row; Refused, with what is in the way, when something else still points at it."""
    try:
        forget(row, by=by, verb=verb)
    except models.ProtectedError as error:
        kinds = {type(part) for part in error.protected_objects}
        known = [label for kind, label in IN_THE_WAY.items() if kind in kinds]
        if not kinds <= IN_THE_WAY.keys():
            known.append("något annat")
        raise Refused(f"Det går inte att ta bort så länge {join(known)} hör hit.") from error


def move_paragraph(paragraph: Paragraph, *, by_steps: int, by: User) -> None:
    """Move a paragraph up (-1) or down (1); a moved one takes the section of the place it comes to."""
    with during(paragraph.meeting, "arrange"):
        paragraphs = list(paragraph.meeting.paragraphs.all())
        place = moved([row.pk for row in paragraphs], paragraph.pk, by=by_steps).index(paragraph.pk)
        next(row for row in paragraphs if row.pk == paragraph.pk).section = paragraphs[place].section
        _reorder(paragraphs, paragraph.pk, by_steps, by=by)
        follow(next(row for row in paragraphs if row.pk == paragraph.pk), new=False, by=by)


def _reorder(siblings: Sequence[Any], pk: int, steps: int, *, by: User) -> None:
    """Give the rows the positions 1..n with row `pk` moved; only those that change are saved."""
    order = moved([row.pk for row in siblings], pk, by=steps)
    by_pk = {row.pk: row for row in siblings}
    changed = [(by_pk[key], position) for position, key in enumerate(order, start=1) if by_pk[key].position != position]
    # SQLite checks uniqueness at once: step aside first.
    for row, position in changed:
        type(row).objects.filter(pk=row.pk).update(position=10_000 + position)
    for row, position in changed:
        row.position = position
        remember(row, by=by, verb="arrange")


def append(
    meeting: Meeting,
    *,
    title: str,
    by: User,
    file: UploadedFile | None = None,
    description: str = "",
    text: str = "",
    **fields: Any,
) -> Appendix:
    """Add an appendix: a file whose type and size have been checked, or a written text."""
    found = uploads.described(file, description, by=by) if file else None
    with during(meeting, "append"):
        last = meeting.appendices.aggregate(last=models.Max("position"))["last"] or 0
        appendix = Appendix(meeting=meeting, position=last + 1, title=title, text=text, description=description, **fields)
        if found is not None:
            _put_file(appendix, file, found, description)
        appendix.full_clean(exclude=["meeting", "party"])
        remember(appendix, by=by, verb="append")
    return appendix


def replace_file(appendix: Appendix, *, file: UploadedFile, description: str, by: User) -> Appendix:
    """Put another file in the appendix; its history tells of the one that was there."""
    found = uploads.described(file, description, by=by)
    with during(appendix.meeting, "append"):
        stored = hold(appendix)
        _put_file(stored, file, found, description)
        stored.full_clean(exclude=["meeting", "party"])
        remember(stored, by=by, verb="append")
    return stored


def _put_file(appendix: Appendix, file: UploadedFile, found: uploads.Found, description: str) -> None:
    appendix.sha256, appendix.size = found.sha256, found.size
    uploads.keep(appendix, file, found, description)


def remove_appendix(appendix: Appendix, *, by: User) -> None:
    """Take an appendix away, with what refers to it; Refused while a motion is printed in it.

    The file stays in storage until retention clears it.
    """
    with during(appendix.meeting, "append"):
        if appendix.placements.exists():
            raise Refused("Något som fackliga parter har lämnat in skrivs ut i bilagan. Flytta det först.")
        for link in appendix.item_links.all():
            forget(link, by=by, verb="append")
        for change in appendix.agenda_changes.all():
            change.appendix = None
            remember(change, by=by, verb="append")
        _take_away(hold(appendix), by=by, verb="append")


def refer(item: Item, *, appendix: Appendix, by: User) -> None:
    """Note that the item refers to the appendix ("se bilaga"); Refused when that is another meeting's."""
    with during(item.paragraph.meeting, "arrange") as meeting:
        if appendix.meeting_id != meeting.pk:
            raise Refused("Bilagan hör till ett annat möte.")
        if not ItemAppendix.objects.filter(item=item, appendix=appendix).exists():
            remember(ItemAppendix(item=item, appendix=appendix, position=item.appendix_links.count()), by=by, verb="refer")


def unrefer(item: Item, *, appendix: Appendix, by: User) -> None:
    """Take back that the item refers to the appendix."""
    with during(item.paragraph.meeting, "arrange"):
        for link in ItemAppendix.objects.filter(item=item, appendix=appendix):
            forget(link, by=by, verb="unrefer")


def change_agenda(
    meeting: Meeting, *, kind: str, subject: str, party: Any, paragraph: Paragraph | None, appendix: Appendix | None, by: User
) -> AgendaChange:
    """Note an addition to, or a move in, the agenda; the sentence under "Godkännande av dagordning" is made from it."""
    with during(meeting, "arrange") as stored:
        change = AgendaChange(meeting=stored, kind=kind, subject=subject, party=party, paragraph=paragraph, appendix=appendix)
        change.full_clean(exclude=["meeting", "party", "paragraph", "appendix"])
        remember(change, by=by, verb="change_agenda")
    return change


def unchange_agenda(change: AgendaChange, *, by: User) -> None:
    """Take back a change of the agenda that was noted by mistake."""
    with during(change.meeting, "arrange"):
        forget(hold(change), by=by, verb="change_agenda")
