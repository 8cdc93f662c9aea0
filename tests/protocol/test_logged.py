"""`manage.py verify` holds the log against the rows it tells of: whatever was done beside a verb has no event, or another."""

from datetime import timedelta
from typing import Any
from unittest import mock

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from meetings.actions import balance, board, planning
from meetings.actions.placing import place
from meetings.models import BoardDecision, Item, Meeting
from motions.actions import changing, filing, handling
from motions.models import Claim, Motion
from protocol import actions, checks, logged
from protocol.models import ChangeRequest, FrozenVersion, SealedProtocol, Signature, Withdrawal
from record import chain, verifying
from record.history import remember
from record.models import Event
from tests import factories as make
from tests.cast import Cast
from tests.protocol.full import make_full_draft
from tests.runner import unguarded
from tests.world import World


def found() -> set[tuple[str, str]]:
    """What the log says against the rows: (thing, fault)."""
    looked = [*logged.events(), *checks.signatures()]
    return {(one.thing, fault) for one in looked for fault in one.faults}


def forge_history(row) -> None:
    """What the runtime role may do: put in a row of history that says the same as the changed row."""
    remember(row, by=None, verb="")


class HonestUseTests(TestCase):
    def test_a_whole_world_is_whole(self):
        world = World().whole()
        make_full_draft(Cast())
        world.cast.meeting("cancelled")
        motion = make.make_motion(world.cast.group, world.cast.union, by=world.cast.union_rep)
        claim = {"pk": motion.claims.get().pk, "text": "att lokalerna rivs.", "points": []}
        changing.change(motion, fields={"title": "Rivning"}, claims=[claim], version=motion.version, by=world.cast.union_rep)
        filing.withdraw(motion, by=world.cast.union_rep)
        meeting = world.cast.meeting("approval")
        actions.withdraw(meeting, reason="Fel ord.", by=world.cast.secretary)
        balance.open_item(world.cast.group, title="Ett löfte", by=world.cast.secretary)
        self.assertEqual(verifying.look(verifying.all_checks()).findings, [])

    def test_a_clock_that_was_set_back_is_no_fault(self):
        cast = Cast()
        meeting = cast.meeting("approval")
        late = Event.objects.order_by("-at").first().at + timedelta(hours=2)
        with mock.patch("record.chain.timezone.now", return_value=late):
            chain.append(cast.group.chain, "called", by=None, thing=f"meeting:{meeting.pk}")
        cast.sign_all(meeting.versions.get())
        self.assertEqual(found(), set())

    def test_what_is_meant_for_a_meeting_may_follow_it_and_be_put_off_and_taken_up_again(self):
        cast = Cast()
        day = make.today() + timedelta(days=40)
        meeting = make.make_meeting(cast.group, by=cast.secretary, date=day)
        asked = {"kind": "question", "due_on": day}
        motion = make.make_motion(cast.group, cast.union, by=cast.union_rep, **asked)
        put_off = make.make_motion(cast.group, cast.union, by=cast.union_rep)
        handling.postpone(put_off, until=day, text="", table=False, why="", by=cast.secretary)
        for later in (day + timedelta(days=1), day + timedelta(days=2)):
            meeting = planning.edit(meeting, fields={"date": later}, version=meeting.version, by=cast.secretary)
        motion.refresh_from_db(), put_off.refresh_from_db()
        self.assertEqual((motion.due_on, put_off.postponed_to), (later, later))
        self.assertEqual(found(), set())
        after, cancelled = later + timedelta(days=30), meeting
        meeting = make.make_meeting(cast.group, by=cast.secretary, date=after)
        planning.cancel(cancelled, why="Sjukdom.", by=cast.secretary)
        motion.refresh_from_db(), put_off.refresh_from_db()
        self.assertEqual((motion.due_on, put_off.postponed_to), (after, after))
        self.assertEqual(found(), set())
        place(put_off, meeting=meeting, paragraph=meeting.paragraphs.first(), by=cast.secretary)
        self.assertEqual(found(), set())

    def test_it_asks_as_much_for_many_rows_as_for_one(self):
        cast = Cast()

        def asked() -> int:
            with CaptureQueriesContext(connection) as queries:
                self.assertEqual([one for one in logged.events() if one.faults], [])
            return len(queries)

        make.make_motion(cast.group, cast.union, by=cast.union_rep)
        cast.meeting("sealed")
        before = asked()
        for _ in range(8):
            make.make_motion(cast.group, cast.union, by=cast.union_rep)
        for _ in range(3):
            meeting = cast.meeting("approval")
            actions.withdraw(meeting, reason="Fel ord.", by=cast.secretary)
        self.assertEqual(asked(), before)


class BesideTheLogTests(TestCase):
    """With the guards up, in SQL, as the runtime role; each with a history of its own where there is one."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        _ = cls.cast.union_rep
        cls.meeting = cls.cast.meeting("approval")
        cls.version = cls.meeting.versions.get()
        cls.motion = make.make_motion(cls.cast.group, cls.cast.union, by=cls.cast.union_rep)

    def assertFound(self, row, fault: str) -> None:
        self.assertIn((f"{type(row)._meta.model_name}:{row.pk}", fault), found())

    def assertFoundAs(self, name: str, value: Any) -> None:
        """It is found when the filed motion says this, and it is put back."""
        row = Motion.objects.get(pk=self.motion.pk)
        was = getattr(row, name)
        setattr(row, name, value)
        forge_history(row)
        self.assertFound(row, f"it does not say what the log tells: {name}")
        setattr(row, name, was)
        forge_history(row)

    def test_a_withdrawal_without_its_event(self):
        row = Withdrawal.objects.create(version=self.version, by=self.cast.chair, reason="Fel.")
        self.assertFound(row, "the log tells 0 times, not 1, that it was withdrawn")

    def test_a_request_for_a_change_without_its_event(self):
        row = ChangeRequest(version=self.version, person=self.cast.adjuster.person, comment="Rätta.")
        forge_history(row)
        self.assertFound(row, "the log tells 0 times, not 1, that it was change_requested")

    def test_a_request_for_a_change_with_other_words_or_an_answer_of_its_own(self):
        row = actions.request_change(self.version, paragraph=None, comment="Rätta.", wording="", by=self.cast.adjuster)
        row.comment = "Rätta inget."
        forge_history(row)
        event = Event.objects.get(kind="change_requested")
        self.assertFound(event, "the request for a change has other words than the log tells")
        row.accepted, row.answer, row.resolved_at = False, "Nej.", row.at
        forge_history(row)
        self.assertFound(row, "the log tells 0 times, not 1, that it was change_refused")

    def test_a_frozen_text_without_its_event(self):
        row = self.cast.meeting("draft")
        copy = FrozenVersion(meeting=row, n=1, schema=self.version.schema, data=self.version.data, sha256=self.version.sha256)
        FrozenVersion.objects.bulk_create([copy])
        self.assertFound(copy, "the log tells 0 times, not 1, that it was frozen")

    def test_a_filed_motion_that_is_reworded(self):
        for name, value in (("title", "Något annat"), ("background", "Vi vill inget."), ("kind", "letter")):
            self.assertFoundAs(name, value)
        claim = Claim.objects.get(motion=self.motion)
        claim.text = "att inget görs."
        forge_history(claim)
        self.assertFound(self.motion, "it does not say what the log tells: claims")

    def test_a_filed_motion_that_gets_another_union_or_another_column(self):
        other = make.make_person("Olle Okänd")
        for name, value in (
            ("party_id", self.cast.other_union.pk),
            ("author_id", other.pk),
            ("party_printed", "Annat fack"),
            ("matter", "Annat ärende"),
            ("wanted_on", make.today()),
            ("description", "En annan bild."),
            ("filename", "annan.pdf"),
            ("number", 7),
            ("deadline", self.motion.filed_at - timedelta(days=9)),
            ("receipt", "FVG-1-2020-0001"),
        ):
            self.assertFoundAs(name, value)
        self.assertEqual(found(), set())

    def test_a_question_that_gets_another_day(self):
        day = make.today() + timedelta(days=30)
        row = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, kind="question", due_on=day)
        row.due_on = day + timedelta(days=30)
        forge_history(row)
        self.assertFound(row, "it does not say what the log tells: due_on")

    def test_a_motion_that_is_put_off_or_taken_up_beside_its_verb(self):
        row = self.motion
        row.postponed_to = make.today() + timedelta(days=30)
        forge_history(row)
        self.assertFound(row, "it is put off otherwise than the log tells")
        row.postponed_to = None
        row.handled = 3
        forge_history(row)
        self.assertFound(row, "it says that it was taken up 3 times, and was 0")
        row.handled = 0
        forge_history(row)
        handling.postpone(row, until=make.today(), text="", table=False, why="", by=self.cast.secretary)
        self.assertEqual(found(), set())
        row.postponed_to = None
        forge_history(row)
        self.assertFound(row, "the log tells that it was put off, and it says nothing of it")

    def test_a_filing_of_before_the_log_told_the_union_is_held_against_who_filed_it(self):
        def told_as_before(motion):
            return {"receipt": motion.receipt, "title": motion.title}

        with mock.patch("motions.actions.filing.told", told_as_before):
            old = Cast()  # a log of its own, that has not begun to tell the union
            row = make.make_motion(old.group, old.union, by=old.union_rep)
        row.number = 7  # is not told
        forge_history(row)
        self.assertEqual({one for one in found() if one[0] == f"motion:{row.pk}"}, set())
        row.party = old.other_union
        forge_history(row)
        self.assertFound(row, "whoever filed it has never sat for its union")
        make.make_motion(old.group, old.union, by=old.union_rep)
        with mock.patch("motions.actions.filing.told", told_as_before):
            make.make_motion(old.group, old.union, by=old.union_rep)
        self.assertFound(Event.objects.latest("pk"), "it does not tell the union, as the ones before it do")

    def test_a_motion_that_was_taken_back_at_another_time(self):
        filing.withdraw(self.motion, by=self.cast.union_rep)
        row = Motion.objects.get(pk=self.motion.pk)
        row.withdrawn_at -= timedelta(days=2)
        forge_history(row)
        self.assertFound(row, "it was taken back at another time than the log tells")

    def test_a_motion_that_says_that_it_was_filed_or_taken_back(self):
        columns = [field.column for field in Motion._meta.concrete_fields if field.name not in ("id", "receipt")]
        names = ", ".join(f'"{name}"' for name in columns)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO motions_motion (receipt, {names}) SELECT 'FVG-1', {names} FROM motions_motion WHERE id = %s",
                [self.motion.pk],
            )
        self.assertFound(Motion.objects.get(receipt="FVG-1"), "the log tells 0 times, not 1, that it was motion_filed")
        row = Motion.objects.get(pk=self.motion.pk)
        row.state, row.withdrawn_at = "withdrawn", row.filed_at
        forge_history(row)
        self.assertFound(row, "the log tells 0 times, not 1, that it was motion_withdrawn")

    def test_a_filing_with_another_time(self):
        row = Motion.objects.get(pk=self.motion.pk)
        row.filed_at -= timedelta(days=2)
        forge_history(row)
        self.assertFound(row, "it was filed at another time than the log tells")

    def test_a_meeting_that_is_called_off_or_begun_without_its_event(self):
        for before, state, kind in (("called", "cancelled", "cancelled"), ("called", "draft", "draft_opened")):
            row = self.cast.meeting(before)
            row.state, row.cancelled_why = state, "Fel." if state == "cancelled" else ""
            forge_history(row)
            self.assertFound(row, f"the log tells 0 times, not 1, that it was {kind}")

    def test_a_board_s_decision_that_is_reworded_or_put_in(self):
        matter = make.make_item(self.meeting_in_draft(), "Budget", kind="board_matter", outcome="no_comments")
        with_words = {"decided_on": make.today(), "text": "Avslag.", "entries": [], "by": self.cast.secretary}
        meeting = Meeting.objects.get(pk=matter.paragraph.meeting_id)
        actions.freeze(self.cast.ready(meeting), by=self.cast.secretary, privacy_reviewed=True)
        row = board.enter_decision(Item.objects.get(pk=matter.pk), **with_words)
        self.assertEqual(found(), set())
        row.text = "Bifall."
        forge_history(row)
        self.assertFound(row, "it has other words than the log tells")
        board.remove_decision(Item.objects.get(pk=matter.pk), version=row.version, by=self.cast.secretary)
        self.assertEqual(found(), set())
        row = BoardDecision(item=matter, decided_on=make.today(), text="Bifall.")
        forge_history(row)
        self.assertFound(row, "the log does not tell of it as it stands")

    def meeting_in_draft(self):
        return make.make_paragraph(self.cast.meeting("draft"), "board_matters")

    def test_an_event_of_what_is_not_there(self):
        for thing in ("meeting:99999999", "motion:99999999", "group:99999999"):
            event = chain.append(self.cast.group.chain, "called", by=None, thing=thing)
            self.assertFound(event, f"the log tells of {thing}, which is not there")
        for kind, data, what in (
            ("signed", {"version": 1, "digest": "0" * 64}, "a signature that is not there"),
            ("withdrawn", {"version": 1}, "a withdrawal that is not there"),
            ("change_requested", {"version": 1, "request": 99999999}, "a request for a change that is not there"),
            ("change_refused", {"request": 99999999}, "a refusal that is not there"),
            ("sealed", {"version": 1}, "a sealed file that is not there, or that has another time"),
            ("file_restored", {"appendix": 99999999, "sha256": "0" * 64}, "a file that no appendix has had"),
        ):
            event = chain.append(self.cast.group.chain, kind, by=None, thing=f"meeting:{self.meeting.pk}", data=data)
            self.assertFound(event, f"the log tells of {what}")

    def test_what_was_told_before_words_were_told_is_no_fault_but_nothing_claims_to_be_as_old_afterwards(self):
        row = ChangeRequest(version=self.version, person=self.cast.adjuster.person, comment="Rätta.")
        forge_history(row)
        old = {"by": self.cast.adjuster, "thing": f"meeting:{self.meeting.pk}", "data": {"version": 1, "request": row.pk}}
        chain.append(self.cast.group.chain, "change_requested", **old)
        self.assertEqual(found(), set())
        actions.request_change(self.version, paragraph=None, comment="Rätta mer.", wording="", by=self.cast.adjuster)
        self.assertEqual(found(), set())
        event = chain.append(self.cast.group.chain, "change_requested", **old)
        self.assertFound(event, "it does not tell the words, as the ones before it do")


class OwnerTests(TestCase):
    """The guards are lifted and put back word for word, and rows changed between."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        cls.meeting = cls.cast.meeting("sealed")
        cls.motion = make.make_motion(cls.cast.group, cls.cast.union, by=cls.cast.union_rep)

    def test_a_signature_given_in_another_way_or_at_another_time(self):
        row = Signature.objects.first()
        for change in ({"method": "passkey"}, {"signed_at": row.signed_at - timedelta(days=1)},
                       {"signed_at": row.signed_at + timedelta(hours=1)}):  # fmt: skip
            with unguarded("protocol_signature"):
                Signature.objects.filter(pk=row.pk).update(**change)
            self.assertIn((f"signature:{row.pk}", "the log tells of another way to sign, or of another time"), found())
            with unguarded("protocol_signature"):
                Signature.objects.filter(pk=row.pk).update(method=row.method, signed_at=row.signed_at)
        self.assertEqual(found(), set())

    def test_another_time_or_person_of_what_was_frozen_and_sealed(self):
        with unguarded("protocol_frozenversion", "protocol_sealedprotocol"):
            FrozenVersion.objects.update(frozen_by=self.cast.chair)
            SealedProtocol.objects.update(sealed_at=SealedProtocol.objects.get().sealed_at - timedelta(days=1))
        faults = {fault for _, fault in found()}
        self.assertIn("the log tells of another text, or of another who froze it", faults)
        self.assertIn("the log tells of a sealed file that is not there, or that has another time", faults)

    def test_a_filed_motion_that_is_gone_with_all_its_history(self):
        with unguarded("motions_motion", "motions_claim", "motions_historicalmotion", "motions_historicalclaim"):
            Claim.objects.filter(motion=self.motion)._raw_delete("default")
            Motion.objects.filter(pk=self.motion.pk)._raw_delete("default")
            Motion.history.filter(id=self.motion.pk).delete()
            Claim.history.filter(motion_id=self.motion.pk).delete()
        event = Event.objects.get(kind="motion_filed", thing=f"motion:{self.motion.pk}")
        self.assertIn((f"event:{event.pk}", f"the log tells of motion:{self.motion.pk}, which is not there"), found())
