"""Swedish sentences about meetings, made from data: pure functions that know neither database nor layout."""

import re
from collections.abc import Iterable, Sequence
from datetime import date

from record.swedish import capital, genitive, join

WEEKDAYS = ["måndagen", "tisdagen", "onsdagen", "torsdagen", "fredagen", "lördagen", "söndagen"]
MONTHS = (
    *("januari", "februari", "mars", "april", "maj", "juni"),
    *("juli", "augusti", "september", "oktober", "november", "december"),
)


def day(iso: str | date) -> str:
    """`den 16 april 2020`."""
    when = date.fromisoformat(iso) if isinstance(iso, str) else iso
    return f"den {when.day} {MONTHS[when.month - 1]} {when.year}"


def weekday(iso: str | date) -> str:
    """`torsdagen den 16 april 2020`."""
    when = date.fromisoformat(iso) if isinstance(iso, str) else iso
    return f"{WEEKDAYS[when.weekday()]} {day(when)}"


def handed_in_by(word: str, persons: Iterable[str] = (), parties: Iterable[str] = ()) -> str:
    """`Reservation från Vera Ek och Bo Al (X)`: what it is, and from whom."""
    people, groups = join(persons), join(parties)
    who = f"{people} ({groups})" if people and groups else people or groups
    return f"{word}{f' från {who}' if who else ''}"


def opened(chair: str, chair_title: str | None = None) -> str:
    office = f", {chair_title}," if chair_title else ""
    return f"Ordförande {chair}{office} förklarade mötet för öppnat."


def elected_secretary(name: str) -> str:
    return f"{name} valdes till sekreterare för mötet."


def elected_adjusters(names: Sequence[tuple[str, str | None]], adjustment_day: str | None = None) -> str:
    """`Siv, Vision, valdes till justerare. Justeringsdag för protokollet är den 17 april 2020.`: (name, party) of each."""
    people = join(f"{name}, {party}," if party else name for name, party in names).replace(",,", ",")
    elected = f"{people} valdes till justerare."
    return f"{elected} Justeringsdag för protokollet är {day(adjustment_day)}." if adjustment_day else elected


def agenda_approved(additions: Iterable[str] = (), moves: Iterable[tuple[str, str]] = ()) -> str:
    """Additions as `från Vision under § 7 gällande lokaler`; moves as (`Visions yrkande`, `§ 10`)."""
    with_additions = f" med tillägg {join(additions)}" if (additions := list(additions)) else ""
    moved = [f"{what} flyttades till {where}" for what, where in moves]
    if moved:
        return f"{capital(join(moved))} och dagordningen godkändes{with_additions} sedan."
    return f"Dagordningen godkändes{with_additions}."


def personnel_reps(names: Sequence[tuple[str, str | None]], board: str, on: str | None = None) -> str:
    """Who attends the board's meeting for the unions: (name, party) of each, board in definite form (`arbetsmarknadsnämnden`)."""
    meeting = f"{genitive(board)} sammanträde{f' {day(on)}' if on else ''}"
    if not names:
        return f"Ingen av de fackliga organisationerna anmälde deltagande vid {meeting}."
    return f"{join(f'{name}, {party}' if party else name for name, party in names)} deltar vid {meeting}."


BALANCE_INTRO = "Följande punkter återfinns på balanslistan:"


def next_meeting(on: str | None, at: str | None, place: str | None, group: str) -> str:
    """`Nästa möte med förvaltningsgruppen äger rum den 20 maj 2020, kl. 09:00 i lokal Ek.`"""
    when = ", ".join(part for part in (day(on) if on else "", f"kl. {at}" if at else "") if part)
    where = ""
    if place:
        indoors = re.match(r"(lokal|konferensrum|rum|sal|aula)", place, re.I)
        prefixed = re.match(r"(i|på|via|vid|hos) ", place, re.I)
        where = f" {place}" if prefixed else f" i {place}" if indoors else f", {place}"
    return f"Nästa möte med {group} äger rum{f' {when}' if when else ''}{where}."
