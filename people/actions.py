"""What happens to log-ins: activated, given another address, logged out everywhere; and which mail a person wants."""

from importlib import import_module

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from people import mail, proof
from people.letters import may_be_refused
from people.models import Person, Proof, Silence, User
from record.history import forget, remember
from record.moves import Refused, hold


def hold_log_in(user: User) -> User:
    """Hold a log-in as it stands now, and its person before it: in this order by all, so that no two wait for each other."""
    if user.person:
        hold(user.person)
    return hold(user)


def choose_mail(person: Person, *, silenced: set[str], by: User) -> None:
    """Keep which kinds of letter the person says no to; those that may not be refused are sent all the same."""
    with transaction.atomic():
        hold(person)
        silences = {row.kind: row for row in person.silences.all()}
        wanted = {kind for kind in silenced if may_be_refused(kind)}
        for kind in silences.keys() - wanted:
            forget(silences[kind], by=by, verb="choose_mail")
        for kind in sorted(wanted - silences.keys()):
            remember(Silence(person=person, kind=kind), by=by, verb="choose_mail")


def is_taken(email: str, *, but: User | None = None) -> bool:
    """Whether somebody else logs in with this address. An address nobody has confirmed does not count."""
    other = but.pk if but else None
    return (
        User.objects.filter(email__iexact=email).exclude(pk=other).exists()
        or EmailAddress.objects.filter(email__iexact=email, verified=True).exclude(user=other).exists()
    )


def demand_new_email(user: User, *, email: str, by: User) -> None:
    """Raise Refused for one's own log-in, one that is not in use, and an address that is taken."""
    if user.pk == by.pk:
        raise Refused("Din egen adress byter du i din profil.")
    if not user.has_usable_password() or not user.is_active:
        raise Refused("Bara ett inlogg som används kan få en ny adress så här. Den som inte har loggat in än bjuds in igen.")
    if email == user.email:
        raise Refused("Inlogget har redan den adressen.")
    if is_taken(email, but=user):
        raise Refused("Adressen hör redan till ett annat inlogg. Ange en annan adress.")


def replace_email(user: User, *, email: str, reason: str, by: User) -> User:
    """Give a log-in whose mailbox is lost another address. Everybody logged in with it is out, and all its addresses are told.

    The old addresses stop working at once, also for a forgotten password; password and second step stay, and signing waits.
    `by` asked for it, and somebody else has confirmed it (people/confirming.py). Raises what `demand_new_email` does.
    """
    with transaction.atomic():
        stored = hold_log_in(user)
        demand_new_email(stored, email=email, by=by)
        old = proof.Proved.of(stored.pk).confirmed
        EmailAddress.objects.filter(Q(user=stored) | Q(email__iexact=email, verified=False)).delete()
        EmailAddress.objects.create(user=stored, email=email, verified=True, primary=True)
        stored.email = email
        remember(stored, by=by, verb="replace_email", why=reason)
        end_sessions(stored)
        proof.change_proof(stored, [Proof.REPLACED], addresses=[], by=by)
        for address in (*old, email):
            mail.tell(
                "address_replaced",
                [stored.person],
                address=address,
                new=address == email,
                by=by,
                hours=settings.SIGNING_PAUSE_HOURS,
            )
    return User.objects.get(pk=stored.pk)


def activate(user: User, *, password: str) -> User:
    """Open the log-in of somebody who followed the invitation and chose a password; signing waits, as after any change of proof.

    So those who were told where the invitation went have time to say that it is not the person. Raises Refused when that is done
    already.
    """
    with transaction.atomic():
        stored = hold_log_in(user)
        if stored.has_usable_password() or not stored.is_active:
            raise Refused("Länken har redan använts. Logga in, eller begär ett nytt lösenord.")
        stored.set_password(password)
        stored.activated_at = timezone.now()
        remember(stored, by=stored, verb="activate")
        EmailAddress.objects.filter(user=stored, primary=True).exclude(email=stored.email).update(primary=False)
        EmailAddress.objects.update_or_create(user=stored, email=stored.email, defaults={"verified": True, "primary": True})
        proof.change_proof(stored, [Proof.FIRST], addresses=[], by=stored)
    return User.objects.get(pk=stored.pk)


def logout_everywhere(user: User) -> None:
    """End all of one's own sessions. Others may have ended with it whom one knows of, so it is told like any change of proof."""
    with transaction.atomic():
        end_sessions(user)
        proof.change_proof(user, [Proof.SESSIONS], addresses=proof.Proved.of(user.pk).confirmed, by=user)


def end_sessions(user: User) -> int:
    """Log `user` out everywhere; returns how many sessions ended. Looks at all sessions, not only at those on the user's list."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    ended = 0
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            store.delete(session.session_key)
            ended += 1
    UserSession.objects.filter(user=user).delete()
    return ended
