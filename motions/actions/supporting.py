"""A union stands behind what another asks, and takes that back."""

from django.utils import timezone

from motions.actions.holding import unlocked
from motions.models import Claim, Support
from people.models import Party, User
from record.history import remember
from record.moves import Refused, Stale


def support(claim: Claim, *, party: Party, by: User, version: int | None = None) -> Support:
    """`party` stands behind the att-sats. Saying it twice changes nothing; one's own motion needs no support.

    Raises Stale when the motion has been changed since `version` was read, and Refused for one's own.
    """
    with unlocked(claim.motion, "support") as motion:
        if version is not None and motion.version != version:
            raise Stale(motion)
        if motion.party_id == party.pk:
            raise Refused("Det ni själva har lämnat in behöver inget stöd av er.")
        standing = Support.objects.filter(claim=claim, party=party, withdrawn_at=None).first()
        if standing is None:
            standing = Support(claim=claim, party=party, by=by.person)
            remember(standing, by=by, verb="support")
    return standing


def unsupport(claim: Claim, *, party: Party, by: User) -> None:
    """Take the support back; that it was given stays to be seen."""
    with unlocked(claim.motion, "unsupport"):
        standing = Support.objects.filter(claim=claim, party=party, withdrawn_at=None).first()
        if standing is not None:
            standing.withdrawn_at = timezone.now()
            remember(standing, by=by, verb="unsupport")
