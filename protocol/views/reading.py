"""Read the protocol: on screen, as PDF, and its log."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from meetings.models import Item, Meeting
from meetings.states import FINISHED, State
from people.access import does
from people.models import User
from people.permissions import can
from protocol import board, drawings, evidence, printed
from protocol.exports import FORMATS
from protocol.models import Drawing, SealedProtocol
from protocol.shown import Shown, file_name
from protocol.views.common import NEVER_KEPT, demand_protocol, shown_to_reader, when_drawn
from record.models import Event

PDF = FORMATS["pdf"]  # the one that the pages offer; the command writes them all

# What the log says, by kind of event.
KINDS = {
    "called": "Kallelsen skickades",
    "cancelled": "Mötet ställdes in",
    "draft_opened": "Utkastet öppnades",
    "frozen": "Texten frystes och skickades till justering",
    "signed": "Underskrift",
    "change_requested": "En ändring begärdes",
    "change_refused": "Begäran om ändring avslogs",
    "withdrawn": "Protokollet togs tillbaka; underskrifterna gäller inte",
    "adjusted": "Alla har skrivit under: protokollet är justerat",
    "file_restored": "Filen till en bilaga lades tillbaka, densamma som förut",
    "sealed": "Protokollet förseglades",
    "loaded": "Protokollet lästes in från en fil",
    "board_package_exported": "Fackliga synpunkter till nämnden togs ut",
    "board_decision_entered": "Nämndens beslut skrevs in",
    "board_decision_removed": "Nämndens beslut togs bort",
}


def buttons(user: User, meeting: Meeting) -> dict[str, bool]:
    """Where this person may go from here."""
    allowed = can(
        user, meeting, "edit_text", "freeze", "read_frozen", "seal", "download", "read_log", "export_to_board", "enter_decision"
    )
    state, reads = meeting.state, allowed["read_frozen"]
    return allowed | {
        "approve": reads and state == State.APPROVAL,
        "see_approval": reads and state in (State.ADJUSTED, *FINISHED),
        "seal": allowed["seal"] and state == State.ADJUSTED,
        "restore_file": allowed["seal"],
        "download": allowed["download"] and state in FINISHED,
        "print": state not in FINISHED,
    }


def to_board(meeting: Meeting, shown: Shown, allowed: dict[str, bool]) -> dict[str, Any]:
    """What stands beside the protocol about the board: the line, and the matters with a decision or something to do."""
    does_something = allowed["export_to_board"] or allowed["enter_decision"]
    items = list(Item.objects.for_board(meeting))
    return {
        "line": board.line(meeting, shown),
        "matters": [item for item in items if does_something or hasattr(item, "board_decision")],
    }


@does("read_protocol", Meeting)
@require_safe
def protocol(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The protocol on screen: the draft as it stands, or the frozen text from its own bytes."""
    shown, allowed = shown_to_reader(meeting), buttons(request.user, meeting)
    context = {
        "meeting": meeting,
        "can": allowed,
        "to_board": to_board(meeting, shown, allowed),
        "version": shown.version,
        "approvals": shown.options.get("approvals", []),
        "signed": sum(1 for approval in shown.options.get("approvals", []) if approval.signed_at),
        **printed.context(shown.protocol, **shown.options),
    }
    return render(request, "protocol/protocol.html", context)


@does("read_protocol", Meeting)
@require_safe
def draft_pdf(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The draft, or the text under approval, as a PDF that says what it is. What is sealed is only served as stored."""
    if meeting.state in FINISHED:
        return redirect("protocol:pdf", pk=meeting.pk)
    demand_protocol(meeting)
    return when_drawn(request, drawings.ask(Drawing.Kind.PROTOCOL, meeting, by=request.user))


@does("download", Meeting)
@require_safe
def pdf(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The sealed file, byte by byte as it was stored."""
    sealed = SealedProtocol.objects.filter(version__meeting=meeting).first()
    if sealed is None:
        raise Http404
    name = file_name("Protokoll", meeting.group.abbreviation, meeting.date)
    headers = {
        "Content-Disposition": content_disposition_header(True, name),
        "Cache-Control": NEVER_KEPT,
        "ETag": f'"{sealed.sha256}"',
    }
    response = HttpResponse(bytes(sealed.pdf), content_type=PDF.content_type, headers=headers)
    return get_conditional_response(request, etag=headers["ETag"], response=response)


@does("read_log", Meeting)
@require_safe
def log(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """What has happened to the protocol, row by row, with the hash of each row."""
    events = Event.objects.filter(chain=meeting.group.chain_id, thing=evidence.thing(meeting)).order_by("-seq")
    events = list(events.select_related("actor__person", "payload"))
    allowed = can(request.user, meeting, "read_agenda", "read_protocol")
    lines = []
    for event in events:
        data = event.payload.data if hasattr(event, "payload") else {}
        lines.append(
            {
                "what": KINDS.get(event.kind, event.kind),
                "n": data.get("version"),
                "matters": data.get("matters", []) if allowed["read_agenda"] else [],
                "file": data.get("file_sha256", ""),
                "event": event,
            }
        )
    fault = evidence.fault_in_log(meeting.group.chain, events)
    context = {"meeting": meeting, "rows": lines, "can": allowed, "fault": fault}
    return render(request, "protocol/log.html", context)
