"""Which meeting a motion is for: it waits at that one, and is told apart at the others."""

from datetime import timedelta

from django.test import TestCase
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from meetings.models import Meeting
from meetings.reading import occasions
from people.models import Letter, today
from protocol import document
from tests import factories as make
from tests.cast import Cast


class MeantForTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cast = cls.cast = Cast()
        cls.by = cast.secretary
        cls.near, cls.far = (
            make.make_meeting(cast.group, by=cls.by, state="called", date=today() + timedelta(days=days)) for days in (10, 40)
        )
        cls.soon = make.make_motion(cast.group, cast.union, by=cast.union_rep, title="Så snart som möjligt")
        cls.later = make.make_motion(cast.group, cast.union, by=cast.union_rep, title="Senare", wanted_on=cls.far.date)
        cls.opinion = make.make_motion(
            cast.group, cast.union, by=cast.union_rep, title="Till nämnden", kind="opinion", claims=(), to_board=True
        )

    def setUp(self) -> None:
        self.client.force_login(self.by)

    def waiting(self, meeting: Meeting) -> list[str]:
        page = self.client.get(reverse("meetings:meeting", args=[meeting.pk]))
        return sorted(motion.title for motion in page.context["waiting"])

    def test_it_waits_at_the_first_meeting_from_the_day_it_is_meant_for_and_at_no_other(self) -> None:
        meetings = list(occasions.still_open([self.cast.group.pk]))
        self.assertEqual(meetings, [self.near, self.far])
        self.assertEqual([occasions.meeting_for(one, meetings) for one in (self.soon, self.later)], [self.near, self.far])
        self.assertEqual(self.waiting(self.near), ["Så snart som möjligt", "Till nämnden"])
        self.assertEqual(self.waiting(self.far), ["Senare"])

    def test_an_old_draft_takes_up_nothing_that_was_filed_after_it(self) -> None:
        old = make.make_meeting(self.cast.group, by=self.by, state="draft", date=today())
        Meeting.objects.filter(pk=old.pk).update(date=today() - timedelta(days=5))
        meetings = list(occasions.still_open([self.cast.group.pk]))
        self.assertEqual(meetings[0], old)
        self.assertEqual(occasions.meeting_for(self.soon, meetings), self.near)

    def test_the_start_page_leads_to_that_meeting(self) -> None:
        page = self.client.get(reverse("home"))
        for motion, meeting in ((self.soon, self.near), (self.later, self.far)):
            self.assertContains(page, reverse("meetings:place", args=[meeting.pk]) + f"#m{motion.pk}")

    def test_the_placing_page_puts_what_is_for_a_later_meeting_last_and_says_so(self) -> None:
        page = self.client.get(reverse("meetings:place", args=[self.near.pk]))
        self.assertEqual(page.context["waiting"][-1][0].thing, self.later)
        self.assertContains(page, "Yrkandet är till ett senare möte.", count=1)
        self.assertContains(page, "Ska följa med till nämnden. Placera det under sitt ärende.", count=1)
        far = self.client.get(reverse("meetings:place", args=[self.far.pk]))
        self.assertNotContains(far, "är till ett senare möte")

    def test_the_placing_page_says_when_a_statement_follows_to_the_board_without_its_matter(self) -> None:
        paragraph = make.make_paragraph(self.near, "board_matters")
        matter = make.make_item(paragraph, "Budget", kind="board_matter")
        url = reverse("meetings:place", args=[self.near.pk])
        data = {"motion": self.opinion.pk, "printed": "text"}
        page = self.client.post(url, data | {"where": f"p{paragraph.pk}"}, follow=True)
        self.assertContains(page, "hamnar för sig i det som skickas")
        page = self.client.post(url, data | {"where": f"i{matter.pk}"}, follow=True)
        self.assertNotContains(page, "hamnar för sig i det som skickas")

    def test_yrkanden_are_numbered_among_themselves(self) -> None:
        paragraph = make.make_paragraph(self.near)
        for motion in (self.opinion, self.soon, self.later):
            data = {"motion": motion.pk, "printed": "text", "where": f"p{paragraph.pk}"}
            self.client.post(reverse("meetings:place", args=[self.near.pk]), data)
        found = [(motion.kind, motion.number) for motion in document.build(Meeting.objects.whole().get(pk=self.near.pk)).motions]
        self.assertEqual(found, [("statement", None), ("motion", 1), ("motion", 2)])

    def test_what_is_filed_while_the_meeting_is_held_is_for_it_and_late(self) -> None:
        begun = make.make_meeting(self.cast.group, by=self.by, state="draft", date=today())
        Meeting.objects.filter(pk=begun.pk).update(deadline=timezone.now() - timedelta(days=1))
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, title="Brådskar")
        self.assertTrue(motion.filed_late)
        said = Letter.objects.filter(kind="motion_receipt").latest("pk").body
        self.assertIn(f"Möte: {date_format(begun.date, 'j F Y')}\n", said)
        self.assertIn("efter stopptiden", said)
        self.assertIn("Brådskar", self.waiting(begun))
        self.client.force_login(self.cast.union_rep)
        draft = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, title="Mer", filed=False)
        page = self.client.get(reverse("motions:preview", args=[draft.pk]))
        self.assertContains(page, date_format(self.near.date, "j F Y"))  # the way to the next meeting is offered
