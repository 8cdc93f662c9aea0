"""Who speaks for a union, and where they are asked: only log-ins that came into use as the union's own."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F
from django.utils import timezone

from people.models import Mandate, Party, Person, Role, User, Waiting, today


def voices(party: Party, group: int | None, *, but: int | None = None) -> list[tuple[Person | None, str]]:
    """Who is asked on the union's behalf, and where: those who speak for it in the group, else anywhere, else who once did.

    Only at addresses that are their owner's: the keepers of the registry may change that of somebody without a log-in in use.
    The contact is asked for a union that nobody with a log-in has ever spoken for: ending mandates must not open that way.
    """
    heirs = Party.objects.with_heirs([party.pk])
    speaking = Mandate.objects.valid_on(today()).filter(role__in=Role.SPEAKING, party__in=heirs).exclude(person=but)
    for mandates in (speaking.filter(group=group), speaking):
        users = User.objects.filter(person__in=mandates.values("person"), is_active=True)
        if found := _addresses(users.select_related("person").order_by("person")):
            return found
    once = _who_once_did(heirs, but=but)
    if found := _addresses(user for user in once if user.is_active):
        return found
    return [(None, party.contact)] if party.contact and not once else []


def _addresses(users: Iterable[User]) -> list[tuple[Person | None, str]]:
    """Those whose log-in is in use, with where they are asked."""
    return [(user.person, user.email) for user in users if user.has_usable_password()]


def _who_once_did(heirs: set[int], *, but: int | None) -> list[User]:
    """The log-ins of those who have spoken for the union with them, and to whom it has not said no since.

    What its asker took back, or what still waits, is no word of the union's: by asking, nobody makes its own silent.
    """
    ever = Mandate.history.filter(role__in=Role.SPEAKING, party__in=heirs, confirmed_at__isnull=False).exclude(person=but)
    users = User.objects.filter(person__in=ever.values("person")).select_related("person").order_by("person")
    asked = Waiting.objects.filter(mandate__party__in=heirs, settled_at__isnull=False)
    said = asked.exclude(confirmed=False, settled_by=F("asked_by")).order_by("pk")
    last = dict(said.values_list("mandate__person", "confirmed"))
    kept = [user for user in users if last.get(user.person_id, True)]
    return [user for user in kept if was_confirmed(user, Role.SPEAKING, party__in=heirs)]


def was_confirmed(user: User, roles: Iterable[str], **where: Any) -> bool:
    """Whether a mandate with one of these roles, there, was confirmed and had not ended while this log-in was in use.

    A mandate that somebody has had says nothing of a log-in that an invitation has brought to another mailbox since.
    """
    rows = Mandate.history.filter(person=user.person_id, role__in=roles, **where)
    counted = set(rows.filter(confirmed_at__isnull=False).exclude(history_type="-").values_list("pk", flat=True))
    if user.activated_at is None or not counted:  # a log-in that came by no invitation
        return bool(counted)
    begun = timezone.localdate(user.activated_at)
    stood = list(Mandate.history.filter(id__in=rows.values("id")).order_by("id", "history_date", "history_id"))
    for row, after in zip(stood, [*stood[1:], None], strict=True):
        replaced = after.history_date if after is not None and after.id == row.id else None
        ended = row.ends is not None and row.ends < begun
        if row.pk in counted and not ended and (replaced is None or replaced >= user.activated_at):
            return True
    return False
