"""What `verify` looks at in the written record: signatures, frozen texts, sealed and kept files and states, against the log."""

from collections.abc import Iterator
from io import BytesIO
from operator import itemgetter

import pikepdf
from django.core.files.storage import Storage
from django.db.models import Prefetch

from meetings.models import Appendix, BalanceItem, Meeting
from meetings.states import FINISHED, State
from motions.models import Motion
from motions.states import Phase
from protocol import canonical, evidence, search
from protocol.actions import signature_digest
from protocol.format import FormatError
from protocol.logged import events, in_time, told
from protocol.models import FrozenVersion, Passage, SealedProtocol, Signature
from protocol.unchanged import texts
from record.models import Event
from record.verifying import Looked


def events_of(meeting: Meeting, kind: str) -> list[Event]:
    """What the log of the meeting's group says of it."""
    events = Event.objects.filter(chain=meeting.group.chain_id, thing=evidence.thing(meeting), kind=kind)
    return list(events.select_related("payload").order_by("seq"))


def records() -> Iterator[Looked]:
    """Every frozen text has its checksum, is what it says it is, and was frozen according to the log."""
    for version in _versions():
        faults = []
        data = bytes(version.data)
        if canonical.content_hash(data) != version.sha256:
            faults.append("the frozen text does not match its checksum")
        record = read_record(data)
        if record is None:
            faults.append("the frozen text is not in canonical form")
        elif (record.meeting, record.version, record.group.id) != (version.meeting_id, version.n, version.meeting.group_id):
            faults.append("the frozen text belongs to another meeting or version")
        elif record.schema != version.schema:
            faults.append("the frozen text is of another schema than its row says")
        frozen = [one for one in map(told, events_of(version.meeting, "frozen")) if one.get("version") == version.n]
        if [one.get("sha256") for one in frozen] != [version.sha256]:
            faults.append("the log does not say that exactly this text was frozen, once")
        yield Looked(f"frozenversion:{version.pk}", faults)


def read_record(data: bytes) -> canonical.Record | None:
    """The record in these bytes, or None when they are none."""
    try:
        return canonical.Record.from_bytes(data)
    except (FormatError, ValueError):
        return None


def _versions() -> Iterator[FrozenVersion]:
    return FrozenVersion.objects.select_related("meeting__group").order_by("pk").iterator(chunk_size=10)


def found_words() -> Iterator[Looked]:
    """What the search finds in an adjusted protocol is what was signed; in a text that is not there yet it finds nothing."""
    meetings = Meeting.objects.prefetch_related(
        Prefetch("versions", FrozenVersion.objects.filter(withdrawal=None), to_attr="standing"),
        Prefetch("passages", Passage.objects.order_by("number", "pk")),
    )
    for meeting in meetings.order_by("pk").iterator(chunk_size=20):
        faults = []
        there = [_words(passage) for passage in meeting.passages.all()]
        if meeting.state in (State.ADJUSTED, *FINISHED):
            records = [record for one in meeting.standing if (record := read_record(bytes(one.data)))]
            wanted = [_words(one) for record in records for one in search.passages_of(meeting, record.protocol)]
            if there != sorted(wanted, key=itemgetter(0)):
                faults.append("the search finds other words than those that were signed")
        elif there and not meeting.loaded:
            faults.append("the search finds words that nobody has signed")
        yield Looked(evidence.thing(meeting), faults)


def _words(passage: Passage) -> tuple[int, str, str, str]:
    return (passage.number, passage.heading, passage.words, passage.folded)


def signatures() -> Iterator[Looked]:
    """Every signature is over its text, by somebody whom the text names, at the log's head of then; and the log says so, once."""
    for version in _versions():
        record = read_record(bytes(version.data))
        signed = events_of(version.meeting, "signed")
        for one in version.signatures.order_by("pk"):
            yield Looked(f"signature:{one.pk}", list(_signature(one, version, record, signed)))
        digests = set(version.signatures.values_list("digest", flat=True))
        for event in signed:
            if told(event).get("version") == version.n and told(event).get("digest") not in digests:
                yield Looked(f"event:{event.pk}", ["the log tells of a signature that is not there"])


def _signature(one: Signature, version: FrozenVersion, record: canonical.Record | None, signed: list[Event]) -> Iterator[str]:
    seq, head = one.proof.get("chain_seq"), one.proof.get("chain_head")
    digest, body = signature_digest(version, role=one.role, person=one.person_id, seq=seq, head=head)
    if one.proof != body:
        yield "its proof is of another text, person, role or meeting"
    if one.digest != digest:
        yield "its checksum does not match what was signed"
    before = Event.objects.filter(chain=version.meeting.group.chain_id, seq=seq).values_list("hash", flat=True).first()
    if head != (before or ("0" * 64 if seq == 0 else None)):
        yield "its proof names a head that the log never had"
    own = [event for event in signed if told(event).get("digest") == one.digest]
    if len(own) != 1:
        yield f"the log tells of it {len(own)} times, not once"
    elif (own[0].seq - 1, own[0].actor_id, told(own[0]).get("role")) != (seq, one.by_id, one.role):
        yield "the log tells of another place, log-in or role"
    elif told(own[0]).get("method", one.method) != one.method or not in_time(one.signed_at, own[0]):
        yield "the log tells of another way to sign, or of another time"
    named = (
        [(signer.role, signer.person, signer.name, signer.title or "", signer.party or "") for signer in record.signers]
        if record
        else []
    )
    if (one.role, one.person_id, one.name, one.title, one.party) not in named:
        yield "it is not of somebody whom the text names"


def sealed_files() -> Iterator[Looked]:
    """Every sealed file is the one that the log has sealed, and carries the signed text and its proofs."""
    for pk in SealedProtocol.objects.order_by("pk").values_list("pk", flat=True):
        sealed = SealedProtocol.objects.select_related("version__meeting__group__chain").get(pk=pk)
        yield Looked(f"sealedprotocol:{pk}", list(_sealed(sealed)))


def _sealed(sealed: SealedProtocol) -> Iterator[str]:
    file, version = bytes(sealed.pdf), sealed.version
    counted = canonical.sha256(file)
    if counted != sealed.sha256:
        yield "the stored file does not match its checksum"
    if sealed.certificate or bytes(sealed.timestamp):  # `seal` puts nothing there
        yield "it has a certificate or a time stamp that nothing here has given it"
    files = [(told(event).get("version"), told(event).get("file_sha256")) for event in events_of(version.meeting, "sealed")]
    if len(files) != 1:
        yield f"the log tells of {len(files)} seals, not one"
    if (version.n, counted) not in files:
        yield "the log has sealed another file"
    if (version.n, sealed.sha256) not in files:
        yield "the log has sealed another checksum"
    adjusted = events_of(version.meeting, "adjusted")
    if [(told(event).get("version"), told(event).get("sha256")) for event in adjusted] != [(version.n, version.sha256)]:
        yield "the log does not say that this text was adjusted, once"
        return
    try:
        with pikepdf.open(BytesIO(file)) as document:
            held = {name: bytes(document.attachments[name].get_file().read_bytes()) for name in ("protokoll.json", "bevis.json")}
    except (pikepdf.PdfError, KeyError):
        yield "the file does not carry the signed text and its proofs"
        return
    if held["protokoll.json"] != bytes(version.data):
        yield "the file carries another text than the one that was signed"
    if held["bevis.json"] != evidence.proofs(version):
        yield "the file carries other signatures or events than those that are stored"


def kept_files() -> Iterator[Looked]:
    """Every appendix and every motion handed in as a file has its file, as it was when it came."""
    for model in (Appendix, Motion):
        rows = model.objects.exclude(file="").order_by("pk")
        for pk, name, sha256 in rows.values_list("pk", "file", "sha256").iterator():
            yield Looked(f"{model._meta.model_name}:{pk}", list(_kept(model._meta.get_field("file").storage, name, sha256)))


def _kept(storage: Storage, name: str, sha256: str) -> Iterator[str]:
    try:
        with storage.open(name, "rb") as file:
            digest = canonical.sha256_of(file)
    except OSError:
        yield f"its file {name} is missing or cannot be read"
        return
    if digest != sha256:
        yield f"its file {name} is not the one that came"


def meetings() -> Iterator[Looked]:
    """Every meeting stands where its texts, its file and the log say that it stands."""
    for meeting in Meeting.objects.select_related("group").order_by("pk").iterator():
        yield Looked(evidence.thing(meeting), list(_meeting(meeting)))


def _meeting(meeting: Meeting) -> Iterator[str]:
    versions = list(meeting.versions.order_by("n").values_list("pk", "n", "withdrawal", "sealed"))
    standing = [(pk, n, sealed) for pk, n, withdrawal, sealed in versions if withdrawal is None]
    approved = meeting.state in (State.APPROVAL, State.ADJUSTED, *FINISHED)
    if len(standing) != int(approved):
        yield f"it is {meeting.state}, with {len(standing)} frozen texts that stand"
    for kind, states in (("adjusted", (State.ADJUSTED, *FINISHED)), ("sealed", FINISHED)):
        count = len(events_of(meeting, kind))
        if count != int(meeting.state in states):
            yield f"it is {meeting.state}, and the log says {count} times that it was {kind}"
    files = sum(sealed is not None for _, _, _, sealed in versions)
    if files != int(meeting.state in FINISHED):
        yield f"it is {meeting.state}, with {files} sealed files"
    if meeting.state in (State.ADJUSTED, *FINISHED) and len(standing) == 1:
        version = FrozenVersion.objects.get(pk=standing[0][0])
        record = read_record(bytes(version.data))
        given = sorted(version.signatures.values_list("role", "person"))
        if record is None or given != sorted((signer.role, signer.person) for signer in record.signers):
            yield "it is not signed by exactly those whom the text names"


def motions() -> Iterator[Looked]:
    """Every motion that is up where people sign, or have signed, is locked; and none is locked that is not."""
    waiting = (State.APPROVAL, State.ADJUSTED)
    for motion in Motion.objects.prefetch_related("placements__meeting").order_by("pk").iterator(chunk_size=500):
        up = {placement.meeting.state for placement in motion.placements.all()}
        faults = []
        if (motion.phase == Phase.LOCKED) != bool(up & set(waiting)):
            faults.append(f"it is in phase {motion.phase}, and up at meetings that are {', '.join(sorted(up)) or 'none'}")
        if motion.phase in (Phase.SEALED, Phase.ARCHIVED) and not up & set(FINISHED):
            faults.append("it is sealed, and no sealed meeting has it")
        yield Looked(f"motion:{motion.pk}", faults)


def promises() -> Iterator[Looked]:
    """Every promise that is closed has the note that closed it; every one that the history knows is there."""
    closing = BalanceItem.objects.prefetch_related("notes").order_by("pk")
    for item in closing.iterator(chunk_size=500):
        notes = [note.meeting_id for note in item.notes.all() if note.closes]
        wanted = [item.closed_at_id] if item.state == BalanceItem.State.CLOSED else []
        yield Looked(
            f"balanceitem:{item.pk}", [] if notes == wanted else [f"it is {item.state}, with {len(notes)} closing notes"]
        )


CHECKS = {
    "records": records,
    "words": found_words,
    "signatures": signatures,
    "sealed": sealed_files,
    "files": kept_files,
    "meetings": meetings,
    "texts": texts,
    "events": events,
    "motions": motions,
    "promises": promises,
}
