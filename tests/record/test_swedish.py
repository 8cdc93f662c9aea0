"""Words put together as Swedish wants them."""

from django.test import SimpleTestCase

from record.swedish import capital, ended, folded, genitive, join


class WordTests(SimpleTestCase):
    def test_genitives(self):
        for name, wanted in (
            ("LR", "LRs"),
            ("SACO", "SACOs"),
            ("Vision", "Visions"),
            ("Lärarnas", "Lärarnas"),
            ("Lärarnas Riksförbund", "Lärarnas Riksförbunds"),
            ("Sax", "Sax"),
            ("Franz", "Franz"),
        ):
            self.assertEqual(genitive(name), wanted)

    def test_lists_of_none_one_two_and_many(self):
        self.assertEqual([join("ABC"[:count]) for count in range(4)], ["", "A", "A och B", "A, B och C"])

    def test_the_beginning_and_the_end_of_a_sentence(self):
        self.assertEqual([capital(words) for words in ("", "åtta", "LR yrkar")], ["", "Åtta", "LR yrkar"])
        self.assertEqual([ended(words) for words in ("", "Klart", "Klart.", "Klart?")], ["", "Klart.", "Klart.", "Klart?"])

    def test_only_the_words_count_when_one_text_is_looked_for_in_another(self):
        self.assertIn(folded("Lokaler, våren"), folded("- LOKALER\nvåren 2027"))
