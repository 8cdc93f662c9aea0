"""The plain form: nothing typed is lost, nothing hostile comes out, and every road round leads back to the same text."""

import contextlib
import json
import os
import re
import sys
import time
import unicodedata
import unittest
from pathlib import Path
from unittest import mock

from django.test import SimpleTestCase, tag
from hypothesis import given, settings
from hypothesis import strategies as st

from record import text
from record.text import Effort, Heading, Item, Link, ListBlock, Paragraph, Party, Reference, Strong, Table, TextError, Words
from record.text.differences import MOST_ON_A_PAGE, MOST_STEPS_EVER

GOLD = Path(os.environ.get("SAMPLES", Path(__file__).resolve().parents[3] / "shared")) / "gold" / "000.protocol.json"

PLAIN_PIECES = r"""**¤*¤***¤****¤ ¤- ¤-¤1. ¤2. ¤12.¤2020. ¤  ¤    ¤   - ¤# ¤## ¤### ¤\¤\\¤\*¤[¤]¤(¤)¤](¤|¤||
| --- |¤---¤:--¤[a](https://x.example/a_(b))¤[Vision](party:12)¤[§ 7](paragraph:5)¤(party:0)¤[**b** c](mailto:a@b.example)
[ V](party:1)¤[a\*](item:3)¤https://a.example/#x_y(z)¤a¤ord¤75%¤5 * 3¤•¤_¤`¤<b>¤&amp;¤.¤é¤“q”""".replace("\n", "¤").split("¤")
PLAIN_PIECES += ["| ", " | ", "\n", "\n\n", "\xa0", "\u2003", "\xad", "\uf0b7", "\uf0b7 ", "\t", "\r\n", "\u2028"]
plain_texts = st.lists(st.sampled_from(PLAIN_PIECES), max_size=25).map("".join)

HTML_PIECES = """<p>¤</p>¤<b>¤</b>¤<strong>¤<ul>¤</ul>¤<ol start=3>¤<ol>¤</ol>¤<li>¤</li>¤<br>¤<h2>¤</h2>¤<h4>¤</h4>
<table>¤<tr>¤<td>¤<th>¤</td>¤</tr>¤</table>¤<a href='https://x.example/a(b'>¤<a href='javascript:x'>¤<a href='MAILTO:a@b.example'>
</a>¤<span data-party=12>¤<span data-ref='item:3'>¤</span>¤<span style='font-weight:700'>¤<div>¤</div>¤<blockquote>¤&nbsp;¤&lt;
a¤b **c**¤ ¤  ¤- ¤1. ¤|¤[x](y)¤ord¤<p class=MsoListParagraph style='mso-list:l0 level2 lfo1'>¤·&nbsp; ¤1.&nbsp;¤\u200b
<script>x</script>¤<!-- c -->""".replace("\n", "¤")
html_texts = st.lists(st.sampled_from([*HTML_PIECES.split("¤"), "\n"]), max_size=25).map("".join)

quick = settings(max_examples=300, deadline=None, derandomize=True)


def cleaned(raw: str) -> str | None:
    try:
        return text.clean(raw)
    except TextError:
        return None


def letters(words: str) -> str:
    return "".join(filter(str.isalpha, words))


class PlainFormTests(SimpleTestCase):
    @quick
    @given(plain_texts)
    def test_what_is_written_reads_back_as_the_same_blocks(self, raw):
        for plain in filter(None, (raw, cleaned(raw))):
            blocks = text.parse(plain)
            self.assertEqual(text.parse(text.write(blocks)), blocks)

    @quick
    @given(plain_texts)
    def test_canonical_text_is_left_as_it_is(self, raw):
        if plain := cleaned(raw):
            canonical = text.canonical(plain)
            self.assertEqual(text.canonical(canonical), canonical)
            self.assertEqual(text.clean(canonical), canonical)
            self.assertEqual(text.stored(raw), canonical)

    @quick
    @given(st.text(max_size=200))
    def test_any_characters_at_all_can_be_read(self, raw):
        blocks = text.parse(raw)
        self.assertEqual(text.parse(text.write(blocks)), blocks)

    @quick
    @given(st.lists(st.sampled_from([piece for piece in PLAIN_PIECES if "](" not in piece]), max_size=25).map("".join))
    def test_every_letter_survives(self, raw):
        if plain := cleaned(raw.replace("](", "] (")):
            self.assertEqual(letters(text.to_words(plain)), letters(plain))

    def test_blocks(self):
        plain = (
            "## Rubrik\n\nEn rad\nen till\n\n### Under\n\n- a\n  - b\n    mer b\n- c\n\n3. tre\n4. fyra\n\n| A | B |\n| 1 | \\| |"
        )
        self.assertEqual(
            text.parse(plain),
            (
                Heading(2, (Words("Rubrik"),)),
                Paragraph((Words("En rad\nen till"),)),
                Heading(3, (Words("Under"),)),
                ListBlock(False, (Item((Words("a"),), ListBlock(False, (Item((Words("b\nmer b"),)),))), Item((Words("c"),)))),
                ListBlock(True, (Item((Words("tre"),)), Item((Words("fyra"),))), 3),
                Table((((Words("A"),), (Words("B"),)), ((Words("1"),), (Words("|"),)))),
            ),
        )
        self.assertEqual(text.canonical(plain), plain)

    def test_inlines(self):
        plain = "**Fet** och [sidan](https://a.example/x_(y)#z) av [Vision](party:12), se [§ 7](paragraph:5)."
        self.assertEqual(
            text.parse(plain)[0].inlines,
            (
                Strong((Words("Fet"),)),
                Words(" och "),
                Link((Words("sidan"),), "https://a.example/x_(y)#z"),
                Words(" av "),
                Party("Vision", 12),
                Words(", se "),
                Reference("§ 7", "paragraph", 5),
                Words("."),
            ),
        )
        self.assertEqual(text.canonical(plain), plain)

    def test_ordinary_sentences_need_no_escapes(self):
        for plain in (
            "5 * 3 = 15, 75% av *alla* [sic] (se not 1) – snake_case & C:\\temp",
            "Kl. 9\n– tankstreck\n• punkt\n#tagg\n-5 grader\n2020. Då",
            "https://a.example/Sidor/2013/2/Arbetsmiljo/#-strong-_x_(y)",
            "| ensamt streck\na | b",
            "12) nej\n+ plus\n> citat",
        ):
            with self.subTest(plain):
                self.assertEqual(text.stored(plain), plain)
                self.assertEqual(text.to_words(plain), plain)

    def test_words_that_look_like_markup_keep_their_escape(self):
        for plain, shown in (
            ("\\- inte punkt", "- inte punkt"),
            ("1\\. maj", "1. maj"),
            ("\\## nej", "## nej"),
            ("\\| a |", "| a |"),
            ("\\*\\*nej\\*\\*", "**nej**"),
            ("[a\\](https://x.example)", "[a](https://x.example)"),
        ):
            with self.subTest(plain):
                self.assertEqual(text.to_words(plain), shown)
                self.assertEqual(text.stored(plain), plain)

    def test_brackets_in_the_words_of_a_link_keep_their_escape(self):
        plain = "[a \\[sic\\]](https://x.example) [V \\] b](party:3)"
        self.assertEqual(text.stored(plain), plain)
        self.assertEqual(text.to_words(plain), "a [sic] (https://x.example) V ] b")

    def test_a_year_under_a_deep_numbered_item_is_not_the_next_item(self):
        plain = "\n".join([*("  " * depth + "- x" for depth in range(5)), "          999. a", "            1000\\. b"])
        self.assertEqual(text.canonical(plain), plain)
        self.assertEqual(text.to_words(plain).split("\n")[-1], "            1000. b")

    def test_a_list_item_ends_a_paragraph_and_a_blank_line_ends_a_list(self):
        self.assertEqual(text.canonical("Detta:\n- a\n- b\nslut\n\n1. x\n1. y"), "Detta:\n\n- a\n- b\n\nslut\n\n1. x\n\n1. y")

    def test_lists_are_six_deep_at_most(self):
        self.assertEqual(text.canonical("\n".join("  " * n + "- x" for n in range(9))).count("\n          - x"), 4)

    def test_a_rule_under_the_header_is_dropped_but_not_a_row_of_dashes_in_words(self):
        self.assertEqual(text.canonical("| a | b |\n|---|:--:|\n| 1 | 2 |"), "| a | b |\n| 1 | 2 |")
        self.assertEqual(text.canonical("| a |\n| \\--- |"), "| a |\n| \\--- |")

    def test_other_addresses_are_words(self):
        for plain in (
            "[x](javascript:alert(1))",
            "[x](/etc/passwd)",
            "[x](data:text/html,x)",
            "[x](party:0)",
            "[x](user:3)",
            "[V ](party:1)",
            "[](party:1)",
        ):
            with self.subTest(plain):
                self.assertEqual(text.to_words(plain), plain)


class CleanTests(SimpleTestCase):
    @quick
    @given(st.text(max_size=100))
    def test_cleaning_twice_changes_nothing_more(self, raw):
        if (once := cleaned(raw)) is not None:
            self.assertEqual(text.clean(once), once)

    def test_every_control_format_private_and_surrogate_character_is_refused(self):
        kept = {"\n", "\t", "\r", "\xad"} | set("\uf04a\uf0df\uf0e0\uf0e8\uf0f3")
        hidden = [c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs")]
        self.assertEqual([hex(ord(c)) for c in hidden if c not in kept and cleaned(f"a{c}b") is not None], [])

    def test_the_message_says_the_line_and_the_character(self):
        with self.assertRaises(TextError) as caught:
            text.clean("ett\ntvå\ntre \u202e fyra")
        self.assertEqual(
            str(caught.exception), "Rad 3: tecken som styr läsriktningen (U+202E) kan inte sparas. Ta bort det och spara igen."
        )
        self.assertEqual(caught.exception.line, 3)

    def test_too_long_is_refused(self):
        with self.assertRaises(TextError) as caught:
            text.clean("a" * 1_000_000)
        self.assertEqual(
            str(caught.exception),
            "Texten är för lång: 1 000 000 tecken, högst 300 000 får plats. Dela upp den eller lägg den som bilaga.",
        )

    def test_more_than_one_can_read_is_refused_with_the_bound_and_what_to_do(self):
        for raw, said in (
            ("a " * 60_000, r"120 000 tecken, högst 100 000 får plats. .*lägg den som bilaga"),
            ("a\n" * 5_000 + "a", r"5 001 rader, högst 5 000 får plats. .*lägg den som bilaga"),
            ("| a | b |\n" * 2_000, r"celler, högst 5 000 får plats. Lägg tabellen som bilaga"),
            ("a " + "b" * 2_001, r"Ett ord i texten har 2 001 tecken, högst 2 000 får plats. Dela upp ordet"),
        ):
            with self.assertRaisesRegex(TextError, said):
                text.written(raw)
            self.assertTrue(text.stored(raw))  # what is there since before can still be saved
        whole = "ord " * 20_000
        self.assertEqual(text.written(whole), text.stored(whole))

    def test_line_ends_spaces_and_symbol_font_bullets(self):
        raw = "\na\u0308 \r\n\uf0b7\tett\u2029tv\u00e5\u2028tre\xa0\n\uf0d8fyra \uf0e0 fem\n\n"
        self.assertEqual(text.clean(raw), "ä\n- ett\n\ntvå\ntre\n- fyra → fem")

    def test_soft_hyphens_and_no_break_spaces_stay(self):
        self.assertEqual(text.stored("för\xadvaltning § 7"), "för\xadvaltning § 7")

    def test_a_line_is_one_line(self):
        self.assertEqual(text.stored_line("  Möte \r\n i  april\n"), "Möte i april")


class HtmlTests(SimpleTestCase):
    @quick
    @given(plain_texts)
    def test_the_editor_gives_back_what_it_was_given(self, raw):
        if plain := cleaned(raw):
            canonical = text.canonical(plain)
            self.assertEqual(text.from_html(text.to_editor_html(canonical)), canonical)

    @quick
    @given(html_texts)
    def test_any_html_becomes_canonical_text(self, html):
        plain = text.from_html(html)
        self.assertEqual(text.stored(plain), plain)
        self.assertEqual(text.from_html(text.to_editor_html(plain)), plain)

    @quick
    @given(plain_texts)
    def test_words_never_become_tags(self, raw):
        known = (
            r"</?(?:p|h[34]|ul|ol|li|strong|table|thead|tbody|tr|td|th|span|a|br)(?: (?:href|scope|class|start)=\"[^\"<>]*\")?>"
        )
        html = text.to_html(raw.replace("a", "<script>&\"'"))
        self.assertEqual(re.sub(known, "", html).count("<"), 0)

    def test_html_for_a_page(self):
        plain = (
            "### Först\n\n## Rubrik\n\n### Under\n\n[Vision](party:12) och [§ 7](paragraph:5) och [nr 2](item:9)\n"
            "a@b.example, (https://c.example/d_(e)).\n\n3. x\n   - y\n\n| A |  |\n| 1 |"
        )
        known = {("paragraph", 5): ("/mote/1/#p5", "§ 8"), ("party", 12): ("", "Vision & co")}
        self.assertHTMLEqual(
            text.to_html(plain, resolve=lambda kind, id: known.get((kind, id))),
            '<h3>Först</h3><h3>Rubrik</h3><h4>Under</h4><p><span class="party">Vision &amp; co</span> och '
            '<a href="/mote/1/#p5">§ 8</a> och nr 2<br><a href="mailto:a@b.example">a@b.example</a>, '
            '(<a href="https://c.example/d_(e)">https://c.example/d_(e)</a>).</p><ol start="3"><li>x<ul><li>y</li></ul></li></ol>'
            '<table><thead><tr><th scope="col">A</th><td></td></tr></thead><tbody><tr><td>1</td><td></td></tr></tbody></table>',
        )

    def test_addresses_are_escaped(self):
        self.assertEqual(
            text.to_html("[x](https://a.example/?b=1&c='2')"), '<p><a href="https://a.example/?b=1&amp;c=&#x27;2&#x27;">x</a></p>'
        )

    def test_lists_in_html_keep_every_item_however_deep(self):
        plain = text.from_html("<ul><li>x" * 300)
        self.assertEqual((plain.count("- x"), max(line.index("-") for line in plain.split("\n"))), (300, 10))

    def test_headings_start_where_the_page_says(self):
        self.assertEqual(text.to_html("## A\n\n### B", heading_base=2), "<h2>A</h2>\n<h3>B</h3>")

    def test_a_resolved_address_is_never_a_script(self):
        self.assertEqual(text.to_html("[a](item:1)", resolve=lambda kind, id: ("javascript:x", "b")), "<p>b</p>")

    def test_editor_html(self):
        for html, plain in (
            ("<p>a</p><p></p><p>b<br>c<br class='x'></p>", "a\n\nb\nc"),
            ("<h1>A</h1><h6>B</h6>", "## A\n\n### B"),
            ("<ul><li><p>a</p><ol start='2'><li><p>b</p></li></ol></li><li><p></p></li></ul>", "- a\n  2. b\n-"),
            ("<b> a </b>b<strong>c</strong>", "**a** b**c**"),
            ("<table><tr><th><p>A</p></th><th>B | C</th></tr><tr><td>1<br>2</td></tr></table>", "| A | B \\| C |\n| 1 2 |"),
            (
                "<p><span data-party='12'>Vision</span> <span data-ref='claim:3'>att 2</span></p>",
                "[Vision](party:12) [att 2](claim:3)",
            ),
            ("<a href='HTTPS://a.example/(b'>x</a> <a href='javascript:y'>z</a>", "[x](https://a.example/%28b) z"),
            ("<a href='https://x.example'>a<span data-party='1'>b</span></a>", "[ab](https://x.example)"),
            ("<blockquote><div>a</div>b</blockquote><em>c</em> <u>d</u>", "a\n\nb\n\nc d"),
            ("a<script>x</script><style>y</style><!-- z --><img alt=w onerror=v>b", "ab"),
            ("a<br><br>b", "a\n\nb"),
            ("<p>- inte punkt</p><p>**x** 1. y</p>", "\\- inte punkt\n\n\\*\\*x\\*\\* 1. y"),
            ("<ul><li>a<ul><li>b</li></ul>c</li></ul>", "- a\n  - b\n- c"),
            ("<b style='font-weight:normal'>a<span style='font-weight:700'>b</span></b>", "a**b**"),
            ("x\u200by\ufeff", "xy"),
            ("<p></p>", ""),
        ):
            with self.subTest(html):
                self.assertEqual(text.from_html(html), plain)

    def test_no_character_takes_the_place_of_another(self):
        """Those that the sanitiser reads under other names are the same again afterwards."""
        latin = "".join(map(chr, range(0xA1, 0xC0)))
        self.assertEqual(text.from_html(f"<p>a\u00a0b {latin}</p>"), f"a\u00a0b {latin}")
        self.assertEqual(text.from_html("<p>&sect;&nbsp;&#167;</p>"), "§\u00a0§")
        self.assertEqual(text.from_html('<a href="https://a.example/§»">x</a>'), "[x](https://a.example/§»)")
        for hidden in ("\ufdd7", "\ufdef", "\x85"):
            with self.assertRaises(TextError):
                text.from_html(f"<p>a{hidden}b</p>")

    def test_hidden_characters_are_refused_in_html_too(self):
        for html in ("<p>a\u202eb</p>", "<p>a&#x202e;b</p>", "<p>a&#7;b</p>"):
            with self.subTest(html), self.assertRaises(TextError):
                text.from_html(html)

    def test_paste_from_word(self):
        def item(level, marker, words):
            return (
                f"<p class=MsoListParagraphCxSpMiddle style='mso-list:l0 level{level} lfo1'><![if !supportLists]>"
                f"<span style='font-family:Symbol'><span style='mso-list:Ignore'>{marker}<span style='font:7.0pt Times'>"
                f"&nbsp;&nbsp;&nbsp;\n</span></span></span><![endif]>{words}<o:p></o:p></p>\n"
            )

        html = (
            '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!-- p.MsoNormal {margin:0} --></style>'
            "<!--[if gte mso 9]><xml><w:WordDocument><w:View>Normal</w:View></w:WordDocument></xml><![endif]--></head><body>"
            "<h1>Rubrik<o:p></o:p></h1><p class=MsoNormal><b>Fet</b> text\nsom <i>radbryts</i>.<o:p></o:p></p>"
            + item(1, "·", "Första <b>punkten</b>")
            + item(2, "o", "Under")
            + item(1, "§", "Sista")
            + "<p class=MsoNormal><o:p>&nbsp;</o:p></p>"
            + item(1, "1.", "Ett")
            + item(1, "2.", "Två")
            + "<table class=MsoTableGrid border=1><tr><td width=100><p class=MsoNormal>Grupp</p></td><td><p>Antal</p></td></tr>"
            "<tr><td><p>A</p><p>B</p></td><td><p>3</p></td></tr></table>"
            '<p class=MsoNormal>Se <a href="https://a.example/?a=1&amp;b=2">sidan</a></p></body></html>'
        )
        self.assertEqual(
            text.from_html(html),
            "## Rubrik\n\n**Fet** text som radbryts.\n\n- Första **punkten**\n  - Under\n- Sista\n\n1. Ett\n2. Två\n\n"
            "| Grupp | Antal |\n| A B | 3 |\n\nSe [sidan](https://a.example/?a=1&b=2)",
        )


class WordsTests(SimpleTestCase):
    def test_plain_words(self):
        self.assertEqual(
            text.to_words("## A\n\n**b** [c](https://d.example) [mejl](mailto:e@f.example)\n\n- g\n  2. h\n\n| i | j |"),
            "A\n\nb c (https://d.example) mejl (e@f.example)\n\n- g\n  2. h\n\ni\tj",
        )

    def test_references_in_order(self):
        plain = "[V](party:2) **[§ 1](paragraph:9)**\n\n- [b](appendix:1)\n  - [c](claim:4)\n\n| [d](motion:5) |"
        self.assertEqual(text.references(plain), [("party", 2), ("paragraph", 9), ("appendix", 1), ("claim", 4), ("motion", 5)])

    def test_resolved_text_carries_the_words(self):
        names = {("party", 2): "**Nya**\nVision", ("paragraph", 9): "§ 8"}
        plain = text.resolve("[V](party:2) enl. **[§ 1](paragraph:9)** och [b](item:1)", lambda kind, id: names.get((kind, id)))
        self.assertEqual(plain, "\\*\\*Nya\\*\\* Vision enl. **§ 8** och b")

    @quick
    @given(plain_texts)
    def test_resolved_text_is_canonical_and_refers_to_nothing(self, raw):
        if plain := cleaned(raw):
            resolved = text.resolve(plain, lambda kind, id: "- 1. **")
            self.assertEqual(text.canonical(resolved), resolved)
            self.assertEqual(text.references(resolved), [])


class DiffTests(SimpleTestCase):
    pieces = st.lists(st.sampled_from(["a", "b", " ", "\n", "c "]), max_size=30).map("".join)

    @quick
    @given(pieces, pieces)
    def test_both_texts_can_be_read_out_of_the_changes(self, old, new):
        changes = text.diff(old, new)
        self.assertEqual("".join(change.text for change in changes if change.kind != "added"), old)
        self.assertEqual("".join(change.text for change in changes if change.kind != "removed"), new)

    def test_changed_words(self):
        changes = [(change.kind, change.text) for change in text.diff("Mötet hålls i maj.", "Mötet hölls i maj 2020.")]
        self.assertEqual(
            changes,
            [("same", "Mötet "), ("removed", "hålls"), ("added", "hölls"), ("same", " i maj"), ("added", " 2020"), ("same", ".")],
        )

    def test_what_is_too_long_or_too_different_is_told_as_another_text_within_its_steps(self):
        old, new = (" ".join(f"{name}{number}" for number in range(100_000)) for name in "ab")
        for texts in ((old[:200_000], new[:200_000]), (old, new)):
            effort = Effort()
            changes = text.diff(*texts, effort=effort)
            self.assertEqual([(change.kind, change.text) for change in changes], [("removed", texts[0]), ("added", texts[1])])
            self.assertLess(MOST_ON_A_PAGE - effort.left, 2 * MOST_STEPS_EVER)  # its words and steps, by words and by lines

    def test_a_long_text_with_few_changes_is_compared_to_its_end(self):
        old = " ".join(f"ord{number}" for number in range(20_000))
        changes = text.diff(old, old.replace("ord7 ", "bord7 ").replace("ord19991 ", "bord19991 "))
        self.assertEqual([change.text for change in changes if change.kind == "added"], ["bord7", "bord19991"])

    def test_the_comparisons_of_a_page_share_what_they_may_take(self):
        effort, told = Effort(left=100), []
        for _ in range(50):
            changes = text.diff("hej du här", "hej du där", effort=effort)
            self.assertEqual("".join(change.text for change in changes if change.kind != "added"), "hej du här")
            self.assertEqual("".join(change.text for change in changes if change.kind != "removed"), "hej du där")
            told.append(len(changes))
        self.assertEqual((told[0], told[-1]), (3, 2))  # word by word, and at last as another text
        self.assertGreater(effort.left, -100)

    def test_html_says_in_words_what_happened(self):
        self.assertEqual(
            text.diff_html("<b> a", "<b> c"),
            '&lt;b&gt; <del><span class="visually-hidden">borttaget: </span>a</del>'
            '<ins><span class="visually-hidden">tillagt: </span>c</ins>',
        )


# No figure of speed: a reader that is not linear needs minutes for these texts.
# Seconds of processor time, whatever else the machine does.
HANGS = 15


@tag("slow")
class TimeTests(SimpleTestCase):
    """Limits far above what linear work takes, and far below what quadratic work would."""

    pieces = [
        "**a",
        "**a ",
        "[",
        "[]",
        "[a](http://",
        "[](http://x",
        "(a)",
        "- a\n",
        "||\n",
        "|a",
        "\\",
        "a \n",
        "* ",
        "[**a**",
        "a.",
        "a@",
        "http://x/",
        "[x](party:1)",
        "a",
    ]

    def test_hostile_text_is_read_in_linear_time(self):
        for piece in self.pieces:
            for prefix, suffix in (("", ""), ("[x](http://x", ")"), ("|", "|")):
                plain = (prefix + piece * (40_000 // len(piece)) + suffix)[: text.LONGEST]
                started = time.process_time()
                text.canonical(plain)
                text.to_html(plain)
                text.resolve(plain, lambda kind, id: "x")
                with self.subTest(piece=piece, prefix=prefix):
                    self.assertLess(time.process_time() - started, HANGS)

    def test_hostile_html_is_refused_or_read_in_time(self):
        for html in (
            "<div>" * 99_000,
            "<ul><li>a" * 49_000,
            "<p><b>a" * 30_000,
            "<!--" * 90_000,
            "<!----!>" + "<div>" * 39_000,
            "&" * 900_000,
            "<td>" * 39_000,
            "§ " * 700_000,  # all that is written with the first byte of a no-break space
            "\u00a0" * 1_400_000,
            "<p class='\u00ad\u00bb" * 39_000,
        ):
            started = time.process_time()
            with contextlib.suppress(TextError):
                text.from_html(html)
            with self.subTest(html[:9]):
                self.assertLess(time.process_time() - started, HANGS)

    def test_formatting_that_is_written_anew_in_every_paragraph_is_refused_before_it_is(self):
        bold = [f"<b style='x:{n}'>" for n in range(490)]
        for html in (
            "<p>" + "".join(bold) + "<p>x" * 1_000,
            "".join(f"{one}<p title='</b>'>" for one in bold * 3),  # what stands in an attribute closes nothing
            "".join(f"{one}<p><! </b>" for one in bold * 3),
            "".join(f"{one}<p><!-- --></!b></ b>" for one in bold * 3),
        ):
            with self.subTest(html[-20:]), mock.patch("record.text.html_in.nh3.clean") as make:
                self.assertRaises(TextError, text.plain_of, html)
                make.assert_not_called()

    def test_what_a_tag_is_and_what_is_words(self):
        for html, plain in (
            ("a < b <3 <> c", "a < b <3 <> c"),
            ("<p title='a>b' class=x/>a</p ><p =\"><b>b</b></p>", "a\n\n**b**"),
            ("<style><!-- p { x } --></style>a<script>'<b>'</script><xmp>b</xmp>", "ab"),
            ("a<!-->b<!--->c<!-- d --!>e<![if x]>f<!-- g", "abcef"),
            ("<title>a</title>b<svg><title>c</title></svg>d<b", "bd"),
        ):
            with self.subTest(html):
                self.assertEqual(text.plain_of(html), plain)

    def test_long_and_different_texts_are_compared_in_time(self):
        started = time.process_time()
        text.diff("a " * 100_000, "b " * 100_000)
        self.assertLess(time.process_time() - started, HANGS)

    def test_texts_that_are_alike_in_every_place_are_compared_in_time(self):
        """Each of many tries would follow the texts to their end."""
        one, other = (" ".join(f"{name}{number}" for number in range(300)) for name in "xy")
        tail = "a b " * 20_000
        started = time.process_time()
        text.diff(f"{one} {tail} slut", f"{other} {tail} början")
        text.merge(f"{tail}. ", f"{one}. {tail}. ", f"{other}. {tail}. ")
        self.assertLess(time.process_time() - started, HANGS)

    def test_a_table_is_not_blown_up_by_one_long_row(self):
        plain = "|" * 41 + "\n||" * 9_000
        self.assertLess(len(text.to_html(plain)), 10 * len(plain))


@unittest.skipUnless(GOLD.exists(), f"the sample protocol {GOLD.name} is not there")
class SampleTests(SimpleTestCase):
    def test_every_text_of_the_sample_is_canonical_already(self):
        def texts(value):
            if isinstance(value, str):
                yield value
            elif isinstance(value, dict | list):
                for inner in value.values() if isinstance(value, dict) else value:
                    yield from texts(inner)

        plain = list(texts(json.loads(GOLD.read_text(encoding="utf-8"))))
        self.assertGreater(len(plain), 300)
        self.assertEqual([t for t in plain if text.stored(t) != t], [])
        self.assertEqual([t for t in plain if text.from_html(text.to_editor_html(t)) != t], [])
