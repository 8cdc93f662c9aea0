"""Whatever is done to the balance list, in whatever order: what is open when a protocol is frozen stands in it as open."""

from datetime import timedelta
from unittest import mock

from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from meetings.actions import attendance, balance
from meetings.models import BalanceItem, BalanceNote, Meeting
from meetings.states import State
from people.models import today
from protocol import actions, canonical
from protocol.models import FrozenVersion
from record.moves import Refused, Stale, WrongState
from tests import factories as make
from tests.cast import Cast

VERBS = (
    "open",
    "open",
    "note",
    "refer",
    "refer away",
    "close",
    "close",
    "reopen",
    "freeze",
    "freeze",
    "withdraw",
    "plan",
    "begin",
)
# What the rules say no to is part of the story; anything else is a fault.
NO = (Refused, Stale, WrongState, ValidationError)


class EveryOpenPromiseTests(TestCase):
    """Two groups: meetings come, begin, are frozen and withdrawn; promises are made, noted, sent, closed and opened again."""

    def setUp(self) -> None:
        # Drawing the document takes a second and has nothing to do with the list.
        drawing = mock.patch("protocol.actions.demand_printable")
        drawing.start()
        self.addCleanup(drawing.stop)
        self.cast = Cast()
        _ = (self.cast.chair, self.cast.secretary, self.cast.employer, self.cast.adjuster)
        self.by, self.day, self.frozen, self.opened = self.cast.secretary, today(), 0, 0

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.sampled_from(VERBS), st.integers(0, 99)), min_size=8, max_size=24))
    def test_every_open_promise_is_in_the_next_frozen_protocol(self, story):
        self.plan(0)
        self.begin(0)
        for verb, number in story:
            try:
                getattr(self, verb.replace(" ", "_"))(number)
            except NO:
                continue
        # The end of every story: whatever can be frozen is.
        for meeting in list(self.meetings(State.DRAFT)):
            self.freeze_one(meeting)

    # What can happen; a number picks which of the things that are there.

    def meetings(self, *states: str):
        rows = Meeting.objects.filter(group=self.cast.group)
        return list((rows.filter(state__in=states) if states else rows).order_by("date", "pk"))

    def pick(self, rows, number: int):
        rows = list(rows)
        if not rows:
            raise Refused("Det finns ingen.")
        return rows[number % len(rows)]

    def item(self, number: int) -> BalanceItem:
        return self.pick(BalanceItem.objects.filter(group=self.cast.group).order_by("pk"), number)

    def open(self, number: int) -> None:
        self.opened += 1
        meeting = self.pick([None, *self.meetings()], number)
        # Titles that hold each other's words: what is told of one is not told of the other.
        balance.open_item(
            self.cast.group, title=f"Laga bänken {'i parken ' * (self.opened % 3)}".strip(), meeting=meeting, by=self.by
        )

    def note(self, number: int) -> None:
        balance.note(self.item(number), meeting=self.pick(self.meetings(), number // 7), text=f"Sagt {number}", by=self.by)

    def close(self, number: int) -> None:
        meeting = self.pick(self.meetings(State.DRAFT, State.CALLED), number // 7)
        balance.note(self.item(number), meeting=meeting, text="Gjort.", closes=True, by=self.by)

    def reopen(self, number: int) -> None:
        closed = BalanceItem.objects.filter(group=self.cast.group, state="closed").select_related("closed_at").order_by("pk")
        item = self.pick(closed, number)
        balance.note(item, meeting=item.closed_at, text="Inte riktigt.", by=self.by)

    def refer(self, number: int) -> None:
        """Another group sends one here."""
        there = balance.open_item(self.cast.other_group, title=f"Från skogen {number}", by=self.by)
        balance.refer_balance(there, to=self.cast.group, why="", by=self.by)

    def refer_away(self, number: int) -> None:
        balance.refer_balance(self.item(number), to=self.cast.other_group, why="", by=self.by)

    def plan(self, number: int) -> None:
        self.day += timedelta(days=1)
        make.make_meeting(self.cast.group, by=self.by, state="called", date=self.day)

    def begin(self, number: int) -> None:
        from meetings.actions import planning

        meeting = self.pick(self.meetings(State.CALLED), number)
        planning.open_draft(meeting, by=self.by)

    def withdraw(self, number: int) -> None:
        actions.withdraw(self.pick(self.meetings(State.APPROVAL), number), reason="Något ska bort.", by=self.by)

    def freeze(self, number: int) -> None:
        self.freeze_one(self.pick(self.meetings(State.DRAFT), number))

    def freeze_one(self, meeting: Meeting) -> None:
        if not meeting.adjusters:
            meeting = make.make_ready_to_freeze(meeting, by=self.by)
            row = meeting.attendances.get(person=self.cast.adjuster.person)
            attendance.elect(meeting, adjusters=[row], adjustment_day=meeting.date, by=self.by)
            meeting = Meeting.objects.get(pk=meeting.pk)
        version = actions.freeze(meeting, by=self.by, privacy_reviewed=True)
        self.frozen += 1
        record = canonical.Record.from_bytes(bytes(FrozenVersion.objects.get(pk=version.pk).data))
        signed = sorted(entry.title for entry in record.protocol.balance)
        # What an earlier meeting has closed is not called open here; all that is open is, each as often as it is promised.
        still = BalanceItem.objects.filter(group=self.cast.group, state="open").values_list("title", flat=True)
        for title in set(still):
            self.assertGreaterEqual(signed.count(title), list(still).count(title), (title, signed))
        earlier = BalanceItem.objects.filter(group=self.cast.group, state="closed", closed_at__date__lte=meeting.date)
        later = BalanceItem.objects.filter(group=self.cast.group, state="closed", closed_at__date__gt=meeting.date)
        self.assertLessEqual(len(signed), len(still) + later.count(), (signed, list(earlier)))
        self.assertTrue(BalanceNote.objects.filter(meeting=meeting, closes=True, under=None).count() == 0)
        if signed:
            self.assertIn("Balanslista", [row.heading for row in record.protocol.paragraphs])
