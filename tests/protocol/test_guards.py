"""The last lock around the approval: what the database refuses by itself, whoever asks and however, by ORM and by SQL."""

from django.db import DatabaseError, connection, models, transaction
from django.test import TestCase

from meetings.models import Appendix, Attendance, Decision, Item, Meeting, Officer, Paragraph, Placement
from motions.models import Answer, Claim, Motion, Support
from protocol import actions, sealing, shown
from protocol.models import FrozenVersion, SealedProtocol, Signature, Withdrawal
from record import guards
from record.models import Event
from tests import factories as make
from tests.cast import Cast
from tests.protocol.full import make_full_draft

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
                    "the text of this meeting is locked",
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
        cls.meeting = make_full_draft(cls.cast)
        version = actions.freeze(cls.meeting, by=cls.cast.secretary, privacy_reviewed=True)
        cls.cast.sign_all(version)
        sealing.seal(FrozenVersion.objects.get(pk=version.pk))
        cls.bytes = bytes(SealedProtocol.objects.get().pdf)

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
