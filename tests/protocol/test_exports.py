"""A protocol as JSON, text, HTML and PDF: the same sentences everywhere, and the data inside the PDF."""

import io
from dataclasses import replace

import pikepdf
from django.test import SimpleTestCase

from protocol import exports, pdfcheck
from protocol import format as form
from tests.paper import OnPaper
from tests.samples import invented


class ExportTests(OnPaper, SimpleTestCase):
    def setUp(self):
        self.protocol = form.read(invented())

    def test_json_gives_the_protocol_back(self):
        self.assertEqual(form.loads(exports.as_json(self.protocol)), self.protocol)
        self.assertEqual(exports.as_json(self.protocol).decode().count("Förvaltningsgruppen"), 1)

    def test_the_pdf_carries_the_same_data(self):
        data = exports.as_pdf(self.protocol, mode="loaded")
        self.assertEqual(pdfcheck.check(data), [])
        with pikepdf.open(io.BytesIO(data)) as document:
            held = document.attachments["protokoll.json"].get_file().read_bytes()
            self.assertEqual(str(document.docinfo.CreationDate), "D:20260306110000Z")
        self.assertEqual(form.loads(held), self.protocol)

    def test_the_same_protocol_gives_the_same_pdf(self):
        self.assertEqual(exports.as_pdf(self.protocol, mode="draft") == exports.as_pdf(self.protocol, mode="draft"), True)

    def test_html_needs_no_other_file(self):
        html = exports.as_html(self.protocol, mode="loaded")
        self.assertEqual([html.count(sign) for sign in ("<h1", "<link", "<script", "src=", "@import")], [1, 0, 0, 0, 0])

    def test_text_has_the_printed_document_with_its_generated_sentences(self):
        text = exports.as_txt(self.protocol, mode="loaded")
        expected = """Ärendehantering
===============

§ 5  Nämndärenden
-----------------

Ny plantskola
PN 2026-0001
Ekonomichef föredrog ärendet.

Förvaltningsgruppen lämnade inga synpunkter.

Budget
Förvaltningschef föredrog ärendet.

Se bilaga 1.

§ 6  Balanslista
----------------

Följande punkter återfinns på balanslistan:

- Skyltar | **nya**

§ 7  Nästa möte
---------------

Nästa möte med förvaltningsgruppen äger rum den 9 april 2026, kl. 09:00 i
lokal Eken.

Bilaga 1 till protokoll FVG 2026-03-05
======================================

Yrkanden om budget

SFs yrkanden:

1. Handskar

Det är kallt.

SF yrkar:

- att handskar köps in.

Trädgårdarnas stödjer SFs yrkande.

Förvaltningens svar: yrkandet bifalls. Det ordnas.

- att det sker i dag.

Förvaltningens svar: yrkandet avslås.
"""
        self.assertEqual(text[text.index("Ärendehantering") :], expected)

    def test_a_draft_says_so_first(self):
        text = exports.as_txt(replace(self.protocol, adjusted_on=None), mode="draft", preliminary=True)
        self.assertEqual(text.splitlines()[0], "UTKAST – arbetsmaterial")
        self.assertEqual(text.count("Paragrafernas nummer är preliminära."), 1)
