"""The table of what is written in a motion is whole, and everything that shows a motion reads it."""

from django.test import SimpleTestCase

from motions import written
from motions.forms.writing import ChangeMotionForm, MotionForm
from motions.kinds import Kind
from motions.models import Motion

# Set when a draft is begun, never written in a form.
GIVEN = {"group", "party", "author"}
# The file is chosen on a page of its own, and what it holds is told there.
OF_FILE = {"description"}


class TableTests(SimpleTestCase):
    def test_every_column_that_can_be_written_is_in_it(self) -> None:
        editable = {field.name for field in Motion._meta.concrete_fields if field.editable and not field.primary_key}
        self.assertEqual(editable - GIVEN - OF_FILE, set(written.NAMES))

    def test_the_forms_ask_for_all_of_it_and_nothing_else(self) -> None:
        self.assertEqual(tuple(MotionForm.base_fields), written.NAMES)
        self.assertEqual(set(ChangeMotionForm.base_fields) - {"why"}, set(written.NAMES))
        self.assertEqual({name: field.label for name, field in MotionForm.base_fields.items()}, written.LABELS)

    def test_what_is_printed_is_closed(self) -> None:
        """What a protocol has printed is not changed under it."""
        self.assertEqual(set(written.PRINTED) - set(written.CLOSED), set())

    def test_what_is_printed_is_prose_or_stands_in_the_heading(self) -> None:
        """A column that only says that it is printed would be printed nowhere."""
        prose = {column.name for column in written.WRITTEN if column.prose}
        self.assertEqual(set(written.PRINTED) - prose, {"kind", "title"})

    def test_what_is_closed_is_a_column(self) -> None:
        columns = {field.column for field in Motion._meta.concrete_fields}
        self.assertEqual(set(written.CLOSED) - columns, set())
        self.assertEqual(len(set(written.CLOSED)), len(written.CLOSED))

    def test_what_is_closed_is_told_by_the_log(self) -> None:
        """Who may write rows but not change the log cannot make a filed motion another."""
        otherwise = {"file", "sha256", "filed_at", "state", "withdrawn_at"}  # by the file's checksum, and by its events
        self.assertEqual({*written.CLOSED, *written.NAMES} - otherwise, set(written.TOLD))

    def test_what_a_kind_does_not_have_is_emptied(self) -> None:
        emptied = {kind: written.not_of(kind) for kind in Kind}
        self.assertEqual(emptied[Kind.MOTION], {"due_on": None, "to_board": False})
        self.assertEqual(emptied[Kind.QUESTION], {"wanted_on": None, "to_board": False})
        self.assertEqual(emptied[Kind.OPINION], {"due_on": None})

    def test_the_texts_and_the_facts_stand_as_before(self) -> None:
        motion = Motion(kind=Kind.OPINION, title="Buller", matter="Punkt 7", to_board=True, background="Det bullrar.")
        self.assertEqual(written.prose(motion), "Det bullrar.")
        self.assertEqual(written.facts(motion), [("Ärende", "Punkt 7"), ("Nämnden", "Ska skickas med till nämnden")])
        told = ["Slag: särskilt yttrande", "Rubrik: Buller", "Ärende: Punkt 7", "Ska till nämnden: ja", "Det bullrar."]
        self.assertEqual(written.as_lines(written.values(motion)), told)
        self.assertEqual(written.changed(Motion(kind=Kind.OPINION), motion), ["rubrik", "ärende", "till nämnden", "text"])
