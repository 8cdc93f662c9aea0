"""To the board: the unions' views as a PDF of what is filed and released, logged, and the line for the Anmälningsärenden."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from unittest import mock

import pikepdf
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from meetings.actions import agenda, board, disagreements, placing
from meetings.models import Item, Meeting
from motions.actions import answering, filing
from motions.models import Answer
from people.models import Group, User, today
from protocol import actions, canonical, pdfcheck, sealing, shown
from protocol import board as to_board
from protocol import format as form
from protocol.legacy.load import load
from protocol.models import FrozenVersion
from record import chain
from record.models import Event
from tests import factories as make
from tests.cast import Cast
from tests.crawl import words_of_pdf
from tests.paper import OnPaper
from tests.protocol.drawn import make_approvals, text_of
from tests.samples import sample

CANARY, UNRELEASED = "kanariefagel8801", "kanariesvar8802"


class BoardCase(TestCase):
    """A meeting with a matter that the unions have much to say of, one they have said nothing of, and one before decision."""

    @classmethod
    def setUpTestData(cls) -> None:
        cast = cls.cast = Cast()
        _ = (
            cast.hr,
            cast.union_rep,
            cast.adjuster,
            cast.other_rep,
            cast.stranger,
            cast.chair,
            cast.employer,
            cast.auditor,
            cast.admin,
        )
        cls.by = cast.secretary
        cls.meeting = make.make_meeting(cast.group, by=cls.by, state="draft")
        paragraph = make.make_paragraph(cls.meeting, "board_matters")
        said = f"Budgeten är stram. [Barrfacket](party:{cast.other_union.pk}) undrade om vikarierna. Se bilaga 1."
        cls.budget = cls.item(
            paragraph,
            "board_matter",
            "Budget",
            text=said,
            references=["PN 2026-0012-1.1"],
            presenter="Ekonomichef",
            board_agenda_no="9",
            board_title="Underlag för budget",
            outcome="comments",
        )
        cls.quiet = cls.item(paragraph, "board_matter", "Fyllnadsval", outcome="no_comments")
        cls.inner = cls.item(make.make_paragraph(cls.meeting, "decisions"), "decision", "Ny organisation")
        disagreements.disagree(cls.fresh(cls.inner), party=cast.union, reason="Risken är inte bedömd.", by=cls.by)

        opinion = make.make_motion(
            cast.group,
            cast.union,
            by=cast.union_rep,
            kind="opinion",
            title="Om budgeten",
            background="Pengarna räcker inte.",
            claims=(),
            to_board=True,
        )
        placing.place_in_new_appendix(
            opinion, meeting=cls.meeting, paragraph=None, item=cls.budget, title="Yttrande om budgeten", by=cls.by
        )
        letter = make.make_motion(
            cast.group,
            cast.union,
            by=cast.union_rep,
            kind="inquiry",
            title="Frågor om budgeten",
            claims=("Hur många slutar?", "När?"),
        )
        placing.place(letter, meeting=cls.meeting, paragraph=None, item=cls.budget, by=cls.by)
        first, second = letter.claims.all()
        make.make_answer(first, by=cast.employer, text="Tre slutar.")
        make.make_answer(second, by=cast.employer, outcome="tabled", text=f"{UNRELEASED} är inte utlämnat.", released=False)
        cls.letter, cls.tabled = letter, second
        elsewhere = make.make_motion(cast.group, cast.union, by=cast.union_rep, title="Skor", claims=("att skor köps in.",))
        placing.place(elsewhere, meeting=cls.meeting, paragraph=paragraph, by=cls.by)
        make.make_answer(elsewhere.claims.get(), by=cast.employer)
        taken_back = make.make_motion(
            cast.group, cast.union, by=cast.union_rep, title="Återtaget om budgeten", claims=("att kaffet blir gratis.",)
        )
        placing.place(taken_back, meeting=cls.meeting, paragraph=None, item=cls.budget, by=cls.by)
        filing.withdraw(taken_back, by=cast.union_rep)
        make.make_motion(
            cast.group,
            cast.union,
            by=cast.union_rep,
            filed=False,
            kind="opinion",
            title=f"{CANARY} i rubriken",
            claims=(),
            background=f"{CANARY} i texten",
            matter="Budget",
            to_board=True,
            wanted_on=cls.meeting.date,
        )

    @classmethod
    def item(cls, paragraph, kind: str, title: str, **fields) -> Item:
        item = agenda.add_item(paragraph, kind=kind, title=title, by=cls.by)
        return agenda.edit_item(item, fields=fields, version=item.version, by=cls.by) if fields else item

    @classmethod
    def fresh(cls, item: Item) -> Item:
        return Item.objects.get(pk=item.pk)

    def again(self) -> Meeting:
        return Meeting.objects.get(pk=self.meeting.pk)

    def freeze(self) -> FrozenVersion:
        for answer in Answer.objects.filter(released_at=None):
            answering.release(answer, by=self.cast.chair)
        return actions.freeze(self.cast.ready(self.again()), by=self.by, privacy_reviewed=True)

    def seal(self) -> Meeting:
        version = self.freeze()
        self.cast.sign_all(version)
        sealing.seal(FrozenVersion.objects.get(pk=version.pk))
        return self.again()

    def get(self, user: User, item: Item | None = None, **options):
        self.client.force_login(user)
        name, pk = ("export_matter_to_board", item.pk) if item else ("export_to_board", self.meeting.pk)
        return self.client.get(reverse(f"protocol:{name}", args=[pk]), **options)

    def words(self, user: User, item: Item | None = None) -> str:
        response = self.get(user, item)
        self.assertEqual((response.status_code, response["Content-Type"]), (200, "application/pdf"))
        return " ".join(text_of(response.content).split())


class PackageTests(OnPaper, BoardCase):
    def test_all_that_the_unions_have_said_in_the_matter(self):
        text = self.words(self.by, self.budget)
        for part in (
            "Fackliga synpunkter till parknämnden",
            "Budget",
            "På nämndens lista: Underlag för budget",
            "PN 2026-0012-1.1",
            "Nummer på nämndens lista: 9",
            "Ekonomichef föredrog ärendet.",
            "Barrfacket undrade om vikarierna.",
            "Särskilda yttranden",
            "Pengarna räcker inte.",
            "LF vill att yttrandet följer med till nämnden.",
            "Skrivelser och frågor",
            "Hur många slutar?",
            "Tre slutar.",
            "Bilaga 1, Yttrande om budgeten",
            "Från Förvaltningsgruppens möte",
        ):
            self.assertIn(part, text)
        for part in ("Fyllnadsval", "Ny organisation", "att skor köps in.", "kaffet", "Återtaget"):
            self.assertNotIn(part, text)

    def test_neither_drafts_nor_unreleased_answers_are_anywhere_in_the_file(self):
        for item in (self.budget, None):
            held = words_of_pdf(self.get(self.by, item).content)
            self.assertIn("När?", " ".join(held.split()))
            for canary in (CANARY, UNRELEASED):
                self.assertNotIn(canary, held)
        for event in Event.objects.select_related("payload"):
            self.assertNotIn(CANARY, str(event.payload.data))

    def test_the_matter_before_decision_with_its_disagreement(self):
        words = self.words(self.by, self.inner)
        self.assertIn("Lövförbundet anmälde oenighet: Risken är inte bedömd.", words)

    def test_all_matters_of_the_board_in_one_file(self):
        words = self.words(self.by)
        self.assertIn("Pengarna räcker inte.", words)
        self.assertIn("Ärenden utan fackliga synpunkter • Fyllnadsval", words)
        self.assertNotIn("Ny organisation", words)  # it goes to the employer, not to the board
        agenda.edit_item(self.fresh(self.inner), fields={"board_agenda_no": "12"}, version=2, by=self.by)
        self.assertIn("Risken är inte bedömd.", self.words(self.by))

    def test_what_is_to_follow_to_the_board_follows_also_when_it_stands_under_no_matter(self):
        self.assertNotIn("Till nämnden, utan ärende", self.words(self.by))
        cast = self.cast
        opinion = make.make_motion(
            cast.group,
            cast.other_union,
            by=cast.other_rep,
            kind="opinion",
            title="Om taket",
            background="Det läcker.",
            claims=(),
            to_board=True,
        )
        placing.place(opinion, meeting=self.again(), paragraph=make.make_paragraph(self.meeting, "board_matters"), by=self.by)
        text = self.words(self.by)
        self.assertIn("Till nämnden, utan ärende", text)
        self.assertIn("Det läcker.", text)
        self.assertIn("BF vill att yttrandet följer med till nämnden.", text)
        self.assertNotIn("Det läcker.", self.words(self.by, self.budget))
        filing.withdraw(opinion, by=cast.other_rep)
        self.assertNotIn("Det läcker.", self.words(self.by))

    def test_how_far_the_protocol_has_come_is_said_plainly(self):
        self.assertIn("Ej justerat. Protokollet är ett utkast: texten och numren kan ändras.", self.words(self.by, self.budget))
        version = self.freeze()
        text = self.words(self.by, self.budget)
        self.assertIn("Ej justerat. Protokollet är under justering (version 1), och texten kan ändras.", text)
        self.assertIn("Ej justerat – under justering", text)
        self.cast.sign_all(version)
        sealing.seal(FrozenVersion.objects.get(pk=version.pk))
        text = self.words(self.cast.hr, self.budget)
        day = to_board.day(today())
        self.assertIn(f"Justerat {day}.", text)
        self.assertNotIn("Ej justerat", text)

    def test_what_happens_later_does_not_change_what_was_signed(self):
        """A tabled question gets a new answer, and the group begins to keep empty §§: the package follows the frozen bytes."""
        self.seal()
        before = self.words(self.by, self.budget)
        later = make.make_meeting(self.cast.group, by=self.by, state="draft")
        letter = type(self.letter).objects.get(pk=self.letter.pk)
        placing.place(letter, meeting=later, paragraph=make.make_paragraph(later), by=self.by)
        make.make_answer(letter.claims.last(), by=self.cast.employer, text="I maj.")
        filing.withdraw(letter, by=self.cast.union_rep)
        Group.objects.filter(pk=self.cast.group.pk).update(empty_paragraphs="keep")
        self.assertEqual(self.words(self.by, self.budget), before)

    def test_a_note_stands_under_its_matter_and_a_text_taken_back_nowhere(self):
        cast = self.cast
        for kind, title in (("opinion", "Ångrat"), ("note", "Kvarstår"), ("note", "Ångrad"), ("opinion", "Står kvar")):
            item = self.quiet if kind == "note" else self.budget
            said = make.make_motion(
                cast.group, cast.other_union, by=cast.other_rep, kind=kind, title=title, background=f"{title} i text.", claims=()
            )
            placing.place(said, meeting=self.again(), paragraph=None, item=item, by=self.by)
            if title.startswith("Ång"):
                filing.withdraw(said, by=cast.other_rep)
        for walk in (lambda: None, self.freeze):
            walk()
            quiet, budget = self.words(self.by, self.quiet), self.words(self.by, self.budget)
            self.assertIn("Protokollsanteckning från BF", quiet)
            self.assertIn("Kvarstår i text.", quiet)
            self.assertIn("Särskilt yttrande från BF: Står kvar", budget)
            self.assertNotIn("Kvarstår", budget)
            for text in (quiet, budget):
                self.assertNotIn("Ångra", text)

    def test_a_matter_without_views_gives_a_kind_message_and_no_file(self):
        self.client.force_login(self.by)
        response = self.client.get(reverse("protocol:export_matter_to_board", args=[self.quiet.pk]), follow=True)
        self.assertContains(response, "Ingen facklig organisation har lämnat synpunkter i ärendet")
        self.assertEqual(Event.objects.filter(kind="board_package_exported").count(), 0)

    def test_a_topic_does_not_go_to_the_board(self):
        topic = make.make_item(make.make_paragraph(self.meeting))
        self.assertEqual(self.get(self.by, topic).status_code, 422)

    def test_it_is_an_accessible_file_for_the_archive(self):
        file = self.get(self.by).content
        self.assertEqual(pdfcheck.check(file), [])
        with pikepdf.open(io.BytesIO(file)) as document:
            self.assertEqual(str(document.Root.Lang), "sv")
            self.assertEqual(str(document.docinfo.Title), "Fackliga synpunkter till parknämnden")
            self.assertEqual(list(document.attachments), [])

    def test_as_many_questions_for_many_matters(self):
        self.client.force_login(self.by)
        meeting = self.meeting.pk
        with mock.patch("protocol.board.pdf.render", return_value=b"%PDF"):
            self.get(self.by)
            with self.assertNumQueries(count := self.asked()):
                self.get(self.by)
            paragraph = make.make_paragraph(self.again(), "board_matters")
            for n in range(5):
                text = f"[Barrfacket](party:{self.cast.other_union.pk}) undrade om sak {n}."
                item = self.item(paragraph, "board_matter", f"Ärende {n}", text=text)
                motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, title=f"Yrkande {n}")
                placing.place(motion, meeting=Meeting.objects.get(pk=meeting), paragraph=None, item=item, by=self.by)
            with self.assertNumQueries(count):
                self.get(self.by)

    def asked(self) -> int:
        with CaptureQueriesContext(connection) as queries:
            self.get(self.by)
        return len(queries.captured_queries)


class WhoMayTests(BoardCase):
    def statuses(self) -> list[int]:
        cast = self.cast
        users = (self.by, cast.chair, cast.hr, cast.employer, cast.union_rep, cast.auditor, cast.stranger)
        with mock.patch("protocol.board.pdf.render", return_value=b"%PDF"):
            found = [self.get(user, self.budget).status_code for user in users]
            self.assertEqual([self.get(user).status_code for user in users], found)
        return found

    def test_secretary_and_chair_from_the_draft_and_hr_when_it_is_sealed(self):
        self.assertEqual(self.statuses(), [200, 200, 409, 403, 403, 403, 404])
        version = self.freeze()
        self.assertEqual(self.statuses(), [200, 200, 409, 403, 403, 403, 404])
        self.cast.sign_all(version)
        sealing.seal(FrozenVersion.objects.get(pk=version.pk))
        self.assertEqual(self.statuses(), [200, 200, 200, 403, 403, 403, 404])

    def test_the_links_follow(self):
        self.seal()
        for user, may in ((self.by, True), (self.cast.hr, True), (self.cast.union_rep, False)):
            self.client.force_login(user)
            page = self.client.get(reverse("protocol:protocol", args=[self.meeting.pk])).content.decode()
            for name, pk in (("export_to_board", self.meeting.pk), ("export_matter_to_board", self.budget.pk)):
                self.assertEqual(reverse(f"protocol:{name}", args=[pk]) in page, may, str(user))


class LogTests(BoardCase):
    def test_every_file_that_is_taken_out_is_on_the_chain_with_its_hash(self):
        file = self.get(self.by, self.budget).content
        event = Event.objects.get(kind="board_package_exported")
        self.assertEqual((event.thing, event.actor), (f"meeting:{self.meeting.pk}", self.by))
        expected = {"items": [self.budget.pk], "matters": ["Budget"], "file_sha256": canonical.sha256(file)}
        self.assertEqual(event.payload.data, expected)
        self.get(self.cast.chair)
        self.assertEqual(Event.objects.filter(kind="board_package_exported").count(), 2)
        self.assertEqual(chain.verify(self.cast.group.chain), [])
        page = self.client.get(reverse("protocol:log", args=[self.meeting.pk]))
        for text in ("Fackliga synpunkter till nämnden togs ut", "Budget", canonical.sha256(file)):
            self.assertContains(page, text)

    def test_asking_for_the_head_alone_takes_nothing_out(self):
        self.client.force_login(self.by)
        self.client.head(reverse("protocol:export_to_board", args=[self.meeting.pk]))
        self.assertEqual(Event.objects.filter(kind="board_package_exported").count(), 0)

    def test_who_may_not_read_the_agenda_does_not_learn_of_the_matters_from_the_log(self):
        self.get(self.by, self.budget)
        self.client.force_login(self.cast.admin)
        address = reverse("protocol:log", args=[self.meeting.pk])
        statuses = []
        for user in (self.cast.admin, self.cast.auditor):
            self.client.force_login(user)
            page = self.client.get(address)
            statuses.append((page.status_code, "togs ut" in page.content.decode(), "Budget" in page.content.decode()))
        self.assertEqual(statuses, [(404, False, False), (200, True, True)])

    def test_the_seal_comes_out_the_same_after_a_file_was_taken_out(self):
        """The proofs hold the meeting's own events; what comes after the adjustment is not among them."""
        self.get(self.by, self.budget)
        self.seal()
        before = shown.export(self.again(), "pdf")
        self.get(self.by, self.budget)
        board.enter_decision(self.fresh(self.budget), decided_on=today(), text="Nämnden beslutar.", entries=[], by=self.by)
        self.assertEqual(shown.export(self.again(), "pdf") == before, True)


class LineTests(BoardCase):
    @property
    def url(self) -> str:
        return reverse("protocol:line", args=[self.meeting.pk])

    def test_the_last_signature_s_day_in_swedish_time(self):
        approvals = [
            replace(approval, signed_at=datetime(2026, 4, 29, hour, 30, tzinfo=UTC))
            for approval, hour in zip(make_approvals(), (8, 23, 9), strict=True)  # the adjuster signs after midnight in Sweden
        ]
        protocol = shown.show(self.meeting).protocol
        for mode, day in (("sealed", date(2026, 4, 30)), ("approval", None), ("draft", None)):
            seen = shown.Shown(protocol, {"mode": mode, "approvals": approvals}, None)
            self.assertEqual(to_board.adjusted_on(seen), day, mode)
        seen = shown.Shown(protocol, {"mode": "sealed", "approvals": approvals}, None)
        meeting_day = to_board.day(self.meeting.date)
        self.assertEqual(
            to_board.line(self.meeting, seen),
            f"Protokoll från förvaltningsgruppens möte {meeting_day}, justerat den 30 april 2026",
        )

    def test_it_is_there_when_all_have_signed_and_not_before(self):
        version = self.freeze()
        self.client.force_login(self.by)
        page = reverse("protocol:protocol", args=[self.meeting.pk])
        self.assertEqual(self.client.get(self.url).status_code, 409)
        self.assertNotContains(self.client.get(page), "anmälningsärenden")
        self.cast.sign_all(version)
        meeting_day, day = to_board.day(self.meeting.date), to_board.day(today())
        line = f"Protokoll från förvaltningsgruppens möte {meeting_day}, justerat {day}"
        for state in ("adjusted", "sealed"):
            self.assertEqual(self.again().state, state)
            response = self.client.get(self.url)
            self.assertEqual((response.content.decode(), response["Content-Type"]), (f"{line}\n", "text/plain; charset=utf-8"))
            self.assertContains(self.client.get(page), f" readonly>{line}</textarea>")
            sealing.seal(FrozenVersion.objects.get(pk=version.pk))

    def test_those_who_read_the_protocol_read_the_line(self):
        self.seal()
        statuses = []
        for user in (self.by, self.cast.hr, self.cast.union_rep, self.cast.auditor, self.cast.stranger):
            self.client.force_login(user)
            statuses.append(self.client.get(self.url).status_code)
        self.assertEqual(statuses, [200, 200, 200, 200, 404])

    def test_the_board_s_part_asks_as_much_for_many_matters(self):
        self.client.force_login(self.by)
        page = reverse("protocol:protocol", args=[self.meeting.pk])
        self.client.get(page)
        counts = []
        for n in range(2):
            with CaptureQueriesContext(connection) as queries:
                self.client.get(page)
            counts.append(len(queries.captured_queries))
            for k in range(6):
                self.item(make.make_paragraph(self.again(), "board_matters"), "board_matter", f"Ärende {n} {k}")
        self.assertEqual(counts[0], counts[1])


class LoadedTests(TestCase):
    """A protocol read from a file: the day it says, its letters and yrkanden found by the appendices that a matter refers to."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.meeting = load(form.loads(sample("gold/000.protocol.json").read_bytes()), by=None)
        cls.items = {item.title: item for item in Item.objects.for_board(cls.meeting)}

    def found(self, start: str):
        return to_board.package(self.meeting, next(item for title, item in self.items.items() if title.startswith(start)))

    def test_the_line_has_the_day_that_the_file_says(self):
        protocol = shown.show(self.meeting)
        line = to_board.line(self.meeting, protocol)
        self.assertIn(f", justerat {to_board.day(self.meeting.adjusted_on)}", line)

    def test_the_yrkanden_of_the_appendix_stand_under_the_matter(self):
        package = self.found("Underlag för budget")
        self.assertEqual([heading for heading, _ in package.matters[0].sections], ["Yrkanden"])
        self.assertEqual(len(package.matters[0].sections[0][1]), 2)
        self.assertIn("enligt källan", dict(package.facts)["Protokollet"])

    def test_the_letter_in_the_appendix_is_printed(self):
        package = self.found("Yttrande över projektrapport")
        (title, text), *_ = package.matters[0].appendices
        self.assertTrue(title.startswith("Bilaga\u00a01"))
        self.assertGreater(len(text.plain), 500)

    def test_what_nobody_spoke_of_has_no_package(self):
        self.assertIsNone(self.found("Arbetsmarknadsrapport"))
        self.assertEqual(len(to_board.package(self.meeting).matters), 2)
