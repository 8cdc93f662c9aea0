"""A double click on the button that signs: two requests at once, one signature, and nothing in red for either."""

import threading
from unittest import mock

from django.core.cache import cache
from django.db import connections
from django.test import Client, TransactionTestCase
from django.urls import reverse

from people.models import Letter
from protocol import actions
from protocol.models import Signature
from record.models import Event
from tests import factories as make
from tests.cast import Cast


class DoubleClickTests(TransactionTestCase):
    def setUp(self):
        cache.clear()
        self.cast = Cast()
        self.meeting = self.cast.meeting("approval")
        self.version = self.meeting.versions.get()

    def press_twice(self, user, **data):
        """Both requests have found that nothing is signed before either of them may go on; the statuses of the answers."""
        barrier, answers = threading.Barrier(2), []

        def counted(request, user):
            barrier.wait(30)
            return True

        def press():
            try:
                sent = {"password": make.PASSWORD, "seen": self.version.sha256} | data
                client = Client()
                client.force_login(user)
                answers.append(client.post(reverse("protocol:sign", args=[self.version.pk]), sent).status_code)
            except Exception as error:  # told by the test's own thread
                answers.append(repr(error))
            finally:
                connections.close_all()

        with mock.patch("protocol.views.approval.within_password_limit", counted):
            threads = [threading.Thread(target=press, daemon=True) for _ in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
        return answers

    def test_with_the_password(self):
        self.assertEqual(self.press_twice(self.cast.chair), [303, 303])
        self.assertEqual((Signature.objects.count(), Letter.objects.filter(kind="signed").count()), (1, 1))

    def test_with_a_recovery_code_which_is_good_for_one_press_only(self):
        code = make.make_second_step(self.cast.chair)
        self.assertEqual(self.press_twice(self.cast.chair, code=code), [303, 303])
        self.assertEqual(Signature.objects.count(), 1)

    def test_the_last_signature(self):
        for role, user in (("secretary", self.cast.secretary), ("adjuster", self.cast.adjuster)):
            actions.sign(self.version, role=role, seen=self.version.sha256, by=user)
        with mock.patch("protocol.actions.seal_later"):
            self.assertEqual(self.press_twice(self.cast.chair), [303, 303])
        self.assertEqual((Signature.objects.count(), Event.objects.filter(kind="adjusted").count()), (3, 1))
