"""Who is told of what, once each, with nothing but the number and the address."""

from django.test import TestCase
from django.urls import reverse
from django.utils.formats import date_format

from motions import actions
from people.models import Letter
from tests import factories as make
from tests.cast import Cast


class LetterTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        for name in ("chair", "secretary", "employer", "union_rep", "adjuster", "other_rep", "substitute", "hr"):
            getattr(cls.cast, name)

    def told(self) -> set[tuple[str, str]]:
        return {(letter.kind, str(letter.person)) for letter in Letter.objects.all()}

    def test_filing_gives_a_receipt_and_a_notice(self) -> None:
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep)
        expected = {("motion_receipt", "Ulf Rönn"), ("motion_filed", "Cecilia Björk"), ("motion_filed", "Stina Alm")}
        self.assertEqual(self.told(), expected)
        receipt = Letter.objects.get(kind="motion_receipt")
        self.assertEqual(receipt.subject, f"Kvitto {motion.receipt}")
        self.assertIn(f"/yrkanden/{motion.pk}/", receipt.body)
        self.assertIn("Möte: det är inte planerat än", receipt.body)

    def test_the_receipt_and_the_page_name_the_meeting_it_is_meant_for(self) -> None:
        days = sorted(make.make_meeting(self.cast.group, by=self.cast.secretary).date for _ in range(2))
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, wanted_on=days[1])
        said = date_format(days[1], "j F Y")
        self.assertIn(f"Möte: {said}\n", Letter.objects.get(kind="motion_receipt").body)
        self.client.force_login(self.cast.union_rep)
        page = self.client.get(reverse("motions:motion", args=[motion.pk]))
        self.assertContains(page, f"<dt>Tas upp på mötet</dt><dd>{said}</dd>", html=True)

    def test_what_is_taken_back_is_told_to_those_who_were_to_take_it_up_and_those_who_support_it(self) -> None:
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep)
        actions.support(motion.claims.get(), party=self.cast.other_union, by=self.cast.other_rep)
        make.make_answer(motion.claims.get(), by=self.cast.employer, released=False)
        Letter.objects.all().delete()
        self.client.force_login(self.cast.union_rep)
        url = reverse("motions:withdraw", args=[motion.pk])
        self.assertContains(self.client.get(url), "De som stödjer får veta att ni återkallar.")
        self.client.post(url, {"why": ""})
        told = {("motion_withdrawn", name) for name in ("Cecilia Björk", "Stina Alm", "Erik Lind", "Orvar Gran")}
        self.assertEqual(self.told(), told)

    def test_the_page_for_taking_back_tells_of_answers_that_stand(self) -> None:
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, claims=("att ett.", "att två."))
        self.client.force_login(self.cast.union_rep)
        url = reverse("motions:withdraw", args=[motion.pk])
        self.assertNotContains(self.client.get(url), "fått svar")
        make.make_answer(motion.claims.first(), by=self.cast.employer)
        self.assertContains(self.client.get(url), "En att-sats har fått svar.")

    def test_released_answers_are_told_to_the_union_in_one_letter(self) -> None:
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, claims=("att ett.", "att två."))
        Letter.objects.all().delete()
        for claim in motion.claims.all():
            answer = make.make_answer(claim, by=self.cast.employer, released=False)
            self.assertEqual(Letter.objects.count(), 0 if claim.position == 1 else 2)
            actions.release(answer, by=self.cast.chair)
        self.assertEqual(self.told(), {("motion_answered", "Ulf Rönn"), ("motion_answered", "Ulla Ek")})
        self.assertEqual(Letter.objects.count(), 2)

    def test_those_who_support_it_are_told_of_the_answer_too(self) -> None:
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep)
        actions.support(motion.claims.get(), party=self.cast.other_union, by=self.cast.other_rep)
        make.make_answer(motion.claims.get(), by=self.cast.employer)
        told = {person for kind, person in self.told() if kind == "motion_answered"}
        self.assertEqual(told, {"Ulf Rönn", "Ulla Ek", "Orvar Gran"})
