"""Whom the room tells of what by mail: something is filed, changed, taken back, put off, to be answered, or answered.

No letter names a union or says what was written; the words are in templates/mail.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from motions.models import Answer, Motion
from people import mail
from people.models import Party, Person, Role, User, today

# Answers are written and released one by one; nobody wants a letter about each.
QUIET = timedelta(minutes=10)


def tell(kind: str, persons: Iterable[Person], *, motion: Motion, **more: Any) -> int:
    """`mail.tell` for a letter about this motion."""
    return mail.tell(kind, persons, thread=f"motion-{motion.pk}", motion=motion, **more)


def receipt(motion: Motion, *, by: User | None, meeting: date | None) -> None:
    """The author's own copy of when it was received, under which number, and which meeting it is meant for."""
    if by is not None and by.person is not None:
        tell("motion_receipt", [by.person], motion=motion, meeting=meeting)


def tell_of_filed(motion: Motion) -> None:
    """The group's chair and secretary learn that there is something to take up."""
    tell("motion_filed", motion.group.holders(Role.SECRETARY, Role.CHAIR), motion=motion)


def ask_to_answer(motion: Motion, person: Person, day: date) -> None:
    """The one on the employer's side who is to write the answers."""
    tell("answer_asked", [person], motion=motion, day=day)


def relieve(motion: Motion, person: Person, *, still: bool) -> None:
    """The one who was asked to write answers learns that somebody else is asked now; `still` when something remains to answer."""
    tell("answer_moved", [person], motion=motion, still=still)


def remind_to_answer(motion: Motion, person: Person, day: date) -> int:
    """The same once more, at most once a day; returns how many letters there were."""
    return tell("remind_to_answer", [person], motion=motion, day=day, late=day < today(), pause=mail.DAILY)


def tell_of_change(motion: Motion, persons: list[Person]) -> None:
    """Those who were to take it up as it was before learn that there is a new version to read."""
    tell("motion_changed", persons, motion=motion)


def taking_it_up(motion: Motion) -> list[Person]:
    """The chair, the secretary and those who are writing an answer, each once."""
    unreleased = Answer.objects.filter(claim__motion=motion, released_at=None)
    asked = Q(pk__in=motion.claims.values("responsible")) | Q(pk__in=unreleased.values("written_by"))
    writing = Person.objects.filter(asked).select_related("user")
    return _each_once(motion.group.holders(Role.SECRETARY, Role.CHAIR), writing)


def tell_of_withdrawal(motion: Motion) -> None:
    """Those who were to take it up, and the representatives of those who support it, learn that it is taken back."""
    supporters = motion.group.speaking_for(_supporting(motion))
    tell("motion_withdrawn", _each_once(taking_it_up(motion), supporters), motion=motion)


def tell_of_lapse(motion: Motion, parties: set[Party]) -> None:
    """Those whose support was for words that have changed learn that it has ended."""
    tell("support_lapsed", motion.group.speaking_for(party.pk for party in parties), motion=motion)


def tell_of_answer(motion: Motion) -> None:
    """The union's representatives, and those of the unions that support it, learn that there are answers to read."""
    tell("motion_answered", _concerned(motion), motion=motion, gather=QUIET)


def tell_of_written(motion: Motion, *, by: User) -> None:
    """The chair and the secretary learn that somebody else has written an answer that they can release."""
    others = [person for person in motion.group.holders(Role.SECRETARY, Role.CHAIR) if person.pk != by.person_id]
    tell("answer_written", others, motion=motion, gather=QUIET)


def tell_of_postponed(motion: Motion, asked: set[Person]) -> None:
    """Tell the union's representatives, those of its supporters, and those who are to answer that it comes up later."""
    tell("motion_postponed", _each_once(_concerned(motion), asked), motion=motion)


def _concerned(motion: Motion) -> list[Person]:
    """Those who speak for the union that filed it, and for those that support it."""
    return motion.group.speaking_for({motion.party_id, *_supporting(motion)})


def _supporting(motion: Motion) -> set[int]:
    """The unions that stand behind something in it."""
    return {support.party_id for claim in motion.claims.prefetch_related("supports") for support in claim.supporters}


def _each_once(*persons: Iterable[Person]) -> list[Person]:
    found = {person.pk: person for some in persons for person in some}
    return [found[pk] for pk in sorted(found)]
