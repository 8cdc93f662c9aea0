"""The attendance strip in a browser: one key or one tap each, nothing shown as done before the server has answered."""

from datetime import time
from urllib.parse import parse_qs

from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from meetings.actions import agenda, attendance
from meetings.models import Attendance, Movement
from people.models import Group
from tests import factories as make
from tests.browser.base import PHONE, BrowserTestCase
from tests.cast import Cast


class StripTestCase(BrowserTestCase):
    def setUp(self):
        super().setUp()
        self.cast = Cast()
        _ = (self.cast.other_rep, self.cast.union_rep)
        Group.objects.filter(pk=self.cast.group.pk).update(empty_paragraphs=Group.Empty.KEEP)
        self.meeting = self.cast.meeting("draft")
        self.paragraphs = list(self.meeting.paragraphs.all())
        self.path = reverse("meetings:write", args=[self.paragraphs[6].pk])

    def desk(self, **options) -> Page:
        page = self.open(self.log_in(self.cast.secretary, **options), self.path)
        expect(page.locator("#strip-search")).to_be_visible()
        return page

    def row(self, page: Page, name: str):
        return page.locator(f'.strip-row[data-name="{name}"]')

    def state(self, page: Page, name: str):
        return self.row(page, name).locator(".strip-state")

    def said(self, page: Page):
        return page.locator("#save-announcement")

    def stored(self, name: str) -> Attendance:
        return self.meeting.attendances.get(name=name)

    def go(self, page: Page, letters: str) -> None:
        """From anywhere: to the strip, and to a person by name."""
        page.locator("#strip").focus()
        page.keyboard.type(letters)
        page.keyboard.press("Enter")

    def again(self, page: Page, key: str) -> None:
        """One more thing with the person just marked: after a key the search field waits for the next name."""
        expect(page.locator("#strip-search")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press(key)

    def hear(self, page: Page) -> None:
        """Let the page ask the server now rather than in five seconds."""
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    def focused(self, page: Page) -> str:
        return page.evaluate("document.activeElement.closest('.strip-row')?.dataset.name || ''")


class KeyTests(StripTestCase):
    def test_to_a_person_by_name_and_one_key(self):
        page = self.desk()
        self.go(page, "ul")
        self.assertEqual(self.focused(page), "Ulf Rönn")
        self.go(page, "ull")
        self.assertEqual(self.focused(page), "Ulla Ek")
        page.keyboard.press("h")
        expect(self.state(page, "Ulla Ek")).to_have_text("här")
        expect(self.said(page)).to_contain_text("Ulla Ek: här")
        expect(page.locator("[data-strip-counts]")).to_have_text("1 här, 4 väntas")
        self.again(page, "d")
        expect(self.state(page, "Ulla Ek")).to_have_text("här, via Teams")
        self.again(page, "g")
        expect(self.state(page, "Ulla Ek")).to_contain_text("efter § 7")
        movement = Movement.objects.get()
        self.assertEqual((movement.paragraph, movement.kind), (self.paragraphs[6], "went"))
        expect(self.said(page)).to_contain_text(f"Ulla Ek gick {movement.at:%H.%M} efter § 7")
        self.again(page, "k")
        expect(self.state(page, "Ulla Ek")).to_contain_text("här, kom")
        self.again(page, "z")
        expect(self.said(page)).to_contain_text(f"Ångrat. Ulla Ek gick {movement.at:%H.%M} efter § 7")
        self.again(page, "z")
        expect(self.state(page, "Ulla Ek")).to_have_text("här, via Teams")
        self.again(page, "a")
        expect(self.state(page, "Ulla Ek")).to_contain_text("avbrott sedan")
        self.assertEqual(self.stored("Ulla Ek").interruptions.get().paragraph, self.paragraphs[6])
        page.keyboard.press("ArrowDown")
        self.assertEqual(self.focused(page), "Orvar Gran")
        page.keyboard.press("f")
        expect(self.state(page, "Orvar Gran")).to_have_text("förhinder")
        self.again(page, "o")
        expect(self.state(page, "Orvar Gran")).to_have_text("frånvarande")

    def test_a_whole_roll_is_called_without_a_letter_taken_for_a_key(self):
        page = self.desk()
        page.locator("#strip").focus()
        for letters in ("cec", "er", "ulf", "or", "ull"):
            page.keyboard.type(letters)
            page.keyboard.press("Enter")
            page.keyboard.press("h")
        expect(page.locator("[data-strip-counts]")).to_have_text("5 här", timeout=20_000)
        page.keyboard.type("orv")  # "o" is a key on Ulla's row
        page.keyboard.press("Enter")
        self.assertEqual(self.focused(page), "Orvar Gran")
        self.assertEqual(set(self.meeting.attendances.values_list("status", flat=True)), {"present"})

    def test_answers_that_come_in_another_order_leave_the_right_count(self):
        page = self.desk()
        waiting: list[tuple[Route, object]] = []

        def late(route: Route) -> None:
            """The first answer is read from the server at once, and reaches the page after the second."""
            if waiting:
                route.continue_()
            else:
                waiting.append((route, route.fetch()))

        page.route("**/handelse/", late)
        page.locator("#strip").focus()
        for letters in ("cec", "er"):
            page.keyboard.type(letters)
            page.keyboard.press("Enter")
            page.keyboard.press("h")
            page.wait_for_timeout(300)  # so that the server writes them in this order
        expect(self.state(page, "Erik Lind")).to_have_text("här")
        route, answer = waiting[0]
        route.fulfill(response=answer)
        expect(self.state(page, "Cecilia Björk")).to_have_text("här")
        expect(page.locator("[data-strip-counts]")).to_have_text("2 här, 3 väntas", timeout=3_000)

    def test_what_others_mark_comes_by_itself_and_leaves_one_where_one_is(self):
        page = self.desk()
        self.go(page, "Erik")
        attendance.mark(self.stored("Ulla Ek"), status="excused", by=self.cast.chair)
        self.hear(page)
        expect(self.state(page, "Ulla Ek")).to_have_text("förhinder")
        expect(page.locator("[data-strip-counts]")).to_have_text("0 här, 4 väntas, 1 borta")
        self.assertEqual(self.focused(page), "Erik Lind")
        attendance.join(self.meeting, person="Gunnar Gäst", side="official", by=self.cast.chair)
        self.hear(page)
        expect(self.state(page, "Gunnar Gäst")).to_have_text("här")
        self.go(page, "gun")
        page.keyboard.press("g")
        expect(self.state(page, "Gunnar Gäst")).to_contain_text("efter § 7")

    def test_arrows_stop_at_the_ends_and_tab_leaves_by_one_stop(self):
        page = self.desk()
        page.locator("#strip").focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
        self.assertEqual(self.focused(page), "Cecilia Björk")
        page.keyboard.press("End")
        page.keyboard.press("ArrowDown")
        self.assertEqual(self.focused(page), "Orvar Gran")
        self.assertEqual(page.locator(".strip-person[tabindex='0']").count(), 1)
        self.assertEqual(page.locator(".strip-actions:visible").count(), 1)

    def test_letters_never_mark_somebody_while_one_looks_for_a_name(self):
        page = self.desk()
        page.locator("#strip").focus()
        page.keyboard.type("hag")
        expect(self.said(page)).to_contain_text("Ingen heter så.")
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        page.keyboard.type("gran")
        expect(self.row(page, "Orvar Gran")).to_have_class("strip-row strip-row--waiting strip-row--found")
        page.keyboard.press("Enter")
        self.assertEqual(self.focused(page), "Orvar Gran")
        page.keyboard.press("Shift+U")  # a capital begins a new search also where small letters are keys
        page.keyboard.press("Enter")
        self.assertEqual(self.focused(page), "Ulf Rönn")
        self.assertEqual(set(self.meeting.attendances.values_list("status", flat=True)), {"expected"})

    def test_nothing_to_undo_is_said(self):
        page = self.desk()
        self.go(page, "Erik")
        page.keyboard.press("z")
        expect(self.said(page)).to_contain_text("Erik Lind: det finns inget att ångra.")

    def test_the_paragraph_is_the_one_that_is_open_on_the_desk(self):
        page = self.desk()
        page.evaluate(f"document.querySelector('.desk').dataset.open = '{self.paragraphs[2].pk}'")
        self.go(page, "Erik")
        page.keyboard.press("g")
        expect(self.state(page, "Erik Lind")).to_contain_text("efter § 3")

    def test_a_warning_goes_when_the_chair_is_marked(self):
        page = self.desk()
        expect(page.locator("[data-strip-warnings]")).to_have_text("Ordföranden Cecilia Björk är inte markerad som närvarande.")
        self.go(page, "Ce")
        page.keyboard.press("h")
        expect(page.locator("[data-strip-warnings]")).to_be_hidden()


class TapTests(StripTestCase):
    def test_a_tap_opens_the_buttons_and_another_does_it_on_a_phone(self):
        page = self.desk(size=PHONE, has_touch=True)
        self.row(page, "Ulla Ek").locator(".strip-person").tap()
        actions = self.row(page, "Ulla Ek").locator(".strip-actions")
        expect(actions).to_be_visible()
        for button in actions.get_by_role("button").all():
            box = button.bounding_box()
            self.assertGreaterEqual(min(box["width"], box["height"]), 44)
        self.assertGreaterEqual(self.row(page, "Ulla Ek").locator(".strip-person").bounding_box()["height"], 44)
        actions.get_by_role("button", name="Gick nu").tap()
        expect(self.state(page, "Ulla Ek")).to_contain_text("efter § 7")
        expect(actions).to_be_visible()
        self.row(page, "Ulla Ek").locator(".strip-person").tap()
        expect(actions).to_be_hidden()
        self.assertEqual(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"), 0)

    def test_the_strip_is_accessible_in_every_state(self):
        for row, status in zip(self.meeting.attendances.all(), ("present", "excused", "absent", "present"), strict=False):
            attendance.mark(row, status=status, by=self.cast.secretary)
        first = self.meeting.attendances.first()
        attendance.broken(first, paragraph=None, at=time(0), by=self.cast.secretary)
        last = self.stored("Ulla Ek")
        attendance.went(last, paragraph=self.paragraphs[3], at=time(10), by=self.cast.secretary)
        page = self.desk()
        self.go(page, "Ce")
        page.keyboard.press("h")
        self.shot(page, "strip-1280")
        self.assert_accessible(page)
        page.set_viewport_size(PHONE)
        self.shot(page, "strip-360")
        self.open(page, reverse("meetings:attend", args=[last.pk]))
        self.assert_accessible(page)
        self.shot(page, "strip-attend-360")

    def test_without_scripts_the_name_leads_to_the_same_buttons(self):
        page = self.log_in(self.cast.secretary, java_script_enabled=False)
        self.open(page, self.path)
        page.locator("#strip").get_by_role("link", name="Ulla Ek").click()
        page.locator("#handelser").get_by_label("Under").select_option(str(self.paragraphs[6].pk))
        page.locator("#handelser").get_by_label("Klockan").fill("10.20")
        page.get_by_role("button", name="Gick", exact=True).click()
        expect(page.get_by_text("Just nu: gick 10.20 efter § 7.")).to_be_visible()


class TroubleTests(StripTestCase):
    def test_what_was_not_saved_says_so_and_is_sent_again_with_its_time(self):
        self.allow("ERR_", "Failed to load")
        page = self.desk()
        page.route("**/handelse/", lambda route: route.abort())
        self.go(page, "Erik")
        page.keyboard.press("g")
        error = self.row(page, "Erik Lind").locator(".strip-error")
        expect(error).to_contain_text("Inte sparat.")
        expect(self.state(page, "Erik Lind")).to_have_text("väntas")
        self.assertEqual(Movement.objects.count(), 0)
        self.shot(page, "strip-failed")
        page.unroute("**/handelse/")
        posted = []
        page.on("request", lambda request: posted.append(request.post_data) if "handelse" in request.url else None)
        page.wait_for_timeout(1100)
        error.get_by_role("button", name="Försök igen").click()
        expect(self.state(page, "Erik Lind")).to_contain_text("efter § 7")
        expect(error).to_be_hidden()
        self.assertRegex(posted[0], r"ago=[1-9]")
        self.assertEqual(Movement.objects.count(), 1)

    def test_what_waits_is_sent_by_itself_when_the_network_is_back(self):
        self.allow("ERR_", "Failed to load")
        page = self.desk()
        page.context.set_offline(True)
        self.go(page, "Erik")
        page.keyboard.press("h")
        error = self.row(page, "Erik Lind").locator(".strip-error")
        expect(error).to_contain_text("Inte sparat.")
        page.context.set_offline(False)
        expect(self.state(page, "Erik Lind")).to_have_text("här")
        expect(error).to_be_hidden()
        self.assertEqual(self.stored("Erik Lind").status, "present")

    def test_the_first_name_and_the_one_who_waits_come_before_others(self):
        attendance.mark(self.stored("Cecilia Björk"), status="present", by=self.cast.chair)
        attendance.join(self.meeting, person="Björn Gäst", side="official", by=self.cast.chair)
        page = self.desk()
        page.locator("#strip-search").focus()
        page.keyboard.type("bjö")
        expect(page.locator("[data-strip-none]")).to_contain_text("Björn Gäst, en av 2: Cecilia Björk")
        page.keyboard.press("Enter")
        self.assertEqual(self.focused(page), "Björn Gäst")

    def test_what_waits_is_sent_before_the_next_key_each_with_its_own_time(self):
        self.allow("ERR_", "Failed to load")
        page = self.desk()
        page.route("**/handelse/", lambda route: route.abort())
        self.go(page, "Erik")
        page.keyboard.press("k")
        error = self.row(page, "Erik Lind").locator(".strip-error")
        expect(error).to_contain_text("Inte sparat.")
        page.wait_for_timeout(3000)
        self.again(page, "d")
        expect(error).to_contain_text("Väntar: Kom nu, Via Teams.")
        page.unroute("**/handelse/")
        posted = []
        page.on("request", lambda request: posted.append(parse_qs(request.post_data)) if "handelse" in request.url else None)
        page.evaluate(f"document.querySelector('.desk').dataset.open = '{self.paragraphs[8].pk}'")
        self.again(page, "g")
        expect(self.state(page, "Erik Lind")).to_contain_text("efter § 9")
        expect(error).to_be_hidden()
        self.assertEqual([request["what"] for request in posted], [["came"], ["connect"], ["went"]])
        self.assertLess(int(posted[2]["ago"][0]), int(posted[0]["ago"][0]))
        self.assertGreaterEqual(int(posted[0]["ago"][0]), 1)
        self.assertEqual(
            list(Movement.objects.values_list("kind", "paragraph")),
            [("came", self.paragraphs[6].pk), ("went", self.paragraphs[8].pk)],
        )
        self.assertEqual(self.stored("Erik Lind").channel, "Teams")

    def test_an_undo_behind_what_waits_takes_that_back_and_nothing_when_it_was_refused(self):
        self.allow("ERR_", "Failed to load", "422")
        attendance.mark(self.stored("Erik Lind"), status="present", by=self.cast.secretary)
        page = self.desk()
        page.route("**/handelse/", lambda route: route.abort())
        self.go(page, "Erik")
        error = self.row(page, "Erik Lind").locator(".strip-error")
        page.keyboard.press("g")
        expect(error).to_contain_text("Inte sparat.")
        page.unroute("**/handelse/")
        self.again(page, "z")
        expect(self.said(page)).to_contain_text("Ångrat. Erik Lind: här")
        self.assertEqual((Movement.objects.count(), self.stored("Erik Lind").status), (0, "present"))
        page.route("**/handelse/", lambda route: route.abort())
        self.again(page, "g")
        expect(error).to_contain_text("Inte sparat.")
        attendance.went(self.stored("Erik Lind"), paragraph=self.paragraphs[2], at=time(0), by=self.cast.chair)
        page.unroute("**/handelse/")
        self.again(page, "z")
        expect(error).to_contain_text("gick redan kl. 00.00. Inget är ångrat.")
        self.assertEqual(Movement.objects.count(), 1)

    def test_nothing_is_shown_as_done_before_the_answer(self):
        page = self.desk()
        waiting: list[Route] = []
        page.route("**/handelse/", lambda route: waiting.append(route))
        self.go(page, "Erik")
        page.keyboard.press("h")
        page.wait_for_timeout(300)
        expect(self.state(page, "Erik Lind")).to_have_text("väntas")
        self.again(page, "g")
        expect(self.row(page, "Erik Lind").locator(".strip-error")).to_contain_text("Vänta")
        waiting[0].continue_()
        expect(self.state(page, "Erik Lind")).to_have_text("här")
        self.assertEqual(len(waiting), 1)

    def test_an_answer_that_was_lost_is_not_done_twice(self):
        self.allow("ERR_", "Failed to load", "422")
        page = self.desk()

        def lose(route: Route) -> None:
            route.fetch()  # the server saves
            route.abort()

        page.route("**/handelse/", lose)
        self.go(page, "Erik")
        page.keyboard.press("g")
        expect(self.row(page, "Erik Lind").locator(".strip-error")).to_contain_text("Inte sparat.")
        page.unroute("**/handelse/")
        self.again(page, "g")
        expect(self.row(page, "Erik Lind").locator(".strip-error")).to_contain_text("gick redan")
        expect(self.state(page, "Erik Lind")).to_contain_text("efter § 7")
        self.assertEqual(Movement.objects.count(), 1)

    def test_what_is_refused_is_told_at_the_person_with_the_row_as_it_stands(self):
        self.allow("422")
        page = self.desk()
        attendance.went(self.stored("Erik Lind"), paragraph=self.paragraphs[8], at=time(0), by=self.cast.chair)
        self.go(page, "Erik")
        page.keyboard.press("k")
        expect(self.row(page, "Erik Lind").locator(".strip-error")).to_contain_text("senare paragraf")
        expect(self.state(page, "Erik Lind")).to_have_text("gick 00.00 efter § 9")

    def test_a_frozen_meeting_and_an_expired_log_in_are_told(self):
        self.allow("409", "401", "403")
        page = self.desk()
        page.context.clear_cookies(name="session")
        self.go(page, "Erik")
        page.keyboard.press("h")
        expect(self.row(page, "Erik Lind").locator(".strip-error")).to_contain_text("du är utloggad")
        page.context.clear_cookies(name="session")
        self.give_session(page, self.cast.secretary)
        make.put_in_state(self.meeting, "approval")
        self.again(page, "h")
        expect(self.row(page, "Erik Lind").locator(".strip-error")).to_contain_text("under justering")

    def test_the_printed_line_follows_when_the_agenda_changes(self):
        page = self.desk()
        self.go(page, "Erik")
        page.keyboard.press("g")
        expect(self.state(page, "Erik Lind")).to_contain_text("efter § 7")
        agenda.add_paragraph(self.meeting, heading="Nytt", section="", after=self.paragraphs[0], by=self.cast.secretary)
        self.open(page, reverse("protocol:protocol", args=[self.meeting.pk]))
        expect(page.get_by_text("närvarande under § 1–8")).to_be_visible()
