"""What "Sparat" promises: said after the commit, once for every version, and never when something went wrong on the way."""

from unittest.mock import patch

from django.db import connection
from django.test import TransactionTestCase
from django.urls import reverse

from meetings.models import Paragraph
from tests import factories as make
from tests.cast import Cast

FETCH = {"X-Requested-With": "fetch"}


class CommitTests(TransactionTestCase):
    def setUp(self):
        self.cast = Cast()
        self.meeting = self.cast.meeting("draft")
        self.paragraph = make.make_paragraph(self.meeting)
        self.client.force_login(self.cast.secretary)

    def save(self, text="Text", version=1):
        return self.client.post(
            reverse("meetings:save", args=[self.paragraph.pk]), {"text": text, "version": version}, headers=FETCH
        )

    def test_saved_is_said_when_no_transaction_is_open_any_more(self):
        seen = []

        def clock(*args, **kwargs):
            seen.append(connection.in_atomic_block)
            return original(*args, **kwargs)

        from meetings.views import saving as desk

        original = desk.JsonResponse
        with patch.object(desk, "JsonResponse", side_effect=clock):
            self.save()
        self.assertEqual(seen, [False])

    def test_a_failure_inside_the_transaction_is_no_save(self):
        self.client.raise_request_exception = False
        with patch("meetings.actions.agenda.remember", side_effect=RuntimeError), self.assertLogs("django.request", "ERROR"):
            self.assertEqual(self.save().status_code, 500)
        stored = Paragraph.objects.get(pk=self.paragraph.pk)
        self.assertEqual((stored.text, stored.version, stored.history.count()), ("", 1, 1))
        self.assertEqual(self.save().json()["version"], 2)

    def test_every_acknowledged_version_is_in_the_history_once(self):
        for number in range(1, 6):
            self.assertEqual(self.save(f"Text {number}", number).json()["version"], number + 1)
        versions = list(self.paragraph.history.order_by("history_id").values_list("version", "text"))
        self.assertEqual(versions, [(1, ""), *((number + 1, f"Text {number}") for number in range(1, 6))])

    def test_an_old_version_is_never_written_whatever_it_says(self):
        self.save("Ny", 1)
        for version in (1, 3, 99):
            with self.subTest(version):
                self.assertEqual(self.save("Gammal", version).status_code, 409)
        self.assertEqual(Paragraph.objects.get(pk=self.paragraph.pk).text, "Ny")
