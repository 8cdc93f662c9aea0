"""What the room tells by mail: that something is filed, changed, taken back or put off, who is to answer, and that there is an answer.
Neither content nor union in any of them."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from motions.models import Answer, Motion
from people import mail
from people.models import Party, Person, Role, User, today

# Answers are written and released one by one; nobody wants a letter about each.
QUIET = timedelta(minutes=10)


def link(motion: Motion) -> str:
    """The motion's absolute address, from the settings and never from the request."""
    return settings.SITE_URL + reverse("motions:motion", args=[motion.pk])


def _holders(motion: Motion, roles: Iterable[str], **more: object) -> list[Person]:
    """Everybody with such a seat in the motion's group today, each once."""
    seats = motion.group.mandates.valid_on(today()).filter(role__in=roles, **more).select_related("person__user")
    return [person for _, person in sorted({seat.person_id: seat.person for seat in seats}.items())]


def _speaking(motion: Motion, parties: set[int]) -> list[Person]:
    """Those who speak for these unions in the group today, or for what they have merged into."""
    return _holders(motion, Role.SPEAKING, party__in=Party.objects.with_heirs(parties))


def _post(motion: Motion, kind: str, person: Person, *, subject: str, body: str) -> None:
    mail.post(kind, person, subject=subject, body=body, thread=f"motion-{motion.pk}")


def receipt(motion: Motion, *, by: User | None, meeting: date | None) -> None:
    """The author's own copy of when it was received, under which number, and which meeting it is meant for."""
    if by is None or by.person is None:
        return
    at = timezone.localtime(motion.filed_at)
    body = (
        f"Det du lämnade in till {motion.group.definite} är mottaget.\n\nMottagningsnummer: {motion.receipt}\n"
        f"Tid: {date_format(at, 'j F Y')} kl. {at:%H:%M:%S}{_in_time(motion)}\n"
        f"Möte: {date_format(meeting, 'j F Y') if meeting else 'det är inte planerat än'}\n\nLäs det här: {link(motion)}"
    )
    _post(motion, "motion_receipt", by.person, subject=f"Kvitto {motion.receipt}", body=body)


def _in_time(motion: Motion) -> str:
    """Whether the deadline was kept, for the receipt."""
    if motion.deadline is None:
        return ""
    at = timezone.localtime(motion.deadline)
    return f", {'efter' if motion.filed_late else 'före'} stopptiden {date_format(at, 'j F')} kl. {at:%H:%M}"


def tell_of_filed(motion: Motion) -> None:
    """The group's chair and secretary learn that there is something to take up."""
    body = f"Något nytt är inlämnat till {motion.group.definite}, med nummer {motion.receipt}.\n\nLäs det här: {link(motion)}"
    for person in _holders(motion, [Role.SECRETARY, Role.CHAIR]):
        _post(motion, "motion_filed", person, subject=f"Nytt till {motion.group.abbreviation}: {motion.receipt}", body=body)


def ask_to_answer(motion: Motion, person: Person, day: date) -> None:
    """The one on the employer's side who is to write the answers."""
    body = (
        f"Du är ombedd att skriva svar på {motion.receipt} senast {date_format(day, 'j F Y')}.\n\nLäs och svara: {link(motion)}"
    )
    _post(motion, "answer_asked", person, subject=f"Skriv svar på {motion.receipt}", body=body)


def relieve(motion: Motion, person: Person, *, still: bool) -> None:
    """The one who was asked to write answers learns that somebody else is asked now; `still` when something remains to answer."""
    part = (
        f"en del av svaren på {motion.receipt}. Resten är kvar hos dig"
        if still
        else f"svaren på {motion.receipt} i stället för dig"
    )
    body = f"Någon annan är ombedd att skriva {part}.\n\nLäs mer: {link(motion)}"
    _post(motion, "answer_moved", person, subject=f"Någon annan svarar på {motion.receipt}", body=body)


def remind_to_answer(motion: Motion, person: Person, day: date) -> bool:
    """The same once more; says whether a letter was written: at most one a day, and none to one who has no mail."""
    if not person.address or mail.told_today("remind_to_answer", person, f"motion-{motion.pk}"):
        return False
    when = f"skulle ha varit klart {date_format(day, 'j F')}" if day < today() else f"ska vara klart {date_format(day, 'j F')}"
    body = f"Ditt svar på {motion.receipt} {when} och är inte skrivet än.\n\nLäs och svara: {link(motion)}"
    _post(motion, "remind_to_answer", person, subject=f"Påminnelse: skriv svar på {motion.receipt}", body=body)
    return True


def tell_of_change(motion: Motion, persons: list[Person]) -> None:
    """Those who were to take it up as it was before learn that there is a new version to read."""
    body = f"{motion.receipt} har ändrats. Läs vad som är nytt: {_versions(motion)}"
    for person in persons:
        _post(motion, "motion_changed", person, subject=f"Ändrat: {motion.receipt}", body=body)


def taking_it_up(motion: Motion) -> list[Person]:
    """The chair, the secretary and those who are writing an answer, each once."""
    unreleased = Answer.objects.filter(claim__motion=motion, released_at=None)
    asked = Q(pk__in=motion.claims.values("responsible")) | Q(pk__in=unreleased.values("written_by"))
    writing = Person.objects.filter(asked).select_related("user")
    told = {person.pk: person for person in (*_holders(motion, [Role.SECRETARY, Role.CHAIR]), *writing)}
    return [person for _, person in sorted(told.items())]


def tell_of_withdrawal(motion: Motion) -> None:
    """Those who were to take it up, and the representatives of those who support it, learn that it is taken back."""
    supporters = _speaking(motion, _supporting(motion))
    told = {person.pk: person for person in (*taking_it_up(motion), *supporters)}
    body = f"{motion.receipt} är återkallat och tas inte upp. Texten går fortfarande att läsa: {link(motion)}"
    for _, person in sorted(told.items()):
        _post(motion, "motion_withdrawn", person, subject=f"Återkallat: {motion.receipt}", body=body)


def tell_of_lapse(motion: Motion, parties: set[Party]) -> None:
    """Those whose support was for words that have changed learn that it has ended."""
    body = (
        f"{motion.receipt} har ändrats. Ert stöd gäller inte längre för det som ändrades eller togs bort.\n\n"
        f"Läs vad som är nytt: {_versions(motion)}\nStöd det igen om ni vill: {link(motion)}"
    )
    for person in _speaking(motion, {party.pk for party in parties}):
        _post(motion, "support_lapsed", person, subject=f"Ert stöd för {motion.receipt} har upphört", body=body)


def _supporting(motion: Motion) -> set[int]:
    """The unions that stand behind something in it."""
    return {support.party_id for claim in motion.claims.prefetch_related("supports") for support in claim.supporters}


def _versions(motion: Motion) -> str:
    return settings.SITE_URL + reverse("motions:versions", args=[motion.pk])


def tell_of_answer(motion: Motion) -> None:
    """The union's representatives, and those of the unions that support it, learn that there are answers to read."""
    body = f"Det finns svar att läsa på {motion.receipt}.\n\nLäs dem här: {link(motion)}"
    parties = {motion.party_id, *_supporting(motion)}
    for person in _speaking(motion, parties):
        _post_once(motion, "motion_answered", person, subject=f"Svar på {motion.receipt}", body=body)


def tell_of_written(motion: Motion, *, by: User) -> None:
    """The chair and the secretary learn that somebody else has written an answer that they can release."""
    body = f"Det finns svar på {motion.receipt} att läsa och lämna ut.\n\nLäs dem här: {link(motion)}"
    for person in _holders(motion, [Role.SECRETARY, Role.CHAIR]):
        if person.pk != by.person_id:
            _post_once(motion, "answer_written", person, subject=f"Svar att lämna ut: {motion.receipt}", body=body)


def _post_once(motion: Motion, kind: str, person: Person, *, subject: str, body: str) -> None:
    mail.post_once(kind, person, subject=subject, body=body, thread=f"motion-{motion.pk}", pause=QUIET)


def tell_of_postponed(motion: Motion, asked: set[Person]) -> None:
    """The union's representatives, those of the unions that support it, and those who are to answer learn that it comes up later."""
    body = f"{motion.receipt} är uppskjutet. Läs till när och varför: {link(motion)}"
    speaking = _speaking(motion, {motion.party_id, *_supporting(motion)})
    for _, person in sorted({person.pk: person for person in (*speaking, *asked)}.items()):
        _post(motion, "motion_postponed", person, subject=f"Uppskjutet: {motion.receipt}", body=body)
