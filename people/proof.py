"""How somebody proves who they are, and what follows when that changes: their addresses are told, the log has it, signing waits.

Whoever takes over an open session or a mailbox must not be able to sign before its owner has had the time to see it.
"""

from collections.abc import Iterable
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from people import mail
from people.allauth import addresses_of, sessions_of, steps_of
from people.models import Group, Mandate, Proof, Role, User, today
from record import chain
from record.history import remember


class Proved(NamedTuple):
    """All by which a user proves who they are, as it stands at one moment."""

    password: str
    addresses: dict[str, tuple[bool, bool]]  # address → (confirmed, primary)
    steps: dict[str, int]  # kind of second step → its row
    sessions: int

    @classmethod
    def of(cls, pk: int) -> "Proved":
        password = User.objects.values_list("password", flat=True).get(pk=pk)
        return cls(password, addresses_of(pk), steps_of(pk), sessions_of(pk))

    @property
    def confirmed(self) -> list[str]:
        return sorted(address for address, (confirmed, _) in self.addresses.items() if confirmed)


def changes(before: Proved, after: Proved, *, by_link: bool = False) -> list[Proof]:
    """What has changed from one picture to the next, the most telling first; `by_link`: by whoever had the link in a mail."""
    old, new = before.addresses, after.addresses
    both = old.keys() & new.keys()
    found = {
        Proof.RESET: by_link and before.password != after.password,
        Proof.PASSWORD: not by_link and before.password != after.password,
        Proof.STEP_ADDED: "totp" in after.steps.keys() - before.steps.keys(),
        Proof.STEP_REMOVED: "totp" in before.steps.keys() - after.steps.keys(),
        Proof.CODES: "totp" in before.steps.keys() & after.steps.keys() and before.steps != after.steps,
        Proof.ADDRESS_ADDED: bool(new.keys() - old.keys()),
        Proof.ADDRESS_REMOVED: bool(old.keys() - new.keys()),
        Proof.ADDRESS_CONFIRMED: any(new[address][0] and not old[address][0] for address in both),
        Proof.PRIMARY: any(new[address][1] and not old[address][1] for address in both),
    }
    return [kind for kind, happened in found.items() if happened] or (
        [Proof.SESSIONS] if after.sessions < before.sessions else []
    )


def change_proof(
    user: User, kinds: list[Proof], *, addresses: Iterable[str], by: User | None, ip: str = "", agent: str = ""
) -> None:
    """Tell `addresses` of the change, write it in the log of every group where the user may come to sign, and begin the pause.

    Part of the caller's transaction, which has made the change. No address stands in the log.
    """
    with transaction.atomic():
        # No key of the row changes: somebody who signs meanwhile, and points at it, does not have to wait for it.
        stored = User.objects.select_for_update(no_key=True, of=("self",)).select_related("person").get(pk=user.pk)
        stored.proof_changed_at, stored.proof_change = timezone.now(), kinds[0]
        remember(stored, by=by, verb="change_proof")
        mandates = Mandate.objects.valid_on(today()).filter(person=stored.person_id, role__in=Role.SIGNING)
        for group in Group.objects.filter(pk__in=mandates.values("group")).select_related("chain").order_by("chain"):
            data = {"changes": [str(kind.value) for kind in kinds], "user": stored.pk}
            chain.append(group.chain, "proof_changed", by=by, thing=f"user:{stored.pk}", data=data)
        did = " och ".join(kind.label for kind in kinds)
        for address in addresses:
            mail.tell("proof_changed", [stored.person], address=address, did=did, user=stored, ip=ip, agent=agent)
