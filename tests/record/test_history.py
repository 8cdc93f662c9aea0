"""The history: verb and origin are columns on every table, and whoever asks for a verb asks by the name that its writer uses."""

import ast
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from django.apps import apps
from django.test import SimpleTestCase, TestCase

import meetings.states
import motions.states
from record.history import Remembered
from tests.meetings import test_attendance_moves, test_carry, test_coming_back, test_desk, test_planning_views
from tests.motions import test_assign, test_change, test_letters
from tests.test_house import ROOMS, ROOT, files

STATES = {"motions": motions.states, "meetings": meetings.states}
# The reason is somebody's own words: kept and put together in the one, shown beside what was done by the other.
SHOW_THE_REASON = {"record/history.py", "motions/versions.py"}


def verbs(room: str) -> dict[str, str]:
    """`CALL` → `call`: the verbs of the room that are asked for."""
    return {name: value for name, value in vars(STATES[room].Verb).items() if name.isupper()} if room in STATES else {}


class TableTests(SimpleTestCase):
    def test_every_history_has_the_columns_and_no_model_has_one_of_the_same_name(self):
        """The library lets a model's own column take the place of ours without a word."""
        found = [model for model in apps.get_models() if hasattr(model, "history")]
        self.assertGreater(len(found), 35)
        for model in found:
            self.assertTrue(issubclass(model.history.model, Remembered), model)
            for field in model._meta.get_fields():
                self.assertFalse(field.name.startswith("history_"), f"{model.__name__}.{field.name}")


# Every verb that is asked for is renamed: what asks for it finds it all the same.


class Renamed(TestCase):
    """Runs the tests of another class with other verbs."""

    @classmethod
    def setUpClass(cls) -> None:
        with ExitStack() as stack:
            for room, states in STATES.items():
                other = {name: f"{value}_renamed" for name, value in verbs(room).items()}
                moves = {other[name]: states.MOVES[value] for name, value in verbs(room).items() if value in states.MOVES}
                stack.enter_context(patch.multiple(states.Verb, **other))
                stack.enter_context(patch.dict(states.MOVES, moves))
            cls.addClassCleanup(stack.pop_all().close)
        super().setUpClass()


class RenamedUndoTests(Renamed, test_attendance_moves.UndoTests):
    """attend, undo, broken, retime."""


class RenamedInterruptionTests(Renamed, test_attendance_moves.InterruptionTests):
    """attend, broken, went."""


class RenamedTabledTests(Renamed, test_carry.TabledTests):
    """carry, with the origin."""


class RenamedVersionsTests(Renamed, test_desk.VersionsTests):
    """edit_text, restore."""


class RenamedCallTests(Renamed, test_planning_views.EditViewTests):
    """call."""


class RenamedChangeTests(Renamed, test_change.VersionTests):
    """change_motion."""


class RenamedLapseTests(Renamed, test_letters.LetterTests):
    """change_motion, with an answer that fell away."""


class RenamedPutOffTests(Renamed, test_coming_back.PutOffTests):
    """postpone."""


class RenamedMovedMeetingTests(Renamed, test_coming_back.MovedMeetingTests):
    """follow_meeting."""


class RenamedAssignTests(Renamed, test_assign.AssignTests):
    """assign."""


# What no test of a page would show: a word that is written out where a name belongs.


class Said(NamedTuple):
    """A verb in the source: who writes it or asks for it, and with a name or in a word of its own."""

    asked: bool
    name: str
    word: str
    line: int


def said(node: ast.expr, *, asked: bool) -> Iterator[Said]:
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and ast.unparse(part.value) in ("Verb", "states.Verb"):
            yield Said(asked, part.attr, "", part.lineno)
        elif isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value:
            yield Said(asked, "", part.value, part.lineno)


def verbs_in(path: Path) -> Iterator[Said]:
    """Every verb that the file asks the history for or writes into it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            others = [side for side in sides if not (isinstance(side, ast.Attribute) and side.attr == "history_verb")]
            for side in others if len(others) < len(sides) else ():
                yield from said(side, asked=True)
        elif isinstance(node, ast.Call):
            for keyword in node.keywords:
                if (keyword.arg or "").startswith("history_verb"):
                    yield from said(keyword.value, asked=True)
                elif keyword.arg == "verb":
                    yield from said(keyword.value, asked=False)
            if isinstance(node.func, ast.Name) and node.func.id == "moving":
                yield from said(node.args[1], asked=False)


class SourceTests(SimpleTestCase):
    def test_whoever_asks_for_a_verb_says_its_name(self):
        for room in ROOMS:
            for path in files(room):
                for one in verbs_in(path):
                    where = f"{path.relative_to(ROOT)}:{one.line}"
                    if one.asked:
                        self.assertFalse(one.word, f"{where} asks the history for “{one.word}”; name it in Verb")
                    else:
                        self.assertNotIn(one.word, verbs(room).values(), f"{where} writes a verb that has a name in Verb")

    def test_every_name_is_written_by_somebody_and_asked_for_by_somebody(self):
        found = [one for room in ROOMS for path in files(room) for one in verbs_in(path)]
        for room in STATES:
            for asked in (True, False):
                self.assertLessEqual(set(verbs(room)), {one.name for one in found if one.asked is asked}, (room, asked))

    def test_the_reason_is_for_people_only(self):
        places = [path for room in ROOMS for path in files(room)] + list((ROOT / "templates").rglob("*.html"))
        reading = {str(path.relative_to(ROOT)) for path in places if "change_reason" in path.read_text(encoding="utf-8")}
        self.assertEqual(reading, SHOW_THE_REASON)
