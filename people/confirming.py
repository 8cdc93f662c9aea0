"""Two persons for what gives somebody's rights to somebody else.

Another address for a log-in, a mandate in a union's name, what a union has merged into, where it is asked, another administrator.
One asks; the person or the union confirms by a link, or a second administrator does. Until then it counts for nothing.
"""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from people import mail
from people.actions import demand_new_email, hold_log_in, replace_email
from people.models import Mandate, Party, Person, Role, User, Waiting, today
from people.proof import Proved
from people.speaking import voices, was_confirmed
from record.history import remember
from record.moves import Refused, hold
from record.swedish import join

SALT = "people.confirming"
INVITE = "invite"  # what the history says of a log-in that was made by an invitation, or invited again
LIFETIME = timedelta(days=14)
NEW = timedelta(days=30)  # for so long a log-in and whoever made it, or made it an administrator, are one person
SETTLED = "Det är redan avgjort. Inget mer behöver göras."
ONLY_REFUSED = (
    "Härifrån kan det bara avslås. Inget är ändrat. Den som företräder den organisation som det gäller, eller en annan "
    "systemadministratör, kan bekräfta."
)


def ask_for_email(user: User, *, email: str, reason: str, by: User) -> Waiting:
    """Ask that a log-in whose mailbox is lost gets another address; it is replaced when a second person has confirmed.

    All confirmed addresses are told, and may confirm or refuse. Raises Refused without a reason, and as `demand_new_email` does.
    """
    email, reason = email.strip().lower(), " ".join(reason.split())
    with transaction.atomic():
        stored = hold_log_in(user)
        demand_new_email(stored, email=email, by=by)
        if not reason:
            raise Refused("Skriv varför adressen byts.")
        _give_up(Waiting.objects.filter(user=stored), by=by)
        waiting = Waiting(kind=Waiting.Kind.ADDRESS, user=stored, email=email, reason=reason, asked_by=by)
        remember(waiting, by=by, verb="ask_for_email", why=reason)
        for address in Proved.of(stored.pk).confirmed:
            mail.tell("address_asked", [stored.person], address=address, by=by, link=link_for(waiting, address))
        if not _tell_administrators(waiting):
            for person, address in _vouching(waiting):
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
        waiting = Waiting(kind=Waiting.Kind.MANDATE, mandate=stored, email=_log_in_address(stored.person), asked_by=by)
        remember(waiting, by=by, verb="ask_for_mandate")
        _ask_union(waiting)
        _tell_administrators(waiting)
    vars(mandate).update(confirmed_at=None, confirmed_by_id=None)
    return waiting


def _log_in_address(person: Person) -> str:
    """Where the person logs in, or would be invited; the union confirms for this mailbox, and for no other."""
    user = User.objects.filter(person=person).first()
    return (user.email if user else person.email).lower()


def ask_for_successor(party: Party, successor: Party | None, *, by: User) -> Waiting:
    """Ask that what `party` has merged into be another. Those who speak for that one then read its drafts; both are told.

    Raises Refused when it cannot have.
    """
    if why := party.why_not_into(successor):
        raise Refused(why)
    return _ask_for_party(Waiting(kind=Waiting.Kind.SUCCESSOR, party=party, successor=successor, asked_by=by))


def ask_for_contact(party: Party, email: str, *, by: User) -> Waiting | None:
    """Ask that another address speak for a union; it, the old address and those who speak for it are told.

    The first that it ever gets is kept at once, and None returned; by it nobody confirms what the one who entered it asks for.
    """
    with transaction.atomic():
        stored = hold(party)
        if stored.contact or Party.history.filter(id=party.pk).exclude(contact="").exists():
            return _ask_for_party(Waiting(kind=Waiting.Kind.CONTACT, party=stored, email=email, asked_by=by))
        stored.contact = email
        remember(stored, by=by, verb="ask_for_contact")
        ask_union_again(stored)
    return None


def _ask_for_party(waiting: Waiting) -> Waiting:
    by = waiting.asked_by
    with transaction.atomic():
        hold(waiting.party)
        _give_up(Waiting.objects.filter(kind=waiting.kind, party=waiting.party_id), by=by)
        remember(waiting, by=by, verb=f"ask_for_{waiting.kind}")
        for person, address in _concerned(waiting):
            link = link_for(waiting, address)
            told = {"waiting": waiting, "by": by, "link": link, "can": may_confirm(waiting, address)}
            mail.tell("party_asked", [person], thread=thread(waiting), address=address, **told)
        _tell_administrators(waiting)
    return waiting


def ask_for_staff(user: User, *, by: User) -> Waiting | None:
    """Ask that somebody administer the system.

    When there is no second administrator it counts at once, None is returned, and those who speak for a union, and HR, are told.
    """
    with transaction.atomic():
        stored = hold_log_in(user)
        _give_up(Waiting.objects.filter(kind=Waiting.Kind.STAFF, user=stored), by=by)
        waiting = Waiting(kind=Waiting.Kind.STAFF, user=stored, asked_by=by)
        if not _able(waiting):
            _make_staff(stored, by=by)
            watching = Mandate.objects.valid_on(today()).filter(role__in=Role.SPEAKING | {Role.HR}).values("person")
            _tell_of_staff(stored, User.objects.filter(person__in=watching), made=True, by=by)
            return None
        remember(waiting, by=by, verb="ask_for_staff")
        _tell_administrators(waiting)
    return waiting


def _make_staff(user: User, *, by: User) -> None:
    """`by` is who asked for it: for a while the two count as one person, whoever confirmed it."""
    user.is_staff = True
    remember(user, by=by, verb="make_staff")
    _tell_of_staff(user, User.objects.filter(is_staff=True), made=True, by=by)


def tell_of_former_staff(user: User, *, by: User) -> None:
    """Tell all other administrators, and the one whom it is about, that `by` has taken the administration from somebody."""
    _tell_of_staff(user, User.objects.filter(Q(is_staff=True) | Q(pk=user.pk)), made=False, by=by)


def _tell_of_staff(user: User, told: QuerySet[User], *, made: bool, by: User) -> None:
    told = told.filter(Q(is_active=True) | Q(pk=user.pk)).exclude(pk=by.pk).select_related("person")
    for one in told.exclude(pk=user.pk) if made else told:
        mail.tell("staff_changed", [one.person], thread=f"staff-{user.pk}", address=one.email, user=user, made=made, by=by)


def _concerned(waiting: Waiting) -> list[tuple[Person | None, str]]:
    """Whom it is told on the unions' behalf, and where. Never at an address of the one who asks."""
    party, mandate = waiting.party or waiting.mandate.party, waiting.mandate
    told = voices(party, mandate.group_id if mandate else None, but=mandate.person_id if mandate else None)
    if waiting.kind == Waiting.Kind.SUCCESSOR and waiting.successor:
        told += voices(waiting.successor, None)
    if waiting.kind == Waiting.Kind.CONTACT and party.contact:
        told.append((None, party.contact))
    by_address = {address: person for person, address in reversed(told) if not is_of(address, waiting.asked_by)}
    return [(person, address) for address, person in sorted(by_address.items())]


def who_confirms(waiting: Waiting) -> str:
    """Who can say yes to what is asked for a union, in words that end `… har bekräftat`."""
    union = any(may_confirm(waiting, address) for _, address in _concerned(waiting))
    if union and _able(waiting):
        return "organisationen, eller en annan systemadministratör,"
    return "organisationen" if union else "en annan systemadministratör"


def _vouching(waiting: Waiting) -> list[tuple[Person | None, str]]:
    """Who knows the one that is to get another address, when there is no second administrator: the unions that they sit for.

    A mandate that nobody has confirmed brings no union in, nor does a contact that whoever asks has entered alone.
    """
    by, subject = waiting.asked_by, waiting.user.person_id
    found = {}
    for one in Mandate.objects.valid_on(today()).filter(person=subject, role__in=Role.OF_UNIONS).select_related("party"):
        for person, address in voices(one.party, one.group_id, but=subject):
            if not is_of(address, by) and not (person is None and _entered_alone(one.party, by)):
                found.setdefault(address, person)
    return [(person, address) for address, person in sorted(found.items())]


def may_confirm(waiting: Waiting, address: str) -> bool:
    """Whether the link that was sent to this address may confirm too; all that have one may refuse.

    Nobody by a contact that whoever asks has entered alone; and that a union gets an heir, none but the union that gives. An
    address of a log-in is confirmed at its own addresses, or by those whom `_vouching` names today.
    """
    if waiting.kind == Waiting.Kind.STAFF:
        return False  # two administrators, and no link
    if waiting.kind == Waiting.Kind.ADDRESS:
        own = Proved.of(waiting.user_id).confirmed
        return address in own or any(address == where for _, where in _vouching(waiting))
    party, mandate = waiting.party or waiting.mandate.party, waiting.mandate
    asked = voices(party, mandate.group_id, but=mandate.person_id) if mandate else voices(party, None)
    if mandate:  # those who speak for it elsewhere were asked as long as nobody did in the group
        asked += voices(party, None, but=mandate.person_id)
    if any(person is not None and address == where for person, where in asked):
        return True
    if address != party.contact:
        return False
    asked_there = waiting.kind != Waiting.Kind.SUCCESSOR or (None, address) in asked
    return asked_there and not _entered_alone(party, waiting.asked_by)


def _entered_alone(party: Party, by: User) -> bool:
    """Whether the contact of the union was entered by `by`, or by one who counts as the same person, and confirmed by nobody."""
    if party.waiting.filter(kind=Waiting.Kind.CONTACT, email=party.contact, confirmed=True).exists():
        return False
    entered = Party.history.filter(id=party.pk, contact=party.contact).order_by("history_date", "history_id").first()
    return entered is not None and bool(_line(entered.history_user_id) & _line(by.pk))


def _ask_union(waiting: Waiting) -> None:
    by = waiting.asked_by
    for person, address in _concerned(waiting):
        link = link_for(waiting, address)
        told = {"waiting": waiting, "by": by, "link": link, "can": may_confirm(waiting, address)}
        mail.tell("mandate_entered", [person], thread=thread(waiting), address=address, **told)


def ask_union_again(party: Party) -> None:
    """The union has got a contact: what waits for it is asked there, as long as nobody else speaks for it."""
    for waiting in Waiting.objects.filter(mandate__party=party, settled_at__isnull=True).select_related("mandate", "asked_by"):
        if all(person is None for person, _ in voices(party, waiting.mandate.group_id, but=waiting.mandate.person_id)):
            _ask_union(waiting)


def _give_up(rows: Any, *, by: User) -> None:
    """What was asked for before, and is asked for anew in other words."""
    for one in rows.filter(settled_at__isnull=True):
        one.settled_at, one.settled_by, one.confirmed = timezone.now(), by, False
        remember(one, by=by, verb="give_up")


def thread(waiting: Waiting) -> str:
    """What letters about it are shown together by."""
    return f"waiting-{waiting.pk}"


def is_of(address: str, user: User) -> bool:
    """Whether it is an address of this user, confirmed or not, or the same mailbox with a word after a plus."""
    registered = user.person.email if user.person else ""
    return _mailbox(address) in {_mailbox(own) for own in (user.email, registered, *Proved.of(user.pk).addresses)}


def _mailbox(address: str) -> str:
    local, _, host = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{host}"


def _tell_administrators(waiting: Waiting) -> int:
    """Tell those who may confirm it as a second administrator; returns how many there are."""
    able, by = _able(waiting), waiting.asked_by
    for one in able:
        mail.tell("to_confirm", [one.person], thread=thread(waiting), address=one.email, waiting=waiting, by=by, link="")
    return len(able)


def _able(waiting: Waiting) -> list[User]:
    """The administrators who may settle it."""
    return [one for one in User.objects.filter(is_staff=True, is_active=True).order_by("pk") if not why_not(waiting, one)]


def concerning(user: User) -> QuerySet[Waiting]:
    """What waits, or has waited, that is this user's to see: all for an administrator, else their own, and their unions'."""
    things = Waiting.objects.select_related(
        "user__person", "mandate__person", "mandate__group", "mandate__party", "party", "successor", "asked_by__person"
    ).prefetch_related("party__names", "successor__names", "mandate__party__names")
    if user.is_staff:
        return things
    unions = {row.party for row in user.held if row.role in Role.SPEAKING}
    own = Q(kind=Waiting.Kind.ADDRESS, user=user) | Q(asked_by=user)
    return things.filter(own | Q(mandate__party__in=unions) & ~Q(mandate__person=user.person_id) | Q(party__in=unions))


def waits_for(user: User) -> QuerySet[Waiting]:
    """What waits for an answer from this user. Whether it may be theirs, `why_not` says."""
    return concerning(user).filter(settled_at__isnull=True).exclude(asked_by=user)


def waiting_words(person: Person) -> str:
    """What to say of a person's mandates that wait, after somebody has invited them; "" when none does."""
    things = Waiting.objects.filter(mandate__person=person, settled_at__isnull=True).select_related("mandate__party")
    parties = sorted({str(thing.mandate.party) for thing in things})
    return f"Uppdraget för {join(parties)} väntar på att någon bekräftar det med den adressen." if parties else ""


def lacks_seat(user: User, group: int, *, elected: bool) -> bool:
    """Whether nobody has confirmed that `user` sits for a union in the group, though mandates say so.

    What somebody is `elected` to for a union outlives the mandate, but not for a log-in that an invitation has made since.
    """
    seat = {"person": user.person_id, "group": group, "role__in": Role.OF_UNIONS}
    now = Mandate.objects.filter(Q(ends__isnull=True) | Q(ends__gte=today()), **seat)
    if now.exists():
        return not now.filter(confirmed_at__isnull=False).exists()
    if not elected or not Mandate.history.filter(**seat).exists():
        return False
    last = Waiting.objects.filter(**{f"mandate__{name}": value for name, value in seat.items()}).order_by("pk").last()
    for_this_mailbox = last is not None and last.confirmed and last.email == user.email
    return not for_this_mailbox and not was_confirmed(user, Role.OF_UNIONS, group=group)


def why_not(waiting: Waiting, user: User) -> str:
    """Why `user` may not settle it, in words for people; "" when they may."""
    own = waiting.kind == Waiting.Kind.ADDRESS and waiting.user_id == user.pk
    if own:
        return ""
    if user.pk == waiting.asked_by_id:
        return "Du har själv begärt det. Någon annan måste bekräfta."
    of_union = waiting.kind in (Waiting.Kind.MANDATE, Waiting.Kind.SUCCESSOR, Waiting.Kind.CONTACT)
    if of_union and user.is_active and may_confirm(waiting, user.email):
        return ""
    if not user.is_staff or not user.is_active:
        return "Det bekräftas av en systemadministratör, eller genom länken i mejlet."
    if waiting.user_id == user.pk or (waiting.subject is not None and waiting.subject.pk == user.person_id):
        return "Det gäller dig själv. Någon annan måste bekräfta."
    if until := _one_until(user.pk, waiting.asked_by_id):
        return (
            f"Ni räknas som en person till {date_format(timezone.localtime(until), 'j F Y')}. Fram till dess: en tredje "
            "administratör. Du och den som begär det har nyss fått inlogg av varandra eller av samma person, eller gjorts till "
            "administratör."
        )
    return ""


def _one_until(first: int, second: int) -> datetime | None:
    """When two log-ins that count as one person begin to be two; None when they are."""
    together = _line(first) & _line(second)
    made = User.history.filter(id__in=_line(first) | _line(second)).values_list("history_date", flat=True) if together else []
    ends = sorted(moment + NEW for moment in made if moment + NEW > timezone.now())
    return next((end for end in ends if not _line(first, end) & _line(second, end)), None)


def _line(pk: int | None, at: datetime | None = None) -> set[int]:
    """The log-in, who made it less than NEW ago, who made those, and so on: they count as one person."""
    line, ahead = set(), [pk]
    while ahead:
        one = ahead.pop()
        if one is not None and one not in line:
            line.add(one)
            ahead += _makers(one, at or timezone.now())
    return line


def _makers(pk: int, at: datetime) -> list[int | None]:
    """Who invited this log-in, and who made it an administrator (the last time, if it was given back), less than NEW before."""
    found, was = [], False
    for row in User.history.filter(id=pk).order_by("history_date", "history_id"):
        administers = row.is_staff and row.is_active
        if row.history_date > at - NEW:
            made = row.history_type == "+" or row.history_verb == INVITE or (administers and not was)
            found += [row.history_user_id] if made else []
        was = administers
    return found


def settle(waiting: Waiting, *, confirmed: bool, by: User | None, address: str = "") -> Waiting:
    """Confirm or refuse, by somebody who is logged in or, with None, by whoever has the link (that was sent to `address`).

    Then it counts at once.

    Raises Refused when it is settled already, for somebody who may not, and when an address has been taken or another merger
    has been confirmed meanwhile.
    """
    with transaction.atomic():
        stored = _hold(waiting)
        if stored.settled_at is not None:
            raise Refused(SETTLED)
        if by is not None and (why := why_not(stored, by)):
            raise Refused(why)
        if confirmed and address and not may_confirm(stored, address):
            raise Refused(ONLY_REFUSED)
        concerned = _concerned(stored) if stored.party else []  # as it is before: whoever speaks for it afterwards knows
        if confirmed and stored.kind == Waiting.Kind.ADDRESS:
            replace_email(stored.user, email=stored.email, reason=stored.reason, by=stored.asked_by)
        elif confirmed and stored.kind == Waiting.Kind.MANDATE:
            mandate = hold(stored.mandate)
            mandate.confirmed_at, mandate.confirmed_by = timezone.now(), by
            remember(mandate, by=by, verb="confirm")
        elif confirmed and stored.kind == Waiting.Kind.STAFF:
            _make_staff(hold_log_in(stored.user), by=stored.asked_by)
        elif confirmed:
            _change_party(stored, by=by)
        stored.settled_at, stored.settled_by, stored.confirmed = timezone.now(), by, confirmed
        remember(stored, by=by, verb="confirm" if confirmed else "refuse", why="" if by else "genom länken i mejlet")
        if confirmed and stored.kind == Waiting.Kind.CONTACT:
            ask_union_again(stored.party)
        closed = not confirmed and stored.kind == Waiting.Kind.MANDATE and _close_invitation(stored, by=by)
        _tell_settled(stored, concerned=concerned, closed=closed)
        if confirmed and stored.kind == Waiting.Kind.MANDATE:
            _tell_seated(stored.mandate)
    return stored


def _hold(waiting: Waiting) -> Waiting:
    """Hold a request as it stands now, and before it what it is about: in this order by all, so no two wait for each other."""
    if waiting.user:
        hold_log_in(waiting.user)
    elif waiting.mandate:
        _hold_person(waiting.mandate.person)
        hold(waiting.mandate)
    else:
        hold(waiting.party)
    return hold(waiting)


def _hold_person(person: Person) -> None:
    user = User.objects.filter(person=person).select_related("person").first()
    if user is not None:
        hold_log_in(user)
    else:
        hold(person)


def _close_invitation(waiting: Waiting, *, by: User | None) -> bool:
    """Whoever knows the person says no: the link that went to this mailbox stops working. Returns whether there was one."""
    user = User.objects.filter(person=waiting.mandate.person_id, email=waiting.email, invited_at__isnull=False).first()
    if user is None or user.has_usable_password():
        return False
    user.invited_at = None
    remember(user, by=by, verb="close_invitation")
    return True


def _tell_settled(waiting: Waiting, *, concerned: list[tuple[Person | None, str]], closed: bool) -> None:
    """Tell whoever asked how it went, and the unions that it concerns.

    Of what was refused the other administrators too, who see when it is tried again.
    """
    told = Q(pk=waiting.asked_by_id) if waiting.confirmed else Q(pk=waiting.asked_by_id) | Q(is_staff=True)
    for one in (
        User.objects.filter(told, is_active=True).exclude(pk=waiting.settled_by_id).select_related("person").order_by("pk")
    ):
        own = one.pk == waiting.asked_by_id
        mail.tell(
            "request_settled", [one.person], thread=thread(waiting), address=one.email, waiting=waiting, own=own, closed=closed
        )
    by = waiting.settled_by.email if waiting.settled_by else ""
    for person, address in concerned:
        if address != by:
            mail.tell("request_settled", [person], thread=thread(waiting), address=address, waiting=waiting, concerned=True)


def _tell_seated(mandate: Mandate) -> None:
    """Tell somebody who has a log-in that their mandate counts; whoever has none yet gets the invitation."""
    user = User.objects.filter(person=mandate.person_id, is_active=True).select_related("person").first()
    if user is not None and user.has_usable_password():
        mail.tell("mandate_confirmed", [user.person], address=user.email, group=mandate.group, mandate=mandate)


def take_back(waiting: Waiting, *, by: User) -> Waiting:
    """Ask for it no longer, by the one who asked. Raises Refused for anybody else, and when it is settled."""
    with transaction.atomic():
        stored = hold(waiting)
        if stored.settled_at is not None:
            raise Refused(SETTLED)
        if stored.asked_by_id != by.pk:
            raise Refused("Bara den som har begärt det kan ta tillbaka det. Du kan avslå det i stället.")
        stored.settled_at, stored.settled_by, stored.confirmed = timezone.now(), by, False
        remember(stored, by=by, verb="take_back")
    return stored


def _change_party(waiting: Waiting, *, by: User | None) -> None:
    party = hold(waiting.party)
    if waiting.kind == Waiting.Kind.SUCCESSOR:
        if why := party.why_not_into(waiting.successor):  # another merger has been confirmed meanwhile
            raise Refused(why)
        party.successor = waiting.successor
    else:
        party.contact = waiting.email
    remember(party, by=by, verb="confirm")


def link_for(waiting: Waiting, address: str) -> str:
    """The page where whoever reads this mailbox confirms or refuses. It works until it is settled, for two weeks."""
    return urljoin(settings.SITE_URL, reverse("people:confirm", args=[signing.dumps([waiting.pk, address], salt=SALT)]))


def linked(token: str) -> tuple[Waiting | None, str]:
    """What the link is about, as long as it waits, and the address that it was sent to."""
    try:
        pk, address = signing.loads(token, salt=SALT, max_age=LIFETIME)
    except (signing.BadSignature, ValueError):
        return None, ""
    return Waiting.objects.filter(pk=pk, settled_at__isnull=True).first(), address


def is_to_its_own(waiting: Waiting, address: str) -> bool:
    """Whether the link was sent to the one whom it is about: the others who may confirm do not read a protected address there."""
    return waiting.user_id is not None and address in Proved.of(waiting.user_id).confirmed
