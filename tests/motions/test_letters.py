"""Who is told of what, once each, with nothing but the number and the address."""

from django.test import TestCase

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

    def test_released_answers_are_told_to_the_union_in_one_letter(self) -> None:
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, claims=("att ett.", "att två."))
        Letter.objects.all().delete()
        for claim in motion.claims.all():
            answer = make.make_answer(claim, by=self.cast.employer, released=False)
            self.assertEqual(Letter.objects.count(), 0 if claim.position == 1 else 2)
            actions.release(answer, by=self.cast.chair)
        self.assertEqual(self.told(), {("motion_answered", "Ulf Rönn"), ("motion_answered", "Ulla Ek")})
        self.assertEqual(Letter.objects.count(), 2)
