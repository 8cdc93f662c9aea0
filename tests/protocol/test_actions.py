"""The protocol's life from freeze to seal: who may, when, what it leaves, and what never happens whatever comes at once."""

import threading
from contextlib import contextmanager
from unittest import mock

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, connections, transaction
from django.test import TestCase, TransactionTestCase

from meetings.actions import agenda, board, placing
from meetings.guards import _CONTENT as MEETING_CONTENT
from meetings.models import Attendance, BalanceItem, BalanceNote, Disagreement, Item, Meeting, Officer, Settlement
from motions.written import CLOSED as MOTION_CONTENT
from people.models import Letter
from protocol import actions, canonical, pdf, sealing
from protocol.models import ChangeRequest, FrozenVersion, LegacySource, Passage, SealedProtocol, Signature
from record import chain, verifying
from record.guards import all_guards
from record.history import remember
from record.models import Chain, Event, EventPayload
from record.moves import Refused, Stale, WrongState
from tests import factories as make
from tests.cast import Cast
from tests.protocol.full import make_full_draft
from tests.runner import lift

ROLES = ("chair", "adjuster", "secretary")


@contextmanager
def undone():
    """What happens inside never happened."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def fresh(thing):
    return type(thing)._base_manager.get(pk=thing.pk)


class ApprovalTestCase(TestCase):
    """A meeting under approval, with chair, adjuster and secretary."""

    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.meeting = cls.cast.meeting("approval")
        cls.version = cls.meeting.versions.get()
        cls.signers = {"chair": cls.cast.chair, "adjuster": cls.cast.adjuster, "secretary": cls.cast.secretary}

    def sign(self, role, version=None):
        version = version or fresh(self.version)
        return actions.sign(version, role=role, seen=version.sha256, by=self.signers[role])

    def state(self):
        return fresh(self.meeting).state


class SignTests(ApprovalTestCase):
    def test_only_the_named_signer_signs_in_each_slot_and_only_under_approval(self):
        cast = self.cast
        everybody = {
            "secretary": cast.secretary,
            "chair": cast.chair,
            "adjuster": cast.adjuster,
            "employer_rep": cast.employer,
            "union_rep": cast.union_rep,
            "other_rep": cast.other_rep,
            "substitute": cast.substitute,
            "safety_rep": cast.safety_rep,
            "hr": cast.hr,
            "auditor": cast.auditor,
            "admin": cast.admin,
            "stranger": cast.stranger,
        }
        signed = set()
        for name, user in everybody.items():
            for role in ROLES:
                with undone():
                    try:
                        actions.sign(fresh(self.version), role=role, seen=self.version.sha256, by=user)
                    except PermissionDenied:
                        continue
                    signed.add((name, role))
        self.assertEqual(signed, {("chair", "chair"), ("adjuster", "adjuster"), ("secretary", "secretary")})
        self.assertEqual(Signature.objects.count(), 0)
        for role in ROLES:
            self.sign(role)
        for state in ("adjusted", "sealed"):
            for user in everybody.values():
                for role in ROLES:
                    with self.assertRaises(WrongState):
                        actions.sign(fresh(self.version), role=role, seen=self.version.sha256, by=user)
            if state == "adjusted":
                sealing.seal(fresh(self.version))
            self.assertEqual(Signature.objects.count(), 3)

    def test_a_draft_is_never_signed(self):
        actions.withdraw(self.meeting, reason="Fel dag.", by=self.cast.chair)
        for role in ROLES:
            with self.assertRaises(WrongState):
                self.sign(role)
        self.assertEqual(Signature.objects.count(), 0)

    def test_nobody_signs_twice(self):
        self.sign("chair")
        with self.assertRaises(Refused):
            self.sign("chair")
        self.assertEqual(Signature.objects.count(), 1)

    def test_a_signature_says_what_was_signed_and_what_the_log_looked_like(self):
        head = fresh(self.meeting.group).chain
        signature = self.sign("adjuster")
        expected = {
            "purpose": "samverkan-signature/1",
            "group": self.meeting.group_id,
            "meeting": self.meeting.pk,
            "version": 1,
            "role": "adjuster",
            "person": self.cast.adjuster.person_id,
            "content": self.version.sha256,
            "chain_seq": head.seq,
            "chain_head": head.head,
        }
        self.assertEqual(signature.proof, expected)
        self.assertEqual(signature.digest, canonical.sha256(canonical.dumps(expected)))
        self.assertEqual((signature.name, signature.party), ("Ulla Ek", "Lövförbundet"))
        receipt = Letter.objects.get(kind="signed")
        self.assertEqual(receipt.person, self.cast.adjuster.person)
        self.assertIn(signature.digest, receipt.body)
        self.assertNotIn("Lövförbundet", receipt.subject)

    def test_the_wrong_hash_is_refused(self):
        with self.assertRaises(Stale) as caught:
            actions.sign(self.version, role="chair", seen="0" * 64, by=self.cast.chair)
        self.assertEqual(caught.exception.current, self.version)
        self.assertEqual(Signature.objects.count(), 0)

    def test_a_version_that_has_been_replaced_is_not_signed(self):
        actions.withdraw(self.meeting, reason="Fel ord.", by=self.cast.secretary)
        again = actions.freeze(fresh(self.meeting), by=self.cast.secretary, privacy_reviewed=True)
        for version, seen in ((self.version, self.version.sha256), (self.version, again.sha256), (again, self.version.sha256)):
            with self.assertRaises(Stale):
                actions.sign(fresh(version), role="chair", seen=seen, by=self.cast.chair)
        self.assertEqual(Signature.objects.count(), 0)

    def test_frozen_bytes_that_do_not_match_their_hash_stop_everything(self):
        lift("default")
        FrozenVersion.objects.filter(pk=self.version.pk).update(
            data=bytes(self.version.data).replace(b"Kvarngatan", b"Storgatan!")
        )
        with self.assertRaises(RuntimeError):
            self.sign("chair")
        self.assertEqual(Signature.objects.count(), 0)

    def test_the_last_signature_adjusts(self):
        for role, state in (("secretary", "approval"), ("adjuster", "approval"), ("chair", "adjusted")):
            self.sign(role)
            self.assertEqual(self.state(), state)
        kinds = list(Event.objects.filter(thing=f"meeting:{self.meeting.pk}").order_by("seq").values_list("kind", flat=True))
        self.assertEqual(kinds, ["called", "draft_opened", "frozen", "signed", "signed", "signed", "adjusted"])
        record = canonical.Record.from_bytes(bytes(self.version.data))
        self.assertEqual(Passage.objects.filter(meeting=self.meeting).count(), len(record.protocol.paragraphs))

    def test_an_officer_without_a_seat_in_the_group_signs(self):
        guest = make.make_member(self.cast.other_group, "secretary", "Gäst Sekreterare")
        meeting = fresh(self.meeting)
        actions.withdraw(meeting, reason="Annan sekreterare.", by=self.cast.chair)
        officer = meeting.officers.get(role="secretary")
        officer.person, officer.name = guest.person, guest.person.name
        remember(officer, by=self.cast.chair, verb="test")
        version = actions.freeze(fresh(meeting), by=self.cast.chair, privacy_reviewed=True)
        self.assertIn(version, FrozenVersion.objects.visible_to(guest))
        signature = actions.sign(version, role="secretary", seen=version.sha256, by=guest)
        self.assertEqual(signature.name, "Gäst Sekreterare")


class FreezeTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.meeting = cls.cast.ready(cls.cast.meeting("draft"))

    def test_a_freeze_stores_the_bytes_their_hash_and_an_event(self):
        version = actions.freeze(self.meeting, by=self.cast.secretary, privacy_reviewed=True)
        record = canonical.Record.from_bytes(bytes(version.data))
        self.assertEqual(version.sha256, canonical.content_hash(bytes(version.data)))
        self.assertEqual((record.meeting, record.version), (self.meeting.pk, 1))
        self.assertEqual([one.role for one in record.signers], ["chair", "adjuster", "secretary"])
        self.assertEqual(self.meeting.state, "approval")
        self.assertEqual(Event.objects.filter(kind="frozen").count(), 1)
        told = set(Letter.objects.filter(kind="to_sign").values_list("person", flat=True))
        self.assertEqual(told, {user.person_id for user in (self.cast.chair, self.cast.adjuster, self.cast.secretary)})

    def test_a_freeze_needs_the_privacy_review(self):
        with self.assertRaises(ValidationError) as caught:
            actions.freeze(self.meeting, by=self.cast.secretary, privacy_reviewed=False)
        self.assertEqual(set(caught.exception.message_dict), {"privacy_reviewed"})
        self.assertEqual(FrozenVersion.objects.count(), 0)

    def test_a_text_is_frozen_once(self):
        actions.freeze(self.meeting, by=self.cast.secretary, privacy_reviewed=True)
        with self.assertRaises(WrongState):
            actions.freeze(fresh(self.meeting), by=self.cast.secretary, privacy_reviewed=True)
        self.assertEqual(FrozenVersion.objects.count(), 1)

    def test_a_promise_made_elsewhere_is_taken_in_by_the_freeze(self):
        item = BalanceItem(group=self.cast.group, title="Lås", opened_at=self.meeting)
        remember(item, by=None, verb="test")
        version = actions.freeze(self.meeting, by=self.cast.secretary, privacy_reviewed=True)
        protocol = canonical.Record.from_bytes(bytes(version.data)).protocol
        self.assertEqual([entry.title for entry in protocol.balance], ["Lås"])

    def problems(self):
        """Name → (how to bring it about, what is said)."""
        meeting, cast = self.meeting, self.cast
        operations = make.make_paragraph(meeting)
        name = {user: user.person.name for user in (cast.chair, cast.adjuster, cast.employer)}

        def motion(**place):
            one = make.make_motion(cast.group, cast.union, by=cast.adjuster)
            placing.place(one, meeting=meeting, by=cast.secretary, **place)
            return one

        def answered():
            make.make_answer(motion(paragraph=None).claims.get(), by=cast.employer)

        def promise():
            item = BalanceItem(group=cast.group, title="Lås", opened_at=meeting)
            remember(item, by=None, verb="test")
            return item

        def homeless():
            remember(BalanceNote(item=promise(), meeting=meeting), by=None, verb="test")
            meeting.paragraphs.filter(slug="balance").delete()

        def absent(user):
            meeting.attendances.filter(person=user.person).update(status=Attendance.Status.ABSENT)

        def elect_employer():
            officer = meeting.officers.get(role="adjuster")
            Officer.objects.filter(pk=officer.pk).update(person=cast.employer.person, name=name[cast.employer])

        def one_for_two():
            meeting.officers.filter(role="secretary").update(person=cast.chair.person)

        stored = Meeting.objects.filter(pk=meeting.pk)
        return {
            "starts": (lambda: stored.update(starts=None), "Starttid saknas."),
            "ends": (lambda: stored.update(ends=None), "Sluttid saknas."),
            "place": (lambda: stored.update(place=""), "Plats saknas."),
            "chair": (lambda: meeting.officers.filter(role="chair").delete(), "Ordförande är inte utsedd."),
            "chair_absent": (lambda: absent(cast.chair), f"Ordföranden {name[cast.chair]} är inte markerad som närvarande."),
            "secretary": (lambda: meeting.officers.filter(role="secretary").delete(), "Sekreterare är inte utsedd."),
            "adjuster": (lambda: meeting.officers.filter(role="adjuster").delete(), "Justerare är inte vald."),
            "adjuster_absent": (
                lambda: absent(cast.adjuster),
                f"Justeraren {name[cast.adjuster]} är inte markerad som närvarande.",
            ),
            "adjuster_side": (elect_employer, "Minst en justerare måste vara från arbetstagarsidan."),
            "same_person": (one_for_two, "Ordförande, sekreterare och justerare måste vara olika personer."),
            "attendance": (
                lambda: meeting.attendances.filter(person=cast.employer.person).update(status="expected"),
                f"Närvaron är inte ifylld för {name[cast.employer]}.",
            ),
            "decision": (
                lambda: make.make_item(operations, "Ny organisation", kind=Item.Kind.DECISION),
                "”Ny organisation” saknar utfall, till exempel ”ingen oenighet anmäldes”.",
            ),
            "board_matter": (
                lambda: make.make_item(operations, "Budget", kind=Item.Kind.BOARD_MATTER),
                "”Budget” saknar utfall.",
            ),
            "answer": (lambda: motion(paragraph=operations), "Yrkandet ”Lokaler” har en att-sats utan utlämnat svar."),
            "unplaced": (answered, "Yrkandet ”Lokaler” är inte placerat under någon paragraf."),
            "homeless": (homeless, "Det finns öppna punkter på balanslistan men ingen paragraf för den."),
        }

    def test_each_blocking_problem_stops_the_freeze(self):
        for name, (bring_about, said) in self.problems().items():
            with self.subTest(name), undone():
                bring_about()
                with self.assertRaises(ValidationError) as caught:
                    actions.freeze(fresh(self.meeting), by=self.cast.secretary, privacy_reviewed=True)
                self.assertIn(said, caught.exception.messages)
                self.assertEqual((fresh(self.meeting).state, FrozenVersion.objects.count()), ("draft", 0))


class WithdrawTests(ApprovalTestCase):
    def test_a_withdrawal_voids_every_signature_and_tells_all_who_sign(self):
        self.sign("chair")
        self.sign("adjuster")
        withdrawal = actions.withdraw(fresh(self.meeting), reason="Beslutet var fel återgivet.", by=self.cast.secretary)
        self.assertEqual(self.state(), "draft")
        self.assertIsNone(actions.current_version(fresh(self.meeting)))
        self.assertEqual((withdrawal.version, withdrawal.reason), (self.version, "Beslutet var fel återgivet."))
        told = set(Letter.objects.filter(kind="withdrawn").values_list("person", flat=True))
        self.assertEqual(told, {user.person_id for user in self.signers.values()})
        self.assertFalse([letter for letter in Letter.objects.filter(kind="withdrawn") if "Beslutet" in letter.body])
        again = actions.freeze(fresh(self.meeting), by=self.cast.secretary, privacy_reviewed=True)
        self.assertEqual((again.n, again.signatures.count(), self.version.signatures.count()), (2, 0, 2))

    def test_a_withdrawal_needs_a_reason(self):
        with self.assertRaises(ValidationError):
            actions.withdraw(self.meeting, reason="  \n", by=self.cast.chair)
        self.assertEqual(self.state(), "approval")

    def test_what_all_have_signed_is_not_taken_back(self):
        for role in ROLES:
            self.sign(role)
        with self.assertRaises(WrongState):
            actions.withdraw(fresh(self.meeting), reason="Ångrar mig.", by=self.cast.chair)
        self.assertEqual(self.state(), "adjusted")


class ChangeRequestTests(ApprovalTestCase):
    def request(self, **fields):
        fields = {"paragraph": None, "comment": "Fel datum.", "wording": ""} | fields
        return actions.request_change(fresh(self.version), by=self.cast.adjuster, **fields)

    def test_an_open_request_blocks_every_signature_until_it_is_refused(self):
        request = self.request()
        for role in ROLES:
            with self.assertRaises(Refused):
                self.sign(role)
        actions.refuse_change(request, answer="Datumet stämmer.", by=self.cast.chair)
        self.assertEqual((request.accepted, request.answer), (False, "Datumet stämmer."))
        for role in ROLES:
            self.sign(role)
        self.assertEqual(self.state(), "adjusted")

    def test_one_person_has_at_most_fifty_that_wait(self):
        """All of them stand whole on the page where one signs; nobody honest meets it."""
        with mock.patch.object(actions, "MOST_REQUESTS", 2):
            first, _ = self.request(), self.request()
            with self.assertRaisesMessage(Refused, "Du har 2 begäranden som väntar på svar."):
                self.request()
            asked = {"paragraph": None, "comment": "Fel tid.", "wording": ""}
            actions.request_change(fresh(self.version), by=self.cast.chair, **asked)  # another person's are counted apart
            actions.refuse_change(first, answer="Tiden stämmer.", by=self.cast.secretary)
            self.request()
        self.assertEqual(ChangeRequest.objects.open().filter(person=self.cast.adjuster.person).count(), 2)

    def test_a_withdrawal_accepts_the_open_requests(self):
        request = self.request()
        actions.withdraw(fresh(self.meeting), reason="Datumet rättas.", by=self.cast.secretary)
        request.refresh_from_db()
        self.assertEqual((request.accepted, request.answer), (True, "Datumet rättas."))

    def test_a_request_says_something(self):
        for comment in ("", " \n"):
            with self.assertRaises(ValidationError):
                self.request(comment=comment)
        self.assertEqual(ChangeRequest.objects.count(), 0)

    def test_a_refusal_has_a_reason_and_comes_once(self):
        request = self.request()
        with self.assertRaises(ValidationError):
            actions.refuse_change(request, answer=" ", by=self.cast.chair)
        actions.refuse_change(request, answer="Nej, så var det.", by=self.cast.chair)
        with self.assertRaises(Refused):
            actions.refuse_change(fresh(request), answer="Nej igen.", by=self.cast.chair)

    def test_a_request_is_about_this_protocol(self):
        other = self.cast.meeting("draft").paragraphs.first()
        with self.assertRaises(Refused):
            self.request(paragraph=other)


class SealTests(ApprovalTestCase):
    def adjust(self):
        for role in ROLES:
            self.sign(role)

    def test_a_seal_runs_twice_and_seals_once(self):
        self.adjust()
        first = sealing.seal(fresh(self.version))
        letters = Letter.objects.filter(kind="sealed").count()
        second = sealing.seal(fresh(self.version))
        self.assertEqual((first.pk, first.sha256), (second.pk, second.sha256))
        self.assertEqual(first.sha256, canonical.sha256(bytes(fresh(first).pdf)))
        self.assertEqual((SealedProtocol.objects.count(), Letter.objects.filter(kind="sealed").count()), (1, letters))
        self.assertEqual(Event.objects.filter(kind="sealed").count(), 1)

    def test_only_what_is_adjusted_is_sealed(self):
        with self.assertRaises(WrongState):
            sealing.seal(self.version)
        self.assertEqual(SealedProtocol.objects.count(), 0)

    def test_a_render_that_fails_leaves_the_signatures_and_seals_later(self):
        broken = mock.patch("protocol.exports.as_pdf", side_effect=pdf.RenderError("no font"))
        with broken, self.assertLogs(level="ERROR"), self.captureOnCommitCallbacks(execute=True):
            self.adjust()
        self.assertEqual((self.state(), Signature.objects.count(), SealedProtocol.objects.count()), ("adjusted", 3, 0))
        with broken, self.assertLogs("protocol.sealing", "ERROR"):
            self.assertEqual(sealing.seal_waiting(), (0, 1))
        self.assertEqual(self.state(), "adjusted")
        self.assertEqual(sealing.seal_waiting(), (1, 0))
        self.assertEqual((self.state(), SealedProtocol.objects.count()), ("sealed", 1))
        self.assertEqual(sealing.seal_waiting(), (0, 0))

    def test_a_queue_that_is_down_does_not_undo_the_last_signature(self):
        with (
            mock.patch("protocol.sealing.seal_task") as queue,
            self.assertLogs("protocol.sealing", "ERROR"),
            self.captureOnCommitCallbacks(execute=True),
        ):
            queue.enqueue.side_effect = OSError("the queue is down")
            self.adjust()
        self.assertEqual((self.state(), Signature.objects.count()), ("adjusted", 3))

    def test_the_mail_of_the_seal_carries_the_hash_and_the_head_of_the_log(self):
        self.adjust()
        sealed = sealing.seal(fresh(self.version))
        event = Event.objects.get(kind="sealed")
        for letter in Letter.objects.filter(kind="sealed"):
            self.assertIn(sealed.sha256, letter.body)
            self.assertIn(event.hash, letter.body)


DAY = "'2031-01-01'"
# Some of these are legal: the two first are tried below, the others in test_guards.py, here and of each room.
SOMETIMES = {
    ("meetings_meeting", "UPDATE"),
    ("motions_motion", "UPDATE"),
    ("meetings_balanceitem", "INSERT"),
    ("meetings_balanceitem", "UPDATE"),
    ("meetings_proposal", "UPDATE"),
    ("meetings_settlement", "UPDATE"),
    ("people_group", "UPDATE"),
    ("people_mandate", "INSERT"),
    ("people_mandate", "UPDATE"),
    ("people_party", "INSERT"),
    ("people_party", "UPDATE"),
    ("record_chain", "INSERT"),
    ("record_chain", "UPDATE"),
    ("record_eventpayload", "DELETE"),
    ("record_verification", "INSERT"),
}


class TamperTests(TestCase):
    """Raw SQL against every guarded table: the database itself says no."""

    @classmethod
    def setUpTestData(cls):
        cls.messages = {guard.message for guard in all_guards()}
        cls.cast = cast = Cast()
        cls.meeting = make_full_draft(cast)
        version = actions.freeze(cls.meeting, by=cast.secretary, privacy_reviewed=True)
        actions.sign(version, role="chair", seen=version.sha256, by=cast.chair)
        actions.request_change(version, paragraph=None, comment="Fel.", wording="", by=cast.adjuster)
        actions.withdraw(fresh(cls.meeting), reason="Fel ord.", by=cast.secretary)
        LegacySource.objects.create(meeting=cls.meeting, sha256="0" * 64, filename="gammal.pdf")
        cls.version = actions.freeze(fresh(cls.meeting), by=cast.secretary, privacy_reviewed=True)
        settled = Settlement(disagreement=Disagreement.objects.get(), result="agreed", settled_on=make.today(), text="De enades.")
        remember(settled, by=cast.secretary, verb="settle")
        matter = Item.objects.filter(kind="board_matter").first()
        verifying.keep(verifying.Report({}, []))
        entry = {"kind": "reservation", "persons": ["Vera Ask"], "parties": [], "text": "Vi yrkade avslag."}
        board.enter_decision(matter, decided_on=make.today(), text="Avslag.", entries=[entry], by=cast.secretary)

    def refused(self, sql, *params):
        """The guard refuses it, and says so in its own words."""
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql, params)
        except DatabaseError as error:
            return any(message in str(error) for message in self.messages)
        return False

    def columns(self, table):
        with connection.cursor() as cursor:
            return [column.name for column in connection.introspection.get_table_description(cursor, table)]

    def is_empty(self, table):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM {table}")
            return cursor.fetchone() is None

    def row(self, table):
        with connection.cursor() as cursor:
            key = connection.introspection.get_primary_key_column(cursor, table)
            cursor.execute(f"SELECT {key} FROM {table} ORDER BY {key} LIMIT 1")
            found = cursor.fetchone()
        self.assertIsNotNone(found, f"{table} has no row to tamper with")
        return key, found[0]

    def attempts(self, *, sealed):
        """Every statement that must be refused now: (what it is, SQL, parameters)."""
        for guard in all_guards():
            table = guard.table
            if table == "protocol_sealedprotocol" and not sealed:
                continue  # there is none yet
            if (table, guard.event) in SOMETIMES or guard.only:
                continue  # what is asked of REPLACE has tests of its own (test_guards.py)
            if table.startswith("people_historical") and self.is_empty(table):
                continue  # nothing of the kind has happened in this story
            key, pk = self.row(table)
            if table == "meetings_meeting" and guard.event == "DELETE":
                yield table, f"DELETE FROM {table} WHERE id = %s", [self.meeting.pk]
            elif guard.event == "DELETE":
                yield table, f"DELETE FROM {table} WHERE {key} = %s", [pk]
            elif guard.event == "UPDATE":
                for column in self.columns(table):
                    value = f"{key} + 100000" if column == key else "NULL"
                    yield f"{table}.{column}", f'UPDATE {table} SET "{column}" = {value} WHERE {key} = %s', [pk]
            elif guard.event == "INSERT" and (sealed or table not in ("protocol_signature", "protocol_withdrawal")):
                names = ", ".join(f'"{name}"' for name in self.columns(table) if name != key)
                yield f"{table} +", f"INSERT INTO {table} ({names}) SELECT {names} FROM {table} WHERE {key} = %s", [pk]
        for column in MEETING_CONTENT:
            empty = getattr(fresh(self.meeting), column) is None
            value = {"next_at": "'10:00'"}.get(column, "'2031-01-01'") if empty else "NULL"
            yield f"meeting.{column}", f"UPDATE meetings_meeting SET {column} = {value} WHERE id = %s", [self.meeting.pk]
        _, motion = self.row("motions_motion")
        for column in MOTION_CONTENT:
            value = {"number": "7", "withdrawn_at": "CURRENT_TIMESTAMP", "due_on": DAY, "deadline": DAY}.get(column, "NULL")
            yield f"motion.{column}", f"UPDATE motions_motion SET {column} = {value} WHERE id = %s", [motion]
        if sealed:
            for state in ("planned", "called", "draft", "approval", "adjusted", "cancelled"):
                yield f"state {state}", "UPDATE meetings_meeting SET state = %s WHERE id = %s", [state, self.meeting.pk]

    def run_all(self, *, sealed):
        passed, tried = [], 0
        for name, sql, params in self.attempts(sealed=sealed):
            tried += 1
            if not self.refused(sql, *params):
                passed.append(name)
        self.assertEqual(passed, [])
        return tried

    def test_a_text_under_approval_refuses_every_change(self):
        self.assertGreaterEqual(self.run_all(sealed=False), 300)
        self.assertEqual(chain.verify(fresh(self.meeting.group.chain)), [])

    def test_a_sealed_protocol_refuses_every_change(self):
        for role, user in (("chair", self.cast.chair), ("adjuster", self.cast.adjuster), ("secretary", self.cast.secretary)):
            actions.sign(fresh(self.version), role=role, seen=self.version.sha256, by=user)
        sealing.seal(fresh(self.version))
        self.assertGreaterEqual(self.run_all(sealed=True), 300)
        self.assertEqual(chain.verify(fresh(self.meeting.group.chain)), [])

    def test_a_sealed_protocol_may_only_go_to_the_archive(self):
        for role, user in (("chair", self.cast.chair), ("adjuster", self.cast.adjuster), ("secretary", self.cast.secretary)):
            actions.sign(fresh(self.version), role=role, seen=self.version.sha256, by=user)
        sealing.seal(fresh(self.version))
        self.assertEqual(Meeting.objects.filter(pk=self.meeting.pk).update(state="archived"), 1)
        self.assertTrue(self.refused("UPDATE meetings_meeting SET state = 'sealed' WHERE id = %s", self.meeting.pk))


class ChainTests(ApprovalTestCase):
    """The whole life leaves a whole chain; with the guards lifted, every tampering shows."""

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        for role, user in cls.signers.items():
            actions.sign(fresh(cls.version), role=role, seen=cls.version.sha256, by=user)
        sealing.seal(fresh(cls.version))

    def faults(self):
        return chain.verify(Chain.objects.get(pk=self.meeting.group.chain_id))

    def test_the_chain_is_whole_after_the_whole_life(self):
        self.assertEqual(self.faults(), [])

    def test_every_changed_column_of_every_event_shows(self):
        lift("default")
        for event in Event.objects.filter(chain=self.meeting.group.chain):
            for column, value in (
                ("kind", "x"),
                ("actor_id", 424242),
                ("thing", "meeting:0"),
                ("data_sha256", "0" * 64),
                ("previous", "1" * 64),
                ("hash", f"{event.seq:064d}"),
            ):
                with self.subTest(seq=event.seq, column=column), undone():
                    Event.objects.filter(pk=event.pk).update(**{column: value})
                    self.assertNotEqual(self.faults(), [])
        self.assertEqual(self.faults(), [])

    def test_every_removed_event_shows(self):
        lift("default")
        for event in Event.objects.filter(chain=self.meeting.group.chain):
            with self.subTest(seq=event.seq), undone():
                EventPayload.objects.filter(event=event).delete()
                Event.objects.filter(pk=event.pk).delete()
                self.assertNotEqual(self.faults(), [])

    def test_a_rewritten_payload_and_an_erased_one_show(self):
        event = Event.objects.get(kind="called")
        lift("default")
        with undone():
            EventPayload.objects.filter(event=event).delete()
            self.assertEqual(self.faults(), [f"{event.chain.key}: the payload of event {event.seq} has been erased"])
        EventPayload.objects.filter(event=event).update(data={"version": 7})
        self.assertEqual(self.faults(), [f"{event.chain.key}: the payload of event {event.seq} has been changed"])


class AtOnceTests(TransactionTestCase):
    """Two threads, each with a connection of its own."""

    def setUp(self):
        self.cast = Cast()
        self.meeting = self.cast.meeting("approval")

    def at_once(self, *calls):
        """Run the calls at the same time; returns what each raised, or None."""
        barrier, raised = threading.Barrier(len(calls)), [None] * len(calls)

        def run(number, call):
            try:
                barrier.wait(10)
                call()
            except Exception as error:
                raised[number] = error
            finally:
                connections.close_all()

        threads = [threading.Thread(target=run, args=(number, call)) for number, call in enumerate(calls)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertFalse([thread for thread in threads if thread.is_alive()])
        return raised

    def test_a_signature_never_lands_on_a_text_that_has_changed(self):
        cast = self.cast
        outcomes = set()
        for number in range(4):
            meeting = fresh(self.meeting)
            version = actions.current_version(meeting)

            def rewrite(meeting=meeting, number=number):
                actions.withdraw(meeting, reason="Texten ändras.", by=cast.secretary)
                paragraph = make.make_paragraph(meeting)
                agenda.edit_text(paragraph, fields={"text": f"Ändrad {number}."}, version=paragraph.version, by=cast.secretary)
                actions.freeze(fresh(meeting), by=cast.secretary, privacy_reviewed=True)

            def sign(version=version):
                actions.sign(fresh(version), role="chair", seen=version.sha256, by=cast.chair)

            signing, rewriting = self.at_once(sign, rewrite)
            self.assertIsNone(rewriting)
            self.assertIn(type(signing), (type(None), Stale, WrongState))
            outcomes.add(type(signing).__name__)
            current = actions.current_version(fresh(meeting))
            self.assertEqual((current.n, current.signatures.count()), (version.n + 1, 0))
        events = Event.objects.filter(thing=f"meeting:{self.meeting.pk}").select_related("payload").order_by("seq")
        at = {(event.kind, event.payload.data.get("version")): event.seq for event in events}
        for signature in Signature.objects.select_related("version"):
            self.assertEqual(signature.proof["content"], canonical.content_hash(bytes(signature.version.data)))
            self.assertLess(at["signed", signature.version.n], at["withdrawn", signature.version.n])
        self.assertEqual(chain.verify(fresh(self.meeting.group.chain)), [])

    def test_two_last_signatures_at_once_adjust_exactly_once(self):
        version, cast = self.meeting.versions.get(), self.cast
        actions.sign(version, role="secretary", seen=version.sha256, by=cast.secretary)

        def sign(role, user):
            return lambda: actions.sign(fresh(version), role=role, seen=version.sha256, by=user)

        with mock.patch("protocol.actions.seal_later") as later:
            raised = self.at_once(sign("chair", cast.chair), sign("adjuster", cast.adjuster))
        self.assertEqual(raised, [None, None])
        self.assertEqual(fresh(self.meeting).state, "adjusted")
        self.assertEqual((Signature.objects.count(), Event.objects.filter(kind="adjusted").count()), (3, 1))
        later.assert_called_once_with(version.pk)

    def test_the_same_signature_twice_at_once_counts_once(self):
        version, cast = self.meeting.versions.get(), self.cast

        def sign():
            actions.sign(fresh(version), role="chair", seen=version.sha256, by=cast.chair)

        raised = self.at_once(sign, sign)
        self.assertEqual(sorted(type(one).__name__ for one in raised), ["NoneType", "Refused"])
        self.assertEqual(Signature.objects.count(), 1)

    def test_two_seals_at_once_leave_one_file(self):
        version, cast = self.meeting.versions.get(), self.cast
        with mock.patch("protocol.actions.seal_later"):
            cast.sign_all(version)
        raised = self.at_once(*[lambda: sealing.seal(fresh(version))] * 2)
        self.assertEqual(raised, [None, None])
        self.assertEqual((SealedProtocol.objects.count(), Event.objects.filter(kind="sealed").count()), (1, 1))
