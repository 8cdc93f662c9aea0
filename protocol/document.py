"""Build the protocol as one document from the database: the one big read, in a fixed number of queries."""

from collections.abc import Iterator
from datetime import date

from meetings.language.statements import statements
from meetings.models import Appendix, Attendance, Commitment, Item, Meeting, Officer, Paragraph, Placement
from meetings.reading import checklist
from meetings.reading.defaults import closings_left, default_texts, is_open, plain
from meetings.reading.numbering import Numbers, printed_paragraphs, referred
from motions.models import Claim, Motion
from motions.sheet import FORMAT_KINDS
from motions.spoken import answer_text, question_title
from motions.written import prose
from people.models import Party
from protocol import canonical
from protocol import format as form
from record.text import resolve

# The roles that the protocol prints, in the order they are written.
OFFICE_FIRST, OFFICE_LAST = ("chair",), ("secretary", "adjuster")


def build(meeting: Meeting, *, parties: dict[int, Party] | None = None) -> form.Protocol:
    """The protocol of a meeting read whole (`Meeting.objects.whole()`).

    Chips and references carry their words; the numbers are final once the meeting is frozen. Whoever builds many hands in the
    parties with their names.
    """
    printed = printed_paragraphs(meeting)
    numbers = Numbers.of(meeting)
    wording = _Wording(meeting, numbers, parties)
    defaults = default_texts(meeting, numbers)
    return form.Protocol(
        kind=meeting.kind,
        body=_body(meeting),
        date=_iso(meeting.date),
        starts=_clock(meeting.starts),
        ends=_clock(meeting.ends),
        place=meeting.place or None,
        channels=tuple(meeting.channels),
        attendees=tuple(_attendee(meeting, row, numbers) for row in meeting.attendances.all() if row.status != "expected"),
        chair=_name(meeting.officer("chair")),
        secretary=_name(meeting.officer("secretary")),
        adjusters=tuple(officer.name for officer in meeting.adjusters),
        adjustment_day=_iso(meeting.adjustment_day),
        adjusted_on=_iso(meeting.adjusted_on),
        paragraphs=tuple(_paragraph(meeting, number, paragraph, numbers, wording, defaults) for number, paragraph in printed),
        motions=tuple(_motions(meeting, numbers, wording)),
        reservations=(
            *_notes(meeting, numbers, wording),
            *(
                form.Reservation(
                    paragraph=numbers.paragraphs.get(row.paragraph_id),
                    kind=row.kind,
                    persons=tuple(row.persons),
                    parties=tuple(row.parties),
                    text=wording.of(row.text),
                    appendix=numbers.appendices.get(row.appendix_id),
                )
                for row in meeting.reservations.all()
            ),
        ),
        balance=tuple(form.BalanceEntry(title=note.item.title) for note in meeting.balance_notes.all() if is_open(note, meeting)),
        next_meeting=_next(meeting),
        appendices=tuple(
            sorted((_appendix(meeting, row, numbers, wording) for row in meeting.appendices.all()), key=lambda row: row.number)
        ),
        statements=tuple(_statements(meeting, printed, numbers, wording)),
        commitments=tuple(
            form.Commitment(paragraph=numbers.paragraphs.get(row.paragraph_id), text=wording.of(row.text))
            for row in _commitments(meeting)
        ),
        warnings=tuple(form.Warning_(**warning) for warning in meeting.source.warnings) if hasattr(meeting, "source") else (),
    )


def record(meeting: Meeting, *, version: int, parties: dict[int, Party] | None = None) -> canonical.Record:
    """What is signed: the protocol, its signers and the hashes of its appendices (samverkan-record/1)."""
    protocol = build(meeting, parties=parties)
    numbers = Numbers.of(meeting).appendices
    order = {"chair": 0, "adjuster": 1, "secretary": 2}
    officers = sorted(meeting.officers.all(), key=lambda officer: (order[officer.role], officer.position, officer.pk))
    return canonical.Record(
        group=canonical.RecordGroup(
            id=meeting.group_id,
            name=meeting.group.name,
            abbreviation=meeting.group.abbreviation,
            organisation=meeting.group.organisation,
        ),
        meeting=meeting.pk,
        version=version,
        signers=tuple(
            canonical.Signer(
                role=officer.role,
                name=officer.name,
                title=officer.title or None,
                party=_party(officer.party, meeting.date),
                person=officer.person_id,
            )
            for officer in officers
        ),
        appendices=tuple(
            canonical.RecordAppendix(
                number=numbers[row.pk], title=row.title or None, filename=row.filename or None, sha256=row.sha256, bytes=row.size
            )
            for row in sorted(meeting.appendices.all(), key=lambda row: numbers[row.pk])
            if row.file
        ),
        renderer=canonical.renderer(),
        protocol=protocol,
    )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _clock(clock) -> str | None:
    return f"{clock:%H:%M}" if clock else None


def _name(officer: Officer | None) -> str | None:
    return officer.name if officer else None


def _party(party: Party | None, day: date | None) -> str | None:
    """The name valid on the meeting's day (R4)."""
    return party.name_on(day or date.max) if party else None


def _body(meeting: Meeting) -> form.Body:
    group = meeting.group
    return form.Body(name=group.name, abbreviation=group.abbreviation, kind=group.kind, organisation=group.organisation)


def _attendee(meeting: Meeting, row: Attendance, numbers: Numbers) -> form.Attendee:
    offices = {officer.role for officer in meeting.officers.all() if officer.person_id == row.person_id}
    roles = [role for role in OFFICE_FIRST if role in offices]
    roles += [role for role in row.roles if role not in roles]
    roles += [role for role in OFFICE_LAST if role in offices and role not in roles]
    if row.co_opted and "coopted" not in roles:
        roles.append("coopted")
    if meeting.loaded:  # as the file says it
        roles = row.roles
    presence = None
    if row.partial:
        under = sorted(
            numbers.paragraphs[stay.paragraph_id] for stay in row.presences.all() if stay.paragraph_id in numbers.paragraphs
        )
        presence = form.Presence(paragraphs=tuple(under))
    return form.Attendee(
        name=row.name,
        title=row.title or None,
        party=row.party_printed or _party(row.party, meeting.date),
        political_party=row.political_party or None,
        side=row.side,
        status="present" if row.status == Attendance.Status.PRESENT else "absent",
        roles=tuple(roles),
        channel=row.channel or None,
        presence=presence,
        absences=tuple(
            form.Absence(
                since=_clock(interruption.starts),
                until=_clock(interruption.ends),
                paragraph=numbers.paragraphs.get(interruption.paragraph_id),
                reason=interruption.reason or None,
            )
            for interruption in row.interruptions.all()
            if interruption.starts
        ),
        replaces=row.replaces_printed or (row.replaces.name if row.replaces else None),
    )


def _paragraph(
    meeting: Meeting, number: int, paragraph: Paragraph, numbers: Numbers, wording: "_Wording", defaults: dict[str, str]
) -> form.Paragraph:
    topics, matters = [], []
    for item in paragraph.items.all():
        if not item.is_matter:
            topics.append(form.Topic(title=item.title or None, text=wording.of(item.text)))
            continue
        links = (numbers.appendices.get(link.appendix_id) for link in item.appendix_links.all())
        matters.append(
            form.Matter(
                title=item.title or None,
                references=tuple(item.references),
                presenter=item.presenter or None,
                text=_with_disagreements(meeting, item, wording),
                outcome=item.outcome or None,
                appendices=tuple(link for link in links if link is not None),
                decisions=tuple(
                    form.Decision(number=decision.number, text=wording.of(decision.text)) for decision in item.decisions.all()
                ),
            )
        )
    text = wording.of(paragraph.text)
    if not text.strip() and not meeting.loaded and not topics and not matters:
        text = defaults.get(paragraph.slug, "")
    if paragraph.slug == "balance" and not meeting.loaded:
        said = "\n".join((text, *(f"{row.title or ''}\n{row.text}" for row in (*topics, *matters))))
        text = "\n\n".join(part for part in (text, closings_left(meeting, numbers, said)) if part.strip())
    return form.Paragraph(
        number=number,
        heading=paragraph.heading or None,
        section=paragraph.section or None,
        text=text,
        topics=tuple(topics),
        matters=tuple(matters),
    )


def _with_disagreements(meeting: Meeting, item: Item, wording: "_Wording") -> str:
    """The matter's text, and after it each union that disagrees with its reason, unless the text has said both."""
    text = wording.of(item.text)
    said = text.casefold()
    parts = [text]
    for row in item.disagreements.all():
        name, reason = _party(row.party, meeting.date), wording.of(row.reason).strip()
        if "oenig" in said and name.casefold() in said and reason.casefold() in said:
            continue
        # In one paragraph, so that no page ends between the two.
        parts.append(answer_text(plain(f"{name} anmälde oenighet:"), reason) if reason else plain(f"{name} anmälde oenighet."))
    return "\n\n".join(part for part in parts if part.strip())


def printed_motions(meeting: Meeting) -> list[Placement]:
    """What is printed as a motion; not a note, and nothing that only says something and was taken back."""
    rows = [placement for placement in meeting.placements.all() if placement.motion.kind != Motion.Kind.NOTE]
    return [row for row in rows if not (row.motion.says and row.motion.state == "withdrawn")]


def printed_notes(meeting: Meeting) -> list[Placement]:
    """The protokollsanteckningar: they stand among the reservations."""
    rows = meeting.placements.all()
    return [row for row in rows if row.motion.kind == Motion.Kind.NOTE and row.motion.state == "filed"]


def _motions(meeting: Meeting, numbers: Numbers, wording: "_Wording") -> Iterator[form.Motion]:
    counted: dict[tuple, int] = {}
    for placement in printed_motions(meeting):
        motion = placement.motion
        party = _asks(motion, meeting)
        # Within an appendix, or under a §, a union's yrkanden are numbered 1, 2, …; a letter or a statement is called what it is.
        key = (placement.appendix_id, placement.paragraph_id, motion.party_id)
        if motion.kind == Motion.Kind.MOTION:
            counted[key] = counted.get(key, 0) + 1
        counts = counted[key] if motion.kind == Motion.Kind.MOTION else None
        yield form.Motion(
            kind=FORMAT_KINDS[Motion.Kind(motion.kind)],
            number=motion.number if meeting.loaded else counts,
            party=party,
            title=question_title(party, motion.title) if motion.kind == Motion.Kind.QUESTION else motion.title or None,
            background=wording.of(prose(motion)),  # what a file holds is told by its appendix
            paragraph=numbers.paragraphs.get(placement.paragraph_id),
            appendix=numbers.appendices.get(placement.appendix_id),
            matter=motion.matter or (placement.item.title if placement.item and not meeting.loaded else "") or None,
            claims=tuple(_claim(meeting, motion, claim, wording) for claim in motion.claims.all()),
        )


def _asks(motion: Motion, meeting: Meeting) -> str:
    """What the union is called in running text on the meeting's day."""
    return motion.party_printed or motion.party.short_on(meeting.date or date.max)


def _notes(meeting: Meeting, numbers: Numbers, wording: "_Wording") -> Iterator[form.Reservation]:
    """A protokollsanteckning stands among the reservations of the format, as one of a kind of its own."""
    for placement in printed_notes(meeting):
        motion = placement.motion
        yield form.Reservation(
            paragraph=numbers.paragraphs.get(placement.paragraph_id),
            kind="minute_note",
            parties=(_asks(motion, meeting),),
            text=f"**{plain(motion.title)}**\n\n{wording.of(prose(motion))}".strip(),
            appendix=numbers.appendices.get(placement.appendix_id),
        )


def _claim(meeting: Meeting, motion: Motion, claim: Claim, wording: "_Wording") -> form.Claim:
    answer = claim.answer
    return form.Claim(
        text=wording.of(claim.text),
        points=tuple(claim.points),
        supporters=tuple(one.party_printed or _party(one.party, meeting.date) for one in claim.supporters),
        answer=wording.of(answer.text) if answer and answer.text else None,
        outcome="withdrawn" if claim.taken_back else (answer.outcome if answer else None),
    )


def _statements(
    meeting: Meeting, printed: list[tuple[int, Paragraph]], numbers: Numbers, wording: "_Wording"
) -> Iterator[form.Statement]:
    """Who said what: as the file has it, or read from the party chips of the text."""
    if meeting.loaded:
        for row in meeting.statements.all():
            number, speakers = numbers.paragraphs.get(row.paragraph_id), tuple(row.speakers)
            yield form.Statement(paragraph=number, speakers=speakers, verb=row.verb or None, text=wording.of(row.text))
        return
    for number, paragraph in printed:
        for text in (paragraph.text, *(item.text for item in paragraph.items.all())):
            for said in statements(text, wording.name) if "](party:" in text else ():
                yield form.Statement(paragraph=number, speakers=said.speakers, verb=said.verb, text=plain(said.sentence))


def _commitments(meeting: Meeting) -> list[Commitment]:
    """The promises as the file has them; else those followed up whose sentence the signers can read in the text."""
    commitments = list(meeting.commitments.all())
    if meeting.loaded:
        return commitments
    own: dict[int | None, list[Commitment]] = {}
    for commitment in commitments:
        own.setdefault(commitment.paragraph_id, []).append(commitment)
    left_out = {
        commitment.pk
        for paragraph in meeting.paragraphs.all()
        for commitment in checklist.gone(paragraph, own.get(paragraph.pk, ()))
    }
    # Those that nobody follows up are notes that a sentence is no promise.
    return [commitment for commitment in commitments if commitment.followed_up and commitment.pk not in left_out]


def _appendix(meeting: Meeting, row: Appendix, numbers: Numbers, wording: "_Wording") -> form.Appendix:
    text = wording.of(row.text)
    if row.file:
        described = f"{row.description}\n\n" if row.description else ""
        text = f"{text}\n\n{described}{_where(row, numbers.appendices[row.pk])}".strip()
    return form.Appendix(
        number=numbers.appendices[row.pk],
        title=row.title or None,
        kind=row.kind or None,
        party=row.party_printed or _party(row.party, meeting.date),
        author=row.author or None,
        date=_iso(row.dated),
        text=text or None,
    )


def attached_name(row: Appendix, number: int) -> str:
    """What an uploaded file is called inside the sealed PDF."""
    return f"bilaga-{number}.{row.filename.rpartition('.')[2].lower()}"


def _where(row: Appendix, number: int) -> str:
    """Where the reader finds an uploaded file, in plain form. PDF/A takes no foreign pages, so files travel as they are."""
    return (
        f"Filen {plain(row.filename)} är bifogad i det förseglade protokollets PDF under namnet {attached_name(row, number)}. "
        f"Öppna den i PDF-läsarens lista över bifogade filer. SHA-256: {row.sha256}"
    )


def _next(meeting: Meeting) -> form.NextMeeting | None:
    if not (meeting.next_on or meeting.next_at or meeting.next_place):
        return None
    return form.NextMeeting(date=_iso(meeting.next_on), time=_clock(meeting.next_at), place=meeting.next_place or None)


def referenced_appendices(meeting: Meeting) -> set[int]:
    """The appendices that some paragraph, item or motion refers to."""
    return {pk for paragraph in meeting.paragraphs.all() for pk in referred(meeting, paragraph)}


class _Wording:
    """Puts words where a text has chips and references: the party's name that day, the final number of a § or appendix."""

    def __init__(self, meeting: Meeting, numbers: Numbers, known: dict[int, Party] | None) -> None:
        self.meeting, self.numbers = meeting, numbers
        self.items = {item.pk: item.title for paragraph in meeting.paragraphs.all() for item in paragraph.items.all()}
        self.headings = {paragraph.pk: paragraph.heading for paragraph in meeting.paragraphs.all()}
        self.motions = {placement.motion_id: placement.motion.title for placement in meeting.placements.all()}
        self.known, self.parties = known, None

    def of(self, plain: str) -> str:
        """The same text with every chip and reference resolved."""
        return resolve(plain, self.name) if "](" in plain else plain

    def name(self, kind: str, pk: int) -> str | None:
        """The words for one chip or reference, or None to keep those it was written with."""
        if kind == "paragraph":
            number = self.numbers.paragraphs.get(pk)
            return f"§ {number}" if number else self.headings.get(pk)
        if kind == "appendix":
            number = self.numbers.appendices.get(pk)
            return f"bilaga {number}" if number else None
        if kind == "party":
            if self.parties is None:  # one query, and only for a text that has chips
                day = self.meeting.date or date.max
                known = Party.objects.with_names() if self.known is None else self.known.values()
                self.parties = {party.pk: party.name_on(day) for party in known}
            return self.parties.get(pk)
        return {"item": self.items, "motion": self.motions}.get(kind, {}).get(pk) or None
