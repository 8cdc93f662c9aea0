"""The balance list: opened, noted, closed with a sentence, carried from meeting to meeting until then."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import TestCase

from meetings.actions import agenda, balance, planning
from meetings.models import BalanceItem, Meeting
from meetings.reading.numbering import Numbers
from people.models import today
from protocol import actions as protocol_actions
from protocol import document
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
        self.assertEqual(item.notes.get(meeting=self.meeting).under.slug, "balance")

    def test_it_can_be_closed_under_another_paragraph_of_the_same_protocol_only(self):
        item, under = self.open(), make.make_paragraph(self.meeting)
        elsewhere = make.make_paragraph(make.make_meeting(self.cast.group, by=self.by))
        with self.assertRaises(ValidationError):
            balance.note(item, meeting=self.meeting, text="Klart.", closes=True, under=elsewhere, by=self.by)
        note = balance.note(item, meeting=self.meeting, text="Klart.", closes=True, under=under, by=self.by)
        self.assertEqual(note.under, under)
        with self.assertRaises(Refused):
            agenda.remove_paragraph(under, by=self.by)
        self.assertIsNone(balance.note(item, meeting=self.meeting, text="Inte riktigt.", by=self.by).under)

    def test_a_meeting_that_has_not_begun_closes_nothing(self):
        item, called = self.open(), make.make_meeting(self.cast.group, by=self.by, state="called")
        with self.assertRaises(Refused):
            balance.note(item, meeting=called, text="Klart.", closes=True, by=self.by)
        self.assertEqual(BalanceItem.objects.get(pk=item.pk).state, "open")

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
            type(note).objects.filter(pk=note.pk).update(closes=True, under=make.make_paragraph(self.meeting))
        with self.assertRaises(IntegrityError), transaction.atomic():
            type(note).objects.filter(pk=note.pk).update(closes=True, text="Klart.")

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


class CalledOffTests(TestCase):
    def test_what_was_noted_for_a_meeting_that_is_called_off_is_told_at_the_next(self):
        cast = Cast()
        item = balance.open_item(cast.group, title="Se över cykelställen", owner=cast.employer.person, by=cast.secretary)
        soon = cast.meeting("called", date=today() + timedelta(days=7))
        balance.report(item, meeting=soon, text="Offert kommer.", by=cast.employer)
        later = cast.meeting("planned", date=today() + timedelta(days=14))
        planning.cancel(soon, why="För få kan komma.", by=cast.secretary)
        self.assertEqual(item.notes.get(meeting=later).text, "Offert kommer.")
        self.assertEqual(item.notes.get(meeting=soon).text, "")
        planning.cancel(later, why="För få kan komma.", by=cast.secretary)
        last = cast.meeting("planned", date=today() + timedelta(days=21))  # was not planned when the other was called off
        self.assertEqual(item.notes.get(meeting=last).text, "Offert kommer.")


class FreezeTests(TestCase):
    def test_no_protocol_without_the_list_while_something_is_open(self):
        cast = Cast()
        meeting, by = cast.meeting("draft"), cast.secretary
        balance.open_item(cast.group, title="Laga bänken", by=by)
        meeting = cast.ready(meeting)
        own = meeting.paragraphs.get(slug="balance")
        agenda.remove_paragraph(own, by=by)
        with self.assertRaises(ValidationError) as refused:
            protocol_actions.freeze(meeting, by=by, privacy_reviewed=True)
        self.assertIn("balanslistan men ingen paragraf", str(refused.exception))
        self.assertEqual(meeting.versions.count(), 0)


class PrintTests(TestCase):
    """What the protocol says of the list."""

    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.meeting = cls.cast.meeting("draft")
        cls.by = cls.cast.secretary
        cls.kept, cls.done = (
            balance.open_item(cls.cast.group, title=title, meeting=cls.meeting, by=cls.by)
            for title in ("Laga bänken", "Måla planket")
        )

    def printed(self, meeting=None) -> tuple[list[str], str]:
        """The titles that are signed as open, and the words under the list's own §."""
        protocol = document.build(Meeting.objects.whole().get(pk=(meeting or self.meeting).pk))
        text = next(row.text for row in protocol.paragraphs if row.heading == "Balanslista")
        return [entry.title for entry in protocol.balance], text

    def close(self, **more) -> None:
        balance.note(self.done, meeting=self.meeting, text="Planket är målat", closes=True, by=self.by, **more)

    def test_what_is_closed_says_why(self):
        self.close()
        titles, text = self.printed()
        self.assertEqual(titles, ["Laga bänken"])
        self.assertIn("- Laga bänken", text)
        self.assertTrue(text.endswith("Avslutade punkter:\n\n- Måla planket: Planket är målat"), text)

    def test_under_another_paragraph_it_says_which(self):
        under = make.make_paragraph(self.meeting)
        make.make_item(under, text="Planket är klart.")
        self.close(under=under)
        number = Numbers.of(Meeting.objects.whole().get(pk=self.meeting.pk)).paragraphs[under.pk]
        self.assertIn(f"- Måla planket: Planket är målat. Avslutad under § {number}.", self.printed()[1])

    def test_a_paragraph_with_text_of_its_own_still_tells_of_the_closing_and_of_what_is_open(self):
        self.close()
        paragraph = self.meeting.paragraphs.get(slug="balance")
        agenda.edit_text(paragraph, fields={"text": "Listan gicks igenom."}, version=paragraph.version, by=self.by)
        text = self.printed()[1]
        self.assertTrue(text.startswith("Listan gicks igenom.\n\n"), text)
        self.assertEqual((text.count("- Laga bänken"), text.count("- Måla planket")), (1, 1))
        said = "Laga bänken väntar. Måla planket är klart."
        paragraph.refresh_from_db()
        agenda.edit_text(paragraph, fields={"text": said}, version=paragraph.version, by=self.by)
        self.assertEqual(self.printed()[1], said)

    def test_a_later_meeting_does_not_call_it_open(self):
        later = make.make_meeting(self.cast.group, by=self.by, date=self.meeting.date + timedelta(days=7))
        self.assertEqual(self.printed(later)[0], ["Laga bänken", "Måla planket"])
        self.close()
        self.assertEqual(self.printed(later)[0], ["Laga bänken"])
        self.assertNotIn("Måla planket", self.printed(later)[1])

    def test_an_earlier_meeting_still_does(self):
        earlier = self.cast.meeting("draft", date=self.meeting.date - timedelta(days=7))
        self.close()
        self.assertEqual(self.printed(earlier)[0], ["Laga bänken", "Måla planket"])
