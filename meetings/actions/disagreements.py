"""Oenighet: disagree, take that back, and settle what is left open once the protocol is sealed."""

from datetime import date

from django.core.exceptions import ValidationError

from meetings import letters
from meetings.models import Disagreement, Item, Settlement
from people.models import Party, User, today
from record.history import forget, remember
from record.moves import Refused, Stale, during, hold


def disagree(item: Item, *, party: Party, reason: str, by: User, version: int = 0) -> Disagreement:
    """Note that the union disagrees in the matter, for this reason; Refused for a matter that is not before decision.

    `version` is that of the reason that `by` has seen, 0 for none; Stale when it is another by now. The outcome of the matter
    follows: a disagreement is never printed as agreement.
    """
    with during(item.paragraph.meeting, "edit_text"):
        matter = hold(item)
        if matter.kind != Item.Kind.DECISION:
            raise Refused("Oenighet anmäls i ett ärende inför beslut.")
        row = Disagreement.objects.filter(item=matter, party=party).first()
        if (row.version if row else 0) != version:
            raise Stale(row or Disagreement(item=matter, party=party, version=0))
        if row is None:
            row = Disagreement(
                item=matter, party=party, version=0, negotiation_days=item.paragraph.meeting.group.negotiation_days
            )
        row.reason, row.version = reason, row.version + 1
        row.full_clean(exclude=["item", "party"])
        remember(row, by=by, verb="disagree")
        if matter.outcome != Item.Outcome.DISAGREEMENT:
            matter.outcome, matter.version = Item.Outcome.DISAGREEMENT, matter.version + 1
            remember(matter, by=by, verb="disagree")
            vars(item).update(vars(matter))
    return row


def take_back(disagreement: Disagreement, *, by: User) -> None:
    """Take the union's disagreement back and tell its representatives; when it was the last, the matter has no outcome yet."""
    with during(disagreement.meeting, "edit_text"):
        item = hold(disagreement.item)
        forget(hold(disagreement), by=by, verb="take_back")
        if item.outcome == Item.Outcome.DISAGREEMENT and not item.disagreements.exists():
            item.outcome, item.version = Item.Outcome.NONE, item.version + 1
            remember(item, by=by, verb="take_back")
        letters.tell_of_taken_back(disagreement, by=by)


def settle(disagreement: Disagreement, *, result: str, settled_on: date, text: str, by: User, version: int = 0) -> Settlement:
    """Write what became of it, and when, beside the sealed protocol; a second time corrects it, with a history.

    Stale when `version` is not the one that stands; ValidationError without words, or for a day before the meeting or to come.
    """
    meeting = disagreement.meeting
    with during(meeting, "settle"):
        if not text.strip():
            raise ValidationError({"text": "Skriv vad som hände."})
        if settled_on > today():
            raise ValidationError({"settled_on": "Dagen har inte varit än."})
        if meeting.date and settled_on < meeting.date:
            raise ValidationError({"settled_on": "Dagen ligger före mötet där oenigheten anmäldes."})
        hold(disagreement)
        row = Settlement.objects.filter(disagreement=disagreement).first()
        if (row.version if row else 0) != version:
            raise Stale(row or Settlement(disagreement=disagreement, version=0))
        row = row or Settlement(disagreement=disagreement, version=0)
        row.result, row.settled_on, row.text, row.version = result, settled_on, text, row.version + 1
        row.full_clean(exclude=["disagreement"])
        remember(row, by=by, verb="settle")
    return row
