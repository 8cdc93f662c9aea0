"""What the room tells by mail around the approval. No protocol text in any of them, and no union in a subject."""

from django.utils import timezone
from django.utils.formats import date_format

from meetings.letters import link, tell_all
from meetings.models import Meeting
from people import mail
from people.models import Person
from protocol.canonical import short
from protocol.models import ChangeRequest, FrozenVersion, SealedProtocol, Signature, Withdrawal
from record.models import Event


def name_of(meeting: Meeting) -> str:
    """The protocol's name in a subject: Protokoll FVG 16 april 2026."""
    return (
        f"Protokoll {meeting.group.abbreviation} {date_format(meeting.date, 'j F Y')}"
        if meeting.date
        else f"Protokoll {meeting.group.abbreviation}"
    )


def signers(meeting: Meeting) -> list[Person]:
    """The people who sign, each once."""
    persons = {officer.person_id: officer.person for officer in meeting.officers.select_related("person__user")}
    return list(persons.values())


def _post(meeting: Meeting, kind: str, persons: list[Person], *, subject: str, body: str) -> None:
    for person in persons:
        if person.address:
            mail.post(kind, person, subject=subject, body=body, thread=f"meeting-{meeting.pk}")


def tell_signers(meeting: Meeting, version: FrozenVersion) -> None:
    """It is ready to be signed."""
    day = f" senast {date_format(meeting.adjustment_day, 'j F')}" if meeting.adjustment_day else ""
    body = (
        f"Du är utsedd att skriva under protokollet{day}.\n\nLäs och skriv under: {link('protocol:approval', meeting.pk)}\n\n"
        f"Version {version.n}, kontrollsumma {short(version.sha256)}"
    )
    _post(meeting, "to_sign", signers(meeting), subject=f"{name_of(meeting)} är klart att justera", body=body)


def receipt(meeting: Meeting, version: FrozenVersion, signature: Signature) -> None:
    """The signer's own copy of what was signed."""
    at = timezone.localtime(signature.signed_at)
    body = (
        f"Du skrev under version {version.n} som {signature.get_role_display()} den {date_format(at, 'j F Y')} kl. {at:%H:%M}.\n\n"
        f"Innehållets kontrollsumma: {version.sha256}\nUnderskriftens kontrollsumma: {signature.digest}\n\n"
        f"Var det inte du? Kontakta sekreteraren genast.\n{link('protocol:approval', meeting.pk)}"
    )
    _post(meeting, "signed", [signature.person], subject=f"Kvitto på din underskrift: {name_of(meeting)}", body=body)


def tell_of_request(meeting: Meeting, request: ChangeRequest) -> None:
    """Somebody asks for a change; the chair and the secretary decide."""
    body = f"{request.person} har begärt en ändring. Ingen kan skriva under innan den är besvarad.\n\n{link('protocol:approval', meeting.pk)}"
    _post(meeting, "change_requested", signers(meeting), subject=f"{name_of(meeting)}: en ändring är begärd", body=body)


def tell_of_refusal(meeting: Meeting, request: ChangeRequest) -> None:
    """The change was refused, with a reason that is read on the page."""
    body = f"Begäran om ändring har besvarats, och texten ligger fast.\n\nLäs svaret och skriv under: {link('protocol:approval', meeting.pk)}"
    _post(meeting, "change_refused", signers(meeting), subject=f"{name_of(meeting)}: begäran om ändring är besvarad", body=body)


def tell_of_withdrawal(meeting: Meeting, withdrawal: Withdrawal) -> None:
    """Everybody who was to sign is told that no signature stands."""
    body = (
        f"{withdrawal.by} har tagit tillbaka version {withdrawal.version.n} för ändring. Inga underskrifter gäller längre; "
        f"när den nya versionen är klar behöver alla skriva under den.\n\nSkälet står här: {link('protocol:approval', meeting.pk)}"
    )
    _post(meeting, "withdrawn", signers(meeting), subject=f"{name_of(meeting)} är taget tillbaka för ändring", body=body)


def tell_of_seal(meeting: Meeting, sealed: SealedProtocol, event: Event) -> None:
    """All parties get the address of the one file, its hash, and the log's head: with these, a later change would show."""
    body = (
        f"Protokollet är justerat och förseglat.\n\nHämta det: {link('protocol:protocol', meeting.pk)}\n\n"
        f"Filens kontrollsumma (SHA-256): {sealed.sha256}\nLoggens huvud: {event.chain.key} #{event.seq} {event.hash}\n\n"
        f"Spara det här mejlet. Med det kan du visa om protokollet eller loggen ändras senare."
    )
    tell_all(meeting, "sealed", subject=f"{name_of(meeting)} är justerat och förseglat", body=body)
