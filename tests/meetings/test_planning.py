"""Plan, call, open, cancel, delete, decline, appoint: each verb in each state, and what it leaves."""

from collections.abc import Callable
from datetime import date, time, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import SimpleTestCase, TestCase

from meetings.actions import agenda, attendance, balance, placing, planning
from meetings.models import BalanceNote, Meeting, Officer, Paragraph
from meetings.states import MOVES, WHY_NOT, State
from people.models import Service, today
from protocol import actions, sealing
from protocol.models import FrozenVersion
from record.models import Event
from record.moves import Refused, Stale, WrongState
from tests import factories as make
from tests.cast import Cast

WALKED = ("planned", "called", "draft", "approval", "adjusted", "sealed", "cancelled")


class MovesTests(SimpleTestCase):
    def test_every_state_says_why_not_and_what_next(self):
        self.assertEqual(set(WHY_NOT), set(State))

    def test_the_life_is_the_one_agreed(self):
        moves = {verb: (sorted(move.sources), move.target) for verb, move in MOVES.items() if move.target}
        self.assertEqual(
            moves,
            {
                "call": (["called", "planned"], "called"),
                "open_draft": (["called"], "draft"),
                "cancel": (["called", "planned"], "cancelled"),
                "freeze": (["draft"], "approval"),
                "withdraw": (["approval"], "draft"),
                "adjust": (["approval"], "adjusted"),
                "seal": (["adjusted"], "sealed"),
                "archive": (["sealed"], "archived"),
            },
        )


class EveryVerbInEveryStateTests(TestCase):
    """The room's own verbs, straight from the table: the right state works, every other meets WrongState and changes nothing."""

    def verbs(self, cast: Cast, meeting: Meeting) -> dict[str, Callable[[], object]]:
        by = cast.secretary
        paragraph, empty = make.make_paragraph(meeting), make.make_paragraph(meeting, "area")
        item = paragraph.items.first()
        row = meeting.attendances.first()
        return {
            "edit": lambda: planning.edit(meeting, fields={"place": "Annan sal"}, version=meeting.version, by=by),
            "call": lambda: planning.call(meeting, by=by),
            "open_draft": lambda: planning.open_draft(meeting, by=by),
            "cancel": lambda: planning.cancel(meeting, why="Skäl.", by=by),
            "appoint": lambda: planning.appoint(meeting, chair=cast.employer.person, secretary=None, by=by),
            "decline": lambda: planning.decline(meeting, mandate=cast.employer.person.mandates.get(), substitute=None, by=by),
            "arrange": lambda: (
                agenda.move_paragraph(empty, by_steps=1, by=by),
                agenda.add_item(empty, kind="topic", title="Nytt", by=by),
                agenda.edit_item(item, fields={"title": "Annat"}, version=item.version, by=by),
            ),
            "append": lambda: agenda.append(meeting, title="Bilaga", text="Text.", by=by),
            "place": lambda: placing.place(
                make.make_motion(cast.group, cast.union, by=cast.adjuster), meeting=meeting, paragraph=paragraph, by=by
            ),
            "edit_text": lambda: agenda.edit_text(paragraph, fields={"text": "Ny text."}, version=paragraph.version, by=by),
            "elect": lambda: attendance.elect(meeting, adjusters=[row], adjustment_day=None, by=by),
            "delete": lambda: planning.delete(meeting, by=by),
        }

    def test_every_verb_in_every_state(self):
        for number, state in enumerate(WALKED):
            cast = Cast()
            meeting = cast.meeting("planned", date=today() + timedelta(days=14 + number))
            make.make_item(make.make_paragraph(meeting))
            meeting = self.walk(cast, meeting, state)
            for verb in self.verbs(cast, meeting):
                if verb == "elect" and state in ("planned", "called", "cancelled"):
                    continue  # there is nobody in the list to elect yet
                with self.subTest(state=state, verb=verb):
                    meeting = Meeting.objects.get(pk=meeting.pk)
                    self.try_one(cast, meeting, verb)

    def try_one(self, cast: Cast, meeting: Meeting, verb: str) -> None:
        """The verb as the table says; afterwards everything is as before, so that the next one meets the same state."""
        right, before = meeting.state in MOVES[verb].sources, meeting.state
        try:
            with transaction.atomic():
                do = self.verbs(cast, meeting)[verb]
                if right and verb == "delete":
                    self.assertRaises(Refused, do)  # it has an item: see DeleteTests
                elif right:
                    do()
                    self.assertEqual(Meeting.objects.get(pk=meeting.pk).state, MOVES[verb].target or before)
                else:
                    with self.assertRaises(WrongState) as caught:
                        do()
                    self.assertEqual((caught.exception.reason, caught.exception.next_step), WHY_NOT[State(meeting.state)])
                raise _Undo
        except _Undo:
            pass

    def walk(self, cast: Cast, meeting: Meeting, state: str) -> Meeting:
        _ = (cast.chair, cast.employer, cast.adjuster)
        if state == "cancelled":
            return planning.cancel(meeting, why="Skäl.", by=cast.secretary)
        if state != "planned":
            planning.call(meeting, by=cast.secretary)
        if state in ("draft", "approval", "adjusted", "sealed"):
            planning.open_draft(meeting, by=cast.secretary)
        if state in ("approval", "adjusted", "sealed"):
            version = actions.freeze(cast.ready(meeting), by=cast.secretary, privacy_reviewed=True)
            if state != "approval":
                cast.sign_all(version)
            if state == "sealed":
                sealing.seal(FrozenVersion.objects.get(pk=version.pk))
        return Meeting.objects.get(pk=meeting.pk)


class _Undo(Exception):
    """Roll back."""


class PlanTests(TestCase):
    def setUp(self):
        self.cast = Cast()

    def test_what_the_previous_meeting_had_comes_along(self):
        before = self.cast.meeting(date=today() - timedelta(days=28), place="Norra salen", channels=["Teams"], starts=time(8, 30))
        meeting = planning.plan(self.cast.group, by=self.cast.secretary, date=today() + timedelta(days=7))
        self.assertEqual(
            (meeting.previous, meeting.place, meeting.channels, meeting.starts), (before, "Norra salen", ["Teams"], time(8, 30))
        )
        self.assertEqual(meeting.template, before.template)
        names = {officer.role: officer.name for officer in meeting.officers.all()}
        self.assertEqual(names, {"chair": "Cecilia Björk", "secretary": "Stina Alm"})

    def test_open_promises_come_along_and_closed_ones_do_not(self):
        meeting = self.cast.meeting("draft")
        kept = balance.open_item(self.cast.group, title="Kvar", by=self.cast.secretary)
        done = balance.open_item(self.cast.group, title="Klart", by=self.cast.secretary)
        balance.note(done, meeting=meeting, text="Gjort.", closes=True, by=self.cast.secretary)
        later = planning.plan(self.cast.group, by=self.cast.secretary, date=today() + timedelta(days=50))
        self.assertEqual([note.item for note in BalanceNote.objects.filter(meeting=later)], [kept])

    def test_the_agreed_next_meeting_is_taken_up(self):
        self.cast.meeting(
            date=today() - timedelta(days=7), next_on=today() + timedelta(days=20), next_at=time(13), next_place="Vita rummet"
        )
        meeting = planning.plan(self.cast.group, by=self.cast.secretary)
        self.assertEqual((meeting.date, meeting.starts, meeting.place), (today() + timedelta(days=20), time(13), "Vita rummet"))

    def test_times_that_cannot_be_are_refused_and_nothing_is_left(self):
        for fields in (
            {"starts": time(9), "ends": time(9)},
            {"starts": time(9), "ends": time(8)},
            {"date": date(2027, 3, 28), "starts": time(2, 30)},
            {"date": date(2027, 10, 31), "starts": time(2, 30)},
        ):
            with self.assertRaises(ValidationError):
                planning.plan(self.cast.group, by=self.cast.secretary, **({"date": today()} | fields))
        self.assertFalse(Meeting.objects.exists() or Paragraph.objects.exists() or Officer.objects.exists())


class EditTests(TestCase):
    def test_somebody_elses_change_is_not_overwritten(self):
        cast = Cast()
        meeting = cast.meeting()
        stale = Meeting.objects.get(pk=meeting.pk)
        planning.edit(meeting, fields={"place": "Ett"}, version=1, by=cast.secretary)
        with self.assertRaises(Stale) as caught:
            planning.edit(stale, fields={"place": "Två"}, version=1, by=cast.chair)
        self.assertEqual(caught.exception.current.place, "Ett")


class CallTests(TestCase):
    def test_what_is_missing_is_named(self):
        cast = Cast()
        meeting = make.make_meeting(cast.group, by=cast.secretary, date=None, place="")
        with self.assertRaises(ValidationError) as caught:
            planning.call(meeting, by=cast.secretary)
        self.assertEqual(caught.exception.messages, ["Kallelsen kan inte skickas: datum och plats saknas."])
        self.assertFalse(Event.objects.exists())

    def test_not_to_a_day_that_has_been(self):
        cast = Cast()
        with self.assertRaises(ValidationError):
            planning.call(cast.meeting(date=today() - timedelta(days=1)), by=cast.secretary)

    def test_it_is_remembered_in_the_log_and_the_history(self):
        cast = Cast()
        meeting = cast.meeting("called")
        event = Event.objects.get(kind="called")
        self.assertEqual((event.thing, event.actor), (f"meeting:{meeting.pk}", cast.secretary))
        last = meeting.history.first()
        self.assertEqual((last.history_verb, last.history_user, last.state), ("call", cast.secretary, "called"))


class DeleteTests(TestCase):
    def test_an_empty_planned_meeting_goes_and_its_history_stays(self):
        cast = Cast()
        balance.open_item(cast.group, title="Kvar", by=cast.secretary)
        meeting = cast.meeting()
        pk = meeting.pk
        planning.delete(meeting, by=cast.secretary)
        self.assertFalse(Meeting.objects.exists())
        self.assertEqual(Meeting.history.filter(id=pk, history_type="-").get().history_user, cast.secretary)


class DeclineTests(TestCase):
    def setUp(self):
        self.cast = Cast()
        self.meeting = self.cast.meeting("called")
        self.own = self.cast.adjuster.person.mandates.get()
        self.substitute = self.cast.substitute.person.mandates.get()

    def test_the_substitute_serves_that_day_and_is_told(self):
        planning.decline(self.meeting, mandate=self.own, substitute=self.substitute, by=self.cast.adjuster)
        self.assertEqual(Service.objects.get().date, self.meeting.date)
        self.assertEqual(self.cast.substitute.person.letters.get().kind, "substitute")

    def test_another_partys_substitute_or_another_groups_seat_is_refused_and_nothing_is_left(self):
        foreign = self.cast.stranger.person.mandates.get()
        for mandate, substitute in (
            (self.cast.other_rep.person.mandates.get(), self.substitute),
            (foreign, None),
            (self.own, foreign),
            (self.own, self.cast.union_rep.person.mandates.get()),
        ):
            with self.assertRaises(Refused):
                planning.decline(self.meeting, mandate=mandate, substitute=substitute, by=self.cast.adjuster)
        self.assertFalse(self.meeting.attendances.exists() or Service.objects.exists())

    def test_why_is_stored_nowhere(self):
        self.assertFalse([f.name for f in self.meeting.attendances.model._meta.fields if "why" in f.name or "reason" in f.name])
