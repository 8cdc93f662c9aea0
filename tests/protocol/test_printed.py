"""The printed document as data: what stands on it in each mode."""

from dataclasses import replace
from datetime import UTC, datetime

from django.test import SimpleTestCase

from protocol import format as form
from protocol import printed
from protocol.parts import Document
from tests.protocol.drawn import make_approvals, make_protocol


class ContextTests(SimpleTestCase):
    def document(self, mode: str = "loaded", protocol: form.Protocol | None = None, **options) -> Document:
        return printed.context(protocol or make_protocol(), mode=mode, **options)["document"]

    def test_the_first_page(self):
        document = self.document()
        self.assertEqual(document.title.replace("\u00a0", " "), "Protokoll från möte med FVG den 5 mars 2026")
        self.assertEqual(
            (document.header, document.date, document.stamp), ("Protokoll FVG", "2026-03-05", "protokoll FVG 2026-03-05")
        )
        self.assertEqual(document.time.replace("\u00a0", " "), "Torsdagen den 5 mars 2026, kl. 09:00 – 10:45")
        self.assertEqual(
            document.present,
            (
                ("För arbetsgivaren", ("Vera Ek, förvaltningschef, ordförande",)),
                ("För arbetstagarna", ("Olle Rönn, Skogsfacket, Skype", "Siv Alm, huvudskyddsombud, Trädgårdarnas")),
            ),
        )
        self.assertEqual(document.absent, ("Bo Asp, ekonomichef",))
        signatures = [[(line.name, line.office) for line in row] for row in document.signatures]
        self.assertEqual(signatures, [[("Vera Ek", "ordförande")], [("Siv Alm", "justerare"), ("Tor Hassel", "sekreterare")]])

    def test_the_day_of_adjustment_in_each_mode(self):
        late = make_approvals(signed_at=datetime(2026, 3, 6, 23, 30, tzinfo=UTC))
        lines = [
            self.document("draft", approvals=make_approvals()).approved,
            self.document("approval", approvals=make_approvals(signed_at=None)).approved,
            self.document("sealed", approvals=late).approved,
            self.document("loaded").approved,
            self.document("loaded", make_protocol(adjusted_on=None)).approved,
        ]
        self.assertEqual(
            [line.replace("\u00a0", " ") for line in lines],
            [
                "Ej justerat",
                "Under justering",
                "Justerat den 7 mars 2026",
                "Justerat den 6 mars 2026, enligt källan",
                "Justeringsdatum saknas i källan",
            ],
        )

    def test_a_section_line_stands_before_the_first_paragraph_of_its_section(self):
        sections = [paragraph.section for paragraph in self.document().paragraphs]
        self.assertEqual(sections, ["", "", "", "Information", "Ärendehantering", "", ""])

    def test_a_motion_is_printed_in_its_appendix_or_else_under_its_matter_or_else_under_its_paragraph(self):
        protocol = make_protocol()
        motion = replace(protocol.motions[0], appendix=None)

        def places(motion: form.Motion) -> tuple[int, int, int, int]:
            document = self.document(protocol=replace(protocol, motions=(motion,)))
            matters = [matter for paragraph in document.paragraphs for matter in paragraph.matters]
            return (
                sum(len(appendix.motions) for appendix in document.appendices),
                sum(len(matter.motions) for matter in matters),
                sum(len(paragraph.motions) for paragraph in document.paragraphs if paragraph.number),
                sum(len(paragraph.motions) for paragraph in document.paragraphs if not paragraph.number),
            )

        self.assertEqual(places(protocol.motions[0]), (1, 0, 0, 0))
        self.assertEqual(places(motion), (0, 1, 0, 0))
        self.assertEqual(places(replace(motion, matter="Något annat")), (0, 0, 1, 0))
        self.assertEqual(places(replace(motion, paragraph=None)), (0, 0, 0, 1))

    def test_a_motion_that_the_appendix_holds_as_text_is_not_printed_again(self):
        protocol = make_protocol()
        text = "Det är kallt.\n\nSF yrkar att handskar köps in. Det ordnas.\n\natt det sker i dag."
        told = replace(protocol, appendices=(replace(protocol.appendices[0], text=text),))
        self.assertEqual([appendix.motions for appendix in self.document(protocol=told).appendices], [()])

    def test_what_no_paragraph_carries_is_printed_at_the_end(self):
        document = self.document(protocol=make_protocol(paragraphs=make_protocol().paragraphs[:5]))
        self.assertEqual([part.heading for part in document.paragraphs if part.number is None], ["Balanslista", "Nästa möte"])

    def test_an_unknown_mode_is_refused(self):
        with self.assertRaisesMessage(ValueError, "'final' is not one of draft, approval, sealed, loaded"):
            self.document("final")
