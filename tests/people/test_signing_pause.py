"""What pauses signing says so before one does it."""

from django.core.cache import cache
from django.test import TestCase, override_settings
from django.urls import reverse

from people.actions import replace_email
from people.models import Letter
from tests import factories as make

PAGES = {
    "mfa_activate_totp": "När du har satt på det kan du inte skriva under protokoll på 24 timmar.",
    "account_change_password": "När du har bytt lösenord kan du inte skriva under protokoll på 24 timmar.",
    "mfa_index": "När du har ändrat något här kan du inte skriva under protokoll på 24 timmar.",
    "account_email": "När du har ändrat något här kan du inte skriva under protokoll på 24 timmar.",
}
WITH_A_SECOND_STEP = {
    "mfa_deactivate_totp": "När du har stängt av den kan du inte skriva under protokoll på 24 timmar.",
    "mfa_generate_recovery_codes": "När du har skapat nya koder kan du inte skriva under protokoll på 24 timmar.",
}


@override_settings(SIGNING_PAUSE_HOURS=24)
class ToldBeforeTests(TestCase):
    def setUp(self):
        cache.clear()
        self.user = make.make_member(make.make_group(), "chair")
        self.client.post(reverse("account_login"), {"login": self.user.email, "password": make.PASSWORD})
        self.client.post(reverse("account_reauthenticate"), {"password": make.PASSWORD})

    def words(self, name):
        answer = self.client.get(reverse(name))
        self.assertEqual(answer.status_code, 200, (name, answer.headers))
        return " ".join(answer.content.decode().split())

    def test_each_page_that_pauses_signing_says_so(self):
        for name, said in PAGES.items():
            self.assertIn(said, self.words(name), name)
            self.assertIn("Ska du justera i dag? Gör det först.", self.words(name), name)
        make.make_second_step(self.user)
        for name, said in WITH_A_SECOND_STEP.items():
            self.assertIn(said, self.words(name), name)

    @override_settings(SIGNING_PAUSE_HOURS=2)
    def test_the_hours_are_those_of_the_installation(self):
        self.assertIn("på 2 timmar", self.words("mfa_activate_totp"))

    def test_the_letter_of_another_address_tells_the_hours_and_none_where_there_is_no_pause(self):
        for hours, told in ((24, True), (0, False)):
            with override_settings(SIGNING_PAUSE_HOURS=hours):
                address = f"ny{hours}@fvg.example"
                replace_email(
                    make.make_user("Bo Två"), email=address, reason="Ringde.", by=make.make_user("Ada Ett", is_staff=True)
                )
            body = Letter.objects.get(kind="address_replaced", address=address).body
            self.assertEqual(("inte skriva under protokoll" in body, "på 24 timmar" in body), (told, told))

    @override_settings(SIGNING_PAUSE_HOURS=0)
    def test_an_installation_without_a_pause_says_nothing(self):
        self.assertNotIn("skriva under", self.words("mfa_activate_totp"))
