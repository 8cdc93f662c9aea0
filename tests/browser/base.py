"""Tests in a real browser, Chromium through Playwright: each fails on a console error, a page error or a breach of the CSP."""

import atexit
import os
import shutil
import threading
import time
from functools import cache
from pathlib import Path
from unittest import SkipTest

from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.staticfiles.testing import StaticLiveServerTestCase
from django.core.signals import request_finished, request_started
from django.test import tag
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, sync_playwright

from people.models import User
from tests import THOROUGH
from tests.paper import OnPaper

# The one without a window is the same engine for less work.
CHROMIUM = (
    os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or shutil.which("chromium") or "/usr/bin/chromium"
)
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
PHONE, DESKTOP = {"width": 360, "height": 780}, {"width": 1280, "height": 900}
# Tells of a breach even where the browser does not write it to the console.
WATCH = """document.addEventListener(
  "securitypolicyviolation", event => console.error("CSP: " + event.violatedDirective + " " + event.blockedURI)
);"""
SHOTS = os.environ.get("SHOTS", "")


class InFlight:
    """How many requests the server is answering."""

    def __init__(self) -> None:
        self.count, self.lock = 0, threading.Lock()
        request_started.connect(self.begin, dispatch_uid="in-flight")
        request_finished.connect(self.end, dispatch_uid="in-flight")

    def begin(self, **_: object) -> None:
        with self.lock:
            self.count += 1

    def end(self, **_: object) -> None:
        with self.lock:
            self.count = max(0, self.count - 1)


in_flight = InFlight()


@cache
def chromium() -> Browser:
    """The browser of this process: started once, since that takes longer than most tests; a window has a context of its own."""
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's own event loop runs in this thread
    playwright = sync_playwright().start()
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
    atexit.register(playwright.stop)
    atexit.register(browser.close)
    return browser


@tag("browser")
class BrowserTestCase(OnPaper, StaticLiveServerTestCase):
    """A live server and a browser. `page = self.log_in(user)` opens a window of its own for that user."""

    browser: Browser

    @classmethod
    def setUpClass(cls) -> None:
        if not Path(CHROMIUM).exists():
            raise SkipTest("no Chromium; set CHROMIUM to its path")
        cls.browser = chromium()  # first: Django's connections are other ones where an event loop runs
        super().setUpClass()

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.let_server_finish)  # the first to be registered runs last, when every window is closed
        self.looked = 0  # how many pages
        self.problems: list[str] = []
        self.allowed: list[str] = []

    def tearDown(self) -> None:
        super().tearDown()
        left = [problem for problem in self.problems if not any(words in problem for words in self.allowed)]
        self.assertEqual(left, [], "the browser complained")

    def let_server_finish(self) -> None:
        """Wait for what the closed windows asked last: an answer to a poll would stand in the way when the tables are emptied."""
        deadline = time.monotonic() + 2
        while in_flight.count and time.monotonic() < deadline:
            time.sleep(0.02)
        in_flight.count = 0  # of a request that the browser has cut off, nobody tells that it is over

    def allow(self, *words: str) -> None:
        """Console messages with these words are what this test provokes (a 409, a connection that is cut)."""
        self.allowed += words

    def window(self, *, size: dict[str, int] = DESKTOP, **options) -> Page:
        """A window without cookies."""
        context: BrowserContext = self.browser.new_context(
            viewport=size, locale="sv-SE", timezone_id="Europe/Stockholm", **options
        )
        self.addCleanup(context.close)
        context.set_default_timeout(30_000)  # only what fails waits so long; a busy machine draws slowly
        context.add_init_script(WATCH)
        return self.listened(context.new_page())

    def listened(self, page: Page) -> Page:
        """The page with its complaints collected."""

        def heard(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning"):
                self.problems.append(f"{message.type}: {message.text}")

        page.on("console", heard)
        page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))
        return page

    def tab(self, page: Page) -> Page:
        """Another tab beside `page`, with the same log-in."""
        return self.listened(page.context.new_page())

    def log_in(self, user: User, **options) -> Page:
        """A window of its own in which `user` is logged in."""
        page = self.window(**options)
        self.give_session(page, user)
        return page

    def give_session(self, page: Page, user: User) -> None:
        """Log in without the form: a session in the database and its cookie in the window."""
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": self.live_server_url}]
        )

    def caret_at_end(self, page: Page, field: Locator | None = None) -> None:
        """Click into the rich text (the page's first) and go to its end.

        Keys that come within the same frame as the caret's move find the editor with the old caret, which eats a Backspace:
        nobody's fingers are that fast, a test's are.
        """
        (field or page.locator(".editor-text:visible").first).click()
        page.keyboard.press("Control+End")
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 30)))")

    def open(self, page: Page, path: str) -> Page:
        """Go to an address of the live server."""
        page.goto(self.live_server_url + path)
        return page

    def told_by_axe(self, page: Page) -> list[str]:
        """The breaches of WCAG 2.2 AA that axe sees on the page as it stands."""
        page.evaluate(AXE_SCRIPT)
        found = page.evaluate("options => axe.run(options)", AXE)["violations"]
        return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found for node in one["nodes"]]

    def assert_accessible(self, page: Page, path: str = "") -> None:
        """No breach of WCAG 2.2 AA that axe can see, one h1, nothing sticks out, on phone and desktop.

        axe, which takes longest, looks at one of them, at the test's next page at the other; in `make torture` at both.
        """
        self.looked += 1
        by_axe = (PHONE, DESKTOP) if THOROUGH else ((PHONE, DESKTOP)[self.looked % 2],)
        before = page.viewport_size
        page.set_viewport_size(PHONE)
        if path:
            self.open(page, path)
        for size in (PHONE, DESKTOP):
            page.set_viewport_size(size)
            if size in by_axe:
                self.assertEqual(self.told_by_axe(page), [], f"{page.url} at {size['width']}")
            self.assertEqual(page.locator("h1").count(), 1, page.url)
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            self.assertEqual(wide, 0, f"{page.url} scrolls sideways at {size['width']}")
        if before:
            page.set_viewport_size(before)

    def shot(self, page: Page, name: str) -> None:
        """A picture of the whole page, when SHOTS names a folder."""
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)
