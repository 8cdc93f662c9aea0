"""What FVG wants of allauth: nobody signs up, a log-in needs a mandate, and mail is Swedish with links to this site only."""

import logging
from typing import Any
from urllib.parse import urljoin

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.utils import filter_users_by_email
from allauth.core import context as current
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.crypto import salted_hmac

from people import actions, inviting, mail, recognising
from people.allauth import address_of, count_guess, forget_login, has_second_step, is_guessed_at
from people.hashing import Crowded
from people.models import User
from people.registry import why_none_is_valid

TOO_MANY = (
    "För många misslyckade inloggningsförsök. Kontot är inte låst och inget har ändrats. Vänta fem minuter och försök igen. "
    "Har du glömt lösenordet kan du få en länk med mejl."
)
# Said to all alike, right password or wrong: it must not tell a guesser which one was right, nor who has a second step.
GUESSED_AT = (
    "Någon har gissat lösenord till den här adressen många gånger den senaste timmen. Inget har ändrats, men just nu räcker inte "
    "lösenordet ensamt. Är kontot ditt? Har du tvåstegsinloggning: kontrollera lösenordet och försök igen. "
    "Annars: du har fått ett mejl om det. Följ länken där och logga in med samma lösenord som förut. Har det inte kommit? Välj "
    "”Glömt lösenordet?”. Där väljer du ett nytt lösenord och loggas in direkt."
)
log = logging.getLogger(__name__)


def second_step_failed(*, user: User, **_: Any) -> None:
    """Write a line about a code that was not the right one."""
    log.warning("second step failed: user %s", user.pk)


def _tried(request: HttpRequest, credentials: dict[str, Any]) -> User | None:
    """The log-in that somebody tries to open."""
    email = credentials.get("email") or ""
    users = filter_users_by_email(email, prefer_verified=True) if email else [request.user]
    return users[0] if users and users[0].pk else None


def _whose(request: HttpRequest, credentials: dict[str, Any]) -> str:
    """That log-in by its number; for an unknown address what tells it from others."""
    email = credentials.get("email") or ""
    if user := _tried(request, credentials):
        return f"user {user.pk}"
    return f"no such user ({salted_hmac('people.accounts.log', email.strip().lower()).hexdigest()[:8]})"


class AccountAdapter(DefaultAccountAdapter):
    """allauth asks here before it acts."""

    error_messages = {**DefaultAccountAdapter.error_messages, "too_many_login_attempts": TOO_MANY, "guessed_at": GUESSED_AT}

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: log-ins come by invitation."""
        return False

    def pre_login(self, request: HttpRequest, user: User, **more: Any) -> HttpResponse | None:
        """Refuse kindly when no mandate is valid today. Said only to somebody who has proved to own the log-in."""
        answer = super().pre_login(request, user, **more)
        if answer is None and not (user.held or user.is_staff):
            forget_login(request)
            why = why_none_is_valid(user)
            messages.info(request, f"Ditt lösenord stämmer, men {why[:1].lower()}{why[1:]}")
            return redirect("account_login")
        return answer

    def reauthenticate(self, user: User, password: str) -> bool:
        """A session that has just been proved anew gets a new key; whoever holds the old one is out."""
        proved = super().reauthenticate(user, password)
        if proved:
            request = current.request
            old = request.session.session_key
            request.session.cycle_key()
            UserSession.objects.filter(session_key=old).update(session_key=request.session.session_key)
        return proved

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """One page asks for the password and, of whoever has a second step, for its code: neither is enough by itself."""
        return [method for method in super().get_reauthentication_methods(user) if method["id"] == "reauthenticate"]

    def clean_email(self, email: str) -> str:
        """An address that somebody was invited with is theirs, confirmed or not. Only those who are logged in are told."""
        user = current.request.user
        if user.is_authenticated and actions.is_taken(email, but=user):
            raise self.validation_error("email_taken")
        return email

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Check the password. Of a log-in that many guess at, from many addresses, it opens only the door to the second step.

        Whoever is logged in already is no such guesser, nor who has followed the link that is mailed to the owner: others
        who guess keep nobody from proving who they are.
        """
        whose, tried = _whose(request, credentials), _tried(request, credentials)
        known = request.user.is_authenticated or recognising.is_recognised(request, tried)
        guessed_at = not known and is_guessed_at(request, whose)
        try:
            user = super().authenticate(request, **credentials)
        except Crowded:  # nothing was tried
            self._rollback_login_failed_rl_usage(proved=True)
            raise
        if guessed_at and not (user and has_second_step(user)):
            log.warning("log-in refused after too many tries from all addresses: %s", whose)
            if tried:
                recognising.tell_owner(tried)
            raise self.validation_error("guessed_at")
        self._rollback_login_failed_rl_usage(proved=user is not None)
        return user

    def _rollback_login_failed_rl_usage(self, *, proved: bool = False) -> None:
        """Forget a try only once it has opened something: else one that is refused and not counted was the right one."""
        if proved:
            super()._rollback_login_failed_rl_usage()

    # The log: who failed to log in, never what was typed.
    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            log.warning("log-in refused after too many tries: %s", _whose(request, credentials))
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        whose = _whose(request, credentials)
        count_guess(request, whose)
        log.warning("log-in failed: %s", whose)
        tried = _tried(request, credentials)
        if tried and is_guessed_at(request, whose):
            recognising.tell_owner(tried)

    # Mail: links are made from the setting, never from what a request calls the host.
    def get_reset_password_from_key_url(self, key: str) -> str:
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"}).replace("UID-KEY", key)
        return urljoin(settings.SITE_URL, path)

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return urljoin(settings.SITE_URL, reverse("account_confirm_email", args=[emailconfirmation.key]))

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """Somebody who never chose a password gets the invitation again: that is what they are looking for."""
        if not user.has_usable_password():
            inviting.invite_again(user, by=None)
        else:
            super().send_password_reset_mail(user, email, context)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """One plain text mail. Sent after the commit and never kept, since it may carry a key; the log says when that fails."""
        message = self.render_mail(template_prefix, email, context)

        def send() -> None:
            try:
                message.send()
            except OSError as error:  # smtplib's errors are OSErrors
                log.error("%s was not sent: %s", template_prefix, type(error).__name__)

        transaction.on_commit(send)

    def render_mail(
        self, template_prefix: str, email: str | list[str], context: dict[str, Any], headers: dict[str, str] | None = None
    ) -> EmailMessage:
        told = {**context, "email": email, "site": settings.SITE_URL}
        subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", told).split())
        body = render_to_string(f"{template_prefix}_message.txt", told).strip() + "\n"
        to = [email] if isinstance(email, str) else email
        return EmailMessage(subject, body, to=to, headers={**mail.AUTOMATIC, **(headers or {})})

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count guesses per log-in and address, whichever e-mail address is used and whatever the request calls the host.

        Those of who has followed the mailed link have a counter of their own: nobody behind the same address uses it up.
        """
        if recognising.is_recognised(request, _tried(request, credentials)):
            return f"{_whose(request, credentials)} by link"
        return f"{_whose(request, credentials)} from {address_of(request)}"
