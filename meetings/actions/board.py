"""What the board decided: entered, corrected and taken away beside a frozen protocol, whose text is not touched."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from meetings.models import BoardDecision, BoardEntry, Item, Meeting
from people.models import User, today
from record import chain
from record.history import forget, remember
from record.moves import Refused, Stale, during, hold
from record.text import TextError, demand_readable_together

MOST_ENTRIES = 20
MOST_CHARACTERS = 150_000  # of one decision with all that was handed in: it is read as one
MOST_OF_A_MEETING = 200_000  # of all decisions of one meeting: they stand on its page together
MOST_LINES_OF_A_MEETING = 10_000


def demand_for_board(item: Item) -> None:
    """Refused when the item does not go to a board: only a matter does, and only where the group has one."""
    if not item.goes_to_board:
        raise Refused("Gruppen hör inte till någon nämnd." if item.is_matter else "Bara ett ärende kan gå till nämnden.")


def enter_decision(
    item: Item,
    *,
    decided_on: date,
    text: str,
    entries: list[dict[str, Any]],
    by: User,
    board_paragraph: str = "",
    version: int = 0,
) -> BoardDecision:
    """Write what the board decided, and who reserved themselves or made a statement (kind, persons, parties, text of each).

    A second time corrects it, with a history. `version` is that of the decision that `by` has seen, 0 for none; Stale when it is
    another by now.
    """
    demand_for_board(item)
    if decided_on > today():
        raise ValidationError({"decided_on": "Dagen har inte varit än."})
    if len(entries) > MOST_ENTRIES:
        raise ValidationError(f"Skriv högst {MOST_ENTRIES} reservationer och yttranden.")
    texts = [text, *(entry["text"] for entry in entries)]
    _demand_room(texts, most=MOST_CHARACTERS)
    with during(item.meeting, "enter_decision") as meeting:
        hold(item)
        others = BoardDecision.objects.filter(item__paragraph__meeting=meeting).exclude(item=item)
        said = [*others.values_list("text", flat=True), *others.values_list("entries__text", flat=True)]
        _demand_room(
            [*texts, *(one for one in said if one)],
            most=MOST_OF_A_MEETING,
            lines=MOST_LINES_OF_A_MEETING,
            where="om nämndens beslut i mötets ärenden",
        )
        row = BoardDecision.objects.filter(item=item).first()
        if (row.version if row else 0) != version:
            raise Stale(row or BoardDecision(item=item, version=0))
        row = row or BoardDecision(item=item, version=0)
        row.decided_on, row.board_paragraph, row.text, row.version = decided_on, board_paragraph, text, row.version + 1
        row.full_clean(exclude=["item"])
        remember(row, by=by, verb="enter_decision")
        _write_entries(row, entries, by=by)
        _tell(meeting, "board_decision_entered", item, by=by, edition=row.version, words=chain.fingerprint(words_of(row)))
    return row


def _demand_room(texts: list[str], **bounds: Any) -> None:
    """Raises ValidationError for more than is read as one. The words are counted, not parsed."""
    try:
        demand_readable_together(texts, **bounds)
    except TextError as error:
        raise ValidationError(str(error)) from error


def words_of(decision: BoardDecision) -> dict[str, Any]:
    """What the log proves of it: the day, where it stands in the board's protocol, and every word."""
    return {
        "decided_on": decision.decided_on.isoformat(),
        "board_paragraph": decision.board_paragraph,
        "text": decision.text,
        "entries": [
            {"kind": entry.kind, "persons": entry.persons, "parties": entry.parties, "text": entry.text}
            for entry in decision.entries.all()
        ],
    }


def _write_entries(decision: BoardDecision, entries: list[dict[str, Any]], *, by: User) -> None:
    """Store the entries in their order; a row that says the same as before is left as it is."""
    standing = list(decision.entries.all())
    for position, fields in enumerate(entries, start=1):
        known = position <= len(standing)
        row = standing[position - 1] if known else BoardEntry(decision=decision, position=position)
        if known and all(getattr(row, name) == value for name, value in fields.items()):
            continue
        for name, value in fields.items():
            setattr(row, name, value)
        row.full_clean(exclude=["decision"])
        remember(row, by=by, verb="enter_decision")
    for row in standing[len(entries) :]:
        forget(row, by=by, verb="enter_decision")


def remove_decision(item: Item, *, version: int, by: User) -> None:
    """Take away a decision that was entered at the wrong matter; the history keeps it. Stale when it is another by now."""
    with during(item.meeting, "enter_decision") as meeting:
        hold(item)
        row = BoardDecision.objects.filter(item=item).first()
        if row is None:
            return
        if row.version != version:
            raise Stale(row)
        for entry in row.entries.all():
            forget(entry, by=by, verb="remove_decision")
        forget(row, by=by, verb="remove_decision")
        _tell(meeting, "board_decision_removed", item, by=by, edition=version)


def _tell(meeting: Meeting, kind: str, item: Item, *, by: User, edition: int, **more: str) -> None:
    data = {"items": [item.pk], "matters": [item.title], "edition": edition, **more}
    chain.append(meeting.group.chain, kind, by=by, thing=f"meeting:{meeting.pk}", data=data)
