"""A tab tells where it is just when that § is taken away: both are answered, and the tab is still at the desk."""

import threading

from django.db import connection
from django.test import Client, TransactionTestCase
from django.urls import reverse

from meetings.actions import agenda, writers
from meetings.models import Paragraph, Writer
from tests import factories as make
from tests.cast import Cast

ROUNDS = 8


class AtTheDeskTests(TransactionTestCase):
    def setUp(self) -> None:
        self.cast = Cast()
        self.meeting = self.cast.meeting("draft")

    def test_a_paragraph_that_is_gone_when_the_row_is_written(self):
        lost = make.make_paragraph(self.meeting, "operations")
        Paragraph.objects.filter(pk=lost.pk).delete()
        writers.report(self.meeting, tab="a", paragraph=lost, typing=True, by=self.cast.secretary)
        self.assertIsNone(Writer.objects.get().paragraph_id)

    def test_telling_and_taking_away_at_once(self):
        client = Client()
        client.force_login(self.cast.secretary)
        client.get(reverse("trust"))
        statuses: list[int] = []
        for number in range(ROUNDS):
            paragraph = agenda.add_paragraph(self.meeting, heading=f"Ny {number}", section="", after=None, by=self.cast.secretary)
            barrier = threading.Barrier(2)

            def tell(barrier=barrier, pk=paragraph.pk) -> None:
                try:
                    barrier.wait(timeout=30)
                    for tab in ("a", "b", "c"):
                        data = {"tab": tab, "paragraph": pk}
                        statuses.append(client.post(reverse("meetings:here", args=[self.meeting.pk]), data).status_code)
                finally:
                    connection.close()

            thread = threading.Thread(target=tell, daemon=True)
            thread.start()
            barrier.wait(timeout=30)
            agenda.remove_paragraph(paragraph, by=self.cast.secretary)
            thread.join(timeout=60)
        self.assertEqual(len(statuses), 3 * ROUNDS)
        self.assertLessEqual(set(statuses), {200, 422}, "a § that is gone is no fault of the server's")
        self.assertFalse(Writer.objects.exclude(paragraph=None).exists())
