"""The interchange format reads what it promises, writes it back unchanged, and says where a file breaks it."""

import json
from dataclasses import FrozenInstanceError, replace

from django.test import SimpleTestCase
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol import format as form
from tests.samples import invented, sample


def complaint(data: object) -> str:
    """The one line that `read` gives for this document."""
    try:
        form.read(data)
    except form.FormatError as error:
        return str(error)
    return ""


def at(data: dict, path: str, value: object) -> dict:
    """The document with another value at `paragraphs.0.number`; the value `...` takes the key away."""
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    here = data
    for step in way:
        here = here[step]
    if value is ...:
        del here[last]
    else:
        here[last] = value
    return data


class ReadTests(SimpleTestCase):
    def test_the_sample_comes_back_with_every_value(self):
        source = sample("gold/000.protocol.json").read_bytes()
        self.assertEqual(form.write(form.loads(source)), json.loads(source))

    def test_an_invented_protocol_comes_back_with_every_value(self):
        self.assertEqual(form.write(form.read(invented())), invented())

    def test_a_protocol_cannot_be_changed(self):
        protocol = form.read(invented())
        with self.assertRaises(FrozenInstanceError):
            protocol.chair = "Någon annan"
        self.assertEqual(type(protocol.paragraphs), tuple)

    def test_a_key_that_may_be_unknown_may_be_left_out_and_is_written_as_null(self):
        protocol = form.read(at(invented(), "attendees.0.channel", ...))
        self.assertEqual(form.write(protocol), invented())

    def test_interruptions_and_partial_presence_are_read(self):
        data = at(invented(), "attendees.1.absences", [{"from": "09:58", "to": "10:10", "paragraph": 4, "reason": "brus"}])
        at(data, "attendees.2.presence", {"paragraphs": [1, 2, 7]})
        protocol = form.read(data)
        self.assertEqual(
            protocol.attendees[1].absences, (form.Absence(since="09:58", until="10:10", paragraph=4, reason="brus"),)
        )
        self.assertEqual(protocol.attendees[2].presence, form.Presence(paragraphs=(1, 2, 7)))
        self.assertEqual(form.write(protocol), data)


class ComplaintTests(SimpleTestCase):
    def test_each_break_is_told_in_one_line_that_says_where(self):
        for path, value, expected in [
            ("format", "samverkan-protocol/2", "format: 'samverkan-protocol/2' is not one of samverkan-protocol/1"),
            ("date", "2026-02-31", "date: there is no date 2026-02-31"),
            ("date", "5/3 2026", "date: '5/3 2026' is not a date (YYYY-MM-DD)"),
            ("date", "２０２６-03-05", "date: '２０２６-03-05' is not a date (YYYY-MM-DD)"),
            ("starts", "24:00", "starts: '24:00' is not a time (HH:MM)"),
            ("ends", "08:59", "ends: '08:59' is before starts '09:00'"),
            ("chair", 7, "chair: 7 is not a string"),
            ("chair", " ", "chair: is empty"),
            ("chair", "Vera\nEk", "chair: the character U+000A is not allowed"),
            ("chair", "Vera\u202eEk", "chair: the character U+202E is not allowed"),
            ("chair", "V" * 1001, "chair: 1001 characters, at most 1000 are allowed"),
            ("paragraphs.0.text", "x" * 300_001, "paragraphs[0].text: 300001 characters, at most 300000 are allowed"),
            ("paragraphs.0.text", "a\u0308", "paragraphs[0].text: is not in Unicode normal form C"),
            ("paragraphs.0.text", "a\tb", "paragraphs[0].text: the character U+0009 is not allowed"),
            ("paragraphs.0.text", None, "paragraphs[0].text: None is not a string"),
            ("paragraphs.1.number", 1, "paragraphs[1].number: 1 stands twice"),
            ("paragraphs.1.number", True, "paragraphs[1].number: True is not a whole number"),
            ("paragraphs.1.number", 1.0, "paragraphs[1].number: 1.0 is not a whole number"),
            ("paragraphs.1.number", 0, "paragraphs[1].number: 0 is not between 1 and 9999"),
            ("paragraphs.1.number", 10**5000, "paragraphs[1].number: the number is not between 1 and 9999"),
            ("attendees.0.side", "staff", "attendees[0].side: 'staff' is not one of employer, employee, board, official"),
            ("attendees.0.roles", ["Chair"], "attendees[0].roles[0]: 'Chair' is not a lower-case key"),
            ("attendees", {}, "attendees: {} is not a list"),
            ("attendees", [{}] * 1001, "attendees: 1001 entries, at most 1000 are allowed"),
            ("attendees.1", None, "attendees[1]: None is not an object"),
            ("attendees.1.name", ..., "attendees[1]: the key 'name' is missing"),
            ("attendees.1.age", 3, "attendees[1]: unknown key 'age'"),
            ("title", "x", "unknown key 'title'"),
            ("warnings", ..., "the key 'warnings' is missing"),
            (
                "motions.0.claims.0.outcome",
                "yes",
                f"motions[0].claims[0].outcome: 'yes' is not one of {', '.join(form.CLAIM_OUTCOMES)}",
            ),
            ("motions.0.paragraph", 9, "motions[0].paragraph: there is no § 9"),
            ("paragraphs.4.matters.1.appendices", [2], "paragraphs[4].matters[1].appendices[0]: there is no appendix 2"),
            ("statements.0.paragraph", 70, "statements[0].paragraph: there is no § 70"),
        ]:
            with self.subTest(path=path, value=str(value)[:30] if not isinstance(value, int) else "number"):
                self.assertEqual(complaint(at(invented(), path, value)), expected)

    def test_an_unknown_outcome_names_the_matter(self):
        message = complaint(at(invented(), "paragraphs.4.matters.0.outcome", "foo"))
        self.assertEqual(message, f"paragraphs[4].matters[0].outcome: 'foo' is not one of {', '.join(form.MATTER_OUTCOMES)}")

    def test_a_long_wrong_value_stays_on_one_short_line(self):
        message = complaint(at(invented(), "kind", "rad\n" * 1000))
        self.assertEqual(len(message.splitlines()), 1)
        self.assertLess(len(message), 130)

    @settings(max_examples=150, derandomize=True, deadline=None)
    @given(
        st.sampled_from(["date", "body", "attendees", "paragraphs.4.matters.0", "motions.0.claims", "next_meeting", "chair"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
            max_leaves=5,
        ),
    )
    def test_whatever_stands_there_it_is_read_or_refused_in_one_line(self, path, value):
        data = at(invented(), path, value)
        message = complaint(data)
        if message:
            self.assertEqual(len(message.splitlines()), 1)
        else:
            self.assertEqual(form.read(form.write(form.read(data))), form.read(data))


class LoadsTests(SimpleTestCase):
    def complaint(self, source: bytes) -> str:
        with self.assertRaises(form.FormatError) as caught:
            form.loads(source)
        return str(caught.exception)

    def test_what_is_not_a_json_document_is_refused(self):
        for source, expected in [
            (b"", "line 1, column 1: not JSON: Expecting value"),
            (b"\xff\xfe", "byte 0: the file is not UTF-8"),
            (b'{"date": }', "line 1, column 10: not JSON: Expecting value"),
            (b'{"date": 1, "date": 2}', "the key 'date' stands twice in one object"),
            (b'{"date": NaN}', "not JSON: NaN is not a number"),
            (b'{"date": ' + b"9" * 5000 + b"}", "not JSON: a value is too large"),
            (b"[" * 100_000, "line 1: nested more than 20 levels"),
            (b'{"a": "' + b'\\"' * 200_000, "line 1, column 7: not JSON: Unterminated string starting at"),
            (b"[]", "[] is not an object"),
            (b'"[[[[[[[[[[[[[[[[[[[[[[[["', "'[[[[[[[[[[[[[[[[[[[[[[[[' is not an object"),
            (b" " * (form.MAX_BYTES + 1), f"the file has {form.MAX_BYTES + 1} bytes, at most {form.MAX_BYTES} are allowed"),
        ]:
            with self.subTest(source=source[:20]):
                self.assertEqual(self.complaint(source), expected)

    def test_a_key_that_stands_twice_among_many_is_found_by_counting_each_once(self):
        """Counted anew for every key, these would be looked at eighty thousand million times."""
        many = b",".join(b'"%d":0' % number for number in range(400_000))
        self.assertEqual(self.complaint(b"{" + many + b',"399999":0}'), "the key '399999' stands twice in one object")

    def test_half_a_surrogate_pair_is_refused(self):
        source = json.dumps(at(invented(), "chair", "\ud800")).encode()
        self.assertEqual(self.complaint(source), "chair: the character U+D800 is not allowed")

    def test_the_dataclasses_can_be_built_and_changed_in_code(self):
        protocol = form.read(invented())
        shorter = replace(protocol, paragraphs=protocol.paragraphs[:1])
        self.assertEqual([paragraph.heading for paragraph in shorter.paragraphs], ["Mötets öppnande"])
        self.assertEqual(form.write(form.Topic(title=None, text="Så")), {"title": None, "text": "Så"})
