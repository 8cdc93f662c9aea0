"""Proposed days: working days away from holidays, before the board meets, at the group's pace."""

from datetime import date, timedelta

from django.test import SimpleTestCase
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.reading.calendar import is_working_day, next_working_day, propose, suits

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


class WorkingDayTests(SimpleTestCase):
    def test_holidays_eves_and_weekends_are_free(self):
        for day in (
            date(2026, 4, 3),
            date(2026, 4, 6),
            date(2026, 5, 14),
            date(2026, 6, 19),
            date(2026, 12, 24),
            date(2026, 12, 31),
            date(2026, 11, 21),
        ):
            self.assertFalse(is_working_day(day), day)
        for day in (date(2026, 4, 2), date(2026, 5, 15), date(2026, 11, 20)):
            self.assertTrue(is_working_day(day), day)

    def test_the_days_around_a_holiday_do_not_suit_a_meeting(self):
        for day in (
            date(2026, 4, 2),
            date(2026, 4, 7),
            date(2026, 5, 13),
            date(2026, 5, 15),
            date(2026, 1, 5),
            date(2026, 12, 23),
        ):
            self.assertFalse(suits(day), day)
        self.assertTrue(suits(date(2026, 4, 16)))

    def test_the_day_of_adjustment_is_the_next_working_day(self):
        self.assertEqual(next_working_day(date(2020, 4, 16)), date(2020, 4, 17))
        self.assertEqual(next_working_day(date(2026, 4, 2)), date(2026, 4, 7))
        self.assertEqual(next_working_day(date(2026, 4, 30)), date(2026, 5, 4))


class ProposeTests(SimpleTestCase):
    def test_five_days_before_the_board(self):
        days = [one.day for one in propose(after=date(2020, 3, 1), board_day=date(2020, 4, 21))]
        self.assertEqual(days[-1], date(2020, 4, 16))

    def test_the_usual_weekday_before_the_board(self):
        thursdays = [date(2026, 1, 15), date(2026, 2, 12), date(2026, 3, 12)]
        days = [one.day for one in propose(after=date(2026, 3, 20), earlier=thursdays, board_day=date(2026, 4, 29))]
        self.assertIn(date(2026, 4, 23), days)

    def test_the_groups_pace_and_weekday(self):
        thursdays = [date(2026, 9, 17), date(2026, 10, 15), date(2026, 11, 12)]
        days = [one.day for one in propose(after=date(2026, 11, 22), earlier=thursdays)]
        self.assertEqual(days[:2], [date(2026, 12, 10), date(2027, 1, 14)])  # 7 January is the day after Epiphany

    @settings(max_examples=150, derandomize=True, deadline=None)
    @given(after=DAYS, gap=st.integers(1, 90), earlier=st.lists(DAYS, max_size=8), before=st.integers(1, 30), board=st.booleans())
    def test_every_proposal_suits_and_lies_ahead(self, after, gap, earlier, before, board):
        board_day = after + timedelta(days=gap + before) if board else None
        proposals = propose(after=after, earlier=earlier, board_day=board_day, before=before)
        days = [proposal.day for proposal in proposals]
        self.assertEqual(days, sorted(set(days)))
        for proposal in proposals:
            self.assertTrue(proposal.day > after and suits(proposal.day) and is_working_day(proposal.adjustment_day))
            self.assertTrue(proposal.adjustment_day > proposal.day)
            if board_day:
                self.assertTrue(proposal.day <= board_day - timedelta(days=before))
        if not board:
            self.assertEqual(len(days), 3)
