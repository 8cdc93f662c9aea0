"""What a reader is shown of a meeting's protocol: the frozen text when there is one, else the draft as it stands."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from meetings.models import Meeting
from meetings.states import FINISHED, State
from people.models import User
from protocol import canonical, document, evidence, exports
from protocol import format as form
from protocol.models import FrozenVersion, SealedProtocol, Signature
from protocol.pictures import pictures


@dataclass(frozen=True)
class Shown:
    """A protocol with what the templates and exports need to print it."""

    protocol: form.Protocol
    options: dict[str, Any]
    version: FrozenVersion | None


def current_version(meeting: Meeting) -> FrozenVersion | None:
    """The version under approval or approved; None while the text is a draft."""
    return meeting.versions.filter(withdrawal__isnull=True).order_by("-n").first()


def signature_of(version: FrozenVersion, user: User) -> Signature | None:
    """The signature that the person has given this text; None when there is none, or when the text has been taken back."""
    return version.signatures.filter(person=user.person_id, version__withdrawal__isnull=True).first()


def show(meeting: Meeting) -> Shown:
    """From the frozen bytes once they exist, never from the live tables; before that, the draft with preliminary numbers."""
    version = current_version(meeting) if meeting.frozen else None
    if version is None:
        mode = "loaded" if meeting.loaded else "draft"
        protocol = document.build(Meeting.objects.whole().get(pk=meeting.pk))
        options = {"mode": mode, "preliminary": not meeting.loaded, "pictures": pictures(meeting.pk, protocol)}
        return Shown(protocol, options, None)
    return show_version(version)


def show_version(version: FrozenVersion) -> Shown:
    """One frozen version: under approval with who has signed, adjusted with its control page."""
    record = canonical.Record.from_bytes(evidence.signed_text(version))
    options: dict[str, Any] = {
        "mode": "approval",
        "approvals": evidence.approvals(version, record),
        "version": version.n,
        "pictures": pictures(version.meeting_id, record.protocol),
    }
    if version.meeting.state in (State.ADJUSTED, *FINISHED) and not hasattr(version, "withdrawal"):
        options = evidence.sealed_options(version, record)
    return Shown(record.protocol, options, version)


def export(meeting: Meeting, name: str) -> bytes:
    """The protocol in one of `exports.FORMATS`; what is sealed is the stored PDF."""
    if name == "pdf":
        sealed = SealedProtocol.objects.filter(version__meeting=meeting).first()
        if sealed is not None:
            return bytes(sealed.pdf)
    shown = show(meeting)
    return exports.FORMATS[name].write(shown.protocol, **shown.options)


def file_name(kind: str, abbreviation: str, day: date | None) -> str:
    """Protokoll FVG 2026-04-16.pdf"""
    return " ".join(part for part in (kind, abbreviation, day.isoformat() if day else "") if part) + exports.FORMATS["pdf"].suffix
