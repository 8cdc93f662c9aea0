"""The parts of the printed document, in the order in which screen, PDF and text export show them."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from protocol import spoken
from protocol.pictures import Picture
from record.text import to_html


@dataclass(frozen=True)
class Prose:
    """A text in plain form, with the level of the headings that it may hold."""

    plain: str
    level: int = 3

    @cached_property
    def html(self) -> str:
        return to_html(spoken.no_break(self.plain), heading_base=self.level)

    def __bool__(self) -> bool:
        return bool(self.plain.strip())


@dataclass(frozen=True, kw_only=True)
class Approval:
    """One person's signature, or the place for it while `signed_at` is None."""

    role: str
    name: str
    title: str | None = None
    party: str | None = None
    signed_at: datetime | None = None
    method: str = ""


@dataclass(frozen=True, kw_only=True)
class SignatureLine:
    name: str
    office: str
    status: str = ""


@dataclass(frozen=True, kw_only=True)
class ClaimPart:
    text: Prose
    points: tuple[Prose, ...]
    support: str
    answer: Prose


@dataclass(frozen=True, kw_only=True)
class MotionPart:
    level: int
    heading: str
    background: Prose
    intro: str
    claims: tuple[ClaimPart, ...]
    numbered: bool


@dataclass(frozen=True, kw_only=True)
class MotionGroup:
    intro: str
    motions: tuple[MotionPart, ...]


@dataclass(frozen=True, kw_only=True)
class RemarkPart:
    level: int
    heading: str
    text: Prose


@dataclass(frozen=True, kw_only=True)
class MatterPart:
    title: str
    references: tuple[str, ...]
    before: str
    text: Prose
    decisions: tuple[tuple[str, Prose], ...]
    after: tuple[str, ...]
    motions: tuple[MotionGroup, ...]

    @property
    def is_short(self) -> bool:
        """Only sentences made from data: such a matter is never split over two pages."""
        return not (self.text or self.decisions or self.motions)


@dataclass(frozen=True, kw_only=True)
class ParagraphPart:
    number: int | None
    section: str
    heading: str
    text: Prose
    topics: tuple[tuple[str, Prose], ...]
    matters: tuple[MatterPart, ...]
    motions: tuple[MotionGroup, ...]
    remarks: tuple[RemarkPart, ...]
    default: Prose
    notes: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.text or self.topics or self.matters or self.motions or self.remarks or self.default or self.notes)


@dataclass(frozen=True, kw_only=True)
class AppendixPart:
    number: int
    title: str
    byline: str
    picture: Picture | None
    text: Prose
    motions: tuple[MotionGroup, ...]
    remarks: tuple[RemarkPart, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.picture or self.text or self.motions or self.remarks)


@dataclass(frozen=True, kw_only=True)
class Control:
    """The last page of a sealed protocol."""

    approvals: tuple[tuple[str, str, str, str, str], ...]  # role, name, organisation, local time, method
    version: int | None
    content_hash: str
    short_hash: str
    chain_head: str
    verify_url: str
    qr: "QrCode | None"


@dataclass(frozen=True, kw_only=True)
class QrCode:
    size: int
    path: str


@dataclass(frozen=True, kw_only=True)
class Document:
    mode: str
    title: str
    header: str
    date: str
    stamp: str
    mark: str
    preliminary: bool
    organisation: str
    time: str
    place: str
    present: tuple[tuple[str, tuple[str, ...]], ...]
    absent: tuple[str, ...]
    approved: str
    signatures: tuple[tuple[SignatureLine, ...], ...]
    paragraphs: tuple[ParagraphPart, ...]
    appendices: tuple[AppendixPart, ...]
    control: Control | None = field(default=None)
