"""`check --deploy` names what must not be so in production."""

import os
import subprocess
import sys
import tempfile

from django.test import SimpleTestCase

from tests.fvg.test_environment import ROOT, WHOLE

IN_PRODUCTION = WHOLE | {"TRUSTED_PROXIES": "1", "SECRET_KEY": "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ"}


def checked(**values: str) -> subprocess.CompletedProcess:
    """What an installation with the environment of production, but for these values, says before it is started."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    with tempfile.TemporaryDirectory() as media:
        return subprocess.run(
            [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
            cwd=ROOT,
            env=kept | IN_PRODUCTION | {"MEDIA_ROOT": media} | values,
            capture_output=True,
            text=True,
            timeout=120,
        )


class DeployTests(SimpleTestCase):
    def test_the_environment_of_production_is_in_order(self):
        answer = checked()
        self.assertEqual(answer.returncode, 0, answer.stderr)

    def test_each_door_that_is_left_open_is_told(self):
        for values, told in (
            ({"TRUSTED_PROXIES": "0"}, "fvg.W001"),
            ({"DEMO": "1"}, "fvg.W002"),
            ({"DEBUG": "1"}, "fvg.W003"),
            ({"ALLOWED_HOSTS": "fvg.example.se,*"}, "fvg.W004"),
        ):
            with self.subTest(values):
                answer = checked(**values)
                self.assertEqual((answer.returncode, told in answer.stderr), (1, True), answer.stderr)

    def test_the_sample_environment_is_in_order(self):
        """What docs/operations.md tells to write into /etc/fvg/env."""
        text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
        sample = text.partition("`/etc/fvg/env`, readable by root only")[2].split("```")[1].removeprefix("sh\n")
        told = dict(line.split("=", 1) for line in sample.splitlines() if line)
        values = {
            name: told[name].strip("'") for name in told.keys() - {"DATABASE_URL", "SECRET_KEY", "MEDIA_ROOT", "STATIC_ROOT"}
        }
        with self.subTest(values):
            answer = checked(**{"TRUSTED_PROXIES": ""} | values)
            self.assertEqual(answer.returncode, 0, answer.stderr)
