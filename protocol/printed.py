"""A protocol as the document that is printed: every text, sentence and sign in its place."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

import segno

from motions import spoken as sentences
from protocol import format as form
from protocol import spoken
from protocol.canonical import short
from protocol.parts import (
    AppendixPart,
    Approval,
    ClaimPart,
    Control,
    Document,
    MatterPart,
    MotionGroup,
    MotionPart,
    ParagraphPart,
    Prose,
    QrCode,
    RemarkPart,
    SignatureLine,
)
from protocol.pictures import Picture
from record.swedish import capital

LOCAL_TIME = ZoneInfo("Europe/Stockholm")
MODES = ("draft", "approval", "sealed", "loaded")


def context(
    protocol: form.Protocol,
    *,
    mode: str,
    approvals: Sequence[Approval] = (),
    version: int | None = None,
    content_hash: str | None = None,
    chain_head: str | None = None,
    verify_url: str | None = None,
    preliminary: bool = False,
    pictures: Mapping[int, Picture] | None = None,
) -> dict:
    """What protocol/document.html prints, as {"document": Document}; it asks no questions of the database."""
    if mode not in MODES:
        raise ValueError(f"{mode!r} is not one of {', '.join(MODES)}")
    control = None
    if mode == "sealed":
        control = _control(protocol, approvals, version, content_hash or "", chain_head or "", verify_url or "")
    document = Document(
        mode=mode,
        title=_words(spoken.title(protocol)),
        header=spoken.header(protocol),
        date=protocol.date or "",
        stamp=" ".join(
            part for part in (spoken.header(protocol)[0].lower() + spoken.header(protocol)[1:], protocol.date) if part
        ),
        mark=_mark(mode, version),
        preliminary=preliminary,
        organisation=protocol.body.organisation,
        time=_words(spoken.meeting_time(protocol.date, protocol.starts, protocol.ends)),
        place=_words(spoken.place(protocol)),
        present=tuple(_present(protocol)),
        absent=tuple(_words(spoken.attendee_row(protocol, person)) for person in protocol.attendees if person.status == "absent"),
        approved=_words(_approved(protocol, mode, approvals)),
        signatures=_signatures(protocol, mode, approvals),
        paragraphs=(*_paragraphs(protocol), *_unplaced(protocol)),
        appendices=tuple(_appendices(protocol, pictures or {})),
        control=control,
    )
    return {"document": document}


def _words(text: str) -> str:
    return spoken.no_break(text)


def _mark(mode: str, version: int | None) -> str:
    if mode == "draft":
        return "UTKAST – arbetsmaterial"
    if mode == "approval":
        return f"Under justering – version {version}" if version else "Under justering"
    return ""


def _present(protocol: form.Protocol) -> Iterator[tuple[str, tuple[str, ...]]]:
    for side, label in spoken.SIDES.items():
        rows = [person for person in protocol.attendees if person.side == side and person.status == "present"]
        if rows:
            yield label, tuple(_words(spoken.attendee_row(protocol, person)) for person in rows)


def _approved(protocol: form.Protocol, mode: str, approvals: Sequence[Approval]) -> str:
    if mode == "draft":
        return "Ej justerat"
    if mode == "approval":
        return "Under justering"
    signed = [approval.signed_at for approval in approvals if approval.signed_at]
    if signed and len(signed) == len(approvals):
        return f"Justerat {spoken.day(max(signed).astimezone(LOCAL_TIME).date())}"
    if mode == "loaded":
        return (
            f"Justerat {spoken.day(protocol.adjusted_on)}, enligt källan"
            if protocol.adjusted_on
            else "Justeringsdatum saknas i källan"
        )
    return "Justerat"


def _signatures(protocol: form.Protocol, mode: str, approvals: Sequence[Approval]) -> tuple[tuple[SignatureLine, ...], ...]:
    """The chair alone on the first row, adjusters and secretary on the next."""
    people = list(approvals) or [
        *([Approval(role="chair", name=protocol.chair)] if protocol.chair else []),
        *(Approval(role="adjuster", name=name) for name in protocol.adjusters),
        *([Approval(role="secretary", name=protocol.secretary)] if protocol.secretary else []),
    ]

    def line(person: Approval) -> SignatureLine:
        status = ""
        if mode == "approval":
            status = f"Godkänt {_local(person.signed_at)}" if person.signed_at else "Inte godkänt än"
        elif mode == "sealed" and person.signed_at:
            status = "Undertecknat elektroniskt"
        return SignatureLine(name=person.name, office=spoken.SIGNER_ROLES[person.role], status=_words(status))

    signing = (
        tuple(line(person) for person in people if person.role == "chair"),
        tuple(line(person) for person in people if person.role == "adjuster")
        + tuple(line(person) for person in people if person.role == "secretary"),
    )
    return tuple(row for row in signing if row)


def _local(moment: datetime) -> str:
    """`den 17 april 2020 kl. 14:03`, in Swedish time."""
    local = moment.astimezone(LOCAL_TIME)
    return f"{spoken.day(local.date())} kl. {local:%H:%M}"


def _paragraphs(protocol: form.Protocol) -> Iterator[ParagraphPart]:
    section = None
    titles = {matter.title for paragraph in protocol.paragraphs for matter in paragraph.matters}
    for paragraph in protocol.paragraphs:
        under = [motion for motion in protocol.motions if motion.paragraph == paragraph.number]
        here = [motion for motion in under if _in_body(protocol, motion)]
        own = [motion for motion in here if motion.matter not in titles or not motion.matter]
        apart = [motion for motion in under if motion not in here]
        said = spoken.own_text(paragraph)
        told = spoken.in_appendices([motion for motion in apart if motion.matter not in titles], protocol.body, said)
        text, default = paragraph.text, spoken.default_text(protocol, paragraph)
        yield ParagraphPart(
            number=paragraph.number,
            section=paragraph.section if paragraph.section and paragraph.section != section else "",
            heading=_words(paragraph.heading or ""),
            text=Prose(text),
            topics=tuple((_words(topic.title or ""), Prose(topic.text, 4)) for topic in paragraph.topics),
            matters=tuple(
                _matter(protocol, matter, [motion for motion in here if motion not in own], apart) for matter in paragraph.matters
            ),
            motions=motion_groups(own, protocol, level=3, said=said),
            remarks=tuple(_remarks(protocol, paragraph)),
            default=Prose(default),
            notes=tuple(_words(sentence) for sentence in (*told.values(), *spoken.interruptions(protocol, paragraph))),
        )
        section = paragraph.section


def _unplaced(protocol: form.Protocol) -> Iterator[ParagraphPart]:
    """What no § carries must still be printed: motions, remarks, open balance items and the next meeting."""
    said = "\n\n".join(spoken.own_text(paragraph) for paragraph in protocol.paragraphs)
    purposes = {name for paragraph in protocol.paragraphs for name in spoken.purposes(paragraph)}
    motions = [motion for motion in protocol.motions if motion.paragraph is None and _in_body(protocol, motion)]
    remarks = [entry for entry in protocol.reservations if entry.paragraph is None and not _in_appendix(protocol, entry)]
    parts = [
        *(
            (heading, "", motion_groups([motion for motion in motions if motion.kind == kind], protocol, level=3), ())
            for kind, heading in spoken.UNPLACED.items()
        ),
        ("Reservationer och yttranden", "", (), tuple(remark_part(entry, 3) for entry in remarks)),
        ("Balanslista", "" if "balance" in purposes else spoken.balance_text(protocol, said), (), ()),
        ("Nästa möte", "" if "next_meeting" in purposes else spoken.next_meeting_text(protocol, said), (), ()),
    ]
    for heading, default, groups, entries in parts:
        if default or groups or entries:
            yield ParagraphPart(
                number=None,
                section="",
                heading=heading,
                text=Prose(""),
                topics=(),
                matters=(),
                motions=groups,
                remarks=entries,
                default=Prose(default),
                notes=(),
            )


def _matter(
    protocol: form.Protocol, matter: form.Matter, motions: Iterable[form.Motion], apart: Iterable[form.Motion]
) -> MatterPart:
    """`motions` are printed here, those `apart` in an appendix."""
    in_appendix = [motion for motion in apart if motion.matter == matter.title]
    before, after = spoken.matter_lines(matter, protocol.body, in_appendix)
    return MatterPart(
        title=_words(matter.title or ""),
        references=matter.references,
        before=_words(before),
        text=Prose(matter.text, 4),
        decisions=tuple(
            (f"{decision.number}." if decision.number else "", Prose(decision.text, 4)) for decision in matter.decisions
        ),
        after=tuple(_words(sentence) for sentence in after),
        motions=motion_groups(
            [motion for motion in motions if motion.matter == matter.title], protocol, level=4, said=matter.text
        ),
    )


def _in_body(protocol: form.Protocol, motion: form.Motion) -> bool:
    return motion.appendix is None or motion.appendix not in {appendix.number for appendix in protocol.appendices}


def motion_groups(
    motions: Sequence[form.Motion], protocol: form.Protocol, *, level: int, said: str = "", title: str = ""
) -> tuple[MotionGroup, ...]:
    """Motions of one party after another, without what the text around them (`said`, under `title`) has already."""
    groups = []
    left = [motion for motion in motions if not _told(motion, said)]
    for (party, kind), members in groupby(left, key=lambda motion: (motion.party, motion.kind)):
        intro = sentences.motions_intro(party, kind)
        already = intro.rstrip(":").casefold() in said.casefold()
        parts = tuple(_motion(motion, protocol, level, title) for motion in members)
        groups.append(MotionGroup(intro="" if already else _words(intro), motions=parts))
    return tuple(groups)


def _told(motion: form.Motion, said: str) -> bool:
    """Whether the text around the motion holds all of it: old protocols may carry a motion both as text and as data."""
    parts = [motion.background, *(part for claim in motion.claims for part in (claim.text, claim.answer))]
    return any(parts) and all(_stands_in(part, said) for part in parts if part)


def _motion(motion: form.Motion, protocol: form.Protocol, level: int, title: str) -> MotionPart:
    heading = spoken.motion_heading(motion)
    return MotionPart(
        level=level,
        heading="" if heading == title else _words(heading),
        background=Prose(motion.background or "", level + 1),
        intro=_words(sentences.claims_intro(motion.party, motion.kind, len(motion.claims))) if motion.claims else "",
        claims=tuple(_claim(claim, motion, protocol, level + 1) for claim in motion.claims),
        numbered=motion.kind == "inquiry",
    )


def _claim(claim: form.Claim, motion: form.Motion, protocol: form.Protocol, level: int) -> ClaimPart:
    answer = sentences.answer_text(spoken.answer_label(claim, protocol.body, motion.kind), (claim.answer or "").strip())
    return ClaimPart(
        text=Prose(claim.text, level),
        points=tuple(Prose(point, level) for point in claim.points if not _stands_in(point, claim.text)),
        support=_words(sentences.support(claim.supporters, motion.party, motion.kind)),
        answer=Prose(answer, level),
    )


def _stands_in(point: str, text: str) -> bool:
    return " ".join(point.split()) in " ".join(text.split())


def _in_appendix(protocol: form.Protocol, entry: form.Reservation) -> bool:
    return entry.appendix is not None and entry.appendix in {appendix.number for appendix in protocol.appendices}


def _remarks(protocol: form.Protocol, paragraph: form.Paragraph) -> Iterator[RemarkPart]:
    said = spoken.own_text(paragraph)
    for entry in protocol.reservations:
        if entry.paragraph != paragraph.number:
            continue
        if _in_appendix(protocol, entry):
            if not spoken.says(said, rf"bilaga\s+{entry.appendix}\b"):
                yield RemarkPart(
                    level=3, heading=_words(spoken.reservation(entry)), text=Prose(spoken.see_appendices([entry.appendix]), 4)
                )
        elif not (entry.text and _stands_in(entry.text, said)):
            yield remark_part(entry, 3)


def remark_part(entry: form.Reservation, level: int) -> RemarkPart:
    return RemarkPart(level=level, heading=_words(spoken.reservation(entry)), text=Prose(entry.text, level + 1))


def _appendices(protocol: form.Protocol, pictures: Mapping[int, Picture]) -> Iterator[AppendixPart]:
    for appendix in sorted(protocol.appendices, key=lambda appendix: appendix.number):
        text = appendix.text or ""
        title = appendix.title or spoken.appendix_title(appendix.kind, appendix.party)
        motions = [motion for motion in protocol.motions if motion.appendix == appendix.number]
        remarks = [entry for entry in protocol.reservations if entry.appendix == appendix.number and entry.text]
        yield AppendixPart(
            number=appendix.number,
            title=_words(title),
            byline=_words(_byline(appendix, text)),
            picture=pictures.get(appendix.number),
            text=Prose(text),
            motions=motion_groups(motions, protocol, level=3, said=text, title=title),
            remarks=tuple(remark_part(entry, 3) for entry in remarks if not _stands_in(entry.text, text)),
        )


def _byline(appendix: form.Appendix, text: str) -> str:
    parts = [
        appendix.author if appendix.author and appendix.author not in text else "",
        spoken.day(appendix.date) if appendix.date else "",
    ]
    return ", ".join(part for part in parts if part and part not in text)


def _control(
    protocol: form.Protocol,
    approvals: Sequence[Approval],
    version: int | None,
    content_hash: str,
    chain_head: str,
    verify_url: str,
) -> Control:
    return Control(
        approvals=tuple(
            (
                capital(spoken.SIGNER_ROLES[person.role]),
                ", ".join(part for part in (person.name, person.title) if part),
                person.party or protocol.body.organisation,
                f"{person.signed_at.astimezone(LOCAL_TIME):%Y-%m-%d %H:%M:%S}" if person.signed_at else "–",
                person.method or "–",
            )
            for person in approvals
        ),
        version=version,
        content_hash=content_hash,
        short_hash=short(content_hash) if content_hash else "",
        chain_head=chain_head,
        verify_url=verify_url,
        qr=_qr(verify_url) if verify_url else None,
    )


def _qr(address: str) -> QrCode:
    """A QR code as one SVG path, so that it needs no image file and prints sharp."""
    rows = list(segno.make_qr(address, error="m").matrix_iter(border=4))
    runs = []
    for y, row in enumerate(rows):
        x = 0
        for dark, cells in groupby(row):
            width = len(list(cells))
            if dark:
                runs.append(f"M{x} {y}h{width}v1h-{width}z")
            x += width
    return QrCode(size=len(rows), path="".join(runs))
