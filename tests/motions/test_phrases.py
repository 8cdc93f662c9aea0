"""Sentences about motions, as the protocols write them."""

from django.test import SimpleTestCase

from motions import spoken


class PhraseTests(SimpleTestCase):
    def test_support(self) -> None:
        self.assertEqual(spoken.support(["Lövförbundet", "BF"], "TF"), "Lövförbundet och BF stödjer TFs yrkande.")
        self.assertEqual(spoken.support(["BF"], "Ekfackets"), "BF stödjer Ekfackets yrkande.")
        self.assertEqual(spoken.support(["LF", "BF", "TF"], "Max"), "LF, BF och TF stödjer Max yrkande.")
        self.assertEqual(spoken.support([], "TF"), "")

    def test_the_label_says_the_verdict_unless_the_answer_does(self) -> None:
        label = spoken.answer_label
        self.assertEqual(label("granted", "", "förvaltningen"), "Förvaltningens svar: yrkandet bifalls.")
        self.assertEqual(label("granted", "Yrkandet bifalls från maj.", "förvaltningen"), "Förvaltningens svar:")
        self.assertEqual(label("rejected", None, "arbetsgivaren"), "Arbetsgivarens svar: yrkandet avslås.")
        self.assertEqual(label("partly_granted", "Yrkandet bifalls delvis: i maj.", "förvaltningen"), "Förvaltningens svar:")
        self.assertEqual(label("rejected", "Förvaltningen avslår yrkandet.", "förvaltningen"), "Förvaltningens svar:")
        self.assertEqual(label("tabled", "yrkandet bordläggs till nästa möte.", "förvaltningen"), "Förvaltningens svar:")
        self.assertEqual(label("answered", "Utreds.", "förvaltningen"), "Besvaras:")
        self.assertEqual(label("answered", "", "förvaltningen"), "Yrkandet besvarades.")
        self.assertEqual(label("withdrawn", "", "förvaltningen"), "Yrkandet återtogs.")
        self.assertEqual(label(None, None, "förvaltningen"), "")

    def test_the_same_words_about_something_else_do_not_take_the_verdict_away(self) -> None:
        label = spoken.answer_label
        for outcome, answer, verdict in (
            ("partly_granted", "Lokalerna är delvis renoverade redan.", "yrkandet bifalls delvis."),
            ("rejected", "Ett liknande yrkande avslogs 2019.", "yrkandet avslås."),
            ("granted", "Det som inte bifölls i våras ryms nu.", "yrkandet bifalls."),
            ("tabled", "Ärendet bordlades även förra gången.", "yrkandet bordläggs."),
        ):
            self.assertEqual(label(outcome, answer, "förvaltningen"), f"Förvaltningens svar: {verdict}")

    def test_the_answer_follows_its_label(self) -> None:
        self.assertEqual(spoken.answer_text("Besvaras:", "Ja."), "**Besvaras:** Ja.")
        self.assertEqual(spoken.answer_text("Besvaras:", "- a\n- b"), "**Besvaras:**\n\n- a\n- b")
        self.assertEqual(spoken.answer_text("Yrkandet återtogs.", ""), "**Yrkandet återtogs.**")
        self.assertEqual(spoken.answer_text("", ""), "")

    def test_headings(self) -> None:
        self.assertEqual(spoken.motion_heading("motion", "LF", "Lokaler", 2), "2. Lokaler")
        self.assertEqual(spoken.motion_heading("statement", "LF", "Lokaler"), "Särskilt yttrande från LF: Lokaler")
        self.assertEqual(spoken.motion_heading("motion", "LF", None), "Yrkande från LF")
