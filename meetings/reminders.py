"""Reminders: each week of each overdue promise on the balance list, and once of the last day to ask for negotiation."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from meetings.actions.balance import soonest
from meetings.models import BalanceItem, Disagreement
from people import mail
from people.models import Group, Person, Role, today
from record.history import remember

WEEK = timedelta(days=7)
MOST_LINKS = 20
NOTICE = timedelta(days=3)  # before the last day for a central negotiation
LONGEST = timedelta(days=400)  # nobody agrees on more
ONCE = 2 * LONGEST  # by then it is no longer reminded of


def remind() -> int:
    """Write today's reminders and return how many there were."""
    return _overdue() + _negotiations()


def _overdue() -> int:
    """The day after its day, and every week after that, to the owner of an overdue promise and to the group's secretary.

    One letter to each for all that is in turn; the item remembers when it was last told of.
    """
    day = today()
    with transaction.atomic():
        in_turn = Q(reminded_on__isnull=True) | Q(reminded_on__lte=day - WEEK)
        overdue = BalanceItem.objects.overdue(day).filter(in_turn).select_related("group", "owner__user").order_by("pk")
        items = list(overdue.select_for_update(of=("self",)))
        for item in items:
            item.reminded_on = day
            remember(item, by=None, verb="remind")
        return _tell_owners(items) + _tell_secretaries(items)


def _tell_owners(items: list[BalanceItem]) -> int:
    owned: dict[Person, list[BalanceItem]] = {}
    for item in items:
        if item.owner is not None:
            owned.setdefault(item.owner, []).append(item)
    return sum(
        _tell("overdue", [person], own, thread="balance", writable=all(soonest(item.group_id) for item in own))
        for person, own in owned.items()
    )


def _tell_secretaries(items: list[BalanceItem]) -> int:
    groups: dict[Group, list[BalanceItem]] = {}
    for item in items:
        groups.setdefault(item.group, []).append(item)
    return sum(
        _tell("overdue_list", group.holders(Role.SECRETARY), own, thread=f"balance-{group.pk}", group=group)
        for group, own in groups.items()
    )


def _tell(kind: str, persons: list[Person], items: list[BalanceItem], **more: Any) -> int:
    """One letter of all the items, with addresses to the first of them."""
    return mail.tell(kind, persons, items=items, shown=items[:MOST_LINKS], **more)


def _negotiations() -> int:
    """Some days before the last one that the group has agreed on: the union that disagrees, the secretary and HR, each once."""
    day = today()
    recent = Disagreement.objects.open().filter(item__paragraph__meeting__date__gte=day - LONGEST)
    rows = recent.select_related("item__paragraph__meeting__group", "settlement")
    near = [row for row in rows if row.deadline is not None and row.deadline - NOTICE <= day <= row.deadline]
    return sum(_tell_of_last_day(row) for row in near)


def _tell_of_last_day(disagreement: Disagreement) -> int:
    thread, meeting = f"disagreement-{disagreement.pk}", disagreement.meeting
    persons = _concerned(disagreement)
    return mail.tell("negotiation", persons, thread=thread, meeting=meeting, disagreement=disagreement, pause=ONCE)


def _concerned(disagreement: Disagreement) -> list[Person]:
    """Those who speak for the union in the group, its secretary, and HR of the group or above it, each once."""
    group: Group | None = disagreement.meeting.group
    persons = [*group.speaking_for([disagreement.party_id]), *group.holders(Role.SECRETARY)]
    while group is not None:
        persons += group.holders(Role.HR)
        group = group.parent
    return list({person.pk: person for person in persons}.values())
