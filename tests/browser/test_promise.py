"""A sentence becomes a promise at the desk: Alt+L, who and until when, and it stands on the balance list."""

from django.urls import reverse
from playwright.sync_api import Page, expect

from meetings.models import BalanceItem, Commitment
from tests import factories as make
from tests.browser.base import BrowserTestCase
from tests.cast import Cast


class PromiseTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.cast = Cast()
        self.meeting = self.cast.meeting("draft")
        self.paragraph = make.make_paragraph(self.meeting)
        self.path = reverse("meetings:write", args=[self.paragraph.pk])

    def desk(self) -> Page:
        page = self.open(self.log_in(self.cast.secretary), self.path)
        expect(self.text(page)).to_be_visible()
        return page

    def text(self, page: Page):
        return page.locator(f"#p-{self.paragraph.pk} .editor-text").first

    def write(self, page: Page, words: str) -> None:
        self.caret_at_end(page, self.text(page))
        page.keyboard.type(words)

    def dialog(self, page: Page):
        return page.locator("#promise-dialog")

    def promises(self, page: Page):
        return page.locator(f"#promises-{self.paragraph.pk} .promise")

    def test_the_sentence_at_the_caret_is_followed_up_without_a_mouse(self):
        page = self.desk()
        self.write(page, "Läget är gott. Chefen, t.ex. Erik, tar med sig frågan om låsen. Mötet gick vidare.")
        for _ in range(len(" Mötet gick vidare.") + 5):
            page.keyboard.press("ArrowLeft")
        page.keyboard.press("Alt+l")
        expect(self.dialog(page)).to_be_visible()
        expect(page.get_by_label("Mening")).to_have_value("Chefen, t.ex. Erik, tar med sig frågan om låsen.")
        expect(page.get_by_label("Ansvarig")).to_be_focused()
        page.keyboard.type("Erik")
        self.assert_accessible(page)
        page.get_by_label("Klart senast").fill("2027-01-15")
        page.keyboard.press("Enter")
        expect(self.dialog(page)).to_be_hidden()
        expect(page.locator("#save-announcement")).to_contain_text("Åtagandet står på balanslistan. Ansvarig: Erik Lind.")
        expect(self.promises(page)).to_contain_text("Erik Lind · klart senast 15 januari 2027")
        expect(self.text(page)).to_be_focused()
        commitment = Commitment.objects.get()
        self.assertEqual(
            (commitment.words, commitment.paragraph, commitment.owner),
            ("Chefen, t.ex. Erik, tar med sig frågan om låsen.", self.paragraph, self.cast.employer.person),
        )
        self.assertEqual(commitment.balance_item.title, "Chefen, t.ex. Erik, tar med sig frågan om låsen")
        self.paragraph.refresh_from_db()
        self.assertIn("tar med sig frågan", self.paragraph.text)  # the text was saved before the promise

    def test_what_is_marked_is_the_sentence_and_it_can_be_taken_back(self):
        page = self.desk()
        self.write(page, "Taket lagas")
        page.keyboard.press("Control+a")
        page.locator(f"#p-{self.paragraph.pk} a[data-promise]").click()
        expect(page.get_by_label("Mening")).to_have_value("Taket lagas")
        page.get_by_role("button", name="Spara åtagandet").click()
        expect(self.promises(page)).to_have_count(1)
        page.get_by_role("button", name="Ta tillbaka").click()
        expect(self.promises(page)).to_have_count(0)
        expect(page.locator("#save-announcement")).to_contain_text("Åtagandet är tillbakataget.")
        self.assertEqual((Commitment.objects.count(), BalanceItem.objects.count()), (0, 0))

    def test_ctrl_enter_saves_from_any_field_and_leaves_the_paragraph_as_it_is(self):
        page = self.desk()
        self.write(page, "Frågan utreds.")
        page.keyboard.press("Alt+l")
        page.get_by_label("Så står det på balanslistan").fill("Utred frågan")
        page.keyboard.press("Control+Enter")
        expect(self.dialog(page)).to_be_hidden()
        expect(self.promises(page)).to_have_count(1)
        self.paragraph.refresh_from_db()
        self.assertFalse(self.paragraph.done)

    def test_what_is_wrong_is_told_in_the_dialog_and_nothing_typed_is_lost(self):
        self.allow("422")
        page = self.desk()
        self.write(page, "Frågan utreds.")
        page.keyboard.press("Alt+l")
        page.get_by_label("Klart senast").fill("2001-01-01")
        page.get_by_label("Så står det på balanslistan").fill("Utred frågan")
        page.get_by_role("button", name="Spara åtagandet").click()
        expect(page.locator("[data-promise-error]")).to_have_text("Dagen har redan varit när mötet hålls.")
        expect(page.get_by_label("Så står det på balanslistan")).to_have_value("Utred frågan")
        page.keyboard.press("Escape")
        expect(self.dialog(page)).to_be_hidden()
        expect(self.text(page)).to_be_focused()
        self.assertEqual(Commitment.objects.count(), 0)

    def test_an_answer_that_is_lost_says_so_and_a_second_try_gives_one_promise(self):
        self.allow("Failed to load resource", "ERR_FAILED")
        page = self.desk()
        self.write(page, "Frågan utreds.")
        page.keyboard.press("Alt+l")
        page.route("**/atagande/", lambda route: (route.fetch(), route.abort()), times=1)
        page.get_by_role("button", name="Spara åtagandet").click()
        expect(page.locator("[data-promise-error]")).to_contain_text("Det gick inte att nå servern")
        page.get_by_role("button", name="Spara åtagandet").click()
        expect(self.promises(page)).to_have_count(1)
        self.assertEqual((Commitment.objects.count(), BalanceItem.objects.count()), (1, 1))
