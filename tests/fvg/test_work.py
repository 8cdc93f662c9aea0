"""The background worker outlives a database that is locked or away, tells that it lives, and ends when it is told to."""

import signal
from contextlib import contextmanager
from datetime import timedelta
from unittest import mock

from django.db import OperationalError
from django.test import TransactionTestCase, override_settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from django_tasks_db.utils import exclusive_transaction

from fvg.management.commands.work import PatientWorker
from people.mail import keep
from people.models import Letter
from record.beats import WORKER
from record.models import Beat
from record.turns import LEASE, MOST_TIMES, put_back_lost

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
LOOK = "django_tasks_db.management.commands.db_worker.exclusive_transaction"


@override_settings(TASKS=TASKS)
class WorkTests(TransactionTestCase):
    def setUp(self):
        self.worker, self.pauses = PatientWorker(), []

    def work(self, rounds):
        """Work, and be told to stop after so many pauses."""

        def pause(seconds):
            self.pauses.append(seconds)
            if len(self.pauses) == rounds:
                self.worker.running = False

        with mock.patch("fvg.management.commands.work.time.sleep", pause):
            self.worker.work()

    def letter(self):
        return keep("notice", "asa@fvg.example", subject="Kallelse", body="Välkommen.")

    def test_it_does_what_waits_and_tells_that_it_lives(self):
        before = timezone.now()
        self.letter()
        self.work(1)
        self.assertEqual((Letter.objects.waiting().count(), DBTaskResult.objects.ready().count()), (0, 0))
        self.assertGreaterEqual(Beat.objects.get(name=WORKER).at, before)

    def test_a_job_that_another_worker_has_left_is_taken_up_when_its_time_is_out(self):
        letter = self.letter()
        for age, waits in ((LEASE - timedelta(minutes=1), 1), (LEASE + timedelta(seconds=1), 0)):
            DBTaskResult.objects.update(status="RUNNING", started_at=timezone.now() - age, worker_ids=["dead"])
            self.worker = PatientWorker()
            self.pauses.clear()
            with self.subTest(age), mock.patch("fvg.management.commands.work.log"):
                self.work(2)
                self.assertEqual(Letter.objects.waiting().filter(pk=letter.pk).count(), waits)

    def test_a_job_that_every_worker_has_lost_is_given_up(self):
        self.letter()
        long_ago = timezone.now() - 2 * LEASE
        DBTaskResult.objects.update(status="RUNNING", started_at=long_ago, worker_ids=["dead"] * MOST_TIMES)
        self.assertEqual((put_back_lost(), DBTaskResult.objects.failed().count()), (0, 1))

    def test_it_waits_with_growing_pauses_while_the_database_is_locked_and_goes_on(self):
        locked = [OperationalError("database is locked")] * 7

        @contextmanager
        def look(using):
            if locked:
                raise locked.pop()
            with exclusive_transaction(using):
                yield

        self.letter()
        with mock.patch(LOOK, look), self.assertLogs("fvg.management.commands.work", "WARNING") as log:
            self.work(8)
        self.assertEqual(self.pauses, [2, 4, 8, 16, 30, 30, 30, 1])
        self.assertEqual((len(log.output), Letter.objects.waiting().count()), (7, 0))

    def test_when_the_database_goes_away_under_a_job_it_goes_on_with_the_next(self):
        self.letter()
        self.letter()
        failed = mock.patch.object(DBTaskResult, "set_successful", side_effect=OperationalError("terminating connection"))
        lost = mock.patch.object(DBTaskResult, "set_failed", side_effect=OperationalError("terminating connection"))
        with failed, lost, self.assertLogs("fvg.management.commands.work", "WARNING"):
            self.work(1)
        self.worker.running, self.pauses = True, []
        self.work(1)
        self.assertEqual(Letter.objects.waiting().count(), 0)

    def test_it_tells_that_it_lives_also_when_idle_and_not_each_second(self):
        for passed, beats in ((0, 1), (10, 0), (31, 1)):
            at = mock.patch("fvg.management.commands.work.time.monotonic", return_value=1000.0 + passed)
            with at, mock.patch("fvg.management.commands.work.beat") as told:
                self.worker.running, self.pauses = True, []
                self.work(1)
            self.assertEqual(told.call_count, beats, passed)

    def test_told_to_stop_it_finishes_the_job_at_hand_and_takes_no_other(self):
        self.letter()
        self.letter()

        def stop(*_):
            self.worker.shutdown(signal.SIGTERM, None)

        with (
            mock.patch("django.core.mail.backends.locmem.EmailBackend.open", stop),
            self.assertLogs("django_tasks_db", "WARNING"),
        ):
            self.work(9)
        self.assertEqual((self.pauses, Letter.objects.waiting().count()), ([], 1))

    def test_told_to_stop_when_idle_it_ends_at_once(self):
        with self.assertLogs("django_tasks_db", "WARNING"), self.assertRaises(SystemExit) as end:
            self.worker.shutdown(signal.SIGTERM, None)
        self.assertEqual(end.exception.code, 0)
