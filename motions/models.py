"""What a union asks: the motion, its att-satser, the support of other unions, and the employer's answer to each."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from motions import states
from people.models import Group, Party, Person, Role, User
from people.permissions import scope
from record.fields import PlainLineField, PlainTextField
from record.history import Recorded

LETTERS = {phase.value: phase.value for phase in states.Phase}


class MotionQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "MotionQuerySet":
        """One's own union's motions in its groups, drafts included; of all others only what has been filed, by the table."""
        own = Q(pk__in=[])
        for held in user.held:
            if held.party is not None and held.role in Role.OF_UNIONS:
                own |= Q(group=held.group, party=held.party)
        filed = ~Q(state=states.State.DRAFT) & scope(user, "read_motion", state="phase", letters=LETTERS)
        return self.filter(own | filed)

    def filed(self) -> "MotionQuerySet":
        """Filed and not withdrawn."""
        return self.filter(state=states.State.FILED)

    def not_drafts(self) -> "MotionQuerySet":
        return self.exclude(state=states.State.DRAFT)

    def open(self) -> "MotionQuerySet":
        """Filed, and not locked by a protocol under or after approval."""
        return self.filed().exclude(phase__in=states.LOCKED)

    def with_claims(self) -> "MotionQuerySet":
        """Everything a list or a print of motions needs, in a fixed number of queries."""
        return self.select_related("group", "party", "author").prefetch_related(
            "party__names", "claims__supports__party__names", "claims__answers__written_by"
        )


class Motion(Recorded):
    """A yrkande, skrivelse, fråga or särskilt yttrande from one union to one group."""

    class Kind(models.TextChoices):
        MOTION = "motion", "yrkande"
        INQUIRY = "inquiry", "skrivelse eller fråga"
        OPINION = "opinion", "särskilt yttrande"

    kind = models.CharField("slag", max_length=10, choices=Kind, default=Kind.MOTION)
    group = models.ForeignKey(Group, verbose_name="grupp", on_delete=models.PROTECT, related_name="motions")
    party = models.ForeignKey(Party, verbose_name="facklig organisation", on_delete=models.PROTECT, related_name="motions")
    party_printed = PlainLineField("part enligt källan", max_length=120, blank=True, editable=False)
    author = models.ForeignKey(
        Person, verbose_name="författare", null=True, blank=True, on_delete=models.PROTECT, related_name="motions"
    )
    title = PlainLineField("rubrik", max_length=300, blank=True)
    background = PlainTextField("bakgrund")
    matter = PlainLineField("ärende som yrkandet gäller", max_length=300, blank=True)
    number = models.PositiveSmallIntegerField("nummer i källan", null=True, blank=True, editable=False)
    wanted_on = models.DateField("önskat möte", null=True, blank=True)
    state = models.CharField("tillstånd", max_length=10, choices=states.State, default=states.State.DRAFT, editable=False)
    phase = models.CharField("fas", max_length=1, choices=states.Phase, default=states.Phase.OPEN, editable=False)
    filed_at = models.DateTimeField("inlämnat", null=True, blank=True, editable=False)
    receipt = models.CharField("mottagningsnummer", max_length=40, blank=True, editable=False)
    withdrawn_at = models.DateTimeField("återkallat", null=True, blank=True, editable=False)
    created_at = models.DateTimeField("skapat", default=timezone.now, editable=False)
    version = models.PositiveIntegerField("version", default=1, editable=False)

    MOVES = states.MOVES
    objects = MotionQuerySet.as_manager()

    class Meta:
        verbose_name = "yrkande"
        verbose_name_plural = "yrkanden"
        ordering = ["filed_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="filed_motion_has_time_and_receipt",
                condition=Q(state="draft", filed_at__isnull=True, receipt="")
                | (~Q(state="draft") & Q(filed_at__isnull=False) & ~Q(receipt="")),
            ),
            models.CheckConstraint(
                name="withdrawn_motion_has_time",
                condition=Q(state="withdrawn", withdrawn_at__isnull=False)
                | (~Q(state="withdrawn") & Q(withdrawn_at__isnull=True)),
            ),
            models.UniqueConstraint(fields=["receipt"], name="receipt_once", condition=~Q(receipt="")),
        ]

    def __str__(self) -> str:
        return self.title or self.get_kind_display()

    @property
    def locked(self) -> bool:
        """A protocol under or after approval holds it."""
        return self.phase in states.LOCKED

    @property
    def letter(self) -> str:
        return self.phase

    def is_own(self, user: User) -> bool:
        """`user` represents the union that asks, in this group."""
        return self.party_id in user.unions_in(self.group_id)

    def why_not(self, verb: str) -> tuple[str, str]:
        return states.WHY_LOCKED if self.locked else states.WHY_NOT[self.state]

    @property
    def status(self) -> str:
        """In Swedish, from its own state and its claims' outcomes."""
        if self.state != states.State.FILED:
            return self.get_state_display()
        outcomes = {claim.outcome for claim in self.claims.all()}
        if not outcomes or outcomes == {""}:
            return "inlämnat"
        if "" in outcomes:
            return "delvis besvarat"
        if len(outcomes) == 1:
            return {
                Outcome.GRANTED: "bifallet",
                Outcome.PARTLY_GRANTED: "delvis bifallet",
                Outcome.ANSWERED: "besvarat",
                Outcome.REJECTED: "avslaget",
                Outcome.TABLED: "bordlagt",
            }[Outcome(outcomes.pop())]
        return "besvarat"


class Outcome(models.TextChoices):
    """What the employer answered to an att-sats."""

    GRANTED = "granted", "bifalls"
    PARTLY_GRANTED = "partly_granted", "bifalls delvis"
    ANSWERED = "answered", "besvaras"
    REJECTED = "rejected", "avslås"
    TABLED = "tabled", "bordläggs"


# After these there is nothing more to answer.
FINAL = frozenset({Outcome.GRANTED, Outcome.PARTLY_GRANTED, Outcome.ANSWERED, Outcome.REJECTED})


class ClaimQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "ClaimQuerySet":
        return self.filter(motion__in=Motion.objects.visible_to(user)).select_related("motion")


class Claim(Recorded):
    """An att-sats: the unit that is supported and answered. `points` is a list of numbered points that can be referred to."""

    motion = models.ForeignKey(Motion, verbose_name="yrkande", on_delete=models.PROTECT, related_name="claims")
    position = models.PositiveSmallIntegerField("ordning")
    text = PlainTextField("att-sats")
    points = models.JSONField("numrerade punkter", default=list, blank=True)

    objects = ClaimQuerySet.as_manager()
    MOVES = states.MOVES

    class Meta:
        verbose_name = "att-sats"
        verbose_name_plural = "att-satser"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["motion", "position"], name="claim_position_once", deferrable=models.Deferrable.DEFERRED
            )
        ]

    def __str__(self) -> str:
        return self.text[:80]

    # The permission table asks the claim as it asks its motion; "own" is another union than the one that asks.
    @property
    def group_id(self) -> int:
        return self.motion.group_id

    @property
    def letter(self) -> str:
        return self.motion.letter

    def is_own(self, user: User) -> bool:
        return bool(user.unions_in(self.group_id) - {self.motion.party_id})

    def why_not(self, verb: str) -> tuple[str, str]:
        return self.motion.why_not(verb)

    @property
    def released(self) -> "Answer | None":
        """The answer that the union may read: the last one released."""
        answers = [answer for answer in self.answers.all() if answer.released_at]
        return max(answers, key=lambda answer: (answer.round, answer.pk)) if answers else None

    @property
    def drafted(self) -> "Answer | None":
        """The answer that is being written, seen by the employer's side."""
        answers = [answer for answer in self.answers.all() if not answer.released_at]
        return answers[-1] if answers else None

    @property
    def outcome(self) -> str:
        answer = self.released
        return answer.outcome if answer else ""

    @property
    def supporters(self) -> "list[Support]":
        """Support that stands, in the order it was given."""
        return [support for support in self.supports.all() if support.withdrawn_at is None]


class Support(Recorded):
    """A union stands behind another union's att-sats."""

    claim = models.ForeignKey(Claim, verbose_name="att-sats", on_delete=models.PROTECT, related_name="supports")
    party = models.ForeignKey(Party, verbose_name="part", on_delete=models.PROTECT, related_name="supports")
    party_printed = PlainLineField("part enligt källan", max_length=120, blank=True, editable=False)
    by = models.ForeignKey(Person, verbose_name="av", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("tid", default=timezone.now)
    withdrawn_at = models.DateTimeField("återtaget", null=True, blank=True)

    class Meta:
        verbose_name = "stöd"
        verbose_name_plural = "stöd"
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "party"], condition=Q(withdrawn_at__isnull=True), name="support_once_per_party"
            )
        ]

    def __str__(self) -> str:
        return f"{self.party} stödjer att-sats {self.claim_id}"


class Answer(Recorded):
    """The employer's answer to an att-sats, one for each time it is handled (`round`); seen by the union once released."""

    claim = models.ForeignKey(Claim, verbose_name="att-sats", on_delete=models.PROTECT, related_name="answers")
    round = models.PositiveSmallIntegerField("behandling", default=1)
    outcome = models.CharField("utfall", max_length=20, choices=Outcome)
    text = PlainTextField("svar")
    written_by = models.ForeignKey(Person, verbose_name="skrivet av", null=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField("utlämnat", null=True, blank=True)
    version = models.PositiveIntegerField("version", default=1, editable=False)

    class Meta:
        verbose_name = "svar"
        verbose_name_plural = "svar"
        ordering = ["round", "pk"]
        constraints = [models.UniqueConstraint(fields=["claim", "round"], name="one_answer_per_round")]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.text[:60]}"


def receipt_number(motion: Any, serial: int, year: int) -> str:
    """What the receipt is called: group, year and serial number."""
    return f"{motion.group.abbreviation}-{motion.group_id}-{year}-{serial:04d}"
