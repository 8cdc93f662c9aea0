"""An invitation: whom it gives a log-in, where it goes, and who is told. Whoever reads that mailbox becomes the person."""

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from people import invitations, mail
from people.actions import hold_log_in, is_taken
from people.confirming import INVITE, ask_for_mandate, is_of
from people.models import Group, Mandate, Person, Role, User, Waiting, today
from people.speaking import voices
from record.history import remember
from record.moves import Refused, hold

OWN = "Adressen är din egen. Ange personens egen adress: den som läser inbjudan blir den personen."


def invite(person: Person, *, email: str, by: User) -> User:
    """Give `person` a log-in without a password and mail the link to choose one; again or to another address until it is used.

    Raises Refused when the log-in is in use or closed, and when somebody else has the address, or the one who invites.
    """
    email = email.strip().lower()
    with transaction.atomic():
        person = hold(person)
        user = User.objects.select_for_update().filter(person=person).first()
        if user and user.has_usable_password():
            raise Refused("Personen har redan ett inlogg. Ett glömt lösenord byter hen själv på inloggningssidan.")
        if user and not user.is_active:
            raise Refused("Inlogget är avstängt. En systemadministratör kan öppna det igen.")
        if is_taken(email, but=user):
            raise Refused("Adressen hör redan till ett annat inlogg. Ange en annan adress.")
        if is_of(email, by):
            raise Refused(OWN)
        if user is None:
            user = User(person=person)
            user.set_unusable_password()
        user.email = email
        EmailAddress.objects.filter(email__iexact=email, verified=False).exclude(user=user.pk).delete()
        return send_invitation(user, by=by)


def send_invitation(user: User, *, by: User | None) -> User:
    """Mail the link with which `user`, a row that the caller holds, chooses a password. The letter holds the link's place.

    When somebody asks for it, those who can know whether it is the right address are told; and where it is another one than the
    union has confirmed, the mandates in its name wait until it has.
    """
    with transaction.atomic():
        user.invited_at = timezone.now()
        remember(user, by=by, verb=INVITE)
        days = invitations.LIFETIME.days
        mail.tell("invitation", [user.person], address=user.email, by=by, link=invitations.LINK, days=days)
        if by is not None:
            asked = ask_unions_of_address(user, by=by)
            tell_unions(user, by=by, but=asked)
            tell_groups(user, by=by)
    return user


def invite_again(user: User, *, by: User | None) -> bool:
    """Send the invitation again to whoever still waits for it; False when the log-in has come into use, or is closed.

    By None: the mailbox itself asks, which opens no invitation that a union has refused.
    """
    with transaction.atomic():
        stored = hold_log_in(user)
        waits = stored.is_active and not stored.has_usable_password() and (by is not None or invitations.is_open(stored))
        if waits:
            send_invitation(stored, by=by)
    return waits


def ask_unions_of_address(user: User, *, by: User) -> list[Mandate]:
    """Whoever reads this mailbox becomes the person: a union has confirmed its mandate for the mailbox, or is asked anew.

    Returns the mandates that wait because of it.
    """
    asked = []
    mandates = Mandate.objects.filter(person=user.person_id, role__in=Role.OF_UNIONS)
    for mandate in mandates.filter(Q(ends__isnull=True) | Q(ends__gte=today())):
        last = mandate.waiting.order_by("-pk").first()
        if last is None or last.email != user.email:
            ask_for_mandate(mandate, by=by)
            asked.append(mandate)
    return asked


def _standing(user: User) -> QuerySet[Mandate]:
    """The mandates that have not ended, but for those that a union has refused, or that nobody asks about any longer."""
    mandates = Mandate.objects.filter(Q(ends__isnull=True) | Q(ends__gte=today()), person=user.person_id)
    asked = Q(pk__in=Waiting.objects.filter(settled_at__isnull=True, mandate__isnull=False).values("mandate"))
    return mandates.filter(asked | Q(confirmed_at__isnull=False) | ~Q(role__in=Role.OF_UNIONS)).order_by("pk")


def tell_groups(user: User, *, by: User) -> None:
    """Tell chair and secretary of each group where the person sits, or is to sit, who is invited, and where."""
    mandates = list(_standing(user))
    for group in Group.objects.filter(pk__in={mandate.group_id for mandate in mandates}).order_by("pk"):
        waits = all(mandate.waits for mandate in mandates if mandate.group_id == group.pk)
        told = [one for one in group.holders(Role.CHAIR, Role.SECRETARY) if one.pk not in (user.person_id, by.person_id)]
        mail.tell("group_invited", told, thread=f"invited-{user.pk}-{group.pk}", invited=user, group=group, by=by, waits=waits)


def tell_unions(user: User, *, by: User, but: list[Mandate]) -> None:
    """Tell each union that somebody is to get a log-in in its name, and at which address; they know whether it is right.

    Those that have just been asked (`but`) read both in the question, and are not told besides that they need do nothing.
    """
    asked = {(mandate.party_id, mandate.group_id) for mandate in but}
    told = set()
    for mandate in _standing(user).filter(role__in=Role.OF_UNIONS).select_related("party", "group"):
        if (mandate.party_id, mandate.group_id) in asked:
            continue
        for person, address in voices(mandate.party, mandate.group_id, but=user.person_id):
            if address not in told:
                told.add(address)
                where = {"group": mandate.group, "waits": mandate.waits}
                mail.tell("union_invited", [person], address=address, invited=user, by=by, **where)
