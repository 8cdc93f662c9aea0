"""The live rows of what people sign, or have signed, held against the bytes that were frozen.

The document is built anew and compared part by part. Left out is what may lawfully become another afterwards: the sentences that
we make for a § without a text of its own, the balance list (a promise may be reworded), a motion that a later meeting has taken
up, and what a union is called: today, or in the moment when the text was frozen. Only where a name is printed as a name.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Model, Prefetch

from meetings.language import spoken
from meetings.models import Meeting, Paragraph, Placement
from meetings.reading.defaults import CLOSED, default_texts
from meetings.reading.numbering import Numbers, printed_paragraphs
from meetings.states import FROZEN
from people.models import Group, Party, PartyName
from protocol import canonical, document
from protocol import format as form
from protocol.format import FormatError
from protocol.models import FrozenVersion
from record.chain import SLACK
from record.verifying import Looked

FACTS = (
    "kind",
    "date",
    "starts",
    "ends",
    "place",
    "channels",
    "chair",
    "secretary",
    "adjusters",
    "adjustment_day",
    "next_meeting",
)


def texts() -> Iterator[Looked]:
    """The rows of every meeting that is under approval or later say what was frozen."""
    names, parties = Names(), {party.pk: party for party in Party.objects.with_names()}
    standing = Prefetch("versions", FrozenVersion.objects.filter(withdrawal__isnull=True), to_attr="standing")
    meetings = Meeting.objects.whole().prefetch_related(standing, "placements__motion__placements").filter(state__in=FROZEN)
    for meeting in meetings.order_by("pk").iterator(chunk_size=20):
        for version in meeting.standing:
            yield Looked(f"meeting:{meeting.pk}", list(_differences(meeting, version, names, parties)))


class Names:
    """What the parties were called at any moment, by their history; asked for only when something differs."""

    @cached_property
    def told(self) -> list[tuple[datetime, str, int, PartyName]]:
        """Every change of a name, the oldest first: when, how, of which row, and the row as it was from then on."""
        rows = PartyName.history.order_by("history_id")
        return [
            (
                row.history_date,
                row.history_type,
                row.id,
                PartyName(row.id, row.party_id, row.name, row.abbreviation, row.valid_from),
            )
            for row in rows.iterator(chunk_size=2000)
        ]

    def at(self, moment: datetime) -> dict[int, list[PartyName]]:
        """The names that each party had then."""
        rows: dict[int, PartyName] = {}
        for at, how, pk, row in self.told:
            if at <= moment:
                rows.pop(pk, None)
                if how != "-":
                    rows[pk] = row
        names: dict[int, list[PartyName]] = {}
        for row in rows.values():
            names.setdefault(row.party_id, []).append(row)
        return names


def _called(party: Party, names: dict[int, list[PartyName]]) -> Party:
    """The party, with its names among these whatever the database says of it."""
    party._prefetched_objects_cache = {"names": names.get(party.pk, [])}
    return party


def _parties(row: Model, seen: set[int]) -> Iterator[Party]:
    """Every party that has been read with this row, wherever it stands."""
    if id(row) in seen:
        return
    seen.add(id(row))
    if isinstance(row, Party):
        yield row
        return
    rows = [one for one in row._state.fields_cache.values() if isinstance(one, Model)]
    for beside in getattr(row, "_prefetched_objects_cache", {}).values():
        rows += beside
    for one in rows:
        yield from _parties(one, seen)


def _differences(meeting: Meeting, version: FrozenVersion, names: Names, parties: dict[int, Party]) -> list[str]:
    """What is not as it was frozen: with the names of today, and else with those of the moment when it was frozen.

    Somebody may have been giving a party a name in that moment: then those of just before, or after, will do.
    """
    try:
        record = canonical.Record.from_bytes(bytes(version.data))
    except (FormatError, ValueError):
        return []  # what is no record is told by the check of the records
    faults = list(_compared(meeting, version, record, parties))
    for moment in (version.frozen_at, version.frozen_at - SLACK, version.frozen_at + SLACK):
        if not faults:
            break
        of_then = names.at(moment)
        for party in _parties(meeting, set()):
            _called(party, of_then)
        known = {pk: _called(Party(pk=pk), of_then) for pk in parties}
        faults = min(faults, list(_compared(meeting, version, record, known)), key=len)
    return faults


def _compared(meeting: Meeting, version: FrozenVersion, record: canonical.Record, parties: dict[int, Party]) -> Iterator[str]:
    frozen, live = form.write(record), form.write(document.record(meeting, version=version.n, parties=parties))
    if _numbers(live) != _numbers(frozen):  # since then the group may have chosen to print what is empty, or not to
        group = meeting.group
        group.empty_paragraphs = Group.Empty.KEEP if group.empty_paragraphs == Group.Empty.DROP else Group.Empty.DROP
        live = form.write(document.record(meeting, version=version.n, parties=parties))
    was, now = frozen["protocol"], live["protocol"]
    for part in (name for name in FACTS if was[name] != now[name]):
        yield f"it does not say what was frozen: {part}"
    for part in ("signers", "appendices"):
        if frozen[part] != live[part]:
            yield f"it does not say what was frozen: {part}"
    if [_attendee(one) for one in was["attendees"]] != [_attendee(one) for one in now["attendees"]]:
        yield "it does not say what was frozen: attendance"
    if was["appendices"] != now["appendices"]:
        yield "it does not say what was frozen: the texts of the appendices"
    yield from _paragraphs(meeting, was["paragraphs"], now["paragraphs"])
    placements, notes = document.printed_motions(meeting), document.printed_notes(meeting)
    rows = [None] * (len(now["reservations"]) - len(notes))
    if not _hold(was["motions"], now["motions"], placements):
        yield "it does not say what was frozen: motions and answers"
    if not _hold(was["reservations"], now["reservations"], [*notes, *rows]):
        yield "it does not say what was frozen: reservations"
    for part in ("statements", "commitments") if meeting.loaded else ():  # else they are read out of the texts
        if was[part] != now[part]:
            yield f"it does not say what was frozen: {part}"


def _numbers(data: dict[str, Any]) -> list[int]:
    return [one["number"] for one in data["protocol"]["paragraphs"]]


def _attendee(one: dict[str, Any]) -> dict[str, Any]:
    """Whom somebody stood in for is a person in the register, who may be called something else by now."""
    return {name: value for name, value in one.items() if name != "replaces"}


def _paragraphs(meeting: Meeting, was: list[dict], now: list[dict]) -> Iterator[str]:
    if len(was) != len(now):
        yield "it does not have the paragraphs that were frozen"
        return
    ours = default_texts(meeting, Numbers.of(meeting)) if not meeting.loaded else {}
    for (_, paragraph), before, after in zip(printed_paragraphs(meeting), was, now, strict=True):
        if _is_made(paragraph, before, after, ours):
            before, after = before | {"text": ""}, after | {"text": ""}
        elif paragraph.slug == "balance" and not meeting.loaded:  # after its own words the list is printed
            own = _own(after["text"])
            before, after = before | {"text": _own(before["text"], like=own)}, after | {"text": own}
        if before != after:
            yield f"it does not say what was frozen: § {before['number']}"


def _own(text: str, like: str = "") -> str:
    """The text before the list that we make of the promises; `like` is what it should be, however the list began in its day."""
    if like and text.startswith(f"{like}\n\n"):
        return like
    for begins in (spoken.BALANCE_INTRO, CLOSED):
        text = text.partition(f"\n\n{begins}")[0]
    return text


def _is_made(paragraph: Paragraph, before: dict[str, Any], after: dict[str, Any], ours: dict[str, str]) -> bool:
    """The § has no text of its own, and we make one for such a §."""
    empty = not paragraph.text.strip() and not after["topics"] and not after["matters"]
    return empty and bool(ours.get(paragraph.slug)) and bool(before["text"])


def _hold(was: list[dict], now: list[dict], placements: list[Placement | None]) -> bool:
    """What stands in `now` stands in `was`, and nothing else does; but of what a later meeting has taken up nothing is asked.

    `placements` are those that `now` was made of; None is what no motion is behind.
    """
    settled = [placement is None or _settled(placement) for placement in placements]
    if all(settled):
        return was == now
    left = [_unnumbered(one) for one in was]
    for asked, one in zip(settled, now, strict=True):
        found = next((old for old in left if asked and old == _unnumbered(one)), None)
        if asked and found is None:
            return False
        if asked:
            left.remove(found)
    return len(left) == settled.count(False)


def _unnumbered(one: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name != "number"}


def _settled(placement: Placement) -> bool:
    """No later meeting has taken the motion up: it stands as this one left it."""
    motion = placement.motion
    return motion.locked and all(
        other.pk <= placement.pk or other.meeting_id == placement.meeting_id for other in motion.placements.all()
    )
