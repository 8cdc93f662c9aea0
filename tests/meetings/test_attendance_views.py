"""The attendance pages: who may, when, what they show and what they keep when something is wrong."""

from datetime import date, time, timedelta

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from meetings.actions import attendance as actions
from meetings.actions import planning
from meetings.models import Attendance, Meeting
from meetings.reading.calendar import next_working_day
from tests import factories as make
from tests.cast import Cast


class PageCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        _ = (cls.cast.other_rep, cls.cast.union_rep)
        cls.meeting = cls.cast.meeting("draft")
        cls.row = cls.meeting.attendances.get(person=cls.cast.adjuster.person)

    def setUp(self):
        self.client.force_login(self.cast.secretary)

    def url(self, name, pk=None):
        return reverse(f"meetings:{name}", args=[pk or self.meeting.pk])

    def marks(self, **changes):
        """The list's form as the browser posts it, with some rows changed: r<pk>=status."""
        data = {"save": "1"}
        for row in self.meeting.attendances.all():
            data |= {f"r{row.pk}-status": changes.get(f"r{row.pk}", row.status), f"initial-r{row.pk}-status": row.status}
            data |= {f"r{row.pk}-channel": row.channel, f"initial-r{row.pk}-channel": row.channel}
        return data


class WhoTests(PageCase):
    def pages(self):
        own = [("attend", self.row.pk), ("present_under", self.row.pk), ("interrupt", self.row.pk)]
        return [(name, self.meeting.pk) for name in ("attendance", "join", "elect", "personnel", "next")] + own

    def test_the_secretary_and_the_chair_and_nobody_else(self):
        cast = self.cast
        answers = {cast.secretary: {200, 302, 303}, cast.chair: {200, 302, 303}}
        answers |= {key: {403} for key in (cast.employer, cast.adjuster, cast.other_rep, cast.safety_rep, cast.hr, cast.auditor)}
        answers |= {key: {404} for key in (cast.stranger, cast.admin)}
        for user, wanted in answers.items():
            self.client.force_login(user)
            for name, pk in self.pages():
                for method in ("get", "post"):
                    with self.subTest(user=str(user), page=name, method=method):
                        self.assertIn(getattr(self.client, method)(self.url(name, pk)).status_code, wanted)

    def test_only_in_the_draft(self):
        for state in ("planned", "called", "approval", "adjusted", "sealed", "cancelled"):
            meeting = self.cast.meeting(state)
            for name in ("attendance", "join", "elect", "personnel", "next"):
                for method in ("get", "post"):
                    with self.subTest(state=state, page=name, method=method):
                        self.assertEqual(getattr(self.client, method)(self.url(name, meeting.pk)).status_code, 409)
            row = meeting.attendances.first()
            for name in ("attend", "present_under", "interrupt") if row else ():
                with self.subTest(state=state, page=name):
                    self.assertEqual(self.client.post(self.url(name, row.pk)).status_code, 409)


class ListTests(PageCase):
    def test_the_list_is_saved_row_by_row(self):
        answer = self.client.post(self.url("attendance"), self.marks(**{f"r{self.row.pk}": "excused"}))
        self.assertRedirects(answer, self.url("attendance"), status_code=303)
        self.row.refresh_from_db()
        self.assertEqual((self.row.status, self.meeting.attendances.filter(status="expected").count()), ("excused", 4))

    def test_two_who_mark_at_the_same_time_do_not_undo_each_other(self):
        other = self.meeting.attendances.get(person=self.cast.employer.person)
        posted = self.marks(**{f"r{self.row.pk}": "present"})
        actions.attend(other, status="absent", by=self.cast.chair)
        self.client.post(self.url("attendance"), posted)
        self.assertEqual(
            set(self.meeting.attendances.filter(pk__in=[self.row.pk, other.pk]).values_list("status", flat=True)),
            {"present", "absent"},
        )

    def test_everybody_expected_is_here(self):
        self.client.post(self.url("attendance"), {"all": "1"})
        self.assertEqual(set(self.meeting.attendances.values_list("status", flat=True)), {"present"})

    def test_marks_on_the_page_are_kept_when_the_rest_is_marked_at_once(self):
        posted = self.marks(**{f"r{self.row.pk}": "excused"}) | {"all": "1"}
        del posted["save"]
        self.client.post(self.url("attendance"), posted)
        self.row.refresh_from_db()
        self.assertEqual((self.row.status, self.meeting.attendances.filter(status="present").count()), ("excused", 4))

    def test_somebody_who_joined_while_the_page_was_open_is_left_alone(self):
        posted = self.marks(**{f"r{self.row.pk}": "present"})
        actions.join(self.meeting, person="Gunnar Gäst", side="official", by=self.cast.chair)
        self.assertEqual(self.client.post(self.url("attendance"), posted).status_code, 303)
        self.row.refresh_from_db()
        self.assertEqual(self.row.status, "present")

    def test_a_wrong_value_is_told_and_the_rest_kept(self):
        posted = self.marks(**{f"r{self.row.pk}": "on holiday"}) | {f"r{self.row.pk}-channel": "Teams\u202e"}
        answer = self.client.post(self.url("attendance"), posted)
        self.assertContains(answer, "Närvaron kunde inte sparas")
        self.assertContains(answer, "läsriktningen")
        self.row.refresh_from_db()
        self.assertEqual((self.row.status, self.row.channel), ("expected", ""))

    def test_one_row_and_thirty_take_the_same_queries(self):
        self.client.get(self.url("attendance"))  # the first page of a session also notes that one is there
        counts = []
        for more in (0, 30):
            for number in range(more):
                row = actions.join(
                    self.meeting, person=f"Gäst {number}", side="employee", party=self.cast.union, by=self.cast.secretary
                )
                actions.interrupt(row, paragraph=None, starts=time(9), ends=time(10), reason="Linjen", by=self.cast.secretary)
            with CaptureQueriesContext(connection) as queries:
                self.client.get(self.url("attendance"))
            counts.append(len(queries))
        self.assertEqual(counts[0], counts[1])


class PersonTests(PageCase):
    def test_presence_under_chosen_paragraphs(self):
        chosen = [paragraph.pk for paragraph in self.meeting.paragraphs.all()[:3]]
        self.client.post(self.url("present_under", self.row.pk), {"paragraphs": chosen})
        self.assertEqual([one.paragraph_id for one in self.row.presences.all()], chosen)
        self.assertContains(self.client.get(self.url("attendance")), "Närvarande under 3 paragrafer")

    def test_interruption_with_a_time_as_people_write_it(self):
        data = {"starts": "9", "ends": "9.30", "paragraph": "", "reason": "bruten uppkoppling"}
        self.client.post(self.url("interrupt", self.row.pk), data)
        found = self.row.interruptions.get()
        self.assertEqual((found.starts, found.ends, found.reason), (time(9), time(9, 30), "bruten uppkoppling"))
        self.client.post(self.url("interrupt", self.row.pk), {"remove": found.pk})
        self.assertEqual(self.row.interruptions.count(), 0)

    def test_end_before_start_is_told_at_its_field_with_everything_kept(self):
        answer = self.client.post(self.url("interrupt", self.row.pk), {"starts": "10", "ends": "9.30", "reason": "ljudproblem"})
        self.assertTrue(answer.context["form"].has_error("ends"))
        self.assertContains(answer, 'value="9.30"')
        self.assertContains(answer, '<option value="ljudproblem" selected>')

    def test_an_interruption_of_somebody_else_is_not_found(self):
        other = self.meeting.attendances.get(person=self.cast.employer.person)
        found = actions.interrupt(other, paragraph=None, starts=time(9), ends=time(10), reason="x", by=self.cast.secretary)
        self.assertEqual(self.client.post(self.url("interrupt", self.row.pk), {"remove": found.pk}).status_code, 404)

    def test_a_name_with_html_stays_a_name(self):
        actions.join(self.meeting, person="<b>Bo</b>", side="official", by=self.cast.secretary)
        self.assertContains(self.client.get(self.url("attendance")), "&lt;b&gt;Bo&lt;/b&gt;")


class JoinPageTests(PageCase):
    def test_a_new_name_with_title(self):
        data = {"name": "Gunnar Gäst", "title": "arkitekt", "side": "official", "co_opted": "on"}
        self.client.post(self.url("join"), data)
        row = self.meeting.attendances.get(name="Gunnar Gäst")
        self.assertEqual((row.title, row.side, row.co_opted), ("arkitekt", "official", True))

    def test_somebody_of_the_group_who_has_no_row(self):
        person = self.cast.substitute.person
        self.client.post(self.url("join"), {"person": person.pk, "side": "employee", "party": self.cast.union.pk})
        self.assertEqual(self.meeting.attendances.get(person=person).party, self.cast.union)

    def test_both_or_none_is_told(self):
        for data in ({"side": "official"}, {"side": "official", "name": "A", "person": self.cast.substitute.person_id}):
            with self.subTest(data):
                self.assertTrue(self.client.post(self.url("join"), data).context["form"].has_error("name"))

    def test_a_person_of_another_group_cannot_be_chosen(self):
        data = {"person": self.cast.stranger.person_id, "side": "official"}
        self.assertTrue(self.client.post(self.url("join"), data).context["form"].has_error("person"))


class ElectPageTests(PageCase):
    def setUp(self):
        super().setUp()
        actions.all_expected_present(self.meeting, by=self.cast.secretary)

    def test_those_present_without_chair_and_secretary_and_the_next_working_day(self):
        form = self.client.get(self.url("elect")).context["form"]
        self.assertEqual(
            [words for _, words in form.fields["adjusters"].choices],
            ["Erik Lind, HR-chef", "Ulf Rönn, LF", "Ulla Ek, LF", "Orvar Gran, BF"],
        )
        self.assertEqual(form.initial["adjustment_day"], next_working_day(self.meeting.date))

    def test_the_union_that_adjusted_longest_ago_comes_first(self):
        day = self.meeting.date - timedelta(days=7)
        earlier = self.cast.meeting("draft", date=day)
        actions.all_expected_present(earlier, by=self.cast.secretary)
        row = earlier.attendances.get(person=self.cast.adjuster.person)
        actions.elect(earlier, adjusters=[row], adjustment_day=None, by=self.cast.secretary)
        answer = self.client.get(self.url("elect"))
        self.assertEqual(answer.context["turns"], [("Barrfacket", None), ("Lövförbundet", day)])
        self.assertContains(answer, "Står på tur: <strong>Barrfacket</strong>")

    def test_at_least_one_from_the_employees_side(self):
        employer = self.meeting.attendances.get(person=self.cast.employer.person)
        answer = self.client.post(self.url("elect"), {"adjusters": [employer.pk], "adjustment_day": "2027-01-04"})
        self.assertContains(answer, "Minst en justerare måste vara från arbetstagarsidan.")
        self.client.post(self.url("elect"), {"adjusters": [employer.pk, self.row.pk], "adjustment_day": "2027-01-04"})
        meeting = Meeting.objects.get(pk=self.meeting.pk)
        self.assertEqual(
            ([one.name for one in meeting.adjusters], meeting.adjustment_day), (["Erik Lind", "Ulla Ek"], date(2027, 1, 4))
        )

    def test_a_day_before_the_meeting_or_no_day_at_all_is_told(self):
        early = (self.meeting.date - timedelta(days=1)).isoformat()
        for day in (early, "2027-02-31"):
            with self.subTest(day):
                answer = self.client.post(self.url("elect"), {"adjusters": [self.row.pk], "adjustment_day": day})
                self.assertTrue(answer.context["form"].has_error("adjustment_day"))

    def test_the_chair_cannot_be_chosen(self):
        chair = self.meeting.attendances.get(person=self.cast.chair.person)
        self.assertTrue(self.client.post(self.url("elect"), {"adjusters": [chair.pk]}).context["form"].has_error("adjusters"))


class PersonnelAndNextTests(PageCase):
    def test_personnel_representatives_also_among_those_absent(self):
        actions.attend(self.row, status="absent", by=self.cast.secretary)
        form = self.client.get(self.url("personnel")).context["form"]
        wanted = next(value for value, words in form.fields["persons"].choices if words == "Ulla Ek, Lövförbundet")
        self.client.post(self.url("personnel"), {"persons": [wanted]})
        self.assertEqual([str(rep.person) for rep in self.meeting.personnel_reps.all()], ["Ulla Ek"])

    def test_a_group_without_a_board_has_no_such_page(self):
        group = make.make_group("SVG Ängen", kind="svg")
        make.make_mandate(self.cast.secretary, group, "secretary")
        meeting = make.make_meeting(group, by=self.cast.secretary, state="draft")
        self.client.force_login(self.cast.secretary)
        self.assertEqual(self.client.get(self.url("personnel", meeting.pk)).status_code, 404)

    def test_the_next_meeting_is_kept_and_leads_to_planning(self):
        day = self.meeting.date + timedelta(days=30)
        data = {"next_on": day.isoformat(), "next_at": "13.15", "next_place": "Eken", "version": self.meeting.version}
        self.client.post(self.url("next"), data)
        meeting = Meeting.objects.get(pk=self.meeting.pk)
        self.assertEqual((meeting.next_on, meeting.next_at, meeting.next_place), (day, time(13, 15), "Eken"))
        self.assertContains(self.client.get(self.url("attendance")), "Planera nästa möte")

    def test_days_and_hours_that_do_not_exist_are_told_and_kept(self):
        summer = {"next_on": "2027-03-28", "next_at": "2.30"}
        for data, field in (
            ({"next_on": "2027-02-31"}, "next_on"),
            ({"next_on": "2020-01-01"}, "next_on"),
            (summer, "next_at"),
            ({"next_at": "9"}, "next_on"),
        ):
            with self.subTest(data):
                answer = self.client.post(self.url("next"), data | {"next_place": "Eken", "version": self.meeting.version})
                self.assertTrue(answer.context["form"].has_error(field))
                self.assertContains(answer, 'value="Eken"')

    def test_somebody_else_was_first(self):
        planning.edit(self.meeting, fields={"place": "Granen"}, version=self.meeting.version, by=self.cast.chair)
        day = (self.meeting.date + timedelta(days=30)).isoformat()
        answer = self.client.post(self.url("next"), {"next_on": day, "next_place": "Eken", "version": 1})
        self.assertContains(answer, "Någon annan har ändrat mötet")
        version = answer.context["form"]["version"].value()
        self.client.post(self.url("next"), {"next_on": day, "next_place": "Eken", "version": version})
        meeting = Meeting.objects.get(pk=self.meeting.pk)
        self.assertEqual((meeting.place, meeting.next_place), ("Granen", "Eken"))

    def test_nothing_asks_why_somebody_is_away(self):
        self.assertEqual([field.name for field in Attendance._meta.fields if "reason" in field.name], [])
        self.assertContains(self.client.get(self.url("attendance")), "Skäl till frånvaro frågar vi inte efter.")
