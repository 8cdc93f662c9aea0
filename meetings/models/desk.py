"""What the desk keeps beside the protocol: the group's own phrases, and who is writing right now."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

from meetings.models.agenda import Paragraph
from meetings.models.meeting import Meeting
from people.models import Group, User
from record.fields import PlainTextField
from record.history import Recorded

STILL_HERE = timedelta(seconds=20)  # two missed reports and somebody has gone


class Phrase(Recorded):
    """A sentence of the group's own behind `/key`, instead of the standard phrase with that key; an empty one hides it."""

    group = models.ForeignKey(Group, verbose_name="grupp", on_delete=models.PROTECT, related_name="phrases")
    key = models.SlugField("nyckel", max_length=20, allow_unicode=True, help_text="Det som skrivs efter /, till exempel isy.")
    text = PlainTextField(
        "fras", help_text="{roll}, {namn}, {part}, {datum}, {plats}, {bilaga} med flera fylls i när frasen används."
    )
    position = models.PositiveSmallIntegerField("ordning", default=0)
    version = models.PositiveIntegerField("version", default=1, editable=False)

    class Meta:
        verbose_name = "fras"
        verbose_name_plural = "fraser"
        ordering = ["group", "position", "key"]
        constraints = [models.UniqueConstraint(fields=["group", "key"], name="phrase_key_once")]

    def __str__(self) -> str:
        return f"/{self.key}"


class WriterQuerySet(models.QuerySet):
    def here(self) -> "WriterQuerySet":
        """Those who have told of themselves lately."""
        return self.filter(seen_at__gte=timezone.now() - STILL_HERE)


class Writer(models.Model):
    """Somebody has the desk open in a tab, and writes under a §. Gone when the tab is; no history, nobody's record."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="writers")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    tab = models.CharField(max_length=36)
    paragraph = models.ForeignKey(Paragraph, null=True, on_delete=models.SET_NULL, related_name="+")
    typing = models.BooleanField(default=False)
    seen_at = models.DateTimeField()

    objects = WriterQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "tab"], name="writer_tab_once")]

    def __str__(self) -> str:
        return f"{self.user} skriver i {self.meeting}"
