"""Kill the server between autosaves, again and again: nothing that was answered with "Sparat" is lost."""

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

from django.test import SimpleTestCase

from fvg import demo

ROOT = Path(__file__).resolve().parent.parent.parent
ROUNDS = 6


class Server:
    """A real web server in processes of its own, on a database of its own, that can be killed like a power cut."""

    def __init__(self, folder: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.env = os.environ | {
            "DEMO": "1",
            "DEBUG": "0",
            "SITE_URL": f"http://127.0.0.1:{self.port}",
            "ALLOWED_HOSTS": "127.0.0.1",
            "MEDIA_ROOT": f"{folder}/media",
            "EMAIL_URL": f"file://{folder}/mail",
            "STATIC_ROOT": f"{folder}/static",
        }
        if os.environ["DATABASE_URL"].startswith("sqlite"):
            self.env["DATABASE_URL"] = f"sqlite:///{folder}/killed.sqlite3"

    def manage(self, *words: str) -> str:
        """Run a management command and return what it printed."""
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=300)
        if done.returncode:
            raise AssertionError(done.stderr[-2000:])
        return done.stdout

    def start(self) -> None:
        command = [sys.executable, "-m", "gunicorn", "fvg.wsgi", "-w", "2", "--threads", "4", "-b", f"127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/halsa/", timeout=2).close()
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise AssertionError("the server did not start")

    def kill(self) -> None:
        """No goodbye: every process at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Visitor:
    """Somebody with a browser's cookies."""

    def __init__(self, server: Server) -> None:
        self.base = f"http://127.0.0.1:{server.port}"
        self.cookies = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, path: str) -> str:
        return self.opener.open(self.base + path, timeout=20).read().decode()

    def post(self, path: str, token: str, **data: str) -> dict:
        body = urllib.parse.urlencode(data | {"csrfmiddlewaretoken": token}).encode()
        request = urllib.request.Request(
            self.base + path, body, {"X-Requested-With": "fetch", "Accept": "application/json", "Referer": self.base + path}
        )
        answer = self.opener.open(request, timeout=20).read().decode()
        return json.loads(answer) if answer.startswith("{") else {}

    def log_in(self, email: str) -> None:
        token = token_in(self.get("/konto/login/"))
        self.post("/konto/login/", token, login=email, password=demo.PASSWORD)


def token_in(page: str) -> str:
    """The form's token."""
    return re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]


class KilledServerTests(SimpleTestCase):
    databases: set[str] = set()

    def test_nothing_that_said_saved_is_lost(self):
        with tempfile.TemporaryDirectory(prefix="fvg-killed-") as folder:
            server = Server(folder)
            server.manage("migrate", "--verbosity", "0")
            server.manage("createcachetable")
            server.manage("collectstatic", "--no-input", "--verbosity", "0")
            told = json.loads(server.manage("demo", "--json"))
            meeting = next(one["id"] for one in told["meetings"] if one["state"] == "draft")
            paragraph = int(
                server.manage(
                    "shell", "--verbosity", "0", "-c",
                    f"from meetings.models import Paragraph; print(Paragraph.objects.get(meeting={meeting}, slug='unions').pk)",
                ).split()[-1]
            )  # fmt: skip
            server.start()
            visitor = Visitor(server)
            visitor.log_in("sekreterare@demo.fvg.example")
            token = token_in(visitor.get(f"/moten/paragraf/{paragraph}/skriv/"))
            version, acknowledged, chance = 1, "", random.Random(7)
            try:
                for round_ in range(ROUNDS):
                    until = time.monotonic() + chance.uniform(0.2, 0.8)
                    number = 0
                    while time.monotonic() < until:
                        number += 1
                        text = f"Omgång {round_}, sparning {number}."
                        answer = visitor.post(f"/moten/paragraf/{paragraph}/spara/", token, text=text, version=str(version))
                        version, acknowledged = answer["version"], text
                    self.assertGreater(number, 0)
                    server.kill()
                    server.start()
                    stands = visitor.get(f"/moten/paragraf/{paragraph}/skriv/")
                    self.assertIn(acknowledged, stands)
            finally:
                server.kill()
