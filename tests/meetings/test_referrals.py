"""A promise that is sent to another group: there it lives its own life, and the answer comes back once it is sealed."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import TestCase
from django.urls import reverse

from meetings.actions import agenda, balance, promises
from meetings.models import BalanceItem, Meeting
from people.models import Group, Letter, today
from protocol import actions, sealing
from protocol.models import FrozenVersion
from record.moves import Refused
from tests import factories as make
from tests.cast import Cast


class ReferralCase(TestCase):
    """From a group below (its secretary is the stranger) to the cast's own, which can freeze and seal."""

    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.below = cls.cast.other_group
        cls.below.parent = cls.cast.group
        cls.below.save()
        cls.sender = cls.cast.stranger
        cls.by = cls.cast.secretary
        cls.meeting = cls.cast.meeting("draft")
        cls.item = balance.open_item(cls.below, title="Laga bänken", due=today() + timedelta(days=9), by=cls.sender)

    def refer(self, item=None, to=None, by=None) -> BalanceItem:
        return balance.refer_balance(item or self.item, to=to or self.cast.group, why="Vi når inte fram.", by=by or self.sender)

    def close_and_seal(self, sent: BalanceItem) -> Meeting:
        balance.note(sent, meeting=self.meeting, text="Bänken är lagad.", closes=True, by=self.by)
        version = actions.freeze(self.cast.ready(self.meeting), by=self.by, privacy_reviewed=True)
        self.cast.sign_all(version)
        sealing.seal(FrozenVersion.objects.get(pk=version.pk))
        return Meeting.objects.get(pk=self.meeting.pk)


class ReferBalanceTests(ReferralCase):
    def test_the_other_group_gets_a_promise_of_its_own_and_its_secretary_a_letter(self):
        sent = self.refer()
        self.assertEqual(
            (sent.group, sent.title, sent.due, sent.referred_from, sent.owner),
            (self.cast.group, "Laga bänken", self.item.due, self.item, None),
        )
        letter = Letter.objects.get(kind="balance_referred")
        self.assertEqual(letter.person, self.by.person)
        self.assertNotIn("bänken", letter.subject + letter.body)
        self.assertEqual(self.item.history.first().history_verb, "refer_balance")
        self.assertEqual(BalanceItem.objects.get(pk=self.item.pk).state, "open")

    def test_it_stands_in_the_other_group_s_next_protocol(self):
        sent = self.refer()
        actions.freeze(self.cast.ready(self.meeting), by=self.by, privacy_reviewed=True)
        self.assertTrue(sent.notes.filter(meeting=self.meeting).exists())

    def test_not_twice_not_back_and_not_when_it_is_closed(self):
        sent = self.refer()
        with self.assertRaises(Refused):
            self.refer()
        with self.assertRaises(Refused):
            self.refer(item=sent, to=self.below, by=self.by)
        with self.assertRaises(Refused):
            self.refer(item=sent, to=self.cast.group, by=self.by)
        balance.note(sent, meeting=self.meeting, text="Klart.", closes=True, by=self.by)
        with self.assertRaises(Refused):
            self.refer(item=sent, to=make.make_group("SVG Ängen", kind="svg"), by=self.by)

    def test_the_database_knows_one_referral_to_a_group_and_no_report_of_what_is_open(self):
        sent = self.refer()
        with self.assertRaises(IntegrityError), transaction.atomic():
            BalanceItem.objects.filter(pk=sent.pk).update(reported_on=today())
        with self.assertRaises(IntegrityError), transaction.atomic():
            BalanceItem.objects.create(group=self.cast.group, title="Igen", referred_from=self.item)

    def test_a_promise_that_was_sent_does_not_go_away_when_its_sentence_is_taken_back(self):
        paragraph = make.make_paragraph(self.meeting)
        agenda.edit_text(paragraph, fields={"text": "Chefen lagar bänken."}, version=1, by=self.by)
        made = promises.promise(paragraph, sentence="Chefen lagar bänken.", owner=None, by=self.by)
        self.refer(item=made.balance_item, to=self.below, by=self.by)
        self.assertFalse(promises.unpromise(made, by=self.by))
        self.assertEqual(BalanceItem.objects.get(pk=made.balance_item_id).state, "open")

    def test_hidden_characters_are_refused(self):
        with self.assertRaises(ValidationError):
            balance.refer_balance(self.item, to=self.cast.group, why="Se\u202e här", by=self.sender)


class ReportBackTests(ReferralCase):
    def notes(self) -> list[str]:
        return [note.text for note in self.item.notes.exclude(text="")]

    def test_the_answer_comes_to_the_sender_s_list_when_the_protocol_is_sealed(self):
        home = make.make_meeting(self.below, by=self.sender, state="called")
        balance.note(self.item, meeting=home, text="Vi väntar.", by=self.sender)
        sent = self.refer()
        sealed = self.close_and_seal(sent)
        self.assertEqual(self.notes(), [f"Vi väntar.\n\nSvar från {self.cast.group}, {sealed}:\n\nBänken är lagad."])
        self.assertEqual(BalanceItem.objects.get(pk=self.item.pk).state, "open")
        self.assertEqual(str(Letter.objects.get(kind="balance_reported").person), "Främling Asp")
        balance.take_reports(home, by=self.sender)
        self.assertEqual(len(self.notes()[0].split("Svar från")), 2)

    def test_a_closing_that_is_not_sealed_is_not_told(self):
        make.make_meeting(self.below, by=self.sender, state="called")
        balance.note(self.refer(), meeting=self.meeting, text="Bänken är lagad.", closes=True, by=self.by)
        actions.freeze(self.cast.ready(self.meeting), by=self.by, privacy_reviewed=True)
        self.assertEqual((self.notes(), Letter.objects.filter(kind="balance_reported").count()), ([], 0))

    def test_without_a_meeting_at_home_the_answer_waits_for_the_next_one(self):
        self.close_and_seal(self.refer())
        self.assertEqual(self.notes(), [])
        home = make.make_meeting(self.below, by=self.sender)
        self.assertIn("Bänken är lagad.", self.item.notes.get(meeting=home).text)
        make.make_meeting(self.below, by=self.sender, date=home.date + timedelta(days=30))
        self.assertEqual(len(self.notes()), 1)


class ReferBalanceViewTests(ReferralCase):
    def url(self, name="refer_balance", item=None):
        return reverse(f"meetings:{name}", args=[(item or self.item).pk])

    def test_send_from_the_page_and_follow_it(self):
        self.client.force_login(self.sender)
        self.assertContains(self.client.get(self.url("balance_item")), self.url())
        page = self.client.post(self.url(), {"to": self.cast.group.pk, "why": "Vi når inte fram."}, follow=True)
        self.assertContains(page, "väntar på svar")
        sent = self.item.referrals.get()
        self.assertNotContains(page, self.url("balance_item", sent))  # the sender has no seat there
        self.client.force_login(self.by)
        there = self.client.get(self.url("balance_item", sent))
        self.assertContains(there, "Vi når inte fram.")
        self.assertContains(there, f"Följebrev från {self.below}")
        self.close_and_seal(sent)
        self.client.force_login(self.sender)
        self.assertContains(self.client.get(self.url("balance_item")), "Bänken är lagad.")

    def test_what_is_not_sealed_is_not_shown_to_the_sender(self):
        sent = self.refer()
        balance.note(sent, meeting=self.meeting, text="Hemligt ännu", closes=True, by=self.by)
        self.client.force_login(self.sender)
        page = self.client.get(self.url("balance_item"))
        self.assertContains(page, "väntar på svar")
        self.assertNotContains(page, "Hemligt ännu")

    def test_only_who_keeps_the_own_group_s_list(self):
        make.make_mandate(self.cast.employer, self.below, "employer_rep")
        for user, status in ((self.sender, 200), (self.cast.employer, 403), (self.by, 404)):
            self.client.force_login(user)
            self.assertEqual(self.client.get(self.url()).status_code, status, str(user))

    def test_only_groups_of_the_same_tree_are_offered_and_taken(self):
        foreign = make.make_group("FVG Hamnen", organisation="Hamnförvaltningen")
        self.client.force_login(self.sender)
        form = self.client.get(self.url()).context["form"]
        self.assertEqual(list(form.fields["to"].queryset), [self.cast.group])
        page = self.client.post(self.url(), {"to": foreign.pk, "why": "x"})
        self.assertTrue(page.context["form"].has_error("to"))
        self.assertContains(self.client.post(self.url(), {"to": "", "why": "Det jag skrev"}), "Det jag skrev")
        self.assertEqual(Group.objects.get(pk=foreign.pk).balance_items.count(), 0)
