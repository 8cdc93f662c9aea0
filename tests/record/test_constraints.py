"""`manage.py verify` tells of a key or condition that is gone, and of what answers in a table's stead."""

from unittest import skipUnless

from django.db import connection
from django.test import TestCase

from record import constraints


def found() -> dict[str, list[str]]:
    return {table: faults for table, faults in constraints.faults() if faults}


class ConstraintsTests(TestCase):
    def sql(self, statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    def test_what_migrate_laid_down_is_what_the_models_ask_for(self):
        self.assertEqual(found(), {})

    def test_a_key_that_is_gone(self):
        self.sql("DROP INDEX signed_once_per_office")
        self.assertEqual(found(), {"protocol_signature": ["lacks signed_once_per_office"]})

    def test_a_key_over_other_columns(self):
        self.sql("DROP INDEX signed_once_per_office")
        self.sql("CREATE UNIQUE INDEX signed_once_per_office ON protocol_signature (id, role) WHERE role <> 'adjuster'")
        self.assertEqual(found(), {"protocol_signature": ["lacks signed_once_per_office"]})

    @skipUnless(connection.vendor == "postgresql", "SQLite changes no constraint without writing its table anew")
    def test_a_condition_or_a_reference_that_is_gone_asks_nothing_or_not_all_rows(self):
        changed = "ALTER TABLE motions_motion DROP CONSTRAINT {0}; ALTER TABLE motions_motion ADD CONSTRAINT {0} CHECK ({1})"
        self.sql("ALTER TABLE meetings_meeting DROP CONSTRAINT meeting_state_is_known")
        self.sql(changed.format("withdrawn_motion_has_time", "true"))
        self.sql(changed.format("filed_motion_has_time_and_receipt", "state = 'draft') NOT VALID; --"))
        self.sql("ALTER TABLE record_eventpayload DROP CONSTRAINT record_eventpayload_event_id_key")
        with connection.cursor() as cursor:
            rows = connection.introspection.get_constraints(cursor, "protocol_signature")
        name = next(name for name, row in rows.items() if row["foreign_key"] and row["columns"] == ["version_id"])
        self.sql(f'ALTER TABLE protocol_signature DROP CONSTRAINT "{name}"')
        self.assertEqual(
            found(),
            {
                "meetings_meeting": ["lacks meeting_state_is_known"],
                "motions_motion": [
                    "does not ask all rows of filed_motion_has_time_and_receipt",
                    "lacks withdrawn_motion_has_time",
                ],
                "record_eventpayload": ["lacks the key event_id"],
                "protocol_signature": ["lacks the reference version_id"],
            },
        )

    @skipUnless(connection.vendor == "postgresql", "SQLite has none of these")
    def test_rules_policies_tables_beneath_and_references_switched_off(self):
        self.sql("CREATE RULE x AS ON INSERT TO people_letter DO ALSO DELETE FROM people_letter WHERE kind = 'sealed'")
        self.sql("CREATE POLICY y ON record_event USING (kind <> 'sealed')")
        self.sql("ALTER TABLE record_event ENABLE ROW LEVEL SECURITY")
        self.sql("CREATE TABLE z () INHERITS (meetings_decision)")
        self.sql("ALTER TABLE protocol_withdrawal DISABLE TRIGGER ALL")
        told = found()
        switched = told.pop("protocol_withdrawal")
        self.assertTrue(switched and all(one.startswith("has switched off RI_") for one in switched), switched)
        self.assertEqual(
            told,
            {
                "people_letter": ["has the rule x"],
                "record_event": ["has the policy y", "shows its rows by policies"],
                "meetings_decision": ["has a table under it"],
            },
        )
