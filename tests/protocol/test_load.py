"""Loading and exporting: the same content gives the same meeting, and every value comes back."""

import json
import tempfile
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from meetings.models import Meeting
from people.models import Group, Person, User
from protocol import document, shown
from protocol import format as form
from protocol.legacy.load import load
from record.history import remember
from tests import factories as make
from tests.samples import invented, sample


def load_file(data: dict | bytes, *options: str) -> dict:
    """Run the command on a file with this content and return what --json printed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "protokoll.json"
        path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
        out = StringIO()
        call_command("load_protocol", str(path), "--json", *options, stdout=out)
    return json.loads(out.getvalue())


class LoadTests(TestCase):
    def setUp(self) -> None:
        self.data = form.write(form.read(invented()))

    def test_every_value_comes_back(self):
        meeting = Meeting.objects.get(pk=load_file(self.data)["meeting"])
        self.assertEqual(json.loads(shown.export(meeting, "json")), self.data)

    def test_the_sample_comes_back_whole(self):
        data = json.loads(sample("gold/000.protocol.json").read_bytes())
        meeting = Meeting.objects.get(pk=load_file(data)["meeting"])
        self.assertEqual(json.loads(shown.export(meeting, "json")), data)
        self.assertEqual([paragraph.number for paragraph in shown.show(meeting).protocol.paragraphs], list(range(1, 18)))

    def test_the_sample_with_empty_paragraphs_dropped_is_numbered_anew(self):
        data = json.loads(sample("gold/000.protocol.json").read_bytes())
        meeting = Meeting.objects.get(pk=load_file(data)["meeting"])
        group = meeting.group
        group.empty_paragraphs = Group.Empty.DROP
        remember(group, by=None, verb="test")
        found = [(one.number, one.heading) for one in document.build(Meeting.objects.whole().get(pk=meeting.pk)).paragraphs]
        kept = [one["heading"] for one in data["paragraphs"] if one["text"] or one["topics"] or one["matters"]]
        self.assertEqual(found, list(enumerate(kept, start=1)))

    def test_the_same_content_twice_is_the_same_meeting(self):
        first = load_file(self.data)
        before = (Person.objects.count(), Meeting.objects.count())
        self.assertEqual(load_file(self.data), first)
        self.assertEqual((Person.objects.count(), Meeting.objects.count()), before)

    def test_other_content_for_the_same_day_is_refused_and_nothing_is_written(self):
        load_file(self.data)
        before = (Person.objects.count(), Meeting.objects.count(), Group.objects.count())
        with self.assertRaises(CommandError) as caught:
            load_file(self.data | {"place": "En annan plats"})
        self.assertEqual(caught.exception.returncode, 3)
        self.assertEqual((Person.objects.count(), Meeting.objects.count(), Group.objects.count()), before)

    def test_a_file_that_breaks_the_format_says_where_in_one_line(self):
        broken = json.loads(json.dumps(self.data))
        broken["paragraphs"][0]["number"] = "ett"
        for data, where in ((broken, "paragraphs[0].number"), (b"{", "not JSON"), (b"\xff", "UTF-8"), (b"[]", "not an object")):
            with self.subTest(where=where), self.assertRaises(CommandError) as caught:
                load_file(data)
            self.assertEqual(caught.exception.returncode, 2)
            self.assertIn(where, str(caught.exception))
            self.assertEqual(len(str(caught.exception).splitlines()), 1)
        self.assertEqual(Meeting.objects.count(), 0)

    def test_what_the_register_cannot_hold_is_told_in_one_line_too(self):
        changes = {
            "ends": {"ends": self.data["starts"]},
            "adjusters": {"adjusters": [self.data["adjusters"][0]] * 2},
            "meeting.place": {"place": "x" * 400},
            "body.organisation": {"body": self.data["body"] | {"organisation": "x" * 200}},
        }
        for where, change in changes.items():
            with self.subTest(where=where), self.assertRaises(CommandError) as caught:
                load_file(self.data | change)
            self.assertEqual(caught.exception.returncode, 2)
            self.assertIn(where, str(caught.exception))
        self.assertEqual((Meeting.objects.count(), Person.objects.count()), (0, 0))

    def test_a_missing_file_is_told(self):
        with self.assertRaises(CommandError) as caught:
            call_command("load_protocol", "/finns/inte.json")
        self.assertEqual(caught.exception.returncode, 2)

    def test_a_dry_run_leaves_nothing(self):
        self.assertEqual(load_file(self.data, "--dry-run"), {"meeting": None})
        self.assertEqual((Meeting.objects.count(), Group.objects.count(), Person.objects.count()), (0, 0, 0))

    def test_nobody_gets_a_log_in(self):
        load_file(self.data)
        self.assertEqual(User.objects.count(), 0)

    def test_it_can_be_loaded_for_approval(self):
        meeting = Meeting.objects.get(pk=load_file(self.data, "--state", "approval")["meeting"])
        version = meeting.versions.get()
        self.assertEqual((meeting.state, version.n), ("approval", 1))
        exported = json.loads(shown.export(meeting, "json"))
        self.assertEqual(exported, self.data | {"adjusted_on": None})

    def test_persons_known_to_the_group_are_found_again(self):
        meeting = load(form.read(self.data))
        later = load(form.read(self.data | {"date": "2027-03-04", "adjustment_day": None, "adjusted_on": None}))
        people = set(meeting.attendances.values_list("person", flat=True))
        self.assertEqual(set(later.attendances.values_list("person", flat=True)), people)


class ExportTests(TestCase):
    def test_each_format_is_written_to_the_file(self):
        meeting = load(form.read(invented()))
        for kind, start in (("json", b"{"), ("txt", b"Protokoll"), ("html", b"<!DOCTYPE html>"), ("pdf", b"%PDF-")):
            with self.subTest(kind=kind), tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "ut"
                call_command("export_protocol", str(meeting.pk), "--format", kind, "-o", str(path))
                self.assertTrue(path.read_bytes().lstrip().startswith(start), path.read_bytes()[:40])

    def test_a_meeting_that_is_not_there_is_told(self):
        with self.assertRaises(CommandError):
            call_command("export_protocol", "404", "--format", "json")

    def test_a_file_that_cannot_be_written_is_told(self):
        meeting = load(form.read(invented()))
        with self.assertRaises(CommandError):
            call_command("export_protocol", str(meeting.pk), "--format", "json", "-o", "/finns/inte/ut.json")

    def test_the_document_takes_the_same_questions_for_one_item_and_for_thirty(self):
        counts = []
        for items in (1, 30):
            meeting = make.make_meeting(make.make_group(f"SVG {items}", kind="svg"))
            for number in range(items):
                make.make_item(make.make_paragraph(meeting), f"Ämne {number}")
            with CaptureQueriesContext(connection) as asked:
                document.build(Meeting.objects.whole().get(pk=meeting.pk))
            counts.append(len(asked))
        self.assertEqual(counts[0], counts[1])
