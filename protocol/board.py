"""For the board: what the unions have said in the matters that go to it, and the line that reports an adjusted protocol.

Everything is read from the protocol as it is shown: from the frozen bytes once they exist. Nothing unfiled or unreleased is here.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import zip_longest
from typing import Any

from meetings.language.spoken import day
from meetings.language.statements import statements
from meetings.models import Item, Meeting, Placement
from motions.models import Motion
from people.models import Party
from protocol import format as form
from protocol import pdf, spoken
from protocol.parts import MotionGroup, Prose, RemarkPart
from protocol.printed import LOCAL_TIME, motion_groups, remark_part
from protocol.shown import Shown, show
from record.swedish import capital, genitive, join
from record.text import to_words

# The headings under a matter, by the interchange format's kinds of motion.
SECTIONS = {"statement": "Särskilda yttranden", "inquiry": "Skrivelser och frågor", "motion": "Yrkanden"}
TO_BOARD = "{party} vill att yttrandet följer med till nämnden."


# Heading → what stands under it, each with a sentence after it.
Sections = tuple[tuple[str, tuple[tuple[MotionGroup, str], ...]], ...]


@dataclass(frozen=True, kw_only=True)
class BoardMatterPart:
    """What the unions have said in one matter."""

    title: str
    board_title: str
    agenda_no: str
    references: tuple[str, ...]
    number: int
    presented: str
    text: Prose
    after: tuple[str, ...]
    sections: Sections
    remarks: tuple[RemarkPart, ...]
    appendices: tuple[tuple[str, Prose], ...]


@dataclass(frozen=True, kw_only=True)
class Package:
    """The unions' views on one matter of a meeting, or on all of them, ready to print."""

    items: tuple[Item, ...]
    title: str
    date: str
    organisation: str
    mark: str
    facts: tuple[tuple[str, str], ...]
    matters: tuple[BoardMatterPart, ...]
    apart: Sections  # what is to follow to the board, and stands under no matter that goes there
    others: tuple[str, ...]


# The line


def adjusted_on(shown: Shown) -> date | None:
    """The day a shown protocol was adjusted: what a loaded one says, else the last signature's, in Swedish time."""
    if shown.options["mode"] not in ("sealed", "loaded"):
        return None
    if shown.protocol.adjusted_on:
        return date.fromisoformat(shown.protocol.adjusted_on)
    signed = [approval.signed_at for approval in shown.options.get("approvals", ()) if approval.signed_at]
    return max(signed).astimezone(LOCAL_TIME).date() if signed else None


def line(meeting: Meeting, shown: Shown) -> str:
    """For the board's Anmälningsärenden, once the protocol is adjusted:

    `Protokoll från förvaltningsgruppens möte den 16 april 2026, justerat den 30 april 2026`
    """
    adjusted = adjusted_on(shown)
    if adjusted is None:
        return ""
    kind, done = ("Protokoll", "justerat") if shown.protocol.kind == "protocol" else ("Minnesanteckningar", "justerade")
    on_day = f" {day(shown.protocol.date)}" if shown.protocol.date else ""
    return f"{kind} från {genitive(meeting.group.definite)} möte{on_day}, {done} {day(adjusted)}"


# The package


def package(meeting: Meeting, item: Item | None = None) -> Package | None:
    """What the unions have said in `item`, or in every matter that goes to the board; None when they have said nothing."""
    whole, shown = Meeting.objects.whole().get(pk=meeting.pk), show(meeting)
    reader = _MatterReader(whole, shown)
    matters = [row for row in reader.rows() if row.item == item or (item is None and reader.for_board(row))]
    said = [(row, part) for row in matters if (part := reader.part(row))]
    apart = reader.apart(matters) if item is None else []
    if not said and not apart:
        return None
    group, board, protocol = whole.group, whole.group.board, shown.protocol
    mark, standing = _standing(shown)
    name = board.definite if board else "nämnden"
    sitting = capital(name) + (f", sammanträde {day(whole.board_meets_on)}" if whole.board_meets_on else "")
    of_meeting = f"{capital(genitive(group.definite))} möte" + (f" {day(protocol.date)}" if protocol.date else "")
    numbers = sorted({*(part.number for _, part in said), *(motion.paragraph for _, motion in apart if motion.paragraph)})
    return Package(
        items=tuple(row.item for row, _ in said),
        title=spoken.no_break(f"Fackliga synpunkter till {name}"),
        date=protocol.date or "",
        organisation=group.organisation,
        mark=mark,
        facts=tuple(
            (label, spoken.no_break(text))
            for label, text in (
                ("Till", sitting),
                ("Från", ", ".join(filter(None, (of_meeting, join(f"§ {number}" for number in numbers))))),
                ("Protokollet", standing),
            )
        ),
        matters=tuple(part for _, part in said),
        apart=tuple(reader.sections(apart)),
        others=tuple(row.matter.title or "" for row in matters if row not in [matter for matter, _ in said]),
    )


def page_of(found: Package, *, created: datetime) -> dict[str, Any]:
    """What `pdf.render` is given to make the package an accessible PDF for the archive."""
    html = pdf.alone("protocol/board_package.html", {"package": found})
    return {"html": html, "title": found.title.replace("\u00a0", " "), "created": created}


def _standing(shown: Shown) -> tuple[str, str]:
    """The mark on each page, and how far the protocol has come, said plainly."""
    mode, adjusted = shown.options["mode"], adjusted_on(shown)
    if mode == "draft":
        return "Ej justerat – utkast", "Ej justerat. Protokollet är ett utkast: texten och numren kan ändras."
    if mode == "approval":
        version = f"version {shown.options['version']}"
        return "Ej justerat – under justering", f"Ej justerat. Protokollet är under justering ({version}), och texten kan ändras."
    if adjusted is None:
        return "", "Justeringsdatum saknas i källan."
    return "", f"Justerat {day(adjusted)}{', enligt källan' if mode == 'loaded' else ''}."


@dataclass(frozen=True)
class _Row:
    """A matter as it is stored beside the same matter as it is shown."""

    item: Item
    paragraph: form.Paragraph
    matter: form.Matter


class _MatterReader:
    """Pairs what is shown of a meeting with what is stored: the stored rows alone know what was placed under which matter."""

    def __init__(self, whole: Meeting, shown: Shown) -> None:
        self.whole, self.protocol = whole, shown.protocol
        self.frozen_at = shown.version.frozen_at if shown.version else None
        self.unions = set(Party.objects.unions().values_list("pk", flat=True))
        placed = list(whole.placements.all())
        kept = [
            placement for placement in placed if placement.motion.kind != Motion.Kind.NOTE and not self._gone(placement.motion)
        ]
        notes = [
            placement for placement in placed if placement.motion.kind == Motion.Kind.NOTE and not self._gone(placement.motion)
        ]
        self.motions = list(zip(kept, self.protocol.motions, strict=True))
        # The notes stand first among the remarks; after them those that a file had, which belong to no stored placement.
        self.remarks = list(zip_longest(notes, self.protocol.reservations))

    def _gone(self, motion: Motion) -> bool:
        """A text alone that was taken back before what is shown was written: it is left out of the protocol."""
        return bool(motion.says and motion.withdrawn_at and (self.frozen_at is None or motion.withdrawn_at <= self.frozen_at))

    def rows(self) -> list[_Row]:
        """Every matter: both lists have the same order, and the database holds the stored one still while the text is frozen."""
        items = [item for paragraph in self.whole.paragraphs.all() for item in paragraph.items.all() if item.is_matter]
        matters = [(paragraph, matter) for paragraph in self.protocol.paragraphs for matter in paragraph.matters]
        return [_Row(item, *shown) for item, shown in zip(items, matters, strict=True)]

    def for_board(self, row: _Row) -> bool:
        """A board matter, or one before decision that is on the board's list or has a yttrande to the board."""
        if row.item.kind == Item.Kind.BOARD_MATTER:
            return True
        marked = any(placement.motion.to_board for placement, _ in self._motions(row))
        return row.item.goes_to_board and bool(row.item.board_agenda_no or marked)

    def part(self, row: _Row) -> BoardMatterPart | None:
        """The matter in print, or None when no union has said anything in it."""
        item, matter = row.item, row.matter
        motions, remarks = self._motions(row), self._remarks(row)
        appendices = self._appendices(matter, [motion for _, motion in motions], remarks)
        if not (motions or remarks or self._is_spoken_of(row) or (matter.outcome == "comments" and (matter.text or appendices))):
            return None
        before, after = spoken.matter_lines(matter, self.protocol.body)
        return BoardMatterPart(
            title=spoken.no_break(matter.title or ""),
            board_title=spoken.no_break(item.board_title) if item.board_title != matter.title else "",
            agenda_no=item.board_agenda_no,
            references=matter.references,
            number=row.paragraph.number,
            presented=spoken.no_break(before or (f"Föredragande: {matter.presenter}" if matter.presenter else "")),
            text=Prose(matter.text, 4),
            after=tuple(spoken.no_break(sentence) for sentence in after),
            sections=tuple(self.sections(motions)),
            remarks=tuple(remark_part(entry, 3) for entry in remarks),
            appendices=tuple(appendices),
        )

    def _is_spoken_of(self, row: _Row) -> bool:
        """A union says something in the text, or disagrees."""
        matter = row.matter
        if matter.outcome == "disagreement" or row.item.disagreements.all():
            return True
        if any(self.unions.intersection(said.parties) for said in statements(matter.text)):
            return True
        unions = {person.party for person in self.protocol.attendees if person.side == "employee"}
        text = " ".join(matter.text.split())
        return any(
            statement.paragraph == row.paragraph.number
            and unions.intersection(statement.speakers)
            and " ".join(statement.text.split()) in text
            for statement in self.protocol.statements
        )

    def _motions(self, row: _Row) -> list[tuple[Placement, form.Motion]]:
        """What was placed under the matter; where no item is known, what names it or is printed in an appendix it refers to."""
        return [
            (placement, motion)
            for placement, motion in self.motions
            if self._belongs(row, placement, motion.paragraph, motion.appendix, motion.matter) and not _withdrawn(motion)
        ]

    def _remarks(self, row: _Row) -> list[form.Reservation]:
        return [
            entry for placement, entry in self.remarks if self._belongs(row, placement, entry.paragraph, entry.appendix, None)
        ]

    def _belongs(
        self, row: _Row, placement: Placement | None, number: int | None, appendix: int | None, named: str | None
    ) -> bool:
        if placement is not None and placement.item_id is not None:
            return placement.item_id == row.item.pk
        if number != row.paragraph.number:
            return False
        titles = {matter.title for matter in row.paragraph.matters}
        return named == row.matter.title if named and named in titles else appendix in row.matter.appendices

    def apart(self, rows: Sequence[_Row]) -> list[tuple[Placement, form.Motion]]:
        """What a union wants to follow to the board, and stands under none of these matters."""
        under = {placement.pk for row in rows for placement, _ in self._motions(row)}
        return [
            (placement, motion)
            for placement, motion in self.motions
            if placement.motion.to_board and placement.pk not in under and not _withdrawn(motion)
        ]

    def sections(
        self, motions: Sequence[tuple[Placement, form.Motion]]
    ) -> Iterator[tuple[str, tuple[tuple[MotionGroup, str], ...]]]:
        """By kind, in the order of SECTIONS."""
        for kind, heading in SECTIONS.items():
            groups = []
            for placement, motion in motions:
                if motion.kind != kind:
                    continue
                note = TO_BOARD.format(party=motion.party) if placement.motion.to_board else ""
                # Its number is that of the appendix it is printed in, which is not here.
                printed = motion_groups([replace(motion, number=None)], self.protocol, level=4)
                groups += [(group, note) for group in printed] or [(MotionGroup(intro="", motions=()), note)]
            if groups:
                yield heading, tuple(groups)

    def _appendices(
        self, matter: form.Matter, motions: Sequence[form.Motion], remarks: Sequence[form.Reservation]
    ) -> list[tuple[str, Prose]]:
        """The appendices by title; of what a union handed in as an appendix also the text."""
        wanted = {*matter.appendices, *(entry.appendix for entry in (*motions, *remarks))}
        wanted |= {int(number) for number in re.findall(r"bilaga[\s\u00a0](\d{1,4})\b", to_words(matter.text), re.I)}
        return [
            (_appendix_line(entry), Prose(entry.text or "" if _from_union(entry) else "", 4))
            for entry in sorted(self.protocol.appendices, key=lambda entry: entry.number)
            if entry.number in wanted
        ]


def _withdrawn(motion: form.Motion) -> bool:
    return bool(motion.claims) and all(claim.outcome == "withdrawn" for claim in motion.claims)


def _from_union(appendix: form.Appendix) -> bool:
    return appendix.kind in spoken.APPENDIX_KINDS and appendix.kind != "presentation"


def _appendix_line(appendix: form.Appendix) -> str:
    title = appendix.title or spoken.appendix_title(appendix.kind, appendix.party)
    return spoken.no_break(f"Bilaga {appendix.number}{f', {title}' if title else ''}")
