"""Letters written and sent by several at once, requests, timers or workers: each is there once, and leaves once."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from unittest import mock

from django.core import mail as outbox
from django.db import connection
from django.test import TransactionTestCase

from people.mail import DAILY, claim, deliver, keep, tell
from people.models import Letter
from tests.factories import make_person, make_user

QUIET = timedelta(minutes=10)


def together(*calls: Callable[[], object]) -> list[object]:
    """What each of the calls answered, run at the same time."""
    barrier, answers = Barrier(len(calls)), [None] * len(calls)

    def run(place: int, call: Callable[[], object]) -> None:
        barrier.wait()
        try:
            answers[place] = call()
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@mock.patch("people.mail.write", return_value=("Ett ämne här", "Text."))
class MailRaceTests(TransactionTestCase):
    def setUp(self):
        self.person = make_user(make_person("Ada Lind")).person

    def told_at_once(self, times=4, **how):
        """How many letters four writers wrote, who have all looked for an earlier one before any of them writes."""
        looked, write = Barrier(times), ("Ett ämne här", "Text.")

        def writing(*args, **more):
            looked.wait(timeout=20)
            return write

        with mock.patch("people.mail.write", side_effect=writing), mock.patch("people.mail.transaction.on_commit"):
            return sum(together(*[lambda: tell("remind_to_sign", [self.person], thread="a", **how)] * times))

    def test_a_reminder_is_written_once_by_those_who_write_it_at_once(self, write):
        self.assertEqual((self.told_at_once(pause=DAILY), Letter.objects.count()), (1, 1))
        Letter.objects.update(created_at=Letter.objects.get().created_at - 2 * DAILY)
        self.assertEqual((self.told_at_once(pause=DAILY), Letter.objects.count()), (1, 2))

    def test_what_is_gathered_is_one_letter_also_at_once(self, write):
        self.assertEqual((self.told_at_once(gather=QUIET), Letter.objects.count()), (1, 1))
        Letter.objects.update(sent_at=Letter.objects.get().created_at)
        self.assertEqual((self.told_at_once(gather=QUIET), Letter.objects.count()), (1, 2))

    def test_one_of_many_takes_a_letter(self, write):
        with mock.patch("people.mail.transaction.on_commit"):
            letter = keep("notice", self.person.address, person=self.person, subject="Kallelse", body="Välkommen.")
        self.assertEqual(sum(taken is not None for taken in together(*[lambda: claim(letter.pk)] * 4)), 1)

    def test_many_workers_send_it_once(self, write):
        with mock.patch("people.mail.transaction.on_commit"):
            letter = keep("notice", self.person.address, person=self.person, subject="Kallelse", body="Välkommen.")
        self.assertEqual(sorted(together(*[lambda: deliver.call(letter.pk)] * 4)), [False, False, False, True])
        self.assertEqual(len(outbox.outbox), 1)
