"""The whole main job in a real browser, each person in a window of their own, from the log-in form to the sealed PDF."""

from datetime import timedelta

from django.urls import reverse
from playwright.sync_api import Page, expect

from meetings.models import Attendance, Meeting, Paragraph
from motions.models import Motion
from people.models import User, today
from protocol.models import ChangeRequest, FrozenVersion, SealedProtocol, Signature
from record import chain
from tests import factories as make
from tests.browser.base import PHONE, BrowserTestCase
from tests.cast import Cast

SAVED = "Sparat"


class JourneyTests(BrowserTestCase):
    takes_long = True

    def setUp(self) -> None:
        super().setUp()
        self.cast = Cast()
        cast = self.cast
        _ = (cast.chair, cast.secretary, cast.employer, cast.adjuster, cast.union_rep, cast.other_rep, cast.hr)
        self.windows: dict[int, Page] = {}

    def at(self, user: User, name: str = "", *args: int, **options) -> Page:
        """The user's own window, logged in by the form the first time, at the page with that name."""
        page = self.windows.get(user.pk)
        if page is None:
            page = self.windows[user.pk] = self.open(self.window(**options), reverse("account_login"))
            page.get_by_label("E-post").fill(user.email)
            page.get_by_label("Lösenord", exact=True).fill(make.PASSWORD)
            page.get_by_role("button", name="Logga in").click()
            expect(page.get_by_role("heading", level=1)).to_have_text(f"Hej {user.person.display}")
        return self.open(page, reverse(name, args=args)) if name else page

    def test_from_plan_to_sealed_pdf(self):
        meeting = self.plan_and_call()
        motion = self.file_support_and_answer()
        self.open_draft(meeting)
        self.mark_present_and_elect(meeting)
        paragraph = self.write(meeting)
        self.place(meeting, motion)
        first = self.freeze(meeting, 1)
        self.change_is_asked_for_and_text_taken_back(meeting, paragraph, first)
        second = self.mend_and_freeze_again(meeting, paragraph)
        self.sign(second)
        self.find_and_download(meeting, second)
        self.assertEqual(chain.verify(self.cast.group.chain), [])

    def plan_and_call(self) -> Meeting:
        cast = self.cast
        page = self.at(cast.secretary)
        page.get_by_role("link", name="Möten", exact=True).click()
        page.get_by_role("link", name="Planera möte").click()
        page.get_by_label("Datum").fill((today() + timedelta(days=14)).isoformat())
        page.get_by_label("Börjar").fill("09:00")
        page.get_by_label("Plats").fill("Kvarngatan 3, Stora salen")
        page.get_by_role("button", name="Planera mötet").click()
        expect(page.get_by_text("Mötet är planerat.")).to_be_visible()
        meeting = Meeting.objects.get(group=cast.group)
        page.get_by_role("link", name="Skicka kallelse").click()
        page.get_by_role("button", name="Skicka kallelsen").click()
        page.wait_for_url(f"**{reverse('meetings:meeting', args=[meeting.pk])}*")
        meeting.refresh_from_db()
        self.assertEqual(meeting.state, "called")
        return meeting

    def file_support_and_answer(self) -> Motion:
        cast = self.cast
        page = self.at(cast.union_rep, size=PHONE, has_touch=True, is_mobile=True)
        page.get_by_role("link", name="Yrkanden", exact=True).click()
        page.get_by_role("link", name="Nytt yrkande till").click()
        page.get_by_label("Rubrik").fill("Lokaler")
        self.typed(page, "Lokalerna är slitna.")
        page.get_by_label("Att-sats 1", exact=True).fill("lokalerna ses över.")
        page.get_by_role("button", name="Lägg till att-sats").click()
        page.get_by_label("Att-sats 2", exact=True).fill("facken får se planen.")
        page.get_by_role("button", name="Granska och lämna in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Granska och lämna in")
        motion = Motion.objects.get(group=cast.group)
        address = reverse("motions:motion", args=[motion.pk])
        self.allow("404")
        self.assertEqual(self.at(cast.other_rep).goto(self.live_server_url + address).status, 404)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        self.assertEqual(wide, 0, "the motion scrolls sideways on a phone")
        page.get_by_role("button", name="Lämna in").click()
        expect(page.get_by_text("Inlämnat. Mottagningsnummer")).to_be_visible()

        page = self.at(cast.other_rep, "motions:motion", motion.pk)
        page.get_by_role("button", name="Stöd att-sats 1").click()
        expect(page.get_by_role("button", name="Ta tillbaka stödet för att-sats 1")).to_be_visible()

        page = self.at(cast.employer, "motions:motion", motion.pk)
        for number, answer in ((1, "Lokalerna ses över i vår."), (2, "Planen visas i maj.")):
            page.get_by_role("link", name=f"Svara på att-sats {number}").click()
            page.get_by_label("Utfall").select_option("answered")
            self.typed(page, answer)
            page.get_by_role("button", name="Spara svaret").click()
            expect(page.get_by_text(answer)).to_be_visible()
        union = self.at(cast.union_rep, "motions:motion", motion.pk)
        expect(union.get_by_text("Lokalerna ses över i vår.")).to_have_count(0)

        page = self.at(cast.chair, "motions:motion", motion.pk)
        for number in (1, 2):
            page.get_by_role("link", name=f"Lämna ut svaret på att-sats {number}").click()
            page.get_by_role("button", name="Lämna ut svaret").click()
            expect(page.get_by_role("link", name=f"Lämna ut svaret på att-sats {number}")).to_have_count(0)
        union = self.at(cast.union_rep, "motions:motion", motion.pk)
        expect(union.get_by_text("Lokalerna ses över i vår.")).to_be_visible()
        self.assertEqual(motion.claims.filter(answers__released_at__isnull=False).count(), 2)
        self.assertEqual(motion.claims.first().supporters[0].party, cast.other_union)
        return motion

    def typed(self, page: Page, words: str) -> None:
        """Write in the page's first rich text."""
        self.caret_at_end(page)
        page.keyboard.type(words)

    def open_draft(self, meeting: Meeting) -> None:
        page = self.at(self.cast.secretary, "meetings:meeting", meeting.pk)
        page.get_by_role("link", name="Öppna utkastet").click()
        page.get_by_role("button", name="Öppna utkastet").click()
        expect(page.get_by_text("Utkastet är öppet.")).to_be_visible()

    def mark_present_and_elect(self, meeting: Meeting) -> None:
        cast = self.cast
        page = self.at(cast.secretary, "meetings:attendance", meeting.pk)
        page.get_by_role("button", name="Alla väntade är här").click()
        expect(page.get_by_text("0 med förhinder, 0 frånvarande.")).to_be_visible()
        self.assertEqual(set(meeting.attendances.values_list("status", flat=True)), {Attendance.Status.PRESENT})
        page.get_by_role("link", name="Välj justerare och dag").click()
        page.get_by_label(cast.adjuster.person.name).check()
        page.get_by_label("Justeringsdag").fill((today() + timedelta(days=15)).isoformat())
        page.get_by_role("button", name="Spara", exact=True).click()
        page.wait_for_url("**/narvaro/**")
        meeting.refresh_from_db()
        self.assertEqual([officer.person for officer in meeting.adjusters], [cast.adjuster.person])
        page = self.at(cast.secretary, "meetings:edit", meeting.pk)
        page.get_by_label("Slutar").fill("11:00")
        page.get_by_role("button", name="Spara", exact=True).click()
        page.wait_for_url(f"**{reverse('meetings:meeting', args=[meeting.pk])}*")

    def write(self, meeting: Meeting) -> Paragraph:
        paragraph = make.make_paragraph(meeting, "operations")
        page = self.at(self.cast.secretary, "meetings:desk", meeting.pk)
        page.get_by_role("link", name=paragraph.heading).click()
        expect(page.locator(".editor-text:visible").first).to_be_visible()
        self.typed(page, "Förvaltningschefen informerade om våren.")
        expect(page.locator("#save-status")).to_contain_text(SAVED)
        paragraph.refresh_from_db()
        self.assertEqual(paragraph.text, "Förvaltningschefen informerade om våren.")
        return paragraph

    def place(self, meeting: Meeting, motion: Motion) -> None:
        page = self.at(self.cast.secretary, "meetings:place", meeting.pk)
        page.get_by_label("Tas upp under").select_option(f"p{make.make_paragraph(meeting, 'decisions').pk}")
        page.get_by_role("button", name="Placera Lokaler").click()
        expect(page.get_by_role("heading", name="Tas upp på mötet")).to_be_visible()
        self.assertEqual(meeting.placements.get().motion, motion)

    def freeze(self, meeting: Meeting, n: int) -> FrozenVersion:
        page = self.at(self.cast.secretary, "protocol:freeze", meeting.pk)
        expect(page.get_by_text("Inget stoppar")).to_be_visible()
        page.get_by_label("Jag har granskat texten").check()
        page.get_by_role("button", name="Skicka till justering").click()
        page.wait_for_url(lambda url: "/frys/" not in url)
        return FrozenVersion.objects.get(meeting=meeting, n=n)

    def change_is_asked_for_and_text_taken_back(self, meeting: Meeting, paragraph: Paragraph, version: FrozenVersion) -> None:
        cast = self.cast
        self.sign_as(cast.secretary, version)
        page = self.at(cast.adjuster, "protocol:approval", meeting.pk)
        page.get_by_label("Vilken paragraf gäller det?").select_option(str(paragraph.pk))
        page.get_by_label("Vad behöver ändras?").fill("Det heter vintern.")
        page.locator("#begar-andring").get_by_role("button", name="Begär ändring").click()
        expect(page.get_by_role("heading", name="har begärt en ändring")).to_be_visible()
        page = self.at(cast.chair, "protocol:approval", meeting.pk)
        expect(page.get_by_label("Ditt lösenord")).to_have_count(0)  # nobody signs before the request is answered
        page.get_by_label("Varför tas protokollet tillbaka?").fill("Vi rättar texten.")
        page.get_by_role("button", name="Ta tillbaka protokollet").click()
        page.wait_for_url(lambda url: "/justering/" not in url)
        self.assertIs(ChangeRequest.objects.get().accepted, True)
        meeting.refresh_from_db()
        self.assertEqual(meeting.state, "draft")

    def mend_and_freeze_again(self, meeting: Meeting, paragraph: Paragraph) -> FrozenVersion:
        page = self.at(self.cast.secretary, "meetings:write", paragraph.pk)
        expect(page.locator(".editor-text:visible").first).to_have_text("Förvaltningschefen informerade om våren.")
        self.caret_at_end(page)
        for _ in "våren.":
            page.keyboard.press("Backspace")
        page.keyboard.type("vintern.")
        page.keyboard.press("Control+s")
        expect(page.locator("#save-status")).to_contain_text(SAVED)
        paragraph.refresh_from_db()
        self.assertEqual(paragraph.text, "Förvaltningschefen informerade om vintern.")
        second = self.freeze(meeting, 2)
        self.assertEqual(second.signatures.count(), 0)
        return second

    def sign(self, version: FrozenVersion) -> None:
        cast = self.cast
        page = self.at(cast.adjuster, "protocol:approval", version.meeting_id)
        changes = page.get_by_role("region", name="Ändrat sedan version 1")
        expect(changes.locator("ins").filter(has_text="vintern")).to_be_visible()
        page.get_by_label("Ditt lösenord").fill("inte mitt lösenord")
        page.get_by_role("button", name="Justera protokollet").click()
        expect(page.get_by_text("Lösenordet stämmer inte").first).to_be_visible()
        self.assertEqual(version.signatures.count(), 0)
        for user in (cast.adjuster, cast.secretary, cast.chair):
            self.sign_as(user, version)
        version.meeting.refresh_from_db()
        self.assertEqual(version.meeting.state, "sealed")

    def sign_as(self, user: User, version: FrozenVersion) -> None:
        page = self.at(user, "protocol:approval", version.meeting_id)
        page.get_by_label("Ditt lösenord").fill(make.PASSWORD)
        page.locator("#skriv-under").get_by_role("button").click()
        expect(page.get_by_text("Du skrev under").first).to_be_visible(timeout=20000)  # the last one seals
        self.assertEqual(Signature.objects.filter(version=version, person=user.person).count(), 1)

    def find_and_download(self, meeting: Meeting, version: FrozenVersion) -> None:
        page = self.at(self.cast.hr)
        page.get_by_role("link", name="Protokoll", exact=True).first.click()
        page.get_by_label("Sök ord i protokollen").fill("vinter")
        page.get_by_role("button", name="Sök").click()
        expect(page.locator("mark").first).to_have_text("vintern")
        with page.expect_download() as download:
            page.get_by_role("link", name="PDF av protokoll").first.click()
        sealed = SealedProtocol.objects.get(version=version)
        with open(download.value.path(), "rb") as file:
            self.assertEqual(file.read(), bytes(sealed.pdf))
