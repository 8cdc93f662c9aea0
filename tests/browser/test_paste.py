"""Paste through the real editor: after the autosave, the plain form beside each clipboard of the corpus is stored."""

from playwright.sync_api import Page, expect

from meetings.actions import agenda
from tests.browser.test_desk import SAVED, DeskTestCase
from tests.record.test_paste import CORPUS, corpus, listed

PASTE = """(field, [html, text, plain]) => {
  const data = new DataTransfer();
  if (html) data.setData("text/html", html);
  if (text) data.setData("text/plain", text);
  const keys = {key: "V", keyCode: 86, shiftKey: true, ctrlKey: true, bubbles: true};
  if (plain) field.dispatchEvent(new KeyboardEvent("keydown", keys));
  field.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
  if (plain) field.dispatchEvent(new KeyboardEvent("keyup", {key: "Shift", keyCode: 16, bubbles: true}));
}"""


class PasteTestCase(DeskTestCase):
    maxDiff = None

    def select_all(self, page: Page) -> None:
        self.caret_at_end(page, self.text(page))
        page.keyboard.press("Control+a")
        page.wait_for_timeout(100)  # the editor hears of the selection a moment after the browser has made it

    def paste(self, page: Page, html: str = "", text: str = "", *, plain: bool = False) -> str:
        """Pastes in the place of everything and returns what is stored after it was said to be saved."""
        self.select_all(page)
        self.text(page).evaluate(PASTE, [html, text, plain])
        page.keyboard.press("Control+s")
        expect(self.status(page)).to_contain_text(SAVED)
        return self.stored().text


class CorpusTests(PasteTestCase):
    def test_every_clipboard_is_stored_as_its_plain_form_and_no_style_is_reported(self):
        page = self.desk()
        for name, (html, plain) in corpus().items():
            with self.subTest(name):
                self.assertEqual(self.paste(page, html, "ord"), plain)

    def test_the_lines_of_a_pdf_become_paragraphs_and_lists(self):
        source = (CORPUS / "pdf-viewer.plain").read_text(encoding="utf-8")
        stored = (CORPUS / "pdf-viewer.txt").read_text(encoding="utf-8").rstrip("\n")
        page = self.desk()
        self.assertEqual(self.paste(page, text=source), stored)
        self.assertEqual(self.paste(page, text=source.replace("\n", "\r\n")), stored)

    def test_a_viewer_that_writes_html_for_each_line_reads_the_same(self):
        source = (CORPUS / "pdf-viewer.plain").read_text(encoding="utf-8")
        stored = (CORPUS / "pdf-viewer.txt").read_text(encoding="utf-8").rstrip("\n")
        style = "left: 12.5%; top: 9.04%; font-size: calc(var(--scale-factor)*11.00px); font-family: sans-serif;"
        lines = (
            f'<span style="{style}" dir="ltr" role="presentation">{line}</span><br role="presentation">'
            for line in source.split("\n")
        )
        self.assertEqual(self.paste(self.desk(), f"<meta charset='utf-8'>{''.join(lines)}", source), stored)


class RuleTests(PasteTestCase):
    def test_rules(self):
        page = self.desk()
        for html, plain in (
            ("<b style='mso-bidi-font-weight:normal'>a</b> b", "**a** b"),
            ("<span style='font-weight:600'>a</span> <span style='font-weight:500'>b</span>", "**a** b"),
            ("<b>a <span style='font-weight:400'>b</span></b>", "**a** b"),
            ("<p style='font-weight:bold'>a</p><h2 style='font-weight:bold'>b</h2>", "**a**\n\n## b"),
            (listed(1, "i.", "a") + listed(1, "ii.", "b") + listed(1, "iii.", "c"), "1. a\n2. b\n3. c"),
            (listed(1, "h)", "a") + listed(1, "i)", "b") + listed(1, "j)", "c"), "8. a\n9. b\n10. c"),
            (listed(1, "2.", "a") + listed(2, "2.1.", "b") + listed(2, "2.2.", "c"), "2. a\n  1. b\n  2. c"),
            (listed(1, "1.", "a") + listed(1, "2.", "b") + listed(1, "1.", "c"), "1. a\n2. b\n\n1. c"),
            (listed(1, "·", "a") + listed(1, "1.", "b"), "- a\n\n1. b"),
            (listed(2, "o", "a") + listed(1, "·", "b"), "- a\n- b"),
            (listed(1, "·", "a") + listed(4, "·", "b"), "- a\n  - b"),
            (listed(1, "·", "a") + "<p>x</p>" + listed(1, "·", "b"), "- a\n\nx\n\n- b"),
            ("<p class=MsoListParagraph>a</p>", "a"),
            ("<table><tr><td rowspan=3>a<td>b<tr><td>c<tr><td>d</table>", "| a | b |\n|  | c |\n|  | d |"),
            ("<table><tr><td colspan=2 rowspan=2>a<td>b<tr><td>c</table>", "| a |  | b |\n|  |  | c |"),
            ("a<del>b</del><ins>c</ins><s>d</s><a href='ftp://x.example/y'>e</a><a href='/f'>f</a>", "acdef"),
            ("<header>a</header><figure>b<figcaption>c</figcaption></figure><footer>d</footer>", "a\n\nb\n\nc\n\nd"),
            ("<pre>a\n  b</pre>", "a\nb"),
            ("<p>x <span data-party='1'>y</span></p>", "x y"),
            ("<p>**ord** och https://a.example/b samt klart.se</p>", "\\*\\*ord\\*\\* och https://a.example/b samt klart.se"),
        ):
            with self.subTest(html):
                self.assertEqual(self.paste(page, html, "ord"), plain)

    def test_characters_that_cannot_be_stored_are_cleaned_and_the_save_does_not_fail(self):
        page = self.desk()
        dirty = "a\u202eb\u200bc\u00add\u200ee\ufefff\u0007g\ue123h\u2066i\u200dj "
        dirty += "§\u00a07 12\u00a0000 kr\u00a0och\u00a0mer \uf0e0 \uf0fc"
        clean = "abcdefghij §\u00a07 12\u00a0000 kr och mer → •"
        self.assertEqual(self.paste(page, f"<p>{dirty}</p>", "ord"), clean)
        self.assertEqual(self.paste(page, text=dirty), clean)
        self.assertEqual(self.paste(page, text=f"{dirty}\n\nb"), f"{clean}\n\nb")
        self.assertEqual(self.paste(page, text=dirty, plain=True), clean)
        quotes = "”Svenska citat”, ’apostrof’, – dash, … och 🙂"
        self.assertEqual(self.paste(page, f"<p>{quotes}</p>", "ord"), quotes)

    def test_plain_paste_takes_the_words_as_they_are(self):
        page = self.desk()
        self.assertEqual(
            self.paste(page, text="en rad som går vi-\ndare\n- punkt\n\n**stjärnor**", plain=True),
            "en rad som går vi-\ndare\n\\- punkt\n\n\\*\\*stjärnor\\*\\*",
        )
        self.assertEqual(self.paste(page, "<p><b>a</b></p>", "a", plain=True), "a")

    def test_lines_that_do_not_clearly_go_on_stay_lines(self):
        page = self.desk()
        for source, plain in (
            ("kaffe\nbullar\nfrukt", "kaffe\n\nbullar\n\nfrukt"),
            (
                "Budgeten för nästa år är inte beslutad ännu av nämnden.\nNy punkt",
                "Budgeten för nästa år är inte beslutad ännu av nämnden.\n\nNy punkt",
            ),
            ("in-\noch utflyttning", "in- och utflyttning"),
            ("12. maj\nklart", "12\\. maj\n\nklart"),
            ("a" * 300 + "\nb", "a" * 300 + "\n\nb"),
        ):
            with self.subTest(source):
                self.assertEqual(self.paste(page, text=source), plain)

    def test_one_line_goes_into_the_sentence_and_keeps_its_look(self):
        page = self.desk()
        self.type(page, "Mötet ")
        self.text(page).evaluate(PASTE, ["<meta charset='utf-8'><p>är <b>helt</b> slut</p>", "är helt slut", False])
        page.keyboard.press("Control+s")
        expect(self.status(page)).to_contain_text(SAVED)
        self.assertEqual(self.stored().text, "Mötet är **helt** slut")

    def test_chips_copied_in_the_editor_stay_chips(self):
        chip = f"[Lövförbundet](party:{self.cast.union.pk}) om saken"
        agenda.edit_text(self.stored(), fields={"text": chip}, version=1, by=self.cast.secretary)
        page = self.desk()
        self.select_all(page)
        html = self.text(page).evaluate(
            """(field) => { const data = new DataTransfer();
            field.dispatchEvent(new ClipboardEvent("copy", {clipboardData: data, bubbles: true, cancelable: true}));
            return data.getData("text/html") }"""
        )
        self.assertEqual(self.paste(page, html, "ord"), chip)

    def test_a_table_of_our_own_and_one_of_another_editor_of_the_same_make(self):
        page = self.desk()
        own = (
            '<table style="min-width: 50px;" data-pm-slice="1 1 []">'
            '<colgroup><col style="min-width: 25px;"><col style="min-width: 25px;"></colgroup>'
            '<tbody><tr><th colspan="1" rowspan="1"><p>A</p></th><th colspan="1" rowspan="1"><p>B</p></th></tr></tbody></table>'
        )
        self.assertEqual(self.paste(page, own, "ord"), "| A | B |")
        other = '<h1 data-pm-slice="1 1 []" style="color: red">Rubrik</h1><p>och <span style="font-weight: 700">ord</span></p>'
        self.assertEqual(self.paste(page, other, "ord"), "## Rubrik\n\noch **ord**")

    def test_a_style_that_is_never_closed_swallows_only_itself(self):
        self.assertEqual(self.paste(self.desk(), "<p>a</p><style>b", "ord"), "a")

    def test_a_megabyte_is_cleaned(self):
        page = self.desk()
        html = "".join(listed(1 + n % 3, "·", f"Punkt nummer {n} om schemat") for n in range(4_500))
        items = page.evaluate(
            """async (html) => {
              const { cleanedHTML } = await import("fvg/paste");
              return cleanedHTML(html).split("<li>").length - 1;
            }""",
            html,
        )
        self.assertEqual(items, 4_500)
