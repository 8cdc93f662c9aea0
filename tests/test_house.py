"""The house: rooms look only downwards, and inside a room files look only downwards too."""

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from django.test import SimpleTestCase

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ["record", "people", "motions", "meetings", "protocol", "fvg"]
# Inside a room: a file may import those that stand before it, and its own floor.
FLOORS = ["permissions", "states", "models", "guards", "actions", "forms", "admin", "views", "urls"]


def imports(path: Path, *, at_once: bool = False) -> set[str]:
    """The modules that a file imports, also inside its functions; `at_once`: only when it is loaded."""
    tree, found = ast.parse(path.read_text(encoding="utf-8")), set()
    here = module_of(path).split(".") if path.name == "__init__.py" else module_of(path).split(".")[:-1]
    for node in tree.body if at_once else ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = here[: len(here) - node.level + 1] if node.level else []
            name = ".".join([*above, *([node.module] if node.module else [])])
            found |= {name} | {f"{name}.{alias.name}" for alias in node.names}
    return found


def module_of(path: Path) -> str:
    """`meetings/models/desk.py` → `meetings.models.desk`; a package is called as its folder."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def files(room: str) -> list[Path]:
    return [path for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts]


class RoomTests(SimpleTestCase):
    def test_no_room_looks_up(self):
        for place, room in enumerate(ROOMS):
            above = ROOMS[place + 1 :]
            for path in files(room):
                for name in imports(path):
                    self.assertNotIn(name.split(".")[0], above, f"{path.relative_to(ROOT)} looks up: it imports {name}")

    def test_no_file_looks_up_inside_its_room(self):
        for room in ROOMS:
            for path in files(room):
                here = self.floor(path.relative_to(ROOT / room))
                for name in imports(path):
                    parts = name.split(".")
                    if here is None or parts[0] != room or len(parts) < 2 or parts[1] not in FLOORS:
                        continue
                    self.assertLessEqual(
                        FLOORS.index(parts[1]), here, f"{path.relative_to(ROOT)} looks up inside its room: it imports {name}"
                    )

    def test_no_files_of_a_room_need_each_other(self):
        """Whatever they are called, there is an order to read them in."""
        for room in ROOMS:
            modules = {module_of(path): path for path in files(room)}
            needs = {name: (imports(path, at_once=True) & modules.keys()) - {name} for name, path in modules.items()}
            try:
                TopologicalSorter(needs).prepare()
            except CycleError as error:
                self.fail(f"{room}: " + " → ".join(error.args[1]))

    def floor(self, path: Path) -> int | None:
        name = path.parts[0].removesuffix(".py")
        return FLOORS.index(name) if name in FLOORS else None

    def test_a_file_opens_with_what_it_is_for(self):
        for room in ROOMS:
            for path in files(room):
                source = path.read_text(encoding="utf-8")
                if source.strip():
                    self.assertTrue(ast.get_docstring(ast.parse(source)), f"{path.relative_to(ROOT)} does not say what it is for")

    def test_only_the_text_room_marks_markup_as_safe(self):
        for room in ROOMS:
            for path in files(room):
                if (ROOT / "record" / "text") not in path.parents:
                    self.assertNotIn("mark_safe", path.read_text(encoding="utf-8"), path.relative_to(ROOT))
        for path in (ROOT / "templates").rglob("*.html"):
            source = path.read_text(encoding="utf-8")
            self.assertNotRegex(source, r"\|\s*safe\b|autoescape off", path.relative_to(ROOT))

    def test_no_page_has_script_or_style_of_its_own(self):
        for path in (ROOT / "templates").rglob("*.html"):
            source = path.read_text(encoding="utf-8")
            if path.name == "document.html":
                continue  # the printed file carries its sheet; on screen only the body fragment is used
            self.assertNotRegex(source, r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", path.relative_to(ROOT))
            self.assertNotRegex(source, r"<style\b|\sstyle=|\son[a-z]+=", path.relative_to(ROOT))

    def test_no_signals_for_control_flow(self):
        for room in ROOMS:
            for path in files(room):
                source = path.read_text(encoding="utf-8")
                if path != ROOT / "record" / "apps.py":
                    self.assertIsNone(re.search(r"@receiver|post_save|pre_save\.connect", source), path.relative_to(ROOT))

    def test_a_template_is_read_in_one_go(self):
        for path in (ROOT / "templates").rglob("*.html"):
            lines = len(path.read_text(encoding="utf-8").splitlines())
            self.assertLessEqual(lines, 220, f"{path.relative_to(ROOT)} has {lines} lines; split it by purpose")

    def test_a_file_is_read_in_one_go(self):
        for room in ROOMS:
            for path in files(room):
                lines = len(path.read_text(encoding="utf-8").splitlines())
                self.assertLessEqual(lines, 800, f"{path.relative_to(ROOT)} has {lines} lines; split it by purpose")
