"""Memory: every content model keeps one history row per save, with the person and the reason."""

from django.db import models
from simple_history.models import HistoricalRecords


class Recorded(models.Model):
    """A model whose every save leaves a history row. Save whole rows: partial and bulk updates leave false or no history."""

    history = HistoricalRecords(inherit=True)

    class Meta:
        abstract = True


def remember(thing: Recorded, *, by, why: str) -> None:
    """Save `thing` whole, and remember who did it and why. `by` is a user, or None for a job that acts by itself."""
    thing._history_user = by
    thing._change_reason = why
    thing.save()
    thing._change_reason = None  # a later save by somebody else has a reason of its own


def forget(thing: Recorded, *, by, why: str) -> None:
    """Delete `thing`; its history stays and tells who did it and why."""
    thing._history_user = by
    thing._change_reason = why
    thing.delete()
