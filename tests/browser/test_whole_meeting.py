"""A whole meeting by keyboard, as it is in life: two people, a slow network, a broken one, a log-in that ends and a server that dies."""

import json
import tempfile

from django.test import SimpleTestCase, tag
from playwright.sync_api import Page, expect, sync_playwright

from fvg import demo
from tests.browser.base import ARGS, CHROMIUM, DESKTOP
from tests.server import Server

MOST_KEYS = 25  # keys that are no letter, in one standard §
MATTERS = 12
# What is typed under each §, and what must stand there afterwards (None: as it was typed).
SCRIPT = {
    "opening": ("Ordföranden hälsade välkommen.", None),
    "secretary": ("Sekreterare utsågs.", None),
    "adjuster": ("Justerare valdes bland de närvarande.", None),
    "previous": ("Protokollet från förra mötet lades till handlingarna.", None),
    "agenda": ("Dagordningen godkändes.", None),
    "personnel": ("Två personer deltar för personalen.", None),
    "operations": ("Läget i verksamheten är stabilt.\n\nVikarier saknas i två enheter.", None),
    "area": ("Lokalerna på Kvarngatan målas om i höst.", None),
    "unions": ("Facken berättade om sin medlemsdag.", None),
    "dialogue": ("Samtal om arbetsmiljön i vinter.", None),
    "summary": ("Gruppen möts igen i frågan.", None),
    "board_matters": ("Ärendena gicks igenom i ordning.", None),
    "decisions": ("Inga ärenden inför beslut denna gång.", None),
    "safety": ("Skyddsronden är gjord.", None),
    "balance": ("Listan gicks igenom.", None),
    "next": ("Nästa möte hålls i mars.", None),
    "closing": ("Ordföranden tackade alla och avslutade mötet.", None),
}
BY_THE_CHAIR = "unions"  # the other person at the desk writes this one
SET_UP = """
from datetime import timedelta, time
from people.models import Group, User, today
from meetings.actions import planning
from meetings.models import Meeting
secretary = User.objects.get(email={email!r})
meeting = planning.plan(Group.objects.get(kind="fvg"), date=today() + timedelta(days=40), starts=time(9), place="Kvarngatan 3", by=secretary)
planning.call(meeting, by=secretary)
planning.open_draft(meeting, by=secretary)
print(meeting.pk, *(f"{{row.slug}}={{row.pk}}" for row in meeting.paragraphs.all()))
"""


@tag("browser")
class WholeMeetingTests(SimpleTestCase):
    databases: set[str] = set()

    def test_seventeen_paragraphs_and_twelve_matters_by_keyboard_through_every_trouble(self):
        with tempfile.TemporaryDirectory(prefix="fvg-whole-") as folder, sync_playwright() as playwright:
            server = Server(folder)
            for words in (
                ("migrate", "--verbosity", "0"),
                ("createcachetable",),
                ("collectstatic", "--no-input", "--verbosity", "0"),
                ("demo", "--json"),
            ):
                server.manage(*words)
            email = demo.LOGINS[0].email
            found = server.manage("shell", "--verbosity", "0", "-c", SET_UP.format(email=email)).split()
            meeting, rows = found[0], dict(pair.split("=") for pair in found[1:])
            self.assertEqual(list(rows), list(SCRIPT))
            server.start()
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
            try:
                self.write(server, browser, rows)
                told = json.loads(server.manage("export_protocol", meeting, "--format", "json"))
            finally:
                browser.close()
                server.kill()
        texts = [paragraph["text"] for paragraph in told["paragraphs"]]
        self.assertEqual(texts, [after or typed for typed, after in SCRIPT.values()])
        matters = told["paragraphs"][list(SCRIPT).index("board_matters")]["matters"]
        self.assertEqual([matter["title"] for matter in matters], [f"Ärende nummer {n}" for n in range(1, MATTERS + 1)])
        self.assertEqual([matter["outcome"] for matter in matters], ["no_comments"] * MATTERS)

    def write(self, server: Server, browser, rows: dict[str, str]) -> None:
        secretary = self.at_desk(server, browser, demo.LOGINS[0].email, rows["opening"])
        chair = self.at_desk(
            server, browser, next(one.email for one in demo.LOGINS if one.email.startswith("ordforande")), rows[BY_THE_CHAIR]
        )
        keys = {}
        for slug in rows:
            if slug == BY_THE_CHAIR:
                secretary.keyboard.press("Alt+ArrowDown")
                continue
            self.trouble(slug, server, secretary)
            if slug == "area":
                chair.keyboard.type(SCRIPT[BY_THE_CHAIR][0])
            keys[slug] = self.write_one(secretary, slug)
        self.assertLessEqual(max(keys.values()), MOST_KEYS, keys)
        for page in (chair, secretary):
            expect(
                page.locator("[data-save-status]:is([data-state=dirty], [data-state=saving], [data-state=failed])")
            ).to_have_count(0, timeout=60_000)
        expect(secretary.locator("#desk-progress")).to_have_text("16 av 17 klara", timeout=15_000)

    def at_desk(self, server: Server, browser, email: str, paragraph: str) -> Page:
        """A window of that person's, logged in, with the § open."""
        context = browser.new_context(viewport=DESKTOP, locale="sv-SE", timezone_id="Europe/Stockholm")
        context.set_default_timeout(15_000)
        page = context.new_page()
        base = f"http://127.0.0.1:{server.port}"
        self.log_in(page, base, email)
        page.goto(f"{base}/moten/paragraf/{paragraph}/skriv/")
        page.locator(".paragraph:not([hidden]) .editor-text").first.click()
        return page

    def log_in(self, page: Page, base: str, email: str) -> None:
        page.goto(f"{base}/konto/login/")
        page.get_by_label("E-post").fill(email)
        page.get_by_label("Lösenord", exact=True).fill(demo.PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/login/" not in url)

    def trouble(self, slug: str, server: Server, page: Page) -> None:
        """What goes wrong while this § is written."""
        network = page.context.new_cdp_session(page) if slug in ("secretary", "board_matters") else None
        if slug == "secretary":  # five seconds to every answer, for ten §§
            network.send("Network.enable")
            network.send(
                "Network.emulateNetworkConditions",
                {"offline": False, "latency": 5000, "downloadThroughput": -1, "uploadThroughput": -1},
            )
            self.network = network
        elif slug == "dialogue":
            self.network.send(
                "Network.emulateNetworkConditions",
                {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1},
            )
            page.context.set_offline(True)
        elif slug == "summary":
            page.context.set_offline(False)
        elif slug == "decisions":  # the log-in ends; the secretary logs in again in another tab
            page.context.clear_cookies(name="session")
        elif slug == "safety":
            tab = page.context.new_page()
            self.log_in(tab, f"http://127.0.0.1:{server.port}", demo.LOGINS[0].email)
            tab.close()
            page.bring_to_front()
            page.evaluate("window.dispatchEvent(new Event('focus'))")
        elif slug == "balance":
            server.kill()
        elif slug == "next":
            server.start()

    def write_one(self, page: Page, slug: str) -> int:
        """Write the § that is open, its matters, and go on to the next; returns the keys that were no letters."""
        keys = 0
        for number, line in enumerate(SCRIPT[slug][0].split("\n\n")):
            if number:
                page.keyboard.press("Enter")
                keys += 1
            page.keyboard.type(line, delay=4)
        if slug == "board_matters":
            for number in range(1, MATTERS + 1):
                page.keyboard.press("Alt+n")
                page.keyboard.type(f"Ärende nummer {number}")
                page.keyboard.press("Enter")
                expect(page.get_by_role("heading", name=f"Ärende nummer {number}", exact=True)).to_be_visible(timeout=15_000)
            button = page.get_by_role("button", name=f"Inga synpunkter på resten ({MATTERS})")
            button.focus()
            page.keyboard.press("Enter")
            expect(button).to_have_count(0)
        page.keyboard.press("Control+Enter")
        return keys + 1
