"""Kill the server between autosaves, again and again: nothing that was answered with "Sparat" is lost."""

import json
import random
import re
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

from django.test import SimpleTestCase, tag

from fvg import demo
from tests.server import Server

ROUNDS = 6


class Visitor:
    """Somebody with a browser's cookies."""

    def __init__(self, server: Server) -> None:
        self.base = f"http://127.0.0.1:{server.port}"
        self.cookies = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, path: str) -> str:
        return self.answer(self.base + path)

    def answer(self, request: str | urllib.request.Request) -> str:
        """The page; anything but a 200 fails the test in words that can be sent between processes."""
        try:
            return self.opener.open(request, timeout=20).read().decode()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{error.url} answered {error.code}") from None

    def post(self, path: str, token: str, **data: str) -> dict:
        body = urllib.parse.urlencode(data | {"csrfmiddlewaretoken": token}).encode()
        request = urllib.request.Request(
            self.base + path, body, {"X-Requested-With": "fetch", "Accept": "application/json", "Referer": self.base + path}
        )
        answer = self.answer(request)
        return json.loads(answer) if answer.startswith("{") else {}

    def log_in(self, email: str) -> None:
        token = token_in(self.get("/konto/login/"))
        self.post("/konto/login/", token, login=email, password=demo.PASSWORD)


def token_in(page: str) -> str:
    """The form's token."""
    return re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]


@tag("slow")
class KilledServerTests(SimpleTestCase):
    takes_long = True
    databases: set[str] = set()

    def test_nothing_that_said_saved_is_lost(self):
        with tempfile.TemporaryDirectory(prefix="fvg-killed-") as folder:
            server = Server(folder)
            self.addCleanup(server.remove)
            server.manage("migrate", "--verbosity", "0")
            server.manage("createcachetable")
            server.manage("collectstatic", "--no-input", "--verbosity", "0")
            told = json.loads(server.manage("demo", "--json"))
            meeting = next(row["id"] for row in told["meetings"] if row["state"] == "draft")
            paragraph = int(
                server.manage(
                    "shell",
                    "--verbosity",
                    "0",
                    "-c",
                    f"from meetings.models import Paragraph; print(Paragraph.objects.get(meeting={meeting}, slug='unions').pk)",
                ).split()[-1]
            )
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
