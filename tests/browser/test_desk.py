"""The desk in a browser: what says "Sparat" is in the database, and nothing typed is ever lost."""

from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from meetings.actions import agenda, attendance, balance
from meetings.models import Paragraph
from tests import factories as make
from tests.browser.base import PHONE, BrowserTestCase
from tests.cast import Cast

SAVED = "Sparat"
PASTED_FROM_WORD = (
    "<html><head><style>p.MsoNormal{mso-style-name:x}</style></head><body>"
    "<p class=MsoNormal style='margin:0cm;color:red'>Första <b>viktiga</b>"
    " stycket<o:p></o:p></p><ul style='mso-list:l0'><li class=MsoNormal>ett</li><li>två</li></ul>"
    "<table class=MsoTableGrid border=1><tr><td style='width:2cm'><p>Enhet</p></td><td><p>Antal</p></td></tr>"
    "<tr><td>A</td><td>3</td></tr></table>"
    "<p>Se <a href='https://fvg.example/plan'>planen</a>.</p><script>alert(1)</script></body></html>"
)


class DeskTestCase(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.cast = Cast()
        self.meeting = self.cast.meeting("draft")
        self.paragraph = make.make_paragraph(self.meeting)
        self.path = reverse("meetings:write", args=[self.paragraph.pk])

    def desk(self, user=None, *, deaf: bool = False, **options) -> Page:
        page = self.log_in(user or self.cast.secretary, **options)
        self.open(self.deaf(page) if deaf else page, self.path)
        expect(self.text(page)).to_be_visible()
        return page

    def text(self, page: Page):
        return page.locator(".desk-text > .paragraph:not([hidden]) .editor-text").first

    def status(self, page: Page):
        return page.locator("#save-status")

    def type(self, page: Page, words: str) -> None:
        self.caret_at_end(page, self.text(page))
        page.keyboard.type(words)

    def saved(self, page: Page) -> None:
        """Wait until everything typed has been acknowledged."""
        expect(page.locator("[data-save-status]:is([data-state=dirty], [data-state=saving], [data-state=failed])")).to_have_count(
            0, timeout=30_000
        )

    def deaf(self, page: Page) -> Page:
        """The page does not hear what others save, as when both write in the same second."""
        page.route("**/vid-bordet/", lambda route: route.fulfill(status=204))
        return page

    def others_save(self, words: str) -> None:
        row = self.stored()
        agenda.edit_text(row, fields={"text": words}, version=row.version, by=self.cast.chair)

    def stored(self) -> Paragraph:
        return Paragraph.objects.get(pk=self.paragraph.pk)


class SavingTests(DeskTestCase):
    def test_what_says_saved_is_in_the_database(self):
        page = self.desk()
        self.type(page, "Ny chef på enheten.")
        expect(self.status(page)).to_contain_text(SAVED)
        self.assertEqual(self.stored().text, "Ny chef på enheten.")
        self.type(page, " Hon börjar i maj.")
        expect(self.status(page)).to_contain_text("Osparade")
        expect(self.status(page)).to_contain_text(SAVED)
        self.assertEqual(self.stored().text, "Ny chef på enheten. Hon börjar i maj.")
        expect(page.locator(f'.agenda [data-open-paragraph="{self.paragraph.pk}"] .agenda-state')).to_have_text("påbörjad")

    def test_control_s_saves_at_once_and_an_item_saves_its_outcome(self):
        item = make.make_item(self.paragraph, "Ny organisation", kind="decision")
        page = self.desk()
        self.type(page, "Nu")
        page.keyboard.press("Control+s")
        expect(self.status(page)).to_contain_text(SAVED)
        page.get_by_label("Utfall").select_option("no_disagreement")
        expect(page.locator(f"#item-{item.pk} .save-status")).to_contain_text(SAVED)
        item.refresh_from_db()
        self.assertEqual((self.stored().text, item.outcome), ("Nu", "no_disagreement"))

    def test_slow_answers_and_fast_fingers_lose_no_letter(self):
        page = self.desk()

        def slow(route: Route) -> None:
            page.wait_for_timeout(700)
            route.continue_()

        page.route("**/spara/", slow)
        for word in ("ett ", "två ", "tre ", "fyra ", "fem"):
            self.type(page, word)
            page.wait_for_timeout(300)
        expect(self.status(page)).to_contain_text(SAVED, timeout=15000)
        self.assertEqual(self.stored().text, "ett två tre fyra fem")

    def test_done_saves_and_opens_the_next(self):
        page = self.desk()
        self.type(page, "Färdigt")
        page.keyboard.press("Control+Enter")
        page.wait_for_url(lambda url: self.path not in url)
        self.saved(page)
        self.assertEqual((self.stored().text, self.stored().done), ("Färdigt", True))

    def test_leaving_by_a_link_saves_first(self):
        page = self.desk()
        self.type(page, "Sista ordet")
        page.get_by_role("link", name="Nästa paragraf").click()
        page.wait_for_url(lambda url: self.path not in url)
        self.saved(page)
        self.assertEqual(self.stored().text, "Sista ordet")


class ConflictTests(DeskTestCase):
    def test_two_people_see_both_texts_and_neither_is_overwritten(self):
        self.allow("409")
        mine, theirs = self.desk(deaf=True), self.desk(self.cast.chair)
        self.type(theirs, "Cecilias ord")
        expect(self.status(theirs)).to_contain_text(SAVED)
        self.type(mine, "Stinas ord")
        expect(self.status(mine)).to_contain_text("Pausat: Cecilia Björk har ändrat §")
        expect(mine.locator(".compare")).to_contain_text("Stinas ord")
        expect(mine.locator(".compare")).to_contain_text("Cecilias ord")
        self.assertEqual(self.stored().text, "Cecilias ord")
        self.shot(mine, "conflict-1280")
        self.assert_accessible(mine)
        mine.get_by_role("button", name="Behåll min").click()
        expect(self.status(mine)).to_contain_text(SAVED)
        self.assertEqual(self.stored().text, "Stinas ord")
        self.assertIn("Cecilias ord", self.stored().history.values_list("text", flat=True))

    def test_their_text_can_be_kept_and_mine_goes_away(self):
        self.allow("409")
        page = self.desk(deaf=True)
        self.others_save("Cecilias ord")
        self.type(page, "Stinas ord")
        page.get_by_role("button", name="Behåll den som Cecilia Björk skrev").click()
        expect(self.text(page)).to_have_text("Cecilias ord")

    def test_what_both_have_changed_in_different_places_is_joined_by_itself(self):
        self.allow("409")
        self.others_save("Lokalen är klar. Flytten väntar.")
        page = self.desk(deaf=True)
        self.others_save("Lokalen är klar i maj. Flytten väntar.")
        self.type(page, " Vision frågade när.")
        expect(page.locator(".notice")).to_contain_text("Ni ändrade olika ställen, så båda texterna är sparade.")
        expect(self.status(page)).to_contain_text(SAVED)
        self.assertEqual(self.stored().text, "Lokalen är klar i maj. Flytten väntar. Vision frågade när.")
        page.keyboard.type(" Och hur.")  # the caret has followed the text that came before it
        self.assert_accessible(page)
        self.shot(page, "conflict-joined")
        expect(self.text(page)).to_have_text("Lokalen är klar i maj. Flytten väntar. Vision frågade när. Och hur.")
        expect(self.status(page)).to_contain_text(SAVED)
        self.assertIn("Lokalen är klar i maj. Flytten väntar.", self.stored().history.values_list("text", flat=True))
        page.get_by_role("button", name="Dölj").click()
        expect(page.locator(".notice", has_text="Ni ändrade olika ställen")).to_have_count(0)

    def test_what_is_typed_while_two_texts_are_joined_is_joined_too(self):
        self.allow("409")
        self.others_save("Grund.")
        page = self.desk(deaf=True)
        page.route("**/spara/", lambda route: (page.wait_for_timeout(250), route.continue_()))
        self.others_save("Ordföranden först. Grund.")
        self.caret_at_end(page)
        written = " Vi skriver utan att stanna, ord efter ord, medan den andra sparar och sparar igen."
        page.keyboard.type(written, delay=25)
        page.keyboard.type(" Och lite till.", delay=25)
        expect(self.status(page)).to_contain_text(SAVED, timeout=20_000)
        self.assertEqual(self.stored().text, f"Ordföranden först. Grund.{written} Och lite till.")

    def test_what_is_typed_after_the_choice_was_shown_is_never_lost(self):
        """Where the same place was changed one chooses; what is typed after the box came stands in what is chosen."""
        self.allow("409")
        self.others_save("Ord")
        page = self.desk(deaf=True)
        self.others_save("Cecilias ord")
        self.type(page, " av Stina")
        expect(page.get_by_role("button", name="Behåll min")).to_be_visible()
        self.type(page, " skrivet senare")
        page.get_by_role("button", name="Behåll min").click()
        expect(self.status(page)).to_contain_text(SAVED)
        self.assertEqual(self.stored().text, "Ord av Stina skrivet senare")

    def test_what_is_typed_after_the_box_came_is_saved_with_both(self):
        self.allow("409")
        page = self.desk(deaf=True)
        self.others_save("Cecilias ord.")
        self.type(page, "Stinas ord.")
        joined = page.locator(".notice section", has_text="Båda sammanfogade")
        expect(joined).to_contain_text("Stinas ord.")
        self.assertEqual(self.stored().text, "Cecilias ord.")  # both have written in the same place: one reads before it is saved
        self.type(page, " Skrivet senare.")
        page.get_by_role("button", name="Spara båda").click()
        expect(self.status(page)).to_contain_text(SAVED)
        for part in ("Cecilias ord.", "Stinas ord.", "Skrivet senare."):
            self.assertIn(part, self.stored().text)
            expect(self.text(page)).to_contain_text(part)

    def test_the_texts_can_be_put_together_on_the_page(self):
        self.allow("409")
        self.others_save("Ord")
        page = self.desk(deaf=True)
        self.others_save("Cecilias ord")
        self.type(page, " av Stina")
        page.get_by_role("button", name="Redigera ihop").click()
        expect(page.locator(".notice")).to_contain_text("Cecilias ord")
        expect(page.get_by_role("button", name="Spara båda")).to_have_count(0)
        self.type(page, " och Cecilias ord")
        page.wait_for_timeout(1500)
        self.assertEqual(self.stored().text, "Cecilias ord")  # nothing is overwritten until one says so
        self.assert_accessible(page)
        self.shot(page, "conflict-merge")
        page.get_by_role("button", name="Spara den ihopskrivna texten").click()
        expect(self.status(page)).to_contain_text(SAVED)
        self.assertEqual(self.stored().text, "Ord av Stina och Cecilias ord")
        self.assertEqual(page.evaluate("Object.keys(sessionStorage).length"), 0)

    def test_two_tabs_of_one_person_do_not_overwrite_each_other(self):
        self.allow("409")
        first = self.desk()
        second = self.open(self.deaf(self.tab(first)), self.path)
        self.type(first, "I första fliken")
        expect(self.status(first)).to_contain_text(SAVED)
        self.type(second, "I andra fliken")
        expect(self.status(second)).to_contain_text("Pausat")
        self.assertEqual(self.stored().text, "I första fliken")


class OthersTests(DeskTestCase):
    def test_points_that_others_add_and_take_away_come_and_go_by_themselves(self):
        first = make.make_item(self.paragraph, "Budget")
        page = self.desk()
        self.type(page, "Jag skriver")
        added = agenda.add_item(self.paragraph, kind="topic", title="Lokaler", by=self.cast.chair)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        item = page.locator(f"#item-{added.pk}")
        expect(item).to_be_visible()
        page.keyboard.type(" vidare")  # the caret is where it was
        item.locator(".editor-text").click()
        page.keyboard.type("Flytten är klar.")
        expect(item.locator(".save-status")).to_contain_text(SAVED)
        self.saved(page)
        added.refresh_from_db()
        self.assertEqual((self.stored().text, added.text), ("Jag skriver vidare", "Flytten är klar."))
        agenda.remove_item(first, by=self.cast.chair)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(page.locator(f"#item-{first.pk}")).to_have_count(0)
        expect(page.locator("#desk-changed")).to_have_count(0)

    def test_a_paragraph_that_others_add_is_told(self):
        page = self.desk()
        agenda.add_paragraph(self.meeting, heading="Nytt", section="", after=self.paragraph, by=self.cast.chair)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(page.locator("#desk-changed")).to_contain_text("Läs in sidan på nytt")

    def test_the_caret_stands_in_the_text_when_the_desk_opens(self):
        page = self.desk()
        expect(self.text(page)).to_be_focused()
        page.keyboard.type("Direkt")
        expect(self.status(page)).to_contain_text(SAVED)
        self.assertEqual(self.stored().text, "Direkt")


class TypingTests(DeskTestCase):
    def test_one_writes_on_after_the_standard_sentence(self):
        opening = make.make_paragraph(self.meeting, "opening")
        page = self.open(self.log_in(self.cast.secretary), reverse("meetings:write", args=[opening.pk]))
        text = page.locator(f"#p-{opening.pk} .editor-text").first
        text.click()
        page.keyboard.press("Alt+m")
        expect(text).to_contain_text("förklarade mötet för öppnat.")
        page.keyboard.type(" Alla hälsades välkomna.")
        expect(text).to_contain_text("förklarade mötet för öppnat. Alla hälsades välkomna.")

    def test_the_text_stands_high_on_the_screen_when_the_desk_opens(self):
        page = self.desk()
        expect(self.text(page)).to_be_focused()
        self.assertLess(page.evaluate("document.activeElement.getBoundingClientRect().top"), 500)


class TroubleTests(DeskTestCase):
    def left_in_a_word(self) -> Page:
        """The desk read anew after its page was left in the middle of a word, which could not be sent."""
        page = self.deaf(self.desk())
        page.route("**/spara/", lambda route: route.abort())
        self.allow("ERR_FAILED", "Failed to fetch", "409")
        self.type(page, "Ett halvt ord")
        page.on("dialog", lambda dialog: dialog.accept())
        page.reload()
        expect(page.get_by_text("Det finns text härifrån som inte är sparad.")).to_be_visible()
        return page

    def goes_on_after(self, page: Page) -> None:
        """What is written then is saved without a question, and nothing is offered any more."""
        page.unroute("**/spara/")
        self.type(page, "Ett halvt ord, och mer")
        expect(self.status(page)).to_contain_text(SAVED)
        expect(page.get_by_text("Det finns text härifrån som inte är sparad.")).to_have_count(0)
        self.assertEqual(self.stored().text, "Ett halvt ord, och mer")

    def test_what_the_left_page_saved_at_the_last_moment_is_no_conflict_with_oneself(self):
        page = self.left_in_a_word()
        row = self.stored()  # here what was sent from the left page comes to the server
        if not row.text:
            agenda.edit_text(row, fields={"text": "Ett halvt ord"}, version=row.version, by=self.cast.secretary)
        self.goes_on_after(page)

    def test_a_text_that_is_saved_after_all_is_offered_no_more(self):
        """A reload in mid-word: what was kept comes back by hand, or the page that left has saved it and nothing is offered."""
        self.goes_on_after(self.left_in_a_word())

    def test_a_lost_network_keeps_the_text_and_saves_it_later(self):
        self.allow("ERR_", "Failed to load")
        page = self.desk()
        page.context.set_offline(True)
        self.type(page, "Skrivet utan nät")
        expect(self.status(page)).to_contain_text("Inte sparat – försöker igen")
        self.type(page, ", och mera")
        self.assertEqual(self.stored().text, "")
        page.context.set_offline(False)
        expect(self.status(page)).to_contain_text(SAVED, timeout=15000)
        self.assertEqual(self.stored().text, "Skrivet utan nät, och mera")

    def test_an_answer_that_is_lost_after_the_commit_is_no_conflict(self):
        self.allow("ERR_", "Failed to load")
        page = self.desk()
        lost = []

        def lose(route: Route) -> None:
            if lost:
                return route.continue_()
            lost.append(route.fetch())  # the server saves
            route.abort()

        page.route("**/spara/", lose)
        self.type(page, "Kom fram")
        expect(self.status(page)).to_contain_text(SAVED, timeout=15000)
        self.type(page, " och fortsätter")
        expect(self.status(page)).to_contain_text("Osparade")
        expect(self.status(page)).to_contain_text(SAVED)
        self.assertEqual((self.stored().text, self.stored().version), ("Kom fram och fortsätter", 3))

    def test_an_expired_log_in_keeps_the_text_until_one_is_back(self):
        self.allow("401", "403")
        page = self.desk()
        page.context.clear_cookies(name="session")
        self.type(page, "Efter lunch")
        expect(self.status(page)).to_contain_text("du är utloggad")
        expect(page.get_by_role("link", name="Logga in i en ny flik")).to_be_visible()
        self.assertEqual(self.stored().text, "")
        page.context.clear_cookies()  # a new log-in brings a new session and a new token
        self.give_session(page, self.cast.secretary)
        with self.assertLogs("django.security.csrf", "WARNING"):  # the old token is refused once, and a new one fetched
            expect(self.status(page)).to_contain_text(SAVED, timeout=15000)
        self.assertEqual(self.stored().text, "Efter lunch")

    def test_a_text_that_was_not_saved_is_offered_after_a_reload(self):
        self.allow("ERR_", "Failed to load")
        page = self.desk()
        page.route("**/spara/", lambda route: route.abort())
        self.type(page, "Försvann nästan")
        expect(self.status(page)).to_contain_text("Inte sparat")
        asked = []
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        page.unroute("**/spara/")
        page.route("**/spara/", lambda route: route.abort())
        page.reload()
        self.assertEqual(asked, ["beforeunload"])
        page.unroute("**/spara/")
        expect(page.locator(".notice")).to_contain_text("Försvann nästan")
        self.assertEqual(page.evaluate("Object.keys(localStorage).length"), 0)
        page.get_by_role("button", name="Ta tillbaka texten").click()
        expect(self.status(page)).to_contain_text(SAVED)
        self.assertEqual(self.stored().text, "Försvann nästan")
        self.assertEqual(page.evaluate("Object.keys(sessionStorage).length"), 0)

    def test_a_meeting_that_was_frozen_meanwhile_keeps_the_text_on_the_page(self):
        self.allow("409")
        page = self.desk()
        make.put_in_state(self.meeting, "approval")
        self.type(page, "För sent")
        expect(self.status(page)).to_contain_text("Pausat: texten är låst")
        expect(self.text(page)).to_have_text("För sent")
        expect(page.get_by_role("button", name="Kopiera min text")).to_be_visible()

    def test_a_text_that_cannot_be_stored_is_told_at_the_field_and_saved_when_mended(self):
        self.allow("422")
        page = self.desk()
        self.text(page).click()
        page.keyboard.insert_text("ett\u202etvå")
        expect(page.locator(".text-form .error")).to_contain_text("läsriktningen")
        expect(self.status(page)).to_contain_text("Inte sparat")
        page.keyboard.press("Control+a")
        page.keyboard.type("ett två")
        expect(self.status(page)).to_contain_text(SAVED)
        self.assertEqual(self.stored().text, "ett två")


class EditorTests(DeskTestCase):
    def test_the_toolbar_is_swedish_and_every_tool_works_without_a_breach_of_the_csp(self):
        page = self.desk()
        self.text(page).click()
        tools = page.get_by_role("toolbar")
        names = [tool.get_attribute("title").split(" (")[0] for tool in tools.get_by_role("button").all()]
        self.assertEqual(
            names, ["Fet", "Punktlista", "Numrerad lista", "Rubrik", "Underrubrik", "Länk", "Infoga tabell", "Ångra", "Gör om"]
        )
        tools.get_by_role("button", name="Rubrik", exact=True).click()
        page.keyboard.type("Läget")
        page.keyboard.press("Enter")
        tools.get_by_role("button", name="Fet").click()
        page.keyboard.type("viktigt")
        tools.get_by_role("button", name="Fet").click()
        page.keyboard.press("Enter")
        tools.get_by_role("button", name="Numrerad lista").click()
        page.keyboard.type("ett")
        page.keyboard.press("Enter")
        page.keyboard.type("två")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        tools.get_by_role("button", name="Länk").click()
        page.get_by_label("Adress").fill("fvg.example/plan")
        page.keyboard.press("Enter")
        page.keyboard.press("Control+End")
        page.keyboard.press("Enter")
        tools.get_by_role("button", name="Infoga tabell").click()
        for word in ("A", "B", "1"):
            page.keyboard.type(word)
            page.keyboard.press("Tab")
        tools.get_by_role("button", name="Ta bort raden").click()
        page.keyboard.press("Control+s")
        expect(self.status(page)).to_contain_text(SAVED)
        self.shot(page, "editor")
        wanted = "## Läget\n\n**viktigt**\n\n1. ett\n2. två\n\n[fvg.example/plan](https://fvg.example/plan)\n\n| A | B |\n"
        self.assertEqual(self.stored().text[: len(wanted)], wanted)

    def test_word_s_clipboard_keeps_paragraphs_lists_bold_tables_and_links(self):
        # Chromium reports the style attributes of what is pasted while it reads them; none of them reaches the page.
        self.allow("style-src")
        page = self.desk()
        self.text(page).click()
        page.evaluate(
            """html => { const data = new DataTransfer(); data.setData("text/html", html);
            const pasted = new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true});
            document.querySelector(".editor-text").dispatchEvent(pasted) }""",
            PASTED_FROM_WORD,
        )
        expect(self.status(page)).to_contain_text(SAVED)
        text = self.stored().text
        self.assertEqual(
            text.split("\n\n"),
            [
                "Första **viktiga** stycket",
                "- ett\n- två",
                "| Enhet | Antal |\n| A | 3 |",
                "Se [planen](https://fvg.example/plan).",
            ],
        )

    def test_chips_and_references_survive_an_edit(self):
        chip = f"[Lövförbundet](party:{self.cast.union.pk}) om [§ 2](paragraph:{self.paragraph.pk})"
        agenda.edit_text(self.stored(), fields={"text": chip}, version=1, by=self.cast.secretary)
        page = self.desk()
        self.type(page, " i dag")
        expect(self.status(page)).to_contain_text("Osparade")
        expect(self.status(page)).to_contain_text(SAVED)
        self.assertEqual(self.stored().text, f"{chip} i dag")

    def test_without_the_editor_s_files_the_textarea_saves_by_itself(self):
        self.allow("ERR_FAILED", "Failed to load")
        page = self.log_in(self.cast.secretary)
        page.route("**/django_prose_editor/**", lambda route: route.abort())
        self.open(page, self.path)
        page.locator(f"#p-{self.paragraph.pk}").get_by_label("Text", exact=True).fill("- i ren text")
        expect(self.status(page)).to_contain_text(SAVED)
        self.assertEqual(self.stored().text, "- i ren text")


class EverybodyTests(DeskTestCase):
    def test_the_desk_works_without_scripts(self):
        page = self.log_in(self.cast.secretary, java_script_enabled=False)
        self.open(page, self.path)
        here = page.locator(f"#p-{self.paragraph.pk}")
        here.get_by_label("Text", exact=True).fill("Utan script")
        here.get_by_role("button", name="Spara", exact=True).click()
        expect(page.get_by_role("status").first).to_contain_text(SAVED)
        self.assertEqual(self.stored().text, "Utan script")
        page.locator(f"#p-{self.paragraph.pk}").get_by_role("button", name="Markera som klar och gå till nästa").click()
        self.assertTrue(self.stored().done)

    def test_the_keyboard_is_enough(self):
        page = self.desk()
        page.locator(".skip-link").focus()
        page.keyboard.press("Enter")
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.classList.contains('editor-text')"):
                break
        page.keyboard.type("Bara tangenter")
        page.keyboard.press("Shift+Tab")
        self.assertEqual(page.evaluate("document.activeElement.dataset.tool"), "bold")
        page.keyboard.press("ArrowRight")
        self.assertEqual(page.evaluate("document.activeElement.dataset.tool"), "bullets")
        page.keyboard.press("Enter")
        page.keyboard.press("Control+Enter")
        page.wait_for_url(lambda url: self.path not in url)
        self.saved(page)
        self.assertEqual((self.stored().text, self.stored().done), ("- Bara tangenter", True))

    def test_the_desk_the_lists_and_their_pages_are_accessible(self):
        make.make_item(
            self.paragraph, "Ny organisation på nordsidan", kind="decision", references=["PN 2026-0001"], presenter="Ekonomichef"
        )
        make.make_item(self.paragraph, "Budget", kind="board_matter", board_agenda_no="4")
        agenda.edit_text(self.stored(), fields={"text": "Text att läsa.\n\n- ett\n- två"}, version=1, by=self.cast.secretary)
        attendance.all_expected_present(self.meeting, by=self.cast.secretary)
        row = self.meeting.attendances.first()
        promise = balance.open_item(
            self.cast.group,
            title="Se över cykelställen vid nordentrén",
            meeting=self.meeting,
            owner=row.person,
            by=self.cast.secretary,
        )
        page = self.log_in(self.cast.secretary)
        pk, group = self.meeting.pk, self.cast.group.pk
        pages = {
            "write": self.path,
            "versions": reverse("meetings:versions", args=[self.paragraph.pk]),
            "attendance": reverse("meetings:attendance", args=[pk]),
            "attend": reverse("meetings:attend", args=[row.pk]),
            "join": reverse("meetings:join", args=[pk]),
            "elect": reverse("meetings:elect", args=[pk]),
            "personnel": reverse("meetings:personnel", args=[pk]),
            "next": reverse("meetings:next", args=[pk]),
            "balance": reverse("meetings:balance"),
            "balance_item": reverse("meetings:balance_item", args=[promise.pk]),
            "balance_new": reverse("meetings:open_item", args=[group]),
        }
        for name, path in pages.items():
            with self.subTest(name):
                for size in (PHONE, {"width": 768, "height": 1024}, {"width": 1280, "height": 900}):
                    page.set_viewport_size(size)
                    self.open(page, path)
                    self.shot(page, f"{name}-{size['width']}")
                self.assert_accessible(page, path)
