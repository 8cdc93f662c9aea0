"""What the pages that hand out a protocol share: what there is to read, and what a file is called and how it is kept."""

from datetime import date

from meetings.models import Meeting
from meetings.states import State
from protocol.exports import FORMATS
from protocol.shown import Shown, show
from record.moves import WrongState

NEVER_KEPT = "private, no-store"


def shown_to_reader(meeting: Meeting) -> Shown:
    """What there is to read; a cancelled meeting has no protocol."""
    if meeting.state == State.CANCELLED:
        raise WrongState(meeting, "read_protocol")
    return show(meeting)


def file_name(kind: str, abbreviation: str, day: date | None) -> str:
    """Protokoll FVG 2026-04-16.pdf"""
    return " ".join(part for part in (kind, abbreviation, day.isoformat() if day else "") if part) + FORMATS["pdf"].suffix
