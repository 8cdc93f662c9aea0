"""The balance list: opened, noted, closed with a sentence, carried from meeting to meeting until then."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import TestCase

from meetings.actions import balance
from meetings.models import BalanceItem
from people.models import today
from record.moves import Refused, Stale, WrongState
from tests import factories as make
from tests.cast import Cast


class BalanceTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.meeting = cls.cast.meeting("draft")
        cls.by = cls.cast.secretary

    def open(self, **fields) -> BalanceItem:
        return balance.open_item(
            self.cast.group, **{"title": "Se över cykelställen", "meeting": self.meeting, "by": self.by} | fields
        )

    def test_what_is_opened_at_a_meeting_stands_in_its_protocol_and_in_the_next_one(self):
        item = self.open(owner=self.cast.employer.person, due=date(2027, 1, 8))
        later = make.make_meeting(self.cast.group, by=self.by)
        self.assertEqual([note.meeting for note in item.notes.all()], [self.meeting, later])

    def test_closing_needs_a_sentence_and_says_where(self):
        item = self.open()
        for text in ("", "  \n "):
            with self.subTest(repr(text)), self.assertRaises(ValidationError):
                balance.note(item, meeting=self.meeting, text=text, closes=True, by=self.by)
        balance.note(item, meeting=self.meeting, text="Cykelställen är bytta.", closes=True, by=self.by)
        self.assertEqual((item.state, item.closed_at), ("closed", self.meeting))

    def test_a_closed_one_is_not_carried_and_cannot_be_noted_elsewhere(self):
        item = self.open()
        balance.note(item, meeting=self.meeting, text="Klart.", closes=True, by=self.by)
        later = make.make_meeting(self.cast.group, by=self.by)
        self.assertEqual(later.balance_notes.count(), 0)
        with self.assertRaises(Refused):
            balance.note(item, meeting=later, text="Mer", by=self.by)

    def test_at_the_same_meeting_a_closing_can_be_taken_back(self):
        item = self.open()
        balance.note(item, meeting=self.meeting, text="Klart.", closes=True, by=self.by)
        balance.note(item, meeting=self.meeting, text="Inte riktigt.", by=self.by)
        self.assertEqual((item.state, item.closed_at), ("open", None))

    def test_the_database_refuses_a_closing_without_words(self):
        note = self.open().notes.get()
        with self.assertRaises(IntegrityError), transaction.atomic():
            type(note).objects.filter(pk=note.pk).update(closes=True)

    def test_a_note_that_was_not_seen_is_not_replaced(self):
        item = self.open()
        balance.report(item, meeting=self.meeting, text="Från ägaren", seen="", by=self.cast.employer)
        with self.assertRaises(Stale):
            balance.note(item, meeting=self.meeting, text="Från sekreteraren", seen="", by=self.by)
        self.assertEqual(item.notes.get().text, "Från ägaren")

    def test_a_frozen_meeting_and_another_group_s_take_no_notes(self):
        item = self.open()
        with self.assertRaises(WrongState):
            balance.note(item, meeting=self.cast.meeting("approval"), text="Sent", by=self.by)
        other = make.make_meeting(self.cast.other_group, by=self.by)
        with self.assertRaises(Refused):
            balance.note(item, meeting=other, text="Fel grupp", by=self.by)

    def test_a_change_knows_which_version_it_was_made_from(self):
        item = self.open()
        balance.change_item(item, title="Byt cykelställen", owner=None, due=None, version=1, by=self.by)
        with self.assertRaises(Stale):
            balance.change_item(item, title="Annat", owner=None, due=None, version=1, by=self.by)
        self.assertEqual(BalanceItem.objects.get(pk=item.pk).title, "Byt cykelställen")

    def test_overdue_is_open_and_past_its_day(self):
        late = self.open(due=today() - timedelta(days=1))
        self.open(due=today())
        done = self.open(due=today() - timedelta(days=9))
        balance.note(done, meeting=self.meeting, text="Klart.", closes=True, by=self.by)
        self.assertEqual(list(BalanceItem.objects.overdue(today())), [late])
