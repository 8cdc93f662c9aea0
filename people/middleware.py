"""Deny by default, end sessions with mandates, and answer refusals kindly."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from people import resend
from people.hashing import Crowded
from people.registry import why_none_is_valid
from record.moves import Refused, WrongState
from record.pages import by_script

LONGEST = timedelta(hours=12)
IDLE = timedelta(minutes=60)
NOTED = timedelta(minutes=5)  # how often the session remembers that somebody is there


GONE = "Du är utloggad. Logga in i en ny flik; texten finns kvar här."


def from_script(request: HttpRequest) -> bool:
    """A script of ours asks: it keeps what is typed, and takes a status better than a page."""
    return by_script(request) or bool(getattr(request, "htmx", False))


class LoginRequired(LoginRequiredMiddleware):
    """Every view needs a log-in unless it says otherwise; a session without a valid mandate, or idle for an hour, is over."""

    def process_view(self, request: HttpRequest, view_func, view_args, view_kwargs) -> HttpResponse | None:
        if request.user.is_authenticated:
            over = self.why_over(request)
            if over and from_script(request):
                return HttpResponse(GONE, status=401)  # the page itself ends the session, with what was typed in it
            if over:
                fields, user_pk = resend.posted(request), request.user.pk
                logout(request)
                messages.info(request, over)
                resend.keep(request, fields, user_pk)
            elif (offered := resend.offered(request)) is not None:
                return offered
        return super().process_view(request, view_func, view_args, view_kwargs)

    def why_over(self, request: HttpRequest) -> str | None:
        """Why this session has ended, in Swedish, or None."""
        if not (request.user.held or request.user.is_staff):
            return why_none_is_valid(request.user)
        now = timezone.now().timestamp()
        started = request.session.setdefault("started", now)
        if now - started > LONGEST.total_seconds():
            return "Du har varit inloggad i tolv timmar och har loggats ut. Det du har sparat finns kvar."
        seen = request.session.get("seen")
        if seen is not None and now - seen > IDLE.total_seconds():
            return "Du har varit borta i en timme och har loggats ut. Det du har sparat finns kvar."
        # What a page does by itself, without anybody there, does not keep the session alive.
        if seen is None or (now - seen > NOTED.total_seconds() and "X-Background" not in request.headers):
            request.session["seen"] = now
        return None

    def handle_no_permission(self, request: HttpRequest, view_func) -> HttpResponse:
        """Pages go to the log-in; a fetch from a script gets 401, so that what is typed stays where it is."""
        if from_script(request):
            return HttpResponse(GONE, status=401)
        return super().handle_no_permission(request, view_func)


class Refusals:
    """Turn what is raised into answers: the wrong time is 409 with the reason and the next step, a crowd 429."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, WrongState):
            context = {"reason": exception.reason, "next_step": exception.next_step}
            # The thing's own page tells how far it has come.
            context |= {"next_url": getattr(exception.thing, "page", ""), "next_label": "Se hur det är nu"}
            return render(request, "409.html", context, status=409)
        if isinstance(exception, Refused):
            # Not a page's fault: a rule said no. Tell it where the person stands.
            if by_script(request):
                return HttpResponse(str(exception), status=422, content_type="text/plain; charset=utf-8")
            return render(request, "409.html", {"reason": str(exception), "next_step": ""}, status=422)
        if isinstance(exception, Crowded):
            answer = render(request, "people/crowded.html", {"reason": str(exception)}, status=429)
            answer.headers["Retry-After"] = "5"
            return answer
        return None
