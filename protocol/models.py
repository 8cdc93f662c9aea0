"""What has been frozen, signed and sealed. Rows here are evidence: they are added, never changed."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from meetings.models import Item, Meeting, Paragraph
from meetings.models.meeting import PartOfMeeting
from people.models import Person, User
from record.fields import PlainTextField
from record.history import Recorded


class FrozenVersionQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "FrozenVersionQuerySet":
        """Those of the meetings `user` knows of; what stands in them is for those the table lets read."""
        return self.filter(meeting__in=Meeting.objects.visible_to(user)).select_related("meeting__group")


class FrozenVersion(PartOfMeeting, models.Model):
    """The n:th text sent for approval: the canonical bytes of samverkan-record/1, and their hash."""

    meeting = models.ForeignKey(Meeting, verbose_name="möte", on_delete=models.PROTECT, related_name="versions")
    n = models.PositiveSmallIntegerField("version")
    schema = models.CharField("schema", max_length=40)
    data = models.BinaryField("innehåll")
    sha256 = models.CharField("kontrollsumma", max_length=64)
    frozen_at = models.DateTimeField("frystes", default=timezone.now)
    frozen_by = models.ForeignKey(User, verbose_name="av", null=True, on_delete=models.PROTECT, related_name="+")

    objects = FrozenVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "fryst version"
        verbose_name_plural = "frysta versioner"
        ordering = ["meeting", "n"]
        constraints = [models.UniqueConstraint(fields=["meeting", "n"], name="version_once_per_meeting")]

    def __str__(self) -> str:
        return f"{self.meeting} version {self.n}"


class Withdrawal(models.Model):
    """A frozen version was taken back; every signature on it is void."""

    version = models.OneToOneField(FrozenVersion, verbose_name="version", on_delete=models.PROTECT, related_name="withdrawal")
    by = models.ForeignKey(User, verbose_name="av", on_delete=models.PROTECT, related_name="+")
    reason = PlainTextField("skäl")
    at = models.DateTimeField("tid", default=timezone.now)

    class Meta:
        verbose_name = "återtagande"
        verbose_name_plural = "återtaganden"

    def __str__(self) -> str:
        return f"{self.version} återtagen"


class Signature(models.Model):
    """One person's approval of one version, for one role, given by that person alone."""

    class Method(models.TextChoices):
        PASSWORD = "password", "lösenord"
        TOTP = "password_totp", "lösenord och engångskod"
        PASSKEY = "passkey", "passernyckel"

    version = models.ForeignKey(FrozenVersion, verbose_name="version", on_delete=models.PROTECT, related_name="signatures")
    role = models.CharField(
        "uppgift", max_length=10, choices=[("chair", "ordförande"), ("secretary", "sekreterare"), ("adjuster", "justerare")]
    )
    person = models.ForeignKey(Person, verbose_name="person", on_delete=models.PROTECT, related_name="signatures")
    by = models.ForeignKey(User, verbose_name="inlogg", on_delete=models.PROTECT, related_name="+")
    name = models.CharField("namn", max_length=120)
    title = models.CharField("titel", max_length=120, blank=True)
    party = models.CharField("organisation", max_length=120, blank=True)
    method = models.CharField("sätt", max_length=20, choices=Method)
    digest = models.CharField("underskriftens kontrollsumma", max_length=64)
    proof = models.JSONField("bevis", default=dict)
    signed_at = models.DateTimeField("tid", default=timezone.now)

    class Meta:
        verbose_name = "underskrift"
        verbose_name_plural = "underskrifter"
        ordering = ["signed_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "person"], name="signed_once_per_person"),
            models.UniqueConstraint(fields=["version", "role"], condition=~Q(role="adjuster"), name="signed_once_per_office"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.get_role_display()}"


class ChangeRequestQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "ChangeRequestQuerySet":
        return self.filter(version__in=FrozenVersion.objects.visible_to(user)).select_related("version__meeting__group")

    def open(self) -> "ChangeRequestQuerySet":
        return self.filter(resolved_at__isnull=True)


class ChangeRequest(PartOfMeeting, Recorded):
    """An adjuster or the chair asks for a change. Nobody signs until it is refused with a reason, or accepted by a withdrawal."""

    version = models.ForeignKey(FrozenVersion, verbose_name="version", on_delete=models.PROTECT, related_name="change_requests")
    person = models.ForeignKey(Person, verbose_name="av", on_delete=models.PROTECT, related_name="+")
    paragraph = models.ForeignKey(
        Paragraph, verbose_name="paragraf", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    heading = models.CharField("gäller", max_length=320, blank=True)
    comment = PlainTextField("vad som behöver ändras")
    wording = PlainTextField("förslag till text")
    at = models.DateTimeField("tid", default=timezone.now)
    resolved_at = models.DateTimeField("avgjord", null=True, blank=True)
    accepted = models.BooleanField("godtagen", null=True, blank=True)
    answer = PlainTextField("svar")

    objects = ChangeRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "begäran om ändring"
        verbose_name_plural = "begäranden om ändring"
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="resolved_request_has_answer",
                condition=Q(resolved_at__isnull=True, accepted__isnull=True)
                | (Q(resolved_at__isnull=False, accepted__isnull=False) & ~Q(answer="")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.comment[:60]}"

    @property
    def meeting(self) -> Meeting:
        return self.version.meeting


class SealedProtocol(models.Model):
    """The one file that everybody gets: stored once, served as stored."""

    version = models.OneToOneField(FrozenVersion, verbose_name="version", on_delete=models.PROTECT, related_name="sealed")
    pdf = models.BinaryField("PDF")
    sha256 = models.CharField("filens kontrollsumma", max_length=64, unique=True)
    certificate = models.TextField("certifikat", blank=True)
    timestamp = models.BinaryField("tidsstämpel", blank=True, default=b"")
    sealed_at = models.DateTimeField("förseglat", default=timezone.now)

    class Meta:
        verbose_name = "förseglat protokoll"
        verbose_name_plural = "förseglade protokoll"

    def __str__(self) -> str:
        return str(self.version)


class SealFault(models.Model):
    """Why the text that people sign, or have signed, cannot be sealed as things are. Goes away when it has been mended."""

    meeting = models.OneToOneField(Meeting, verbose_name="möte", on_delete=models.CASCADE, related_name="seal_fault")
    fault = models.TextField("fel")
    at = models.DateTimeField("sedan", default=timezone.now)

    class Meta:
        verbose_name = "hinder för försegling"
        verbose_name_plural = "hinder för försegling"

    def __str__(self) -> str:
        return self.fault


class LegacySource(models.Model):
    """The file a protocol was loaded from: the same content gives the same meeting."""

    meeting = models.OneToOneField(Meeting, verbose_name="möte", on_delete=models.PROTECT, related_name="source")
    sha256 = models.CharField("kontrollsumma", max_length=64, unique=True)
    filename = models.CharField("fil", max_length=200)
    loaded_at = models.DateTimeField("inläst", default=timezone.now)
    warnings = models.JSONField("varningar vid inläsningen", default=list)

    class Meta:
        verbose_name = "inläst källa"
        verbose_name_plural = "inlästa källor"

    def __str__(self) -> str:
        return self.filename


class DrawingQuerySet(models.QuerySet):
    def under_way(self) -> "DrawingQuerySet":
        """Those that somebody waits for: in the queue, or being drawn."""
        return self.filter(state__in=Drawing.UNDER_WAY)

    def ended(self) -> "DrawingQuerySet":
        """Those that are drawn, and those that could not be."""
        return self.filter(state__in=(Drawing.State.DONE, Drawing.State.FAILED))


class Drawing(models.Model):
    """A PDF that one person has asked for, kept for an hour. It is no evidence: what is sealed has a row of its own."""

    class Kind(models.TextChoices):
        PROTOCOL = "protocol", "protokollet"
        BOARD = "board", "fackliga synpunkter till nämnden"

    class State(models.TextChoices):
        WAITING = "waiting", "väntar"
        BEGUN = "begun", "ritas"
        DONE = "done", "klar"
        FAILED = "failed", "gick inte"

    UNDER_WAY = (State.WAITING, State.BEGUN)

    kind = models.CharField("slag", max_length=10, choices=Kind)
    meeting = models.ForeignKey(Meeting, verbose_name="möte", on_delete=models.CASCADE, related_name="drawings")
    item = models.ForeignKey(Item, verbose_name="ärende", null=True, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, verbose_name="för", on_delete=models.CASCADE, related_name="+")
    state = models.CharField("läge", max_length=10, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField("beställd", default=timezone.now)
    begun_at = models.DateTimeField("påbörjad", null=True)
    key = models.CharField("vad som ritades", max_length=64, blank=True)
    filename = models.CharField("fil", max_length=200, blank=True)
    matters = models.JSONField("ärenden", default=list)
    pdf = models.BinaryField("PDF", blank=True, default=b"")
    fault = models.TextField("fel", blank=True)

    objects = DrawingQuerySet.as_manager()

    class Meta:
        verbose_name = "ritad PDF"
        verbose_name_plural = "ritade PDF:er"
        ordering = ["asked_at", "pk"]
        indexes = [models.Index(fields=["meeting", "key"])]
        constraints = [
            # One at a time per person, whoever draws: nobody's many wishes stand before everybody else's.
            models.UniqueConstraint(fields=["user"], condition=Q(state="begun"), name="drawn_one_at_a_time"),
            models.UniqueConstraint(fields=["user"], condition=Q(state="waiting"), name="one_drawing_waits"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.meeting}"

    @property
    def under_way(self) -> bool:
        """Somebody waits for it."""
        return self.state in self.UNDER_WAY


class PassageQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "PassageQuerySet":
        return self.filter(meeting__in=Meeting.objects.readable_by(user))


class Passage(models.Model):
    """One § of an adjusted or loaded protocol as words to search in; written when the protocol is adjusted or loaded.

    Migration 0002 adds an index of trigrams on `folded`. On SQLite it hangs on triggers, which a rebuilt table loses: a migration
    that changes this model runs the functions of 0002 again.
    """

    meeting = models.ForeignKey(Meeting, verbose_name="möte", on_delete=models.PROTECT, related_name="passages")
    number = models.PositiveSmallIntegerField("paragraf")
    heading = models.CharField("rubrik", max_length=300)
    words = models.TextField("text")
    folded = models.TextField("text i gemener")

    objects = PassageQuerySet.as_manager()

    class Meta:
        verbose_name = "sökbar text"
        verbose_name_plural = "sökbara texter"
        ordering = ["-meeting", "number"]

    def __str__(self) -> str:
        return f"{self.meeting} § {self.number}"
