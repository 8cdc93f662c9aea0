"""The addresses of allauth, each watched unless it is listed here as harmless: whatever changes how one logs in has its price."""

from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import URLResolver
from django.urls.resolvers import RoutePattern

from people.allauth import FOLDERS, proved_anew, whose_link, wrapped
from people.hashing import demand_room, turn
from people.models import User
from people.proof import Proved, change_proof, changes

# Nothing that one proves oneself by is changed there; each says why.
HARMLESS = {
    "account_login": "asks for the proof, and for the second step after it",
    "account_logout": "ends one's own session here",
    "account_inactive": "a page to read",
    "account_signup": "closed: log-ins come by invitation",
    "account_reauthenticate": "asks for the proof; what it was asked for is sent again to its own address",
    "account_email_verification_sent": "a page to read",
    "account_reset_password": "sends a link to an address that is confirmed; the link's own page changes the password",
    "account_reset_password_done": "a page to read",
    "account_reset_password_from_key_done": "a page to read",
    "account_confirm_login_code": "leads to the log-in: codes by mail are off",
    "mfa_index": "a page to read",
    "mfa_authenticate": "asks for the second step",
    "mfa_reauthenticate": "leads to account_reauthenticate, which asks for both steps",
    "mfa_view_recovery_codes": "shows the codes, and asks for the proof before that",
    "mfa_download_recovery_codes": "shows the codes, and asks for the proof before that",
}
# Followed by somebody who cannot log in, or does not have to; the link is the proof.
BY_LINK = frozenset({"account_reset_password_from_key", "account_confirm_email"})
# Its own form asks for the password and the second step.
ASKS_ITSELF = frozenset({"account_change_password"})
# A password is hashed there, while the picture of before is held.
HASHES = frozenset({"account_change_password", "account_set_password", "account_reset_password_from_key"})


def watched(name: str, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view, asking for the proof before it changes anything, and telling of what it changed in the same transaction."""
    if name == "account_login":
        return _with_room(view)
    if name in HARMLESS:
        return view

    @wraps(view)
    def seen(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        pk = whose_link(**kwargs) if name in BY_LINK else request.user.pk
        if request.method != "POST" or pk is None:
            return view(request, *args, **kwargs)
        with turn() if name in HASHES else nullcontext(), transaction.atomic():
            before = Proved.of(pk)
            response = view(request, *args, **kwargs)
            found = changes(before, Proved.of(pk), by_link=name in BY_LINK)
            if found:
                adapter, by = get_adapter(), request.user if request.user.is_authenticated else None
                change_proof(
                    User(pk=pk),
                    found,
                    addresses=before.confirmed,
                    by=by,
                    ip=adapter.get_client_ip(request),
                    agent=adapter.get_http_user_agent(request)[:200],
                )
        return response

    return seen if name in BY_LINK | ASKS_ITSELF else proved_anew(seen)


def _with_room(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view, for a form from somebody whose password can be looked at soon."""

    @wraps(view)
    def seen(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            demand_room()
        return view(request, *args, **kwargs)

    return seen


urlpatterns = [URLResolver(RoutePattern(folder), wrapped(patterns, watched)) for folder, patterns in FOLDERS.items()]
