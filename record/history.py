"""Memory: every content model keeps one history row per save: who, which verb, out of what, and for people why."""

from functools import cache
from typing import Any

from django.db import models
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords

# The verb of a row that is saved as it stands in the administration, by no verb of its room.
ADMINISTER = "administer"


class Remembered(models.Model):
    """What every history table has besides the row as it was: verb and origin for code to read; the reason is for people.

    The verb is what was done, in the word that its URL and permission have; "" for a save by somebody else's code (the log-in).
    A verb that code asks for is named in `Verb`, in its room's states.py. The origin is the row that this one came from, written
    as in the log: `item:17`; "" for none. Neither has an index: the history of one thing is asked for, and its key has one.
    """

    history_verb = models.CharField("vad som gjordes", max_length=40, default="", blank=True)
    history_origin = models.CharField("vad det kom från", max_length=80, default="", blank=True)

    class Meta:
        abstract = True

    @property
    def history_told(self) -> str:
        """What was done, out of what and why, in one line for people to read."""
        done = "" if self.history_verb == ADMINISTER else f"{self.history_verb} {self.history_origin}".strip()
        return ": ".join(part for part in (done, self.history_change_reason) if part)


class HistoryRows(HistoryManager):
    """The package's own, whose class is made once: the package makes it anew whenever `history` is looked up, at every save."""

    @classmethod
    @cache
    def from_queryset(cls, queryset_class: type[models.QuerySet], class_name: str | None = None) -> type:
        return super().from_queryset(queryset_class, class_name)


class Recorded(models.Model):
    """A model whose every save leaves a history row. Save whole rows: partial and bulk updates leave false or no history."""

    history = HistoricalRecords(bases=[Remembered], history_manager=HistoryRows, inherit=True)

    class Meta:
        abstract = True


def remember(thing: models.Model, *, by: Any, verb: str, origin: str = "", why: str = "") -> None:
    """Save `thing` whole, and remember who did what. `by` is a user, or None for a job by itself; `why` is in their words."""
    _tell(thing, by, verb, origin, why)
    thing.save()
    thing._verb, thing._origin, thing._change_reason = "", "", None  # a later save by somebody else has its own


def forget(thing: models.Model, *, by: Any, verb: str, origin: str = "", why: str = "") -> None:
    """Delete `thing`; its history stays and tells who did what, out of what and why."""
    _tell(thing, by, verb, origin, why)
    thing.delete()


def _tell(thing: models.Model, by: Any, verb: str, origin: str, why: str) -> None:
    thing._history_user, thing._verb, thing._origin, thing._change_reason = by, verb, origin, why or None


def write_down(*, instance: Any, history_instance: Remembered, **told: Any) -> None:
    """The history row that is about to be saved gets the verb and the origin that `remember` or `forget` was told."""
    history_instance.history_verb = getattr(instance, "_verb", "")
    history_instance.history_origin = getattr(instance, "_origin", "")
