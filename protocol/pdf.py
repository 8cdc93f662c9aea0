"""The document as one context for screen and print, and the only door to WeasyPrint."""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache, cached_property
from itertools import groupby, pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pikepdf
from django.template.loader import render_to_string

from motions import phrases as sentences
from protocol import phrases
from protocol.canonical import short
from protocol.format import Appendix, Claim, Matter, Motion, Paragraph, Protocol, Reservation
from record.text import to_html

STYLE = Path(__file__).resolve().parent.parent / "static" / "css" / "document.css"
LOCAL_TIME = ZoneInfo("Europe/Stockholm")
MODES = ("draft", "approval", "sealed", "loaded")


class RenderError(Exception):
    """The document could not be drawn as an archive-grade PDF; the message says why."""


# The context: what the template and the text export print, in order.


@dataclass(frozen=True)
class Prose:
    """A text in plain form, with the level of the headings that it may hold."""

    plain: str
    level: int = 3

    @cached_property
    def html(self) -> str:
        return to_html(phrases.no_break(self.plain), heading_base=self.level)

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
    text: Prose
    motions: tuple[MotionGroup, ...]
    remarks: tuple[RemarkPart, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.text or self.motions or self.remarks)


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


def context(
    protocol: Protocol,
    *,
    mode: str,
    approvals: Sequence[Approval] = (),
    version: int | None = None,
    content_hash: str | None = None,
    chain_head: str | None = None,
    verify_url: str | None = None,
    preliminary: bool = False,
) -> dict:
    """What protocol/document.html prints, as {"document": Document}; it asks no questions of the database."""
    if mode not in MODES:
        raise ValueError(f"{mode!r} is not one of {', '.join(MODES)}")
    control = None
    if mode == "sealed":
        control = _control(protocol, approvals, version, content_hash or "", chain_head or "", verify_url or "")
    document = Document(
        mode=mode,
        title=_words(phrases.title(protocol)),
        header=phrases.header(protocol),
        date=protocol.date or "",
        stamp=" ".join(
            part for part in (phrases.header(protocol)[0].lower() + phrases.header(protocol)[1:], protocol.date) if part
        ),
        mark=_mark(mode, version),
        preliminary=preliminary,
        organisation=protocol.body.organisation,
        time=_words(phrases.meeting_time(protocol.date, protocol.starts, protocol.ends)),
        place=_words(phrases.place(protocol)),
        present=tuple(_present(protocol)),
        absent=tuple(_words(phrases.attendee(person)) for person in protocol.attendees if person.status == "absent"),
        approved=_words(_approved(protocol, mode, approvals)),
        signatures=_signatures(protocol, mode, approvals),
        paragraphs=(*_paragraphs(protocol), *_unplaced(protocol)),
        appendices=tuple(_appendices(protocol)),
        control=control,
    )
    return {"document": document}


def _words(text: str) -> str:
    return phrases.no_break(text)


def _mark(mode: str, version: int | None) -> str:
    if mode == "draft":
        return "UTKAST – arbetsmaterial"
    if mode == "approval":
        return f"Under justering – version {version}" if version else "Under justering"
    return ""


def _present(protocol: Protocol) -> Iterator[tuple[str, tuple[str, ...]]]:
    for side, label in phrases.SIDES.items():
        rows = [person for person in protocol.attendees if person.side == side and person.status == "present"]
        if rows:
            yield label, tuple(_words(phrases.attendee(person)) for person in rows)


def _approved(protocol: Protocol, mode: str, approvals: Sequence[Approval]) -> str:
    if mode == "draft":
        return "Ej justerat"
    if mode == "approval":
        return "Under justering"
    signed = [approval.signed_at for approval in approvals if approval.signed_at]
    if signed and len(signed) == len(approvals):
        return f"Justerat {phrases.day(max(signed).astimezone(LOCAL_TIME).date())}"
    if mode == "loaded":
        return (
            f"Justerat {phrases.day(protocol.adjusted_on)}, enligt källan"
            if protocol.adjusted_on
            else "Justeringsdatum saknas i källan"
        )
    return "Justerat"


def _signatures(protocol: Protocol, mode: str, approvals: Sequence[Approval]) -> tuple[tuple[SignatureLine, ...], ...]:
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
        return SignatureLine(name=person.name, office=phrases.SIGNER_ROLES[person.role], status=_words(status))

    rows = (
        tuple(line(person) for person in people if person.role == "chair"),
        tuple(line(person) for person in people if person.role == "adjuster")
        + tuple(line(person) for person in people if person.role == "secretary"),
    )
    return tuple(row for row in rows if row)


def _local(moment: datetime) -> str:
    """`den 17 april 2020 kl. 14:03`, in Swedish time."""
    local = moment.astimezone(LOCAL_TIME)
    return f"{phrases.day(local.date())} kl. {local:%H:%M}"


def _paragraphs(protocol: Protocol) -> Iterator[ParagraphPart]:
    section = None
    titles = {matter.title for paragraph in protocol.paragraphs for matter in paragraph.matters}
    for paragraph in protocol.paragraphs:
        here = [motion for motion in protocol.motions if motion.paragraph == paragraph.number and _in_body(protocol, motion)]
        own = [motion for motion in here if motion.matter not in titles or not motion.matter]
        text, default = paragraph.text, phrases.default_text(protocol, paragraph)
        yield ParagraphPart(
            number=paragraph.number,
            section=paragraph.section if paragraph.section and paragraph.section != section else "",
            heading=_words(paragraph.heading or ""),
            text=Prose(text),
            topics=tuple((_words(topic.title or ""), Prose(topic.text, 4)) for topic in paragraph.topics),
            matters=tuple(
                _matter(protocol, matter, [motion for motion in here if motion not in own]) for matter in paragraph.matters
            ),
            motions=_motions(own, protocol, level=3, said=phrases.own_text(paragraph)),
            remarks=tuple(_remarks(protocol, paragraph)),
            default=Prose(default),
            notes=tuple(_words(sentence) for sentence in phrases.interruptions(protocol, paragraph)),
        )
        section = paragraph.section


def _unplaced(protocol: Protocol) -> Iterator[ParagraphPart]:
    """What no § carries must still be printed: motions, remarks, open balance items and the next meeting."""
    said = "\n\n".join(phrases.own_text(paragraph) for paragraph in protocol.paragraphs)
    purposes = {name for paragraph in protocol.paragraphs for name in phrases.purposes(paragraph)}
    motions = [motion for motion in protocol.motions if motion.paragraph is None and _in_body(protocol, motion)]
    remarks = [entry for entry in protocol.reservations if entry.paragraph is None and not _in_appendix(protocol, entry)]
    found = [
        ("Yrkanden", "", _motions(motions, protocol, level=3), ()),
        ("Reservationer och yttranden", "", (), tuple(_remark(entry, 3) for entry in remarks)),
        ("Balanslista", "" if "balance" in purposes else phrases.balance_text(protocol, said), (), ()),
        ("Nästa möte", "" if "next_meeting" in purposes else phrases.next_meeting_text(protocol, said), (), ()),
    ]
    for heading, default, groups, entries in found:
        if default or groups or entries:
            yield ParagraphPart(
                number=None, section="", heading=heading, text=Prose(""), topics=(), matters=(), motions=groups, remarks=entries,
                default=Prose(default), notes=(),
            )  # fmt: skip


def _matter(protocol: Protocol, matter: Matter, motions: Iterable[Motion]) -> MatterPart:
    before, after = phrases.matter_lines(matter, protocol.body)
    return MatterPart(
        title=_words(matter.title or ""),
        references=matter.references,
        before=_words(before),
        text=Prose(matter.text, 4),
        decisions=tuple(
            (f"{decision.number}." if decision.number else "", Prose(decision.text, 4)) for decision in matter.decisions
        ),
        after=tuple(_words(sentence) for sentence in after),
        motions=_motions([motion for motion in motions if motion.matter == matter.title], protocol, level=4, said=matter.text),
    )


def _in_body(protocol: Protocol, motion: Motion) -> bool:
    return motion.appendix is None or motion.appendix not in {appendix.number for appendix in protocol.appendices}


def _motions(
    motions: Sequence[Motion], protocol: Protocol, *, level: int, said: str = "", title: str = ""
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


def _told(motion: Motion, said: str) -> bool:
    """Whether the text around the motion holds all of it: old protocols may carry a motion both as text and as data."""
    parts = [motion.background, *(part for claim in motion.claims for part in (claim.text, claim.answer))]
    return any(parts) and all(_stands_in(part, said) for part in parts if part)


def _motion(motion: Motion, protocol: Protocol, level: int, title: str) -> MotionPart:
    heading = phrases.motion_heading(motion)
    return MotionPart(
        level=level,
        heading="" if heading == title else _words(heading),
        background=Prose(motion.background or "", level + 1),
        intro=_words(sentences.claims_intro(motion.party, motion.kind)) if motion.claims else "",
        claims=tuple(_claim(claim, motion.party, protocol, level + 1) for claim in motion.claims),
    )


def _claim(claim: Claim, party: str, protocol: Protocol, level: int) -> ClaimPart:
    answer = sentences.answer_text(phrases.answer_label(claim, protocol.body), (claim.answer or "").strip())
    return ClaimPart(
        text=Prose(claim.text, level),
        points=tuple(Prose(point, level) for point in claim.points if not _stands_in(point, claim.text)),
        support=_words(sentences.support(claim.supporters, party)),
        answer=Prose(answer, level),
    )


def _stands_in(point: str, text: str) -> bool:
    return " ".join(point.split()) in " ".join(text.split())


def _in_appendix(protocol: Protocol, entry: Reservation) -> bool:
    return entry.appendix is not None and entry.appendix in {appendix.number for appendix in protocol.appendices}


def _remarks(protocol: Protocol, paragraph: Paragraph) -> Iterator[RemarkPart]:
    said = phrases.own_text(paragraph)
    for entry in protocol.reservations:
        if entry.paragraph != paragraph.number:
            continue
        if _in_appendix(protocol, entry):
            if not phrases.says(said, rf"bilaga\s+{entry.appendix}\b"):
                yield RemarkPart(
                    level=3, heading=_words(phrases.reservation(entry)), text=Prose(phrases.see_appendices([entry.appendix]), 4)
                )
        elif not (entry.text and _stands_in(entry.text, said)):
            yield _remark(entry, 3)


def _remark(entry: Reservation, level: int) -> RemarkPart:
    return RemarkPart(level=level, heading=_words(phrases.reservation(entry)), text=Prose(entry.text, level + 1))


def _appendices(protocol: Protocol) -> Iterator[AppendixPart]:
    for appendix in sorted(protocol.appendices, key=lambda appendix: appendix.number):
        text = appendix.text or ""
        title = appendix.title or phrases.appendix_title(appendix.kind, appendix.party)
        motions = [motion for motion in protocol.motions if motion.appendix == appendix.number]
        remarks = [entry for entry in protocol.reservations if entry.appendix == appendix.number and entry.text]
        yield AppendixPart(
            number=appendix.number,
            title=_words(title),
            byline=_words(_byline(appendix, text)),
            text=Prose(text),
            motions=_motions(motions, protocol, level=3, said=text, title=title),
            remarks=tuple(_remark(entry, 3) for entry in remarks if not _stands_in(entry.text, text)),
        )


def _byline(appendix: Appendix, text: str) -> str:
    parts = [
        appendix.author if appendix.author and appendix.author not in text else "",
        phrases.day(appendix.date) if appendix.date else "",
    ]
    return ", ".join(part for part in parts if part and part not in text)


def _control(
    protocol: Protocol, approvals: Sequence[Approval], version: int | None, content_hash: str, chain_head: str, verify_url: str
) -> Control:
    return Control(
        approvals=tuple(
            (
                phrases.capital(phrases.SIGNER_ROLES[person.role]),
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
    import qrcode

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    code.add_data(address)
    code.make(fit=True)
    rows = code.get_matrix()
    runs = []
    for y, row in enumerate(rows):
        x = 0
        for dark, cells in groupby(row):
            width = len(list(cells))
            if dark:
                runs.append(f"M{x} {y}h{width}v1h-{width}z")
            x += width
    return QrCode(size=len(rows), path="".join(runs))


# HTML


def html_of(protocol: Protocol, *, mode: str, **options) -> str:
    """The whole document as one HTML page that needs no other file; `options` are those of `context`."""
    page = context(protocol, mode=mode, **options)
    html = _nested_headings(render_to_string("protocol/document.html", page))
    style = STYLE.read_text(encoding="utf-8") + _appendix_pages(page["document"].appendices)
    return html.replace("</head>", f"<style>\n{style}</style>\n</head>", 1)


def _appendix_pages(appendices: Iterable[AppendixPart]) -> str:
    """Page rules for each appendix: its own page numbers, and the stamp that says where it belongs."""
    return "".join(
        f"""
@page bilaga-{n} {{
  margin: 32mm 25mm 24mm 28mm;
  @top-left {{ content: "Bilaga {n} till " string(stamp) "\\A" string(mark); white-space: pre-line; }}
  @top-right {{ content: "Bilaga {n} · Sida " counter(page) " (" target-counter(url(#bilaga-{n}-slut), page) ")"; }}
}}
@page :nth(1 of bilaga-{n}) {{ counter-reset: page 1; }}
@media print {{ #bilaga-{n} {{ page: bilaga-{n}; }} }}
"""
        for n in (appendix.number for appendix in appendices)
    )


def _nested_headings(html: str) -> str:
    """No heading skips a level, whatever the texts hold: PDF/UA asks for it, and so do those who listen."""
    levels: list[int] = []
    last = 0

    def level(match: re.Match) -> str:
        nonlocal last
        if match[1] == "</h":
            return f"</h{levels.pop() if levels else match[2]}"
        last = min(int(match[2]), last + 1)
        levels.append(last)
        return f"<h{last}"

    return re.sub(r"(</?h)([1-6])(?=[\s>])", level, html)


# PDF


def render(
    html: str,
    *,
    title: str,
    created: datetime,
    attachments: Iterable[tuple[str, bytes, str, str, str]] = (),
) -> bytes:
    """PDF/A-3a and PDF/UA-1 in one file, the same bytes for the same input.

    Attachments are (name, bytes, mime, relationship, description).

    Raises RenderError when something in it cannot be drawn or fetched; nothing outside the HTML is ever read.
    """
    from weasyprint import HTML, Attachment
    from weasyprint.urls import FatalURLFetchingError

    moment = created.astimezone(UTC).replace(microsecond=0)
    files = []
    for name, data, mime, relationship, description in attachments:
        item = Attachment(
            string=data, name=name, description=description, relationship=relationship, created=moment, modified=moment
        )
        item.source = nullcontext((io.BytesIO(data), None, None, mime))  # WeasyPrint would guess the type from the name
        files.append(item)
    try:
        drawn = HTML(string=html, base_url=None, url_fetcher=_fetcher()).render()
        drawn.metadata.title = title
        drawn.metadata.lang = "sv"
        drawn.metadata.created = drawn.metadata.modified = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        drawn.metadata.attachments = files  # and none that the page asks for
        pdf = drawn.write_pdf(pdf_variant="pdf/a-3a", finisher=_finish)
    except FatalURLFetchingError as error:  # a BaseException
        raise RenderError(f"the document points outside itself: {error}") from None
    except RecursionError:
        raise RenderError("the document is nested too deep") from None
    missing = sorted({codepoint for font in drawn.fonts.values() for codepoint in font.missing})
    if missing:
        raise RenderError(f"no font can draw {', '.join(f'{chr(codepoint)} (U+{codepoint:04X})' for codepoint in missing)}")
    return pdf


@cache
def _fetcher():
    from weasyprint.urls import URLFetcher

    class Nothing(URLFetcher):
        """Lets the document fetch nothing at all: style is in the page and fonts are installed."""

        def fetch(self, url, headers=None):
            raise ValueError(f"not allowed: {url[:80]}")

    return Nothing(timeout=1, allowed_protocols=(), allow_redirects=False, fail_on_errors=True)


_UA = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Which part of ISO 14289 the file follows</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""


def _finish(document, pdf) -> None:
    """Makes WeasyPrint's PDF/A-3a a PDF/UA-1 too."""
    _list_bodies(pdf)
    _margins_to_artifacts(pdf)
    _name_ua(pdf)


def _list_bodies(pdf) -> None:
    """A list item may hold only a label and a body: the blocks of an att-sats with its support and answer get one body."""
    import pydyf

    for item in [item for item in pdf.objects if isinstance(item, dict) and item.get("S") == "/LI"]:
        kids = [(kid, pdf.objects[_object(kid)]) for kid in item["K"]]
        blocks = [(kid, element) for kid, element in kids if element.get("S") not in ("/Lbl", "/LBody")]
        if blocks:
            body = pydyf.Dictionary({"Type": "/StructElem", "S": "/LBody", "P": item.reference, "Pg": item["Pg"]})
            body["K"] = pydyf.Array([kid for kid, _ in blocks])
            pdf.add_object(body)
            for _, element in blocks:
                element["P"] = body.reference
            item["K"] = pydyf.Array([kid for kid, element in kids if element.get("S") in ("/Lbl", "/LBody")] + [body.reference])


def _name_ua(pdf) -> None:
    """The PDF/UA identifier, and the schema that PDF/A wants for it, in the one metadata packet; left readable for archives."""
    packet = pdf.objects[_object(pdf.catalog["Metadata"])]
    xml = b"".join(part if isinstance(part, bytes) else str(part).encode() for part in packet.stream)
    end = xml.rindex(b"</rdf:RDF>")
    packet.stream = [xml[:end] + _UA + xml[end:]]
    packet.compress = False


def _object(reference) -> int:
    text = reference.decode() if isinstance(reference, bytes) else str(reference)
    return int(text.split()[0])


def _margins_to_artifacts(pdf) -> None:
    """Running headers become artifacts: WeasyPrint tags them outside the tree, and a reader would hear them on every page."""
    import pydyf

    root = pdf.objects[_object(pdf.catalog["StructTreeRoot"])]
    reached, waiting = set(), [_object(kid) for kid in root["K"]]
    while waiting:
        number = waiting.pop()
        if number not in reached:
            reached.add(number)
            kids = pdf.objects[number].get("K") or ()
            waiting += [_object(kid) for kid in kids if isinstance(kid, (str, bytes))]
    numbers = pdf.objects[_object(root["ParentTree"])]["Nums"]
    owners = dict(zip(numbers[::2], numbers[1::2], strict=True))
    for page in [item for item in pdf.objects if isinstance(item, dict) and item.get("Type") == "/Page"]:
        marked = owners[page["StructParents"]]
        loose = {mcid for mcid, owner in enumerate(marked) if _object(owner) not in reached}
        stream = pdf.objects[_object(page["Contents"])].stream
        for at, operator in enumerate(stream):
            if operator == b"BDC" and isinstance(stream[at - 1], dict) and stream[at - 1].get("MCID") in loose:
                stream[at - 2], stream[at - 1] = "/Artifact", pydyf.Dictionary({"Type": "/Pagination"})
        for mcid in loose:
            marked[mcid] = "null"
    for number, item in enumerate(pdf.objects):
        if isinstance(item, dict) and item.get("Type") == "/StructElem" and number not in reached:
            item.clear()  # an emptied object keeps its number; a freed one would shift the others


# Our own check of every file we make


_DRAWS = {"Tj", "TJ", "'", '"', "Do", "f", "F", "f*", "S", "s", "B", "B*", "b", "b*", "sh", "EI", "INLINE IMAGE"}


def check(pdf: bytes) -> list[str]:
    """What keeps the file from being PDF/A-3a and PDF/UA-1, as far as we look; an empty list is a pass."""
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            return sorted(
                {*_check_catalogue(document), *_check_objects(document), *_check_headings(document), *_check_pages(document)}
            )
    except pikepdf.PdfError as error:
        return [f"not a PDF: {error}"]


def _check_catalogue(document: pikepdf.Pdf) -> Iterator[str]:
    root = document.Root
    packet = root.get("/Metadata")
    xmp = packet.read_bytes().decode("utf-8", "replace") if packet is not None else ""
    if packet is not None and "/Filter" in packet:
        yield "metadata is compressed"
    for wanted, name in (
        (r"<pdfaid:part>3<|pdfaid:part=.3", "PDF/A part 3"),
        (r"(?i)<pdfaid:conformance>A<|pdfaid:conformance=.A", "PDF/A level A"),
        (r"<pdfuaid:part>1<|pdfuaid:part=.1", "PDF/UA part 1"),
        ("pdfaExtension:schemas", "extension schema"),
        (r"<dc:title>.*\S.*</dc:title>", "title"),
    ):
        if not re.search(wanted, xmp, re.S):
            yield f"metadata without {name}"
    if not str(root.get("/Lang", "")):
        yield "no language"
    if not bool(root.get("/MarkInfo", {}).get("/Marked", False)):
        yield "not marked as tagged"
    if not bool(root.get("/ViewerPreferences", {}).get("/DisplayDocTitle", False)):
        yield "title is not displayed"
    if "/OutputIntents" not in root:
        yield "no output intent"
    if "/StructTreeRoot" not in root:
        yield "no structure tree"
    if "/ID" not in document.trailer:
        yield "no file identifier"
    if "/Encrypt" in document.trailer:
        yield "encrypted"


def _check_objects(document: pikepdf.Pdf) -> Iterator[str]:
    for item in document.objects:
        if isinstance(item, pikepdf.Stream):
            if item.get("/Subtype") == "/Image" and bool(item.get("/Interpolate", False)):
                yield "image with interpolation"
        elif isinstance(item, pikepdf.Dictionary):
            descriptor = item.get("/FontDescriptor")
            embedded = descriptor is None or any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3"))
            if item.get("/Type") == "/Font" and not embedded:
                yield f"font {item.get('/BaseFont')} is not embedded"
            if item.get("/Type") == "/StructElem" and item.get("/S") == "/Figure" and not str(item.get("/Alt", "")):
                yield "figure without text alternative"
            if item.get("/Subtype") == "/Link" and not str(item.get("/Contents", "")):
                yield "link without description"
            if item.get("/Type") == "/Filespec" and "/AFRelationship" not in item:
                yield "attachment without relationship"
            if item.get("/S") in ("/JavaScript", "/Launch", "/Sound", "/Movie"):
                yield f"forbidden action {item.get('/S')}"


def _check_headings(document: pikepdf.Pdf) -> Iterator[str]:
    tree = document.Root.get("/StructTreeRoot")
    levels: list[int] = []
    waiting = [tree.get("/K")] if tree is not None else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, pikepdf.Array):
            waiting += reversed(list(node))
        elif isinstance(node, pikepdf.Dictionary):
            if found := re.fullmatch(r"/H([1-6])", str(node.get("/S", ""))):
                levels.append(int(found[1]))
            waiting.append(node.get("/K"))
    if not levels or levels[0] != 1:
        yield "the first heading is not of level 1"
    for before, after in pairwise(levels):
        if after > before + 1:
            yield f"a heading of level {after} follows one of level {before}"


def _check_pages(document: pikepdf.Pdf) -> Iterator[str]:
    for number, page in enumerate(document.pages, start=1):
        depth = 0
        for instruction in pikepdf.parse_content_stream(page):
            operator = str(instruction.operator)
            if operator in ("BDC", "BMC"):
                depth += 1
            elif operator == "EMC":
                depth -= 1
            elif operator in _DRAWS and depth <= 0:
                yield f"untagged content on page {number}"
                break


def file_date(on: str | date | None) -> datetime:
    """A fixed moment for a file whose own date is only a day: noon, Swedish time."""
    when = date.fromisoformat(on) if isinstance(on, str) else on or date(1970, 1, 1)
    return datetime(when.year, when.month, when.day, 12, tzinfo=LOCAL_TIME)
