"""Oenighet in a browser: report it on a phone, take it back after one more question."""

from django.urls import reverse
from playwright.sync_api import expect

from meetings.models import Disagreement
from tests import factories as make
from tests.browser.base import PHONE, BrowserTestCase
from tests.cast import Cast


class DisagreementTests(BrowserTestCase):
    def test_reported_and_taken_back(self):
        cast = Cast()
        _ = (cast.union_rep, cast.secretary)
        item = make.make_item(make.make_paragraph(cast.meeting("draft"), "decisions"), "Ny organisation", kind="decision")
        page = self.open(self.log_in(cast.union_rep, size=PHONE), reverse("meetings:disagree", args=[item.pk]))
        page.locator(".editor-text").first.click()
        page.keyboard.type("Risken är inte bedömd.")
        page.get_by_role("button", name="Anmäl oenighet").click()
        expect(page.get_by_text("Oenigheten är antecknad.")).to_be_visible()
        self.assert_accessible(page)
        self.shot(page, "disagree")
        page.get_by_role("button", name="Ta tillbaka").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Ta tillbaka oenigheten?")
        expect(page.locator("blockquote")).to_have_text("Risken är inte bedömd.")
        self.assert_accessible(page)
        self.shot(page, "take-back")
        page.get_by_role("link", name="Avbryt").click()
        self.assertEqual(Disagreement.objects.count(), 1)
        page.get_by_role("button", name="Ta tillbaka").click()
        page.get_by_role("button", name="Ta tillbaka").click()
        expect(page.get_by_text("Oenigheten är tillbakatagen.")).to_be_visible()
        self.assertEqual(Disagreement.objects.count(), 0)
