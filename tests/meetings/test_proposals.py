"""Proposals to the agenda: who may in which state, what each verb leaves, and that two cannot place the same one."""

import threading
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import TestCase, TransactionTestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from meetings.actions import agenda, planning
from meetings.actions import proposals as actions
from meetings.models import AgendaChange, Appendix, Item, Meeting, Proposal
from meetings.states import MOVES
from people.models import Letter, Service, today
from people.permissions import may
from record.history import remember
from record.moves import Refused, Stale, WrongState
from tests import factories as make
from tests.cast import Cast
from tests.world import PLAYERS, STATES, World, png

VERBS = ("withdraw_proposal", "place_proposal", "return_proposal")


def fresh(thing):
    return type(thing)._base_manager.get(pk=thing.pk)


def picture() -> SimpleUploadedFile:
    return SimpleUploadedFile("bänken.png", png())


class EveryVerbTests(TestCase):
    """Every verb × state × role: the table's answer over the web, and what it does."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = World().whole()

    def test_propose(self):
        for state in STATES:
            meeting = self.world.things[state][Meeting]
            for column in PLAYERS:
                user = self.world.player(column)
                with self.subTest(state=state, column=column), transaction.atomic():
                    before = Proposal.objects.count()
                    self.client.force_login(user)
                    status = self.client.post(reverse("meetings:propose", args=[meeting.pk]), {"title": "Bänkar"}).status_code
                    allowed = may(user, "propose", meeting)
                    self.assertEqual(
                        allowed, state in ("planned", "called") and column not in ("hr", "auditor", "admin", "outsider")
                    )
                    self.assertEqual((status == 303, Proposal.objects.count() - before), (allowed, int(allowed)))
                    transaction.set_rollback(True)

    def test_the_others(self):
        for state in STATES:
            proposal = self.world.things[state][Proposal]
            paragraph = proposal.meeting.paragraphs.first()
            for column in PLAYERS:
                for verb in VERBS:
                    user = self.world.player(column)
                    with self.subTest(state=state, column=column, verb=verb), transaction.atomic():
                        self.client.force_login(user)
                        data = {
                            "version": proposal.version,
                            "title": "Bänkar",
                            "paragraph": paragraph.pk,
                            "reason": "Tas senare.",
                        }
                        status = self.client.post(reverse(f"meetings:{verb}", args=[proposal.pk]), data).status_code
                        seen = Proposal.objects.visible_to(user).filter(pk=proposal.pk).exists()
                        allowed = seen and may(user, verb, proposal)
                        self.assertEqual(fresh(proposal).state != "proposed", allowed)
                        self.assertEqual(status == 303, allowed)
                        if not seen:
                            self.assertEqual(status, 404)
                        if allowed:
                            mine = column == "union_rep" if verb == "withdraw_proposal" else column in ("secretary", "chair")
                            self.assertTrue(mine and state in MOVES[verb].sources)
                        transaction.set_rollback(True)

    def test_nobody_else_knows_of_a_proposal(self):
        """But the one who made it and those who arrange: not another representative of the same union either."""
        proposal = self.world.things["called"][Proposal]
        seeing = {
            column for column in PLAYERS if Proposal.objects.visible_to(self.world.player(column)).filter(pk=proposal.pk).exists()
        }
        self.assertEqual(seeing, {"union_rep", "secretary", "chair"})


class Story(TestCase):
    def setUp(self) -> None:
        self.cast = Cast()
        _ = (self.cast.chair, self.cast.secretary, self.cast.union_rep, self.cast.other_rep, self.cast.employer)
        self.by = self.cast.secretary
        self.meeting = self.cast.meeting("called")

    def propose(self, meeting: Meeting | None = None, **fields) -> Proposal:
        fields = {
            "title": "Bänkar i parken",
            "text": "De är **slitna**.",
            "party": self.cast.union,
            "by": self.cast.union_rep,
        } | fields
        return actions.propose(meeting or self.meeting, **fields)

    def place(self, proposal: Proposal, **fields) -> Item:
        paragraph = make.make_paragraph(proposal.meeting)
        fields = {
            "paragraph": paragraph,
            "kind": "topic",
            "title": proposal.title,
            "version": proposal.version,
            "by": self.by,
        } | fields
        return actions.place_proposal(proposal, **fields)

    def letters(self) -> list[Letter]:
        return list(Letter.objects.filter(kind="proposal"))


class ProposeTests(Story):
    def test_it_is_kept_with_its_file(self):
        proposal = self.propose(file=picture(), description="En trasig bänk.")
        self.assertEqual(
            (proposal.state, proposal.person, proposal.party), ("proposed", self.cast.union_rep.person, self.cast.union)
        )
        self.assertEqual(
            (proposal.filename, proposal.content_type, proposal.description), ("bänken.png", "image/png", "En trasig bänk.")
        )
        self.assertNotIn("bänken", proposal.file.name)
        self.assertEqual(proposal.history.first().history_verb, "propose")

    def test_a_bad_file_or_one_without_words_is_refused(self):
        for file, description in ((picture(), " "), (SimpleUploadedFile("virus.exe", b"MZ"), "Ett program.")):
            with self.assertRaises(ValidationError):
                self.propose(file=file, description=description)
        with self.assertRaises(ValidationError):
            self.propose(title="")
        self.assertFalse(Proposal.objects.exists())

    def test_the_deadline(self):
        for shift, late in ((timedelta(minutes=1), False), (timedelta(0), True), (-timedelta(days=1), True)):
            Meeting.objects.filter(pk=self.meeting.pk).update(deadline=timezone.now() + shift)
            if late:
                self.assertRaises(Refused, self.propose)
            else:
                self.propose()
        self.assertEqual(Proposal.objects.count(), 1)

    def test_not_without_end(self):
        for _ in range(actions.MOST_WAITING):
            self.propose()
        self.assertRaises(Refused, self.propose)

    def test_a_meeting_with_proposals_is_cancelled_and_not_deleted(self):
        meeting = self.cast.meeting("planned")
        self.propose(meeting)
        self.assertRaises(Refused, planning.delete, meeting, by=self.by)


class PlaceTests(Story):
    def test_it_becomes_a_point_and_an_addition_when_the_notice_has_gone_out(self):
        proposal = self.propose(file=picture(), description="En trasig bänk.")
        item = self.place(proposal, title="Bänkar")
        self.assertEqual(
            (item.title, item.text, item.kind, item.paragraph.slug), ("Bänkar", "De är **slitna**.", "topic", "operations")
        )
        self.assertEqual((proposal.state, proposal.item, proposal.paragraph), ("placed", item, item.paragraph))
        appendix = Appendix.objects.get()
        self.assertEqual(
            (appendix.title, appendix.filename, appendix.description, appendix.party, len(appendix.sha256)),
            ("Bänkar", "bänken.png", "En trasig bänk.", self.cast.union, 64),
        )
        self.assertEqual([link.item for link in appendix.item_links.all()], [item])
        change = AgendaChange.objects.get()
        self.assertEqual(
            (change.kind, change.subject, change.party, change.paragraph, change.appendix),
            ("addition", "Bänkar", self.cast.union, item.paragraph, appendix),
        )

    def test_before_the_notice_it_is_no_addition(self):
        meeting = self.cast.meeting("planned")
        self.place(self.propose(meeting))
        self.assertFalse(AgendaChange.objects.exists() or Appendix.objects.exists())

    def test_once(self):
        proposal = self.propose()
        self.place(fresh(proposal))
        self.assertRaises(Refused, self.place, fresh(proposal))
        self.assertRaises(Refused, actions.return_proposal, fresh(proposal), reason="Nej.", version=2, by=self.by)
        self.assertRaises(Refused, actions.withdraw_proposal, fresh(proposal), version=2, by=self.cast.union_rep)
        self.assertEqual(Item.objects.filter(title=proposal.title).count(), 1)

    def test_only_the_one_that_was_read(self):
        proposal = self.propose()
        self.assertRaises(Stale, self.place, proposal, version=7)
        self.assertEqual(fresh(proposal).state, "proposed")

    def test_only_under_a_paragraph_of_its_own_meeting(self):
        other = make.make_paragraph(self.cast.meeting("called"))
        self.assertRaises(Refused, self.place, self.propose(), paragraph=other)

    def test_a_file_that_is_lost_leaves_nothing_half_done(self):
        proposal = self.propose(file=picture(), description="En trasig bänk.")
        proposal.file.storage.delete(proposal.file.name)
        self.assertRaises(Refused, self.place, fresh(proposal))
        self.assertFalse(Item.objects.filter(title=proposal.title).exists())
        self.assertEqual(fresh(proposal).state, "proposed")

    def test_not_into_a_frozen_protocol(self):
        meeting = self.cast.meeting("approval")
        proposal = Proposal(meeting=meeting, person=self.cast.union_rep.person, title="Sent")
        remember(proposal, by=None, verb="test")
        self.assertRaises(WrongState, self.place, proposal)

    def test_the_point_can_be_taken_away_and_the_proposal_stays(self):
        proposal = self.propose()
        agenda.remove_item(self.place(proposal), by=self.by)
        proposal = fresh(proposal)
        self.assertEqual((proposal.state, proposal.item), ("placed", None))


class ReturnTests(Story):
    def test_a_reason_is_asked_for_and_told(self):
        proposal = self.propose()
        with self.assertRaises(ValidationError):
            actions.return_proposal(proposal, reason=" \n", version=1, by=self.by)
        actions.return_proposal(proposal, reason="Hör till APT.", version=1, by=self.by)
        self.assertEqual((fresh(proposal).state, fresh(proposal).reason), ("returned", "Hör till APT."))

    def test_one_letter_without_union_or_words(self):
        actions.return_proposal(self.propose(title="Hemlighuset"), reason="Hemligheten.", version=1, by=self.by)
        self.place(self.propose(title="Hemlighuset"))
        for letter in self.letters():
            self.assertEqual(letter.person, self.cast.union_rep.person)
            for secret in ("Hemlig", "Lövförbundet", "LF"):
                self.assertNotIn(secret, letter.subject + letter.body)
            self.assertIn(f"{reverse('meetings:meeting', args=[self.meeting.pk])}#forslag", letter.body)
        self.assertEqual(len(self.letters()), 2)
        self.assertEqual(
            sorted(letter.subject.partition(":")[0] for letter in self.letters()),
            ["Ditt förslag kom tillbaka", "Ditt förslag står på dagordningen"],
        )

    def test_none_to_oneself(self):
        self.place(self.propose(by=self.by, party=None))
        self.assertEqual(self.letters(), [])


class ViewTests(Story):
    def get(self, name: str, pk: int, user=None, **query):
        self.client.force_login(user or self.by)
        return self.client.get(reverse(f"meetings:{name}", args=[pk]), query)

    def post(self, name: str, pk: int, user=None, **data):
        self.client.force_login(user or self.by)
        return self.client.post(reverse(f"meetings:{name}", args=[pk]), data, follow=True)

    def test_from_the_form_to_the_agenda_and_back(self):
        rep = self.cast.union_rep
        page = self.post(
            "propose",
            self.meeting.pk,
            rep,
            title="Skyddsrond i växthuset",
            text="Det läcker.",
            file=picture(),
            description="En pöl.",
        )
        self.assertContains(page, "Förslaget är skickat till sekreteraren")
        self.assertContains(page, "väntar på sekreteraren")
        proposal = Proposal.objects.get()
        self.assertEqual(proposal.party, self.cast.union)
        self.assertContains(self.client.get(reverse("meetings:proposal_file", args=[proposal.pk])), b"PNG")

        self.client.force_login(self.by)
        self.assertContains(self.client.get(reverse("home")), "1 förslag väntar")
        self.assertContains(self.get("arrange", self.meeting.pk), "1 förslag väntar")
        page = self.get("place_proposal", proposal.pk)
        safety = make.make_paragraph(self.meeting, "safety")
        self.assertContains(page, "Hör troligen hemma under")
        self.assertEqual(page.context["form"].initial["paragraph"], safety.pk)
        page = self.post("place_proposal", proposal.pk, title=proposal.title, paragraph=safety.pk, version=1)
        self.assertContains(page, "står nu på dagordningen")
        self.assertNotContains(page, "1 förslag väntar")
        self.assertContains(self.get("place_proposal", proposal.pk), "Förslaget väntar inte längre")
        self.assertContains(self.get("propose", self.meeting.pk, rep), "Under ”Skyddskommittéärenden”.")

    def test_a_decision_is_a_decision(self):
        proposal = self.propose()
        decisions = make.make_paragraph(self.meeting, "decisions")
        self.post("place_proposal", proposal.pk, title="Ny chef", paragraph=decisions.pk, version=1)
        self.assertEqual(Item.objects.get(title="Ny chef").kind, "decision")

    def test_it_is_returned_and_the_reason_is_read(self):
        proposal = self.propose()
        self.assertContains(self.post("return_proposal", proposal.pk, reason="", version=1), "error-summary")
        self.assertContains(self.post("return_proposal", proposal.pk, reason="Hör till APT.", version=1), "är lämnat tillbaka")
        page = self.get("propose", self.meeting.pk, self.cast.union_rep)
        self.assertContains(page, "Hör till APT.")
        self.assertContains(page, "lämnad tillbaka")

    def test_it_is_taken_back(self):
        proposal = self.propose()
        self.assertContains(self.get("withdraw_proposal", proposal.pk, self.cast.union_rep), "Ta tillbaka förslaget")
        self.post("withdraw_proposal", proposal.pk, self.cast.union_rep)
        self.assertEqual(fresh(proposal).state, "withdrawn")
        self.assertContains(self.post("withdraw_proposal", proposal.pk, self.cast.union_rep), "Förslaget väntar inte längre")

    def test_of_two_secretaries_the_second_is_told(self):
        proposal = self.propose()
        self.place(fresh(proposal))
        page = self.post("place_proposal", proposal.pk, title="Bänkar", paragraph=make.make_paragraph(self.meeting).pk, version=1)
        self.assertContains(page, "Förslaget väntar inte längre")
        self.assertEqual(Item.objects.filter(proposals=proposal).count(), 1)

    def test_a_changed_proposal_is_read_again_with_what_was_typed(self):
        proposal = self.propose()
        page = self.post("return_proposal", proposal.pk, reason="Mitt långa skäl.", version=9)
        self.assertContains(page, "Mitt långa skäl.", status_code=409)
        self.assertContains(page, 'name="version" value="1"', status_code=409)

    def test_after_the_deadline_the_way_on(self):
        Meeting.objects.filter(pk=self.meeting.pk).update(deadline=timezone.now() - timedelta(hours=1))
        later = self.cast.meeting("planned", date=today() + timedelta(days=50))
        closed = self.cast.meeting("planned", date=today() + timedelta(days=40), deadline=timezone.now() - timedelta(hours=1))
        there = reverse("meetings:propose", args=[later.pk])
        page = self.get("propose", self.meeting.pk, self.cast.union_rep)
        self.assertContains(page, there)
        self.assertContains(page, "när dagordningen godkänns")
        self.assertNotContains(page, reverse("meetings:propose", args=[closed.pk]))
        self.assertNotContains(page, "Skicka förslaget")
        page = self.post("propose", self.meeting.pk, self.cast.union_rep, title="Bänkar", text="De är slitna.")
        self.assertContains(page, f'action="{there}"')
        self.assertContains(page, "De är slitna.")
        self.assertFalse(Proposal.objects.exists())

    def test_a_form_that_is_wrong_keeps_what_was_typed(self):
        page = self.post("propose", self.meeting.pk, self.cast.union_rep, title="", text="De är slitna.", file=picture())
        self.assertEqual(sorted(page.context["form"].errors), ["description", "file", "title"])
        self.assertContains(page, "De är slitna.")
        self.assertContains(page, "Välj filen igen.")
        page = self.post("propose", self.meeting.pk, self.cast.union_rep, title="Bänkar", description="En bild som glömdes.")
        self.assertEqual(sorted(page.context["form"].errors), ["file"])

    def test_one_with_two_unions_says_for_which(self):
        make.make_mandate(self.cast.union_rep, self.cast.group, "union_rep", party=self.cast.other_union)
        self.post("propose", self.meeting.pk, self.cast.union_rep, title="Bänkar", party=self.cast.other_union.pk)
        self.assertEqual(Proposal.objects.get().party, self.cast.other_union)

    def test_what_nobody_placed_in_time_is_told(self):
        self.propose()
        planning.cancel(self.meeting, why="Snö.", by=self.by)
        page = self.get("meeting", self.meeting.pk, self.cast.union_rep)
        self.assertIn("inställt", page.context["proposals"][0].told)

    def test_a_substitute_proposes_when_serving(self):
        user = self.cast.substitute
        self.assertEqual(self.post("propose", self.meeting.pk, user, title="Bänkar").status_code, 403)
        remember(Service(mandate=user.person.mandates.get(), date=today()), by=None, verb="test")
        self.assertEqual(self.post("propose", self.meeting.pk, user, title="Bänkar").status_code, 200)
        self.assertEqual(Proposal.objects.count(), 1)

    def test_as_many_questions_for_thirty_as_for_one(self):
        self.propose()
        self.place(self.propose())
        counted: list[dict[str, int]] = []
        for _ in range(2):
            asked = {}
            for user, name in (
                (self.by, "arrange"),
                (self.cast.union_rep, "propose"),
                (self.by, "meeting"),
                (self.cast.union_rep, "meeting"),
            ):
                self.get(name, self.meeting.pk, user)
                with CaptureQueriesContext(connection) as queries:
                    self.client.get(reverse(f"meetings:{name}", args=[self.meeting.pk]))
                asked[f"{name} {user}"] = len(queries)
            self.client.force_login(self.by)
            self.client.get(reverse("home"))
            with CaptureQueriesContext(connection) as queries:
                self.client.get(reverse("home"))
            counted.append(asked | {"home": len(queries)})
            if len(counted) == 1:
                for _ in range(28):
                    self.propose()
                self.place(self.propose())
        self.assertEqual(*counted)


class RaceTests(TransactionTestCase):
    def test_placed_once_however_many_press(self):
        cast = Cast()
        meeting = cast.meeting("called")
        proposal = actions.propose(meeting, title="Bänkar", by=cast.union_rep)
        paragraph = make.make_paragraph(meeting)
        answers: list[str] = []
        gate = threading.Barrier(4)

        def press() -> None:
            try:
                mine = Proposal.objects.get(pk=proposal.pk)
                gate.wait(10)
                actions.place_proposal(mine, paragraph=paragraph, kind="topic", title="Bänkar", version=1, by=cast.secretary)
                answers.append("placed")
            except Refused:
                answers.append("refused")
            except Exception as error:
                answers.append(repr(error))
            finally:
                connection.close()

        threads = [threading.Thread(target=press) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual(sorted(answers), ["placed", "refused", "refused", "refused"])
        self.assertEqual((Item.objects.filter(title="Bänkar").count(), AgendaChange.objects.count()), (1, 1))
