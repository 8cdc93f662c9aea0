"""The append-only log: one hash chain per group, so that a row taken out or changed shows."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Chain(models.Model):
    """One hash chain. Writers lock this row; `head` is the hash of the last event."""

    key = models.CharField("nyckel", max_length=80, unique=True)
    seq = models.PositiveBigIntegerField("antal händelser", default=0)
    head = models.CharField("senaste kontrollsumma", max_length=64, default="0" * 64)

    class Meta:
        verbose_name = "händelsekedja"
        verbose_name_plural = "händelsekedjor"

    def __str__(self) -> str:
        return f"{self.key} #{self.seq}"


class Event(models.Model):
    """Something that happened and must not be forgotten. Rows are never changed or removed."""

    chain = models.ForeignKey(Chain, verbose_name="kedja", on_delete=models.PROTECT, related_name="events")
    seq = models.PositiveBigIntegerField("nummer")
    previous = models.CharField("föregående", max_length=64)
    hash = models.CharField("kontrollsumma", max_length=64, unique=True)
    kind = models.CharField("slag", max_length=40)
    # No database constraint and never set to null: the event outlives the account.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="av", null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    at = models.DateTimeField("tid")
    thing = models.CharField("föremål", max_length=80, db_index=True)
    data_sha256 = models.CharField("uppgifternas kontrollsumma", max_length=64)

    class Meta:
        verbose_name = "händelse"
        verbose_name_plural = "händelser"
        ordering = ["chain", "seq"]
        constraints = [models.UniqueConstraint(fields=["chain", "seq"], name="event_seq_once_per_chain")]
        # Whoever checks a file asks all seals (protocol/evidence.py).
        indexes = [models.Index(fields=["kind"], condition=models.Q(kind="sealed"), name="event_of_a_seal")]

    def __str__(self) -> str:
        return f"#{self.seq} {self.kind}"


class EventPayload(models.Model):
    """What an event tells in words. Kept apart, with its salt: the chain can be shown without the words."""

    event = models.OneToOneField(Event, verbose_name="händelse", on_delete=models.PROTECT, related_name="payload")
    salt = models.CharField("salt", max_length=32)
    data = models.JSONField("uppgifter")

    class Meta:
        verbose_name = "händelsens uppgifter"
        verbose_name_plural = "händelsernas uppgifter"

    def __str__(self) -> str:
        return f"uppgifter till {self.event_id}"


class Beat(models.Model):
    """When something that runs by itself last did, and where."""

    name = models.CharField("del", max_length=40, primary_key=True)
    at = models.DateTimeField("senast")
    host = models.CharField("dator", max_length=100)

    class Meta:
        verbose_name = "livstecken"
        verbose_name_plural = "livstecken"

    def __str__(self) -> str:
        return self.name


class Verification(models.Model):
    """That everything was checked, when, and how much was found to be wrong (`manage.py verify`)."""

    at = models.DateTimeField("tid", default=timezone.now)
    looked = models.PositiveIntegerField("kontrollerat")
    findings = models.PositiveIntegerField("avvikelser")
    # How many of each kind, and the first of them in words: {"kinds": {"chains": 2}, "lines": ["chains …: …"]}.
    found = models.JSONField("det som hittades", default=dict, db_default={})

    class Meta:
        verbose_name = "kontroll"
        verbose_name_plural = "kontroller"
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return "utan anmärkning" if not self.findings else f"{self.findings} avvikelse{'r' * (self.findings > 1)}"
