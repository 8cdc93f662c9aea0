"""Whom the room tells of what by mail around the approval. No protocol text in any of them, and no union in a subject."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.formats import date_format

from meetings import letters
from meetings.models import Meeting
from people.models import Person, Role, User
from protocol.canonical import short
from protocol.models import ChangeRequest, FrozenVersion, SealedProtocol, Signature, Withdrawal
from record.models import Event


def tell(kind: str, persons: Iterable[Person], *, meeting: Meeting, **more: Any) -> int:
    """One letter each about the meeting's protocol, with its name in the subject: Protokoll FVG 16 april 2026."""
    day = f" {date_format(meeting.date, 'j F Y')}" if meeting.date else ""
    return letters.tell(kind, persons, meeting=meeting, protocol=f"Protokoll {meeting.group.abbreviation}{day}", **more)


def signers(meeting: Meeting) -> list[Person]:
    """The people who sign, each once."""
    persons = {officer.person_id: officer.person for officer in meeting.officers.select_related("person__user")}
    return list(persons.values())


def tell_signers(meeting: Meeting, version: FrozenVersion) -> None:
    """It is ready to be signed."""
    tell("to_sign", signers(meeting), meeting=meeting, version=version, short=short(version.sha256))


def receipt(meeting: Meeting, version: FrozenVersion, signature: Signature) -> None:
    """The signer's own copy of what was signed."""
    tell("signed", [signature.person], meeting=meeting, version=version, signature=signature)


def tell_of_request(meeting: Meeting, request: ChangeRequest) -> None:
    """Somebody asks for a change; the chair and the secretary decide."""
    tell("change_requested", signers(meeting), meeting=meeting, request=request)


def tell_of_refusal(meeting: Meeting, request: ChangeRequest) -> None:
    """The change was refused, with a reason that is read on the page."""
    tell("change_refused", signers(meeting), meeting=meeting, request=request)


def tell_of_withdrawal(meeting: Meeting, withdrawal: Withdrawal) -> None:
    """Everybody who was to sign is told that no signature stands."""
    tell("withdrawn", signers(meeting), meeting=meeting, withdrawal=withdrawal)


def tell_of_lost_file(meeting: Meeting, lost: str) -> None:
    """Those who keep the service can take the file back from the backup, secretary and chair can put back one that somebody has.
    Told once, until it has been mended."""
    for user in _keepers():
        tell("file_lost", [user.person], meeting=meeting, address=user.email, lost=lost)
    tell("file_asked", _leading(meeting), meeting=meeting, lost=lost)


def tell_of_file_back(meeting: Meeting, *, by: User | None) -> None:
    """Those who were told that a file was lost need not look for it any more."""
    for user in _keepers():
        if by is None or user.pk != by.pk:
            tell("file_back", [user.person], meeting=meeting, address=user.email)
    tell("file_back", [person for person in _leading(meeting) if by is None or person.pk != by.person_id], meeting=meeting)


def _keepers() -> QuerySet[User]:
    return User.objects.filter(is_staff=True, is_active=True).select_related("person").order_by("pk")


def _leading(meeting: Meeting) -> list[Person]:
    """Secretary and chair; who of them keeps the service too is told as such."""
    leading = meeting.group.holders(Role.SECRETARY, Role.CHAIR)
    keepers = {user.person_id for user in _keepers()}
    return [person for person in leading if person.pk not in keepers]


def tell_of_seal(meeting: Meeting, sealed: SealedProtocol, event: Event) -> None:
    """All parties get the address of the one file, its hash, and the log's head: with these, a later change would show."""
    tell("sealed", letters.recipients(meeting), meeting=meeting, sealed=sealed, event=event)
