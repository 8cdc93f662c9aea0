"""Carry-over: what earlier meetings left open comes with the agenda, each thing once and in its place."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db import transaction
from django.utils.formats import date_format

from meetings.actions.agenda import MOST_ITEMS, add_item
from meetings.actions.balance import note_of, take_reports, take_unheard
from meetings.actions.placing import place, place_in_new_appendix
from meetings.models import Item, Meeting, Paragraph, Placement
from meetings.reading import where
from meetings.reading.left_open import due, held_before, not_carried, returning, topics_before
from meetings.reading.numbering import numbers_now, only_tells_origin
from meetings.states import State, Verb
from motions.models import Motion
from people.models import User
from record.history import remember
from record.moves import Refused, during

# §§ of form, where nobody's question is taken up.
FORMAL = frozenset({"opening", "secretary", "adjuster", "previous", "agenda", "personnel", "balance", "next", "closing"})
# Where something goes whose § this agenda lacks, the first that there is.
ELSEWHERE = ("unions", "operations", "area", "dialogue")
SURE = 2.0  # a word in the help text, or more


class Carried(NamedTuple):
    """What came with the agenda this time."""

    promises: int
    tabled: int
    motions: int

    @property
    def nothing(self) -> bool:
        return not any(self)


def carry_over(meeting: Meeting, *, by: User | None) -> Carried:
    """Bring open promises, tabled matters, and motions due or left open; what has come once does not come again."""
    with during(meeting, "arrange") as stored:
        before = held_before(stored)
        promises = carry_balance(stored, by=by)
        copies = _carry_tabled(stored, before, by=by) if before is not None else {}
        tabled = sum(1 for _, fresh in copies.values() if fresh)
        return Carried(promises, tabled, _carry_motions(stored, before, {pk: item for pk, (item, _) in copies.items()}, by=by))


def bring_to_next(sealed: Meeting) -> None:
    """When a protocol is sealed, bring what it left open to the next meeting, if that has begun; else it comes at its start."""
    begun = sealed.group.meetings.filter(state=State.DRAFT)
    if sealed.date is not None:
        begun = begun.filter(date__gte=sealed.date)
    following = begun.order_by("date", "pk").first()
    if following is not None:
        carry_over(following, by=None)


def carry_balance(meeting: Meeting, *, by: User | None) -> int:
    """Give each open promise of the group its place in this meeting's protocol, so that none falls off; say how many came."""
    promises = list(not_carried(meeting))
    for item in promises:
        remember(note_of(item, meeting), by=by, verb=Verb.CARRY)
    take_unheard(meeting, by=by)
    take_reports(meeting, by=by)
    return len(promises)


# Matters that were tabled


def _carry_tabled(meeting: Meeting, before: Meeting, *, by: User | None) -> dict[int, tuple[Item, bool]]:
    """Bring the matters tabled at `before`, each under the same § here: its id → the item here, and whether that is new."""
    tabled = list(
        Item.objects.filter(paragraph__meeting=before, outcome=Item.Outcome.TABLED)
        .select_related("paragraph")
        .order_by("paragraph__position", "position", "pk")
    )
    if not tabled:
        return {}
    numbers = {paragraph.pk: number for number, paragraph in numbers_now(before)}
    paragraphs = list(meeting.paragraphs.prefetch_related("items"))
    items = {item.pk: item for paragraph in paragraphs for item in paragraph.items.all()}
    came = _came(paragraphs, tabled)
    carried: dict[int, tuple[Item, bool]] = {}
    for matter in tabled:
        origin = _origin(before, matter.paragraph, numbers.get(matter.paragraph_id))
        if matter.pk in came:  # what the secretary has taken away stays away
            item = items.get(came[matter.pk])
            if item is not None:
                _refresh(item, origin, by=by)
                carried[matter.pk] = (item, False)
            continue
        paragraph = _paragraph(paragraphs, matter.paragraph.slug, matter.paragraph.heading)
        if paragraph is None:
            continue
        same = next((item for item in paragraph.items.all() if _same(item, matter)), None)
        if same is not None:
            carried[matter.pk] = (same, False)
            continue
        last = max((item.position for item in Item.objects.filter(paragraph=paragraph)), default=0)
        if last >= MOST_ITEMS:
            continue
        item = Item(
            paragraph=paragraph,
            kind=matter.kind,
            position=last + 1,
            title=matter.title,
            references=matter.references,
            board_title=matter.board_title,
            presenter=matter.presenter,
            text=origin,
            needs_assessment=matter.needs_assessment,
            needs_safety_contact=matter.needs_safety_contact,
            safety_contacted_on=matter.safety_contacted_on,
        )
        remember(item, by=by, verb=Verb.CARRY, origin=f"item:{matter.pk}")
        carried[matter.pk] = (item, True)
    return carried


def _came(paragraphs: list[Paragraph], tabled: list[Item]) -> dict[int, int]:
    """Tabled item → the item that came from it. The history knows, also when somebody has taken it away since."""
    origins = {f"item:{matter.pk}": matter.pk for matter in tabled}
    copies = Item.history.filter(
        history_type="+",
        history_verb=Verb.CARRY,
        history_origin__in=origins,
        paragraph_id__in=[paragraph.pk for paragraph in paragraphs],
    )
    return {origins[origin]: pk for origin, pk in copies.values_list("history_origin", "id")}


def _origin(before: Meeting, paragraph: Paragraph, number: int | None) -> str:
    """Where it was tabled, in words, with the earlier § as a reference."""
    at = f"[§ {number}](paragraph:{paragraph.pk}) " if number else ""
    return f"Bordlagt {at}den {date_format(before.date, 'j F Y')}." if before.date else ""


def _refresh(item: Item, origin: str, *, by: User | None) -> None:
    """Tell the number that the earlier § has now, when nothing else has been written of the matter."""
    if item.text != origin and only_tells_origin(item.text):
        item.text = origin
        item.version += 1
        remember(item, by=by, verb=Verb.CARRY)


def _same(item: Item, other: Item) -> bool:
    return item.kind == other.kind and (
        item.title.casefold() == other.title.casefold() or bool(set(item.references) & set(other.references))
    )


def _paragraph(paragraphs: Iterable[Paragraph], slug: str, heading: str = "") -> Paragraph | None:
    """The § with that slug, or heading when it has none; else one of ELSEWHERE; else the first that is not of form."""
    agenda = list(paragraphs)
    for wanted in (slug, *ELSEWHERE):
        there = next((row for row in agenda if row.slug == wanted and (row.slug or row.heading == heading)), None)
        if there is not None:
            return there
    return next((row for row in agenda if row.slug not in FORMAL), None)


# Motions


def _carry_motions(meeting: Meeting, before: Meeting | None, copies: dict[int, Item], *, by: User | None) -> int:
    """Place the motions that were left open when they were up, and those wanted at this meeting; returns how many."""
    paragraphs = list(meeting.paragraphs.prefetch_related("items"))
    count = 0
    for motion, last in [*returning(meeting, before), *((motion, None) for motion in due(meeting))]:
        paragraph, item = _home(meeting, paragraphs, motion, last, copies)
        take_up = place_in_new_appendix if motion.file else place
        try:
            with transaction.atomic():
                take_up(motion, meeting=meeting, paragraph=paragraph, item=item, by=by)
        except Refused:  # its file is not in storage: it waits, and the check list tells (`waiting`)
            continue
        count += 1
    return count


def _home(
    meeting: Meeting, paragraphs: list[Paragraph], motion: Motion, last: Placement | None, copies: dict[int, Item]
) -> tuple[Paragraph | None, Item | None]:
    """Under which § and which matter a motion is taken up."""
    if last is not None:
        item = copies.get(last.item_id or 0)
        if item is not None:
            return item.paragraph, item
        if motion.kind != Motion.Kind.MOTION:  # a question that was left open
            return _paragraph(paragraphs, "previous"), None
        return _paragraph(paragraphs, *((last.paragraph.slug, last.paragraph.heading) if last.paragraph else ("",))), None
    if motion.matter:
        wanted = motion.matter.casefold()
        for paragraph in paragraphs:
            for item in paragraph.items.all():
                if item.is_matter and (
                    item.title.casefold() == wanted or any(reference.casefold() in wanted for reference in item.references)
                ):
                    return paragraph, item
    for suggestion in where.suggest(meeting, f"{motion.title} {motion.matter}"):
        if suggestion.paragraph.slug not in FORMAL and suggestion.score >= SURE:
            return suggestion.paragraph, None
    return _paragraph(paragraphs, ""), None


# Topics


def copy_topics(paragraph: Paragraph, *, by: User) -> list[Item]:
    """Add last time's topics under this §, by title and presenter; returns those added. Refused when the § is full."""
    with transaction.atomic(), during(paragraph.meeting, "arrange"):
        topics = topics_before(paragraph)
        if paragraph.items.count() + len(topics) > MOST_ITEMS:
            raise Refused(f"En paragraf kan ha högst {MOST_ITEMS} punkter.")
        return [
            add_item(paragraph, kind=Item.Kind.TOPIC, title=topic.title, presenter=topic.presenter, by=by) for topic in topics
        ]
