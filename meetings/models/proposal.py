"""What anybody with a seat wants on the agenda: placed by the secretary, or returned with a reason."""

from django.db import models
from django.db.models import Q

from meetings import states
from meetings.models.agenda import Item, Paragraph
from meetings.models.meeting import Meeting, Officer, PartOfMeeting, PartQuerySet
from people.models import Party, Person, User
from people.permissions import scope
from record.fields import PlainLineField, PlainTextField
from record.history import Recorded


class ProposalQuerySet(PartQuerySet):
    def visible_to(self, user: User) -> "ProposalQuerySet":
        """One's own, and all of them for those who arrange the agenda, by mandate or because they keep this meeting's minutes."""
        arranged = scope(user, "place_proposal", state="meeting__state", letters=states.LETTERS, group="meeting__group")
        if user.person_id:
            offices = Officer.objects.filter(person=user.person_id, role__in=(Officer.Role.CHAIR, Officer.Role.SECRETARY))
            arranged |= Q(meeting__in=offices.values("meeting"), meeting__state__in=states.MOVES["place_proposal"].sources)
        return super().visible_to(user).filter(arranged | Q(person=user.person_id))

    def waiting(self) -> "ProposalQuerySet":
        return self.filter(state=Proposal.State.PROPOSED)


class Proposal(PartOfMeeting, Recorded):
    """An agenda item that somebody proposes for a meeting before its deadline, with text and perhaps a file (R16)."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "väntar på sekreteraren"
        PLACED = "placed", "står på dagordningen"
        RETURNED = "returned", "lämnad tillbaka"
        WITHDRAWN = "withdrawn", "tillbakatagen"

    meeting = models.ForeignKey(Meeting, verbose_name="möte", on_delete=models.PROTECT, related_name="proposals")
    person = models.ForeignKey(Person, verbose_name="föreslagen av", on_delete=models.PROTECT, related_name="proposals")
    party = models.ForeignKey(Party, verbose_name="part", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    title = PlainLineField("rubrik", max_length=300)
    text = PlainTextField("vad det gäller", blank=True)
    file = models.FileField("fil", upload_to="proposals/", max_length=200, blank=True)
    filename = models.CharField("filnamn", max_length=200, blank=True, editable=False)
    content_type = models.CharField("filtyp", max_length=100, blank=True, editable=False)
    description = PlainTextField("textalternativ", blank=True, help_text="Vad filen innehåller, för den som inte kan se den.")
    proposed_at = models.DateTimeField("föreslagen", auto_now_add=True)
    state = models.CharField("tillstånd", max_length=10, choices=State, default=State.PROPOSED, editable=False)
    reason = PlainTextField("skäl", blank=True, help_text="Varför förslaget lämnas tillbaka.")
    item = models.ForeignKey(
        Item, verbose_name="punkt", null=True, blank=True, on_delete=models.SET_NULL, related_name="proposals", editable=False
    )
    paragraph = models.ForeignKey(
        Paragraph,
        verbose_name="paragraf",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="proposals",
        editable=False,
    )
    version = models.PositiveIntegerField("version", default=1, editable=False)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = "förslag till dagordningen"
        verbose_name_plural = "förslag till dagordningen"
        ordering = ["proposed_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="returned_proposal_has_reason",
                condition=~Q(state="returned") | ~Q(reason=""),
                violation_error_message="Skriv varför förslaget lämnas tillbaka.",
            ),
            models.CheckConstraint(
                name="proposal_file_has_description",
                condition=Q(file="") | ~Q(description=""),
                violation_error_message="En fil behöver ett textalternativ.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def is_own(self, user: User, column: str = "") -> bool:
        return user.person_id is not None and self.person_id == user.person_id
