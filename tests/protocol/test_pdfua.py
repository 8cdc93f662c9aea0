"""What we read and mend inside WeasyPrint's own objects: when one of these fails after an upgrade, mend protocol/pdfua.py."""

from datetime import UTC, datetime
from io import BytesIO

import pikepdf
from django.test import SimpleTestCase

from protocol import pdf
from tests.paper import OnPaper

NOON = datetime(2026, 4, 16, 12, tzinfo=UTC)
PAGE = """<html lang="sv"><head><title>Prov</title><style>@page { @top-center { content: "Sidhuvud" } }</style></head><body>
<h1>Rubrik</h1><ol><li><p>att bullret mäts,</p><p>Stöds av BF.</p></li></ol></body></html>"""


class ContractTests(OnPaper, SimpleTestCase):
    def drawn(self, html: str = PAGE, **more) -> pikepdf.Pdf:
        document = pikepdf.open(BytesIO(pdf.render(html, title="Prov", created=NOON, **more)))
        self.addCleanup(document.close)  # and keeps it open while its parts are read
        return document

    def elements(self, document: pikepdf.Pdf, kind: str) -> list[pikepdf.Object]:
        tagged = (row for row in document.objects if isinstance(row, pikepdf.Dictionary) and row.get("/Type") == "/StructElem")
        return [element for element in tagged if element.get("/S") == kind]

    def test_the_file_says_that_it_follows_pdf_ua(self):
        packet = self.drawn().Root.Metadata.read_bytes()
        self.assertIn(b"<pdfuaid:part>1</pdfuaid:part>", packet)
        self.assertIn(b"<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>", packet)

    def test_a_point_of_a_list_holds_one_label_and_one_body(self):
        (point,) = self.elements(self.drawn(), "/LI")
        self.assertEqual([str(kid.S) for kid in point.K], ["/Lbl", "/LBody"])
        self.assertEqual(len(point.K[1].K), 2)

    def test_what_repeats_on_every_page_is_no_part_of_the_text(self):
        document = self.drawn()
        operations = pikepdf.parse_content_stream(document.pages[0])
        marks = [(str(one.operands[0]), one.operands[1]) for one in operations if str(one.operator) == "BDC"]
        self.assertIn("/Artifact", {name for name, _ in marks})

    def test_a_file_keeps_the_type_that_was_told(self):
        document = self.drawn(attachments=[("protokoll.json", b"{}", "application/json", "Source", "Som data")])
        (told,) = [row for row in document.objects if isinstance(row, pikepdf.Stream) and row.get("/Type") == "/EmbeddedFile"]
        self.assertEqual(str(told.Subtype), "/application/json")

    def test_a_letter_that_no_font_has_is_told(self):
        with self.assertRaisesMessage(pdf.RenderError, "U+E123"):
            self.drawn(PAGE.replace("Rubrik", "\ue123"))
