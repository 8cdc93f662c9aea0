"""Whatever people do in whatever order, a motion keeps its rules.

One answer each time it is up and none after a final one, support once per party, nothing when it is locked.
"""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import example, given, settings
from hypothesis.extra.django import TestCase

from meetings.actions import placing
from meetings.models import Meeting
from motions import versions
from motions.actions import changing, supporting
from motions.models import FINAL, Answer, Claim, Motion, Support
from people.models import PartyName, today
from protocol import document
from record.history import remember
from record.moves import Refused, Stale, WrongState
from tests import factories as make
from tests.cast import Cast
from tests.motions.stories import STORIES, StoryCase


class InvariantTests(StoryCase):
    @given(STORIES)
    @example(
        (
            [("answer", 0, "granted"), ("postpone", 0, None), ("release", 0, None)],
            False,
            [("again", 0, None), ("release", 0, None)],
        )
    )
    @example(([("answer", 0, "granted"), ("release", 0, None), ("postpone", 0, None), ("again", 0, None)], True, []))
    @settings(max_examples=40, deadline=None, derandomize=True)
    def test_any_order_keeps_them(self, story: tuple) -> None:
        before, withdraws, after = story
        with transaction.atomic():
            self.begin()
            for step in before:
                self.take(step)
            if withdraws:
                self.take(("withdraw", 0, None))
            for step in after:
                self.take(step)
            transaction.set_rollback(True)

    def state(self) -> Any:
        """Everything but the phase, as the database has it."""
        motion = Motion.objects.get(pk=self.motion.pk)
        return (
            (motion.state, motion.title, motion.version),
            list(Claim.objects.filter(motion=motion).order_by("pk").values_list("pk", "text", "answer_by")),
            list(Support.objects.filter(claim__motion=motion).order_by("pk").values_list("pk", "party", "withdrawn_at")),
            list(
                Answer.objects.filter(claim__motion=motion)
                .order_by("pk")
                .values_list("pk", "round", "outcome", "text", "released_at")
            ),
        )

    def take(self, step: tuple) -> None:
        """Do it; it must succeed exactly when the rules say so, and leave everything as it was when they do not."""
        before, should = self.state(), self.allowed(step)
        try:
            with transaction.atomic():
                self.do(*step)
        except (WrongState, Refused, Stale, ValidationError) as refusal:
            self.assertFalse(should, f"{step} was refused: {refusal}")
            self.assertEqual(self.state(), before, step)
        else:
            self.assertTrue(should, f"{step} was let through")
        self.check(before)

    def allowed(self, step: tuple) -> bool:
        verb, place, more = step
        if verb in ("lock", "open", "again"):
            return True
        motion = Motion.objects.get(pk=self.motion.pk)
        if verb == "postpone":
            return motion.state == "filed" and motion.phase in "KU"
        answers = list(self.claim(place).answers.order_by("round"))
        released = [answer for answer in answers if answer.released_at]
        final = any(answer.outcome in FINAL for answer in released)
        written = bool(answers) and answers[-1].released_at is None
        tabled = any(answer.round >= max(1, self.treatments) for answer in released)
        return (
            motion.state == "filed"
            and motion.phase in "KU"
            and {
                "support": more != 0,
                "unsupport": True,
                "answer": not final and (written or not tabled),
                "release": written and not answers[-1].outdated and not tabled,
                "change": not released,
                "assign": not final and (not written or answers[-1].outdated) and not tabled,
                "withdraw": True,
            }[verb]
        )

    def check(self, before: Any) -> None:
        _, _, supports, answers = before
        for pk, round_, outcome, text, released_at in answers:
            if released_at:  # what the union has read stands for ever
                stands = Answer.objects.filter(pk=pk).values_list("round", "outcome", "text", "released_at")
                self.assertEqual(list(stands), [(round_, outcome, text, released_at)])
        for claim in self.motion.claims.all():
            of_claim = list(claim.answers.order_by("round"))
            rounds = [answer.round for answer in of_claim if answer.released_at]
            self.assertEqual(rounds, sorted(set(rounds)))
            self.assertLessEqual(len(rounds), max(1, self.treatments))  # one released answer each time it is up
            for answer in of_claim[:-1]:  # only what was put off is answered again
                self.assertEqual((answer.outcome, answer.released_at is not None), ("tabled", True))
            standing = list(claim.supports.filter(withdrawn_at=None).values_list("party", flat=True))
            self.assertEqual(len(standing), len(set(standing)))
            self.assertNotIn(self.cast.union.pk, standing)
        ended = {pk for pk, _, withdrawn_at in supports if withdrawn_at}
        self.assertEqual(Support.objects.filter(pk__in=ended, withdrawn_at=None).count(), 0)
        self.assertEqual({pk for pk, _, _ in supports} - set(Support.objects.values_list("pk", flat=True)), set())
        self.assertEqual(versions.number(self.motion), 1 + self.changes)


class EdgeTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        for name in ("chair", "secretary", "employer", "union_rep", "other_rep"):
            getattr(cls.cast, name)

    def test_five_hundred_att_satser_and_forty_unions(self) -> None:
        cast = self.cast
        motion = make.make_motion(
            cast.group, cast.union, by=cast.union_rep, claims=tuple(f"att sak {n} görs." for n in range(1, 501))
        )
        first, last = motion.claims.first(), motion.claims.last()
        for n in range(40):
            party = make.make_party(f"Förbund {n}", f"F{n}", position=n + 3)
            rep = make.make_member(cast.group, "union_rep", f"Ombud {n}", party=party)
            for claim in (first, last):
                supporting.support(claim, party=party, by=rep)
        claims = [{"pk": claim.pk, "text": claim.text} for claim in motion.claims.all()]
        claims = [claims[-1], *claims[:-1], {"text": "att en till görs."}]
        changing.change(motion, fields={"title": "Många"}, claims=claims, version=motion.version, by=cast.union_rep)
        self.client.force_login(cast.union_rep)
        for name in ("motion", "supporters", "versions", "change"):
            with CaptureQueriesContext(connection) as queries:
                page = self.client.get(reverse(f"motions:{name}", args=[motion.pk]))
            self.assertContains(page, "att sak 500 görs." if name != "change" else "sak 500 görs.")
            self.assertLess(len(queries), 40, name)
        self.assertContains(
            self.client.get(reverse("motions:motion", args=[motion.pk])), "F38 och F39 stödjer LFs yrkande.", count=2
        )
        self.assertEqual(len(self.client.get(reverse("motions:supporters", args=[motion.pk])).context["names"]), 41)

    def test_a_union_that_changed_its_name_between_filing_and_answer(self) -> None:
        cast = self.cast
        motion = make.make_motion(cast.group, cast.union, by=cast.union_rep)
        supporting.support(motion.claims.get(), party=cast.other_union, by=cast.other_rep)
        meeting = cast.meeting("draft")
        paragraph = make.make_paragraph(meeting)
        placing.place(motion, meeting=meeting, paragraph=paragraph, by=cast.secretary)
        changed = today() + timedelta(days=1)
        for party, name, short in ((cast.union, "Skogsfacket", "SF"), (cast.other_union, "Granfacket", "GF")):
            remember(PartyName(party=party, name=name, abbreviation=short, valid_from=changed), by=None, verb="test")
        make.make_answer(motion.claims.get(), by=cast.employer)
        self.client.force_login(cast.other_rep)
        self.assertContains(self.client.get(reverse("motions:motion", args=[motion.pk])), "BF stödjer LFs yrkande.")
        printed = document.build(Meeting.objects.whole().get(pk=meeting.pk)).motions[0]
        self.assertEqual((printed.party, printed.claims[0].supporters), ("SF", ("Granfacket",)))
