"""The only door to what allauth keeps for itself.

It may change in any release: tests/people/test_allauth.py tells at an upgrade what broke.
"""

from collections.abc import Callable, Iterator
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import perform_login
from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import EmailAddress, Login, get_emailconfirmation_model
from allauth.account.urls import urlpatterns as account_urls
from allauth.account.utils import url_str_to_user_pk
from allauth.core.internal import ratelimit
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.urls import urlpatterns as mfa_urls
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from allauth.usersessions.urls import urlpatterns as usersessions_urls
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver

from people.models import User


def log_in(request: HttpRequest, user: User) -> HttpResponse:
    """Log in somebody who has just proved who they are, with whatever steps they still have to take."""
    return perform_login(request, Login(user=user, email=user.email))


def proved_lately(request: HttpRequest) -> bool:
    """Whether the password was given a few minutes ago, by logging in or when asked for it again."""
    return not is_reauthentication_required(request, app="")


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


def count_guess(request: HttpRequest, whose: str) -> None:
    """Count one wrong password for a log-in, from wherever it came."""
    ratelimit.consume(request, app="allauth.account", action="guessed_at", key=whose)


def is_guessed_at(request: HttpRequest, whose: str) -> bool:
    """Whether there have lately been too many wrong passwords for a log-in, from all addresses together."""
    return ratelimit.consume(request, app="allauth.account", action="guessed_at", key=whose, dry_run=True) is None


def address_of(request: HttpRequest) -> str:
    """The visitor's address as tries are counted: a whole network for IPv6, where one has many."""
    return ratelimit.get_ip(request)


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


def addresses_of(pk: int) -> dict[str, tuple[bool, bool]]:
    """Each address of the user → (whether it is confirmed, whether it is the primary one)."""
    rows = EmailAddress.objects.filter(user=pk).values_list("email", "verified", "primary")
    return {email: (verified, primary) for email, verified, primary in rows}


def steps_of(pk: int) -> dict[str, int]:
    """Each kind of second step that the user has → its row; a new app or new codes make a new row."""
    return dict(Authenticator.objects.filter(user=pk).values_list("type", "pk"))


def sessions_of(pk: int) -> int:
    """How many sessions the user's list shows."""
    return UserSession.objects.filter(user=pk).count()


# allauth's addresses, by the folder that they lie under.
FOLDERS = {"konto/": account_urls, "konto/tvasteg/": mfa_urls, "konto/inloggningar/": usersessions_urls}

Wrap = Callable[[str, Callable[..., HttpResponse]], Callable[..., HttpResponse]]


def wrapped(patterns: list[URLPattern | URLResolver], wrap: Wrap) -> list[URLPattern | URLResolver]:
    """The same addresses, each leading to what `wrap` makes of its name and its view."""
    return [
        URLResolver(one.pattern, wrapped(one.url_patterns, wrap))
        if isinstance(one, URLResolver)
        else URLPattern(one.pattern, wrap(one.name, one.callback), one.default_args, one.name)
        for one in patterns
    ]


def names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    """The names of all these addresses."""
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from names(one.url_patterns)
        else:
            yield one.name


def proved_anew(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view: whoever sends a form to it has given the password (and the second step) within the last minutes.

    Who has not is asked for it, and what was sent is then sent again by itself.
    """
    return reauthentication_required(view, allow_get=True)


def whose_link(uidb36: str = "", key: str = "") -> int | None:
    """Whose log-in a link in a mail is about (to choose a password, or to confirm an address); None for one that is made up."""
    try:
        if uidb36:
            return User.objects.values_list("pk", flat=True).filter(pk=url_str_to_user_pk(uidb36)).first()
    except ValueError:
        return None
    confirmation = get_emailconfirmation_model().from_key(key)
    return confirmation.email_address.user_id if confirmation else None
