"""The only door to what allauth keeps for itself.

It may change in any release: tests/people/test_allauth.py tells at an upgrade what broke.
"""

from typing import Any

from allauth.account.internal.flows.login import perform_login
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import Login
from allauth.core.internal import ratelimit
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from people.models import User


def log_in(request: HttpRequest, user: User) -> HttpResponse:
    """Log in somebody who has just proved who they are, with whatever steps they still have to take."""
    return perform_login(request, Login(user=user, email=user.email))


def forget_login(request: HttpRequest) -> None:
    """Drop the log-in that was begun, so that the next one begins anew."""
    clear_login(request)


def within_limit(
    request: HttpRequest, *, app: str, action: str, user: User | None = None, rates: dict[str, Any] | None = None
) -> bool:
    """Count one try of `action`, for the visitor's address and the user; False when there have been too many."""
    return ratelimit.consume(request, app=app, action=action, user=user, config=rates) is not None


def within_password_limit(request: HttpRequest, user: User) -> bool:
    """Count one try at the password of somebody who is logged in, together with those on the pages of allauth."""
    return within_limit(request, app="allauth.account", action="reauthenticate", user=user)


def has_second_step(user: User) -> bool:
    """Whether the password alone is not enough to log in as `user`."""
    return is_mfa_enabled(user, [Authenticator.Type.TOTP])


def use_second_step(user: User, code: str) -> None:
    """Check and use up a code from the app, or a recovery code; raises ValidationError for a wrong one and after too many tries.

    A code is good once: one that has just been used to log in does not prove anything again, and a recovery code never does.
    """
    form = AuthenticateForm({"code": code}, user=user)
    if not form.is_valid():
        raise ValidationError(form.errors["code"].as_data())
    form.authenticator.record_usage()
