"""The timer's round is made by one at a time, and tells that it has been made."""

import json
from contextlib import contextmanager
from io import StringIO
from threading import Event, Thread
from unittest import mock

from django.core.management import call_command
from django.db import connection
from django.test import TransactionTestCase

from people.models import Letter
from protocol import reminders
from record.beats import TIMER
from record.models import Beat
from record.turns import alone
from tests.cast import Cast


@contextmanager
def elsewhere(name):
    """While the block runs, another process (a thread with a connection of its own) does `name`."""
    begun, done, got = Event(), Event(), []

    def work():
        try:
            with alone(name) as mine:
                got.append(mine)
                begun.set()
                done.wait(timeout=60)
        finally:
            begun.set()
            connection.close()

    other = Thread(target=work)
    other.start()
    begun.wait(timeout=60)
    try:
        yield got
    finally:
        done.set()
        other.join()


def tick():
    out, err = StringIO(), StringIO()
    call_command("tick", "--json", stdout=out, stderr=err)
    return json.loads(out.getvalue() or "null"), err.getvalue()


class TickTests(TransactionTestCase):
    def test_two_at_once_are_one_and_the_second_says_so(self):
        with elsewhere("tick") as got, mock.patch("people.mail.deliver_waiting") as sent:
            answer = tick()
        self.assertEqual((got, answer, sent.called), ([True], (None, "Another tick is running; this one does nothing.\n"), False))
        self.assertFalse(Beat.objects.exists())
        self.assertEqual(tick()[1], "")

    def test_one_that_dies_keeps_nobody_waiting(self):
        for _ in range(2):
            with (
                mock.patch("protocol.management.commands.tick.seal_waiting", side_effect=SystemExit),
                self.assertRaises(SystemExit),
            ):
                tick()
        self.assertEqual(tick()[1], "")

    def test_what_is_done_alone_is_another_s_turn_afterwards(self):
        with elsewhere("other"), alone("tick") as mine, elsewhere("tick") as others:
            self.assertEqual((mine, others), (True, [False]))
        with elsewhere("tick") as others:
            self.assertEqual(others, [True])

    def test_it_tells_when_it_has_ended(self):
        tick()
        first = Beat.objects.get(name=TIMER)
        tick()
        self.assertGreater(Beat.objects.get(name=TIMER).at, first.at)
        self.assertTrue(first.host)


class RemindTests(TransactionTestCase):
    def test_reminders_that_are_written_at_once_are_written_once(self):
        meeting = Cast().meeting("approval")
        letters, found = Letter.objects.filter(kind="remind_to_sign"), []

        def remind():
            try:
                found.append(reminders.remind())
            finally:
                connection.close()

        with mock.patch("protocol.reminders.today", return_value=meeting.adjustment_day):
            threads = [Thread(target=remind) for _ in range(3)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual((sum(found), letters.count()), (3, 3))
        self.assertEqual(letters.values("person").distinct().count(), 3)
