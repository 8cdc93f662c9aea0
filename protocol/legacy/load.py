"""Write a samverkan-protocol/1 document into the database: the meeting, its people, text and motions, nothing invented."""

import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db import transaction

from meetings import standard
from meetings.models import (
    Appendix,
    Attendance,
    BalanceItem,
    BalanceNote,
    Commitment,
    Decision,
    Interruption,
    Item,
    ItemAppendix,
    Meeting,
    Officer,
    Paragraph,
    Placement,
    Presence,
    Reservation,
    Statement,
)
from meetings.states import State
from motions.models import Answer, Claim, Motion, Support
from motions.spoken import read_title
from motions.states import Phase
from people.models import Group, Party, PartyName, Person, User
from protocol import canonical, search
from protocol import format as form
from protocol.actions import store_version
from protocol.models import LegacySource
from record.history import remember
from record.moves import hold, moving

LOAD = "load"
STOCKHOLM = ZoneInfo("Europe/Stockholm")
KINDS = {"statement": Motion.Kind.OPINION}
# A paragraph is known by its heading; old templates spelled some differently.
SIGNS = {line.slug: line.heading.casefold() for line in standard.LINES} | {"adjuster": "juster"}


class Conflict(Exception):
    """The group already has another protocol from that day."""


def load(protocol: form.Protocol, *, filename: str = "", state: str = "draft", by: User | None = None) -> Meeting:
    """The meeting that this protocol describes, made if it is not there. Raises Conflict for other content of the same day.

    Everything is written or nothing. Persons are made without log-ins.
    """
    _demand(protocol)
    digest = canonical.sha256(canonical.dumps(form.write(protocol)))
    with transaction.atomic():
        known = LegacySource.objects.filter(sha256=digest).select_related("meeting__group").first()
        if known is not None:
            return known.meeting
        group = hold(_group(protocol.body))
        if protocol.date and group.meetings.filter(date=protocol.date).exclude(state=State.CANCELLED).exists():
            raise Conflict(
                f"{group.abbreviation} {group.organisation} already has a meeting on {protocol.date} with other content"
            )
        meeting = _Loader(protocol, group, by).meeting()
        LegacySource.objects.create(
            meeting=meeting,
            sha256=digest,
            filename=filename[:200],
            warnings=[form.write(warning) for warning in protocol.warnings],
        )
        search.index(meeting, protocol)
        if state == State.APPROVAL:
            with moving(meeting, "freeze", by=by, why=LOAD) as stored:
                store_version(stored, Meeting.objects.whole().get(pk=stored.pk), by=by)
    return meeting


def _demand(protocol: form.Protocol) -> None:
    """What the register asks beyond the format."""
    if protocol.starts and protocol.ends and protocol.ends <= protocol.starts:
        raise form.FormatError("ends: is not after starts")
    folded = [fold(name) for name in protocol.adjusters]
    if len(folded) != len(set(folded)):
        raise form.FormatError("adjusters: the same name twice")
    body = protocol.body
    for name, value, longest in (
        ("name", body.name, 120),
        ("organisation", body.organisation, 120),
        ("abbreviation", body.abbreviation, 30),
    ):
        if len(value) > longest:
            raise form.FormatError(f"body.{name}: {len(value)} characters, at most {longest} are allowed")


def fold(name: str) -> str:
    """A name without case and accents: Petre and Petré are the same person in one protocol."""
    apart = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(char for char in apart if not unicodedata.combining(char)).split())


def _group(body: form.Body) -> Group:
    fields = {"kind": body.kind, "name": body.name, "abbreviation": body.abbreviation, "organisation": body.organisation}
    group = Group.objects.filter(**fields).first()
    if group is None:
        group = Group(**fields, definite=body.name[:1].lower() + body.name[1:], empty_paragraphs=Group.Empty.KEEP)
        remember(group, by=None, verb=LOAD)
    return group


class _Loader:
    """One loading: keeps track of which persons, parties, paragraphs and appendices the file's names and numbers mean."""

    def __init__(self, protocol: form.Protocol, group: Group, by: User | None) -> None:
        self.protocol, self.group, self.by = protocol, group, by
        self.parties = _Parties(protocol, by)
        self.people: dict[str, Person] = {}
        self.paragraphs: dict[int, Paragraph] = {}
        self.appendices: dict[int, Appendix] = {}
        self.rows: dict[int, Attendance] = {}

    def save(self, row):
        """Keep the row; a value longer than its column breaks the format as this register understands it."""
        for column in row._meta.concrete_fields:
            longest, value = getattr(column, "max_length", None), getattr(row, column.attname)
            if longest and isinstance(value, str) and len(value) > longest:
                raise form.FormatError(
                    f"{row._meta.model_name}.{column.name}: {len(value)} characters, at most {longest} are allowed"
                )
        remember(row, by=self.by, verb=LOAD)
        return row

    def meeting(self) -> Meeting:
        source = self.protocol
        following = source.next_meeting or form.NextMeeting()
        self.row = self.save(
            Meeting(
                group=self.group,
                kind=source.kind,
                date=_day(source.date),
                starts=_clock(source.starts),
                ends=_clock(source.ends),
                place=source.place or "",
                channels=list(source.channels),
                adjustment_day=_day(source.adjustment_day),
                adjusted_on=_day(source.adjusted_on),
                next_on=_day(following.date),
                next_at=_clock(following.time),
                next_place=following.place or "",
                template=standard.template_for(self.group),
                state=State.DRAFT,
                loaded=True,
            )
        )
        self._appendices()
        self._paragraphs()
        self._attendees()
        self._officers()
        self._motions()
        self._rest()
        return self.row

    def person(self, name: str) -> Person:
        """Somebody known to the group by that name, else a new person without a log-in."""
        key = fold(name)
        if key not in self.people:
            known = Person.objects.filter(name__istartswith=name[:1]).filter(attendances__meeting__group=self.group)
            known = known | Person.objects.filter(mandates__group=self.group)
            found = next((one for one in known.distinct() if fold(one.name) == key), None)
            self.people[key] = found or self.save(Person(name=name))
        return self.people[key]

    def _attendees(self) -> None:
        seen: set[int] = set()
        for position, source in enumerate(self.protocol.attendees, start=1):
            person = self.person(source.name)
            if person.pk in seen:  # two people of one name
                person = self.save(Person(name=source.name))
            seen.add(person.pk)
            row = self.save(
                Attendance(
                    meeting=self.row,
                    person=person,
                    name=source.name,
                    title=source.title or "",
                    party=self.parties.get(source.party),
                    party_printed=source.party or "",
                    political_party=source.political_party or "",
                    side=source.side,
                    status=source.status,
                    roles=list(source.roles),
                    channel=source.channel or "",
                    replaces_printed=source.replaces or "",
                    partial=source.presence is not None,
                    position=position,
                )
            )
            self.rows.setdefault(self.person(source.name).pk, row)
            for number in source.presence.paragraphs if source.presence else ():
                self.save(Presence(attendance=row, paragraph=self.paragraphs[number]))
            for absence in source.absences:
                self.save(
                    Interruption(
                        attendance=row,
                        paragraph=self.paragraphs.get(absence.paragraph or 0),
                        starts=_clock(absence.since),
                        ends=_clock(absence.until),
                        reason=absence.reason or "",
                    )
                )

    def _officers(self) -> None:
        source = self.protocol
        wanted = [(Officer.Role.CHAIR, source.chair), (Officer.Role.SECRETARY, source.secretary)]
        wanted += [(Officer.Role.ADJUSTER, name) for name in source.adjusters]
        for position, (role, name) in enumerate(wanted):
            if name:
                person = self.person(name)
                row = self.rows.get(person.pk)
                title, party = (row.title, row.party) if row else ("", None)
                self.save(
                    Officer(meeting=self.row, role=role, person=person, name=name, title=title, party=party, position=position)
                )

    def _appendices(self) -> None:
        for position, source in enumerate(self.protocol.appendices, start=1):
            self.appendices[source.number] = self.save(
                Appendix(
                    meeting=self.row,
                    position=position,
                    source_number=source.number,
                    title=source.title or "",
                    kind=source.kind or "",
                    party=self.parties.get(source.party),
                    party_printed=source.party or "",
                    author=source.author or "",
                    dated=_day(source.date),
                    text=source.text or "",
                )
            )

    def _paragraphs(self) -> None:
        source = self.protocol.paragraphs
        counted = [entry.number for entry in source] == list(range(1, len(source) + 1))
        empty = [entry for entry in source if not (entry.text or entry.topics or entry.matters)]
        # The numbers of the file stand, unless counting gives the same ones.
        fixed = not counted or (bool(empty) and self.group.empty_paragraphs == Group.Empty.DROP)
        for position, entry in enumerate(source, start=1):
            slug = _slug(entry.heading or "")
            paragraph = self.save(
                Paragraph(
                    meeting=self.row,
                    slug=slug,
                    heading=entry.heading or "",
                    section=entry.section or "",
                    position=position,
                    text=entry.text,
                    only_with_content=entry in empty or slug in _CONTENT_ONLY,
                    done=True,
                    source_number=entry.number if fixed else None,
                )
            )
            self.paragraphs[entry.number] = paragraph
            self._items(paragraph, entry)

    def _items(self, paragraph: Paragraph, source: form.Paragraph) -> None:
        for position, topic in enumerate(source.topics, start=1):
            self.save(
                Item(paragraph=paragraph, kind=Item.Kind.TOPIC, position=position, title=topic.title or "", text=topic.text)
            )
        kind = Item.Kind.DECISION if paragraph.slug == "decisions" else Item.Kind.BOARD_MATTER
        for position, matter in enumerate(source.matters, start=len(source.topics) + 1):
            item = self.save(
                Item(
                    paragraph=paragraph,
                    kind=kind,
                    position=position,
                    title=matter.title or "",
                    references=list(matter.references),
                    presenter=matter.presenter or "",
                    text=matter.text,
                    outcome=matter.outcome or "",
                )
            )
            for order, decision in enumerate(matter.decisions):
                self.save(Decision(item=item, number=decision.number, text=decision.text, position=order))
            for order, number in enumerate(dict.fromkeys(matter.appendices)):
                if number in self.appendices:
                    self.save(ItemAppendix(item=item, appendix=self.appendices[number], position=order))

    def _motions(self) -> None:
        day = self.row.date or date.today()
        filed_at = datetime.combine(day, time(12), STOCKHOLM)
        for position, source in enumerate(self.protocol.motions, start=1):
            question, title = read_title(source.kind, source.party, source.title)
            kind = Motion.Kind.QUESTION if question else KINDS.get(source.kind, source.kind)
            motion = self.save(
                Motion(
                    kind=kind,
                    group=self.group,
                    party=self.parties.get(source.party),
                    party_printed=source.party,
                    number=source.number,
                    title=title,
                    background=source.background or "",
                    matter=source.matter or "",
                    state="filed",
                    phase=Phase.DRAFTING,
                    handled=1,
                    filed_at=filed_at,
                    receipt=f"inläst-{self.row.pk}-{position}",
                )
            )
            for order, claim in enumerate(source.claims, start=1):
                self._claim(motion, claim, order, filed_at)
            self.save(
                Placement(
                    meeting=self.row,
                    motion=motion,
                    paragraph=self.paragraphs.get(source.paragraph or 0),
                    appendix=self.appendices.get(source.appendix or 0),
                    position=position,
                )
            )

    def _claim(self, motion: Motion, source: form.Claim, order: int, filed_at: datetime) -> None:
        claim = self.save(Claim(motion=motion, position=order, text=source.text, points=list(source.points)))
        for name in dict.fromkeys(source.supporters):
            self.save(Support(claim=claim, party=self.parties.get(name), party_printed=name, by=None, at=filed_at))
        if source.answer or source.outcome:
            outcome = source.outcome or ""
            self.save(Answer(claim=claim, outcome=outcome, text=source.answer or "", written_by=None, released_at=filed_at))

    def _rest(self) -> None:
        source = self.protocol
        for position, entry in enumerate(source.balance, start=1):
            item = BalanceItem.objects.open().filter(group=self.group, title=entry.title).exclude(notes__meeting=self.row).first()
            item = item or self.save(BalanceItem(group=self.group, title=entry.title, opened_at=self.row))
            self.save(BalanceNote(item=item, meeting=self.row, position=position))
        for position, statement in enumerate(source.statements):
            self.save(
                Statement(
                    meeting=self.row,
                    paragraph=self.paragraphs.get(statement.paragraph or 0),
                    position=position,
                    speakers=list(statement.speakers),
                    verb=statement.verb or "",
                    text=statement.text,
                )
            )
        for position, commitment in enumerate(source.commitments):
            self.save(
                Commitment(
                    meeting=self.row,
                    paragraph=self.paragraphs.get(commitment.paragraph or 0),
                    position=position,
                    text=commitment.text,
                )
            )
        for position, reservation in enumerate(source.reservations):
            self.save(
                Reservation(
                    meeting=self.row,
                    paragraph=self.paragraphs.get(reservation.paragraph or 0),
                    appendix=self.appendices.get(reservation.appendix or 0),
                    position=position,
                    kind=reservation.kind,
                    persons=list(reservation.persons),
                    parties=list(reservation.parties),
                    text=reservation.text,
                )
            )


class _Parties:
    """The parties that the file's names mean; made when nobody is called so."""

    def __init__(self, protocol: form.Protocol, by: User | None) -> None:
        self.by = by
        self.known: dict[str, Party] = {}
        for name in PartyName.objects.select_related("party"):
            for word in (name.name, name.abbreviation):
                if word:
                    self.known.setdefault(word.casefold(), name.party)
        for name in _names(protocol):
            self.get(name)

    def get(self, name: str | None) -> Party | None:
        if not name:
            return None
        key = name.casefold()
        if key not in self.known:
            self.known[key] = self._by_initials(name) or self._new(name)
        return self.known[key]

    def _by_initials(self, name: str) -> Party | None:
        """LR means Lärarnas Riksförbund when exactly one party has those initials."""
        if not name.isupper() or not 2 <= len(name) <= 5:
            return None
        found = {
            party.pk: party
            for word, party in self.known.items()
            if " " in word and "".join(part[0] for part in word.split()).casefold() == name.casefold()
        }
        return next(iter(found.values())) if len(found) == 1 else None

    def _new(self, name: str) -> Party:
        party = Party(kind=Party.Kind.UNION, position=min(len(self.known) + 1, 600))
        remember(party, by=self.by, verb=LOAD)
        remember(PartyName(party=party, name=name), by=self.by, verb=LOAD)
        return party


def _names(protocol: form.Protocol) -> Iterable[str]:
    """Every party of the file, the attendance list's full names first."""
    yield from (one.party for one in protocol.attendees if one.party)
    for motion in protocol.motions:
        yield motion.party
        yield from (name for claim in motion.claims for name in claim.supporters)
    yield from (one.party for one in protocol.appendices if one.party)


_CONTENT_ONLY = {line.slug for line in standard.LINES if line.rule == standard.CONTENT}


def _slug(heading: str) -> str:
    """The template's key for a heading, or nothing."""
    words = " ".join(heading.casefold().strip(" .").split())
    for slug, sign in SIGNS.items():
        if words == sign or (slug == "adjuster" and words.startswith("val") and sign in words):
            return slug
    return ""


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _clock(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None
