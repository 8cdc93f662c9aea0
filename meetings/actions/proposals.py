"""What others want on the agenda: propose, take back; the secretary places it, or returns it with a reason (R16)."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from meetings import letters
from meetings.actions import agenda
from meetings.models import AgendaChange, Item, Meeting, Paragraph, Proposal
from meetings.reading.proposals import is_late
from people.models import Party, User
from record import uploads
from record.history import remember
from record.moves import Refused, Stale, during, hold

FILE_GONE = "Förslagets fil finns inte i lagringen. Be om den igen, eller lämna tillbaka förslaget."
MOST_WAITING = 30  # of one person, for one meeting
TOO_LATE = "Stopptiden passerade innan du skickade. Det du skrev finns kvar här."


def propose(
    meeting: Meeting,
    *,
    title: str,
    text: str = "",
    party: Party | None = None,
    file: UploadedFile | None = None,
    description: str = "",
    by: User,
) -> Proposal:
    """Ask for a point on the agenda; Refused after the deadline, and when MOST_WAITING of one's own wait.

    The file has been looked into, and has a text alternative.
    """
    if by.person is None:
        raise Refused("Bara en person kan föreslå en punkt.")
    found = uploads.described(file, description, by=by) if file is not None else None
    with during(meeting, "propose") as stored:
        if is_late(stored):
            raise Refused(TOO_LATE)
        if stored.proposals.waiting().filter(person=by.person).count() >= MOST_WAITING:
            raise Refused(f"Du har redan {MOST_WAITING} förslag som väntar.")
        proposal = Proposal(meeting=stored, person=by.person, party=party, title=title, text=text, description=description)
        if found is not None:
            uploads.keep(proposal, file, found, description)
        proposal.full_clean(exclude=["meeting", "person", "party"])
        remember(proposal, by=by, verb="propose")
    return proposal


@contextmanager
def _waiting(proposal: Proposal, verb: str, version: int) -> Iterator[Proposal]:
    """Lock the proposal, and its meeting; Refused when it waits no longer, Stale when it is not the one that was read."""
    with during(proposal.meeting, verb):
        stored = hold(proposal)
        if stored.state != Proposal.State.PROPOSED:
            raise Refused(f"Förslaget väntar inte längre: det är {stored.get_state_display()}.")
        if stored.version != version:
            raise Stale(stored)
        stored.version += 1
        yield stored
    vars(proposal).update(vars(stored))


def withdraw_proposal(proposal: Proposal, *, version: int, by: User) -> Proposal:
    """Take one's own proposal back, as long as nobody has placed or returned it."""
    with _waiting(proposal, "withdraw_proposal", version) as stored:
        stored.state = Proposal.State.WITHDRAWN
        remember(stored, by=by, verb="withdraw_proposal")
    return proposal


def place_proposal(proposal: Proposal, *, paragraph: Paragraph, kind: str, title: str, version: int, by: User) -> Item:
    """Make it a point under a §, with its text and file; after the notice, also a noted addition to the agenda."""
    with _waiting(proposal, "place_proposal", version) as stored:
        meeting = hold(stored.meeting)
        if paragraph.meeting_id != meeting.pk:
            raise Refused("Paragrafen hör till ett annat möte.")
        item = agenda.add_item(paragraph, kind=kind, title=title, text=stored.text, by=by)
        appendix = None
        if stored.file:
            appendix = agenda.append(
                meeting,
                title=title[:300],
                description=stored.description,
                party=stored.party,
                file=uploads.again(stored, missing=FILE_GONE),
                by=by,
            )
            agenda.refer(item, appendix=appendix, by=by)
        if meeting.called_at is not None:
            agenda.change_agenda(
                meeting,
                kind=AgendaChange.Kind.ADDITION,
                subject=title[:300],
                party=stored.party,
                paragraph=paragraph,
                appendix=appendix,
                by=by,
            )
        stored.state, stored.item, stored.paragraph = Proposal.State.PLACED, item, paragraph
        stored.full_clean(exclude=["meeting", "person", "party", "item", "paragraph"])
        remember(stored, by=by, verb="place_proposal")
        letters.tell_of_proposal(stored, by=by)
    return item


def return_proposal(proposal: Proposal, *, reason: str, version: int, by: User) -> Proposal:
    """Say no for now, and why; the one who proposed gets a letter. ValidationError without a reason."""
    if not reason.strip():
        raise ValidationError({"reason": "Skriv varför förslaget lämnas tillbaka."})
    with _waiting(proposal, "return_proposal", version) as stored:
        stored.state, stored.reason = Proposal.State.RETURNED, reason
        stored.full_clean(exclude=["meeting", "person", "party", "item", "paragraph"])
        remember(stored, by=by, verb="return_proposal")
        letters.tell_of_proposal(stored, by=by)
    return proposal
