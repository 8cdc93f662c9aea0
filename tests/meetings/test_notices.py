"""Notices: one letter each, and a calendar file that every calendar understands as the same meeting."""

import re
import threading
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import icalendar
from django.db import connection
from django.test import TestCase, TransactionTestCase

from meetings import letters
from meetings.actions import planning
from meetings.models import Meeting
from meetings.models.meeting import instant
from people import mail
from people.models import Letter, today
from tests import factories as make
from tests.cast import Cast

STOCKHOLM = ZoneInfo("Europe/Stockholm")


class CallTests(TestCase):
    def setUp(self):
        self.cast = Cast()
        self.meeting = self.cast.meeting(starts=time(9), ends=time(11))

    def test_one_letter_to_each_person_however_many_seats(self):
        make.make_mandate(self.cast.adjuster, self.cast.group, "safety_rep", party=self.cast.union)
        planning.call(self.meeting, by=self.cast.secretary)
        seats = {self.cast.chair, self.cast.secretary, self.cast.employer, self.cast.adjuster}
        self.assertEqual(sorted(Letter.objects.values_list("address", flat=True)), sorted(user.email for user in seats))

    def test_nobody_gets_a_letter_about_a_group_of_others_or_without_an_address(self):
        _ = self.cast.stranger
        make.make_mandate(make.make_person("Utan Adress"), self.cast.group, "employer_rep")
        planning.call(self.meeting, by=self.cast.secretary)
        self.assertEqual(Letter.objects.count(), 4)

    def test_the_subject_names_no_union_and_the_letter_no_protocol(self):
        planning.call(self.meeting, by=self.cast.secretary)
        for letter in Letter.objects.all():
            self.assertNotIn("Lövförbundet", letter.subject)
            self.assertIn("Preliminär dagordning", letter.body)

    def test_a_second_notice_is_called_changed(self):
        planning.call(self.meeting, by=self.cast.secretary)
        first = set(Letter.objects.values_list("pk", flat=True))
        planning.call(self.meeting, by=self.cast.chair)
        self.assertTrue(all(one.subject.startswith("Kallelse: ") for one in Letter.objects.filter(pk__in=first)))
        self.assertTrue(all(one.subject.startswith("Ändrad kallelse: ") for one in Letter.objects.exclude(pk__in=first)))


class CalendarTests(TestCase):
    def setUp(self):
        self.cast = Cast()

    def events(self, sent) -> list[tuple[str, icalendar.Calendar]]:
        return [(letter.calendar_method, icalendar.Calendar.from_ical(letter.calendar)) for letter in sent]

    def test_the_file_read_back_gives_the_same_instants_summer_and_winter(self):
        year = today().year + 1
        for day in (date(year, 1, 15), date(year, 7, 1), date(year, 3, 26), date(year, 10, 26)):
            meeting = self.cast.meeting(date=day, starts=time(9), ends=time(11, 30))
            file = icalendar.Calendar.from_ical(letters.calendar(meeting, method="REQUEST", person=self.cast.chair.person))
            event = file.events[0]
            self.assertEqual(event.start.astimezone(STOCKHOLM), datetime.combine(day, time(9), STOCKHOLM))
            self.assertEqual(event.end.astimezone(STOCKHOLM), instant(day, time(11, 30)))
            self.assertEqual(event.start.utcoffset(), instant(day, time(9)).utcoffset())

    def test_one_identity_for_life_and_a_higher_number_each_time(self):
        meeting = self.cast.meeting(starts=time(9))
        planning.call(meeting, by=self.cast.secretary)
        planning.edit(meeting, fields={"date": meeting.date + timedelta(days=1)}, version=meeting.version, by=self.cast.secretary)
        planning.call(meeting, by=self.cast.secretary)
        planning.cancel(meeting, why="För få kan komma.", by=self.cast.chair)
        sent = Letter.objects.filter(person=self.cast.adjuster.person).order_by("pk")
        events = self.events(sent)
        self.assertEqual(len({str(file.events[0]["UID"]) for _, file in events}), 1)
        self.assertEqual([int(file.events[0]["SEQUENCE"]) for _, file in events], [1, 2, 3])
        self.assertEqual([method for method, _ in events], ["REQUEST", "REQUEST", "CANCEL"])
        self.assertEqual([str(file["METHOD"]) for _, file in events], ["REQUEST", "REQUEST", "CANCEL"])
        self.assertEqual([str(file.events[0]["STATUS"]) for _, file in events], ["CONFIRMED", "CONFIRMED", "CANCELLED"])

    def test_the_method_stands_in_the_mail_too(self):
        planning.call(self.cast.meeting(starts=time(9)), by=self.cast.secretary)
        message = mail.as_mail(Letter.objects.first()).message().as_string()
        self.assertTrue(re.search(r'Content-Type: text/calendar;[^\n]*(\n\s[^\n]*)*method="?REQUEST', message))

    def test_a_place_with_commas_and_line_ends_stays_one_place(self):
        meeting = self.cast.meeting(starts=time(9), place="Sal; 3, hus \\B")
        file = icalendar.Calendar.from_ical(letters.calendar(meeting, method="REQUEST", person=self.cast.chair.person))
        self.assertEqual(str(file.events[0]["LOCATION"]), "Sal; 3, hus \\B")
        self.assertEqual(len(file.events), 1)


class CancelTests(TestCase):
    def test_nobody_is_told_of_a_meeting_they_were_never_called_to(self):
        cast = Cast()
        planning.cancel(cast.meeting(), why="Det blir inget.", by=cast.secretary)
        self.assertFalse(Letter.objects.exists())


class CallRaceTests(TransactionTestCase):
    def test_of_two_simultaneous_calls_exactly_one_is_the_first_notice(self):
        cast = Cast()
        meeting = cast.meeting()
        people = len(letters.recipients(meeting))
        start, outcomes = threading.Barrier(2), []

        def call() -> None:
            start.wait()
            try:
                outcomes.append(planning.call(Meeting.objects.get(pk=meeting.pk), by=cast.secretary, seen=0))
            except Exception as error:  # what it was is asserted below
                outcomes.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=call) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        self.assertEqual(sorted(type(outcome).__name__ for outcome in outcomes), ["Meeting", "Stale"])
        self.assertEqual(Letter.objects.filter(subject__startswith="Kallelse").count(), people)
        self.assertEqual(Letter.objects.count(), people)
        self.assertEqual(Meeting.objects.get(pk=meeting.pk).notices, 1)
