"""The check list of a whole draft: what each line says, where it leads, what it costs, and what the desk is told of it."""

from datetime import time

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from meetings.actions import agenda, attendance, balance, placing, promises
from meetings.models import Meeting
from meetings.reading import checklist
from people.models import today
from protocol import document
from protocol.views.freezing import address
from record.history import remember
from tests import factories as make
from tests.cast import Cast


class ChecklistTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.by = cls.cast.secretary
        cls.meeting = cls.cast.ready(cls.cast.meeting("draft"))
        cls.paragraph = make.make_paragraph(cls.meeting)

    def write(self, text):
        self.paragraph.refresh_from_db()
        agenda.edit_text(self.paragraph, fields={"text": text}, version=self.paragraph.version, by=self.by)

    def problems(self, *codes):
        whole = Meeting.objects.whole().get(pk=self.meeting.pk)
        found = checklist.problems(whole, document.referenced_appendices(whole))
        return [one for one in found if not codes or one.code in codes]


class LineTests(ChecklistTestCase):
    def test_a_ready_draft_has_nothing_that_stops(self):
        self.write("Chefen berättade om läget.")
        self.assertEqual([one for one in self.problems() if one.blocking], [])

    def test_a_slot_that_a_phrase_left_open_stops_the_freeze(self):
        self.write("Nästa möte hålls i \\[plats] den {datum}. Se [planen](https://fvg.example/plan), [bilaga 2] och {4}.")
        found = [(one.message, one.blocking) for one in self.problems("slot")]
        said = f"”{self.paragraph}” har en lucka som inte är ifylld: "
        self.assertEqual(found, [(f"{said}[plats]", True), (f"{said}{{datum}}", True)])

    def test_an_outcome_that_the_text_gainsays_is_told(self):
        both = make.make_item(self.paragraph, "Budget", kind="board_matter", text="LF ville mer.", outcome="no_comments")
        none = make.make_item(self.paragraph, "Remiss", kind="board_matter", outcome="comments")
        make.make_item(self.paragraph, "Plan", kind="board_matter", text="LF ville mer.", outcome="comments")
        found = [(one.item, one.blocking) for one in self.problems("outcome_text")]
        self.assertEqual(found, [(both.pk, False), (none.pk, False)])

    def test_what_is_to_follow_to_the_board_is_told_until_it_stands_under_a_matter_that_goes_there(self):
        matter = make.make_item(self.paragraph, "Budget", kind="board_matter", text="LF ville mer.", outcome="comments")
        motion = make.make_motion(
            self.cast.group,
            self.cast.union,
            by=self.cast.union_rep,
            kind="opinion",
            claims=(),
            to_board=True,
            title="Om budgeten",
        )
        placing.place(motion, meeting=self.meeting, paragraph=self.paragraph, by=self.by)
        said = "”Om budgeten” ska följa med till nämnden, men tas inte upp under ett ärende som går dit."
        self.assertEqual([(problem.message, problem.blocking) for problem in self.problems("to_board")], [(said, False)])
        placing.place(motion, meeting=self.meeting, paragraph=self.paragraph, item=matter, by=self.by)
        self.assertEqual(self.problems("to_board"), [])

    def test_that_the_next_meeting_is_not_settled_is_told(self):
        make.make_paragraph(self.meeting, "next")
        self.assertEqual([(one.message, one.blocking) for one in self.problems("next")], [("Nästa möte är inte bestämt.", False)])
        Meeting.objects.filter(pk=self.meeting.pk).update(next_on=today())
        self.assertEqual(self.problems("next"), [])

    def test_a_change_of_the_agenda_that_the_written_text_leaves_out_is_told(self):
        approved = make.make_paragraph(self.meeting, "agenda")
        for subject, party in (("lokalerna", self.cast.union), ("ljuset", None)):
            agenda.change_agenda(
                self.meeting, kind="move", subject=subject, party=party, paragraph=None, appendix=None, by=self.by
            )
        self.assertEqual(self.problems("agenda_change"), [])  # the sentence is made from them
        agenda.edit_text(approved, fields={"text": "Dagordningen godkändes."}, version=approved.version, by=self.by)
        problems = self.problems("agenda_change")
        self.assertEqual([(problem.about, problem.blocking) for problem in problems], [(approved.pk, False)] * 2)
        self.assertIn("”lokalerna”", problems[0].message)
        approved.refresh_from_db()
        text = "LFs fråga flyttades, liksom Ljuset. Dagordningen godkändes."
        agenda.edit_text(approved, fields={"text": text.replace("LFs", "LF:s")}, version=approved.version, by=self.by)
        self.assertEqual(self.problems("agenda_change"), [])

    def test_an_interruption_outside_the_time_of_the_meeting_is_told(self):
        row = self.meeting.attendances.filter(status="present").first()
        attendance.broken(row, paragraph=None, at=time(23, 1), by=self.by)
        found = self.problems("interruption_outside")
        self.assertEqual([(one.blocking, "23.01" in one.message) for one in found], [(False, True)])

    def test_what_comes_to_the_list_with_the_freeze_is_told_before(self):
        balance.open_item(self.cast.group, title="Laga grinden", by=self.by)
        self.client.force_login(self.by)
        page = self.client.get(reverse("protocol:freeze", args=[self.meeting.pk]))
        self.assertContains(page, "Kommer med på balanslistan när du skickar")
        self.assertContains(page, "<li>Laga grinden</li>", html=True)

    def test_the_wording_of_a_paragraph_and_of_a_point_lead_to_their_own_place(self):
        self.write("Jag såg det.")
        item = make.make_item(self.paragraph, "Taket", text="Det  läcker.")
        places = {
            problem.code: (problem.message, address(self.meeting, problem))
            for problem in self.problems("first_person", "double_space")
        }
        at = reverse("meetings:write", args=[self.paragraph.pk])
        self.assertEqual(
            places,
            {
                "first_person": (f"”{self.paragraph}” är skriven i jag-form.", f"{at}#p-{self.paragraph.pk}"),
                "double_space": (f"”Taket” under ”{self.paragraph}” har dubbla mellanslag.", f"{at}#item-{item.pk}"),
            },
        )

    def test_a_typed_number_is_offered_the_thing_that_has_it(self):
        number = next(
            paragraph.number
            for paragraph in document.build(Meeting.objects.whole().get(pk=self.meeting.pk)).paragraphs
            if paragraph.heading == str(self.paragraph)
        )
        agenda.append(self.meeting, title="Kartan", text="Ord.", by=self.by)
        make.make_item(self.paragraph, "Budget", kind="board_matter", board_agenda_no="12", outcome="no_comments")
        self.write(f"Se § {number}, bilaga 1, ärende 12, ärende 1 och § 99.")
        hints = [problem.hint for problem in self.problems("loose_reference")]
        self.assertEqual(
            hints,
            [
                f"Menar du § {number}, {self.paragraph}? Sätt in en hänvisning i stället.",
                "Menar du bilaga 1, Kartan? Sätt in en hänvisning i stället.",
                "Menar du ärendet Budget? Sätt in en hänvisning i stället.",
                "Menar du ärendet Budget? Sätt in en hänvisning i stället.",
                "Det numret finns inte i protokollet.",
            ],
        )

    def test_an_appendix_is_listed_until_something_refers_to_it(self):
        appendix = agenda.append(self.meeting, title="Kartan", text="Ord.", by=self.by)
        self.assertEqual([one.message for one in self.problems("appendix")], ["Ingen paragraf hänvisar till bilagan ”Kartan”."])
        self.write(f"Se [bilaga](appendix:{appendix.pk}).")
        self.assertEqual(self.problems("appendix"), [])

    def test_somebody_named_who_was_not_there(self):
        self.write("Erik Lind och Anna Svensson mötte Vera Oxtorp.")
        self.assertEqual(
            [one.message for one in self.problems("stranger")],
            [f"”{self.paragraph}” nämner Anna Svensson, som inte finns i närvarolistan."],
        )
        make.make_person("Vera Oxtorp")
        self.assertEqual(len(self.problems("stranger")), 2)

    def test_the_real_name_of_somebody_protected_is_a_name_that_nobody_has(self):
        protected = make.make_person("Zyllbritt Qvarnlöf")
        protected.protected, protected.shown_name = True, "Oxtorp Sju"
        remember(protected, by=None, verb="test")
        self.write("Zyllbritt Qvarnlöf mötte Zyllbritt Qvarnström.")
        self.assertEqual(self.problems("stranger"), [])
        self.write("Oxtorp Sju frågade.")
        self.assertEqual(len(self.problems("stranger")), 1)

    def test_every_line_has_a_place_and_an_address(self):
        self.write("Jag tar med mig 2 personer, se § 7. Det utreds. Mejla a@fvg.example")
        agenda.append(self.meeting, title="Kartan", text="Ord.", by=self.by)
        make.make_item(self.paragraph, "Ny organisation", kind="decision")
        Meeting.objects.filter(pk=self.meeting.pk).update(ends=None)
        found = self.problems()
        self.assertGreater(len({one.code for one in found}), 6)
        self.assertLessEqual({one.place for one in found}, set(checklist.PLACES))
        for one in found:
            self.assertTrue(address(self.meeting, one).startswith("/"), one)


class PromiseTests(ChecklistTestCase):
    def sentences(self):
        return [one.sentence for one in self.problems("promise")]

    def test_a_promise_is_listed_by_its_sentence_until_it_is_followed_up_or_noted_to_be_none(self):
        self.write("Taket utreds. Låsen utreds. Allt är väl.")
        self.assertEqual(self.sentences(), ["Taket utreds.", "Låsen utreds."])
        promises.promise(self.paragraph, sentence="Taket utreds.", by=self.by)
        self.assertEqual(self.sentences(), ["Låsen utreds."])
        promises.dismiss(self.paragraph, sentence="Låsen utreds.", by=self.by)
        self.assertEqual(self.sentences(), [])

    def test_a_part_of_a_sentence_or_several_of_them_count_too(self):
        self.write("Chefen sade att taket utreds i vår. Låsen utreds. Dörren utreds.")
        promises.promise(self.paragraph, sentence="taket utreds", by=self.by)
        promises.promise(self.paragraph, sentence="Låsen utreds. Dörren utreds.", by=self.by)
        self.assertEqual(self.sentences(), [])
        self.assertEqual(self.problems("promise_gone"), [])

    def test_a_short_sentence_that_is_no_promise_hides_no_longer_one(self):
        longer = "Arbetsgivaren lovar att frågan utreds före sommaren."
        self.write(f"Frågan utreds. {longer}")
        promises.dismiss(self.paragraph, sentence="Frågan utreds.", by=self.by)
        self.assertEqual(self.sentences(), [longer])
        promises.promise(self.paragraph, sentence="frågan utreds före sommaren", by=self.by)
        self.assertEqual(self.sentences(), [])

    def test_a_long_promise_answers_for_no_short_one_elsewhere(self):
        longer = "Arbetsgivaren lovar att frågan utreds."
        self.write(f"Frågan utreds. {longer}")
        promises.promise(self.paragraph, sentence=longer, by=self.by)
        self.assertEqual(self.sentences(), ["Frågan utreds."])

    def test_a_promise_whose_sentence_was_changed_is_listed(self):
        self.write("Taket utreds.")
        promises.promise(self.paragraph, sentence="Taket utreds.", by=self.by)
        self.write("Taket lagas.")
        self.assertEqual([one.hint for one in self.problems("promise_gone")], ["”Taket utreds.”"])

    def test_the_same_words_under_another_paragraph_are_another_promise(self):
        other = make.make_paragraph(self.meeting, "opening")
        self.write("Taket utreds.")
        promises.dismiss(other, sentence="Taket utreds.", by=self.by)
        self.assertEqual(self.sentences(), ["Taket utreds."])


class SummaryTests(ChecklistTestCase):
    def summary(self):
        return checklist.summary(Meeting.objects.get(pk=self.meeting.pk))

    def test_the_desk_is_told_what_the_page_says(self):
        self.write("Jag utreder det.")
        make.make_item(self.paragraph, "Ny organisation", kind="decision")
        problems = [problem for problem in self.problems() if problem.page != "balance"]
        stops = sum(problem.blocking for problem in problems)
        self.assertEqual(self.summary(), (stops, len(problems) - stops))
        self.assertEqual(stops, 1)
        self.client.force_login(self.by)
        page = self.client.get(reverse("protocol:freeze", args=[self.meeting.pk]))
        self.assertContains(page, f"Checklista: 1 måste åtgärdas, {len(problems) - stops} bör ses över")
        self.assertContains(page, ">Måste åtgärdas</span>", count=1)
        self.assertContains(page, ">Bör ses över</span>", count=len(problems) - stops)

    def test_a_place_without_lines_is_done(self):
        self.client.force_login(self.by)
        page = self.client.get(reverse("protocol:freeze", args=[self.meeting.pk]))
        for place in page.context["places"]:
            self.assertEqual(place["rows"] == [], (place["stops"], place["advice"]) == (0, 0))
        self.assertContains(page, ">Klart</span>", count=sum(1 for place in page.context["places"] if not place["rows"]))
        self.assertEqual([place["name"] for place in page.context["places"]], list(checklist.PLACES))

    def test_thirty_paragraphs_cost_as_much_as_one(self):
        counts = []
        self.client.force_login(self.by)
        freeze = reverse("protocol:freeze", args=[self.meeting.pk])
        for many in (1, 30):
            while self.meeting.paragraphs.filter(section="Fler").count() < many:
                row = agenda.add_paragraph(self.meeting, heading="Mer", section="Fler", after=None, by=self.by)
                row.text = f"Jag utreder § 7. Se bilaga 1. Anna Svensson och [LF](party:{self.cast.union.pk}) sade nej"
                remember(row, by=self.by, verb="test")
                make.make_item(row, text="Frågan utreds.", kind="decision")
                promises.promise(row, sentence="Frågan utreds.", by=self.by)
            with CaptureQueriesContext(connection) as summary:
                self.summary()
            asked = len(summary)  # before the next request empties the log
            self.client.get(freeze)
            with CaptureQueriesContext(connection) as page:
                self.client.get(freeze)
            counts.append((asked, len(page)))
        self.assertEqual(counts[0], counts[1])
        self.assertLess(counts[0][0], 32)
