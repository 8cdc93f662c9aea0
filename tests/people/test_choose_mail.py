"""Which mail a person gets and why, and what they may say no to."""

from unittest import mock

from django.test import TestCase
from django.urls import reverse

from people import actions
from people.letters import KINDS, meant_for
from people.mail import tell
from people.models import Letter, Role, Silence
from tests.factories import make_group, make_mandate, make_member, make_party, make_user

# Pinned by hand: receipts, notices of meetings and what is to be signed are always sent.
ALWAYS = {
    "call",
    "cancel",
    "substitute",
    "to_sign",
    "remind_to_sign",
    "signed",
    "change_requested",
    "change_refused",
    "withdrawn",
    "sealed",
    "file_lost",
    "file_asked",
    "file_back",
    "disagreement_removed",
    "motion_receipt",
    "support_lapsed",
    "answer_asked",
    "answer_moved",
    "remind_to_answer",
    "invitation",
    "address_replaced",
    "proof_changed",
    "address_asked",
    "mandate_entered",
    "guessed_at",
    "staff_changed",
    "party_asked",
    "union_invited",
    "group_invited",
    "to_confirm",
    "request_settled",
    "mandate_confirmed",
}
ADDRESS = reverse("people:choose_mail")


class ChooseMailTests(TestCase):
    def setUp(self):
        self.user = make_member(make_group(), "secretary", "Åsa Öberg")
        self.person = self.user.person
        self.client.force_login(self.user)

    def gets(self, kind: str) -> bool:
        with mock.patch("people.mail.write", return_value=("Ett ämne här", "Text.")):
            return tell(kind, [self.person]) == 1

    def test_what_cannot_be_refused_is_pinned(self):
        self.assertEqual({name for name, kind in KINDS.items() if not kind.optional}, ALWAYS)

    def test_all_are_sent_until_somebody_says_no(self):
        self.assertEqual([kind for kind in KINDS if not self.gets(kind)], [])

    def test_the_page_says_no_and_yes_again(self):
        page = self.client.get(ADDRESS)
        fields = page.context["form"].fields
        mine = meant_for(self.user)
        self.assertEqual(set(fields), set(mine) - ALWAYS)
        self.assertTrue(all(field.initial for field in fields.values()))
        for kind in mine.values():
            self.assertContains(page, kind.label)
            self.assertContains(page, kind.why)
        kept = {name: "on" for name in fields if name != "overdue"}
        self.assertRedirects(self.client.post(ADDRESS, kept), ADDRESS)
        self.assertEqual([kind for kind in KINDS if not self.gets(kind)], ["overdue"])
        self.assertFalse(self.client.get(ADDRESS).context["form"].fields["overdue"].initial)
        self.client.post(ADDRESS, kept | {"overdue": "on"})
        self.assertTrue(self.gets("overdue"))
        told = Silence.history.order_by("history_date", "history_id").values_list("history_type", "history_user", "history_verb")
        self.assertEqual(list(told), [("+", self.user.pk, "choose_mail"), ("-", self.user.pk, "choose_mail")])

    def test_only_what_one_s_mandates_bring_is_asked_about_and_the_rest_stands(self):
        told = KINDS["motion_answered"].why
        self.assertNotContains(self.client.get(ADDRESS), told)
        actions.choose_mail(self.person, silenced={"motion_answered"}, by=self.user)  # chosen as what one was before
        fields = self.client.get(ADDRESS).context["form"].fields
        self.client.post(ADDRESS, dict.fromkeys(fields, "on"))
        self.assertEqual([row.kind for row in self.person.silences.all()], ["motion_answered"])
        make_mandate(self.person, make_group(), Role.UNION_REP, party=make_party())
        self.assertContains(self.client.get(ADDRESS), told)

    def test_what_is_always_sent_is_sent_whatever_is_posted_or_stored(self):
        self.client.post(ADDRESS, {"call": ""})
        actions.choose_mail(self.person, silenced=set(KINDS), by=self.user)
        self.assertEqual(Silence.objects.filter(kind__in=ALWAYS).count(), 0)
        Silence.objects.create(person=self.person, kind="to_sign")
        self.assertTrue(self.gets("to_sign"))

    def test_one_person_s_no_is_nobody_else_s(self):
        actions.choose_mail(make_user("Bo Ek").person, silenced={"overdue"}, by=self.user)
        self.assertTrue(self.gets("overdue"))

    def test_the_profile_leads_there_and_a_log_in_without_a_person_is_told(self):
        self.assertContains(self.client.get(reverse("people:profile")), ADDRESS)
        self.client.force_login(make_user(None, is_staff=True))
        self.assertContains(self.client.get(ADDRESS), "hör inte till någon person")
        self.assertEqual(self.client.post(ADDRESS, {}).status_code, 200)
        self.assertEqual((Silence.objects.count(), Letter.objects.count()), (0, 0))
