"""The sealed file: the document with its control page, and the proofs that travel inside it."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.conf import settings
from django.urls import reverse

from meetings.models import Appendix, Meeting
from meetings.reading.numbering import Numbers
from protocol import canonical, document, exports, pdfcheck
from protocol.models import FrozenVersion, Signature
from protocol.parts import Approval
from protocol.pdf import LIMITS, RenderError
from protocol.pictures import pictures
from record.chain import is_whole, says_what_was_hashed, stamp, verify
from record.models import Chain, Event
from record.verifying import at_one_moment

# What could be drawn before the freeze is drawn again, with the appendices in it and on whatever machine: it may take more.
SEAL_LIMITS = LIMITS._replace(cpu_seconds=3 * LIMITS.cpu_seconds, megabytes=2 * LIMITS.megabytes, patience=600)


def thing(meeting: Meeting) -> str:
    """What the log calls a meeting."""
    return f"meeting:{meeting.pk}"


class Altered(RuntimeError):
    """A frozen text is not what its checksum was counted over: nobody is shown it, and nothing is made of it."""

    def __init__(self, version: FrozenVersion) -> None:
        self.version = version
        super().__init__(f"frozen version {version.pk} does not match its hash")


def signed_text(version: FrozenVersion) -> bytes:
    """The frozen bytes, after checking that they still are what was hashed; raises Altered for anything else."""
    data = bytes(version.data)
    if canonical.content_hash(data) != version.sha256:
        raise Altered(version)
    return data


def adjusted_event(version: FrozenVersion) -> Event:
    """The log's row of the adjustment; its hash is printed on the PDF."""
    return Event.objects.select_related("chain").get(
        chain=version.meeting.group.chain, kind="adjusted", thing=thing(version.meeting)
    )


def fault_in_log(log: Chain, shown: Iterable[Event] = ()) -> str:
    """The first row that is gone or is not what was hashed, in words; "" for none. Every row of the log is counted anew.

    What the rows tell is counted for those that are `shown`: all of them can hold anything, and are for `manage.py verify`.
    Two questions to the database whatever it holds, and 50 to 70 microseconds for each row; 4 milliseconds for each 100 KB
    of what is shown.
    """
    with at_one_moment():  # what is written meanwhile is no fault
        faults = verify(Chain.objects.get(pk=log.pk), payloads=False)
    faults += [f"event {event.seq}" for event in shown if not says_what_was_hashed(event)]
    if not faults:
        return ""
    row = re.search(r"\bevent (\d+)", faults[0])
    return f"Rad {row[1]} saknas, eller loggen stämmer inte." if row else "Den sista raden saknas, eller loggen stämmer inte."


def sealed_event(digest: str) -> Event | None:
    """The log's row of the seal of the file with this checksum, whole or its first 32 digits; None when there is no whole one."""
    return _first_whole("sealed", "file_sha256", digest)


def frozen_event(version: FrozenVersion) -> Event | None:
    """The log's row of the freeze of this text; None when there is no whole one."""
    return _first_whole("frozen", "sha256", version.sha256, thing=thing(version.meeting))


def _first_whole(kind: str, field: str, digest: str, **more: str) -> Event | None:
    says = {f"payload__data__{field}{'__startswith' if len(digest) == 32 else ''}": digest}
    events = Event.objects.filter(kind=kind, **says, **more).select_related("payload").order_by("pk")
    return next((event for event in events if is_whole(event)), None)


def approvals(version: FrozenVersion, record: canonical.Record) -> list[Approval]:
    """Every signer of the record in its order, with the signature when it has been given."""
    given = {(signature.role, signature.person_id): signature for signature in version.signatures.all()}
    listed = []
    for signer in record.signers:
        signature = given.get((signer.role, signer.person))
        listed.append(
            Approval(
                role=signer.role,
                name=signer.name,
                title=signer.title,
                party=signer.party,
                signed_at=signature.signed_at if signature else None,
                method=signature.get_method_display() if signature else "",
            )
        )
    return listed


def verify_url() -> str:
    """Where anybody can check a file."""
    return settings.SITE_URL + reverse("protocol:verify")


def sealed_pdf(version: FrozenVersion) -> bytes:
    """The one file: rendered from the signed bytes, carrying them, the proofs and the uploaded appendices."""
    data = signed_text(version)
    record = canonical.Record.from_bytes(data)
    moment = adjusted_event(version).at.replace(microsecond=0)
    file = exports.as_pdf(
        record.protocol,
        created=moment,
        attachments=attachments(version, data),
        limits=SEAL_LIMITS,
        **sealed_options(version, record),
    )
    faults = pdfcheck.check(file)
    if faults:
        raise RenderError(f"the file is not archive-grade: {'; '.join(faults)}")
    return file


def sealed_options(version: FrozenVersion, record: canonical.Record) -> dict[str, Any]:
    """What the control page of an adjusted version says, for `printed.context`."""
    event = adjusted_event(version)
    return {
        "mode": "sealed",
        "approvals": approvals(version, record),
        "version": version.n,
        "content_hash": version.sha256,
        "chain_head": f"{event.chain.key} #{event.seq} {event.hash}",
        "verify_url": verify_url(),
        "pictures": pictures(version.meeting_id, record.protocol),
    }


class Lost(NamedTuple):
    """An uploaded appendix whose file is not the one that came."""

    appendix: Appendix
    number: int
    what: str  # saknas, är en annan än den som lades till

    def __str__(self) -> str:
        return f"filen till bilaga {self.number} {self.what}"


def lost_files(meeting: Meeting) -> list[Lost]:
    """The appendices whose files are gone, cannot be read or are others than those that came; reads each file whole."""
    rows = list(Appendix.objects.filter(meeting=meeting).exclude(file="").order_by("position"))
    found = [(row, _fault_of(row)) for row in rows]
    if not any(what for _, what in found):
        return []
    numbers = Numbers.of(Meeting.objects.whole().get(pk=meeting.pk)).appendices
    return sorted((Lost(row, numbers[row.pk], what) for row, what in found if what), key=lambda one: one.number)


def _fault_of(appendix: Appendix) -> str:
    try:
        with appendix.file.open("rb") as file:
            digest = canonical.sha256_of(file)
    except FileNotFoundError:
        return "saknas"
    except OSError:
        return "går inte att läsa"
    return "" if digest == appendix.sha256 else "är en annan än den som lades till"


def attachments(version: FrozenVersion, data: bytes) -> list[tuple[str, bytes, str, str, str]]:
    """What the file carries: the exact signed bytes, the proofs, and each uploaded appendix."""
    carried = [
        ("protokoll.json", data, "application/json", "Source", "Det undertecknade innehållet, samverkan-record/1"),
        ("bevis.json", proofs(version), "application/json", "Data", "Underskrifter och händelser"),
    ]
    numbers = Numbers.of(Meeting.objects.whole().get(pk=version.meeting_id)).appendices
    for appendix in Appendix.objects.filter(meeting=version.meeting).exclude(file="").order_by("position"):
        with appendix.file.open("rb") as file:
            content = file.read()
        if canonical.sha256(content) != appendix.sha256:
            raise RuntimeError(f"appendix {appendix.pk} does not match its hash")
        name = document.attached_name(appendix, numbers[appendix.pk])
        carried.append((name, content, appendix.content_type, "Supplement", appendix.title or appendix.filename))
    return carried


def proofs(version: FrozenVersion) -> bytes:
    """The signatures and the meeting's events up to the adjustment, as canonical JSON."""
    chain = version.meeting.group.chain
    events = Event.objects.filter(chain=chain, thing=thing(version.meeting), seq__lte=adjusted_event(version).seq)
    return canonical.dumps(
        {
            "content_sha256": version.sha256,
            "signatures": [_signature(signature) for signature in version.signatures.order_by("pk")],
            "chain": chain.key,
            "events": [
                {
                    "seq": event.seq,
                    "previous": event.previous,
                    "hash": event.hash,
                    "kind": event.kind,
                    "actor": event.actor_id,
                    "at": stamp(event.at),
                    "thing": event.thing,
                    "data_sha256": event.data_sha256,
                }
                for event in events.order_by("seq")
            ],
        }
    )


def _signature(one: Signature) -> dict:
    return {
        "role": one.role,
        "name": one.name,
        "party": one.party,
        "method": one.method,
        "digest": one.digest,
        "signed": one.proof,
        "at": stamp(one.signed_at),
    }
