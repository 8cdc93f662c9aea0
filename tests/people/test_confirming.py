"""Two persons for another address and for a union's mandate: until the second has said yes, nothing counts."""

from datetime import timedelta
from unittest import mock

from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from motions.models import Motion
from people import actions, confirming, invitations, inviting
from people.models import Letter, Mandate, Party, User, Waiting, today
from record.history import remember
from record.moves import Refused
from tests import factories as make
from tests.runner import unguarded

PASSWORD = make.PASSWORD


class ConfirmingTestCase(TestCase):
    def setUp(self):
        cache.clear()
        self.group = make.make_group()
        self.union = make.make_party("Lövförbundet", "LF")
        self.admin = make.make_user(make.make_person("Ada Ett"), is_staff=True)
        self.rep = make.make_member(self.group, "union_rep", "Ulla Ek", party=self.union)
        self.hr = make.make_member(self.group, "hr", "Hanna Sälg")

    def other_admin(self) -> User:
        return make.make_user(make.make_person("Ada Två"), is_staff=True)

    def prove(self, user: User) -> None:
        self.client.force_login(user)
        self.client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    def told(self, kind: str) -> list[str]:
        return sorted(Letter.objects.filter(kind=kind).values_list("address", flat=True))

    def link(self, kind: str, address: str) -> str:
        body = Letter.objects.filter(kind=kind, address=address).latest("pk").body
        return next(word for word in body.split() if "/bekrafta/" in word).removeprefix("https://fvg.example")

    def settle(self, user: User, answer: str = "confirm") -> int:
        self.prove(user)
        thing = Waiting.objects.latest("pk")
        return self.client.post(reverse("people:settle", args=[thing.pk]), {"answer": answer}).status_code


class AddressTests(ConfirmingTestCase):
    """The administration cannot give somebody's log-in to another mailbox alone."""

    def ask(self, by: User | None = None) -> Waiting:
        return confirming.ask_for_email(self.rep, email="Ny@fvg.example", reason="Ringde.", by=by or self.admin)

    def email(self) -> str:
        return User.objects.get(pk=self.rep.pk).email

    def test_asking_changes_nothing_and_all_old_addresses_are_told(self):
        EmailAddress.objects.create(user=self.rep, email="andra@fvg.example", verified=True)
        EmailAddress.objects.create(user=self.rep, email="obekraftad@fvg.example", verified=False)
        self.ask()
        self.assertEqual(self.email(), self.rep.email)
        self.assertEqual(self.told("address_asked"), sorted(["andra@fvg.example", self.rep.email]))
        self.assertEqual(self.told("address_replaced"), [])

    def test_the_person_confirms_by_the_link_and_reading_it_changes_nothing(self):
        self.ask()
        link, old = self.link("address_asked", self.rep.email), self.rep.email
        self.assertContains(self.client.get(link), "ny@fvg.example")
        self.client.post(link)
        self.assertEqual(self.email(), old)
        self.assertContains(self.client.post(link, {"answer": "confirm"}), "Bekräftat")
        user = User.objects.get(pk=self.rep.pk)
        self.assertEqual((user.email, user.proof_change, user.signs_from is not None), ("ny@fvg.example", "replaced", True))
        self.assertEqual(self.told("address_replaced"), sorted([old, "ny@fvg.example"]))
        self.assertEqual(self.client.post(link, {"answer": "confirm"}).status_code, 410)

    def test_the_person_refuses(self):
        self.ask()
        self.client.post(self.link("address_asked", self.rep.email), {"answer": "refuse"})
        self.assertEqual((self.email(), Waiting.objects.get().confirmed), (self.rep.email, False))

    def test_the_person_confirms_logged_in(self):
        self.ask()
        self.prove(self.rep)
        self.assertContains(self.client.get(reverse("people:profile")), reverse("people:waiting"))
        self.assertContains(self.client.get(reverse("people:waiting")), "ny@fvg.example")
        self.assertEqual(self.settle(self.rep), 302)
        self.assertEqual(self.email(), "ny@fvg.example")

    def test_a_second_administrator_confirms_and_the_one_who_asked_does_not(self):
        second = self.other_admin()
        self.ask()
        self.assertEqual(self.told("to_confirm"), [second.email])
        self.assertEqual((self.settle(self.admin), self.email()), (422, self.rep.email))
        self.assertEqual(self.settle(second), 302)
        self.assertEqual((self.email(), Waiting.objects.get().settled_by), ("ny@fvg.example", second))

    def test_nobody_else_does(self):
        self.ask()
        for user in (self.hr, make.make_member(self.group, "secretary")):
            self.assertEqual((self.settle(user), self.email()), (404, self.rep.email))

    def test_an_administrator_made_for_it_does_not(self):
        puppet = make.make_user(make.make_person("Docka"))
        puppet.is_staff = True
        remember(puppet, by=self.admin, verb="test")
        self.ask()
        self.assertEqual((self.settle(puppet), self.email()), (422, self.rep.email))

    def test_two_of_one_line_are_one_person(self):
        """One made by the other, whoever of them asks, and two made by a third."""
        first, second = (make.make_user(make.make_person(name)) for name in ("Docka Ett", "Docka Två"))
        for puppet in (first, second):
            puppet.is_staff = True
            remember(puppet, by=self.admin, verb="test")
        confirming.ask_for_email(self.rep, email="ny@fvg.example", reason="Brevlådan är borta.", by=first)
        for user in (self.admin, second):
            self.assertEqual((self.settle(user), self.email()), (422, self.rep.email))
        self.assertEqual(self.settle(self.other_admin()), 302)
        self.assertEqual(self.email(), "ny@fvg.example")

    def test_it_asks_for_the_password(self):
        second = self.other_admin()
        self.ask()
        self.client.force_login(second)
        answer = self.client.post(reverse("people:settle", args=[Waiting.objects.get().pk]), {"answer": "confirm"})
        self.assertEqual(answer.headers["Location"].partition("?")[0], reverse("account_reauthenticate"))
        self.assertEqual(self.email(), self.rep.email)

    def test_with_one_administrator_the_union_is_asked(self):
        colleague = make.make_member(self.group, "union_rep", party=self.union)
        self.ask()
        self.assertEqual(self.told("to_confirm"), [colleague.email])
        self.client.post(self.link("to_confirm", colleague.email), {"answer": "confirm"})
        self.assertEqual(self.email(), "ny@fvg.example")

    def test_a_mandate_that_nobody_has_confirmed_brings_no_union_in(self):
        chair = make.make_member(self.group, "chair", "Karin Chef")
        mandate = make.make_mandate(chair, self.group, "union_rep", party=self.union)
        confirming.ask_for_mandate(mandate, by=self.admin)
        waiting = confirming.ask_for_email(chair, email="min@kast.example", reason="Ringde.", by=self.admin)
        self.assertEqual(self.told("to_confirm"), [])
        link = confirming.link_for(waiting, self.rep.email)
        self.assertEqual(self.client.post(link, {"answer": "confirm"}).status_code, 422)
        self.assertEqual(User.objects.get(pk=chair.pk).email, chair.email)

    def test_nor_does_a_contact_that_the_one_who_asks_has_entered_alone(self):
        """Be it a party made for it; the same contact may when somebody else has asked for it, or confirmed it."""
        puppet, contact = make.make_party("Skenfacket", "SF"), "kast@mail.example"
        confirming.ask_for_contact(puppet, contact, by=self.admin)
        chair = make.make_member(self.group, "chair", "Karin Chef")
        make.make_mandate(chair, self.group, "union_rep", party=puppet)
        for by, asked, status, email in (
            (self.admin, [], 422, chair.email),
            (make.make_user("Ada Två"), [contact], 200, "min@kast.example"),
        ):
            with mock.patch("people.confirming._able", return_value=[]):
                Letter.objects.all().delete()
                waiting = confirming.ask_for_email(chair, email="min@kast.example", reason="Ringde.", by=by)
            self.assertEqual(self.told("to_confirm"), asked)
            link = confirming.link_for(waiting, contact)
            self.assertEqual(self.client.post(link, {"answer": "confirm"}).status_code, status)
            self.assertEqual(User.objects.get(pk=chair.pk).email, email)

    def test_nobody_takes_over_a_log_in_by_a_party_of_their_own(self):
        chair = make.make_member(self.group, "chair", "Karin Chef")
        self.prove(self.admin)
        names = {"names-TOTAL_FORMS": 1, "names-INITIAL_FORMS": 0, "names-0-name": "Skenfacket", "names-0-abbreviation": "SF"}
        data = {"kind": "union", "position": 9, "contact": "kast@mail.example", **names}
        self.client.post(reverse("admin:people_party_add"), data)
        seat = {"person": chair.person_id, "group": self.group.pk, "role": "union_rep", "party": Party.objects.latest("pk").pk}
        self.client.post(reverse("admin:people_mandate_add"), {**seat, "position": 0, "starts": today().isoformat()})
        data = {"email": "min@kast.example", "reason": "Ringde."}
        self.client.post(reverse("admin:people_user_replace_email", args=[chair.pk]), data)
        waiting = Waiting.objects.get(kind="address")
        self.assertEqual(self.told("to_confirm"), [])
        for one in (*Waiting.objects.filter(kind="mandate"), waiting):
            self.client.post(confirming.link_for(one, "kast@mail.example"), {"answer": "confirm"})
        self.assertEqual(User.objects.get(pk=chair.pk).email, chair.email)

    def test_what_is_asked_anew_replaces_what_was_asked_before(self):
        self.ask()
        link = self.link("address_asked", self.rep.email)
        confirming.ask_for_email(self.rep, email="annan@fvg.example", reason="Fel nyss.", by=self.admin)
        self.assertEqual(self.client.post(link, {"answer": "confirm"}).status_code, 410)
        self.assertEqual(Waiting.objects.filter(settled_at=None).count(), 1)

    def test_a_link_that_is_old_or_made_up_leads_nowhere(self):
        self.ask()
        link = self.link("address_asked", self.rep.email)
        for path in (link[:-4] + "abc/", reverse("people:confirm", args=["x"])):
            self.assertEqual(self.client.post(path, {"answer": "confirm"}).status_code, 410)
        with mock.patch("django.core.signing.time.time", return_value=timezone.now().timestamp() + 15 * 24 * 3600):
            self.assertEqual(self.client.post(link, {"answer": "confirm"}).status_code, 410)
        self.assertEqual(self.email(), self.rep.email)


class MandateTests(ConfirmingTestCase):
    """Nobody is made a union's representative by the employer's side alone."""

    def setUp(self):
        super().setUp()
        self.draft = make.make_motion(self.group, self.union, by=self.rep, filed=False)
        self.mole = make.make_user("Mille Mullvad")

    def enter(self, by: User, **more) -> None:
        self.prove(by)
        data = {"person": self.mole.person_id, "group": self.group.pk, "role": "union_rep", "party": self.union.pk}
        data |= {"position": 0, "starts": today().isoformat(), **more}
        self.assertEqual(self.client.post(reverse("admin:people_mandate_add"), data).status_code, 302)

    def reads(self) -> bool:
        user = User.objects.get(pk=self.mole.pk)
        return Motion.objects.visible_to(user).filter(pk=self.draft.pk).exists()

    def test_one_that_is_entered_gives_no_rights_and_the_union_is_told_first(self):
        for by in (self.admin, self.hr):
            with self.subTest(by):
                Letter.objects.all().delete()
                self.enter(by)
                self.assertFalse(self.reads())
                self.assertEqual(User.objects.get(pk=self.mole.pk).held, ())
                self.assertEqual(self.told("mandate_entered"), [self.rep.email])

    def test_the_union_confirms_by_the_link(self):
        self.enter(self.hr)
        link = self.link("mandate_entered", self.rep.email)
        self.assertContains(self.client.get(link), "Mille Mullvad")
        self.assertFalse(self.reads())
        self.client.post(link, {"answer": "confirm"})
        self.assertTrue(self.reads())

    def test_the_union_refuses(self):
        self.enter(self.hr)
        self.client.post(self.link("mandate_entered", self.rep.email), {"answer": "refuse"})
        self.assertFalse(self.reads())

    def test_a_second_administrator_confirms_and_neither_who_entered_it_nor_whom_it_is_about(self):
        second = self.other_admin()
        self.enter(self.admin)
        User.objects.filter(pk=self.mole.pk).update(is_staff=True)
        for user in (self.admin, self.mole):
            self.assertEqual((self.settle(user), self.reads()), (422, False))
        self.assertEqual((self.settle(second), self.reads()), (302, True))
        self.assertEqual(Mandate.objects.get(person=self.mole.person).confirmed_by, second)

    def test_one_that_is_made_somebody_else_s_or_longer_waits_anew_and_one_that_is_ended_does_not(self):
        mandate = make.make_mandate(self.mole, self.group, "union_rep", party=self.union)
        self.prove(self.admin)
        url = reverse("admin:people_mandate_change", args=[mandate.pk])
        data = {"person": self.mole.person_id, "group": self.group.pk, "role": "union_rep", "party": self.union.pk}
        data |= {"position": 0, "starts": mandate.starts.isoformat()}
        self.client.post(url, data | {"ends": today().isoformat(), "title": "ombud"})
        self.assertTrue(self.reads())
        self.client.post(url, data | {"ends": ""})
        self.assertFalse(self.reads())
        confirming.settle(Waiting.objects.latest("pk"), confirmed=True, by=None)
        self.client.post(url, data | {"person": make.make_person("Någon Annan").pk})
        self.assertIsNone(Mandate.objects.get(pk=mandate.pk).confirmed_at)

    def test_a_union_that_nobody_speaks_for_yet_is_asked_at_its_contact(self):
        new = make.make_party("Nyfacket", "NF")
        self.enter(self.hr, party=new.pk)
        self.assertEqual(self.told("mandate_entered"), [])
        new.contact = "expedition@nyfacket.example"
        remember(new, by=None, verb="test")
        confirming.ask_union_again(new)
        self.client.post(self.link("mandate_entered", "expedition@nyfacket.example"), {"answer": "confirm"})
        self.assertEqual({held.party for held in User.objects.get(pk=self.mole.pk).held}, {new.pk})

    def test_who_can_only_refuse_is_told_so_in_the_letter_on_the_page_and_to_the_one_who_asked(self):
        new = make.make_party("Nyfacket", "NF")
        confirming.ask_for_contact(new, "expedition@ny.example", by=self.admin)
        self.enter(self.admin, party=new.pk)
        page = self.client.get(reverse("admin:people_mandate_changelist"))
        self.assertContains(page, "Uppdraget gäller när en annan systemadministratör har bekräftat.")
        body = Letter.objects.get(kind="mandate_entered").body
        self.assertIn("En annan systemadministratör ska bekräfta. Känner ni inte igen det: avslå här.", body)
        self.assertNotIn("förrän någon har bekräftat", body)
        page = self.client.get(self.link("mandate_entered", "expedition@ny.example"))
        self.assertContains(page, "eller en annan\n  systemadministratör, kan bekräfta")
        self.assertNotContains(page, "När du bekräftar")
        self.enter(self.hr)
        page = self.client.get(reverse("admin:people_mandate_changelist"))
        self.assertContains(page, "Uppdraget gäller när organisationen, eller en annan systemadministratör, har bekräftat.")
        body = Letter.objects.get(kind="mandate_entered", address=self.rep.email).body
        self.assertIn("Det gäller inte förrän någon har bekräftat", body)
        self.assertContains(self.client.get(self.link("mandate_entered", self.rep.email)), "När du bekräftar")

    def test_a_contact_that_has_been_replaced_confirms_no_more(self):
        new = make.make_party("Nyfacket", "NF")
        confirming.ask_for_contact(new, "fel@ny.example", by=self.admin)
        self.enter(self.hr, party=new.pk)
        link = self.link("mandate_entered", "fel@ny.example")
        new = Party.objects.get(pk=new.pk)
        new.contact = "expedition@ny.example"
        remember(new, by=None, verb="test")
        self.assertEqual(self.client.post(link, {"answer": "confirm"}).status_code, 422)
        self.assertIsNone(Waiting.objects.get(mandate__party=new).settled_at)

    def test_ending_the_mandates_of_those_who_speak_does_not_open_the_way_by_the_contact(self):
        self.union.contact = "elak@annan.example"
        remember(self.union, by=self.admin, verb="test")
        mandate = Mandate.objects.get(person=self.rep.person)
        mandate.ends = today() - timedelta(days=1)
        remember(mandate, by=self.admin, verb="test")
        for closed, asked in ((False, [self.rep.email]), (True, [])):
            Letter.objects.all().delete()
            User.objects.filter(pk=self.rep.pk).update(is_active=not closed)
            self.enter(self.hr)
            self.assertEqual(self.told("mandate_entered"), asked)
        mandate.person = make.make_person()  # nor does giving the mandate itself to somebody else
        remember(mandate, by=self.admin, verb="test")
        self.enter(self.hr)
        self.assertEqual(self.told("mandate_entered"), [])

    def test_a_representative_whose_address_the_registry_keeps_is_not_asked(self):
        other = make.make_party("Barrfacket", "BF")
        passive = make.make_person("Utan Inlogg")
        passive.email = self.hr.email
        remember(passive, by=None, verb="test")
        make.make_mandate(passive, self.group, "union_rep", party=other)
        self.enter(self.hr, party=other.pk)
        self.assertEqual(self.told("mandate_entered"), [])

    def test_the_employer_s_seats_need_no_second_person(self):
        self.enter(self.hr, role="employer_rep", party="")
        self.assertEqual((Waiting.objects.count(), len(User.objects.get(pk=self.mole.pk).held)), (0, 1))

    def test_who_sits_for_a_union_sits_for_no_employer_and_the_other_way_round(self):
        employer = make.make_party("Parkförvaltningen", kind="employer")
        self.prove(self.hr)
        seat = {"person": self.mole.person_id, "group": self.group.pk, "position": 0, "starts": today().isoformat()}
        for role, party, words in (
            ("union_rep", employer, "En facklig representant företräder en facklig organisation. Välj en annan part."),
            ("safety_rep", employer, "Ett skyddsombud företräder en facklig organisation. Välj en annan part."),
            ("employer_rep", self.union, "En arbetsgivarrepresentant företräder arbetsgivaren. Välj en annan part."),
        ):
            answer = self.client.post(reverse("admin:people_mandate_add"), {**seat, "role": role, "party": party.pk})
            self.assertContains(answer, words)
        self.assertFalse(Mandate.objects.filter(person=self.mole.person).exists())

    def test_those_there_are_count(self):
        self.assertIsNotNone(Mandate.objects.get(person=self.rep.person).confirmed_at)
        self.assertTrue(Mandate.objects.valid_on(today() - timedelta(days=1)).filter(person=self.rep.person).exists())


class OnceTests(ConfirmingTestCase):
    """Who once spoke for a union still answers for it, by a log-in that was theirs then."""

    def end(self, mandate: Mandate) -> None:
        mandate.ends = today() - timedelta(days=1)
        remember(mandate, by=self.hr, verb="administer")

    def enter(self, party: Party) -> Waiting:
        mandate = make.make_mandate("Bo Bulvan", self.group, "union_rep", party=party, confirmed_at=None)
        return confirming.ask_for_mandate(mandate, by=self.hr)

    def taken_over(self, mandate: Mandate, email: str = "fel@annan.example") -> User:
        user = inviting.invite(mandate.person, email=email, by=self.hr)
        return actions.activate(user, password="fyra-gula-cyklar-i-sol")

    def test_a_log_in_that_an_invitation_made_after_the_mandate_says_nothing_for_the_union(self):
        party = make.make_party("Granfacket", "GF")
        party.contact = "expedition@granfacket.example"
        remember(party, by=self.admin, verb="test")
        self.taken_over(make.make_mandate("Anna Ombud", self.group, "union_rep", party=party))
        waiting = self.enter(party)
        asked = Letter.objects.filter(kind="mandate_entered", thread=confirming.thread(waiting))
        self.assertEqual([letter.address for letter in asked], ["expedition@granfacket.example"])
        self.assertFalse(confirming.may_confirm(waiting, "fel@annan.example"))

    def test_nor_when_the_mandate_was_ended_before_the_invitation(self):
        mandate = make.make_mandate("Anna Ombud", self.group, "union_rep", party=self.union)
        self.end(mandate)
        self.taken_over(mandate)
        self.end(Mandate.objects.get(person=self.rep.person))
        self.assertFalse(confirming.may_confirm(self.enter(self.union), "fel@annan.example"))
        self.assertEqual(self.told("mandate_entered"), [self.rep.email])

    def test_one_that_came_before_or_while_it_was_confirmed_does(self):
        person = make.make_person("Anna Ombud")
        person.email = "anna@fvg.example"
        remember(person, by=None, verb="test")
        mandate = make.make_mandate(person, self.group, "union_rep", party=self.union, confirmed_at=None)
        confirming.settle(confirming.ask_for_mandate(mandate, by=self.hr), confirmed=True, by=self.rep)
        user = self.taken_over(mandate, "anna@fvg.example")
        for row in Mandate.objects.filter(party=self.union):
            self.end(row)
        self.assertTrue(confirming.may_confirm(self.enter(self.union), user.email))

    def test_whom_the_union_has_refused_since_says_nothing_and_whom_its_asker_gave_up_does(self):
        for end, may in ((lambda one: confirming.take_back(one, by=self.hr), True), (self.refuse, False)):
            mandate = Mandate.objects.get(person=self.rep.person)
            end(confirming.ask_for_mandate(mandate, by=self.hr))
            self.end(Mandate.objects.get(pk=mandate.pk))
            self.assertEqual(confirming.may_confirm(self.enter(self.union), self.rep.email), may)

    def refuse(self, waiting: Waiting) -> None:
        confirming.settle(waiting, confirmed=False, by=None)


class PartyTests(ConfirmingTestCase):
    """What gives one union's drafts, or its voice, to others counts when the union or a second administrator has said so."""

    def setUp(self):
        super().setUp()
        self.heir = make.make_party("Barrfacket", "BF")
        self.heir_rep = make.make_member(self.group, "union_rep", "Bo Barr", party=self.heir)
        self.draft = make.make_motion(self.group, self.union, by=self.rep, filed=False)

    def change(self, party: Party, by: User | None = None, **fields) -> None:
        self.prove(by or self.admin)
        name = party.names.get()
        data = {"position": 0, "successor": "", "contact": party.contact, "names-TOTAL_FORMS": 1, "names-INITIAL_FORMS": 1}
        data |= {"names-0-id": name.pk, "names-0-party": party.pk, "names-0-name": name.name}
        data |= {"names-0-abbreviation": name.abbreviation, **fields}
        self.assertEqual(self.client.post(reverse("admin:people_party_change", args=[party.pk]), data).status_code, 302)

    def party(self) -> Party:
        return Party.objects.get(pk=self.union.pk)

    def reads(self) -> bool:
        return Motion.objects.visible_to(User.objects.get(pk=self.heir_rep.pk)).filter(pk=self.draft.pk).exists()

    def merge(self) -> None:
        self.change(self.union, successor=self.heir.pk)

    def test_a_successor_gives_nothing_until_confirmed_and_both_unions_are_told(self):
        self.merge()
        self.assertEqual((self.party().successor, self.reads()), (None, False))
        self.assertEqual(self.told("party_asked"), sorted([self.rep.email, self.heir_rep.email]))
        self.assertEqual(self.settle(self.admin), 422)
        self.assertFalse(self.reads())

    def test_both_unions_hear_how_it_ended(self):
        for answer, words in (("refuse", "avslogs"), ("confirm", "bekräftades")):
            Letter.objects.all().delete()
            self.merge()
            self.client.post(self.link("party_asked", self.rep.email), {"answer": answer})
            self.assertEqual(self.told("request_settled"), sorted([self.admin.email, self.rep.email, self.heir_rep.email]))
            body = Letter.objects.get(kind="request_settled", address=self.heir_rep.email).body
            self.assertIn(f"att Lövförbundet ska gå upp i Barrfacket {words}", body)

    def test_a_contact_entered_with_the_successor_is_told_of_it_and_can_only_refuse(self):
        silent = make.make_party("Tystfacket", "TF")
        self.change(silent, contact="expedition@tyst.example", successor=self.heir.pk)
        link = self.link("party_asked", "expedition@tyst.example")
        self.assertEqual(self.client.post(link, {"answer": "confirm"}).status_code, 422)
        self.client.post(link, {"answer": "refuse"})
        self.assertFalse(Waiting.objects.get(kind="successor").confirmed)

    def test_the_union_whose_drafts_are_read_confirms(self):
        self.merge()
        link = self.link("party_asked", self.rep.email)
        self.assertContains(self.client.get(link), "Barrfacket")
        self.client.post(link, {"answer": "confirm"})
        self.assertEqual((self.party().successor, self.reads()), (self.heir, True))

    def test_the_union_that_would_read_them_refuses_and_does_not_confirm(self):
        self.merge()
        link = self.link("party_asked", self.heir_rep.email)
        self.assertNotContains(self.client.get(link), 'value="confirm"')
        self.assertEqual(self.client.post(link, {"answer": "confirm"}).status_code, 422)
        self.assertFalse(self.reads())
        self.client.post(link, {"answer": "refuse"})
        self.assertEqual((Waiting.objects.get().confirmed, self.reads()), (False, False))

    def test_a_second_administrator_confirms(self):
        second = self.other_admin()
        self.merge()
        self.assertEqual(self.told("to_confirm"), [second.email])
        self.prove(second)
        self.assertContains(self.client.get(reverse("people:waiting")), "Barrfacket")
        self.assertEqual((self.settle(second), self.reads()), (302, True))

    def test_one_that_is_taken_away_or_given_to_a_new_party_waits_too(self):
        self.union.successor = self.heir
        remember(self.union, by=None, verb="test")
        self.change(self.party())
        self.assertEqual(self.party().successor, self.heir)
        named = {"names-TOTAL_FORMS": 1, "names-INITIAL_FORMS": 0, "names-0-name": "Videfacket", "names-0-abbreviation": "VF"}
        data = {"kind": "union", "position": 0, "successor": self.heir.pk, "contact": "", **named}
        self.client.post(reverse("admin:people_party_add"), data)
        self.assertIsNone(Party.objects.latest("pk").successor)
        self.assertEqual(Waiting.objects.filter(kind="successor", settled_at=None).count(), 2)

    def test_another_contact_waits_and_the_old_one_and_those_who_speak_are_told(self):
        self.union.contact = "expedition@lov.example"
        remember(self.union, by=None, verb="test")
        for new in ("elak@annan.example", ""):
            Letter.objects.all().delete()
            self.change(self.party(), contact=new)
            self.assertEqual(self.party().contact, "expedition@lov.example")
            self.assertEqual(self.told("party_asked"), sorted(["expedition@lov.example", self.rep.email]))
        self.change(self.party(), contact="ny@lov.example")
        self.client.post(self.link("party_asked", "expedition@lov.example"), {"answer": "confirm"})
        self.assertEqual(self.party().contact, "ny@lov.example")

    def test_a_contact_that_one_administrator_has_entered_confirms_nothing_that_the_same_one_asks_for(self):
        """Be it a mandate, another contact, or what somebody enters whom that administrator has just let in."""
        new = make.make_party("Nyfacket", "NF")
        puppet = make.make_member(self.group, "hr", "Petter Docka")
        remember(puppet, by=self.admin, verb="invite")
        contact = "expedition@ny.example"
        self.change(new, contact=contact)
        self.assertEqual(Party.objects.get(pk=new.pk).contact, contact)
        for by in (self.admin, puppet):
            mandate = make.make_mandate(make.make_person(), self.group, "union_rep", party=new)
            confirming.ask_for_mandate(mandate, by=by)
            link = self.link("mandate_entered", contact)
            self.assertEqual(self.client.post(link, {"answer": "confirm"}).status_code, 422)
            self.assertIsNone(Mandate.objects.get(pk=mandate.pk).confirmed_at)
            self.assertEqual(self.settle(self.admin), 422)
        self.change(Party.objects.get(pk=new.pk), contact="annan@ny.example")
        self.assertEqual(self.client.post(self.link("party_asked", contact), {"answer": "confirm"}).status_code, 422)
        self.assertEqual(Party.objects.get(pk=new.pk).contact, contact)

    def test_it_confirms_what_somebody_else_enters_and_what_the_same_one_does_once_a_second_has_confirmed_it(self):
        new = make.make_party("Nyfacket", "NF")
        self.change(new, contact="fel@ny.example")
        mandate = make.make_mandate(make.make_person(), self.group, "union_rep", party=new)
        confirming.ask_for_mandate(mandate, by=self.hr)
        self.client.post(self.link("mandate_entered", "fel@ny.example"), {"answer": "confirm"})
        self.assertIsNotNone(Mandate.objects.get(pk=mandate.pk).confirmed_at)
        self.change(Party.objects.get(pk=new.pk), contact="expedition@ny.example")
        self.settle(self.other_admin())
        confirming.ask_for_mandate(mandate, by=self.admin)
        self.client.post(self.link("mandate_entered", "expedition@ny.example"), {"answer": "confirm"})
        self.assertIsNotNone(Mandate.objects.get(pk=mandate.pk).confirmed_at)

    def test_no_other_party_takes_a_union_s_name_be_it_an_old_one_or_written_otherwise(self):
        old = self.union.names.get()
        old.name = "Lövarbetarna"
        remember(old, by=self.admin, verb="test")
        blank = {"names-TOTAL_FORMS": 1, "names-INITIAL_FORMS": 0, "kind": "union", "position": 0}
        for name, abbreviation in (("lövarbetarna", ""), ("Löv-förbundet ", ""), ("Nyfacket", "L.F."), ("LF", "NF")):
            data = {"names-0-name": name, "names-0-abbreviation": abbreviation, **blank}
            answer = self.client_of(self.admin).post(reverse("admin:people_party_add"), data)
            self.assertContains(answer, "En annan part heter så", msg_prefix=name)
        self.change(self.heir, **{"names-0-name": "Barrförbundet"})
        self.union.successor = self.heir
        remember(self.union, by=None, verb="test")
        self.change(self.heir, **{"names-0-name": "Lövförbundet"})
        self.assertEqual(str(Party.objects.get(pk=self.heir.pk)), "Lövförbundet")

    def client_of(self, user: User):
        self.prove(user)
        return self.client

    def refused(self, party: Party, heir: Party, words: str) -> None:
        self.prove(self.admin)
        name = party.names.get()
        data = {"position": 0, "successor": heir.pk, "names-TOTAL_FORMS": 1, "names-INITIAL_FORMS": 1, "names-0-id": name.pk}
        data |= {"names-0-party": party.pk, "names-0-name": name.name, "names-0-abbreviation": name.abbreviation}
        self.assertContains(self.client.post(reverse("admin:people_party_change", args=[party.pk]), data), words)
        with self.assertRaisesMessage(Refused, words):
            confirming.ask_for_successor(party, heir, by=self.admin)
        self.assertFalse(Waiting.objects.exists())

    def test_a_union_merges_into_another_union_that_has_not_merged_itself(self):
        third, employer = make.make_party("Videfacket", "VF"), make.make_party("Parkförvaltningen", kind="employer")
        self.heir.successor = third
        remember(self.heir, by=None, verb="test")
        self.refused(self.union, self.union, "En organisation kan inte gå upp i sig själv.")
        self.refused(self.union, employer, "Efterföljaren måste vara en facklig organisation.")
        self.refused(self.union, self.heir, "Barrfacket har redan gått upp i Videfacket: välj Videfacket.")
        self.refused(third, self.heir, "Barrfacket har redan gått upp i Videfacket. Ändra först det.")
        self.refused(employer, third, "Bara en facklig organisation kan gå upp i en annan.")

    def test_of_two_mergers_that_would_make_a_circle_the_second_is_not_confirmed(self):
        back = confirming.ask_for_successor(self.heir, self.union, by=self.admin)
        forth = confirming.ask_for_successor(self.union, self.heir, by=self.admin)
        confirming.settle(forth, confirmed=True, by=None)
        with self.assertRaisesMessage(Refused, "har redan gått upp i"):
            confirming.settle(back, confirmed=True, by=None)
        self.assertIsNone(Party.objects.get(pk=self.heir.pk).successor)

    def test_the_letter_names_both_organisations(self):
        self.merge()
        for letter in Letter.objects.filter(kind="party_asked"):
            self.assertIn("Lövförbundet har gått upp i Barrfacket", letter.body)
            gives = letter.address == self.rep.email
            self.assertEqual("bekräfta eller avslå:" in letter.body, gives)
            self.assertEqual("Den som företräder Lövförbundet, eller en annan" in letter.body, not gives)

    def test_a_party_stays_on_its_side(self):
        self.change(self.union, kind="employer")
        self.assertEqual(self.party().kind, "union")


class StaffTests(ConfirmingTestCase):
    """Nobody makes administrators alone, nor from a session that somebody left open."""

    def setUp(self):
        super().setUp()
        self.new = make.make_member(self.group, "employer_rep", "Nils Nästa")

    def save(self, user: User, by: User | None = None, *, proved: bool = True, **fields: str):
        (self.prove if proved else self.client.force_login)(by or self.admin)
        return self.client.post(reverse("admin:people_user_change", args=[user.pk]), fields)

    def administers(self, user: User) -> bool:
        return User.objects.get(pk=user.pk).is_staff

    def test_it_asks_for_the_password(self):
        answer = self.save(self.new, proved=False, is_active="on", is_staff="on")
        self.assertEqual(answer.headers["Location"].partition("?")[0], reverse("account_reauthenticate"))
        self.assertFalse(self.administers(self.new))
        self.client.post(reverse("admin:people_user_add"), {"email": "ny@fvg.example", "is_active": "on", "is_staff": "on"})
        self.assertFalse(User.objects.filter(email="ny@fvg.example").exists())

    def test_a_new_one_waits_for_a_second_administrator_also_a_new_log_in_and_one_that_is_opened_again(self):
        second = self.other_admin()
        closed = make.make_user("Stina Stängd", is_staff=True, is_active=False)
        self.save(self.new, is_active="on", is_staff="on")
        self.save(closed, is_active="on", is_staff="on")
        self.client.post(reverse("admin:people_user_add"), {"email": "ny@fvg.example", "is_active": "on", "is_staff": "on"})
        asked = Waiting.objects.filter(kind="staff")
        self.assertEqual({waiting.user.is_staff for waiting in asked}, {False})
        self.assertEqual(set(asked.values_list("user__email", flat=True)), {self.new.email, closed.email, "ny@fvg.example"})
        self.assertEqual(self.told("to_confirm"), [second.email] * 3)
        self.assertEqual(self.told("staff_changed"), [])

    def test_neither_who_asked_nor_whom_it_is_about_confirms_and_the_second_does(self):
        second = self.other_admin()
        self.save(self.new, is_active="on", is_staff="on")
        for user, status in ((self.admin, 422), (self.new, 404)):
            self.assertEqual((self.settle(user), self.administers(self.new)), (status, False))
        self.prove(second)
        self.assertContains(self.client.get(reverse("people:waiting")), "ska bli systemadministratör")
        self.assertEqual((self.settle(second), self.administers(self.new)), (302, True))
        self.assertEqual(self.told("staff_changed"), [second.email])
        confirming.ask_for_email(self.rep, email="ny@fvg.example", reason="Ringde.", by=self.admin)
        self.assertEqual(self.settle(self.new), 422)  # who has just been made one is no second person yet

    def test_with_one_administrator_it_counts_at_once_and_the_unions_and_hr_are_told(self):
        self.save(self.new, is_active="on", is_staff="on")
        self.assertTrue(self.administers(self.new))
        self.assertEqual(self.told("staff_changed"), sorted([self.rep.email, self.hr.email]))

    def test_all_others_and_who_it_is_are_told_when_one_is_given_back_or_closed(self):
        second, third = self.other_admin(), make.make_user("Ada Tre", is_staff=True)
        for fields in ({"is_active": "on"}, {"is_staff": "on"}):
            Letter.objects.all().delete()
            User.objects.filter(pk=third.pk).update(is_staff=True, is_active=True)
            self.save(third, **fields)
            self.assertEqual(self.told("staff_changed"), sorted([second.email, third.email]))


class WaitingPageTests(ConfirmingTestCase):
    """Whoever can say yes or no finds it on the start page, and whoever has asked can take it back."""

    def setUp(self):
        super().setUp()
        self.mandate = make.make_mandate(make.make_person("Nora Ny"), self.group, "union_rep", party=self.union)
        self.waiting = confirming.ask_for_mandate(self.mandate, by=self.hr)
        self.heading = "Att bekräfta eller avslå"

    def home(self, user: User):
        self.client.force_login(user)
        return self.client.get(reverse("home"))

    def test_the_start_page_tells_the_administrator_and_the_union_and_nobody_else(self):
        elsewhere = make.make_member(self.group, "union_rep", "Bo Barr", party=make.make_party("Barrfacket", "BF"))
        secretary = make.make_member(self.group, "secretary")
        for user, told in ((self.admin, 1), (self.rep, 1), (self.hr, 0), (elsewhere, 0), (secretary, 0)):
            with self.subTest(user):
                page = self.home(user)
                self.assertContains(page, self.heading, count=told)
                self.assertContains(page, "Ingenting väntar på dig", count=1 - told)

    def test_it_costs_the_same_for_one_and_for_many(self):
        def cost(user):
            self.client.force_login(user)
            self.client.get(reverse("home"))
            with CaptureQueriesContext(connection) as caught:
                self.client.get(reverse("home"))
            return len(caught)

        one = cost(self.admin), cost(self.rep)
        for _ in range(4):
            mandate = make.make_mandate(make.make_person(), self.group, "union_rep", party=self.union)
            confirming.ask_for_mandate(mandate, by=self.hr)
        self.assertEqual((cost(self.admin), cost(self.rep)), one)

    def test_a_representative_confirms_logged_in_what_is_about_the_own_union_and_nothing_else(self):
        barr = make.make_party("Barrfacket", "BF")
        elsewhere = make.make_member(self.group, "union_rep", "Bo Barr", party=barr)
        self.assertEqual(self.settle(elsewhere), 404)
        self.prove(self.rep)
        self.assertContains(self.client.get(reverse("people:waiting")), 'value="confirm"')
        self.assertEqual(self.settle(self.rep), 302)
        self.assertIsNotNone(Mandate.objects.get(pk=self.mandate.pk).confirmed_at)
        confirming.ask_for_successor(self.union, barr, by=self.admin)
        self.assertEqual(self.settle(elsewhere), 404)
        self.assertEqual(self.settle(self.rep), 302)

    def test_whoever_asked_takes_it_back_and_nobody_else_does(self):
        self.prove(self.hr)
        self.assertContains(self.client.get(reverse("people:registry")), reverse("people:waiting"))
        self.assertContains(self.client.get(reverse("people:waiting")), "Ta tillbaka")
        link = self.link("mandate_entered", self.rep.email)
        self.assertEqual(self.settle(self.admin, "take_back"), 422)
        self.assertIsNone(Waiting.objects.get().settled_at)
        self.assertEqual(self.settle(self.hr, "take_back"), 302)
        thing = Waiting.objects.get()
        self.assertEqual((thing.confirmed, thing.settled_by, thing.history.first().history_verb), (False, self.hr, "take_back"))
        self.assertEqual(self.client.post(link, {"answer": "confirm"}).status_code, 410)
        with self.assertRaises(Refused):
            confirming.take_back(thing, by=self.hr)
        self.assertIsNone(Mandate.objects.get(pk=self.mandate.pk).confirmed_at)

    def test_the_form_says_what_waits(self):
        page = reverse("admin:people_mandate_change", args=[self.mandate.pk])
        self.client.force_login(self.hr)
        self.assertContains(self.client.get(page), "Väntar på bekräftelse:")
        self.client.force_login(self.admin)
        self.assertContains(self.client.get(page), "<strong>Nora Ny</strong> ska vara")
        confirming.settle(self.waiting, confirmed=True, by=None)
        self.assertNotContains(self.client.get(page), "Väntar på bekräftelse:")


class SettledTests(ConfirmingTestCase):
    """Whoever asked hears how it went, and whose mandate it is that it counts."""

    def setUp(self):
        super().setUp()
        self.seated = make.make_user("Nora Ny")
        self.mandate = make.make_mandate(self.seated, self.group, "union_rep", party=self.union)
        self.waiting = confirming.ask_for_mandate(self.mandate, by=self.hr)

    def test_what_is_confirmed_is_told_to_whoever_asked_and_to_whose_mandate_it_is(self):
        confirming.settle(self.waiting, confirmed=True, by=self.admin)
        self.assertEqual((self.told("request_settled"), self.told("mandate_confirmed")), ([self.hr.email], [self.seated.email]))
        self.assertIn("ett fackligt uppdrag för Nora Ny", Letter.objects.get(kind="request_settled").body)
        self.assertIn("bekräftades av Ada Ett.", Letter.objects.get(kind="request_settled").body)

    def test_what_is_refused_is_told_to_the_other_administrators_too(self):
        second = self.other_admin()
        confirming.settle(self.waiting, confirmed=False, by=self.admin)
        self.assertEqual(self.told("request_settled"), sorted([self.hr.email, second.email]))
        self.assertEqual(self.told("mandate_confirmed"), [])
        own = Letter.objects.get(kind="request_settled", address=self.hr.email)
        self.assertEqual(own.subject, "Din begäran är avslagen")
        self.assertIn("avslogs av Ada Ett. Inget har ändrats.", own.body)
        self.assertIn("En begäran från Hanna Sälg", Letter.objects.get(kind="request_settled", address=second.email).body)

    def test_whoever_has_not_chosen_a_password_yet_is_not_told_that_it_counts(self):
        invited = inviting.invite(make.make_person("Nils Ny"), email="nils@fvg.example", by=self.hr)
        mandate = make.make_mandate(invited, self.group, "union_rep", party=self.union)
        confirming.settle(confirming.ask_for_mandate(mandate, by=self.hr), confirmed=True, by=None)
        self.assertEqual(self.told("mandate_confirmed"), [])

    def test_a_session_that_ends_because_the_mandate_waits_says_so(self):
        self.client.force_login(self.seated)
        answer = self.client.get(reverse("people:profile"), follow=True)
        self.assertContains(answer, "Ditt uppdrag för Lövförbundet väntar på att någon bekräftar det.")

    def test_what_is_taken_back_is_told_to_nobody(self):
        confirming.take_back(self.waiting, by=self.hr)
        self.assertEqual(self.told("request_settled"), [])


class LineTests(ConfirmingTestCase):
    def test_two_who_count_as_one_read_until_when(self):
        first, second = (make.make_user(make.make_person(name)) for name in ("Docka Ett", "Docka Två"))
        now = timezone.now()
        for puppet, days in ((first, 20), (second, 10)):
            puppet.is_staff = True
            remember(puppet, by=self.admin, verb="test")
            with unguarded("people_historicaluser"):
                rows = User.history.filter(id=puppet.pk)
                rows.update(history_date=now - timedelta(days=days))
        waiting = confirming.ask_for_email(self.rep, email="ny@fvg.example", reason="Ringde.", by=first)
        day = date_format(timezone.localtime(now + timedelta(days=10)), "j F Y")
        self.assertIn(f"Ni räknas som en person till {day}. Fram till dess: en tredje", confirming.why_not(waiting, second))
        self.assertIn(f"som en person till {day}.", confirming.why_not(waiting, self.admin))

    def test_whoever_is_made_administrator_again_is_new_again(self):
        """What they were years ago does not make them a second person."""
        puppet = self.other_admin()
        for staff in (False, True):
            puppet.is_staff = staff
            remember(puppet, by=self.admin, verb="test")
        confirming.ask_for_email(self.rep, email="ny@fvg.example", reason="Ringde.", by=self.admin)
        self.assertEqual(self.settle(puppet), 422)

    def test_whoever_was_let_in_by_the_second_is_one_with_them(self):
        mandate = make.make_mandate(make.make_person(), self.group, "union_rep", party=self.union)
        remember(self.hr, by=self.admin, verb="invite")
        confirming.ask_for_mandate(mandate, by=self.hr)
        self.assertEqual(self.settle(self.admin), 422)
        with mock.patch("people.confirming.NEW", timedelta(0)):  # as it is when the thirty days are over
            self.assertEqual(self.settle(self.admin), 302)


class InvitationTests(ConfirmingTestCase):
    def test_the_union_is_told_who_is_invited_in_its_name_and_where(self):
        """Once: asked when it is another mailbox than they have confirmed for, told when it is the same."""
        person = make.make_person("Nora Ny")
        make.make_mandate(person, self.group, "union_rep", party=self.union)
        for kind, other in (("mandate_entered", "union_invited"), ("union_invited", "mandate_entered")):
            Letter.objects.all().delete()
            inviting.invite(person, email="nora@fvg.example", by=self.hr)
            self.assertEqual((self.told(kind), self.told(other)), ([self.rep.email], []))
            self.assertIn("nora@fvg.example", Letter.objects.get(kind=kind).body)

    def test_nobody_is_told_to_do_nothing_while_the_mandate_waits_and_of_a_refused_one_no_more(self):
        make.make_member(self.group, "chair", "Cia Chef")
        mandate = make.make_mandate(make.make_person("Nora Ny"), self.group, "union_rep", party=self.union)
        inviting.invite(mandate.person, email="nora@fvg.example", by=self.hr)
        inviting.invite(mandate.person, email="nora@fvg.example", by=self.hr)
        body = Letter.objects.get(kind="union_invited").body
        self.assertIn("väntar på att någon av er bekräftar det", body)
        self.assertNotIn("behöver du inte göra något", body)
        self.assertIn("ska få ett uppdrag i", Letter.objects.filter(kind="group_invited").latest("pk").body)
        self.settle_by_link("refuse")
        Letter.objects.all().delete()
        inviting.invite(mandate.person, email="nora@fvg.example", by=self.hr)
        self.assertEqual((self.told("union_invited"), self.told("group_invited")), ([], []))

    def test_the_register_tells_what_became_of_the_question(self):
        mandate = make.make_mandate(make.make_person("Nora Ny"), self.group, "union_rep", party=self.union)
        page = reverse("people:group", args=[self.group.pk])
        for settle, words in (
            (lambda waiting: None, "Väntar på bekräftelse"),
            (lambda waiting: confirming.settle(waiting, confirmed=False, by=self.rep), "Avslaget"),
            (lambda waiting: confirming.take_back(waiting, by=self.hr), "Begäran är återtagen"),
        ):
            settle(confirming.ask_for_mandate(mandate, by=self.hr))
            self.client.force_login(self.hr)
            self.assertContains(self.client.get(page), f'tag--waiting">{words}<')

    def test_whoever_invites_to_another_mailbox_reads_that_the_mandate_waits(self):
        person = make.make_person("Nora Ny")
        make.make_mandate(person, self.group, "union_rep", party=self.union)
        self.client.force_login(self.hr)
        page, waits = reverse("people:invite", args=[self.group.pk, person.pk]), "Uppdraget för Lövförbundet väntar"
        self.assertContains(self.client.get(page), "uppdraget gäller inte förrän den har svarat")
        self.assertContains(self.client.post(page, {"email": "nora@fvg.example"}, follow=True), waits)
        self.settle_by_link()
        self.assertNotContains(self.client.post(page, {"email": "nora@fvg.example"}, follow=True), waits)
        self.assertContains(self.client.post(page, {"email": "nora@annan.example"}, follow=True), waits)

    def confirmed(self, mandate: Mandate) -> bool:
        return Mandate.objects.get(pk=mandate.pk).confirmed_at is not None

    def settle_by_link(self, answer: str = "confirm") -> None:
        self.client.post(self.link("mandate_entered", self.rep.email), {"answer": answer})

    def test_the_union_confirms_a_mandate_for_the_mailbox_that_will_be_invited_and_for_no_other(self):
        person = make.make_person("Nora Ny")
        person.email = "nora@fvg.example"
        remember(person, by=None, verb="test")
        mandate = make.make_mandate(person, self.group, "union_rep", party=self.union)
        confirming.ask_for_mandate(mandate, by=self.hr)
        self.assertIn("nora@fvg.example", Letter.objects.get(kind="mandate_entered").body)
        self.assertContains(self.client.get(self.link("mandate_entered", self.rep.email)), "nora@fvg.example")
        self.settle_by_link()
        inviting.invite(person, email="Nora@fvg.example", by=self.hr)
        self.assertTrue(self.confirmed(mandate))
        inviting.invite(person, email="hr.privat@annan.example", by=self.hr)
        self.assertFalse(self.confirmed(mandate))
        self.assertContains(self.client.get(self.link("mandate_entered", self.rep.email)), "hr.privat@annan.example")
        self.settle_by_link()
        self.assertTrue(self.confirmed(mandate))

    def test_so_it_is_when_the_address_is_changed_on_the_page_of_the_log_in(self):
        mandate = make.make_mandate(make.make_person("Nora Ny"), self.group, "union_rep", party=self.union)
        user = inviting.invite(mandate.person, email="nora@fvg.example", by=self.hr)
        self.settle_by_link()
        self.assertTrue(self.confirmed(mandate))
        self.prove(self.admin)
        page = reverse("admin:people_user_change", args=[user.pk])
        self.client.post(page, {"email": "annan@fvg.example", "is_active": "on"})
        self.assertEqual((User.objects.get(pk=user.pk).email, self.confirmed(mandate)), ("annan@fvg.example", False))

    def test_what_the_union_has_refused_is_not_asked_again_for_the_same_mailbox(self):
        mandate = make.make_mandate(make.make_person("Nora Ny"), self.group, "union_rep", party=self.union)
        inviting.invite(mandate.person, email="nora@fvg.example", by=self.hr)
        self.settle_by_link("refuse")
        inviting.invite(mandate.person, email="nora@fvg.example", by=self.hr)
        self.assertEqual((self.told("mandate_entered"), self.confirmed(mandate)), ([self.rep.email], False))

    def test_a_refusal_closes_the_invitation_and_whoever_invited_is_told(self):
        mandate = make.make_mandate(make.make_person("Nora Ny"), self.group, "union_rep", party=self.union)
        user = inviting.invite(mandate.person, email="fel@fvg.example", by=self.hr)
        link = invitations.link_for(user).removeprefix("https://fvg.example")
        self.assertEqual(self.client.get(link).status_code, 200)
        self.settle_by_link("refuse")
        self.assertEqual(self.client.get(link).status_code, 410)
        said = Letter.objects.get(kind="request_settled", address=self.hr.email).body
        self.assertIn("Länken i inbjudan till Nora Ny fungerar inte längre.", said)
        # Nor does the mailbox bring itself another.
        self.client.post(reverse("account_reset_password"), {"email": "fel@fvg.example"})
        self.assertEqual(Letter.objects.filter(kind="invitation").count(), 1)
        self.assertEqual(self.client.get(link).status_code, 410)
        user = inviting.invite(mandate.person, email="nora@fvg.example", by=self.hr)
        again = invitations.link_for(user).removeprefix("https://fvg.example")
        self.assertEqual(self.client.get(again).status_code, 200)

    def test_a_refusal_for_another_mailbox_or_of_a_log_in_in_use_closes_nothing(self):
        mandate = make.make_mandate(make.make_person("Nora Ny"), self.group, "union_rep", party=self.union)
        user = inviting.invite(mandate.person, email="nora@fvg.example", by=self.hr)
        actions.activate(user, password="fyra-gula-cyklar-i-sol")
        self.settle_by_link("refuse")
        self.assertIsNotNone(User.objects.get(pk=user.pk).invited_at)
        self.assertNotIn("Länken i inbjudan", Letter.objects.get(kind="request_settled", address=self.hr.email).body)

    def test_chair_and_secretary_of_every_group_are_told_who_is_invited_and_where(self):
        chair, secretary = (make.make_member(self.group, role) for role in ("chair", "secretary"))
        below = make.make_group("SVG Skogen", kind="svg")
        other = make.make_member(below, "chair")
        person = make.make_person("Erik Lind")
        for group in (self.group, below):
            make.make_mandate(person, group, "employer_rep")
        inviting.invite(person, email="erik@fvg.example", by=self.hr)
        self.assertEqual(self.told("group_invited"), sorted([chair.email, secretary.email, other.email]))
        for letter in Letter.objects.filter(kind="group_invited"):
            self.assertIn("erik@fvg.example", letter.body)

    def test_the_address_of_a_protected_person_is_told_to_nobody(self):
        make.make_member(self.group, "chair")
        person = make.make_person("Nora Ny")
        make.make_mandate(person, self.group, "union_rep", party=self.union)
        person.protected, person.shown_name = True, "Ledamot Utan Namn"
        remember(person, by=None, verb="test")
        for _ in range(2):
            inviting.invite(person, email="hemlig@fvg.example", by=self.hr)
        told = Letter.objects.filter(kind__in=("group_invited", "union_invited", "mandate_entered"))
        self.assertEqual(told.values("kind").distinct().count(), 3)
        for letter in told:
            self.assertNotIn("hemlig@", letter.body, letter.kind)
        self.assertNotContains(self.client.get(self.link("mandate_entered", self.rep.email)), "hemlig@")

    def test_nobody_invites_somebody_else_to_a_mailbox_of_their_own(self):
        EmailAddress.objects.create(user=self.hr, email="hanna@privat.example", verified=False)
        person = make.make_person("Erik Lind")
        make.make_mandate(person, self.group, "employer_rep")
        for email in (self.hr.email.upper(), "hanna@privat.example", "hanna+erik@privat.example"):
            with self.subTest(email), self.assertRaises(Refused):
                inviting.invite(person, email=email, by=self.hr)
        self.prove(self.admin)
        local, _, host = self.admin.email.partition("@")
        data = {"email": f"{local}+erik@{host}", "person": person.pk, "is_active": "on"}
        self.assertContains(self.client.post(reverse("admin:people_user_add"), data), inviting.OWN)
        self.assertFalse(User.objects.filter(person=person).exists())

    def test_whoever_has_only_an_unconfirmed_mandate_gets_nothing(self):
        person = make.make_person("Nora Ny")
        mandate = make.make_mandate(person, self.group, "union_rep", party=self.union)
        confirming.ask_for_mandate(mandate, by=self.hr)
        user = inviting.invite(person, email="nora@fvg.example", by=self.hr)
        actions.activate(user, password="fyra-gula-cyklar-i-sol")
        data = {"login": "nora@fvg.example", "password": "fyra-gula-cyklar-i-sol"}
        answer = self.client.post(reverse("account_login"), data, follow=True)
        self.assertContains(
            answer, "ditt uppdrag för Lövförbundet väntar på att någon bekräftar det. Du får ett mejl när det gäller."
        )
        self.assertEqual(self.client.get(reverse("people:profile")).status_code, 302)

    def test_it_is_settled_once(self):
        waiting = confirming.ask_for_email(self.rep, email="ny@fvg.example", reason="Ringde.", by=self.admin)
        confirming.settle(waiting, confirmed=False, by=None)
        with self.assertRaises(Refused):
            confirming.settle(waiting, confirmed=True, by=None)
