"""Who may say that a union disagrees, and a disagreement as the list shows it."""

from typing import Any

from meetings.models import Disagreement, Item
from motions.models import voices
from people.models import Party, Role, User, today
from people.permissions import can
from record.text import to_words


def parties_for(item: Item, user: User) -> list[Party]:
    """For whom `user` may say it: secretary and chair for every union, others for their own (a substitute when serving)."""
    group = item.meeting.group_id
    offices = user.roles_in(group) | item.elected(user)
    if offices & {Role.SECRETARY, Role.CHAIR}:
        rows = Party.objects.unions().filter(mandates__group=group).distinct()
    else:
        rows = Party.objects.unions().filter(pk__in=voices(user, "disagree", group, anew=True))
    return list(rows.with_names().order_by("position", "pk"))


def line_of(disagreement: Disagreement, user: User) -> dict[str, Any]:
    """One line of the list."""
    settled, deadline = disagreement.settled, disagreement.deadline
    return {
        "row": disagreement,
        "deadline": deadline,
        "late": settled is None and deadline is not None and deadline < today(),
        "settled": settled,
        "said": to_words(settled.text) if settled else "",
        "can": can(user, disagreement.meeting, "read_protocol") | can(user, disagreement, "settle"),
    }
