"""Every line of the log, every answer and every page that tells of an error carry the number of their request."""

import io
import logging
import sys
from unittest import mock

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import RequestFactory, SimpleTestCase, TestCase
from django.urls import reverse

from record.tracing import HEADER, Line, Traced, WithRequest, current
from tests import factories as make
from tests.cast import Cast

TOLD = "Ärendenummer för felsökning"


def lines(work):
    """What the log says while `work` is done, as it is written in production."""
    out, handler = io.StringIO(), logging.StreamHandler()
    handler.setStream(out)
    handler.setFormatter(Line(settings.LOGGING["formatters"]["line"]["format"]))
    handler.addFilter(WithRequest())
    root = logging.getLogger()
    level, others = root.level, root.handlers
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    try:
        answer = work()
    finally:
        root.handlers = others
        root.setLevel(level)
    return answer, out.getvalue()


class NumberTests(SimpleTestCase):
    def test_the_production_log_is_set_up_so(self):
        console = settings.LOGGING["handlers"]["console"]
        self.assertEqual(
            (console["filters"], settings.LOGGING["filters"]["request"]["()"]), (["request"], "record.tracing.WithRequest")
        )
        self.assertEqual(settings.MIDDLEWARE[0], "record.tracing.Traced")

    def test_each_request_has_its_own_and_none_from_outside(self):
        answers = [self.client.get(reverse("trust"), headers={HEADER: "utifran\nrad"}) for _ in range(2)]
        numbers = {answer[HEADER] for answer in answers}
        self.assertEqual((len(numbers), any("utifran" in number for number in numbers)), (2, False))

    def test_it_stands_in_every_line_of_the_request_and_in_no_other(self):
        def view(request):
            logging.getLogger("people.mail").warning("inne")
            return HttpResponse()

        answer, told = lines(lambda: Traced(view)(RequestFactory().get("/")))
        self.assertIn(f"WARNING people.mail [{answer[HEADER]}] inne", told)
        _, told = lines(lambda: logging.getLogger("people.mail").warning("ute"))
        self.assertIn("WARNING people.mail [-] ute", told)
        self.assertEqual(current.get(), "")

    def test_the_row_that_the_database_refused_stays_out_of_the_log(self):
        def broken():
            try:
                try:
                    raise ValueError(
                        'violates "x"\nDETAIL:  Failing row contains (1, Hemlig text\n\nrad två av Hemlig text).\nCONTEXT:  x'
                    )
                except ValueError as error:
                    raise RuntimeError("nästa") from error
            except RuntimeError:
                logging.getLogger("people").exception("gick inte", exc_info=sys.exc_info())

        _, told = lines(broken)
        self.assertNotIn("Hemlig", told)
        self.assertIn('ValueError: violates "x"', told)
        self.assertIn("RuntimeError: nästa", told)


class PageTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()

    def test_pages_that_tell_of_an_error_show_it(self):
        self.client.force_login(self.cast.secretary)
        cancelled = self.cast.meeting("cancelled")
        self.client.force_login(self.cast.secretary)
        for address, status in (
            ("/finns-inte/", 404),
            (reverse("protocol:protocol", args=[cancelled.pk]), 409),
            (reverse("motions:draft", args=[self.cast.group.pk]), 403),
        ):
            answer = self.client.get(address)
            self.assertEqual(answer.status_code, status, address)
            self.assertContains(answer, f'{TOLD}: <span class="checksum">{answer[HEADER]}</span>', status_code=status)
        answer, _ = lines(lambda: self.client.get("/", headers={"host": "fel värd"}))
        self.assertContains(answer, answer[HEADER], status_code=400)
        self.assertNotContains(self.client.get("/"), TOLD)

    def test_a_refusal_is_a_line_with_page_and_user_and_not_the_address(self):
        self.client.force_login(self.cast.stranger)
        meeting = self.cast.meeting("draft")
        answer, told = lines(lambda: self.client.get(reverse("meetings:meeting", args=[meeting.pk]) + "?q=hemligt"))
        said = f"INFO record.tracing [{answer[HEADER]}] 404 GET meetings:meeting {meeting.pk}, user {self.cast.stranger.pk}"
        self.assertIn(said, told)
        self.assertNotIn("hemligt", told)
        _, told = lines(lambda: self.client.get("/aktivera/hemlig-nyckel/finns-inte/x/"))
        self.assertNotIn("hemlig", told)

    def test_an_error_is_a_line_with_the_number_that_the_page_shows(self):
        self.client.raise_request_exception = False
        self.client.force_login(self.cast.secretary)
        with mock.patch("fvg.waiting.for_user", side_effect=ZeroDivisionError):
            answer, told = lines(lambda: self.client.get("/"))
        self.assertContains(answer, answer[HEADER], status_code=500)
        self.assertIn(f"ERROR django.request [{answer[HEADER]}] Internal Server Error: /", told)

    def test_a_view_s_no_is_told_too(self):
        self.client.force_login(self.cast.secretary)
        with mock.patch("fvg.waiting.for_user", side_effect=PermissionDenied):
            _, told = lines(lambda: self.client.get("/"))
        self.assertIn(f"403 GET home, user {self.cast.secretary.pk}", told)

    def test_what_is_written_is_in_no_line(self):
        by = self.cast.secretary
        paragraph = make.make_paragraph(self.cast.meeting("draft"))
        self.client.force_login(by)
        address, data = reverse("meetings:save", args=[paragraph.pk]), {"text": "Hemlig text i §", "version": "99"}
        answer, told = lines(lambda: self.client.post(address, data))
        self.assertEqual(answer.status_code, 409)
        self.assertIn("409 POST meetings:save", told)
        self.assertNotIn("Hemlig", told)


class WithoutDatabaseTests(SimpleTestCase):
    """Here any question to the database is refused: as when it is down."""

    def test_the_page_of_an_error_stands_alone(self):
        self.client.raise_request_exception = False
        self.client.cookies[settings.SESSION_COOKIE_NAME] = "nagonting"
        with self.assertLogs("django.request", "ERROR"):
            answer = self.client.get("/")
        self.assertContains(answer, "Det som stod som sparat är sparat.", status_code=500)
        self.assertContains(answer, f'{TOLD}: <span class="checksum">{answer[HEADER]}</span>', status_code=500)
