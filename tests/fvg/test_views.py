"""The start page, the help and what the site says of itself."""

import tempfile
from datetime import timedelta
from pathlib import Path

from django.db import connection
from django.test import TestCase, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from fvg.views import HELP
from meetings.actions import placing
from meetings.models import BalanceItem
from motions.actions import answering
from motions.models import Answer
from people.models import today
from protocol import actions
from record.history import remember
from tests import factories as make
from tests.cast import Cast


class HomeTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()

    def home(self, user):
        self.client.force_login(user)
        return self.client.get("/")

    def lists(self, user):
        """The names of the lists that have something for this person."""
        context = self.home(user).context
        names = (
            "to_sign",
            "requests",
            "drafts",
            "to_place",
            "to_answer",
            "own_motions",
            "mine",
            "unsealed",
            "overdue",
            "upcoming",
        )
        return {name for name in names if context[name]}

    def test_a_person_with_nothing_waiting_gets_a_calm_page(self):
        for user in (self.cast.auditor, self.cast.hr, self.cast.union_rep, self.cast.admin, self.cast.stranger):
            self.assertContains(self.home(user), "Ingenting väntar på dig just nu.")

    def test_an_answer_is_news_to_the_union_that_asked_and_a_motion_to_place_leads_to_the_meeting(self):
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, title="Lokaler")
        meeting = self.cast.meeting("called")
        page = self.home(self.cast.secretary)
        self.assertContains(page, reverse("meetings:place", args=[meeting.pk]) + f"#m{motion.pk}")
        self.assertNotContains(self.home(self.cast.union_rep), "Nya svar")
        answer = make.make_answer(motion.claims.get(), by=self.cast.employer, released=False)
        self.assertNotContains(self.home(self.cast.union_rep), "Nya svar")
        answering.release(answer, by=self.cast.chair)
        self.assertContains(self.home(self.cast.union_rep), "Nya svar")
        self.assertNotContains(self.home(self.cast.other_rep), "Nya svar")
        Answer.objects.filter(pk=answer.pk).update(released_at=timezone.now() - timedelta(days=15))
        self.assertNotContains(self.home(self.cast.union_rep), "Nya svar")

    def test_one_who_is_asked_meets_the_motion_once(self):
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, title="Lokaler")
        _ = self.cast.employer
        answering.assign(motion, claims=motion.claims.all(), person=self.cast.employer.person, day=today(), by=self.cast.chair)
        page = self.home(self.cast.employer)
        self.assertEqual((len(page.context["asked"]), len(page.context["to_answer"])), (1, 0))

    def test_a_draft_waits_for_secretary_and_chair(self):
        self.cast.meeting("draft")
        for user, waits in (
            (self.cast.secretary, {"drafts"}),
            (self.cast.chair, {"drafts"}),
            (self.cast.adjuster, set()),
            (self.cast.hr, set()),
        ):
            self.assertEqual(self.lists(user), waits)

    def test_a_protocol_waits_for_each_signer_until_that_person_has_signed(self):
        meeting = self.cast.meeting("approval")
        version = meeting.versions.get()
        for user in (self.cast.chair, self.cast.adjuster, self.cast.secretary):
            self.assertContains(self.home(user), reverse("protocol:approval", args=[meeting.pk]))
        self.assertEqual(self.lists(self.cast.union_rep), set())
        actions.sign(version, role="chair", seen=version.sha256, by=self.cast.chair)
        self.assertEqual(self.lists(self.cast.chair), set())
        self.assertEqual(self.lists(self.cast.adjuster), {"to_sign"})

    def test_a_signature_that_was_voided_waits_again(self):
        meeting = self.cast.meeting("approval")
        version = meeting.versions.get()
        actions.sign(version, role="chair", seen=version.sha256, by=self.cast.chair)
        actions.withdraw(meeting, reason="Fel.", by=self.cast.secretary)
        actions.freeze(type(meeting).objects.get(pk=meeting.pk), by=self.cast.secretary, privacy_reviewed=True)
        self.assertEqual(self.lists(self.cast.chair), {"to_sign"})

    def test_a_request_for_change_waits_for_those_who_answer_it(self):
        meeting = self.cast.meeting("approval")
        actions.request_change(meeting.versions.get(), paragraph=None, comment="Fel.", wording="", by=self.cast.adjuster)
        self.assertEqual(self.lists(self.cast.secretary), {"to_sign", "requests"})
        self.assertEqual(self.lists(self.cast.adjuster), {"to_sign"})

    def test_motions_wait_to_be_placed_and_answered_and_drafts_for_their_own_union(self):
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep)
        draft = make.make_motion(
            self.cast.group, self.cast.union, by=self.cast.union_rep, title="Hemlig kanariefågel", filed=False
        )
        self.assertEqual(self.lists(self.cast.secretary), {"to_place", "to_answer"})
        self.assertEqual(self.lists(self.cast.employer), {"to_answer"})
        self.assertEqual(self.lists(self.cast.other_rep), set())
        self.assertContains(self.home(self.cast.union_rep), "Hemlig kanariefågel")
        for user in (
            self.cast.secretary,
            self.cast.chair,
            self.cast.employer,
            self.cast.other_rep,
            self.cast.hr,
            self.cast.auditor,
            self.cast.admin,
            self.cast.stranger,
        ):
            self.assertNotContains(self.home(user), "Hemlig kanariefågel")
        meeting = self.cast.meeting("draft")
        placing.place(motion, meeting=meeting, paragraph=make.make_paragraph(meeting), by=self.cast.secretary)
        make.make_answer(motion.claims.get(), by=self.cast.employer)
        self.assertEqual(self.lists(self.cast.employer), set())
        self.assertEqual(draft.state, "draft")

    def test_promises_wait_for_their_owner_and_show_when_overdue(self):
        item = BalanceItem(
            group=self.cast.group, title="Laga taket", owner=self.cast.employer.person, due=today() - timedelta(days=1)
        )
        remember(item, by=None, verb="test")
        self.assertEqual(self.lists(self.cast.employer), {"mine", "overdue"})
        self.assertEqual(self.lists(self.cast.union_rep), {"overdue"})
        self.assertNotContains(self.home(self.cast.stranger), "Laga taket")

    def test_hr_sees_what_is_not_sealed(self):
        self.cast.meeting("adjusted")
        self.assertEqual(self.lists(self.cast.hr), {"unsealed"})
        self.assertEqual(self.lists(self.cast.adjuster), set())

    def test_thirty_of_everything_cost_as_much_as_one(self):
        costs = []
        for count in (1, 29):
            for number in range(count):
                make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, title=f"Yrkande {number}")
                make.make_meeting(self.cast.group, state="draft")
                make.make_meeting(self.cast.group, date=today() + timedelta(days=number + 1))
                remember(
                    BalanceItem(
                        group=self.cast.group,
                        title=f"Löfte {number}",
                        owner=self.cast.secretary.person,
                        due=today() - timedelta(days=1),
                    ),
                    by=None,
                    verb="test",
                )
            self.home(self.cast.secretary)
            with CaptureQueriesContext(connection) as queries:
                self.home(self.cast.secretary)
            costs.append(len(queries))
        self.assertEqual(costs[0], costs[1])

    def test_the_start_page_asks_for_log_in(self):
        self.assertEqual(self.client.get("/").status_code, 302)


class HelpTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()

    def test_every_role_has_a_page_of_its_own(self):
        self.client.force_login(self.cast.auditor)
        page = self.client.get(reverse("help"))
        for slug in HELP:
            address = reverse("help_role", args=[slug])
            self.assertContains(page, f'href="{address}"')
            self.assertContains(self.client.get(address), "<h1>Hjälp: ")

    def test_an_unknown_role_has_none(self):
        self.client.force_login(self.cast.auditor)
        for role in ("kung", "base", "..", "sekreterare-2"):
            self.assertEqual(self.client.get(f"/hjalp/{role}/").status_code, 404)


class PublicPagesTests(TestCase):
    def test_what_anybody_may_read(self):
        self.assertContains(self.client.get(reverse("trust")), "<li><strong>", count=6)
        self.assertContains(self.client.get(reverse("accessibility")), "WCAG 2.2, nivå AA")


class DemoMailTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()

    def setUp(self):
        self.client.force_login(self.cast.auditor)

    @override_settings(DEMO=False)
    def test_outside_the_demonstration_there_is_none(self):
        self.assertEqual(self.client.get(reverse("demo_mail")).status_code, 404)

    def test_the_letters_are_shown_newest_first_and_escaped(self):
        rule = "-" * 79
        with tempfile.TemporaryDirectory() as folder, override_settings(DEMO=True, EMAIL_FILE_PATH=folder):
            letters = [
                "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\nTo: a@fvg.example\n"
                f"Subject: {subject}\nDate: {date}\n\n<b>Läs</b> http://localhost:8000/moten/1/\n"
                for subject, date in (("Ett", "i dag"), ("Tva", "Sat, 28 Nov 2026 01:54:43 -0000"))
            ]
            Path(folder, "20260416.log").write_text(f"\n{rule}\n".join(letters) + f"\n{rule}\n", encoding="utf-8")
            response = self.client.get(reverse("demo_mail"))
        self.assertEqual([letter["subject"] for letter in response.context["letters"]], ["Tva", "Ett"])
        self.assertNotContains(response, "<b>Läs</b>")
        self.assertContains(response, "&lt;b&gt;Läs&lt;/b&gt;", count=2)
        self.assertContains(response, "28 november 2026 kl. 02:54")
        self.assertContains(response, '<a href="http://localhost:8000/moten/1/"')
