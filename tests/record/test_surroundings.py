"""`manage.py verify` tells of all that PostgreSQL holds besides what `migrate` lays down, and that could answer in its stead."""

from unittest import skipUnless

from django.db import connection
from django.test import TestCase, TransactionTestCase

from record import checks
from record.verifying import at_one_moment


def found() -> set[str]:
    return {f"{looked.thing}: {fault}" for looked in checks.database() for fault in looked.faults}


def strangers(*things: str) -> set[str]:
    return {f"{thing}: is none of ours" for thing in things}


class AsMigratedTests(TestCase):
    def test_what_migrate_laid_down_is_ours(self):
        self.assertEqual(found(), set())


@skipUnless(connection.vendor == "postgresql", "SQLite has none of these")
class SurroundingsTests(TestCase):
    def setUp(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_database()")
            (self.name,) = cursor.fetchone()

    def sql(self, *statements: str) -> None:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def test_another_table_of_the_same_name_in_another_schema(self):
        self.sql(
            "CREATE SCHEMA beside",
            "CREATE TABLE beside.protocol_sealedprotocol (LIKE public.protocol_sealedprotocol)",
            "CREATE VIEW beside.record_event AS SELECT * FROM public.record_event",
            "CREATE MATERIALIZED VIEW public.kept AS SELECT 1 AS one",
            f'ALTER DATABASE "{self.name}" SET search_path = beside, public',
        )
        told = {
            *strangers("schema beside", "table beside.protocol_sealedprotocol", "view beside.record_event"),
            *strangers("materialized view public.kept"),
            "settings: sets search_path=beside, public for every role",
        }
        self.assertEqual(found(), told)
        self.sql("SET LOCAL search_path = beside, public")
        self.assertEqual(found(), told | {"settings: looks for tables in beside, public"})

    def test_settings_for_a_role_here_or_for_our_own_anywhere(self):
        self.sql(
            "CREATE ROLE somebody",
            "ALTER ROLE somebody SET app.x = '1'",  # concerns nobody who comes here
            f"ALTER ROLE somebody IN DATABASE \"{self.name}\" SET app.y = '1'",
            "ALTER ROLE CURRENT_USER SET app.z = '1'",
            "ALTER ROLE ALL SET app.w = '1'",
        )
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            (me,) = cursor.fetchone()
        told = {"settings: sets app.y=1 for somebody", f"settings: sets app.z=1 for {me}"}
        self.assertEqual(found(), told | {"settings: sets app.w=1 for every role"})

    def test_operators_functions_types_and_the_rest(self):
        self.sql(
            "CREATE FUNCTION same(varchar, varchar) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
            "CREATE OPERATOR public.= (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = same)",
            "CREATE FUNCTION guard_record_event_update(text) RETURNS text LANGUAGE sql AS 'SELECT $1'",
            "CREATE AGGREGATE most (integer) (SFUNC = int4larger, STYPE = integer)",
            "CREATE DOMAIN word AS text",
            "CREATE TYPE pair AS (a integer, b integer)",
            "CREATE CAST (pair AS integer) WITH INOUT",
            "CREATE COLLATION alike (provider = libc, locale = 'C')",
            "CREATE FUNCTION told() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
            "CREATE EVENT TRIGGER watched ON ddl_command_end EXECUTE FUNCTION told()",
            "CREATE EXTENSION citext SCHEMA pg_catalog",
        )
        text = "character varying"
        told = strangers(
            f"function public.same({text},{text})",
            f"operator public.=({text},{text})",
            "function public.guard_record_event_update(pg_catalog.text)",
            "aggregate public.most(integer)",
            "type public.word",
            "type public.pair",
            "cast (public.pair AS integer)",
            "collation public.alike",
            "function public.told()",
            "event trigger watched",
            "extension citext",
        )
        self.assertLessEqual(told, found())

    def test_an_operator_that_lies_to_the_question_itself(self):
        self.sql("CREATE FUNCTION never(oid, regclass) RETURNS boolean LANGUAGE sql AS 'SELECT false'")
        self.sql("CREATE OPERATOR public.= (LEFTARG = oid, RIGHTARG = regclass, FUNCTION = never)")
        of = "pg_catalog.oid,pg_catalog.regclass"
        self.assertEqual(found(), strangers(f"function public.never({of})", f"operator public.=({of})"))

    def test_a_function_that_is_hidden_in_our_extension(self):
        self.sql(
            "CREATE ROLE somebody",
            "CREATE FUNCTION same(text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
            "ALTER FUNCTION same(text) OWNER TO somebody",
            "ALTER EXTENSION pg_trgm ADD FUNCTION same(text)",
        )
        self.assertEqual(found(), strangers("function public.same(pg_catalog.text)"))

    def test_a_function_of_a_guard_of_an_earlier_version_is_ours(self):
        self.sql("CREATE FUNCTION guard_gone_table_update() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'")
        self.assertEqual(found(), set())


@skipUnless(connection.vendor == "postgresql", "SQLite has no such settings")
class AsAPageTests(TransactionTestCase):
    def test_verify_reads_as_a_page_does_but_at_one_moment(self):
        def says() -> dict[str, str]:
            with connection.cursor() as cursor:
                cursor.execute("SELECT name, setting FROM pg_settings")
                return dict(cursor.fetchall())

        page = says()
        with at_one_moment():
            differs = {name for name, setting in says().items() if page.get(name) != setting}
        self.assertEqual(differs, {"transaction_isolation"})

    def test_a_page_looks_for_tables_in_ours_alone_whatever_the_database_has_been_told(self):
        other, name = connection.copy(), connection.settings_dict["NAME"]
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{name}" SET search_path = beside, public')
        try:
            with other.cursor() as cursor:
                cursor.execute("SHOW search_path")
                self.assertEqual(cursor.fetchone(), ("public",))
        finally:
            other.close()
            with connection.cursor() as cursor:
                cursor.execute(f'ALTER DATABASE "{name}" RESET search_path')
