"""Two who change the same row of the registry: what the first one did is neither undone nor passed over in silence."""

import re
import time
from contextlib import suppress
from threading import Thread
from unittest import mock

from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.test import TestCase, TransactionTestCase, skipUnlessDBFeature
from django.urls import reverse

from people import actions, confirming, inviting
from people.admin import MandateAdmin, UserAdmin
from people.models import Letter, Mandate, Person, User, Waiting, today
from record.history import remember
from tests import factories as make

PASSWORD = make.PASSWORD


def meanwhile(admin, does):
    """Somebody else `does` something once a form of this admin has read its row, and before it saves it."""
    real = admin.get_form

    def get_form(self, request, obj=None, *args, **kwargs):
        if request.method == "POST":
            does()
        return real(self, request, obj, *args, **kwargs)

    return mock.patch.object(admin, "get_form", get_form)


class Registry:
    def setUp(self):
        cache.clear()
        self.group, self.union = make.make_group(), make.make_party("Lövförbundet", "LF")
        make.make_member(self.group, "union_rep", "Ulla Ek", party=self.union)
        self.hr = make.make_member(self.group, "hr", "Hanna Sälg")
        self.person = make.make_person("Nora Ny")
        self.person.email = "nora@fvg.example"
        remember(self.person, by=None, verb="test")
        self.mandate = make.make_mandate(self.person, self.group, "union_rep", party=self.union)
        self.page = reverse("admin:people_mandate_change", args=[self.mandate.pk])
        self.client.force_login(self.hr)

    def seat(self, person: Person | None = None, **more) -> dict[str, object]:
        data = {"person": (person or self.person).pk, "group": self.group.pk, "role": "union_rep", "party": self.union.pk}
        return data | {"position": 0, "starts": self.mandate.starts.isoformat(), **more}

    def stored(self) -> Mandate:
        return Mandate.objects.get(pk=self.mandate.pk)


class BetweenReadingAndSavingTests(Registry, TestCase):
    def test_a_confirmation_that_is_taken_back_meanwhile_stays_taken_back(self):
        def invite_elsewhere():
            inviting.invite(self.person, email="fel@annan.example", by=self.hr)

        with meanwhile(MandateAdmin, invite_elsewhere):
            self.assertEqual(self.client.post(self.page, self.seat(title="ombud")).status_code, 302)
        self.assertEqual((self.stored().title, self.stored().confirmed_at), ("ombud", None))

    def test_a_mandate_that_two_give_to_somebody_else_at_once_waits(self):
        friend = make.make_person("Hans Vän")

        def give():
            mandate = self.stored()
            mandate.person = friend
            confirming.ask_for_mandate(mandate, by=self.hr)
            mandate.confirmed_at = mandate.confirmed_by = None
            remember(mandate, by=self.hr, verb="administer")

        with meanwhile(MandateAdmin, give):
            self.client.post(self.page, self.seat(friend))
        self.assertEqual((self.stored().person, self.stored().confirmed_at), (friend, None))

    def test_a_password_that_is_chosen_meanwhile_stays(self):
        user = inviting.invite(self.person, email="nora@fvg.example", by=self.hr)
        self.client.force_login(make.make_user("Ada Ett", is_staff=True))
        self.client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        with meanwhile(UserAdmin, lambda: actions.activate(user, password="fyra-gula-cyklar-i-sol")):
            page = reverse("admin:people_user_change", args=[user.pk])
            self.client.post(page, {"email": user.email, "is_active": "on"})
        stored = User.objects.get(pk=user.pk)
        self.assertEqual((stored.check_password("fyra-gula-cyklar-i-sol"), stored.activated_at is not None), (True, True))

    def test_an_invitation_that_has_been_used_is_not_sent_again(self):
        user = inviting.invite(self.person, email="nora@fvg.example", by=self.hr)
        read = User.objects.get(pk=user.pk)
        actions.activate(user, password="fyra-gula-cyklar-i-sol")
        self.assertFalse(inviting.invite_again(read, by=self.hr))
        self.assertTrue(User.objects.get(pk=user.pk).has_usable_password())
        self.assertEqual(Letter.objects.filter(kind="invitation").count(), 1)


class OpenedBeforeTests(Registry, TestCase):
    def version(self, answer) -> str:
        return re.search(r'name="opened_on"\s+value="(\d+)"', answer.content.decode())[1]

    def test_whoever_saves_after_somebody_else_is_told_and_may_then_save(self):
        read = self.version(self.client.get(self.page))
        mandate = self.stored()
        mandate.ends = today()
        remember(mandate, by=self.hr, verb="administer")
        answer = self.client.post(self.page, self.seat(title="ombud", opened_on=read))
        self.assertContains(answer, "Någon annan har ändrat")
        self.assertContains(answer, 'value="ombud"')
        self.assertEqual((self.stored().title, self.stored().ends), ("", today()))
        data = self.seat(title="ombud", ends=today().isoformat(), opened_on=self.version(answer))
        self.assertEqual(self.client.post(self.page, data).status_code, 302)
        self.assertEqual((self.stored().title, self.stored().ends), ("ombud", today()))

    def test_so_it_is_with_the_names_on_the_page_of_a_party(self):
        self.client.force_login(make.make_user("Ada Ett", is_staff=True))
        page, name = reverse("admin:people_party_change", args=[self.union.pk]), self.union.names.get()
        read = re.search(r'name="opened_on"\s+value="([\d.]+)"', self.client.get(page).content.decode())[1]
        name.name = "Lövarbetarna"
        remember(name, by=None, verb="test")
        data = {"position": 0, "names-TOTAL_FORMS": 1, "names-INITIAL_FORMS": 1, "names-0-id": name.pk, "opened_on": read}
        data |= {"names-0-party": self.union.pk, "names-0-name": "Lövförbundet", "names-0-abbreviation": "LF"}
        self.assertContains(self.client.post(page, data), "Någon annan har ändrat")
        self.assertEqual(str(self.union.names.get()), "Lövarbetarna (LF)")

    def test_logging_in_makes_no_other_version(self):
        admin, other = make.make_user("Ada Ett", is_staff=True), make.make_user("Bo Två")
        self.client.force_login(admin)
        self.client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        page = reverse("admin:people_user_change", args=[other.pk])
        read = self.version(self.client.get(page))
        self.client_class().force_login(other)
        self.assertEqual(self.client.post(page, {"is_active": "on", "opened_on": read}).status_code, 302)


class LockTests(Registry, TransactionTestCase):
    @skipUnlessDBFeature("has_select_for_update_nowait")
    def test_what_a_form_is_about_is_held_from_the_moment_it_is_read(self):
        """So an invitation or a confirmation that comes meanwhile waits, and meets what the form has saved."""
        free = []

        def look():
            try:
                for row in (self.mandate, self.person):
                    with suppress(DatabaseError), transaction.atomic():
                        free.append(type(row).objects.select_for_update(nowait=True).get(pk=row.pk))
            finally:
                connection.close()

        def somebody_looks():
            thread = Thread(target=look)
            thread.start()
            thread.join()

        with meanwhile(MandateAdmin, somebody_looks):
            self.assertEqual(self.client.post(self.page, self.seat(title="ombud")).status_code, 302)
        self.assertEqual((free, self.stored().title), ([], "ombud"))

    @skipUnlessDBFeature("has_select_for_update_nowait")
    def test_a_log_in_is_held_after_its_person_by_all(self):
        """Otherwise one who invites a person and one who asks for their other address would wait for each other."""
        user = make.make_user("Bo Två")
        asked = (
            lambda: confirming.ask_for_email(user, email="ny@fvg.example", reason="Ringde.", by=self.hr),
            lambda: confirming.ask_for_staff(user, by=self.hr),
            lambda: actions.replace_email(user, email="nyare@fvg.example", reason="Ringde.", by=self.hr),
            lambda: inviting.invite_again(user, by=self.hr),
        )

        def ask(verb):
            try:
                verb()
            finally:
                connection.close()

        for verb in asked:
            with self.subTest(verb), transaction.atomic():
                Person.objects.select_for_update().get(pk=user.person_id)
                thread = Thread(target=ask, args=[verb])
                thread.start()
                self.wait_until_somebody_waits()
                with transaction.atomic():
                    self.assertEqual(User.objects.select_for_update(nowait=True).get(pk=user.pk), user)
            thread.join()

    @skipUnlessDBFeature("has_select_for_update_nowait")
    def test_what_waits_is_held_after_what_it_is_about_by_all(self):
        """Otherwise one who changes a mandate and the union that says yes to it would wait for each other."""
        admin, other = make.make_user("Ada Ett", is_staff=True), make.make_user("Bo Två")
        heir = make.make_party("Barrfacket", "BF")
        asked = (
            (confirming.ask_for_mandate(self.mandate, by=self.hr), self.mandate),
            (confirming.ask_for_email(other, email="ny@fvg.example", reason="Ringde.", by=admin), other),
            (confirming.ask_for_successor(self.union, heir, by=admin), self.union),
        )

        def settle(waiting):
            try:
                confirming.settle(waiting, confirmed=True, by=None)
            finally:
                connection.close()

        for waiting, about in asked:
            with self.subTest(waiting.kind), transaction.atomic():
                type(about).objects.select_for_update(of=("self",)).get(pk=about.pk)
                thread = Thread(target=settle, args=[waiting])
                thread.start()
                self.wait_until_somebody_waits()
                with transaction.atomic():
                    self.assertEqual(Waiting.objects.select_for_update(nowait=True).get(pk=waiting.pk), waiting)
            thread.join()
            self.assertTrue(Waiting.objects.get(pk=waiting.pk).confirmed)

    def wait_until_somebody_waits(self) -> None:
        """Until another connection waits for a row that this one holds."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
                )
                if cursor.fetchone()[0]:
                    return
            time.sleep(0.05)
        self.fail("nobody waited")
