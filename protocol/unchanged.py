"""The live rows of what people sign, or have signed, held against the bytes that were frozen.

The document is built anew and compared part by part. Left out is what may lawfully become another afterwards: the sentences that
we make for a § without a text of its own, the balance list (a promise may be reworded), a motion that a later meeting has taken
up, and what a union or a group is called: any name that it has had will do.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from django.db.models import Prefetch

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
    """What unions and groups are called and have been called."""

    @cached_property
    def ever(self) -> list[tuple[str, str]]:
        """Each name, the longest first, with a word that stands for its owner; asked for only when something differs."""
        owners: dict[str, str] = {}
        past = [
            *((f"party:{one}", words) for one, *words in PartyName.history.values_list("party_id", "name", "abbreviation")),
            *(
                (f"group:{one}", words)
                for one, *words in Group.history.values_list("id", "name", "definite", "abbreviation", "organisation")
            ),
        ]
        for owner, words in past:
            known = {owners[word] for word in words if word in owners} | {owner}  # two that share a name count as one
            owners |= dict.fromkeys([word for word in words if word], owner)
            owners = {word: owner if one in known else one for word, one in owners.items()}
        return sorted(owners.items(), key=lambda pair: (-len(pair[0]), pair[0]))

    def same(self, one: Any, other: Any) -> bool:
        """They say the same, whatever the unions and groups in them are called."""
        if one == other:
            return True
        return self._without(one) == self._without(other)

    def _without(self, data: Any) -> str:
        text = canonical.dumps(data).decode()
        for name, owner in self.ever:
            text = text.replace(name, f"<{owner}>")
        return text


def _differences(meeting: Meeting, version: FrozenVersion, names: Names, parties: dict[int, Party]) -> Iterator[str]:
    try:
        record = canonical.Record.from_bytes(bytes(version.data))
    except (FormatError, ValueError):
        return  # what is no record is told by the check of the records
    frozen, live = form.write(record), form.write(document.record(meeting, version=version.n, parties=parties))
    if _numbers(live) != _numbers(frozen):  # since then the group may have chosen to print what is empty, or not to
        group = meeting.group
        group.empty_paragraphs = Group.Empty.KEEP if group.empty_paragraphs == Group.Empty.DROP else Group.Empty.DROP
        live = form.write(document.record(meeting, version=version.n, parties=parties))
    was, now = frozen["protocol"], live["protocol"]
    for part in (name for name in FACTS if not names.same(was[name], now[name])):
        yield f"it does not say what was frozen: {part}"
    for part in ("signers", "appendices"):
        if not names.same(frozen[part], live[part]):
            yield f"it does not say what was frozen: {part}"
    if not names.same(*(list(map(_attendee, one["attendees"])) for one in (was, now))):
        yield "it does not say what was frozen: attendance"
    if not names.same(was["appendices"], now["appendices"]):
        yield "it does not say what was frozen: the texts of the appendices"
    yield from _paragraphs(meeting, was["paragraphs"], now["paragraphs"], names)
    placements, notes = document.printed_motions(meeting), document.printed_notes(meeting)
    rows = [None] * (len(now["reservations"]) - len(notes))
    if not _hold(was["motions"], now["motions"], placements, names):
        yield "it does not say what was frozen: motions and answers"
    if not _hold(was["reservations"], now["reservations"], [*notes, *rows], names):
        yield "it does not say what was frozen: reservations"
    for part in ("statements", "commitments") if meeting.loaded else ():  # else they are read out of the texts
        if not names.same(was[part], now[part]):
            yield f"it does not say what was frozen: {part}"


def _numbers(data: dict[str, Any]) -> list[int]:
    return [one["number"] for one in data["protocol"]["paragraphs"]]


def _attendee(one: dict[str, Any]) -> dict[str, Any]:
    """Whom somebody stood in for is a person in the register, who may be called something else by now."""
    return {name: value for name, value in one.items() if name != "replaces"}


def _paragraphs(meeting: Meeting, was: list[dict], now: list[dict], names: Names) -> Iterator[str]:
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
        if not names.same(before, after):
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


def _hold(was: list[dict], now: list[dict], placements: list[Placement | None], names: Names) -> bool:
    """What stands in `now` stands in `was`, and nothing else does; but of what a later meeting has taken up nothing is asked.

    `placements` are those that `now` was made of; None is what no motion is behind.
    """
    settled = [placement is None or _settled(placement) for placement in placements]
    if all(settled):
        return names.same(was, now)
    left = [_unnumbered(one) for one in was]
    for asked, one in zip(settled, now, strict=True):
        found = next((old for old in left if asked and names.same(old, _unnumbered(one))), None)
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
