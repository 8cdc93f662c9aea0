"""The board's decision in a browser: entered and read beside a sealed protocol; the line is copied with one button."""

from django.urls import reverse
from playwright.sync_api import expect

from meetings.models import BoardDecision
from people.models import today
from protocol import actions, sealing
from protocol.models import FrozenVersion
from tests import factories as make
from tests.browser.base import BrowserTestCase
from tests.cast import Cast


class BoardTests(BrowserTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.cast = Cast()
        _ = (self.cast.hr, self.cast.union_rep)
        meeting = self.cast.meeting("draft")
        paragraph = make.make_paragraph(meeting, "board_matters")
        fields = {"kind": "board_matter", "outcome": "no_comments", "presenter": "Ekonomichef"}
        self.item = make.make_item(paragraph, "Tertialrapport 1", references=["PN 2026-0044-1.2.1"], **fields)
        make.make_item(paragraph, "Yttrande över remiss om lekplatsprogram", references=["PN 2026-0112-1.6"], **fields)
        version = actions.freeze(self.cast.ready(meeting), by=self.cast.secretary, privacy_reviewed=True)
        self.cast.sign_all(version)
        sealing.seal(FrozenVersion.objects.get(pk=version.pk))
        self.meeting = meeting

    def test_enter_read_and_copy(self):
        page = self.log_in(self.cast.secretary, permissions=["clipboard-read", "clipboard-write"])
        protocol = reverse("protocol:protocol", args=[self.meeting.pk])
        self.open(page, protocol)
        page.get_by_role("button", name="Kopiera").click()
        expect(page.get_by_text("Kopierat.")).to_be_visible()
        self.assertEqual(page.evaluate("navigator.clipboard.readText()"), page.locator("#anmalan").input_value())
        page.get_by_role("link", name="Skriv in nämndens beslut i Tertialrapport 1").click()
        page.get_by_label("Dag för nämndens sammanträde").fill(today().isoformat())
        page.locator(".editor-text").first.click()
        page.keyboard.type("Nämnden godkänner rapporten.")
        page.get_by_label("Personer").first.fill("Vera Ask\nBo Al")
        page.get_by_label("Partier").first.fill("X")
        page.locator(".editor-text").nth(1).click()
        page.keyboard.type("Vi yrkade avslag.")
        self.assert_accessible(page)
        self.shot(page, "enter_decision")
        page.get_by_role("button", name="En till").click()
        expect(page.locator(".editor-text").nth(1)).to_contain_text("Vi yrkade avslag.")
        page.get_by_role("button", name="Spara").click()
        expect(page.get_by_text("Nämndens beslut är sparat.")).to_be_visible()
        self.assertEqual(BoardDecision.objects.get().text, "Nämnden godkänner rapporten.")
        page.locator("summary", has_text="Nämndens beslut").click()
        self.shot(page, "meeting")
        self.assert_accessible(page, protocol)
        expect(page.get_by_text("Nämnden godkänner rapporten.")).to_be_visible()
        page.get_by_text("Reservation från Vera Ask och Bo Al (X)").click()
        expect(page.get_by_text("Vi yrkade avslag.")).to_be_visible()
        self.shot(page, "protocol")
        page.set_viewport_size({"width": 360, "height": 780})
        self.shot(page, "protocol-phone")
