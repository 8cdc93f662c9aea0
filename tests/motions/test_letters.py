"""Who is told of what, once each, with nothing but the number and the address."""

from django.test import TestCase
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from motions import story
from motions.actions import answering, changing, supporting
from motions.letters import QUIET
from people.models import Letter, today
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
        supporting.support(motion.claims.get(), party=self.cast.other_union, by=self.cast.other_rep)
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
        four = ("att ett.", "att två.", "att tre.", "att fyra.")
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, claims=four)
        Letter.objects.all().delete()
        for claim in motion.claims.all()[:2]:
            make.make_answer(claim, by=self.cast.chair)
        Letter.objects.update(sent_at=timezone.now())
        letters = Letter.objects.filter(kind="motion_answered").order_by("pk")
        self.assertEqual([str(letter.person) for letter in letters], ["Ulf Rönn", "Ulla Ek"])
        # What is released while that letter is fresh is told in one more, which waits for the rest.
        for position in (3, 4):
            make.make_answer(motion.claims.get(position=position), by=self.cast.chair)
        self.assertEqual([letter.created_at > timezone.now() for letter in letters.all()], [False, False, True, True])
        self.assertEqual(
            [later.created_at - first.created_at for first, later in zip(letters.all()[:2], letters.all()[2:], strict=True)],
            [QUIET] * 2,
        )

    def test_the_chair_and_the_secretary_are_told_of_what_others_have_written_once(self) -> None:
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, claims=("att ett.", "att två."))
        Letter.objects.all().delete()
        answer = make.make_answer(motion.claims.first(), by=self.cast.employer, released=False)
        self.assertEqual(self.told(), {("answer_written", "Cecilia Björk"), ("answer_written", "Stina Alm")})
        answering.answer(
            motion.claims.first(), outcome="answered", text="Bättre ord.", version=answer.version, by=self.cast.employer
        )
        self.assertEqual(Letter.objects.count(), 2)  # the same answer, better said
        Letter.objects.update(sent_at=timezone.now())
        make.make_answer(motion.claims.last(), by=self.cast.chair, released=False)
        self.assertEqual([str(letter.person) for letter in Letter.objects.order_by("pk")[2:]], ["Stina Alm"])

    def test_who_was_writing_is_told_when_the_union_takes_the_att_sats_away_and_the_words_are_kept(self) -> None:
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, claims=("att ett.", "att två."))
        make.make_answer(motion.claims.last(), by=self.cast.employer, text="Vi **räknar** på det.", released=False)
        Letter.objects.all().delete()
        kept = motion.claims.first()
        changing.change(
            motion, fields={}, claims=[{"pk": kept.pk, "text": kept.text}], version=motion.version, by=self.cast.union_rep
        )
        self.assertIn(("motion_changed", "Erik Lind"), self.told())
        motion.refresh_from_db()
        said = {entry.what: entry.more for entry in story.of(motion, self.cast.employer)}
        self.assertEqual(said["Svaret som skrevs på att-sats 2 (borttagen) föll bort"], "Vi räknar på det.")
        self.assertFalse([entry for entry in story.of(motion, self.cast.union_rep) if "räknar" in entry.more])

    def test_who_no_longer_is_to_answer_is_told(self) -> None:
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep)
        for person in (self.cast.employer.person, self.cast.chair.person):
            answering.assign(motion, claims=list(motion.claims.all()), person=person, day=today(), by=self.cast.chair)
        self.assertIn(("answer_moved", "Erik Lind"), self.told())
        self.assertNotIn(("answer_moved", "Cecilia Björk"), self.told())

    def test_who_keeps_a_part_of_the_answers_is_told_so(self) -> None:
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, claims=("att ett.", "att två."))
        both, rest = list(motion.claims.all()), list(motion.claims.all())[:1]
        answering.assign(motion, claims=both, person=self.cast.employer.person, day=today(), by=self.cast.chair)
        answering.assign(motion, claims=rest, person=self.cast.chair.person, day=today(), by=self.cast.chair)
        self.assertIn("Resten är kvar hos dig", Letter.objects.get(kind="answer_moved").body)

    def test_those_who_support_it_are_told_of_the_answer_too(self) -> None:
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep)
        supporting.support(motion.claims.get(), party=self.cast.other_union, by=self.cast.other_rep)
        make.make_answer(motion.claims.get(), by=self.cast.employer)
        told = {person for kind, person in self.told() if kind == "motion_answered"}
        self.assertEqual(told, {"Ulf Rönn", "Ulla Ek", "Orvar Gran"})
