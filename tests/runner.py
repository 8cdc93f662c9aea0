"""The test runner: lifts the database guards only while the tables are emptied between transaction tests."""

import re
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import connections, transaction
from django.test import SimpleTestCase, TransactionTestCase
from django.test.runner import DiscoverRunner, ParallelTestSuite
from django.test.utils import iter_test_cases, override_settings
from hypothesis import HealthCheck, settings

from record import guards
from tests.paper import blank_paper

# A property is asked, not timed: on a slow or busy machine neither an example nor making one up may fail a test.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


def lift(using: str = "default") -> None:
    """Take every guard down, as the owner of the tables could. This code is not part of the app."""
    guards.lift(using)


def lift_over(tables: Collection[str], *, using: str, events: Collection[str] = ("INSERT", "UPDATE", "DELETE")) -> None:
    """Take down the guards over these tables, one at a time: all in one transaction would hold every table."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for guard in guards.all_guards():
            if guard.table in tables and guard.event in events:
                on = "" if connection.vendor == "sqlite" else f" ON {guard.table}"
                cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name}{on}")


@contextmanager
def unguarded(*tables: str) -> Iterator[None]:
    """Without the guards over these tables, which come back afterwards."""
    settle()
    lift_over(tables, using="default")
    try:
        yield
        settle()
    finally:
        guards.install()


def settle() -> None:
    """PostgreSQL neither gives nor takes a trigger where a table still has something to check: let it check now."""
    if connections["default"].vendor == "postgresql":
        with connections["default"].cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def put_back() -> None:
    """Put the guards back inside a test, as whoever hides what was done would."""
    settle()
    guards.install()


# What migrate lays down, and no test changes.
KEPT = frozenset({"django_content_type", "auth_permission"})


def _emptied(self: TransactionTestCase) -> None:
    """Empty every table after a test that committed.

    Django's own flush, which also runs what follows a migration, takes ten times as long.
    """
    for using in self._databases_names(include_mirrors=False):
        connection = connections[using]
        tables = sorted(set(connection.introspection.django_table_names(only_existing=True)) - KEPT)
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(f"SELECT '{one}' WHERE EXISTS (SELECT 1 FROM {one})" for one in tables))
            filled = {table for (table,) in cursor.fetchall()}
        lift_over(filled, using=using, events=("DELETE",))
        with transaction.atomic(using=using), connection.cursor() as cursor:
            cursor.execute(
                "SET CONSTRAINTS ALL DEFERRED" if connection.vendor == "postgresql" else "PRAGMA defer_foreign_keys = ON"
            )
            for table in sorted(filled):
                cursor.execute(f"DELETE FROM {table}")
        guards.install(using)


_flush = TransactionTestCase._fixture_teardown


def _whole_file(connection, clone):
    """Parallel tests copy the database file: what still is in the write-ahead log must be in the file first."""

    def checkpointed(*args, **kwargs):
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return clone(*args, **kwargs)

    return checkpointed


def asks_database(test) -> bool:
    """Whether the test has a database to ask; what could not be imported is asked everywhere, so that it is seen."""
    return not isinstance(test, SimpleTestCase) or isinstance(test, TransactionTestCase)


# What every database answers alike, by the name of the file: pages, forms, the administration and how many questions a page asks;
# what is drawn on paper; and the verbs of meetings and motions, which ask what the other tests ask, and are walked through in a
# browser. Not so whatever finds, counts, sorts by name, or is done by two at once.
ALIKE = re.compile(
    r"\btest_(\w+_)?(views|forms|admin|queries)$"
    r"|\.protocol\.test_(board|document|pdf|pdfua|pdfcheck|pictures|printed)$"
    r"|\.(meetings|motions)\.test_(?!(balance|drafts|finding|invariants|merged|names|races|room|twice_said)$)"
)


def answered_alike(test) -> bool:
    """Whether what the test asks has the same answer on every database, by the name of its file."""
    return bool(ALIKE.search(type(test).__module__))


class Runner(DiscoverRunner):
    """Django's own, with a quicker way to empty the tables, and files kept in a folder that is thrown away."""

    def __init__(self, *args, again: bool = False, off_database: bool = False, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.again, self.off_database = again, off_database

    @classmethod
    def add_arguments(cls, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--again",
            action="store_true",
            help="On another database: only tests that ask it, and not what every one answers alike.",
        )
        parser.add_argument("--off-database", action="store_true", help="Only tests that ask no database: they take seconds.")

    def load_tests_for_label(self, *args, **kwargs):
        """Only those that another database may answer otherwise, or only those that ask none, where that was wished."""
        tests = super().load_tests_for_label(*args, **kwargs)
        if self.again:
            return self.test_suite(one for one in iter_test_cases(tests) if asks_database(one) and not answered_alike(one))
        if self.off_database:
            return self.test_suite(one for one in iter_test_cases(tests) if not asks_database(one))
        return tests

    def build_suite(self, *args, **kwargs):
        """Side by side, the classes that take minutes begin first: one that began last would run on alone."""
        suite = super().build_suite(*args, **kwargs)
        if isinstance(suite, ParallelTestSuite):
            suite.subsuites.sort(key=lambda one: not any(getattr(test, "takes_long", False) for test in one))
        return suite

    def setup_databases(self, **kwargs):
        for connection in connections.all():
            if connection.vendor == "sqlite":
                connection.creation.clone_test_db = _whole_file(connection, connection.creation.clone_test_db)
        return super().setup_databases(**kwargs)

    def setup_test_environment(self, **kwargs) -> None:
        super().setup_test_environment(**kwargs)
        TransactionTestCase._fixture_teardown = _emptied
        self._media = tempfile.TemporaryDirectory(prefix="fvg-media-")
        self._settings = override_settings(MEDIA_ROOT=self._media.name, SITE_URL="https://fvg.example", SECURE_SSL_REDIRECT=False)
        self._settings.enable()
        self._paper = blank_paper()
        self._paper.__enter__()

    def teardown_test_environment(self, **kwargs) -> None:
        self._paper.__exit__(None, None, None)
        self._settings.disable()
        self._media.cleanup()
        TransactionTestCase._fixture_teardown = _flush
        super().teardown_test_environment(**kwargs)
