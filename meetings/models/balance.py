"""The balance list: what was promised stays on it until it is closed with a note."""

from django.db import models
from django.db.models import Q

from meetings.models.agenda import Paragraph
from meetings.models.meeting import Meeting
from meetings.states import NOT_HELD
from motions.models import Answer
from people.models import Group, Person, User, today
from people.permissions import OfGroup, scope
from record.fields import PlainLineField, PlainTextField
from record.history import Recorded


class BalanceItemQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "BalanceItemQuerySet":
        """The balance lists of the groups where the table lets `user` read them."""
        return self.filter(scope(user, "read_balance", letters=None)).select_related("group")

    def open(self) -> "BalanceItemQuerySet":
        return self.filter(state=BalanceItem.State.OPEN)

    def with_age(self) -> "BalanceItemQuerySet":
        """With `meetings_open`: at how many meetings that have begun it has stood on the list, whoever may read them."""
        begun = ~models.Q(notes__meeting__state__in=NOT_HELD)
        return self.annotate(meetings_open=models.Count("notes", filter=begun, distinct=True))

    def overdue(self, day) -> "BalanceItemQuerySet":
        return self.open().filter(due__lt=day)


class BalanceItem(OfGroup, Recorded):
    """Something promised, with an owner and a day, open until somebody says under which § it was done."""

    class State(models.TextChoices):
        OPEN = "open", "öppen"
        CLOSED = "closed", "avslutad"

    group = models.ForeignKey(Group, verbose_name="grupp", on_delete=models.PROTECT, related_name="balance_items")
    title = PlainLineField("vad som ska göras", max_length=500)
    opened_at = models.ForeignKey(
        Meeting, verbose_name="uppkom vid", null=True, on_delete=models.PROTECT, related_name="opened_items"
    )
    paragraph = models.ForeignKey(
        Paragraph, verbose_name="uppkom under", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    owner = models.ForeignKey(
        Person, verbose_name="ansvarig", null=True, blank=True, on_delete=models.PROTECT, related_name="balance_items"
    )
    due = models.DateField("klart senast", null=True, blank=True)
    state = models.CharField("tillstånd", max_length=10, choices=State, default=State.OPEN, editable=False)
    closed_at = models.ForeignKey(
        Meeting,
        verbose_name="avslutad vid",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="closed_items",
        editable=False,
    )
    # The answer to an att-sats that it was promised in, and which of its sentences (meetings/language/statements.py, token).
    answer = models.ForeignKey(
        Answer,
        verbose_name="ur svaret",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="balance_items",
        editable=False,
    )
    answer_part = models.CharField("mening i svaret", max_length=16, blank=True, editable=False)
    # A promise that another group has sent here, with why; when its closing has been told back.
    referred_from = models.ForeignKey(
        "self",
        verbose_name="skickad från",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="referrals",
        editable=False,
    )
    referred_why = PlainTextField("följebrev", editable=False)
    reported_on = models.DateField("återrapporterad", null=True, blank=True, editable=False)
    reminded_on = models.DateField("påmint om", null=True, blank=True, editable=False)
    version = models.PositiveIntegerField("version", default=1, editable=False)

    objects = BalanceItemQuerySet.as_manager()

    class Meta:
        verbose_name = "balanspunkt"
        verbose_name_plural = "balanslista"
        ordering = ["group", "pk"]
        constraints = [
            models.CheckConstraint(
                name="closed_balance_item_says_where",
                condition=Q(state="open", closed_at__isnull=True) | Q(state="closed", closed_at__isnull=False),
            ),
            models.UniqueConstraint(fields=["answer", "answer_part"], name="balance_item_once_for_a_sentence_of_an_answer"),
            models.CheckConstraint(
                name="balance_item_from_an_answer_says_which_sentence",
                condition=Q(answer__isnull=True, answer_part="") | (Q(answer__isnull=False) & ~Q(answer_part="")),
            ),
            models.UniqueConstraint(fields=["referred_from", "group"], name="balance_item_referred_once_to_a_group"),
            models.CheckConstraint(
                name="only_a_closed_referral_is_reported",
                condition=Q(reported_on__isnull=True) | Q(state="closed", referred_from__isnull=False),
            ),
        ]

    letter = None  # the permission table knows no states of a promise: it can be read and kept in all

    def __str__(self) -> str:
        return self.title

    @property
    def overdue(self) -> bool:
        """Open, and its day has passed."""
        return self.state == self.State.OPEN and self.due is not None and self.due < today()

    def is_own(self, user: User, column: str = "") -> bool:
        return user.person_id is not None and self.owner_id == user.person_id


class BalanceNote(Recorded):
    """What was said of an item at one meeting. A closing note says why the item is done."""

    item = models.ForeignKey(BalanceItem, verbose_name="balanspunkt", on_delete=models.PROTECT, related_name="notes")
    meeting = models.ForeignKey(Meeting, verbose_name="möte", on_delete=models.PROTECT, related_name="balance_notes")
    position = models.PositiveSmallIntegerField("ordning", default=0)
    text = PlainTextField("anteckning")
    closes = models.BooleanField("avslutar punkten", default=False)
    under = models.ForeignKey(
        Paragraph,
        verbose_name="avslutas under",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="closings",
        editable=False,
    )

    class Meta:
        verbose_name = "anteckning på balanslistan"
        verbose_name_plural = "anteckningar på balanslistan"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["item", "meeting"], name="balance_note_once_per_meeting"),
            models.CheckConstraint(
                name="closing_note_has_text",
                condition=Q(closes=False) | ~Q(text=""),
                violation_error_message="Skriv vad som är gjort för att avsluta punkten.",
            ),
            models.CheckConstraint(
                name="closing_note_says_under_which_paragraph",
                condition=Q(closes=False, under__isnull=True) | Q(closes=True, under__isnull=False),
                violation_error_message="Välj under vilken paragraf punkten avslutas.",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80] or str(self.item)
