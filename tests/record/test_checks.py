"""`manage.py verify` on the ground floor: no row that is remembered differs from its history, and no history has a hole."""

from datetime import timedelta
from unittest import skipUnless

from django.db import connection, transaction
from django.test import TestCase, TransactionTestCase
from django.utils import timezone

from meetings.actions import balance
from meetings.models import BalanceItem, Meeting
from people.models import Person
from record import checks, verifying
from record.history import remember
from tests import factories as make
from tests.cast import Cast
from tests.runner import unguarded


class HistoriesTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        cls.item = balance.open_item(cls.cast.group, title="Se över låsen", by=cls.cast.secretary)
        for title in ("Byta låsen", "Byta alla låsen"):
            cls.change(title)

    @classmethod
    def change(cls, title: str) -> None:
        item = BalanceItem.objects.get(pk=cls.item.pk)
        balance.change_item(item, title=title, owner=None, due=None, version=item.version, by=cls.cast.secretary)

    def found(self) -> list[tuple[str, str]]:
        return [(looked.thing, fault) for looked in checks.histories() for fault in looked.faults]

    def sql(self, statement: str, *values) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    def test_what_is_done_by_the_verbs_is_no_fault(self):
        self.assertEqual(self.found(), [])
        balance.open_item(self.cast.group, title="Ett löfte till", by=self.cast.secretary)
        self.assertEqual(self.found(), [])

    def test_a_promise_that_is_reworded_beside_its_history_is_found(self):
        """The guards let the runtime role write in it: the administration and the balance list do."""
        self.sql("UPDATE meetings_balanceitem SET title = 'Låt låsen vara' WHERE id = %s", self.item.pk)
        self.assertEqual(self.found(), [(f"balanceitem:{self.item.pk}", "it is not as its history says: title")])

    def test_a_promise_that_is_gone_is_found(self):
        with unguarded("meetings_balanceitem"):
            self.sql("DELETE FROM meetings_balanceitem WHERE id = %s", self.item.pk)
        told = "it is gone, and its history does not say that it was removed"
        self.assertEqual(self.found(), [(f"balanceitem:{self.item.pk}", told)])

    def test_a_row_of_history_that_is_put_in_as_older_than_the_one_before_it_is_found(self):
        item = BalanceItem.objects.get(pk=self.item.pk)
        item._history_date = timezone.now() - timedelta(minutes=5)  # another machine's clock
        remember(item, by=self.cast.chair, verb="edit_item")
        self.assertEqual(self.found(), [])
        item._history_date = timezone.now() - timedelta(days=300)
        remember(item, by=self.cast.chair, verb="edit_item")
        found = self.found()
        self.assertEqual([thing for thing, _ in found], [f"balanceitem:{self.item.pk}"])
        self.assertTrue(found[0][1].startswith("its history goes back in time, from "), found)

    def test_a_row_that_nothing_is_remembered_of_is_found(self):
        person = Person.objects.bulk_create([Person(name="Någon Annan")])[0]
        self.assertEqual(self.found(), [(f"person:{person.pk}", "it has no history")])

    def test_a_history_with_a_hole_is_found(self):
        first, second, third = BalanceItem.history.filter(id=self.item.pk).order_by("history_id").values_list("pk", flat=True)
        thing = f"balanceitem:{self.item.pk}"
        for removed, told in (
            (first, "the beginning of its history is gone"),
            (second, "its history goes from version 1 to version 3"),
            (third, "it is not as its history says: title, version"),
        ):
            with unguarded("meetings_historicalbalanceitem"), transaction.atomic():
                self.sql("DELETE FROM meetings_historicalbalanceitem WHERE history_id = %s", removed)
                self.assertEqual(self.found(), [(thing, told)])
                transaction.set_rollback(True)

    def test_it_asks_as_much_for_many_rows_as_for_one(self):
        with self.assertNumQueries(2 * self.tables()):
            list(checks.histories())
        for n in range(30):
            balance.open_item(self.cast.group, title=f"Löfte {n}", by=self.cast.secretary)
        with self.assertNumQueries(2 * self.tables()):
            list(checks.histories())

    def tables(self) -> int:
        return sum("_historical" in table for table in connection.introspection.table_names())


class AtOneMomentTests(TransactionTestCase):
    def test_what_is_written_meanwhile_is_not_half_seen_and_does_not_wait(self):
        meeting = make.make_meeting()

        def check():
            yield verifying.Looked("before", [Meeting.objects.get(pk=meeting.pk).place])
            self.write(meeting.pk)
            yield verifying.Looked("after", [Meeting.objects.get(pk=meeting.pk).place])

        report = verifying.look({"places": check})
        self.assertEqual({finding.wrong for finding in report.findings}, {meeting.place})
        self.assertEqual(Meeting.objects.get(pk=meeting.pk).place, "Storgatan 1")

    def write(self, pk: int) -> None:
        """By a connection of its own."""
        other = connection.copy()
        try:
            with other.cursor() as cursor:
                cursor.execute("UPDATE meetings_meeting SET place = 'Storgatan 1' WHERE id = %s", [pk])
        finally:
            other.close()

    @skipUnless(connection.vendor == "postgresql", "SQLite answers whatever it is asked")
    def test_a_question_that_the_database_refuses_does_not_silence_the_next_check(self):
        def broken():
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM nowhere")
            yield verifying.Looked("a", [])

        def whole():
            yield verifying.Looked("b", [str(Meeting.objects.count())])

        with self.assertLogs("record.verifying", "ERROR"):
            report = verifying.look({"broken": broken, "whole": whole})
        self.assertEqual([finding.thing for finding in report.findings], ["", "b"])
