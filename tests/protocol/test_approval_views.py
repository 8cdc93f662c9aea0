"""The pages from freeze to seal: who meets what, what is said, and that nothing typed is lost."""

import re
from datetime import timedelta
from unittest import mock

from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import connection
from django.test import TestCase, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from meetings.actions import agenda
from meetings.reading.numbering import numbered
from people import actions as log_ins
from people import confirming, inviting
from people.models import Letter, Mandate, Proof, User, Waiting, today
from people.proof import change_proof
from protocol import actions, pdf
from protocol.models import ChangeRequest, FrozenVersion, SealedProtocol, Signature
from protocol.shown import show_version
from record import chain
from record.history import remember
from record.models import Event, EventPayload
from record.moves import Refused
from tests import factories as make
from tests.cast import Cast
from tests.runner import lift


def fresh(thing):
    return type(thing)._base_manager.get(pk=thing.pk)


def words(response):
    """What a reader sees of the page."""
    html = re.sub(r"(?s)<(script|style|head)\b.*?</\1>", " ", response.content.decode())
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("&quot;", '"').split())


class PagesTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = cast = Cast()
        cls.people = {
            "secretary": cast.secretary,
            "chair": cast.chair,
            "adjuster": cast.adjuster,
            "employer_rep": cast.employer,
            "union_rep": cast.union_rep,
            "substitute": cast.substitute,
            "safety_rep": cast.safety_rep,
            "hr": cast.hr,
            "auditor": cast.auditor,
            "admin": cast.admin,
            "stranger": cast.stranger,
        }

    def setUp(self):
        cache.clear()  # the throttle is another test's matter

    def statuses(self, name, pk, method="get", data=None):
        found = {}
        for who, user in self.people.items():
            self.client.force_login(user)
            found[who] = getattr(self.client, method)(reverse(f"protocol:{name}", args=[pk]), data).status_code
        self.client.logout()
        found["anonymous"] = getattr(self.client, method)(reverse(f"protocol:{name}", args=[pk]), data).status_code
        return found

    def by(self, user):
        self.client.force_login(user)
        return self.client


MEMBERS = ("employer_rep", "union_rep", "substitute", "safety_rep")


def expected(**given):
    """Status per role: `members` stands for those with a seat but no office; outsiders never know of the meeting."""
    members = given.pop("members")
    return {**dict.fromkeys(MEMBERS, members), "admin": 404, "stranger": 404, "anonymous": 302} | given


class AccessTests(PagesTestCase):
    def test_a_draft(self):
        meeting = self.cast.ready(self.cast.meeting("draft"))
        read = expected(secretary=200, chair=200, adjuster=409, members=409, hr=409, auditor=409)
        self.assertEqual(self.statuses("protocol", meeting.pk), read)
        self.assertEqual(self.statuses("draft_pdf", meeting.pk), read)
        self.assertEqual(
            self.statuses("pdf", meeting.pk), expected(secretary=409, chair=409, adjuster=409, members=409, hr=409, auditor=409)
        )
        self.assertEqual(
            self.statuses("freeze", meeting.pk),
            expected(secretary=200, chair=200, adjuster=403, members=403, hr=403, auditor=403),
        )
        self.assertEqual(
            self.statuses("log", meeting.pk), expected(secretary=200, chair=200, adjuster=409, members=409, hr=409, auditor=200)
        )
        self.assertEqual(
            self.statuses("approval", meeting.pk),
            expected(secretary=409, chair=409, adjuster=409, members=403, hr=409, auditor=409),
        )

    def test_a_text_under_approval(self):
        meeting = self.cast.meeting("approval")
        version = meeting.versions.get()
        self.assertEqual(
            self.statuses("protocol", meeting.pk),
            expected(secretary=200, chair=200, adjuster=200, members=409, hr=409, auditor=409),
        )
        self.assertEqual(
            self.statuses("approval", meeting.pk),
            expected(secretary=200, chair=200, adjuster=200, members=403, hr=409, auditor=409),
        )
        wrong = {"password": "fel", "seen": version.sha256}
        self.assertEqual(
            self.statuses("sign", version.pk, "post", wrong),
            expected(secretary=200, chair=200, adjuster=200, members=403, hr=403, auditor=403),
        )
        self.assertEqual(
            self.statuses("request_change", version.pk, "post"),
            expected(secretary=403, chair=200, adjuster=200, members=403, hr=403, auditor=403),
        )
        self.assertEqual(
            self.statuses("withdraw", meeting.pk, "post"),
            expected(secretary=200, chair=200, adjuster=403, members=403, hr=403, auditor=403),
        )
        self.assertEqual(
            self.statuses("seal", meeting.pk, "post"),
            expected(secretary=409, chair=409, adjuster=403, members=403, hr=409, auditor=403),
        )
        request = actions.request_change(version, paragraph=None, comment="Fel.", wording="", by=self.cast.adjuster)
        self.assertEqual(
            self.statuses("refuse_change", request.pk, "post"),
            expected(secretary=200, chair=200, adjuster=403, members=403, hr=403, auditor=403),
        )
        self.assertEqual((Signature.objects.count(), fresh(meeting).state), (0, "approval"))

    def test_a_sealed_protocol(self):
        meeting = self.cast.meeting("sealed")
        everybody = expected(secretary=200, chair=200, adjuster=200, members=200, hr=200, auditor=200)
        for name in ("protocol", "pdf", "log"):
            self.assertEqual(self.statuses(name, meeting.pk), everybody, name)
        self.assertEqual(self.statuses("approval", meeting.pk), everybody | dict.fromkeys(MEMBERS, 403))
        self.assertEqual(
            self.statuses("freeze", meeting.pk, "post"),
            expected(secretary=409, chair=409, adjuster=403, members=403, hr=403, auditor=403),
        )

    def test_a_cancelled_meeting_has_no_protocol(self):
        meeting = self.cast.meeting("cancelled")
        for name in ("protocol", "draft_pdf", "approval"):
            self.assertEqual(
                self.by(self.cast.secretary).get(reverse(f"protocol:{name}", args=[meeting.pk])).status_code, 409, name
            )
        self.assertEqual(self.by(self.cast.secretary).get(reverse("protocol:pdf", args=[meeting.pk])).status_code, 404)

    def test_who_only_reads_is_told_when_there_is_something_to_read(self):
        meeting = self.cast.meeting("approval")
        response = self.by(self.cast.hr).get(reverse("protocol:protocol", args=[meeting.pk]))
        self.assertContains(response, "Protokollet är under justering.", status_code=409)
        self.assertContains(response, "Du kan läsa det när det är förseglat.", status_code=409)
        self.assertNotContains(response, "ta tillbaka", status_code=409)

    @mock.patch("record.tracing.new_id", return_value="1")  # each page has a number of its own, and nothing else of its own
    def test_the_unknown_and_the_forbidden_look_the_same(self, _):
        meeting = self.cast.meeting("sealed")
        client = self.by(self.cast.stranger)
        for name in ("protocol", "pdf", "approval", "log"):
            hidden = client.get(reverse(f"protocol:{name}", args=[meeting.pk]))
            missing = client.get(reverse(f"protocol:{name}", args=[987654]))
            self.assertEqual((hidden.status_code, hidden.content), (missing.status_code, missing.content))

    def test_who_is_not_to_sign_is_told_who_is(self):
        meeting = self.cast.meeting("approval")
        response = self.by(self.cast.union_rep).get(reverse("protocol:approval", args=[meeting.pk]))
        self.assertContains(
            response,
            "Du är inte utsedd att justera det här protokollet. "
            "Utsedd: Cecilia Björk (ordförande), Stina Alm (sekreterare), Ulla Ek (justerare).",
            status_code=403,
        )


class FreezePageTests(PagesTestCase):
    def test_the_list_leads_to_where_each_thing_is_mended(self):
        meeting = self.cast.meeting("draft")
        response = self.by(self.cast.secretary).get(reverse("protocol:freeze", args=[meeting.pk]))
        self.assertContains(response, f'<a href="{reverse("meetings:edit", args=[meeting.pk])}">Sluttid saknas.</a>')
        self.assertContains(
            response, f'<a href="{reverse("meetings:attendance", args=[meeting.pk])}">Justerare är inte vald.</a>'
        )
        self.assertNotContains(response, "privacy_reviewed")

    def test_what_stops_the_freeze_stops_the_post_too(self):
        meeting = self.cast.meeting("draft")
        response = self.by(self.cast.secretary).post(reverse("protocol:freeze", args=[meeting.pk]), {"privacy_reviewed": "on"})
        self.assertContains(response, "Justerare är inte vald.")
        self.assertEqual(FrozenVersion.objects.count(), 0)

    def test_without_the_privacy_review_nothing_is_sent(self):
        meeting = self.cast.ready(self.cast.meeting("draft"))
        response = self.by(self.cast.secretary).post(reverse("protocol:freeze", args=[meeting.pk]))
        self.assertContains(response, "Bekräfta att texten är granskad")
        self.assertEqual(FrozenVersion.objects.count(), 0)

    def test_a_freeze_leads_to_the_protocol(self):
        meeting = self.cast.ready(self.cast.meeting("draft"))
        response = self.by(self.cast.chair).post(reverse("protocol:freeze", args=[meeting.pk]), {"privacy_reviewed": "on"})
        self.assertRedirects(response, reverse("protocol:protocol", args=[meeting.pk]), status_code=303)
        self.assertEqual(fresh(meeting).state, "approval")


class SigningTestCase(PagesTestCase):
    """A meeting under approval, and how one looks at it and signs it."""

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.meeting = cls.cast.meeting("approval")
        cls.version = cls.meeting.versions.get()

    def page(self, user):
        return self.by(user).get(reverse("protocol:approval", args=[self.meeting.pk]))

    def sign(self, user, *, password=make.PASSWORD, seen=None, version=None):
        version = version or self.version
        return self.by(user).post(
            reverse("protocol:sign", args=[version.pk]), {"password": password, "seen": seen or version.sha256}
        )


class SignPageTests(SigningTestCase):
    def test_the_page_says_what_is_signed_and_in_which_office(self):
        said = words(self.page(self.cast.adjuster)).replace(" ,", ",")
        self.assertIn("Du justerar Protokoll FVG", said)
        self.assertIn(", version 1, som vald justerare. Texten låses.", said)
        self.assertIn(
            "0 av 3 har skrivit under. Kvar: Cecilia Björk (ordförande), Ulla Ek (justerare), Stina Alm (sekreterare).", said
        )
        self.assertIn("Du skriver under Protokoll FVG", words(self.page(self.cast.secretary)))

    def test_the_text_comes_from_the_frozen_bytes_and_not_from_the_tables(self):
        lift("default")
        self.meeting.paragraphs.filter(slug="opening").update(text="Något helt annat.")
        for name in ("approval", "protocol"):
            response = self.by(self.cast.adjuster).get(reverse(f"protocol:{name}", args=[self.meeting.pk]))
            self.assertNotContains(response, "Något helt annat.")
            self.assertContains(response, "förklarade mötet för öppnat")

    def test_a_signature_leaves_a_receipt(self):
        response = self.sign(self.cast.adjuster)
        self.assertRedirects(response, reverse("protocol:approval", args=[self.meeting.pk]), status_code=303)
        signature = Signature.objects.get()
        self.assertEqual((signature.person, signature.role), (self.cast.adjuster.person, "adjuster"))
        said = words(self.page(self.cast.adjuster))
        self.assertIn(signature.digest, said)
        self.assertIn("1 av 3 har skrivit under.", said)
        self.assertNotIn("Du justerar", said)

    def test_a_wrong_password_is_told_at_the_field_and_signs_nothing(self):
        response = self.sign(self.cast.chair, password="inte-mitt-losenord")
        self.assertContains(response, "Lösenordet stämmer inte. Försök igen.")
        self.assertContains(response, f'value="{self.version.sha256}"')
        self.assertEqual(Signature.objects.count(), 0)
        self.assertNotIn(b"inte-mitt-losenord", response.content)

    def test_a_wrong_password_and_too_many_leave_a_line_and_no_word_of_what_was_typed(self):
        for throttled, told in (
            (False, "wrong password from somebody who is logged in"),
            (True, "signing refused after too many"),
        ):
            limit = mock.patch("protocol.views.approval.within_password_limit", return_value=not throttled)
            with limit, self.assertLogs("people.accounts", "WARNING") as log:
                self.sign(self.cast.chair, password="inte-mitt-losenord")
            [line] = log.output
            self.assertIn(told, line)
            self.assertTrue(line.endswith(f"user {self.cast.chair.pk}"), line)
            self.assertNotIn("inte-mitt-losenord", line)

    def test_somebody_elses_password_does_not_sign(self):
        other = make.make_member(self.cast.group, "employer_rep")
        other.set_password("ett-helt-annat-losenord")
        other.save()
        self.assertContains(self.sign(self.cast.chair, password="ett-helt-annat-losenord"), "Lösenordet stämmer inte.")

    def test_after_ten_attempts_even_the_right_password_waits(self):
        for _ in range(10):
            self.assertEqual(self.sign(self.cast.chair, password="fel").status_code, 200)
        response = self.sign(self.cast.chair)
        self.assertContains(response, "Det har blivit för många försök. Vänta en minut och försök igen.", status_code=429)
        self.assertEqual(Signature.objects.count(), 0)
        self.assertEqual(self.sign(self.cast.adjuster).status_code, 303)

    def test_a_stale_text_shows_the_difference_and_signs_nothing(self):
        actions.withdraw(self.meeting, reason="Fel ord.", by=self.cast.secretary)
        paragraph = make.make_paragraph(self.meeting, "opening")
        agenda.edit_text(paragraph, fields={"text": "Mötet öppnades sent."}, version=paragraph.version, by=self.cast.secretary)
        actions.freeze(fresh(self.meeting), by=self.cast.secretary, privacy_reviewed=True)
        response = self.sign(self.cast.adjuster)
        self.assertContains(response, "Protokollet ändrades medan du läste", status_code=409)
        self.assertContains(response, "sent", status_code=409)
        self.assertContains(response, "<del>", status_code=409)
        self.assertEqual(Signature.objects.count(), 0)

    def test_a_withdrawn_text_tells_why(self):
        actions.withdraw(self.meeting, reason="Beslutet var fel återgivet.", by=self.cast.secretary)
        for response in (self.page(self.cast.adjuster), self.sign(self.cast.adjuster)):
            self.assertContains(response, "Stina Alm tog tillbaka version 1. Skäl: Beslutet var fel återgivet.", status_code=409)
        stranger = self.by(self.cast.union_rep).get(reverse("protocol:approval", args=[self.meeting.pk]))
        self.assertNotContains(stranger, "Beslutet", status_code=403)

    def test_what_was_asked_for_stands_on_the_check_list_of_the_next_version(self):
        paragraph = make.make_paragraph(self.meeting, "opening")
        actions.request_change(
            self.version, paragraph=paragraph, comment="Det heter <vintern>.", wording="Vintern kom.", by=self.cast.adjuster
        )
        actions.withdraw(fresh(self.meeting), reason="Vi rättar.", by=self.cast.secretary)
        response = self.by(self.cast.secretary).get(reverse("protocol:freeze", args=[self.meeting.pk]))
        self.assertContains(response, "Begärda ändringar av förra versionen")
        self.assertContains(response, "Det heter &lt;vintern&gt;.")
        self.assertContains(response, "Förslag: Vintern kom.")
        self.assertContains(response, reverse("meetings:write", args=[paragraph.pk]))

    def test_the_log_in_came_between(self):
        response = self.by(self.cast.chair).get(reverse("protocol:sign", args=[self.version.pk]))
        self.assertRedirects(response, reverse("protocol:approval", args=[self.meeting.pk]), status_code=303)

    def test_changes_since_the_version_before_come_first(self):
        actions.withdraw(self.meeting, reason="Fel ord.", by=self.cast.secretary)
        paragraph = make.make_paragraph(self.meeting, "opening")
        agenda.edit_text(
            paragraph, fields={"text": "Mötet <b>öppnades</b> sent."}, version=paragraph.version, by=self.cast.secretary
        )
        actions.freeze(fresh(self.meeting), by=self.cast.secretary, privacy_reviewed=True)
        response = self.page(self.cast.adjuster)
        self.assertContains(response, "Ändrat sedan version 1 (1)")
        self.assertContains(response, "Skäl: Fel ord.")
        self.assertNotIn("<b>öppnades</b>", response.content.decode())
        self.assertEqual([difference.heading for difference in response.context["differences"]], ["§ 1  Mötets öppnande"])

    def test_a_new_order_is_a_change_that_is_told(self):
        actions.withdraw(self.meeting, reason="Ordningen.", by=self.cast.secretary)
        agenda.move_paragraph(self.meeting.paragraphs.get(slug="opening"), by_steps=1, by=self.cast.secretary)
        actions.freeze(fresh(self.meeting), by=self.cast.secretary, privacy_reviewed=True)
        found = self.page(self.cast.chair).context["differences"]
        self.assertEqual([one.heading for one in found], ["Paragrafernas ordning och nummer"])


class TwiceTests(SigningTestCase):
    """The button was pressed twice, or once in each of two tabs: one signature, nothing in red, and no code used up."""

    def again(self, user, **data):
        self.by(user)
        address = reverse("protocol:sign", args=[self.version.pk])
        return self.client.post(address, {"password": make.PASSWORD, "seen": self.version.sha256} | data, follow=True)

    def assertSaidKindly(self, response):
        self.assertEqual(response.redirect_chain, [(reverse("protocol:approval", args=[self.meeting.pk]), 303)])
        said = words(response)
        self.assertRegex(said, r"Du har redan skrivit under, .* kl\. \d\d:\d\d\. Ett kvitto har gått till din e-post\.")
        self.assertNotIn("Det finns", said)  # as above what is wrong

    def test_with_the_password(self):
        self.sign(self.cast.chair)
        self.assertSaidKindly(self.again(self.cast.chair))
        self.assertSaidKindly(self.again(self.cast.chair, password="nu skrev jag fel"))
        self.assertEqual((Signature.objects.count(), Letter.objects.filter(kind="signed").count()), (1, 1))

    def test_with_a_code_from_the_app(self):
        make.make_second_step(self.cast.chair)
        with mock.patch("allauth.mfa.totp.internal.auth.hotp_value", return_value=123456):
            self.again(self.cast.chair, code="123456")
            self.assertSaidKindly(self.again(self.cast.chair, code="123456"))
        self.assertEqual(Signature.objects.count(), 1)

    def test_with_recovery_codes_the_second_is_kept(self):
        first = make.make_second_step(self.cast.chair)
        codes = Authenticator.objects.get(user=self.cast.chair, type="recovery_codes")
        another = codes.wrap().get_unused_codes()[1]
        self.again(self.cast.chair, code=first)
        for code in (first, another):
            self.assertSaidKindly(self.again(self.cast.chair, code=code))
        self.assertIn(another, fresh(codes).wrap().get_unused_codes())
        self.assertEqual(Signature.objects.count(), 1)

    def test_the_last_one_whose_signature_has_adjusted_or_sealed_it(self):
        for user in (self.cast.secretary, self.cast.adjuster, self.cast.chair):
            self.sign(user)
        self.assertIn(fresh(self.meeting).state, ("adjusted", "sealed"))
        self.assertSaidKindly(self.again(self.cast.chair))
        self.assertEqual(Signature.objects.count(), 3)

    def test_a_signature_on_a_text_that_was_taken_back_is_none(self):
        self.sign(self.cast.chair)
        actions.withdraw(fresh(self.meeting), reason="Fel ord.", by=self.cast.secretary)
        self.assertEqual(self.again(self.cast.chair).status_code, 409)
        version = actions.freeze(fresh(self.meeting), by=self.cast.secretary, privacy_reviewed=True)
        self.assertEqual(self.sign(self.cast.chair, version=version).status_code, 303)
        self.assertEqual(version.signatures.count(), 1)


class SecondStepTests(SigningTestCase):
    """Whoever logs in with two steps signs with two steps."""

    def setUp(self):
        super().setUp()
        self.recovery = make.make_second_step(self.cast.chair)

    def sign(self, user, **data):
        data = {"password": make.PASSWORD, "seen": self.version.sha256} | data
        return self.by(user).post(reverse("protocol:sign", args=[self.version.pk]), data)

    def test_the_password_alone_signs_nothing(self):
        self.assertContains(self.page(self.cast.chair), 'name="code"')
        for data in ({}, {"code": ""}, {"code": "12345"}):
            response = self.sign(self.cast.chair, **data)
            self.assertEqual((response.status_code, Signature.objects.count()), (200, 0), data)
        self.assertContains(self.sign(self.cast.chair), "Skriv koden från din autentiseringsapp")

    def test_the_verb_itself_refuses_the_password_alone(self):
        with self.assertRaisesMessage(Refused, "Du loggar in i två steg."):
            actions.sign(self.version, role="chair", seen=self.version.sha256, by=self.cast.chair)

    def test_with_the_code_the_method_is_kept_shown_and_in_the_receipt(self):
        with mock.patch("allauth.mfa.totp.internal.auth.hotp_value", return_value=123456):
            self.assertEqual(self.sign(self.cast.chair, code="123456").status_code, 303)
        signature = Signature.objects.get()
        self.assertEqual(signature.method, "password_totp")
        self.assertIn("med lösenord och engångskod.", words(self.page(self.cast.chair)))
        self.assertIn("Du bekräftade med lösenord och engångskod.", Letter.objects.get(kind="signed").body)
        [approval] = [one for one in show_version(self.version).options["approvals"] if one.signed_at]
        self.assertEqual(approval.method, "lösenord och engångskod")

    def test_a_code_that_has_been_used_is_refused(self):
        with mock.patch("allauth.mfa.totp.internal.auth.hotp_value", return_value=123456):
            self.assertTrue(Authenticator.objects.get(user=self.cast.chair, type="totp").wrap().validate_code("123456"))
            response = self.sign(self.cast.chair, code="123456")
        self.assertContains(response, "Vänta på nästa kod och försök igen.")
        self.assertContains(response, "Det finns ett fel")  # one slip is one fault
        self.assertEqual(Signature.objects.count(), 0)

    def test_a_recovery_code_signs_once(self):
        self.assertEqual(self.sign(self.cast.chair, code=self.recovery).status_code, 303)
        actions.withdraw(fresh(self.meeting), reason="Fel ord.", by=self.cast.secretary)
        version = actions.freeze(fresh(self.meeting), by=self.cast.secretary, privacy_reviewed=True)
        response = self.by(self.cast.chair).post(
            reverse("protocol:sign", args=[version.pk]),
            {"password": make.PASSWORD, "seen": version.sha256, "code": self.recovery},
        )
        self.assertEqual((response.status_code, version.signatures.count()), (200, 0))

    def test_a_wrong_password_costs_no_code(self):
        self.assertContains(self.sign(self.cast.chair, password="fel", code=self.recovery), "Lösenordet stämmer inte.")
        self.assertEqual(self.sign(self.cast.chair, code=self.recovery).status_code, 303)

    def test_who_has_no_second_step_is_asked_for_none(self):
        self.assertNotContains(self.page(self.cast.adjuster), 'name="code"')
        self.assertEqual(self.sign(self.cast.adjuster).status_code, 303)
        self.assertEqual(Signature.objects.get().method, "password")


class PauseTests(SigningTestCase):
    """Whoever has changed how they log in does not sign for a day."""

    def change(self, user, *, hours=0):
        user = User.objects.get(pk=user.pk)
        change_proof(user, [Proof.PASSWORD], addresses=[], by=user)
        User.objects.filter(pk=user.pk).update(proof_changed_at=timezone.now() - timedelta(hours=hours))

    def test_the_right_password_signs_nothing_and_one_is_told_until_when(self):
        self.change(self.cast.chair)
        response = self.sign(self.cast.chair)
        self.assertContains(response, "Du bytte lösenord")
        self.assertContains(response, "kan skriva under tidigast")
        self.assertEqual(Signature.objects.count(), 0)
        with self.assertRaisesMessage(Refused, "Inget är underskrivet. Du bytte lösenord"):
            actions.sign(self.version, role="chair", seen=self.version.sha256, by=self.cast.chair)
        self.assertNotContains(self.page(self.cast.chair), 'id="sign_password"')

    def test_the_others_who_sign_are_told_of_it(self):
        self.change(self.cast.chair)
        said = words(self.page(self.cast.adjuster))
        self.assertIn("Cecilia Björk bytte lösenord", said)
        self.assertIn("och kan skriva under tidigast", said)
        self.assertEqual(self.sign(self.cast.adjuster).status_code, 303)

    def test_after_the_pause_one_signs(self):
        self.change(self.cast.chair, hours=25)
        self.assertNotIn("bytte lösenord", words(self.page(self.cast.adjuster)))
        self.assertEqual(self.sign(self.cast.chair).status_code, 303)

    def test_an_installation_can_do_without(self):
        self.change(self.cast.chair)
        with override_settings(SIGNING_PAUSE_HOURS=0):
            self.assertNotContains(self.client.get(reverse("trust")), "timmar")
            self.assertEqual(self.sign(self.cast.chair).status_code, 303)

    def test_how_long_it_is_stands_where_one_signs_and_among_the_promises(self):
        self.assertIn("24 timmar", words(self.page(self.cast.chair)))
        self.assertIn("24 timmar", words(self.client.get(reverse("trust"))))


class InvitedTests(SigningTestCase):
    """Whoever invites somebody to a mailbox of their own does not sign as them."""

    def setUp(self):
        super().setUp()
        self.person = self.cast.adjuster.person
        make.make_mandate(self.person, self.cast.group, "auditor")  # so that the log-in opens at all
        User.objects.filter(person=self.person).update(password="!")  # elected, and has not logged in yet

    def invited(self) -> User:
        """Followed at another mailbox, the pause over."""
        user = inviting.invite(self.person, email="annan@fvg.example", by=self.cast.hr)
        log_ins.activate(user, password=make.PASSWORD)
        User.objects.filter(pk=user.pk).update(proof_changed_at=timezone.now() - timedelta(days=2))
        return User.objects.get(pk=user.pk)

    def refused(self, user: User) -> None:
        page = self.page(user)
        self.assertIn("Du kan inte skriva under än: ditt fackliga uppdrag är inte bekräftat", words(page))
        self.assertNotContains(page, 'id="sign_password"')
        self.assertContains(self.sign(user), "Inget är underskrivet, och protokollet är som förut.")
        self.assertEqual(Signature.objects.count(), 0)

    def test_the_first_password_pauses_and_the_others_are_told(self):
        user = inviting.invite(self.cast.adjuster.person, email="annan@fvg.example", by=self.cast.hr)
        log_ins.activate(user, password=make.PASSWORD)
        self.assertIn("Ulla Ek valde ett första lösenord genom en inbjudan", words(self.page(self.cast.chair)))

    def test_nobody_signs_by_a_mandate_that_waits_and_does_once_it_is_confirmed(self):
        user = self.invited()
        self.refused(user)
        confirming.settle(Waiting.objects.get(settled_at=None), confirmed=True, by=None)
        self.assertEqual(self.sign(user).status_code, 303)

    def test_nor_by_one_that_was_ended_or_made_another_before_the_invitation(self):
        mandate = Mandate.objects.get(person=self.person, role="union_rep")
        mandate.ends = today() - timedelta(days=1)
        remember(mandate, by=self.cast.hr, verb="administer")
        self.refused(self.invited())
        mandate.ends, mandate.role, mandate.party = None, "auditor", None
        remember(mandate, by=self.cast.hr, verb="administer")
        self.refused(User.objects.get(person=self.person))

    def test_whoever_sat_there_with_their_own_log_in_signs_after_the_mandate(self):
        user = self.cast.union_rep
        mandate = Mandate.objects.get(person=user.person)
        mandate.ends = today() - timedelta(days=1)
        remember(mandate, by=self.cast.hr, verb="administer")
        self.assertFalse(confirming.lacks_seat(user, self.cast.group.pk, elected=True))

    def test_of_somebody_in_an_office_only_mandates_that_stand_are_asked(self):
        """Else a mandate that was entered by mistake, and ended, would keep a chair from signing for ever."""
        mandate = make.make_mandate(self.cast.chair, self.cast.group, "union_rep", party=self.cast.union, confirmed_at=None)
        self.assertTrue(actions.lacks_seat(self.meeting, self.cast.chair))
        mandate.ends = today() - timedelta(days=1)
        remember(mandate, by=self.cast.hr, verb="administer")
        self.assertEqual(self.sign(self.cast.chair).status_code, 303)


class ChangePageTests(SigningTestCase):
    def test_of_two_fields_one_is_needed_and_neither_is_called_optional(self):
        for label in ("Vad behöver ändras?", "Ditt förslag till text"):
            self.assertNotIn(f"{label} (frivilligt)", words(self.page(self.cast.adjuster)))

    def request(self, user, **data):
        return self.by(user).post(reverse("protocol:request_change", args=[self.version.pk]), data)

    def test_a_request_reaches_those_who_decide_and_blocks_signing(self):
        paragraph = make.make_paragraph(self.meeting, "opening")
        response = self.request(self.cast.adjuster, paragraph=paragraph.pk, comment="Fel tid.", wording="Klockan <i>tio</i>.")
        self.assertEqual(response.status_code, 303)
        request = ChangeRequest.objects.get()
        self.assertEqual((request.paragraph, request.comment, request.person), (paragraph, "Fel tid.", self.cast.adjuster.person))
        response = self.page(self.cast.chair)
        self.assertContains(response, "Ulla Ek har begärt en ändring")
        self.assertNotIn("<i>tio</i>", response.content.decode())
        self.assertContains(self.sign(self.cast.chair), "Någon har begärt en ändring.")
        self.assertEqual(Signature.objects.count(), 0)

    def test_beside_each_paragraph_a_change_of_it_can_be_asked_for(self):
        number = next(
            number
            for number, paragraph in numbered(self.meeting.paragraphs.all(), self.meeting.group)
            if paragraph.slug == "secretary"
        )
        self.assertContains(
            self.page(self.cast.adjuster), f'<a href="?paragraf={number}#begar-andring">Begär ändring i § {number}</a>'
        )
        self.client.force_login(self.cast.adjuster)
        answer = self.client.get(reverse("protocol:approval", args=[self.meeting.pk]), {"paragraf": number})
        chosen = make.make_paragraph(self.meeting, "secretary").pk
        self.assertEqual(answer.context["change_form"]["paragraph"].value(), chosen)
        self.assertNotContains(self.page(self.cast.secretary), "Begär ändring i §")

    def test_an_empty_request_says_what_is_missing(self):
        response = self.request(self.cast.adjuster, comment="", wording="  ")
        self.assertContains(response, "Skriv vad som behöver ändras, eller ett förslag till text.")

    def test_what_cannot_be_stored_is_told_at_the_field_and_kept(self):
        response = self.request(self.cast.adjuster, comment="Fel \x07 tecken", wording="Mitt förslag står kvar.")
        self.assertContains(response, "Mitt förslag står kvar.")
        self.assertEqual(set(response.context["change_form"].errors), {"comment"})
        self.assertEqual(ChangeRequest.objects.count(), 0)

    def test_another_meetings_paragraph_is_no_choice(self):
        other = self.cast.meeting("draft").paragraphs.first()
        response = self.request(self.cast.adjuster, paragraph=other.pk, comment="Fel.")
        self.assertEqual(set(response.context["change_form"].errors), {"paragraph"})

    def test_a_request_for_a_text_that_was_replaced_keeps_what_was_typed(self):
        actions.withdraw(self.meeting, reason="Fel ord.", by=self.cast.secretary)
        actions.freeze(fresh(self.meeting), by=self.cast.secretary, privacy_reviewed=True)
        response = self.request(self.cast.adjuster, comment="Det jag skrev.")
        self.assertContains(response, "Det jag skrev.", status_code=409)
        self.assertEqual(ChangeRequest.objects.count(), 0)

    def test_a_refusal_needs_a_reason_and_opens_for_signing(self):
        self.request(self.cast.adjuster, comment="Fel tid.")
        request = ChangeRequest.objects.get()
        address = reverse("protocol:refuse_change", args=[request.pk])
        self.assertContains(self.by(self.cast.secretary).post(address, {"answer": ""}), "Skriv varför texten inte ändras.")
        self.assertEqual(self.client.post(address, {"answer": "Tiden stämmer."}).status_code, 303)
        self.assertContains(self.page(self.cast.adjuster), "Tiden stämmer.")
        self.assertEqual(self.sign(self.cast.adjuster).status_code, 303)

    def test_a_withdrawal_needs_a_reason(self):
        address = reverse("protocol:withdraw", args=[self.meeting.pk])
        self.assertContains(self.by(self.cast.chair).post(address, {"reason": ""}), "Skriv varför protokollet tas tillbaka.")
        response = self.client.post(address, {"reason": "Fel dag."})
        self.assertRedirects(response, reverse("protocol:protocol", args=[self.meeting.pk]), status_code=303)
        self.assertEqual(fresh(self.meeting).state, "draft")


class SealPageTests(PagesTestCase):
    def test_hr_tries_the_seal_again(self):
        meeting = self.cast.meeting("adjusted")
        address = reverse("protocol:seal", args=[meeting.pk])
        with (
            mock.patch("protocol.exports.as_pdf", side_effect=pdf.RenderError("no font")),
            self.assertLogs("django_tasks", "ERROR"),
        ):
            response = self.by(self.cast.hr).post(address, follow=False)
        self.assertEqual((response.status_code, fresh(meeting).state, Signature.objects.count()), (303, "adjusted", 3))
        self.assertEqual(self.client.post(address).status_code, 303)
        self.assertEqual((fresh(meeting).state, SealedProtocol.objects.count()), ("sealed", 1))

    def test_the_page_offers_the_seal_only_to_those_who_may(self):
        meeting = self.cast.meeting("adjusted")
        address = reverse("protocol:seal", args=[meeting.pk])
        shown = {
            who
            for who, user in self.people.items()
            if address in self.by(user).get(reverse("protocol:protocol", args=[meeting.pk])).content.decode()
        }
        self.assertEqual(shown, {"secretary", "chair"})


class ReadPageTests(PagesTestCase):
    def test_buttons_lead_only_where_the_person_may_go(self):
        draft, approval, sealed = (self.cast.meeting(state) for state in ("draft", "approval", "sealed"))
        for meeting in (draft, approval, sealed):
            for who, user in self.people.items():
                page = self.by(user).get(reverse("protocol:protocol", args=[meeting.pk]))
                if page.status_code != 200:
                    continue
                main = page.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
                for name in ("pdf", "draft_pdf", "approval", "freeze", "log"):
                    address = reverse(f"protocol:{name}", args=[meeting.pk])
                    if f'href="{address}"' in main:
                        self.assertEqual(self.client.get(address).status_code, 200, (who, meeting.state, name))

    def test_a_draft_says_so(self):
        meeting = self.cast.meeting("draft")
        response = self.by(self.cast.secretary).get(reverse("protocol:protocol", args=[meeting.pk]))
        self.assertContains(response, "UTKAST – arbetsmaterial")
        self.assertContains(response, "Paragrafernas nummer är preliminära.")

    def test_a_draft_that_cannot_be_drawn_says_so(self):
        meeting = self.cast.meeting("draft")
        with mock.patch("protocol.pdf.render", side_effect=pdf.RenderError("no font")):
            response = self.by(self.cast.secretary).get(reverse("protocol:draft_pdf", args=[meeting.pk]), follow=True)
        self.assertContains(response, "PDF:en kunde inte göras")
        self.assertContains(response, "No font")

    def test_the_log_is_counted_anew_and_says_which_row_is_gone(self):
        other, meeting = self.cast.meeting("called"), self.cast.meeting("sealed")
        address = reverse("protocol:log", args=[meeting.pk])
        for user in (self.cast.auditor, self.cast.hr):
            said = words(self.by(user).get(address))
            self.assertIn(
                "Alla rader i gruppens logg räknades om när sidan öppnades, och det som raderna här säger. Det stämmer.", said
            )
        lift("default")
        rows = Event.objects.filter(chain=meeting.group.chain).order_by("seq")
        last, middle = rows.filter(thing=f"meeting:{meeting.pk}").last(), rows.filter(thing=f"meeting:{other.pk}").last()
        for event, told in ((last, "Den sista raden saknas"), (middle, f"Rad {middle.seq} saknas")):
            EventPayload.objects.filter(event=event).delete()
            Event.objects.filter(pk=event.pk).delete()
            for user in (self.cast.auditor, self.cast.hr):
                said = words(self.by(user).get(address))
                self.assertIn(f"{told}, eller loggen stämmer inte.", said)
                self.assertIn("Säg till den som sköter tjänsten.", said)
                self.assertNotIn("Det stämmer.", said)

    def test_a_row_that_was_written_anew_is_told_too(self):
        meeting = self.cast.meeting("approval")
        event = Event.objects.filter(chain=meeting.group.chain, kind="frozen").get()
        lift("default")
        EventPayload.objects.filter(event=event).update(data={"version": 7})
        said = words(self.by(self.cast.auditor).get(reverse("protocol:log", args=[meeting.pk])))
        self.assertIn(f"Rad {event.seq} saknas, eller loggen stämmer inte.", said)

    def test_what_rows_of_other_matters_say_is_neither_read_nor_hashed(self):
        """A motion that is changed a thousand times may not make the page slow for everybody: `verify` counts all of it."""
        meeting = self.cast.meeting("approval")
        chain.append(meeting.group.chain, "motion_changed", by=None, thing="motion:0", data={"background": "Å" * 93_000})
        with mock.patch("record.chain.payload_hash", wraps=chain.payload_hash) as hashed:
            response = self.by(self.cast.auditor).get(reverse("protocol:log", args=[meeting.pk]))
            self.assertEqual(hashed.call_count, len(response.context["rows"]))
            self.assertNotIn("background", str(hashed.mock_calls))
            self.assertEqual(chain.verify(meeting.group.chain), [])
            self.assertIn("background", str(hashed.mock_calls))

    def test_a_row_of_another_matter_that_no_longer_says_anything_is_told(self):
        meeting = self.cast.meeting("approval")
        event = chain.append(meeting.group.chain, "motion_changed", by=None, thing="motion:0", data={"title": "A"})
        lift("default")
        EventPayload.objects.filter(event=event).delete()
        said = words(self.by(self.cast.auditor).get(reverse("protocol:log", args=[meeting.pk])))
        self.assertIn(f"Rad {event.seq} saknas, eller loggen stämmer inte.", said)

    def test_counting_the_log_costs_the_same_for_few_and_many_rows(self):
        meeting, counted = self.cast.meeting("approval"), []
        self.by(self.cast.auditor).get(reverse("protocol:log", args=[meeting.pk]))
        for more in (0, 300):
            for _ in range(more):
                chain.append(meeting.group.chain, "called", by=None, thing="meeting:0")
            with CaptureQueriesContext(connection) as queries:
                self.client.get(reverse("protocol:log", args=[meeting.pk]))
            counted.append(len(queries))
        self.assertEqual(counted[0], counted[1])

    def test_the_log_tells_what_happened_and_by_whom(self):
        meeting = self.cast.meeting("sealed")
        said = words(self.by(self.cast.hr).get(reverse("protocol:log", args=[meeting.pk])))
        for line in (
            "Kallelsen skickades",
            "Texten frystes",
            "Underskrift",
            "protokollet är justerat",
            "Protokollet förseglades",
            "Stina Alm",
        ):
            self.assertIn(line, said)
        self.assertEqual(said.count("Underskrift (version 1)"), 3)

    def test_pages_cost_the_same_for_one_and_thirty_items(self):
        small, large = self.cast.meeting("draft"), self.cast.meeting("draft")
        for meeting, count in ((small, 1), (large, 30)):
            paragraph = make.make_paragraph(meeting)
            for number in range(count):
                make.make_item(paragraph, f"Ämne {number}", text="Ord.")
                agenda.add_paragraph(meeting, heading=f"Rubrik {number}", section="", after=None, by=self.cast.secretary)
            self.cast.ready(meeting)
        for name in ("protocol", "freeze"):
            self.assertEqual(*(self.cost(name, meeting) for meeting in (small, large)), name)
        for meeting in (small, large):
            actions.freeze(fresh(meeting), by=self.cast.secretary, privacy_reviewed=True)
        for name in ("protocol", "approval", "log"):
            self.assertEqual(*(self.cost(name, meeting) for meeting in (small, large)), name)

    def cost(self, name, meeting):
        client = self.by(self.cast.secretary)
        address = reverse(f"protocol:{name}", args=[meeting.pk])
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            self.assertEqual(client.get(address).status_code, 200)
        return len(queries)
