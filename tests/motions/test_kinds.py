"""The kinds are distinct in data, on the pages and in print, and only a yrkande is called one."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import SimpleTestCase, TestCase
from django.urls import reverse

from meetings.actions import placing, planning
from meetings.models import Meeting
from meetings.reading.checklist import problems
from motions import occasions, spoken
from motions.actions import answering, filing
from motions.kinds import WORDS, Kind
from motions.models import STATUS, Motion
from people.models import today
from protocol import document
from protocol import format as form
from protocol.exports import as_txt
from protocol.legacy.load import load
from record.moves import Refused, WrongState
from tests import factories as make
from tests.cast import Cast


class WordTests(SimpleTestCase):
    def test_every_kind_has_words_and_every_standing_two(self) -> None:
        self.assertEqual(set(WORDS), set(Kind))
        self.assertEqual({len(words) for words in STATUS.values()}, {2})
        self.assertEqual((WORDS[Kind.MOTION].count(1), WORDS[Kind.INQUIRY].count(3)), ("1 att-sats", "3 frågor"))

    def test_sentences_about_a_question(self) -> None:
        self.assertEqual(spoken.support(["BF"], "Vårförbundets", "inquiry"), "BF stödjer Vårförbundets fråga.")
        label = spoken.answer_label
        self.assertEqual(label("tabled", "", "förvaltningen", "inquiry"), "Förvaltningens svar: frågan bordläggs.")
        self.assertEqual(label("answered", "", "förvaltningen", "inquiry"), "Frågan besvarades.")
        self.assertEqual(label("withdrawn", "", "förvaltningen", "inquiry"), "Frågan återtogs.")

    def test_a_questions_title_is_read_back(self) -> None:
        for title in ("", "Lokaler", "Fråga från LF: Lokaler", ": x"):
            self.assertEqual(spoken.read_title("inquiry", "LF", spoken.question_title("LF", title)), (True, title))
        for kind, title in (
            ("inquiry", "Lokaler"),
            ("inquiry", "Fråga från LFX"),
            ("motion", "Fråga från LF: x"),
            ("inquiry", None),
        ):
            self.assertEqual(spoken.read_title(kind, "LF", title), (False, title or ""))
        self.assertEqual(spoken.motion_heading("inquiry", "LF", "Fråga från LF: Lokaler", 2), "2. Fråga från LF: Lokaler")


class Case(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        _ = (cls.cast.chair, cls.cast.secretary, cls.cast.employer, cls.cast.union_rep, cls.cast.other_rep)

    def motion(self, kind: str, **fields) -> Motion:
        claims = () if kind in ("opinion", "note") else ("När mäts bullret?",)
        return make.make_motion(
            self.cast.group, self.cast.union, by=self.cast.union_rep, **{"kind": kind, "claims": claims} | fields
        )


class DataTests(Case):
    def test_what_each_must_have_before_it_is_filed(self) -> None:
        missing = {}
        for kind in Kind.values:
            draft = self.motion(kind, filed=False, title="", background="", claims=(), due_on=None)
            missing[kind] = sorted(filing.lacks(draft))
        every = {"motion": ["__all__", "title"], "inquiry": ["__all__", "background", "due_on", "title"]}
        every |= {"question": ["__all__", "due_on", "title"], "opinion": ["background", "title"], "note": ["background", "title"]}
        self.assertEqual(missing, every)

    def test_what_does_not_belong_to_the_kind_is_not_kept(self) -> None:
        for kind in Kind.values:
            draft = self.motion(kind, filed=False, due_on=today(), to_board=True)
            self.assertEqual(
                (draft.due_on is not None, draft.to_board), (kind in ("inquiry", "question"), kind == "opinion"), kind
            )

    def test_the_database_agrees(self) -> None:
        for kind, fields in (
            ("motion", {"due_on": today()}),
            ("note", {"due_on": today()}),
            ("inquiry", {"to_board": True}),
            ("question", {"due_on": None}),
        ):
            motion = self.motion(kind)
            with self.assertRaises(IntegrityError), transaction.atomic():
                Motion.objects.filter(pk=motion.pk).update(**fields)

    def test_text_alone_takes_no_att_satser(self) -> None:
        for kind in ("opinion", "note"):
            with self.assertRaisesMessage(ValidationError, "är bara text"):
                self.motion(kind, claims=("att det görs.",))

    def test_a_question_is_answered_or_tabled_and_nothing_else(self) -> None:
        claim = self.motion("question").claims.get()
        for outcome in ("granted", "partly_granted", "rejected"):
            with self.assertRaises(ValidationError):
                answering.answer(claim, outcome=outcome, text="Ja.", version=0, by=self.cast.chair)
        answer = make.make_answer(claim, by=self.cast.chair, outcome="answered", text="I mars.")
        self.assertEqual((answer.outcome, claim.motion.status), ("answered", "besvarad"))


class PageTests(Case):
    def typed(self, kind: str, **changes) -> dict:
        data = {"kind": kind, "title": "Buller", "matter": "", "wanted_on": "", "due_on": "", "background": "Det bullrar."}
        return data | {"claim_text": [""], "claim_points": [""], "version": 0, "do": "review"} | changes

    def test_a_question_on_its_pages_is_never_called_a_yrkande(self) -> None:
        self.client.force_login(self.cast.union_rep)
        url = reverse("motions:draft", args=[self.cast.group.pk])
        data = self.typed("question", claim_text=["När mäts bullret?", "Av vem?"], claim_points=["", ""])
        page = self.client.post(url, data, follow=True)
        self.assertContains(page, "Välj vilket möte frågan ska besvaras på.")
        motion = Motion.objects.get()
        data |= {"due_on": str(today() + timedelta(days=40)), "version": motion.version}
        page = self.client.post(reverse("motions:edit", args=[motion.pk]), data, follow=True)
        self.assertContains(page, "LF ställer följande frågor:")
        page = self.client.post(reverse("motions:file", args=[motion.pk]), {"version": motion.version + 1}, follow=True)
        self.assertContains(page, "Fråga 2")
        self.assertContains(page, "Ska besvaras på mötet")
        main = page.content.decode().partition("<main")[2]
        self.assertNotRegex(main.casefold(), r"yrkande(?!n)(?!/)")
        self.client.force_login(self.cast.chair)
        page = self.client.get(reverse("motions:answer", args=[motion.claims.first().pk]))
        self.assertContains(page, "Svara på fråga 1")
        self.assertEqual([value for value, _ in page.context["form"].fields["outcome"].choices], ["", "answered", "tabled"])

    def test_what_was_typed_for_another_kind_is_told_and_kept(self) -> None:
        self.client.force_login(self.cast.union_rep)
        url = reverse("motions:draft", args=[self.cast.group.pk])
        page = self.client.post(url, self.typed("opinion", claim_text=["bullret mäts."]))
        self.assertContains(page, "Yttrandet är bara text. Flytta det som står i rutorna")
        self.assertContains(page, "bullret mäts.")
        self.assertEqual(Motion.objects.count(), 0)

    def test_an_opinion_for_the_board(self) -> None:
        self.client.force_login(self.cast.union_rep)
        page = self.client.post(
            reverse("motions:draft", args=[self.cast.group.pk]), self.typed("opinion", to_board="on"), follow=True
        )
        self.assertContains(page, "Ska skickas med till nämnden")
        self.assertContains(page, "Särskilt yttrande från LF: Buller")

    def test_the_coming_meetings_are_proposed(self) -> None:
        meeting = make.make_meeting(self.cast.group, by=self.cast.secretary, state="called")
        make.make_meeting(self.cast.other_group, date=today() + timedelta(days=3))
        later = make.make_meeting(self.cast.group, by=self.cast.secretary, date=today() + timedelta(days=50))
        planning.cancel(make.make_meeting(self.cast.group, date=today() + timedelta(days=60)), why="Ingen kan.", by=None)
        self.assertEqual([one.date for one in occasions.coming(self.cast.group)], [meeting.date, later.date])
        self.client.force_login(self.cast.union_rep)
        page = self.client.get(reverse("motions:draft", args=[self.cast.group.pk]) + "?slag=question")
        self.assertContains(page, f'<option value="{meeting.date}">')
        self.assertContains(page, '<option value="question" selected>')

    def test_why_not_says_the_right_word(self) -> None:
        motion = self.motion("inquiry")
        with self.assertRaises(WrongState) as caught:
            filing.file(motion, by=self.cast.union_rep)
        self.assertEqual(caught.exception.reason, "Skrivelsen har redan lämnats in.")


class PrintTests(Case):
    def setUp(self) -> None:
        self.meeting = self.cast.meeting("draft")
        self.paragraph = make.make_paragraph(self.meeting)

    def place(self, kind: str, **fields) -> Motion:
        motion = self.motion(kind, **fields)
        placing.place(motion, meeting=self.meeting, paragraph=self.paragraph, by=self.cast.secretary)
        return motion

    def protocol(self) -> form.Protocol:
        return document.build(Meeting.objects.whole().get(pk=self.meeting.pk))

    def printed(self) -> str:
        return as_txt(self.protocol(), mode="draft")

    def test_each_kind_prints_as_what_it_is(self) -> None:
        for kind in Kind.values:
            self.place(kind, title=f"Om {kind}")
        text = " ".join(self.printed().split())
        for expected in (
            "LFs yrkanden: 1. Om motion Lokalerna är slitna. LF yrkar: - När mäts bullret?",
            "Skrivelse från LF: Om inquiry Lokalerna är slitna. LF ställer följande fråga: 1. När mäts bullret?",
            "Fråga från LF: Om question Lokalerna är slitna. LF ställer följande fråga: 1. När mäts bullret?",
            "Särskilt yttrande från LF: Om opinion Lokalerna är slitna.",
            "Protokollsanteckning från LF Om note Lokalerna är slitna.",
        ):
            self.assertIn(expected, text)
        self.assertEqual(text.casefold().count("yrka"), 2)

    def test_the_export_is_loaded_and_exported_the_same(self) -> None:
        for kind in Kind.values:
            self.place(kind, title=f"Om {kind}")
        protocol = self.protocol()
        self.assertEqual([entry.kind for entry in protocol.motions], ["motion", "inquiry", "inquiry", "statement"])
        self.assertEqual([(entry.kind, entry.parties) for entry in protocol.reservations], [("minute_note", ("LF",))])
        data = form.write(protocol)
        data["body"]["name"] += " igen"
        again = load(form.read(data))
        self.assertEqual(
            [entry.kind for entry in Motion.objects.filter(placements__meeting=again)],
            ["motion", "inquiry", "question", "opinion"],
        )
        self.assertEqual(form.write(document.build(Meeting.objects.whole().get(pk=again.pk))), data)

    def test_a_note_or_opinion_taken_back_is_not_printed(self) -> None:
        for kind in ("opinion", "note"):
            filing.withdraw(self.place(kind, title=f"Om {kind}"), by=self.cast.union_rep)
        self.assertNotIn("Om ", self.printed())

    def test_a_question_comes_up_at_the_meeting_where_it_is_due(self) -> None:
        due = self.meeting.date + timedelta(days=30)
        question = self.motion("question", due_on=due)
        early = make.make_meeting(self.cast.group, by=self.cast.secretary, date=due - timedelta(days=10))
        meeting = make.make_meeting(self.cast.group, by=self.cast.secretary, date=due)
        self.assertEqual((early.placements.count(), meeting.placements.get().motion), (0, question))

    def test_an_unanswered_question_that_is_due_is_told_but_stops_nothing(self) -> None:
        self.place("question", title="Om bullret", due_on=self.meeting.date)
        self.place("question", title="Om damm", due_on=self.meeting.date + timedelta(days=30))
        found = [
            (one.message, one.blocking)
            for one in problems(Meeting.objects.whole().get(pk=self.meeting.pk), set())
            if one.code == "answer"
        ]
        self.assertEqual(found, [("Frågan ”Om bullret” har en fråga utan utlämnat svar.", False)])

    def test_what_another_group_was_sent_is_refused_by_its_name(self) -> None:
        letter = self.motion("inquiry")
        elsewhere = make.make_meeting(self.cast.other_group, by=self.cast.stranger)
        with self.assertRaisesMessage(Refused, "Skrivelsen är till en annan grupp."):
            placing.place(letter, meeting=elsewhere, paragraph=None, by=self.cast.stranger)
