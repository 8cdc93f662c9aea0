"""What the timer reminds of: a signature that is waited for, once a day, and with it what the rooms below remind of."""

import json
from datetime import timedelta
from io import StringIO
from unittest import mock

from django.core.management import call_command
from django.test import TestCase
from django.utils import timezone

from meetings.actions import balance
from meetings.models import BalanceItem
from motions.actions import answering as asking
from people.models import Letter, today
from protocol import actions, reminders
from protocol.models import FrozenVersion
from tests import factories as make
from tests.cast import Cast


class UnsignedTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.meeting = cls.cast.meeting("approval")

    def remind(self, after: int) -> list[str]:
        """Who is told that many days after the adjustment day."""
        before = Letter.objects.count()
        with mock.patch("protocol.reminders.today", return_value=self.meeting.adjustment_day + timedelta(days=after)):
            sent = reminders.remind()
        letters = list(Letter.objects.select_related("person").order_by("pk"))[before:]
        self.assertEqual((sent, {letter.kind for letter in letters} - {"remind_to_sign"}), (len(letters), set()))
        return sorted(str(letter.person) for letter in letters)

    def test_from_the_day_before_and_once_a_day(self):
        all_three = ["Cecilia Björk", "Stina Alm", "Ulla Ek"]
        self.assertEqual([self.remind(after) for after in (-2, -1, -1)], [[], all_three, []])
        Letter.objects.update(created_at=timezone.now() - timedelta(days=1))
        self.assertEqual(self.remind(0), all_three)

    def test_who_has_signed_what_stands_is_left_alone(self):
        version = FrozenVersion.objects.get(meeting=self.meeting)
        actions.sign(version, role="chair", seen=version.sha256, by=self.cast.chair)
        self.assertEqual(self.remind(3), ["Stina Alm", "Ulla Ek"])
        Letter.objects.all().delete()
        actions.withdraw(self.meeting, reason="Fel namn.", by=self.cast.secretary)
        self.assertEqual(self.remind(4), [])
        self.meeting.refresh_from_db()
        actions.freeze(self.meeting, by=self.cast.secretary, privacy_reviewed=True)
        self.assertEqual(self.remind(5), ["Cecilia Björk", "Stina Alm", "Ulla Ek"])


class TickTests(TestCase):
    def test_it_reminds_of_what_every_room_waits_for(self):
        cast = Cast()
        meeting = cast.meeting("approval")
        motion = make.make_motion(cast.group, cast.union, by=cast.union_rep)
        asking.assign(motion, claims=motion.claims.all(), person=cast.employer.person, day=today(), by=cast.chair)
        promise = balance.open_item(cast.group, title="Laga bänken", owner=cast.employer.person, by=cast.secretary)
        BalanceItem.objects.filter(pk=promise.pk).update(due=today() - timedelta(days=3))
        Letter.objects.all().delete()
        out = StringIO()
        with mock.patch("protocol.reminders.today", return_value=meeting.adjustment_day):
            call_command("tick", "--json", stdout=out)
        told = sorted(Letter.objects.values_list("kind", flat=True))
        self.assertEqual(told, ["overdue", "overdue_list", "remind_to_answer", *["remind_to_sign"] * 3])
        self.assertEqual(json.loads(out.getvalue())["reminded"], 6)
