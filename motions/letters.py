"""What the room tells by mail: receipt, notice of something filed, notice of an answer. Neither content nor union in any of them."""

from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from motions.models import Motion
from people import mail
from people.models import Letter, Person, Role, User, today

# Answers are released one by one; the union wants one letter about them, not one for each.
QUIET = timedelta(minutes=10)


def link(motion: Motion) -> str:
    """The motion's absolute address, from the settings and never from the request."""
    return settings.SITE_URL + reverse("motions:motion", args=[motion.pk])


def _holders(motion: Motion, roles: list[str], **more: object) -> list[Person]:
    """Everybody with such a seat in the motion's group today, each once."""
    seats = motion.group.mandates.valid_on(today()).filter(role__in=roles, **more).select_related("person__user")
    return [person for _, person in sorted({seat.person_id: seat.person for seat in seats}.items())]


def _post(motion: Motion, kind: str, person: Person, *, subject: str, body: str) -> None:
    mail.post(kind, person, subject=subject, body=body, thread=f"motion-{motion.pk}")


def receipt(motion: Motion, *, by: User | None) -> None:
    """The author's own copy of when it was received and under which number."""
    if by is None or by.person is None:
        return
    at = timezone.localtime(motion.filed_at)
    body = (
        f"Det du lämnade in till {motion.group.definite} är mottaget.\n\nMottagningsnummer: {motion.receipt}\n"
        f"Tid: {date_format(at, 'j F Y')} kl. {at:%H:%M:%S}\n\nLäs det här: {link(motion)}"
    )
    _post(motion, "motion_receipt", by.person, subject=f"Kvitto {motion.receipt}", body=body)


def tell_of_filed(motion: Motion) -> None:
    """The group's chair and secretary learn that there is something to take up."""
    body = f"Något nytt är inlämnat till {motion.group.definite}, med nummer {motion.receipt}.\n\nLäs det här: {link(motion)}"
    for person in _holders(motion, [Role.SECRETARY, Role.CHAIR]):
        _post(motion, "motion_filed", person, subject=f"Nytt till {motion.group.abbreviation}: {motion.receipt}", body=body)


def tell_of_answer(motion: Motion) -> None:
    """The union's representatives learn that there are answers to read."""
    told = set(
        Letter.objects.filter(
            kind="motion_answered", thread=f"motion-{motion.pk}", created_at__gt=timezone.now() - QUIET
        ).values_list("person", flat=True)
    )
    body = f"Det finns svar att läsa på {motion.receipt}.\n\nLäs dem här: {link(motion)}"
    roles = [Role.UNION_REP, Role.SAFETY_REP, Role.CHIEF_SAFETY_REP]
    for person in _holders(motion, roles, party=motion.party_id):
        if person.pk not in told:
            _post(motion, "motion_answered", person, subject=f"Svar på {motion.receipt}", body=body)
