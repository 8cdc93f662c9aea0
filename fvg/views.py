"""The start page, the help, the promises, and what the site says of itself."""

import email
import email.policy
import logging
import sys
from datetime import UTC
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from fvg import waiting, watching
from people import resend
from people.access import own_page, public_page
from people.models import today
from record import storage, tracing
from record.pages import by_script

logger = logging.getLogger(__name__)

HELP = {
    "sekreterare": "Sekreterare",
    "ordforande": "Ordförande",
    "justerare": "Justerare",
    "facklig": "Facklig representant",
    "arbetsgivare": "Arbetsgivarrepresentant",
    "hr": "HR",
}


@own_page
def home(request: HttpRequest) -> HttpResponse:
    """What waits for this person, the next meetings, and the balance list."""
    return render(request, "fvg/home.html", waiting.for_user(request.user, today()))


@own_page
def help_page(request: HttpRequest, role: str = "") -> HttpResponse:
    """How to do one's part, role by role."""
    if role and role not in HELP:
        raise Http404
    return render(request, f"fvg/help_{role}.html" if role else "fvg/help.html", {"roles": HELP, "role": HELP.get(role)})


@public_page
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement (lagen 2018:1937 om tillgänglighet till digital offentlig service)."""
    return render(request, "fvg/accessibility.html")


@public_page
def trust(request: HttpRequest) -> HttpResponse:
    """The six promises, and what we cannot promise."""
    return render(request, "fvg/trust.html")


@public_page
def health(request: HttpRequest) -> HttpResponse:
    """For the monitoring, within a second: 503 when the database does not answer or lacks a guard; 200 with "varning" when the
    worker, the timer, the mail or the seals are late. Tells nothing but the ages of the parts, see docs/operations.md."""
    found = watching.health()
    return JsonResponse(found or {"status": "fel"}, status=200 if found else 503)


@own_page
def demo_mail(request: HttpRequest) -> HttpResponse:
    """The mail that the demonstration has sent, newest first. It exists only there."""
    if not settings.DEMO or not getattr(settings, "EMAIL_FILE_PATH", ""):
        raise Http404
    files = sorted(Path(settings.EMAIL_FILE_PATH).glob("*.log"), key=lambda file: file.stat().st_mtime, reverse=True)[:200]
    letters = [letter for file in files for letter in _letters(file)]
    return render(request, "fvg/demo_mail.html", {"letters": letters})


def _letters(file: Path) -> list[dict[str, Any]]:
    """The mails in one file of Django's file backend."""
    letters = []
    for part in file.read_bytes().split(b"-" * 79):
        if part.strip():
            message = email.message_from_bytes(part.lstrip(b"\n"), policy=email.policy.default)
            body, at = message.get_body(("plain",)), message["Date"].datetime
            letters.append(
                {
                    "to": str(message["To"]),
                    "subject": str(message["Subject"]),
                    "at": at.replace(tzinfo=at.tzinfo or UTC) if at else None,  # -0000 is UTC, RFC 5322 says
                    "body": body.get_content() if body else "",
                }
            )
    return letters[::-1]


@public_page
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The request could not be understood."""
    return render(request, "400.html", status=400)


FULL = "Tjänsten har inte plats för mer just nu, så det du skickade sparades inte. Det som stod som sparat är sparat."


@public_page
def server_error(request: HttpRequest) -> HttpResponse:
    """Something broke, perhaps the database: the page asks nothing and nobody.

    When the disk is full that is said, and what was typed is offered to be sent once more.
    """
    told = {"request_id": tracing.current.get()}
    if not storage.is_out_of_room(sys.exc_info()[1]):
        return HttpResponse(render_to_string("500.html", told), status=500)
    if by_script(request):
        return JsonResponse({"message": FULL}, status=503)
    try:
        if (fields := resend.posted(request)) and request.user.is_authenticated:
            return resend.page(request, fields, FULL, status=503)
    except Exception:  # what shows the page needs the database too
        logger.exception("What was typed could not be shown")
    return HttpResponse(render_to_string("500.html", told | {"full": True}), status=503)


@public_page
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was too old or came from elsewhere. What was typed in one of our own is offered to be sent once more."""
    fields = resend.posted(request)
    if fields and request.user.is_authenticated and resend.from_our_own_page(request):
        return resend.page(request, fields, "Du har loggat in på nytt sedan sidan öppnades, så det sparades inte.", status=403)
    context = {
        "title": "Sidan hade legat för länge",
        "reason": "Formuläret var för gammalt eller kom från en annan webbplats. Inget är sparat.",
        "next_step": "Gå tillbaka i webbläsaren: det du skrev brukar finnas kvar där. "
        "Kopiera det, ladda om sidan och skicka igen.",
    }
    return render(request, "403.html", context, status=403)
