"""Our own check of a file misses nothing that it promises to look for."""

import io

import pikepdf
from django.test import SimpleTestCase

from protocol import pdfcheck
from tests.paper import OnPaper
from tests.protocol.drawn import sealed_pdf


class CheckTests(OnPaper, SimpleTestCase):
    def broken(self, change) -> list[str]:
        data = io.BytesIO()
        with pikepdf.open(io.BytesIO(sealed_pdf())) as document:
            change(document)
            document.save(data)
        return pdfcheck.check(data.getvalue())

    def test_what_is_taken_away_is_missed(self):
        def no_language(document):
            del document.Root.Lang

        def no_metadata(document):
            document.Root.Metadata = document.make_stream(
                document.Root.Metadata.read_bytes().replace(b"pdfuaid:part", b"pdfuaid:past")
            )

        def no_alternative(document):
            for item in document.objects:
                if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure":
                    del item["/Alt"]

        def skip(document):
            for item in document.objects:
                if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/H2":
                    item.S = pikepdf.Name.H4

        def untagged(document):
            page = document.pages[0]
            page.contents_add(b"BT /F0 1 Tf (x) Tj ET")

        self.assertEqual(self.broken(lambda document: None), [])
        self.assertEqual(self.broken(no_language), ["no language"])
        self.assertEqual(self.broken(no_metadata), ["metadata without PDF/UA part 1"])
        self.assertEqual(self.broken(no_alternative), ["figure without text alternative"])
        self.assertEqual(self.broken(skip), ["a heading of level 4 follows one of level 1"])
        self.assertEqual(self.broken(untagged), ["untagged content on page 1"])

    def test_what_is_no_pdf_is_said_to_be_none(self):
        self.assertEqual(len(pdfcheck.check(b"hej")), 1)
