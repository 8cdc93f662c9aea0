"""The deadline on the form and the receipt, the way to the next meeting, and the print shown while one writes."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from motions.models import Motion
from people.models import Letter, today
from tests import factories as make
from tests.cast import Cast


class Case(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        _ = (cls.cast.secretary, cls.cast.union_rep, cls.cast.chair)

    def setUp(self) -> None:
        self.client.force_login(self.cast.union_rep)

    def meeting(self, days: int, deadline: timedelta | None = None):
        until = timezone.now() + deadline if deadline is not None else None
        return make.make_meeting(self.cast.group, by=self.cast.secretary, date=today() + timedelta(days=days), deadline=until)

    def draft(self, **fields) -> Motion:
        return make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, filed=False, **fields)

    def file(self, motion: Motion, **data):
        url = reverse("motions:file", args=[motion.pk])
        page = self.client.post(url, {"version": motion.version, **data}, follow=True)
        motion.refresh_from_db()
        return page


class DeadlineTests(Case):
    def test_it_stands_on_the_form_and_on_the_receipt(self) -> None:
        self.meeting(20, timedelta(days=3))
        page = self.client.get(reverse("motions:draft", args=[self.cast.group.pk]))
        self.assertContains(page, "Stopptid:")
        motion = self.draft()
        page = self.file(motion)
        self.assertFalse(motion.filed_late)
        self.assertContains(page, "före stopptiden")
        self.assertIn("före stopptiden", Letter.objects.get(kind="motion_receipt").body)

    def test_after_it_the_next_meeting_is_offered(self) -> None:
        near = self.meeting(2, -timedelta(hours=1))
        far = self.meeting(30, timedelta(days=20))
        motion = self.draft()
        for url in (reverse("motions:edit", args=[motion.pk]), reverse("motions:preview", args=[motion.pk])):
            self.assertContains(self.client.get(url), "gick ut")
        self.assertContains(self.client.get(url), f'name="meeting" value="{far.date}"')
        self.file(motion, meeting=str(far.date))
        self.assertEqual((motion.wanted_on, motion.deadline, motion.filed_late), (far.date, far.deadline, False))
        late = self.draft(title="Bråttom")
        page = self.file(late)
        self.assertEqual((late.wanted_on, late.deadline, late.filed_late), (None, near.deadline, True))
        self.assertContains(page, "efter stopptiden")

    def test_a_question_that_comes_late_is_due_at_the_later_meeting(self) -> None:
        near, far = self.meeting(2, -timedelta(hours=1)), self.meeting(30)
        question = self.draft(kind="question", claims=("När?",), due_on=near.date)
        self.file(question, meeting=str(far.date))
        self.assertEqual((question.wanted_on, question.due_on), (None, far.date))

    def test_a_day_that_is_no_meeting_moves_nothing(self) -> None:
        for day in (str(today() + timedelta(days=1)), "2026-02-31", "x", ""):
            motion = self.draft()
            self.file(motion, meeting=day)
            self.assertEqual((motion.wanted_on, motion.deadline), (None, None), day)

    def test_without_a_later_meeting_it_can_be_filed_all_the_same(self) -> None:
        self.meeting(2, -timedelta(hours=1))
        motion = self.draft()
        page = self.client.get(reverse("motions:preview", args=[motion.pk]))
        self.assertContains(page, "Inget senare möte är planerat än.")
        self.assertContains(page, ">Lämna in</button>")

    def test_a_draft_has_had_no_deadline(self) -> None:
        motion = self.draft()
        with self.assertRaises(IntegrityError), transaction.atomic():
            Motion.objects.filter(pk=motion.pk).update(deadline=timezone.now())


class MeetingDayTests(Case):
    """The meeting is chosen from a list, and any other day can be written."""

    def send(self, **changes):
        data = {
            "kind": "question",
            "title": "Buller",
            "matter": "",
            "background": "",
            "claim_text": ["När?"],
            "claim_points": [""],
        }
        url = reverse("motions:draft", args=[self.cast.group.pk])
        return self.client.post(url, data | {"version": 0, "do": "save"} | changes)

    def test_the_coming_meetings_are_listed_with_their_deadlines(self) -> None:
        near, far = self.meeting(2, -timedelta(hours=1)), self.meeting(30, timedelta(days=20))
        page = self.client.get(reverse("motions:draft", args=[self.cast.group.pk]))
        self.assertContains(page, f'<option value="{near.date}">{date_format(near.date, "j F Y")} (stopptiden har gått ut)')
        self.assertContains(page, f'<option value="{far.date}">{date_format(far.date, "j F Y")} (stopptid ')
        self.assertContains(page, '<option value="">Så snart som möjligt</option>')

    def test_a_meeting_or_another_day_is_kept(self) -> None:
        far = self.meeting(30)
        other = far.date + timedelta(days=9)
        self.send(wanted_on="", due_on=str(far.date))
        self.send(wanted_on="annan", wanted_on_day=str(other), due_on="annan", due_on_day=str(other))
        self.send(kind="motion", wanted_on="annan", wanted_on_day=str(other), due_on=str(far.date))
        days = Motion.objects.order_by("pk").values_list("wanted_on", "due_on")
        self.assertEqual(list(days), [(None, far.date), (None, other), (other, None)])
        page = self.client.get(reverse("motions:edit", args=[Motion.objects.get(due_on=other).pk]))
        self.assertContains(page, '<option value="annan" selected>', count=1)
        self.assertContains(page, f'name="due_on_day" id="id_due_on_day" value="{other}"')

    def test_another_day_that_is_missing_or_does_not_exist_is_told_and_kept(self) -> None:
        self.meeting(30)
        page = self.send(due_on="annan", due_on_day="2026-02-31")
        self.assertContains(page, "Datumet finns inte. Skriv det som 2026-04-16.")
        # The day is what is wrong, not the list.
        told = 'value="2026-02-31" aria-invalid="true" aria-describedby="id_due_on_helptext id_due_on_error">'
        self.assertContains(page, f'<input type="text" name="due_on_day" id="id_due_on_day" {told}')
        self.assertContains(page, "aria-invalid", count=1)
        page = self.send(due_on="annan", due_on_day="")
        self.assertEqual(list(page.context["form"].errors), ["due_on"])
        again = self.send(due_on="annan", due_on_day="2026-03-31", do="add")  # a button of the form keeps it
        self.assertContains(again, 'name="due_on_day" id="id_due_on_day" value="2026-03-31"')
        self.assertEqual(Motion.objects.count(), 0)

    def test_without_meetings_it_is_a_day(self) -> None:
        page = self.client.get(reverse("motions:draft", args=[self.cast.group.pk]))
        self.assertContains(page, '<input type="date" name="wanted_on"')
        self.assertNotContains(page, "En annan dag")


class ShownWhileWritingTests(Case):
    def show(self, **changes) -> str:
        data = {"kind": "motion", "title": "Buller", "matter": "", "wanted_on": "", "background": "Det <b> bullrar."}
        data |= {"claim_text": ["bullret mäts."], "claim_points": ["1. dag\n2. natt"], "do": "show"} | changes
        page = self.client.post(reverse("motions:draft", args=[self.cast.group.pk]), data)
        self.assertEqual((page.status_code, Motion.objects.count()), (200, 0))
        return page.content.decode()

    def test_as_it_will_print_and_nothing_is_saved(self) -> None:
        shown = self.show()
        for words in ("LFs yrkanden:", "Buller", "Det &lt;b&gt; bullrar.", "LF yrkar:", "att bullret mäts.", "natt"):
            self.assertIn(words, shown)
        self.assertNotIn("<html", shown)
        self.assertIn("LF ställer följande fråga:", self.show(kind="question", claim_text=["När?"]))
        self.assertIn("LF ställer följande frågor:", self.show(kind="question", claim_text=["När?", "Var?"]))
        self.assertNotIn("bullret mäts", self.show(kind="opinion"))

    def test_what_cannot_be_saved_yet_breaks_nothing(self) -> None:
        for changes in (
            {"kind": "x"},
            {"title": "a\u202eb"},
            {"claim_text": ["a\x00b"]},
            {"background": "x" * 400_000},
            {"claim_text": []},
        ):
            self.show(**changes)

    def test_the_form_says_who_shares_the_draft(self) -> None:
        page = self.client.get(reverse("motions:edit", args=[self.draft().pk]))
        self.assertContains(page, "När det är sparat kan alla de i gruppen läsa och skriva i det.")
