"""The demonstration: everybody, a meeting and a motion in every state; safe to run again, and never where it does not belong."""

import json
from io import StringIO

from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import TestCase, override_settings

from fvg import demo
from meetings.models import Meeting
from meetings.states import State
from motions.models import Motion
from people.models import Group, Party, User
from record import chain
from record.models import Chain


@override_settings(DEMO=True)
class DemoTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        out = StringIO()
        call_command("demo", stdout=out)
        cls.printed = out.getvalue()

    def run_it(self) -> dict:
        out = StringIO()
        call_command("demo", "--json", stdout=out)
        return json.loads(out.getvalue())

    def test_it_lays_down_everything_once(self):
        counts = (Meeting.objects.count(), User.objects.count(), Motion.objects.count())
        told = self.run_it()
        self.assertEqual({meeting["state"] for meeting in told["meetings"]}, set(State.values))
        self.assertEqual({motion.state for motion in Motion.objects.all()}, {"draft", "filed", "withdrawn"})
        wanted = {"inlämnat", "inlämnad", "utkast", "återkallat", "besvarat", "avslaget"}
        self.assertEqual({motion.status for motion in Motion.objects.with_claims()}, wanted)
        self.assertEqual((Group.objects.filter(kind="svg").count(), Party.objects.unions().count()), (3, 5))
        for login in told["logins"]:
            user = User.objects.get(email=login["email"])
            self.assertTrue(user.check_password(login["password"]))
            self.assertTrue(user.held or user.is_staff, login["email"])
        for log in Chain.objects.all():
            self.assertEqual(chain.verify(log), [])
        self.assertEqual(self.run_it(), told)
        self.assertEqual((Meeting.objects.count(), User.objects.count(), Motion.objects.count()), counts)

    def test_meetings_are_on_working_days(self):
        self.assertEqual([meeting for meeting in Meeting.objects.all() if meeting.date.weekday() > 4], [])

    def test_the_printed_table_has_every_log_in(self):
        for login in demo.LOGINS:
            self.assertIn(login.email, self.printed)
        self.assertIn(demo.PASSWORD, self.printed)


@override_settings(DEMO=False)
class ElsewhereTests(TestCase):
    def test_it_refuses_to_run_where_it_does_not_belong(self):
        with self.assertRaises(CommandError):
            call_command("demo")
        self.assertEqual(User.objects.count(), 0)
