"""Settings come from the environment only; what is missing or malformed stops the start with its name."""

import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

from django.core.exceptions import ImproperlyConfigured
from django.test import SimpleTestCase

from fvg import environment

ROOT = Path(__file__).resolve().parent.parent.parent
WHOLE = {
    "SECRET_KEY": "x" * 60,
    "ALLOWED_HOSTS": "fvg.example.se",
    "SITE_URL": "https://fvg.example.se",
    "DATABASE_URL": "sqlite:////tmp/never-made.sqlite3",
    "MEDIA_ROOT": "/tmp/media",
    "EMAIL_URL": "smtp://mail.example.se:25",
}


def start(values: dict[str, str]) -> subprocess.CompletedProcess:
    """Start Django with this environment and nothing else."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", "import fvg.settings"], cwd=ROOT, env=kept | values, capture_output=True, text=True, timeout=60
    )


class StartTests(SimpleTestCase):
    def test_a_whole_environment_starts(self):
        self.assertEqual(start(WHOLE).returncode, 0, start(WHOLE).stderr)

    def test_each_missing_value_stops_the_start_with_its_name(self):
        for name in WHOLE:
            with self.subTest(name=name):
                result = start({key: value for key, value in WHOLE.items() if key != name})
                self.assertNotEqual(result.returncode, 0)
                self.assertIn(name, result.stderr.splitlines()[-1])

    def test_each_malformed_value_stops_the_start_with_its_name(self):
        bad = {
            "SITE_URL": "fvg.example.se",
            "DATABASE_URL": "mysql://x/y",
            "MEDIA_ROOT": "media",
            "EMAIL_URL": "mail",
            "DEBUG": "kanske",
            "DEMO": "2",
            "TRUSTED_PROXIES": "en",
        }
        for name, value in bad.items():
            with self.subTest(name=name):
                result = start(WHOLE | {name: value})
                self.assertNotEqual(result.returncode, 0)
                self.assertIn(name, result.stderr.splitlines()[-1])


class DatabaseTests(SimpleTestCase):
    def read(self, value: str) -> dict:
        with mock.patch.dict(os.environ, {"DATABASE_URL": value}):
            return environment.database("DATABASE_URL")

    def test_postgres_parts_are_decoded(self):
        found = self.read("postgres://anna%40x:l%C3%B6sen%2F@db.example.se:5433/fvg")
        wanted = {"USER": "anna@x", "PASSWORD": "lösen/", "HOST": "db.example.se", "PORT": "5433", "NAME": "fvg"}
        self.assertEqual({key: found[key] for key in wanted}, wanted)

    def test_a_socket_folder_can_be_the_host(self):
        found = self.read("postgres://postgres@%2Ftmp%2Fpg/fvg")
        self.assertEqual((found["HOST"], found["USER"], found["NAME"]), ("/tmp/pg", "postgres", "fvg"))

    def test_sqlite_waits_for_its_turn(self):
        options = self.read("sqlite:////srv/fvg.sqlite3")["OPTIONS"]
        self.assertEqual(options["transaction_mode"], "IMMEDIATE")
        self.assertIn("journal_mode=WAL", options["init_command"])

    def test_a_relative_path_is_refused(self):
        for value in ("sqlite:///", "sqlite://fvg.sqlite3", "postgres://", "fvg.sqlite3"):
            with self.subTest(value=value), self.assertRaises(ImproperlyConfigured):
                self.read(value)
