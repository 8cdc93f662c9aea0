"""A promise in an answer to a motion goes to the balance list in one step, and each tells of the other."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from meetings.actions import balance, placing, promises
from meetings.models import BalanceItem, Meeting
from motions.actions import answering
from motions.models import Answer, Motion
from people.models import today
from record.history import forget
from record.moves import Refused
from tests import factories as make
from tests.cast import Cast

PROMISE = "Förvaltningen kommer att mäta bullret."
TEXT = f"Bullret är känt. {PROMISE}"


class AnswerPromiseTestCase(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        for name in ("chair", "secretary", "employer", "union_rep", "other_rep", "hr", "stranger"):
            getattr(cls.cast, name)
        cls.motion = make.make_motion(cls.cast.group, cls.cast.union, by=cls.cast.union_rep, title="Buller")
        cls.answer = make.make_answer(cls.motion.claims.get(), by=cls.cast.employer, text=TEXT)

    def keep(self, **fields) -> tuple[BalanceItem, bool]:
        answer = Answer.objects.select_related("claim__motion").get(pk=self.answer.pk)
        return promises.promise_in_answer(answer, **{"sentence": PROMISE, "by": self.cast.secretary} | fields)


class PromiseInAnswerTests(AnswerPromiseTestCase):
    def test_it_remembers_the_answer_and_has_an_owner_and_a_day(self):
        due = today() + timedelta(days=30)
        item, new = self.keep(owner=self.cast.employer.person, due=due)
        self.assertEqual((new, item.title, item.answer), (True, "Förvaltningen kommer att mäta bullret", self.answer))
        self.assertEqual((item.owner, item.due, item.opened_at, item.paragraph), (self.cast.employer.person, due, None, None))
        self.assertEqual(item.history.get().history_user, self.cast.secretary)

    def test_a_meeting_that_is_being_written_is_its_origin_and_prints_it(self):
        meeting = make.make_meeting(self.cast.group, by=self.cast.secretary, state="draft")
        paragraph = make.make_paragraph(meeting)
        placing.place(self.motion, meeting=meeting, paragraph=paragraph, by=self.cast.secretary)
        item, _ = self.keep()
        self.assertEqual((item.opened_at, item.paragraph), (meeting, paragraph))
        self.assertEqual([note.meeting for note in item.notes.all()], [meeting])

    def test_a_meeting_that_has_not_begun_is_no_origin(self):
        meeting = make.make_meeting(self.cast.group, by=self.cast.secretary, state="called")
        placing.place(self.motion, meeting=meeting, paragraph=make.make_paragraph(meeting), by=self.cast.secretary)
        self.assertIsNone(self.keep()[0].opened_at)

    def test_the_same_sentence_of_the_same_answer_is_one_item(self):
        first, _ = self.keep()
        again, new = self.keep(sentence=PROMISE.upper(), title="Med andra ord")
        self.assertEqual((again, new, BalanceItem.objects.count()), (first, False, 1))
        other, new = self.keep(sentence="Bullret är känt.")
        self.assertEqual((other == first, new), (False, True))
        with self.assertRaises(IntegrityError), transaction.atomic():
            BalanceItem.objects.create(
                group=self.cast.group, title="Två", answer=self.answer, answer_part=first.answer_part, opened_at=None
            )
        with self.assertRaises(IntegrityError), transaction.atomic():
            BalanceItem.objects.create(group=self.cast.group, title="Utan mening", answer=self.answer)

    def test_the_same_sentence_of_another_answer_is_another_item(self):
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep)
        other = make.make_answer(motion.claims.get(), by=self.cast.employer, text=TEXT)
        first, _ = self.keep()
        second, new = promises.promise_in_answer(other, sentence=PROMISE, by=self.cast.secretary)
        self.assertEqual((first == second, new), (False, True))

    def test_only_what_the_answer_says_and_only_a_day_that_comes(self):
        with self.assertRaises(ValidationError):
            self.keep(sentence="Något helt annat.")
        with self.assertRaises(ValidationError):
            self.keep(sentence="")
        with self.assertRaises(ValidationError) as caught:
            self.keep(due=today() - timedelta(days=1))
        self.assertEqual(list(caught.exception.message_dict), ["due"])

    def test_an_answer_that_is_not_released_is_not_told_through_the_list(self):
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep)
        waiting = make.make_answer(motion.claims.get(), by=self.cast.employer, text=TEXT, released=False)
        with self.assertRaises(Refused):
            promises.promise_in_answer(waiting, sentence=PROMISE, by=self.cast.secretary)
        self.assertEqual(BalanceItem.objects.count(), 0)

    def test_what_is_granted_without_a_word_promises_what_was_asked(self):
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, claims=("att bullret mäts.",))
        granted = make.make_answer(motion.claims.get(), by=self.cast.employer, outcome="granted", text="")
        item, _ = promises.promise_in_answer(granted, sentence="att bullret mäts.", by=self.cast.secretary)
        self.assertEqual(item.title, "att bullret mäts")

    def test_an_answer_that_is_on_the_list_is_not_lost(self):
        self.keep()
        with self.assertRaises(Exception), transaction.atomic():  # noqa: B017
            forget(self.answer, by=None, verb="test")
        self.assertTrue(Answer.objects.filter(pk=self.answer.pk).exists())


class PromiseInAnswerViewTests(AnswerPromiseTestCase):
    def setUp(self) -> None:
        self.url = reverse("meetings:promise_in_answer", args=[self.answer.pk])
        self.page = reverse("motions:motion", args=[self.motion.pk])

    def as_(self, name: str):
        self.client.force_login(getattr(self.cast, name))
        return self.client

    def test_who_keeps_the_list_finds_the_button(self):
        for name, there in (
            ("secretary", True),
            ("chair", True),
            ("employer", False),
            ("union_rep", False),
            ("other_rep", False),
        ):
            self.assertEqual(self.url in self.as_(name).get(self.page).content.decode(), there, name)
        for name, status in (("secretary", 200), ("chair", 200), ("employer", 403), ("union_rep", 403), ("stranger", 404)):
            self.assertEqual(self.as_(name).get(self.url).status_code, status, name)

    def test_the_form_proposes_the_promise_the_one_who_answers_and_the_next_meeting(self):
        day = make.make_meeting(self.cast.group, by=self.cast.secretary).date
        form = self.as_("secretary").get(self.url).context["form"]
        groups = form.fields["sentence"].widget.choices[1:]
        self.assertEqual([name for name, _ in groups], ["Ser ut som åtaganden", "Övriga meningar"])
        self.assertEqual(groups[0][1], [(PROMISE, PROMISE)])
        self.assertEqual(form["sentence"].value(), PROMISE)
        self.assertEqual(form["owner"].value(), self.cast.employer.person_id)
        self.assertEqual(form["due"].value(), day)

    def test_who_was_asked_to_answer_comes_before_who_wrote(self):
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep)
        claims = list(motion.claims.all())
        answering.assign(motion, claims=claims, person=self.cast.chair.person, day=today(), by=self.cast.secretary)
        answer = make.make_answer(motion.claims.get(), by=self.cast.employer, text=TEXT)
        page = self.as_("secretary").get(reverse("meetings:promise_in_answer", args=[answer.pk]))
        self.assertEqual(page.context["form"]["owner"].value(), self.cast.chair.person_id)

    def test_from_the_motion_to_the_list_and_back(self):
        data = {"sentence": PROMISE, "owner": self.cast.employer.person_id, "due": "", "title": "Mät bullret"}
        page = self.as_("secretary").post(self.url, data, follow=True)
        item = BalanceItem.objects.get()
        self.assertEqual(page.redirect_chain, [(f"{self.page}#att-sats-1", 303)])
        self.assertContains(page, "På balanslistan står nu ”Mät bullret”.")
        there = reverse("meetings:balance_item", args=[item.pk])
        for name in ("secretary", "union_rep", "other_rep"):
            shown = self.as_(name).get(self.page)
            self.assertContains(shown, f'På balanslistan: <a href="{there}">Mät bullret</a>')
            self.assertContains(self.client.get(there), f'<a href="{self.page}#att-sats-1">Buller, att-sats 1</a>')
        again = self.as_("secretary").post(self.url, data, follow=True)
        self.assertContains(again, "Meningen fanns redan på balanslistan")
        self.assertEqual(BalanceItem.objects.count(), 1)

    def test_the_motion_is_not_told_to_those_who_may_not_read_it(self):
        item, _ = self.keep()
        there = reverse("meetings:balance_item", args=[item.pk])
        page = self.as_("hr").get(there)  # HR reads motions first when they are sealed
        self.assertContains(page, item.title)
        self.assertNotContains(page, "Ur svaret på")
        self.assertNotContains(page, self.page)

    def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(self):
        data = {"sentence": "", "owner": "", "due": "2026-13-40", "title": "Mät bullret"}
        page = self.as_("secretary").post(self.url, data)
        self.assertEqual(sorted(page.context["form"].errors), ["due", "sentence"])
        self.assertContains(page, "Mät bullret")
        self.assertContains(page, "2026-13-40")
        page = self.client.post(self.url, {"sentence": "En påhittad mening.", "title": "Mät bullret"})
        self.assertContains(page, "Välj en av meningarna i svaret.")

    def test_what_waits_to_be_released_is_refused_with_a_reason(self):
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep)
        waiting = make.make_answer(motion.claims.get(), by=self.cast.employer, text=TEXT, released=False)
        url = reverse("meetings:promise_in_answer", args=[waiting.pk])
        page = self.as_("secretary").get(url)
        self.assertContains(page, "Lämna ut det först.", status_code=422)
        self.assertNotContains(self.client.get(reverse("motions:motion", args=[motion.pk])), url)
        self.assertEqual(self.as_("union_rep").get(url).status_code, 404)

    def test_a_closed_item_is_shown_as_closed(self):
        item, _ = self.keep()
        meeting = make.make_meeting(self.cast.group, by=self.cast.secretary, state="draft")
        balance.note(item, meeting=meeting, text="Mätt.", closes=True, by=self.cast.secretary)
        self.assertContains(self.as_("union_rep").get(self.page), '<span class="tag tag--closed">avslutad</span>')

    def test_as_many_questions_for_many_promises(self):
        def questions(url: str) -> int:
            for _ in range(2):
                with CaptureQueriesContext(connection) as asked:
                    self.client.get(url)
            return len(asked)

        self.as_("secretary")
        self.keep()
        before = [questions(self.page), questions(self.url)]
        text = " ".join(f"Vi kommer att göra sak {n}." for n in range(20))
        motion = make.make_motion(
            self.cast.group, self.cast.union, by=self.cast.union_rep, claims=tuple(f"att {n} görs." for n in range(10))
        )
        for claim in motion.claims.all():
            answer = make.make_answer(claim, by=self.cast.employer, text=text)
            for n in range(3):
                promises.promise_in_answer(answer, sentence=f"Vi kommer att göra sak {n}.", by=self.cast.secretary)
        after = [
            questions(reverse("motions:motion", args=[motion.pk])),
            questions(reverse("meetings:promise_in_answer", args=[answer.pk])),
        ]
        self.assertEqual(after, before)
        self.assertEqual((Motion.objects.count(), Meeting.objects.count()), (2, 0))
