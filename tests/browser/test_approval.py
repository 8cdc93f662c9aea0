"""The signers' page, the check list, the archive and the check of a file, as people meet them in a browser."""

from django.urls import reverse
from playwright.sync_api import expect

from fvg.views import HELP
from meetings.actions import agenda
from meetings.models import Meeting
from protocol import actions
from protocol.models import ChangeRequest, SealedProtocol, Signature
from tests import factories as make
from tests.browser.base import PHONE, BrowserTestCase
from tests.cast import Cast


class ApprovalTests(BrowserTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.cast = Cast()

    def second_version(self) -> Meeting:
        """Under approval for the second time, with a word changed since the first."""
        meeting = self.cast.meeting("approval")
        actions.withdraw(meeting, reason="Fel ord.", by=self.cast.secretary)
        paragraph = make.make_paragraph(meeting, "opening")
        agenda.edit_text(paragraph, fields={"text": "Mötet öppnades sent."}, version=paragraph.version, by=self.cast.secretary)
        actions.freeze(Meeting.objects.get(pk=meeting.pk), by=self.cast.secretary, privacy_reviewed=True)
        return meeting

    def address(self, name: str, meeting: Meeting) -> str:
        return reverse(f"protocol:{name}", args=[meeting.pk])

    def test_an_adjuster_reads_the_change_and_signs_on_a_phone(self):
        meeting = self.second_version()
        page = self.log_in(self.cast.adjuster, size=PHONE)
        self.open(page, self.address("approval", meeting))
        expect(page.get_by_role("region", name="Ändrat sedan version 1").locator("ins").last).to_contain_text("sent")
        bar = page.locator(".action-bar")
        expect(bar).to_be_in_viewport()  # within reach of the thumb from the first screen on
        bar.get_by_role("link", name="Justera").click()
        page.get_by_label("Ditt lösenord").fill("inte det här")
        page.get_by_role("button", name="Justera protokollet").click()
        expect(page.get_by_role("alert")).to_be_focused()
        expect(page.get_by_role("alert")).to_contain_text("Lösenordet stämmer inte.")
        page.get_by_label("Ditt lösenord").fill(make.PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_text("1 av 3 har skrivit under.")).to_be_visible()
        expect(page.locator("#kvitto")).to_contain_text(Signature.objects.get().digest)

    def test_everything_works_without_javascript(self):
        meeting = self.second_version()
        page = self.log_in(self.cast.adjuster, java_script_enabled=False)
        self.open(page, self.address("approval", meeting))
        page.get_by_label("Vad behöver ändras?").fill("Det var inte sent.")
        page.locator("#begar-andring").get_by_role("button").click()
        expect(page.get_by_role("heading", name="Ulla Ek har begärt en ändring")).to_be_visible()
        self.assertEqual(ChangeRequest.objects.get().comment, "Det var inte sent.")

    def test_the_pages_of_the_approval_are_accessible(self):
        meeting, draft = self.second_version(), self.cast.meeting("draft")
        page = self.log_in(self.cast.secretary)
        for path in (
            self.address("freeze", draft),
            self.address("protocol", draft),
            self.address("approval", meeting),
            self.address("log", meeting),
            reverse("home"),
        ):
            self.assert_accessible(page, path)
        self.open(page, self.address("approval", meeting))
        page.get_by_role("button", name="Skriv under protokollet").click()
        self.assert_accessible(page)  # with its errors

    def test_the_archive_the_check_and_the_help_are_accessible(self):
        meeting = self.cast.meeting("sealed")
        page = self.log_in(self.cast.hr)
        paths = [
            self.address("protocol", meeting),
            reverse("protocol:archive") + "?q=dagordning",
            reverse("protocol:archive") + "?q=badhus",
        ]
        paths += [reverse(name) for name in ("protocol:verify", "trust", "accessibility", "help", "home")]
        for path in (*paths, *(reverse("help_role", args=[role]) for role in HELP)):
            self.assert_accessible(page, path)

    def test_anybody_checks_a_file(self):
        self.cast.meeting("sealed")
        file = bytes(SealedProtocol.objects.get().pdf)
        page = self.open(self.window(size=PHONE), reverse("protocol:verify"))
        for data, said in ((file, "ÄKTA"), (file + b" ", "OKÄND")):
            page.get_by_label("PDF-filen").set_input_files({"name": "p.pdf", "mimeType": "application/pdf", "buffer": data})
            page.get_by_role("button", name="Kontrollera").click()
            expect(page.locator("#svar")).to_have_text(said)
            self.assert_accessible(page)
