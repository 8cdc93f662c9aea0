"""Sentences about motions, as the protocols write them."""

from django.test import SimpleTestCase

from motions import phrases


class PhraseTests(SimpleTestCase):
    def test_names_in_running_text(self) -> None:
        self.assertEqual(
            [phrases.join(names) for names in ([], ["A"], ["A", "B"], ["A", "B", "C"])], ["", "A", "A och B", "A, B och C"]
        )
        self.assertEqual([phrases.genitive(name) for name in ("LR", "Vision", "Lärarnas")], ["LRs", "Visions", "Lärarnas"])

    def test_support(self) -> None:
        self.assertEqual(phrases.support(["Lövförbundet", "BF"], "TF"), "Lövförbundet och BF stödjer TFs yrkande.")
        self.assertEqual(phrases.support(["BF"], "Ekfackets"), "BF stödjer Ekfackets yrkande.")
        self.assertEqual(phrases.support(["LF", "BF", "TF"], "Max"), "LF, BF och TF stödjer Max yrkande.")
        self.assertEqual(phrases.support([], "TF"), "")

    def test_the_label_says_the_verdict_unless_the_answer_does(self) -> None:
        label = phrases.answer_label
        self.assertEqual(label("granted", "", "förvaltningen"), "Förvaltningens svar: yrkandet bifalls.")
        self.assertEqual(label("granted", "Yrkandet bifalls från maj.", "förvaltningen"), "Förvaltningens svar:")
        self.assertEqual(label("rejected", None, "arbetsgivaren"), "Arbetsgivarens svar: yrkandet avslås.")
        self.assertEqual(label("answered", "Utreds.", "förvaltningen"), "Besvaras:")
        self.assertEqual(label("answered", "", "förvaltningen"), "Yrkandet besvarades.")
        self.assertEqual(label("withdrawn", "", "förvaltningen"), "Yrkandet återtogs.")
        self.assertEqual(label(None, None, "förvaltningen"), "")

    def test_the_answer_follows_its_label(self) -> None:
        self.assertEqual(phrases.answer_text("Besvaras:", "Ja."), "**Besvaras:** Ja.")
        self.assertEqual(phrases.answer_text("Besvaras:", "- a\n- b"), "**Besvaras:**\n\n- a\n- b")
        self.assertEqual(phrases.answer_text("Yrkandet återtogs.", ""), "**Yrkandet återtogs.**")
        self.assertEqual(phrases.answer_text("", ""), "")

    def test_headings(self) -> None:
        self.assertEqual(phrases.motion_heading("motion", "LF", "Lokaler", 2), "2. Lokaler")
        self.assertEqual(phrases.motion_heading("statement", "LF", "Lokaler"), "Särskilt yttrande från LF: Lokaler")
        self.assertEqual(phrases.motion_heading("motion", "LF", None), "Yrkande från LF")
