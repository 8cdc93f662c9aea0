"""What templates say often: Swedish days and times, what a browser is called, and the one list of a page's errors."""

from datetime import UTC, date, datetime, time

from django import forms
from django.template.loader import render_to_string
from django.test import SimpleTestCase, override_settings

from people.templatetags import page

SUMMER = datetime(2020, 4, 15, 22, 30, tzinfo=UTC)  # half past midnight in Sweden, the day after
WINTER = datetime(2020, 12, 31, 23, 15, tzinfo=UTC)  # a new year in Sweden
REPEATED = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # the second half past two of that night


class DayAndTimeTests(SimpleTestCase):
    def test_a_day_is_the_day_it_was_in_sweden(self):
        found = [page.day(one) for one in (date(2020, 4, 16), SUMMER, WINTER, None, "")]
        self.assertEqual(found, ["16 april 2020", "16 april 2020", "1 januari 2021", "", ""])

    def test_a_narrow_screen_may_break_where_print_may_not(self):
        self.assertEqual(page.breaks("FVG den\u00a016\u00a0april\u00a02020"), "FVG den 16 april 2020")

    def test_a_weekday_stands_before_the_day(self):
        found = [page.weekday(one) for one in (date(2020, 4, 16), SUMMER, WINTER, None)]
        self.assertEqual(found, ["torsdag 16 april 2020", "torsdag 16 april 2020", "fredag 1 januari 2021", ""])

    def test_the_clock_is_the_one_on_the_wall_in_sweden(self):
        found = [page.clock(one) for one in (time(9, 5), time(0), SUMMER, WINTER, REPEATED, None)]
        self.assertEqual(found, ["09:05", "00:00", "00:30", "00:15", "02:30", ""])

    def test_a_moment_can_be_read_by_people_and_by_machines(self):
        self.assertEqual(page.moment(SUMMER), '<time datetime="2020-04-16T00:30:00+02:00">16 april 2020 kl. 00:30</time>')
        self.assertIn('datetime="2026-10-25T02:30:00+01:00"', page.moment(REPEATED))
        self.assertEqual(page.moment(None), "")

    @override_settings(TIME_ZONE="UTC")
    def test_a_time_without_a_zone_is_left_as_it_stands(self):
        self.assertEqual(
            (page.day(datetime(2020, 4, 16, 23, 59)), page.clock(datetime(2020, 4, 16, 23, 59))), ("16 april 2020", "23:59")
        )


class BrowserNameTests(SimpleTestCase):
    def test_it_is_called_what_people_call_it(self):
        chrome = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0"
        iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
        cases = {
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0": "Firefox på Windows",
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {chrome} Safari/537.36 Edg/126.0": "Edge på Windows",
            f"Mozilla/5.0 (Linux; Android 14) {chrome} Mobile Safari/537.36": "Chrome på Android",
            f"{iphone} Version/17.5 Mobile/15E148 Safari/604.1": "Safari på iPhone",
            f"{iphone} CriOS/126.0 Mobile Safari/604.1": "Chrome på iPhone",
            f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {chrome} Safari/537.36 OPR/112.0": "Opera på Mac",
            "curl/8.5.0": "Okänd webbläsare",
            "": "Okänd webbläsare",
            "<script>alert(1)</script> Linux": "Okänd webbläsare på Linux",
        }
        self.assertEqual({line: page.browser(line) for line in cases}, cases)


class Asked(forms.Form):
    """Fields of each sort that a summary points at."""

    name = forms.CharField(label="Namn")
    choice = forms.ChoiceField(label="Val", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean(self):
        raise forms.ValidationError("Allt är <fel>.")


class ErrorSummaryTests(SimpleTestCase):
    def problems(self, *given) -> list[tuple[str, str]]:
        return [(one["href"], one["message"]) for one in page.error_summary(*given)["problems"]]

    def test_every_error_is_listed_in_the_order_of_the_page_and_points_at_its_field(self):
        found = self.problems(Asked({}))
        self.assertEqual([href for href, _ in found], ["", "#id_name", "#id_choice_0", ""])
        self.assertEqual(found[0], ("", "Allt är <fel>."))

    def test_a_form_that_nobody_has_sent_has_none(self):
        self.assertEqual(self.problems(Asked(), None, "", Asked(None)), [])

    def test_a_set_of_forms_gives_its_own_errors_and_those_of_its_rows(self):
        many = forms.formset_factory(Asked, extra=2, max_num=1, validate_max=True)
        sent = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-0-name": "a", "form-1-name": "b"}
        found = self.problems(many(sent))
        self.assertEqual(len([one for one in found if one[0].startswith("#id_form-")]), 2)
        self.assertEqual(found[0][0], "")
        self.assertEqual(self.problems(many()), [])

    def test_on_the_page_it_is_words_and_never_markup(self):
        shown = render_to_string("_error_summary.html", page.error_summary(Asked({})))
        self.assertIn("Allt är &lt;fel&gt;.", shown)
        self.assertIn('href="#id_choice_0"', shown)
        self.assertIn('role="alert"', shown)
        self.assertEqual(render_to_string("_error_summary.html", page.error_summary(Asked())).strip(), "")
