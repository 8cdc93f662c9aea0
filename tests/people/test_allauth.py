"""What we use of allauth that it does not promise: when one of these fails after an upgrade, mend people/allauth.py."""

from unittest import mock

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import HttpRequest
from django.test import RequestFactory, TestCase, override_settings

from people import allauth
from tests import factories as make


class ContractTests(TestCase):
    def setUp(self):
        cache.clear()  # where tries are counted

    def asked(self, user=None) -> HttpRequest:
        """A request as the middleware hands it on."""
        from allauth.core.context import request_context
        from django.contrib.auth.models import AnonymousUser

        request = RequestFactory().post("/")
        request.session, request.user = SessionStore(), user or AnonymousUser()
        request._messages = FallbackStorage(request)
        around = request_context(request)
        around.__enter__()
        self.addCleanup(around.__exit__, None, None, None)
        return request

    def test_somebody_who_has_proved_who_they_are_is_logged_in(self):
        user = make.make_member(make.make_group(), "secretary")
        request = self.asked()
        answer = allauth.log_in(request, user)
        self.assertEqual(answer.status_code, 302)
        self.assertEqual(request.session[SESSION_KEY], str(user.pk))

    def test_a_log_in_that_was_begun_is_forgotten(self):
        request = self.asked()
        allauth.forget_login(request)  # nothing begun: nothing to forget
        request.session["account_login"] = {"user_pk": "1"}
        allauth.forget_login(request)
        self.assertNotIn("account_login", request.session)

    def test_tries_are_counted(self):
        rates = {"try": "2/m/ip"}
        request = self.asked()
        answers = [allauth.within_limit(request, app="contract", action="try", rates=rates) for _ in range(3)]
        self.assertEqual(answers, [True, True, False])

    def test_the_tries_of_others_never_push_out_a_counter(self):
        rates = {"try": "1/h/ip"}
        with override_settings(CACHES={"default": settings.COUNTERS}):
            request = self.asked()
            self.assertTrue(allauth.within_limit(request, app="contract", action="try", rates=rates))
            for number in range(400):
                cache.set(f"aa{number:03}", [1.0], 3600)
                cache.set(f"zz{number:03}", [1.0], 3600)
            self.assertFalse(allauth.within_limit(request, app="contract", action="try", rates=rates))

    def test_a_counter_goes_when_its_time_is_out(self):
        with override_settings(CACHES={"default": settings.COUNTERS}):
            for number in range(301):
                cache.set(f"old{number}", [1.0], -1 if number else 3600)
            for number in range(301):
                cache.set(f"new{number}", [1.0], 3600)
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM fvg_cache WHERE cache_key LIKE '%old%'")
                self.assertEqual(cursor.fetchone(), (1,))

    def test_a_second_step_is_known_and_used_up(self):
        user, other = make.make_user(), make.make_user()
        code = make.make_second_step(user)
        self.assertEqual([allauth.has_second_step(one) for one in (user, other)], [True, False])
        self.asked(user)
        allauth.use_second_step(user, code)
        with self.assertRaises(ValidationError):
            allauth.use_second_step(user, code)

    def test_a_code_of_the_app_is_good_once(self):
        user = make.make_user()
        make.make_second_step(user)
        self.asked(user)
        with mock.patch("allauth.mfa.totp.internal.auth.hotp_value", return_value=123456):
            allauth.use_second_step(user, "123 456")
            with self.assertRaises(ValidationError):
                allauth.use_second_step(user, "123456")

    def test_guesses_at_the_second_step_are_counted(self):
        user = make.make_user()
        code = make.make_second_step(user)
        self.asked(user)
        for _ in range(5):
            with self.assertRaises(ValidationError):
                allauth.use_second_step(user, "000000000")
        with self.assertRaisesMessage(ValidationError, "För många"):
            allauth.use_second_step(user, code)

    def test_tries_at_the_password_are_counted_for_each_user(self):
        user, other = make.make_user(), make.make_user()
        answers = [allauth.within_password_limit(self.asked(user), user) for _ in range(11)]
        self.assertEqual(answers, [True] * 10 + [False])
        self.assertTrue(allauth.within_password_limit(self.asked(other), other))
