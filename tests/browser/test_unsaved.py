"""Text that is saved nowhere is not lost by a click: the browser asks before the page is left, then and only then."""

from django.urls import reverse
from playwright.sync_api import Dialog, Page, expect

from meetings.models import Meeting
from motions.models import Motion
from tests import factories as make
from tests.browser.base import BrowserTestCase
from tests.cast import Cast


class UnsavedTests(BrowserTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.cast = Cast()
        self.asked: list[str] = []
        self.stay = False

    def window_of(self, user, path: str) -> Page:
        """The page at `path`, with every question it asks noted and answered."""
        page = self.log_in(user)
        page.on("dialog", self.answer)
        return self.open(page, path)

    def answer(self, dialog: Dialog) -> None:
        self.asked.append(dialog.type)
        dialog.dismiss() if self.stay else dialog.accept()

    def leave(self, page: Page) -> None:
        """Go to the start page by the link at the top, as people do."""
        page.locator("header a[href='/']").first.click()
        if not self.stay:
            page.wait_for_url(self.live_server_url + "/")

    def edit_page(self) -> tuple[Meeting, Page]:
        meeting = self.cast.meeting()
        return meeting, self.window_of(self.cast.secretary, reverse("meetings:edit", args=[meeting.pk]))

    def test_a_changed_form_asks_and_staying_keeps_what_was_typed(self):
        _, page = self.edit_page()
        page.get_by_label("Plats").fill("Tallsalen")
        self.stay = True
        self.leave(page)
        expect(page.get_by_label("Plats")).to_have_value("Tallsalen")
        self.assertEqual(self.asked, ["beforeunload"])
        self.stay = False
        self.leave(page)
        self.assertEqual(self.asked, ["beforeunload"] * 2)

    def test_a_form_that_was_only_read_does_not_ask(self):
        _, page = self.edit_page()
        page.get_by_label("Plats").click()
        page.keyboard.press("ArrowRight")
        self.leave(page)
        self.assertEqual(self.asked, [])

    def test_saving_does_not_ask(self):
        meeting, page = self.edit_page()
        page.get_by_label("Plats").fill("Tallsalen")
        page.locator("main form").get_by_role("button").first.click()
        page.wait_for_url(lambda url: "/andra/" not in url)
        self.leave(page)
        self.assertEqual((self.asked, Meeting.objects.get(pk=meeting.pk).place), ([], "Tallsalen"))

    def test_a_form_that_came_back_with_errors_asks_though_nothing_more_is_typed(self):
        _, page = self.edit_page()
        page.locator("input[name=starts]").fill("11:00")
        page.locator("input[name=ends]").fill("10:00")
        page.locator("main form").get_by_role("button").first.click()
        expect(page.get_by_role("alert")).to_be_visible()
        self.assertEqual(self.asked, [])
        page.locator("main h1").click()  # a page that nobody has touched may not ask
        self.leave(page)
        self.assertEqual(self.asked, ["beforeunload"])

    def test_a_wrong_password_is_no_text_to_lose(self):
        meeting = self.cast.meeting("approval")
        page = self.window_of(self.cast.chair, reverse("protocol:approval", args=[meeting.pk]))
        page.get_by_label("Ditt lösenord").fill("inte det här")
        page.locator("form[action*='skriv-under']").get_by_role("button").click()
        expect(page.get_by_role("alert")).to_contain_text("Lösenordet stämmer inte.")
        page.get_by_label("Ditt lösenord").fill("inte det heller")
        self.leave(page)
        self.assertEqual(self.asked, [])

    def test_a_request_that_is_half_written_asks_also_beside_the_password(self):
        meeting = self.cast.meeting("approval")
        page = self.window_of(self.cast.chair, reverse("protocol:approval", args=[meeting.pk]))
        page.get_by_label("Vad behöver ändras?").fill("Det var inte")
        self.leave(page)
        self.assertEqual(self.asked, ["beforeunload"])

    def test_a_wrong_password_at_the_door_does_not_ask(self):
        page = self.window()
        page.on("dialog", self.answer)
        self.open(page, reverse("account_login"))
        page.locator("input[name=login]").fill(self.cast.chair.email)
        page.locator("input[name=password]").fill("inte det här")
        page.locator("main form").get_by_role("button").first.click()
        expect(page.get_by_role("alert")).to_be_visible()
        page.goto(self.live_server_url + reverse("trust"))
        self.assertEqual(self.asked, [])

    def test_a_motion_asks_for_rows_that_were_moved_and_not_when_it_is_saved(self):
        cast = self.cast
        draft = make.make_motion(cast.group, cast.union, by=cast.union_rep, filed=False, claims=("att ett.", "att två."))
        path = reverse("motions:edit", args=[draft.pk])
        page = self.window_of(cast.union_rep, path)
        page.locator("button[data-do=remove]").first.click()
        self.leave(page)
        self.assertEqual((self.asked, Motion.objects.get().claims.count()), (["beforeunload"], 2))
        self.open(page, path)
        page.get_by_label("Rubrik").first.fill("Nya lokaler")
        page.get_by_role("button", name="Spara utkast").click()
        expect(page.get_by_text("Utkastet är sparat")).to_be_visible()
        self.leave(page)
        self.assertEqual((self.asked, Motion.objects.get().title), (["beforeunload"], "Nya lokaler"))

    def test_a_script_that_has_saved_lifts_the_guard(self):
        _, page = self.edit_page()
        page.get_by_label("Plats").fill("Tallsalen")
        page.evaluate("() => document.querySelector('form[data-unsaved]').dispatchEvent(new Event('saved'))")
        self.leave(page)
        self.assertEqual(self.asked, [])
