"""What is written both as a query and as a property says the same.

For rights see tests/people/test_permissions.py, for motions tests/motions.
"""

from datetime import timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from meetings.models import BalanceItem, Meeting
from people.models import Mandate, User, today
from record.history import remember
from tests import factories as make
from tests.runner import unguarded


class PropertyTests(TestCase):
    @settings(max_examples=30, deadline=None)
    @given(st.lists(st.tuples(st.none() | st.integers(-2, 2), st.booleans()), max_size=4))
    @example([(-1, True), (-1, False), (0, True), (None, True)])
    def test_what_is_overdue(self, promised):
        group = make.make_group()
        meeting = Meeting(group=group)
        remember(meeting, by=None, verb="test")
        with unguarded("meetings_balanceitem"):  # a promise closes by a note alone; here it only is closed
            for days, is_open in promised:
                item = BalanceItem(group=group, title="Löfte", due=None if days is None else today() + timedelta(days=days))
                if not is_open:
                    item.state, item.closed_at = BalanceItem.State.CLOSED, meeting
                remember(item, by=None, verb="test")
        promises = BalanceItem.objects.filter(group=group)
        self.assertEqual(set(promises.overdue(today())), {item for item in promises if item.overdue})
        self.assertEqual(set(promises.open()), {item for item in promises if item.state == BalanceItem.State.OPEN})

    @settings(max_examples=30, deadline=None)
    @given(st.integers(-2, 2), st.none() | st.integers(-2, 2), st.none() | st.integers(-2, 2))
    def test_whose_mandate_is_valid(self, starts, ends, group_ends):
        day = today()
        until = None if group_ends is None else day + timedelta(days=group_ends)
        group, user = make.make_group(valid_to=until), make.make_user(make.make_person("Linnea Al"))
        mandate = Mandate(
            person=user.person,
            group=group,
            role="secretary",
            starts=day + timedelta(days=starts),
            ends=None if ends is None else day + timedelta(days=starts + abs(ends)),
        )
        remember(mandate, by=None, verb="test")
        valid = Mandate.objects.valid_on(day).filter(person=user.person).exists()
        self.assertEqual(valid, bool(User.objects.get(pk=user.pk).roles_in(group.pk)))
