"""The meeting's pages: who sees what, what the buttons do, and what a wrong form answers."""

from datetime import date, timedelta

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from meetings.actions import planning
from meetings.models import Meeting, Officer
from meetings.reading import calendar
from people.models import Letter, today
from tests import factories as make
from tests.cast import Cast


def post_data(**changed) -> dict[str, str]:
    """A meeting's facts as a browser posts them."""
    day = today() + timedelta(days=21)
    facts = {
        "date": day.isoformat(),
        "starts": "09:00",
        "ends": "11:00",
        "place": "Kvarngatan 3",
        "channels": "Teams",
        "board_meets_on": "",
        "deadline": "",
    }
    return facts | changed


class Pages(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        for name in (
            "chair",
            "secretary",
            "employer",
            "adjuster",
            "other_rep",
            "substitute",
            "hr",
            "auditor",
            "admin",
            "stranger",
        ):
            getattr(cls.cast, name)

    def be(self, user) -> None:
        self.client.force_login(user)

    def page(self, name: str, *args):
        return self.client.get(reverse(f"meetings:{name}", args=args))

    def post(self, name: str, *args, **data):
        return self.client.post(reverse(f"meetings:{name}", args=args), data)


class ListViewTests(Pages):
    def test_the_meetings_to_come_and_those_that_have_been(self):
        self.cast.meeting(date=today() + timedelta(days=3), place="Sal ett")
        self.cast.meeting(date=today() - timedelta(days=3), place="Sal två")
        self.be(self.cast.secretary)
        self.assertContains(self.page("list"), "Sal ett")
        self.assertNotContains(self.page("list"), "Sal två")
        past = self.client.get(reverse("meetings:list"), {"visa": "tidigare"})
        self.assertContains(past, "Sal två")
        self.assertNotContains(past, "Sal ett")

    def test_a_stranger_sees_nothing_of_the_group(self):
        self.cast.meeting(place="Sal ett")
        self.be(self.cast.stranger)
        self.assertNotContains(self.page("list"), "Sal ett")

    def test_a_system_administrator_without_mandate_sees_no_meeting(self):
        self.cast.meeting(place="Sal ett")
        self.be(self.cast.admin)
        response = self.page("list")
        self.assertNotContains(response, "Sal ett")
        self.assertNotContains(response, "Planera möte")

    def test_who_may_plan_meets_the_button(self):
        for user, there in (
            (self.cast.secretary, True),
            (self.cast.chair, True),
            (self.cast.hr, True),
            (self.cast.adjuster, False),
        ):
            self.be(user)
            self.assertEqual(reverse("meetings:plan", args=[self.cast.group.pk]) in self.page("list").content.decode(), there)

    def test_filters_by_group_and_year(self):
        below = make.make_group("SVG Ängen", kind="svg", parent=self.cast.group)
        make.make_meeting(below, by=self.cast.secretary, date=date(today().year + 1, 3, 2), place="Sal ett")
        self.cast.meeting(date=date(today().year + 2, 3, 1), place="Sal två")
        self.be(self.cast.hr)
        for query, shown in (({"grupp": below.pk}, "Sal ett"), ({"ar": today().year + 2}, "Sal två")):
            response = self.client.get(reverse("meetings:list"), query)
            self.assertEqual([shown], [m.place for m in response.context["page"]])
        self.assertEqual(
            len(self.client.get(reverse("meetings:list"), {"grupp": "x", "ar": "'", "page": "-4"}).context["page"]), 2
        )

    def test_as_many_queries_for_thirty_as_for_one(self):
        make_one = lambda days: make.make_meeting(self.cast.group, by=self.cast.secretary, date=today() + timedelta(days=days))  # noqa: E731
        make_one(1)
        self.be(self.cast.secretary)
        self.page("list")
        with CaptureQueriesContext(connection) as single:
            self.page("list")
        for days in range(2, 31):
            make_one(days)
        with CaptureQueriesContext(connection) as thirty:
            response = self.page("list")
        self.assertEqual(len(response.context["page"]), 25)
        self.assertEqual(len(single), len(thirty))


class PlanViewTests(Pages):
    def test_a_meeting_is_planned(self):
        self.be(self.cast.secretary)
        response = self.post("plan", self.cast.group.pk, **post_data())
        meeting = Meeting.objects.get()
        self.assertRedirects(response, reverse("meetings:meeting", args=[meeting.pk]), status_code=303)
        self.assertEqual((meeting.state, meeting.place, meeting.channels), ("planned", "Kvarngatan 3", ["Teams"]))
        self.assertEqual(meeting.adjustment_day, calendar.next_working_day(meeting.date))

    def test_place_time_and_channels_are_proposed_from_the_previous_meeting(self):
        self.cast.meeting(date=today() - timedelta(days=28), place="Norra salen", channels=["Skype"])
        self.be(self.cast.secretary)
        form = self.page("plan", self.cast.group.pk).context["form"]
        self.assertEqual((form["place"].value(), form["channels"].value()), ("Norra salen", "Skype"))

    def test_days_are_proposed_before_the_boards_meeting(self):
        self.be(self.cast.secretary)
        board = date(today().year + 1, 10, 20)
        response = self.client.get(
            reverse("meetings:plan", args=[self.cast.group.pk]), {"board": board.isoformat(), "before": "5"}
        )
        self.assertTrue(all(one.day <= board - timedelta(days=5) for one in response.context["proposals"]))
        self.assertEqual(response.context["form"]["board_meets_on"].value(), board)

    def test_a_chosen_day_stands_in_the_form(self):
        self.be(self.cast.secretary)
        response = self.client.get(reverse("meetings:plan", args=[self.cast.group.pk]), {"dag": "2031-03-05"})
        self.assertEqual(response.context["form"]["date"].value(), date(2031, 3, 5))
        self.assertEqual(
            self.client.get(
                reverse("meetings:plan", args=[self.cast.group.pk]), {"dag": "x", "board": "31 februari"}
            ).status_code,
            200,
        )

    def test_bad_input_is_answered_at_its_field_and_kept_and_nothing_is_stored(self):
        self.be(self.cast.secretary)
        cases = (
            ("ends", {"ends": "08:00"}, "Sluttiden måste vara efter starttiden."),
            ("date", {"date": "2027-02-31"}, "Datumet finns inte. Skriv det som 2026-04-16."),
            ("starts", {"date": "2027-03-28", "starts": "02:30", "ends": ""}, "klockan ställs om"),
            ("starts", {"date": "2027-10-31", "starts": "02:30", "ends": ""}, "klockan ställs om"),
            ("ends", {"date": "2027-03-28", "starts": "01:00", "ends": "02:30"}, "klockan ställs om"),
            ("deadline", {"deadline": "2027-03-28T02:30"}, ""),
            ("date", {"date": ""}, "Detta fält måste fyllas i."),
            ("place", {"place": "a\x00b"}, ""),
            ("place", {"place": "sal\u202eals"}, ""),
            ("channels", {"channels": "\n".join("abcdefg")}, "högst 5 rader"),
            ("date", {"date": "0206-04-16"}, "Kontrollera året."),
        )
        for field, changed, said in cases:
            with self.subTest(field=field, **changed):
                response = self.post("plan", self.cast.group.pk, **post_data(**changed))
                self.assertEqual(response.status_code, 200)
                form = response.context["form"]
                self.assertEqual(list(form.errors), [field])
                self.assertIn(said, form.errors[field][0])
                for name, typed in changed.items():
                    self.assertEqual(form[name].value(), typed)
                self.assertFalse(Meeting.objects.exists())

    def test_who_may_not_plan_is_refused(self):
        self.be(self.cast.adjuster)
        self.assertEqual(self.post("plan", self.cast.group.pk, **post_data()).status_code, 403)
        self.be(self.cast.stranger)
        self.assertEqual(self.post("plan", self.cast.group.pk, **post_data()).status_code, 404)
        self.assertFalse(Meeting.objects.exists())


class MeetingViewTests(Pages):
    def test_the_agenda_is_shown_to_those_who_may_read_it(self):
        meeting = self.cast.meeting()
        for user, there in ((self.cast.secretary, True), (self.cast.adjuster, False), (self.cast.hr, False)):
            self.be(user)
            self.assertEqual("Mötets öppnande" in self.page("meeting", meeting.pk).content.decode(), there)
        planning.call(meeting, by=self.cast.secretary)
        self.be(self.cast.adjuster)
        self.assertContains(self.page("meeting", meeting.pk), "Mötets öppnande")

    def test_the_protocols_text_is_not_on_the_page(self):
        meeting = self.cast.meeting("draft")
        paragraph = make.make_paragraph(meeting)
        make.make_item(paragraph, "Läget", text="Hemligt utkast")
        self.be(self.cast.adjuster)
        self.assertNotContains(self.page("meeting", meeting.pk), "Hemligt utkast")

    def test_the_first_button_is_what_the_state_asks_for(self):
        wanted = {
            "draft": "Skriv protokollet",
            "approval": "Läs och skriv under",
            "adjusted": "Se underskrifterna",
            "sealed": "Hämta protokollet (PDF)",
            "cancelled": "",
        }
        for state, label in wanted.items():
            meeting = self.cast.meeting(state)
            self.be(self.cast.secretary)
            page = self.page("meeting", meeting.pk).content.decode()
            first = page[page.index('id="atgarder"') : page.index('<ul class="link-list">', page.index('id="atgarder"'))]
            self.assertEqual([other for other in wanted.values() if other and other in first], [label] if label else [], state)

    def test_someone_elses_draft_motion_is_not_on_the_page(self):
        meeting = self.cast.meeting("called")
        make.make_motion(self.cast.group, self.cast.union, by=self.cast.adjuster, filed=False, title="Viskat utkast")
        make.make_motion(self.cast.group, self.cast.union, by=self.cast.adjuster, title="Öppet yrkande")
        self.be(self.cast.other_rep)
        response = self.page("meeting", meeting.pk)
        self.assertNotContains(response, "Viskat utkast")
        self.assertContains(response, "Öppet yrkande")

    def test_what_one_may_not_know_of_answers_as_what_is_not_there(self):
        meeting = self.cast.meeting()
        self.be(self.cast.stranger)
        there, nowhere = self.page("meeting", meeting.pk), self.page("meeting", 10**9)
        self.assertEqual((there.status_code, nowhere.status_code), (404, 404))

    def test_each_state_can_be_looked_at(self):
        for state in ("planned", "called", "draft", "approval", "adjusted", "sealed", "cancelled"):
            with self.subTest(state=state):
                meeting = self.cast.meeting(state)
                for user in (self.cast.secretary, self.cast.chair, self.cast.adjuster, self.cast.hr):
                    self.be(user)
                    self.assertEqual(self.page("meeting", meeting.pk).status_code, 200)

    def test_as_many_queries_for_thirty_as_for_one(self):
        meeting = self.cast.meeting("called")
        paragraph = make.make_paragraph(meeting)
        make.make_item(paragraph)
        make.make_motion(self.cast.group, self.cast.union, by=self.cast.adjuster)
        self.be(self.cast.secretary)
        self.page("meeting", meeting.pk)
        with CaptureQueriesContext(connection) as single:
            self.page("meeting", meeting.pk)
        for number in range(29):
            make.make_item(paragraph, f"Ämne {number}")
            make.make_motion(self.cast.group, self.cast.union, by=self.cast.adjuster, title=f"Yrkande {number}")
        with CaptureQueriesContext(connection) as thirty:
            self.assertContains(self.page("meeting", meeting.pk), "Yrkande 28")
        self.assertEqual(len(single), len(thirty))


class EditViewTests(Pages):
    def test_a_change_is_saved(self):
        meeting = self.cast.meeting()
        self.be(self.cast.secretary)
        response = self.post("edit", meeting.pk, **post_data(place="Södra salen", version=meeting.version))
        self.assertRedirects(response, reverse("meetings:meeting", args=[meeting.pk]), status_code=303)
        self.assertEqual(Meeting.objects.get().place, "Södra salen")

    def test_a_change_on_what_somebody_else_has_changed_shows_both_and_loses_nothing(self):
        meeting = self.cast.meeting()
        planning.edit(meeting, fields={"place": "Östra salen"}, version=meeting.version, by=self.cast.chair)
        self.be(self.cast.secretary)
        response = self.post("edit", meeting.pk, **post_data(place="Södra salen", version=1))
        self.assertContains(response, "Östra salen", status_code=409)
        self.assertEqual(response.context["form"]["place"].value(), "Södra salen")
        self.assertEqual(Meeting.objects.get().place, "Östra salen")
        again = self.post(
            "edit", meeting.pk, **post_data(place="Södra salen", version=response.context["form"]["version"].value())
        )
        self.assertEqual((again.status_code, Meeting.objects.get().place), (303, "Södra salen"))

    def test_after_the_notice_the_page_reminds_of_a_changed_one(self):
        meeting = self.cast.meeting("called")
        self.be(self.cast.secretary)
        self.assertNotContains(self.page("meeting", meeting.pk), "Mötet är ändrat efter kallelsen")
        self.post("edit", meeting.pk, **post_data(version=meeting.version))
        self.assertContains(self.page("meeting", meeting.pk), "Mötet är ändrat efter kallelsen")

    def test_a_frozen_meeting_is_not_changed(self):
        meeting = self.cast.meeting("approval")
        self.be(self.cast.secretary)
        self.assertEqual(self.post("edit", meeting.pk, **post_data(version=meeting.version)).status_code, 409)


class CallViewTests(Pages):
    def test_the_page_shows_the_letter_and_sends_nothing(self):
        meeting = self.cast.meeting()
        self.be(self.cast.secretary)
        response = self.page("call", meeting.pk)
        self.assertContains(response, "Preliminär dagordning")
        self.assertEqual(
            len(response.context["reached"]),
            len({m.person_id for m in self.cast.group.mandates.exclude(role__in=["substitute", "hr", "auditor"])}),
        )
        self.assertFalse(Letter.objects.exists())
        self.assertEqual(Meeting.objects.get().state, "planned")

    def test_the_button_calls_and_a_second_click_sends_nothing_more(self):
        meeting = self.cast.meeting()
        self.be(self.cast.secretary)
        self.assertEqual(self.post("call", meeting.pk, seen=0).status_code, 303)
        letters = Letter.objects.count()
        self.assertEqual(self.post("call", meeting.pk, seen=0).status_code, 303)
        self.assertEqual((Letter.objects.count(), Meeting.objects.get().notices), (letters, 1))
        self.assertEqual(self.post("call", meeting.pk, seen=1).status_code, 303)
        self.assertEqual(Letter.objects.filter(subject__startswith="Ändrad kallelse").count(), letters)

    def test_a_meeting_without_a_day_is_not_called(self):
        meeting = self.cast.meeting(date=None)
        self.be(self.cast.secretary)
        self.assertContains(self.page("call", meeting.pk), "Det saknas datum")
        self.assertContains(self.post("call", meeting.pk, seen=0), "Kallelsen kan inte skickas")
        self.assertEqual(Meeting.objects.get().state, "planned")

    def test_only_secretary_and_chair_call(self):
        meeting = self.cast.meeting()
        for user, status in ((self.cast.hr, 403), (self.cast.adjuster, 403), (self.cast.stranger, 404)):
            self.be(user)
            self.assertEqual(self.post("call", meeting.pk, seen=0).status_code, status)
        self.assertFalse(Letter.objects.exists())


class CancelViewTests(Pages):
    def test_it_is_called_off_with_a_reason(self):
        meeting = self.cast.meeting("called")
        self.be(self.cast.chair)
        self.assertEqual(self.post("cancel", meeting.pk, why=" ").status_code, 200)
        self.assertEqual(self.post("cancel", meeting.pk, why="För få kan komma.").status_code, 303)
        self.assertEqual(Meeting.objects.get().state, "cancelled")
        self.assertContains(self.page("meeting", meeting.pk), "För få kan komma.")


class DeleteViewTests(Pages):
    def test_an_empty_meeting_is_removed(self):
        meeting = self.cast.meeting()
        self.be(self.cast.secretary)
        self.assertEqual(self.page("delete", meeting.pk).status_code, 200)
        self.assertRedirects(self.post("delete", meeting.pk), reverse("meetings:list"), status_code=303)
        self.assertFalse(Meeting.objects.exists())

    def test_one_with_content_stays(self):
        meeting = self.cast.meeting()
        make.make_item(make.make_paragraph(meeting))
        self.be(self.cast.secretary)
        self.assertContains(self.post("delete", meeting.pk), "Mötet är inte tomt")
        self.assertTrue(Meeting.objects.exists())


class AppointViewTests(Pages):
    def test_the_chair_appoints(self):
        meeting = self.cast.meeting()
        self.be(self.cast.chair)
        response = self.post("appoint", meeting.pk, chair=self.cast.employer.person_id, secretary=self.cast.secretary.person_id)
        self.assertEqual(response.status_code, 303)
        self.assertEqual(Officer.objects.get(role="chair").name, "Erik Lind")

    def test_one_person_is_not_both(self):
        meeting = self.cast.meeting()
        self.be(self.cast.chair)
        response = self.post("appoint", meeting.pk, chair=self.cast.chair.person_id, secretary=self.cast.chair.person_id)
        self.assertEqual(list(response.context["form"].errors), ["secretary"])

    def test_nobody_from_outside_is_chosen(self):
        meeting = self.cast.meeting()
        self.be(self.cast.chair)
        response = self.post("appoint", meeting.pk, chair=self.cast.stranger.person_id, secretary=self.cast.secretary.person_id)
        self.assertEqual(list(response.context["form"].errors), ["chair"])


class DeclineViewTests(Pages):
    def test_one_declines_and_the_substitute_of_the_own_party_is_called(self):
        meeting = self.cast.meeting("called")
        self.be(self.cast.adjuster)
        form = self.page("decline", meeting.pk).context["form"]
        substitute = self.cast.substitute.person.mandates.get()
        self.assertEqual(list(form.fields["substitute"].queryset), [substitute])
        response = self.post("decline", meeting.pk, mandate=form.own[0].pk, substitute=substitute.pk)
        self.assertEqual(response.status_code, 303)
        self.assertEqual(meeting.attendances.get(person=self.cast.adjuster.person).status, "excused")
        self.assertEqual(meeting.attendances.get(person=substitute.person).replaces.person, self.cast.adjuster.person)
        self.assertContains(self.page("decline", meeting.pk), "Signe Hassel")

    def test_nobody_declines_for_somebody_else(self):
        meeting = self.cast.meeting("called")
        self.be(self.cast.secretary)
        other = self.cast.adjuster.person.mandates.get()
        response = self.post("decline", meeting.pk, mandate=other.pk)
        self.assertEqual(list(response.context["form"].errors), ["mandate"])
        self.assertFalse(meeting.attendances.exists())

    def test_a_substitute_of_another_party_is_refused(self):
        meeting = self.cast.meeting("called")
        self.be(self.cast.other_rep)
        own, foreign = self.cast.other_rep.person.mandates.get(), self.cast.substitute.person.mandates.get()
        response = self.post("decline", meeting.pk, mandate=own.pk, substitute=foreign.pk)
        self.assertEqual(list(response.context["form"].errors), ["substitute"])
        self.assertFalse(meeting.attendances.exists())


class OpenDraftViewTests(Pages):
    def test_the_meeting_begins(self):
        meeting = self.cast.meeting("called")
        self.be(self.cast.secretary)
        self.assertEqual(self.page("open_draft", meeting.pk).status_code, 200)
        self.assertEqual(Meeting.objects.get().state, "called")
        self.assertEqual(self.post("open_draft", meeting.pk).status_code, 303)
        self.assertEqual(Meeting.objects.get().state, "draft")


class CalendarViewTests(Pages):
    def test_the_file_is_fetched(self):
        meeting = self.cast.meeting("called")
        self.be(self.cast.adjuster)
        response = self.page("calendar", meeting.pk)
        self.assertEqual(response["Content-Type"], "text/calendar; method=PUBLISH; charset=utf-8")
        self.assertIn(b"METHOD:PUBLISH", response.content)
        self.assertNotIn(b"ATTENDEE", response.content)

    def test_without_a_time_there_is_none(self):
        meeting = self.cast.meeting(date=None)
        self.be(self.cast.secretary)
        self.assertEqual(self.page("calendar", meeting.pk).status_code, 422)


class StateTests(Pages):
    """Each page and button, in each state of the meeting, by the secretary or the chair: right state, or 409 with the reason."""

    STATES = ("planned", "called", "draft", "approval", "adjusted", "sealed", "cancelled")
    PAGES = {
        "edit": "edit",
        "appoint": "appoint",
        "call": "call",
        "cancel": "cancel",
        "delete": "delete",
        "decline": "decline",
        "open_draft": "open_draft",
        "arrange": "arrange",
        "append": "append",
        "place": "place",
    }

    def test_every_page_knows_its_time(self):
        for state in self.STATES:
            meeting = self.cast.meeting(state)
            for name, verb in self.PAGES.items():
                with self.subTest(state=state, page=name):
                    self.be(self.cast.chair)
                    early = name == "place" and state == "planned"  # the table lets nobody place before the notice
                    allowed = state in Meeting.MOVES[verb].sources and not early
                    self.assertEqual(self.page(name, meeting.pk).status_code, 200 if allowed else 409)
