"""Where the protocols speak of a promise: the § where it was made, åtaganden, each meeting's list, its closing, its words."""

from typing import NamedTuple

from django.db.models import Q

from meetings.models import BalanceItem, Meeting, Paragraph
from meetings.reading.numbering import numbered
from meetings.states import BEGUN
from people.models import User
from record.searching import says

# Shorter words stand in too many texts to be of the promise.
SHORTEST = 8


class Mention(NamedTuple):
    """One § that speaks of the promise, with its number, and in what way it does."""

    paragraph: Paragraph
    number: int | None
    ways: tuple[str, ...]

    @property
    def meeting(self) -> Meeting:
        return self.paragraph.meeting


def mentions(item: BalanceItem, user: User) -> list[Mention]:
    """The §§ of the protocols `user` may read that speak of the promise, the latest meeting first. A fixed number of queries."""
    ways = _ways(item)
    meetings = (
        Meeting.objects.readable_by(user)
        .filter(state__in=BEGUN)
        .filter(Q(paragraphs__in=ways) | Q(balance_notes__item=item))
        .distinct()
        .select_related("group")
        .prefetch_related("paragraphs__items", "paragraphs__placements", "balance_notes")
    )
    mentioned = []
    for meeting in meetings:
        listed = any(note.item_id == item.pk for note in meeting.balance_notes.all())
        for number, paragraph in numbered(meeting.paragraphs.all(), meeting.group):
            said = ways.get(paragraph.pk, [])
            if listed and paragraph.slug == "balance":
                said = [*said, "stod på listan"]
            if said and number is not None:
                mentioned.append(Mention(paragraph, number, tuple(dict.fromkeys(said))))
    return mentioned


def _ways(item: BalanceItem) -> dict[int, list[str]]:
    """The §§ that are known to speak of it, each with how."""
    ways: dict[int, list[str]] = {}
    if item.paragraph_id:
        ways.setdefault(item.paragraph_id, []).append("uppkom här")
    for pk in item.commitments.exclude(paragraph=None).values_list("paragraph", flat=True):
        ways.setdefault(pk, []).append("åtagande")
    for pk in item.notes.filter(closes=True).values_list("under", flat=True):
        ways.setdefault(pk, []).append("avslutad här")
    if len(item.title) >= SHORTEST:
        spoken = Paragraph.objects.filter(meeting__group=item.group_id)
        named = says(item.title, "text", "items__text", "items__title")
        for pk in spoken.filter(named).values_list("pk", flat=True).distinct():
            ways.setdefault(pk, []).append("nämns i texten")
    return ways
