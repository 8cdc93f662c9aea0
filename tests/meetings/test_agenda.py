"""Order and numbers: always 1 to n without gaps, whatever is moved, added or taken away."""

from django.test import SimpleTestCase, TestCase
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as PropertyTestCase

from meetings.actions import agenda, placing, promises
from meetings.models import Appendix, Commitment, Item, Paragraph, Proposal
from meetings.reading.numbering import has_content, moved, numbered
from record.moves import Refused, Stale
from tests import factories as make
from tests.cast import Cast


class MovedTests(SimpleTestCase):
    @settings(max_examples=200, derandomize=True)
    @given(st.lists(st.integers(), unique=True, min_size=1, max_size=20), st.data())
    def test_the_same_ids_with_one_moved_so_many_places(self, ids, data):
        pk, steps = data.draw(st.sampled_from(ids)), data.draw(st.integers(-25, 25))
        order = moved(ids, pk, by=steps)
        self.assertEqual(sorted(order), sorted(ids))
        self.assertEqual([one for one in order if one != pk], [one for one in ids if one != pk])
        self.assertEqual(order.index(pk), min(max(ids.index(pk) + steps, 0), len(ids) - 1))


STEPS = st.lists(st.tuples(st.sampled_from(["up", "down", "add", "remove", "fill"]), st.integers(0, 40)), min_size=1, max_size=8)


class NumberingTests(PropertyTestCase):
    @settings(max_examples=15, derandomize=True, deadline=None)
    @given(steps=STEPS, drop=st.booleans())
    def test_what_is_printed_is_numbered_one_to_n_without_gaps(self, steps, drop):
        cast = Cast()
        cast.group.empty_paragraphs = "drop" if drop else "keep"
        cast.group.save()
        meeting = cast.meeting()
        for step, at in steps:
            paragraphs = list(meeting.paragraphs.all())
            row = paragraphs[at % len(paragraphs)]
            if step == "add":
                agenda.add_paragraph(meeting, heading=f"Fråga {at}", section="", after=row, by=cast.secretary)
            elif step == "remove" and len(paragraphs) > 1 and not has_content(row):
                agenda.remove_paragraph(row, by=cast.secretary)
            elif step == "fill":
                agenda.add_item(row, kind="topic", title="Ämne", by=cast.secretary)
            elif step in ("up", "down"):
                agenda.move_paragraph(row, by_steps=-1 if step == "up" else 1, by=cast.secretary)
        shown = numbered(meeting.paragraphs.prefetch_related("items", "placements"), meeting.group)
        printed = [number for number, _ in shown if number is not None]
        self.assertEqual(printed, list(range(1, len(printed) + 1)))
        positions = list(meeting.paragraphs.values_list("position", flat=True))
        self.assertEqual(positions, sorted(set(positions)))
        for number, row in shown:
            self.assertEqual(number is None, drop and row.only_with_content and not has_content(row))


class ParagraphTests(TestCase):
    def setUp(self):
        self.cast = Cast()
        self.meeting = self.cast.meeting()
        self.by = self.cast.secretary

    def test_a_move_is_remembered_on_the_rows_that_changed_and_no_others(self):
        first, second, third = self.meeting.paragraphs.all()[:3]
        agenda.move_paragraph(first, by_steps=1, by=self.by)
        reasons = [list(row.history.values_list("history_verb", flat=True)) for row in (first, second, third)]
        self.assertEqual(reasons, [["arrange", "plan"], ["arrange", "plan"], ["plan"]])

    def test_at_the_ends_nothing_happens(self):
        first, last = self.meeting.paragraphs.first(), self.meeting.paragraphs.last()
        before = list(self.meeting.paragraphs.values_list("pk", "position", "section"))
        agenda.move_paragraph(first, by_steps=-1, by=self.by)
        agenda.move_paragraph(last, by_steps=1, by=self.by)
        self.assertEqual(list(self.meeting.paragraphs.values_list("pk", "position", "section")), before)

    def test_a_move_loses_no_text_that_was_saved_meanwhile(self):
        meeting = self.cast.meeting("draft")
        stale = make.make_paragraph(meeting)
        agenda.edit_text(Paragraph.objects.get(pk=stale.pk), fields={"text": "Sparat."}, version=1, by=self.by)
        agenda.move_paragraph(stale, by_steps=1, by=self.by)
        self.assertEqual(Paragraph.objects.get(pk=stale.pk).text, "Sparat.")

    def test_one_with_content_is_not_removed(self):
        row = make.make_paragraph(self.meeting)
        make.make_item(row)
        with self.assertRaises(Refused):
            agenda.remove_paragraph(row, by=self.by)

    def test_a_note_of_no_promise_goes_with_its_paragraph_and_what_stays_is_named(self):
        meeting = self.cast.meeting("draft")
        row = make.make_paragraph(meeting)
        promises.dismiss(row, sentence="Frågan utreds.", by=self.by)
        made = promises.promise(row, sentence="Taket lagas.", by=self.by)
        with self.assertRaisesMessage(Refused, "så länge ett åtagande och en punkt på balanslistan hör hit"):
            agenda.remove_paragraph(row, by=self.by)
        self.assertEqual(row.commitments.count(), 2)
        promises.unpromise(made, by=self.by)
        agenda.remove_paragraph(row, by=self.by)
        self.assertEqual((Paragraph.objects.filter(pk=row.pk).count(), Commitment.objects.count()), (0, 0))

    def test_a_placed_proposal_is_named(self):
        row = make.make_paragraph(self.meeting)
        Proposal.objects.create(
            meeting=self.meeting, person=self.cast.union_rep.person, title="Låsen", state=Proposal.State.PLACED, paragraph=row
        )
        with self.assertRaisesMessage(Refused, "Det går inte att ta bort så länge ett förslag hör hit."):
            agenda.remove_paragraph(row, by=self.by)


class ItemTests(TestCase):
    def setUp(self):
        self.cast = Cast()
        self.meeting = self.cast.meeting()
        self.row = make.make_paragraph(self.meeting)
        self.by = self.cast.secretary

    def test_not_more_than_can_be_handled(self):
        Item.objects.bulk_create(Item(paragraph=self.row, title="x", position=n) for n in range(1, agenda.MOST_ITEMS + 1))
        with self.assertRaises(Refused):
            agenda.add_item(self.row, kind="topic", title="En till", by=self.by)

    def test_after_a_removal_new_ones_come_last(self):
        one, two = (agenda.add_item(self.row, kind="topic", title=title, by=self.by) for title in ("Ett", "Två"))
        agenda.remove_item(one, by=self.by)
        agenda.add_item(self.row, kind="topic", title="Tre", by=self.by)
        self.assertEqual([item.title for item in self.row.items.all()], [two.title, "Tre"])

    def test_one_with_a_motion_stays(self):
        item = make.make_item(self.row)
        meeting = self.cast.meeting("called")
        item = make.make_item(make.make_paragraph(meeting))
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.adjuster)
        placing.place(motion, meeting=meeting, paragraph=None, item=item, by=self.by)
        with self.assertRaises(Refused):
            agenda.remove_item(item, by=self.by)

    def test_a_stale_change_is_refused(self):
        item = make.make_item(self.row, "Ett")
        agenda.edit_item(Item.objects.get(), fields={"title": "Två"}, version=1, by=self.by)
        with self.assertRaises(Stale):
            agenda.edit_item(item, fields={"title": "Tre"}, version=1, by=self.by)


class AppendixTests(TestCase):
    def test_removed_with_what_refers_to_it(self):
        cast = Cast()
        meeting = cast.meeting()
        item = make.make_item(make.make_paragraph(meeting))
        appendix = agenda.append(meeting, title="Bilaga", text="Text.", by=cast.secretary)
        agenda.refer(item, appendix=appendix, by=cast.secretary)
        agenda.refer(item, appendix=appendix, by=cast.secretary)
        self.assertEqual(item.appendix_links.count(), 1)
        agenda.remove_appendix(appendix, by=cast.secretary)
        self.assertFalse(Appendix.objects.exists() or item.appendix_links.exists())

    def test_one_of_another_meeting_is_not_referred_to(self):
        cast = Cast()
        item = make.make_item(make.make_paragraph(cast.meeting()))
        appendix = agenda.append(cast.meeting(), title="Bilaga", text="Text.", by=cast.secretary)
        with self.assertRaises(Refused):
            agenda.refer(item, appendix=appendix, by=cast.secretary)
