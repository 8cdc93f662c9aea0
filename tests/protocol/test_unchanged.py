"""`manage.py verify` holds the live rows against the bytes that were frozen, and does not mind what may lawfully change."""

from datetime import timedelta

from django.db import connection, models
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from meetings.actions import balance, placing
from meetings.models import (
    Appendix,
    Attendance,
    BalanceItem,
    Decision,
    Disagreement,
    Interruption,
    Item,
    Meeting,
    Officer,
    Paragraph,
    Reservation,
)
from motions.actions import handling
from motions.models import Answer, Claim, Motion, Support
from people.models import Group, PartyName, Person
from protocol import actions, sealing, unchanged
from protocol import format as form
from protocol.legacy.load import load
from protocol.models import FrozenVersion
from record import verifying
from record.history import remember
from tests import factories as make
from tests.cast import Cast
from tests.protocol.full import make_sealed
from tests.runner import lift, put_back
from tests.samples import invented

CHANGES: tuple[tuple[type[models.Model], str, object, str], ...] = (
    (Meeting, "place", "Storgatan 1", "place"),
    (Meeting, "channels", ["Teams"], "channels"),
    (Paragraph, "text", "Chefen sade inget.", "§"),
    (Paragraph, "heading", "En annan rubrik", "§"),
    (Item, "text", "Lokalerna målas aldrig om.", "§"),
    (Item, "outcome", "disagreement", "§"),
    (Decision, "text", "Budgeten avslås.", "§"),
    (Disagreement, "reason", "Ingen orsak.", "§"),
    (Attendance, "name", "Någon Annan", "attendance"),
    (Attendance, "status", "absent", "attendance"),
    (Interruption, "reason", "Gick hem.", "attendance"),
    (Officer, "name", "Någon Annan", "signers"),
    (Appendix, "title", "En annan bilaga", "appendices"),
    (Appendix, "sha256", "0" * 64, "appendices"),
    (Reservation, "text", "Vi är nöjda.", "reservations"),
    (Motion, "background", "Vi vill inget.", "motions and answers"),
    (Claim, "text", "att inget görs.", "motions and answers"),
    (Answer, "text", "Nej.", "motions and answers"),
    (Answer, "outcome", "rejected", "motions and answers"),
)


def found() -> list[str]:
    return [fault for looked in unchanged.texts() for fault in looked.faults]


class UnchangedTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        cls.meeting = make_sealed(cls.cast).version.meeting

    def test_what_was_frozen_is_what_stands(self):
        self.assertEqual(found(), [])

    def test_a_row_that_its_owner_changed_with_a_forged_history_is_found(self):
        lift()
        for model, field, value, part in CHANGES:
            with self.subTest(model=model.__name__, field=field):
                rows = model._base_manager.exclude(**{field: value}).order_by("pk")
                row = rows.exclude(text="").first() if model is Paragraph and field == "text" else rows.last()
                was = getattr(row, field)
                setattr(row, field, value)
                remember(row, by=None, verb="")
                told = found()
                self.assertTrue(told and all(one.startswith("it does not say what was frozen: ") for one in told), told)
                self.assertTrue(any(part in one for one in told), told)
                setattr(row, field, was)
                remember(row, by=None, verb="")
                self.assertEqual(found(), [])
        put_back()

    def test_a_row_that_was_taken_away_is_found(self):
        lift()
        Support.objects.all()._raw_delete("default")
        self.assertEqual(found(), ["it does not say what was frozen: motions and answers"])
        Decision.objects.all()._raw_delete("default")
        self.assertEqual(len(found()), 2)
        put_back()

    def test_new_names_and_a_reworded_promise_are_no_fault(self):
        for row, field, value in (
            (PartyName.objects.get(party=self.cast.union), "name", "Trädförbundet"),
            (PartyName.objects.get(party=self.cast.other_union), "abbreviation", "TF"),
            (PartyName.objects.get(party=self.cast.other_union), "name", "Skogsfacket"),
            (Group.objects.get(pk=self.cast.group.pk), "name", "Den nya gruppen"),
            (Group.objects.get(pk=self.cast.board.pk), "definite", "den nya nämnden"),
            (Person.objects.get(pk=self.cast.union_rep.person.pk), "name", "Ulf Björk"),
        ):
            setattr(row, field, value)
            remember(row, by=None, verb="test")
        for choice in Group.Empty.values:
            group = Group.objects.get(pk=self.cast.group.pk)
            group.empty_paragraphs = choice
            remember(group, by=None, verb="test")
            self.assertEqual(found(), [])
        item = BalanceItem.objects.get()
        balance.change_item(item, title="Byta låsen", owner=None, due=None, version=item.version, by=self.cast.secretary)
        self.assertEqual(found(), [])

    def test_a_word_that_a_union_has_been_called_is_no_name_in_a_text(self):
        party = make.make_party("fastställs", "", position=9)
        row = party.names.get()
        for name in ("avslås", "Lilla facket"):
            row.name = name
            remember(row, by=None, verb="")
        lift()
        decision = Decision.objects.get()
        decision.text = "Budgeten avslås."
        remember(decision, by=None, verb="")
        put_back()
        self.assertTrue(any("§" in one for one in found()))

    def test_another_union_under_the_name_of_the_first_is_found(self):
        row = PartyName.objects.get(party=self.cast.other_union)
        row.name = PartyName.objects.get(party=self.cast.union).name
        remember(row, by=None, verb="")
        row.name = "Skogsfacket"
        remember(row, by=None, verb="")
        lift()
        attendance = Attendance.objects.filter(party=self.cast.union).first()
        attendance.party = self.cast.other_union
        remember(attendance, by=None, verb="")
        put_back()
        self.assertEqual(found(), ["it does not say what was frozen: attendance"])

    def test_a_protocol_that_was_loaded_is_what_was_frozen(self):
        load(form.read(invented()), filename="protokoll.json", state="approval", by=self.cast.secretary)
        self.assertEqual(verifying.look(verifying.all_checks()).findings, [])

    def test_what_a_later_meeting_takes_up_is_held_against_that_one(self):
        cast = self.cast
        meeting = cast.meeting("draft", date=make.today() + timedelta(days=50))
        motion = make.make_motion(cast.group, cast.union, by=cast.union_rep, title="Belysning")
        under = make.make_paragraph(meeting)
        placing.place(motion, meeting=meeting, paragraph=under, by=cast.secretary)
        handling.postpone(
            motion, until=make.today() + timedelta(days=90), text="Bordläggs.", table=True, why="Tid.", by=cast.secretary
        )
        version = actions.freeze(cast.ready(meeting), by=cast.secretary, privacy_reviewed=True)
        cast.sign_all(version)
        sealing.seal(FrozenVersion.objects.get(pk=version.pk))
        self.assertEqual(found(), [])
        later = cast.meeting("draft", date=make.today() + timedelta(days=90))
        motion = Motion.objects.get(pk=motion.pk)
        if not later.placements.filter(motion=motion).exists():
            placing.place(motion, meeting=later, paragraph=make.make_paragraph(later), by=cast.secretary)
        make.make_answer(motion.claims.get(), by=cast.chair, text="Lamporna byts.")
        self.assertEqual(found(), [])
        actions.freeze(cast.ready(later), by=cast.secretary, privacy_reviewed=True)
        self.assertEqual(found(), [])
        lift()
        Answer.objects.filter(text="Lamporna byts.").update(text="Inga lampor.")
        self.assertEqual(found(), ["it does not say what was frozen: motions and answers"])
        put_back()

    def test_it_asks_as_much_for_many_meetings_as_for_a_few(self):
        counted = []
        for _ in range(2):
            for _ in range(2):
                make_full = self.cast.meeting("approval")
            with CaptureQueriesContext(connection) as queries:
                self.assertEqual(found(), [], make_full)
            counted.append(len(queries))
        self.assertEqual(counted[0], counted[1])
