"""Two persons for what gives somebody's rights to somebody else: another address for a log-in, and a mandate in a union's name.

One asks; the person or the union confirms by a link, or a second administrator does. Until then it counts for nothing.
"""

from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from people import mail
from people.actions import demand_new_email, replace_email
from people.models import Mandate, Party, Role, User, Waiting
from people.proof import Proved
from record.history import remember
from record.moves import Refused, hold

SALT = "people.confirming"
LIFETIME = timedelta(days=14)
NEW = timedelta(days=30)  # for so long an administrator and the one who made them administrator are one person
SETTLED = "Det är redan avgjort. Inget mer behöver göras."


def ask_for_email(user: User, *, email: str, reason: str, by: User) -> Waiting:
    """Ask that a log-in whose mailbox is lost gets another address; it is replaced when a second person has confirmed.

    All confirmed addresses are told, and may confirm or refuse. Raises Refused without a reason, and as `demand_new_email` does.
    """
    email, reason = email.strip().lower(), " ".join(reason.split())
    with transaction.atomic():
        stored = hold(user)
        demand_new_email(stored, email=email, by=by)
        if not reason:
            raise Refused("Skriv varför adressen byts.")
        _give_up(Waiting.objects.filter(user=stored), by=by)
        waiting = Waiting(kind=Waiting.Kind.ADDRESS, user=stored, email=email, reason=reason, asked_by=by)
        remember(waiting, by=by, verb="ask_for_email", why=reason)
        for address in Proved.of(stored.pk).confirmed:
            mail.tell("address_asked", [stored.person], address=address, by=by, link=link_for(waiting, address))
        if not _tell_administrators(waiting):
            mandates = Mandate.objects.filter(person=stored.person_id, role__in=Role.OF_UNIONS).select_related("party")
            voices = {voice for one in mandates for voice in one.party.voices(one.group_id, but=stored.person_id)}
            for person, address in sorted((one for one in voices if not _is_of(one[1], by)), key=lambda voice: voice[1]):
                link = link_for(waiting, address)
                mail.tell("to_confirm", [person], thread=thread(waiting), address=address, waiting=waiting, by=by, link=link)
    return waiting


def ask_for_mandate(mandate: Mandate, *, by: User) -> Waiting | None:
    """Ask that a mandate which `by` has entered or changed be confirmed, when it is a union's; until then it gives no rights."""
    if mandate.role not in Role.OF_UNIONS:
        return None
    with transaction.atomic():
        stored = hold(mandate)
        stored.confirmed_at = stored.confirmed_by = None
        remember(stored, by=by, verb="ask_for_mandate")
        _give_up(Waiting.objects.filter(mandate=stored), by=by)
        waiting = Waiting(kind=Waiting.Kind.MANDATE, mandate=stored, asked_by=by)
        remember(waiting, by=by, verb="ask_for_mandate")
        _ask_union(waiting)
        _tell_administrators(waiting)
    vars(mandate).update(confirmed_at=None, confirmed_by_id=None)
    return waiting


def _ask_union(waiting: Waiting) -> None:
    """Never at an address of the one who entered it."""
    mandate, by = waiting.mandate, waiting.asked_by
    for person, address in mandate.party.voices(mandate.group_id, but=mandate.person_id):
        if not _is_of(address, by):
            link = link_for(waiting, address)
            mail.tell("mandate_entered", [person], thread=thread(waiting), address=address, waiting=waiting, by=by, link=link)


def ask_union_again(party: Party) -> None:
    """The union has got a contact: what waits for it is asked there, as long as nobody else speaks for it."""
    for waiting in Waiting.objects.filter(mandate__party=party, settled_at__isnull=True).select_related("mandate", "asked_by"):
        if all(person is None for person, _ in party.voices(waiting.mandate.group_id, but=waiting.mandate.person_id)):
            _ask_union(waiting)


def _give_up(rows: Any, *, by: User) -> None:
    """What was asked for before, and is asked for anew in other words."""
    for one in rows.filter(settled_at__isnull=True):
        one.settled_at, one.settled_by, one.confirmed = timezone.now(), by, False
        remember(one, by=by, verb="give_up")


def thread(waiting: Waiting) -> str:
    """What letters about it are shown together by."""
    return f"waiting-{waiting.pk}"


def _is_of(address: str, user: User) -> bool:
    return address.lower() in {user.email, *Proved.of(user.pk).addresses}


def _tell_administrators(waiting: Waiting) -> int:
    """Tell those who may confirm it as a second administrator; returns how many there are."""
    able = [one for one in User.objects.filter(is_staff=True, is_active=True).order_by("pk") if not why_not(waiting, one)]
    by = waiting.asked_by
    for one in able:
        mail.tell("to_confirm", [one.person], thread=thread(waiting), address=one.email, waiting=waiting, by=by, link="")
    return len(able)


def why_not(waiting: Waiting, user: User) -> str:
    """Why `user` may not settle it, in words for people; "" when they may."""
    own = waiting.kind == Waiting.Kind.ADDRESS and waiting.user_id == user.pk
    if own:
        return ""
    if user.pk == waiting.asked_by_id:
        return "Du har själv begärt det. Någon annan måste bekräfta."
    if not user.is_staff or not user.is_active:
        return "Det bekräftas av en systemadministratör, eller genom länken i mejlet."
    if waiting.subject is not None and waiting.subject.pk == user.person_id:
        return "Det gäller dig själv. Någon annan måste bekräfta."
    if set(_line(user.pk)) & set(_line(waiting.asked_by_id)):
        return (
            "Du och den som begär det har nyss gjorts till administratör av varandra eller av samma person. "
            "Någon annan måste bekräfta."
        )
    return ""


def _line(pk: int | None) -> list[int]:
    """The log-in, who made it an administrator less than NEW ago, who made that one, and so on: they count as one person."""
    line: list[int] = []
    while pk is not None and pk not in line:
        line.append(pk)
        made = User.history.filter(id=pk, is_staff=True).order_by("history_date", "history_id").first()
        pk = made.history_user_id if made and made.history_date > timezone.now() - NEW else None
    return line


def settle(waiting: Waiting, *, confirmed: bool, by: User | None) -> Waiting:
    """Confirm or refuse, by somebody who is logged in or, with None, by whoever has the link. Then it counts at once.

    Raises Refused when it is settled already, for somebody who may not, and when an address has been taken meanwhile.
    """
    with transaction.atomic():
        stored = hold(waiting)
        if stored.settled_at is not None:
            raise Refused(SETTLED)
        if by is not None and (why := why_not(stored, by)):
            raise Refused(why)
        if confirmed and stored.kind == Waiting.Kind.ADDRESS:
            replace_email(stored.user, email=stored.email, reason=stored.reason, by=stored.asked_by)
        elif confirmed:
            mandate = hold(stored.mandate)
            mandate.confirmed_at, mandate.confirmed_by = timezone.now(), by
            remember(mandate, by=by, verb="confirm")
        stored.settled_at, stored.settled_by, stored.confirmed = timezone.now(), by, confirmed
        remember(stored, by=by, verb="confirm" if confirmed else "refuse", why="" if by else "genom länken i mejlet")
    return stored


def link_for(waiting: Waiting, address: str) -> str:
    """The page where whoever reads this mailbox confirms or refuses. It works until it is settled, for two weeks."""
    return urljoin(settings.SITE_URL, reverse("people:confirm", args=[signing.dumps([waiting.pk, address], salt=SALT)]))


def linked(token: str) -> Waiting | None:
    """What the link is about, as long as it waits."""
    try:
        pk, _ = signing.loads(token, salt=SALT, max_age=LIFETIME)
    except (signing.BadSignature, ValueError):
        return None
    return Waiting.objects.filter(pk=pk, settled_at__isnull=True).first()


def is_to_its_own(waiting: Waiting, token: str) -> bool:
    """Whether the link was sent to the one whom it is about: the others who may confirm do not read a protected address there."""
    _, address = signing.loads(token, salt=SALT, max_age=LIFETIME)
    return waiting.user_id is not None and address in Proved.of(waiting.user_id).confirmed
