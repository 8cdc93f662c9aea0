"""Carry-over: what earlier meetings left open comes with the agenda, each thing once and in its place."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.formats import date_format

from meetings import where
from meetings.actions.agenda import MOST_ITEMS, add_item
from meetings.actions.balance import note_of, take_reports, take_unheard
from meetings.actions.placing import latest, place, place_in_new_appendix, waits
from meetings.agenda import numbered, only_tells_origin
from meetings.models import BalanceItem, Item, Meeting, Paragraph, Placement
from meetings.states import BEGUN, FINISHED, WRITABLE, State
from motions.models import FINAL, Answer, Claim, Motion
from motions.states import State as MotionState
from people.models import User
from record.history import remember
from record.moves import Refused, during

# §§ of form, where nobody's question is taken up.
FORMAL = frozenset({"opening", "secretary", "adjuster", "previous", "agenda", "personnel", "balance", "next", "closing"})
# Where something goes whose § this agenda lacks, the first that there is.
ELSEWHERE = ("unions", "operations", "area", "dialogue")
LIVE = (*WRITABLE, State.APPROVAL, State.ADJUSTED)
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
    """What a protocol left open comes, when it is sealed, with the next meeting if that has begun; if not, it comes when it begins."""
    begun = sealed.group.meetings.filter(state=State.DRAFT)
    if sealed.date is not None:
        begun = begun.filter(date__gte=sealed.date)
    following = begun.order_by("date", "pk").first()
    if following is not None:
        carry_over(following, by=None)


def carry_balance(meeting: Meeting, *, by: User | None) -> int:
    """Every open promise of the group gets its place in this meeting's protocol; none can fall off the list. Returns how many came."""
    rows = list(not_carried(meeting))
    for item in rows:
        remember(note_of(item, meeting), by=by, why="carry")
    take_unheard(meeting, by=by)
    take_reports(meeting, by=by)
    return len(rows)


def not_carried(meeting: Meeting) -> QuerySet[BalanceItem]:
    """The group's open promises that this meeting's list does not have yet."""
    return BalanceItem.objects.open().filter(group=meeting.group).exclude(notes__meeting=meeting).order_by("pk")


def held_before(meeting: Meeting) -> Meeting | None:
    """The group's latest meeting before this one that has begun."""
    return _held(meeting).order_by(F("date").desc(nulls_last=True), "-pk").first()


def _held(meeting: Meeting) -> QuerySet[Meeting]:
    rows = meeting.group.meetings.filter(state__in=BEGUN).exclude(pk=meeting.pk)
    if meeting.date is not None:
        rows = rows.filter(Q(date__lt=meeting.date) | Q(date=meeting.date, pk__lt=meeting.pk))
    return rows


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
    rows = numbered(before.paragraphs.prefetch_related("items", "placements"), before.group)
    numbers = {paragraph.pk: number for number, paragraph in rows}
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
            paragraph=paragraph, kind=one.kind, position=last + 1, title=one.title, references=one.references,
            board_title=one.board_title, presenter=one.presenter, text=origin, needs_assessment=one.needs_assessment,
            needs_safety_contact=one.needs_safety_contact, safety_contacted_on=one.safety_contacted_on,
        )  # fmt: skip
        remember(item, by=by, why=f"carry item:{one.pk}")
        found[one.pk] = (item, True)
    return found


def _came(paragraphs: list[Paragraph], tabled: list[Item]) -> dict[int, int]:
    """Tabled item → the item that came from it. The history knows, also when somebody has taken it away since."""
    reasons = {f"carry item:{one.pk}": one.pk for one in tabled}
    rows = Item.history.filter(
        history_type="+", history_change_reason__in=reasons, paragraph_id__in=[paragraph.pk for paragraph in paragraphs]
    )
    return {reasons[reason]: pk for reason, pk in rows.values_list("history_change_reason", "id")}


def _origin(before: Meeting, paragraph: Paragraph, number: int | None) -> str:
    """Where it was tabled, in words, with the earlier § as a reference."""
    at = f"[§ {number}](paragraph:{paragraph.pk}) " if number else ""
    return f"Bordlagt {at}den {date_format(before.date, 'j F Y')}." if before.date else ""


def _refresh(item: Item, origin: str, *, by: User | None) -> None:
    """The earlier protocol was renumbered since: tell the number it has now."""
    if item.text != origin and only_tells_origin(item.text):
        item.text = origin
        item.version += 1
        remember(item, by=by, why="carry")


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
    for motion, last in [*_left_open(meeting, before), *((motion, None) for motion in _due(meeting))]:
        paragraph, item = _home(meeting, paragraphs, motion, last, copies)
        take_up = place_in_new_appendix if motion.file else place
        try:
            with transaction.atomic():
                take_up(motion, meeting=meeting, paragraph=paragraph, item=item, by=by)
        except Refused:  # its file is not in storage: it waits, and the check list tells (`waiting`)
            continue
        count += 1
    return count


def _free(meeting: Meeting) -> QuerySet[Motion]:
    """The group's filed motions that no meeting treats now."""
    live = Placement.objects.filter(motion=OuterRef("pk"), meeting__state__in=LIVE)
    return meeting.group.motions.filed().filter(~Exists(live)).order_by("filed_at", "pk")


def _not_before(meeting: Meeting) -> Q:
    """Not put off to a meeting that comes after this one."""
    return Q(postponed_to__isnull=True) | (Q(postponed_to__lte=meeting.date) if meeting.date else Q())


def could_return(meeting: Meeting) -> list[Motion]:
    """Motions that were left open when they were up and have not come with this agenda, those put off to a later meeting too."""
    return [motion for motion, _ in _left_open(meeting, held_before(meeting), whenever=True)]


def waiting(meeting: Meeting) -> list[Motion]:
    """Motions that were left open or put off to this meeting, or one before it, and have not come with its agenda."""
    return [motion for motion, _ in _left_open(meeting, held_before(meeting))]


def held_up(meeting: Meeting) -> list[Placement]:
    """Motions left open or put off to this meeting, which an earlier protocol holds until it is sealed: where they were up."""
    rows = Placement.objects.filter(meeting__in=_held(meeting).exclude(state__in=FINISHED).order_by().values("pk"))
    rows = rows.filter(motion__state=MotionState.FILED).exclude(motion__placements__meeting=meeting)
    later = Q(motion__postponed_to__gt=meeting.date) if meeting.date else Q(motion__postponed_to__isnull=False)
    found = rows.exclude(later).select_related("meeting", "item", "motion").prefetch_related("motion__claims__answers")
    return [one for one in found.order_by("pk") if waits(one.motion, one)]


def _left_open(meeting: Meeting, before: Meeting | None, *, whenever: bool = False) -> list[tuple[Motion, Placement]]:
    """Motions without a final answer to everything, with where they were up last.

    What an old protocol read from a file left open is another matter, unless that protocol is the previous one.
    """
    final = Answer.objects.filter(claim=OuterRef("pk"), outcome__in=FINAL, released_at__isnull=False)
    unanswered = Claim.objects.filter(~Exists(final), motion=OuterRef("pk"))
    been_up = Placement.objects.filter(
        Q(meeting__loaded=False) | Q(meeting=before), motion=OuterRef("pk"), meeting__state__in=FINISHED
    )
    tabled = Placement.objects.filter(motion=OuterRef("pk"), item__outcome=Item.Outcome.TABLED)
    rows = (
        _free(meeting)
        .filter(Q() if whenever else _not_before(meeting), Exists(been_up))
        .filter(Exists(unanswered) | Exists(tabled))
    )
    found = []
    for motion in rows.prefetch_related("placements__meeting", "placements__paragraph", "placements__item", "claims__answers"):
        last = latest(one for one in motion.placements.all() if one.meeting.state in FINISHED)
        if waits(motion, last):
            found.append((motion, last))
    return found


def _due(meeting: Meeting) -> list[Motion]:
    """Motions that nobody has taken up, wanted or due on this day or before; those that an earlier meeting can still take up are left to it."""
    if meeting.date is None:
        return []
    up = Placement.objects.filter(motion=OuterRef("pk")).exclude(meeting__state=State.CANCELLED)
    due = Q(wanted_on__lte=meeting.date) | Q(due_on__lte=meeting.date) | Q(postponed_to__lte=meeting.date)
    rows = list(_free(meeting).filter(~Exists(up)).filter(due, _not_before(meeting)))
    sooner = meeting.group.meetings.filter(state__in=WRITABLE, date__lt=meeting.date)
    days = list(sooner.values_list("date", flat=True)) if rows else []
    first = {motion.pk: motion.postponed_to or min(day for day in (motion.wanted_on, motion.due_on) if day) for motion in rows}
    return [motion for motion in rows if not any(day >= first[motion.pk] for day in days)]


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


def topics_before(paragraph: Paragraph) -> list[Item]:
    """The topics that stood under this § last time there were any, those that already stand here left out."""
    earlier = Paragraph.objects.filter(meeting__in=_held(paragraph.meeting).order_by().values("pk"))
    earlier = earlier.filter(slug=paragraph.slug) if paragraph.slug else earlier.filter(slug="", heading=paragraph.heading)
    topics = Item.objects.filter(paragraph=OuterRef("pk"), kind=Item.Kind.TOPIC).exclude(title="")
    last = earlier.filter(Exists(topics)).order_by(F("meeting__date").desc(nulls_last=True), "-meeting", "position").first()
    if last is None:
        return []
    here = {title.casefold() for title in paragraph.items.values_list("title", flat=True)}
    found: dict[str, Item] = {}
    for item in last.items.filter(kind=Item.Kind.TOPIC).exclude(title="").order_by("position", "pk"):
        if item.title.casefold() not in here:
            found.setdefault(item.title.casefold(), item)
    return list(found.values())


def topics_waiting(meeting: Meeting) -> set[int]:
    """The §§ of `meeting` under which the previous meeting had topics that are not here. A fixed number of queries."""
    before = held_before(meeting)
    if before is None:
        return set()
    had: dict[tuple[str, str], set[str]] = {}
    for item in before_topics(before):
        key = (item.paragraph.slug, "" if item.paragraph.slug else item.paragraph.heading)
        had.setdefault(key, set()).add(item.title.casefold())
    found = set()
    for paragraph in meeting.paragraphs.prefetch_related("items"):
        here = {item.title.casefold() for item in paragraph.items.all()}
        if had.get((paragraph.slug, "" if paragraph.slug else paragraph.heading), set()) - here:
            found.add(paragraph.pk)
    return found


def before_topics(before: Meeting) -> QuerySet[Item]:
    """The topics of a meeting that have a heading."""
    rows = Item.objects.filter(paragraph__meeting=before, kind=Item.Kind.TOPIC).exclude(title="")
    return rows.select_related("paragraph")


def copy_topics(paragraph: Paragraph, *, by: User) -> list[Item]:
    """Last time's topics, by title and presenter and without text, under this §. Returns those that were added."""
    with transaction.atomic(), during(paragraph.meeting, "arrange"):
        rows = topics_before(paragraph)
        if paragraph.items.count() + len(rows) > MOST_ITEMS:
            raise Refused(f"En paragraf kan ha högst {MOST_ITEMS} punkter.")
        return [add_item(paragraph, kind=Item.Kind.TOPIC, title=one.title, presenter=one.presenter, by=by) for one in rows]
