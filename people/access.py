"""The three questions every view asks, in order: may you see it (else 404), may you do it (else 403), is it time (else 409)."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse

from people.permissions import Verdict, decide, table
from record.moves import WrongState

# Pages that show nobody anything but what is their own; each says so with `own_page`.
OWN = "own"
PUBLIC = "public"


def demand(user: Any, action: str, thing: Any) -> None:
    """Raise PermissionDenied when the table says never, WrongState when it says not now."""
    verdict = decide(user, action, thing)
    if verdict is Verdict.FORBIDDEN:
        raise PermissionDenied(table()[action].label)
    if verdict is Verdict.WRONG_STATE:
        raise WrongState(thing, action)


def does(action: str, model: type[models.Model]) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Decorate a view: fetch the thing by `pk` from what the user may see, ask the table, hand the thing to the view."""
    if action not in table():
        raise ValueError(f"{action} has no row in people/permissions.tsv")

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def asked(request: HttpRequest, pk: int, **more: Any) -> HttpResponse:
            thing = model._default_manager.visible_to(request.user).filter(pk=pk).first()
            if thing is None:
                raise Http404
            demand(request.user, action, thing)
            return view(request, thing, **more)

        asked.action = action
        asked.model = model
        return asked

    return decorate


def own_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view that lists or shows only what the user may see anyway (lists by `visible_to`, one's own profile)."""
    view.action = OWN
    return view


def public_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view that anybody may read without logging in."""
    view = login_not_required(view)
    view.action = PUBLIC
    return view
