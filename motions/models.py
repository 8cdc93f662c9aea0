"""What a union asks: the motion, its att-satser, the support of other unions, and the employer's answer to each."""

from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from motions import states
from motions.kinds import ASKING, SAYING, WORDS, Kind, KindWords
from people.models import Group, Party, Person, Role, User
from people.permissions import OfGroup, column_of, scope, table
from record.fields import PlainLineField, PlainTextField
from record.history import Recorded

LETTERS = {phase.value: phase.value for phase in states.Phase}


def voices(user: User, action: str, group: int, *, anew: bool = False) -> set[int]:
    """The unions for which `user` may do `action` in this group today: a substitute speaks only when serving.

    What a union has done before it merged is taken care of by the one that it is now; `anew` leaves the merged ones out.
    """
    cells = table()[action].cells
    unions = set()
    for seat in user.held:
        if seat.group != group or seat.party is None or seat.role not in Role.OF_UNIONS or (anew and seat.heir is not None):
            continue
        cell = cells[column_of(seat.role)]
        if cell.states and (cell.suffix != "t" or seat.mandate in user.serving):
            unions.add(seat.party)
    return unions


def answering(user: User) -> set[int]:
    """The groups where `user` writes or releases the employer's answers, in whatever state the meeting is."""
    rows = table()["answer"].cells, table()["release"].cells
    return {held.group for held in user.held if any(cells[column_of(held.role)].states for cells in rows)}


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
        """Filed, be it withdrawn since."""
        return self.exclude(state=states.State.DRAFT)

    def open(self) -> "MotionQuerySet":
        """Filed, and not locked by a protocol under or after approval."""
        return self.filed().exclude(phase__in=states.LOCKED)

    def drafts_first(self) -> "MotionQuerySet":
        """One's drafts, then the latest filed."""
        drafts = models.Case(models.When(state=states.State.DRAFT, then=0), default=1)
        return self.order_by(drafts, F("filed_at").desc(nulls_first=True), "-pk")

    def to_support(self, user: User) -> "MotionQuerySet":
        """Open motions of other unions with an att-sats that no union of `user` stands behind yet."""
        waiting = Q(pk__in=[])
        for group in user.group_ids:
            for party in voices(user, "support", group, anew=True):
                without = Claim.objects.filter(motion=OuterRef("pk")).exclude(
                    supports__in=Support.objects.filter(party=party, withdrawn_at=None)
                )
                waiting |= Q(Exists(without), group=group) & ~Q(party__in=user.unions_in(group))
        return self.open().filter(waiting)

    def to_answer(self, user: User) -> "MotionQuerySet":
        """Open motions with an att-sats that has neither a final answer nor one that waits to be released."""
        return self.filter(pk__in=Claim.objects.unanswered().values("motion"), group__in=answering(user))

    def answered_since(self, when: datetime) -> "MotionQuerySet":
        """With an answer that was released after `when`, the latest first."""
        released = Answer.objects.filter(claim__motion=OuterRef("pk"), released_at__gte=when).order_by("-released_at")
        latest = Subquery(released.values("released_at")[:1])
        return self.annotate(last_answered=latest).filter(last_answered__isnull=False).order_by("-last_answered", "pk")

    def asked_of(self, user: User) -> "MotionQuerySet":
        """Open motions where `user` is the one who is to write an answer that is not there, with the first day it is due."""
        mine = Claim.objects.unanswered().filter(responsible=user.person_id, motion=OuterRef("pk"))
        first = mine.order_by("answer_by").values("answer_by")[:1]
        return self.filter(group__in=answering(user)).annotate(answer_by=Subquery(first)).filter(answer_by__isnull=False)

    def to_release(self, user: User) -> "MotionQuerySet":
        """Open motions with an answer that is written but not released, where `user` releases."""
        cells = table()["release"].cells
        groups = {held.group for held in user.held if cells[column_of(held.role)].states}
        written = Answer.objects.filter(claim__motion=OuterRef("pk"), released_at=None)
        this_time = written.filter(round__lte=Greatest(F("claim__motion__handled"), 1))  # not what waits for the next time
        return self.open().filter(Exists(this_time), group__in=groups)

    def with_claims(self) -> "MotionQuerySet":
        """Everything a list or a print of motions needs, in a fixed number of queries."""
        return self.select_related("group", "party", "author").prefetch_related(
            "party__names", "claims__supports__party__names", "claims__answers__written_by", "claims__responsible"
        )


class Motion(OfGroup, Recorded):
    """A yrkande, skrivelse, fråga, särskilt yttrande or protokollsanteckning from one union to one group."""

    Kind = Kind

    kind = models.CharField("slag", max_length=10, choices=Kind, default=Kind.MOTION)
    group = models.ForeignKey(Group, verbose_name="grupp", on_delete=models.PROTECT, related_name="motions")
    party = models.ForeignKey(Party, verbose_name="facklig organisation", on_delete=models.PROTECT, related_name="motions")
    party_printed = PlainLineField("part enligt källan", max_length=120, blank=True, editable=False)
    author = models.ForeignKey(
        Person, verbose_name="författare", null=True, blank=True, on_delete=models.PROTECT, related_name="motions"
    )
    title = PlainLineField("rubrik", max_length=300, blank=True)
    background = PlainTextField("bakgrund")
    file = models.FileField("fil", upload_to="motions/", max_length=200, blank=True, editable=False)
    filename = models.CharField("filnamn", max_length=200, blank=True, editable=False)
    content_type = models.CharField("filtyp", max_length=100, blank=True, editable=False)
    sha256 = models.CharField("kontrollsumma", max_length=64, blank=True, editable=False)
    description = PlainTextField("textalternativ", help_text="Vad filen innehåller, för den som inte kan se den.")
    matter = PlainLineField("ärende som det gäller", max_length=300, blank=True)
    number = models.PositiveSmallIntegerField("nummer i källan", null=True, blank=True, editable=False)
    wanted_on = models.DateField("önskat möte", null=True, blank=True)
    due_on = models.DateField("besvaras på mötet", null=True, blank=True)
    postponed_to = models.DateField("uppskjutet till", null=True, blank=True, editable=False)
    next_time = models.BooleanField("uppskjutet utan dag", default=False, editable=False)  # to whichever meeting comes next
    handled = models.PositiveSmallIntegerField("behandlingar", default=0, editable=False)  # how many meetings have taken it up
    to_board = models.BooleanField("ska till nämnden", default=False)
    state = models.CharField("tillstånd", max_length=10, choices=states.State, default=states.State.DRAFT, editable=False)
    phase = models.CharField("fas", max_length=1, choices=states.Phase, default=states.Phase.OPEN, editable=False)
    filed_at = models.DateTimeField("inlämnat", null=True, blank=True, editable=False)
    deadline = models.DateTimeField("stopptid som gällde", null=True, blank=True, editable=False)
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
            models.CheckConstraint(
                name="motion_file_has_hash_and_description",
                condition=Q(file="") | (~Q(sha256="") & ~Q(description="") & ~Q(filename="")),
                violation_error_message="En fil behöver ett textalternativ.",
            ),
            models.CheckConstraint(name="only_what_asks_is_due", condition=Q(due_on__isnull=True) | Q(kind__in=sorted(ASKING))),
            models.CheckConstraint(
                name="only_what_is_filed_has_had_a_deadline", condition=Q(deadline__isnull=True) | ~Q(state="draft")
            ),
            models.CheckConstraint(  # what was read from a file says no day
                name="filed_question_has_due_day",
                condition=~Q(kind="question") | Q(state="draft") | Q(due_on__isnull=False) | ~Q(party_printed=""),
            ),
            models.CheckConstraint(
                name="only_what_is_filed_is_postponed", condition=Q(postponed_to__isnull=True) | ~Q(state="draft")
            ),
            models.CheckConstraint(name="only_an_opinion_goes_to_the_board", condition=Q(to_board=False) | Q(kind="opinion")),
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

    def is_own(self, user: User, column: str = "") -> bool:
        """`user` represents the union that asks, in this group."""
        return self.party_id in user.unions_in(self.group_id, column)

    def why_not(self, verb: str) -> tuple[str, str]:
        reason, next_step = states.WHY_LOCKED if self.locked else states.WHY_NOT[states.State(self.state)]
        return reason.format(The=self.words.The), next_step

    @property
    def words(self) -> KindWords:
        """How its kind, and its att-satser or questions, are spoken of."""
        return WORDS[Kind(self.kind)]

    @property
    def page(self) -> str:
        """Where it is read."""
        return reverse("motions:motion", args=[self.pk])

    @property
    def aim(self) -> date | None:
        """The day from which it is to be taken up: what the employer put it off to, else what the union wished."""
        return self.postponed_to or self.wanted_on or self.due_on

    @property
    def put_off_to(self) -> str:
        """`till mötet den 12 december 2026`, or to the next one; "" when it is not put off."""
        return put_off_to(self)

    @property
    def round(self) -> int:
        """Which time it is dealt with, counted from 1: an att-sats gets at most one answer each time.

        The first begins when it is filed.
        """
        return max(1, self.handled)

    @property
    def filed_late(self) -> bool:
        """After the deadline that held when it was filed."""
        return bool(self.filed_at and self.deadline and self.filed_at > self.deadline)

    @property
    def asks(self) -> bool:
        """Numbered questions, to be answered at a meeting that is named."""
        return self.kind in ASKING

    @property
    def says(self) -> bool:
        """Text alone: it is not supported and not answered."""
        return self.kind in SAYING

    @property
    def standing(self) -> str:
        """How far it has come, from its own state and its claims' outcomes: a key of STATUS."""
        if self.state != states.State.FILED:
            return self.state
        outcomes = {claim.outcome for claim in self.claims.all()}
        if not outcomes or outcomes == {""}:
            return "filed"
        if len(outcomes) > 1 and outcomes & {"", Outcome.TABLED}:
            return "ongoing"
        return outcomes.pop() if len(outcomes) == 1 else "answered"

    @property
    def status(self) -> str:
        """The same in Swedish."""
        neuter, common = STATUS[self.standing]
        return neuter if self.words.neuter else common


def put_off_to(row: Any) -> str:
    """To when a motion, or a row of its history, is put off, in words."""
    if row.postponed_to is None:
        return ""
    return "till nästa möte" if row.next_time else f"till mötet den {date_format(row.postponed_to, 'j F Y')}"


class Outcome(models.TextChoices):
    """What the employer answered to an att-sats."""

    GRANTED = "granted", "bifalls"
    PARTLY_GRANTED = "partly_granted", "bifalls delvis"
    ANSWERED = "answered", "besvaras"
    REJECTED = "rejected", "avslås"
    TABLED = "tabled", "bordläggs"
    WITHDRAWN = "withdrawn", "återtas"


# What the employer can choose; that an att-sats was taken back is the union's own doing. A question is answered or put off.
ANSWERS = (Outcome.GRANTED, Outcome.PARTLY_GRANTED, Outcome.ANSWERED, Outcome.REJECTED, Outcome.TABLED)
ANSWERS_TO_QUESTIONS = (Outcome.ANSWERED, Outcome.TABLED)
# As said of a yrkande or yttrande, and of a skrivelse or fråga.
STATUS = {
    "draft": ("utkast", "utkast"),
    "filed": ("inlämnat", "inlämnad"),
    "withdrawn": ("återkallat", "återkallad"),
    "ongoing": ("delvis besvarat", "delvis besvarad"),
    "granted": ("bifallet", "bifallen"),
    "partly_granted": ("delvis bifallet", "delvis bifallen"),
    "answered": ("besvarat", "besvarad"),
    "rejected": ("avslaget", "avslagen"),
    "tabled": ("bordlagt", "bordlagd"),
}


def answers_to(kind: str) -> tuple[Outcome, ...]:
    """The outcomes that can be chosen for an att-sats or question of this kind."""
    return ANSWERS_TO_QUESTIONS if kind in ASKING else ANSWERS


# After these there is nothing more to answer.
FINAL = frozenset(Outcome) - {Outcome.TABLED}


class ClaimQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "ClaimQuerySet":
        return self.filter(motion__in=Motion.objects.visible_to(user)).select_related("motion")

    def unanswered(self) -> "ClaimQuerySet":
        """Those of open motions that have no final answer, no written one that can be released, and are not tabled this time."""
        settled = (
            Q(released_at=None, outdated=False)
            | Q(released_at__isnull=False, outcome__in=FINAL)
            | Q(released_at__isnull=False, round__gte=F("claim__motion__handled"))
        )
        done = Answer.objects.filter(settled, claim=OuterRef("pk"))
        return self.filter(~Exists(done), motion__in=Motion.objects.open())

    def with_outcome(self) -> "ClaimQuerySet":
        """With `told`: the outcome that everybody may read, "" when there is none; "withdrawn" for `Claim.taken_back`."""
        released = Answer.objects.filter(claim=OuterRef("pk"), released_at__isnull=False).order_by("-round", "-pk")
        settled = released.filter(outcome__in=FINAL, round__lt=OuterRef("motion__handled"))
        return self.annotate(
            told=models.Case(
                models.When(~Exists(settled), motion__state=states.State.WITHDRAWN, then=models.Value(Outcome.WITHDRAWN.value)),
                default=Coalesce(Subquery(released.values("outcome")[:1]), models.Value("")),
                output_field=models.CharField(),
            )
        )


class Claim(OfGroup, Recorded):
    """An att-sats: the unit that is supported and answered. `points` is a list of numbered points that can be referred to."""

    motion = models.ForeignKey(Motion, verbose_name="yrkande", on_delete=models.PROTECT, related_name="claims")
    position = models.PositiveSmallIntegerField("ordning")
    text = PlainTextField("att-sats")
    points = models.JSONField("numrerade punkter", default=list, blank=True)
    responsible = models.ForeignKey(
        Person, verbose_name="ska svara", null=True, blank=True, on_delete=models.PROTECT, related_name="claims_to_answer"
    )
    answer_by = models.DateField("senast", null=True, blank=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = "att-sats"
        verbose_name_plural = "att-satser"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["motion", "position"], name="claim_position_once", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                name="who_is_asked_has_a_day",
                condition=Q(responsible__isnull=True, answer_by__isnull=True)
                | Q(responsible__isnull=False, answer_by__isnull=False),
            ),
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

    def is_own(self, user: User, column: str = "") -> bool:
        return bool(user.unions_in(self.group_id, column) - user.same_voice(self.motion.party_id))

    def why_not(self, verb: str) -> tuple[str, str]:
        return self.motion.why_not(verb)

    @property
    def released(self) -> "Answer | None":
        """The answer that the union may read: the last one released."""
        answers = [answer for answer in self.answers.all() if answer.released_at]
        return max(answers, key=lambda answer: (answer.round, answer.pk)) if answers else None

    @property
    def put_off(self) -> bool:
        """Tabled this time: it is answered when the motion is taken up again."""
        answer = self.released
        return answer is not None and answer.outcome == Outcome.TABLED and answer.round >= self.motion.round

    @property
    def answer(self) -> "Answer | None":
        """What the union may read as the answer of this time.

        None when it was last put off, the time before this one, and when it was put off and then taken back.
        """
        answer = self.released
        tabled = answer is not None and answer.outcome == Outcome.TABLED
        return None if tabled and (self.taken_back or not self.put_off) else answer

    @property
    def taken_back(self) -> bool:
        """With its motion; what had its final answer when it was up before stands as it was answered."""
        answer = self.released
        settled = answer is not None and answer.outcome in FINAL and answer.round < self.motion.round
        return self.motion.state == states.State.WITHDRAWN and not settled

    @property
    def drafted(self) -> "Answer | None":
        """The answer that is being written, seen by the employer's side."""
        answers = [answer for answer in self.answers.all() if not answer.released_at]
        return answers[-1] if answers else None

    @property
    def outcome(self) -> str:
        """Of the last released answer; "" when there is none."""
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


class AnswerQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "AnswerQuerySet":
        """Released answers to what one may read; those being written only for the side that writes them."""
        written = Q(released_at__isnull=False) | Q(claim__motion__group__in=answering(user))
        return self.filter(written, claim__in=Claim.objects.visible_to(user)).select_related("claim__motion")


class Answer(OfGroup, Recorded):
    """The employer's answer to an att-sats, one for each time it is handled (`round`); seen by the union once released."""

    claim = models.ForeignKey(Claim, verbose_name="att-sats", on_delete=models.PROTECT, related_name="answers")
    round = models.PositiveSmallIntegerField("behandling", default=1)
    outcome = models.CharField("utfall", max_length=20, choices=Outcome)
    text = PlainTextField("svar")
    written_by = models.ForeignKey(Person, verbose_name="skrivet av", null=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField("utlämnat", null=True, blank=True)
    outdated = models.BooleanField("skrivet till en äldre text", default=False, editable=False)
    version = models.PositiveIntegerField("version", default=1, editable=False)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        verbose_name = "svar"
        verbose_name_plural = "svar"
        ordering = ["round", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["claim", "round"], name="one_answer_per_round"),
            models.CheckConstraint(
                name="no_outdated_answer_is_released", condition=Q(outdated=False) | Q(released_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.text[:60]}"

    # The permission table asks the answer as it asks its motion.
    @property
    def group_id(self) -> int:
        return self.claim.motion.group_id

    @property
    def letter(self) -> str:
        return self.claim.motion.letter

    def why_not(self, verb: str) -> tuple[str, str]:
        return self.claim.motion.why_not(verb)

    @property
    def waits(self) -> bool:
        """Written, and not to be released as it stands: to an older text, or for the next time."""
        return self.outdated or self.round > self.claim.motion.round


def receipt_number(motion: Any, serial: int, year: int) -> str:
    """What the receipt is called: group, year and serial number."""
    return f"{motion.group.abbreviation}-{motion.group_id}-{year}-{serial:04d}"
