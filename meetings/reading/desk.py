"""The desk as data: the whole agenda with how far each § has come, and what the secretary sees under each."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Max, prefetch_related_objects
from django.utils import timezone

from meetings.language.wording import open_slots
from meetings.models import Item, Meeting, Paragraph
from meetings.models.meeting import WRITTEN
from meetings.reading.defaults import default_texts
from meetings.reading.left_open import topics_waiting
from meetings.reading.numbering import Numbered, Numbers, awaits_comments, kind_under, numbered, unanswered
from meetings.states import Verb
from people.models import User
from record.text import to_editor_html, to_words

# What a slot of a template's sentence becomes, and the page where its data is filled in.
SLOTS = {
    "{ordförande}": ("ordförandens namn och titel", "meetings:appoint"),
    "{sekreterare}": ("sekreterarens namn", "meetings:appoint"),
    "{justerare}": ("vilka som är valda till justerare, och justeringsdagen", "meetings:elect"),
    "{dagordning}": ("att dagordningen godkändes, med tillägg och flyttade punkter", "meetings:arrange"),
    "{personalföreträdare}": ("vilka som deltar för personalen vid nämnden", "meetings:personnel"),
    "{balanslista}": ("de öppna punkterna på balanslistan", "meetings:place"),
    "{nästa möte}": ("dag, tid och plats för nästa möte", "meetings:next"),
}
STATES = {"empty": "tom", "started": "påbörjad", "attention": "åtgärda", "done": "klar"}


def state_of(paragraph: Paragraph) -> str:
    """How far the writing has come: a key of STATES. A § marked as done that the check list will stop needs attention."""
    items = paragraph.items.all()
    if paragraph.done:
        return "attention" if stops(paragraph) else "done"
    written = paragraph.text or any(item.text or item.outcome for item in items) or paragraph.placements.all()
    return "started" if written else "empty"


def stops(paragraph: Paragraph) -> bool:
    """Something in the § stops the freeze: a slot that is not filled in, a matter without outcome, an att-sats without answer."""
    items = paragraph.items.all()
    if any(open_slots(text) for text in (paragraph.text, *(item.text for item in items))):
        return True
    return any(lacks_outcome(item) for item in items) or any(
        unanswered(one.motion) for one in paragraph.placements.all() if not one.motion.asks
    )


def lacks_outcome(item: Item) -> bool:
    """The check list will stop the freeze for want of this matter's outcome."""
    return awaits_comments(item) or (item.kind == Item.Kind.DECISION and not item.outcome)


class AgendaLine(NamedTuple):
    """A § in the agenda at the side."""

    number: int | None
    paragraph: Paragraph
    state: str
    section: str  # the heading to print above it, when a section begins

    @property
    def words(self) -> str:
        return STATES[self.state]

    @property
    def where(self) -> str:
        """`§ 7`, or the heading of a § that has no number."""
        return Numbered(self.number, self.paragraph).where


class DeskSheet(NamedTuple):
    """A § as it lies on the desk: its line in the agenda, and what stands there to help the one who writes."""

    line: AgendaLine
    help_text: str
    phrase: str  # the template's sentence with its slots
    sentence: str  # the same as it will print, in plain form; "" while its data is missing
    saved_at: datetime | None
    topics_waiting: bool  # the previous meeting had topics here that this one has not
    previous: AgendaLine | None
    next: AgendaLine | None

    @property
    def sentence_words(self) -> str:
        return to_words(self.sentence)

    @property
    def sentence_html(self) -> str:
        return to_editor_html(self.sentence)

    @property
    def missing(self) -> list[tuple[str, str]]:
        """What the sentence waits for: words, and the name of the page where it is filled in."""
        return [] if self.sentence else [said for slot, said in SLOTS.items() if slot in self.phrase]

    @property
    def kind(self) -> str:
        return kind_under(self.line.paragraph)

    @property
    def no_comments_left(self) -> int:
        """Board matters that nothing has been written about."""
        return sum(1 for item in self.line.paragraph.items.all() if awaits_comments(item))


def read_written(meeting: Meeting) -> None:
    """Read what the desk and the check list need of the meeting, in a fixed number of queries, and nothing twice."""
    prefetch_related_objects([meeting], *WRITTEN)


def lines(meeting: Meeting) -> list[AgendaLine]:
    """The whole agenda with preliminary numbers, in a fixed number of queries."""
    prefetch_related_objects(
        [meeting], "paragraphs__items__appendix_links", "paragraphs__placements__motion__claims__answers", "balance_notes"
    )
    agenda, section = [], ""
    for number, paragraph in numbered(meeting.paragraphs.all(), meeting.group):
        agenda.append(
            AgendaLine(number, paragraph, state_of(paragraph), paragraph.section if paragraph.section != section else "")
        )
        section = paragraph.section
    return agenda


def sheets(meeting: Meeting) -> list[DeskSheet]:
    """Every § of the meeting as it lies on the desk, in a fixed number of queries."""
    read_written(meeting)
    agenda = lines(meeting)
    template = {item.slug: item for item in meeting.template.items.all()} if meeting.template_id else {}
    sentences = default_texts(meeting, Numbers.of(meeting))
    saved = dict(
        Paragraph.history.filter(meeting=meeting, history_verb__in=(Verb.EDIT_TEXT, Verb.RESTORE))
        .values_list("id")
        .annotate(Max("history_date"))
        .order_by()
    )
    waiting = topics_waiting(meeting)
    laid = []
    for at, line in enumerate(agenda):
        item = template.get(line.paragraph.slug) if line.paragraph.slug else None
        phrase = item.default_phrase if item else ""
        laid.append(
            DeskSheet(
                line=line,
                help_text=item.help_text if item else "",
                phrase=phrase,
                sentence=sentences.get(line.paragraph.slug, "") if phrase else "",
                saved_at=saved.get(line.paragraph.pk) if line.paragraph.version > 1 else None,
                topics_waiting=line.paragraph.pk in waiting,
                previous=agenda[at - 1] if at else None,
                next=agenda[at + 1] if at + 1 < len(agenda) else None,
            )
        )
    return laid


def as_data(row: Paragraph | Item) -> dict[str, Any]:
    """A text for the script: in plain form, as the editor takes it, and what else its form holds."""
    found = {"version": row.version, "text": row.text, "html": to_editor_html(row.text)}
    return found | ({"outcome": row.outcome} if isinstance(row, Item) else {"done": int(row.done)})


def last_hand(row: Paragraph | Item, reader: User) -> tuple[str, datetime]:
    """Who saved the row last (`du` when it was the reader, in another tab or before the page was read anew), and when."""
    last = row.history.select_related("history_user__person").first()
    who = str(last.history_user) if last is not None and last.history_user else "någon annan"
    if last is not None and last.history_user_id == reader.pk:
        who = "du"
    return who, timezone.localtime(last.history_date if last is not None else timezone.now())


def versions(meeting: Meeting) -> dict[str, int]:
    """`p12` → 3: the version of every § and, as `i40`, of every item, so that an open page sees what others have saved."""
    found = {f"p{pk}": version for pk, version in meeting.paragraphs.values_list("pk", "version")}
    items = Item.objects.filter(paragraph__meeting=meeting).values_list("pk", "version")
    return found | {f"i{pk}": version for pk, version in items}


def line_data(line: AgendaLine) -> dict[str, Any]:
    """A line of the agenda for the script."""
    return {"paragraph": line.paragraph.pk, "number": line.number, "state": line.state, "words": line.words}
