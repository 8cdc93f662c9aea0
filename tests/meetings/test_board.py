"""What the board decided: entered beside a frozen protocol, corrected with a history, shown but never part of the text."""

from datetime import date, timedelta
from unittest import mock

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError
from django.test import TestCase
from django.urls import reverse

from meetings.actions import agenda
from meetings.actions import board as actions
from meetings.models import BoardDecision, BoardEntry, Item, Meeting
from people.models import User, today
from protocol import actions as protocol_actions
from protocol import sealing
from protocol.models import FrozenVersion, SealedProtocol
from record import chain
from record.models import Event
from record.moves import Refused, Stale, WrongState
from tests import factories as make
from tests.cast import Cast

TEXT = "1. Nämnden godkänner rapporten.\n2. Paragrafen justeras omedelbart."
RESERVATION = {"kind": "reservation", "persons": ["Vera Ask", "Bo Al"], "parties": ["X"], "text": "Vi yrkade avslag."}
STATEMENT = {"kind": "substitute_statement", "persons": ["Ida Pil"], "parties": [], "text": "Vi instämmer."}
NOT_PART = "Nämndens beslut, inte en del av protokollet"


class BoardCase(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        _ = (cls.cast.hr, cls.cast.union_rep, cls.cast.stranger)
        cls.by = cls.cast.secretary
        cls.meeting = cls.cast.meeting("draft")
        cls.item = agenda.add_item(
            make.make_paragraph(cls.meeting, "board_matters"), kind="board_matter", title="Tertialrapport", by=cls.by
        )
        agenda.edit_item(cls.item, fields={"outcome": "no_comments"}, version=cls.item.version, by=cls.by)

    def freeze(self) -> FrozenVersion:
        return protocol_actions.freeze(self.cast.ready(self.meeting), by=self.by, privacy_reviewed=True)

    def seal(self) -> SealedProtocol:
        version = self.freeze()
        self.cast.sign_all(version)
        return sealing.seal(FrozenVersion.objects.get(pk=version.pk))

    def fresh(self) -> Item:
        return Item.objects.get(pk=self.item.pk)

    def enter(self, **fields) -> BoardDecision:
        fields = {"decided_on": today(), "text": TEXT, "entries": [RESERVATION, STATEMENT], "by": self.by} | fields
        return actions.enter_decision(self.fresh(), **fields)


class EnterDecisionTests(BoardCase):
    def test_not_before_the_text_is_frozen(self):
        with self.assertRaises(WrongState):
            self.enter()
        self.freeze()
        self.enter()

    def test_the_sealed_file_and_the_signed_bytes_are_not_touched(self):
        sealed = self.seal()
        version = FrozenVersion.objects.get()
        before = (bytes(sealed.pdf), sealed.sha256, bytes(version.data), version.sha256)
        self.enter()
        self.enter(text="Nämnden återremitterar ärendet.", entries=[], version=1)
        sealed, version = SealedProtocol.objects.get(), FrozenVersion.objects.get()
        self.assertEqual((bytes(sealed.pdf), sealed.sha256, bytes(version.data), version.sha256) == before, True)
        self.client.force_login(self.by)
        self.assertEqual(self.client.get(reverse("protocol:pdf", args=[self.meeting.pk])).content == before[0], True)

    def test_the_guards_hold_the_matter_itself_as_before(self):
        self.seal()
        self.enter()
        for change in (
            lambda: Item.objects.filter(pk=self.item.pk).update(text="x"),
            lambda: Item.objects.filter(pk=self.item.pk).delete(),
            lambda: BoardDecision.history.model.objects.update(text="x"),
            lambda: BoardEntry.history.model.objects.all().delete(),
        ):
            with self.assertRaises((DatabaseError, IntegrityError)), transaction.atomic():
                change()

    def test_said_again_it_is_corrected_with_a_history_and_events(self):
        self.freeze()
        self.enter()
        with self.assertRaises(Stale):
            self.enter(text="Annat")
        row = self.enter(text="Annat", entries=[RESERVATION | {"text": "Ändrat."}], version=1, by=self.cast.hr)
        self.assertEqual(
            [(past.text, past.history_user) for past in row.history.all()], [("Annat", self.cast.hr), (TEXT, self.by)]
        )
        self.assertEqual([entry.text for entry in row.entries.all()], ["Ändrat."])
        self.assertEqual(BoardEntry.history.filter(history_type="-").get().history_user, self.cast.hr)
        events = Event.objects.filter(kind="board_decision_entered").order_by("seq")
        self.assertEqual([event.payload.data["edition"] for event in events], [1, 2])
        self.assertEqual({event.thing for event in events}, {f"meeting:{self.meeting.pk}"})
        self.assertEqual(chain.verify(self.cast.group.chain), [])

    def test_an_entry_that_says_the_same_gets_no_row_in_the_history(self):
        self.freeze()
        self.enter()
        self.enter(entries=[RESERVATION, STATEMENT | {"text": "Nytt."}], version=1)
        self.assertEqual([one.history.count() for one in BoardEntry.objects.order_by("position")], [1, 2])

    def test_remove_leaves_the_history(self):
        self.freeze()
        self.enter()
        with self.assertRaises(Stale):
            actions.remove_decision(self.fresh(), version=7, by=self.by)
        actions.remove_decision(self.fresh(), version=1, by=self.by)
        self.assertEqual((BoardDecision.objects.count(), BoardEntry.objects.count()), (0, 0))
        self.assertEqual(BoardDecision.history.filter(history_type="-").get().history_verb, "remove_decision")
        self.assertEqual(Event.objects.filter(kind="board_decision_removed").count(), 1)
        actions.remove_decision(self.fresh(), version=1, by=self.by)
        self.assertEqual(Event.objects.filter(kind="board_decision_removed").count(), 1)

    def test_what_is_wrong_is_refused(self):
        self.freeze()
        for wrong in ({"decided_on": today() + timedelta(days=1)}, {"text": " \n"}, {"entries": [RESERVATION] * 21}):
            with self.subTest(wrong), self.assertRaises(ValidationError):
                self.enter(**wrong)
        self.assertEqual(BoardDecision.objects.count(), 0)
        with self.assertRaises(IntegrityError), transaction.atomic():
            BoardDecision.objects.create(item=self.item, decided_on=today(), text="")

    def test_only_a_matter_and_only_where_there_is_a_board(self):
        paragraph = make.make_paragraph(self.meeting)
        topic, decision = make.make_item(paragraph), make.make_item(paragraph, kind="decision", outcome="tabled")
        self.freeze()
        fields = {"decided_on": today(), "text": "x", "entries": [], "by": self.by}
        with self.assertRaises(Refused):
            actions.enter_decision(Item.objects.get(pk=topic.pk), **fields)
        actions.enter_decision(Item.objects.get(pk=decision.pk), **fields)
        group = self.cast.group
        group.board = None
        group.save()
        with self.assertRaisesMessage(Refused, "Gruppen hör inte till någon nämnd."):
            actions.enter_decision(Item.objects.get(pk=decision.pk), version=1, **fields)

    def test_a_matter_with_a_decision_is_not_taken_away_when_the_text_is_taken_back(self):
        self.freeze()
        self.enter()
        protocol_actions.withdraw(Meeting.objects.get(pk=self.meeting.pk), reason="Stavfel.", by=self.by)
        with self.assertRaisesMessage(Refused, "nämndens beslut"):
            agenda.remove_item(self.fresh(), by=self.by)


class EnterDecisionViewTests(BoardCase):
    @property
    def url(self) -> str:
        return reverse("meetings:enter_decision", args=[self.item.pk])

    def post(self, user: User, rows: list[dict] | None = None, **data):
        self.client.force_login(user)
        rows = rows if rows is not None else [RESERVATION]
        sent = {"decided_on": today().isoformat(), "board_paragraph": "§ 9", "text": TEXT, "version": 0}
        sent |= {"rad-TOTAL_FORMS": len(rows) + 1, "rad-INITIAL_FORMS": 0}
        for at, row in enumerate(rows):
            sent |= {f"rad-{at}-{name}": "\n".join(value) if isinstance(value, list) else value for name, value in row.items()}
        sent[f"rad-{len(rows)}-kind"] = "reservation"
        return self.client.post(self.url, sent | data)

    def test_who_may_and_when(self):
        def statuses() -> list[int]:
            codes = []
            for user in (self.by, self.cast.hr, self.cast.chair, self.cast.union_rep, self.cast.stranger):
                self.client.force_login(user)
                codes.append(self.client.get(self.url).status_code)
            return codes

        self.assertEqual(statuses(), [409, 409, 403, 403, 404])
        self.seal()
        self.assertEqual(statuses(), [200, 200, 403, 403, 404])

    def test_it_is_entered_and_shown_beside_the_matter_and_outside_the_text(self):
        self.seal()
        self.assertRedirects(
            self.post(self.by, [RESERVATION, STATEMENT]),
            reverse("meetings:meeting", args=[self.meeting.pk]) + f"#arende-{self.item.pk}",
            status_code=303,
        )
        for name in ("protocol:protocol", "meetings:meeting"):
            for user in (self.cast.union_rep, self.cast.hr, self.by):
                self.client.force_login(user)
                page = self.client.get(reverse(name, args=[self.meeting.pk]))
                for shown in (NOT_PART, "<li>Nämnden godkänner rapporten.</li>", "§ 9 i nämndens protokoll", "Vi yrkade avslag."):
                    self.assertContains(page, shown)
                self.assertContains(page, "Reservation från Vera Ask och Bo Al (X)")
                self.assertContains(page, "Ersättaryttrande från Ida Pil")
                self.assertEqual(self.url in page.content.decode(), user != self.cast.union_rep)
        page = self.client.get(reverse("protocol:protocol", args=[self.meeting.pk])).content.decode()
        article = page[page.index("<article>") : page.index("</article>")]
        self.assertNotIn("Nämnden godkänner rapporten.", article)
        self.assertIn("Tertialrapport", article)
        self.client.force_login(self.cast.stranger)
        self.assertEqual(self.client.get(reverse("protocol:protocol", args=[self.meeting.pk])).status_code, 404)

    def test_errors_stand_at_the_field_and_nothing_typed_is_lost(self):
        self.freeze()
        page = self.post(self.by, [RESERVATION | {"persons": "", "parties": ""}, STATEMENT | {"text": ""}], text="")
        for words in ("Skriv nämndens beslut.", "Skriv vem eller vilka det kommer från.", "Skriv vad som lämnades in."):
            self.assertContains(page, words)
        self.assertContains(page, "Vi yrkade avslag.")
        self.assertContains(page, "Ida Pil")
        page = self.post(self.by, decided_on=(today() + timedelta(days=3)).isoformat())
        self.assertTrue(page.context["form"].has_error("decided_on"))
        self.assertEqual(BoardDecision.objects.count(), 0)

    def test_texts_that_are_too_much_together_are_counted_and_none_is_parsed(self):
        self.freeze()
        self.client.force_login(self.by)
        url = reverse("meetings:enter_decision", args=[self.item.pk])
        for text, kind, said in (
            ("<p>" + "ord " * 2_400 + "</p>", "html", "tecken, högst 150 000"),
            ("<p>x</p>" * 300, "html", "rader, högst 5 000"),
            ("ord " * 2_400, "", "tecken, högst 150 000"),
            ("**a** " * 700, "", "ställen med fetstil eller länk, högst 12 000"),
            ("<p>x" * 3_000, "html", "Allt tillsammans är för stort"),
        ):
            sent = {"decided_on": today().isoformat(), "text": "ord", "version": 0, "rad-TOTAL_FORMS": 20, "rad-INITIAL_FORMS": 0}
            for row in range(20):
                entry = {"kind": "reservation", "persons": "A", "text": text, "text_format": kind}
                sent |= {f"rad-{row}-{name}": value for name, value in entry.items()}
            for more in ({}, {"more": "1"}):
                with (
                    self.subTest(text[:8], kind=kind, **more),
                    mock.patch("record.fields.plain_of") as html,
                    mock.patch("record.fields.to_editor_html") as shown,
                    mock.patch("record.text.canonical") as plain,
                ):
                    answer = self.client.post(url, sent | more)
                    for parsed in (html, shown, plain):
                        parsed.assert_not_called()
                    self.assertContains(answer, text[:20].replace("<", "&lt;").replace(">", "&gt;"))
                    if not more:
                        self.assertContains(answer, said)
        self.assertFalse(BoardDecision.objects.exists())

    def test_all_decisions_of_a_meeting_have_room_on_its_page_together(self):
        paragraph = make.make_paragraph(self.meeting, "decisions")
        others = [agenda.add_item(paragraph, kind="board_matter", title=f"Ärende {n}", by=self.by) for n in range(3)]
        for item in others:
            agenda.edit_item(item, fields={"outcome": "no_comments"}, version=item.version, by=self.by)
        self.freeze()
        much = {"decided_on": today(), "text": "ord " * 10_000, "by": self.by}
        handed_in = [RESERVATION | {"text": "ord " * 10_000}]
        for item in others[:2]:
            actions.enter_decision(item, entries=handed_in, **much)
        told = "Allt om nämndens beslut i mötets ärenden har 239 996 tecken, högst 200 000 får plats."
        with self.assertRaisesMessage(ValidationError, told):
            actions.enter_decision(others[2], entries=handed_in, **much)
        actions.enter_decision(others[1], entries=handed_in, version=1, **much)  # what stands there is not counted twice
        with self.assertRaisesMessage(ValidationError, "Allt tillsammans har 160"):
            actions.enter_decision(others[2], entries=handed_in * 3, **much)

    def test_one_more_row_without_saving(self):
        self.freeze()
        page = self.post(self.by, more="1")
        self.assertEqual(len(page.context["rows"].forms), 3)
        self.assertContains(page, "Vi yrkade avslag.")
        self.assertContains(page, "inte sparat än")
        self.assertEqual(page.context["form"].errors, {})
        self.assertEqual(BoardDecision.objects.count(), 0)

    def test_two_who_write_at_once(self):
        self.freeze()
        self.enter(text="Det andra beslutet.")
        page = self.post(self.by, text="Mitt beslut.")
        self.assertContains(page, "Det andra beslutet.", status_code=409)
        self.assertContains(page, "Mitt beslut.", status_code=409)
        self.post(self.by, text="Mitt beslut.", version=page.context["form"]["version"].value())
        self.assertEqual(BoardDecision.objects.get().text, "Mitt beslut.")

    def test_an_emptied_row_is_taken_away_and_the_page_begins_with_what_stands(self):
        self.freeze()
        self.enter()
        self.client.force_login(self.by)
        self.assertEqual(len(self.client.get(self.url).context["rows"].forms), 3)
        self.post(self.by, [{"kind": "reservation"}, STATEMENT], version=1)
        self.assertEqual([one.text for one in BoardEntry.objects.all()], ["Vi instämmer."])

    def test_take_it_away(self):
        self.freeze()
        self.enter()
        self.client.force_login(self.by)
        for version, left in (("x", 1), ("7", 1), ("1", 0)):
            self.client.post(self.url, {"remove": "1", "version": version})
            self.assertEqual(BoardDecision.objects.count(), left)

    def test_the_day_is_the_board_s_as_planned(self):
        Meeting.objects.filter(pk=self.meeting.pk).update(board_meets_on=date(2026, 4, 21))
        self.freeze()
        self.client.force_login(self.by)
        self.assertContains(self.client.get(self.url), 'value="2026-04-21"')

    def test_the_log_tells_and_hides_the_matter_from_those_who_may_not_read_the_agenda(self):
        self.seal()
        self.enter()
        log = reverse("protocol:log", args=[self.meeting.pk])
        self.client.force_login(self.by)
        page = self.client.get(log)
        self.assertContains(page, "Nämndens beslut skrevs in")
        self.assertContains(page, "Tertialrapport")
