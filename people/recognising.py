"""The owner of a log-in that others guess at: a letter says so, and its link tells this browser from those who guess.

The link opens nothing and changes nothing: after it the password counts again, and the second step is asked for as ever.
"""

from datetime import timedelta
from urllib.parse import urljoin

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.urls import reverse

from people import mail
from people.models import User

SALT = "people.recognising"
LIFETIME = timedelta(days=1)
PAUSE = timedelta(hours=1)
RECOGNISED = "recognised"  # in the session: whose mailbox its owner has shown to read


def tell_owner(user: User) -> None:
    """Tell the owner, at most once an hour, that many guess, and how to get in all the same."""
    if user.is_active and user.has_usable_password():
        link = urljoin(settings.SITE_URL, reverse("people:recognise", args=[signing.dumps([user.pk, user.email], salt=SALT)]))
        mail.tell("guessed_at", [user.person], thread=f"guessed-{user.pk}", address=user.email, pause=PAUSE, link=link)


def recognise(request: HttpRequest, token: str) -> bool:
    """Remember in this session whose mailbox the link came to; False when it is old, made up or to an address since changed."""
    try:
        pk, email = signing.loads(token, salt=SALT, max_age=LIFETIME)
    except (signing.BadSignature, ValueError):
        return False
    if not User.objects.filter(pk=pk, email=email, is_active=True).exists():
        return False
    request.session[RECOGNISED] = pk
    return True


def is_recognised(request: HttpRequest, user: User | None) -> bool:
    """Whether this browser has followed the link that was mailed to `user`."""
    return user is not None and request.session.get(RECOGNISED) == user.pk
