"""Carry-over: what earlier meetings left open comes with the agenda, once and in its place."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.test import TestCase
from django.urls import reverse

from meetings.actions import agenda, balance, carry, placing, planning
from meetings.models import Item, Meeting, Placement
from meetings.reading import left_open
from motions.models import Motion
from people.models import today
from protocol import sealing
from record.moves import WrongState
from tests import factories as make
from tests.cast import Cast

SOON = today() + timedelta(days=14)
LATER = SOON + timedelta(days=30)


def fresh(thing):
    return type(thing)._base_manager.get(pk=thing.pk)


class Story(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        _ = (
            cls.cast.chair,
            cls.cast.secretary,
            cls.cast.employer,
            cls.cast.adjuster,
            cls.cast.union_rep,
            cls.cast.other_rep,
        )
        cls.by = cls.cast.secretary

    def sealed(self, meeting: Meeting) -> Meeting:
        """The draft, frozen, signed and sealed."""
        from protocol import actions
        from protocol.models import FrozenVersion

        version = actions.freeze(self.cast.ready(meeting), by=self.by, privacy_reviewed=True)
        self.cast.sign_all(version)
        sealing.seal(FrozenVersion.objects.get(pk=version.pk))
        return fresh(meeting)

    @classmethod
    def next(cls, state: str = "planned", **fields) -> Meeting:
        return make.make_meeting(cls.cast.group, by=cls.by, state=state, date=fields.pop("date", LATER), **fields)

    def carried(self, meeting: Meeting) -> list[tuple[str, str]]:
        rows = Placement.objects.filter(meeting=meeting).select_related("motion", "paragraph").order_by("pk")
        return [(row.motion.title, row.paragraph.slug if row.paragraph else "") for row in rows]


class TabledTests(Story):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.before = cls.cast.meeting("draft", date=SOON)
        cls.matters = make.make_paragraph(cls.before, "board_matters")
        cls.tabled = make.make_item(
            cls.matters, "Ny lekplats", kind="board_matter", references=["PN 2026/12"], presenter="Parkchef", outcome="tabled"
        )
        make.make_item(cls.matters, "Avgjort", kind="board_matter", outcome="no_comments")

    def items(self, meeting: Meeting) -> list[Item]:
        return list(Item.objects.filter(paragraph__meeting=meeting))

    def test_a_tabled_matter_comes_under_the_same_paragraph_and_tells_where_from(self):
        meeting = self.next()
        (item,) = self.items(meeting)
        self.assertEqual(
            (item.paragraph.slug, item.kind, item.title, item.references, item.presenter, item.outcome, item.board_agenda_no),
            ("board_matters", "board_matter", "Ny lekplats", ["PN 2026/12"], "Parkchef", "", ""),
        )
        self.assertRegex(item.text, rf"^Bordlagt \[§ \d+\]\(paragraph:{self.matters.pk}\) den \d+ [a-z]+ {SOON.year}\.$")
        self.assertTrue(carry.only_tells_origin(item.text))
        self.assertFalse(carry.only_tells_origin(item.text + " Nu tas det upp."))

    def test_never_twice(self):
        meeting = self.next("called")
        for _ in range(3):
            self.assertEqual(carry.carry_over(meeting, by=self.by).tabled, 0)
        planning.open_draft(meeting, by=self.by)
        self.assertEqual([item.version for item in self.items(meeting)], [1])

    def test_what_was_renamed_or_taken_away_does_not_come_back(self):
        meeting = self.next()
        (item,) = self.items(meeting)
        agenda.edit_item(item, fields={"title": "Lekplatsen i söder", "references": []}, version=1, by=self.by)
        carry.carry_over(meeting, by=self.by)
        self.assertEqual([item.title for item in self.items(meeting)], ["Lekplatsen i söder"])
        agenda.remove_item(fresh(item), by=self.by)
        carry.carry_over(meeting, by=self.by)
        self.assertEqual(self.items(meeting), [])

    def test_what_was_tabled_after_the_planning_comes_when_the_draft_is_opened(self):
        meeting = self.next("called")
        make.make_item(self.matters, "Taxan", kind="board_matter", outcome="tabled")
        planning.open_draft(meeting, by=self.by)
        self.assertEqual([item.title for item in self.items(meeting)], ["Ny lekplats", "Taxan"])

    def test_one_that_already_stands_there_is_left_alone(self):
        meeting = self.next("called")
        make.make_item(self.matters, "Taxan", kind="board_matter", references=["PN 2026/77"], outcome="tabled")
        make.make_item(
            make.make_paragraph(meeting, "board_matters"), "Taxa för torg", kind="board_matter", references=["PN 2026/77"]
        )
        planning.open_draft(meeting, by=self.by)
        self.assertEqual([item.title for item in self.items(meeting)], ["Ny lekplats", "Taxa för torg"])

    def test_the_number_follows_as_long_as_nothing_else_is_written(self):
        meeting = self.next("called")
        (item,) = self.items(meeting)
        agenda.add_paragraph(self.before, heading="Först", section="", after=self.before.paragraphs.first(), by=self.by)
        number = int(item.text.partition("§ ")[2].partition("]")[0])
        carry.carry_over(meeting, by=self.by)
        self.assertIn(f"[§ {number + 1}]", fresh(item).text)
        Item.objects.filter(pk=item.pk).update(text=item.text + " Nytt.")
        carry.carry_over(meeting, by=self.by)
        self.assertEqual(fresh(item).text, item.text + " Nytt.")

    def test_a_cancelled_or_coming_meeting_leaves_nothing(self):
        Item.objects.filter(pk=self.tabled.pk).update(outcome="no_comments")
        coming = self.next("called", date=SOON + timedelta(days=5))
        make.make_item(make.make_paragraph(coming, "board_matters"), "För tidigt", kind="board_matter", outcome="tabled")
        self.assertEqual(self.items(self.next()), [])

    def test_the_protocol_prints_where_it_was_tabled(self):
        from protocol import document

        meeting = self.next("draft")
        matter = next(one for row in document.build(Meeting.objects.whole().get(pk=meeting.pk)).paragraphs for one in row.matters)
        self.assertRegex(matter.text, r"^Bordlagt \[?§ \d+")


class MotionTests(Story):
    def motion(self, title: str, *, kind: str = "motion", **fields) -> Motion:
        return make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, title=title, kind=kind, **fields)

    def held(self, *placed: tuple[Motion, str, str]) -> Meeting:
        """A sealed meeting where the motions were up: (motion, slug, outcome)."""
        meeting = self.cast.meeting("draft", date=SOON)
        for motion, slug, outcome in placed:
            placing.place(motion, meeting=meeting, paragraph=make.make_paragraph(meeting, slug), by=self.by)
            make.make_answer(motion.claims.get(), by=self.cast.employer, outcome=outcome)
        return self.sealed(meeting)

    def test_what_was_tabled_comes_again_and_what_was_answered_does_not(self):
        tabled, done, asked = self.motion("Bordlagt"), self.motion("Besvarat"), self.motion("Fråga", kind="inquiry")
        self.held((tabled, "area", "tabled"), (done, "area", "answered"), (asked, "unions", "tabled"))
        meeting = self.next()
        self.assertEqual(self.carried(meeting), [("Bordlagt", "area"), ("Fråga", "previous")])
        self.assertEqual({fresh(tabled).phase, fresh(asked).phase}, {"K"})
        self.assertEqual(fresh(done).phase, "S")

    def test_never_twice_and_at_one_meeting_only(self):
        self.held((self.motion("Bordlagt"), "area", "tabled"))
        meeting = self.next("called")
        self.assertEqual(carry.carry_over(meeting, by=self.by).motions, 0)
        other = self.next(date=LATER + timedelta(days=30))
        planning.open_draft(meeting, by=self.by)
        self.assertEqual((self.carried(meeting), self.carried(other)), ([("Bordlagt", "area")], []))

    def test_nothing_falls_between_two_protocols(self):
        """The earlier protocol is sealed only after the next draft was opened: what it left open comes there and then."""
        motion = self.motion("Bordlagt")
        before = self.cast.meeting("draft", date=SOON)
        placing.place(motion, meeting=before, paragraph=make.make_paragraph(before, "area"), by=self.by)
        make.make_answer(motion.claims.get(), by=self.cast.employer, outcome="tabled")
        meeting = self.next("draft")
        self.assertEqual(self.carried(meeting), [])
        self.sealed(before)
        self.assertEqual((self.carried(meeting), fresh(motion).phase), ([("Bordlagt", "area")], "U"))
        self.assertEqual(self.carried(self.next(date=LATER + timedelta(days=30))), [])

    def test_the_button_fetches_it(self):
        motion = self.motion("Bordlagt")
        before = self.cast.meeting("draft", date=SOON)
        placing.place(motion, meeting=before, paragraph=make.make_paragraph(before, "area"), by=self.by)
        make.make_answer(motion.claims.get(), by=self.cast.employer, outcome="tabled")
        meeting = self.next("called")
        self.sealed(before)
        self.client.force_login(self.by)
        address = reverse("meetings:arrange", args=[meeting.pk])
        self.assertContains(self.client.post(address, {"do": "carry"}, follow=True), "1 yrkanden eller skrivelser")
        self.assertEqual((self.carried(meeting), fresh(motion).phase), ([("Bordlagt", "area")], "K"))
        self.assertContains(self.client.post(address, {"do": "carry"}, follow=True), "Inget nytt")

    def test_a_motion_under_a_tabled_matter_follows_the_matter(self):
        motion = self.motion("Om lekplatsen", kind="opinion", background="Vi tycker.", claims=())
        before = self.cast.meeting("draft", date=SOON)
        item = make.make_item(make.make_paragraph(before, "board_matters"), "Ny lekplats", kind="board_matter", outcome="tabled")
        placing.place(motion, meeting=before, paragraph=None, item=item, by=self.by)
        self.sealed(before)
        placement = self.next().placements.get()
        self.assertEqual(
            (placement.motion, placement.item.title, placement.paragraph.slug), (motion, "Ny lekplats", "board_matters")
        )

    def test_a_statement_that_has_been_up_does_not_come_again(self):
        motion = self.motion("Yttrande", kind="opinion", background="Vi tycker.", claims=())
        before = self.cast.meeting("draft", date=SOON)
        placing.place(motion, meeting=before, paragraph=make.make_paragraph(before, "unions"), by=self.by)
        self.sealed(before)
        self.assertEqual(self.carried(self.next()), [])

    def test_those_due_come_to_the_meeting_they_are_wanted_at(self):
        self.motion("Skyddsronder i parken", wanted_on=SOON)
        self.motion("Obestämt")
        self.motion("Utan kända ord", wanted_on=SOON - timedelta(days=3))
        self.motion("Sedan", wanted_on=LATER)
        meeting = self.next(date=SOON)
        self.assertEqual(self.carried(meeting), [("Skyddsronder i parken", "safety"), ("Utan kända ord", "unions")])
        self.assertEqual(self.carried(self.next()), [("Sedan", "unions")])

    def test_a_later_meeting_does_not_take_what_an_earlier_one_has_time_for(self):
        first = self.next("called", date=SOON)
        self.motion("Bråttom", wanted_on=SOON - timedelta(days=1))
        self.assertEqual(self.carried(self.next()), [])
        planning.open_draft(first, by=self.by)
        self.assertEqual(self.carried(first), [("Bråttom", "unions")])

    def test_one_about_a_matter_goes_to_the_matter(self):
        meeting = self.next("called", date=SOON)
        make.make_item(make.make_paragraph(meeting, "board_matters"), "Budget", kind="board_matter", references=["PN 2026/12"])
        self.motion("Mer pengar", matter="Ärendet PN 2026/12", wanted_on=SOON)
        planning.open_draft(meeting, by=self.by)
        self.assertEqual(meeting.placements.get().item.title, "Budget")

    def test_withdrawn_and_unfiled_ones_do_not_come(self):
        from motions.actions import filing

        motion = self.motion("Ångrat", wanted_on=SOON)
        filing.withdraw(motion, by=self.cast.union_rep)
        self.motion("Utkast", wanted_on=SOON, filed=False)
        self.assertEqual(self.carried(self.next(date=SOON)), [])

    def test_another_group_gets_nothing(self):
        self.motion("Vårt", wanted_on=SOON)
        meeting = make.make_meeting(self.cast.other_group, by=self.cast.stranger, date=SOON)
        self.assertEqual(self.carried(meeting), [])


class BalanceTests(Story):
    def test_open_promises_come_and_are_counted(self):
        balance.open_item(self.cast.group, title="Laga bänken", by=self.by)
        meeting = self.next()
        self.assertEqual([note.item.title for note in meeting.balance_notes.all()], ["Laga bänken"])
        balance.open_item(self.cast.group, title="Måla planket", by=self.by)
        self.assertEqual(carry.carry_over(meeting, by=self.by).promises, 1)

    def test_nothing_is_carried_into_a_frozen_protocol(self):
        meeting = self.cast.meeting("approval")
        with self.assertRaises(WrongState):
            carry.carry_over(meeting, by=self.by)

    def test_a_meeting_without_a_day_is_planned_all_the_same(self):
        self.cast.meeting("draft", date=SOON)
        try:
            meeting = planning.plan(self.cast.group, by=self.by)
        except ValidationError:
            self.fail("a meeting may be planned without a day")
        self.assertIsNone(meeting.date)


class TopicTests(Story):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.before = cls.cast.meeting("draft", date=SOON)
        old = make.make_paragraph(cls.before, "operations")
        make.make_item(old, "Stab", presenter="HR-chef", text="Långt ifjol.")
        make.make_item(old, "Parkenheten")
        make.make_item(old, "parkenheten")
        cls.meeting = cls.next("called")
        cls.paragraph = make.make_paragraph(cls.meeting, "operations")

    def topics(self) -> list[tuple[str, str, str]]:
        return [(item.title, item.presenter, item.text) for item in self.paragraph.items.all()]

    def test_titles_and_presenters_without_text(self):
        carry.copy_topics(self.paragraph, by=self.by)
        self.assertEqual(self.topics(), [("Stab", "HR-chef", ""), ("Parkenheten", "", "")])

    def test_those_that_stand_there_are_skipped(self):
        make.make_item(self.paragraph, "PARKENHETEN")
        self.assertEqual([item.title for item in left_open.topics_before(self.paragraph)], ["Stab"])
        carry.copy_topics(self.paragraph, by=self.by)
        carry.copy_topics(self.paragraph, by=self.by)
        self.assertEqual([row[0] for row in self.topics()], ["PARKENHETEN", "Stab"])

    def test_a_paragraph_of_ones_own_is_known_by_its_heading(self):
        for meeting in (self.before, self.meeting):
            own = agenda.add_paragraph(meeting, heading="Fritid", section="", after=None, by=self.by)
            if meeting == self.before:
                make.make_item(own, "Cykling")
        self.assertEqual([item.title for item in carry.copy_topics(own, by=self.by)], ["Cykling"])

    def test_matters_are_no_topics(self):
        make.make_item(make.make_paragraph(self.before, "decisions"), "Ny chef", kind="decision")
        self.assertEqual(left_open.topics_before(make.make_paragraph(self.meeting, "decisions")), [])

    def test_the_button(self):
        self.client.force_login(self.by)
        address = reverse("meetings:copy_topics", args=[self.paragraph.pk])
        self.assertContains(self.client.post(address, follow=True), "2 ämnen från förra mötet är tillagda")
        answer = self.client.post(address, headers={"X-Requested-With": "fetch"}).json()
        self.assertEqual(answer, {"message": "Alla ämnen från förra mötet står redan här.", "added": []})
        planning.open_draft(self.meeting, by=self.by)
        self.assertRedirects(
            self.client.post(address),
            reverse("meetings:write", args=[self.paragraph.pk]),
            status_code=303,
            fetch_redirect_response=False,
        )

    def test_swedish_days_are_known_again(self):
        for month in range(1, 13):
            day = date(2026, month, 5)
            text = carry._origin(Meeting(date=day), self.paragraph, 7)
            self.assertTrue(carry.only_tells_origin(text), text)
