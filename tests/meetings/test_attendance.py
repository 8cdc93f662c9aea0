"""Who is there: marked one by one or all at once, partly present, interrupted, joined; adjusters and personnel."""

from datetime import time, timedelta

from django.core.exceptions import ValidationError
from django.test import SimpleTestCase, TestCase

from meetings.actions import attendance as actions
from meetings.forms.attendance import ClockField
from meetings.models import Attendance, Interruption, Officer
from people.models import Person
from record.moves import Refused, WrongState
from tests import factories as make
from tests.cast import Cast


class AttendanceCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        _ = (cls.cast.other_rep, cls.cast.union_rep)
        cls.meeting = cls.cast.meeting("draft")
        cls.by = cls.cast.secretary

    def row(self, user) -> Attendance:
        return self.meeting.attendances.get(person=user.person)


class AttendTests(AttendanceCase):
    def test_the_draft_begins_with_everybody_who_has_a_seat_expected(self):
        attendances = [(row.name, row.side, row.status) for row in self.meeting.attendances.all()]
        self.assertEqual(
            attendances,
            [
                ("Cecilia Björk", "employer", "expected"),
                ("Erik Lind", "employer", "expected"),
                ("Ulf Rönn", "employee", "expected"),
                ("Ulla Ek", "employee", "expected"),
                ("Orvar Gran", "employee", "expected"),
            ],
        )

    def test_all_expected_present_leaves_those_who_have_said_no(self):
        actions.attend(self.row(self.cast.employer), status="excused", by=self.by)
        self.assertEqual(actions.all_expected_present(self.meeting, by=self.by), 4)
        self.assertEqual(self.row(self.cast.employer).status, "excused")

    def test_nobody_s_reason_has_a_place_in_the_database(self):
        names = {field.name for model in (Attendance,) for field in model._meta.get_fields()}
        self.assertEqual({name for name in names if any(word in name for word in ("reason", "why", "note", "comment"))}, set())

    def test_presence_under_some_paragraphs_and_back_to_all(self):
        row, paragraphs = self.row(self.cast.adjuster), list(self.meeting.paragraphs.all())
        actions.present_under(row, paragraphs=paragraphs[:7], by=self.by)
        row.refresh_from_db()
        self.assertEqual((row.partial, [one.paragraph for one in row.presences.all()]), (True, paragraphs[:7]))
        actions.present_under(row, paragraphs=paragraphs, by=self.by)
        row.refresh_from_db()
        self.assertEqual((row.partial, row.presences.count()), (False, 0))

    def test_a_paragraph_of_another_meeting_is_refused(self):
        other = make.make_paragraph(self.cast.meeting("planned"))
        with self.assertRaises(Refused):
            actions.present_under(self.row(self.cast.adjuster), paragraphs=[other], by=self.by)

    def test_who_leaves_altogether_is_not_partly_present(self):
        row = self.row(self.cast.adjuster)
        actions.attend(row, status="present", by=self.by)
        actions.present_under(row, paragraphs=list(self.meeting.paragraphs.all())[:2], by=self.by)
        actions.attend(row, status="absent", by=self.by)
        self.assertEqual((row.partial, row.presences.count()), (False, 0))

    def test_an_interruption_is_noted_and_can_be_taken_away(self):
        row = self.row(self.cast.adjuster)
        found = actions.interrupt(row, paragraph=None, starts=time(9), ends=time(9, 20), reason="Avbruten linje", by=self.by)
        actions.uninterrupt(found, by=self.by)
        self.assertEqual((row.interruptions.count(), Interruption.history.count()), (0, 2))
        with self.assertRaises(ValidationError):
            actions.interrupt(row, paragraph=None, starts=time(9), ends=time(9), reason="x", by=self.by)

    def test_after_the_freeze_nothing_changes(self):
        meeting = self.cast.meeting("approval")
        row = meeting.attendances.first()
        with self.assertRaises(WrongState):
            actions.attend(row, status="absent", by=self.by)
        with self.assertRaises(WrongState):
            actions.leave(row, by=self.by)


class JoinTests(AttendanceCase):
    def test_somebody_new_is_added_to_registry_and_list(self):
        row = actions.join(self.meeting, person="Gunnar Gäst", side="official", title="arkitekt", co_opted=True, by=self.by)
        self.assertEqual(
            (row.name, row.status, row.co_opted, Person.objects.filter(name="Gunnar Gäst").count()),
            ("Gunnar Gäst", "present", True, 1),
        )

    def test_nobody_twice(self):
        with self.assertRaises(Refused):
            actions.join(self.meeting, person=self.cast.adjuster.person, side="employee", by=self.by)

    def test_who_was_added_by_mistake_can_be_taken_off_and_who_has_a_seat_cannot(self):
        row = actions.join(self.meeting, person="Gunnar Gäst", side="official", by=self.by)
        actions.leave(row, by=self.by)
        self.assertFalse(self.meeting.attendances.filter(name="Gunnar Gäst").exists())
        with self.assertRaises(Refused):
            actions.leave(self.row(self.cast.adjuster), by=self.by)


class ElectTests(AttendanceCase):
    def test_adjusters_and_day_are_kept_and_can_be_changed(self):
        first, second = self.row(self.cast.adjuster), self.row(self.cast.other_rep)
        actions.elect(self.meeting, adjusters=[first], adjustment_day=self.meeting.date, by=self.by)
        actions.elect(self.meeting, adjusters=[second], adjustment_day=self.meeting.date, by=self.by)
        self.assertEqual([one.name for one in Officer.objects.filter(meeting=self.meeting, role="adjuster")], ["Orvar Gran"])

    def test_a_day_before_the_meeting_is_refused(self):
        with self.assertRaises(ValidationError):
            actions.elect(self.meeting, adjusters=[], adjustment_day=self.meeting.date - timedelta(days=1), by=self.by)

    def test_at_most_three_personnel_representatives(self):
        people = [(make.make_person(), self.cast.union) for _ in range(4)]
        with self.assertRaises(ValidationError):
            actions.choose_personnel_reps(self.meeting, persons=people, by=self.by)
        actions.choose_personnel_reps(self.meeting, persons=people[:3], by=self.by)
        actions.choose_personnel_reps(self.meeting, persons=people[1:2], by=self.by)
        self.assertEqual([rep.person for rep in self.meeting.personnel_reps.all()], [people[1][0]])


class ClockTests(SimpleTestCase):
    def test_times_as_people_write_them(self):
        field = ClockField()
        for written in ("9", "9.00", "09:00", "9:00", "kl. 9", "kl 9.00", " 09.00 ", "0900", "900"):
            with self.subTest(written):
                self.assertEqual(field.clean(written), time(9))
        self.assertEqual([field.clean(one) for one in ("0", "23.59", "12")], [time(0), time(23, 59), time(12)])

    def test_what_is_no_time_is_refused_in_swedish(self):
        for written in ("25", "9.60", "nio", "9.5", "-1", "9:00:00", "٩", "9" * 5000):
            with self.subTest(written[:10]), self.assertRaisesMessage(ValidationError, "Skriv ett klockslag, till exempel 9.30."):
                ClockField().clean(written)
