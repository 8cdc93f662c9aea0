"""Reminders to those who are asked to write an answer: the day before it is due, and every day until it is there."""

from datetime import date, timedelta

from motions import letters
from motions.actions.answering import ASKED
from motions.models import Claim, Motion
from people.models import Mandate, Person, today


def remind() -> int:
    """Post today's reminders, one for each person and motion, and return how many there were."""
    day = today()
    late = Claim.objects.unanswered().filter(answer_by__lte=day + timedelta(days=1), motion__postponed_to=None)
    first: dict[tuple[Motion, Person], date] = {}
    for claim in late.select_related("motion__group", "responsible__user").order_by("answer_by", "pk"):
        first.setdefault((claim.motion, claim.responsible), claim.answer_by)
    seats = Mandate.objects.valid_on(day).filter(role__in=ASKED, person__in={person for _, person in first})
    seated = set(seats.values_list("group", "person"))  # who has left the group is not reminded
    return sum(
        letters.remind_to_answer(motion, person, due)
        for (motion, person), due in first.items()
        if (motion.group_id, person.pk) in seated
    )
