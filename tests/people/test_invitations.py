"""From an invitation by mail to a log-in that works, and every link that should not work."""

from datetime import timedelta
from unittest import mock

from allauth.account.models import EmailAddress
from django.core import mail
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from people import actions, invitations, inviting
from people.models import Letter, User
from record.moves import Refused
from tests.factories import make_group, make_mandate, make_member, make_person, make_user

PASSWORD = "tre-gula-cyklar-i-regn"


def link_in(message) -> str:
    """The path of the one link to choose a password."""
    return next(word for word in message.body.split() if "/valkommen/" in word).removeprefix("https://fvg.example")


class InvitationTests(TestCase):
    def setUp(self):
        self.group = make_group()
        self.hr = make_member(self.group, "hr")
        self.person = make_person("Ellen Frisk")
        make_mandate(self.person, self.group, "secretary")

    def invite(self, email="ellen@fvg.example"):
        with self.captureOnCommitCallbacks(execute=True):
            user = inviting.invite(self.person, email=email, by=self.hr)
        return user, link_in(mail.outbox[-1])

    def test_the_whole_way_from_the_registry_to_the_start_page(self):
        self.client.force_login(self.hr)
        with self.captureOnCommitCallbacks(execute=True):
            answer = self.client.post(
                reverse("people:invite", args=[self.group.pk, self.person.pk]), {"email": "Ellen@FVG.example"}
            )
        self.assertRedirects(answer, reverse("people:group", args=[self.group.pk]))
        self.client.logout()
        [message] = mail.outbox
        self.assertEqual(message.to, ["ellen@fvg.example"])
        path = link_in(message)
        page = self.client.get(path)
        self.assertContains(page, "ellen@fvg.example")
        self.assertContains(page, "När du har valt det kan du inte skriva under")
        answer = self.client.post(path, {"password": PASSWORD, "again": PASSWORD})
        self.assertRedirects(answer, reverse("home"), fetch_redirect_response=False)
        user = User.objects.get(email="ellen@fvg.example")
        self.assertEqual(self.client.session["_auth_user_id"], str(user.pk))
        self.assertTrue(user.check_password(PASSWORD))
        self.assertIsNotNone(user.activated_at)
        self.assertEqual((user.is_staff, user.is_superuser), (False, False))
        self.assertEqual(
            list(EmailAddress.objects.values_list("email", "verified", "primary").filter(user=user)),
            [("ellen@fvg.example", True, True)],
        )
        self.assertEqual(
            [row.history_verb for row in user.history.exclude(history_verb="")],
            ["change_proof", "activate", "invite"],
        )

    def test_a_link_works_once(self):
        _, path = self.invite()
        self.client.post(path, {"password": PASSWORD, "again": PASSWORD})
        self.client.logout()
        again = self.client.post(path, {"password": "ett-annat-losenord-8", "again": "ett-annat-losenord-8"})
        self.assertEqual(again.status_code, 410)
        self.assertTrue(User.objects.get(person=self.person).check_password(PASSWORD))

    def test_a_link_lives_for_seven_days(self):
        user, _ = self.invite()
        made = timezone.now().replace(tzinfo=None)
        with mock.patch.object(invitations.tokens, "_now", return_value=made):
            uid, token = invitations.link_for(user).rstrip("/").split("/")[-2:]
        for age, works in (
            (timedelta(days=6, hours=23), True),
            (timedelta(days=7, minutes=1), False),
            (timedelta(minutes=-5), False),
        ):
            with self.subTest(age=age), mock.patch.object(invitations.tokens, "_now", return_value=made + age):
                self.assertEqual(invitations.invited(uid, token) == user, works)

    def test_every_broken_link_gets_the_same_answer(self):
        user, path = self.invite()
        other = make_user(make_person())
        uid, token = path.strip("/").split("/")[1:]
        other_uid = invitations.link_for(other).rstrip("/").split("/")[-2]
        broken = [
            (uid, "x"),
            (uid, token[:-1]),
            (uid, "-"),
            ("%00", token),
            ("MTIzNDU2", token),
            (other_uid, token),
            ("å", token),
            (uid, "c0-" + "a" * 32),
        ]
        bodies = set()
        for pair in broken:
            answer = self.client.get(reverse("people:activate", args=pair))
            self.assertEqual(answer.status_code, 410, pair)
            bodies.add(answer.content)
        self.assertEqual(len(bodies), 1)
        self.assertEqual(user.has_usable_password(), False)

    def test_a_new_address_kills_the_link_to_the_old_one(self):
        _, old = self.invite("fel@fvg.example")
        _, new = self.invite("ratt@fvg.example")
        self.assertEqual((self.client.get(old).status_code, self.client.get(new).status_code), (410, 200))
        self.assertEqual(User.objects.get(person=self.person).email, "ratt@fvg.example")

    def test_a_link_to_a_closed_log_in_is_dead(self):
        user, path = self.invite()
        user.is_active = False
        user.save()
        self.assertEqual(self.client.get(path).status_code, 410)

    def test_the_letter_that_is_kept_holds_no_link(self):
        self.invite()
        letter = Letter.objects.get()
        self.assertNotIn("/valkommen/", letter.body)
        self.assertIn(invitations.LINK, letter.body)
        self.assertNotIn(invitations.LINK, mail.outbox[0].body)

    def test_an_active_log_in_is_not_invited_again(self):
        user = make_user(make_person())
        with self.assertRaises(Refused):
            inviting.invite(user.person, email="ny@fvg.example", by=self.hr)
        self.assertEqual(User.objects.get(pk=user.pk).email, user.email)

    def test_an_address_of_somebody_else_is_refused_at_the_field(self):
        other = make_user(make_person())
        EmailAddress.objects.create(user=other, email="andra@fvg.example", verified=True)
        self.client.force_login(self.hr)
        for email in (other.email.upper(), "andra@fvg.example"):
            answer = self.client.post(reverse("people:invite", args=[self.group.pk, self.person.pk]), {"email": email})
            self.assertContains(answer, "Adressen hör redan till ett annat inlogg")
        self.assertEqual(User.objects.filter(person=self.person).count(), 0)

    def test_an_invitation_gives_and_takes_no_staff_rights(self):
        user, _ = self.invite()
        self.assertEqual(user.is_staff, False)
        user.is_staff = True
        user.save()
        self.invite()
        self.assertEqual(User.objects.get(person=self.person).is_staff, True)

    def test_only_somebody_with_a_seat_in_the_group_is_invited_there(self):
        stranger = make_person()
        self.client.force_login(self.hr)
        self.assertEqual(self.client.get(reverse("people:invite", args=[self.group.pk, stranger.pk])).status_code, 404)

    def test_those_who_do_not_keep_the_registry_invite_nobody(self):
        address = reverse("people:invite", args=[self.group.pk, self.person.pk])
        for role in ("secretary", "chair", "employer_rep", "auditor"):
            self.client.force_login(make_member(self.group, role))
            self.assertEqual(self.client.post(address, {"email": "x@fvg.example"}).status_code, 403, role)
        self.client.force_login(make_member(make_group("Annan grupp"), "hr"))
        self.assertEqual(self.client.post(address, {"email": "x@fvg.example"}).status_code, 404)
        self.assertEqual(User.objects.filter(person=self.person).count(), 0)

    def test_a_weak_or_mistyped_password_is_refused_in_swedish_and_nothing_is_kept(self):
        user, path = self.invite()
        for password, again, said in (
            ("kort", "kort", "minst 12 tecken"),
            ("password12345", "password12345", "vanligt"),
            (PASSWORD, PASSWORD + "x", "Lösenorden är inte lika"),
            ("ellen@fvg.example", "ellen@fvg.example", "lik"),
        ):
            with self.subTest(password=password):
                self.assertContains(self.client.post(path, {"password": password, "again": again}), said)
        self.assertEqual(User.objects.get(pk=user.pk).has_usable_password(), False)

    def test_a_forgotten_password_before_the_first_brings_the_invitation_again(self):
        self.invite()
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(reverse("account_reset_password"), {"email": "ellen@fvg.example"})
        self.assertEqual([message.subject for message in mail.outbox], ["Välkommen: välj ditt lösenord"] * 2)
        self.assertEqual(self.client.get(link_in(mail.outbox[1])).status_code, 200)

    def test_whoever_is_logged_in_on_the_computer_is_logged_out_first(self):
        _, path = self.invite()
        self.client.force_login(self.hr)
        self.client.post(path, {"password": PASSWORD, "again": PASSWORD})
        self.assertEqual(self.client.session["_auth_user_id"], str(User.objects.get(person=self.person).pk))

    def test_an_invitation_that_nobody_needs_is_not_sent_late(self):
        with self.captureOnCommitCallbacks():
            user = inviting.invite(self.person, email="ellen@fvg.example", by=self.hr)
        actions.activate(user, password=PASSWORD)
        from people.mail import deliver_waiting

        self.assertEqual(deliver_waiting(), 0)
        self.assertEqual(mail.outbox, [])
        letter = Letter.objects.get()
        self.assertEqual((letter.fault, letter.set_aside_at is not None), ("Inbjudan behövs inte längre.", True))
