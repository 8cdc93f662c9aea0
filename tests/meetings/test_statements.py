"""Sentences of a text, and who said what in them: the tricky ways that Swedish minutes are written."""

from types import SimpleNamespace

from django.test import SimpleTestCase
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.language import statements
from record.text import to_words

V, LF, BF = "[Vision](party:1)", "[Lövförbundet](party:2)", "[Barrfacket](party:3)"


def words(text):
    return [sentence.text for sentence in statements.sentences(text)]


def said(text):
    return [(one.parties, one.speakers, one.verb) for one in statements.statements(text)]


class SentenceTests(SimpleTestCase):
    def test_where_a_sentence_ends(self):
        for text, expected in {
            "Ett. Två! Tre? Fyra…": ["Ett.", "Två!", "Tre?", "Fyra…"],
            "Mötet börjar kl. 9 i sal 3. Sedan äter vi.": ["Mötet börjar kl. 9 i sal 3.", "Sedan äter vi."],
            "Vi tog upp t.ex. Cykelstallet och bl.a. Taket.": ["Vi tog upp t.ex. Cykelstallet och bl.a. Taket."],
            "Lås, nycklar m.m. Taket läcker.": ["Lås, nycklar m.m.", "Taket läcker."],
            "A. Ek talade. B. Alm teg.": ["A. Ek talade.", "B. Alm teg."],
            "Han sade ”nej.” Hon sade ja.": ["Han sade ”nej.”", "Hon sade ja."],
            "Kostnaden är 1.5 miljoner. 12 enheter berörs.": ["Kostnaden är 1.5 miljoner.", "12 enheter berörs."],
            "Raden bryts\nmitt i.": ["Raden bryts mitt i."],
            "Vision undrade\nLF svarade": ["Vision undrade", "LF svarade"],
            "## Rubrik\n\nText.": ["Text."],
            "- ett löfte\n- två löften\n  1. ett till": ["ett löfte", "två löften", "ett till"],
            "| Vem | Vad |\n| LF | Lagar taket. Nu. |": ["Vem", "Vad", "LF", "Lagar taket.", "Nu."],
            "": [],
        }.items():
            with self.subTest(text):
                self.assertEqual(words(text), expected)

    @settings(max_examples=80, deadline=None, derandomize=True)
    @given(st.text(alphabet="Aab. \n!?”()-1§[]*|t.ex", max_size=80))
    def test_no_word_is_lost_between_the_sentences(self, text):
        letters = "".join(character for character in to_words(text) if character.isalpha())
        self.assertEqual("".join(c for one in statements.sentences(text) if one for c in one.text if c.isalpha()), letters)

    def test_two_writings_of_a_sentence_have_one_key(self):
        self.assertEqual(statements.key("Frågan  utreds."), statements.key("”frågan utreds”"))
        self.assertNotEqual(statements.key("Frågan utreds."), statements.key("Frågan utreds inte."))
        self.assertRegex(statements.token("Frågan utreds."), "^[0-9a-f]{16}$")


class StatementTests(SimpleTestCase):
    def test_who_said_what(self):
        for text, expected in {
            f"{V} undrade om tiden.": [((1,), ("Vision",), "undrade om")],
            f"**{V}** påpekade även att det drar.": [((1,), ("Vision",), "påpekade att")],
            f"{V}, {LF} och {BF} tyckte att förslaget är bra.": [
                ((1, 2, 3), ("Vision", "Lövförbundet", "Barrfacket"), "tyckte att")
            ],
            f"{V} stödjer {LF}s yrkande.": [((1,), ("Vision",), "stödjer")],
            f"{V}: Positivt att taket lagas.": [((1,), ("Vision",), None)],
            f"Vidare framförde {LF} en önskan om nya lås.": [((2,), ("Lövförbundet",), "framförde")],
            f"På frågan svarade {LF} nej.": [((2,), ("Lövförbundet",), "svarade")],
            f"{V}, genom Ulla Ek, ställde frågan om lön.": [((1,), ("Vision",), "ställde frågan om")],
            f"{V} (huvudskyddsombudet) tar med sig frågan.": [((1,), ("Vision",), "tar med sig frågan")],
            f"{V} ställde sig bakom förslaget.": [((1,), ("Vision",), "ställde sig bakom")],
            f"- {V} frågade om låsen. {LF} höll med.": [((1,), ("Vision",), "frågade om"), ((2,), ("Lövförbundet",), "höll")],
            # Not a party that speaks.
            f"{V}s ordförande sade nej.": [],
            f"Förvaltningen svarade {V} att taket lagas.": [],
            f"Skrivelsen från {V} lades till handlingarna.": [],
            f"{V} och {LF}.": [],
            f"## {V} undrade om tiden": [],
            "Vision undrade om tiden.": [],
        }.items():
            with self.subTest(text):
                self.assertEqual(said(text), expected)

    def test_names_and_references_are_given_their_words(self):
        names = {("party", 1): "Vision Stockholm", ("paragraph", 9): "§ 4"}
        found = statements.statements(f"{V} hänvisade till [§ 9](paragraph:9).", lambda kind, pk: names.get((kind, pk)))
        self.assertEqual(found[0].sentence, "Vision Stockholm hänvisade till § 4.")
        self.assertEqual(found[0].speakers, ("Vision Stockholm",))

    def test_a_question_is_no_promise(self):
        asks = [statements.asks(one) for one in statements.sentences(f"{V} undrade om det utreds. {V} tar med sig frågan.")]
        self.assertEqual(asks, [True, False])


class SearchTests(SimpleTestCase):
    def test_each_paragraph_is_marked_with_those_who_spoke_there(self):
        rows = [
            SimpleNamespace(paragraph=3, speakers=("Vision", "Lövförbundet")),
            SimpleNamespace(paragraph=3, speakers=("Vision",)),
            SimpleNamespace(paragraph=None, speakers=("Vision",)),
        ]
        self.assertEqual(statements.marks(rows), {3: "¶sagt:vision¶\n¶sagt:lövförbundet¶"})
        self.assertEqual(statements.mark(" Vision  Stockholm "), "¶sagt:vision stockholm¶")
