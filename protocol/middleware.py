"""A page of its own for a frozen text that is not what people signed, wherever it was to be read."""

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from meetings.states import FINISHED
from people.permissions import can
from protocol.evidence import Altered
from protocol.models import SealedProtocol

log = logging.getLogger(__name__)


class AlteredTexts:
    """Answer 500 (nothing that the visitor does can mend it) with what is safe, what to do, and the way to the sealed file."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Altered):
            return None
        log.critical("%s: nobody is shown it; read docs/operations.md and run manage.py verify", exception)
        meeting = exception.version.meeting
        kept = meeting.state in FINISHED and can(request.user, meeting, "download")["download"]
        sealed = kept and SealedProtocol.objects.filter(version__meeting=meeting).exists()
        return render(request, "protocol/altered.html", {"meeting": meeting, "sealed": sealed}, status=500)
