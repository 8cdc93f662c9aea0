"""A whole meeting by keyboard, as in life: two people, a slow network, a broken one, a log-in that ends, a server that dies."""

import json
import tempfile

from django.test import SimpleTestCase, tag
from playwright.sync_api import Page, expect

from fvg import demo
from tests.browser.base import DESKTOP, chromium
from tests.server import Server

MOST_KEYS = 25  # keys that are no letter, in one standard §
MATTERS = 12
# What is typed under each § (a name of a key in angle brackets is pressed), and what must stand there afterwards.
SCRIPT = {
    "opening": (["<Alt+m>"], "Ordförande {chair} förklarade mötet för öppnat."),
    "secretary": (["Sekreterare utsågs."], "Sekreterare utsågs."),
    "adjuster": (["Justerare valdes bland de närvarande."], "Justerare valdes bland de närvarande."),
    "previous": (["Protokollet från förra mötet gicks igenom."], "Protokollet från förra mötet gicks igenom."),
    "agenda": (["/dag", "<Enter>"], "Dagordningen fastställdes utan ändringar."),
    "personnel": (["Två personer deltar för personalen."], "Två personer deltar för personalen."),
    "operations": (
        ["Läget i verksamheten är stabilt.", "<Enter>", "Vikarier saknas i två enheter."],
        "Läget i verksamheten är stabilt.\n\nVikarier saknas i två enheter.",
    ),
    "area": (["Lokalerna på Kvarngatan målas om i höst."], "Lokalerna på Kvarngatan målas om i höst."),
    "unions": (["Facken berättade om sin medlemsdag."], "Facken berättade om sin medlemsdag."),
    "dialogue": (
        ["lf: påpekade att skiftena är långa", "<Enter>", "bf: instämde i LFs fråga"],
        "**Lövförbundet** påpekade att skiftena är långa.\n\n**Barrfacket** instämde i Lövförbundets fråga.",
    ),
    "summary": (["Gruppen möts igen i frågan."], "Gruppen möts igen i frågan."),
    "board_matters": (["Ärendena gicks igenom i ordning."], "Ärendena gicks igenom i ordning."),
    "decisions": (["Inga ärenden inför beslut denna gång."], "Inga ärenden inför beslut denna gång."),
    "safety": (["/hand", "<Enter>"], "Informationen antecknas och läggs till handlingarna."),
    "balance": (["Listan gicks igenom."], "Listan gicks igenom."),
    "next": (["Nästa möte hålls i mars."], "Nästa möte hålls i mars."),
    "closing": (["Ordföranden tackade alla och avslutade mötet."], "Ordföranden tackade alla och avslutade mötet."),
}
COMES = "Orvar Granlund"  # marked as here by keys, and as gone under the § with slow answers
BY_THE_CHAIR = "unions"  # the other person at the desk writes this one
SET_UP = """
from datetime import timedelta, time
from people.models import Group, User, today
from meetings.actions import planning
from meetings.models import Meeting
secretary = User.objects.get(email={email!r})
group = Group.objects.get(kind="fvg")
day = today() + timedelta(days=40)
meeting = planning.plan(group, date=day, starts=time(9), place="Kvarngatan 3", by=secretary)
planning.call(meeting, by=secretary)
planning.open_draft(meeting, by=secretary)
print(meeting.pk, *(f"{{row.slug}}={{row.pk}}" for row in meeting.paragraphs.all()))
chair = meeting.officer("chair")
print("|", f"{{chair.name}}, {{chair.title}}," if chair.title else chair.name)
"""


@tag("browser")
class WholeMeetingTests(SimpleTestCase):
    databases: set[str] = set()
    takes_long = True

    @classmethod
    def setUpClass(cls) -> None:
        chromium()  # first: Django's connections are other ones where an event loop runs
        super().setUpClass()

    def test_seventeen_paragraphs_and_twelve_matters_by_keyboard_through_every_trouble(self):
        # What is made first goes last: the windows close, then the server dies, then its database and folder go.
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="fvg-whole-"))
        server = Server(folder)
        self.addCleanup(server.remove)
        for command in (
            ("migrate", "--verbosity", "0"),
            ("createcachetable",),
            ("collectstatic", "--no-input", "--verbosity", "0"),
            ("demo", "--json"),
        ):
            server.manage(*command)
        email = demo.LOGINS[0].email
        made, _, chair = server.manage("shell", "--verbosity", "0", "-c", SET_UP.format(email=email)).partition("|")
        meeting, *pairs = made.split()
        paragraphs = dict(pair.split("=") for pair in pairs)
        self.assertEqual(list(paragraphs), list(SCRIPT))
        server.start()
        self.addCleanup(server.kill)
        self.write(server, chromium(), paragraphs)
        told = json.loads(server.manage("export_protocol", meeting, "--format", "json"))
        texts = [paragraph["text"] for paragraph in told["paragraphs"]]
        self.assertEqual(texts, [after.replace("{chair}", chair.strip()) for _, after in SCRIPT.values()])
        came = next(person for person in told["attendees"] if person["name"] == COMES)
        self.assertEqual((came["status"], came["presence"]), ("present", {"paragraphs": list(range(1, 8))}))
        matters = told["paragraphs"][list(SCRIPT).index("board_matters")]["matters"]
        self.assertEqual([matter["title"] for matter in matters], [f"Ärende nummer {n}" for n in range(1, MATTERS + 1)])
        self.assertEqual([matter["outcome"] for matter in matters], ["no_comments"] * MATTERS)

    def write(self, server: Server, browser, paragraphs: dict[str, str]) -> None:
        secretary = self.at_desk(server, browser, demo.LOGINS[0].email, paragraphs["opening"])
        chair = self.at_desk(
            server,
            browser,
            next(login.email for login in demo.LOGINS if login.email.startswith("ordforande")),
            paragraphs[BY_THE_CHAIR],
        )
        keys = {}
        for slug in paragraphs:
            if slug == BY_THE_CHAIR:
                secretary.keyboard.press("Alt+ArrowDown")
                continue
            self.trouble(slug, server, secretary)
            if slug == "opening":
                self.mark(secretary, "h", "här")
            elif slug == "operations":
                self.mark(secretary, "g", "gick")
            elif slug == "area":
                chair.keyboard.type(SCRIPT[BY_THE_CHAIR][0][0])
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
        self.addCleanup(context.close)
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

    def mark(self, page: Page, key: str, state: str) -> None:
        """Say of the person who comes, by keys alone, that they are here or gone; then back to the text."""
        for wanted in ("#strip", ".desk-text"):
            for _ in range(3):
                page.keyboard.press("F6")
                if page.evaluate("box => document.querySelector(box).contains(document.activeElement)", wanted):
                    break
            if wanted == "#strip":
                page.keyboard.type(COMES[:6])
                page.keyboard.press("Enter")
                page.keyboard.press(key)
                expect(page.locator(".strip-row").filter(has_text=COMES)).to_contain_text(state, timeout=30_000)

    def write_one(self, page: Page, slug: str) -> int:
        """Write the § that is open, its matters, and go on to the next; returns the keys that were no letters."""
        keys = 1
        for typed in SCRIPT[slug][0]:
            if typed.startswith("<"):
                page.keyboard.press(typed[1:-1])
                keys += 1
            else:
                page.keyboard.type(typed, delay=4)
        if slug == "board_matters":
            for number in range(1, MATTERS + 1):
                page.keyboard.press("Alt+n")
                page.keyboard.type(f"Ärende nummer {number}")
                page.keyboard.press("Enter")
                expect(page.get_by_role("heading", name=f"Ärende nummer {number}", exact=True)).to_be_visible(timeout=15_000)
            page.keyboard.press("Alt+i")
            expect(page.get_by_role("button", name="Inga synpunkter på resten")).to_have_count(0)
            keys += 1
        page.keyboard.press("Control+Enter")
        return keys
