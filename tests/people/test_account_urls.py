"""Every address of the log-in package: it asks for the proof, tells, is logged and pauses signing, or changes nothing."""

from collections.abc import Callable
from io import StringIO
from unittest import mock

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client, TestCase
from django.urls import reverse

from people import actions, allauth, inviting
from people.account_urls import ASKS_ITSELF, BY_LINK, HARMLESS
from people.models import Letter, Proof, User
from people.proof import Proved
from record.models import Event
from tests import factories as make
from tests.people.test_accounts import Committing

NEW = "fyra-gula-cyklar-i-sol"
NAMES = {name for patterns in allauth.FOLDERS.values() for name in allauth.names(patterns)}
# Every way to change something: the address and what is sent to it → what has then happened.
WAYS: dict[str, tuple[str, dict[str, str], Proof]] = {
    "add an address": ("account_email", {"email": "ny@fvg.example", "action_add": "1"}, Proof.ADDRESS_ADDED),
    "remove one": ("account_email", {"email": "andra@fvg.example", "action_remove": "1"}, Proof.ADDRESS_REMOVED),
    "make one primary": ("account_email", {"email": "andra@fvg.example", "action_primary": "1"}, Proof.PRIMARY),
    "another password": (
        "account_change_password",
        {"oldpassword": make.PASSWORD, "password1": NEW, "password2": NEW},
        Proof.PASSWORD,
    ),
    "begin with a second step": ("mfa_activate_totp", {"code": "123456"}, Proof.STEP_ADDED),
    "end the second step": ("mfa_deactivate_totp", {}, Proof.STEP_REMOVED),
    "new recovery codes": ("mfa_generate_recovery_codes", {}, Proof.CODES),
    "end other sessions": ("usersessions_list", {}, Proof.SESSIONS),
    "log out everywhere": ("people:logout_everywhere", {}, Proof.SESSIONS),
}
# What is listed as watched, and cannot change anything of somebody who is logged in with a password.
WITHOUT_A_WAY = {"account_set_password": "only for a log-in without a password, which nobody is logged in with"}


class WatchedTestCase(TestCase):
    client_class = Committing

    def setUp(self):
        cache.clear()
        self.group, self.below = make.make_group(), make.make_group("SVG Skogen", kind="svg")
        self.user = make.make_member(self.group, "chair", "Siv Skrivare")
        make.make_mandate(self.user, self.below, "employer_rep")
        self.elsewhere = make.make_group("SVG Sjön", kind="svg")
        make.make_mandate(self.user, self.elsewhere, "auditor")
        EmailAddress.objects.create(user=self.user, email="andra@fvg.example", verified=True)
        EmailAddress.objects.create(user=self.user, email="obekraftad@fvg.example", verified=False)

    def log_in(self, client: Client | None = None) -> None:
        (client or self.client).post(reverse("account_login"), {"login": self.user.email, "password": make.PASSWORD})

    def prove(self, **more: str) -> None:
        self.client.post(reverse("account_reauthenticate"), {"password": make.PASSWORD, **more})

    def picture(self) -> Proved:
        return Proved.of(self.user.pk)

    def told(self) -> list[str]:
        return sorted(Letter.objects.filter(kind="proof_changed").values_list("address", flat=True))

    def changed(self, kind: Proof) -> None:
        """All confirmed addresses have been told, the logs where the person can sign have it, and signing waits."""
        user = User.objects.get(pk=self.user.pk)
        self.assertEqual(self.told(), sorted(["andra@fvg.example", self.user.email]))
        events = Event.objects.filter(kind="proof_changed").select_related("payload", "chain")
        self.assertEqual({event.chain for event in events}, {self.group.chain, self.below.chain})
        for event in events:
            self.assertEqual(event.payload.data, {"changes": [kind.value], "user": user.pk})
        self.assertEqual((user.proof_change, user.signs_from is not None), (kind, True))
        self.assertNotIn("@", "".join(str(event.payload.data) for event in events))

    def unchanged(self, before: Proved) -> None:
        self.assertEqual(self.picture(), before)
        self.assertEqual((self.told(), Event.objects.filter(kind="proof_changed").count()), ([], 0))
        self.assertIsNone(User.objects.get(pk=self.user.pk).proof_changed_at)


class ListTests(WatchedTestCase):
    def test_every_address_is_harmless_with_a_reason_or_has_a_way_here(self):
        ways = {name for name, _, _ in WAYS.values()} | BY_LINK | WITHOUT_A_WAY.keys()
        self.assertEqual(NAMES, {name for name in HARMLESS.keys() | ways if ":" not in name})
        self.assertEqual(HARMLESS.keys() & ways, set())
        for reason in (*HARMLESS.values(), *WITHOUT_A_WAY.values()):
            self.assertGreater(len(reason), 10)

    def test_what_is_harmless_changes_nothing(self):
        """Whatever is sent there, by somebody who is logged in and has just given the password."""
        everything = {key: value for _, data, _ in WAYS.values() for key, value in data.items()}
        self.log_in()
        for name in sorted(HARMLESS):
            before = self.picture()
            for data in ({}, everything):
                cache.clear()
                self.log_in()
                self.prove()
                self.client.get(reverse(name))
                self.client.post(reverse(name), data)
            after = self.picture()
            self.assertEqual(before._replace(sessions=0), after._replace(sessions=0), name)


class WayTests(WatchedTestCase):
    """Each way, in a session that somebody left open, and by its owner."""

    def each(self, do: Callable[[str, str, dict[str, str], Proof], None]) -> None:
        """Walk every way, each from the same beginning."""
        for way, (name, data, kind) in WAYS.items():
            with self.subTest(way), mock.patch("allauth.mfa.totp.internal.auth.hotp_value", return_value=123456):
                beginning = transaction.savepoint()
                try:
                    self.client, self.recovery = self.client_class(), ""
                    cache.clear()
                    self.stage(way)
                    self.enter()
                    do(name, reverse(name), data, kind)
                finally:
                    transaction.savepoint_rollback(beginning)

    def stage(self, way: str) -> None:
        if way in ("end the second step", "new recovery codes"):
            self.recovery = make.make_second_step(self.user)
        if way == "begin with a second step":  # one may not as long as an address is not confirmed
            EmailAddress.objects.filter(email="obekraftad@fvg.example").delete()
        if way == "end other sessions":
            self.log_in(Committing())

    def codes(self) -> list[str]:
        return Authenticator.objects.get(user=self.user, type="recovery_codes").wrap().get_unused_codes()

    def enter(self) -> None:
        self.log_in()
        if self.recovery:
            self.client.post(reverse("mfa_authenticate"), {"code": self.codes()[0]})
        self.assertEqual(self.client.get(reverse("people:profile")).status_code, 200)

    def test_an_open_session_changes_nothing(self):
        def do(name, address, data, kind):
            before = self.picture()
            answer = self.client.post(address, data | ({"oldpassword": "gissning"} if "oldpassword" in data else {}))
            if name in ASKS_ITSELF:
                self.assertEqual(answer.status_code, 200)
            else:
                self.assertEqual(answer.headers["Location"].partition("?")[0], reverse("account_reauthenticate"))
            self.unchanged(before)

        self.each(do)

    def test_the_password_alone_changes_nothing_for_who_has_a_second_step(self):
        def do(name, address, data, kind):
            if not self.recovery:
                make.make_second_step(self.user)
            before = self.picture()
            self.prove()
            self.client.post(reverse("mfa_reauthenticate"), {"code": self.codes()[0]})
            self.client.post(address, data)
            self.unchanged(before)

        self.each(do)

    def test_the_owner_changes_it_and_it_is_told_logged_and_pauses(self):
        def do(name, address, data, kind):
            before = self.picture()
            self.prove(**({"code": self.codes()[0]} if self.recovery else {}))
            if name == "mfa_activate_totp":
                self.client.get(address)
            self.client.post(address, data)
            self.assertNotEqual(self.picture(), before)
            self.changed(kind)

        self.each(do)

    def test_what_was_sent_goes_on_by_itself_after_the_password(self):
        self.log_in()
        address = reverse("account_email")
        answer = self.client.post(address, {"email": "ny@fvg.example", "action_add": "1"})
        self.client.post(answer.headers["Location"], {"password": make.PASSWORD})
        self.changed(Proof.ADDRESS_ADDED)
        self.assertIn("ny@fvg.example", self.picture().addresses)

    def test_who_has_a_second_step_gives_its_code_for_another_password(self):
        make.make_second_step(self.user)
        code = self.codes()[1]
        self.client.force_login(self.user)
        data = {"oldpassword": make.PASSWORD, "password1": NEW, "password2": NEW, "code": code}
        self.client.post(reverse("account_change_password"), data | {"password2": "en-annan-mening-alls"})
        self.client.post(reverse("account_change_password"), data)  # the slip above has not cost the code
        self.changed(Proof.PASSWORD)


class LinkTests(WatchedTestCase):
    """What is done by a link in a mail, by somebody who may not be able to log in."""

    def path(self, sign: str) -> str:
        [message] = [message for message in mail.outbox if sign in message.body]
        return next(word for word in message.body.split() if sign in word).removeprefix("https://fvg.example")

    def reset(self) -> None:
        self.client.post(reverse("account_reset_password"), {"email": self.user.email})
        answer = self.client.get(self.path("/key/"), follow=True)
        self.client.post(answer.request["PATH_INFO"], {"password1": NEW, "password2": NEW})

    def test_a_password_chosen_by_mail_is_told_logged_and_pauses(self):
        self.reset()
        self.changed(Proof.RESET)
        self.assertTrue(User.objects.get(pk=self.user.pk).check_password(NEW))

    def test_it_does_not_replace_the_second_step(self):
        code = make.make_second_step(self.user)
        self.reset()
        self.client.post(reverse("account_login"), {"login": self.user.email, "password": NEW})
        self.assertEqual(self.client.get(reverse("people:profile")).status_code, 302)
        self.client.post(reverse("mfa_authenticate"), {"code": code})
        self.assertEqual(self.client.get(reverse("people:profile")).status_code, 200)

    def test_an_address_that_is_confirmed_is_told_to_the_old_ones(self):
        self.log_in()
        self.client.post(reverse("account_email"), {"email": "obekraftad@fvg.example", "action_send": "1"})
        self.prove()
        self.client.post(reverse("account_email"), {"email": "obekraftad@fvg.example", "action_send": "1"})
        self.client.get(self.path("/confirm-email/"))
        self.assertEqual(self.told(), [])
        self.client.logout()
        self.client.post(self.path("/confirm-email/"))
        self.changed(Proof.ADDRESS_CONFIRMED)

    def test_a_link_that_is_made_up_changes_nothing(self):
        before = self.picture()
        for name, kwargs in (
            ("account_confirm_email", {"key": "x:y:z"}),
            ("account_reset_password_from_key", {"uidb36": "zzzzzzzzzzzzzzzzzzzzzzz", "key": "set-password"}),
            ("account_reset_password_from_key", {"uidb36": "zzzz", "key": "set-password"}),
            ("account_reset_password_from_key", {"uidb36": "zzzzzzzzzzzzz", "key": "set-password"}),
        ):
            for ask in (self.client.get, self.client.post):
                self.assertIn(ask(reverse(name, kwargs=kwargs)).status_code, (200, 404))
        self.unchanged(before)


class CommandTests(WatchedTestCase):
    """Whoever has the server chooses a password for somebody: told, logged and paused for as if it were done on a page."""

    def choose(self, email: str, password: str = NEW) -> None:
        with mock.patch("people.management.commands.changepassword.Command._get_pass", return_value=password):
            call_command("changepassword", email, stdout=StringIO(), stderr=StringIO())

    def test_another_password_from_the_command_line_is_a_change_of_proof(self):
        self.choose(self.user.email.upper())
        self.assertTrue(User.objects.get(pk=self.user.pk).check_password(NEW))
        self.changed(Proof.PASSWORD)

    def test_one_that_is_refused_changes_nothing(self):
        before = self.picture()
        for email, password in ((self.user.email, "kort"), ("ingen@fvg.example", NEW)):
            with self.assertRaises(CommandError):
                self.choose(email, password)
        self.unchanged(before)


class FirstPasswordTests(WatchedTestCase):
    def test_the_first_password_pauses_signing_and_is_in_the_logs_and_nobody_gets_a_letter(self):
        """Those who were told where the invitation went have a day to say that it is not the person."""
        person = make.make_person()
        make.make_mandate(person, self.group, "chair")
        user = inviting.invite(person, email="ny@fvg.example", by=self.user)
        actions.activate(user, password=NEW)
        stored = User.objects.get(pk=user.pk)
        self.assertEqual((stored.proof_change, stored.signs_from is not None), ("first", True))
        event = Event.objects.select_related("payload").get(kind="proof_changed", chain=self.group.chain)
        self.assertEqual(event.payload.data, {"changes": ["first"], "user": user.pk})
        self.assertEqual(self.told(), [])


class TogetherTests(WatchedTestCase):
    def test_when_it_cannot_be_told_it_is_not_changed(self):
        self.log_in()
        self.prove()
        before = self.picture()
        broken = mock.patch("people.proof.mail.tell", side_effect=ZeroDivisionError)
        with broken, self.assertLogs("django.request", "ERROR"), self.assertRaises(ZeroDivisionError):
            self.client.post(reverse("account_email"), {"email": "andra@fvg.example", "action_remove": "1"})
        self.unchanged(before)
