"""Joining two texts: what both have written is there, and nothing is decided for anybody."""

import time

from django.test import SimpleTestCase
from hypothesis import given
from hypothesis import strategies as st

from record.text import apart, canonical, merge

SENTENCES = st.lists(st.sampled_from(["Ett.", "Två.", "Tre!", "Fyra?", "Fem utan punkt", "- sex", "- sju"]), max_size=8)
TEXTS = SENTENCES.map(lambda parts: canonical("\n\n".join(parts)))


class MergeTests(SimpleTestCase):
    def test_different_sentences_of_one_paragraph_are_joined(self):
        base = "Vision undrade om lokalen. Förvaltningen svarade. Frågan är klar."
        mine = "Vision undrade om lokalen på Storgatan. Förvaltningen svarade. Frågan är klar."
        theirs = "Vision undrade om lokalen. Förvaltningen svarade. Frågan tas upp igen."
        both = "Vision undrade om lokalen på Storgatan. Förvaltningen svarade. Frågan tas upp igen."
        self.assertEqual(merge(base, mine, theirs), both)

    def test_the_same_sentence_is_left_to_the_person(self):
        self.assertIsNone(merge("Lokalen är klar.", "Lokalen är klar i maj.", "Lokalen är inte klar."))
        self.assertIsNone(merge("Ett. Två.", "Ett.", "Ett. Två och tre."))

    def test_what_both_add_at_the_end_stands_in_the_order_it_was_saved(self):
        self.assertEqual(merge("Ett.", "Ett. Mitt.", "Ett. Deras."), "Ett. Deras. Mitt.")
        self.assertEqual(merge("Ett.", "Ett.\n\nMitt.", "Ett.\n\nDeras."), "Ett.\n\nDeras.\n\nMitt.")
        self.assertEqual(merge("", "Mitt.", "Deras."), "Deras.\n\nMitt.")

    def test_changes_that_touch_are_told_from_those_that_do_not(self):
        base = "Ett. Två. Tre."
        self.assertTrue(apart(base, "Ett. Två. Tre. Fyra.", "Noll. Två. Tre."))
        self.assertTrue(apart(base, base, "Noll. Två. Tre."))
        self.assertTrue(apart(base, "Ett. Två. Tre!", "Ett. Två. Tre!"))
        self.assertFalse(apart(base, "Ett. Två. Tre. Fyra.", "Ett. Två. Tre. Fem."))
        self.assertFalse(apart("", "Mitt.", "Ditt."))
        self.assertFalse(apart(base, "Ett. Två! Tre.", "Ett. Två? Tre."))

    def test_the_same_change_is_made_once(self):
        self.assertEqual(merge("Ett.", "Ett. Två.", "Ett. Två."), "Ett. Två.")

    def test_items_of_a_list_and_rows_of_a_table_stay_what_they_are(self):
        self.assertEqual(merge("- a\n- b\n- c", "- a1\n- b\n- c", "- a\n- b\n- c3"), "- a1\n- b\n- c3")
        self.assertEqual(
            merge("| a | b |\n| c | d |", "| a1 | b |\n| c | d |", "| a | b |\n| c | d2 |"), "| a1 | b |\n| c | d2 |"
        )

    @given(TEXTS, TEXTS)
    def test_one_who_changed_nothing_takes_nothing_away(self, base, changed):
        self.assertEqual(merge(base, base, changed), changed)
        self.assertEqual(merge(base, changed, base), changed)
        self.assertEqual(merge(base, changed, changed), changed)

    @given(TEXTS, TEXTS, TEXTS)
    def test_every_sentence_that_was_added_is_there(self, base, mine, theirs):
        both = merge(base, mine, theirs)
        if both is not None:
            self.assertEqual(canonical(both), both)
            for added in {*mine.split("\n"), *theirs.split("\n")} - {*base.split("\n")}:
                self.assertIn(added.removeprefix("- "), both)

    def test_long_texts_are_joined_in_little_time_or_not_at_all(self):
        began = time.monotonic()
        base = "En mening till. " * 20_000
        self.assertEqual(merge(base, base + "Mitt.", "Deras. " + base), canonical("Deras. " + base + "Mitt."))
        merge(base, "Annat. " * 20_000, "Helt annat. " * 20_000)
        self.assertLess(time.monotonic() - began, 20)
