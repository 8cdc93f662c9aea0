"""The phrases behind `/` at the desk: the standard ones and the group's own, and what a meeting has to fill their slots with."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q

from meetings.language import spoken
from meetings.language.statements import SHORT
from meetings.models import Attendance, Meeting, Phrase
from meetings.reading.defaults import plain, slots
from meetings.reading.desk import read_written
from meetings.reading.numbering import Numbers
from meetings.states import State
from people.models import Group, Mandate, Party, today
from record.swedish import capital, genitive
from record.text import to_editor_html, to_words

STANDARD = {
    "isy": "{grupp} har inga synpunkter på ärendet.",
    "för": "{roll} redogjorde för ärendet.",
    "sva": "Förvaltningen svarade att",
    "oen": "Ingen anmälde oenighet i frågan.",
    "hand": "Informationen antecknas och läggs till handlingarna.",
    "dag": "Dagordningen fastställdes utan ändringar.",
    "öpp": "Ordförande {ordförande} hälsade alla välkomna och öppnade mötet.",
    "bil": "Underlaget finns i {bilaga}.",
    "yrk": "{part} yrkar att",
    "tar": "Förvaltningen tar med sig frågan och återkommer till gruppen den {datum}.",
    "näs": "{nästa möte}",
    "tack": "Ordföranden tackade för ett bra möte och avslutade det kl. {tid}.",
}
# What may stand in braces, in the words of the phrase page. A slot with another name is left open, for the secretary to fill in.
SLOTS = {
    "roll": "titel på någon som är på mötet",
    "namn": "någon som är på mötet",
    "part": "en facklig organisation eller arbetsgivaren",
    "datum": "mötets dag, justeringsdagen, nämndens dag eller nästa möte",
    "tid": "klockslag",
    "plats": "mötets eller nästa mötes plats",
    "bilaga": "en av mötets bilagor",
    "ordförande": "ordförandens namn och titel",
    "sekreterare": "sekreterarens namn",
    "grupp": "gruppens namn i löpande text",
    "nämnd": "nämndens namn i löpande text",
    "nästa möte": "hela meningen om nästa möte",
}
SLOT = re.compile(r"\{([^\W\d_][^\W\d_ ]*(?: [^\W\d_]+)*)\}")
ASKED = ("datum", "tid")  # a day or a clock that happens to be the only one known is seldom the one that is meant
EMPLOYER = ["AG"]  # what everybody types for the employer's side
STEP = 10  # between two positions, so that a standard phrase has a place before anybody has moved it


class PhraseEntry(NamedTuple):
    """A phrase as the group has it: the standard one, one of its own, or its own words behind a standard key."""

    key: str
    text: str  # empty: hidden
    standard: str  # what the key stands for everywhere, if anything
    position: int
    version: int  # 0: nobody in the group has touched it

    @property
    def words(self) -> str:
        return to_words(self.text or self.standard)

    @property
    def state(self) -> str:
        if not self.text:
            return "hidden"
        if self.text == self.standard:
            return "standard"
        return "changed" if self.standard else "own"


def entries(group: Group | int) -> list[PhraseEntry]:
    """Every phrase of the group in its order, the hidden ones too. One query."""
    own = {row.key: row for row in Phrase.objects.filter(group=group)}
    found = [
        PhraseEntry(key, text, text, place * STEP, 0) for place, (key, text) in enumerate(STANDARD.items(), 1) if key not in own
    ]
    found += [PhraseEntry(row.key, row.text, STANDARD.get(row.key, ""), row.position, row.version) for row in own.values()]
    return sorted(found, key=lambda entry: (entry.position, entry.key))


class Choice(NamedTuple):
    """One thing that a slot can be filled with: plain form, and what the page says of it."""

    text: str
    data: Any


def for_desk(meeting: Meeting, numbers: Numbers) -> dict[str, Any]:
    """What the desk's scripts need: phrases with every slot filled that has one answer, the choices of the others, the parties,
    and the abbreviations that end no sentence.

    A fixed number of queries, however many people, parties and appendices there are.
    """
    read_written(meeting)
    day = meeting.date or today()
    parties = _parties(meeting, day)
    choices = _choices(meeting, numbers, parties, day)
    single = _sentences(meeting, numbers)
    single |= {name: offered[0].text for name, offered in choices.items() if len(offered) == 1 and name not in ASKED}
    told = []
    for entry in entries(meeting.group_id):
        if entry.text:
            text = fill(entry.text, single)
            told.append({"key": entry.key, "text": text, "html": to_editor_html(text), "words": to_words(text)})
    return {
        "phrases": told,
        "slots": {name: [choice.data for choice in offered] for name, offered in choices.items()},
        "parties": [_as_data(party, day) for party in parties],
        "short": sorted(SHORT),
    }


def example(parties: list[dict[str, Any]]) -> str:
    """A line of who said what, with the group's own unions: `lr: stödjer Vision`."""
    unions = [party for party in parties if not set(EMPLOYER) & set(party["abbreviations"])]
    shorts = [(party["abbreviations"] or [party["name"]])[0] for party in unions[:2]]
    match shorts:
        case [first, second]:
            return f"{first.lower()}: stödjer {second}"
        case [first]:
            return f"{first.lower()}: undrade om"
    return "ag: svarade att"


def fill(text: str, values: dict[str, str]) -> str:
    """The text with the slots that have a value filled in; a value that opens a sentence gets a capital letter.

    Only whole names in braces are replaced, once: a phrase is never run as a template.
    """

    def filled(slot: re.Match[str]) -> str:
        value = values.get(slot[1], "")
        if not value:
            return slot[0]
        opens = not slot.string[: slot.start()].strip() or re.search(r"[.?!]\s+$|\n$", slot.string[: slot.start()])
        return capital(value) if opens else value

    return SLOT.sub(filled, text)


def _sentences(meeting: Meeting, numbers: Numbers) -> dict[str, str]:
    """The slots that have one answer by their nature; what the meeting does not know yet is missing."""
    group = meeting.group
    known = {slot.strip("{}"): text for slot, text in slots(meeting, numbers).items() if text}
    known["grupp"] = plain(group.definite)
    if group.board is not None:
        known["nämnd"] = plain(group.board.definite)
    # Not decided yet: the same sentence, with the slots left open.
    known.setdefault("nästa möte", f"Nästa möte med {plain(group.definite)} äger rum den {{datum}}, kl. {{tid}}, {{plats}}.")
    return known


def _choices(meeting: Meeting, numbers: Numbers, parties: Iterable[Party], day: date) -> dict[str, list[Choice]]:
    """What each slot with several answers can be filled with, the likeliest first."""
    away = (Attendance.Status.EXCUSED, Attendance.Status.ABSENT)
    here = sorted(
        (row for row in meeting.attendances.all() if row.status not in away),
        key=lambda row: row.status != Attendance.Status.PRESENT,
    )
    following = meeting.next_on or _following(meeting, day)
    days = [
        (following, "nästa möte"),
        (meeting.date, "mötets dag"),
        (meeting.adjustment_day, "justeringsdag"),
        (meeting.board_meets_on, "nämndens sammanträde"),
    ]
    clocks = [(meeting.next_at, "nästa möte"), (meeting.starts, "mötet började"), (meeting.ends, "mötet slutade")]
    places = [(meeting.next_place, "nästa möte"), (meeting.place, "mötet")]
    appendices = sorted(meeting.appendices.all(), key=lambda row: numbers.appendices.get(row.pk, 0))
    return {
        "roll": _words(definite(row.title) for row in here if row.title),
        "namn": _words(row.name for row in here),
        "part": [
            Choice(f"[{_label(party.name_on(day))}](party:{party.pk})", {"id": party.pk, "name": party.name_on(day)})
            for party in parties
        ],
        "datum": _hinted((spoken.day(when).removeprefix("den "), hint) for when, hint in days if when),
        "tid": _hinted((f"{clock:%H:%M}", hint) for clock, hint in clocks if clock),
        "plats": _hinted((place, hint) for place, hint in places if place),
        "bilaga": [
            Choice(f"[bilaga {number}](appendix:{row.pk})", {"id": row.pk, "number": number, "title": row.title})
            for row in appendices
            if (number := numbers.appendices.get(row.pk))
        ],
    }


def _following(meeting: Meeting, day: date) -> date | None:
    """The day of the group's next meeting, when it is planned though this one has not decided it."""
    later = Meeting.objects.filter(group=meeting.group_id, date__gt=day).exclude(state=State.CANCELLED)
    return later.order_by("date").values_list("date", flat=True).first()


def _words(values: Iterable[str]) -> list[Choice]:
    """Each word once, in order."""
    return [Choice(plain(value), value) for value in dict.fromkeys(values)]


def _hinted(values: Iterable[tuple[str, str]]) -> list[Choice]:
    """Each value once, with what it is."""
    known: dict[str, str] = {}
    for value, hint in values:
        known[value] = f"{known[value]}, {hint}" if value in known else hint
    return [Choice(plain(value), {"text": value, "hint": hint}) for value, hint in known.items()]


def _label(words: str) -> str:
    """Words as they are written inside a chip."""
    return re.sub(r"([\\*\[\]])", r"\\\1", words)


def definite(title: str) -> str:
    """`HR-chef` → `HR-chefen`, `avdelningschef Drift` → `avdelningschefen Drift`: a title as somebody is spoken of by it."""
    if not title.strip():
        return title
    parts = title.split(" ")
    # The title itself ends before a preposition, or before a name with a capital letter.
    end = next(
        (at for at, word in enumerate(parts) if at and (word in ("för", "på", "vid", "inom", "i", "med") or word[:1].isupper())),
        len(parts),
    )
    parts[end - 1] = _definite_word(parts[end - 1])
    return " ".join(parts)


def _definite_word(word: str) -> str:
    """By its ending: sekreterare-n, rektor-n, partner-n, biträde-t, ombud-et, chef-en; what is definite already stays."""
    low = word.casefold()
    if low.endswith(("en", "et", "na", "rn")):
        return word
    if low.endswith("biträde"):
        return f"{word}t"
    if low.endswith(("ombud", "råd")):
        return f"{word}et"
    return f"{word}n" if low.endswith(("e", "a", "or", "er")) else f"{word}en"


def _parties(meeting: Meeting, day: date) -> list[Party]:
    """The unions with a seat in the group that day or somebody at the meeting, and the employer's side. Two queries."""
    here = {row.party_id for row in meeting.attendances.all()} - {None}
    seats = Mandate.objects.valid_on(day).filter(group=meeting.group_id, party=OuterRef("pk"))
    rows = Party.objects.annotate(seated=Exists(seats))
    found = list(rows.filter(Q(pk__in=here) | Q(seated=True) | Q(kind=Party.Kind.EMPLOYER)).with_names())
    employers = [party for party in found if party.kind == Party.Kind.EMPLOYER]
    known = [party for party in employers if party.pk in here or party.seated] or (employers if len(employers) == 1 else [])
    return [party for party in found if party.kind == Party.Kind.UNION] + known


def _as_data(party: Party, day: date) -> dict[str, Any]:
    """The name to print that day, and what else the party is or has been called, newest abbreviation first."""
    name, now = party.name_on(day), party.names_on(day)
    shorts = [now.abbreviation if now else ""] + [row.abbreviation for row in party.names.all()]
    if party.kind == Party.Kind.EMPLOYER:
        shorts += EMPLOYER
    formers = [row.name for row in party.names.all() if row.name != name]
    return {
        "id": party.pk,
        "name": name,
        "genitive": genitive(name),
        "abbreviations": list(dict.fromkeys(short for short in shorts if short and short != name)),
        "formers": list(dict.fromkeys(formers)),
    }
