"""The agenda template: which paragraphs a meeting has, in which order, and what belongs under each."""

from django.db import models

from people.models import Group
from record.fields import PlainLineField, PlainTextField
from record.history import Recorded


class Section(models.TextChoices):
    """Lines that group paragraphs; they are printed without a number."""

    NONE = "", "–"
    INFORMATION = "Information", "Information"
    DIALOGUE = "Dialog", "Dialog"
    MATTERS = "Ärendehantering", "Ärendehantering"


class AgendaTemplateQuerySet(models.QuerySet):
    def for_group(self, group: Group) -> "AgendaTemplate | None":
        """The group's own newest template, else the newest common one."""
        found = self.filter(models.Q(group=group) | models.Q(group__isnull=True), retired=False)
        return found.order_by(models.F("group").asc(nulls_last=True), "-version").first()


class AgendaTemplate(Recorded):
    """One version of a template. A change makes a new version, so that old meetings keep theirs."""

    group = models.ForeignKey(
        Group,
        verbose_name="grupp",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="templates",
        help_text="Tomt: gäller alla.",
    )
    name = PlainLineField("namn", max_length=120)
    version = models.PositiveSmallIntegerField("version", default=1)
    retired = models.BooleanField("används inte längre", default=False)

    objects = AgendaTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = "dagordningsmall"
        verbose_name_plural = "dagordningsmallar"
        ordering = ["name", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["group", "name", "version"], name="template_version_once"),
            models.UniqueConstraint(
                fields=["name", "version"], condition=models.Q(group__isnull=True), name="common_template_version_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"


class TemplateItem(Recorded):
    """A paragraph of the template."""

    class Rule(models.TextChoices):
        ALWAYS = "always", "alltid"
        CONTENT = "content", "när den har innehåll"

    class Needs(models.TextChoices):
        NOTHING = "", "alla grupper"
        BOARD = "board", "grupper med nämnd"
        SAFETY = "safety", "skyddskommittéer"

    template = models.ForeignKey(AgendaTemplate, verbose_name="mall", on_delete=models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField("ordning")
    slug = models.SlugField("nyckel", max_length=40)
    heading = PlainLineField("rubrik", max_length=200)
    section = models.CharField("avdelning", max_length=40, choices=Section, blank=True)
    rule = models.CharField("visas", max_length=10, choices=Rule, default=Rule.ALWAYS)
    needs = models.CharField("gäller", max_length=10, choices=Needs, blank=True)
    help_text = PlainTextField("hit hör")
    default_phrase = PlainTextField(
        "standardmening",
        help_text="Skrivs ut när paragrafen saknar egen text. {ordförande}, {sekreterare} med flera fylls i ur mötets uppgifter.",
    )

    class Meta:
        verbose_name = "punkt i mall"
        verbose_name_plural = "punkter i mall"
        ordering = ["template", "position"]
        constraints = [models.UniqueConstraint(fields=["template", "slug"], name="template_slug_once")]

    def __str__(self) -> str:
        return self.heading
