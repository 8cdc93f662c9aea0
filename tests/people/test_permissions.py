"""The permission table: every action × role × state × own or other group, asked in code and over the web."""

from collections import Counter
from http import HTTPStatus
from itertools import cycle
from types import SimpleNamespace

from django.db import transaction
from django.test import Client, SimpleTestCase, TestCase, tag
from django.urls import NoReverseMatch, reverse

from meetings import states as meetings
from meetings.models import BalanceItem, Meeting
from motions import states as motions
from motions.models import Motion
from people import permissions
from people.access import OWN, PUBLIC
from people.models import User
from people.permissions import COLUMNS, LETTERS, PENDING, Verdict, decide, may, table
from tests import THOROUGH
from tests.world import STATES, World, pages

# Pinned by hand: how many (action, state) pairs each column allows, its own things and its own office.
# A change of rights is a change here.
ALLOWED = {
    "secretary": 130,
    "chair": 131,
    "adjuster": 50,
    "employer_rep": 57,
    "union_rep": 79,
    "substitute": 79,
    "safety_rep": 79,
    "hr": 70,
    "auditor": 46,
    "admin": 32,
    "outsider": 8,
    "anonymous": 8,
}
# Everybody is asked on every page, in every other state; those of another group, one column of the table, take turns by so many.
# `make torture` asks all in all.
OTHERS = 3

# Pages that ask one thing more after the table has said yes: (status, what they ask).
STRICTER = {
    "meetings:remove_appendix": (403, "somebody who does not arrange the agenda removes only what they added themself"),
    "meetings:place": (404, "the motion that is posted must be one that waits"),
    "meetings:versions": (404, "the version that is posted must be one of this text"),
    "protocol:sign": (403, "only the person named on the version signs; every person × office is in tests/protocol"),
}
NEVER = ("read_foreign_draft", "tamper", "impersonate")


def asker(column: str, *, group: int) -> SimpleNamespace:
    """A user who holds just this column in the group with this id."""
    role = {"safety_rep": "chief_safety_rep"}.get(column, column)
    mandates = (
        [SimpleNamespace(mandate=1, role=role, group=group, party=5)]
        if column not in ("admin", "outsider", "anonymous", "adjuster")
        else []
    )
    return SimpleNamespace(
        is_authenticated=column != "anonymous",
        is_staff=column == "admin",
        held=mandates,
        serving={1},
        column=column,
        roles_in=lambda asked: {role} if mandates and asked == group else set(),
    )


def thing(letter: str, *, elected: bool = True, own: bool = True) -> SimpleNamespace:
    """Something of group 7 in this state."""
    offices = {"secretary", "chair", "adjuster"}
    return SimpleNamespace(
        group_id=7,
        letter=letter,
        elected=lambda user: {user.column} & offices if elected and user.roles_in(7) | ({"adjuster"} & {user.column}) else set(),
        is_own=lambda user, column: own,
    )


class TableTests(SimpleTestCase):
    def test_every_cell_is_answered_as_it_is_written(self):
        cases = 0
        for row in table().values():
            for column in COLUMNS:
                for letter in LETTERS:
                    for group in (7, 8):
                        cases += 1
                        user = asker(column, group=group)
                        mine = group == 7 or column in ("admin", "outsider", "anonymous", "adjuster")
                        cell = row.cells[column if mine else "outsider"]
                        expected = letter in cell.states and cell.suffix != "b"
                        allowed = decide(user, row.action, thing(letter)) is Verdict.ALLOWED
                        self.assertEqual(allowed, expected, (row.action, column, letter, group))
        self.assertGreaterEqual(cases, 20_000 if THOROUGH else 6_000)

    def test_a_wrong_state_is_told_apart_from_a_wrong_role(self):
        secretary, rep = asker("secretary", group=7), asker("union_rep", group=7)
        self.assertIs(decide(secretary, "edit_text", thing("S")), Verdict.WRONG_STATE)
        self.assertIs(decide(rep, "edit_text", thing("U")), Verdict.FORBIDDEN)

    def test_own_only_means_own(self):
        rep = asker("union_rep", group=7)
        for row in table().values():
            if row.cells["union_rep"].suffix == "e":
                for letter in LETTERS:
                    self.assertIs(decide(rep, row.action, thing(letter, own=False)), Verdict.FORBIDDEN, row.action)

    def test_a_substitute_who_is_not_serving_has_nothing_that_asks_for_it(self):
        idle = asker("substitute", group=7)
        idle.serving = set()
        for row in table().values():
            if row.cells["substitute"].suffix == "t":
                for letter in LETTERS:
                    self.assertIs(decide(idle, row.action, thing(letter)), Verdict.FORBIDDEN, row.action)

    def test_a_right_for_one_union_is_no_right_for_another_held_in_another_role(self):
        """Representative of one union and substitute, not serving, for another: only the first may be spoken for."""
        user = asker("union_rep", group=7)
        user.roles_in = lambda asked: {"union_rep", "substitute"} if asked == 7 else set()
        user.serving = set()
        motion = thing("K")
        motion.is_own = lambda user, column: column == "substitute"
        self.assertIs(decide(user, "file_motion", motion), Verdict.FORBIDDEN)

    def test_only_the_person_named_signs(self):
        for column, action in (("chair", "sign_as_chair"), ("secretary", "sign_as_secretary")):
            self.assertIs(decide(asker(column, group=7), action, thing("J", elected=False)), Verdict.FORBIDDEN)

    def test_the_number_of_allows_per_role_is_pinned(self):
        counted = Counter({column: 0 for column in COLUMNS})
        for row in table().values():
            for column in COLUMNS:
                counted[column] += len(row.cells[column].states) * (row.cells[column].suffix != "b")
        self.assertEqual(dict(counted), ALLOWED)

    def test_nobody_may_ever(self):
        for action in NEVER:
            for column in COLUMNS:
                self.assertEqual(table()[action].cells[column].states, frozenset(), (action, column))

    def test_a_system_administrator_never_reads_or_signs_a_protocol(self):
        for action in ("read_protocol", "sign_as_chair", "sign_as_adjuster", "sign_as_secretary", "read_own_draft", "edit_text"):
            for letter in LETTERS:
                self.assertIs(decide(asker("admin", group=7), action, thing(letter)), Verdict.FORBIDDEN, (action, letter))

    def test_nobody_gains_a_writing_right_when_the_text_is_frozen(self):
        """But for what only belongs to the approval itself, and what is written beside the text."""
        beside = {"enter_decision"}
        approval = {
            "withdraw",
            "refuse_change",
            "request_change",
            "sign_as_chair",
            "sign_as_adjuster",
            "sign_as_secretary",
            "seal",
            "remind",
        }
        for row in table().values():
            if row.how == "POST" and row.action not in approval | beside:
                for column in COLUMNS:
                    states = row.cells[column].states
                    self.assertFalse("J" in states and "U" not in states, (row.action, column))

    def test_a_cell_that_cannot_be_read_stops_the_start(self):
        with self.assertRaises(ValueError):
            permissions.read_cell("PX")


# Where the table and the life of a thing differ on purpose: verb → the letters in which only we ourselves may (nobody is asked).
ONLY_BY_THE_AGENDA = {
    "place": "P",  # what was left open comes with the agenda when the meeting is planned
    "postpone": "P",  # and leaves it with the rest when the meeting is called off
}


class LifeTests(SimpleTestCase):
    """ "Is it time" stands in the table of rights and in the table of moves: both say the same, or the difference has a name."""

    def letters(self, action: str) -> set[str]:
        """In which states anybody at all may, breaking the glass aside."""
        return set().union(*(cell.states for cell in table()[action].cells.values() if cell.suffix != "b"))

    def test_a_meeting_is_asked_for_the_same_states_by_the_table_and_by_its_life(self):
        shared = table().keys() & meetings.MOVES.keys()
        self.assertGreater(len(shared), 20)
        for verb in sorted(shared):
            with self.subTest(verb):
                lives = {meetings.LETTERS[meetings.State(state)] for state in meetings.MOVES[verb].sources}
                self.assertEqual(self.letters(verb), lives - set(ONLY_BY_THE_AGENDA.get(verb, "")))

    def test_a_motion_that_a_protocol_holds_is_changed_by_nobody(self):
        for verb in sorted((table().keys() & motions.MOVES.keys()) - meetings.MOVES.keys()):
            with self.subTest(verb):
                self.assertFalse(self.letters(verb) & set(motions.LOCKED))
                self.assertTrue(self.letters(verb))

    def test_every_verb_of_a_life_is_asked_of_the_table_or_has_a_reason(self):
        unasked = {
            "edit": "asked as arrange",
            "sign": "asked as sign_as_chair, sign_as_adjuster or sign_as_secretary",
            "adjust": "follows the last signature",
            "attach": "asked as draft_motion",
            "detach": "asked as draft_motion",
        }
        self.assertEqual((meetings.MOVES.keys() | motions.MOVES.keys()) - table().keys(), unasked.keys())

    def test_whatever_the_table_is_asked_about_answers_all_that_it_asks(self):
        for page in pages():
            for name in ("group_id", "letter", "elected", "is_own") if page.model else ():
                self.assertTrue(hasattr(page.model, name), f"{page.model.__name__} does not answer {name}")


class PageTests(SimpleTestCase):
    def test_every_page_names_its_row_of_the_table(self):
        unnamed = [page.name for page in pages() if not page.action]
        self.assertEqual(unnamed, [])

    def test_every_row_has_a_page_or_is_pending(self):
        asked = {page.action for page in pages()} - {OWN, PUBLIC}
        by_another_page = {
            # lists that start from visible_to, and parts of a page that the table decides about
            "see_meeting",
            "read_agenda",
            "read_own_draft",
            "read_motion",
            "read_frozen",
            "administer",
            "edit_template",
            "sign_as_chair",
            "sign_as_adjuster",
            "sign_as_secretary",
            "read_balance",
            "download",
            "verify",
            "keep_balance",
        }
        missing = set(table()) - asked - PENDING - set(NEVER) - by_another_page
        self.assertEqual(missing, set())
        self.assertEqual(PENDING & asked, set())


@tag("walk")
class WebTests(TestCase):
    """Every page × every role × every state × own or other group, as GET and as POST: 0 leaks."""

    maxDiff = None
    takes_long = True

    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = World().whole()
        cls.elsewhere = World().whole()

    def client_of(self, home: World, column: str) -> Client:
        """A client where this player has logged in, once for all questions."""
        if (home, column) not in self.clients:
            client, user = Client(), home.player(column)
            if user is not None:
                client.force_login(user)
                client.get(reverse("trust"))  # the session notes when it began
            self.clients[home, column] = client
        return self.clients[home, column]

    def visible(self, model, user) -> set[int]:
        """What the querysets let this person see of these: asked once, as no question leaves anything behind."""
        if (model, user) not in self.sights:
            self.sights[model, user] = set(model.objects.visible_to(user).values_list("pk", flat=True))
        return self.sights[model, user]

    def answer(self, method: str, url: str, client: Client) -> int:
        """The status, with everything that the request wrote taken back."""
        with transaction.atomic():
            response = getattr(client, method)(url)
            transaction.set_rollback(True)
        if response.status_code == 302 and "/konto/login" in response.headers["Location"]:
            return 401
        return response.status_code

    def test_lists_answer_as_the_table_says(self):
        """`scope` asks the database what `decide` asks of one row."""
        asked = {
            "see_meeting": (Meeting, Meeting.objects.visible_to),
            "read_protocol": (Meeting, Meeting.objects.readable_by),
            "read_balance": (BalanceItem, BalanceItem.objects.visible_to),
            "read_motion": (Motion, lambda user: Motion.objects.visible_to(user).filed()),
        }
        users = [home.player(column) for column in COLUMNS for home in (self.world, self.elsewhere)]
        for action, (model, query) in asked.items():
            answers = set()
            for user in filter(None, users):
                allowed = set(query(user).values_list("pk", flat=True))
                for thing in model.objects.all():
                    answer = may(user, action, thing)
                    self.assertEqual(answer, thing.pk in allowed, f"{action}: {user} and {thing}")
                    answers.add(answer)
            self.assertEqual(answers, {True, False}, action)

    def test_the_web_answers_as_the_table_says(self):
        self.clients: dict[tuple[World, str], Client] = {}
        self.sights: dict[tuple[type, User], set[int]] = {}
        cases, wrong = 0, []
        turn = cycle(range(OTHERS))
        for page in pages():
            if page.action in (OWN, PUBLIC) or page.model is None:
                continue
            closed: set[str] = set()  # the methods that this page does not take at all: one answer says so
            for place, state in enumerate(STATES):
                thing = self.world.things[state].get(page.model)
                if thing is None:
                    continue
                try:
                    url = reverse(page.name, args=[thing.pk])
                except NoReverseMatch:
                    continue
                asked = next(turn)
                for n, column in enumerate(COLUMNS):
                    for home in (self.world, self.elsewhere):
                        if not THOROUGH and ((n + place) % 3 if home is self.world else n % OTHERS != asked):
                            continue  # they take turns
                        user = home.player(column)
                        verdict = self.expected(page, thing, column, own=home is self.world)
                        seen = user is not None and thing.pk in self.visible(page.model, user)
                        # From another group a POST tells what a GET would: both start from what may be seen.
                        for method in ("get", "post") if home is self.world else ("post",):
                            if method in closed and not THOROUGH:
                                continue
                            cases += 1
                            status = self.answer(method, url, self.client_of(home, column))
                            if status == HTTPStatus.METHOD_NOT_ALLOWED:
                                closed.add(method)
                            if not self.right(verdict, status, user, seen, STRICTER.get(page.name, (0, ""))[0]):
                                wrong.append((page.name, state, column, home is self.world, method, verdict, seen, status))
        told = Counter((name, column, method, verdict, status) for name, _, column, _, method, verdict, _, status in wrong)
        self.assertEqual(sorted(told.items()), [])
        self.assertGreaterEqual(cases, 20_000 if THOROUGH else 6_000)

    def expected(self, page, thing, column: str, *, own: bool) -> str:
        """What the written table says, without asking the code that reads it."""
        columns = {column}
        person = self.world.user(column)
        if own and person is not None and hasattr(thing, "elected"):
            columns |= thing.elected(person)
        if own and column == "adjuster":
            columns |= {"union_rep"}  # our adjuster is also a union representative
            if not (hasattr(thing, "elected") and "adjuster" in thing.elected(person)):
                columns -= {"adjuster"}
        if not own and column not in ("admin", "anonymous"):
            columns = {"outsider"}
        right_role = False
        for name in columns:
            cell = table()[page.action].cells[name]
            if not cell.states or cell.suffix == "b":
                continue
            mine = not hasattr(thing, "is_own") or thing.is_own(person)
            if cell.suffix in ("e", "t") and not mine:
                continue
            if cell.suffix == "o" and not (hasattr(thing, "elected") and name in thing.elected(person)):
                continue
            right_role = True
            if thing.letter is None or thing.letter in cell.states:
                return "allowed"
        return "wrong state" if right_role else "forbidden"

    def right(self, verdict: str, status: int, user, seen: bool, stricter: int) -> bool:
        """Whether the status fits the verdict: nothing but refusals where the table does not allow."""
        if user is None:
            return status in (401, 405)
        if not seen:
            return status in (404, 405)
        if status == 405:
            return True
        if verdict == "forbidden":
            return status == 403
        if verdict == "wrong state":
            return status == 409
        return status == stricter or (status not in (401, 403, 404) and status < 500)
