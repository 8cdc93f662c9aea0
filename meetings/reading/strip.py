"""The desk's attendance strip as data: each person in a row with the state in words, the counts, and who is missing."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from meetings.language.names import same
from meetings.models import Attendance, Interruption, Item, Meeting, Movement, Officer
from meetings.reading.attendance import channels_of, last_done
from meetings.reading.numbering import numbered

SIDES = (
    (Attendance.Side.EMPLOYER, "Arbetsgivaren"),
    (Attendance.Side.EMPLOYEE, "Arbetstagarna"),
    (Attendance.Side.BOARD, "Nämnden"),
    (Attendance.Side.OFFICIAL, "Tjänstepersoner"),
)


class Button(NamedTuple):
    """One thing that may be done with a person: the key, the word on the button, and what is sent."""

    key: str
    words: str
    what: str
    channel: str = ""
    pressed: bool = False


class StripRow(NamedTuple):
    """One person: who it is, how it stands in words, and what may be done."""

    pk: int
    name: str
    about: str
    words: str
    tone: str
    buttons: list[Button]
    last: str

    @property
    def mark(self) -> str:
        """A digest of the row: the same as long as nothing in it has changed."""
        return _mark(self)


class Strip(NamedTuple):
    sides: list[tuple[str, list[StripRow]]]
    counts: str
    warnings: list[str]

    @property
    def mark(self) -> str:
        """A digest of the strip: the same as long as nothing on it has changed; an open page sends the one it has."""
        return _mark(self)


def _mark(shown: StripRow | Strip) -> str:
    return hashlib.sha256(repr(tuple(shown)).encode()).hexdigest()[:16]


class Missing(NamedTuple):
    """Somebody who has a task at the meeting and is not marked as present for it."""

    code: str
    message: str
    blocking: bool


def strip(meeting: Meeting) -> Strip:
    """Everybody in the list, by side; a fixed number of queries."""
    people = list(
        meeting.attendances.select_related("party").prefetch_related("party__names", "presences", "movements", "interruptions")
    )
    paragraphs = list(meeting.paragraphs.prefetch_related("items", "placements"))
    where = places(meeting, paragraphs)
    done = last_done(people)
    channels = channels_of(meeting)
    listed = [
        (person.side, row_of(person, meeting, where, channels, done[person.pk].name if person.pk in done else ""))
        for person in people
    ]
    items = [item for paragraph in paragraphs for item in paragraph.items.all()]
    return Strip(
        sides=[(label, own) for side, label in SIDES if (own := [row for of, row in listed if of == side])],
        counts=counts(people),
        warnings=[warning.message for warning in missing(list(meeting.officers.all()), people, items)],
    )


def places(meeting: Meeting, paragraphs: Iterable | None = None) -> dict[int, str]:
    """What each § is called: `§ 7`, or its heading when it has no number."""
    rows = paragraphs if paragraphs is not None else meeting.paragraphs.prefetch_related("items", "placements")
    return {one.pk: f"§ {number}" if number else f"”{one.heading}”" for number, one in numbered(rows, meeting.group)}


def row_of(person: Attendance, meeting: Meeting, where: dict[int, str], channels: Iterable[str], last: str) -> StripRow:
    words, tone = state(person, where)
    party = person.party.short_on(meeting.date) if person.party else person.party_printed
    return StripRow(person.pk, person.name, party or person.title, words, tone, buttons(person, channels), last)


def state(person: Attendance, where: dict[int, str]) -> tuple[str, str]:
    """How it stands with somebody, in words and as the tone of the row."""
    via = f", via {person.channel}" if person.channel else ""
    if person.status == Attendance.Status.EXPECTED:
        return f"väntas{via}", "waiting"
    if person.status != Attendance.Status.PRESENT:
        return ("förhinder" if person.status == Attendance.Status.EXCUSED else "frånvarande"), "away"
    last = last_movement(person)
    if last is not None and last.kind == Movement.Kind.WENT:
        return f"gick {last.at:%H.%M} efter {where.get(last.paragraph_id, '')}", "away"
    broken = open_interruption(person)
    if broken is not None:
        return f"avbrott sedan {broken.starts:%H.%M}{via}", "broken"
    if last is not None:
        return f"här, kom {last.at:%H.%M} under {where.get(last.paragraph_id, '')}{via}", "here"
    return ("här under en del av mötet" if person.partial else "här") + via, "here"


def last_movement(person: Attendance) -> Movement | None:
    return max(person.movements.all(), key=lambda one: one.pk, default=None)


def open_interruption(person: Attendance) -> Interruption | None:
    return next((one for one in person.interruptions.all() if one.starts and one.ends is None), None)


def buttons(person: Attendance, channels: Iterable[str]) -> list[Button]:
    """What may be done with somebody, each with its key, and with what it leads to, so that one sent twice does no harm."""
    way = ["", *channels]
    following = way[(way.index(person.channel) + 1) % len(way)] if person.channel in way else ""
    broken = open_interruption(person) is not None
    moved = last_movement(person) is not None
    here = person.status == Attendance.Status.PRESENT and not moved and not broken
    return [
        Button("h", "Här", "here", pressed=here),
        Button("k", "Kom nu", "came"),
        Button("g", "Gick nu", "went"),
        Button("d", f"Via {following}" if following else "På plats", "connect", following),
        Button("a", "Avbrott slut" if broken else "Avbrott", "mended" if broken else "broken"),
        Button("f", "Förhinder", "excused", pressed=person.status == Attendance.Status.EXCUSED),
        Button("o", "Frånvarande", "absent", pressed=person.status == Attendance.Status.ABSENT),
        Button("z", "Ångra", "undo"),
    ]


def counts(people: Iterable[Attendance]) -> str:
    """`12 här, 1 avbrott, 1 har gått, 2 väntas, 3 borta`."""
    here = broken = gone = waiting = away = 0
    for person in people:
        last = last_movement(person)
        if person.status == Attendance.Status.EXPECTED:
            waiting += 1
        elif person.status != Attendance.Status.PRESENT:
            away += 1
        elif last is not None and last.kind == Movement.Kind.WENT:
            gone += 1
        elif open_interruption(person) is not None:
            broken += 1
        else:
            here += 1
    parts = [f"{here} här", f"{broken} avbrott", f"{gone} har gått", f"{waiting} väntas", f"{away} borta"]
    return ", ".join(
        part for part, number in zip(parts, (here, broken, gone, waiting, away), strict=True) if number or part is parts[0]
    )


def missing(officers: Iterable[Officer], people: Iterable[Attendance], items: Iterable[Item]) -> Iterator[Missing]:
    """Chair, secretary, adjusters and presenters who are not marked as present, or only for a part of the meeting (R24)."""
    people = list(people)
    by_person = {row.person_id: row for row in people}
    titles = {"chair": "Ordföranden", "secretary": "Sekreteraren", "adjuster": "Justeraren"}
    for officer in officers:
        row = by_person.get(officer.person_id)
        if row is None and officer.role == Officer.Role.SECRETARY:
            continue  # the secretary need not be on either side's list (R23)
        who = f"{titles[officer.role]} {officer.name}"
        if row is None or row.status != Attendance.Status.PRESENT:
            stops = officer.role != Officer.Role.SECRETARY
            yield Missing(f"{officer.role}_absent", f"{who} är inte markerad som närvarande.", stops)
        elif row.partial:
            yield Missing(f"{officer.role}_partial", f"{who} är bara närvarande under en del av mötet.", False)
    told: set[str] = set()
    for item in items:
        presenter = item.presenter.strip()
        if not presenter or presenter.casefold() in told or item.outcome in (Item.Outcome.REMOVED, Item.Outcome.TABLED):
            continue
        told.add(presenter.casefold())
        presenters = list(presenting(presenter, people))
        if not presenters:
            yield Missing("presenter_unknown", f"Föredragande ”{presenter}” motsvarar ingen i närvarolistan.", False)
        for row in presenters:
            if row.status != Attendance.Status.PRESENT:
                yield Missing("presenter_absent", f"Föredragande {row.name} är inte markerad som närvarande.", False)


def presenting(presenter: str, people: Iterable[Attendance]) -> Iterator[Attendance]:
    """Who in the list "Erik Lind, HR-chef" or "Ekonomichef" is: by name, else by title, one person for each title."""
    people = list(people)
    parts = [part for part in re.split(r"\s*(?:,|;|/|&|\boch\b|\bsamt\b)\s*", presenter) if part]
    named = [row for row in people if any(same(part, row.name) or _holds(part, row.name) for part in parts)]
    if named:
        yield from named
        return
    for part in parts:
        titled = [row for row in people if row.title and _title(part) in (_title(row.title), f"{_title(row.title)}en")]
        # Of several with one title, one who is here is the one who speaks.
        here = [row for row in titled if row.status == Attendance.Status.PRESENT]
        yield from (here or titled)[:1]


def _holds(part: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", part.casefold()) is not None


def _title(words: str) -> str:
    return " ".join(words.casefold().split())


def in_words(row: Attendance) -> str:
    """`Karin Ek gick 10.20 efter § 7`, `Karin Ek: här, via Teams`."""
    row = Attendance.objects.select_related("meeting__group").get(pk=row.pk)
    words, _ = state(row, places(row.meeting))
    return f"{row.name} {words}" if words.startswith("gick ") else f"{row.name}: {words}"
