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
    """Ask for a point on the agenda, before the deadline; the file has been looked into, and has a text alternative."""
    if by.person is None:
        raise Refused("Bara en person kan föreslå en punkt.")
    with during(meeting, "propose") as held:
        if is_late(held):
            raise Refused(TOO_LATE)
        if held.proposals.waiting().filter(person=by.person).count() >= MOST_WAITING:
            raise Refused(f"Du har redan {MOST_WAITING} förslag som väntar.")
        proposal = Proposal(meeting=held, person=by.person, party=party, title=title, text=text, description=description)
        if file is not None:
            uploads.keep(proposal, file, uploads.described(file, description), description)
        proposal.full_clean(exclude=["meeting", "person", "party"])
        remember(proposal, by=by, verb="propose")
    return proposal


@contextmanager
def _waiting(proposal: Proposal, verb: str, version: int) -> Iterator[Proposal]:
    """Hold the proposal while its meeting is held too; it must still wait, and be the one that was read."""
    with during(proposal.meeting, verb):
        held = hold(proposal)
        if held.state != Proposal.State.PROPOSED:
            raise Refused(f"Förslaget väntar inte längre: det är {held.get_state_display()}.")
        if held.version != version:
            raise Stale(held)
        held.version += 1
        yield held
    vars(proposal).update(vars(held))


def withdraw_proposal(proposal: Proposal, *, version: int, by: User) -> Proposal:
    """The one who proposed takes it back, as long as nobody has placed or returned it."""
    with _waiting(proposal, "withdraw_proposal", version) as held:
        held.state = Proposal.State.WITHDRAWN
        remember(held, by=by, verb="withdraw_proposal")
    return proposal


def place_proposal(proposal: Proposal, *, paragraph: Paragraph, kind: str, title: str, version: int, by: User) -> Item:
    """Make it a point under a §, with its text and file. When the notice has gone out it is an addition to the agenda."""
    with _waiting(proposal, "place_proposal", version) as held:
        meeting = hold(held.meeting)
        if paragraph.meeting_id != meeting.pk:
            raise Refused("Paragrafen hör till ett annat möte.")
        item = agenda.add_item(paragraph, kind=kind, title=title, text=held.text, by=by)
        appendix = None
        if held.file:
            appendix = agenda.append(
                meeting,
                title=title[:300],
                description=held.description,
                party=held.party,
                file=uploads.again(held, missing=FILE_GONE),
                by=by,
            )
            agenda.refer(item, appendix=appendix, by=by)
        if meeting.called_at is not None:
            agenda.change_agenda(
                meeting,
                kind=AgendaChange.Kind.ADDITION,
                subject=title[:300],
                party=held.party,
                paragraph=paragraph,
                appendix=appendix,
                by=by,
            )
        held.state, held.item, held.paragraph = Proposal.State.PLACED, item, paragraph
        held.full_clean(exclude=["meeting", "person", "party", "item", "paragraph"])
        remember(held, by=by, verb="place_proposal")
        letters.tell_of_proposal(held, by=by)
    return item


def return_proposal(proposal: Proposal, *, reason: str, version: int, by: User) -> Proposal:
    """Say no for now, and why; the one who proposed reads it."""
    if not reason.strip():
        raise ValidationError({"reason": "Skriv varför förslaget lämnas tillbaka."})
    with _waiting(proposal, "return_proposal", version) as held:
        held.state, held.reason = Proposal.State.RETURNED, reason
        held.full_clean(exclude=["meeting", "person", "party", "item", "paragraph"])
        remember(held, by=by, verb="return_proposal")
        letters.tell_of_proposal(held, by=by)
    return proposal
