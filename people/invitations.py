"""The link in an invitation: works once, for seven days, and is made the moment the mail is sent, so that it is never stored."""

from datetime import timedelta
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.encoding import force_bytes, force_str
from django.utils.http import base36_to_int, urlsafe_base64_decode, urlsafe_base64_encode

from people.models import User

LIFETIME = timedelta(days=7)
LINK = "[[länk till inbjudan]]"  # stands in the kept letter; the mail that leaves carries the link itself


class InvitationTokens(PasswordResetTokenGenerator):
    """A token that stops working when it is used, when the address is changed or refused, when a password is set, in a week."""

    key_salt = "people.invitations"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{user.pk}|{user.email}|{user.password}|{user.activated_at}|{timestamp}"

    def check_token(self, user: User | None, token: str | None) -> bool:
        """As Django's, with this lifetime instead of that of a forgotten password."""
        if user is None or not token or not is_open(user):
            return False
        try:
            made = base36_to_int(token.split("-")[0])
        except ValueError:
            return False
        age = self._num_seconds(self._now()) - made
        if not 0 <= age <= LIFETIME.total_seconds():
            return False
        return constant_time_compare(self._make_token_with_timestamp(user, made, self.secret), token)


tokens = InvitationTokens()


def is_open(user: User) -> bool:
    """Whether an invitation waits for this person: sent, not used, and not refused by a union (people/confirming.py)."""
    return user.is_active and user.invited_at is not None and not user.has_usable_password()


def link_for(user: User) -> str:
    """The address of the page where `user` chooses a password."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return urljoin(settings.SITE_URL, reverse("people:activate", args=[uid, tokens.make_token(user)]))


def invited(uid: str, token: str) -> User | None:
    """The user that this link was made for, as long as it works."""
    try:
        user = User.objects.filter(pk=int(force_str(urlsafe_base64_decode(uid)))).first()
    except (ValueError, OverflowError):
        return None
    return user if tokens.check_token(user, token) else None
