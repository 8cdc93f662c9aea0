"""One record has one form, byte by byte, and its hash moves when anything in it does."""

import hashlib
import json
from dataclasses import replace

from django.test import SimpleTestCase

from protocol import canonical
from protocol import format as form
from protocol.canonical import Record, RecordAppendix, RecordGroup, Signer
from tests.samples import invented


def make_record(**known) -> Record:
    return Record(
        **{
            "group": RecordGroup(id=3, name="Förvaltningsgruppen", abbreviation="FVG", organisation="Parkförvaltningen"),
            "meeting": 12,
            "version": 2,
            "signers": (
                Signer(role="chair", name="Vera Ek", title="förvaltningschef", person=1),
                Signer(role="adjuster", name="Siv Alm", party="Trädgårdarnas", person=2),
                Signer(role="secretary", name="Tor Hassel", person=3),
            ),
            "appendices": (RecordAppendix(number=1, title="Karta", filename="karta.pdf", sha256="ab" * 32, bytes=1234),),
            "renderer": "weasyprint 70.0, document-1",
            "protocol": form.read(invented()),
            **known,
        }
    )


class RecordTests(SimpleTestCase):
    def test_a_record_comes_back_from_its_bytes(self):
        record = make_record()
        self.assertEqual(Record.from_bytes(record.to_bytes()), record)

    def test_the_bytes_are_sorted_json_without_blanks(self):
        data = make_record().to_bytes()
        plain = json.dumps(json.loads(data), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        self.assertEqual(data, plain)
        self.assertEqual(canonical.is_canonical(data), True)

    def test_every_key_stands_there_and_the_day_of_adjustment_is_null(self):
        found = json.loads(make_record().to_bytes())
        keys = ["appendices", "group", "meeting", "protocol", "renderer", "schema", "signers", "version"]
        self.assertEqual(list(found), keys)
        self.assertEqual(found["schema"], "samverkan-record/1")
        self.assertEqual(found["protocol"], {**invented(), "adjusted_on": None})
        self.assertEqual(
            found["signers"][2], {"role": "secretary", "name": "Tor Hassel", "title": None, "party": None, "person": 3}
        )

    def test_other_bytes_for_the_same_record_are_refused(self):
        data = make_record().to_bytes()
        for other in (data + b"\n", data.replace(b'"meeting":12', b'"meeting": 12'), json.dumps(json.loads(data)).encode()):
            self.assertEqual(canonical.is_canonical(other), False)
            with self.assertRaisesMessage(form.FormatError, "the record is not in canonical form (RFC 8785)"):
                Record.from_bytes(other)

    def test_a_broken_record_says_where(self):
        found = json.loads(make_record().to_bytes())
        found["protocol"]["date"] = "2026-02-30"
        with self.assertRaisesMessage(form.FormatError, "protocol.date: there is no date 2026-02-30"):
            Record.from_bytes(canonical.dumps(found))
        found["protocol"]["date"], found["protocol"]["adjusted_on"] = "2026-02-28", "2026-03-01"
        with self.assertRaisesMessage(form.FormatError, "protocol.adjusted_on: must be null in a record"):
            Record.from_bytes(canonical.dumps(found))


class HashTests(SimpleTestCase):
    def test_the_content_hash_is_of_the_schema_line_and_the_bytes(self):
        data = make_record().to_bytes()
        self.assertEqual(canonical.content_hash(data), hashlib.sha256(b"samverkan-record/1\n" + data).hexdigest())

    def test_any_change_moves_the_hash(self):
        record = make_record()
        protocol = record.protocol
        others = [
            replace(record, version=3),
            replace(record, signers=record.signers[:2]),
            replace(record, appendices=()),
            replace(record, renderer="weasyprint 71.0, document-1"),
            replace(record, protocol=replace(protocol, place=f"{protocol.place} ")),
            replace(record, protocol=replace(protocol, paragraphs=protocol.paragraphs[::-1])),
        ]
        hashes = {canonical.content_hash(other.to_bytes()) for other in [record, *others]}
        self.assertEqual(len(hashes), 7)

    def test_the_short_form_is_eight_groups_of_four(self):
        self.assertEqual(canonical.short("0123456789abcdef" * 4), "0123 4567 89ab cdef 0123 4567 89ab cdef")

    def test_the_renderer_names_program_and_template(self):
        self.assertRegex(canonical.renderer(), r"^weasyprint \d+\.\d+, pillow \d+\.\d+\.\d+, document-\d+$")
