"""A proposal from a phone to the agenda and back, in a browser."""

from django.urls import reverse
from playwright.sync_api import expect

from meetings.actions import proposals
from meetings.models import Item, Proposal
from tests import factories as make
from tests.browser.base import PHONE, BrowserTestCase
from tests.cast import Cast
from tests.world import png


class ProposalTests(BrowserTestCase):
    def test_proposed_on_a_phone_placed_by_the_secretary_and_seen_again(self):
        cast = Cast()
        meeting = cast.meeting("called")
        phone = self.open(self.log_in(cast.union_rep, size=PHONE), reverse("meetings:propose", args=[meeting.pk]))
        self.assert_accessible(phone)
        phone.get_by_label("Rubrik").fill("Skyddsrond i växthuset")
        phone.locator(".editor-text").first.click()
        phone.keyboard.type("Det läcker in när det regnar.")
        phone.get_by_label("Fil", exact=False).first.set_input_files(
            {"name": "växthuset.png", "mimeType": "image/png", "buffer": png()}
        )
        phone.get_by_role("button", name="Skicka förslaget").click()
        expect(phone.locator(".error-summary")).to_contain_text("Beskriv vad filen innehåller")
        expect(phone.locator(".editor-text").first).to_have_text("Det läcker in när det regnar.")
        phone.get_by_label("Fil", exact=False).first.set_input_files(
            {"name": "växthuset.png", "mimeType": "image/png", "buffer": png()}
        )
        phone.get_by_label("Textalternativ").fill("En pöl på golvet.")
        phone.get_by_role("button", name="Skicka förslaget").click()
        expect(phone.get_by_text("väntar på sekreteraren")).to_be_visible()
        self.assert_accessible(phone)

        desk = self.open(self.log_in(cast.secretary), reverse("home"))
        desk.get_by_role("link", name="1 förslag väntar").click()
        desk.get_by_role("link", name="Skyddsrond i växthuset").click()
        self.assert_accessible(desk)
        safety = make.make_paragraph(meeting, "safety")
        expect(desk.get_by_label("Tas upp under")).to_have_value(str(safety.pk))
        desk.get_by_role("button", name="Placera på dagordningen").click()
        expect(desk.get_by_text("står nu på dagordningen")).to_be_visible()

        phone.reload()
        expect(phone.get_by_text("Under ”Skyddskommittéärenden”.")).to_be_visible()
        item = Item.objects.get(proposals=Proposal.objects.get())
        self.assertEqual((item.text, item.paragraph, item.appendix_links.count()), ("Det läcker in när det regnar.", safety, 1))

    def test_the_list_and_the_question_where_are_accessible(self):
        cast = Cast()
        meeting = cast.meeting("called")
        page = self.open(
            self.log_in(cast.secretary), reverse("meetings:add_item", args=[make.make_paragraph(meeting, "board_matters").pk])
        )
        page.get_by_label("Ärenden").fill("5. Budget PN 2026/12\n6. Val av ledamot, Dnr: 12/abc\n;")
        page.get_by_role("button", name="Visa hur listan lästes").click()
        expect(page.get_by_role("heading", name="Gå igenom listan")).to_be_visible()
        self.assert_accessible(page)
        page.get_by_label("Ta med").nth(2).uncheck()
        page.get_by_role("button", name="Lägg till ärendena").click()
        expect(page.get_by_text("Listan är inläst")).to_be_visible()
        self.assertEqual(list(Item.objects.order_by("position").values_list("title", flat=True)), ["Budget", "Val av ledamot"])
        self.assert_accessible(page, reverse("meetings:where", args=[meeting.pk]) + "?q=skyddsronden")
        self.assert_accessible(page, reverse("meetings:return_proposal", args=[self.proposal(cast, meeting).pk]))

    def proposal(self, cast: Cast, meeting) -> Proposal:
        return proposals.propose(meeting, title="Bänkar", text="De är slitna.", by=cast.employer)
