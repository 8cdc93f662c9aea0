"""The attendance strip and what its keys send: states in words, who may, what is refused, warnings, names that resemble."""

from datetime import time, timedelta
from unittest.mock import patch

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from meetings.actions import agenda, planning
from meetings.actions import attendance as actions
from meetings.models import Attendance, Meeting, Movement
from meetings.reading import checklist
from meetings.reading.strip import buttons, counts, strip
from people.models import Group, Person
from protocol import document
from tests import factories as make
from tests.meetings.test_attendance_views import PageCase

FETCH = {"X-Requested-With": "fetch", "Accept": "application/json"}


class StripCase(PageCase):
    def setUp(self):
        super().setUp()
        self.by = self.cast.secretary
        self.meeting = Meeting.objects.get(pk=self.meeting.pk)
        Group.objects.filter(pk=self.meeting.group_id).update(empty_paragraphs=Group.Empty.KEEP)
        self.paragraphs = list(self.meeting.paragraphs.all())

    def send(self, what: str, row: Attendance | None = None, **more):
        data = {"what": what, "paragraph": self.paragraphs[6].pk} | more
        return self.client.post(self.url("move", (row or self.row).pk), data, headers=FETCH)

    def shown(self, row: Attendance | None = None):
        wanted = (row or self.row).pk
        return next(one for _, rows in strip(Meeting.objects.get(pk=self.meeting.pk)).sides for one in rows if one.pk == wanted)


class WordsTests(StripCase):
    def test_everybody_stands_on_their_side_with_the_state_in_words(self):
        guest = actions.join(self.meeting, person="Gunnar Gäst", side="official", by=self.by)
        actions.attend(self.row, status="excused", by=self.by)
        sides = [(side, [(row.name, row.about, row.words) for row in people]) for side, people in strip(self.meeting).sides]
        self.assertEqual(
            sides,
            [
                ("Arbetsgivaren", [("Cecilia Björk", "förvaltningschef", "väntas"), ("Erik Lind", "HR-chef", "väntas")]),
                ("Arbetstagarna", [("Ulf Rönn", "LF", "väntas"), ("Ulla Ek", "LF", "förhinder"), ("Orvar Gran", "BF", "väntas")]),
                ("Tjänstepersoner", [(guest.name, "", "här")]),
            ],
        )

    def test_each_state_has_its_words(self):
        under, row = self.paragraphs, self.row
        table = [
            (lambda: actions.mark(row, status="absent", by=self.by), "frånvarande"),
            (lambda: actions.mark(row, status="present", by=self.by), "här"),
            (lambda: actions.connect(row, channel="Teams", by=self.by), "här, via Teams"),
            (lambda: actions.broken(row, paragraph=None, at=time(9, 58), by=self.by), "avbrott sedan 09.58, via Teams"),
            (lambda: actions.mended(row, at=time(10), by=self.by), "här, via Teams"),
            (lambda: actions.went(row, paragraph=under[6], at=time(10, 20), by=self.by), "gick 10.20 efter § 7"),
            (
                lambda: actions.came(row, paragraph=under[8], at=time(10, 40), by=self.by),
                "här, kom 10.40 under § 9, via Teams",
            ),
        ]
        for step, wanted in table:
            row = Attendance.objects.get(pk=row.pk)
            step()
            self.assertEqual(self.shown().words, wanted)

    def test_the_number_follows_the_paragraph(self):
        actions.went(self.row, paragraph=self.paragraphs[6], at=time(10, 20), by=self.by)
        agenda.add_paragraph(self.meeting, heading="Nytt", section="", after=self.paragraphs[0], by=self.by)
        self.assertEqual(self.shown().words, "gick 10.20 efter § 8")

    def test_the_counts(self):
        self.assertEqual(strip(self.meeting).counts, "0 här, 5 väntas")
        actions.all_expected_present(self.meeting, by=self.by)
        actions.went(self.row, paragraph=self.paragraphs[6], at=time(10, 20), by=self.by)
        actions.mark(self.meeting.attendances.first(), status="excused", by=self.by)
        self.assertEqual(strip(self.meeting).counts, "3 här, 1 har gått, 1 borta")

    def test_the_channel_key_leads_through_the_channels_and_back(self):
        seen = []
        for _ in range(4):
            button = next(one for one in self.shown().buttons if one.key == "d")
            seen.append(button.words)
            actions.connect(self.row, channel=button.channel, by=self.by)
        self.assertEqual(seen, ["Via Teams", "Via Skype", "Via telefon", "På plats"])

    def test_one_row_and_thirty_take_the_same_queries(self):
        counts = []
        for more in (1, 29):
            for number in range(more):
                row = actions.join(
                    self.meeting, person=f"Gäst {number}{more}", side="employee", party=self.cast.union, by=self.by
                )
                actions.broken(row, paragraph=None, at=time(9), by=self.by)
                actions.went(row, paragraph=self.paragraphs[3], at=time(10), by=self.by)
            meeting = Meeting.objects.select_related("group").get(pk=self.meeting.pk)
            with CaptureQueriesContext(connection) as queries:
                strip(meeting)
            counts.append(len(queries))
        self.assertEqual(counts[0], counts[1])


class MoveTests(StripCase):
    def test_one_key_answers_with_the_row_the_counts_and_words_to_read_out(self):
        with patch.object(timezone, "now", return_value=timezone.now().replace(hour=8, minute=20)):
            self.client.force_login(self.by)  # a session from this hour, whatever hour it really is
            self.send("here")
            clock = f"{timezone.localtime():%H.%M}"
            answer = self.send("went")
        self.assertEqual(answer.status_code, 200)
        told = answer.json()
        self.assertEqual(told["said"], f"Ulla Ek gick {clock} efter § 7")
        self.assertEqual(told["counts"], "0 här, 1 har gått, 4 väntas")
        self.assertIn(f"gick {clock} efter § 7", told["row"])
        self.assertIn(f'data-person="{self.row.pk}"', told["row"])
        self.assertEqual(sorted(told), ["counts", "row", "said", "warnings"])

    def test_each_key_does_what_it_says(self):
        table = [
            ("here", {}, "Ulla Ek: här"),
            ("connect", {"channel": "Teams"}, "Ulla Ek: här, via Teams"),
            ("broken", {}, "Ulla Ek: avbrott sedan"),
            ("mended", {}, "Ulla Ek: avbrottet var kortare än en minut och noteras inte"),
            ("excused", {}, "Ulla Ek: förhinder"),
            ("absent", {}, "Ulla Ek: frånvarande"),
            ("came", {}, "Ulla Ek: här, kom"),
            ("went", {}, "Ulla Ek gick"),
        ]
        for what, more, said in table:
            with self.subTest(what):
                answer = self.send(what, at="9.30" if what in ("broken", "mended") else "", **more)
                self.assertEqual((answer.status_code, answer.json()["said"][: len(said)]), (200, said))
        answer = self.send("undo", last=self.shown().last)
        self.assertEqual(answer.json()["said"][:16], "Ångrat. Ulla Ek:")

    def test_a_key_that_had_to_wait_for_the_network_keeps_its_time(self):
        self.send("went", ago="600")
        then = timezone.localtime() - timedelta(minutes=10)
        self.assertIn(Movement.objects.get().at.strftime("%H.%M"), (f"{then:%H.%M}", f"{then - timedelta(minutes=1):%H.%M}"))

    def test_what_is_sent_twice_does_nothing_twice(self):
        self.send("went")
        again = self.send("went")
        self.assertEqual((again.status_code, Movement.objects.count()), (422, 1))
        self.assertIn("gick redan kl.", again.json()["message"])
        self.assertIn("efter § 7", again.json()["row"])
        last = self.shown().last
        self.assertEqual(self.send("undo", last=last).status_code, 200)
        self.assertEqual(self.send("undo", last=last).status_code, 422)

    def test_what_makes_no_sense_is_told_and_changes_nothing(self):
        other = make.make_paragraph(self.cast.meeting("draft"))
        for what, more in (
            ("dansa", {}),
            ("", {}),
            ("went", {"paragraph": ""}),
            ("went", {"paragraph": other.pk}),
            ("went", {"paragraph": "x"}),
            ("went", {"at": "25"}),
            ("went", {"ago": "-1"}),
            ("connect", {"channel": "Duva"}),
            ("connect", {"channel": "Teams\u202e"}),
            ("mended", {}),
            ("undo", {"last": "movement-1"}),
            ("undo", {"last": "\x00"}),
            ("retime", {"at": ""}),
        ):
            with self.subTest(what=what, **more):
                answer = self.send(what, **more)
                self.assertEqual(answer.status_code, 422)
                self.assertTrue(answer.json()["message"])
        self.assertEqual((self.shown().words, Movement.objects.count()), ("väntas", 0))

    def test_a_movement_of_somebody_else_is_not_found(self):
        other = self.meeting.attendances.get(person=self.cast.employer.person)
        movement = actions.went(other, paragraph=self.paragraphs[2], at=time(10), by=self.by)
        for pk in (movement.pk, 10**12, ""):
            self.assertEqual(self.send("retime", movement=pk, at="11").status_code, 404)

    def test_the_secretary_and_the_chair_and_nobody_else(self):
        cast = self.cast
        answers = {cast.secretary: 200, cast.chair: 200, cast.stranger: 404, cast.admin: 404}
        answers |= {user: 403 for user in (cast.employer, cast.adjuster, cast.other_rep, cast.safety_rep, cast.hr, cast.auditor)}
        for user, wanted in answers.items():
            with self.subTest(str(user)):
                self.client.force_login(user)
                self.assertEqual(self.send("here").status_code, wanted)

    def test_a_locked_meeting_is_told_as_json_with_the_reason(self):
        for state in ("approval", "sealed"):
            row = self.cast.meeting(state).attendances.first()
            answer = self.send("here", row)
            self.assertEqual((answer.status_code, sorted(answer.json())), (409, ["message"]))
            self.assertEqual(self.client.post(self.url("move", row.pk), {"what": "here"}).status_code, 409)

    def test_who_has_logged_out_gets_401(self):
        self.client.logout()
        self.assertEqual(self.send("here").status_code, 401)

    def test_without_scripts_the_person_s_page_has_the_same_buttons(self):
        page = self.client.get(self.url("attend", self.row.pk))
        for button in ("Kom</button>", "Gick</button>", "Avbrott börjar</button>", "Här</button>", "Förhinder</button>"):
            self.assertContains(page, button)
        data = {"what": "went", "paragraph": self.paragraphs[6].pk, "at": "10.20"}
        answer = self.client.post(self.url("move", self.row.pk), data, follow=True)
        self.assertRedirects(answer, self.url("attend", self.row.pk), status_code=303)
        self.assertContains(answer, "Ulla Ek gick 10.20 efter § 7.")
        self.assertContains(answer, "Ångra det senaste")
        movement = Movement.objects.get()
        self.client.post(self.url("move", self.row.pk), {"what": "retime", "movement": movement.pk, "at": "10.25"})
        movement.refresh_from_db()
        self.assertEqual(movement.at, time(10, 25))
        self.assertRedirects(self.client.get(self.url("move", self.row.pk)), self.url("attend", self.row.pk))

    def test_a_form_that_is_refused_keeps_what_was_typed(self):
        answer = self.client.post(self.url("move", self.row.pk), {"what": "went", "paragraph": "", "at": "10.20"})
        self.assertContains(answer, "Välj under vilken paragraf.")
        self.assertContains(answer, 'value="10.20"')
        self.client.post(self.url("move", self.row.pk), {"what": "went", "paragraph": self.paragraphs[6].pk, "at": "10.20"})
        answer = self.client.post(
            self.url("move", self.row.pk), {"what": "went", "paragraph": self.paragraphs[7].pk, "at": "10.30"}
        )
        self.assertContains(answer, "gick redan kl. 10.20")

    def test_the_list_tells_who_came_and_went_and_the_page_of_an_open_interruption(self):
        actions.went(self.row, paragraph=self.paragraphs[6], at=time(10, 20), by=self.by)
        other = self.meeting.attendances.get(person=self.cast.employer.person)
        actions.mark(other, status="present", by=self.by)
        actions.broken(other, paragraph=self.paragraphs[2], at=time(9, 58), by=self.by)
        self.assertContains(self.client.get(self.url("attendance")), "Gick 10.20, närvarande under 7 paragrafer")
        self.assertContains(self.client.get(self.url("attend", other.pk)), "Från 09:58, pågår, § 3")

    def test_who_is_back_after_a_break_is_here_by_any_of_the_keys(self):
        for what in ("came", "here", "mended"):
            row = self.meeting.attendances.get(person=self.cast.employer.person)
            actions.mark(row, status="present", by=self.by)
            actions.broken(row, paragraph=self.paragraphs[2], at=time(9, 58), by=self.by)
            pressed = [button.key for button in buttons(row, ()) if button.pressed]
            self.assertEqual((pressed, counts([row])), ([], "0 här, 1 avbrott"))
            data = {"what": what, "paragraph": self.paragraphs[2].pk, "at": "10:10"}
            self.assertLess(self.client.post(self.url("move", row.pk), data).status_code, 400, what)
            self.assertEqual(row.interruptions.get().ends, time(10, 10))
            row.interruptions.all().delete()

    def test_who_moved_can_still_be_taken_off_the_list(self):
        guest = actions.join(self.meeting, person="Gunnar Gäst", side="official", by=self.by)
        actions.went(guest, paragraph=self.paragraphs[2], at=time(10), by=self.by)
        actions.leave(guest, by=self.by)
        self.assertFalse(Attendance.objects.filter(pk=guest.pk).exists())


class WarningTests(StripCase):
    def told(self) -> dict[str, bool]:
        """What the check list says of people: the message, and whether it stops."""
        whole = Meeting.objects.whole().get(pk=self.meeting.pk)
        return {one.message: one.blocking for one in checklist._people(whole)}

    def warnings(self) -> list[str]:
        return strip(Meeting.objects.get(pk=self.meeting.pk)).warnings

    def test_chair_and_adjuster_who_are_not_marked_stop_the_freeze(self):
        actions.elect(self.meeting, adjusters=[self.row], adjustment_day=None, by=self.by)
        wanted = [
            "Ordföranden Cecilia Björk är inte markerad som närvarande.",
            "Justeraren Ulla Ek är inte markerad som närvarande.",
        ]
        self.assertEqual(self.warnings(), wanted)
        self.assertEqual([self.told()[one] for one in wanted], [True, True])
        actions.all_expected_present(self.meeting, by=self.by)
        self.assertEqual((self.warnings(), self.told()), ([], {}))

    def test_who_signs_and_was_there_in_part_is_told_but_stops_nothing(self):
        actions.elect(self.meeting, adjusters=[self.row], adjustment_day=None, by=self.by)
        actions.all_expected_present(self.meeting, by=self.by)
        actions.went(self.row, paragraph=self.paragraphs[6], at=time(10), by=self.by)
        self.assertEqual(self.warnings(), ["Justeraren Ulla Ek är bara närvarande under en del av mötet."])
        self.assertEqual(self.told(), {self.warnings()[0]: False})

    def test_a_presenter_is_found_by_name_or_title_and_must_be_here(self):
        actions.all_expected_present(self.meeting, by=self.by)
        employer = self.meeting.attendances.get(person=self.cast.employer.person)
        actions.mark(employer, status="excused", by=self.by)
        away, unknown = (
            "Föredragande Erik Lind är inte markerad som närvarande.",
            "Föredragande ”{}” motsvarar ingen i närvarolistan.",
        )
        for presenter, wanted in (
            ("Erik Lind", [away]),
            ("HR-chef", [away]),
            ("HR-chefen", [away]),
            ("Erik Lind, HR-chef", [away]),
            ("Förvaltningschef", []),
            ("cecilia björk", []),
            ("Cecilia Björk och Erik Lind", [away]),
            ("Ekonomichef", [unknown.format("Ekonomichef")]),
            ("", []),
        ):
            with self.subTest(presenter):
                item = make.make_item(self.paragraphs[5], kind="board_matter", presenter=presenter)
                self.assertEqual(self.warnings(), wanted)
                item.delete()

    def test_a_matter_that_was_taken_off_needs_no_presenter(self):
        actions.all_expected_present(self.meeting, by=self.by)
        make.make_item(self.paragraphs[5], kind="board_matter", presenter="Ekonomichef", outcome="removed")
        self.assertEqual(self.warnings(), [])

    def test_an_interruption_without_an_end_is_told(self):
        actions.elect(self.meeting, adjusters=[self.row], adjustment_day=None, by=self.by)
        actions.all_expected_present(self.meeting, by=self.by)
        actions.broken(self.row, paragraph=None, at=time(9, 58), by=self.by)
        self.assertEqual(self.told(), {"Avbrottet för Ulla Ek från kl. 09.58 har inget slut.": False})

    def test_somebody_present_only_where_nothing_is_printed_stops_the_freeze(self):
        Group.objects.filter(pk=self.meeting.group_id).update(empty_paragraphs=Group.Empty.DROP)
        actions.elect(self.meeting, adjusters=[self.row], adjustment_day=None, by=self.by)
        actions.all_expected_present(self.meeting, by=self.by)
        printed = {one.pk for _, one in document.printed_paragraphs(Meeting.objects.whole().get(pk=self.meeting.pk))}
        empty = next(one for one in self.paragraphs if one.pk not in printed)
        other = self.meeting.attendances.get(person=self.cast.other_rep.person)
        actions.present_under(other, paragraphs=[empty], by=self.by)
        self.assertEqual(self.told(), {"Orvar Gran är bara närvarande under paragrafer som inte skrivs ut.": True})

    def test_a_name_in_the_text_that_resembles_somebody_s_is_told_with_its_place(self):
        actions.elect(self.meeting, adjusters=[self.row], adjustment_day=None, by=self.by)
        actions.all_expected_present(self.meeting, by=self.by)
        make.make_member(self.cast.group, "union_rep", "Ingrid Petré", party=self.cast.union)
        text = "Cecilia Björkman hälsade välkommen. Cecilia Bjork sammanfattade. **Ingrid Petre** var nöjd med Ulla Eks svar."
        agenda.edit_text(self.paragraphs[3], fields={"text": text}, version=1, by=self.by)
        problems = [
            problem for problem in checklist._people(Meeting.objects.whole().get(pk=self.meeting.pk)) if problem.code == "name"
        ]
        heading = self.paragraphs[3].heading
        self.assertEqual(
            [(problem.message, problem.blocking, problem.page, problem.about) for problem in problems],
            [
                (
                    f"”{heading}” nämner ”{written}”, som liknar {meant}. Kontrollera namnet.",
                    False,
                    "write",
                    self.paragraphs[3].pk,
                )
                for written, meant in (("Cecilia Bjork", "Cecilia Björk"), ("Ingrid Petre", "Ingrid Petré"))
            ],
        )


class JoinNameTests(StripCase):
    def post(self, **fields):
        return self.client.post(self.url("join"), {"side": "official"} | fields)

    def setUp(self):
        super().setUp()
        self.known = make.make_person("Gunnar Granlund")
        make.make_mandate(self.known, self.cast.group, "employer_rep", title="arkitekt")

    def test_a_near_name_is_offered_before_somebody_new_is_made(self):
        answer = self.post(name="Gunar Granlund", title="arkitekt")
        self.assertContains(answer, "Menade du någon av dem som redan finns?")
        self.assertContains(answer, "Namnet liknar någon som redan finns. Välj vem du menade.")
        self.assertContains(answer, 'value="Gunar Granlund"')
        self.assertFalse(Person.objects.filter(name="Gunar Granlund").exists())

    def test_the_one_who_was_meant_is_added(self):
        self.post(name="Gunar Granlund", meant=self.known.pk)
        self.assertEqual(self.meeting.attendances.get(person=self.known).name, "Gunnar Granlund")
        self.assertEqual(Person.objects.filter(name__contains="Granlund").count(), 1)

    def test_or_somebody_new_after_all(self):
        self.post(name="Gunar Granlund", meant="new")
        self.assertEqual(self.meeting.attendances.get(name="Gunar Granlund").person.name, "Gunar Granlund")

    def test_a_guest_of_an_earlier_meeting_is_not_made_again(self):
        earlier = make.make_meeting(self.cast.group, by=self.by, state="draft")
        guest = actions.join(earlier, person="Berit Björklund", side="official", title="konsult", by=self.by)
        self.assertContains(self.post(name="Berit Björklund"), "Berit Björklund, konsult")
        self.post(name="Berit Björklund", meant=guest.person_id)
        self.assertEqual(self.meeting.attendances.get(name="Berit Björklund").person_id, guest.person_id)

    def test_somebody_who_is_on_the_list_already_is_told(self):
        answer = self.post(name="Erik Lindh", meant=self.cast.employer.person_id)
        self.assertContains(answer, "Personen finns redan i närvarolistan.")

    def test_nobody_of_other_groups_is_shown_or_can_be_chosen(self):
        answer = self.post(name="Främling Asp")
        self.assertRedirects(answer, self.url("attendance"), status_code=303)
        answer = self.post(name="Gunar Granlund", meant=self.cast.stranger.person_id)
        self.assertTrue(answer.context["form"].has_error("meant"))

    def test_a_name_like_nobody_s_is_added_at_once(self):
        planning.edit(self.meeting, fields={"place": "Granen"}, version=self.meeting.version, by=self.by)
        self.assertRedirects(self.post(name="Selma Vide"), self.url("attendance"), status_code=303)


class DeskTests(StripCase):
    def test_the_person_s_page_and_the_list_take_the_same_queries_whatever_has_happened(self):
        address = reverse("meetings:attendance", args=[self.meeting.pk])
        counts = []
        for more in (1, 20):
            for number in range(more):
                row = actions.join(
                    self.meeting, person=f"Gäst {number}{more}", side="employee", party=self.cast.union, by=self.by
                )
                actions.went(row, paragraph=self.paragraphs[3], at=time(10), by=self.by)
            self.client.get(address)
            with CaptureQueriesContext(connection) as queries:
                self.client.get(address)
            counts.append(len(queries))
        self.assertEqual(counts[0], counts[1])
