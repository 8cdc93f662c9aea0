"""What `verify` looks at on the ground floor: the chains, and the guards word by word."""

from collections.abc import Iterator

from record import chain, guards
from record.models import Chain
from record.verifying import Looked


def chains() -> Iterator[Looked]:
    """Every event of every chain has the hash of its content, follows the one before, and the head is the last."""
    for log in Chain.objects.order_by("pk").iterator():
        yield Looked(log.key, chain.verify(log))


def guards_in_place() -> Iterator[Looked]:
    """Every guard says what it should and fires; there is no other trigger."""
    found = guards.standing()
    wrong = {
        **dict.fromkeys(found.missing, "is not in place"),
        **dict.fromkeys(found.other, "does not say what it should, or does not fire"),
        **dict.fromkeys(found.unknown, "is a trigger that nobody knows"),
    }
    for name in sorted({*guards.names(), *wrong}):
        yield Looked(name, [wrong[name]] if name in wrong else [])


CHECKS = {"chains": chains, "guards": guards_in_place}
