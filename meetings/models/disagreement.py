"""Oenighet: which union disagrees in a matter before decision, why, and what became of it afterwards."""

from datetime import date, timedelta

from django.db import models
from django.db.models import Q

from meetings.models.agenda import Item
from meetings.models.meeting import Meeting, PartOfMeeting
from people.models import Party, Role, User
from record.fields import PlainTextField
from record.history import Recorded


class DisagreementQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "DisagreementQuerySet":
        """Those of protocols that `user` may read, and those of the unions that `user` speaks for in the group."""
        seen = Q(item__paragraph__meeting__in=Meeting.objects.readable_by(user).order_by().values("pk"))
        for mandate in user.held:
            if mandate.party is not None and mandate.role in Role.OF_UNIONS:
                seen |= Q(party=mandate.party, item__paragraph__meeting__group=mandate.group)
        return (
            self.filter(seen)
            .select_related("item__paragraph__meeting__group", "party", "settlement")
            .prefetch_related("party__names")
        )

    def open(self) -> "DisagreementQuerySet":
        return self.filter(settlement__isnull=True)


class Disagreement(PartOfMeeting, Recorded):
    """One union disagrees in one matter. It is part of the protocol, and locked with it; what follows is a `Settlement`."""

    item = models.ForeignKey(Item, verbose_name="ärende", on_delete=models.PROTECT, related_name="disagreements")
    party = models.ForeignKey(Party, verbose_name="part", on_delete=models.PROTECT, related_name="disagreements")
    reason = PlainTextField("skäl", help_text="Står i protokollet, under ärendet.")
    # As the group had agreed when it was reported: a last day that has been told does not move with a later agreement.
    negotiation_days = models.PositiveSmallIntegerField("dagar till central förhandling", null=True, blank=True, editable=False)
    version = models.PositiveIntegerField("version", default=1, editable=False)

    objects = DisagreementQuerySet.as_manager()

    class Meta:
        verbose_name = "oenighet"
        verbose_name_plural = "oenigheter"
        ordering = ["item", "party__position", "pk"]
        constraints = [models.UniqueConstraint(fields=["item", "party"], name="one_disagreement_per_party_and_matter")]

    def __str__(self) -> str:
        return f"oenighet i {self.item}"

    @property
    def meeting(self) -> Meeting:
        return self.item.paragraph.meeting

    @property
    def deadline(self) -> date | None:
        """The last day for central negotiation as the group had agreed; None where nothing was. No legal claim is built in."""
        agreed, day = self.negotiation_days, self.meeting.date
        days = self.meeting.group.negotiation_days if agreed is None else agreed
        return day + timedelta(days=days) if days is not None and day is not None else None

    @property
    def settled(self) -> "Settlement | None":
        return getattr(self, "settlement", None)


class Settlement(Recorded):
    """What became of a disagreement after the protocol was sealed. The protocol itself is not touched."""

    class Result(models.TextChoices):
        AGREED = "agreed", "central förhandling hölls, parterna blev eniga"
        DISAGREED = "disagreed", "central förhandling hölls, oenigheten står kvar"
        NOT_REQUESTED = "not_requested", "central förhandling begärdes inte"
        WITHDRAWN = "withdrawn", "parten har tagit tillbaka oenigheten"
        CHANGED = "changed", "arbetsgivaren har ändrat eller dragit tillbaka förslaget"

    disagreement = models.OneToOneField(
        Disagreement, verbose_name="oenighet", on_delete=models.PROTECT, related_name="settlement"
    )
    result = models.CharField("resultat", max_length=20, choices=Result)
    settled_on = models.DateField("avslutad den")
    text = PlainTextField("vad som hände")
    version = models.PositiveIntegerField("version", default=1, editable=False)

    class Meta:
        verbose_name = "avslut av oenighet"
        verbose_name_plural = "avslut av oenigheter"
        constraints = [
            models.CheckConstraint(
                name="settlement_result_is_known",
                condition=Q(result__in=["agreed", "disagreed", "not_requested", "withdrawn", "changed"]),
            ),
            models.CheckConstraint(
                name="settlement_says_what_happened", condition=~Q(text=""), violation_error_message="Skriv vad som hände."
            ),
        ]

    def __str__(self) -> str:
        return self.get_result_display()
