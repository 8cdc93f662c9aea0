"""Oenighet: said by the union or the secretary, printed, stopped from being called agreement, listed and settled."""

from datetime import date, timedelta
from unittest import mock

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError
from django.test import TestCase
from django.urls import reverse

from meetings import reminders
from meetings.actions import agenda
from meetings.actions import disagreements as actions
from meetings.models import Appendix, Disagreement, Item, Meeting, Settlement
from meetings.reading import checklist
from people.models import Group, Letter, Mandate, Service, today
from protocol import actions as protocol_actions
from protocol import document, exports, sealing
from protocol.models import FrozenVersion
from record.history import remember
from record.moves import Refused, Stale, WrongState
from tests import factories as make
from tests.cast import Cast

REASON = "Risken är inte bedömd."


class DisagreementCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        _ = (cls.cast.union_rep, cls.cast.other_rep)
        cls.by = cls.cast.secretary
        cls.meeting = cls.cast.meeting("draft")
        cls.paragraph = make.make_paragraph(cls.meeting, "decisions")
        cls.item = make.make_item(cls.paragraph, "Ny organisation", kind="decision")

    def disagree(self, **fields) -> Disagreement:
        fields = {"party": self.cast.union, "reason": REASON, "by": self.cast.union_rep} | fields
        return actions.disagree(Item.objects.get(pk=self.item.pk), **fields)

    def matter(self, meeting=None):
        protocol = document.build(Meeting.objects.whole().get(pk=(meeting or self.meeting).pk))
        return next(one for row in protocol.paragraphs for one in row.matters if one.title == "Ny organisation")

    def seal(self) -> Meeting:
        version = protocol_actions.freeze(self.cast.ready(self.meeting), by=self.by, privacy_reviewed=True)
        self.cast.sign_all(version)
        sealing.seal(FrozenVersion.objects.get(pk=version.pk))
        return Meeting.objects.get(pk=self.meeting.pk)

    def problems(self) -> dict[str, bool]:
        whole = Meeting.objects.whole().get(pk=self.meeting.pk)
        found = checklist.problems(whole, document.referenced_appendices(whole))
        return {one.code: one.blocking for one in found if one.item == self.item.pk}


class DisagreeTests(DisagreementCase):
    def test_the_outcome_follows_and_both_are_remembered(self):
        row = self.disagree()
        item = Item.objects.get(pk=self.item.pk)
        self.assertEqual((item.outcome, item.version), ("disagreement", 2))
        self.assertEqual((row.history.first().history_user, item.history.first().history_verb), (self.cast.union_rep, "disagree"))

    def test_each_union_once_with_the_reason_that_was_seen(self):
        row = self.disagree()
        with self.assertRaises(Stale):
            self.disagree(reason="Annat")
        self.disagree(reason="Annat", version=row.version)
        self.disagree(party=self.cast.other_union, reason="", by=self.by)
        self.assertEqual([one.reason for one in Disagreement.objects.order_by("pk")], ["Annat", ""])
        with self.assertRaises(IntegrityError), transaction.atomic():
            Disagreement.objects.create(item=self.item, party=self.cast.union, reason="")

    def test_only_in_a_matter_before_decision_and_only_in_the_draft(self):
        for kind in ("topic", "board_matter"):
            with self.assertRaises(Refused):
                actions.disagree(make.make_item(self.paragraph, kind=kind), party=self.cast.union, reason="", by=self.by)
        called = make.make_meeting(self.cast.group, by=self.by, state="called")
        item = make.make_item(make.make_paragraph(called, "decisions"), kind="decision")
        with self.assertRaises(WrongState):
            actions.disagree(item, party=self.cast.union, reason="", by=self.by)

    def test_take_back_leaves_no_outcome_until_somebody_says_one(self):
        mine, other = self.disagree(), self.disagree(party=self.cast.other_union, by=self.by)
        actions.take_back(mine, by=self.cast.union_rep)
        self.assertEqual(Item.objects.get(pk=self.item.pk).outcome, "disagreement")
        actions.take_back(other, by=self.by)
        self.assertEqual(Item.objects.get(pk=self.item.pk).outcome, "")
        self.assertEqual(self.problems()["outcome"], True)

    def test_the_database_locks_it_with_the_protocol(self):
        row = self.disagree()
        protocol_actions.freeze(self.cast.ready(self.meeting), by=self.by, privacy_reviewed=True)
        for change in (
            lambda: Disagreement.objects.filter(pk=row.pk).update(reason="x"),
            lambda: Disagreement.objects.filter(pk=row.pk).delete(),
        ):
            with self.assertRaises(DatabaseError), transaction.atomic():
                change()


class PrintTests(DisagreementCase):
    def test_each_union_and_its_reason_stand_under_the_matter_and_nowhere_twice(self):
        self.disagree()
        self.disagree(party=self.cast.other_union, reason="", by=self.by)
        self.assertEqual(
            self.matter().text,
            f"**Lövförbundet anmälde oenighet:** {REASON}\n\nBarrfacket anmälde oenighet.",
        )
        text = exports.as_txt(document.build(Meeting.objects.whole().get(pk=self.meeting.pk)), mode="draft")
        self.assertEqual((text.count("Lövförbundet anmälde oenighet"), text.count("Oenighet anmäldes.")), (1, 0))

    def test_what_the_secretary_has_written_of_it_is_not_said_again(self):
        self.disagree()
        said = f"Lövförbundet är oeniga. {REASON}"
        agenda.edit_item(Item.objects.get(pk=self.item.pk), fields={"text": said}, version=2, by=self.by)
        self.assertEqual(self.matter().text, said)

    def test_that_nobody_disagreed_is_never_called_agreement(self):
        self.assertEqual(Item.Outcome.NO_DISAGREEMENT.label, "ingen oenighet anmäldes")
        agenda.edit_item(self.item, fields={"outcome": "no_disagreement"}, version=1, by=self.by)
        text = exports.as_txt(document.build(Meeting.objects.whole().get(pk=self.meeting.pk)), mode="draft")
        self.assertIn("Ingen oenighet anmäldes.", text)
        self.assertNotRegex(text, r"(?i)(?<!o)\benighet")


class CheckListTests(DisagreementCase):
    def test_a_union_that_disagrees_stops_every_other_outcome(self):
        self.disagree()
        self.assertEqual(self.problems(), {})
        for outcome in ("agreement", "no_disagreement", "tabled"):
            item = Item.objects.get(pk=self.item.pk)
            agenda.edit_item(item, fields={"outcome": outcome}, version=item.version, by=self.by)
            self.assertEqual(self.problems().get("disagreement"), True, outcome)

    def test_oenighet_needs_a_union_and_ought_to_have_a_reason(self):
        agenda.edit_item(self.item, fields={"outcome": "disagreement"}, version=1, by=self.by)
        self.assertEqual(self.problems(), {"disagreement": True})
        self.disagree(reason="")
        self.assertEqual(self.problems(), {"disagreement_reason": False})

    def test_what_a_matter_needs_and_does_not_have_is_told(self):
        fields = {"needs_assessment": True, "needs_safety_contact": True}
        agenda.edit_item(self.item, fields=fields | {"outcome": "tabled"}, version=1, by=self.by)
        self.assertEqual(self.problems(), {"assessment": False, "safety_contact": False})
        appendix = Appendix(meeting=self.meeting, position=1, title="Riskbedömning", text="Inga risker.")
        remember(appendix, by=None, verb="test")
        agenda.refer(self.item, appendix=appendix, by=self.by)
        agenda.edit_item(Item.objects.get(pk=self.item.pk), fields={"safety_contacted_on": today()}, version=2, by=self.by)
        self.assertEqual(self.problems(), {})

    def test_the_form_asks_of_a_matter_before_decision_only(self):
        self.client.force_login(self.by)
        asked = "id_needs_assessment"
        self.assertContains(self.client.get(reverse("meetings:edit_item", args=[self.item.pk])), asked)
        topic = make.make_item(self.paragraph)
        self.assertNotContains(self.client.get(reverse("meetings:edit_item", args=[topic.pk])), asked)
        data = {"title": "Ny organisation", "references": "", "presenter": "", "version": 1, "needs_assessment": "on"}
        self.client.post(reverse("meetings:edit_item", args=[self.item.pk]), data)
        self.assertTrue(Item.objects.get(pk=self.item.pk).needs_assessment)


class DisagreeViewTests(DisagreementCase):
    def url(self) -> str:
        return reverse("meetings:disagree", args=[self.item.pk])

    def post(self, user, **data):
        self.client.force_login(user)
        return self.client.post(self.url(), {"reason": REASON, "version": 0} | data)

    def test_a_representative_speaks_for_the_own_union_only(self):
        self.client.force_login(self.cast.union_rep)
        self.assertContains(self.client.get(reverse("meetings:meeting", args=[self.meeting.pk])), self.url())
        page = self.post(self.cast.union_rep, party=self.cast.other_union.pk)
        self.assertTrue(page.context["form"].has_error("party"))
        self.assertContains(page, REASON)
        self.assertEqual(self.post(self.cast.union_rep, party=self.cast.union.pk).status_code, 303)
        self.assertEqual(Disagreement.objects.get().party, self.cast.union)

    def test_the_secretary_writes_it_for_any_union(self):
        self.post(self.by, party=self.cast.other_union.pk)
        self.assertEqual(Disagreement.objects.get().party, self.cast.other_union)

    def test_others_neither_say_it_nor_hear_of_it_before_the_seal(self):
        self.disagree()
        for user, status in ((self.cast.employer, 403), (self.cast.hr, 403), (self.cast.stranger, 404)):
            self.assertEqual(self.post(user, party=self.cast.union.pk).status_code, status, str(user))
        self.client.force_login(self.cast.other_rep)
        self.assertNotContains(self.client.get(self.url()), REASON)
        self.assertNotContains(self.client.get(reverse("meetings:disagreements")), "Ny organisation")

    def test_a_substitute_only_when_serving(self):
        substitute = self.cast.substitute
        self.assertEqual(self.post(substitute, party=self.cast.union.pk).status_code, 403)
        remember(Service(mandate=Mandate.objects.get(person=substitute.person), date=today()), by=None, verb="test")
        self.assertEqual(self.post(substitute, party=self.cast.union.pk).status_code, 303)

    def test_take_back_one_s_own_and_nobody_else_s(self):
        row = self.disagree()
        self.post(self.cast.other_rep, take_back=row.pk)
        self.assertEqual(Disagreement.objects.count(), 1)
        sure = self.post(self.cast.union_rep, take_back=row.pk)
        self.assertContains(sure, REASON)  # nothing happens before one more press
        self.assertEqual(Disagreement.objects.count(), 1)
        self.post(self.cast.union_rep, take_back=row.pk, sure="1")
        self.assertEqual(Disagreement.objects.count(), 0)

    def test_the_union_is_told_when_somebody_else_takes_it_back(self):
        self.post(self.by, take_back=self.disagree().pk, sure="1")
        told = {str(letter.person) for letter in Letter.objects.filter(kind="disagreement_removed")}
        self.assertEqual(told, {"Ulf Rönn", "Ulla Ek"})
        Letter.objects.all().delete()
        self.post(self.cast.union_rep, take_back=self.disagree().pk, sure="1")
        self.assertEqual([str(letter.person) for letter in Letter.objects.all()], ["Ulla Ek"])

    def test_a_reason_for_what_has_been_taken_back_is_kept_and_told(self):
        row = self.disagree()
        actions.take_back(row, by=self.by)
        page = self.post(self.cast.union_rep, party=self.cast.union.pk, reason="Mitt skäl.", version=row.version)
        self.assertContains(page, "Oenigheten är tillbakatagen sedan du läste.", status_code=409)
        self.assertContains(page, "Mitt skäl.", status_code=409)

    def test_a_reason_that_somebody_else_changed_is_shown_and_nothing_is_lost(self):
        self.disagree(reason="Någon annans skäl.")
        page = self.post(self.cast.union_rep, party=self.cast.union.pk, reason="Mitt skäl.")
        self.assertContains(page, "Någon annans skäl.", status_code=409)
        self.assertContains(page, "Mitt skäl.", status_code=409)
        self.post(
            self.cast.union_rep, party=self.cast.union.pk, reason="Mitt skäl.", version=page.context["form"]["version"].value()
        )
        self.assertEqual(Disagreement.objects.get().reason, "Mitt skäl.")

    def test_after_the_freeze_it_is_too_late(self):
        protocol_actions.freeze(self.cast.ready(self.ready_outcome()), by=self.by, privacy_reviewed=True)
        self.assertEqual(self.post(self.cast.union_rep, party=self.cast.union.pk).status_code, 409)

    def ready_outcome(self) -> Meeting:
        agenda.edit_item(self.item, fields={"outcome": "tabled"}, version=1, by=self.by)
        return self.meeting


class SettleTests(DisagreementCase):
    def settle(self, row, **fields) -> Settlement:
        fields = {"result": "disagreed", "settled_on": self.meeting.date, "text": "Förhandlingen hölls.", "by": self.by} | fields
        with mock.patch("meetings.actions.disagreements.today", return_value=self.meeting.date + timedelta(days=30)):
            return actions.settle(row, **fields)

    def test_not_before_the_seal(self):
        with self.assertRaises(WrongState):
            self.settle(self.disagree())

    def test_it_is_open_until_it_is_settled_and_the_sealed_text_is_not_touched(self):
        row = self.disagree()
        self.seal()
        before = FrozenVersion.objects.get().sha256
        row = Disagreement.objects.get(pk=row.pk)
        self.assertEqual(list(Disagreement.objects.open()), [row])
        for wrong in (
            {"text": " \n"},
            {"settled_on": date(2100, 1, 1)},
            {"settled_on": self.meeting.date - timedelta(days=1)},
            {"result": "won"},
        ):
            with self.assertRaises(ValidationError):
                self.settle(row, **wrong)
        self.settle(row)
        self.assertEqual((list(Disagreement.objects.open()), FrozenVersion.objects.get().sha256), ([], before))
        self.assertEqual(self.matter().outcome, "disagreement")
        with self.assertRaises(Stale):
            self.settle(row, text="Annat")
        self.settle(row, text="Annat", version=1)
        self.assertEqual(Settlement.objects.get().history.count(), 2)

    def test_a_last_day_that_has_been_told_does_not_move_with_a_later_agreement(self):
        Group.objects.filter(pk=self.cast.group.pk).update(negotiation_days=10)
        row = self.disagree()
        Group.objects.filter(pk=self.cast.group.pk).update(negotiation_days=2)
        self.assertEqual(Disagreement.objects.get(pk=row.pk).deadline, self.meeting.date + timedelta(days=10))

    def test_the_pages(self):
        row = self.disagree()
        Group.objects.filter(pk=self.cast.group.pk).update(negotiation_days=10)
        self.seal()
        settle, listed = reverse("meetings:settle", args=[row.pk]), reverse("meetings:disagreements")
        statuses = (
            (self.by, 200),
            (self.cast.chair, 200),
            (self.cast.hr, 200),
            (self.cast.union_rep, 403),
            (self.cast.employer, 403),
            (self.cast.stranger, 404),
        )
        for user, status in statuses:
            self.client.force_login(user)
            self.assertEqual(self.client.get(settle).status_code, status, str(user))
            sees = status != 404
            self.assertEqual("Ny organisation" in self.client.get(listed).content.decode(), sees, str(user))
        self.client.force_login(self.by)
        self.assertContains(self.client.get(listed), "öppen")
        data = {"result": "withdrawn", "settled_on": self.meeting.date, "text": "", "version": 0}
        self.assertContains(self.client.post(settle, data), "Skriv vad som hände.")
        with mock.patch("meetings.actions.disagreements.today", return_value=self.meeting.date):
            self.client.post(settle, data | {"text": "De ringde."})
        self.assertContains(self.client.get(listed), "parten har tagit tillbaka oenigheten")
        self.client.force_login(self.cast.union_rep)
        self.assertContains(self.client.get(listed), "De ringde.")
        self.client.force_login(self.by)
        for query, sees in (
            ({"lage": "open"}, False),
            ({"lage": "settled"}, True),
            ({"ar": self.meeting.date.year}, True),
            ({"ar": "x"}, True),
        ):
            self.assertEqual("Ny organisation" in self.client.get(listed, query).content.decode(), sees, query)

    def test_the_menu_leads_there(self):
        for user, sees in ((self.by, True), (self.cast.union_rep, True), (self.cast.admin, False)):
            self.client.force_login(user)
            self.assertEqual(reverse("meetings:disagreements") in self.client.get(reverse("home")).content.decode(), sees)


class LastDayTests(DisagreementCase):
    def remind(self, after: int) -> set[str]:
        before = Letter.objects.count()
        with mock.patch("meetings.reminders.today", return_value=self.meeting.date + timedelta(days=after)):
            reminders._negotiations()
        return {str(letter.person) for letter in Letter.objects.order_by("pk")[before:]}

    def test_without_an_agreed_number_of_days_nothing_is_claimed(self):
        row = self.disagree()
        self.assertIsNone(Disagreement.objects.get(pk=row.pk).deadline)
        self.assertEqual([self.remind(after) for after in range(15)], [set()] * 15)

    def test_the_union_the_secretary_and_hr_are_told_once(self):
        row, _ = self.disagree(), self.cast.hr
        Group.objects.filter(pk=self.cast.group.pk).update(negotiation_days=10)
        self.assertEqual(Disagreement.objects.get(pk=row.pk).deadline, self.meeting.date + timedelta(days=10))
        told = {"Ulf Rönn", "Ulla Ek", "Stina Alm", "Hanna Sälg"}
        self.assertEqual([self.remind(after) for after in (6, 7, 8, 10, 11)], [set(), told, set(), set(), set()])

    def test_not_of_what_is_settled(self):
        row = self.disagree()
        Group.objects.filter(pk=self.cast.group.pk).update(negotiation_days=10)
        remember(Settlement(disagreement=row, result="withdrawn", settled_on=today(), text="Tillbaka."), by=None, verb="test")
        self.assertEqual(self.remind(9), set())
