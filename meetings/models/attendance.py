"""Who was there, how, and when. Why somebody was absent is never stored."""

from django.db import models
from django.db.models import F, Q

from meetings.models.agenda import Paragraph
from meetings.models.meeting import Meeting, PartOfMeeting, PartQuerySet
from people.models import Party, Person
from record.fields import PlainLineField
from record.history import Recorded


class Attendance(PartOfMeeting, Recorded):
    """A person's row in the protocol: name, title and party as on that day."""

    class Side(models.TextChoices):
        EMPLOYER = "employer", "arbetsgivaren"
        EMPLOYEE = "employee", "arbetstagarna"
        BOARD = "board", "nämnden"
        OFFICIAL = "official", "tjänsteperson"

    class Status(models.TextChoices):
        EXPECTED = "expected", "väntas"
        PRESENT = "present", "närvarande"
        EXCUSED = "excused", "anmält förhinder"
        ABSENT = "absent", "frånvarande"

    meeting = models.ForeignKey(Meeting, verbose_name="möte", on_delete=models.PROTECT, related_name="attendances")
    person = models.ForeignKey(Person, verbose_name="person", on_delete=models.PROTECT, related_name="attendances")
    name = PlainLineField("namn", max_length=120)
    title = PlainLineField("titel", max_length=120, blank=True)
    party = models.ForeignKey(Party, verbose_name="part", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    party_printed = PlainLineField("part enligt källan", max_length=120, blank=True, editable=False)
    political_party = PlainLineField("politiskt parti", max_length=60, blank=True)
    side = models.CharField("sida", max_length=10, choices=Side)
    status = models.CharField("närvaro", max_length=10, choices=Status, default=Status.EXPECTED)
    roles = models.JSONField("uppgifter", default=list, blank=True)
    channel = PlainLineField("deltar via", max_length=40, blank=True, help_text="Tomt: på plats.")
    co_opted = models.BooleanField("adjungerad", default=False)
    replaces = models.ForeignKey(
        "self", verbose_name="ersätter", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    replaces_printed = PlainLineField("ersätter enligt källan", max_length=120, blank=True, editable=False)
    partial = models.BooleanField("närvarande bara under vissa paragrafer", default=False)
    position = models.PositiveSmallIntegerField("ordning", default=0)

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = "närvaro"
        verbose_name_plural = "närvaro"
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["meeting", "person"], name="attendance_once")]

    def __str__(self) -> str:
        return self.name


class Presence(Recorded):
    """Somebody present only in part was there under this paragraph. Printed with final numbers, whatever they become."""

    attendance = models.ForeignKey(Attendance, verbose_name="närvaro", on_delete=models.PROTECT, related_name="presences")
    paragraph = models.ForeignKey(Paragraph, verbose_name="paragraf", on_delete=models.PROTECT, related_name="presences")

    class Meta:
        verbose_name = "närvaro under paragraf"
        verbose_name_plural = "närvaro under paragrafer"
        ordering = ["paragraph__position", "pk"]
        constraints = [models.UniqueConstraint(fields=["attendance", "paragraph"], name="presence_once")]

    def __str__(self) -> str:
        return f"{self.attendance} under {self.paragraph}"


class Movement(Recorded):
    """Somebody came in or went out while the meeting was on: under which § and when. Presence is made from these."""

    class Kind(models.TextChoices):
        CAME = "came", "kom"
        WENT = "went", "gick"

    attendance = models.ForeignKey(Attendance, verbose_name="närvaro", on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField("vad", max_length=4, choices=Kind)
    paragraph = models.ForeignKey(
        Paragraph,
        verbose_name="under paragraf",
        on_delete=models.PROTECT,
        related_name="movements",
        help_text="Den som kommer är med från och med paragrafen, den som går är med till och med den.",
    )
    at = models.TimeField("klockan")

    class Meta:
        verbose_name = "ankomst eller avgång"
        verbose_name_plural = "ankomster och avgångar"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.attendance} {self.get_kind_display()} {self.at:%H:%M}"


class Interruption(Recorded):
    """Somebody did not hear: from, to, and the technical reason (a broken line, never a private matter)."""

    attendance = models.ForeignKey(Attendance, verbose_name="närvaro", on_delete=models.PROTECT, related_name="interruptions")
    paragraph = models.ForeignKey(
        Paragraph, verbose_name="paragraf", null=True, blank=True, on_delete=models.PROTECT, related_name="interruptions"
    )
    starts = models.TimeField("från", null=True, blank=True)
    ends = models.TimeField("till", null=True, blank=True)
    reason = PlainLineField("teknisk orsak", max_length=200, blank=True)

    class Meta:
        verbose_name = "avbrott"
        verbose_name_plural = "avbrott"
        ordering = ["starts", "pk"]
        constraints = [
            models.CheckConstraint(
                name="interruption_ends_after_it_starts",
                condition=Q(starts__isnull=True) | Q(ends__isnull=True) | Q(ends__gt=F("starts")),
                violation_error_message="Avbrottet kan inte sluta innan det börjar.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.attendance} {self.starts}–{self.ends}"
