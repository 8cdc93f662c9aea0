"""The one big read: what a meeting's rows become in the document, and what it costs."""

from datetime import date, time

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from meetings.actions import agenda, attendance, placing, planning
from meetings.models import Item, Meeting
from people.models import PartyName
from protocol import document
from record.history import remember
from tests import factories as make
from tests.cast import Cast
from tests.protocol.full import make_full_draft


def build(meeting):
    return document.build(Meeting.objects.whole().get(pk=meeting.pk))


def cost(meeting):
    """How many queries the build takes."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        build(meeting)
    return len(queries)


class DocumentTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.meeting = cls.cast.meeting("draft", date=date(2026, 12, 6))

    def paragraph(self, slug, meeting=None):
        protocol = build(meeting or self.meeting)
        heading = (meeting or self.meeting).paragraphs.get(slug=slug).heading
        return next(paragraph for paragraph in protocol.paragraphs if paragraph.heading == heading)

    def write(self, slug, text):
        paragraph = self.meeting.paragraphs.get(slug=slug)
        return agenda.edit_text(paragraph, fields={"text": text}, version=paragraph.version, by=self.cast.secretary)


class CostTests(TestCase):
    def test_thirty_of_everything_cost_as_many_queries_as_one(self):
        cast = Cast()
        meeting = make_full_draft(cast)
        before = cost(meeting)
        paragraph = make.make_paragraph(meeting)
        by = cast.secretary
        for number in range(30):
            item = make.make_item(paragraph, f"Ämne {number}", text=f"Text {number}.")
            appendix = agenda.append(meeting, title=f"Bilaga {number}", text="Ord.", by=by)
            agenda.refer(item, appendix=appendix, by=by)
            motion = make.make_motion(cast.group, cast.other_union, by=cast.other_rep, claims=("att ett.", "att två."))
            placing.place(motion, meeting=meeting, paragraph=paragraph, by=by)
            agenda.add_paragraph(meeting, heading=f"Rubrik {number}", section="", after=None, by=by)
        self.assertEqual(cost(meeting), before)
        self.assertEqual(len(build(meeting).motions), 31)


class NumberTests(DocumentTestCase):
    def test_printed_paragraphs_are_numbered_from_one(self):
        numbers = [paragraph.number for paragraph in build(self.meeting).paragraphs]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))

    def test_an_empty_paragraph_is_dropped_or_kept_as_the_group_wants(self):
        headings = [paragraph.heading for paragraph in build(self.meeting).paragraphs]
        optional = self.meeting.paragraphs.filter(only_with_content=True).first()
        self.assertNotIn(optional.heading, headings)
        group = self.meeting.group
        group.empty_paragraphs = "keep"
        remember(group, by=None, verb="test")
        kept = [paragraph.heading for paragraph in build(self.meeting).paragraphs]
        self.assertEqual(kept, list(self.meeting.paragraphs.values_list("heading", flat=True)))

    def test_a_reference_is_printed_with_the_number_that_its_paragraph_gets(self):
        target = self.meeting.paragraphs.get(slug="operations")
        self.write("opening", f"Se [§ 99](paragraph:{target.pk}).")
        number = self.paragraph("operations").number
        self.assertEqual(self.paragraph("opening").text, f"Se § {number}.")
        first = self.meeting.paragraphs.first()
        agenda.add_paragraph(self.meeting, heading="Ny paragraf", section="", after=first, by=self.cast.secretary)
        self.assertEqual(self.paragraph("opening").text, f"Se § {number + 1}.")

    def test_appendices_are_numbered_by_first_reference_and_the_unmentioned_come_last(self):
        by = self.cast.secretary
        unused, later, sooner = (
            agenda.append(self.meeting, title=title, text="Ord.", by=by) for title in ("Oläst", "Senare", "Först")
        )
        agenda.refer(make.make_item(self.meeting.paragraphs.get(slug="operations"), "Ämne"), appendix=later, by=by)
        self.write("opening", f"Se [bilaga](appendix:{sooner.pk}).")
        protocol = build(self.meeting)
        self.assertEqual(
            [(appendix.number, appendix.title) for appendix in protocol.appendices], [(1, "Först"), (2, "Senare"), (3, "Oläst")]
        )
        self.assertEqual(self.paragraph("opening").text, "Se bilaga 1.")
        self.assertEqual(document.referenced_appendices(Meeting.objects.whole().get(pk=self.meeting.pk)), {later.pk, sooner.pk})
        self.assertNotIn(unused.pk, document.referenced_appendices(Meeting.objects.whole().get(pk=self.meeting.pk)))


class PhraseTests(DocumentTestCase):
    def test_a_paragraph_without_text_of_its_own_says_its_default_sentence(self):
        self.assertEqual(self.paragraph("secretary").text, "Stina Alm valdes till sekreterare för mötet.")

    def test_a_sentence_whose_data_is_missing_is_not_printed(self):
        self.assertEqual(self.paragraph("adjuster").text, "")
        self.cast.ready(self.meeting)
        self.assertEqual(
            self.paragraph("adjuster").text,
            "Ulla Ek, Lövförbundet, valdes till justerare. Justeringsdag för protokollet är den 6 december 2026.",
        )

    def test_a_written_text_replaces_the_default_sentence(self):
        self.write("secretary", "Två personer delade på uppgiften.")
        self.assertEqual(self.paragraph("secretary").text, "Två personer delade på uppgiften.")

    def test_a_phrase_is_never_a_template_that_runs(self):
        self.write("secretary", "{{ 7 }} {% now %} {ordförande.__class__}")
        self.assertEqual(self.paragraph("secretary").text.replace("\\", ""), "{{ 7 }} {% now %} {ordförande.__class__}")

    def test_the_next_meeting_is_told_when_it_is_known(self):
        planning.edit(
            self.meeting,
            fields={"next_on": date(2027, 1, 14), "next_at": time(9), "next_place": "Lönnsalen"},
            version=self.meeting.version,
            by=self.cast.secretary,
        )
        found = build(self.meeting).next_meeting
        self.assertEqual((found.date, found.time, found.place), ("2027-01-14", "09:00", "Lönnsalen"))


class PartyTests(DocumentTestCase):
    def test_a_party_is_printed_with_the_name_of_the_meetings_day(self):
        remember(
            PartyName(party=self.cast.union, name="Skogsförbundet", abbreviation="SF", valid_from=date(2026, 12, 1)),
            by=None,
            verb="test",
        )
        self.write("opening", f"[LF](party:{self.cast.union.pk}) hälsade välkommen.")
        protocol = build(self.meeting)
        row = next(attendee for attendee in protocol.attendees if attendee.name == "Ulla Ek") if protocol.attendees else None
        self.assertIsNone(row)  # nobody is marked yet
        attendance.all_expected_present(self.meeting, by=self.cast.secretary)
        row = next(attendee for attendee in build(self.meeting).attendees if attendee.name == "Ulla Ek")
        self.assertEqual(row.party, "Skogsförbundet")
        self.assertEqual(self.paragraph("opening").text, "Skogsförbundet hälsade välkommen.")
        Meeting.objects.filter(pk=self.meeting.pk).update(date=date(2026, 11, 30))
        row = next(attendee for attendee in build(self.meeting).attendees if attendee.name == "Ulla Ek")
        self.assertEqual(row.party, "Lövförbundet")
        self.assertEqual(self.paragraph("opening").text, "Lövförbundet hälsade välkommen.")

    def test_a_persons_name_and_title_are_those_of_the_day(self):
        attendance.all_expected_present(self.meeting, by=self.cast.secretary)
        person = self.cast.employer.person
        person.name = "Erik Nygift"
        remember(person, by=None, verb="test")
        self.assertIn("Erik Lind", [one.name for one in build(self.meeting).attendees])

    def test_an_unreleased_answer_is_not_in_the_document(self):
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.adjuster)
        placing.place(
            motion, meeting=self.meeting, paragraph=self.meeting.paragraphs.get(slug="operations"), by=self.cast.secretary
        )
        make.make_answer(motion.claims.get(), by=self.cast.employer, text="Hemligt svar.", released=False)
        self.assertEqual([claim.answer for one in build(self.meeting).motions for claim in one.claims], [None])


class RecordTests(TestCase):
    def test_the_record_names_the_signers_and_hashes_the_files(self):
        cast = Cast()
        meeting = make_full_draft(cast)
        record = document.record(Meeting.objects.whole().get(pk=meeting.pk), version=1)
        self.assertEqual(
            [(entry.role, entry.name, entry.party) for entry in record.signers],
            [("chair", "Cecilia Björk", None), ("adjuster", "Ulla Ek", "Lövförbundet"), ("secretary", "Stina Alm", None)],
        )
        appendix = meeting.appendices.get()
        self.assertEqual(
            [(entry.number, entry.sha256, entry.bytes) for entry in record.appendices], [(1, appendix.sha256, appendix.size)]
        )
        self.assertEqual(type(record).from_bytes(record.to_bytes()), record)

    def test_the_same_meeting_gives_the_same_bytes(self):
        meeting = make_full_draft(Cast())
        first, second = (document.record(Meeting.objects.whole().get(pk=meeting.pk), version=1).to_bytes() for _ in range(2))
        self.assertEqual(first, second)

    def test_matters_keep_their_kind_of_outcome(self):
        meeting = make_full_draft(Cast())
        outcomes = {matter.title: matter.outcome for paragraph in build(meeting).paragraphs for matter in paragraph.matters}
        self.assertEqual(outcomes, {"Ny organisation": "no_disagreement", "Nytt schema": "disagreement", "Budget": "no_comments"})
        self.assertEqual(Item.objects.filter(paragraph__meeting=meeting).count(), 4)
