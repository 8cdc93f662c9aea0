"""However many log in at once, few passwords are hashed and few threads wait, and whoever is in signs all the same."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from allauth.core.context import request_context
from django.contrib.auth.hashers import PBKDF2PasswordHasher, check_password
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db import connection
from django.test import RequestFactory, SimpleTestCase, TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from people import hashing, invitations
from people.models import User
from protocol.forms import SignForm
from tests.factories import PASSWORD, make_group, make_member, make_person, make_user

OTHERS = 100


class Quick(hashing.InTurn):
    """The hasher of production, with less to do."""

    iterations = 1


def asked_by(user):
    request = RequestFactory().post("/")
    request.user = user
    return request_context(request)


@contextmanager
def crowd(turns, limits):
    """Somebody is at it, and as many wait as may."""
    with turns.one(patience=0, queue=0), patch.dict(limits, queue=0):
        yield


class HashingTests(SimpleTestCase):
    def test_of_a_hundred_strangers_at_once_one_is_hashed_and_one_waits(self):
        may_end, refused, lock = threading.Event(), [], threading.Lock()
        hashed, at_once, most = [], [], []

        def encode(self, *args, **kwargs):
            hashed.append(1)
            at_once.append(1)
            most.append(len(at_once))
            may_end.wait(30)
            at_once.pop()
            return "hashed"

        def log_in(number):
            with asked_by(AnonymousUser()):
                try:
                    hashing.InTurn().encode("fel", "salt")
                except hashing.Crowded:
                    with lock:
                        refused.append(number)
                        if len(refused) == OTHERS - 2:  # all but the one that is hashed, and the one that waits
                            may_end.set()

        waits = patch.dict(hashing.OF_STRANGERS, patience=30)
        with patch.object(PBKDF2PasswordHasher, "encode", encode), waits, ThreadPoolExecutor(OTHERS) as threads:
            list(threads.map(log_in, range(OTHERS)))
        self.assertEqual((len(hashed), max(most), len(refused)), (2, 1, OTHERS - 2))

    def test_a_command_asks_nobody(self):
        with crowd(hashing.STRANGERS, hashing.OF_STRANGERS), crowd(hashing.KNOWN, hashing.OF_KNOWN):
            self.assertTrue(Quick().encode("ord", "salt"))

    def test_in_production_every_password_is_hashed_by_turns(self):
        settings = (Path(__file__).parents[2] / "fvg" / "settings.py").read_text(encoding="utf-8")
        self.assertIn('\nPASSWORD_HASHERS = ["people.hashing.InTurn"]\n', settings)  # the tests have another, which is quick

    @override_settings(PASSWORD_HASHERS=["people.hashing.InTurn"])
    def test_a_password_that_was_hashed_before_still_opens(self):
        self.assertTrue(check_password(PASSWORD, PBKDF2PasswordHasher().encode(PASSWORD, "salt", 1)))

    def test_the_turn_is_free_again_whatever_happens(self):
        for _ in range(2):
            with self.assertRaises(ZeroDivisionError), asked_by(AnonymousUser()), hashing.turn():
                raise ZeroDivisionError


@override_settings(PASSWORD_HASHERS=["tests.people.test_hashing.Quick"])
class CrowdTests(TestCase):
    def setUp(self):
        cache.clear()
        self.user = make_member(make_group(), "secretary", "Siv Skrivare")
        self.user.set_password(PASSWORD)
        self.user.save()

    def log_in(self, email=None, password=PASSWORD):
        return self.client.post(reverse("account_login"), {"login": email or self.user.email, "password": password})

    def is_in(self):
        return self.client.get(reverse("people:profile")).status_code == 200

    def test_a_stranger_in_a_crowd_is_told_to_come_back(self):
        for email in (None, "okand@fvg.example"):  # an unknown address is hashed too, and told the same
            with crowd(hashing.STRANGERS, hashing.OF_STRANGERS):
                answer = self.log_in(email)
            self.assertContains(answer, "Många loggar in just nu", status_code=429)
            self.assertEqual(answer.headers["Retry-After"], "5")
        self.assertFalse(self.is_in())

    def test_to_turn_somebody_away_asks_nothing_of_the_database(self):
        with crowd(hashing.STRANGERS, hashing.OF_STRANGERS), self.assertNumQueries(0):
            self.log_in()

    def test_between_the_door_and_the_hash_the_turn_may_be_taken_and_the_try_counts_for_nothing(self):
        with crowd(hashing.STRANGERS, hashing.OF_STRANGERS), patch.object(hashing.STRANGERS, "full", return_value=False):
            for _ in range(7):
                self.assertEqual(self.log_in(password="fel-losenord").status_code, 429)
        self.log_in()
        self.assertTrue(self.is_in())

    def test_what_was_not_looked_at_is_no_guess(self):
        with crowd(hashing.STRANGERS, hashing.OF_STRANGERS):
            for _ in range(7):
                self.log_in(password="fel-losenord")
        self.log_in()
        self.assertTrue(self.is_in())

    def test_whoever_is_in_proves_who_they_are_while_strangers_crowd(self):
        self.client.force_login(self.user)
        with crowd(hashing.STRANGERS, hashing.OF_STRANGERS):
            answer = self.client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
            self.assertEqual(answer.status_code, 302)
            with asked_by(self.user):
                self.assertTrue(SignForm({"password": PASSWORD, "seen": "a"}, user=self.user).is_valid())

    def test_in_a_crowd_of_those_who_are_in_the_form_says_so_and_keeps_what_was_typed(self):
        self.client.force_login(self.user)
        with crowd(hashing.KNOWN, hashing.OF_KNOWN):
            answer = self.client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
            self.assertContains(answer, "Många loggar in just nu")
            with asked_by(self.user):
                form = SignForm({"password": PASSWORD, "seen": "a"}, user=self.user)
                self.assertEqual(form.errors["password"], [hashing.CROWDED])

    def test_whoever_chooses_a_password_waits_before_the_database_is_held(self):
        new = make_user(make_person("Nils Ny"))
        new.set_unusable_password()
        new.invited_at = timezone.now()
        new.save()
        chosen = {"password": "tre-gula-cyklar-i-regn", "again": "tre-gula-cyklar-i-regn"}
        with crowd(hashing.STRANGERS, hashing.OF_STRANGERS):
            answer = self.client.post(invitations.link_for(new), chosen)
        self.assertContains(answer, "Många loggar in just nu", status_code=429)
        self.assertFalse(User.objects.get(pk=new.pk).has_usable_password())

    def test_no_hash_waits_for_its_turn_in_a_transaction(self):
        self.client.force_login(self.user)
        held, outer = [], len(connection.savepoint_ids)

        @contextmanager
        def one(**limits):
            held.append(len(connection.savepoint_ids) - outer)
            yield

        self.client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        fields = {"oldpassword": PASSWORD, "password1": "tre-gula-cyklar-i-regn", "password2": "tre-gula-cyklar-i-regn"}
        with patch.object(hashing.KNOWN, "one", one):
            self.client.post(reverse("account_change_password"), fields)
        self.assertTrue(User.objects.get(pk=self.user.pk).check_password("tre-gula-cyklar-i-regn"))
        self.assertEqual(held, [0])
