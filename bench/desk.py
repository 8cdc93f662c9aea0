"""The drafting desk: saving while eight people write, from the key to "Sparat", and what the page weighs."""

import statistics
import threading
import time

from bench import Line
from bench.pages import Browser, saver
from bench.throwaway import server, session_key

WRITERS, ROUNDS = 8, 40
OPENINGS, WORDS = 9, 12
HEAVIEST = 300_000  # bytes over the wire, everything that the page loads the first time


def measure() -> list[Line]:
    """Each against its own floor: a POST that writes nothing, the pause before a save, an empty page, the weight allowed."""
    from django.conf import settings

    from fvg.demo import LOGINS
    from meetings.models import Meeting
    from people.models import User

    address, secretary = settings.SITE_URL, User.objects.get(email=LOGINS[0].email)
    meeting = Meeting.objects.filter(state="draft").first()
    paragraphs = list(meeting.paragraphs.all()[:WRITERS])
    with server(address):
        return [*saving(address, secretary, meeting, paragraphs), *browsing(address, secretary, meeting, paragraphs[0])]


def saving(address, secretary, meeting, paragraphs) -> list[Line]:
    """The 95th percentile of autosaves with eight writers at once, and of a POST that is refused before it does anything."""
    from django.urls import reverse

    jobs = []
    for paragraph in paragraphs:
        writer, asker = Browser(address, secretary), Browser(address, secretary)
        save = saver(writer, paragraph)
        trivial = {"csrfmiddlewaretoken": asker.token(reverse("meetings:write", args=[paragraph.pk])), "tab": "ingen flik"}
        jobs.append(
            (save, lambda asker=asker, data=trivial: asker.ask("POST", reverse("meetings:here", args=[meeting.pk]), data, 422))
        )
    taken = [together([job[kind] for job in jobs]) for kind in (1, 0)]
    floor, saved = (statistics.quantiles(seconds, n=20)[-1] for seconds in taken)
    return [Line(f"autosave, p95 with {WRITERS} writers", saved / floor, f"× the p95 of {WRITERS} that POST in vain")]


def together(jobs) -> list[float]:
    """Seconds of every run, with all jobs running beside each other."""
    seconds: list[float] = []

    def run(job) -> None:
        for _ in range(ROUNDS):
            began = time.perf_counter()
            job()
            seconds.append(time.perf_counter() - began)

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seconds


def browsing(address, secretary, meeting, row) -> list[Line]:
    """In Chromium: from the last key to "Sparat", the first render, and the bytes."""
    from django.urls import reverse
    from playwright.sync_api import sync_playwright

    from tests.browser.base import ARGS, CHROMIUM

    desk, empty = address + reverse("meetings:write", args=[row.pk]), address + reverse("health")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        rendered: dict[str, list[float]] = {desk: [], empty: []}
        for _ in range(OPENINGS):
            for path, seconds in rendered.items():
                page = window(browser, address, secretary)
                page.goto(path)
                seconds.append(page.evaluate(FIRST_PAINT))
                page.context.close()
        page = window(browser, address, secretary)
        weights: list[int] = []
        network = page.context.new_cdp_session(page)
        network.send("Network.enable")
        network.on("Network.loadingFinished", lambda event: weights.append(int(event["encodedDataLength"])))
        page.goto(desk)
        page.locator(".editor-text").first.wait_for()
        page.wait_for_timeout(500)
        weight = sum(weights)
        page.locator(".editor-text").first.click()
        waits = [page.evaluate(SAVED_AFTER_KEY) if page.keyboard.type("ord ") is None else 0 for _ in range(WORDS)]
        browser.close()
    pause = 0.5  # what autosave.js waits after the last key
    return [
        Line("from the last key to 'Sparat'", statistics.median(waits) / 1000 / pause, "× the pause before a save (0.5 s)"),
        Line(
            "first paint of the desk", statistics.median(rendered[desk]) / statistics.median(rendered[empty]), "× an empty page"
        ),
        Line("weight of the desk over the wire, first visit", weight / HEAVIEST, "× 300 kB"),
    ]


def window(browser, address, secretary):
    """A window in which the secretary is logged in, with nothing in its cache."""
    context = browser.new_context(locale="sv-SE", timezone_id="Europe/Stockholm")
    context.add_cookies([{"name": "session", "value": session_key(secretary), "url": address}])
    return context.new_page()


FIRST_PAINT = """() => new Promise((done) => {
  const found = () => performance.getEntriesByName("first-contentful-paint")[0];
  const look = () => (found() ? done(found().startTime) : setTimeout(look, 20));
  look();
})"""
SAVED_AFTER_KEY = """() => new Promise((done) => {
  const began = performance.now();
  const saved = () => document.querySelector("#save-status").dataset.state === "saved";
  const look = () => (saved() ? done(performance.now() - began) : setTimeout(look, 5));
  setTimeout(look, 20);
})"""
