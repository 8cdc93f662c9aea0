"""The database itself refuses to change evidence, and a rebuilt table gets its guard back."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from unittest import mock, skipUnless

from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import CreateModel
from django.db.migrations.recorder import MigrationRecorder
from django.test import TestCase, TransactionTestCase
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as PropertyTestCase

from record import chain, guards
from record.models import Chain, Event, EventPayload, Verification
from tests import factories as make
from tests.runner import lift, unguarded


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
        self.refused("DELETE FROM record_event WHERE id = %s", self.event.pk)

    def test_a_payload_is_neither_rewritten_nor_erased(self):
        self.refused("UPDATE record_eventpayload SET salt = 'x' WHERE event_id = %s", self.event.pk)
        self.refused("DELETE FROM record_eventpayload WHERE event_id = %s", self.event.pk)

    def test_history_is_never_changed_or_removed(self):
        make.make_meeting()
        make.make_user("Anna Lind")
        for table, column in (
            ("meetings_historicalmeeting", "place"),
            ("people_historicalperson", "name"),
            ("people_historicaluser", "email"),
        ):
            self.refused(f"UPDATE {table} SET {column} = 'x'")
            self.refused(f"DELETE FROM {table}")

    def test_every_table_of_history_is_guarded(self):
        guarded = {(guard.table, guard.event) for guard in guards.all_guards() if guard.condition == "1 = 1"}
        for table in connection.introspection.table_names():
            if "_historical" in table:
                self.assertLessEqual({(table, "UPDATE"), (table, "DELETE")}, guarded)

    def test_an_event_follows_the_last_one_of_its_chain(self):
        columns = "chain_id, seq, previous, hash, kind, actor_id, at, thing, data_sha256"
        for seq, previous in (("seq", "previous"), ("seq + 2", "hash"), ("seq + 1", "previous"), ("seq + 1", f"'{'0' * 64}'")):
            self.refused(
                f"INSERT INTO record_event ({columns}) SELECT chain_id, {seq}, {previous}, '{'a' * 64}', kind, actor_id, at, "
                "thing, data_sha256 FROM record_event WHERE id = %s",
                self.event.pk,
            )

    def backdated(self) -> None:
        """An event of a day before the last one, with its place and its hash in order."""
        chain.append(self.chain, "called", by=None, thing="meeting:1")
        last, at = Event.objects.latest("seq"), self.event.at - timedelta(days=1)
        digest, seq = chain.payload_hash("salt", {}), last.seq + 1
        told = {"seq": seq, "previous": last.hash, "kind": "called", "thing": "meeting:1", "data_sha256": digest}
        counted = chain.event_hash(chain=self.chain.key, actor=None, at=chain.stamp(at), **told)
        event = Event.objects.create(chain=self.chain, at=at, hash=counted, **told)
        EventPayload.objects.create(event=event, salt="salt", data={})
        Chain.objects.filter(pk=self.chain.pk).update(seq=seq, head=counted)

    def test_an_event_is_not_older_than_the_one_before_it(self):
        with self.assertRaises(IntegrityError), transaction.atomic():
            self.backdated()
        with unguarded("record_event"):
            self.backdated()
        self.assertEqual(chain.verify(self.chain), ["prov: event 3 is older than the one before it"])

    def test_a_payload_comes_with_its_event_and_never_afterwards(self):
        with unguarded("record_eventpayload"):
            EventPayload.objects.filter(event=self.event).delete()
        with self.assertRaises(IntegrityError), transaction.atomic():
            EventPayload.objects.create(event=self.event, salt="x", data={"ord": "två"})

    def test_a_head_moves_one_step_to_an_event_that_is_there(self):
        second = chain.append(self.chain, "called", by=None, thing="meeting:1")
        for seq, head in ((1, self.event.hash), (3, second.hash), (2, "a" * 64), (0, "0" * 64), (3, "a" * 64)):
            self.refused("UPDATE record_chain SET seq = %s, head = %s WHERE id = %s", seq, head, self.chain.pk)
        self.refused("UPDATE record_chain SET key = 'annan' WHERE id = %s", self.chain.pk)

    def test_a_chain_begins_empty_and_is_never_removed(self):
        self.refused("INSERT INTO record_chain (key, seq, head) VALUES ('ny', 7, %s)", "a" * 64)
        empty = Chain.objects.create(key="tom")
        self.refused("DELETE FROM record_chain WHERE id = %s", empty.pk)

    def test_what_a_check_found_stays_and_is_not_of_a_time_to_come(self):
        Verification.objects.create(looked=10, findings=2)
        self.refused("UPDATE record_verification SET findings = 0")
        self.refused("DELETE FROM record_verification")
        self.refused(
            "INSERT INTO record_verification (at, looked, findings) VALUES (%s, 10, 0)", timezone.now() + timedelta(days=1)
        )

    def test_a_group_keeps_its_log(self):
        group = make.make_group()
        self.refused("UPDATE people_group SET chain_id = %s WHERE id = %s", self.chain.pk, group.pk)


@skipUnless(connection.vendor == "postgresql", "SQLite counts no checksums: there `verify` finds it")
class HashInTheDatabaseTests(PropertyTestCase):
    """PostgreSQL counts an event's hash by itself, byte for byte as we do."""

    WORDS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40)

    @given(
        key=WORDS,
        kind=WORDS,
        thing=WORDS,
        actor=st.none() | st.integers(1, 2**53 - 1),
        seq=st.integers(1, 2**53 - 1),
        at=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    )
    @example(
        key='group:"1"',
        kind="\\ \b\f\n\r\t \x1f \x7f",
        thing="räksmörgås \u2028 🌳",
        actor=None,
        seq=1,
        at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    def test_it_comes_to_the_same(self, key, kind, thing, actor, seq, at):
        log, _ = Chain.objects.get_or_create(key=key)
        rows = "(SELECT %s::bigint chain_id, %s::bigint seq, %s previous, %s kind, %s::bigint actor_id, %s::timestamptz at, "
        rows += "%s thing, %s data_sha256) NEW"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {guards.EVENT_HASH} FROM {rows}", [log.pk, seq, "1" * 64, kind, actor, at, thing, "2" * 64])
            counted = cursor.fetchone()[0]
        expected = chain.event_hash(
            chain=key, seq=seq, previous="1" * 64, kind=kind, actor=actor, at=chain.stamp(at), thing=thing, data_sha256="2" * 64
        )
        self.assertEqual(counted, expected)

    def test_an_event_with_another_hash_is_refused(self):
        log = Chain.objects.create(key="prov")
        with (
            mock.patch("record.chain.event_hash", return_value="a" * 64),
            self.assertRaises(IntegrityError),
            transaction.atomic(),
        ):
            chain.append(log, "called", by=None, thing="meeting:1")


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

    def test_a_migration_that_stops_half_way_leaves_no_guard_down(self):
        recorder = MigrationRecorder(connection)
        graph = MigrationLoader(connection).graph
        made = {key: graph.nodes[key].operations for key in graph.leaf_nodes() if not graph.node_map[key].children}
        last = next(key for key, steps in made.items() if any(isinstance(step, CreateModel) for step in steps))
        recorder.record_unapplied(*last)  # its table is there: it stops
        try:
            with self.assertRaises(DatabaseError):
                call_command("migrate", verbosity=0, stderr=StringIO())
        finally:
            recorder.record_applied(*last)
        self.assertEqual(guards.standing(), ([], [], []))

    def test_a_guard_of_an_earlier_version_is_taken_down_by_migrate(self):
        old = guards.Guard("record_event", "UPDATE", "1 = 1", "a rule of an earlier version", "old", "1 = 1")
        with connection.cursor() as cursor:
            for statement in guards.install_sql(old, connection.vendor):
                cursor.execute(statement)
        self.assertEqual(guards.standing().unknown, [old.name])
        call_command("migrate", verbosity=0, stderr=StringIO())
        self.assertEqual(guards.standing(), ([], [], []))

    def test_a_guard_that_says_something_else_is_told_and_comes_back(self):
        guard = guards.all_guards()[0]
        softer = guard._replace(condition="1 = 0", postgresql="1 = 0")
        with connection.cursor() as cursor:
            for statement in guards.install_sql(softer, connection.vendor):
                cursor.execute(statement)
        self.assertEqual(guards.standing(), ([], [guard.name], []))
        self.assertEqual(guards.missing(), [guard.name])
        call_command("migrate", verbosity=0, stderr=StringIO())
        self.assertEqual(guards.standing(), ([], [], []))

    def test_a_trigger_that_is_named_like_one_of_ours_is_told(self):
        rogues = (
            ("protocol_passage_trigrams_x", "meetings_paragraph"),
            ("protocol_passage_trigrams_update", "protocol_passage"),  # SQLite has one of this name
        )
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                rogues += ((guards.all_guards()[0].name, "meetings_paragraph"),)  # there a name may stand on several tables
                cursor.execute("CREATE FUNCTION rogue() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$")
            before = {}
            if connection.vendor == "sqlite":
                cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
                before = dict(cursor.fetchall())
            for name, table in rogues:
                if connection.vendor == "sqlite":
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
                    cursor.execute(f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} BEGIN SELECT 1; END")
                else:
                    cursor.execute(f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION rogue()")
            try:
                self.assertEqual(guards.standing().unknown, sorted(name for name, _ in rogues))
            finally:
                for name, table in rogues:
                    cursor.execute(f"DROP TRIGGER {name}{'' if connection.vendor == 'sqlite' else f' ON {table}'}")
                    if name in before:
                        cursor.execute(before[name])
                if connection.vendor == "postgresql":
                    cursor.execute("DROP FUNCTION rogue()")
        self.assertEqual(guards.standing(), ([], [], []))

    @skipUnless(connection.vendor == "postgresql", "only PostgreSQL has functions and switches")
    def test_an_emptied_function_and_a_switched_off_trigger_are_told(self):
        first, second = guards.all_guards()[:2]
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {first.name}() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$"
            )
            cursor.execute(f"ALTER TABLE {second.table} DISABLE TRIGGER {second.name}")
        self.assertEqual(set(guards.missing()), {first.name, second.name})
        guards.install()
        self.assertEqual(guards.missing(), [])

    @skipUnless(connection.vendor == "postgresql", "SQLite has no migrate without lifting")
    def test_postgresql_alters_a_table_under_its_guards(self):
        guards.lift_before_migrate(app_config=Event._meta.app_config, using="default", plan=["something"])
        self.assertEqual(guards.missing(), [])

    def test_no_name_is_longer_than_the_database_keeps(self):
        names = [guard.name for guard in guards.all_guards()]
        self.assertEqual(len(set(names)), len(names))
        self.assertLess(max(map(len, names)), 64)

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
        lift()
        EventPayload.objects.filter(event__seq=3).delete()
        self.assertIn("prov: event 3 is missing, found 4", self.tampered("DELETE FROM record_event WHERE seq = 3"))

    def test_a_cut_tail_is_found(self):
        lift()
        EventPayload.objects.filter(event__seq=5).delete()
        self.assertEqual(
            self.tampered("DELETE FROM record_event WHERE seq = 5"), ["prov: the head does not match the last event"]
        )

    def test_an_erased_payload_is_found(self):
        faults = self.tampered("DELETE FROM record_eventpayload WHERE event_id = (SELECT id FROM record_event WHERE seq = 2)")
        self.assertEqual(faults, ["prov: the payload of event 2 has been erased"])

    def test_a_changed_payload_is_found(self):
        faults = self.tampered(
            "UPDATE record_eventpayload SET salt = 'annat' WHERE event_id = (SELECT id FROM record_event WHERE seq = 2)"
        )
        self.assertEqual(faults, ["prov: the payload of event 2 has been changed"])
