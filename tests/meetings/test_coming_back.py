"""What was left open or put off comes back: at the right meeting, once, and nothing of last time is said as this time's."""

from datetime import timedelta
from unittest import mock

from django.test import TestCase
from django.urls import reverse
from django.utils.formats import date_format

from meetings.actions import carry, placing, planning
from meetings.models import Meeting
from meetings.reading import checklist
from motions import reminders, story
from motions.actions import answering, filing, handling, supporting
from motions.models import Answer, Claim, Motion
from people.models import Letter, today
from protocol import actions as protocol_actions
from protocol import document, sealing
from protocol.models import FrozenVersion
from record.moves import Refused
from tests import factories as make
from tests.cast import Cast

DAY = today() + timedelta(days=14)
LATER = DAY + timedelta(days=28)


class ComingBack(TestCase):
    def setUp(self) -> None:
        self.cast = Cast()
        _ = (self.cast.union_rep, self.cast.other_rep)
        self.by = self.cast.secretary
        self.meeting = self.cast.meeting("draft", date=DAY)
        self.motion = make.make_motion(
            self.cast.group, self.cast.union, by=self.cast.union_rep, title="Lokaler", claims=("att ett.", "att två.")
        )

    def place(self, motion: Motion | None = None, meeting: Meeting | None = None):
        meeting = meeting or self.meeting
        return placing.place(
            motion or self.motion, meeting=meeting, paragraph=make.make_paragraph(meeting, "decisions"), by=self.by
        )

    def put_off(self, placement, **fields) -> None:
        placing.postpone(placement, **{"until": LATER, "why": "Chefen är sjuk.", "by": self.by} | fields)

    def freeze(self) -> FrozenVersion:
        return protocol_actions.freeze(
            self.cast.ready(Meeting.objects.get(pk=self.meeting.pk)), by=self.by, privacy_reviewed=True
        )

    def seal(self, version: FrozenVersion) -> None:
        self.cast.sign_all(version)
        sealing.seal(FrozenVersion.objects.get(pk=version.pk))

    def problems(self, meeting: Meeting) -> dict[str, checklist.Problem]:
        whole = Meeting.objects.whole().get(pk=meeting.pk)
        return {one.code: one for one in checklist.problems(whole, document.referenced_appendices(whole))}

    def claims(self, meeting: Meeting) -> list[tuple[str | None, str | None]]:
        (motion,) = document.build(Meeting.objects.whole().get(pk=meeting.pk)).motions
        return [(claim.outcome, claim.answer) for claim in motion.claims]

    def fresh(self) -> Motion:
        return Motion.objects.get(pk=self.motion.pk)


class LastTimeTests(ComingBack):
    def setUp(self) -> None:
        super().setUp()
        self.first, self.second = self.motion.claims.all()
        placement = self.place()
        make.make_answer(self.first, by=self.cast.employer, outcome="granted", text="Det görs i maj.")
        self.put_off(placement)
        self.seal(self.freeze())
        self.later = self.cast.meeting("draft", date=LATER)

    def test_what_was_tabled_then_is_no_answer_now(self) -> None:
        self.assertEqual(self.later.placements.get().motion, self.motion)
        self.assertEqual(self.claims(self.later), [("granted", "Det görs i maj."), (None, None)])
        missing = self.problems(self.later)["answer"]
        self.assertTrue(missing.blocking)
        self.assertIn("en att-sats utan utlämnat svar", missing.message)
        make.make_answer(Claim.objects.get(pk=self.second.pk), by=self.cast.employer, outcome="rejected", text="Det är för dyrt.")
        self.assertEqual(self.claims(self.later)[1], ("rejected", "Det är för dyrt."))
        self.assertNotIn("answer", self.problems(self.later))

    def test_taken_back_after_the_first_part_was_answered_the_answer_stands(self) -> None:
        filing.withdraw(self.fresh(), by=self.cast.union_rep)
        self.assertEqual(self.claims(self.later), [("granted", "Det görs i maj."), ("withdrawn", None)])
        told = Claim.objects.with_outcome().filter(motion=self.motion).values_list("told", flat=True)
        self.assertEqual(list(told), ["granted", "withdrawn"])
        self.client.force_login(self.cast.union_rep)
        page = self.client.get(reverse("motions:motion", args=[self.motion.pk]))
        self.assertContains(page, "yrkandet bifalls.")
        self.assertNotContains(page, "yrkandet bordläggs")


class PutOffTests(ComingBack):
    def test_no_answer_is_released_at_the_meeting_that_put_it_off(self) -> None:
        placement = self.place()
        first = self.motion.claims.first()
        drafted = make.make_answer(first, by=self.cast.employer, outcome="granted", released=False)
        self.client.force_login(self.cast.chair)
        page, button = reverse("motions:motion", args=[self.motion.pk]), reverse("motions:release", args=[drafted.pk])
        self.assertContains(self.client.get(page), button)
        self.put_off(placement)
        self.assertNotContains(self.client.get(page), button)
        self.assertNotIn(self.motion, Motion.objects.to_release(self.cast.chair))
        with self.assertRaisesMessage(Refused, "bordlagd den här gången"):
            answering.release(Answer.objects.get(pk=drafted.pk), by=self.cast.chair)
        with self.assertRaisesMessage(Refused, "bordlagd den här gången"):
            answering.release_all(self.fresh(), versions={drafted.pk: drafted.version}, by=self.cast.chair)
        self.assertEqual(self.claims(self.meeting)[0][0], "tabled")
        self.seal(self.freeze())
        self.cast.meeting("draft", date=LATER)
        self.assertIn(self.motion, Motion.objects.to_release(self.cast.chair))
        answering.release(Answer.objects.get(pk=drafted.pk), by=self.cast.chair)
        self.assertEqual(list(first.answers.values_list("round", "outcome")), [(1, "tabled"), (2, "granted")])

    def test_at_the_meeting_who_was_to_answer_is_told_and_an_answer_that_comes_too_late_stays_in_its_form(self) -> None:
        claims = list(self.motion.claims.all())
        answering.assign(self.motion, claims=claims, person=self.cast.employer.person, day=today(), by=self.cast.chair)
        placement = self.place()
        self.client.force_login(self.cast.employer)
        form = reverse("motions:answer", args=[claims[0].pk])
        self.assertEqual(self.client.get(form).status_code, 200)
        Letter.objects.all().delete()
        self.put_off(placement)
        self.assertIn("Erik Lind", {str(letter.person) for letter in Letter.objects.filter(kind="motion_postponed")})
        late = self.client.post(form, {"outcome": "answered", "text": "Det här skrev jag länge på.", "version": "0"})
        self.assertContains(late, "bordlagd den här gången")
        self.assertContains(late, "Det här skrev jag länge på.")
        page = self.client.get(reverse("motions:motion", args=[self.motion.pk]))
        self.assertNotContains(page, "ska svara senast")
        self.client.force_login(self.cast.chair)
        self.assertNotContains(self.client.get(page.request["PATH_INFO"]), reverse("motions:assign", args=[self.motion.pk]))

    def test_the_day_is_told_when_one_was_chosen_and_else_the_next_meeting(self) -> None:
        self.put_off(self.place(), until=None)
        self.assertEqual(self.fresh().put_off_to, "till nästa möte")
        said = [entry.what for entry in story.of(self.fresh(), self.cast.union_rep)]
        self.assertIn("Sköts upp till nästa möte", said)
        other = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, title="Ljus")
        self.put_off(self.place(other))
        other.refresh_from_db()
        self.assertEqual(other.put_off_to, f"till mötet den {date_format(LATER, 'j F Y')}")

    def test_those_it_concerns_are_told_and_who_is_to_answer_is_not_reminded_until_it_is_up_again(self) -> None:
        claims = list(self.motion.claims.all())
        supporting.support(claims[0], party=self.cast.other_union, by=self.cast.other_rep)
        answering.assign(self.motion, claims=claims, person=self.cast.employer.person, day=today(), by=self.cast.chair)
        called = self.cast.meeting("called", date=DAY + timedelta(days=7))
        placement = self.place(meeting=called)
        Letter.objects.all().delete()
        self.put_off(placement)
        told = {str(letter.person) for letter in Letter.objects.filter(kind="motion_postponed")}
        self.assertEqual(told, {"Ulla Ek", "Ulf Rönn", "Orvar Gran", "Erik Lind"})  # the last one is to answer
        self.assertEqual(reminders.remind(), 0)
        soon = today() + timedelta(days=2)
        with mock.patch(
            "motions.actions.handling.today", return_value=soon
        ):  # the day has passed when the later meeting takes it up
            self.cast.meeting("planned", date=LATER)
        self.assertEqual({claim.answer_by for claim in self.motion.claims.all()}, {LATER - handling.TO_ANSWER})

    def test_until_the_protocol_that_put_it_off_is_sealed_the_next_one_says_that_it_is_missing_and_then_it_comes(self) -> None:
        self.put_off(self.place())
        version = self.freeze()
        later = self.cast.meeting("draft", date=LATER)
        self.assertFalse(later.placements.exists())
        self.assertIn(f"förrän protokollet från {self.meeting} är förseglat", self.problems(later)["held_up"].message)
        self.seal(version)
        self.assertEqual(later.placements.get().motion, self.motion)
        self.assertNotIn("held_up", self.problems(later))

    def test_one_that_cannot_come_is_told_and_the_rest_comes(self) -> None:
        other = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, title="Ritning")
        for motion in (other, self.motion):
            self.put_off(self.place(motion))
        self.seal(self.freeze())
        place = carry.place

        def without_its_file(motion: Motion, **more):
            if motion == other:
                raise Refused("Filen finns inte i lagringen.")
            return place(motion, **more)

        with mock.patch("meetings.actions.carry.place", side_effect=without_its_file):
            later = self.cast.meeting("draft", date=LATER)
        self.assertEqual([row.motion for row in later.placements.all()], [self.motion])
        self.assertIn("”Ritning” ska tas upp igen", self.problems(later)["waiting"].message)


class MovedMeetingTests(ComingBack):
    def move(self, meeting: Meeting, day) -> None:
        planning.edit(meeting, fields={"date": day}, version=Meeting.objects.get(pk=meeting.pk).version, by=self.by)

    def test_what_is_meant_for_the_meeting_follows_it_to_an_earlier_day(self) -> None:
        later = self.cast.meeting("planned", date=LATER)
        question = make.make_motion(
            self.cast.group, self.cast.union, by=self.cast.union_rep, title="Parkering", kind="question", due_on=LATER
        )
        wish = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, title="Ljus", wanted_on=LATER)
        draft = make.make_motion(
            self.cast.group, self.cast.union, by=self.cast.union_rep, title="Eget", wanted_on=LATER, filed=False
        )
        self.put_off(self.place())
        earlier = LATER - timedelta(days=2)
        self.move(later, earlier)
        for motion in (question, wish, draft, self.motion):
            motion.refresh_from_db()
        self.assertEqual([question.due_on, wish.wanted_on, draft.wanted_on, self.motion.postponed_to], [earlier] * 4)
        for motion in (question, draft):
            said = [entry.what for entry in story.of(motion, self.cast.union_rep)]
            self.assertIn(f"Mötet flyttades till den {date_format(earlier, 'j F Y')}", said)
        planning.call(Meeting.objects.get(pk=later.pk), by=self.by)
        planning.open_draft(Meeting.objects.get(pk=later.pk), by=self.by)
        self.assertEqual({row.motion.title for row in later.placements.all()}, {"Parkering", "Ljus"})

    def test_what_was_meant_for_a_meeting_that_is_called_off_is_for_the_next(self) -> None:
        off, following = self.cast.meeting("called", date=LATER), self.cast.meeting("planned", date=LATER + timedelta(days=7))
        question = make.make_motion(
            self.cast.group, self.cast.union, by=self.cast.union_rep, title="Parkering", kind="question", due_on=LATER
        )
        planning.cancel(off, why="För få kan komma.", by=self.by)
        question.refresh_from_db()
        self.assertEqual(question.due_on, following.date)

    def test_not_when_another_meeting_is_held_that_day(self) -> None:
        first, _ = (self.cast.meeting("planned", date=LATER) for _ in range(2))
        wish = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, title="Ljus", wanted_on=LATER)
        self.move(first, LATER - timedelta(days=2))
        wish.refresh_from_db()
        self.assertEqual(wish.wanted_on, LATER)
