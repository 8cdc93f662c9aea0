"""The meeting itself, its officers, and who goes to the board for the staff."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from meetings import states
from meetings.models.template import AgendaTemplate
from people.models import Group, Party, Person, User
from people.permissions import scope
from record.fields import PlainLineField
from record.history import Recorded

STOCKHOLM = ZoneInfo("Europe/Stockholm")
SEAL_TAKES = timedelta(minutes=10)  # at most; after that one is told that it is late


def instant(day: date, clock: time) -> datetime:
    """The instant that day and clock mean in Sweden. An hour that summer time skips, or gives twice, is refused."""
    local = datetime.combine(day, clock, STOCKHOLM)
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        raise ValidationError(
            f"Klockan {clock:%H:%M} den dagen går inte att använda, eftersom klockan ställs om då. Välj en annan tid."
        )
    return local


# What a page shows of the agenda.
AGENDA = (
    "paragraphs__items__appendix_links__appendix",
    "paragraphs__items__placements__motion",
    "paragraphs__placements__motion",
    "appendices__party__names",
    "agenda_changes__party__names",
    "agenda_changes__paragraph",
    "agenda_changes__appendix",
    "agenda_changes__motion__party__names",
)
# What is written and checked.
WRITTEN = (
    "officers__party__names",
    "attendances__presences",
    "attendances__interruptions",
    "template__items",
    "paragraphs__items__appendix_links",
    "paragraphs__items__disagreements",
    "paragraphs__placements__motion__claims__answers",
    "paragraphs__commitments__owner",
    "paragraphs__commitments__balance_item",
    "placements__motion__claims__answers",
    "appendices",
    "agenda_changes__party__names",
    "agenda_changes__motion__party__names",
    "personnel_reps__person",
    "personnel_reps__party__names",
    "balance_notes__item__closed_at",
    "balance_notes__under",
    "commitments",
)
# What is printed.
WHOLE = (
    "officers__person",
    "officers__party__names",
    "attendances__replaces",
    "attendances__party__names",
    "attendances__presences",
    "attendances__interruptions",
    "template__items",
    "paragraphs__items__decisions",
    "paragraphs__items__appendix_links",
    "paragraphs__items__disagreements__party__names",
    "paragraphs__placements",
    "placements__item",
    "placements__motion__group",
    "placements__motion__party__names",
    "placements__motion__claims__answers",
    "placements__motion__claims__supports__party__names",
    "appendices__party__names",
    "agenda_changes__party__names",
    "agenda_changes__motion__party__names",
    "personnel_reps__person",
    "personnel_reps__party__names",
    "balance_notes__item__closed_at",
    "balance_notes__under",
    "source",
    "statements",
    "commitments",
    "reservations",
)


class MeetingQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "MeetingQuerySet":
        """The meetings that the table lets `user` see, and those the user is elected to sign."""
        seen = scope(user, "see_meeting", letters=states.LETTERS)
        if user.person_id:
            # Not a join: that would give the same meeting twice.
            seen |= Q(pk__in=Officer.objects.filter(person=user.person_id).values("meeting"))
        return self.filter(seen).select_related("group")

    def readable_by(self, user: User) -> "MeetingQuerySet":
        """The meetings whose protocol text `user` may read."""
        readable = scope(user, "read_protocol", letters=states.LETTERS)
        if user.person_id:
            offices = Officer.objects.filter(person=user.person_id)
            adjusters = offices.filter(role=Officer.Role.ADJUSTER)
            readable |= Q(pk__in=adjusters.values("meeting"), state__in=states.FROZEN)
            readable |= Q(
                pk__in=offices.exclude(role=Officer.Role.ADJUSTER).values("meeting"),
                state__in=states.BEGUN,
            )
        return self.filter(readable)

    def whole(self) -> "MeetingQuerySet":
        """Each meeting with all that its protocol is made of, in a fixed number of queries."""
        return self.select_related("group__board", "template").prefetch_related(*WHOLE)

    def upcoming(self) -> "MeetingQuerySet":
        return self.filter(date__gte=timezone.localdate(), state__in=states.NOT_BEGUN).order_by("date", "starts")

    def awaiting_approval(self) -> "MeetingQuerySet":
        return self.filter(state=states.State.APPROVAL)

    def waiting_for_seal(self) -> "MeetingQuerySet":
        """Those that all have signed and nobody has sealed, each with the moment of the last signature: `adjusted_at`."""
        signed = Meeting.history.filter(id=OuterRef("pk"), history_verb=states.Verb.ADJUST).order_by("-history_date")
        return self.filter(state=states.State.ADJUSTED).annotate(adjusted_at=Subquery(signed.values("history_date")[:1]))


class Meeting(Recorded):
    """A meeting of a group, from the plan to the sealed protocol. Times are civil time in Sweden, as in the notice."""

    class Kind(models.TextChoices):
        PROTOCOL = "protocol", "protokoll"
        NOTES = "notes", "minnesanteckningar"

    group = models.ForeignKey(Group, verbose_name="grupp", on_delete=models.PROTECT, related_name="meetings")
    kind = models.CharField("slag", max_length=10, choices=Kind, default=Kind.PROTOCOL)
    date = models.DateField("datum", null=True, blank=True)
    starts = models.TimeField("börjar", null=True, blank=True)
    ends = models.TimeField("slutar", null=True, blank=True)
    place = PlainLineField("plats", max_length=300, blank=True, help_text="Adress och lokal, som det ska stå i protokollet.")
    channels = models.JSONField("digitala kanaler", default=list, blank=True)
    adjustment_day = models.DateField("justeringsdag", null=True, blank=True)
    board_meets_on = models.DateField("nämndens sammanträde", null=True, blank=True)
    deadline = models.DateTimeField("stopptid för yrkanden", null=True, blank=True)
    next_on = models.DateField("nästa möte", null=True, blank=True)
    next_at = models.TimeField("nästa möte klockan", null=True, blank=True)
    next_place = PlainLineField("nästa möte i", max_length=300, blank=True)
    template = models.ForeignKey(
        AgendaTemplate, verbose_name="dagordningsmall", null=True, on_delete=models.PROTECT, related_name="+"
    )
    previous = models.ForeignKey(
        "self", verbose_name="föregående möte", null=True, blank=True, on_delete=models.PROTECT, related_name="following"
    )
    state = models.CharField("tillstånd", max_length=10, choices=states.State, default=states.State.PLANNED, editable=False)
    called_at = models.DateTimeField("kallat", null=True, blank=True, editable=False)
    notices = models.PositiveSmallIntegerField("antal kallelser", default=0, editable=False)
    cancelled_why = PlainLineField("skäl för att ställa in", max_length=500, blank=True)
    privacy_reviewed_at = models.DateTimeField("personuppgifter granskade", null=True, blank=True, editable=False)
    adjusted_on = models.DateField("justerat enligt källan", null=True, blank=True, editable=False)
    loaded = models.BooleanField("inläst", default=False, editable=False, help_text="Inläst från fil, inte skrivet här.")
    version = models.PositiveIntegerField("version", default=1, editable=False)

    MOVES = states.MOVES
    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = "möte"
        verbose_name_plural = "möten"
        ordering = [F("date").desc(nulls_last=True), "-pk"]
        indexes = [models.Index(fields=["group", "state", "date"])]
        constraints = [
            models.CheckConstraint(
                name="meeting_ends_after_it_starts",
                condition=Q(ends__isnull=True) | Q(starts__isnull=True) | Q(ends__gt=F("starts")),
                violation_error_message="Mötet kan inte sluta innan det börjar.",
            ),
            models.CheckConstraint(name="meeting_state_is_known", condition=Q(state__in=states.State.values)),
            models.CheckConstraint(
                name="called_meeting_has_date",
                condition=Q(state__in=["planned", "cancelled"]) | Q(date__isnull=False) | Q(loaded=True),
            ),
            models.CheckConstraint(name="cancelled_meeting_has_reason", condition=~Q(state="cancelled") | ~Q(cancelled_why="")),
        ]

    def __str__(self) -> str:
        from django.utils.formats import date_format

        return f"{self.group.abbreviation} {date_format(self.date, 'j F Y') if self.date else 'utan datum'}"

    def clean(self) -> None:
        for clock, field in ((self.starts, "starts"), (self.ends, "ends")):
            if self.date and clock:
                try:
                    instant(self.date, clock)
                except ValidationError as error:
                    raise ValidationError({field: error.messages}) from error
        if self.starts and self.ends and self.ends <= self.starts:
            raise ValidationError({"ends": "Sluttiden måste vara efter starttiden."})

    @property
    def letter(self) -> str:
        return states.LETTERS[states.State(self.state)]

    @property
    def frozen(self) -> bool:
        """The text is locked."""
        return self.state in states.FROZEN

    @property
    def page(self) -> str:
        """Where one sees how far it has come."""
        return reverse("meetings:meeting", args=[self.pk])

    @property
    def seal_late_since(self) -> datetime | None:
        """When the last one signed, once the seal has been waited for longer than it takes; else None."""
        if self.state != states.State.ADJUSTED:
            return None
        if "adjusted_at" not in vars(self):
            self.adjusted_at = Meeting.objects.waiting_for_seal().filter(pk=self.pk).values_list("adjusted_at", flat=True).first()
        return self.adjusted_at if self.adjusted_at and timezone.now() - self.adjusted_at > SEAL_TAKES else None

    def why_not(self, verb: str) -> tuple[str, str]:
        state = states.State(self.state)
        return (verb in states.READS and states.NOT_READ.get(state)) or states.WHY_NOT[state]

    def elected(self, user: User) -> set[str]:
        """The officers' columns of the permission table that `user` has at this meeting."""
        if not user.person_id:
            return set()
        return {officer.role for officer in self.officers.all() if officer.person_id == user.person_id}

    def is_own(self, user: User, column: str = "") -> bool:
        """Somebody with a seat in the group acts for themself (their own absence, their own union's remark)."""
        return self.group_id in user.group_ids

    def officer(self, role: str) -> "Officer | None":
        """The chair or the secretary, when appointed."""
        return next((officer for officer in self.officers.all() if officer.role == role), None)

    @property
    def adjusters(self) -> "list[Officer]":
        return [officer for officer in self.officers.all() if officer.role == Officer.Role.ADJUSTER]


class PartQuerySet(models.QuerySet):
    """Rows that belong to a meeting, directly or through `to_meeting`."""

    to_meeting = "meeting"

    def visible_to(self, user: User) -> "PartQuerySet":
        """The parts of the meetings that `user` may see."""
        return self.filter(**{f"{self.to_meeting}__in": Meeting.objects.visible_to(user)}).select_related(
            f"{self.to_meeting}__group"
        )


class PartOfMeeting(models.Model):
    """Answers the permission table as its meeting does. It has `meeting`, as a field or through another row."""

    class Meta:
        abstract = True

    @property
    def group_id(self) -> int:
        return self.meeting.group_id

    @property
    def letter(self) -> str:
        return self.meeting.letter

    def elected(self, user: User) -> set[str]:
        return self.meeting.elected(user)

    def is_own(self, user: User, column: str = "") -> bool:
        return self.meeting.is_own(user, column)

    def why_not(self, verb: str) -> tuple[str, str]:
        return self.meeting.why_not(verb)


class Officer(PartOfMeeting, Recorded):
    """The chair, the secretary or an adjuster of one meeting: those who sign its protocol. Name and title as on that day."""

    class Role(models.TextChoices):
        CHAIR = "chair", "ordförande"
        SECRETARY = "secretary", "sekreterare"
        ADJUSTER = "adjuster", "justerare"

    meeting = models.ForeignKey(Meeting, verbose_name="möte", on_delete=models.PROTECT, related_name="officers")
    role = models.CharField("uppgift", max_length=10, choices=Role)
    person = models.ForeignKey(Person, verbose_name="person", on_delete=models.PROTECT, related_name="offices")
    name = PlainLineField("namn", max_length=120)
    title = PlainLineField("titel", max_length=120, blank=True)
    party = models.ForeignKey(Party, verbose_name="part", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField("ordning", default=0)

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = "funktionär"
        verbose_name_plural = "funktionärer"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "role"],
                condition=~Q(role="adjuster"),
                name="one_chair_one_secretary",
                violation_error_message="Mötet har redan en ordförande och en sekreterare.",
            ),
            models.UniqueConstraint(
                fields=["meeting", "role", "person"], name="officer_once", violation_error_message="Personen är redan vald."
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.get_role_display()}"


class PersonnelRep(Recorded):
    """Somebody who will be at the board's next meeting for the staff; also among those absent here."""

    meeting = models.ForeignKey(Meeting, verbose_name="möte", on_delete=models.PROTECT, related_name="personnel_reps")
    person = models.ForeignKey(Person, verbose_name="person", on_delete=models.PROTECT, related_name="+")
    party = models.ForeignKey(Party, verbose_name="part", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "personalföreträdare"
        verbose_name_plural = "personalföreträdare"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["meeting", "person"], name="personnel_rep_once")]

    def __str__(self) -> str:
        return str(self.person)
