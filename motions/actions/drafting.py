"""A draft is begun, written and thrown away."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import ValidationError

from motions import written
from motions.actions.holding import unlocked
from motions.kinds import SAYING
from motions.models import Claim, Motion
from people.models import Group, Party, User
from record.history import forget, remember
from record.moves import Stale
from record.text import TextError, demand_readable_together

MOST_CLAIMS = 600
MOST_CHARACTERS = 150_000  # of everything in one motion: it is read, printed and compared as one


def draft(group: Group, *, party: Party, by: User, kind: str = Motion.Kind.MOTION) -> Motion:
    """A new, empty draft that only the union's own representatives in the group can see."""
    motion = Motion(group=group, party=party, author=by.person, kind=kind)
    remember(motion, by=by, verb="draft_motion")
    return motion


def save_draft(motion: Motion, *, fields: dict[str, Any], claims: Sequence[dict[str, Any]], version: int, by: User) -> Motion:
    """Replace the draft's text and att-satser as one.

    Raises Stale when somebody else has saved since `version`, and ValidationError for what cannot be stored.
    """
    demand_room(motion, fields, claims)
    with unlocked(motion, "draft_motion") as stored:
        if stored.version != version:
            raise Stale(stored)
        for name, value in fields.items():
            setattr(stored, name, value)
        demand_its_kind(stored, claims)
        stored.version += 1
        stored.full_clean(exclude=["party", "group", "author"])
        remember(stored, by=by, verb="draft_motion")
        _write_claims(stored, claims, by=by)
    vars(motion).update(vars(stored))
    return motion


def demand_room(motion: Motion, fields: dict[str, Any], claims: Sequence[dict[str, Any]]) -> None:
    """Raises ValidationError for more than one motion may hold. Asked before anything is locked."""
    if len(claims) > MOST_CLAIMS:
        raise ValidationError(f"Högst {MOST_CLAIMS} {motion.words.units} får plats.")
    if said := too_much([*(fields[name] for name in written.WORDED if name in fields), *_said(claims)]):
        raise ValidationError(said)


def too_much(texts: Sequence[str]) -> str:
    """Why these texts do not have room in one motion, before they are read; "" when they have."""
    try:
        demand_readable_together(texts, most=MOST_CHARACTERS)
    except TextError as error:
        return str(error)
    return ""


def _said(claims: Sequence[dict[str, Any]]) -> Iterator[str]:
    for fields in claims:
        yield fields["text"]
        yield from fields.get("points", [])


def demand_its_kind(motion: Motion, claims: Sequence[dict[str, Any]]) -> None:
    """Empty what its kind does not have; refuse att-satser in what is text alone."""
    for name, nothing in written.not_of(motion.kind).items():
        setattr(motion, name, nothing)
    if motion.kind in SAYING and claims:
        raise ValidationError(f"{motion.words.The} är bara text. Flytta det som står i rutorna nedanför till texten.")


def _write_claims(motion: Motion, claims: Sequence[dict[str, Any]], *, by: User) -> None:
    """Make the motion's att-satser these, in this order, changing only the rows that differ."""
    old = list(motion.claims.all())
    for position, fields in enumerate(claims, start=1):
        claim = old[position - 1] if position <= len(old) else Claim(motion=motion, position=position)
        wanted = (fields["text"], list(fields.get("points", [])))
        if claim.pk is None or (claim.text, claim.points) != wanted:
            claim.text, claim.points = wanted
            remember(claim, by=by, verb="draft_motion")
    for claim in old[len(claims) :]:
        forget(claim, by=by, verb="draft_motion")


def discard(motion: Motion, *, by: User) -> None:
    """Throw a draft away. What has been filed is never removed: WrongState."""
    with unlocked(motion, "draft_motion") as held:
        for claim in held.claims.all():
            forget(claim, by=by, verb="discard")
        forget(held, by=by, verb="discard")
