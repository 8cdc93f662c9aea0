"""Every page of the site in a browser: axe finds nothing, one h1, nothing sticks out on a phone, the keyboard reaches all."""

from collections.abc import Iterator
from functools import partial

from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from meetings.actions import agenda
from meetings.models import Meeting
from motions.actions import files, filing
from motions.models import Motion
from people import invitations
from people.models import Group, Person, User
from protocol.models import Drawing
from tests import factories as make
from tests.browser.base import BrowserTestCase
from tests.world import STATES, World, pages, png
from tests.world import Page as WorldPage

# Pages that look different to each role or in each state; the others are seen once, by the first who may.
SEEN_BY = {
    "home": ("secretary", "chair", "adjuster", "employer_rep", "union_rep", "hr", "admin"),
    "help_role": ("secretary",),
    "meetings:list": ("secretary", "admin"),
    "meetings:meeting": ("secretary", "union_rep"),
    "motions:motion": ("chair", "union_rep"),
    "protocol:protocol": ("secretary",),
    "protocol:approval": ("chair", "adjuster"),
}
IN_STATES = {
    "meetings:meeting": STATES,
    "motions:motion": ("called", "draft", "approval"),
    "protocol:protocol": ("draft", "approval", "sealed"),
    "protocol:approval": ("approval", "sealed"),
}
# Addresses that show no page of their own: what is posted, files, redirects, what needs the demonstration or an invitation.
NO_PAGES = {
    "demo_mail",
    "health",
    "people:activate",
    "people:confirm",
    "people:logout_everywhere",
    "people:recognise",
    "people:settle",
    "meetings:copy_topics",
    "meetings:here",
    "meetings:move",
    "meetings:new_item",
    "meetings:no_promise",
    "meetings:proposal_file",
    "meetings:text",
    "meetings:unpromise",
    "meetings:export_balance",
    "meetings:export_group_balance",
    "meetings:appendix",
    "meetings:calendar",
    "meetings:desk",
    "meetings:done",
    "meetings:interrupt",
    "meetings:move_item",
    "meetings:move_placement",
    "meetings:move_paragraph",
    "meetings:no_comments",
    "meetings:note",
    "meetings:present_under",
    "meetings:remove_paragraph",
    "meetings:report",
    "meetings:save",
    "meetings:save_item",
    "meetings:take_file",
    "motions:attachment",
    "motions:detach",
    "motions:file",
    "motions:support",
    "motions:unsupport",
    "protocol:draft_pdf",
    "protocol:drawing",  # see DrawingTests
    "protocol:drawn",
    "protocol:export_matter_to_board",
    "protocol:export_to_board",
    "protocol:line",
    "protocol:pdf",
    "protocol:refuse_change",
    "protocol:request_change",
    "protocol:seal",
    "protocol:sign",
    "protocol:withdraw",
}
ACCOUNT = (
    "account_email",
    "account_change_password",
    "account_logout",
    "account_reauthenticate",
    "usersessions_list",
    "mfa_index",
    "mfa_activate_totp",
)
ENTRANCE = (
    "account_login",
    "account_reset_password",
    "account_reset_password_done",
    "account_email_verification_sent",
    "account_inactive",
)
FOCUSABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0'], [contenteditable=true]"
# Elements that Tab ought to reach: shown, enabled, and of a group of radio buttons one.
MARK = """selector => {
  const groups = new Set();
  let count = 0;
  for (const one of document.querySelectorAll(selector)) {
    if (one.tabIndex < 0 || one.disabled) continue;
    if (!one.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true})) continue;
    if (one.type === "radio") {
      const group = one.form?.id + one.name;
      const chosen = document.querySelector(`input[name="${one.name}"]:checked`);
      if (groups.has(group) || (chosen && chosen !== one)) continue;
      groups.add(group);
    }
    one.dataset.sweep = count++;
  }
  return count;
}"""
# What has focus now, and whether it can be seen that it has.
FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const look = getComputedStyle(one), box = one.getBoundingClientRect();
  const label = one.closest("label") || document.querySelector(`label[for="${one.id}"]`);
  const marked = style => style.outlineStyle !== "none" || style.boxShadow !== "none";
  const shown = look.visibility === "visible" && box.width > 0 && box.height > 0;
  const seen = shown && [one, label, one.parentElement].some(it => it && marked(getComputedStyle(it)));
  return {mark: one.dataset.sweep ?? "", text: one.outerHTML.slice(0, 120), seen};
}"""


class PagesTestCase(BrowserTestCase):
    maxDiff = None

    def setUp(self) -> None:
        super().setUp()
        self.world = World()
        self.cast = self.world.cast
        self.windows: dict[int | None, Page] = {}
        self.clients: dict[User, Client] = {}

    def at(self, user: User | None) -> Page:
        """The user's own window; of None, one without a log-in."""
        key = user.pk if user else None
        if key not in self.windows:
            self.windows[key] = self.log_in(user) if user else self.window()
        return self.windows[key]

    def look(self, page: Page, path: str, title: str) -> None:
        """Open the page and fail, as a subtest, on anything that is wrong with it at either width."""
        with self.subTest(title, path=path):
            before = len(self.problems)
            self.assert_accessible(page, path)
            self.assertEqual(page.locator("html").get_attribute("lang"), "sv")
            self.assertEqual(self.problems[before:], [], "the browser complained")


class EveryPageTestCase(PagesTestCase):
    """Half of the rooms each, since two classes can run beside each other."""

    takes_long = True

    def setUp(self) -> None:
        super().setUp()
        self.world.whole()

    def things(self, state: str) -> dict:
        return self.world.things[state]

    def chosen(self) -> Iterator[tuple[str, User | None, str]]:
        """Title, user and address of every page worth a look: a page that answers with HTML to the first who may see it."""
        cast = self.cast
        draft = make.make_motion(cast.group, cast.union, by=cast.union_rep, filed=False, title="Ett utkast")
        unanswered = make.make_motion(cast.group, cast.union, by=cast.union_rep, title="Väntar på svar").claims.get()
        written = make.make_motion(cast.group, cast.union, by=cast.union_rep, title="Svaret är skrivet").claims.get()
        unreleased = make.make_answer(written, by=cast.employer, released=False)
        with_file = make.make_motion(cast.group, cast.union, by=cast.union_rep, filed=False, title="Med en fil")
        file = SimpleUploadedFile("bild.png", png())
        with_file = files.attach(with_file, file=file, description="En grå ruta.", by=cast.union_rep)
        with_file = filing.file(with_file, by=cast.union_rep)
        open_meeting = Meeting.objects.get(pk=self.things("draft")[Meeting].pk)
        agenda.add_paragraph(
            open_meeting,
            heading="Ett mycket långt ord: Arbetsmiljöförordningsändringsförslagen",
            section="",
            after=None,
            by=cast.secretary,
        )
        for page in filter(self.mine, pages()):
            elsewhere = ("demo_mail", "people:activate", "people:confirm", "people:recognise", "people:settle")
            if page.name in elsewhere or page.name.endswith(":calendar"):
                continue
            columns = SEEN_BY.get(page.name) or ("secretary", "chair", "adjuster", "employer_rep", "union_rep", "hr", "admin")
            seen = 0
            for state in IN_STATES.get(page.name, ("draft", "planned", "called", "approval", "sealed")):
                for column in columns:
                    thing = self.things(state).get(page.model or Group)
                    if page.model is Motion and column == "union_rep" and page.action == "draft_motion":
                        thing = draft
                    if page.name == "motions:answer":
                        thing = unanswered
                    if page.name == "motions:release":
                        thing = unreleased
                    if page.name == "motions:assign":
                        thing = unanswered.motion
                    if page.name == "motions:release_all":
                        thing = written.motion
                    if page.name == "motions:remove_file":
                        thing = with_file
                    args = {"pk": thing.pk if thing else 0, "person": self.things(state)[Person].pk, "role": "sekreterare"}
                    try:
                        path = reverse(page.name, kwargs={name: args[name] for name in page.arguments})
                    except (KeyError, NoReverseMatch):
                        continue
                    if thing is not None and self.is_page(self.world.user(column), path):
                        seen += 1
                        yield f"{page.name}, {state}, {column}", self.world.user(column), path
                        if page.name not in SEEN_BY:
                            break
                if seen and (page.name not in IN_STATES or not page.arguments):
                    break

    def is_page(self, user: User | None, path: str) -> bool:
        if user not in self.clients:
            self.clients[user] = Client()
            self.clients[user].force_login(user)
        response = self.clients[user].get(path)
        return response.status_code == 200 and response["Content-Type"].startswith("text/html")

    def mine(self, page: WorldPage) -> bool:
        raise NotImplementedError

    def look_at_all(self) -> None:
        looked = set()
        for title, user, path in self.chosen():
            looked.add(title.partition(",")[0])
            self.look(self.at(user), path, title)
        missed = {page.name for page in filter(self.mine, pages())} - looked - NO_PAGES
        self.assertEqual(sorted(missed), [], "nobody has looked at these")


class MeetingPageTests(EveryPageTestCase):
    def mine(self, page: WorldPage) -> bool:
        return page.name.startswith("meetings:")

    def test_the_pages_of_the_meetings(self):
        self.look_at_all()


class OtherPageTests(EveryPageTestCase):
    def mine(self, page: WorldPage) -> bool:
        return not page.name.startswith("meetings:")

    def test_the_pages_of_the_other_rooms(self):
        self.look_at_all()


class AccountTests(PagesTestCase):
    def test_the_pages_of_the_account(self):
        page = self.at(self.cast.secretary)
        for name in ACCOUNT:
            self.look(page, reverse(name), name)

    def test_the_pages_before_the_log_in(self):
        page = self.at(None)
        for name in ENTRANCE:
            self.look(page, reverse(name), name)
        for name in ("accessibility", "trust", "protocol:verify"):
            self.look(page, reverse(name), f"{name}, not logged in")

    def test_the_invitation(self):
        invited = User.objects.create_user("ny@fvg.example", None, person=make.make_person("Nora Ny"), invited_at=timezone.now())
        page = self.window()
        path = "/" + invitations.link_for(invited).split("/", 3)[3]
        self.look(page, path, "an invitation")
        self.allow("410")
        self.open(page, path.rstrip("/")[:-1] + "/")
        expect(page.get_by_role("heading", level=1)).to_have_count(1)


class DrawingTests(PagesTestCase):
    def test_the_page_where_one_waits_for_a_pdf(self):
        meeting, user = self.world.things["draft"][Meeting], self.cast.secretary
        page = self.at(user)
        for state in Drawing.State:
            drawing = Drawing.objects.create(
                kind=Drawing.Kind.PROTOCOL, meeting=meeting, user=user, state=state, fault="För stor."
            )
            self.look(page, reverse("protocol:drawing", args=[drawing.pk]), f"a drawing, {state}")


class ErrorTests(PagesTestCase):
    def test_what_went_wrong_is_told_on_a_page_as_good_as_any(self):
        self.allow("Failed to load resource")
        planned = self.world.things["planned"][Meeting].pk
        asked = (
            (404, self.cast.secretary, "/finns-inte/"),
            (403, self.cast.union_rep, reverse("meetings:call", args=[planned])),
            (409, self.cast.secretary, reverse("meetings:desk", args=[planned])),
        )
        for status, user, path in asked:
            page = self.at(user)
            self.assertEqual(page.goto(self.live_server_url + path).status, status)
            self.problems.clear()
            with self.subTest(status):
                self.assert_accessible(page)

    def test_the_pages_for_when_the_server_cannot_answer(self):
        page = self.window()
        for name in ("400", "429", "500"):
            body = render_to_string(f"{name}.html", {"user": AnonymousUser()})
            page.route(f"**/fel-{name}", partial(self.answer, body))
            self.look(page, f"/fel-{name}", name)

    def answer(self, body: str, route: Route) -> None:
        route.fulfill(body=body, content_type="text/html; charset=utf-8")


class KeyboardTests(PagesTestCase):
    takes_long = True

    def test_tab_reaches_everything_and_shows_where_it_is(self):
        cast, draft = self.cast, self.world.things["draft"]
        unfiled = make.make_motion(cast.group, cast.union, by=cast.union_rep, filed=False, title="Ett utkast")
        swept = (
            (cast.secretary, reverse("home")),
            (cast.secretary, reverse("meetings:list")),
            (cast.secretary, reverse("meetings:plan", args=[cast.group.pk])),
            (cast.secretary, reverse("meetings:arrange", args=[draft[Meeting].pk])),
            (cast.secretary, reverse("meetings:attendance", args=[draft[Meeting].pk])),
            (cast.secretary, reverse("meetings:desk", args=[draft[Meeting].pk])),
            (cast.secretary, reverse("protocol:archive")),
            (cast.adjuster, reverse("protocol:approval", args=[self.world.things["approval"][Meeting].pk])),
            (cast.chair, reverse("motions:motion", args=[draft[Motion].pk])),
            (cast.union_rep, reverse("motions:edit", args=[unfiled.pk])),
            (cast.admin, reverse("people:registry")),
            (None, reverse("account_login")),
        )
        for user, path in swept:
            with self.subTest(path):
                self.sweep(self.open(self.at(user), path))

    def sweep(self, page: Page) -> None:
        page.wait_for_load_state("networkidle")
        expected = page.evaluate(MARK, FOCUSABLE)
        page.evaluate("() => { document.activeElement.blur(); window.scrollTo(0, 0); getSelection().removeAllRanges(); }")
        page.evaluate("() => { document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex'); }")
        reached, seen = {}, set()
        for _ in range(expected + 40):
            page.keyboard.press("Tab")
            focused = page.evaluate(FOCUSED)
            if focused is None:
                break
            reached[focused["mark"]] = focused["text"]
            if focused["seen"]:  # a date has several stops; the picture of a calendar shows its focus by itself
                seen.add(focused["mark"])
        marked = page.evaluate(
            "() => [...document.querySelectorAll('[data-sweep]')].map(one => [one.dataset.sweep, one.outerHTML.slice(0, 120)])"
        )
        self.assertEqual([text for mark, text in marked if mark not in reached], [], "out of reach")
        self.assertEqual([text for mark, text in reached.items() if mark not in seen], [], "focus cannot be seen")
