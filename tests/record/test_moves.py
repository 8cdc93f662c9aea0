"""Hold, check, change, remember: of two simultaneous steps exactly one wins, and everything leaves its trace."""

import threading

from django.db import connection
from django.test import TestCase, TransactionTestCase

from meetings.actions import planning
from meetings.models import Meeting
from record.history import forget, remember
from record.moves import WrongState, during, moving
from tests import factories as make


class MovingTests(TestCase):
    def setUp(self) -> None:
        self.user = make.make_user("Stina Alm")
        self.meeting = make.make_meeting()

    def test_a_step_changes_the_state_and_remembers_who_and_why(self):
        with moving(self.meeting, "call", by=self.user, why="alla ska veta"):
            pass
        self.assertEqual(Meeting.objects.get(pk=self.meeting.pk).state, "called")
        row = self.meeting.history.first()
        self.assertEqual(
            (row.state, row.history_user, row.history_verb, row.history_change_reason),
            ("called", self.user, "call", "alla ska veta"),
        )
        self.assertEqual(row.history_told, "call: alla ska veta")

    def test_what_the_caller_held_follows_the_row(self):
        with moving(self.meeting, "call", by=self.user) as held:
            held.place = "Lilla salen"
        self.assertEqual((self.meeting.state, self.meeting.place), ("called", "Lilla salen"))

    def test_a_step_from_the_wrong_state_changes_nothing_and_says_what_to_do(self):
        with self.assertRaises(WrongState) as caught, moving(self.meeting, "open_draft", by=self.user):
            self.fail("the body must not run")
        self.assertEqual(caught.exception.next_step, "Skicka kallelsen först.")
        self.assertEqual(Meeting.objects.get(pk=self.meeting.pk).state, "planned")

    def test_a_failure_in_the_body_takes_everything_back(self):
        before = self.meeting.history.count()
        with self.assertRaises(RuntimeError), moving(self.meeting, "call", by=self.user) as held:
            held.place = "Ingenstans"
            raise RuntimeError
        self.assertEqual(Meeting.objects.get(pk=self.meeting.pk).place, "Kvarngatan 3, Stora salen")
        self.assertEqual(self.meeting.history.count(), before)

    def test_the_row_is_read_again_so_that_an_old_copy_overwrites_nothing(self):
        old = Meeting.objects.get(pk=self.meeting.pk)
        planning.edit(self.meeting, fields={"place": "Lilla salen"}, version=self.meeting.version, by=self.user)
        with moving(old, "call", by=self.user):
            pass
        self.assertEqual(Meeting.objects.get(pk=self.meeting.pk).place, "Lilla salen")

    def test_during_checks_the_state_and_saves_nothing(self):
        before = self.meeting.history.count()
        with during(self.meeting, "arrange") as held:
            self.assertEqual(held.pk, self.meeting.pk)
        self.assertEqual(self.meeting.history.count(), before)
        with self.assertRaises(WrongState), during(self.meeting, "edit_text"):
            self.fail("the body must not run")

    def test_verb_origin_and_reason_are_not_carried_to_the_next_save(self):
        remember(self.meeting, by=self.user, verb="edit", origin="meeting:1", why="ett")
        self.assertEqual(self.meeting.history.first().history_told, "edit meeting:1: ett")
        self.meeting.save()
        row = self.meeting.history.first()
        self.assertEqual((row.history_verb, row.history_origin, row.history_change_reason), ("", "", None))

    def test_what_is_forgotten_stays_in_the_history(self):
        paragraph = make.make_paragraph(self.meeting, "unions")
        pk, history = paragraph.pk, type(paragraph).history
        forget(paragraph, by=self.user, verb="arrange")
        row = history.filter(id=pk).first()
        self.assertEqual((row.history_type, row.history_user, row.history_verb), ("-", self.user, "arrange"))


class RaceTests(TransactionTestCase):
    def test_of_two_simultaneous_steps_exactly_one_wins(self):
        user, meeting = make.make_user("Stina Alm"), make.make_meeting()
        barrier, outcomes = threading.Barrier(4), []

        def step() -> None:
            try:
                barrier.wait(timeout=20)
                with moving(Meeting.objects.get(pk=meeting.pk), "cancel", by=user) as held:
                    held.cancelled_why = "Ingen kan."
                outcomes.append("won")
            except WrongState:
                outcomes.append("refused")
            finally:
                connection.close()

        threads = [threading.Thread(target=step) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        self.assertEqual(sorted(outcomes), ["refused", "refused", "refused", "won"])
        verbs = list(meeting.history.values_list("history_verb", flat=True))
        self.assertEqual(verbs.count("cancel"), 1)
