"""Somebody is asked to write an answer by a day: told, reminded, and shown on the start page until it is written."""

from datetime import timedelta
from unittest import mock

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.formats import date_format

from motions import reminders, story
from motions.actions import answering, filing, supporting
from motions.models import Claim, Motion
from people.models import Letter, today
from record.history import remember
from record.moves import Refused, WrongState
from tests import factories as make
from tests.cast import Cast


class AssignTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        for name in ("chair", "secretary", "employer", "union_rep", "other_rep"):
            getattr(cls.cast, name)
        cls.motion = make.make_motion(
            cls.cast.group, cls.cast.union, by=cls.cast.union_rep, claims=("att ett görs.", "att två görs.")
        )

    def assign(self, *places: int, person=None, day: int = 5) -> list[Claim]:
        claims = [claim for claim in self.motion.claims.all() if claim.position in (places or (1, 2))]
        person = person or self.cast.employer.person
        return answering.assign(self.motion, claims=claims, person=person, day=today() + timedelta(days=day), by=self.cast.chair)

    def told(self, kind: str) -> list[str]:
        return [str(letter.person) for letter in Letter.objects.filter(kind=kind)]

    def remind(self, day: int) -> int:
        later = today() + timedelta(days=day)
        with mock.patch("motions.reminders.today", return_value=later), mock.patch("motions.letters.today", return_value=later):
            return reminders.remind()

    def test_the_one_asked_is_told_once(self) -> None:
        self.assign()
        self.assertEqual(self.told("answer_asked"), ["Erik Lind"])
        self.assertEqual({claim.responsible for claim in self.motion.claims.all()}, {self.cast.employer.person})

    def test_the_story_tells_the_employers_side_who_was_asked_and_by_when(self) -> None:
        self.assign()
        self.assign(2, person=self.cast.chair.person, day=9)
        days = [date_format(today() + timedelta(days=n), "j F Y") for n in (9, 5)]
        expected = [
            f"Cecilia Björk utsågs att svara på att-sats 2, senast {days[0]}",
            f"Erik Lind utsågs att svara på att-satserna 1 och 2, senast {days[1]}",
        ]
        for who in ("chair", "secretary", "employer"):
            entries = [entry for entry in story.of(self.motion, getattr(self.cast, who)) if "utsågs" in entry.what]
            self.assertEqual([entry.what for entry in entries], expected, who)
            self.assertEqual({entry.who for entry in entries}, {self.cast.chair})
        for who in ("union_rep", "other_rep", "hr"):
            self.assertNotIn("utsågs", " ".join(entry.what for entry in story.of(self.motion, getattr(self.cast, who))), who)

    def test_the_story_asks_as_many_questions_for_many_who_are_asked(self) -> None:
        def asked() -> int:
            motion = Motion.objects.with_claims().get(pk=self.motion.pk)
            with CaptureQueriesContext(connection) as queries:
                story.of(motion, self.cast.chair)
            return len(queries)

        self.assign(1)
        asked()  # what one's roles are is asked once
        before = asked()
        for n in range(5):
            self.assign(2, person=(self.cast.chair if n % 2 else self.cast.employer).person, day=n + 1)
        self.assertEqual(asked(), before)

    def test_only_one_who_represents_the_employer_and_a_day_to_come(self) -> None:
        for person in (self.cast.union_rep.person, self.cast.secretary.person, self.cast.stranger.person):
            with self.assertRaises(ValidationError):
                self.assign(person=person)
        with self.assertRaises(ValidationError):
            self.assign(day=-1)
        self.assertEqual(self.told("answer_asked"), [])

    def test_what_is_answered_or_locked_asks_nobody(self) -> None:
        first = self.motion.claims.first()
        make.make_answer(first, by=self.cast.employer)
        self.assertEqual([claim.position for claim in self.assign()], [2])
        with self.assertRaises(Refused):
            self.assign(1)
        make.put_in_phase(self.motion, "J", by=self.cast.secretary, verb="freeze")
        with self.assertRaises(WrongState):
            self.assign(2)

    def test_the_database_wants_both_or_neither(self) -> None:
        for fields in ({"answer_by": today()}, {"responsible": self.cast.employer.person}):
            with self.assertRaises(IntegrityError), transaction.atomic():
                self.motion.claims.update(**fields)

    def test_reminded_the_day_before_and_after_once_a_day_until_it_is_written(self) -> None:
        self.assign(day=5)
        self.assertEqual([self.remind(day) for day in (3, 4, 4)], [0, 1, 0])
        Letter.objects.filter(kind="remind_to_answer").delete()
        make.make_answer(self.motion.claims.first(), by=self.cast.employer, released=False)
        self.assertEqual(self.remind(6), 1)
        self.assertIn("skulle ha varit klart", Letter.objects.get(kind="remind_to_answer").body)
        Letter.objects.filter(kind="remind_to_answer").delete()
        make.make_answer(self.motion.claims.last(), by=self.cast.employer, released=False)
        self.assertEqual(self.remind(7), 0)

    def test_who_has_left_the_group_is_not_reminded(self) -> None:
        self.assign(day=0)
        seat = self.cast.employer.person.mandates.get()
        seat.ends = today() - timedelta(days=1)
        remember(seat, by=None, verb="test")
        self.assertEqual(self.remind(1), 0)

    def test_a_motion_taken_back_reminds_nobody(self) -> None:
        self.assign(day=0)
        filing.withdraw(Motion.objects.get(pk=self.motion.pk), by=self.cast.union_rep)
        self.assertEqual(self.remind(1), 0)

    def test_it_stands_on_the_start_page_until_it_is_written(self) -> None:
        self.assign(2)
        self.client.force_login(self.cast.employer)
        self.assertContains(self.client.get(reverse("home")), "Du ska svara på")
        make.make_answer(self.motion.claims.last(), by=self.cast.chair, released=False)
        self.assertNotContains(self.client.get(reverse("home")), "Du ska svara på")
        self.client.force_login(self.cast.chair)
        self.assertNotContains(self.client.get(reverse("home")), "Du ska svara på")

    def test_on_the_page(self) -> None:
        url = reverse("motions:assign", args=[self.motion.pk])
        for who, status in (("chair", 200), ("secretary", 200), ("employer", 403), ("union_rep", 403), ("stranger", 404)):
            self.client.force_login(getattr(self.cast, who))
            self.assertEqual(self.client.get(url).status_code, status, who)
        self.client.force_login(self.cast.secretary)
        second = self.motion.claims.last()
        data = {"person": self.cast.employer.person.pk, "day": str(today() + timedelta(days=3)), "claims": [second.pk]}
        self.assertContains(self.client.post(url, data | {"day": "2026-02-31"}), "Datumet finns inte.")
        self.assertContains(self.client.post(url, data | {"claims": []}), "Välj minst en att-sats.")
        page = self.client.post(url, data, follow=True)
        self.assertContains(page, "Erik Lind ska svara på 1 att-sats, och får mejl om det.")
        self.assertContains(page, "Erik Lind ska svara senast", count=1)
        self.client.force_login(self.cast.union_rep)
        self.assertNotContains(self.client.get(reverse("motions:motion", args=[self.motion.pk])), "ska svara senast")


class TwoManagersTests(TestCase):
    def test_the_second_sees_both_texts_and_can_save_over_or_let_be(self) -> None:
        cast = Cast()
        claim = make.make_motion(cast.group, cast.union, by=cast.union_rep).claims.get()
        url = reverse("motions:answer", args=[claim.pk])
        self.client.force_login(cast.employer)
        self.client.post(url, {"outcome": "answered", "text": "Eriks svar.", "version": 0})
        self.client.force_login(cast.chair)
        page = self.client.post(url, {"outcome": "rejected", "text": "Cecilias svar.", "version": 0})
        self.assertContains(page, "Cecilias svar.", status_code=409)
        self.assertIn("Eriks svar.", page.context["theirs"])
        self.assertEqual((claim.answers.get().text, str(page.context["writer"])), ("Eriks svar.", "Erik Lind"))
        version = page.context["form"]["version"].value()
        self.client.post(url, {"outcome": "rejected", "text": "Cecilias svar.", "version": version})
        self.assertEqual([row.text for row in claim.answers.get().history.all()], ["Cecilias svar.", "Eriks svar."])


class MatrixTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        for name in ("chair", "union_rep", "other_rep"):
            getattr(cls.cast, name)

    def test_each_union_and_att_sats_with_what_was_taken_back(self) -> None:
        cast = self.cast
        third = make.make_party("Tredje", "TF", position=3)
        rep = make.make_member(cast.group, "union_rep", party=third)
        motion = make.make_motion(cast.group, cast.union, by=cast.union_rep, claims=("att ett.", "att två."))
        first, second = motion.claims.all()
        supporting.support(first, party=cast.other_union, by=cast.other_rep)
        supporting.support(first, party=third, by=rep)
        supporting.support(second, party=third, by=rep)
        supporting.unsupport(second, party=third, by=rep)
        self.client.force_login(cast.union_rep)
        page = self.client.get(reverse("motions:supporters", args=[motion.pk]))
        self.assertEqual(page.context["names"], ["BF", "TF"])
        table = [([cell.state for cell in row.cells], row.standing) for row in page.context["rows"]]
        self.assertEqual(table, [(["stands", "stands"], 2), (["", "ended"], 0)])
        self.assertContains(page, "Upphörde")
        supporting.support(second, party=third, by=rep)
        page = self.client.get(reverse("motions:supporters", args=[motion.pk]))
        self.assertEqual([cell.state for cell in page.context["rows"][1].cells], ["", "stands"])
