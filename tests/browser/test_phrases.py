"""Speed of writing: `/` phrases with their slots, and lines that name who said it, by keyboard alone."""

from django.urls import reverse
from playwright.sync_api import Page, expect

from meetings.actions import phrases
from meetings.models import Appendix, Paragraph, Phrase
from record.history import remember
from tests import factories as make
from tests.browser.base import SHOTS, BrowserTestCase
from tests.cast import Cast

PARTIES = [
    {"id": 1, "name": "Vision", "abbreviations": [], "formers": ["Tjänstemannaringen"]},
    {"id": 2, "name": "Lärarnas Riksförbund", "abbreviations": ["LR"], "formers": []},
    {"id": 3, "name": "Akademikerförbundet", "abbreviations": ["AKF"], "formers": []},
    {"id": 4, "name": "Akavia", "abbreviations": [], "formers": []},
    {"id": 5, "name": "Kommunal", "abbreviations": [], "formers": []},
    {"id": 6, "name": "Ekonomernas", "abbreviations": ["EKO"], "formers": []},
    {"id": 7, "name": "Fackförbundet ST", "abbreviations": ["ST"], "formers": []},
    {"id": 8, "name": "Parkförvaltningen", "abbreviations": ["förvaltningen"], "formers": []},
    {"id": 9, "name": "Norra ringen", "abbreviations": ["RING"], "formers": []},
    {"id": 10, "name": "Södra ringen", "abbreviations": ["RING"], "formers": []},
]
V, LR, AKF, AKAVIA, K, EKO, ST = (
    "[Vision](party:1)",
    "[Lärarnas Riksförbund](party:2)",
    "[Akademikerförbundet](party:3)",
    "[Akavia](party:4)",
    "[Kommunal](party:5)",
    "[Ekonomernas](party:6)",
    "[Fackförbundet ST](party:7)",
)
# What is typed → what stands there when the line is left; None: it is left alone.
LINES = [
    ("v: stödjer LR", f"**{V}** stödjer {LR}."),
    ("V: stödjer lr", f"**{V}** stödjer {LR}."),
    ("vision: stödjer förslaget.", f"**{V}** stödjer förslaget."),
    ("Vision:  vill veta mer?", f"**{V}** vill veta mer?"),
    ("tjänstemannaringen: frågar när", f"**{V}** frågar när."),
    ("lr: yrkar att:", f"**{LR}** yrkar att:"),
    ("LR: stödjer inte", f"**{LR}** stödjer inte."),
    ("lä: stödjer Visions yrkande", f"**{LR}** stödjer {V}s yrkande."),
    ("v: stödjer lrs yrkande", f"**{V}** stödjer {LR}s yrkande."),
    ("v: stödjer LR:s yrkande", f"**{V}** stödjer {LR}s yrkande."),
    ("v: stödjer EKOs yrkande", f"**{V}** stödjer {EKO} yrkande."),
    ("v: stödjer Ekonomernas yrkande", f"**{V}** stödjer {EKO} yrkande."),
    ("v, lr: stödjer akfs yrkande", f"**{V}** och **{LR}** stödjer {AKF}s yrkande."),
    ("v och lr: är eniga", f"**{V}** och **{LR}** är eniga."),
    ("v, lr, kom: är eniga", f"**{V}**, **{LR}** och **{K}** är eniga."),
    ("v & lr: är eniga", f"**{V}** och **{LR}** är eniga."),
    ("v, vision: är enig", f"**{V}** är enig."),
    ("akf: frågar Akavia", f"**{AKF}** frågar {AKAVIA}."),
    ("aka: frågar", None),
    ("akad: frågar", f"**{AKF}** frågar."),
    (
        "förvaltningen: svarar lr att förvaltningen tar upp det",
        f"**[Parkförvaltningen](party:8)** svarar {LR} att förvaltningen tar upp det.",
    ),
    ("k: har en vision om parken", f"**{K}** har en vision om parken."),
    ("k: köper 5 st bänkar", f"**{K}** köper 5 st bänkar."),
    ("k: stödjer ST", f"**{K}** stödjer {ST}."),
    ("k: stödjer RING", f"**{K}** stödjer RING."),
    ("k: ser alltid klart", f"**{K}** ser alltid klart."),
    ("k: säger ”nej.”", f"**{K}** säger ”nej.”"),
    ("k: säger ”nej”", f"**{K}** säger ”nej”."),
    ("k: undrar …", f"**{K}** undrar …"),
    ("k: Kommunal och Vision vill", f"**{K}** {K} och {V} vill."),
    ("  k: tackar ", f"  **{K}** tackar."),
    ("a: frågar", None),
    ("ring: frågar", None),
    ("obs: frågan är öppen", None),
    ("kl. 9:30 börjar mötet", None),
    ("v 9:30 börjar mötet", None),
    ("Beslut: punkten bordläggs", None),
    ("v, x: är eniga", None),
    ("v:", None),
    ("v: ", None),
    ("v:stödjer", None),
    ("v: 12", None),
    (": stödjer", None),
    ("Vision stödjer LR", None),
    ("", None),
]


class PhraseTestCase(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.cast = Cast()
        _ = (self.cast.employer, self.cast.union_rep, self.cast.other_rep)
        self.meeting = self.cast.meeting("draft")
        self.paragraph = make.make_paragraph(self.meeting)
        self.path = reverse("meetings:write", args=[self.paragraph.pk])

    def desk(self, **options) -> Page:
        page = self.open(self.log_in(self.cast.secretary, **options), self.path)
        expect(self.text(page)).to_be_visible()
        self.caret_at_end(page, self.text(page))
        return page

    def text(self, page: Page):
        return page.locator(".desk-text > .paragraph:not([hidden]) .editor-text").first

    def offered(self, page: Page):
        return page.get_by_role("listbox")

    def options(self, page: Page) -> list[str]:
        return [" ".join(words.split()) for words in self.offered(page).get_by_role("option").all_inner_texts()]

    def keys(self, page: Page, *keys: str) -> None:
        """Words are typed, names of keys in angle brackets are pressed."""
        for key in keys:
            if key.startswith("<"):
                page.keyboard.press(key[1:-1])
            else:
                page.keyboard.type(key)

    def saved(self, page: Page) -> str:
        """What the server has when it has answered."""
        expect(page.locator("[data-save-status]:is([data-state=dirty], [data-state=saving])")).to_have_count(0)
        expect(page.locator("#save-status")).to_contain_text("Sparat")
        return Paragraph.objects.get(pk=self.paragraph.pk).text

    def stored(self, page: Page) -> str:
        """What the server has after Ctrl+S."""
        page.keyboard.press("Control+s")
        return self.saved(page)


class PhraseTests(PhraseTestCase):
    def test_a_key_and_enter_write_the_sentence_and_one_undo_takes_it_back(self):
        page = self.desk()
        self.keys(page, "/isy")
        expect(self.offered(page)).to_be_visible()
        text = self.text(page)
        self.assertEqual((text.get_attribute("role"), text.get_attribute("aria-expanded")), ("combobox", "true"))
        self.assertEqual(text.get_attribute("aria-activedescendant"), "phrase-option-0")
        self.keys(page, "<Enter>")
        expect(self.offered(page)).to_have_count(0)
        self.assertEqual((text.get_attribute("role"), text.get_attribute("aria-expanded")), ("textbox", None))
        expect(text).to_have_text("Förvaltningsgruppen har inga synpunkter på ärendet.")
        self.keys(page, "<Control+z>")
        expect(text).to_have_text("/isy")
        expect(self.offered(page)).to_have_count(0)
        self.keys(page, "<Control+Shift+z>")
        self.assertEqual(self.stored(page), "Förvaltningsgruppen har inga synpunkter på ärendet.")

    def test_the_list_filters_on_key_and_words_goes_by_arrows_and_tells_how_many(self):
        page = self.desk()
        self.keys(page, "/")
        expect(page.locator("#save-announcement")).to_contain_text("Fraser: 12 val")
        self.assertEqual(self.told_by_axe(page), [])
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/phrases-list.png")
        self.keys(page, "tack")
        self.assertEqual([row.split()[0] for row in self.options(page)], ["/tack"])
        self.keys(page, "<Backspace>", "<Backspace>", "<Backspace>")
        self.assertEqual([row.split()[0] for row in self.options(page)][:2], ["/tar", "/tack"])
        self.keys(page, "<Backspace>", "oenighet", "<Tab>", "<Enter>", "Nytt /", "<ArrowUp>")
        expect(self.offered(page).locator("[aria-selected=true]")).to_contain_text("/tack")
        self.keys(page, "<ArrowDown>", "<ArrowDown>", "<ArrowUp>", "<Enter>")
        self.assertEqual(
            self.stored(page), "Ingen anmälde oenighet i frågan.\n\nNytt Förvaltningsgruppen har inga synpunkter på ärendet."
        )

    def test_two_slots_by_keyboard_become_words_and_chips(self):
        phrases.add_phrase(
            self.cast.group, key="möte", text="{roll} redogjorde för frågan, se {bilaga}. {part} tackade.", by=self.cast.secretary
        )
        appendices = [Appendix(meeting=self.meeting, position=n, title=title) for n, title in enumerate(("Plan", "Budget"), 1)]
        for row in appendices:
            remember(row, by=None, verb="test")
        page = self.desk()
        self.keys(page, "/möte", "<Enter>")
        expect(self.text(page)).to_have_text("[roll] redogjorde för frågan, se [bilaga]. [part] tackade.")
        self.assertEqual(self.options(page), ["förvaltningschefen", "HR-chefen"])
        self.keys(page, "<Enter>")
        self.assertEqual(self.options(page), ["bilaga 1 Plan", "bilaga 2 Budget"])
        self.keys(page, "bud", "<Enter>")
        self.keys(page, "bf", "<Tab>", " Det var allt.")
        chip = f"[Barrfacket](party:{self.cast.other_union.pk})"
        self.assertEqual(
            self.stored(page),
            f"Förvaltningschefen redogjorde för frågan, se [bilaga 2](appendix:{appendices[1].pk}). "
            f"{chip} tackade. Det var allt.",
        )

    def test_one_undo_takes_back_the_phrase_with_its_slots(self):
        page = self.desk()
        self.keys(page, "Först. /för", "<Enter>")
        page.wait_for_timeout(700)  # longer than what the editor takes for one breath
        self.keys(page, "hr", "<Enter>")
        expect(self.text(page)).to_have_text("Först. HR-chefen redogjorde för ärendet.")
        page.wait_for_timeout(700)
        self.keys(page, "<Control+z>")
        self.assertEqual(self.stored(page), "Först. /för")

    def test_free_text_is_kept_and_escape_leaves_a_slot_that_shows(self):
        page = self.desk()
        self.keys(page, "/tar", "<Enter>", "1 juni 2031", "<Enter>", "<Enter>", "/yrk", "<Enter>", "<Escape>")
        expect(self.offered(page)).to_have_count(0)
        self.assertEqual(
            self.stored(page),
            "Förvaltningen tar med sig frågan och återkommer till gruppen den 1 juni 2031.\n\n[part] yrkar att",
        )

    def test_words_that_a_choice_begins_with_can_be_kept_as_typed(self):
        page = self.desk()
        self.keys(page, "/för", "<Enter>", "Chefen", "<ArrowUp>")
        self.assertEqual(self.options(page)[-1], "Chefen som du skrev")
        self.keys(page, "<Enter>")
        self.assertEqual(self.stored(page), "Chefen redogjorde för ärendet.")

    def test_escape_closes_the_list_and_leaves_the_text(self):
        page = self.desk()
        self.keys(page, "/is", "<Escape>", "y är en nyckel")
        expect(self.offered(page)).to_have_count(0)
        self.assertEqual(self.stored(page), "/isy är en nyckel")

    def test_a_slash_in_a_date_a_word_or_an_address_opens_nothing(self):
        page = self.desk()
        for words in ("den 10/3", " och/eller", " kl. 9/", " https://fvg.example/tack", " 1 /2", " / ", " /zzz"):
            self.keys(page, words)
            expect(self.offered(page)).to_have_count(0)
        self.keys(page, "<Enter>")
        self.assertEqual(self.stored(page), "den 10/3 och/eller kl. 9/ https://fvg.example/tack 1 /2 /  /zzz")

    def test_a_phrase_of_several_blocks_and_one_with_bold(self):
        phrases.add_phrase(
            self.cast.group, key="lista", text="Gruppen gick igenom:\n\n- **läget**\n- {nämnd}", by=self.cast.secretary
        )
        page = self.desk()
        self.keys(page, "/lista", "<Enter>", "s möte")
        self.assertEqual(self.stored(page), "Gruppen gick igenom:\n\n- **läget**\n- parknämndens möte")

    def test_the_list_is_chosen_from_by_touch_and_stays_in_a_narrow_window(self):
        page = self.desk(size={"width": 360, "height": 640}, has_touch=True)
        self.keys(page, "/")
        box = self.offered(page).bounding_box()
        self.assertGreaterEqual(box["x"], 0)
        self.assertLessEqual(box["x"] + box["width"], 360)
        self.shot(page, "phrases-360")
        self.offered(page).get_by_role("option", name="/oen").tap()
        self.assertEqual(self.stored(page), "Ingen anmälde oenighet i frågan.")


class LineTests(PhraseTestCase):
    def test_lines_as_the_table_says(self):
        page = self.desk()
        got = page.evaluate(
            """async ([lines, parties]) => { const { expanded } = await import("fvg/lines/statement");
            return lines.map((line) => expanded(line, parties)); }""",
            [[typed for typed, _ in LINES], PARTIES],
        )
        wrong = [
            (typed, was) for (typed, wanted), was in zip(LINES, got, strict=True) if was != (typed if wanted is None else wanted)
        ]
        self.assertEqual(wrong, [])
        self.assertGreaterEqual(len(LINES), 25)

    def chip(self, party, words: str) -> str:
        return f"[{words}](party:{party.pk})"

    def test_enter_makes_a_sentence_with_chips_and_undo_gives_back_what_was_typed(self):
        page = self.desk()
        self.keys(page, "l: stödjer bf", "<Enter>")
        expect(self.text(page).locator("p").first).to_have_text("Lövförbundet stödjer Barrfacket.")
        self.keys(page, "<Control+z>")
        expect(self.text(page)).to_have_text("l: stödjer bf")
        self.keys(page, "<Enter>", "lf, b: stödjer bfs yrkande", "<Enter>", "Slut")
        cast = self.cast
        first, second = self.chip(cast.union, "Lövförbundet"), self.chip(cast.other_union, "Barrfacket")
        self.assertEqual(
            self.stored(page).split("\n\n"),
            ["l: stödjer bf", f"**{first}** och **{second}** stödjer {second}s yrkande.", "Slut"],
        )

    def test_leaving_the_text_and_control_enter_finish_the_line(self):
        page = self.desk()
        self.keys(page, "lf: frågar")
        page.locator("h1").click()
        expect(self.text(page)).to_have_text("Lövförbundet frågar.")
        self.caret_at_end(page, self.text(page))
        self.keys(page, "<Enter>", "b: svarar", "<Control+Enter>")
        expect(page.locator(".desk")).not_to_have_attribute("data-open", str(self.paragraph.pk))
        first, second = self.chip(self.cast.union, "Lövförbundet"), self.chip(self.cast.other_union, "Barrfacket")
        self.assertEqual(self.saved(page), f"**{first}** frågar.\n\n**{second}** svarar.")

    def test_bold_and_chips_in_the_line_stay_and_headings_and_unfinished_lines_are_left_alone(self):
        page = self.desk()
        self.keys(page, "lf: tycker ", "<Control+b>", "mycket", "<Control+b>", " om bf", "<Enter>")
        self.keys(page, "<Control+b>", "lf:", "<Control+b>", " i fetstil", "<Enter>")
        self.keys(page, "- bf: i en lista", "<Enter>", "<Enter>")
        self.keys(page, "## lf: rubrik", "<Enter>", "lf: delas här", "<ArrowLeft>", "<ArrowLeft>", "<ArrowLeft>")
        page.wait_for_timeout(100)  # the caret moves a frame later
        self.keys(page, "<Enter>")
        first, second = self.chip(self.cast.union, "Lövförbundet"), self.chip(self.cast.other_union, "Barrfacket")
        self.assertEqual(
            self.stored(page).split("\n\n"),
            [
                f"**{first}** tycker **mycket** om {second}.",
                "**lf:** i fetstil",
                f"- **{second}** i en lista.",
                "## lf: rubrik",
                "lf: delas",
                "här",
            ],
        )


class PageTests(PhraseTestCase):
    def test_the_group_s_page_by_keyboard_and_eye(self):
        page = self.log_in(self.cast.secretary)
        path = reverse("meetings:phrases", args=[self.cast.group.pk])
        self.assert_accessible(page, path)
        self.shot(page, "phrases-page")
        page.get_by_role("link", name="Ändra /isy").press("Enter")
        expect(page.get_by_role("heading", name="Ändra /isy")).to_be_visible()
        self.assert_accessible(page)
        self.caret_at_end(page)
        page.keyboard.type(" Alls.")
        page.get_by_role("button", name="Spara frasen").press("Enter")
        expect(page.locator("#fras-isy")).to_contain_text("ändrad av gruppen")
        self.assertEqual(Phrase.objects.get(key="isy").text, "{grupp} har inga synpunkter på ärendet. Alls.")

    def test_the_page_without_scripts_lists_the_keys(self):
        page = self.log_in(self.cast.secretary, java_script_enabled=False)
        self.open(page, reverse("meetings:phrases", args=[self.cast.group.pk]))
        expect(page.locator("#fras-oen")).to_contain_text("Ingen anmälde oenighet i frågan.")
        page.get_by_label("Nyckel").fill("fika")
        page.get_by_label("Fras", exact=True).fill("Paus för kaffe.")
        page.get_by_role("button", name="Lägg till frasen").click()
        expect(page.locator("#fras-fika")).to_contain_text("gruppens egen")
