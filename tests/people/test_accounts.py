"""Logging in and out: throttled, silent about who exists, over when the mandate is, and with links to this site only."""

import re
from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.test import Client, TestCase, override_settings
from django.urls import reverse

from people import actions, inviting
from people.models import Mandate, User, today
from tests.factories import PASSWORD, make_group, make_mandate, make_member, make_person, make_second_step, make_user


class Committing(Client):
    """A browser whose requests commit, so that the mail leaves."""

    def request(self, **asked):
        with TestCase.captureOnCommitCallbacks(execute=True):
            return super().request(**asked)


class AccountTestCase(TestCase):
    client_class = Committing

    def setUp(self):
        cache.clear()
        self.group = make_group()
        self.user = make_member(self.group, "secretary", "Siv Skrivare")

    def log_in(self, email=None, password=PASSWORD, **extra):
        return self.client.post(reverse("account_login"), {"login": email or self.user.email, "password": password}, **extra)

    def prove(self, password=PASSWORD, **more):
        """Give the password once more, as what is protected asks for."""
        return self.client.post(reverse("account_reauthenticate"), {"password": password, **more})

    def is_in(self, client=None):
        return (client or self.client).get(reverse("people:profile")).status_code == 200


class LogInTests(AccountTestCase):
    def test_nobody_signs_up(self):
        before = User.objects.count()
        answer = self.client.post(reverse("account_signup"), {"email": "ny@fvg.example", "password1": "tre-gula-cyklar-i-regn"})
        self.assertNotEqual(answer.status_code, 500)
        self.assertEqual(User.objects.count(), before)

    def test_a_mandate_opens_the_door(self):
        self.assertRedirects(self.log_in(), reverse("home"), fetch_redirect_response=False)
        self.assertTrue(self.is_in())

    def test_without_a_mandate_today_the_door_is_kindly_shut(self):
        Mandate.objects.all().delete()
        for starts, ends in ((today() - timedelta(days=9), today() - timedelta(days=1)), (today() + timedelta(days=1), None)):
            make_mandate(self.user, self.group, "secretary", starts=starts, ends=ends)
        answer = self.client.post(reverse("account_login"), {"login": self.user.email, "password": PASSWORD}, follow=True)
        self.assertContains(answer, "du har inget uppdrag som gäller i dag")
        self.assertFalse(self.is_in())

    def test_a_system_administrator_needs_no_mandate(self):
        admin = make_user(None, is_staff=True)
        self.log_in(admin.email)
        self.assertTrue(self.is_in())

    def test_a_closed_log_in_stays_closed(self):
        self.user.is_active = False
        self.user.save()
        self.log_in()
        self.assertFalse(self.is_in())

    def test_guessing_is_stopped_and_says_so_in_swedish(self):
        for _ in range(5):
            self.assertContains(self.log_in(password="fel-losenord"), "lösenordet är felaktigt")
        answer = self.log_in()
        self.assertFalse(self.is_in())
        self.assertContains(answer, "För många misslyckade inloggningsförsök")

    def test_another_host_name_does_not_give_new_guesses(self):
        for number in range(5):
            self.log_in(password="fel-losenord", headers={"host": ["testserver", "localhost"][number % 2]})
        self.log_in(headers={"host": "localhost"})
        self.assertFalse(self.is_in())

    def test_the_session_gets_a_new_key_at_log_in_and_when_the_password_is_proved_again(self):
        self.client.get(reverse("account_login"))
        keys = [self.client.session.session_key]
        self.log_in()
        keys.append(self.client.session.session_key)
        self.client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        keys.append(self.client.session.session_key)
        self.assertEqual(len(set(keys)), 3)
        self.assertEqual([Session.objects.filter(pk=key).exists() for key in keys[1:]], [False, True])
        self.assertTrue(self.is_in())
        self.assertContains(self.client.get(reverse("usersessions_list")), "Den här")


class GuessingTests(AccountTestCase):
    """Whoever guesses is slowed, wherever they sit; whose log-in it is comes in all the same."""

    def guess(self, *, address, times=1, email=None, password="fel-losenord"):
        for _ in range(times):
            answer = self.log_in(email, password, REMOTE_ADDR=address)
        return answer

    def guess_from_everywhere(self, email=None):
        """Some wrong passwords from each of many addresses: more than a log-in takes, less than each address may."""
        for number in range(11):
            answer = self.guess(address=f"198.51.100.{number}", times=2, email=email)
        return answer

    def test_guesses_from_another_address_do_not_keep_the_owner_out(self):
        self.guess(address="198.51.100.1", times=6)
        self.log_in()
        self.assertTrue(self.is_in())

    def test_a_guesser_at_one_address_is_stopped_whichever_of_the_e_mail_addresses_they_try(self):
        EmailAddress.objects.create(user=self.user, email="siv@edu.fvg.example", verified=True)
        self.guess(address="198.51.100.1", times=3)
        self.guess(address="198.51.100.1", times=2, email="SIV@edu.fvg.example ")
        answer = self.guess(address="198.51.100.1", password=PASSWORD)
        self.assertContains(answer, "Vänta fem minuter")
        self.assertFalse(self.is_in())

    def test_a_guesser_at_one_address_is_stopped_whatever_they_guess_at(self):
        for number in range(50):
            self.guess(address="198.51.100.1", email=f"okand{number}@fvg.example")
        self.guess(address="198.51.100.1", password=PASSWORD)  # a colleague behind the same address
        self.assertTrue(self.is_in())
        self.client.logout()
        for number in range(50):
            self.guess(address="198.51.100.1", email=f"okand{number}@fvg.example")
        self.assertContains(self.guess(address="198.51.100.1", password=PASSWORD), "Vänta fem minuter")
        self.assertFalse(self.is_in())

    def test_a_log_in_guessed_at_from_everywhere_takes_no_password_alone_and_the_owner_gets_in_by_a_link(self):
        self.guess_from_everywhere()
        self.assertContains(self.log_in(), "just nu räcker inte lösenordet ensamt")
        self.assertFalse(self.is_in())
        self.assertContains(self.client.get(reverse("account_login")), "Glömt lösenordet?")
        self.client.post(reverse("account_reset_password"), {"email": self.user.email})
        path = next(word for word in mail.outbox[-1].body.split() if "/key/" in word).removeprefix("https://fvg.example")
        form = self.client.get(path, follow=True).request["PATH_INFO"]
        self.client.post(form, {"password1": "fyra-gula-cyklar-i-sol", "password2": "fyra-gula-cyklar-i-sol"})
        self.assertTrue(self.is_in())

    def letter(self):
        return next(message for message in mail.outbox if "/det-ar-jag/" in message.body)

    def follow(self, client=None):
        path = next(word for word in self.letter().body.split() if "/det-ar-jag/" in word).removeprefix("https://fvg.example")
        return (client or self.client).get(path)

    def test_the_owner_is_told_once_and_gets_in_with_the_same_password_by_the_link_and_may_sign(self):
        self.guess_from_everywhere()
        self.log_in()
        self.assertFalse(self.is_in())
        self.assertEqual([message.to for message in mail.outbox], [[self.user.email]])
        self.assertNotIn("Ingen har kommit in", self.letter().body)  # who has the right password leaves no trace among the wrong
        self.assertIn("Vi kan inte se om någon annan redan har ditt lösenord", self.letter().body)
        self.assertRedirects(self.follow(), reverse("account_login"))
        self.assertFalse(self.is_in())
        self.log_in()
        self.assertTrue(self.is_in())
        user = User.objects.get(pk=self.user.pk)
        self.assertEqual((user.signs_from, user.check_password(PASSWORD)), (None, True))

    def test_the_link_gives_a_thief_of_the_mailbox_neither_a_log_in_nor_more_guesses(self):
        self.guess_from_everywhere()
        self.follow()
        for _ in range(5):
            self.log_in(password="fel-losenord")
        self.assertContains(self.log_in(), "Vänta fem minuter")
        self.assertFalse(self.is_in())

    def test_somebody_behind_the_same_address_does_not_use_up_the_tries_of_the_owner_with_the_link(self):
        self.guess_from_everywhere()
        self.guess(address="127.0.0.1", times=6)
        self.follow()
        self.log_in()
        self.assertTrue(self.is_in())

    def test_the_link_is_for_one_log_in_and_asks_for_the_second_step(self):
        other = make_member(self.group, "chair")
        self.guess_from_everywhere(other.email)
        mail.outbox.clear()
        self.guess_from_everywhere()
        self.follow()
        self.assertContains(self.log_in(other.email), "just nu räcker inte lösenordet ensamt")
        make_second_step(self.user)
        self.assertRedirects(self.log_in(), reverse("mfa_authenticate"), fetch_redirect_response=False)

    def test_a_link_that_is_made_up_or_to_an_address_since_changed_is_nobody_s(self):
        self.guess_from_everywhere()
        User.objects.filter(pk=self.user.pk).update(email="ny@fvg.example")
        self.assertEqual(self.follow().status_code, 410)
        self.assertEqual(self.client.get(reverse("people:recognise", args=["x"])).status_code, 410)

    def test_a_log_in_guessed_at_from_everywhere_opens_with_password_and_second_step(self):
        code = make_second_step(self.user)
        self.guess_from_everywhere()
        self.assertRedirects(self.log_in(), reverse("mfa_authenticate"), fetch_redirect_response=False)
        self.assertFalse(self.is_in())
        self.client.post(reverse("mfa_authenticate"), {"code": code})
        self.assertTrue(self.is_in())

    def test_a_link_does_not_pass_by_the_second_step(self):
        make_second_step(self.user)
        self.client.post(reverse("account_reset_password"), {"email": self.user.email})
        path = next(word for word in mail.outbox[0].body.split() if "/key/" in word).removeprefix("https://fvg.example")
        form = self.client.get(path, follow=True).request["PATH_INFO"]
        answer = self.client.post(form, {"password1": "fyra-gula-cyklar-i-sol", "password2": "fyra-gula-cyklar-i-sol"})
        self.assertRedirects(answer, reverse("mfa_authenticate"), fetch_redirect_response=False)
        self.assertFalse(self.is_in())

    def test_nobody_learns_from_the_refusal_which_password_was_right_nor_who_has_an_account(self):
        other = make_member(self.group, "chair")
        make_second_step(other)
        told = set()
        for email, password in (
            (self.user.email, PASSWORD),
            (self.user.email, "fel-losenord"),
            (other.email, "fel-losenord"),
            ("okand@fvg.example", PASSWORD),
        ):
            cache.clear()
            self.guess_from_everywhere(email)
            told.add(tuple(self.log_in(email, password).context["form"].non_field_errors()))
        self.assertEqual(len(told), 1)
        self.assertIn("just nu räcker inte lösenordet ensamt", str(told))

    def test_a_right_password_that_is_refused_is_counted_as_a_guess(self):
        """Else the one that is never stopped for its number would be the right one."""
        self.guess_from_everywhere()
        answer = self.guess(address="198.51.100.99", times=6, password=PASSWORD)
        self.assertContains(answer, "Vänta fem minuter")

    def test_who_is_logged_in_proves_themself_while_others_guess(self):
        self.log_in()
        others = Client()
        for number in range(25):
            others.post(
                reverse("account_login"), {"login": self.user.email, "password": "fel"}, REMOTE_ADDR=f"198.51.100.{number}"
            )
        self.assertRedirects(self.prove(), reverse("home"), fetch_redirect_response=False)


class SilenceTests(AccountTestCase):
    def same(self, answers):
        """The bytes without what differs on every page: the address typed and the token of the form."""
        return {
            re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", answer.content.replace(email.encode(), b""))
            for email, answer in answers
        }

    def test_a_wrong_password_and_an_unknown_address_are_answered_alike(self):
        answers = [(email, self.log_in(email, "fel-losenord")) for email in (self.user.email, "okand@fvg.example")]
        self.assertEqual(len(self.same(answers)), 1)
        self.assertEqual([answer.status_code for _, answer in answers], [200, 200])

    def test_an_unknown_address_costs_a_password_check_too(self):
        from unittest import mock

        with mock.patch("people.models.User.set_password") as checked:
            self.log_in("okand@fvg.example", "fel-losenord")
        self.assertEqual(checked.call_count, 1)

    def test_a_forgotten_password_is_answered_alike_and_both_get_one_mail(self):
        answers = []
        for email in (self.user.email, "okand@fvg.example"):
            answers.append((email, self.client.post(reverse("account_reset_password"), {"email": email}, follow=True)))
        self.assertEqual(len(self.same(answers)), 1)
        self.assertEqual(
            [(message.to, message.subject) for message in mail.outbox],
            [([self.user.email], "Nytt lösenord"), (["okand@fvg.example"], "Nytt lösenord")],
        )


class ForgottenPasswordTests(AccountTestCase):
    def test_the_link_sets_a_new_password_once(self):
        self.client.post(reverse("account_reset_password"), {"email": self.user.email})
        path = next(word for word in mail.outbox[0].body.split() if "/key/" in word).removeprefix("https://fvg.example")
        answer = self.client.get(path, follow=True)
        new = "fyra-gula-cyklar-i-sol"
        self.client.post(answer.request["PATH_INFO"], {"password1": new, "password2": new})
        self.assertTrue(User.objects.get(pk=self.user.pk).check_password(new))
        self.assertContains(Client().get(path), "Länken gäller inte längre")

    @override_settings(ALLOWED_HOSTS=["*"])
    def test_links_in_mail_never_follow_the_host_of_the_request(self):
        headers = [
            {"host": "elak.example"},
            {"host": "fvg.example.elak.example"},
            {"x-forwarded-host": "elak.example"},
            {"forwarded": "host=elak.example"},
        ]
        for extra in headers:
            for email in (self.user.email, "okand@fvg.example"):
                cache.clear()
                self.client.post(reverse("account_reset_password"), {"email": email}, headers=extra)
        self.assertEqual(len(mail.outbox), 2 * len(headers))
        for message in mail.outbox:
            self.assertEqual({word.split("/")[2] for word in message.body.split() if "://" in word}, {"fvg.example"})
            self.assertNotIn("elak", message.message().as_bytes().decode())

    def test_a_mail_server_that_is_down_breaks_no_page(self):
        down = override_settings(
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=9
        )
        with down, self.assertLogs("people.accounts", "ERROR"):
            answer = self.client.post(reverse("account_reset_password"), {"email": self.user.email})
        self.assertEqual(answer.status_code, 302)

    def test_next_leads_nowhere_else(self):
        for elsewhere in (
            "https://elak.example/",
            "//elak.example",
            "/\\elak.example",
            "https:elak.example",
            "javascript:alert(1)",
            "\thttps://elak.example",
        ):
            self.client.logout()
            answer = self.client.post(
                reverse("account_login"), {"login": self.user.email, "password": PASSWORD, "next": elsewhere}
            )
            self.assertEqual((answer.status_code, answer.headers["Location"]), (302, "/"), elsewhere)


class ForgottenAtTests(AccountTestCase):
    """Whoever reads a mailbox that the owner of the log-in has not shown to be theirs gets no way in."""

    def test_a_link_goes_to_confirmed_addresses_only(self):
        EmailAddress.objects.create(user=self.user, email="andra@fvg.example", verified=True)
        EmailAddress.objects.create(user=self.user, email="obekraftad@fvg.example", verified=False)
        for email, sent in ((self.user.email, True), ("andra@fvg.example", True), ("obekraftad@fvg.example", False)):
            with self.subTest(email):
                mail.outbox.clear()
                answer = self.client.post(reverse("account_reset_password"), {"email": email})
                self.assertRedirects(answer, reverse("account_reset_password_done"))
                self.assertEqual([letter.to for letter in mail.outbox], [[email]])
                self.assertEqual("/key/" in mail.outbox[0].body, sent)


class SessionTests(AccountTestCase):
    def test_the_session_ends_when_the_mandate_does(self):
        self.log_in()
        self.assertTrue(self.is_in())
        mandate = Mandate.objects.get(person=self.user.person)
        mandate.ends = today() - timedelta(days=1)
        mandate.save()
        answer = self.client.get(reverse("people:profile"))
        self.assertEqual((answer.status_code, answer.headers["Location"].split("?")[0]), (302, reverse("account_login")))
        self.assertNotIn("_auth_user_id", self.client.session)

    def test_the_session_ends_when_the_group_is_closed(self):
        self.log_in()
        self.group.valid_to = today() - timedelta(days=1)
        self.group.save()
        self.assertFalse(self.is_in())

    def test_an_hour_of_silence_ends_the_session(self):
        self.log_in()
        self.assertTrue(self.is_in())
        session = self.client.session
        session["seen"] -= 59 * 60
        session.save()
        self.assertTrue(self.is_in())
        session = self.client.session
        session["seen"] -= 61 * 60
        session.save()
        self.assertFalse(self.is_in())

    def test_logging_out_everywhere_ends_every_session_of_mine_and_no_other(self):
        self.log_in()
        elsewhere, forced, stranger = Client(), Client(), Client()
        elsewhere.post(reverse("account_login"), {"login": self.user.email, "password": PASSWORD})
        forced.force_login(self.user)  # a session that no list knows of
        stranger.force_login(make_member(self.group, "chair"))
        self.client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        answer = self.client.post(reverse("people:logout_everywhere"))
        self.assertRedirects(answer, reverse("account_login"), fetch_redirect_response=False)
        self.assertEqual(
            [self.is_in(client) for client in (self.client, elsewhere, forced, stranger)], [False, False, False, True]
        )

    def test_looking_at_the_address_logs_nobody_out(self):
        self.log_in()
        self.assertEqual(self.client.get(reverse("people:logout_everywhere")).status_code, 405)
        self.assertTrue(self.is_in())

    def test_a_new_password_ends_the_other_sessions(self):
        self.log_in()
        elsewhere = Client()
        elsewhere.force_login(self.user)
        new = "fyra-gula-cyklar-i-sol"
        self.client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})
        self.assertEqual([self.is_in(self.client), self.is_in(elsewhere)], [True, False])


class AddressTests(AccountTestCase):
    def add(self, email):
        self.log_in()
        self.prove()
        self.client.post(reverse("account_email"), {"email": email, "action_add": "1"})

    def confirm(self, message):
        path = next(word for word in message.body.split() if "/confirm-email/" in word).removeprefix("https://fvg.example")
        return self.client.post(path)

    def test_one_may_have_several_addresses_and_choose_where_notices_go_without_an_administrator(self):
        old = self.user.email
        self.add("siv@edu.fvg.example")
        [message] = [message for message in mail.outbox if message.to == ["siv@edu.fvg.example"]]
        self.confirm(message)
        self.client.post(reverse("account_email"), {"email": "siv@edu.fvg.example", "action_primary": "1"})
        user = User.objects.get(pk=self.user.pk)
        self.assertEqual((user.email, user.person.address), ("siv@edu.fvg.example",) * 2)
        self.assertEqual(user.history.first().history_user, self.user)
        for email in (old, "siv@edu.fvg.example"):
            self.client.logout()
            self.log_in(email)
            self.assertTrue(self.is_in(), email)

    def test_an_address_that_is_not_confirmed_is_no_primary_and_opens_nothing(self):
        self.add("siv@edu.fvg.example")
        self.client.post(reverse("account_email"), {"email": "siv@edu.fvg.example", "action_primary": "1"})
        self.assertEqual(User.objects.get(pk=self.user.pk).email, self.user.email)
        self.client.logout()
        self.log_in("siv@edu.fvg.example")
        self.assertFalse(self.is_in())

    def test_the_address_of_somebody_else_is_not_added(self):
        invited = inviting.invite(make_person(), email="ny@fvg.example", by=self.user)
        for other in (make_user(make_person()), invited):
            self.add(other.email)
        self.assertEqual(EmailAddress.objects.filter(user=self.user).count(), 1)
        self.assertNotIn("/confirm-email/", "".join(message.body for message in mail.outbox))

    def test_five_addresses_are_enough(self):
        self.log_in()
        self.prove()
        for number in range(7):
            cache.clear()
            self.client.post(reverse("account_email"), {"email": f"siv{number}@fvg.example", "action_add": "1"})
        self.assertEqual(EmailAddress.objects.filter(user=self.user).count(), 5)

    def test_an_invited_address_cannot_be_taken_by_somebody_who_never_confirmed_it(self):
        squatter = make_user(make_person())
        EmailAddress.objects.create(user=squatter, email="ny@fvg.example", verified=False)
        person = make_person()
        make_mandate(person, self.group, "chair")
        invited = inviting.invite(person, email="ny@fvg.example", by=self.user)
        self.assertEqual(EmailAddress.objects.filter(user=squatter, email="ny@fvg.example").count(), 0)
        actions.activate(invited, password="fyra-gula-cyklar-i-sol")
        self.log_in("ny@fvg.example", "fyra-gula-cyklar-i-sol")
        self.assertEqual(self.client.session["_auth_user_id"], str(invited.pk))


class LogTests(AccountTestCase):
    """Somebody who tries to get in leaves a line, without what was typed."""

    def lines(self, **tried):
        with self.assertLogs("people.accounts", "WARNING") as log:
            self.log_in(**tried)
        return log.output

    def test_a_failed_log_in_tells_whose_it_was_and_no_word_of_what_was_typed(self):
        told = self.lines(password="hemligt-fel-losenord")
        self.assertEqual(told, [f"WARNING:people.accounts:log-in failed: user {self.user.pk}"])

    def test_an_unknown_address_is_told_from_others_and_not_told(self):
        told = [self.lines(email=email)[0] for email in ("a@annan.example", "A@annan.example", "b@annan.example")]
        self.assertEqual((told[0] == told[1], told[0] == told[2]), (True, False))
        self.assertRegex(told[0], r"^WARNING:people.accounts:log-in failed: no such user \([0-9a-f]{8}\)$")

    def test_too_many_tries_are_told(self):
        told = [self.lines(password="fel")[-1] for _ in range(6)]
        self.assertEqual(told[-1], f"WARNING:people.accounts:log-in refused after too many tries: user {self.user.pk}")

    def test_a_password_that_is_asked_for_again_and_a_wrong_code_are_told(self):
        self.client.force_login(self.user)
        with self.assertLogs("people.accounts", "WARNING") as log:
            self.client.post(reverse("account_reauthenticate"), {"password": "fel"})
            authentication_failed.send(sender=Authenticator, request=None, user=self.user, authenticator=None)
        self.assertEqual(
            log.output,
            [f"WARNING:people.accounts:{what}: user {self.user.pk}" for what in ("log-in failed", "second step failed")],
        )

    def test_a_wrong_old_password_is_told(self):
        self.client.force_login(self.user)
        new = {"password1": "fyra-gula-cyklar-i-sol", "password2": "fyra-gula-cyklar-i-sol"}
        with self.assertLogs("people.accounts", "WARNING") as log:
            self.client.post(reverse("account_change_password"), {"oldpassword": "fel", **new})
        told = f"WARNING:people.accounts:wrong password from somebody who is logged in: user {self.user.pk}"
        self.assertEqual(log.output, [told])
