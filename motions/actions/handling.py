"""A meeting takes a motion up, puts it off, follows its own day, and opens and locks it."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format

from motions import letters
from motions.actions.holding import unlocked
from motions.models import FINAL, Answer, Motion, Outcome
from motions.states import LOCKED, State, Verb
from people.models import Group, User, today
from record import chain
from record.history import remember
from record.moves import hold

TO_ANSWER = timedelta(days=7)  # before a meeting, its answers should be there


def postpone(motion: Motion, *, until: date, text: str, table: bool, why: str, by: User, next_time: bool = False) -> list[Answer]:
    """Put it off to the meeting on `until`, or with `next_time` to the first one from then on, and tell those it concerns.

    With `table`, each att-sats that has no final answer gets one that tables it in `text`, unless it is tabled already; these
    answers are returned. An answer that is being written waits for the next time. What is text alone has nothing to table.
    """
    with unlocked(motion, "postpone") as stored:
        tabled, claims = [], list(stored.claims.prefetch_related("answers").select_related("responsible__user"))
        asked = {claim.responsible for claim in claims if claim.responsible is not None and claim.outcome not in FINAL}
        for claim in claims if table else ():
            last = claim.released
            if last is not None and (last.outcome in FINAL or claim.put_off):
                continue
            number, waiting = stored.round, claim.drafted
            if waiting is not None:
                waiting.round = max(waiting.round, number + 1)
                remember(waiting, by=by, verb=Verb.POSTPONE)
            answer = Answer(claim=claim, round=number, outcome=Outcome.TABLED, text=text, written_by=by.person)
            answer.released_at = timezone.now()
            remember(answer, by=by, verb=Verb.POSTPONE)
            tabled.append(answer)
        stored.postponed_to, stored.next_time = until, next_time
        remember(stored, by=by, verb=Verb.POSTPONE, why=why)
        data = {"receipt": stored.receipt, "until": until.isoformat(), "next_time": next_time, "handled": stored.handled}
        chain.append(
            stored.group.chain, "motion_postponed", by=by, thing=f"motion:{stored.pk}", data=data | {"tabled": len(tabled)}
        )
        letters.tell_of_postponed(stored, asked)
    vars(motion).update(vars(stored))
    return tabled


def take_up(motion: Motion, phase: str, *, day: date | None = None, again: bool = False, by: User | None) -> None:
    """Take it up at the meeting on `day`: it is open again, and put off no longer. `again`: elsewhere on the same agenda."""
    stored = hold(motion)
    stored.phase = phase
    if not again:
        stored.handled += 1
        stored.postponed_to, stored.next_time = None, False
    remember(stored, by=by, verb="place")
    if day is not None and not again:
        _ask_anew(stored, day, by=by)
    vars(motion).update(vars(stored))


def _ask_anew(motion: Motion, day: date, *, by: User | None) -> None:
    """Who was asked for an answer to an earlier meeting has until some days before this one."""
    wanted = max(today(), day - TO_ANSWER)
    for claim in motion.claims.unanswered().filter(answer_by__lt=min(today(), wanted)):
        claim.answer_by = wanted
        remember(claim, by=by, verb=Verb.ASSIGN)


def follow_meeting(group: Group, *, before: date, day: date | None, by: User) -> list[Motion]:
    """A meeting has got another day: what is meant for it follows. Returns those that did."""
    meant = Q(postponed_to=before, next_time=False) | (Q(wanted_on=before) | Q(due_on=before)) & ~Q(phase__in=LOCKED)
    motions = list(group.motions.exclude(state=State.WITHDRAWN).filter(meant).order_by("pk")) if day is not None else []
    for motion in motions:
        stored = hold(motion)
        if stored.postponed_to == before:
            stored.postponed_to = day
        if not stored.locked:
            stored.wanted_on = day if stored.wanted_on == before else stored.wanted_on
            stored.due_on = day if stored.due_on == before else stored.due_on
        remember(stored, by=by, verb=Verb.FOLLOW)
        if not stored.locked and day is not None:
            _table_to(stored, before, day, by=by)
    return motions


def _table_to(motion: Motion, before: date, day: date, *, by: User) -> None:
    """What the draft says of it when it is tabled names the day that the meeting has got."""
    old, new = (f"till mötet den {date_format(one, 'j F Y')}" for one in (before, day))
    for answer in Answer.objects.filter(claim__motion=motion, outcome=Outcome.TABLED, round=motion.round, text__contains=old):
        answer.text = answer.text.replace(old, new)
        remember(answer, by=by, verb=Verb.FOLLOW)


def set_phase(motions: Sequence[Motion], phase: str, *, by: User | None, verb: str) -> None:
    """The meeting opens or locks its motions; called by `meetings` and `protocol` inside their own transaction."""
    for motion in motions:
        stored = hold(motion)
        if stored.phase != phase:
            stored.phase = phase
            remember(stored, by=by, verb=verb)
