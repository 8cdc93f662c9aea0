"""What the views of every room share."""

from django.test import RequestFactory, SimpleTestCase

from record.pages import by_script, form_page, see, whole_number


class PageTests(SimpleTestCase):
    def test_after_a_form_one_is_led_to_a_page_by_name_or_address(self):
        for answer, address in (
            (see("motions:motion", 7), "/yrkanden/7/"),
            (see("motions:motion", 7, at="att-sats-2"), "/yrkanden/7/#att-sats-2"),
            (see("/moten/3/?sida=2"), "/moten/3/?sida=2"),
        ):
            self.assertEqual((answer.status_code, answer.headers["Location"]), (303, address))

    def test_only_our_script_says_that_it_is_one(self):
        self.assertFalse(by_script(RequestFactory().get("/")))
        self.assertFalse(by_script(RequestFactory().get("/", headers={"X-Requested-With": "XMLHttpRequest"})))
        self.assertTrue(by_script(RequestFactory().get("/", headers={"X-Requested-With": "fetch"})))

    def test_a_number_is_a_number_and_anything_else_is_none(self):
        for written, number in (
            ("7", 7),
            ("007", 7),
            ("", 0),
            (None, 0),
            ("-1", 0),
            ("1.5", 0),
            ("²", 0),
            ("٣", 0),
            ("9" * 10, 0),
        ):
            self.assertEqual(whole_number(written), number, written)

    def test_a_page_with_a_form_is_read_and_sent_and_nothing_else(self):
        page = form_page(lambda request: see("/"))
        found = {verb: page(RequestFactory().generic(verb, "/")).status_code for verb in ("GET", "HEAD", "POST", "PUT", "DELETE")}
        self.assertEqual(found, {"GET": 303, "HEAD": 303, "POST": 303, "PUT": 405, "DELETE": 405})
