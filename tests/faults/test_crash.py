"""Twenty kills of web, worker and PostgreSQL: what was acknowledged is there, and no letter repeats beyond what kills explain."""

import os
import subprocess
import sys

from django.test import SimpleTestCase, tag

from tests.server import ROOT


@tag("slow")
class CrashTests(SimpleTestCase):
    """Once, beside the tests on SQLite, on a PostgreSQL of its own: the one that the other tests use must live."""

    takes_long = True

    def test_nothing_that_was_acknowledged_is_lost(self):
        command = ["bin/pg", sys.executable, "-m", "tests.faults.crash", "--kills", "20"]
        done = subprocess.run(command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, f"{done.stdout}\n{done.stderr[-3000:]}")
        self.assertIn("0 faults", done.stdout)
