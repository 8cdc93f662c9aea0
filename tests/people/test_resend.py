"""What is sent when the log-in has ended, or has begun anew elsewhere, is kept for its writer and sent by one button."""

import time
from datetime import timedelta
from unittest import mock

from django.conf import settings
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone

from motions.models import Motion
from people import resend
from tests import factories as make
from tests.cast import Cast

LATER = timedelta(minutes=61)


class ResendTestCase(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        cls.draft = make.make_motion(cls.cast.group, cls.cast.union, by=cls.cast.union_rep, filed=False)
        cls.address = reverse("motions:edit", args=[cls.draft.pk])

    def setUp(self) -> None:
        self.client.force_login(self.cast.union_rep)
        self.client.get(reverse("home"))

    def typed(self, **changes) -> dict:
        data = {
            "kind": "motion",
            "title": "Skrivet en lång stund",
            "matter": "",
            "wanted_on": "",
            "background": "Rad ett.\r\n\r\nRad två.",
        }
        return (
            data
            | {"claim_text": ["ett.", "två."], "claim_points": ["", ""], "version": self.draft.version, "do": "save"}
            | changes
        )

    def after_an_hour(self, ask, *args, **more):
        with mock.patch("people.middleware.timezone.now", return_value=timezone.now() + LATER):
            return ask(*args, **more)

    def title(self) -> str:
        return Motion.objects.get(pk=self.draft.pk).title


class EndedTests(ResendTestCase):
    """An hour of silence has ended the session."""

    def test_what_was_sent_too_late_is_offered_after_the_log_in_and_sent_by_one_button(self) -> None:
        answer = self.after_an_hour(self.client.post, self.address, self.typed())
        self.assertEqual(answer.status_code, 302)
        self.assertIn("/konto/login/", answer.headers["Location"])
        self.assertEqual(self.title(), "Lokaler")
        self.client.force_login(self.cast.union_rep)
        page = self.client.get(self.address)
        self.assertContains(page, "Det du skrev finns kvar")
        self.assertContains(page, "Skrivet en lång stund")
        self.assertEqual(page.headers["Cache-Control"].count("no-store"), 1)
        again: dict[str, list[str]] = {}
        for name, value in page.context["fields"]:
            again.setdefault(name, []).append(value)
        self.assertNotIn("csrfmiddlewaretoken", again)
        self.client.post(self.address, again)
        draft = Motion.objects.get(pk=self.draft.pk)
        self.assertEqual(
            (draft.title, draft.background, draft.claims.count()), ("Skrivet en lång stund", "Rad ett.\n\nRad två.", 2)
        )
        self.assertNotContains(self.client.get(self.address), "Det du skrev finns kvar")

    def test_the_page_can_be_opened_without_it_and_other_pages_are_as_they_are(self) -> None:
        self.after_an_hour(self.client.post, self.address, self.typed())
        self.client.force_login(self.cast.union_rep)
        self.assertNotContains(self.client.get(reverse("home")), "Det du skrev finns kvar")
        self.assertContains(self.client.get(self.address), "Det du skrev finns kvar")
        self.assertContains(self.client.get(self.address, {resend.DROP: 1}), "Lokaler")
        self.assertNotContains(self.client.get(self.address), "Det du skrev finns kvar")
        self.assertEqual(self.title(), "Lokaler")

    def test_it_is_shown_to_nobody_else(self) -> None:
        self.after_an_hour(self.client.post, self.address, self.typed())
        self.client.force_login(self.cast.adjuster)  # of the same union: may read the draft, has not written this
        self.assertNotContains(self.client.get(self.address), "Skrivet en lång stund")
        self.client.force_login(self.cast.union_rep)
        self.assertNotContains(self.client.get(self.address), "Skrivet en lång stund")

    def test_a_script_is_told_and_the_page_keeps_the_text_afterwards(self) -> None:
        answer = self.after_an_hour(self.client.post, self.address, self.typed(do="show"), headers={"HX-Request": "true"})
        self.assertEqual(answer.status_code, 401)
        self.after_an_hour(self.client.post, self.address, self.typed())
        self.client.force_login(self.cast.union_rep)
        self.assertContains(self.client.get(self.address), "Skrivet en lång stund")

    def test_a_password_and_what_is_far_too_long_are_never_kept(self) -> None:
        for changes in ({"password": "hemligt"}, {"background": "x" * (resend.MOST + 1)}):
            self.client.force_login(self.cast.union_rep)
            self.client.get(reverse("home"))
            with self.settings(DATA_UPLOAD_MAX_MEMORY_SIZE=None):
                self.after_an_hour(self.client.post, self.address, self.typed(**changes))
            self.assertNotIn(resend.KEY, self.client.session)

    def test_who_was_never_logged_in_leaves_nothing_behind(self) -> None:
        stranger = Client()
        stranger.post(self.address, self.typed())
        self.assertNotIn(resend.KEY, stranger.session)


class OldTokenTests(ResendTestCase):
    """The log-in has begun anew in another tab: the form's token is old, and the form is one of ours."""

    def setUp(self) -> None:
        self.client = Client(enforce_csrf_checks=True)
        super().setUp()

    def test_it_is_offered_at_once_to_the_one_who_is_logged_in(self) -> None:
        answer = self.client.post(self.address, self.typed(csrfmiddlewaretoken="gammal"), headers={"Origin": settings.SITE_URL})
        self.assertContains(answer, "Det du skrev finns kvar", status_code=403)
        self.assertContains(answer, "Skrivet en lång stund", status_code=403)
        self.assertEqual(self.title(), "Lokaler")

    def test_what_was_written_is_shown_as_it_reads(self) -> None:
        rich = "<p><strong>Lokaler</strong>: A &amp; B</p><p>Se <![A1] i listan</p>"
        for changes, shown in (
            ({"background": "Fråga <hr> om 1 < 2 > 0"}, "Fråga <hr> om 1 < 2 > 0"),
            ({"background": rich, "background_format": "html"}, "Lokaler: A & B Se <![A1] i listan"),
        ):
            answer = self.client.post(self.address, self.typed(**changes), headers={"Origin": settings.SITE_URL})
            self.assertIn(shown, answer.context["told"])
            self.assertContains(answer, shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"), status_code=403)

    def test_markup_that_never_ends_takes_no_time(self) -> None:
        for piece in ("<!--a>", "<a ", "<", "<![A1]", "</p", "&amp;"):
            words = piece * ((resend.MOST - 2_000) // len(piece))
            sent = self.typed(background=words, background_format="html")
            began = time.process_time()
            answer = self.client.post(self.address, sent, headers={"Origin": settings.SITE_URL})
            with self.subTest(piece):
                self.assertContains(answer, "Det du skrev finns kvar", status_code=403)
                self.assertLess(time.process_time() - began, 2)

    def test_what_another_site_sends_is_not(self) -> None:
        for origin in ("https://ond.example", "null", None):
            more = {"headers": {"Origin": origin}} if origin else {}
            answer = self.client.post(self.address, self.typed(csrfmiddlewaretoken="gammal"), **more)
            self.assertContains(answer, "Sidan hade legat för länge", status_code=403)
            self.assertNotContains(answer, "Skrivet en lång stund", status_code=403)
