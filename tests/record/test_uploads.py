"""Uploaded files are what they say they are, of a size one can handle, and carry nothing that runs."""

import io
import threading
import zipfile
from contextlib import contextmanager
from unittest.mock import patch

import pikepdf
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import SimpleTestCase, TransactionTestCase, override_settings
from PIL import Image

from record import uploads
from record.looking import images, look, office
from tests.factories import make_user


def pdf(**root) -> bytes:
    out, document = io.BytesIO(), pikepdf.new()
    document.add_blank_page()
    for key, value in root.items():
        document.Root[f"/{key}"] = value
    document.save(out)
    return out.getvalue()


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "navy").save(out, kind)
    return out.getvalue()


def packed(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


WORD = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>"}


class ExamineTests(SimpleTestCase):
    def examine(self, name: str, content: bytes) -> uploads.Found:
        return uploads.examine(SimpleUploadedFile(name, content, content_type="text/html"))

    def refused(self, name: str, content: bytes, said: str = "") -> None:
        with self.assertRaises(ValidationError) as caught:
            self.examine(name, content)
        self.assertEqual(list(caught.exception.error_dict), ["file"])
        self.assertIn(said, caught.exception.messages[0])

    def test_what_is_accepted_gets_its_type_from_its_content_and_its_name_from_us(self):
        cases = (
            ("a.pdf", pdf(), "application/pdf"),
            ("a.PNG", picture("PNG"), "image/png"),
            ("a.jpeg", picture("JPEG"), "image/jpeg"),
            ("a.docx", packed(WORD), office.OOXML["docx"][1]),
            ("a.odt", packed({"mimetype": office.ODF["odt"].encode()}), office.ODF["odt"]),
        )
        for name, content, content_type in cases:
            upload = self.examine(name, content)
            self.assertEqual((upload.content_type, upload.size, upload.filename), (content_type, len(content), name))
            self.assertRegex(upload.storage_name, r"^[0-9a-f]{32}\.[a-z]+$")
            self.assertEqual(len(upload.sha256), 64)

    def test_html_in_a_file_with_another_name(self):
        html = b"<html><script>alert(1)</script></html>"
        for name in ("../../x.pdf", "x.png", "x.jpg", "x.docx", "x.odt"):
            self.refused(name, html)
        for name in ("x.html", "x.svg", "x", "x.pdf.exe", ".pdf.js", ""):
            self.refused(name or "x", html, "Filtypen")

    def test_one_file_that_is_two_kinds_at_once(self):
        self.refused("x.pdf", pdf() + packed(WORD), "två sorters")
        self.refused("x.png", picture("PNG") + packed(WORD), "två sorters")
        self.refused("x.docx", b"%PDF-1.7\n" + packed(WORD))
        self.refused("x.docx", b"<script>alert(1)</script>" + packed(WORD))
        self.refused("x.pdf", b"<script>alert(1)</script>\n" + pdf())

    def test_a_pdf_with_a_word_file_inside_is_one_file(self):
        document = pikepdf.new()
        document.add_blank_page()
        document.attachments["a.docx"] = packed(WORD, zipfile.ZIP_STORED)
        out = io.BytesIO()
        document.save(out, compress_streams=False)
        self.assertEqual(self.examine("x.pdf", out.getvalue()).content_type, "application/pdf")

    def test_a_pdf_that_runs_something_or_cannot_be_read(self):
        self.refused("x.pdf", pdf(OpenAction=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")), "programkod")
        self.refused("x.pdf", b"%PDF-1.7\ntrasig")
        locked, document = io.BytesIO(), pikepdf.new()
        document.add_blank_page()
        document.save(locked, encryption=pikepdf.Encryption(owner="a", user="b"))
        self.refused("x.pdf", locked.getvalue(), "lösenord")

    def test_macros(self):
        for name in ("word/vbaProject.bin", "xl/VBAPROJECT.BIN"):
            self.refused("x.docx", packed(WORD | {name: b"x"}), "makron")
        self.refused("x.docm", packed(WORD), "Filer med makron tas inte emot. Spara som .docx eller")

    def test_a_zip_bomb(self):
        self.refused("x.docx", packed(WORD | {"word/media/a.bin": bytes(50_000_000)}), "packas upp")
        with patch.object(office, "MOST_MEMBERS", 5):
            self.assertIn("packas upp", look(packed(WORD | {f"word/{n}": b"x" for n in range(5)}), "docx")["fault"])

    def test_a_picture_with_too_many_points(self):
        with patch.object(images, "MOST_PIXELS", 63):
            self.assertIn("för stor", look(picture("PNG"), "png")["fault"])

    def test_a_small_file_that_unpacks_to_an_enormous_picture(self):
        for side in (7_000, 20_000):  # over our own limit, and over the one where Pillow itself refuses
            out = io.BytesIO()
            with patch.object(Image, "MAX_IMAGE_PIXELS", None):
                Image.new("1", (side, side)).save(out, "PNG")
            self.assertLess(len(out.getvalue()), 200_000)
            self.refused("x.png", out.getvalue(), "Bilden är för stor. Minska den till högst 40 miljoner bildpunkter.")

    def test_half_a_picture(self):
        for kind, name in (("PNG", "x.png"), ("JPEG", "x.jpg")):
            whole = io.BytesIO()
            Image.effect_noise((300, 300), 50).save(whole, kind)
            half = whole.getvalue()[: len(whole.getvalue()) // 2]
            with self.subTest(kind):
                self.refused(name, half, "är ingen sådan bild, eller så är den skadad")

    def test_an_office_file_of_another_kind_or_broken(self):
        self.refused("x.pptx", packed(WORD))
        self.refused("x.odt", packed({"mimetype": b"application/zip"}))
        self.refused("x.docx", packed(WORD)[:-10])

    def test_size(self):
        self.refused("x.pdf", b"", "tom")
        with override_settings(APPENDIX_MAX_BYTES=100):
            self.refused("x.pdf", pdf(), "högst")


class TurnTests(TransactionTestCase):
    """One of a person's files is looked into at a time, whichever process and thread they come to."""

    def setUp(self):
        self.one, self.other = make_user(), make_user()

    def described(self, by):
        return uploads.described(SimpleUploadedFile("a.pdf", pdf()), "En plan", by=by)

    def test_another_file_of_the_same_person_is_refused_kindly_while_one_is_looked_into(self):
        with self.looked_into(self.one):
            with self.assertRaises(ValidationError) as caught:
                self.described(self.one)
            self.assertIn("En annan fil från dig kontrolleras just nu", caught.exception.message_dict["file"][0])
            self.assertEqual(self.described(self.other).content_type, "application/pdf")
        self.assertEqual(self.described(self.one).content_type, "application/pdf")

    @contextmanager
    def looked_into(self, by):
        """A file of theirs is being looked into, in another thread, for as long as the block runs."""
        begun, enough = threading.Event(), threading.Event()

        def look_long(file):
            begun.set()
            enough.wait()

        def upload():
            try:
                self.described(by)
            finally:
                connection.close()

        with patch("record.uploads.examine", look_long):
            thread = threading.Thread(target=upload)
            thread.start()
            begun.wait()
        try:
            yield
        finally:
            enough.set()
            thread.join()


class ShownNameTests(SimpleTestCase):
    def test_only_the_last_part_and_no_signs_that_hide(self):
        for given, shown in (
            ("../../x.pdf", "x.pdf"),
            ("C:\\mapp\\x.pdf", "x.pdf"),
            ("x\u202efdp.exe", "xfdp.exe"),
            ("a\r\nSet-Cookie: b.pdf", "aSet-Cookie: b.pdf"),
            ("..", "fil"),
            ("", "fil"),
            ("räksmo\u0308rgås.pdf", "räksmörgås.pdf"),
        ):
            self.assertEqual(uploads.shown_name(given), shown)
        self.assertEqual(len(uploads.shown_name("a" * 500 + ".pdf")), 150)
