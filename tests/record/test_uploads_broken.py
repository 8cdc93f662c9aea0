"""Files made to break their reader are refused in words, and scripts in a PDF are found wherever they hang."""

from io import BytesIO

import pikepdf
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import SimpleTestCase

from record import uploads
from tests.world import png


def pdf(change) -> bytes:
    """A one-page PDF that `change(pdf)` has had its hands on."""
    file, document = BytesIO(), pikepdf.new()
    document.add_blank_page()
    change(document)
    document.save(file)
    return file.getvalue()


def script() -> pikepdf.Dictionary:
    return pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def on_open(document) -> None:
    document.Root.OpenAction = script()


def on_page(document) -> None:
    document.pages[0].obj.AA = pikepdf.Dictionary(O=script())


def on_root(document) -> None:
    document.Root.AA = pikepdf.Dictionary(WC=script())


def after_a_jump(document) -> None:
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.GoTo, D="a", Next=script())


def named(document) -> None:
    document.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=pikepdf.Array(["a", script()])))


def names_is_a_list(document) -> None:
    document.Root.Names = pikepdf.Array([1, 2])


class BrokenTests(SimpleTestCase):
    def refused(self, name: str, content: bytes) -> None:
        with self.assertRaises(ValidationError) as caught:
            uploads.examine(SimpleUploadedFile(name, content))
        self.assertEqual(list(caught.exception.message_dict), ["file"])

    def test_a_script_is_found_wherever_it_hangs(self):
        for change in (on_open, on_page, on_root, after_a_jump, named):
            with self.subTest(change.__name__):
                self.refused("a.pdf", pdf(change))

    def test_an_odd_but_harmless_pdf_is_kept(self):
        for change in (names_is_a_list, lambda document: None):
            self.assertEqual(uploads.examine(SimpleUploadedFile("a.pdf", pdf(change))).content_type, "application/pdf")

    def test_images_cut_at_every_byte_are_refused_or_kept_but_never_break(self):
        whole = png()
        for length in range(1, len(whole)):
            try:
                uploads.examine(SimpleUploadedFile("a.png", whole[:length]))
            except ValidationError as error:
                self.assertEqual(list(error.message_dict), ["file"])
