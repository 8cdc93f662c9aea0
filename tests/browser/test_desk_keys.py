"""The desk by keyboard, and with others at it: go anywhere, see who is here, and what they have saved comes by itself."""

import re

from django.urls import reverse
from playwright.sync_api import Page, expect

from meetings.actions import agenda
from meetings.models import Item
from tests import factories as make
from tests.browser.base import DESKTOP, PHONE
from tests.browser.test_desk import SAVED, DeskTestCase


class DeskKeyTests(DeskTestCase):
    def open_title(self, page: Page):
        return page.locator(".desk-text > .paragraph:not([hidden]) > h2")

    def focused(self, page: Page) -> str:
        return page.evaluate("document.activeElement.className + ' ' + document.activeElement.id")

    def test_next_and_previous_need_no_answer_from_the_server(self):
        page = self.desk()
        page.evaluate("() => { window.fetch = () => new Promise(() => {}); }")  # the server is silent from here on
        self.caret_at_end(page, self.text(page))
        page.keyboard.press("Alt+ArrowDown")
        expect(self.open_title(page)).to_contain_text("Information gällande samverkansområdet")
        page.keyboard.type("Skrivet utan att vänta")
        expect(self.text(page)).to_have_text("Skrivet utan att vänta")
        page.keyboard.press("Alt+ArrowUp")
        expect(self.open_title(page)).to_contain_text("Information om verksamheten")
        self.assertIn("editor-text", self.focused(page))

    def test_the_address_follows_and_the_browser_s_back_goes_back(self):
        page = self.desk()
        page.keyboard.press("Alt+ArrowDown")
        self.assertNotIn(self.path, page.url)
        page.go_back()
        expect(self.open_title(page)).to_contain_text("Information om verksamheten")
        self.assertIn(self.path, page.url)
        page.go_forward()
        page.reload()
        expect(self.open_title(page)).to_contain_text("Information gällande samverkansområdet")

    def test_go_anywhere_by_number_heading_or_matter(self):
        matters = make.make_paragraph(self.meeting, "board_matters")
        item = make.make_item(matters, "Remiss om cykelbanor", kind="board_matter")
        page = self.desk()
        for typed, title in (("1", "Mötets öppnande"), ("avsl", "Mötet avslutades"), ("nästa möte", "Nästa möte")):
            page.keyboard.press("Control+k")
            page.keyboard.type(typed)
            page.keyboard.press("Enter")
            expect(self.open_title(page)).to_contain_text(title)
            self.assertIn("editor-text", self.focused(page))
        page.keyboard.press("Control+k")
        page.keyboard.type("cykel")
        page.keyboard.press("Enter")
        page.keyboard.type("Bra förslag.")
        self.saved(page)
        item.refresh_from_db()
        self.assertEqual(item.text, "Bra förslag.")

    def test_going_nowhere_says_so_and_escape_leaves_the_text_alone(self):
        page = self.desk()
        self.type(page, "Kvar")
        page.keyboard.press("Control+k")
        self.shot(page, "desk-go")
        page.keyboard.type("xyzzy")
        expect(page.locator("#desk-go-none")).to_have_text("Ingen paragraf och inget ärende heter så.")
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        expect(page.locator("#desk-go")).to_be_hidden()
        expect(self.text(page)).to_have_text("Kvar")

    def test_the_list_of_keys_opens_by_its_key_and_can_be_turned_off(self):
        page = self.desk()
        page.locator("h1").click()
        page.keyboard.press("?")
        expect(page.get_by_role("heading", name="Tangenter")).to_be_visible()
        self.shot(page, "desk-keys")
        self.assert_accessible(page)
        page.get_by_label("Stäng av").check()
        page.keyboard.press("Escape")
        page.locator("h1").click()
        page.keyboard.press("?")
        expect(page.get_by_role("heading", name="Tangenter")).to_be_hidden()
        self.type(page, "Varför? Vi vet inte")
        expect(self.text(page)).to_have_text("Varför? Vi vet inte")

    def test_a_new_topic_is_added_and_written_without_leaving_the_page(self):
        page = self.desk()
        self.caret_at_end(page, self.text(page))
        page.keyboard.press("Alt+n")
        page.keyboard.type("Enheten i norr")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Enheten i norr")).to_be_visible()
        page.keyboard.type("Två nya medarbetare.")
        self.saved(page)
        item = Item.objects.get(paragraph=self.paragraph)
        self.assertEqual((item.title, item.kind, item.text), ("Enheten i norr", "topic", "Två nya medarbetare."))
        expect(page.locator("#desk-changed")).to_have_count(0)  # one's own addition is no news
        page.keyboard.press("Alt+j")
        page.keyboard.type("Inledning.")
        self.saved(page)
        self.assertEqual(self.stored().text, "Inledning.")

    def test_a_new_matter_without_a_heading_says_what_is_missing(self):
        self.allow("422")
        page = self.desk()
        page.keyboard.press("Alt+n")
        page.keyboard.press("Enter")
        expect(page.locator("#desk-new-error")).not_to_be_empty()
        self.assertEqual(self.paragraph.items.count(), 0)

    def test_f6_goes_between_the_agenda_and_the_text(self):
        page = self.desk()
        self.caret_at_end(page, self.text(page))
        for _ in range(3):
            page.keyboard.press("F6")
            if page.evaluate("document.activeElement.matches('.agenda a[aria-current]')"):
                break
        self.assertTrue(page.evaluate("document.activeElement.matches('.agenda a[aria-current]')"))

    def test_the_list_of_keys_and_the_way_to_a_paragraph_fit_at_twice_the_size_of_text_and_on_a_tablet(self):
        page = self.desk()
        half = {name: value // 2 for name, value in DESKTOP.items()}  # what a page zoomed to 200 % has left
        for size, text in ((half, "100%"), ({"width": 768, "height": 1024}, "150%"), (PHONE, "100%")):
            page.set_viewport_size(size)
            page.evaluate("size => { document.documentElement.style.fontSize = size }", text)
            for key, dialog in (("F1", "#desk-keys"), ("Control+k", "#desk-go")):
                with self.subTest(size=size, text=text, key=key):
                    page.keyboard.press(key)
                    expect(page.locator(dialog)).to_be_visible()
                    box = page.locator(dialog).bounding_box()
                    self.assertLessEqual((box["x"] + box["width"], box["y"] + box["height"]), (size["width"], size["height"]))
                    self.assertEqual(page.evaluate("box => box.scrollWidth - box.clientWidth", page.query_selector(dialog)), 0)
                    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                    self.assertEqual(wide, 0)
                    page.keyboard.press("Escape")
            page.evaluate("document.activeElement.blur()")  # out of the text, where a question mark is only that
            page.keyboard.press("?")
            expect(page.locator("#desk-keys")).to_be_visible()
            page.keyboard.press("Escape")

    def test_no_comments_on_the_rest_in_one_step(self):
        for title in ("Budget", "Remiss"):
            make.make_item(self.paragraph, title, kind="board_matter")
        page = self.desk()
        page.get_by_role("button", name="Inga synpunkter på resten (2)").click()
        expect(page.get_by_label("Utfall").first).to_have_value("no_comments")
        expect(page.get_by_label("Utfall").last).to_have_value("no_comments")
        expect(page.get_by_role("button", name="Inga synpunkter på resten")).to_have_count(0)
        expect(self.text(page)).to_be_focused()

    def test_the_sentence_that_would_be_printed_is_written_in_place(self):
        self.path = reverse("meetings:write", args=[make.make_paragraph(self.meeting, "closing").pk])
        page = self.desk()
        page.locator(".paragraph:not([hidden])").get_by_role("button", name="Skriv in den").click()
        expect(self.text(page)).to_have_text("Ordförande tackade för deltagandet.")
        self.saved(page)
        expect(page.locator(".paragraph:not([hidden]) [data-phrase]")).to_have_count(0)
        self.assertEqual(make.make_paragraph(self.meeting, "closing").text, "Ordförande tackade för deltagandet.")

    def test_a_paragraph_gets_its_number_when_something_is_written(self):
        self.path = reverse("meetings:write", args=[make.make_paragraph(self.meeting, "dialogue").pk])
        page = self.desk()
        expect(self.open_title(page)).to_contain_text("Skrivs inte ut")
        self.type(page, "Samtal")
        expect(self.open_title(page)).to_contain_text("§ 8")
        expect(page.locator(".agenda [aria-current]")).to_contain_text("8")


class TogetherTests(DeskTestCase):
    def test_one_sees_who_else_is_here_and_where(self):
        chair = self.desk(self.cast.chair)
        self.type(chair, "Hej")
        page = self.desk()
        expect(page.locator("#desk-others")).to_contain_text(re.compile(r"Cecilia Björk (skriver|är här) \(§ 7\)"))
        expect(page.locator(".agenda [aria-current] .agenda-who")).to_contain_text("Cecilia Björk")
        self.shot(page, "desk-others")
        chair.close()
        expect(page.locator("#desk-others")).to_be_hidden(timeout=12_000)

    def test_ones_own_other_tab_is_told(self):
        first = self.desk()
        second = self.open(self.tab(first), self.path)
        expect(second.locator("#desk-others")).to_contain_text("Du har skrivbordet öppet på ett ställe till (§ 7)")

    def test_what_somebody_else_saves_comes_by_itself(self):
        page = self.desk()
        self.type(page, "Mitt")
        self.saved(page)
        self.others_save("Mitt och Cecilias")
        expect(self.text(page)).to_have_text("Mitt och Cecilias", timeout=12_000)
        self.type(page, ", igen")
        self.saved(page)
        self.assertEqual(self.stored().text, "Mitt och Cecilias, igen")

    def test_a_changed_agenda_is_told_and_nothing_is_lost_on_the_way_to_it(self):
        page = self.desk()
        self.caret_at_end(page, self.text(page))
        agenda.add_paragraph(self.meeting, heading="Nytt ämne", section="", after=self.paragraph, by=self.cast.chair)
        page.keyboard.type("Osparat")
        expect(page.locator("#desk-changed")).to_be_visible(timeout=12_000)
        page.get_by_role("link", name="Läs in sidan på nytt").click()
        expect(page.get_by_role("link", name="Nytt ämne").first).to_be_visible()
        self.assertEqual(self.stored().text, "Osparat")

    def test_a_meeting_that_is_frozen_is_told_to_whoever_has_it_open(self):
        self.allow("409")
        page = self.desk()
        make.put_in_state(self.meeting, "approval")
        expect(page.locator("#desk-locked")).to_be_visible(timeout=12_000)


class MineAndTheirsTests(DeskTestCase):
    """Who else writes, and what one had, never cost anybody a word."""

    def left_unsaved(self) -> Page:
        """A page that was reloaded before its text could be saved."""
        self.allow("ERR_", "Failed to load")
        page = self.desk()
        page.route("**/spara/", lambda route: route.abort())
        self.type(page, "Försvann nästan")
        expect(self.status(page)).to_contain_text("Inte sparat")
        page.on("dialog", lambda dialog: dialog.accept())
        page.reload()
        page.unroute("**/spara/")
        expect(page.locator(".notice")).to_contain_text("Försvann nästan")
        return page

    def test_text_kept_from_before_stays_while_one_writes_on_and_others_save(self):
        page = self.left_unsaved()
        self.type(page, "Nytt")
        self.saved(page)
        expect(page.locator(".notice")).to_contain_text("Försvann nästan")
        self.others_save("Cecilias ord")
        expect(self.text(page)).to_have_text("Cecilias ord", timeout=12_000)
        expect(page.locator(".notice")).to_contain_text("Försvann nästan")
        page.reload()
        expect(page.locator(".notice")).to_contain_text("Försvann nästan")
        page.get_by_role("button", name="Släng den").click()
        expect(page.locator(".notice")).to_have_count(0)
        self.assertEqual(page.evaluate("Object.keys(sessionStorage).length"), 0)

    def test_undo_does_not_take_back_what_somebody_else_wrote(self):
        page = self.desk()
        self.type(page, "Mitt")
        self.saved(page)
        self.others_save("Mitt och Cecilias")
        expect(self.text(page)).to_have_text("Mitt och Cecilias", timeout=12_000)
        self.caret_at_end(page, self.text(page))
        page.keyboard.press("Control+z")
        page.wait_for_timeout(1500)
        self.assertEqual(self.stored().text, "Mitt och Cecilias")

    def test_done_in_an_untouched_paragraph_leaves_the_text_that_somebody_else_wrote(self):
        page = self.desk(deaf=True)
        self.others_save("Cecilias ord")
        self.caret_at_end(page, self.text(page))
        page.keyboard.press("Control+Enter")
        page.wait_for_url(lambda url: self.path not in url)
        self.saved(page)
        self.assertEqual((self.stored().text, self.stored().done), ("Cecilias ord", True))

    def test_done_is_kept_when_one_gives_way_in_a_conflict_and_ones_own_words_can_be_fetched(self):
        self.allow("409")
        page = self.desk(deaf=True)
        self.others_save("Cecilias ord")
        self.type(page, "Stinas ord")
        page.keyboard.press("Control+Enter")
        page.keyboard.press("Alt+ArrowUp")
        page.get_by_role("button", name="Behåll den som Cecilia Björk skrev").click()
        expect(self.text(page)).to_have_text("Cecilias ord")
        self.saved(page)
        self.assertEqual((self.stored().text, self.stored().done), ("Cecilias ord", True))
        expect(page.locator(".notice")).to_contain_text("Stinas ord")
        page.get_by_role("button", name="Släng den").click()

    def test_nobody_signs_for_what_somebody_else_wrote_in_the_same_browser(self):
        self.allow("401", "403")
        page = self.desk()
        page.context.clear_cookies(name="session")
        self.type(page, "Stinas ord")
        expect(self.status(page)).to_contain_text("du är utloggad")
        page.context.clear_cookies()
        self.give_session(page, self.cast.chair)
        with self.assertLogs("django.security.csrf", "WARNING"):
            expect(self.status(page)).to_contain_text("Cecilia Björk är inloggad här", timeout=15_000)
        self.assertEqual(self.stored().text, "")
        expect(self.text(page)).to_have_text("Stinas ord")
        page.on("dialog", lambda dialog: dialog.accept())

    def test_a_conflict_elsewhere_does_not_stop_what_is_done_here(self):
        self.allow("409")
        item = make.make_item(make.make_paragraph(self.meeting, "board_matters"), "Budget", kind="board_matter")
        page = self.desk(deaf=True)
        self.others_save("Cecilias ord")
        self.type(page, "Stinas ord")
        expect(self.status(page)).to_contain_text("Pausat")
        page.keyboard.press("Control+k")
        page.keyboard.type("nämndärenden")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Inga synpunkter på resten (1)").click()
        expect(page.locator("#save-announcement")).to_contain_text("Inga synpunkter på ett ärende.")
        item.refresh_from_db()
        self.assertEqual(item.outcome, "no_comments")
        page.on("dialog", lambda dialog: dialog.accept())


class CasesFromElsewhereTests(DeskTestCase):
    """What users of other systems have lost text to."""

    def test_the_first_save_is_slow_and_the_next_paragraphs_are_written_meanwhile(self):
        page = self.desk()
        page.evaluate(SLOW_SAVES, 5000)
        self.type(page, "Första")
        for words in ("Andra", "Tredje"):
            page.keyboard.press("Alt+ArrowDown")
            page.keyboard.type(words)
        self.saved(page)
        rows = list(self.meeting.paragraphs.filter(position__gte=self.stored().position).values_list("text", flat=True)[:3])
        self.assertEqual(rows, ["Första", "Andra", "Tredje"])

    def test_cancelling_the_question_about_leaving_keeps_the_text(self):
        self.allow("ERR_", "Failed to load")
        page = self.desk()
        page.route("**/spara/", lambda route: route.abort())
        self.type(page, "Nästan borta")
        expect(self.status(page)).to_contain_text("Inte sparat")
        page.on("dialog", lambda dialog: dialog.dismiss())
        page.evaluate("() => { location.href = '/'; }")
        page.wait_for_timeout(500)
        expect(self.text(page)).to_have_text("Nästan borta")
        page.unroute("**/spara/")
        page.keyboard.press("Control+s")
        self.saved(page)
        self.assertEqual(self.stored().text, "Nästan borta")

    def test_a_computer_that_slept_and_woke_to_an_expired_log_in_saves_what_was_typed(self):
        self.allow("401", "403")
        page = self.desk()
        page.clock.install()
        self.type(page, "Före lunch")
        page.context.clear_cookies(name="session")
        page.clock.fast_forward("02:00:00")
        expect(self.status(page)).to_contain_text("du är utloggad")
        expect(self.text(page)).to_have_text("Före lunch")
        page.context.clear_cookies()
        self.give_session(page, self.cast.secretary)
        with self.assertLogs("django.security.csrf", "WARNING"):
            page.clock.fast_forward("00:01:00")
            expect(self.status(page)).to_contain_text(SAVED, timeout=15_000)
        self.assertEqual(self.stored().text, "Före lunch")

    def test_logging_out_saves_first_and_leaves_the_desk(self):
        page = self.desk()
        page.evaluate(SLOW_SAVES, 1500)
        self.type(page, "Sista ordet")
        page.locator("form[action$='/logout/']").first.evaluate("form => form.requestSubmit()")
        page.wait_for_url(lambda url: "/skriv/" not in url, timeout=10_000)
        self.assertEqual(self.stored().text, "Sista ordet")
        self.assertEqual(page.evaluate("Object.keys(sessionStorage).length"), 0)
        self.assertFalse(self.meeting.writers.exists(), "others are not told that somebody is here who has logged out")


# The browser's own fetch with a delay, so that the page waits and the test does not.
SLOW_SAVES = """(delay) => {
  const quick = window.fetch;
  window.fetch = (url, ...rest) => {
    const waited = String(url).endsWith("/spara/") && new Promise((done) => setTimeout(done, delay));
    return waited ? waited.then(() => quick(url, ...rest)) : quick(url, ...rest);
  };
}"""
