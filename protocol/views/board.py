"""To the board: the unions' views as a PDF, and the line that reports the protocol."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from meetings.actions.board import demand_for_board
from meetings.models import Item, Meeting
from people.access import does
from protocol import board, drawings
from protocol.models import Drawing
from protocol.views.common import NEVER_KEPT, demand_protocol, shown_to_reader, when_drawn
from record.moves import WrongState
from record.pages import see


@does("export_to_board", Item)
@require_safe
def export_matter_to_board(request: HttpRequest, item: Item) -> HttpResponse:
    """What the unions have said in one matter, as a PDF; the log tells when it is taken out."""
    demand_for_board(item)
    return _package(request, item.meeting, item)


@does("export_to_board", Meeting)
@require_safe
def export_to_board(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The same for every matter of the meeting that goes to the board."""
    return _package(request, meeting, None)


def _package(request: HttpRequest, meeting: Meeting, item: Item | None) -> HttpResponse:
    demand_protocol(meeting)
    if board.package(meeting, item) is None:
        where = "i ärendet" if item else "i mötets nämndärenden"
        messages.info(request, f"Ingen facklig organisation har lämnat synpunkter {where}, så det finns inget att ta ut.")
        return see("protocol:protocol", meeting.pk, at="namnden")
    return when_drawn(request, drawings.ask(Drawing.Kind.BOARD, meeting, by=request.user, item=item))


@does("read_protocol", Meeting)
@require_safe
def line(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The line for the board's Anmälningsärenden as plain text, once the protocol is adjusted."""
    words = board.line(meeting, shown_to_reader(meeting))
    if not words:
        raise WrongState(meeting, "read_protocol")
    return HttpResponse(words + "\n", content_type="text/plain; charset=utf-8", headers={"Cache-Control": NEVER_KEPT})
