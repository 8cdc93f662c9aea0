"""One learns that the worker, the timer, the mail or the seals have stopped: the monitoring, the administrator and who waits."""

import json
import threading
from datetime import datetime, timedelta
from unittest import mock

from django.db import OperationalError, connection
from django.test import TestCase, TransactionTestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from fvg import watching
from people.mail import LATE, deliver_waiting, keep
from people.models import Letter
from record.beats import TIMER, WORKER, beat
from record.models import Beat
from tests.cast import Cast


def late():
    return [part.name for part in watching.parts() if part.late]


def pass_time(**much):
    return mock.patch.object(timezone, "now", return_value=timezone.now() + timedelta(**much))


class PartsTests(TestCase):
    def setUp(self):
        beat(WORKER)
        beat(TIMER)

    def test_all_is_well_while_they_beat_and_nothing_waits(self):
        self.assertEqual(late(), [])

    def test_what_has_never_run_is_late(self):
        Beat.objects.all().delete()
        self.assertEqual(late(), ["worker", "timer"])

    def test_a_silent_worker_is_late_after_minutes_and_a_silent_timer_after_some_rounds(self):
        for minutes, found in ((4, []), (6, ["worker"]), (21, ["worker", "timer"])):
            with pass_time(minutes=minutes):
                self.assertEqual(late(), found, minutes)

    def test_a_letter_that_is_tried_again_and_again_has_waited_since_it_was_written(self):
        with self.captureOnCommitCallbacks():
            letter = keep("notice", "asa@fvg.example", subject="Kallelse", body="Välkommen.")
        Letter.objects.update(created_at=timezone.now() - LATE - timedelta(minutes=1), attempts=5, fault="TimeoutError: nej")
        Letter.objects.update(due_at=timezone.now() + timedelta(minutes=50))
        self.assertEqual(late(), ["mail"])
        with self.assertLogs("people.mail", "WARNING") as log:
            deliver_waiting()
        self.assertIn("1 letters have waited for more than an hour", log.output[-1])
        Letter.objects.filter(pk=letter.pk).update(set_aside_at=timezone.now())
        self.assertEqual(late(), [])

    def test_a_letter_that_is_to_leave_later_does_not_wait(self):
        with self.captureOnCommitCallbacks():
            keep("notice", "asa@fvg.example", subject="Senare", body="Sen.", created_at=timezone.now() + timedelta(days=1))
        self.assertIsNone({part.name: part.age for part in watching.parts()}["mail"])

    @override_settings(TASKS={"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}})
    def test_a_job_that_nobody_begins_is_late(self):
        with self.captureOnCommitCallbacks(execute=True):
            keep("notice", "asa@fvg.example", subject="Kallelse", body="Välkommen.")
        with pass_time(minutes=11):
            beat(WORKER)
            self.assertEqual(late(), ["tasks"])


class SealTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.signed = timezone.make_aware(datetime(2026, 11, 27, 14, 2))
        with mock.patch.object(timezone, "now", return_value=cls.signed):
            cls.cast = Cast()
            cls.meeting = cls.cast.meeting("adjusted")
            _ = (cls.cast.hr, cls.cast.secretary)

    def read(self, user, address, after):
        """What the page tells that long after the last signature."""
        self.client.force_login(user)
        with mock.patch.object(timezone, "now", return_value=self.signed + after):
            return self.client.get(address)

    def test_who_waits_is_told_since_when_the_seal_is_late_and_that_nothing_is_lost(self):
        pages = [
            (self.cast.adjuster, reverse("meetings:meeting", args=[self.meeting.pk])),
            (self.cast.adjuster, reverse("protocol:approval", args=[self.meeting.pk])),
            (self.cast.secretary, reverse("protocol:protocol", args=[self.meeting.pk])),
            (self.cast.hr, reverse("home")),
        ]
        for user, address in pages:
            self.assertNotContains(self.read(user, address, timedelta(minutes=9)), "dröjer")
            self.assertContains(self.read(user, address, timedelta(minutes=11)), "Förseglas: dröjer sedan 14:02")
            told = self.read(user, address, timedelta(days=3)).content.decode()
            self.assertIn("dröjer sedan fredag 27 november 2026 kl. 14:02", " ".join(told.split()))

    def test_one_that_is_not_sealed_is_late_for_the_monitoring_too(self):
        with mock.patch.object(timezone, "now", return_value=self.signed + timedelta(minutes=11)):
            seals = watching.parts()[-1]
            self.assertEqual((seals.name, seals.age, seals.late), ("seals", 11 * 60, True))


class PanelTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()

    def test_the_administrator_sees_how_it_goes_and_others_do_not(self):
        beat(WORKER)
        for user, there in ((self.cast.admin, True), (self.cast.hr, False)):
            self.client.force_login(user)
            page = self.client.get(reverse("admin:index"))
            self.assertEqual("Det som går av sig självt" in page.content.decode(), there)
        self.client.force_login(self.cast.admin)
        page = self.client.get(reverse("admin:index"))
        self.assertContains(page, "Behöver ses över", count=1)
        self.assertContains(page, "har aldrig gått")


class HealthTests(TransactionTestCase):
    def setUp(self):
        patience = mock.patch("fvg.watching.PATIENCE", 30)  # a slow machine is no sick one
        patience.start()
        self.addCleanup(patience.stop)

    def ask(self):
        answer = self.client.get(reverse("health"))
        return answer.status_code, answer.json()

    def test_it_tells_the_ages_of_the_parts_and_nothing_more(self):
        beat(WORKER)
        beat(TIMER)
        status, told = self.ask()
        self.assertEqual((status, told["status"], told["late"]), (200, "ok", []))
        self.assertEqual(set(told), {"status", "late", "ages"})
        self.assertEqual(set(told["ages"]), {"worker", "timer", "mail", "tasks", "seals"})
        self.assertTrue(all(age is None or isinstance(age, int) for age in told["ages"].values()))

    def test_a_part_that_has_stopped_is_a_warning_with_200(self):
        beat(WORKER)
        status, told = self.ask()
        self.assertEqual((status, told["status"], told["late"]), (200, "varning", ["timer"]))

    def test_a_missing_guard_and_a_database_that_does_not_answer_are_503(self):
        for broken in (
            mock.patch("record.guards.missing", return_value=["guard_x"]),
            mock.patch("record.guards.missing", side_effect=OperationalError("borta")),
        ):
            with broken, mock.patch("fvg.watching.log"), self.assertLogs("django.request", "ERROR"):
                self.assertEqual(self.ask(), (503, {"status": "fel"}))

    def test_a_database_that_hangs_does_not_hang_the_answer(self):
        """As many as hang wait for the database; the next are answered without asking it."""
        back, hung = threading.Event(), []

        def hang():
            hung.append(threading.current_thread())
            back.wait(timeout=60)
            return []

        with mock.patch("fvg.watching.PATIENCE", 0.05), mock.patch("record.guards.missing", hang):
            with self.assertLogs("django.request", "ERROR"):
                answers = [self.ask() for _ in range(6)]
            self.assertEqual(answers, [(503, {"status": "fel"})] * 6)
            back.set()
            for thread in list(hung):
                thread.join()
        self.assertLessEqual(len(hung), 4)
        self.assertEqual(self.ask()[0], 200)

    def test_postgresql_ends_a_question_that_takes_too_long(self):
        if connection.vendor != "postgresql":
            self.skipTest("PostgreSQL's own clock")

        def hang():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(60)")

        with mock.patch("fvg.watching.PATIENCE", 0.3), self.assertRaises(OperationalError):
            watching._in_time(hang)

    def test_it_says_nothing_of_anybody(self):
        with mock.patch("people.mail.transaction.on_commit"):
            keep("notice", "asa@fvg.example", subject="Hemlig", body="Hemlig text.")
        self.assertNotRegex(json.dumps(self.ask()[1]), "asa|Hemlig|notice|[a-z]+@")
