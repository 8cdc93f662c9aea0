"""The house: rooms look only downwards, and inside a room files look only downwards too."""

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from django.test import SimpleTestCase

from record.templatetags.editor import OWN

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ["record", "people", "motions", "meetings", "protocol", "fvg"]
# Inside a room: the ground first. A file or folder may import what stands on its own floor and on those before it.
FLOORS = {
    "record": [
        [
            "swedish",
            "text",
            "pages",
            "searching",
            "tables",
            "limited",
            "looking",
            "storage",
            "tracing",
        ],  # words and pages, no database
        ["models", "history"],
        ["guards", "constraints", "surroundings"],
        ["chain", "moves", "beats", "turns"],  # a change, and the log of it; what runs by itself
        ["verifying", "checks"],
        ["forms", "uploads"],
        ["fields"],
        ["apps", "templatetags", "management"],
    ],
    "people": [
        ["hashing", "permissions", "resend", "admin_site"],
        ["models", "guards"],
        ["access", "allauth", "invitations", "letters", "registry", "speaking"],  # who may, and whom it is told to
        ["mail", "templatetags"],
        ["forms", "context", "middleware"],
        ["proof"],
        ["actions", "recognising"],
        ["confirming"],
        ["inviting", "admin_held"],
        ["accounts", "admin", "views", "apps"],
        ["urls", "account_urls", "management"],
    ],
    "motions": [
        ["states", "kinds", "spoken", "written"],
        ["models", "guards"],
        ["days", "finding", "followed", "matrix", "occasions", "sheet", "statistics", "versions", "apps"],  # questions
        ["letters"],
        ["actions"],
        ["reminders", "story"],
        ["forms", "admin"],
        ["views"],
        ["urls"],
    ],
    "meetings": [
        ["states", "language"],
        ["models", "guards"],
        ["standard", "reading"],
        ["letters", "apps"],
        ["actions"],
        ["reminders"],
        ["forms"],
        ["views", "admin"],
        ["urls"],
    ],
    "protocol": [
        ["format", "spoken"],
        ["models", "guards", "canonical"],
        ["search", "pictures", "document"],  # from rows to the document
        ["parts", "printed"],  # from the document to what stands on the page
        ["pdfua", "pdfcheck", "compare", "drawing", "pdf", "exports"],
        ["letters", "evidence", "reminders", "shown", "board"],
        ["sealing", "drawings"],
        ["actions", "legacy"],
        ["forms", "admin", "apps", "logged", "unchanged", "checks", "middleware"],
        ["views", "management"],
        ["urls"],
    ],
    "fvg": [
        ["environment", "settings", "waiting", "watching", "demo", "deploying"],
        ["views", "apps", "wsgi", "management", "templatetags", "middleware"],
        ["urls"],
    ],
}


def imports(path: Path, *, at_once: bool = False) -> set[str]:
    """The modules that a file imports, also inside its functions; `at_once`: only when it is loaded."""
    tree, names = ast.parse(path.read_text(encoding="utf-8")), set()
    here = module_of(path).split(".") if path.name == "__init__.py" else module_of(path).split(".")[:-1]
    for node in tree.body if at_once else ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = here[: len(here) - node.level + 1] if node.level else []
            name = ".".join([*above, *([node.module] if node.module else [])])
            names |= {name} | {f"{name}.{alias.name}" for alias in node.names}
    return names


def module_of(path: Path) -> str:
    """`meetings/models/desk.py` → `meetings.models.desk`; a package is called as its folder."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def files(room: str) -> list[Path]:
    return [path for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts]


def floor_of(module: str) -> int | None:
    """`meetings.actions.agenda` → the number of the floor on which `actions` stands in `meetings`; None for what has none."""
    room, *inside = module.split(".")
    return next((number for number, names in enumerate(FLOORS.get(room, ())) if inside and inside[0] in names), None)


# Modules with words of their own, which are also words of the house: nobody outside takes one of them out of its module.
WITH_WORDS_OF_THEIR_OWN = {
    "protocol.format": "protocol.format",  # the interchange format has paragraphs, motions and claims too: form.Paragraph
    "record.text.blocks": "record.text",  # so has a text: blocks.Paragraph
}
# Classes that may be called alike: each is one of its kind in its room, and is said with it.
NAMED_ALIKE = {
    "Command",  # Django finds a command by it
    "State",  # meetings.states, motions.states
    "Verb",  # the same
}


class RoomTests(SimpleTestCase):
    def test_no_room_looks_up(self):
        for place, room in enumerate(ROOMS):
            above = ROOMS[place + 1 :]
            for path in files(room):
                for name in imports(path):
                    self.assertNotIn(name.split(".")[0], above, f"{path.relative_to(ROOT)} looks up: it imports {name}")

    def test_every_file_has_a_floor(self):
        for room in ROOMS:
            for path in files(room):
                if path != ROOT / room / "__init__.py":
                    self.assertIsNotNone(
                        floor_of(module_of(path)),
                        f"{path.relative_to(ROOT)} has no floor; say in FLOORS what it may look down on, and who on it",
                    )
            for name in [name for floor in FLOORS[room] for name in floor]:
                there = (ROOT / room / name).is_dir() or (ROOT / room / f"{name}.py").exists()
                self.assertTrue(there, f"FLOORS names {room}/{name}, which is not there")

    def test_no_file_looks_up_inside_its_room(self):
        for room in ROOMS:
            for path in files(room):
                here = floor_of(module_of(path))
                for name in imports(path):
                    there = floor_of(name) if name.split(".")[0] == room else None
                    if here is not None and there is not None:
                        self.assertLessEqual(there, here, f"{path.relative_to(ROOT)} looks up inside its room: it imports {name}")

    def test_no_files_of_a_room_need_each_other(self):
        """Whatever they are called, there is an order to read them in."""
        for room in ROOMS:
            modules = {module_of(path): path for path in files(room)}
            needs = {name: (imports(path, at_once=True) & modules.keys()) - {name} for name, path in modules.items()}
            try:
                TopologicalSorter(needs).prepare()
            except CycleError as error:
                self.fail(f"{room}: " + " → ".join(error.args[1]))

    def test_no_view_needs_another_view(self):
        """What views share stands below them: in `reading`, or in `common` (`common_desk`)."""
        for room in ROOMS:
            for path in files(room):
                if f"{room}.views." in module_of(path):
                    for name in imports(path):
                        if name.startswith(f"{room}.views.") and name != module_of(path):
                            self.assertTrue(
                                name.split(".")[2].startswith("common"),
                                f"{path.relative_to(ROOT)} imports {name}; put what they share in {room}/views/common.py",
                            )

    def test_views_tell_a_form_what_was_refused_in_one_way(self):
        """Each handler of its own that is left says why beside it."""
        for room in ROOMS:
            for path in files(room):
                if ".views" in module_of(path):
                    for line in path.read_text(encoding="utf-8").splitlines():
                        own = re.search(r"except\b.*\b(Stale|Refused|ValidationError)\b", line)
                        self.assertFalse(
                            own and "  # " not in line, f"{path.relative_to(ROOT)}: use record.forms.told: {line.strip()}"
                        )

    def test_one_name_is_one_class(self):
        """One grep finds one thing."""
        where: dict[str, list[str]] = {}
        for room in ROOMS:
            for path in files(room):
                if module_of(path) not in WITH_WORDS_OF_THEIR_OWN:
                    for node in ast.parse(path.read_text(encoding="utf-8")).body:
                        if isinstance(node, ast.ClassDef):
                            where.setdefault(node.name, []).append(str(path.relative_to(ROOT)))
        for name, paths in where.items():
            if name not in NAMED_ALIKE:
                self.assertEqual(len(paths), 1, f"{name} is the name of a class in {', '.join(paths)}")

    def test_words_of_their_own_are_said_with_their_module(self):
        house = {
            node.name
            for room in ROOMS
            for path in files(room)
            if module_of(path) not in WITH_WORDS_OF_THEIR_OWN
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.ClassDef)
        }
        for module, door in WITH_WORDS_OF_THEIR_OWN.items():
            source = (ROOT / (module.replace(".", "/") + ".py")).read_text(encoding="utf-8")
            own = {node.name for node in ast.parse(source).body if isinstance(node, ast.ClassDef)} & house
            taken = {f"{place}.{name}" for place in {module, door} for name in own}
            for room in ROOMS:
                for path in files(room):
                    if not module_of(path).startswith(door):
                        self.assertFalse(
                            imports(path) & taken, f"{path.relative_to(ROOT)} takes {imports(path) & taken} out of {door}"
                        )

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

    def test_what_other_packages_keep_for_themselves_has_one_door(self):
        doors = {
            r"^allauth\..*\binternal\b": {"people/allauth.py"},
            r"^(weasyprint|pydyf)\b": {"protocol/drawing.py", "protocol/pdfua.py"},
        }
        for room in ROOMS:
            for path in files(room):
                for name in imports(path):
                    for pattern, allowed in doors.items():
                        if re.search(pattern, name):
                            self.assertIn(str(path.relative_to(ROOT)), allowed, f"{path.relative_to(ROOT)} imports {name}")

    def test_no_signals_for_control_flow(self):
        for room in ROOMS:
            for path in files(room):
                source = path.read_text(encoding="utf-8")
                if path != ROOT / "record" / "apps.py":
                    self.assertIsNone(re.search(r"@receiver|post_save|pre_save\.connect", source), path.relative_to(ROOT))

    def test_no_line_of_a_template_is_wider_than_a_screen(self):
        for path in (ROOT / "templates").rglob("*.html"):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                self.assertLessEqual(len(line), 120, f"{path.relative_to(ROOT)}:{number} has {len(line)} columns")

    def test_a_template_is_read_in_one_go(self):
        for path in (ROOT / "templates").rglob("*.html"):
            lines = len(path.read_text(encoding="utf-8").splitlines())
            self.assertLessEqual(lines, 220, f"{path.relative_to(ROOT)} has {lines} lines; split it by purpose")

    def test_a_file_is_read_in_one_go(self):
        for room in ROOMS:
            for path in files(room):
                lines = len(path.read_text(encoding="utf-8").splitlines())
                self.assertLessEqual(lines, 800, f"{path.relative_to(ROOT)} has {lines} lines; split it by purpose")


class ScriptTests(SimpleTestCase):
    scripts = sorted((ROOT / "static" / "js").rglob("*.js"))

    def test_the_import_map_has_every_module_that_is_imported_by_name(self):
        """Without its line there a module is found neither under its hashed address nor under any other."""
        sources = [path.read_text(encoding="utf-8") for path in self.scripts]
        imported = {name for source in sources for name in re.findall(r'^(?:import|export|\}).*"fvg/([\w/]+)";$', source, re.M)}
        self.assertEqual(sorted(OWN), sorted(imported))
        for name in OWN:
            self.assertTrue((ROOT / "static" / "js" / f"{name}.js").is_file(), f"there is no static/js/{name}.js")

    def test_a_module_is_imported_by_its_name_alone(self):
        """What is imported by path has no hash, and is another module than the one with the name."""
        for path in self.scripts:
            found = re.findall(r"""^(?:import|export|\}).*["']([./][^"']*)["'];$""", path.read_text(encoding="utf-8"), re.M)
            self.assertEqual(found, [], path.relative_to(ROOT))

    def test_a_script_opens_with_what_it_is_for(self):
        for path in self.scripts:
            self.assertRegex(path.read_text(encoding="utf-8"), r"\A// \S", path.relative_to(ROOT))
