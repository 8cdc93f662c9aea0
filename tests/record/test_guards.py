"""The database itself refuses to change evidence, and a rebuilt table gets its guard back."""

from io import StringIO

from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.test import TestCase, TransactionTestCase

from record import chain, guards
from record.models import Chain, Event, EventPayload
from tests import factories as make
from tests.runner import lift


class EvidenceTests(TestCase):
    def setUp(self) -> None:
        self.chain = Chain.objects.create(key="prov")
        self.event = chain.append(self.chain, "called", by=None, thing="meeting:1", data={"ord": "ett"})

    def refused(self, sql: str, *values) -> None:
        with self.assertRaises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)

    def test_an_event_is_never_changed_in_any_column(self):
        for field in Event._meta.concrete_fields:
            if field.name != "id":
                self.refused(f"UPDATE record_event SET {field.column} = {field.column} WHERE id = %s", self.event.pk)

    def test_an_event_is_never_removed(self):
        EventPayload.objects.all().delete()
        self.refused("DELETE FROM record_event WHERE id = %s", self.event.pk)

    def test_a_payload_may_be_erased_but_not_rewritten(self):
        self.refused("UPDATE record_eventpayload SET salt = 'x' WHERE event_id = %s", self.event.pk)
        EventPayload.objects.filter(event=self.event).delete()
        self.assertEqual(chain.verify(self.chain), [])

    def test_history_is_never_changed_or_removed(self):
        make.make_meeting()
        self.refused("UPDATE meetings_historicalmeeting SET place = 'x'")
        self.refused("DELETE FROM meetings_historicalmeeting")


class InstallationTests(TransactionTestCase):
    def test_no_guard_is_missing(self):
        self.assertEqual(guards.missing(), [])
        self.assertGreater(len(guards.all_guards()), 100)

    def test_a_missing_guard_is_told_and_comes_back_with_a_migrate_that_is_not_stopped_by_it(self):
        name = guards.all_guards()[0].name
        lift("default")
        self.assertIn(name, guards.missing())
        self.assertIn("record.W001", {warning.id for warning in guards.check(None, databases=["default"])})
        call_command("migrate", verbosity=0, skip_checks=False, stderr=StringIO())
        self.assertEqual(guards.missing(), [])

    def test_a_rebuilt_table_finds_its_guard_again(self):
        """SQLite rebuilds a table to change it, and a rebuilt table has lost its triggers."""
        field = models.CharField(max_length=10, default="", null=False)
        field.set_attributes_from_name("extra")
        field.model = Event
        guards.lift_before_migrate(app_config=Event._meta.app_config, using="default", plan=["something"])
        try:
            with connection.schema_editor() as editor:
                editor.add_field(Event, field)
            guards.install()
            self.assertEqual(guards.missing(), [])
        finally:
            guards.lift_before_migrate(app_config=Event._meta.app_config, using="default", plan=["something"])
            with connection.schema_editor() as editor:
                editor.remove_field(Event, field)
            guards.install()
        own = Chain.objects.create(key="prov")
        event = chain.append(own, "called", by=None, thing="meeting:1")
        with self.assertRaises(IntegrityError), transaction.atomic():
            Event.objects.filter(pk=event.pk).update(kind="annat")


class ChainTests(TestCase):
    def setUp(self) -> None:
        self.chain = Chain.objects.create(key="prov")
        for number in range(5):
            chain.append(self.chain, "called", by=None, thing=f"meeting:{number}", data={"nummer": number})

    def test_it_is_numbered_and_linked_from_the_first(self):
        rows = list(self.chain.events.order_by("seq"))
        self.assertEqual([row.seq for row in rows], [1, 2, 3, 4, 5])
        self.assertEqual(rows[0].previous, "0" * 64)
        self.assertEqual([row.previous for row in rows[1:]], [row.hash for row in rows[:-1]])
        self.assertEqual((self.chain.seq, self.chain.head), (5, rows[-1].hash))
        self.assertEqual(chain.verify(self.chain), [])

    def test_time_never_runs_backwards(self):
        times = list(self.chain.events.order_by("seq").values_list("at", flat=True))
        self.assertEqual(times, sorted(times))

    def tampered(self, sql: str, *values) -> list[str]:
        """The faults found after somebody with the database in their hand has taken the guards down and changed a row."""
        lift("default")
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
        return chain.verify(self.chain)

    def test_a_changed_event_is_found(self):
        self.assertEqual(
            self.tampered("UPDATE record_event SET kind = 'annat' WHERE seq = 3"), ["prov: event 3 does not match its hash"]
        )

    def test_a_removed_event_is_found(self):
        EventPayload.objects.filter(event__seq=3).delete()
        self.assertIn("prov: event 3 is missing, found 4", self.tampered("DELETE FROM record_event WHERE seq = 3"))

    def test_a_cut_tail_is_found(self):
        EventPayload.objects.filter(event__seq=5).delete()
        self.assertEqual(
            self.tampered("DELETE FROM record_event WHERE seq = 5"), ["prov: the head does not match the last event"]
        )

    def test_a_changed_payload_is_found(self):
        faults = self.tampered(
            "UPDATE record_eventpayload SET salt = 'annat' WHERE event_id = (SELECT id FROM record_event WHERE seq = 2)"
        )
        self.assertEqual(faults, ["prov: the payload of event 2 has been changed"])
