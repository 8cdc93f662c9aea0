"""Whoever has a version comes to this one by `migrate`, without losing a row, and while the old code still runs.

Beside this file lies the demonstration as each version wrote it, for SQLite (the file) and PostgreSQL (`pg_dump --inserts`).
"""

import gzip
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import TestCase

HERE = Path(__file__).resolve().parent
# These say what the code has, and grow with it.
OF_THE_CODE = {"django_migrations", "django_content_type", "auth_permission"}


class UpgradeTests(TestCase):
    def test_every_version_comes_to_this_one(self):
        versions = sorted(HERE.glob("*.sqlite3.gz" if connection.vendor == "sqlite" else "*.postgresql.sql.gz"))
        self.assertTrue(versions)
        for stored in versions:
            with self.subTest(stored.name), installed(stored) as (database, address, folder):
                self.upgrade(database, address, folder)

    def upgrade(self, database: BaseDatabaseWrapper, address: str, folder: Path) -> None:
        rows, columns = count_rows(database), columns_of(database)

        def manage(*words: str) -> str:
            environment = os.environ | {"DATABASE_URL": address, "MEDIA_ROOT": str(folder)}
            done = subprocess.run(
                [sys.executable, "manage.py", *words],
                cwd=settings.BASE_DIR,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            return done.stdout

        manage("migrate", "--no-input")
        manage("migrate", "--check")
        now = count_rows(database)
        self.assertEqual({name: now.get(name) for name in rows}, rows)
        # The old code goes on writing until it is stopped: it knows no column that is new.
        new = {
            (table, name)
            for table, named in columns_of(database).items()
            if table in columns
            for name, must in named.items()
            if must
        }
        old = {(table, name) for table, named in columns.items() for name in named}
        self.assertEqual(new - old, set())
        self.assertEqual(json.loads(manage("verify", "--json"))["findings"], [])


@contextmanager
def installed(stored: Path) -> Iterator[tuple[BaseDatabaseWrapper, str, Path]]:
    """The stored database as it stood, with its DATABASE_URL and an empty folder for files; gone afterwards."""
    data = gzip.decompress(stored.read_bytes())
    with tempfile.TemporaryDirectory(prefix="fvg-upgrade-") as folder:
        known = connection.settings_dict
        if connection.vendor == "sqlite":
            file = Path(folder, "fvg.sqlite3")
            file.write_bytes(data)
            name, address = str(file), f"sqlite:///{file}"
        else:
            name = f"fvg_upgrade_{os.getpid()}"
            user = known["USER"] + (f":{quote(known['PASSWORD'], safe='')}" if known["PASSWORD"] else "")
            port = f":{known['PORT']}" if known["PORT"] else ""
            address = f"postgres://{user}@{quote(known['HOST'], safe='')}{port}/{name}"
            with connection._nodb_cursor() as cursor:
                cursor.execute(f"CREATE DATABASE {name}")
        database = type(connections["default"])({**known, "NAME": name}, alias="upgrade")
        try:
            if connection.vendor != "sqlite":
                with database.cursor() as cursor:
                    cursor.execute(data.decode())
                database.close()  # the script has changed what this session looks in
            yield database, address, Path(folder)
        finally:
            database.close()
            if connection.vendor != "sqlite":
                with connection._nodb_cursor() as cursor:
                    cursor.execute(f"DROP DATABASE {name}")


def count_rows(database: BaseDatabaseWrapper) -> dict[str, int]:
    """How many rows each table has."""
    counted = {}
    with database.cursor() as cursor:
        for name in sorted(set(database.introspection.table_names(cursor)) - OF_THE_CODE):
            cursor.execute(f"SELECT count(*) FROM {database.ops.quote_name(name)}")
            counted[name] = cursor.fetchone()[0]
    return counted


def columns_of(database: BaseDatabaseWrapper) -> dict[str, dict[str, bool]]:
    """The columns of each table, and whether a row must say what stands there."""
    found: dict[str, dict[str, bool]] = {}
    with database.cursor() as cursor:
        for table in database.introspection.table_names(cursor):
            if database.vendor == "sqlite":
                cursor.execute(f"PRAGMA table_info({database.ops.quote_name(table)})")
                found[table] = {row[1]: bool(row[3]) and row[4] is None for row in cursor.fetchall()}
            else:
                cursor.execute(
                    "SELECT column_name, is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO' "
                    "FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s",
                    [table],
                )
                found[table] = dict(cursor.fetchall())
    return found
