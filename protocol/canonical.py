"""The canonical bytes of a protocol (RFC 8785): what people sign, what is sealed and what anybody can check."""

# ruff: noqa: RUF009  (`form.it` makes the dataclass field itself)

import hashlib
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from typing import IO, Any

import rfc8785

from protocol import format as form

SCHEMA = "samverkan-record/1"
# Raise it when the template or its style sheet changes what is printed: a sealed file is compared only under the same renderer.
TEMPLATE = "document-2"


def dumps(data: Any) -> bytes:
    """RFC 8785 canonical JSON: one document has one form, byte by byte."""
    return rfc8785.dumps(data)


def is_canonical(data: bytes) -> bool:
    """Whether these bytes are the canonical form of what they say."""
    try:
        return dumps(form.parse(data)) == data
    except (form.FormatError, rfc8785.CanonicalizationError):
        return False


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def sha256_of(file: IO[bytes]) -> str:
    """The same of an open file, read piece by piece from where it stands."""
    return hashlib.file_digest(file, "sha256").hexdigest()


def content_hash(data: bytes) -> str:
    """The hash that a signer sees: SHA-256 of the schema's name, a line break and the record's canonical bytes."""
    return sha256(SCHEMA.encode() + b"\n" + data)


def short(digest: str) -> str:
    """The first 32 hex digits in eight groups of four, to be compared by eye."""
    return " ".join(digest[start : start + 4] for start in range(0, 32, 4))


@cache
def renderer() -> str:
    """Which programs and template draw the document and its images, for the record."""
    return f"weasyprint {version('weasyprint')}, pillow {version('pillow')}, {TEMPLATE}"


def hexadecimal(value: Any, where: str) -> str:
    if not isinstance(value, str) or len(value) != 64 or set(value) - set("0123456789abcdef"):
        form.fail(where, f"{form.shown(value)} is not a SHA-256 in lower-case hex")
    return value


def count(value: Any, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        form.fail(where, f"{form.shown(value)} is not a count")
    return value


@dataclass(frozen=True, kw_only=True)
class RecordGroup:
    id: int = form.it(count)
    name: str = form.it(form.line)
    abbreviation: str = form.it(form.line)
    organisation: str = form.it(form.line)


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Somebody who is to sign, as that person stands in the registry on that day."""

    role: str = form.it(form.one_of(["chair", "adjuster", "secretary"]))
    name: str = form.it(form.line)
    title: str | None = form.it(form.maybe(form.line), None)
    party: str | None = form.it(form.maybe(form.line), None)
    person: int = form.it(count)


@dataclass(frozen=True, kw_only=True)
class RecordAppendix:
    number: int = form.it(form.ordinal)
    title: str | None = form.it(form.maybe(form.line), None)
    filename: str | None = form.it(form.maybe(form.line), None)
    sha256: str = form.it(hexadecimal)
    bytes: int = form.it(count)


@dataclass(frozen=True, kw_only=True)
class Record:
    """What is signed. The protocol inside has no date of adjustment: that day is the day of the last signature."""

    schema: str = form.it(form.one_of([SCHEMA]), SCHEMA)
    group: RecordGroup = form.it(form.thing(RecordGroup))
    meeting: int = form.it(count)
    version: int = form.it(form.ordinal)
    signers: tuple[Signer, ...] = form.it(form.each(form.thing(Signer)))
    appendices: tuple[RecordAppendix, ...] = form.it(form.each(form.thing(RecordAppendix)), ())
    renderer: str = form.it(form.line)
    protocol: form.Protocol = form.it(lambda value, where: read_protocol(value, where))

    def __post_init__(self) -> None:
        if self.protocol.adjusted_on is not None:
            object.__setattr__(self, "protocol", replace(self.protocol, adjusted_on=None))

    def to_bytes(self) -> bytes:
        """The canonical bytes; the same record always gives the same ones."""
        return dumps(form.write(self))

    @classmethod
    def from_bytes(cls, data: bytes) -> "Record":
        """The record in these bytes. Raises FormatError unless they are its canonical form, so that a hash means one content."""
        record = form.thing(cls)(form.parse(data), "")
        if record.to_bytes() != data:
            raise form.FormatError("the record is not in canonical form (RFC 8785)")
        return record


def read_protocol(value: Any, where: str) -> form.Protocol:
    try:
        protocol = form.read(value)
    except form.FormatError as error:
        raise form.FormatError(f"{where}.{error}") from None
    if protocol.adjusted_on is not None:
        form.fail(f"{where}.adjusted_on", "must be null in a record")
    return protocol
