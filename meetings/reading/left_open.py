"""What is left open from earlier meetings, and what waits for one: questions asked of the database, nothing is changed."""

from collections.abc import Iterable

from django.db.models import Exists, F, OuterRef, Q, QuerySet, prefetch_related_objects

from meetings import states
from meetings.models import (
    BalanceItem,
    Item,
    Meeting,
    Paragraph,
    Placement,
)
from meetings.states import BEGUN, FINISHED, LIVE, WRITABLE, State
from motions.models import FINAL, Answer, Claim, Motion, MotionQuerySet
from motions.states import State as MotionState
from people.models import Group


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


def _free(meeting: Meeting) -> QuerySet[Motion]:
    """The group's filed motions that no meeting treats now."""
    live = Placement.objects.filter(motion=OuterRef("pk"), meeting__state__in=LIVE)
    return meeting.group.motions.filed().filter(~Exists(live)).order_by("filed_at", "pk")


def _not_before(meeting: Meeting) -> Q:
    """Not put off to a meeting that comes after this one."""
    return Q(postponed_to__isnull=True) | (Q(postponed_to__lte=meeting.date) if meeting.date else Q())


def could_return(meeting: Meeting) -> list[Motion]:
    """Motions that were left open when they were up and have not come with this agenda, those put off to a later meeting too."""
    return [motion for motion, _ in returning(meeting, held_before(meeting), whenever=True)]


def waiting(meeting: Meeting) -> list[Motion]:
    """Motions that were left open or put off to this meeting, or one before it, and have not come with its agenda."""
    return [motion for motion, _ in returning(meeting, held_before(meeting))]


def held_up(meeting: Meeting) -> list[Placement]:
    """Motions left open or put off to this meeting, which an earlier protocol holds until it is sealed: where they were up."""
    rows = Placement.objects.filter(meeting__in=_held(meeting).exclude(state__in=FINISHED).order_by().values("pk"))
    rows = rows.filter(motion__state=MotionState.FILED).exclude(motion__placements__meeting=meeting)
    later = Q(motion__postponed_to__gt=meeting.date) if meeting.date else Q(motion__postponed_to__isnull=False)
    found = rows.exclude(later).select_related("meeting", "item", "motion").prefetch_related("motion__claims__answers")
    return [one for one in found.order_by("pk") if waits(one.motion, one)]


def returning(meeting: Meeting, before: Meeting | None, *, whenever: bool = False) -> list[tuple[Motion, Placement]]:
    """Motions without a final answer to everything, with where they were up last.

    What an old protocol read from a file left open is another matter, unless that protocol is the previous one.
    """
    final = Answer.objects.filter(claim=OuterRef("pk"), outcome__in=FINAL, released_at__isnull=False)
    unanswered = Claim.objects.filter(~Exists(final), motion=OuterRef("pk"))
    been_up = Placement.objects.filter(
        Q(meeting__loaded=False) | Q(meeting=before), motion=OuterRef("pk"), meeting__state__in=FINISHED
    )
    tabled = Placement.objects.filter(motion=OuterRef("pk"), item__outcome=Item.Outcome.TABLED)
    motions = (
        _free(meeting)
        .filter(Q() if whenever else _not_before(meeting), Exists(been_up))
        .filter(Exists(unanswered) | Exists(tabled))
    )
    coming_back = []
    for motion in motions.prefetch_related("placements__meeting", "placements__paragraph", "placements__item", "claims__answers"):
        last = latest(placement for placement in motion.placements.all() if placement.meeting.state in FINISHED)
        if waits(motion, last):
            coming_back.append((motion, last))
    return coming_back


def due(meeting: Meeting) -> list[Motion]:
    """Motions that nobody has taken up, wanted or due by this day, except those that an earlier meeting can still take up."""
    if meeting.date is None:
        return []
    up = Placement.objects.filter(motion=OuterRef("pk")).exclude(meeting__state=State.CANCELLED)
    due = Q(wanted_on__lte=meeting.date) | Q(due_on__lte=meeting.date) | Q(postponed_to__lte=meeting.date)
    motions = list(_free(meeting).filter(~Exists(up)).filter(due, _not_before(meeting)))
    sooner = meeting.group.meetings.filter(state__in=WRITABLE, date__lt=meeting.date)
    days = list(sooner.values_list("date", flat=True)) if motions else []
    first = {motion.pk: motion.postponed_to or min(day for day in (motion.wanted_on, motion.due_on) if day) for motion in motions}
    return [motion for motion in motions if not any(day >= first[motion.pk] for day in days)]


def topics_before(paragraph: Paragraph) -> list[Item]:
    """The topics that stood under this § last time there were any, those that already stand here left out."""
    earlier = Paragraph.objects.filter(meeting__in=_held(paragraph.meeting).order_by().values("pk"))
    earlier = earlier.filter(slug=paragraph.slug) if paragraph.slug else earlier.filter(slug="", heading=paragraph.heading)
    topics = Item.objects.filter(paragraph=OuterRef("pk"), kind=Item.Kind.TOPIC).exclude(title="")
    last = earlier.filter(Exists(topics)).order_by(F("meeting__date").desc(nulls_last=True), "-meeting", "position").first()
    if last is None:
        return []
    here = {title.casefold() for title in paragraph.items.values_list("title", flat=True)}
    missing_here: dict[str, Item] = {}
    for item in last.items.filter(kind=Item.Kind.TOPIC).exclude(title="").order_by("position", "pk"):
        if item.title.casefold() not in here:
            missing_here.setdefault(item.title.casefold(), item)
    return list(missing_here.values())


def topics_waiting(meeting: Meeting) -> set[int]:
    """The §§ of `meeting` under which the previous meeting had topics that are not here. A fixed number of queries."""
    before = held_before(meeting)
    if before is None:
        return set()
    had: dict[tuple[str, str], set[str]] = {}
    for item in before_topics(before):
        key = (item.paragraph.slug, "" if item.paragraph.slug else item.paragraph.heading)
        had.setdefault(key, set()).add(item.title.casefold())
    with_topics = set()
    for paragraph in meeting.paragraphs.prefetch_related("items"):
        here = {item.title.casefold() for item in paragraph.items.all()}
        if had.get((paragraph.slug, "" if paragraph.slug else paragraph.heading), set()) - here:
            with_topics.add(paragraph.pk)
    return with_topics


def before_topics(before: Meeting) -> QuerySet[Item]:
    """The topics of a meeting that have a heading."""
    rows = Item.objects.filter(paragraph__meeting=before, kind=Item.Kind.TOPIC).exclude(title="")
    return rows.select_related("paragraph")


def not_taken_up(motions: MotionQuerySet) -> MotionQuerySet:
    """Those of the motions that are filed and that no meeting has taken up; a cancelled meeting takes nothing up."""
    return motions.open().exclude(placements__in=Placement.objects.exclude(meeting__state=states.State.CANCELLED))


def motions_waiting(group: Group) -> list[Motion]:
    """The group's motions that wait for a meeting."""
    return list(not_taken_up(group.motions.with_claims()))


def left_open(motion: Motion) -> bool:
    """It has been up, every protocol that holds it is sealed, and something in it waits for a final answer."""
    prefetch_related_objects([motion], "claims__answers")
    ups = list(motion.placements.exclude(meeting__state=State.CANCELLED).select_related("meeting", "item"))
    return bool(ups) and all(one.meeting.state in FINISHED for one in ups) and waits(motion, latest(ups))


def latest(ups: Iterable[Placement]) -> Placement:
    """Where it was up last."""
    return max(ups, key=lambda one: (str(one.meeting.date or ""), one.meeting_id))


def waits(motion: Motion, last: Placement) -> bool:
    """Something in it has no final answer, or the matter that it was up under was tabled."""
    tabled = last.item is not None and last.item.outcome == Item.Outcome.TABLED
    return tabled or any(claim.outcome not in FINAL for claim in motion.claims.all())
