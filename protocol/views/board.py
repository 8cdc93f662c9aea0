"""To the board: the unions' views as a PDF, and the line that reports the protocol."""

import logging

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from meetings.actions.board import demand_for_board
from meetings.models import Item, Meeting
from people.access import does
from protocol import actions, board
from protocol.pdf import RenderError
from protocol.views.common import NEVER_KEPT, file_name, shown_to_reader
from record.moves import WrongState
from record.pages import see

logger = logging.getLogger(__name__)


@does("export_to_board", Item)
@require_safe
def export_matter_to_board(request: HttpRequest, item: Item) -> HttpResponse:
    """What the unions have said in one matter, as a PDF; the log tells that it was taken out."""
    demand_for_board(item)
    return _package(request, item.meeting, item)


@does("export_to_board", Meeting)
@require_safe
def export_to_board(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The same for every matter of the meeting that goes to the board."""
    return _package(request, meeting, None)


def _package(request: HttpRequest, meeting: Meeting, item: Item | None) -> HttpResponse:
    back = see("protocol:protocol", meeting.pk, at="namnden")
    shown_to_reader(meeting)
    package = board.package(meeting, item)
    if package is None:
        where = "i ärendet" if item else "i mötets nämndärenden"
        messages.info(request, f"Ingen facklig organisation har lämnat synpunkter {where}, så det finns inget att ta ut.")
        return back
    try:
        file = board.as_pdf(package, created=timezone.now())
    except RenderError:
        logger.exception("The package of meeting %s could not be drawn", meeting.pk)
        messages.error(request, "PDF:en kunde inte göras, eftersom texten innehåller något som inte går att skriva ut.")
        return back
    if request.method == "GET":
        actions.export_to_board(meeting, items=package.items, file=file, by=request.user)
    name = file_name("Fackliga synpunkter", meeting.group.abbreviation, meeting.date)
    headers = {"Content-Disposition": content_disposition_header(True, name), "Cache-Control": NEVER_KEPT}
    return HttpResponse(file, content_type="application/pdf", headers=headers)


@does("read_protocol", Meeting)
@require_safe
def line(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The line for the board's Anmälningsärenden as plain text, once the protocol is adjusted."""
    words = board.line(meeting, shown_to_reader(meeting))
    if not words:
        raise WrongState(meeting, "read_protocol")
    return HttpResponse(words + "\n", content_type="text/plain; charset=utf-8", headers={"Cache-Control": NEVER_KEPT})
