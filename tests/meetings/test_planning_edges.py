"""What is easily forgotten around a meeting: promises made at it, substitutes called in for it, things that point at a §."""

from datetime import timedelta
from unittest import mock

from django.core.exceptions import ValidationError
from django.test import SimpleTestCase, TestCase

from meetings.actions import agenda, balance, planning
from meetings.forms.agenda import ReferencesField
from meetings.forms.planning import LinesField
from meetings.models import Attendance, Meeting
from people.models import Mandate, Service
from record.history import remember
from record.moves import Refused
from tests import factories as make
from tests.cast import Cast


class LinesTests(SimpleTestCase):
    """A field with one thing on each line."""

    def test_too_many_or_too_much_is_told_before_any_is_read(self) -> None:
        for field, written, told in (
            (LinesField(most=5), "a\n" * 2_000_000, "Skriv högst 5 rader om 200 tecken."),
            (LinesField(most=5), "a\n" * 6, "Skriv högst 5 rader."),
            (ReferencesField(most=10), "a," * 1_000_000, "Skriv högst 10 rader om 200 tecken."),
            (ReferencesField(most=10), "a," * 11, "Skriv högst 10 rader."),
        ):
            with self.subTest(told), mock.patch("meetings.forms.planning.stored_line") as read:
                with self.assertRaisesMessage(ValidationError, told):
                    field.clean(written)
                self.assertTrue(field.has_changed(["a"], written))
                read.assert_not_called()

    def test_as_many_as_may_be_are_read_with_space_around_them(self) -> None:
        lines = [f"{number}{'å' * 199}" for number in range(5)]
        self.assertEqual(LinesField(most=5).clean("\r\n\r\n".join(f" {line} " for line in lines)), lines)
        self.assertEqual(ReferencesField(most=5).clean(", ,\r\n".join(lines)), lines)
        with self.assertRaisesMessage(ValidationError, "En rad får vara högst 200 tecken."):
            LinesField(most=5).clean("a" * 201)


class DeleteTests(TestCase):
    def setUp(self) -> None:
        self.cast = Cast()
        self.meeting = self.cast.meeting("planned")

    def test_a_meeting_where_something_was_promised_is_not_removed(self):
        balance.open_item(self.cast.group, title="Belysning", meeting=self.meeting, by=self.cast.secretary)
        with self.assertRaises(Refused):
            planning.delete(self.meeting, by=self.cast.secretary)

    def test_a_meeting_with_a_note_on_the_balance_list_is_not_empty(self):
        item = balance.open_item(self.cast.group, title="Belysning", by=self.cast.secretary)
        balance.note(item, meeting=self.meeting, text="Lampor är beställda.", by=self.cast.secretary)
        with self.assertRaises(Refused):
            planning.delete(self.meeting, by=self.cast.secretary)
        self.assertEqual(item.notes.count(), 1)

    def test_a_paragraph_that_something_points_at_is_not_removed(self):
        paragraph = make.make_paragraph(self.meeting, "unions")
        agenda.change_agenda(
            self.meeting,
            kind="addition",
            subject="Lokaler",
            party=None,
            paragraph=paragraph,
            appendix=None,
            by=self.cast.secretary,
        )
        with self.assertRaises(Refused):
            agenda.remove_paragraph(paragraph, by=self.cast.secretary)


class ServiceTests(TestCase):
    def setUp(self) -> None:
        self.cast = Cast()
        _ = self.cast.substitute
        self.meeting = self.cast.meeting("called")
        self.absent = Mandate.objects.get(person=self.cast.adjuster.person)
        self.stand_in = Mandate.objects.get(person=self.cast.substitute.person)

    def decline(self) -> None:
        planning.decline(self.meeting, mandate=self.absent, substitute=self.stand_in, by=self.cast.adjuster)

    def test_a_substitute_serves_on_the_day_the_meeting_is_moved_to(self):
        self.decline()
        later = self.meeting.date + timedelta(days=14)
        meeting = Meeting.objects.get(pk=self.meeting.pk)
        planning.edit(meeting, fields={"date": later}, version=meeting.version, by=self.cast.secretary)
        self.assertEqual(list(Service.objects.values_list("mandate", "date")), [(self.stand_in.pk, later)])

    def test_nobody_serves_at_a_cancelled_meeting(self):
        self.decline()
        planning.cancel(self.meeting, why="För få kan komma.", by=self.cast.secretary)
        self.assertEqual(Service.objects.count(), 0)

    def test_a_substitute_who_cannot_come_is_not_called_in(self):
        row = planning.attendance_from(self.meeting, self.stand_in)
        row.status = Attendance.Status.EXCUSED
        remember(row, by=None, verb="test")
        with self.assertRaises(Refused):
            self.decline()
        self.assertEqual(Service.objects.count(), 0)
