"""The employer answers: who is to write, what is written, and that the union may read it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from motions import letters
from motions.actions.holding import unlocked
from motions.models import FINAL, Answer, Claim, Motion, Outcome, answers_to
from motions.states import Verb
from people.models import Person, Role, User, today
from record.history import remember
from record.moves import Refused, Stale, hold
from record.swedish import capital

OUTDATED = "{The} har ändrats sedan svaret skrevs. Läs den nya texten, spara svaret på nytt och lämna ut det sedan."
TABLED_NOW = "{The} är bordlagd den här gången. Den får svar när den tas upp nästa gång."
# Who can be asked to write an answer.
ASKED = (Role.EMPLOYER_REP, Role.CHAIR)


def assign(motion: Motion, *, claims: Sequence[Claim], person: Person, day: date, by: User) -> list[Claim]:
    """Ask one on the employer's side to write the answers to these att-satser by a day, and tell them.

    Returns the att-satser that wait for an answer. Raises ValidationError for a person who cannot be asked or a day that has
    passed, and Refused when nothing waits.
    """
    seats = motion.group.mandates.valid_on(today()).filter(role__in=ASKED, person=person)
    if not seats.exists():
        raise ValidationError({"person": "Välj någon som företräder arbetsgivaren i gruppen."})
    if day < today():
        raise ValidationError({"day": "Dagen har passerat. Välj en dag som kommer."})
    with unlocked(motion, "assign") as stored:
        wanted = stored.claims.unanswered().filter(pk__in=[claim.pk for claim in claims])
        asked = list(wanted)
        if not asked:
            raise Refused("Det finns inget kvar att svara på bland dem du valde.")
        relieved = {claim.responsible for claim in asked if claim.responsible is not None and claim.responsible != person}
        left = set(stored.claims.unanswered().exclude(pk__in=[claim.pk for claim in asked]).values_list("responsible", flat=True))
        for claim in asked:
            claim.responsible, claim.answer_by = person, day
            remember(claim, by=by, verb=Verb.ASSIGN)
        letters.ask_to_answer(stored, person, day)
        for person_relieved in sorted(relieved, key=lambda person_relieved: person_relieved.pk):
            letters.relieve(stored, person_relieved, still=person_relieved.pk in left)
    return asked


def answer(claim: Claim, *, outcome: str, text: str, version: int, by: User) -> Answer:
    """Write the answer to an att-sats; the union sees it when it is released. `version` 0 means: there is none yet.

    Raises Stale when somebody was first, Refused after a final answer, and ValidationError for an outcome without its words.
    """
    if outcome not in answers_to(claim.motion.kind):
        raise ValidationError({"outcome": "Välj ett utfall."})
    if not text.strip() and outcome in (Outcome.ANSWERED, Outcome.PARTLY_GRANTED):
        raise ValidationError({"text": "Skriv svaret. Det utfallet kan inte stå utan text."})
    with unlocked(claim.motion, "answer") as motion:
        answers = list(claim.answers.order_by("round"))
        last = answers[-1] if answers else None
        if last is not None and last.released_at:
            demand_answerable(motion, last)
        if last is None or last.released_at:
            if version != 0:
                raise Stale(last or Answer(claim=claim, version=0))
            last = Answer(claim=claim, round=motion.round, version=0)
        elif last.version != version:
            raise Stale(last)
        fresh = last.pk is None or last.outdated
        last.outcome, last.text, last.written_by, last.outdated = outcome, text, by.person, False
        last.version += 1
        last.full_clean(exclude=["claim", "written_by"])
        remember(last, by=by, verb="answer")
        if fresh and last.round <= motion.round:
            letters.tell_of_written(motion, by=by)
    return last


def answer_and_release(claim: Claim, *, releasing: bool, by: User, **typed: Any) -> Answer:
    """Write the answer as `answer` does, and with `releasing` let the union read it, or neither."""
    with transaction.atomic():
        written = answer(claim, by=by, **typed)
        return release(written, by=by) if releasing else written


def demand_answerable(motion: Motion, last: Answer) -> None:
    """Raises Refused: nothing is answered after a final answer, nor twice at the same meeting."""
    if last.outcome in FINAL:
        raise Refused(f"{capital(motion.words.the_unit)} har redan fått ett slutligt svar.")
    if last.round >= motion.round:
        raise Refused(TABLED_NOW.format(The=capital(motion.words.the_unit)))


def demand_releasable(motion: Motion, answer: Answer) -> None:
    """Raises Refused for what was written to older words, and for what waits for the next time, since it was tabled this time."""
    if answer.outdated:
        raise Refused(OUTDATED.format(The=capital(motion.words.the_unit)))
    if answer.round > motion.round:
        raise Refused(TABLED_NOW.format(The=capital(motion.words.the_unit)))


def release(answer: Answer, *, by: User, version: int | None = None) -> Answer:
    """Let the union read the answer; after this it is not changed. Raises Stale when it is not the `version` that was read."""
    with unlocked(answer.claim.motion, "release") as motion:
        stored = hold(answer)
        if stored.released_at is None:
            if version is not None and stored.version != version:
                raise Stale(stored)
            demand_releasable(motion, stored)
            stored.released_at, stored.round = timezone.now(), motion.round
            remember(stored, by=by, verb="release")
            letters.tell_of_answer(motion)
    vars(answer).update(vars(stored))
    return answer


def release_all(motion: Motion, *, versions: dict[int, int], by: User) -> list[Answer]:
    """Let the union read these answers at once, as they were read (pk → version).

    Raises Stale, and releases none of them, when one has been changed since.
    """
    with transaction.atomic():
        answers = Answer.objects.filter(pk__in=versions, claim__motion=motion).select_related("claim__motion")
        return [release(answer, by=by, version=versions[answer.pk]) for answer in answers.order_by("claim__position")]
