"""The clipboards of the programs that people paste from: each file of the corpus becomes exactly the plain form beside it."""

import re
from pathlib import Path

from django.test import SimpleTestCase

from record import text
from record.text.html_in import MOST_MARKS

CORPUS = Path(__file__).parent / "clipboard"


def corpus() -> dict[str, tuple[str, str]]:
    """By name: the clipboard's HTML, and what is stored of it."""
    return {
        path.stem: (path.read_text(encoding="utf-8"), path.with_suffix(".txt").read_text(encoding="utf-8").rstrip("\n"))
        for path in sorted(CORPUS.glob("*.html"))
    }


def tidied(plain: str) -> str:
    """The part of the browser's script in a paste: no-break spaces only where Swedish has them, and no space twice."""

    def space(found: re.Match) -> str:
        before, after = found.string[found.start() - 1], found.string[found.end() : found.end() + 1]
        meant = found.group() == "\xa0" and (re.match(r"[\d§]", before) or re.match(r"\d", after))
        return "\xa0" if meant else " "

    return re.sub(r"(?<=\S) *\xa0[ \xa0]*", space, plain.replace("\xad", ""))


class CorpusTests(SimpleTestCase):
    maxDiff = None

    def test_every_clipboard_becomes_exactly_its_plain_form(self):
        for name, (html, plain) in corpus().items():
            with self.subTest(name):
                self.assertEqual(tidied(text.from_html(html)), plain)

    def test_what_is_expected_is_canonical_and_survives_the_editor(self):
        for name, (_, plain) in corpus().items():
            with self.subTest(name):
                self.assertEqual(text.stored(plain), plain)
                self.assertEqual(text.from_html(text.to_editor_html(plain)), plain)

    def test_the_programs_of_the_corpus(self):
        self.assertEqual(
            list(corpus()),
            [
                "chrome-web-page",
                "excel",
                "google-docs",
                "libreoffice-writer",
                "outlook-classic",
                "outlook-new",
                "word-headings-table-links",
                "word-lists",
                "word-online",
                "word-tracked-comments-footnotes",
            ],
        )


def listed(level: int, marker: str, words: str) -> str:
    """A list item as Word writes it."""
    return (
        f"<p class=MsoListParagraphCxSpMiddle style='mso-list:l0 level{level} lfo1'>"
        "<![if !supportLists]><span style='mso-list:Ignore'>"
        f"{marker}<span style='font:7.0pt \"Times New Roman\"'>&nbsp;&nbsp; </span></span><![endif]>{words}<o:p></o:p></p>"
    )


class RuleTests(SimpleTestCase):
    def assert_plain(self, *pairs: tuple[str, str]) -> None:
        for html, plain in pairs:
            with self.subTest(html):
                self.assertEqual(text.from_html(html), plain)

    def test_a_weight_decides_what_is_bold_and_word_s_other_weights_do_not(self):
        self.assert_plain(
            ("<b style='mso-bidi-font-weight:normal'>a</b> b", "**a** b"),
            ("<span style='mso-bidi-font-weight:bold'>a</span>", "a"),
            ("<span style='font-weight:600'>a</span> <span style='font-weight:599'>b</span>", "**a** b"),
            ("<b>a <span style='font-weight:400'>b</span></b>", "**a** b"),
            ("<b>a <span style='font-weight:inherit'>b</span></b>", "**a b**"),
            ("<p style='font-weight:bold'>a</p><h2 style='font-weight:bold'>b</h2>", "**a**\n\n## b"),
            ("<table><tr><th style='font-weight:bold'>a</th></tr></table>", "| a |"),
        )

    def test_markers_become_the_lists_they_mean(self):
        self.assert_plain(
            (listed(1, "·", "a") + listed(2, "o", "b") + listed(3, "§", "c") + listed(1, "·", "d"), "- a\n  - b\n    - c\n- d"),
            (listed(1, "i.", "a") + listed(1, "ii.", "b") + listed(1, "iii.", "c"), "1. a\n2. b\n3. c"),
            (listed(1, "h)", "a") + listed(1, "i)", "b") + listed(1, "j)", "c"), "8. a\n9. b\n10. c"),
            (listed(1, "2.", "a") + listed(2, "2.1.", "b") + listed(2, "2.2.", "c"), "2. a\n  1. b\n  2. c"),
            (listed(1, "(1)", "a") + listed(1, "(2)", "b"), "1. a\n2. b"),
            (listed(1, "1.", "a") + listed(1, "2.", "b") + listed(1, "1.", "c"), "1. a\n2. b\n\n1. c"),
            (listed(1, "·", "a") + listed(1, "1.", "b"), "- a\n\n1. b"),
            (listed(2, "o", "a") + listed(1, "·", "b"), "- a\n- b"),
            (listed(1, "·", "a") + listed(4, "·", "b"), "- a\n  - b"),
            (listed(1, "·", "a") + "<p>x</p>" + listed(1, "·", "b"), "- a\n\nx\n\n- b"),
            (listed(1, "·", "a<br>b"), "- a\n  b"),
            (listed(1, "1.", "1. maj"), "1. 1. maj"),
        )

    def test_a_paragraph_in_the_style_of_a_list_without_a_marker_is_no_item(self):
        self.assert_plain(
            ("<p class=MsoListParagraph>a</p>", "a"),
            (listed(1, "·", "a") + "<p class=MsoListParagraphCxSpLast>b</p>", "- a\n  b"),
        )

    def test_merged_cells_keep_every_word_in_its_column(self):
        self.assert_plain(
            ("<table><tr><td rowspan=3>a<td>b<tr><td>c<tr><td>d</table>", "| a | b |\n|  | c |\n|  | d |"),
            ("<table><tr><td colspan=2 rowspan=2>a<td>b<tr><td>c</table>", "| a |  | b |\n|  |  | c |"),
            ("<table><tr><td colspan=900>a<td>b</table>", "| a | b |"),
            ("<table><caption>x</caption><tr><td>a</table>", "x\n\n| a |"),
        )

    def test_what_is_left_out_and_what_is_not(self):
        self.assert_plain(
            ("a<del>b</del><ins>c</ins><s>d</s><strike>e</strike>", "acde"),
            ("a<span class=msoDel>b</span><span style='display:none'>c<br><b>d</b></span>e", "ae"),
            ("a<a class=msocomanchor href='#_msocom_1'>[A1]</a><sup>1</sup>", "a1"),
            ("<header>a</header><figure>b<figcaption>c</figcaption></figure><footer>d</footer>", "a\n\nb\n\nc\n\nd"),
            ("<pre>a\n  b</pre>", "a\nb"),
            ("<p class=MsoTitle>a</p><p class=MsoSubtitle>b</p><p role=heading aria-level=3>c</p>", "## a\n\n### b\n\n### c"),
        )

    def test_a_megabyte_of_word_is_read_or_refused_in_words(self):
        page = "".join(listed(1 + n % 3, "·", f"Punkt nummer {n} om schemat") for n in range(3_900))
        self.assertGreater(len(page), 900_000)
        self.assertLess(page.count("<"), MOST_MARKS)
        self.assertEqual(text.from_html(page).count("Punkt nummer"), 3_900)
