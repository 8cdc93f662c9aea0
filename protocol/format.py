"""samverkan-protocol/1, the one interchange format, as frozen dataclasses; knows no database, HTML or PDF.

Each field carries its own reader, so `read` and `write` are one short function each and the format's table is the code below.
"""

# ruff: noqa: RUF009  (`it` makes the dataclass field itself)

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from typing import Any

FORMAT = "samverkan-protocol/1"
MAX_BYTES = 8_000_000
MAX_DEPTH = 20
MAX_TEXT = 300_000
MAX_LINE = 1_000
MAX_ITEMS = 1_000

BODY_KINDS = ("fvg", "svg", "local", "apt", "board", "central")
SIDES = ("employer", "employee", "board", "official")
STATUSES = ("present", "absent")
MATTER_OUTCOMES = (
    *("no_comments", "comments", "no_disagreement", "agreement", "disagreement"),
    *("separate_negotiation", "removed", "rejected", "tabled", "other"),
)
MOTION_KINDS = ("motion", "inquiry", "statement")
CLAIM_OUTCOMES = ("granted", "partly_granted", "answered", "rejected", "withdrawn", "tabled")
RESERVATION_KINDS = ("reservation", "special_statement", "special_opinion", "substitute_statement", "minute_note")


class FormatError(ValueError):
    """The document breaks the format; the message is one line that says where."""


Reader = Callable[[Any, str], Any]


def fail(where: str, problem: str) -> None:
    raise FormatError(f"{where}: {problem}" if where else problem)


def shown(value: Any) -> str:
    """The value as it may stand in a one-line message."""
    short = ascii(value) if isinstance(value, (dict, list)) else repr(value)
    return short if len(short) <= 60 else short[:57] + "..."


# Readers: (value, where) -> value, or FormatError.


def _characters(value: str, where: str, allowed: str = "") -> None:
    for character in value:
        category = unicodedata.category(character)
        # Cf (invisible and bidi marks) can hide text from the reader; a soft hyphen cannot.
        if category in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp") and character not in allowed + "\u00ad":
            fail(where, f"the character U+{ord(character):04X} is not allowed")
        if ord(character) & 0xFFFE == 0xFFFE or "\ufdd0" <= character <= "\ufdef":
            fail(where, f"U+{ord(character):04X} is not a character")
    if not unicodedata.is_normalized("NFC", value):
        fail(where, "is not in Unicode normal form C")


def prose(value: Any, where: str) -> str:
    """Text of several lines; may be empty."""
    if not isinstance(value, str):
        fail(where, f"{shown(value)} is not a string")
    if len(value) > MAX_TEXT:
        fail(where, f"{len(value)} characters, at most {MAX_TEXT} are allowed")
    _characters(value, where, "\n")
    return value


def line(value: Any, where: str) -> str:
    """One line with something in it."""
    if not isinstance(value, str):
        fail(where, f"{shown(value)} is not a string")
    if not value.strip():
        fail(where, "is empty")
    if len(value) > MAX_LINE:
        fail(where, f"{len(value)} characters, at most {MAX_LINE} are allowed")
    _characters(value, where)
    return value


def word(value: Any, where: str) -> str:
    """A lower-case key of an open list, such as a role."""
    if not isinstance(value, str) or not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", value):
        fail(where, f"{shown(value)} is not a lower-case key")
    return value


def ordinal(value: Any, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        fail(where, f"{shown(value)} is not a whole number")
    if not 1 <= value <= 9999:
        fail(where, f"{value if abs(value) < 10**12 else 'the number'} is not between 1 and 9999")
    return value


def day(value: Any, where: str) -> str:
    """An ISO date that exists."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        fail(where, f"{shown(value)} is not a date (YYYY-MM-DD)")
    try:
        date.fromisoformat(value)
    except ValueError:
        fail(where, f"there is no date {value}")
    return value


def clock(value: Any, where: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", value):
        fail(where, f"{shown(value)} is not a time (HH:MM)")
    return value


def one_of(choices: Iterable[str]) -> Reader:
    choices = tuple(choices)

    def reader(value: Any, where: str) -> str:
        if not isinstance(value, str) or value not in choices:
            fail(where, f"{shown(value)} is not one of {', '.join(choices)}")
        return value

    return reader


def maybe(reader: Reader) -> Reader:
    return lambda value, where: None if value is None else reader(value, where)


def each(reader: Reader) -> Reader:
    def read_each(value: Any, where: str) -> tuple:
        if not isinstance(value, list):
            fail(where, f"{shown(value)} is not a list")
        if len(value) > MAX_ITEMS:
            fail(where, f"{len(value)} entries, at most {MAX_ITEMS} are allowed")
        return tuple(reader(item, f"{where}[{index}]") for index, item in enumerate(value))

    return read_each


def thing(cls: type) -> Reader:
    """A reader of one object of the dataclass `cls`: all its keys and no others."""
    keys = {(item.metadata["key"] or item.name): item for item in fields(cls)}

    def read_thing(value: Any, where: str) -> Any:
        if not isinstance(value, dict):
            fail(where, f"{shown(value)} is not an object")
        for key in value:
            if key not in keys:
                fail(where, f"unknown key {shown(key)}")
        values = {}
        for key, item in keys.items():
            place = f"{where}.{key}" if where else key
            if key in value:
                values[item.name] = item.metadata["read"](value[key], place)
            elif not item.metadata["omissible"]:
                fail(where, f"the key '{key}' is missing")
        return cls(**values)

    return read_thing


_REQUIRED = object()


def it(read: Reader, default: Any = _REQUIRED, *, key: str | None = None, omissible: bool = False) -> Any:
    """One field of the format: how it is read and what it is called there. Defaults serve those who build documents in code."""
    metadata = {"read": read, "key": key, "omissible": omissible}
    return field(metadata=metadata) if default is _REQUIRED else field(default=default, metadata=metadata)


def optional(read: Reader, *, key: str | None = None) -> Any:
    """A field marked `?`: null, or left out, when the value is unknown."""
    return it(maybe(read), None, key=key, omissible=True)


# The format.


@dataclass(frozen=True, kw_only=True)
class Body:
    name: str = it(line)
    abbreviation: str = it(line)
    kind: str = it(one_of(BODY_KINDS))
    organisation: str = it(line)


@dataclass(frozen=True, kw_only=True)
class Presence:
    """Was there only under these §§."""

    paragraphs: tuple[int, ...] = it(each(ordinal), ())


@dataclass(frozen=True, kw_only=True)
class Absence:
    """A gap in somebody's presence, such as a broken line."""

    since: str = it(clock, key="from")
    until: str | None = it(maybe(clock), None, key="to")
    paragraph: int | None = it(maybe(ordinal), None)
    reason: str | None = it(maybe(line), None)


@dataclass(frozen=True, kw_only=True)
class Attendee:
    name: str = it(line)
    title: str | None = optional(line)
    party: str | None = optional(line)
    political_party: str | None = optional(line)
    side: str = it(one_of(SIDES))
    status: str = it(one_of(STATUSES), "present")
    roles: tuple[str, ...] = it(each(word), ())
    channel: str | None = optional(line)
    presence: Presence | None = optional(thing(Presence))
    absences: tuple[Absence, ...] = it(each(thing(Absence)), ())
    replaces: str | None = optional(line)


@dataclass(frozen=True, kw_only=True)
class Topic:
    title: str | None = it(maybe(line), None)
    text: str = it(prose, "")


@dataclass(frozen=True, kw_only=True)
class Decision:
    number: int | None = it(maybe(ordinal), None)
    text: str = it(prose, "")


@dataclass(frozen=True, kw_only=True)
class Matter:
    title: str | None = optional(line)
    references: tuple[str, ...] = it(each(line), ())
    presenter: str | None = optional(line)
    text: str = it(prose, "")
    # Null while nothing has come of it yet: a draft is a document too.
    outcome: str | None = it(maybe(one_of(MATTER_OUTCOMES)), None)
    appendices: tuple[int, ...] = it(each(ordinal), ())
    decisions: tuple[Decision, ...] = it(each(thing(Decision)), ())


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    number: int = it(ordinal)
    heading: str | None = optional(line)
    section: str | None = optional(line)
    text: str = it(prose, "")
    topics: tuple[Topic, ...] = it(each(thing(Topic)), ())
    matters: tuple[Matter, ...] = it(each(thing(Matter)), ())


@dataclass(frozen=True, kw_only=True)
class Claim:
    text: str = it(prose)
    points: tuple[str, ...] = it(each(prose), ())
    supporters: tuple[str, ...] = it(each(line), ())
    answer: str | None = optional(prose)
    outcome: str | None = it(maybe(one_of(CLAIM_OUTCOMES)), None)


@dataclass(frozen=True, kw_only=True)
class Motion:
    kind: str = it(one_of(MOTION_KINDS), "motion")
    number: int | None = optional(ordinal)
    party: str = it(line)
    title: str | None = optional(line)
    background: str | None = optional(prose)
    paragraph: int | None = optional(ordinal)
    appendix: int | None = optional(ordinal)
    matter: str | None = optional(line)
    claims: tuple[Claim, ...] = it(each(thing(Claim)), ())


@dataclass(frozen=True, kw_only=True)
class Reservation:
    paragraph: int | None = it(maybe(ordinal))
    kind: str = it(one_of(RESERVATION_KINDS))
    persons: tuple[str, ...] = it(each(line), ())
    parties: tuple[str, ...] = it(each(line), ())
    text: str = it(prose, "")
    appendix: int | None = optional(ordinal)


@dataclass(frozen=True, kw_only=True)
class BalanceEntry:
    title: str = it(line)


@dataclass(frozen=True, kw_only=True)
class NextMeeting:
    date: str | None = it(maybe(day), None)
    time: str | None = it(maybe(clock), None)
    place: str | None = it(maybe(line), None)


@dataclass(frozen=True, kw_only=True)
class Appendix:
    number: int = it(ordinal)
    title: str | None = optional(line)
    kind: str | None = optional(line)
    party: str | None = optional(line)
    author: str | None = optional(line)
    date: str | None = optional(day)
    text: str | None = optional(prose)


@dataclass(frozen=True, kw_only=True)
class Statement:
    paragraph: int | None = it(maybe(ordinal))
    speakers: tuple[str, ...] = it(each(line), ())
    verb: str | None = it(maybe(line), None)
    text: str = it(prose)


@dataclass(frozen=True, kw_only=True)
class Commitment:
    paragraph: int | None = it(maybe(ordinal))
    text: str = it(prose)


@dataclass(frozen=True, kw_only=True)
class Warning_:
    where: str | None = it(maybe(line), None)
    code: str = it(line)
    message: str = it(prose)


@dataclass(frozen=True, kw_only=True)
class Protocol:
    format: str = it(one_of([FORMAT]), FORMAT)
    kind: str = it(one_of(["protocol", "notes"]), "protocol")
    body: Body = it(thing(Body))
    date: str | None = it(maybe(day), None)
    starts: str | None = it(maybe(clock), None)
    ends: str | None = it(maybe(clock), None)
    place: str | None = it(maybe(line), None)
    channels: tuple[str, ...] = it(each(line), ())
    attendees: tuple[Attendee, ...] = it(each(thing(Attendee)), ())
    chair: str | None = it(maybe(line), None)
    secretary: str | None = it(maybe(line), None)
    adjusters: tuple[str, ...] = it(each(line), ())
    adjustment_day: str | None = optional(day)
    adjusted_on: str | None = optional(day)
    paragraphs: tuple[Paragraph, ...] = it(each(thing(Paragraph)), ())
    motions: tuple[Motion, ...] = it(each(thing(Motion)), ())
    reservations: tuple[Reservation, ...] = it(each(thing(Reservation)), ())
    balance: tuple[BalanceEntry, ...] = it(each(thing(BalanceEntry)), ())
    next_meeting: NextMeeting | None = optional(thing(NextMeeting))
    appendices: tuple[Appendix, ...] = it(each(thing(Appendix)), ())
    statements: tuple[Statement, ...] = it(each(thing(Statement)), ())
    commitments: tuple[Commitment, ...] = it(each(thing(Commitment)), ())
    warnings: tuple[Warning_, ...] = it(each(thing(Warning_)), ())


# Reading and writing.


def read(data: Any) -> Protocol:
    """The protocol that `data` (parsed JSON) describes. Raises FormatError with one line that says where it breaks the format."""
    protocol = thing(Protocol)(data, "")
    _times(protocol)
    _numbers(protocol)
    return protocol


def write(value: Any) -> Any:
    """The JSON form of a protocol (or of a part of one) with every key present: `write(read(d)) == d`."""
    if is_dataclass(value):
        return {(item.metadata["key"] or item.name): write(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, tuple):
        return [write(item) for item in value]
    return value


def loads(data: bytes) -> Protocol:
    """The protocol in a JSON file. Raises FormatError also for what is not JSON, too large, too deep or has a key twice."""
    return read(parse(data))


def parse(data: bytes) -> Any:
    """Parsed JSON from an untrusted file, or FormatError."""
    if len(data) > MAX_BYTES:
        fail("", f"the file has {len(data)} bytes, at most {MAX_BYTES} are allowed")
    try:
        source = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(f"byte {error.start}: the file is not UTF-8") from None
    _depth(source)
    try:
        return json.loads(source, object_pairs_hook=_pairs, parse_constant=_constant)
    except FormatError:
        raise
    except json.JSONDecodeError as error:
        raise FormatError(f"line {error.lineno}, column {error.colno}: not JSON: {error.msg}") from None
    except (ValueError, RecursionError):  # a number of many thousand digits
        raise FormatError("not JSON: a value is too large") from None


def _depth(source: str) -> None:
    depth = 0
    for token in re.finditer(r'"(?:[^"\\]|\\.)*+"?|[\[{\]}]', source, re.S):
        if token[0] in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                fail(f"line {source.count(chr(10), 0, token.start()) + 1}", f"nested more than {MAX_DEPTH} levels")
        elif token[0] in "]}":
            depth -= 1


def _pairs(pairs: list[tuple[str, Any]]) -> dict:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        fail("", f"the key {shown(twice)} stands twice in one object")
    return found


def _constant(name: str) -> None:
    fail("", f"not JSON: {name} is not a number")


def _times(protocol: Protocol) -> None:
    if protocol.starts and protocol.ends and protocol.ends < protocol.starts:
        fail("ends", f"'{protocol.ends}' is before starts '{protocol.starts}'")
    for index, attendee in enumerate(protocol.attendees):
        for place, absence in enumerate(attendee.absences):
            if absence.until and absence.until < absence.since:
                fail(f"attendees[{index}].absences[{place}].to", f"'{absence.until}' is before from '{absence.since}'")


def _numbers(protocol: Protocol) -> None:
    """No § and no appendix stands twice, and nobody points at a § or an appendix that is not there."""
    paragraphs = _distinct("paragraphs", protocol.paragraphs)
    appendices = _distinct("appendices", protocol.appendices)

    def paragraph(where: str, wanted: int | None) -> None:
        if wanted is not None and wanted not in paragraphs:
            fail(where, f"there is no § {wanted}")

    def appendix(where: str, wanted: int | None) -> None:
        if wanted is not None and wanted not in appendices:
            fail(where, f"there is no appendix {wanted}")

    for i, attendee in enumerate(protocol.attendees):
        for j, wanted in enumerate(attendee.presence.paragraphs if attendee.presence else ()):
            paragraph(f"attendees[{i}].presence.paragraphs[{j}]", wanted)
        for j, absence in enumerate(attendee.absences):
            paragraph(f"attendees[{i}].absences[{j}].paragraph", absence.paragraph)
    for i, owner in enumerate(protocol.paragraphs):
        for j, matter in enumerate(owner.matters):
            for k, wanted in enumerate(matter.appendices):
                appendix(f"paragraphs[{i}].matters[{j}].appendices[{k}]", wanted)
    for name in ("motions", "reservations"):
        for i, entry in enumerate(getattr(protocol, name)):
            paragraph(f"{name}[{i}].paragraph", entry.paragraph)
            appendix(f"{name}[{i}].appendix", entry.appendix)
    for name in ("statements", "commitments"):
        for i, entry in enumerate(getattr(protocol, name)):
            paragraph(f"{name}[{i}].paragraph", entry.paragraph)


def _distinct(name: str, entries: tuple) -> set[int]:
    seen: set[int] = set()
    for index, entry in enumerate(entries):
        if entry.number in seen:
            fail(f"{name}[{index}].number", f"{entry.number} stands twice")
        seen.add(entry.number)
    return seen
