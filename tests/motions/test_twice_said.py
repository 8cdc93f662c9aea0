"""What is asked of the database and of a row in memory is the same: each question that motions/models.py answers both ways.

| of the database                     | of the row                                                    |
|-------------------------------------|---------------------------------------------------------------|
| `Motion.objects.filed`, `not_drafts`| `state`                                                       |
| `Motion.objects.open`               | filed and not `locked`                                        |
| `Claim.objects.unanswered`          | in an open motion; `outcome`, `put_off`, `drafted`            |
| `Claim.objects.with_outcome`        | `taken_back`, `released`                                      |
| `Motion.objects.to_answer`          | an att-sats that is unanswered                                |
| `Motion.objects.asked_of`           | the first `answer_by` of those unanswered, `responsible`      |
| `Motion.objects.to_release`         | `drafted`, `round`                                            |
| `Motion.objects.answered_since`     | when `released` was released                                  |
| `Motion.objects.to_support`         | `supporters`                                                  |
| `finding.filtered` by status        | `standing`, `outcome`                                         |
"""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis import example, given, settings

from motions import finding
from motions.actions import filing
from motions.models import FINAL, Claim, Motion
from record.moves import Refused, Stale, WrongState
from tests.motions.stories import STORIES, StoryCase


def unanswered(claim: Claim) -> bool:
    waiting = claim.drafted
    return (
        claim.motion.state == "filed"
        and not claim.motion.locked
        and claim.outcome not in FINAL
        and not claim.put_off
        and (waiting is None or waiting.outdated)
    )


class TwiceSaidTests(StoryCase):
    @given(STORIES)
    @example(
        (  # tabled, an answer is written for the next time, taken up again, and withdrawn
            [("answer", 0, "granted"), ("postpone", 0, None), ("again", 0, None), ("assign", 1, None)],
            True,
            [("again", 0, None)],
        )
    )
    @example(([("answer", 0, "granted"), ("change", 0, None), ("answer", 0, "tabled"), ("release", 0, None)], False, []))
    @example(([("answer", 0, "granted"), ("release", 0, None), ("again", 0, None), ("again", 0, None)], True, []))
    @settings(max_examples=30, deadline=None, derandomize=True)
    def test_both_ways_are_the_same(self, story: tuple) -> None:
        before, withdraws, after = story
        with transaction.atomic():
            self.began = timezone.now() - timedelta(seconds=1)
            self.begin(filed=False)
            self.check()
            filing.file(self.motion, by=self.cast.union_rep)
            for step in (*before, *([("withdraw", 0, None)] if withdraws else []), *after):
                try:
                    with transaction.atomic():
                        self.do(*step)
                except (WrongState, Refused, Stale, ValidationError):
                    continue
                self.check()
            transaction.set_rollback(True)

    def check(self) -> None:
        motion = Motion.objects.with_claims().get(pk=self.motion.pk)
        self.check_claims(motion)
        self.check_motion(motion)
        self.check_people(motion)

    def check_claims(self, motion: Motion) -> None:
        rows = Claim.objects.filter(motion=motion)
        asked = set(rows.unanswered().values_list("pk", flat=True))
        told = dict(rows.with_outcome().values_list("pk", "told"))
        for claim in motion.claims.all():
            self.assertEqual(claim.pk in asked, unanswered(claim), "unanswered")
            self.assertEqual(told[claim.pk], "withdrawn" if claim.taken_back else claim.outcome, "with_outcome")

    def check_motion(self, motion: Motion) -> None:
        of_it = Motion.objects.filter(pk=motion.pk)
        outcomes = [claim.outcome for claim in motion.claims.all()]
        filed, everything = motion.state == "filed", outcomes != [] and "" not in outcomes
        pairs = {
            "filed": (of_it.filed(), filed),
            "not_drafts": (of_it.not_drafts(), motion.state != "draft"),
            "open": (of_it.open(), filed and not motion.locked),
            "draft": (finding.filtered(of_it, {"status": "draft"}, self.cast.chair), motion.standing == "draft"),
            "withdrawn": (finding.filtered(of_it, {"status": "withdrawn"}, self.cast.chair), motion.standing == "withdrawn"),
            "waiting": (finding.filtered(of_it, {"status": "waiting"}, self.cast.chair), filed and "" in outcomes),
            "answered": (finding.filtered(of_it, {"status": "answered"}, self.cast.chair), filed and everything),
        }
        for name, (motions, wanted) in pairs.items():
            self.assertEqual(motions.exists(), wanted, name)
        released = [claim.released.released_at for claim in motion.claims.all() if claim.released is not None]
        latest = list(of_it.answered_since(self.began).values_list("last_answered", flat=True))
        self.assertEqual(latest, [max(released)] if released else [], "answered_since")

    def check_people(self, motion: Motion) -> None:
        of_it, claims = Motion.objects.filter(pk=motion.pk), list(motion.claims.all())
        chair, employer, other = self.cast.chair, self.cast.employer, self.cast.other_rep
        mine = [claim.answer_by for claim in claims if unanswered(claim) and claim.responsible == employer.person]
        asked = list(of_it.asked_of(employer).values_list("answer_by", flat=True))
        self.assertEqual(asked, [min(mine)] if mine else [], "asked_of")
        is_open = motion.state == "filed" and not motion.locked
        written = any(claim.drafted is not None and claim.drafted.round <= motion.round for claim in claims)
        alone = any(self.cast.other_union.pk not in {supporter.party_id for supporter in claim.supporters} for claim in claims)
        pairs = {
            "to_answer": (of_it.to_answer(chair), any(map(unanswered, claims))),
            "to_release": (of_it.to_release(chair), is_open and written),
            "to_support": (of_it.to_support(other), is_open and alone),
        }
        for name, (motions, wanted) in pairs.items():
            self.assertEqual(motions.exists(), wanted, name)
