"""Motions on the agenda: placed, moved with a word of it in the protocol, printed in order, put off and never lost."""

from datetime import timedelta

from django.test import TestCase
from django.urls import reverse
from django.utils.formats import date_format

from meetings.actions import carry, placing
from meetings.models import AgendaChange, Appendix, Meeting, Placement
from meetings.reading.defaults import default_texts
from meetings.reading.numbering import Numbers
from motions import story
from motions.actions import answering
from motions.models import Motion
from people.models import Letter
from protocol import sealing
from protocol.document import build
from record.moves import Refused
from tests import factories as make
from tests.cast import Cast
from tests.meetings.test_planning_views import Pages


class PlaceViewTests(Pages):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.meeting = cls.cast.meeting("called")
        cls.motion = make.make_motion(cls.cast.group, cls.cast.union, by=cls.cast.adjuster)
        cls.paragraph = make.make_paragraph(cls.meeting, "decisions")

    def setUp(self) -> None:
        self.be(self.cast.secretary)

    def place(self, **data):
        return self.post(
            "place", self.meeting.pk, **({"motion": self.motion.pk, "where": f"p{self.paragraph.pk}", "printed": "text"} | data)
        )

    def test_a_motion_is_placed_in_the_text(self):
        self.assertContains(self.page("place", self.meeting.pk), "Lokaler")
        self.assertEqual(self.place().status_code, 303)
        placement = Placement.objects.get()
        self.assertEqual(
            (placement.motion, placement.paragraph, placement.item, placement.appendix), (self.motion, self.paragraph, None, None)
        )

    def test_it_is_moved_to_an_item_and_a_new_appendix(self):
        self.place()
        item = make.make_item(make.make_paragraph(self.meeting, "board_matters"), "Budget", kind="board_matter")
        self.assertEqual(self.place(where=f"i{item.pk}", printed="ny").status_code, 303)
        placement = Placement.objects.get()
        self.assertEqual((placement.item, placement.paragraph, placement.appendix.title), (item, item.paragraph, "Lokaler"))
        self.assertEqual(self.place(where=f"i{item.pk}", printed=placement.appendix.pk).status_code, 303)
        self.assertEqual(Appendix.objects.count(), 1)

    def test_a_place_must_be_chosen_and_be_here(self):
        foreign = make.make_paragraph(self.cast.meeting(date=self.meeting.date + timedelta(days=7)))
        for where in ("", "p0", f"p{foreign.pk}", "x"):
            self.assertEqual(list(self.place(where=where).context["form"].errors), ["where"])
        self.assertFalse(Placement.objects.exists())

    def test_a_draft_is_not_there_to_be_placed(self):
        draft = make.make_motion(self.cast.group, self.cast.union, by=self.cast.adjuster, filed=False, title="Viskat")
        self.assertNotContains(self.page("place", self.meeting.pk), "Viskat")
        self.assertEqual(self.place(motion=draft.pk).status_code, 404)

    def test_a_motion_of_a_cancelled_meeting_waits_again(self):
        self.place()
        self.post("cancel", self.meeting.pk, why="Sjukdom i huset.")
        other = self.cast.meeting("called", date=self.meeting.date + timedelta(days=7))
        self.assertContains(self.page("place", other.pk), "Lokaler")

    def test_only_secretary_and_chair_place_and_only_after_the_notice(self):
        planned = self.cast.meeting(date=self.meeting.date + timedelta(days=7))
        self.assertEqual(self.page("place", planned.pk).status_code, 409)
        for user, status in ((self.cast.adjuster, 403), (self.cast.employer, 403), (self.cast.stranger, 404)):
            self.be(user)
            self.assertEqual(self.place().status_code, status)
        self.assertFalse(Placement.objects.exists())
        self.assertEqual(Meeting.objects.get(pk=planned.pk).state, "planned")


class NotedTests(Pages):
    """What is moved when the agenda is approved is told there."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.meeting = cls.cast.meeting("draft")
        cls.first, cls.second = (
            make.make_motion(cls.cast.group, cls.cast.union, by=cls.cast.adjuster, title=title) for title in ("Lokaler", "Ljus")
        )
        cls.operations, cls.decisions = make.make_paragraph(cls.meeting), make.make_paragraph(cls.meeting, "decisions")

    def setUp(self) -> None:
        self.be(self.cast.secretary)

    def place(self, motion, paragraph, **data):
        return self.post("place", self.meeting.pk, motion=motion.pk, where=f"p{paragraph.pk}", printed="text", **data)

    def sentence(self) -> str:
        meeting = Meeting.objects.whole().get(pk=self.meeting.pk)
        return default_texts(meeting, Numbers.of(meeting))["agenda"]

    def number(self, paragraph) -> int:
        return Numbers.of(Meeting.objects.whole().get(pk=self.meeting.pk)).paragraphs[paragraph.pk]

    def test_what_comes_and_what_is_moved_is_told_with_its_paragraph(self):
        self.place(self.first, self.operations, noted="on")
        self.assertEqual(
            self.sentence(),
            f"Dagordningen godkändes med tillägg av yrkande från LF under § {self.number(self.operations)} gällande Lokaler.",
        )
        AgendaChange.objects.all().delete()
        for motion in (self.first, self.second):
            self.place(motion, self.operations)
            self.assertEqual(self.place(motion, self.decisions, noted="on").status_code, 303)
        self.assertEqual(
            self.sentence(), f"LFs yrkanden flyttades till § {self.number(self.decisions)} och dagordningen godkändes sedan."
        )
        printed = self.client.get(reverse("protocol:protocol", args=[self.meeting.pk])).content.decode().replace("\xa0", " ")
        self.assertIn(self.sentence(), printed)

    def test_a_move_of_what_was_noted_changes_the_note_and_a_tick_taken_away_removes_it(self):
        self.place(self.first, self.operations, noted="on")
        self.place(self.first, self.decisions, noted="on")
        change = AgendaChange.objects.get()
        self.assertEqual((change.kind, change.paragraph), ("addition", self.decisions))
        form = self.page("place", self.meeting.pk).context["placed"][0][0]
        self.assertTrue(form["noted"].value())
        self.place(self.first, self.decisions)
        self.assertFalse(AgendaChange.objects.exists())

    def test_each_union_and_each_paragraph_has_its_own_words(self):
        third = make.make_motion(self.cast.group, self.cast.other_union, by=self.cast.other_rep, title="Regn", kind="inquiry")
        for motion, paragraph in ((self.first, self.operations), (self.second, self.decisions), (third, self.decisions)):
            self.place(motion, self.operations)
            self.place(motion, paragraph, noted="on")
        under, here = self.number(self.operations), self.number(self.decisions)
        self.assertEqual(
            self.sentence(),
            f"LFs yrkande flyttades till § {under}, LFs yrkande flyttades till § {here} och BFs skrivelse flyttades till § {here}"
            " och dagordningen godkändes sedan.",
        )

    def test_they_are_printed_in_the_order_one_puts_them(self):
        for motion in (self.first, self.second):
            self.place(motion, self.decisions)
        second = Placement.objects.get(motion=self.second)
        response = self.post("move_placement", second.pk, till="upp")
        self.assertRedirects(
            response,
            reverse("meetings:place", args=[self.meeting.pk]) + f"#m{self.second.pk}",
            status_code=303,
            fetch_redirect_response=False,
        )
        self.assertEqual(
            [motion.title for motion in build(Meeting.objects.whole().get(pk=self.meeting.pk)).motions], ["Ljus", "Lokaler"]
        )
        self.post("move_placement", second.pk, till="upp")
        self.assertEqual(
            [motion.title for motion in build(Meeting.objects.whole().get(pk=self.meeting.pk)).motions], ["Ljus", "Lokaler"]
        )
        self.assertEqual(self.post("move_placement", second.pk, till="bort").status_code, 400)

    def test_one_step_is_among_those_that_stand_at_the_same_place(self):
        third = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, title="Luft")
        for motion, paragraph in ((self.first, self.decisions), (self.second, self.operations), (third, self.decisions)):
            self.place(motion, paragraph)
        page = self.client.get(reverse("meetings:place", args=[self.meeting.pk]))
        pks = {row.motion_id: row.pk for row in self.meeting.placements.all()}
        self.assertEqual(page.context["first"], {pks[self.first.pk], pks[self.second.pk]})
        self.assertEqual(page.context["last"], {pks[third.pk], pks[self.second.pk]})
        self.post("move_placement", pks[third.pk], till="upp")
        order = [row.motion.title for row in self.meeting.placements.order_by("position", "pk")]
        self.assertEqual(order, [third.title, self.second.title, self.first.title])

    def test_a_new_appendix_has_the_heading_that_is_written_and_room_for_more(self):
        self.post(
            "place",
            self.meeting.pk,
            motion=self.first.pk,
            where=f"p{self.decisions.pk}",
            printed="ny",
            title="Yrkanden om budget",
        )
        appendix = Appendix.objects.get()
        self.assertEqual(appendix.title, "Yrkanden om budget")
        self.post("place", self.meeting.pk, motion=self.second.pk, where=f"p{self.decisions.pk}", printed=appendix.pk)
        printed = build(Meeting.objects.whole().get(pk=self.meeting.pk))
        self.assertEqual([(motion.appendix, motion.number) for motion in printed.motions], [(1, 1), (1, 2)])


class PostponeTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        cls.meeting = cls.cast.meeting("called")
        cls.later = cls.cast.meeting("planned", date=cls.meeting.date + timedelta(days=28))
        cls.motion = make.make_motion(
            cls.cast.group, cls.cast.union, by=cls.cast.adjuster, title="Lokaler", claims=("att ett.", "att två.")
        )
        cls.by = cls.cast.secretary

    def placed(self) -> Placement:
        return placing.place(
            self.motion, meeting=self.meeting, paragraph=make.make_paragraph(self.meeting, "decisions"), by=self.by
        )

    def begin(self) -> None:
        from meetings.actions import planning

        planning.open_draft(self.meeting, by=self.by)

    def sealed(self) -> Meeting:
        from protocol import actions
        from protocol.models import FrozenVersion

        meeting = self.cast.ready(Meeting.objects.get(pk=self.meeting.pk))
        version = actions.freeze(meeting, by=self.by, privacy_reviewed=True)
        self.cast.sign_all(version)
        sealing.seal(FrozenVersion.objects.get(pk=version.pk))
        return meeting

    def postpone(self, placement: Placement, **fields) -> Motion:
        placing.postpone(placement, **({"until": self.later.date, "why": "Underlaget saknas.", "by": self.by} | fields))
        return Motion.objects.get(pk=self.motion.pk)

    def test_before_the_meeting_it_leaves_the_agenda_and_comes_with_the_chosen_one(self):
        motion = self.postpone(self.placed())
        self.assertFalse(self.meeting.placements.exists())
        self.assertEqual(motion.postponed_to, self.later.date)
        self.begin()
        self.assertFalse(self.meeting.placements.exists())  # it is not carried back to where it left
        carry.carry_over(self.later, by=self.by)
        self.assertEqual(self.later.placements.get().motion, motion)
        motion.refresh_from_db()
        self.assertIsNone(motion.postponed_to)

    def test_the_appendix_that_was_made_for_it_goes_with_it_and_one_that_holds_more_stays(self):
        paragraph = make.make_paragraph(self.meeting, "decisions")
        placement = placing.place_in_new_appendix(self.motion, meeting=self.meeting, paragraph=paragraph, item=None, by=self.by)
        self.postpone(placement)
        self.assertFalse(self.meeting.appendices.exists())
        self.meeting, self.later = self.later, self.cast.meeting("planned", date=self.later.date + timedelta(days=7))
        placement = placing.place_in_new_appendix(
            self.motion, meeting=self.meeting, paragraph=make.make_paragraph(self.meeting, "decisions"), item=None, by=self.by
        )
        other = make.make_motion(self.cast.group, self.cast.union, by=self.cast.adjuster, title="Ljus")
        placing.place(other, meeting=self.meeting, paragraph=placement.paragraph, appendix=placement.appendix, by=self.by)
        self.postpone(placement)
        self.assertTrue(self.meeting.appendices.exists())

    def test_a_meeting_does_not_list_what_waits_for_a_later_one(self):
        self.postpone(self.placed())
        self.client.force_login(self.by)
        for meeting, there in ((self.meeting, False), (self.later, True)):
            page = self.client.get(reverse("meetings:meeting", args=[meeting.pk])).content.decode()
            self.assertEqual("Lokaler" in page, there)

    def test_to_the_next_meeting_when_no_day_is_set(self):
        motion = self.postpone(self.placed(), until=None)
        self.assertEqual(motion.postponed_to, self.meeting.date + timedelta(days=1))
        self.begin()
        self.assertFalse(self.meeting.placements.exists())
        carry.carry_over(self.later, by=self.by)
        self.assertTrue(self.later.placements.exists())

    def test_at_the_meeting_what_has_no_final_answer_is_tabled_and_printed_so(self):
        placement = self.placed()
        self.begin()
        first, second = self.motion.claims.all()
        make.make_answer(first, by=self.cast.employer, text="Ja.", outcome="granted", released=True)
        writing = make.make_answer(second, by=self.cast.employer, text="Vi tänker än.", outcome="answered", released=False)
        self.postpone(placement)
        printed = [
            (claim.outcome, claim.answer) for claim in build(Meeting.objects.whole().get(pk=self.meeting.pk)).motions[0].claims
        ]
        day = f"{self.later.date.day} "
        self.assertEqual(printed[0], ("granted", "Ja."))
        self.assertEqual(printed[1][0], "tabled")
        self.assertTrue(
            printed[1][1].startswith(f"yrkandet bordläggs till mötet den {day}") and printed[1][1].endswith("Underlaget saknas.")
        )
        writing.refresh_from_db()
        self.assertEqual((writing.round, writing.released_at), (2, None))  # the manager's text waits for the next time
        with self.assertRaisesMessage(Refused, "redan bordlagt"):  # what the protocol says of it stands
            self.postpone(placement, until=self.later.date + timedelta(days=7))
        self.assertEqual(second.answers.filter(outcome="tabled").count(), 1)

    def test_another_place_at_the_same_meeting_leaves_it_put_off(self):
        placement = self.placed()
        self.begin()
        self.postpone(placement)
        placing.place(self.motion, meeting=self.meeting, paragraph=make.make_paragraph(self.meeting, "area"), by=self.by)
        self.assertEqual(Motion.objects.get(pk=self.motion.pk).postponed_to, self.later.date)

    def test_the_draft_names_the_day_that_the_later_meeting_is_moved_to(self):
        from meetings.actions import planning

        placement = self.placed()
        self.begin()
        self.postpone(placement)
        day = self.later.date + timedelta(days=3)
        planning.edit(self.later, fields={"date": day}, version=Meeting.objects.get(pk=self.later.pk).version, by=self.by)
        said = {claim.answer for claim in build(Meeting.objects.whole().get(pk=self.meeting.pk)).motions[0].claims}
        self.assertEqual(said, {f"yrkandet bordläggs till mötet den {date_format(day, 'j F Y')}. Underlaget saknas."})

    def test_it_comes_back_when_the_protocol_is_sealed_at_the_chosen_meeting_and_not_before(self):
        placement = self.placed()
        self.begin()
        between = self.cast.meeting("planned", date=self.meeting.date + timedelta(days=14))
        self.postpone(placement)
        self.sealed()
        carry.carry_over(between, by=self.by)
        self.assertFalse(between.placements.exists())
        carry.carry_over(self.later, by=self.by)
        self.assertEqual(self.later.placements.get().motion, self.motion)

    def test_what_is_settled_is_not_offered_to_be_put_off(self):
        placement = self.placed()
        self.client.force_login(self.by)
        url, button = reverse("meetings:place", args=[self.meeting.pk]), reverse("meetings:postpone", args=[placement.pk])
        self.assertContains(self.client.get(url), button)
        for claim in self.motion.claims.all():
            make.make_answer(claim, by=self.cast.employer, outcome="granted")
        self.assertNotContains(self.client.get(url), button)

    def test_the_secretary_can_take_it_up_sooner(self):
        placement = self.placed()
        self.begin()
        self.postpone(placement)
        self.sealed()
        between = self.cast.meeting("called", date=self.meeting.date + timedelta(days=14))
        self.client.force_login(self.by)
        response = self.client.get(reverse("meetings:place", args=[between.pk]))
        self.assertEqual([form.thing for form, _ in response.context["waiting"]], [self.motion])
        self.assertContains(response, "Uppskjutet till möte")
        placing.place(self.motion, meeting=between, paragraph=make.make_paragraph(between, "decisions"), by=self.by)
        self.assertEqual(Motion.objects.get(pk=self.motion.pk).phase, "K")

    def test_what_has_final_answers_is_not_put_off(self):
        placement = self.placed()
        self.begin()
        for claim in self.motion.claims.all():
            make.make_answer(claim, by=self.cast.employer, outcome="rejected", text="Nej.", released=True)
        with self.assertRaisesMessage(Refused, "slutliga svar"):
            self.postpone(placement)
        self.assertIsNone(Motion.objects.get(pk=self.motion.pk).postponed_to)

    def test_only_to_a_meeting_that_comes_after(self):
        with self.assertRaisesMessage(Refused, "efter det här"):
            self.postpone(self.placed(), until=self.meeting.date)
        self.assertTrue(self.meeting.placements.exists())

    def test_a_statement_leaves_the_agenda_since_there_is_nothing_to_table(self):
        self.motion = make.make_motion(
            self.cast.group,
            self.cast.union,
            by=self.cast.adjuster,
            title="Eget",
            kind="opinion",
            claims=(),
            background="Vi tycker.",
        )
        placement = self.placed()
        self.begin()
        self.postpone(placement)
        self.assertFalse(self.meeting.placements.exists())

    def test_the_union_is_told_and_the_story_keeps_it(self):
        motion = self.postpone(self.placed())
        letters = Letter.objects.filter(kind="motion_postponed")
        self.assertEqual({letter.person for letter in letters}, {self.cast.adjuster.person})
        for letter in letters:
            self.assertNotIn("Underlaget", letter.subject + letter.body)
        entry = next(one for one in story.of(motion, self.cast.union_rep) if one.what.startswith("Sköts upp"))
        self.assertEqual((entry.more, entry.who), ("Underlaget saknas.", self.by))
        self.assertIn("motion_postponed", self.cast.group.chain.events.values_list("kind", flat=True))

    def test_ten_times_and_it_is_still_there(self):
        placement = self.placed()
        self.begin()
        for _ in range(10):
            self.postpone(placement)
            self.sealed()
            self.meeting = self.cast.meeting("called", date=self.meeting.date + timedelta(days=1), starts=self.meeting.starts)
            self.later = self.cast.meeting("planned", date=self.meeting.date + timedelta(days=1))
            placement = self.placed()
            self.begin()
        claim = self.motion.claims.first()
        self.assertEqual([answer.round for answer in claim.answers.order_by("round")], list(range(1, 11)))
        answering.answer(claim, outcome="granted", text="", version=0, by=self.cast.chair)


class PostponeViewTests(Pages):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.meeting = cls.cast.meeting("called")
        cls.later = cls.cast.meeting("planned", date=cls.meeting.date + timedelta(days=28))
        motion = make.make_motion(cls.cast.group, cls.cast.union, by=cls.cast.adjuster, title="Lokaler")
        paragraph = make.make_paragraph(cls.meeting, "decisions")
        cls.placement = placing.place(motion, meeting=cls.meeting, paragraph=paragraph, by=cls.cast.secretary)

    def setUp(self) -> None:
        self.be(self.cast.secretary)

    def test_it_is_put_off_with_a_reason_to_a_planned_meeting(self):
        response = self.page("postpone", self.placement.pk)
        self.assertContains(response, "tas bort från mötets dagordning")
        response = self.post("postpone", self.placement.pk, until=self.later.date.isoformat(), why="")
        self.assertContains(response, "Skriv varför.")
        response = self.post("postpone", self.placement.pk, until=self.later.date.isoformat(), why="Underlaget saknas.")
        self.assertRedirects(response, reverse("meetings:place", args=[self.meeting.pk]), status_code=303)
        self.assertFalse(Placement.objects.exists())

    def test_a_day_that_is_not_offered_is_refused_and_the_reason_kept(self):
        response = self.post("postpone", self.placement.pk, until="2031-02-31", why="Underlaget saknas.")
        self.assertEqual(list(response.context["form"].errors), ["until"])
        self.assertContains(response, "Underlaget saknas.")

    def test_only_chair_and_secretary(self):
        for user, status in (
            (self.cast.adjuster, 403),
            (self.cast.employer, 403),
            (self.cast.hr, 403),
            (self.cast.stranger, 404),
        ):
            self.be(user)
            self.assertEqual(self.post("postpone", self.placement.pk, until="", why="Nej.").status_code, status)
        self.assertTrue(Placement.objects.exists())
