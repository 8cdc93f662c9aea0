"""What the meeting is about: paragraphs, the items under them, placed motions, appendices and changes of the agenda."""

from django.db import models
from django.db.models import Q

from meetings.models.meeting import Meeting, PartOfMeeting, PartQuerySet
from motions.models import Motion
from people.models import Group, Party, Person
from record.fields import PlainLineField, PlainTextField
from record.history import Recorded
from record.text import to_words


class Paragraph(PartOfMeeting, Recorded):
    """A § of the protocol. Its number is counted when it is shown; only the frozen text fixes it."""

    meeting = models.ForeignKey(Meeting, verbose_name="möte", on_delete=models.PROTECT, related_name="paragraphs")
    slug = models.SlugField("nyckel i mallen", max_length=40, blank=True)
    heading = PlainLineField("rubrik", max_length=300, blank=True)
    section = PlainLineField("avdelning", max_length=60, blank=True)
    position = models.PositiveSmallIntegerField("ordning")
    text = PlainTextField("text")
    only_with_content = models.BooleanField("skrivs bara ut med innehåll", default=False)
    done = models.BooleanField("klar", default=False)
    source_number = models.PositiveSmallIntegerField("nummer i källan", null=True, blank=True, editable=False)
    version = models.PositiveIntegerField("version", default=1, editable=False)

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = "paragraf"
        verbose_name_plural = "paragrafer"
        ordering = ["meeting", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "position"], name="paragraph_position_once", deferrable=models.Deferrable.DEFERRED
            )
        ]

    def __str__(self) -> str:
        return self.heading


class ItemQuerySet(PartQuerySet):
    to_meeting = "paragraph__meeting"

    def for_board(self, meeting: Meeting) -> "ItemQuerySet":
        """The meeting's matters in printing order, with what the board decided; those before decision only where there is one."""
        return (
            self.filter(paragraph__meeting=meeting, kind__in=Item.kinds_for_board(meeting.group))
            .select_related("paragraph")
            .prefetch_related("board_decision__entries")
            .order_by("paragraph__position", "paragraph_id", "position", "pk")
        )


class Item(PartOfMeeting, Recorded):
    """A point under a §: a topic, a matter for the board, or a matter before the employer's decision."""

    class Kind(models.TextChoices):
        TOPIC = "topic", "ämne"
        BOARD_MATTER = "board_matter", "nämndärende"
        DECISION = "decision", "ärende inför beslut"

    class Outcome(models.TextChoices):
        NONE = "", "inget utfall angivet"
        NO_COMMENTS = "no_comments", "inga synpunkter"
        COMMENTS = "comments", "synpunkter lämnades"
        NO_DISAGREEMENT = "no_disagreement", "ingen oenighet anmäldes"
        AGREEMENT = "agreement", "enighet"
        DISAGREEMENT = "disagreement", "oenighet"
        SEPARATE_NEGOTIATION = "separate_negotiation", "förhandlas separat"
        REMOVED = "removed", "utgår"
        REJECTED = "rejected", "avslås"
        TABLED = "tabled", "bordläggs"
        OTHER = "other", "annat, se texten"

    # Which outcomes the secretary may choose for each kind (R43, R49). "Ingen oenighet" does not claim "enighet".
    OUTCOMES = {
        Kind.TOPIC: (Outcome.NONE,),
        Kind.BOARD_MATTER: (Outcome.NONE, Outcome.NO_COMMENTS, Outcome.COMMENTS, Outcome.REMOVED, Outcome.TABLED, Outcome.OTHER),
        Kind.DECISION: (
            Outcome.NONE,
            Outcome.NO_DISAGREEMENT,
            Outcome.AGREEMENT,
            Outcome.DISAGREEMENT,
            Outcome.SEPARATE_NEGOTIATION,
            Outcome.TABLED,
            Outcome.REMOVED,
            Outcome.OTHER,
        ),
    }

    REQUIREMENTS = ("needs_assessment", "needs_safety_contact", "safety_contacted_on")

    paragraph = models.ForeignKey(Paragraph, verbose_name="paragraf", on_delete=models.PROTECT, related_name="items")
    kind = models.CharField("slag", max_length=20, choices=Kind, default=Kind.TOPIC)
    position = models.PositiveSmallIntegerField("ordning")
    title = PlainLineField("rubrik", max_length=500, blank=True)
    references = models.JSONField("diarienummer", default=list, blank=True)
    board_agenda_no = PlainLineField("nummer på nämndens lista", max_length=20, blank=True)
    board_title = PlainLineField(
        "rubrik på nämndens lista", max_length=500, blank=True, help_text="När nämnden kallar ärendet något annat."
    )
    presenter = PlainLineField("föredragande", max_length=200, blank=True)
    text = PlainTextField("text")
    outcome = models.CharField("utfall", max_length=30, choices=Outcome, blank=True)
    # What a matter before decision has to have (R51); what is missing is told by the check list.
    needs_assessment = models.BooleanField("kräver bifogad risk- och konsekvensbedömning", default=False)
    needs_safety_contact = models.BooleanField("kräver kontakt med huvudskyddsombud", default=False)
    safety_contacted_on = models.DateField("huvudskyddsombud kontaktat den", null=True, blank=True)
    version = models.PositiveIntegerField("version", default=1, editable=False)

    objects = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = "punkt"
        verbose_name_plural = "punkter"
        ordering = ["paragraph", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["paragraph", "position"], name="item_position_once", deferrable=models.Deferrable.DEFERRED
            )
        ]

    def __str__(self) -> str:
        return self.title or self.get_kind_display()

    @property
    def meeting(self) -> Meeting:
        return self.paragraph.meeting

    @property
    def is_matter(self) -> bool:
        return self.kind != self.Kind.TOPIC

    @property
    def goes_to_board(self) -> bool:
        """A board matter; and what is before decision may go there too, where the group has a board."""
        return self.kind in self.kinds_for_board(self.meeting.group)

    @classmethod
    def kinds_for_board(cls, group: Group) -> list[str]:
        """What can go to a board; a board's own protocol, read from a file, goes to nobody."""
        if group.kind == Group.Kind.BOARD:
            return []
        return [cls.Kind.BOARD_MATTER, *([cls.Kind.DECISION] if group.board_id else [])]


class Decision(Recorded):
    """A numbered decision of a board, in a protocol read from a file."""

    item = models.ForeignKey(Item, verbose_name="ärende", on_delete=models.PROTECT, related_name="decisions")
    number = models.PositiveSmallIntegerField("nummer", null=True)
    text = PlainTextField("beslut")
    position = models.PositiveSmallIntegerField("ordning", default=0)

    class Meta:
        verbose_name = "beslutspunkt"
        verbose_name_plural = "beslutspunkter"
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.text[:80]


class Appendix(PartOfMeeting, Recorded):
    """A bilaga: an uploaded file, a written text, or a place where motions are printed. Numbered by first reference."""

    meeting = models.ForeignKey(Meeting, verbose_name="möte", on_delete=models.PROTECT, related_name="appendices")
    position = models.PositiveSmallIntegerField("ordning")
    title = PlainLineField("titel", max_length=300, blank=True)
    kind = models.CharField("slag", max_length=20, blank=True)
    party = models.ForeignKey(Party, verbose_name="part", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    party_printed = PlainLineField("part enligt källan", max_length=120, blank=True, editable=False)
    author = PlainLineField("författare", max_length=120, blank=True)
    dated = models.DateField("daterad", null=True, blank=True)
    text = PlainTextField("text")
    file = models.FileField("fil", upload_to="appendices/", max_length=200, blank=True)
    filename = models.CharField("filnamn", max_length=200, blank=True, editable=False)
    content_type = models.CharField("filtyp", max_length=100, blank=True, editable=False)
    sha256 = models.CharField("kontrollsumma", max_length=64, blank=True, editable=False)
    size = models.PositiveIntegerField("storlek i byte", default=0, editable=False)
    description = PlainTextField("textalternativ", help_text="Vad filen innehåller, för den som inte kan se den.")
    source_number = models.PositiveSmallIntegerField("nummer i källan", null=True, blank=True, editable=False)

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = "bilaga"
        verbose_name_plural = "bilagor"
        ordering = ["meeting", "position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="appendix_file_has_hash_and_description",
                condition=Q(file="") | (~Q(sha256="") & ~Q(description="") & ~Q(filename="")),
                violation_error_message="En fil behöver ett textalternativ.",
            )
        ]

    def __str__(self) -> str:
        return self.title or "bilaga"


class ItemAppendix(Recorded):
    """An item refers to an appendix ("se bilaga 1")."""

    item = models.ForeignKey(Item, verbose_name="punkt", on_delete=models.PROTECT, related_name="appendix_links")
    appendix = models.ForeignKey(Appendix, verbose_name="bilaga", on_delete=models.PROTECT, related_name="item_links")
    position = models.PositiveSmallIntegerField("ordning", default=0)

    class Meta:
        verbose_name = "hänvisning till bilaga"
        verbose_name_plural = "hänvisningar till bilagor"
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["item", "appendix"], name="item_appendix_once")]

    def __str__(self) -> str:
        return f"{self.item} → {self.appendix}"


class Placement(PartOfMeeting, Recorded):
    """A motion is handled at this meeting: under which §, which item, and in which appendix it is printed."""

    meeting = models.ForeignKey(Meeting, verbose_name="möte", on_delete=models.PROTECT, related_name="placements")
    motion = models.ForeignKey(Motion, verbose_name="yrkande", on_delete=models.PROTECT, related_name="placements")
    paragraph = models.ForeignKey(
        Paragraph, verbose_name="paragraf", null=True, blank=True, on_delete=models.PROTECT, related_name="placements"
    )
    item = models.ForeignKey(
        Item, verbose_name="punkt", null=True, blank=True, on_delete=models.PROTECT, related_name="placements"
    )
    appendix = models.ForeignKey(
        Appendix, verbose_name="bilaga", null=True, blank=True, on_delete=models.PROTECT, related_name="placements"
    )
    position = models.PositiveSmallIntegerField("ordning", default=0)

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = "placering"
        verbose_name_plural = "placeringar"
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["meeting", "motion"], name="motion_placed_once_per_meeting")]

    def __str__(self) -> str:
        return f"{self.motion} vid {self.meeting}"

    @property
    def place(self) -> tuple[int | None, int | None, int | None]:
        """Where it is printed: placements with the same place are printed together, in order."""
        return (self.appendix_id, None, None) if self.appendix_id else (None, self.item_id, self.paragraph_id)


class AgendaChange(PartOfMeeting, Recorded):
    """An addition or a move, told under "Godkännande av dagordning"."""

    class Kind(models.TextChoices):
        ADDITION = "addition", "tillägg"
        MOVE = "move", "flytt"

    meeting = models.ForeignKey(Meeting, verbose_name="möte", on_delete=models.PROTECT, related_name="agenda_changes")
    kind = models.CharField("slag", max_length=10, choices=Kind)
    party = models.ForeignKey(Party, verbose_name="part", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    subject = PlainLineField("vad det gäller", max_length=300)
    paragraph = models.ForeignKey(
        Paragraph, verbose_name="under paragraf", null=True, blank=True, on_delete=models.PROTECT, related_name="agenda_changes"
    )
    appendix = models.ForeignKey(
        Appendix, verbose_name="bilaga", null=True, blank=True, on_delete=models.PROTECT, related_name="agenda_changes"
    )
    motion = models.ForeignKey(
        Motion,
        verbose_name="yrkande",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="agenda_changes",
    )

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = "ändring av dagordningen"
        verbose_name_plural = "ändringar av dagordningen"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["meeting", "motion"], name="motion_changes_the_agenda_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subject}"


class Statement(Recorded):
    """Who said what, as read from a file."""

    meeting = models.ForeignKey(Meeting, verbose_name="möte", on_delete=models.PROTECT, related_name="statements")
    paragraph = models.ForeignKey(
        Paragraph, verbose_name="paragraf", null=True, on_delete=models.PROTECT, related_name="statements"
    )
    position = models.PositiveSmallIntegerField("ordning")
    speakers = models.JSONField("talare", default=list)
    verb = PlainLineField("verb", max_length=120, blank=True)
    text = PlainTextField("text")

    class Meta:
        verbose_name = "yttrande"
        verbose_name_plural = "yttranden"
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.text[:80]


class Commitment(Recorded):
    """A promise in the text (åtagande): the sentence, and who is to keep it until when; often followed up on the balance list."""

    meeting = models.ForeignKey(Meeting, verbose_name="möte", on_delete=models.PROTECT, related_name="commitments")
    paragraph = models.ForeignKey(
        Paragraph, verbose_name="paragraf", null=True, on_delete=models.PROTECT, related_name="commitments"
    )
    position = models.PositiveSmallIntegerField("ordning")
    text = PlainTextField("text")
    owner = models.ForeignKey(
        Person, verbose_name="ansvarig", null=True, blank=True, on_delete=models.PROTECT, related_name="commitments"
    )
    due = models.DateField("klart senast", null=True, blank=True)
    balance_item = models.ForeignKey(
        "BalanceItem", verbose_name="på balanslistan", null=True, blank=True, on_delete=models.PROTECT, related_name="commitments"
    )

    class Meta:
        verbose_name = "åtagande"
        verbose_name_plural = "åtaganden"
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def words(self) -> str:
        """The sentence without markup."""
        return to_words(self.text)

    @property
    def followed_up(self) -> bool:
        """It has an owner or a day, or is on the balance list. One written here without these notes that there is no promise."""
        return self.owner_id is not None or self.due is not None or self.balance_item_id is not None


class Reservation(Recorded):
    """A reservation, statement or opinion of its own, as read from a file."""

    meeting = models.ForeignKey(Meeting, verbose_name="möte", on_delete=models.PROTECT, related_name="reservations")
    paragraph = models.ForeignKey(
        Paragraph, verbose_name="paragraf", null=True, on_delete=models.PROTECT, related_name="reservations"
    )
    appendix = models.ForeignKey(
        Appendix, verbose_name="bilaga", null=True, on_delete=models.PROTECT, related_name="reservations"
    )
    position = models.PositiveSmallIntegerField("ordning")
    kind = models.CharField("slag", max_length=30)
    persons = models.JSONField("personer", default=list)
    parties = models.JSONField("parter", default=list)
    text = PlainTextField("text")

    class Meta:
        verbose_name = "reservation"
        verbose_name_plural = "reservationer"
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.text[:80]
