"""What has been filed gets a new version."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from motions import letters
from motions.actions.drafting import demand_its_kind, demand_room
from motions.actions.filing import lacks, no_day, told
from motions.actions.holding import unlocked
from motions.kinds import ASKING
from motions.models import FINAL, Claim, Motion
from motions.states import Verb
from people.models import Party, User
from record import chain
from record.history import forget, remember
from record.moves import Refused, Stale
from record.swedish import capital


def change(
    motion: Motion, *, fields: dict[str, Any], claims: Sequence[dict[str, Any]], version: int, by: User, why: str = ""
) -> set[Party]:
    """A new version of what has been filed, seen by all who may read it. Returns the parties whose support lapsed.

    Each row of `claims` names by `pk` the att-sats that it was; those named by none are removed. One with a released answer stays
    as it is. Support is for the words that were supported: it lapses, with a trace, where they change, and the supporters are
    told.

    Raises Stale when somebody was first, Refused for what has been answered, and ValidationError for what could not be filed.
    """
    demand_room(motion, fields, claims)
    with unlocked(motion, "change_motion") as stored:
        if stored.version != version:
            raise Stale(stored)
        demand_unsettled(stored)
        for name, value in fields.items():
            setattr(stored, name, value)
        demand_its_kind(stored, claims)
        if stored.kind in ASKING and stored.due_on is None:
            raise ValidationError({"due_on": [no_day(stored)]})
        stored.version += 1
        stored.full_clean(exclude=["party", "group", "author"])
        remember(stored, by=by, verb=Verb.CHANGE, why=why)
        concerned = letters.taking_it_up(stored)  # before an att-sats goes, and whoever was writing its answer with it
        lapsed = _change_claims(stored, claims, by=by)
        if missing := lacks(stored):
            raise ValidationError(missing)
        chain.append(stored.group.chain, "motion_changed", by=by, thing=f"motion:{stored.pk}", data=told(stored))
        letters.tell_of_change(stored, concerned)
        letters.tell_of_lapse(stored, lapsed)
    vars(motion).update(vars(stored))
    return lapsed


@contextmanager
def new_version(motion: Motion, *, version: int, by: User, why: str) -> Iterator[Motion]:
    """Hold what was read as `version`; what the caller changes in its row is remembered as a new version, logged and told."""
    with unlocked(motion, "change_motion") as stored:
        if stored.version != version:
            raise Stale(stored)
        demand_unsettled(stored)
        yield stored
        remember(stored, by=by, verb=Verb.CHANGE, why=why)
        chain.append(stored.group.chain, "motion_changed", by=by, thing=f"motion:{stored.pk}", data=told(stored))
        letters.tell_of_change(stored, letters.taking_it_up(stored))
    vars(motion).update(vars(stored))


def demand_unsettled(motion: Motion) -> None:
    """What has final answers to everything stands as it was answered: nobody's answer gets another heading or file above it."""
    claims = motion.claims.prefetch_related("answers")
    if claims and all(claim.outcome in FINAL for claim in claims):
        raise Refused(
            f"{motion.words.The} har fått slutliga svar och kan inte ändras. Lämna in på nytt om något ska läggas till."
        )


def _change_claims(motion: Motion, claims: Sequence[dict[str, Any]], *, by: User) -> set[Party]:
    """Write the att-satser of a new version, each in the row that it was. Returns the parties whose support lapsed."""
    old = {claim.pk: claim for claim in motion.claims.prefetch_related("answers", "supports__party__names")}
    kept = [old.pop(fields["pk"], None) if fields.get("pk") else None for fields in claims]
    lapsed: set[Party] = set()
    for claim in old.values():
        lapsed |= _lapse(claim, by=by)
        for row in (*claim.answers.all(), *claim.supports.all(), claim):  # their history stays
            forget(row, by=by, verb=Verb.CHANGE)
    moved = [claim for position, claim in enumerate(kept, start=1) if claim is not None and claim.position != position]
    for claim in moved:  # uniqueness may be checked at once: step aside first
        Claim.objects.filter(pk=claim.pk).update(position=10_000 + claim.position)
    for position, (claim, fields) in enumerate(zip(kept, claims, strict=True), start=1):
        wanted = (fields["text"], list(fields.get("points", [])))
        if claim is None:
            remember(Claim(motion=motion, position=position, text=wanted[0], points=wanted[1]), by=by, verb=Verb.CHANGE)
        elif (claim.text, claim.points) != wanted:
            lapsed |= _lapse(claim, by=by)
            claim.position, (claim.text, claim.points) = position, wanted
            remember(claim, by=by, verb=Verb.CHANGE)
        elif claim.position != position:
            claim.position = position
            remember(claim, by=by, verb=Verb.CHANGE)
    return lapsed


def _lapse(claim: Claim, *, by: User) -> set[Party]:
    """The words change: support for them ends, and an answer that is being written must be read anew before it is released."""
    if claim.released is not None:
        raise Refused(f"{capital(claim.motion.words.the_unit)} har fått svar och kan inte ändras eller tas bort.")
    standing = claim.supporters
    for support in standing:
        support.withdrawn_at = timezone.now()
        remember(support, by=by, verb=Verb.CHANGE)
    if (drafted := claim.drafted) is not None:
        drafted.version, drafted.outdated = drafted.version + 1, True
        remember(drafted, by=by, verb=Verb.CHANGE)
    return {support.party for support in standing}
