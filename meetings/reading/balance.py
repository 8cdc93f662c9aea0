"""What the balance list shows of the promises: which ones, their notes, where they were sent and what they came from."""

from typing import Any

from django.db.models import F, QuerySet

from meetings.models import BalanceItem, BalanceNote, Meeting
from meetings.states import FINISHED, NOT_HELD, WRITABLE, State
from motions.models import Answer
from people.models import User, by_shown_name, today
from people.permissions import may
from record.searching import MOST_WORDS, says
from record.text import to_words

SORTS = {
    "title": ["title"],
    "group": ["group__organisation", "group__kind", "group__name"],
    "owner": [by_shown_name("owner__").asc(nulls_last=True)],
    "due": [F("due").asc(nulls_last=True)],
    "age": ["-meetings_open"],
}


def chosen_of(items: QuerySet, chosen: dict[str, str], *, sort: str) -> QuerySet:
    """The promises that the filters let through, in the order of `sort`, with what the list shows of each."""
    state = chosen.get("state", "")
    if state == "overdue":
        items = items.overdue(today())
    elif state == "closed":
        items = items.filter(state=BalanceItem.State.CLOSED)
    elif state != "all":
        items = items.open()
    for word in chosen.get("q", "").split()[:MOST_WORDS]:
        items = items.filter(says(word, "title"))
    if chosen.get("group"):
        items = items.filter(group=int(chosen["group"]))
    if chosen.get("owner"):
        items = items.filter(owner__isnull=True) if chosen["owner"] == "none" else items.filter(owner=int(chosen["owner"]))
    return items.with_age().select_related("owner", "opened_at__group", "closed_at__group").order_by(*SORTS[sort], "pk")


HEADINGS = (
    "Vad",
    "Grupp",
    "Ansvarig",
    "Klart senast",
    "Läge",
    "Möten på listan",
    "Uppkom vid",
    "Uppkom under",
    "Avslutad vid",
)


def cells(item: BalanceItem) -> tuple:
    """A promise as a row of the file, under HEADINGS."""
    return (
        item.title,
        str(item.group),
        item.owner.display if item.owner else "",
        item.due,
        "försenad" if item.overdue else item.get_state_display(),
        item.meetings_open,
        str(item.opened_at) if item.opened_at else "",
        item.paragraph.heading if item.paragraph else "",
        str(item.closed_at) if item.closed_at else "",
    )


def writable_meetings(group_id: int) -> list[Meeting]:
    """The meetings whose list can still be written in: the one being held first, then the coming ones."""
    open_ones = Meeting.objects.filter(group=group_id, state__in=WRITABLE).select_related("group")
    return sorted(open_ones, key=lambda meeting: (meeting.state != State.DRAFT, meeting.date or today().max, meeting.pk))


def readable_notes(item: BalanceItem, user: User) -> list[BalanceNote]:
    """The notes that `user` may read: those of a protocol that is still written only for those who may read it."""
    notes = list(
        item.notes.select_related("meeting__group").prefetch_related("meeting__officers").order_by("meeting__date", "pk")
    )
    keeps = may(user, "keep_balance", item) or item.is_own(user)
    return [note for note in notes if keeps or note.meeting.state in NOT_HELD or may(user, "read_protocol", note.meeting)]


def referrals(item: BalanceItem, user: User) -> list[dict[str, Any]]:
    """The groups that the promise was sent to, with their answer once their protocol is sealed."""
    rows = list(item.referrals.select_related("group", "closed_at__group").prefetch_related("notes"))
    seen = set(BalanceItem.objects.visible_to(user).filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    found = []
    for row in rows:
        answered = row.closed_at is not None and row.closed_at.state in FINISHED
        answer = next((note.text for note in row.notes.all() if note.closes), "") if answered else ""
        found.append({"item": row, "seen": row.pk in seen, "answered": answered, "answer": to_words(answer)})
    return found


def sees_origin(item: BalanceItem, user: User) -> bool:
    """It was sent from another group, and `user` reads it there too."""
    origin = item.referred_from_id
    return origin is not None and BalanceItem.objects.visible_to(user).filter(pk=origin).exists()


def answered_in(item: BalanceItem, user: User) -> Answer | None:
    """The answer in which it was promised, with its motion, for those who may read it."""
    return Answer.objects.visible_to(user).filter(pk=item.answer_id).first() if item.answer_id else None


def texts_of(item: BalanceItem) -> dict[int, str]:
    """Meeting → what is noted of the promise there."""
    return dict(item.notes.values_list("meeting_id", "text"))
