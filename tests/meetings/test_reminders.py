"""What the timer reminds of: a promise whose day has passed, once a week, to its owner and to the secretary."""

from datetime import timedelta
from unittest import mock

from django.test import TestCase
from django.urls import reverse

from meetings import reminders
from meetings.actions import balance
from meetings.models import BalanceItem
from people.models import Letter, today
from tests.cast import Cast


class OverdueTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.by = cls.cast.secretary
        cls.item = cls.open("Laga bänken")

    @classmethod
    def open(cls, title, **fields) -> BalanceItem:
        fields = {"owner": cls.cast.employer.person, "due": today()} | fields
        return balance.open_item(cls.cast.group, title=title, by=cls.by, **fields)

    def remind(self, after: int) -> list[tuple[str, str]]:
        """Who is told, and as what, that many days after the day."""
        before = Letter.objects.count()
        with mock.patch("meetings.reminders.today", return_value=today() + timedelta(days=after)):
            sent = reminders.remind()
        letters = list(Letter.objects.select_related("person").order_by("pk"))[before:]
        self.assertEqual(sent, len(letters))
        return [(letter.kind, str(letter.person)) for letter in letters]

    def test_the_day_after_and_then_once_a_week(self):
        both = [("overdue", "Erik Lind"), ("overdue_list", "Stina Alm")]
        self.assertEqual(
            {after: self.remind(after) for after in (0, 1, 1, 2, 7, 8, 9, 15)},
            {0: [], 1: [], 2: [], 7: [], 8: both, 9: [], 15: both},
        )
        self.assertEqual(Letter.objects.filter(kind="overdue").count(), 3)

    def test_one_letter_for_all_that_is_in_turn(self):
        other = self.open("Måla planket")
        self.assertEqual(len(self.remind(1)), 2)
        body = Letter.objects.get(kind="overdue").body
        self.assertIn("2 punkter", body)
        for item in (self.item, other):
            self.assertIn(reverse("meetings:balance_item", args=[item.pk]), body)
            self.assertNotIn(item.title, body)

    def test_one_without_an_owner_is_the_secretary_s(self):
        balance.change_item(self.item, title="Laga bänken", owner=None, due=today(), version=1, by=self.by)
        self.assertEqual(self.remind(1), [("overdue_list", "Stina Alm")])

    def test_what_is_closed_or_has_a_new_day_is_not_told_of(self):
        meeting = self.cast.meeting("draft")
        done, moved = self.open("Måla planket"), self.open("Byt lampan")
        balance.note(done, meeting=meeting, text="Målat.", closes=True, by=self.by)
        Letter.objects.all().delete()
        self.remind(1)
        self.assertIn("2 punkter", Letter.objects.get(kind="overdue").body)
        moved = BalanceItem.objects.get(pk=moved.pk)
        balance.change_item(moved, title="Byt lampan", owner=moved.owner, due=today() + timedelta(days=2), version=1, by=self.by)
        self.assertEqual(self.remind(2), [])
        self.assertEqual(len(self.remind(3)), 2)  # of its new day, although it was told of two days ago

    def test_the_history_tells_that_it_was_reminded_of(self):
        self.remind(1)
        self.assertEqual(self.item.history.first().history_verb, "remind")
        self.assertEqual(BalanceItem.objects.get(pk=self.item.pk).version, 1)
