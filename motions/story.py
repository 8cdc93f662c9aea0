"""What has happened to a motion: who, when and what, as far as the one who asks may know."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.formats import date_format

from motions import versions, written
from motions.models import Answer, Claim, Motion, Support, answering, put_off_to
from motions.sheet import short
from motions.states import Phase, State, Verb
from people.models import Party, User
from record.swedish import genitive, join
from record.text import to_words

PHASES = {
    Phase.OPEN: "Öppnades",
    Phase.DRAFTING: "Togs upp på mötet",
    Phase.LOCKED: "Låstes för justering",
    Phase.SEALED: "Förseglades med protokollet",
    Phase.ARCHIVED: "Arkiverades med protokollet",
}


def why_postponed(motion: Motion) -> str:
    """Why it was last put off, in the words of the one who did it."""
    row = motion.history.filter(history_verb=Verb.POSTPONE).first() if motion.postponed_to else None
    return versions.reason(row) if row else ""


class StoryEntry(NamedTuple):
    """One line of the history."""

    at: datetime
    who: User | None
    what: str
    more: str = ""


def of(motion: Motion, user: User) -> list[StoryEntry]:
    """What has happened to the motion as `user` may know it, the latest first.

    Only the own union learns of the time as a draft; only those who write answers learn of unreleased ones and of who is asked.
    """
    numbers = {claim.pk: str(number) for number, claim in enumerate(motion.claims.all(), start=1)}
    for row in Claim.history.filter(motion_id=motion.pk, history_type="-", history_verb=Verb.CHANGE):
        numbers[row.id] = f"{row.position} (borttagen)"
    entries = [*_motion(motion, own=motion.is_own(user))]
    entries += _support(motion, numbers)
    writer = motion.group_id in answering(user)
    entries += _answers(numbers, motion.words.unit, writer=writer)
    entries += (*_asked(motion, numbers), *_dropped(numbers, motion.words.unit)) if writer else ()
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _rows(history: Any) -> Any:
    return history.select_related("history_user__person").order_by("history_date", "history_id")


def _motion(motion: Motion, *, own: bool) -> Iterator[StoryEntry]:
    history = list(_rows(motion.history.all()))
    saved = (
        list(Claim.history.filter(motion_id=motion.pk).order_by("history_date").values_list("history_date", flat=True))
        if own
        else []
    )
    for before, row, after in zip([None, *history], history, [*history[1:], None], strict=False):
        if row.state == State.DRAFT:
            if own and before is not None and row.history_verb == Verb.FOLLOW:
                yield _followed(before, row)
            elif own:
                claims = sum(row.history_date <= at and (after is None or at < after.history_date) for at in saved)
                yield StoryEntry(
                    row.history_date,
                    row.history_user,
                    "Skapades" if before is None else "Sparades",
                    _changed(before, row, motion.words.count(claims) if claims else ""),
                )
        elif before is None or before.state == State.DRAFT:
            yield StoryEntry(row.history_date, row.history_user, f"Lämnades in med nummer {row.receipt}")
        elif row.state == State.WITHDRAWN and before.state != State.WITHDRAWN:
            yield StoryEntry(row.history_date, row.history_user, "Återkallades", versions.reason(row))
        elif versions.is_change(row):
            yield StoryEntry(row.history_date, row.history_user, "Ändrades till en ny version", versions.reason(row))
        elif row.history_verb == Verb.POSTPONE:
            yield StoryEntry(row.history_date, row.history_user, f"Sköts upp {put_off_to(row)}", versions.reason(row))
        elif row.history_verb == Verb.FOLLOW:
            yield _followed(before, row)
        elif row.phase != before.phase:
            yield StoryEntry(row.history_date, row.history_user, PHASES[Phase(row.phase)])


def _followed(before: Any, row: Any) -> StoryEntry:
    """The meeting that it is for has got another day."""
    day = next(
        getattr(row, name) for name in ("postponed_to", "wanted_on", "due_on") if getattr(row, name) != getattr(before, name)
    )
    return StoryEntry(row.history_date, row.history_user, f"Mötet flyttades till den {date_format(day, 'j F Y')}")


def _changed(before: Any, row: Any, claims: str) -> str:
    """What a save of the draft changed."""
    parts = [*(written.changed(before, row) if before is not None else ()), *([claims] if claims else ())]
    return f"Ändrat: {join(parts)}" if parts else ""


def _support(motion: Motion, numbers: dict[int, str]) -> Iterator[StoryEntry]:
    names = {
        support.party_id: short(support.party, support.party_printed)
        for claim in motion.claims.all()
        for support in claim.supports.all()
    }
    history = list(_rows(Support.history.filter(claim_id__in=list(numbers)).exclude(history_type="-")))
    if left := {row.party_id for row in history} - names.keys():  # support for what has been removed
        names |= {party.pk: short(party) for party in Party.objects.filter(pk__in=left).with_names()}
    for row in history:
        part, name = f"{motion.words.unit} {numbers[row.claim_id]}", names[row.party_id]
        if row.withdrawn_at and row.history_verb == Verb.CHANGE:
            said = f"{genitive(name)} stöd för {part} upphörde, eftersom texten ändrades"
        else:
            said = f"{name} {'tog tillbaka stödet för' if row.withdrawn_at else 'stödde'} {part}"
        yield StoryEntry(row.history_date, row.history_user, said)


def _answers(numbers: dict[int, str], unit: str, *, writer: bool) -> Iterator[StoryEntry]:
    saved = Answer.history.filter(claim_id__in=list(numbers)).exclude(history_verb=Verb.CHANGE)
    # That an answer waits for the next time is no writing of the one who put it off.
    moved = Q(history_verb=Verb.POSTPONE, released_at=None)
    for row in _rows(saved.exclude(history_type="-").exclude(moved)):
        outcome = row.get_outcome_display()
        if row.released_at:
            yield StoryEntry(
                row.history_date,
                row.history_user,
                f"Svaret på {unit} {numbers[row.claim_id]} lämnades ut",
                f"Utfall: {outcome}",
            )
        elif writer:
            yield StoryEntry(
                row.history_date, row.history_user, f"Svaret på {unit} {numbers[row.claim_id]} sparades", f"Utfall: {outcome}"
            )


def _dropped(numbers: dict[int, str], unit: str) -> Iterator[StoryEntry]:
    """An answer that was being written to an att-sats that the union took away: its words, for those who wrote it."""
    gone = Answer.history.filter(claim_id__in=list(numbers), history_type="-", history_verb=Verb.CHANGE, released_at=None)
    for row in _rows(gone):
        said = f"Svaret som skrevs på {unit} {numbers[row.claim_id]} föll bort"
        yield StoryEntry(row.history_date, row.history_user, said, to_words(row.text))


def _asked(motion: Motion, numbers: dict[int, str]) -> Iterator[StoryEntry]:
    """Who was asked to answer, and by when: what was asked in one go is told in one line."""
    rows = _rows(Claim.history.filter(motion_id=motion.pk, history_verb=Verb.ASSIGN).select_related("responsible"))
    for (_, person, day), found in groupby(rows, key=lambda row: (row.history_user_id, row.responsible, row.answer_by)):
        asked = list(found)
        parts = list(dict.fromkeys(numbers[row.id] for row in asked if row.id in numbers))
        what = f"{motion.words.unit if len(parts) == 1 else motion.words.the_units} {join(parts)}"
        said = f"{person} utsågs att svara på {what}, senast {date_format(day, 'j F Y')}"
        yield StoryEntry(asked[-1].history_date, asked[-1].history_user, said)
