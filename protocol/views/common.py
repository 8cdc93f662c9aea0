"""What the pages that hand out a protocol share: what there is to read, and how a file is drawn, handed out and kept."""

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from meetings.models import Item, Meeting
from meetings.states import State
from people.access import demand
from protocol import actions
from protocol.exports import FORMATS
from protocol.models import Drawing
from protocol.shown import Shown, show
from record.moves import WrongState
from record.pages import see

NEVER_KEPT = "private, no-store"
# The right behind each kind of drawing: asked when it is ordered, and again when it is handed out.
RIGHTS = {Drawing.Kind.PROTOCOL: "read_protocol", Drawing.Kind.BOARD: "export_to_board"}


def demand_protocol(meeting: Meeting) -> None:
    """A cancelled meeting has no protocol: raises WrongState."""
    if meeting.state == State.CANCELLED:
        raise WrongState(meeting, "read_protocol")


def shown_to_reader(meeting: Meeting) -> Shown:
    """What there is to read."""
    demand_protocol(meeting)
    return show(meeting)


def when_drawn(request: HttpRequest, drawing: Drawing) -> HttpResponse:
    """The file when it is ready, else the page where one waits for it."""
    return hand_out(request, drawing) if drawing.state == Drawing.State.DONE else see("protocol:drawing", drawing.pk)


def hand_out(request: HttpRequest, drawing: Drawing) -> HttpResponse:
    """The drawn file, to somebody who still has the right to it; what goes to the board is noted in the log."""
    demand(request.user, RIGHTS[drawing.kind], drawing.item or drawing.meeting)
    to_board = drawing.kind == Drawing.Kind.BOARD
    file = bytes(drawing.pdf)
    if to_board and request.method == "GET":
        items = list(Item.objects.filter(pk__in=drawing.matters))
        actions.export_to_board(drawing.meeting, items=items, file=file, by=request.user)
    headers = {"Content-Disposition": content_disposition_header(to_board, drawing.filename), "Cache-Control": NEVER_KEPT}
    return HttpResponse(file, content_type=FORMATS["pdf"].content_type, headers=headers)
