"""Uploaded images in the document: on a page of their own with their text alternative, and in colours that the archive takes."""

import io
from base64 import b64decode
from unittest import mock

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import SimpleTestCase, TestCase
from django.urls import reverse
from PIL import Image, PngImagePlugin

from meetings.actions import agenda
from meetings.models import Appendix, Meeting
from protocol import actions, canonical, drawings, evidence, exports, pdf, pdfcheck, pictures, sealing
from protocol.models import FrozenVersion, SealedProtocol
from protocol.shown import show
from record.looking import look
from tests.cast import Cast
from tests.paper import OnPaper
from tests.protocol.drawn import make_pdf, text_of
from tests.protocol.full import make_full_draft

ALT = "Planritning: bordet står vid fönstret, **dörren** är till höger."


def saved(image: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def make_image(mode: str = "RGB", size: tuple[int, int] = (40, 30), colour="navy") -> Image.Image:
    return Image.new(mode, size, colour)


def turned() -> bytes:
    """A JPEG that a telephone took on its side: 40 × 30 points, to be shown as 30 × 40, and it says where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Kameran"
    return saved(make_image(), "JPEG", exif=exif, comment=b"hemligt")


def opened(data: bytes) -> tuple[str, Image.Image]:
    mime, drawn = pictures.plain(data)
    image = Image.open(io.BytesIO(drawn))
    image.load()
    return mime, image


class PlainTests(SimpleTestCase):
    def test_every_kind_of_image_becomes_rgb_of_eight_bits_with_nothing_beside_it(self):
        note = PngImagePlugin.PngInfo()
        note.add_text("Author", "hemligt")
        palette = make_image("P", colour=3)
        for name, data, mime in (
            ("CMYK", saved(make_image("CMYK", colour=(0, 255, 255, 0)), "JPEG"), "image/jpeg"),
            ("RGBA", saved(make_image("RGBA"), "PNG", pnginfo=note, dpi=(72, 72)), "image/png"),
            ("16 bits", saved(make_image("I;16", colour=40_000), "PNG"), "image/png"),
            ("grey", saved(make_image("L", colour=9), "JPEG"), "image/jpeg"),
            ("grey with alpha", saved(make_image("LA", colour=(9, 9)), "PNG"), "image/png"),
            ("palette", saved(palette, "PNG", transparency=3), "image/png"),
            ("black and white", saved(make_image("1", colour=1), "PNG"), "image/png"),
            ("profile", saved(make_image(), "PNG", icc_profile=b"x" * 200), "image/png"),
        ):
            with self.subTest(name):
                kind, image = opened(data)
                self.assertEqual((kind, image.mode, image.size), (mime, "RGB", (40, 30)))
                self.assertEqual(set(image.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}, set())

    def test_colours_stay_what_they_were(self):
        def first(image: Image.Image, kind: str, **options) -> tuple[int, ...]:
            return opened(saved(image, kind, **options))[1].getpixel((0, 0))

        self.assertEqual(first(make_image("I;16", colour=0x8000), "PNG"), (128, 128, 128))
        self.assertEqual(first(make_image("RGBA", colour=(0, 0, 0, 0)), "PNG"), (255, 255, 255))
        self.assertEqual(first(make_image("P", colour=0), "PNG", transparency=0), (255, 255, 255))
        red, green, blue = first(make_image("CMYK", colour=(0, 255, 255, 0)), "JPEG")
        self.assertEqual((red > 200, green < 60, blue < 60), (True, True, True))

    def test_an_image_is_turned_as_it_was_taken_and_says_nothing_of_where(self):
        mime, image = opened(turned())
        self.assertEqual((mime, image.size, dict(image.getexif())), ("image/jpeg", (30, 40), {}))
        self.assertNotIn(b"hemligt", pictures.plain(turned())[1])

    def test_no_image_is_larger_than_print_can_show(self):
        for kind in ("PNG", "JPEG"):
            self.assertEqual(opened(saved(make_image("L", (6000, 3000), 9), kind))[1].size, (2400, 1200))

    def test_the_same_image_gives_the_same_bytes(self):
        self.assertEqual(pictures.plain(turned()), pictures.plain(turned()))


class RenderTests(OnPaper, SimpleTestCase):
    def page(self, source: str) -> bytes:
        return make_pdf(
            f'<html lang="sv"><head><title>x</title></head><body><h1>x</h1><img alt="x" src="{source}"></body></html>'
        )

    def test_only_png_and_jpeg_inside_the_page_are_read(self):
        for source in ("data:image/svg+xml;base64,PHN2Zy8+", "data:text/html,x", "data:image/png,x", "DATA:image/gif;base64,"):
            with self.subTest(source), self.assertRaises(pdf.RenderError):
                self.page(source)


class DocumentTests(OnPaper, TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.meeting = make_full_draft(cls.cast)

    def attach(self, data: bytes, name: str, title: str = "Karta över salen") -> Appendix:
        appendix = agenda.append(
            self.meeting, title=title, description=ALT, file=SimpleUploadedFile(name, data), by=self.cast.secretary
        )
        item = self.meeting.paragraphs.get(slug="operations").items.first()
        agenda.refer(item, appendix=appendix, by=self.cast.secretary)
        return appendix

    def draft(self) -> bytes:
        found = show(self.meeting)
        return exports.as_pdf(found.protocol, **found.options)

    def test_whether_the_text_has_been_drawn_is_known_without_drawing_an_image(self):
        image = self.attach(saved(make_image(), "PNG"), "karta.png")
        drawing = drawings.ask("protocol", self.meeting, by=self.cast.secretary)
        self.assertEqual((drawing.state, drawing.fault), ("done", ""))
        with mock.patch("protocol.pictures.plain", side_effect=AssertionError):
            self.assertEqual(drawings.tried(self.meeting).pk, drawing.pk)
            Appendix.objects.filter(pk=image.pk).update(description="En annan text till bilden.")
            self.assertIsNone(drawings.tried(self.meeting))

    def figures(self, file: bytes) -> list[str]:
        """The text alternative of every figure in the structure tree, except the QR code's."""
        with pikepdf.open(io.BytesIO(file)) as document:
            alternatives, waiting = [], [document.Root.StructTreeRoot.K]
            while waiting:
                node = waiting.pop()
                if isinstance(node, pikepdf.Array):
                    waiting += list(node)
                elif isinstance(node, pikepdf.Dictionary):
                    if node.get("/S") == "/Figure":
                        alternatives.append(str(node.Alt))
                    waiting.append(node.get("/K"))
        return [alt for alt in alternatives if not alt.startswith("QR-kod")]

    def images(self, file: bytes) -> list[tuple[int, str, int, bool, bool]]:
        """(page, colours, bits, has a mask, is smoothed) of every image that a page draws."""
        with pikepdf.open(io.BytesIO(file)) as document:
            return [
                (number, str(one.ColorSpace), int(one.BitsPerComponent), "/SMask" in one, bool(one.get("/Interpolate", False)))
                for number, page in enumerate(document.pages, start=1)
                for instruction in pikepdf.parse_content_stream(page, "Do")
                if (one := page.resources.XObject[str(instruction.operands[0])]).Subtype == "/Image"
            ]

    def test_an_image_has_an_appendix_page_with_figure_and_words_in_order(self):
        appendix = self.attach(saved(make_image(), "JPEG"), "salen.jpg")
        file = self.draft()
        self.assertEqual(pdfcheck.check(file), [])
        self.assertEqual(self.figures(file), ["Planritning: bordet står vid fönstret, dörren är till höger."])
        pages = [" ".join(page.split()) for page in text_of(file).split("\f")]
        ((page, *kind),) = self.images(file)
        self.assertEqual(kind, ["/DeviceRGB", 8, False, False])
        text = pages[page - 1]
        wanted = (
            "Bilaga 2 Karta över salen",
            "Planritning: bordet står vid fönstret",
            "Filen salen.jpg är bifogad",
            "bilaga-2.jpg",
            appendix.sha256[:20],
        )
        places = [text.find(part) for part in wanted]
        self.assertEqual((-1 in places, places), (False, sorted(places)))

    def test_colours_that_the_archive_refuses_are_mended(self):
        for name, data in (
            ("cmyk.jpg", saved(make_image("CMYK", colour=(0, 200, 9, 0)), "JPEG")),
            ("alfa.png", saved(make_image("RGBA", colour=(9, 9, 9, 90)), "PNG")),
            ("sexton.png", saved(make_image("I;16", colour=40_000), "PNG")),
            ("sida.jpg", turned()),
        ):
            self.attach(data, name, title=name)
        file = self.draft()
        self.assertEqual(pdfcheck.check(file), [])
        self.assertEqual([kind for _, *kind in self.images(file)], [["/DeviceRGB", 8, False, False]] * 4)
        self.assertEqual(len(self.figures(file)), 4)
        self.assertEqual(self.draft() == file, True)
        self.assertEqual(look(file, "pdf")["fault"], "")  # what we draw can itself be handed in

    def test_the_sealed_file_shows_the_image_and_carries_the_original(self):
        data = turned()
        self.attach(data, "sida.jpg")
        version = actions.freeze(Meeting.objects.get(pk=self.meeting.pk), by=self.cast.secretary, privacy_reviewed=True)
        under_approval = show(Meeting.objects.get(pk=self.meeting.pk))
        self.assertEqual(len(self.images(exports.as_pdf(under_approval.protocol, **under_approval.options))), 1)
        self.cast.sign_all(version)
        sealing.seal(FrozenVersion.objects.get(pk=version.pk))
        file = bytes(SealedProtocol.objects.get().pdf)
        self.assertEqual((len(self.images(file)), len(self.figures(file))), (1, 1))
        with pikepdf.open(io.BytesIO(file)) as document:
            self.assertEqual(bytes(document.attachments["bilaga-2.jpg"].get_file().read_bytes()), data)
        self.assertIn("bilaga-1.pdf", " ".join(text_of(file).split()))
        self.assertEqual(evidence.sealed_pdf(FrozenVersion.objects.get(pk=version.pk)) == file, True)

    def test_a_frozen_text_shows_only_the_image_that_it_names(self):
        appendix = self.attach(saved(make_image(), "PNG"), "salen.png")
        protocol = show(self.meeting).protocol
        self.assertEqual([*pictures.pictures(self.meeting.pk, protocol)], [2])
        agenda.remove_appendix(appendix, by=self.cast.secretary)
        self.attach(saved(make_image(colour="red"), "PNG"), "salen.png")
        self.assertEqual(pictures.pictures(self.meeting.pk, protocol), {})

    def test_an_image_that_cannot_be_shown_never_stops_the_document(self):
        appendix = self.attach(saved(make_image(), "PNG"), "salen.png")
        for broken in (b"\x89PNG\r\n\x1a\nhej", saved(make_image(colour="red"), "PNG")):
            with appendix.file.storage.open(appendix.file.name, "wb") as stored:
                stored.write(broken)
            with self.subTest(broken[:12]), self.assertLogs("protocol.pictures", "ERROR"):
                file = self.draft()
            self.assertEqual((pdfcheck.check(file), self.images(file)), ([], []))
            self.assertIn("Bilden går inte att visa här.", " ".join(text_of(file).split()))
        Appendix.objects.filter(pk=appendix.pk).update(sha256=canonical.sha256(b"\x89PNG\r\n\x1a\nhej"))
        with appendix.file.storage.open(appendix.file.name, "wb") as stored:
            stored.write(b"\x89PNG\r\n\x1a\nhej")
        with self.assertLogs("protocol.pictures", "ERROR"):
            self.assertEqual(pdfcheck.check(self.draft()), [])
        appendix.file.storage.delete(appendix.file.name)
        with self.assertLogs("protocol.pictures", "ERROR"):
            self.assertEqual(pdfcheck.check(self.draft()), [])

    def test_on_screen_the_image_is_fetched_from_the_site_and_in_the_export_it_is_inside(self):
        data = saved(make_image(), "PNG")
        appendix = self.attach(data, "salen.png")
        self.client.force_login(self.cast.secretary)
        address = reverse("meetings:appendix", args=[appendix.pk])
        html = self.client.get(reverse("protocol:protocol", args=[self.meeting.pk])).content.decode()
        self.assertInHTML(
            f'<img src="{address}" alt="Planritning: bordet står vid fönstret, dörren är till höger." loading="lazy">', html
        )
        self.assertEqual(self.client.get(address).headers["Content-Type"], "image/png")
        shown = show(self.meeting)
        alone = exports.as_html(shown.protocol, **shown.options)
        self.assertNotIn(address, alone)
        inline = alone.split('<img src="data:image/png;base64,')[1].split('"')[0]
        self.assertEqual(Image.open(io.BytesIO(b64decode(inline))).size, (40, 30))
