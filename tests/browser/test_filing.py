"""Filing on a phone: what belongs to the kind is shown, the print while writing; nothing typed is lost when the log-in ends."""

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse
from playwright.sync_api import Page, expect

from motions.models import Motion
from people.models import today
from tests import factories as make
from tests.browser.base import PHONE, BrowserTestCase
from tests.cast import Cast


class FilingTests(BrowserTestCase):
    def test_a_question_on_a_phone(self):
        cast = Cast()
        meeting = make.make_meeting(cast.group, by=cast.secretary, state="called")
        page = self.log_in(cast.union_rep, size=PHONE, has_touch=True, is_mobile=True)
        page.on("dialog", lambda dialog: dialog.accept())
        self.open(page, reverse("motions:draft", args=[cast.group.pk]))
        expect(page.get_by_label("Ska besvaras på mötet")).to_be_hidden()
        expect(page.get_by_label("Skicka med till nämnden")).to_be_hidden()
        page.get_by_label("Vad vill ni lämna in?").select_option("opinion")
        expect(page.get_by_label("Skicka med till nämnden")).to_be_visible()
        expect(page.get_by_label("Att-sats 1", exact=True)).to_be_hidden()
        page.get_by_label("Vad vill ni lämna in?").select_option("question")
        page.get_by_label("Rubrik").fill("Buller")
        asked = page.get_by_label("Ska besvaras på mötet")
        day = page.locator(".field", has=asked).get_by_label("Vilken dag?")
        expect(day).to_be_hidden()
        asked.select_option("En annan dag")
        expect(day).to_be_visible()
        asked.select_option(str(meeting.date))
        expect(day).to_be_hidden()
        page.get_by_label("Fråga 1", exact=True).fill("När mäts bullret?")
        page.get_by_role("button", name="Lägg till fråga").click()
        page.get_by_label("Fråga 2", exact=True).fill("Av vem?")
        shown = page.locator("[data-preview]")
        expect(shown).to_contain_text("Fråga från LF: Buller")
        expect(shown).to_contain_text("Av vem?")
        page.get_by_role("button", name="Ta bort nummer 2").click()
        expect(shown).not_to_contain_text("Av vem?")
        page.get_by_role("button", name="Ångra: lägg tillbaka nummer 2").click()
        expect(shown).to_contain_text("Av vem?")
        self.assert_accessible(page)
        self.shot(page, "question-form")
        page.get_by_role("button", name="Granska och lämna in").click()
        page.get_by_role("button", name="Lämna in", exact=True).click()
        expect(page.get_by_text("Inlämnad. Mottagningsnummer")).to_be_visible()
        motion = Motion.objects.get()
        self.assertEqual((motion.kind, motion.due_on, motion.claims.count()), ("question", meeting.date, 2))
        page.get_by_role("link", name="Ändra", exact=True).click()
        page.get_by_label("Fråga 2", exact=True).fill("Av vem och hur?")
        page.get_by_role("button", name="Flytta upp nummer 2").click()
        page.get_by_role("button", name="Spara som ny version").click()
        expect(page.get_by_text("Ändringen är sparad som version 2.")).to_be_visible()
        self.assertEqual([claim.text for claim in motion.claims.all()], ["Av vem och hur?", "När mäts bullret?"])
        page.get_by_role("link", name="Läs vad som har ändrats").click()
        expect(page.get_by_role("heading", name="Version 2 (gäller nu)")).to_be_visible()
        self.assert_accessible(page)
        self.shot(page, "versions")

    def test_the_table_of_support_on_a_phone(self):
        cast = Cast()
        _ = cast.other_rep
        for n in range(6):
            make.make_member(cast.group, "union_rep", party=make.make_party(f"Förbund {n}", f"F{n}", position=n + 3))
        motion = make.make_motion(
            cast.group,
            cast.union,
            by=cast.union_rep,
            claims=("att ett görs.", "att två görs."),
            wanted_on=today() + timedelta(days=9),
        )
        page = self.log_in(cast.other_rep, size=PHONE)
        self.open(page, reverse("motions:motion", args=[motion.pk]))
        page.get_by_role("button", name="Stöd att-sats 2").click()
        page.get_by_role("link", name="Vem stödjer vad").click()
        expect(page.get_by_role("row").nth(1)).to_be_visible()
        expect(page.get_by_text("Stödjer", exact=False).first).to_be_visible()
        self.assert_accessible(page)
        self.shot(page, "supporters")

    def test_what_is_sent_after_an_hour_s_silence_is_there_after_the_log_in(self):
        cast = Cast()
        draft = make.make_motion(cast.group, cast.union, by=cast.union_rep, filed=False)
        page = self.log_in(cast.union_rep, size=PHONE)
        self.open(page, reverse("motions:edit", args=[draft.pk]))
        page.get_by_label("Rubrik").fill("Skrivet en lång stund")
        self.caret_at_end(page)
        page.keyboard.type(" Två rader till.")
        self.silence(page)
        self.allow("401")
        page.get_by_label("Att-sats 1", exact=True).fill("lokalerna målas.")
        expect(page.get_by_role("alert")).to_contain_text("Du är utloggad. Det du har skrivit står kvar här.")
        page.get_by_role("button", name="Spara utkast").click()
        page.get_by_label("E-post").fill(cast.union_rep.email)
        page.get_by_label("Lösenord", exact=True).fill(make.PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Det du skrev finns kvar")
        shown = ["Skrivet en lång stund", "Lokalerna är slitna. Två rader till.", "lokalerna målas."]
        expect(page.locator(".as-typed")).to_have_text(shown)
        self.assert_accessible(page)
        self.shot(page, "resend")
        page.get_by_role("button", name="Skicka nu").click()
        expect(page.get_by_text("Utkastet är sparat")).to_be_visible()
        kept = Motion.objects.get(pk=draft.pk)
        self.assertEqual((kept.title, kept.claims.get().text), ("Skrivet en lång stund", "att lokalerna målas."))
        self.assertTrue(kept.background.endswith("Två rader till."))

    def silence(self, page: Page) -> None:
        """Nothing has been heard of this window for more than an hour."""
        cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
        session = SessionStore(cookies[settings.SESSION_COOKIE_NAME])
        session["seen"] -= 61 * 60
        session.save()
