"""What the board decided in a matter, written down beside the protocol once its text is frozen: never a part of it."""

from django.db import models
from django.db.models import Q
from django.utils.safestring import SafeString

from meetings.language.spoken import handed_in_by
from meetings.models.agenda import Item
from meetings.models.meeting import Meeting, PartOfMeeting, PartQuerySet
from record.fields import PlainLineField, PlainTextField
from record.history import Recorded
from record.swedish import capital
from record.text import to_html

# The headings that a text may hold stand under the heading of its matter.
UNDER = 4


class BoardDecisionQuerySet(PartQuerySet):
    to_meeting = "item__paragraph__meeting"


class BoardDecision(PartOfMeeting, Recorded):
    """The board's decision in one matter. (`Decision` is a point of a board's own protocol that was read from a file.)"""

    item = models.OneToOneField(Item, verbose_name="ärende", on_delete=models.PROTECT, related_name="board_decision")
    decided_on = models.DateField("nämndens sammanträde")
    board_paragraph = PlainLineField("paragraf i nämndens protokoll", max_length=20, blank=True)
    text = PlainTextField("beslut")
    version = models.PositiveIntegerField("version", default=1, editable=False)

    objects = BoardDecisionQuerySet.as_manager()

    class Meta:
        verbose_name = "nämndens beslut"
        verbose_name_plural = "nämndens beslut"
        constraints = [
            models.CheckConstraint(
                name="board_decision_says_something", condition=~Q(text=""), violation_error_message="Skriv nämndens beslut."
            )
        ]

    def __str__(self) -> str:
        return f"nämndens beslut i {self.item}"

    @property
    def meeting(self) -> Meeting:
        return self.item.paragraph.meeting

    @property
    def html(self) -> SafeString:
        return to_html(self.text, heading_base=UNDER)


class BoardEntry(Recorded):
    """A reservation, särskilt uttalande or ersättaryttrande that board members handed in when the matter was decided."""

    class Kind(models.TextChoices):
        RESERVATION = "reservation", "reservation"
        SPECIAL_STATEMENT = "special_statement", "särskilt uttalande"
        SUBSTITUTE_STATEMENT = "substitute_statement", "ersättaryttrande"

    decision = models.ForeignKey(BoardDecision, verbose_name="beslut", on_delete=models.PROTECT, related_name="entries")
    position = models.PositiveSmallIntegerField("ordning")
    kind = models.CharField("slag", max_length=30, choices=Kind)
    persons = models.JSONField("personer", default=list, blank=True)
    parties = models.JSONField("partier", default=list, blank=True)
    text = PlainTextField("text")

    class Meta:
        verbose_name = "reservation eller yttrande i nämnden"
        verbose_name_plural = "reservationer och yttranden i nämnden"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["decision", "position"], name="board_entry_position_once"),
            models.CheckConstraint(
                name="board_entry_kind_is_known",
                condition=Q(kind__in=["reservation", "special_statement", "substitute_statement"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} i {self.decision}"

    @property
    def heading(self) -> str:
        """`Reservation från Vera Ek (X)`"""
        return handed_in_by(capital(self.get_kind_display()), self.persons, self.parties)

    @property
    def html(self) -> SafeString:
        return to_html(self.text, heading_base=UNDER)
