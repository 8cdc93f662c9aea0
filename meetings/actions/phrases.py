"""The group's own phrases: add, rewrite, hide, restore, remove, and put them in order."""

import unicodedata

from django.core.exceptions import ValidationError
from django.db import transaction

from meetings.models import Phrase
from meetings.reading.numbering import moved
from meetings.reading.phrasebook import STANDARD, STEP, PhraseEntry, entries
from people.models import Group, User
from record.history import forget, remember
from record.moves import Refused, Stale, hold

MOST = 100  # in a group; nobody finds anything in a longer list
LONGEST_KEY = 20


def key_of(typed: str) -> str:
    """A key as it is stored: small letters, without the slash; raises ValidationError for anything that is not letters."""
    key = unicodedata.normalize("NFC", typed).strip().removeprefix("/").lower()
    if not key or not key.isalpha():
        raise ValidationError({"key": "En nyckel består bara av bokstäver, till exempel isy."})
    if len(key) > LONGEST_KEY:
        raise ValidationError({"key": f"En nyckel har högst {LONGEST_KEY} bokstäver."})
    return key


def add_phrase(group: Group, *, key: str, text: str, by: User) -> Phrase:
    """Add a phrase of the group's own, last in the list; ValidationError for a key that is there, Refused when it is full."""
    key = key_of(key)
    with transaction.atomic():
        listed = entries(hold(group))
        clash = next((entry for entry in listed if entry.key == key), None)
        if clash is not None and clash.state == "hidden":
            raise ValidationError({"key": f"/{key} finns redan och är dold. Visa den igen och ändra texten."})
        if clash is not None:
            raise ValidationError({"key": f"/{key} finns redan. Ändra den, eller välj en annan nyckel."})
        if len(listed) >= MOST:
            raise Refused(f"En grupp har högst {MOST} fraser. Ta bort någon som inte används.")
        row = Phrase(group=group, key=key, position=listed[-1].position + STEP)
        return _saved(row, text, by=by, verb="add_phrase")


def rewrite_phrase(group: Group, *, key: str, text: str, version: int, by: User) -> Phrase:
    """Put another text behind a key, in this group also instead of a standard phrase; Stale when somebody else was first."""
    with transaction.atomic():
        return _saved(_held(group, key, version), text, by=by, verb="rewrite_phrase")


def hide_phrase(group: Group, *, key: str, version: int, by: User) -> None:
    """Take a standard phrase out of the group's list; Refused for one of the group's own, Stale when it was changed."""
    with transaction.atomic():
        row = _held(group, key, version)
        if key not in STANDARD:
            raise Refused("Bara standardfraser kan döljas. Ta bort gruppens egna fraser i stället.")
        _saved(row, "", by=by, verb="hide_phrase", may_be_empty=True)


def restore_phrase(group: Group, *, key: str, version: int, by: User) -> None:
    """Put the standard phrase back where its key stands now; Refused when there is none, Stale when it was changed."""
    with transaction.atomic():
        row = _held(group, key, version)
        if key not in STANDARD:
            raise Refused("Det finns ingen standardfras med den nyckeln.")
        _saved(row, STANDARD[key], by=by, verb="restore_phrase")


def remove_phrase(group: Group, *, key: str, version: int, by: User) -> None:
    """Remove a phrase of the group's own, its history kept; Refused for a standard phrase, Stale when it was changed."""
    with transaction.atomic():
        row = _held(group, key, version)
        if key in STANDARD:
            raise Refused("En standardfras kan döljas, men inte tas bort.")
        forget(row, by=by, verb="remove_phrase")


def move_phrase(group: Group, *, key: str, by_steps: int, by: User) -> None:
    """Move a phrase up (-1) or down (1); from then on each phrase has a row of the group's own, which holds its place."""
    with transaction.atomic():
        listed = entries(hold(group))
        keys = [entry.key for entry in listed]
        if key not in keys:
            raise Refused(f"/{key} finns inte längre.")
        order = moved(list(range(len(keys))), keys.index(key), by=by_steps)
        own = {row.key: row for row in Phrase.objects.filter(group=group)}
        for place, at in enumerate(order, 1):
            entry = listed[at]
            row = own.get(entry.key) or Phrase(group=group, key=entry.key, text=entry.text)
            if row.pk is None or row.position != place * STEP:
                row.position = place * STEP
                remember(row, by=by, verb="move_phrase")


def _held(group: Group, key: str, version: int) -> Phrase:
    """The phrase as it stands now, the group locked so that two cannot make the same row; Stale when it is another by now."""
    entry = next((entry for entry in entries(hold(group)) if entry.key == key), None)
    entry = entry or PhraseEntry(key, "", "", 0, 0)
    row = Phrase.objects.filter(group=group, key=key).first() or Phrase(
        group=group, key=key, text=entry.text, position=entry.position, version=0
    )
    if entry.version != version or (row.pk is None and key not in STANDARD):
        raise Stale(row)
    return row


def _saved(row: Phrase, text: str, *, by: User, verb: str, may_be_empty: bool = False) -> Phrase:
    row.text = text
    row.version = row.version + 1 if row.pk or row.version == 0 else row.version
    row.full_clean(exclude=["group"])
    if not row.text and not may_be_empty:
        raise ValidationError({"text": "Skriv frasen."})
    remember(row, by=by, verb=verb)
    return row
