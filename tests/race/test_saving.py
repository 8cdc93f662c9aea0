"""Eight people save at once over HTTP: no acknowledged save is lost, nothing is overwritten, and the server never fails."""

import json
import re
import threading
import urllib.error
import urllib.parse
import urllib.request

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import LiveServerTestCase
from django.urls import reverse

from meetings.models import Item, Paragraph
from tests import factories as make
from tests.cast import Cast

WRITERS, SAVES = 8, 6


class Writer(threading.Thread):
    """One person's browser: saves, takes what stands after a conflict, and tries again until it is acknowledged."""

    def __init__(self, number: int, base: str, session: str, page: str, targets: list[tuple[str, str]]) -> None:
        super().__init__(daemon=True)
        self.number, self.base, self.page, self.targets = number, base, page, targets
        self.cookies = f"{settings.SESSION_COOKIE_NAME}={session}"
        self.acknowledged: list[tuple[str, int, str]] = []
        self.conflicts = 0
        self.failures: list[str] = []

    def run(self) -> None:
        try:
            with urllib.request.urlopen(
                urllib.request.Request(self.base + self.page, headers={"Cookie": self.cookies}), timeout=30
            ) as answer:
                html = answer.read().decode()
                csrf = next(line for line in answer.headers.get_all("Set-Cookie") if line.startswith(settings.CSRF_COOKIE_NAME))
            self.cookies += f"; {csrf.partition(';')[0]}"
            self.token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html)[1]
            for turn in range(SAVES):
                self.save(*self.targets[(self.number + turn) % len(self.targets)], f"Skrivare {self.number}, gång {turn}")
        except Exception as error:
            self.failures.append(repr(error))

    def save(self, name: str, url: str, text: str) -> None:
        version = 1
        for _ in range(300):
            data = urllib.parse.urlencode({"text": text, "version": version, "csrfmiddlewaretoken": self.token}).encode()
            request = urllib.request.Request(self.base + url, data, {"X-Requested-With": "fetch", "Cookie": self.cookies})
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    self.acknowledged.append((name, json.load(answer)["version"], text))
                    return
            except urllib.error.HTTPError as refusal:
                body = refusal.read().decode()
                if refusal.code != 409:
                    self.failures.append(f"{refusal.code}: {body[:200]}")
                    return
                self.conflicts += 1
                version = json.loads(body)["version"]
        self.failures.append(f"gave up on {text}")


class EightWritersTests(LiveServerTestCase):
    def test_no_acknowledged_save_is_lost(self):
        cast = Cast()
        meeting = cast.meeting("draft")
        paragraph = make.make_paragraph(meeting)
        item = make.make_item(paragraph, "Ett ämne")
        targets = [
            ("paragraph", reverse("meetings:save", args=[paragraph.pk])),
            ("item", reverse("meetings:save_item", args=[item.pk])),
        ]
        page = reverse("meetings:write", args=[paragraph.pk])
        users = [cast.secretary, cast.chair]
        writers = [
            Writer(number, self.live_server_url, self.session(users[number % 2]), page, targets) for number in range(WRITERS)
        ]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join(timeout=60)

        self.assertEqual([failure for writer in writers for failure in writer.failures], [])
        acknowledged = [save for writer in writers for save in writer.acknowledged]
        self.assertEqual(len(acknowledged), WRITERS * SAVES)
        self.assertGreater(sum(writer.conflicts for writer in writers), 0, "they never met")
        for name, row in (("paragraph", Paragraph.objects.get(pk=paragraph.pk)), ("item", Item.objects.get(pk=item.pk))):
            told = sorted((version, text) for where, version, text in acknowledged if where == name)
            kept = sorted((past.version, past.text) for past in row.history.all() if past.version > 1)
            self.assertEqual(kept, told)
            self.assertEqual((row.version, row.text), told[-1])
            self.assertEqual(row.version, 1 + len(told))

    def session(self, user) -> str:
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        return session.session_key
