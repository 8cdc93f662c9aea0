"""The last lock around the approval: what the database refuses by itself, whoever asks and however, by ORM and by SQL."""

from datetime import timedelta
from unittest import skipUnless

from django.db import DatabaseError, connection, models, transaction
from django.test import TestCase

from meetings.actions import balance, proposals
from meetings.models import Appendix, Attendance, BalanceNote, Decision, Item, Meeting, Officer, Paragraph, Placement
from meetings.states import State
from motions.models import Answer, Claim, Motion, Support
from protocol import actions, canonical, sealing, shown
from protocol.models import FrozenVersion, SealedProtocol, Signature, Withdrawal
from record import chain, guards
from record.history import remember
from record.models import Event, EventPayload
from tests import factories as make
from tests.cast import Cast
from tests.protocol.full import make_full_draft, make_sealed

# What a protocol is made of, and a field of each that would change what it says.
CONTENT = (
    (Paragraph, "text"),
    (Item, "text"),
    (Decision, "text"),
    (Appendix, "title"),
    (Attendance, "name"),
    (Officer, "name"),
    (Placement, "position"),
    (Motion, "title"),
    (Claim, "text"),
    (Support, "party_printed"),
    (Answer, "text"),
)
EVIDENCE = ((FrozenVersion, "sha256"), (Signature, "name"), (SealedProtocol, "sha256"), (Event, "kind"))


class GuardTestCase(TestCase):
    def fresh(self, thing):
        return type(thing)._base_manager.get(pk=thing.pk)

    def refuse(self, call, said: str = "") -> None:
        """The database stops it with the words of one of our guards."""
        with self.assertRaises(DatabaseError) as caught, transaction.atomic():
            call()
        told = str(caught.exception)
        self.assertEqual([guard.message for guard in guards.all_guards() if guard.message in told][:1] != [], True, told)
        self.assertIn(said, told)

    def sql(self, statement: str, *values):
        def run() -> None:
            with connection.cursor() as cursor:
                cursor.execute(statement, values)

        return run


class ApprovalGuardTests(GuardTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        cls.meeting = cls.cast.meeting("approval")
        cls.version = cls.meeting.versions.get()

    def sign(self, role: str, user) -> None:
        actions.sign(self.fresh(self.version), role=role, seen=self.version.sha256, by=user)

    def test_nothing_is_sealed_that_has_not_been_adjusted(self):
        for signed in (0, 1, 2):
            for state in ("sealed", "archived", "planned", "called", "cancelled"):
                self.refuse(
                    self.sql("UPDATE meetings_meeting SET state = %s WHERE id = %s", state, self.meeting.pk),
                    "a meeting goes only where a verb leads",
                )
                self.refuse(lambda state=state: Meeting.objects.filter(pk=self.meeting.pk).update(state=state))
            self.assertEqual(Signature.objects.count(), signed)
            if signed < 2:
                self.sign(*(("chair", self.cast.chair), ("adjuster", self.cast.adjuster))[signed])
        self.assertEqual(self.fresh(self.meeting).state, "approval")

    def test_no_second_text_beside_one_that_people_sign(self):
        self.sign("chair", self.cast.chair)
        copy = {"meeting": self.meeting, "schema": self.version.schema, "data": b"{}", "sha256": "0" * 64, "n": 2}
        self.refuse(lambda: FrozenVersion.objects.create(**copy), "only a draft can be frozen")
        self.refuse(lambda: FrozenVersion.objects.bulk_create([FrozenVersion(**copy)]), "only a draft can be frozen")
        columns = "meeting_id, schema, data, sha256, frozen_at, frozen_by_id"
        self.refuse(
            self.sql(
                f"INSERT INTO protocol_frozenversion (n, {columns}) "
                f"SELECT 2, {columns} FROM protocol_frozenversion WHERE id = %s",
                self.version.pk,
            ),
            "only a draft can be frozen",
        )
        self.assertEqual(shown.current_version(self.meeting), self.version)

    def test_a_file_is_stored_only_for_what_is_adjusted(self):
        self.refuse(
            lambda: SealedProtocol.objects.create(version=self.version, pdf=b"%PDF", sha256="0" * 64),
            "only an adjusted version can be sealed",
        )

    def test_a_signature_is_given_by_nobody_else_afterwards(self):
        for role, user in (("chair", self.cast.chair), ("adjuster", self.cast.adjuster), ("secretary", self.cast.secretary)):
            self.sign(role, user)
        row = {"version": self.version, "role": "adjuster", "person": self.cast.employer.person, "by": self.cast.employer}
        self.refuse(
            lambda: Signature.objects.create(**row, name="Erik Lind", method="password", digest="0" * 64),
            "only a version under approval can be signed",
        )

    def test_what_all_have_signed_is_not_taken_back_by_a_row_beside_it(self):
        for role, user in (("chair", self.cast.chair), ("adjuster", self.cast.adjuster), ("secretary", self.cast.secretary)):
            self.sign(role, user)
        for state in ("adjusted", "sealed"):
            self.assertEqual(self.fresh(self.meeting).state, state)
            self.refuse(
                lambda: Withdrawal.objects.create(version=self.version, by=self.cast.chair, reason="Fel."),
                "only a version under approval can be taken back",
            )
            if state == "adjusted":
                sealing.seal(self.fresh(self.version))

    def test_nobody_signs_a_version_that_has_been_taken_back(self):
        actions.withdraw(self.fresh(self.meeting), reason="Fel ord.", by=self.cast.secretary)
        row = {"role": "chair", "person": self.cast.chair.person, "by": self.cast.chair, "name": "C", "method": "password"}
        self.refuse(lambda: Signature.objects.create(version=self.version, digest="0" * 64, **row))
        actions.freeze(self.fresh(self.meeting), by=self.cast.secretary, privacy_reviewed=True)
        self.refuse(lambda: Signature.objects.create(version=self.version, digest="0" * 64, **row))


class SealedGuardTests(GuardTestCase):
    """The ORM is no way around: save, update, bulk_update, delete and new rows are all refused."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        sealed = make_sealed(cls.cast)
        cls.meeting, cls.bytes = sealed.version.meeting, bytes(sealed.pdf)

    def changed(self, model: type[models.Model], field: str):
        row = model._base_manager.order_by("pk").last()
        self.assertIsNotNone(row, f"{model.__name__} has no row to tamper with")
        value = 99 if field == "position" else "något annat"
        setattr(row, field, value)
        return row, value

    def test_nothing_the_protocol_is_made_of_changes_through_the_orm(self):
        for model, field in (*CONTENT, *EVIDENCE):
            with self.subTest(model.__name__):
                row, value = self.changed(model, field)
                self.refuse(row.save)
                self.refuse(lambda row=row, field=field: row.save(update_fields=[field]))
                self.refuse(
                    lambda row=row, field=field, value=value: type(row)._base_manager.filter(pk=row.pk).update(**{field: value})
                )
                self.refuse(lambda row=row, field=field: type(row)._base_manager.bulk_update([row], [field]))
                self.refuse(lambda row=row: type(row)._base_manager.filter(pk=row.pk)._raw_delete("default"))

    def test_nothing_is_added_to_it_through_the_orm(self):
        for model, _ in CONTENT:
            if model is Motion:
                continue  # a new motion belongs to no protocol yet
            with self.subTest(model.__name__):
                row = model._base_manager.order_by("pk").last()
                row.pk = None
                row._state.adding = True
                if hasattr(row, "position"):
                    row.position = 77
                self.refuse(lambda row=row: row.save(force_insert=True))

    def test_the_meeting_keeps_what_the_protocol_prints(self):
        for field, value in (("place", "Någon annanstans"), ("date", make.today()), ("ends", "23:00"), ("state", "draft")):
            self.refuse(lambda field=field, value=value: Meeting.objects.filter(pk=self.meeting.pk).update(**{field: value}))
        self.refuse(lambda: Meeting.objects.filter(pk=self.meeting.pk)._raw_delete("default"))

    def test_history_through_the_orm_is_as_closed(self):
        for model, field in CONTENT:
            past = model.history.first()
            setattr(past, field, 99 if field == "position" else "något annat")
            self.refuse(past.save)
            self.refuse(past.delete)

    def tearDown(self) -> None:
        sealed = SealedProtocol.objects.get()
        self.assertEqual(bytes(sealed.pdf), self.bytes)
        super().tearDown()


class WholeLifeTests(GuardTestCase):
    """Somebody with the runtime role and SQL walks beside the verbs: each step that they do not know is refused."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()

    def to(self, meeting: Meeting, state: str):
        return self.sql("UPDATE meetings_meeting SET state = %s WHERE id = %s", state, meeting.pk)

    def test_a_meeting_goes_only_where_a_verb_leads_from_its_first_day(self):
        legal = {"planned": {"called", "cancelled"}, "called": {"draft", "cancelled"}, "draft": set(), "cancelled": set()}
        for state, open_ways in legal.items():
            meeting = self.cast.meeting(state)
            for other in set(State.values) - open_ways - {state}:
                with self.subTest(state, other=other):
                    self.refuse(self.to(meeting, other))

    def test_a_meeting_does_not_begin_in_the_middle_of_its_life(self):
        for state in set(State.values) - {"planned"}:
            self.refuse(
                lambda state=state: Meeting.objects.bulk_create(
                    [Meeting(group=self.cast.group, date=make.today(), state=state, cancelled_why="x")]
                ),
                "a meeting begins as planned",
            )

    def test_a_draft_is_not_approved_without_a_frozen_text(self):
        self.refuse(self.to(self.cast.meeting("draft"), "approval"), "what is approved has been frozen")

    def test_approval_is_not_opened_without_a_withdrawal(self):
        self.refuse(self.to(self.cast.meeting("approval"), "draft"), "what is opened again has been taken back")

    def forged(self, version: FrozenVersion, role: str, user, *, by=None):
        return Signature(
            version=version, role=role, person=user.person, by=by or user, name="X", method="password", digest=f"{user.pk:064d}"
        )

    def test_a_signature_is_given_only_by_those_the_text_names_and_from_their_own_log_in(self):
        version = self.cast.meeting("approval").versions.get()
        for one in (
            self.forged(version, "adjuster", self.cast.employer),
            self.forged(version, "secretary", self.cast.chair),
            self.forged(version, "chair", self.cast.chair, by=self.cast.secretary),
        ):
            self.refuse(lambda one=one: one.save(force_insert=True), "by those it names")

    def test_signatures_that_the_log_does_not_know_adjust_and_seal_nothing(self):
        meeting = self.cast.meeting("approval")
        version = meeting.versions.get()
        for role, user in (("chair", self.cast.chair), ("adjuster", self.cast.adjuster), ("secretary", self.cast.secretary)):
            self.forged(version, role, user).save(force_insert=True)
        self.refuse(self.to(meeting, "adjusted"), "has been signed by all")
        made_up = {"version": 1, "sha256": version.sha256}
        chain.append(meeting.group.chain, "adjusted", by=None, thing=f"meeting:{meeting.pk}", data=made_up)
        self.refuse(self.to(meeting, "adjusted"), "has been signed by all")
        put = make.put_in_state(meeting, "adjusted")
        row = SealedProtocol(version=version, pdf=b"%PDF", sha256=canonical.sha256(b"%PDF"))
        self.refuse(lambda: row.save(force_insert=True), "only an adjusted version can be sealed")
        self.refuse(self.to(put, "sealed"), "what is sealed has its file")

    def test_not_before_all_have_signed(self):
        meeting = self.cast.meeting("approval")
        version = meeting.versions.get()
        actions.sign(version, role="chair", seen=version.sha256, by=self.cast.chair)
        made_up = {"version": 1, "sha256": version.sha256}
        chain.append(meeting.group.chain, "adjusted", by=None, thing=f"meeting:{meeting.pk}", data=made_up)
        self.refuse(self.to(meeting, "adjusted"), "has been signed by all")

    def test_nothing_that_the_log_says_is_erased(self):
        self.cast.meeting("sealed")
        for kind in ("called", "draft_opened", "frozen", "signed", "adjusted", "sealed"):
            self.refuse(lambda kind=kind: EventPayload.objects.filter(event__kind=kind).delete(), "is evidence")

    def test_a_file_has_its_own_checksum(self):
        meeting = self.cast.meeting("adjusted")
        row = SealedProtocol(version=meeting.versions.get(), pdf=b"%PDF", sha256="0" * 64)
        if connection.vendor == "sqlite":
            row.save(force_insert=True)  # it counts no checksums; but the log knows no such file
        else:
            self.refuse(lambda: row.save(force_insert=True), "only an adjusted version can be sealed")
        self.refuse(self.to(meeting, "sealed"), "what is sealed has its file")

    def test_a_locked_motion_is_not_opened_by_its_phase(self):
        meeting = make_full_draft(self.cast)
        actions.freeze(meeting, by=self.cast.secretary, privacy_reviewed=True)
        motion = Motion.objects.get()
        for phase in ("K", "U", "S", "A"):
            self.refuse(self.sql("UPDATE motions_motion SET phase = %s WHERE id = %s", phase, motion.pk), "follows its meeting")
        self.cast.sign_all(self.fresh(meeting).versions.get())
        sealing.seal(self.fresh(meeting).versions.get())
        for phase in ("K", "U", "J", "A"):
            self.refuse(self.sql("UPDATE motions_motion SET phase = %s WHERE id = %s", phase, motion.pk), "follows its meeting")

    def test_a_motion_is_neither_born_locked_nor_filed_twice(self):
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep)
        for state in ("draft",):
            self.refuse(self.sql("UPDATE motions_motion SET state = %s WHERE id = %s", state, motion.pk), "where a verb leads")
        self.refuse(self.sql("UPDATE motions_motion SET phase = 'J' WHERE id = %s", motion.pk), "follows its meeting")
        born = Motion(group=self.cast.group, party=self.cast.union, kind="motion", phase="J")
        self.refuse(lambda: born.save(force_insert=True), "a motion begins as a draft")


class PromiseGuardTests(GuardTestCase):
    """A promise neither vanishes nor closes by itself."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        cls.meeting = cls.cast.meeting("draft")
        cls.item = balance.open_item(cls.cast.group, title="Ny ventilation", meeting=cls.meeting, by=cls.cast.secretary)

    def test_it_closes_only_by_a_closing_note(self):
        close = self.sql(
            "UPDATE meetings_balanceitem SET state = 'closed', closed_at_id = %s WHERE id = %s", self.meeting.pk, self.item.pk
        )
        self.refuse(close, "a promise is closed by a note")
        balance.note(self.item, meeting=self.meeting, text="På gång.", by=self.cast.secretary)
        self.refuse(close, "a promise is closed by a note")
        balance.note(self.item, meeting=self.meeting, text="Klart.", closes=True, by=self.cast.secretary)
        self.assertEqual(self.fresh(self.item).state, "closed")

    def test_it_closes_at_no_meeting_of_another_group_nor_at_one_that_is_cancelled(self):
        elsewhere = make.make_meeting(self.cast.other_group, by=self.cast.secretary)
        cancelled = self.cast.meeting("cancelled")
        for meeting in (elsewhere, cancelled):
            under = meeting.paragraphs.first() or make.make_paragraph(meeting)
            note = self.item.notes.filter(meeting=meeting).first() or BalanceNote(item=self.item, meeting=meeting)
            note.text, note.closes, note.under = "Klart.", True, under
            remember(note, by=None, verb="")
            self.refuse(
                self.sql(
                    "UPDATE meetings_balanceitem SET state = 'closed', closed_at_id = %s WHERE id = %s", meeting.pk, self.item.pk
                ),
                "at a meeting of its own group",
            )

    def test_what_somebody_has_written_about_is_not_removed(self):
        balance.note(self.item, meeting=self.meeting, text="På gång.", by=self.cast.secretary)
        BalanceNote.objects.all()._raw_delete("default")
        self.refuse(
            self.sql("DELETE FROM meetings_balanceitem WHERE id = %s", self.item.pk), "a promise is closed, never removed"
        )

    def test_it_stays_on_its_list(self):
        self.refuse(
            self.sql("UPDATE meetings_balanceitem SET group_id = %s WHERE id = %s", self.cast.other_group.pk, self.item.pk),
            "stays on the list",
        )

    def test_what_a_protocol_has_closed_stays_closed(self):
        balance.note(self.item, meeting=self.meeting, text="Klart.", closes=True, by=self.cast.secretary)
        actions.freeze(self.cast.ready(self.meeting), by=self.cast.secretary, privacy_reviewed=True)
        self.refuse(
            self.sql("UPDATE meetings_balanceitem SET state = 'open', closed_at_id = NULL WHERE id = %s", self.item.pk),
            "stays closed",
        )
        self.refuse(self.sql("DELETE FROM meetings_balanceitem WHERE id = %s", self.item.pk), "never removed")

    def test_a_proposal_is_answered_once(self):
        meeting = self.cast.meeting("called", date=make.today() + timedelta(days=40))
        proposal = proposals.propose(meeting, title="Parkering", text="Fler platser.", party=None, by=self.cast.adjuster)
        proposals.return_proposal(proposal, reason="Nästa gång.", version=proposal.version, by=self.cast.secretary)
        for state in ("proposed", "placed", "withdrawn"):
            self.refuse(self.sql("UPDATE meetings_proposal SET state = %s WHERE id = %s", state, proposal.pk), "answered once")
        self.refuse(self.sql("DELETE FROM meetings_proposal WHERE id = %s", proposal.pk), "answered, never removed")


@skipUnless(connection.vendor == "sqlite", "PostgreSQL has no REPLACE")
class ReplaceGuardTests(GuardTestCase):
    """INSERT OR REPLACE removes the row with the same key: that is refused where removing is, whatever the pragmas say."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        cls.meeting = make_sealed(cls.cast).version.meeting
        cls.cast.meeting("approval")
        cls.draft = cls.cast.meeting("draft")

    def setUp(self) -> None:
        self.pragma("OFF")
        self.addCleanup(self.pragma, "ON")

    def pragma(self, value: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA recursive_triggers = {value}")

    def columns(self, table: str, **instead: str) -> str:
        """The columns of a table, and what is selected for each."""
        with connection.cursor() as cursor:
            names = [column.name for column in connection.introspection.get_table_description(cursor, table)]
        return ", ".join(f'"{name}"' for name in names), ", ".join(instead.get(name, f'"{name}"') for name in names)

    def test_no_row_of_evidence_is_replaced_by_its_key(self):
        tried = 0
        for table in sorted({guard.table for guard in guards.all_guards() if guard.event == "DELETE"}):
            names, values = self.columns(table)
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT count(*) FROM {table}")
                rows = cursor.fetchone()[0]
            if rows and any(
                guard.condition == "1 = 1" for guard in guards.all_guards() if (guard.table, guard.event) == (table, "DELETE")
            ):
                with self.subTest(table):
                    self.refuse(self.sql(f"INSERT OR REPLACE INTO {table} ({names}) SELECT {values} FROM {table}"))
                    tried += 1
        self.assertGreater(tried, 30)

    def test_no_other_key_is_taken_either(self):
        for table, new in (
            ("record_event", {"id": "id + 100000"}),
            ("protocol_signature", {"id": "id + 100000"}),
            ("protocol_sealedprotocol", {"id": "id + 100000"}),
        ):
            names, values = self.columns(table, **new)
            self.refuse(self.sql(f"INSERT OR REPLACE INTO {table} ({names}) SELECT {values} FROM {table}"))

    def test_what_is_sealed_is_not_replaced_by_what_may_be_written(self):
        sealed, draft = (meeting.paragraphs.first() for meeting in (self.meeting, self.draft))
        names, values = self.columns("meetings_paragraph", id=str(sealed.pk))
        self.refuse(
            self.sql(f"INSERT OR REPLACE INTO meetings_paragraph ({names}) SELECT {values} FROM meetings_paragraph WHERE id = %s",
                     draft.pk),
            "belongs to a text that is locked",
        )  # fmt: skip
        self.refuse(
            self.sql("UPDATE OR REPLACE meetings_paragraph SET id = %s WHERE id = %s", sealed.pk, draft.pk),
            "belongs to a text that is locked",
        )
        names, values = self.columns("meetings_meeting", id=str(self.meeting.pk), state="'planned'")
        self.refuse(
            self.sql(f"INSERT OR REPLACE INTO meetings_meeting ({names}) SELECT {values} FROM meetings_meeting WHERE id = %s",
                     self.draft.pk),
            "only a planned meeting can be removed",
        )  # fmt: skip

    def test_with_our_connection_sqlite_itself_asks_the_guards_of_removal(self):
        self.assertIn("PRAGMA recursive_triggers=ON", connection.settings_dict["OPTIONS"]["init_command"])
