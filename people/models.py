"""Who takes part: log-ins, persons, parties with dated names, the tree of groups, and the mandates that give rights."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Now
from django.utils import timezone
from simple_history.models import HistoricalRecords

from people.permissions import OfGroup, column_of, table
from record.fields import PlainLineField
from record.history import HistoryRows, Recorded, Remembered
from record.models import Chain


def today() -> date:
    """The date in Sweden."""
    return timezone.localdate()


def open_to(user: "User", path: str = "") -> Q:
    """Whose real name and address `user` may meet: a condition on persons or, with `path`, on rows that belong to one.

    Everybody's who is not protected, one's own, and those of the groups that one keeps by a mandate. A system administrator keeps
    log-ins and no group: they open one person at a time, on its own page (people/admin.py).
    """
    at = f"{path}__" if path else ""
    seated = Mandate.objects.filter(group__in=user.kept_ids).values("person")
    condition = Q(**{f"{at}protected": False}) | Q(**{f"{at}pk": user.person_id or 0}) | Q(**{f"{at}pk__in": seated})
    return condition | Q(**{f"{path}__isnull": True}) if path else condition


def searchable(user: "User", field: str, path: str = "") -> Case:
    """The column as a search by `user` may meet it: empty where it is closed to them, so that no search confirms a guess."""
    return Case(When(open_to(user, path), then=F(field)), default=Value(""), output_field=models.CharField())


class PersonQuerySet(models.QuerySet):
    def visible_to(self, user: "User") -> "PersonQuerySet":
        """The persons that share a group with `user`; everybody for those who keep the registry."""
        if user.is_staff or user.roles_anywhere & {"hr"}:
            return self
        return self.filter(mandates__group__in=user.group_ids).distinct()


def by_shown_name(at: str = "") -> Case:
    """A person's name as others may see it, to sort by: an order by the real name would tell how it begins.

    `at` is the way to the person, as `"person__"`.
    """
    return Case(When(**{f"{at}protected": True}, then=f"{at}shown_name"), default=f"{at}name")


class Person(Recorded):
    """A human being who takes part in meetings, with or without a log-in."""

    name = PlainLineField("namn", max_length=120)
    email = models.EmailField("e-post för kallelser", blank=True, help_text="Används tills personen har ett eget inlogg.")
    protected = models.BooleanField(
        "skyddade personuppgifter", default=False, help_text="Kontaktuppgifter visas aldrig och namnet ersätts där det visas."
    )
    shown_name = PlainLineField(
        "visat namn", max_length=120, blank=True, help_text="Skrivs i stället för namnet när uppgifterna är skyddade."
    )

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "personer"
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                name="protected_person_has_shown_name",
                condition=Q(protected=False) | ~Q(shown_name=""),
                violation_error_message="Skriv vilket namn som ska visas för en person med skyddade uppgifter.",
            )
        ]

    def __str__(self) -> str:
        return self.display

    @property
    def display(self) -> str:
        """The name as others may see it."""
        return self.shown_name if self.protected else self.name

    def is_open_to(self, user: "User") -> bool:
        """Whether `user` may meet the real name and the address; see `open_to`."""
        return not self.protected or Person.objects.filter(open_to(user), pk=self.pk).exists()

    @property
    def address(self) -> str:
        """Where mail goes: the log-in's primary address, else the registered one, else nowhere."""
        user = getattr(self, "user", None)
        return user.email if user is not None and user.is_active else self.email


class UserManager(BaseUserManager):
    def get_by_natural_key(self, username: str) -> "User":
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A log-in; without a password it cannot be used until one is set."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class Held(NamedTuple):
    """A mandate that gives rights today; one row more, with `heir`, for each union that has merged into the mandate's."""

    mandate: int
    role: str
    group: int
    party: int | None
    heir: int | None = None  # the union that speaks for `party` now


class Proof(models.TextChoices):
    """A change of how somebody proves who they are, told as what they did."""

    PASSWORD = "password", "bytte lösenord"
    FIRST = "first", "valde ett första lösenord genom en inbjudan"
    RESET = "reset", "valde nytt lösenord genom en länk i ett mejl"
    ADDRESS_ADDED = "address_added", "lade till en e-postadress"
    ADDRESS_CONFIRMED = "address_confirmed", "bekräftade en e-postadress"
    ADDRESS_REMOVED = "address_removed", "tog bort en e-postadress"
    PRIMARY = "primary", "bytte huvudadress"
    STEP_ADDED = "step_added", "satte på inloggning i två steg"
    STEP_REMOVED = "step_removed", "stängde av inloggning i två steg"
    CODES = "codes", "skapade nya reservkoder"
    REPLACED = "replaced", "fick en annan e-postadress"
    SESSIONS = "sessions", "avslutade alla andra inloggningar"


class User(AbstractBaseUser, PermissionsMixin):
    """A log-in. Rights come from the person's mandates; a system administrator keeps the registry and has none of them."""

    email = models.EmailField("e-post", unique=True)
    person = models.OneToOneField(
        Person, verbose_name="person", null=True, blank=True, on_delete=models.PROTECT, related_name="user"
    )
    is_active = models.BooleanField("aktivt", default=True)
    is_staff = models.BooleanField("når administrationen", default=False)
    invited_at = models.DateTimeField("inbjuden", null=True, blank=True)
    activated_at = models.DateTimeField("aktiverad", null=True, blank=True)
    proof_changed_at = models.DateTimeField("ändrade sitt sätt att logga in", null=True, blank=True)
    proof_change = models.CharField("ändringen", max_length=20, choices=Proof, blank=True, default="", db_default="")

    # Not `Recorded`: the history must not keep old password hashes.
    history = HistoricalRecords(bases=[Remembered], history_manager=HistoryRows, excluded_fields=["password", "last_login"])
    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        verbose_name = "inlogg"
        verbose_name_plural = "inlogg"
        ordering = ["email"]

    def __str__(self) -> str:
        return self.person.display if self.person else self.email

    @property
    def signs_from(self) -> datetime | None:
        """When they may sign again after a change of how they prove who they are; None when nothing holds them."""
        if self.proof_changed_at is None:
            return None
        opens = self.proof_changed_at + timedelta(hours=settings.SIGNING_PAUSE_HOURS)
        return opens if opens > timezone.now() else None

    @cached_property
    def held(self) -> tuple[Held, ...]:
        """Today's mandates; HR's and the auditor's reach the whole subtree of their group."""
        if not self.is_active or self.person_id is None:
            return ()
        mandates = [
            Held(*row)
            for row in Mandate.objects.valid_on(today()).filter(person=self.person_id).values_list("pk", "role", "group", "party")
        ]
        below = Group.subtrees({row.group for row in mandates if row.role in Role.COVERS_SUBTREE})
        merged = Party.objects.merged() if any(row.party for row in mandates) else {}
        mandates += [
            row._replace(party=party, heir=heir) for row in mandates for party, heir in merged.items() if row.party == heir
        ]
        return tuple(
            row._replace(group=group)
            for row in mandates
            for group in (sorted(below[row.group]) if row.role in Role.COVERS_SUBTREE else [row.group])
        )

    @cached_property
    def serving(self) -> frozenset[int]:
        """Mandates by which this substitute has been called in, for a meeting that is today or later."""
        substitutes = [row.mandate for row in self.held if row.role == Role.SUBSTITUTE]
        if not substitutes:
            return frozenset()
        return frozenset(Service.objects.filter(mandate__in=substitutes, date__gte=today()).values_list("mandate", flat=True))

    @property
    def group_ids(self) -> set[int]:
        return {row.group for row in self.held}

    @property
    def roles_anywhere(self) -> set[str]:
        return {row.role for row in self.held}

    @property
    def kept_ids(self) -> set[int]:
        """The groups whose registry a mandate lets this user keep."""
        cells = table()["administer"].cells
        return {row.group for row in self.held if cells[column_of(row.role)].states}

    def roles_in(self, group: int) -> set[str]:
        """The roles this user holds today in the group with this id."""
        return {row.role for row in self.held if row.group == group}

    def unions_in(self, group: int, column: str = "") -> set[int]:
        """The unions this user represents today in that group; with `column`, those represented in that role of the table."""
        return {
            row.party
            for row in self.held
            if row.group == group and row.party is not None and row.role in Role.OF_UNIONS and column in ("", column_of(row.role))
        }

    def same_voice(self, party: int) -> set[int]:
        """The party, and those of this user's that are one with it since a merger."""
        found = {party}
        for row in self.held:
            if row.heir is not None and party in (row.party, row.heir):
                found |= {row.party, row.heir}
        return found


class PartyQuerySet(models.QuerySet):
    def unions(self) -> "PartyQuerySet":
        return self.filter(kind="union")

    def with_names(self) -> "PartyQuerySet":
        return self.prefetch_related("names")

    def merged(self) -> dict[int, int]:
        """Each union that has merged into another → the one that speaks for it today, be it after several mergers."""
        successors = dict(self.filter(successor__isnull=False).values_list("pk", "successor"))
        heirs = {}
        for party in successors:
            heir, seen = party, {party}
            while heir in successors and successors[heir] not in seen:
                heir = successors[heir]
                seen.add(heir)
            if heir != party:
                heirs[party] = heir
        return heirs

    def with_heirs(self, pks: Iterable[int]) -> set[int]:
        """These parties, and those that they have merged into."""
        wanted, merged = set(pks), self.merged()
        return wanted | {merged[pk] for pk in wanted if pk in merged}


class Party(Recorded):
    """A union, or the employer as a side. Its names are dated: a protocol prints the one valid on its day."""

    class Kind(models.TextChoices):
        EMPLOYER = "employer", "arbetsgivare"
        UNION = "union", "facklig organisation"

    kind = models.CharField("slag", max_length=10, choices=Kind, default=Kind.UNION)
    successor = models.ForeignKey(
        "self", verbose_name="efterföljare", null=True, blank=True, on_delete=models.PROTECT, related_name="predecessors"
    )
    position = models.PositiveSmallIntegerField("ordning", default=0)
    contact = models.EmailField(
        "kontaktadress",
        blank=True,
        default="",
        db_default="",
        help_text="Organisationens egen adress. Dit går frågan om ett uppdrag är rätt, tills någon i organisationen har ett "
        "inlogg. Visas ingen annanstans.",
    )

    objects = PartyQuerySet.as_manager()

    class Meta:
        verbose_name = "part"
        verbose_name_plural = "parter"
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="party_is_not_its_own_successor",
                condition=Q(successor__isnull=True) | ~Q(successor=F("id")),
                violation_error_message="En organisation kan inte gå upp i sig själv.",
            )
        ]

    def __str__(self) -> str:
        return self.name_on(today())

    def clean(self) -> None:
        before = Party.objects.filter(pk=self.pk).values_list("successor", flat=True).first()
        if self.successor_id != before and (why := self.why_not_into(self.successor)):
            raise ValidationError({"successor": why})

    def why_not_into(self, heir: "Party | None") -> str:
        """Why this party cannot have merged into `heir`, in words for people; "" when it can. The guards say most of it too."""
        if heir is None:
            return ""
        if heir.pk == self.pk:
            return "En organisation kan inte gå upp i sig själv."
        if self.kind != Party.Kind.UNION:
            return "Bara en facklig organisation kan gå upp i en annan."
        if heir.kind != Party.Kind.UNION:
            return "Efterföljaren måste vara en facklig organisation."
        if heir.successor_id is None:
            return ""
        if heir.successor_id == self.pk:
            return f"{heir} har redan gått upp i {self}. Ändra först det."
        return f"{heir} har redan gått upp i {heir.successor}: välj {heir.successor}."

    def names_on(self, day: date) -> "PartyName | None":
        """The name and abbreviation valid on `day`; before the first, the first."""
        names = sorted(self.names.all(), key=lambda name: (name.valid_from or date.min, name.pk))
        valid = [name for name in names if (name.valid_from or date.min) <= day]
        return valid[-1] if valid else names[0] if names else None

    def name_on(self, day: date) -> str:
        name = self.names_on(day)
        return name.name if name else f"part {self.pk}"

    def short_on(self, day: date) -> str:
        """The abbreviation, where the party has one."""
        name = self.names_on(day)
        return (name.abbreviation or name.name) if name else f"part {self.pk}"


class PartyName(Recorded):
    """What a party is called from a day on (no day: from the beginning)."""

    party = models.ForeignKey(Party, verbose_name="part", on_delete=models.PROTECT, related_name="names")
    name = PlainLineField("namn", max_length=120)
    abbreviation = PlainLineField("förkortning", max_length=30, blank=True)
    valid_from = models.DateField("gäller från", null=True, blank=True)

    class Meta:
        verbose_name = "namn på part"
        verbose_name_plural = "namn på part"
        ordering = [F("valid_from").asc(nulls_first=True), "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["party", "valid_from"],
                name="one_party_name_a_day",
                violation_error_message="Parten har redan ett namn från den dagen.",
            ),
            models.UniqueConstraint(
                fields=["party"],
                condition=Q(valid_from__isnull=True),
                name="one_first_party_name",
                violation_error_message="Parten har redan ett första namn. Ange från vilken dag det nya gäller.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.abbreviation})" if self.abbreviation else self.name


class GroupQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "GroupQuerySet":
        """The groups where `user` holds a mandate today; all of them for a system administrator, who keeps the registry."""
        return self if user.is_staff else self.filter(pk__in=user.group_ids)

    def meeting_groups(self) -> "GroupQuerySet":
        """Groups that hold meetings here; a board is only somebody's board."""
        return self.exclude(kind=Group.Kind.BOARD)


class Group(OfGroup, Recorded):
    """A samverkansgrupp in the tree, or a board that one of them is tied to."""

    class Kind(models.TextChoices):
        CENTRAL = "central", "central samverkansgrupp"
        FVG = "fvg", "förvaltningsgrupp (FVG)"
        SVG = "svg", "samverkansgrupp (SVG)"
        LOCAL = "local", "lokal samverkansgrupp"
        APT = "apt", "arbetsplatsträff (APT)"
        BOARD = "board", "nämnd"

    class Empty(models.TextChoices):
        KEEP = "keep", "behåll tomma paragrafer"
        DROP = "drop", "utelämna tomma paragrafer och numrera om"

    kind = models.CharField("slag", max_length=10, choices=Kind, default=Kind.SVG)
    name = PlainLineField("namn", max_length=120, help_text="Till exempel Förvaltningsgruppen eller SVG Jobbcentrum.")
    definite = PlainLineField("bestämd form", max_length=120, help_text="Som i löpande text: förvaltningsgruppen.")
    abbreviation = PlainLineField("förkortning", max_length=30)
    organisation = PlainLineField("förvaltning", max_length=120)
    parent = models.ForeignKey(
        "self", verbose_name="överordnad grupp", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    board = models.ForeignKey(
        "self",
        verbose_name="nämnd",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="groups_of_board",
        limit_choices_to={"kind": "board"},
    )
    is_safety_committee = models.BooleanField("är skyddskommitté", default=False)
    empty_paragraphs = models.CharField("tomma paragrafer", max_length=4, choices=Empty, default=Empty.DROP)
    negotiation_days = models.PositiveSmallIntegerField(
        "dagar till central förhandling",
        null=True,
        blank=True,
        help_text="Hur många dagar efter mötet en part kan begära central förhandling, enligt ert avtal. Tomt: ingen dag visas.",
    )
    valid_from = models.DateField("från", null=True, blank=True)
    valid_to = models.DateField("till", null=True, blank=True)
    chain = models.OneToOneField(Chain, verbose_name="händelsekedja", on_delete=models.PROTECT, editable=False)

    objects = GroupQuerySet.as_manager()

    class Meta:
        verbose_name = "grupp"
        verbose_name_plural = "grupper"
        ordering = ["organisation", "kind", "name", "pk"]
        constraints = [
            models.CheckConstraint(
                name="group_ends_after_it_starts",
                condition=Q(valid_to__isnull=True) | Q(valid_from__isnull=True) | Q(valid_to__gte=F("valid_from")),
                violation_error_message="Gruppen kan inte sluta innan den börjar.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.abbreviation} {self.organisation}" if self.kind == self.Kind.FVG else self.name

    def clean(self) -> None:
        seen, above = {self.pk}, self.parent
        while above is not None:
            if above.pk in seen:
                raise ValidationError({"parent": "En grupp kan inte ligga under sig själv."})
            seen.add(above.pk)
            above = above.parent

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.chain_id is None:  # the log is there from the first day
            import uuid

            self.chain = Chain.objects.create(key=f"group:{uuid.uuid4()}")
        super().save(*args, **kwargs)

    def holders(self, *roles: str) -> list[Person]:
        """Those with such a seat here today, each once."""
        return self.mandates.valid_on(today()).filter(role__in=roles).persons()

    def speaking_for(self, parties: Iterable[int]) -> list[Person]:
        """Those who speak here today for these unions, or for what they have merged into, each once."""
        heirs = Party.objects.with_heirs(parties)
        return self.mandates.valid_on(today()).filter(role__in=Role.SPEAKING, party__in=heirs).persons()

    @staticmethod
    def subtrees(tops: set[int]) -> dict[int, set[int]]:
        """For each group in `tops`: itself and every group below it. One query, or none."""
        if not tops:
            return {}
        below: dict[int | None, list[int]] = {}
        for pk, parent in Group.objects.values_list("pk", "parent_id"):
            below.setdefault(parent, []).append(pk)
        trees = {}
        for top in tops:
            reached, waiting = set(), [top]
            while waiting:
                here = waiting.pop()
                if here not in reached:
                    reached.add(here)
                    waiting += below.get(here, [])
            trees[top] = reached
        return trees

    # What the permission table asks of a thing (see people/permissions.py).
    @property
    def group_id(self) -> int:
        return self.pk

    letter = None


class Role(models.TextChoices):
    """What a mandate makes somebody in a group."""

    SECRETARY = "secretary", "sekreterare"
    CHAIR = "chair", "ordförande"
    EMPLOYER_REP = "employer_rep", "arbetsgivarrepresentant"
    UNION_REP = "union_rep", "facklig representant"
    SUBSTITUTE = "substitute", "ersättare"
    SAFETY_REP = "safety_rep", "skyddsombud"
    CHIEF_SAFETY_REP = "chief_safety_rep", "huvudskyddsombud"
    HR = "hr", "HR/registrator"
    AUDITOR = "auditor", "revisor"


# Enum members may not be mutable attributes of the enum itself; these sets belong to it all the same.
Role.COVERS_SUBTREE = frozenset({Role.HR, Role.AUDITOR})
Role.OF_UNIONS = frozenset({Role.UNION_REP, Role.SUBSTITUTE, Role.SAFETY_REP, Role.CHIEF_SAFETY_REP})
Role.SPEAKING = Role.OF_UNIONS - {Role.SUBSTITUTE}  # who is written to on behalf of a union
Role.SIGNING = frozenset(Role) - {Role.HR, Role.AUDITOR}  # who may come to sign a protocol, in an office or elected
Role.SEATS = frozenset({Role.SECRETARY, Role.CHAIR, Role.EMPLOYER_REP, Role.UNION_REP, Role.SAFETY_REP, Role.CHIEF_SAFETY_REP})


class MandateQuerySet(models.QuerySet):
    def valid_on(self, day: date) -> "MandateQuerySet":
        """Mandates in force on `day`, in groups that exist that day; a union's only when it has been confirmed."""
        return self.filter(
            Q(confirmed_at__isnull=False) | ~Q(role__in=Role.OF_UNIONS),
            Q(starts__lte=day),
            Q(ends__isnull=True) | Q(ends__gte=day),
            Q(group__valid_to__isnull=True) | Q(group__valid_to__gte=day),
        )

    def in_printing_order(self) -> "MandateQuerySet":
        """Chair first, then employer seats, then unions by party, then by seat."""
        return self.order_by("party__kind", "party__position", "position", by_shown_name("person__"), "pk")

    def persons(self) -> list[Person]:
        """Those who sit there, each once, with their log-ins."""
        return list(Person.objects.filter(pk__in=self.values("person")).select_related("user").order_by("pk"))


class Mandate(Recorded):
    """A person's seat in a group, from a day to a day. This is where rights come from."""

    person = models.ForeignKey(Person, verbose_name="person", on_delete=models.PROTECT, related_name="mandates")
    group = models.ForeignKey(Group, verbose_name="grupp", on_delete=models.PROTECT, related_name="mandates")
    party = models.ForeignKey(
        Party, verbose_name="part", null=True, blank=True, on_delete=models.PROTECT, related_name="mandates"
    )
    role = models.CharField("roll", max_length=20, choices=Role)
    title = PlainLineField("titel", max_length=120, blank=True, help_text="Som den skrivs i protokollet, till exempel HR-chef.")
    position = models.PositiveSmallIntegerField("ordning", default=0)
    starts = models.DateField("från", default=today)
    ends = models.DateField("till", null=True, blank=True)
    substitute_for = models.ForeignKey(
        "self", verbose_name="ersätter", null=True, blank=True, on_delete=models.PROTECT, related_name="substitutes"
    )
    # Counts only for a union's mandate; one that is entered in the administration begins without (people/confirming.py).
    confirmed_at = models.DateTimeField("bekräftat", null=True, blank=True, default=timezone.now, db_default=Now())
    confirmed_by = models.ForeignKey(
        User, verbose_name="bekräftat av", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = MandateQuerySet.as_manager()

    class Meta:
        verbose_name = "uppdrag"
        verbose_name_plural = "uppdrag"
        ordering = ["group", "position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="mandate_ends_after_it_starts",
                condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")),
                violation_error_message="Uppdraget kan inte sluta innan det börjar.",
            ),
            models.CheckConstraint(
                name="union_mandate_has_a_party",
                condition=~Q(role__in=["union_rep", "substitute", "safety_rep", "chief_safety_rep"]) | Q(party__isnull=False),
                violation_error_message="Ange vilken part uppdraget gäller.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.get_role_display()} i {self.group}"

    def clean(self) -> None:
        if self.party is None:
            return
        article = "Ett" if self.role in (Role.SAFETY_REP, Role.CHIEF_SAFETY_REP) else "En"
        if self.role in Role.OF_UNIONS and self.party.kind != Party.Kind.UNION:
            role = self.get_role_display()
            raise ValidationError({"party": f"{article} {role} företräder en facklig organisation. Välj en annan part."})
        if self.role == Role.EMPLOYER_REP and self.party.kind != Party.Kind.EMPLOYER:
            raise ValidationError({"party": "En arbetsgivarrepresentant företräder arbetsgivaren. Välj en annan part."})

    @property
    def waits(self) -> bool:
        """It gives no rights yet: a second person has to confirm it."""
        return self.role in Role.OF_UNIONS and self.confirmed_at is None

    @property
    def how_it_waits(self) -> str:
        """What became of the question whether it is right, for one that gives no rights. Prefetch `waiting` for many."""
        last = max(self.waiting.all(), key=lambda one: one.pk, default=None)
        if last is None or last.settled_at is None:
            return "Väntar på bekräftelse"
        return "Begäran är återtagen" if last.settled_by_id == last.asked_by_id else "Avslaget"

    @property
    def side(self) -> str:
        """`employee` for a union's seat, else `employer`."""
        return "employee" if self.party_id and self.party.kind == Party.Kind.UNION else "employer"


class Waiting(Recorded):
    """What one person has entered and another has to confirm before it counts.

    An address for a log-in, a union's mandate, what a party has merged into, its contact, or another system administrator.
    """

    class Kind(models.TextChoices):
        ADDRESS = "address", "ny e-postadress"
        MANDATE = "mandate", "fackligt uppdrag"
        SUCCESSOR = "successor", "efterföljare till en part"
        CONTACT = "contact", "kontaktadress till en part"
        STAFF = "staff", "systemadministratör"

    kind = models.CharField("slag", max_length=10, choices=Kind)
    user = models.ForeignKey(User, verbose_name="inlogg", null=True, on_delete=models.PROTECT, related_name="waiting")
    email = models.EmailField("ny adress", blank=True)  # of a mandate: where its person is invited, "" when nobody knows yet
    reason = PlainLineField("skäl", max_length=200, blank=True)
    mandate = models.ForeignKey(Mandate, verbose_name="uppdrag", null=True, on_delete=models.PROTECT, related_name="waiting")
    party = models.ForeignKey(Party, verbose_name="part", null=True, on_delete=models.PROTECT, related_name="waiting")
    successor = models.ForeignKey(Party, verbose_name="efterföljare", null=True, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(User, verbose_name="begärt av", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("begärt", default=timezone.now)
    settled_at = models.DateTimeField("avgjort", null=True)
    settled_by = models.ForeignKey(User, verbose_name="avgjort av", null=True, on_delete=models.PROTECT, related_name="+")
    confirmed = models.BooleanField("bekräftat", null=True)

    class Meta:
        verbose_name = "väntar på bekräftelse"
        verbose_name_plural = "väntar på bekräftelse"
        ordering = ["asked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="waiting_is_about_one_thing",
                condition=(
                    Q(kind__in=["address", "staff"], user__isnull=False, mandate__isnull=True, party__isnull=True)
                    | Q(kind="mandate", user__isnull=True, mandate__isnull=False, party__isnull=True)
                    | Q(kind__in=["successor", "contact"], user__isnull=True, mandate__isnull=True, party__isnull=False)
                )
                & (Q(kind="successor") | Q(successor__isnull=True))
                & (~Q(kind="address") | ~Q(email=""))
                & (Q(kind__in=["address", "mandate", "contact"]) | Q(email="")),
            ),
            models.CheckConstraint(
                name="waiting_is_settled_one_way",
                condition=Q(settled_at__isnull=True, confirmed__isnull=True)
                | Q(settled_at__isnull=False, confirmed__isnull=False),
            ),
            models.UniqueConstraint(fields=["user", "kind"], condition=Q(settled_at__isnull=True), name="one_address_waits"),
            models.UniqueConstraint(fields=["mandate"], condition=Q(settled_at__isnull=True), name="one_mandate_waits"),
            models.UniqueConstraint(fields=["party", "kind"], condition=Q(settled_at__isnull=True), name="one_change_waits"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def subject(self) -> Person | None:
        """Whom it is about; None for a party, and for a log-in that is nobody's."""
        return self.user.person if self.user_id else self.mandate.person if self.mandate_id else None

    @property
    def about(self) -> Person | User | Party:
        """What it is about, to be named."""
        return self.subject or self.user or self.party


class Service(Recorded):
    """A substitute has been called in for a meeting day; only then do the substitute's rights count."""

    mandate = models.ForeignKey(Mandate, verbose_name="uppdrag", on_delete=models.PROTECT, related_name="services")
    date = models.DateField("dag")

    class Meta:
        verbose_name = "tjänstgöring"
        verbose_name_plural = "tjänstgöringar"
        constraints = [models.UniqueConstraint(fields=["mandate", "date"], name="service_once_a_day")]

    def __str__(self) -> str:
        return f"{self.mandate} {self.date}"


class Silence(Recorded):
    """A person has said no to one kind of letter. It counts only for kinds that may be refused (people/letters.py)."""

    person = models.ForeignKey(Person, verbose_name="person", on_delete=models.PROTECT, related_name="silences")
    kind = models.CharField("slag", max_length=40)

    class Meta:
        verbose_name = "bortvalt mejl"
        verbose_name_plural = "bortvalda mejl"
        ordering = ["person", "kind"]
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="silence_once_per_kind")]

    def __str__(self) -> str:
        return f"bortvalt {self.pk}"


class LetterQuerySet(models.QuerySet):
    def waiting(self) -> "LetterQuerySet":
        """Those that are to be sent, and have not been."""
        return self.filter(sent_at=None, set_aside_at=None)

    def due(self, now: datetime) -> "LetterQuerySet":
        """Those that wait, may be tried now, and are in nobody's hands."""
        return self.waiting().filter(Q(taken_until=None) | Q(taken_until__lte=now), due_at__lte=now)


class Letter(models.Model):
    """A mail to one recipient, kept until it is sent. It never carries protocol text, and its subject never names a union.

    It waits until it is sent, or until somebody puts it aside. Who tries to send it holds it until `taken_until`; another moment
    there tells one who has slept over it that the letter is somebody else's by now.
    """

    kind = models.CharField("slag", max_length=40)
    person = models.ForeignKey(Person, verbose_name="person", null=True, on_delete=models.PROTECT, related_name="letters")
    address = models.EmailField("adress")
    subject = models.CharField("ämne", max_length=200)
    body = models.TextField("text")
    calendar = models.TextField("kalenderfil", blank=True)
    calendar_method = models.CharField(max_length=10, blank=True)
    thread = models.CharField("tråd", max_length=80, blank=True)
    # What may come once in a while comes after the one before (its key, or 0): of two that write at once one is refused.
    after = models.BigIntegerField("efter brev", null=True, blank=True, editable=False)
    created_at = models.DateTimeField("skapat", default=timezone.now)
    due_at = models.DateTimeField("nästa försök", default=timezone.now, db_default=Now())
    taken_until = models.DateTimeField("på väg till", null=True, blank=True)
    sent_at = models.DateTimeField("skickat", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("försök", default=0)
    fault = models.CharField("fel", max_length=200, blank=True)
    refused = models.BooleanField("mottagaren avvisas", default=False, db_default=False)
    set_aside_at = models.DateTimeField("undanlagt", null=True, blank=True)
    set_aside_by = models.ForeignKey(
        User, verbose_name="undanlagt av", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = "brev"
        verbose_name_plural = "brev"
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["sent_at", "set_aside_at", "due_at"])]
        constraints = [
            models.UniqueConstraint(fields=["kind", "person", "thread", "after"], name="letter_follows_another_once"),
            models.CheckConstraint(
                name="set_aside_letter_is_not_sent", condition=Q(set_aside_at__isnull=True) | Q(sent_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"brev {self.pk}"  # the outbox is looked through by people who may not know what letters say

    @property
    def under_way(self) -> bool:
        """Whether somebody is sending it just now."""
        return self.sent_at is None and self.taken_until is not None and self.taken_until > timezone.now()
