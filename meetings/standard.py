"""The standard agenda: what a new installation starts from, and the sentences that stand there when nothing else is written."""

from typing import NamedTuple

from django.db import models, transaction

from meetings.models import AgendaTemplate, TemplateItem
from meetings.models.template import Section
from people.models import Group, User
from record.history import remember
from record.moves import hold

NAME = "Standarddagordning"
ALWAYS, CONTENT = TemplateItem.Rule.ALWAYS, TemplateItem.Rule.CONTENT
BOARD, SAFETY = TemplateItem.Needs.BOARD, TemplateItem.Needs.SAFETY


class StandardParagraph(NamedTuple):
    """A paragraph of the standard agenda."""

    slug: str
    heading: str
    section: str
    rule: str
    needs: str
    help_text: str
    phrase: str


LINES = (
    StandardParagraph("opening", "Mötets öppnande", "", ALWAYS, "", "Ordföranden öppnar mötet.",
         "Ordförande {ordförande} förklarade mötet för öppnat."),
    StandardParagraph("secretary", "Val av sekreterare", "", ALWAYS, "", "Vem som för protokollet.",
         "{sekreterare} valdes till sekreterare för mötet."),
    StandardParagraph("adjuster", "Val av justerare och justeringsdag", "", ALWAYS, "",
         "Minst en justerare från arbetstagarsidan, som är närvarande.", "{justerare}"),
    StandardParagraph("previous", "Föregående protokoll", "", ALWAYS, "", "Frågor som blev kvar sedan förra mötet, med svar.",
         "Föregående protokoll lades till handlingarna."),
    StandardParagraph("agenda", "Godkännande av dagordning", "", ALWAYS, "", "Tillägg och flyttade punkter.", "{dagordning}"),
    StandardParagraph("personnel", "Närvarande personalföreträdare vid nämndens sammanträde", "", ALWAYS, BOARD,
         "Vilka som deltar för personalen när nämnden sammanträder.", "{personalföreträdare}"),
    StandardParagraph("operations", "Information om verksamheten i förvaltningen", Section.INFORMATION, ALWAYS, "",
         "Enheternas och stabernas information: läget, ekonomi, bemanning, medarbetarenkät, projekt.", ""),
    StandardParagraph("area", "Information gällande samverkansområdet", Section.INFORMATION, CONTENT, "",
         "Sådant som rör hela samverkansområdet: lokaler, gemensamma arbetssätt, utbildning.", ""),
    StandardParagraph("unions", "Information från de fackliga organisationerna", Section.INFORMATION, CONTENT, "",
         "Det som de fackliga organisationerna vill berätta.", ""),
    StandardParagraph("dialogue", "Aktuellt dialogämne", Section.DIALOGUE, CONTENT, "",
         "Ett ämne som gruppen samtalar om, utan beslut.", ""),
    StandardParagraph("summary", "Sammanfattning och nästa steg", Section.DIALOGUE, CONTENT, "",
         "Vad samtalet ledde till och vem som gör vad.", ""),
    StandardParagraph("board_matters", "Nämndärenden", Section.MATTERS, ALWAYS, BOARD,
         "Ärenden på nämndens föredragningslista: yttranden, remisser, budget, tertialrapporter.", ""),
    StandardParagraph("decisions", "Ärenden inför beslut", Section.MATTERS, CONTENT, "",
         "Ändringar som arbetsgivaren tänker besluta: organisation, verksamhet, arbetstider, chefstillsättning.", ""),
    StandardParagraph("safety", "Skyddskommittéärenden", Section.MATTERS, CONTENT, SAFETY,
         "Arbetsmiljö: skyddsronder, sjukfrånvaro, företagshälsovård, tillbud, skyddsombud.", ""),
    StandardParagraph("balance", "Balanslista", Section.MATTERS, CONTENT, "",
         "Det som är lovat och inte gjort än.", "{balanslista}"),
    StandardParagraph("next", "Nästa möte", Section.MATTERS, ALWAYS, "", "Dag, tid och plats.", "{nästa möte}"),
    StandardParagraph("closing", "Mötet avslutades", Section.MATTERS, ALWAYS, "",
         "Tack och avslut.", "Ordförande tackade för deltagandet."),
)  # fmt: skip


def template_for(group: Group) -> AgendaTemplate:
    """The template a new meeting of `group` starts from; the standard one is laid down the first time it is needed."""
    template = AgendaTemplate.objects.for_group(group)
    return template or lay_down()


def lay_down() -> AgendaTemplate:
    """Write the standard agenda as a common template, version 1."""
    template = AgendaTemplate(name=NAME)
    remember(template, by=None, verb="standard")
    for position, line in enumerate(LINES, start=1):
        item = TemplateItem(
            template=template,
            position=position,
            slug=line.slug,
            heading=line.heading,
            section=line.section,
            rule=line.rule,
            needs=line.needs,
            help_text=line.help_text,
            default_phrase=line.phrase,
        )
        remember(item, by=None, verb="standard")
    return template


def new_version(template: AgendaTemplate, *, group: Group, by: User) -> AgendaTemplate:
    """A copy of the template for `group`, one version higher, to be changed before the next meeting is planned."""
    with transaction.atomic():
        hold(group)
        last = AgendaTemplate.objects.filter(group=group, name=template.name).aggregate(last=models.Max("version"))["last"] or 0
        copy = AgendaTemplate(group=group, name=template.name, version=last + 1)
        remember(copy, by=by, verb="edit_template")
        for item in template.items.all():
            item.pk, item.template, item._state.adding = None, copy, True
            remember(item, by=by, verb="edit_template")
    return copy
