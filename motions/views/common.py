"""What the pages of a motion share: where they lead back to, and whether it is time and one's turn."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from motions import sheet
from motions.models import Claim, Motion, voices
from motions.occasions import Occasion, aimed_at, in_time
from people.models import Party
from record.moves import Stale, WrongState
from record.pages import see


def back_to(motion: Motion, claim: Claim) -> HttpResponse:
    """Go and look at an att-sats on its motion's page."""
    return see("motions:motion", motion.pk, at=f"att-sats-{claim.position}")


@contextmanager
def warned(request: HttpRequest, words: str) -> Iterator[None]:
    """Do one thing for a button without a form; when somebody else was first, these words stand on the page that comes next."""
    try:
        yield
    except Stale:  # only this: what a rule refuses keeps its own answer (422)
        messages.warning(request, words)


def demand_time(motion: Motion, verb: str) -> None:
    """A page for a verb is shown only when the verb could be done."""
    if motion.locked or motion.state not in motion.MOVES[verb].sources:
        raise WrongState(motion, verb)


def demand_turn(user: Any, verb: str, motion: Motion) -> None:
    """A page for those who speak for the union that asks, while the verb can be done."""
    if not speaks(user, verb, motion):
        raise PermissionDenied
    demand_time(motion, verb)


def parties_of(pks: set[int]) -> list[Party]:
    """The parties with their names, in the order of the registry."""
    return list(Party.objects.filter(pk__in=pks).with_names()) if pks else []


def whole(motion: Motion) -> Motion:
    """The same row with everything a print of it needs."""
    return Motion.objects.with_claims().get(pk=motion.pk)


def shown_claim(motion: Motion, claim: Claim, *, unreleased: bool = False) -> sheet.ClaimSheet:
    """One att-sats of a motion as it prints."""
    printed = sheet.build(motion, unreleased=unreleased).claims
    return next(shown for shown in printed if shown.claim is not None and shown.claim.pk == claim.pk)


def speaks(user: Any, action: str, motion: Motion) -> bool:
    """For the union that asks: a substitute only when serving, whatever else one is in the group."""
    return motion.party_id in voices(user, action, motion.group_id)


def supporting(user: Any, action: str, motion: Motion) -> set[int]:
    """The unions for which one may support it, or take support back: not the one that asks, nor what that has become."""
    return voices(user, action, motion.group_id, anew=action == "support") - user.same_voice(motion.party_id)


def timing(occasions: list[Occasion], aim: date | None) -> dict[str, Any]:
    """The meeting that it comes up at, and the one to choose instead when the deadline has passed."""
    aimed = aimed_at(occasions, aim)
    return {"aimed": aimed, "instead": in_time(occasions, aimed.date) if aimed and aimed.late else None}
