"""The coming meetings of a group, as the room of motions asks for them."""

from meetings.models import Meeting
from meetings.states import State
from motions.occasions import Occasion
from people.models import Group, today

MOST = 12


def coming(group: Group) -> list[Occasion]:
    """The planned and called meetings from today on, the nearest first, with their deadlines."""
    rows = Meeting.objects.filter(group=group, date__gte=today(), state__in=(State.PLANNED, State.CALLED))
    return [Occasion(*row) for row in rows.order_by("date", "starts", "pk").values_list("date", "deadline")[:MOST]]
