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
    """Open promises, tabled matters, and motions due or left open. Safe to run again: what has come once does not come again."""
    with during(meeting, "arrange") as held:
        before = held_before(held)
        promises = carry_balance(held, by=by)
        copies = _carry_tabled(held, before, by=by) if before is not None else {}
        tabled = sum(1 for _, fresh in copies.values() if fresh)
        return Carried(promises, tabled, _carry_motions(held, before, {pk: item for pk, (item, _) in copies.items()}, by=by))


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
    rows = list(not_carried(meeting))
    for item in rows:
        remember(note_of(item, meeting), by=by, verb=Verb.CARRY)
    take_unheard(meeting, by=by)
    take_reports(meeting, by=by)
    return len(rows)


# Matters that were tabled


def _carry_tabled(meeting: Meeting, before: Meeting, *, by: User | None) -> dict[int, tuple[Item, bool]]:
    """The matters tabled at `before` under the same § here: id of the tabled one → the one here, and whether it is new."""
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
    found: dict[int, tuple[Item, bool]] = {}
    for one in tabled:
        origin = _origin(before, one.paragraph, numbers.get(one.paragraph_id))
        if one.pk in came:  # what the secretary has taken away stays away
            item = items.get(came[one.pk])
            if item is not None:
                _refresh(item, origin, by=by)
                found[one.pk] = (item, False)
            continue
        paragraph = _paragraph(paragraphs, one.paragraph.slug, one.paragraph.heading)
        if paragraph is None:
            continue
        same = next((item for item in paragraph.items.all() if _same(item, one)), None)
        if same is not None:
            found[one.pk] = (same, False)
            continue
        last = max((item.position for item in Item.objects.filter(paragraph=paragraph)), default=0)
        if last >= MOST_ITEMS:
            continue
        item = Item(
            paragraph=paragraph,
            kind=one.kind,
            position=last + 1,
            title=one.title,
            references=one.references,
            board_title=one.board_title,
            presenter=one.presenter,
            text=origin,
            needs_assessment=one.needs_assessment,
            needs_safety_contact=one.needs_safety_contact,
            safety_contacted_on=one.safety_contacted_on,
        )
        remember(item, by=by, verb=Verb.CARRY, origin=f"item:{one.pk}")
        found[one.pk] = (item, True)
    return found


def _came(paragraphs: list[Paragraph], tabled: list[Item]) -> dict[int, int]:
    """Tabled item → the item that came from it. The history knows, also when somebody has taken it away since."""
    origins = {f"item:{one.pk}": one.pk for one in tabled}
    rows = Item.history.filter(
        history_type="+",
        history_verb=Verb.CARRY,
        history_origin__in=origins,
        paragraph_id__in=[paragraph.pk for paragraph in paragraphs],
    )
    return {origins[origin]: pk for origin, pk in rows.values_list("history_origin", "id")}


def _origin(before: Meeting, paragraph: Paragraph, number: int | None) -> str:
    """Where it was tabled, in words, with the earlier § as a reference."""
    at = f"[§ {number}](paragraph:{paragraph.pk}) " if number else ""
    return f"Bordlagt {at}den {date_format(before.date, 'j F Y')}." if before.date else ""


def _refresh(item: Item, origin: str, *, by: User | None) -> None:
    """The earlier protocol was renumbered since: tell the number it has now."""
    if item.text != origin and only_tells_origin(item.text):
        item.text = origin
        item.version += 1
        remember(item, by=by, verb=Verb.CARRY)


def _same(item: Item, one: Item) -> bool:
    return item.kind == one.kind and (
        item.title.casefold() == one.title.casefold() or bool(set(item.references) & set(one.references))
    )


def _paragraph(paragraphs: Iterable[Paragraph], slug: str, heading: str = "") -> Paragraph | None:
    """The § with that slug (of one without: with that heading), else where such things go, else the first that is not of form."""
    rows = list(paragraphs)
    for wanted in (slug, *ELSEWHERE):
        found = next((row for row in rows if row.slug == wanted and (row.slug or row.heading == heading)), None)
        if found is not None:
            return found
    return next((row for row in rows if row.slug not in FORMAL), None)


# Motions


def _carry_motions(meeting: Meeting, before: Meeting | None, copies: dict[int, Item], *, by: User | None) -> int:
    """Motions that were left open when they were up, and those wanted at this meeting, in their place. Returns how many."""
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
                    item.title.casefold() == wanted or any(one.casefold() in wanted for one in item.references)
                ):
                    return paragraph, item
    for one in where.suggest(meeting, f"{motion.title} {motion.matter}"):
        if one.paragraph.slug not in FORMAL and one.score >= SURE:
            return one.paragraph, None
    return _paragraph(paragraphs, ""), None


# Topics


def copy_topics(paragraph: Paragraph, *, by: User) -> list[Item]:
    """Last time's topics, by title and presenter and without text, under this §. Returns those that were added."""
    with transaction.atomic(), during(paragraph.meeting, "arrange"):
        rows = topics_before(paragraph)
        if paragraph.items.count() + len(rows) > MOST_ITEMS:
            raise Refused(f"En paragraf kan ha högst {MOST_ITEMS} punkter.")
        return [add_item(paragraph, kind=Item.Kind.TOPIC, title=one.title, presenter=one.presenter, by=by) for one in rows]
