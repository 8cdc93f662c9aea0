"""The real name and the address of a protected person reach nobody who keeps another group, by reading or by guessing."""

from datetime import timedelta
from http import HTTPStatus

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.core.cache import cache
from django.test import TestCase, tag
from django.urls import reverse
from django.utils.http import urlencode

from people import confirming
from people.mail import keep
from people.models import Letter, Mandate, Person, Service, User, Waiting
from record.history import remember
from tests import factories as make
from tests.crawl import addresses, admin_addresses, said
from tests.world import World

SEARCHED = "kanariefagel"
NAME, LOGIN, REGISTERED, ASKED = (f"{SEARCHED}{n}731" for n in (1, 2, 3, 4))
CANARIES = (NAME, LOGIN, REGISTERED, ASKED)
SHOWN = "Ledamot Utan Namn"


class Protected:
    """Somebody in another group, known by name before the protection came, with one of everything that is kept of a person."""

    @classmethod
    def plant(cls, staff: User) -> None:
        cls.elsewhere = make.make_group("SVG Havet", kind="svg", organisation="Hamnförvaltningen")
        cls.keeper = make.make_member(cls.elsewhere, "hr", "Hilda Hamn")
        cls.person = make.make_person(f"{NAME} Person")
        cls.user = make.make_user(cls.person, email=f"{LOGIN}@fvg.example")
        remember(cls.user, by=None, verb="test")
        union = make.make_party("Hamnfacket", "HF")
        cls.mandate = make.make_mandate(cls.person, cls.elsewhere, "substitute", party=union)
        cls.service = Service(mandate=cls.mandate, date=make.today() + timedelta(days=1))
        remember(cls.service, by=None, verb="test")
        for thing in (cls.person, cls.mandate, cls.user):
            LogEntry.objects.create(
                user=staff,
                content_type=ContentType.objects.get_for_model(thing),
                object_id=thing.pk,
                object_repr=str(thing),
                action_flag=CHANGE,
                change_message="",
            )
        cls.person.email = f"{REGISTERED}@fvg.example"
        remember(cls.person, by=None, verb="test")
        cls.person.protected, cls.person.shown_name = True, SHOWN
        remember(cls.person, by=None, verb="test")
        cls.letter = keep("signed", cls.user.email, person=cls.person, subject="Kvitto", body=f"Till {NAME}")
        asker = make.make_user(None, is_staff=True, email="fragar@fvg.example")
        cls.waiting = confirming.ask_for_email(cls.user, email=f"{ASKED}@fvg.example", reason="Ringde.", by=asker)
        confirming.ask_for_mandate(cls.mandate, by=asker)


@tag("walk")
class WalkTests(Protected, TestCase):
    takes_long = True

    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = World().whole()
        cls.plant(cls.world.cast.admin)

    def test_no_page_of_the_administration_or_the_registry_tells_those_who_keep_another_group(self) -> None:
        also = {Person: [self.person], User: [self.user], Mandate: [self.mandate], Service: [self.service]}
        also |= {Letter: [self.letter], type(self.elsewhere): [self.elsewhere]}
        places = {address for _, address in admin_addresses(also, SEARCHED)}
        places |= {address for _, address in admin_addresses(also, SHOWN)}
        places |= {address for name, address in addresses(self.world, also, ("approval",)) if name.startswith("people:")}
        places |= {reverse("people:invite", args=[self.elsewhere.pk, self.person.pk]), reverse("home")}
        places |= {
            reverse("admin:people_person_open", args=[self.person.pk]),
            reverse("admin:people_user_open", args=[self.user.pk]),
        }
        places.add(reverse("admin:people_user_replace_email", args=[self.user.pk]))
        found, met, asked = [], 0, 0
        for user in (self.world.cast.admin, self.world.cast.hr):
            self.client.force_login(user)
            for address in sorted(places):
                response = self.client.get(address, follow=True)
                told, asked = said(response), asked + 1
                met += SHOWN in told
                self.assertLess(response.status_code, HTTPStatus.INTERNAL_SERVER_ERROR, address)
                found += [(user.email, address, word) for word in CANARIES if word in told]
        self.assertEqual(found, [])
        self.assertGreater(met, 20)  # the person was there to be met, by the name that is shown
        self.assertGreater(asked, 200)


class GuessTests(Protected, TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.group = make.make_group()
        cls.staff = make.make_user(None, is_staff=True, email="admin@fvg.example")
        cls.hr = make.make_member(cls.group, "hr", "Hanna Register")
        cls.plant(cls.staff)

    def setUp(self) -> None:
        cache.clear()

    def answer(self, model: str, **query: str) -> str:
        return said(self.client.get(f"{reverse(f'admin:people_{model}_changelist')}?{urlencode(query)}"))

    def choices(self, term: str) -> str:
        asked = {"app_label": "people", "model_name": "mandate", "field_name": "person", "term": term}
        return self.client.get(f"{reverse('admin:autocomplete')}?{urlencode(asked)}").content.decode()

    def test_a_search_for_the_name_or_the_address_answers_as_for_nobody(self) -> None:
        """No row, for the whole word as for its beginning; the same page as for a word that nobody has."""
        for user, models in ((self.staff, ("person", "user", "mandate", "service", "letter")), (self.hr, ("person", "mandate"))):
            self.client.force_login(user)
            for model in models:
                for word in (*CANARIES, SEARCHED):
                    self.assertNotIn(SHOWN, self.answer(model, q=word), (user, model, word))
            self.assertNotIn(str(self.person.pk), self.choices(NAME))
            self.assertIn(SHOWN, self.choices("Ledamot"))
            self.assertIn(SHOWN, self.answer("person", q="utan namn"))

    def test_no_condition_in_the_address_confirms_a_guess(self) -> None:
        self.client.force_login(self.staff)
        guesses = {
            "person": ("name__startswith", "email__startswith", "user__email__startswith"),
            "user": ("email__startswith", "person__name__startswith", "password__startswith"),
            "mandate": ("person__name__startswith",),
            "letter": ("address__startswith", "body__contains", "subject__contains", "fault__contains", "person__name__contains"),
        }
        for model, lookups in guesses.items():
            for lookup in lookups:
                with self.assertLogs("django.security"):
                    response = self.client.get(f"{reverse(f'admin:people_{model}_changelist')}?{lookup}={SEARCHED}")
                self.assertEqual(response.status_code, 400, (model, lookup))

    def test_the_own_registrar_finds_and_reads(self) -> None:
        self.client.force_login(self.keeper)
        self.assertIn(SHOWN, self.answer("person", q=NAME))
        self.assertIn(SHOWN, self.answer("mandate", q=NAME))
        page = self.client.get(reverse("admin:people_person_change", args=[self.person.pk]))
        self.assertContains(page, NAME)
        self.assertContains(self.client.get(reverse("admin:people_person_history", args=[self.person.pk])), REGISTERED)

    def test_an_administrator_opens_one_person_with_the_password_and_it_is_kept(self) -> None:
        other = make.make_person("annanfagel")
        other.protected, other.shown_name = True, "Någon Annan"
        remember(other, by=None, verb="test")
        self.client.force_login(self.staff)
        step = reverse("admin:people_person_open", args=[self.person.pk])
        page = reverse("admin:people_person_change", args=[self.person.pk])
        self.assertContains(self.client.get(page), step)
        self.assertEqual(self.client.get(step).url.partition("?")[0], reverse("account_reauthenticate"))
        self.client.post(reverse("account_reauthenticate"), {"password": make.PASSWORD})
        self.assertNotContains(self.client.get(page), NAME)  # the password alone is not the step
        self.assertContains(self.client.get(step, follow=True), NAME)
        self.assertEqual(LogEntry.objects.filter(user=self.staff, change_message__contains="Öppnade").count(), 1)
        self.assertContains(self.client.get(reverse("admin:people_user_change", args=[self.user.pk])), LOGIN)
        self.assertContains(self.client.get(reverse("admin:people_person_history", args=[self.person.pk])), REGISTERED)
        self.assertContains(self.client.get(reverse("people:waiting")), ASKED)
        self.assertNotContains(self.client.get(reverse("admin:people_person_change", args=[other.pk])), "annanfagel")
        self.assertNotIn(NAME, self.answer("person"))  # lists stay as they were

    def test_nobody_else_opens(self) -> None:
        self.client.force_login(self.hr)
        self.client.post(reverse("account_reauthenticate"), {"password": make.PASSWORD})
        for name, pk in (("person", self.person.pk), ("user", self.user.pk)):
            self.assertEqual(self.client.get(reverse(f"admin:people_{name}_open", args=[pk])).status_code, 403)
        self.assertEqual(self.client.get(reverse("admin:people_person_history", args=[self.person.pk])).status_code, 403)

    def test_the_protection_is_not_taken_away_by_whoever_may_not_see_what_it_hides(self) -> None:
        for user in (self.staff, self.hr):
            self.client.force_login(user)
            page = reverse("admin:people_person_change", args=[self.person.pk])
            self.client.post(page, {"name": "Ny", "email": "", "shown_name": SHOWN})
            self.assertTrue(Person.objects.get(pk=self.person.pk).protected)

    def test_an_administrator_closes_a_log_in_without_reading_its_address(self) -> None:
        self.client.force_login(self.staff)
        self.client.post(reverse("account_reauthenticate"), {"password": make.PASSWORD})
        self.client.post(reverse("admin:people_user_change", args=[self.user.pk]), {"is_staff": ""})
        stored = User.objects.get(pk=self.user.pk)
        self.assertEqual((stored.is_active, stored.email), (False, self.user.email))

    def test_the_link_shows_the_new_address_to_the_person_alone(self) -> None:
        own, other = (
            reverse("people:confirm", args=[signing.dumps([self.waiting.pk, address], salt=confirming.SALT)])
            for address in (self.user.email, "kollega@fvg.example")
        )
        self.assertContains(self.client.get(own), ASKED)
        self.assertNotContains(self.client.get(other), ASKED)
        self.assertTrue(Waiting.objects.filter(pk=self.waiting.pk, settled_at=None).exists())
