"""The administration: who opens it, what each role may see and change there, and what nobody may."""

from datetime import timedelta
from unittest import mock

from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from people import confirming
from people.admin_site import ROOMS, PlainList, RecordedAdmin, Site
from people.letters import KINDS
from people.mail import LATE, claim, deliver_waiting, keep
from people.models import Group, Letter, Mandate, Party, Person, Service, User, Waiting, today
from tests.factories import PASSWORD, make_group, make_mandate, make_member, make_motion, make_party, make_person, make_user

MODELS = (Person, Party, Group, Mandate, Service, User)


class AdminTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.group = make_group()
        cls.below = make_group("SVG Ängen", kind="svg", parent=cls.group)
        cls.elsewhere = make_group("SVG Havet", kind="svg", organisation="Hamnförvaltningen")
        cls.party = make_party("Lövförbundet", "LF")
        cls.staff = make_user(None, is_staff=True, email="admin@fvg.example")
        cls.hr = make_member(cls.group, "hr", "Hanna Register")
        cls.mandate = make_mandate("Lena Löv", cls.below, "union_rep", party=cls.party)
        cls.foreign = make_mandate("Frida Främling", cls.elsewhere, "chair")
        cls.invited = User.objects.create_user("inbjuden@fvg.example", None, person=cls.mandate.person)

    def url(self, model, page, *args):
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)

    def row(self, model):
        return {Person: self.mandate.person, Party: self.party, Group: self.below, Mandate: self.mandate, User: self.invited}.get(
            model
        )


class DoorTests(AdminTestCase):
    def test_opens_to_staff_and_to_those_who_hold_secretary_chair_or_hr(self):
        group = make_group("SVG Dörren", kind="svg")
        expected = {"secretary": 200, "chair": 200, "hr": 200, "employer_rep": 403, "auditor": 403}
        for role, status in expected.items():
            self.client.force_login(make_member(group, role))
            self.assertEqual(self.client.get(reverse("admin:index"), follow=True).status_code, status, role)
        self.client.force_login(self.staff)
        self.assertEqual(self.client.get(reverse("admin:index")).status_code, 200)

    def test_strangers_go_to_the_one_log_in(self):
        for path in (reverse("admin:index"), reverse("admin:login"), self.url(User, "changelist")):
            answer = self.client.get(path, follow=True)
            self.assertEqual(answer.request["PATH_INFO"], reverse("account_login"), path)

    def test_the_site_asks_for_our_rooms_only(self):
        self.assertIsInstance(admin.site._wrapped if hasattr(admin.site, "_wrapped") else admin.site, Site)
        self.assertEqual({model._meta.app_label for model in admin.site._registry} - ROOMS, set())

    def test_what_is_not_ours_has_no_page(self):
        names = {pattern.name for pattern in admin.site.get_urls() if getattr(pattern, "name", None)}
        for label in ("account", "mfa", "usersessions", "auth", "sessions", "django_tasks_db", "django_tasks_database"):
            self.assertEqual([name for name in names if name.startswith(label + "_")], [])
        self.assertTrue(apps.is_installed("allauth.mfa"))


class SearchTests(AdminTestCase):
    def conditions(self, model, words):
        with CaptureQueriesContext(connection) as asked:
            page = self.client.get(self.url(model, "changelist"), {"q": words})
        self.assertEqual(page.status_code, 200)
        return sum(query["sql"].count("LIKE") for query in asked)

    def test_however_many_words_one_asks_for_few_are_looked_for(self):
        self.client.force_login(self.staff)
        for model in (Mandate, User, Party, Letter, Group):
            few = self.conditions(model, "a b c d e f g h")
            with self.subTest(model.__name__):
                self.assertGreater(few, 0)
                self.assertEqual(self.conditions(model, " ".join("abcdefghi"[n % 9] for n in range(900))), few)

    def test_so_it_is_on_every_page(self):
        self.assertEqual([page for page in admin.site._registry.values() if not isinstance(page, PlainList)], [])

    def test_words_in_quotation_marks_are_one(self):
        self.client.force_login(self.staff)
        found = self.client.get(self.url(Person, "changelist"), {"q": '"Lena Löv"'})
        self.assertContains(found, "Lena Löv")
        self.assertNotContains(self.client.get(self.url(Person, "changelist"), {"q": '"Löv Lena"'}), "Lena Löv</a>")


class MatrixTests(AdminTestCase):
    """Every model of this room, every page of it, every kind of user."""

    # list, add, change (GET), change (POST), history, delete
    STAFF = (200, 200, 200, 200, 200, 403)
    READ = (200, 403, 200, 403, 200, 403)
    NOTHING = (403, 403, 403, 403, 403, 403)

    def answers(self, model):
        row = self.row(model)
        change, history, delete = (self.url(model, page, row.pk) for page in ("change", "history", "delete"))
        return tuple(
            answer.status_code
            for answer in (
                self.client.get(self.url(model, "changelist")),
                self.client.get(self.url(model, "add")),
                self.client.get(change),
                self.client.post(change, {}),
                self.client.get(history),
                self.client.post(delete, {"post": "yes"}),
            )
        )

    def expected(self, user, model):
        if user == self.staff:
            return self.STAFF
        if user == self.hr:
            return {Person: self.STAFF, Mandate: self.STAFF, User: self.NOTHING}.get(model, self.READ)
        return self.NOTHING

    def test_all(self):
        users = [self.staff, self.hr]
        users += [make_member(self.below, role) for role in ("secretary", "chair", "employer_rep", "auditor")]
        users += [
            make_member(self.below, role, party=self.party)
            for role in ("union_rep", "substitute", "safety_rep", "chief_safety_rep")
        ]
        for user in users:
            self.client.force_login(user)
            self.client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
            for model in (Person, Party, Group, Mandate, User):
                closed = user.roles_anywhere & {
                    "employer_rep",
                    "auditor",
                    "union_rep",
                    "substitute",
                    "safety_rep",
                    "chief_safety_rep",
                }
                answers = tuple(403 if closed and status == 302 else status for status in self.answers(model))
                with self.subTest(user=user, model=model.__name__):
                    self.assertEqual(answers, self.expected(user, model))

    def test_nothing_was_deleted_or_may_be(self):
        self.assertEqual([model for model in MODELS if not isinstance(admin.site._registry[model], RecordedAdmin)], [])
        self.client.force_login(self.staff)
        for model in MODELS:
            answer = self.client.get(self.url(model, "changelist"))
            self.assertNotContains(answer, "delete_selected")


class RegistrarTests(AdminTestCase):
    def setUp(self):
        self.client.force_login(self.hr)

    def seat(self, person, group, **more):
        return {
            "person": person.pk,
            "group": group.pk,
            "role": "chair",
            "party": "",
            "title": "",
            "position": 0,
            "starts": today().isoformat(),
            "ends": "",
            **more,
        }

    def test_sees_the_mandates_of_the_own_subtree(self):
        answer = self.client.get(self.url(Mandate, "changelist"))
        self.assertEqual(set(answer.context["cl"].queryset), {self.mandate, Mandate.objects.get(person=self.hr.person)})
        for page in ("change", "history"):
            self.assertIn(self.client.get(self.url(Mandate, page, self.foreign.pk)).status_code, (302, 403), page)

    def test_gives_a_mandate_in_the_own_subtree_and_it_is_remembered(self):
        person = make_person("Ny Ledamot")
        answer = self.client.post(self.url(Mandate, "add"), self.seat(person, self.below))
        self.assertEqual(answer.status_code, 302, answer.content.decode()[-3000:] if answer.status_code == 200 else "")
        mandate = Mandate.objects.get(person=person)
        version = mandate.history.get()
        self.assertEqual(
            (version.history_user, version.history_verb, version.history_told), (self.hr, "administer", "i administrationen")
        )
        page = self.client.get(self.url(Mandate, "history", mandate.pk))
        self.assertContains(page, "<td>i administrationen</td>", html=True)

    def test_gives_no_mandate_elsewhere_nor_moves_one_there(self):
        person = make_person("Ny Ledamot")
        self.assertContains(self.client.post(self.url(Mandate, "add"), self.seat(person, self.elsewhere)), "errorlist")
        self.client.post(self.url(Mandate, "change", self.mandate.pk), self.seat(self.mandate.person, self.elsewhere))
        self.client.post(self.url(Mandate, "change", self.foreign.pk), self.seat(self.foreign.person, self.below))
        self.assertEqual(Mandate.objects.filter(group=self.elsewhere).get(), self.foreign)
        self.assertEqual(Mandate.objects.get(pk=self.mandate.pk).group, self.below)

    def test_gives_and_changes_no_mandate_of_the_own(self):
        own = Mandate.objects.get(person=self.hr.person)
        self.assertContains(self.client.post(self.url(Mandate, "add"), self.seat(self.hr.person, self.below)), "errorlist")
        self.assertEqual(
            self.client.post(self.url(Mandate, "change", own.pk), self.seat(self.hr.person, self.group)).status_code, 403
        )
        self.assertEqual(list(Mandate.objects.filter(person=self.hr.person)), [own])

    def test_changes_persons_of_the_own_subtree_and_new_ones_only(self):
        fresh = make_person("Ny Person")
        statuses = [
            self.client.post(
                self.url(Person, "change", person.pk), {"name": "Nytt Namn", "email": "", "shown_name": ""}
            ).status_code
            for person in (self.mandate.person, fresh, self.foreign.person)
        ]
        self.assertEqual(statuses, [302, 302, 403])

    def test_reads_the_groups_of_the_own_subtree_and_changes_none(self):
        self.assertEqual(set(self.client.get(self.url(Group, "changelist")).context["cl"].queryset), {self.group, self.below})
        data = {
            "kind": "svg",
            "name": "Nytt",
            "definite": "nytt",
            "abbreviation": "N",
            "organisation": "X",
            "empty_paragraphs": "drop",
        }
        pages = [self.url(Group, "add"), self.url(Group, "change", self.below.pk), self.url(Group, "change", self.group.pk)]
        self.assertEqual([self.client.post(page, data).status_code for page in pages], [403, 403, 403])
        self.assertNotContains(self.client.get(pages[1]), 'name="_save"')
        self.assertFalse(Group.objects.filter(name="Nytt").exists())

    def test_looks_up_groups_and_persons_but_only_the_own_groups(self):
        for field, name in (("group", "Havet"), ("group", "Ängen")):
            answer = self.client.get(
                reverse("admin:autocomplete"), {"app_label": "people", "model_name": "mandate", "field_name": field, "term": name}
            )
            self.assertEqual([row["text"] for row in answer.json()["results"]], [] if name == "Havet" else ["SVG Ängen"])

    def test_an_old_version_is_read_but_never_put_back(self):
        self.below.name = "SVG Stora ängen"
        self.below.save()
        version = self.below.history.last()
        address = reverse("admin:people_group_simple_history", args=[self.below.pk, version.pk])
        self.assertContains(self.client.get(address), "SVG Ängen")
        for user in (self.hr, self.staff):
            self.client.force_login(user)
            self.assertEqual(self.client.post(address, {"name": "SVG Ängen"}).status_code, 403)
        self.assertEqual(Group.objects.get(pk=self.below.pk).name, "SVG Stora ängen")

    def test_the_history_of_another_subtree_is_closed(self):
        version = self.foreign.history.first()
        address = reverse("admin:people_mandate_simple_history", args=[self.foreign.pk, version.pk])
        self.assertEqual(self.client.get(address).status_code, 403)


class LogInAdminTests(AdminTestCase):
    def setUp(self):
        cache.clear()
        self.client.force_login(self.staff)
        self.client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    def test_a_new_log_in_is_invited_and_has_no_password(self):
        person = make_person("Ny Användare")
        with self.captureOnCommitCallbacks(execute=True):
            answer = self.client.post(self.url(User, "add"), {"email": "Ny@fvg.example", "person": person.pk, "is_active": "on"})
        self.assertEqual(answer.status_code, 302)
        user = User.objects.get(person=person)
        self.assertEqual((user.email, user.has_usable_password(), user.is_superuser), ("ny@fvg.example", False, False))
        self.assertEqual([message.to for message in mail.outbox], [["ny@fvg.example"]])

    def test_no_page_shows_or_takes_a_password_or_a_superuser(self):
        for page in (self.url(User, "add"), self.url(User, "change", self.hr.pk), self.url(User, "history", self.hr.pk)):
            answer = self.client.get(page).content.decode()
            for word in ('name="password', "is_superuser", "md5$", "pbkdf2", "user_permissions"):
                self.assertNotIn(word, answer)
        self.client.post(
            self.url(User, "change", self.hr.pk),
            {"is_active": "on", "is_superuser": "on", "password": "x", "email": "x@fvg.example"},
        )
        changed = User.objects.get(pk=self.hr.pk)
        self.assertEqual((changed.is_superuser, changed.password, changed.email), (False, self.hr.password, self.hr.email))
        self.assertNotIn("lösenord:", self.client.get(self.url(User, "history", self.hr.pk)).content.decode().lower())

    def test_a_log_in_never_becomes_somebody_elses(self):
        other = make_person()
        self.client.post(self.url(User, "change", self.hr.pk), {"is_active": "on", "person": other.pk})
        self.assertEqual(User.objects.get(pk=self.hr.pk).person, self.hr.person)

    def test_an_administrator_does_not_shut_out_themself(self):
        self.client.post(self.url(User, "change", self.staff.pk), {})
        self.assertEqual(User.objects.filter(pk=self.staff.pk, is_staff=True, is_active=True).count(), 1)

    def test_closing_a_log_in_ends_its_sessions(self):
        other = self.client_class()
        other.force_login(self.hr)
        self.client.post(self.url(User, "change", self.hr.pk), {"is_staff": ""})
        self.assertEqual(User.objects.get(pk=self.hr.pk).is_active, False)
        self.assertEqual(other.get(reverse("people:profile")).status_code, 302)

    def test_an_invitation_is_sent_again_from_the_list_to_those_who_wait(self):
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(
                self.url(User, "changelist"), {"action": "invite_again", "_selected_action": [self.invited.pk, self.hr.pk]}
            )
        self.assertEqual([message.to for message in mail.outbox], [["inbjuden@fvg.example"]])

    def test_logging_out_from_the_list(self):
        other = self.client_class()
        other.force_login(self.hr)
        self.client.post(self.url(User, "changelist"), {"action": "log_out", "_selected_action": [self.hr.pk]})
        self.assertEqual(other.get(reverse("people:profile")).status_code, 302)

    def test_an_address_in_use_is_refused(self):
        answer = self.client.post(self.url(User, "add"), {"email": self.hr.email.upper(), "is_active": "on"})
        self.assertContains(answer, "Adressen hör redan till ett annat inlogg")


class LostMailboxTests(AdminTestCase):
    """An administrator replaces the address of a log-in whose owner cannot read its mail."""

    def setUp(self):
        cache.clear()
        self.prove(self.staff)
        self.address = reverse("admin:people_user_replace_email", args=[self.hr.pk])
        EmailAddress.objects.create(user=self.hr, email="annan@fvg.example", verified=True, primary=False)

    def prove(self, user):
        """Log in, and give the password once more as the page asks for."""
        self.client.force_login(user)
        self.client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    def replace(self, **more):
        """Ask for it, and let a second person confirm what is asked for."""
        with self.captureOnCommitCallbacks(execute=True):
            answer = self.client.post(self.address, {"email": "Ny@fvg.example", "reason": "Ringde från känt nummer.", **more})
        mail.outbox.clear()
        with self.captureOnCommitCallbacks(execute=True):
            for waiting in Waiting.objects.filter(settled_at=None):
                confirming.settle(waiting, confirmed=True, by=None)
        return answer

    def test_the_address_is_replaced_remembered_and_told_to_both(self):
        old = self.hr.email
        other = self.client_class()
        other.force_login(self.hr)
        self.assertContains(self.client.get(reverse("admin:people_user_change", args=[self.hr.pk])), self.address)
        self.assertContains(self.client.get(self.address), "Nu loggar hen in med")
        self.assertRedirects(self.replace(), reverse("admin:people_user_change", args=[self.hr.pk]))
        user = User.objects.get(pk=self.hr.pk)
        self.assertEqual((user.email, user.check_password(PASSWORD)), ("ny@fvg.example", True))
        addresses = [(row.email, row.verified, row.primary) for row in EmailAddress.objects.filter(user=user)]
        self.assertEqual(addresses, [("ny@fvg.example", True, True)])
        last = user.history.filter(history_verb="replace_email").get()
        self.assertEqual((last.history_user, last.history_verb), (self.staff, "replace_email"))
        self.assertEqual(
            (last.history_change_reason, last.history_told),
            ("Ringde från känt nummer.", "replace_email: Ringde från känt nummer."),
        )
        self.assertEqual(other.get(reverse("people:profile")).status_code, 302)
        self.assertEqual(self.client.get(reverse("admin:index")).status_code, 200)
        told = [["annan@fvg.example"], [old], ["ny@fvg.example"], [self.staff.email]]  # the last has asked, and hears how it went
        self.assertEqual([message.to for message in mail.outbox], told)
        for message in mail.outbox[:2]:
            self.assertNotIn("ny@fvg.example", message.body)

    def test_the_old_addresses_open_nothing_and_the_new_one_does(self):
        old = self.hr.email
        self.replace()
        stranger = self.client_class()
        for address, status in ((old, 302), ("annan@fvg.example", 302), ("ny@fvg.example", 200)):
            stranger.post(reverse("account_login"), {"login": address, "password": PASSWORD})
            self.assertEqual(stranger.get(reverse("people:profile")).status_code, status, address)

    def test_bad_input_is_refused_and_what_was_typed_is_kept(self):
        for data, word in (
            ({"email": "inte en adress"}, "inte en adress"),
            ({"reason": "  "}, "Ny@fvg.example"),
            ({"email": self.staff.email}, "hör redan till ett annat inlogg"),
            ({"email": self.hr.email.upper()}, "redan den adressen"),
        ):
            self.assertContains(self.replace(**data), word)
        self.assertEqual(User.objects.get(pk=self.hr.pk).email, self.hr.email)
        self.assertEqual(mail.outbox, [])

    def test_not_for_oneself_nor_for_the_invited_nor_for_the_closed(self):
        closed = make_member(self.below, "chair")
        User.objects.filter(pk=closed.pk).update(is_active=False)
        for user in (self.staff, self.invited, closed):
            self.address = reverse("admin:people_user_replace_email", args=[user.pk])
            self.assertEqual(self.replace().status_code, 403)
            self.assertNotContains(self.client.get(reverse("admin:people_user_change", args=[user.pk])), self.address)
        self.address = reverse("admin:people_user_replace_email", args=[999999])
        self.assertEqual(self.replace().status_code, 404)

    def test_others_than_system_administrators_may_not(self):
        for user in (self.hr, make_member(self.below, "secretary"), make_member(self.below, "chair")):
            self.prove(user)
            self.assertEqual([self.client.get(self.address).status_code, self.replace().status_code], [403, 403])
        self.assertFalse(User.objects.filter(email="ny@fvg.example").exists())

    def test_the_password_is_asked_for_again_in_an_old_session(self):
        self.client.logout()
        self.client.force_login(self.staff)
        answer = self.replace()
        self.assertEqual((answer.status_code, answer.url.partition("?")[0]), (302, reverse("account_reauthenticate")))
        self.assertEqual(User.objects.get(pk=self.hr.pk).email, self.hr.email)


class LetterTests(AdminTestCase):
    """The outbox: what went wrong, and another attempt, without a word of what the letters say."""

    def setUp(self):
        self.client.force_login(self.staff)
        person = self.mandate.person
        broken = mock.patch("django.core.mail.backends.locmem.EmailBackend.send_messages", side_effect=OSError("ingen svarar"))
        with broken, self.captureOnCommitCallbacks(execute=True):
            self.failed = self.keep("call", person, calendar="Hemlig", calendar_method="REQUEST")
        with self.captureOnCommitCallbacks(execute=True):
            self.sent = self.keep("signed", person)
        self.waiting = self.keep("sealed", person)
        mail.outbox.clear()

    def keep(self, kind, person, **more):
        return keep(kind, person.address, person=person, subject="Hemligt ämne", body="Hemlig text.", **more)

    def listed(self, **query):
        return set(self.client.get(self.url(Letter, "changelist"), query).context["cl"].queryset)

    def test_letters_are_found_by_what_became_of_them_and_by_recipient(self):
        self.assertEqual(self.listed(), {self.failed, self.sent, self.waiting})
        for state, letter in (("fel", self.failed), ("skickade", self.sent), ("vantar", self.waiting)):
            self.assertEqual(self.listed(lage=state), {letter}, state)
        self.assertEqual(len(self.listed(q="inbjuden@")), 3)
        self.assertEqual(self.listed(q="Hemlig"), set())

    def test_the_page_tells_the_fault_and_nothing_of_the_letter(self):
        for page in (self.url(Letter, "changelist"), self.url(Letter, "change", self.failed.pk)):
            answer = self.client.get(page)
            self.assertContains(answer, "OSError: ingen svarar")
            self.assertContains(answer, KINDS["call"].label)
            self.assertNotContains(answer, "Hemlig")

    def test_the_address_of_a_protected_person_is_not_shown(self):
        Person.objects.filter(pk=self.mandate.person.pk).update(protected=True, shown_name="Ledamot A")
        answer = self.client.get(self.url(Letter, "changelist"))
        self.assertContains(answer, "Ledamot A (skyddad adress)")
        self.assertNotContains(answer, "inbjuden@fvg.example")

    def test_another_attempt_is_made_for_those_that_failed_only(self):
        Letter.objects.filter(pk=self.failed.pk).update(attempts=7)
        under_way = self.keep("overdue", self.mandate.person)
        claim(under_way.pk)
        chosen = [self.failed.pk, self.sent.pk, under_way.pk]
        with self.captureOnCommitCallbacks(execute=True):
            answer = self.client.post(
                self.url(Letter, "changelist"), {"action": "try_again", "_selected_action": chosen}, follow=True
            )
        self.assertContains(answer, "1 av 3 skickas igen.")
        self.assertNotContains(answer, "Hemlig")
        self.assertEqual([message.to for message in mail.outbox], [["inbjuden@fvg.example"]])
        self.failed.refresh_from_db()
        self.assertEqual((self.failed.attempts, self.failed.fault, self.failed.sent_at is not None), (1, "", True))

    def chosen(self, action, *letters):
        data = {"action": action, "_selected_action": [letter.pk for letter in letters]}
        return self.client.post(self.url(Letter, "changelist"), data, follow=True)

    def test_one_that_is_given_up_is_put_aside_by_somebody_and_can_be_taken_up_again(self):
        answer = self.chosen("give_up", self.failed, self.sent)
        self.assertContains(answer, "1 av 2 är undanlagda")
        self.failed.refresh_from_db()
        self.assertEqual((self.failed.set_aside_by, self.failed.set_aside_at is not None), (self.staff, True))
        with mock.patch.object(timezone, "now", return_value=timezone.now() + timedelta(days=9)):
            self.assertEqual(deliver_waiting(), 1)  # the one that waits
        self.assertEqual(self.listed(lage="undanlagda"), {self.failed})
        self.assertEqual(self.listed(lage="fel"), set())
        self.assertContains(self.client.get(self.url(Letter, "changelist")), f"av {self.staff}")
        mail.outbox.clear()
        with self.captureOnCommitCallbacks(execute=True):
            self.assertContains(self.chosen("try_again", self.failed), "1 av 1 skickas igen.")
        self.assertEqual(len(mail.outbox), 1)
        log = LogEntry.objects.filter(object_id=str(self.failed.pk)).order_by("pk")
        self.assertEqual([(row.change_message, row.user) for row in log], [("Ge upp", self.staff), ("Försök igen", self.staff)])

    def test_those_that_have_waited_long_and_those_that_are_refused_are_found(self):
        Letter.objects.filter(pk__in=[self.failed.pk, self.sent.pk]).update(created_at=timezone.now() - LATE)
        Letter.objects.filter(pk=self.failed.pk).update(refused=True, fault="Mottagaren avvisas: 550 5.1.1 Okänd")
        self.assertEqual([self.listed(lage=state) for state in ("drojer", "avvisade")], [{self.failed}, {self.failed}])
        self.assertContains(self.client.get(self.url(Letter, "changelist")), "mottagaren avvisas, försök 20")

    def test_nobody_writes_or_deletes_one_and_only_system_administrators_look(self):
        pages = [self.url(Letter, "add"), self.url(Letter, "delete", self.sent.pk), self.url(Letter, "change", self.sent.pk)]
        self.assertEqual([self.client.post(page, {"post": "yes"}).status_code for page in pages], [403, 403, 403])
        for user in (self.hr, make_member(self.below, "secretary")):
            self.client.force_login(user)
            self.assertEqual(self.client.get(self.url(Letter, "changelist")).status_code, 403)
            self.assertEqual(self.client.get(pages[2]).status_code, 403)
        self.assertEqual(Letter.objects.count(), 3)


class AskingTests(AdminTestCase):
    """A list tells what its rows say, and nothing that rows of other lists say of them."""

    def test_no_list_tells_whose_draft_it_is(self):
        rep = make_member(self.below, "union_rep", "Ulla Ek", party=self.party)
        draft = make_motion(self.below, self.party, by=rep, title="Hemligt", filed=False)
        for user in (self.staff, self.hr):
            self.client.force_login(user)
            for model in (Party, Person, Group):
                for ask in ("", "__isnull", "__gte", "__title__startswith", "__state"):
                    with self.assertLogs("django.security", "ERROR"):
                        answer = self.client.get(self.url(model, "changelist"), {f"motions{ask}": draft.pk})
                    with self.subTest(user=user, model=model.__name__, ask=ask):
                        self.assertEqual((answer.status_code, "cl" in (answer.context or {})), (400, False))

    def test_nor_anything_else_by_a_row_that_points_at_it(self):
        self.client.force_login(self.staff)
        for model in MODELS:
            for field in model._meta.get_fields(include_hidden=True):
                if not field.concrete or field.many_to_many:
                    with self.assertLogs("django.security", "ERROR"):
                        answer = self.client.get(self.url(model, "changelist"), {f"{field.name}__isnull": "0"})
                    self.assertEqual(answer.status_code, 400, (model, field.name))

    def test_filters_and_columns_answer(self):
        self.client.force_login(self.staff)
        asked = (
            (Mandate, {"giltighet": "nu", "role": "hr", "group__kind": "fvg"}),
            (Mandate, {"starts__year": today().year - 1}),
        )
        for model, ask in (
            *asked,
            (User, {"activated_at__isempty": "1"}),
            (Person, {"pk__in": "1,2"}),
            (Letter, {"lage": "fel"}),
        ):
            answer = self.client.get(self.url(model, "changelist"), ask)
            self.assertEqual((answer.status_code, "cl" in answer.context), (200, True), ask)


class StaffTests(AdminTestCase):
    def setUp(self):
        self.client.force_login(self.staff)

    def test_a_party_has_a_name_from_the_first_day(self):
        page, count = self.url(Party, "add"), Party.objects.count()
        self.assertContains(self.client.get(page), 'name="names-0-name"')
        for total in (0, 1):
            data = {"kind": "union", "position": 0, "names-TOTAL_FORMS": total, "names-INITIAL_FORMS": 0, "names-0-name": ""}
            self.assertContains(self.client.post(page, data), "Skriv vad organisationen heter.")
        self.assertEqual(Party.objects.count(), count)
        one_more = self.client.get(self.url(Party, "change", self.party.pk))
        self.assertNotContains(one_more, 'name="names-1-name"')

    def test_a_name_from_a_day_is_added_to_a_party(self):
        name = self.party.names.get()
        data = {
            "kind": "union",
            "position": 0,
            "successor": "",
            "names-TOTAL_FORMS": 2,
            "names-INITIAL_FORMS": 1,
            "names-0-id": name.pk,
            "names-0-party": self.party.pk,
            "names-0-name": "Lövförbundet",
            "names-0-abbreviation": "LF",
            "names-0-valid_from": "",
            "names-1-id": "",
            "names-1-party": self.party.pk,
            "names-1-name": "Lövrådet",
            "names-1-abbreviation": "LR",
            "names-1-valid_from": today().isoformat(),
        }
        self.assertEqual(self.client.post(self.url(Party, "change", self.party.pk), data).status_code, 302)
        party = Party.objects.get(pk=self.party.pk)
        self.assertEqual([party.name_on(today() - timedelta(days=1)), party.name_on(today())], ["Lövförbundet", "Lövrådet"])
        row = party.names.get(name="Lövrådet").history.get()
        self.assertEqual((row.history_user, row.history_verb, row.history_told), (self.staff, "administer", ""))

    def test_lists_cost_the_same_for_few_and_for_many(self):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        def costs():
            found = []
            for model in MODELS:
                with CaptureQueriesContext(connection) as caught:
                    self.client.get(self.url(model, "changelist"))
                found.append(len(caught))
            return found

        Service.objects.create(mandate=self.mandate, date=today())
        costs()
        few = costs()
        for number in range(10):
            group = make_group(f"SVG {number}", kind="svg", parent=self.group)
            user = make_member(group, "substitute", party=make_party(f"Förbund {number}"))
            Service.objects.create(mandate=Mandate.objects.get(person=user.person), date=today())
        self.assertEqual(costs(), few)

    def test_search_finds_by_old_and_new_names(self):
        for model, term, count in (
            (Mandate, "Lena", 1),
            (Person, "Främling", 1),
            (Party, "LF", 1),
            (Group, "Hamn", 1),
            (User, "inbjuden", 1),
        ):
            answer = self.client.get(self.url(model, "changelist"), {"q": term})
            self.assertEqual(answer.context["cl"].result_count, count, model)

    def test_the_pages_are_in_swedish(self):
        for path in (reverse("admin:index"), self.url(Mandate, "changelist"), self.url(Mandate, "history", self.mandate.pk)):
            answer = self.client.get(path).content.decode()
            for word in (
                ">Home<",
                "Change history",
                "View history",
                "Date/time",
                "Log out",
                "View site",
                "Django administration",
            ):
                self.assertNotIn(word, answer, path)
