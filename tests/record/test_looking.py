"""Files with something in them that runs, reaches out or never ends are refused in words; ordinary files are not."""

import io
import re
import zipfile
import zlib
from unittest.mock import patch

import pikepdf
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import SimpleTestCase
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from pikepdf import Array, Dictionary, Name
from PIL import Image

from record import limited, uploads
from record.looking import images, look, office, pdfs
from record.looking import xml as looking_xml


def fault(data: bytes, ending: str) -> str:
    return look(data, ending)["fault"]


def jpeg(scans: int) -> bytes:
    """A progressive JPEG whose last scan stands there `scans` times."""
    out = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(out, "JPEG", progressive=True)
    whole = out.getvalue()
    at = whole.rindex(b"\xff\xda")
    return whole[:at] + whole[at:-2] * scans + b"\xff\xd9"


def png(chunks: int) -> bytes:
    """A PNG with so many text chunks."""
    out = io.BytesIO()
    Image.new("L", (4, 4)).save(out, "PNG")
    text = b"\0\0\0\x03tEXta\0b" + zlib.crc32(b"tEXta\0b").to_bytes(4, "big")
    return out.getvalue()[:33] + text * chunks + out.getvalue()[33:]


class ImageTests(SimpleTestCase):
    def test_an_image_that_is_gone_through_a_thousand_times(self):
        self.assertEqual(fault(jpeg(1), "jpg"), "")
        self.assertEqual(fault(jpeg(1000), "jpg"), images.TOO_MANY_PARTS)

    def test_what_stands_beside_the_image_is_not_counted(self):
        """The small image that a camera puts in front, and the film that a telephone hangs on."""
        whole = jpeg(1)
        beside = b"\xff\xe1" + (2 + 2 * 300).to_bytes(2, "big") + b"\xff\xda" * 300
        self.assertEqual(images.scans(whole[:2] + beside + whole[2:] + b"\xff\xda" * 300), images.scans(whole))

    def test_an_image_with_thousands_of_notes(self):
        self.assertEqual(fault(png(20), "png"), "")
        self.assertEqual(fault(png(5000), "png"), images.TOO_MANY_PARTS)

    def test_no_image_is_decoded_by_the_one_that_asked(self):
        out = io.BytesIO()
        Image.new("RGB", (8, 8)).save(out, "PNG")
        with patch.object(Image, "open", side_effect=AssertionError), patch.object(pikepdf, "open", side_effect=AssertionError):
            self.assertEqual(uploads.examine(SimpleUploadedFile("a.png", out.getvalue())).content_type, "image/png")
            self.assertEqual(uploads.examine(SimpleUploadedFile("a.pdf", pdf())).content_type, "application/pdf")


class LimitTests(SimpleTestCase):
    def refused(self, why: Exception) -> str:
        with patch.object(limited, "run", side_effect=why), self.assertRaises(ValidationError) as caught:
            uploads.examine(SimpleUploadedFile("a.pdf", pdf()))
        return caught.exception.message_dict["file"][0]

    def test_what_takes_too_much_is_told_with_what_to_do(self):
        for of in ("time", "memory", "crash"):
            with self.assertLogs("record.uploads", "WARNING"):
                self.assertEqual(self.refused(limited.TooMuch(of)), uploads.TOO_MUCH)
        self.assertRegex(uploads.TOO_MUCH, "kan inte|inte kan.*inte sparats.*försök igen")

    def test_a_queue_is_told_as_a_queue(self):
        self.assertIn("Försök igen om en stund", self.refused(limited.Busy()))


def pdf(change=lambda document: None, **saving) -> bytes:
    out, document = io.BytesIO(), pikepdf.new()
    document.add_blank_page()
    change(document)
    document.save(out, **saving)
    return out.getvalue()


def action(kind: str, **more) -> Dictionary:
    return Dictionary(S=Name(f"/{kind}"), **more)


def annotation(document, **more) -> None:
    document.pages[0].obj.Annots = Array([Dictionary(Type=Name.Annot, Rect=[0, 0, 9, 9], **more)])


def link(done: Dictionary):
    return lambda document: annotation(document, Subtype=Name.Link, A=done)


def root(**entries):
    def change(document) -> None:
        for key, value in entries.items():
            document.Root[f"/{key}"] = value

    return change


def attached(name: str, content: bytes):
    def change(document) -> None:
        document.attachments[name] = content

    return change


def name_elsewhere(document) -> None:
    annotation(document, Subtype=Name.Link, A=Dictionary(S=document.make_indirect(Name.Launch), F="a"))


def stream_elsewhere(document) -> None:
    document.Root.X = document.make_stream(b"", {"/F": pikepdf.String("http://a.example/x")})


class PdfTests(SimpleTestCase):
    def test_what_acts(self):
        script = action("JavaScript", JS="app.alert(1)")
        cases = (
            (root(OpenAction=script), pdfs.SCRIPT),
            (link(script), pdfs.SCRIPT),
            (link(action("Rendition", JS="app.alert(1)")), pdfs.MEDIA),
            (link(action("GoTo", D="a", Next=Array([action("GoTo", D="b"), script]))), pdfs.SCRIPT),
            (root(Names=Dictionary(JavaScript=Dictionary(Names=Array([])))), pdfs.SCRIPT),
            (link(action("URI", URI=" JavaScript:alert(1)")), pdfs.SCRIPT),
            (link(action("Launch", F="calc.exe")), pdfs.STARTS),
            (link(action("GoToR", F="\\\\a.example\\x.pdf", D="a")), pdfs.STARTS),
            (link(action("GoToE", F="a.pdf", D="a")), pdfs.STARTS),
            (name_elsewhere, pdfs.STARTS),
            (link(action("SubmitForm", F="http://a.example")), pdfs.SENDS),
            (link(action("ImportData", F="a.fdf")), pdfs.SENDS),
            (root(OpenAction=action("URI", URI="http://a.example")), pdfs.BY_ITSELF),
            (root(OpenAction=action("Named", N=Name.Print)), pdfs.BY_ITSELF),
            (root(AA=Dictionary(WC=action("GoTo", D="a"))), pdfs.BY_ITSELF),
            (root(AcroForm=Dictionary(Fields=Array([]), XFA=Array(["a", "b"]))), pdfs.DYNAMIC),
            (stream_elsewhere, pdfs.ELSEWHERE),
            *((lambda document, kind=kind: annotation(document, Subtype=Name(kind)), pdfs.MEDIA) for kind in pdfs.ANNOTATIONS),
        )
        for change, said in cases:
            for mode in (pikepdf.ObjectStreamMode.disable, pikepdf.ObjectStreamMode.generate):
                self.assertEqual(fault(pdf(change, object_stream_mode=mode), "pdf"), said)

    def test_what_acts_under_another_spelling(self):
        written = pdf(root(OpenAction=action("JavaScript", JS="a")), object_stream_mode=pikepdf.ObjectStreamMode.disable)
        self.assertIn(b"/JavaScript", written)
        spelt = written.replace(b"/JavaScript", b"/J#61vaScrip#74").replace(b"/JS", b"/#4a#53")
        self.assertEqual(fault(spelt, "pdf"), pdfs.SCRIPT)

    def test_what_is_fine(self):
        for change in (
            root(OpenAction=Array([Name.Fit])),
            root(OpenAction=action("GoTo", D="a")),
            link(action("URI", URI="https://a.example/javascript:x")),
            link(action("Named", N=Name.NextPage)),
            root(AcroForm=Dictionary(Fields=Array([]))),
            root(Note="Om /JS och /JavaScript och /Launch"),
            root(StructTreeRoot=Dictionary(K=Dictionary(S=Name.P, Type=Name.StructElem))),
            attached("protokoll.json", b"{}"),
            attached("factur-x.xml", b"<a/>"),
            attached("bilaga.pdf", pdf()),
        ):
            self.assertEqual(fault(pdf(change), "pdf"), "")

    def test_files_inside(self):
        for name, content in (
            ("a.exe", b"x"),
            ("a.txt", b"MZ\x90"),
            ("a.js", b"1"),
            ("a.html", b"<p>"),
            ("a.pdf.exe. ", b""),
            ("a", b"#!/bin/sh"),
            ("a.docm", b"PK"),
        ):
            self.assertIn("program", fault(pdf(attached(name, content)), "pdf"), name)
        bad = pdf(root(OpenAction=action("JavaScript", JS="a")))
        self.assertIn(pdfs.SCRIPT, fault(pdf(attached("b.pdf", bad)), "pdf"))
        deep = pdf()
        for _ in range(3):
            deep = pdf(attached("b.pdf", deep))
        self.assertIn("flera led", fault(deep, "pdf"))

    def test_locked_though_it_opens(self):
        self.assertEqual(fault(pdf(encryption=pikepdf.Encryption(owner="a", user="")), "pdf"), pdfs.LOCKED)

    def test_too_many_objects(self):
        with patch.object(pdfs, "MOST_OBJECTS", 20):
            self.assertEqual(fault(pdf(), "pdf"), "")
            many = pdf(root(X=Array([Dictionary(A=1)])))
            crowd = pdf(
                lambda document: setattr(document.Root, "X", Array([document.make_indirect(Dictionary()) for _ in range(30)]))
            )
            self.assertEqual((fault(many, "pdf"), fault(crowd, "pdf")), ("", pdfs.TOO_MANY))
            self.assertEqual(fault(re.sub(rb"/Size \d+", b"/Size 9999", pdf()), "pdf"), pdfs.TOO_MANY)


def packed(members: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" '
    'ContentType="application/xml"/>{}</Types>'
)
FOLDERS = {"docx": "word", "pptx": "ppt", "xlsx": "xl"}


def office_file(ending: str, members: dict[str, str | bytes] | None = None, types: str = "") -> bytes:
    folder = FOLDERS[ending]
    return packed({"[Content_Types].xml": TYPES.format(types), f"{folder}/document.xml": f"<w:document {W}/>"} | (members or {}))


def relation(kind: str, target: str, mode: str = "External") -> str:
    where = "http://schemas.openxmlformats.org"
    return (
        f'<Relationships xmlns="{where}/package/2006/relationships"><Relationship Id="r1" Target="{target}" TargetMode="{mode}" '
        f'Type="{where}/officeDocument/2006/relationships/{kind}"/></Relationships>'
    )


def related(ending: str, kind: str, target: str, mode: str = "External") -> str:
    return fault(office_file(ending, {f"{FOLDERS[ending]}/_rels/document.xml.rels": relation(kind, target, mode)}), ending)


def field(*runs: str) -> str:
    """A Word document with one field, its instruction split into runs; "{" and "}" are the marks of a field inside."""
    marks = {"{": "begin", "}": "end", "=": "separate"}
    parts = "".join(
        f'<w:r><w:fldChar w:fldCharType="{marks[run]}"/></w:r>'
        if run in marks
        else f"<w:r><w:instrText>{run}</w:instrText></w:r>"
        for run in ("{", *runs, "}")
    )
    return fault(
        office_file("docx", {"word/document.xml": f"<w:document {W}><w:body><w:p>{parts}</w:p></w:body></w:document>"}), "docx"
    )


class WordTests(SimpleTestCase):
    def test_relations_that_act(self):
        for kind, target, mode, said in (
            ("attachedTemplate", "https://a.example/x.dotm", "External", office.TEMPLATE),
            ("attachedTemplate", "file:///\\\\a.example\\x.dotx", "External", office.TEMPLATE),
            ("oleObject", "file:///C:/x.xlsx", "External", office.OBJECTS),
            ("oleObject", "embeddings/oleObject1.bin", "Internal", office.OBJECTS),
            ("control", "activeX/activeX1.xml", "Internal", office.CONTROLS),
            ("frame", "https://a.example/", "External", office.ELSEWHERE),
            ("subDocument", "https://a.example/x.docx", "External", office.ELSEWHERE),
            ("aFChunk", "afchunk.mht", "Internal", office.ELSEWHERE),
            ("image", "\\\\a.example\\x.png", "External", office.ELSEWHERE),
            ("image", "file://a.example/x.png", "External", office.ELSEWHERE),
            ("hyperlink", "javascript:alert(1)", "External", office.LINK),
            ("hyperlink", "ms-msdt:/id", "external", office.LINK),
        ):
            self.assertEqual(related("docx", kind, target, mode), said, (kind, target))

    def test_relations_that_are_fine(self):
        for kind, target, mode in (
            ("hyperlink", "https://a.example/", "External"),
            ("hyperlink", "mailto:a@a.example", "External"),
            ("hyperlink", "file:///\\\\server\\mapp\\plan.docx", "External"),
            ("attachedTemplate", "file:///C:\\Mallar\\kommunen.dotx", "External"),
            ("image", "https://a.example/x.png", "External"),
            ("image", "file:///C:/bild.png", "External"),
            ("image", "media/image1.png", "Internal"),
            ("styles", "styles.xml", "Internal"),
        ):
            self.assertEqual(related("docx", kind, target, mode), "", (kind, target))

    def test_fields(self):
        for runs, said in (
            (("DDEAUTO c:\\\\x",), office.DDE),
            ((" dd", "e ", "excel"), office.DDE),
            (("{", "QUOTE 68 68 69", "}", " cmd"), office.DDE),
            (("LINK Excel.Sheet.12 x",), office.OBJECTS),
            (('INCLUDETEXT "http://a.example"',), office.ELSEWHERE),
            (('INCLUDEPICTURE "\\\\\\\\a.example\\\\x.png"',), office.ELSEWHERE),
            ((" PAGE ",), ""),
            ((' HYPERLINK "https://a.example" ', "=", "{", " PAGEREF a ", "}"), ""),
            (("TOC \\o", "=", "{", "DDE x", "}"), office.DDE),
            ((" MACROBUTTON NoMacro [Skriv här]",), ""),
        ):
            self.assertEqual(field(*runs), said, runs)
        simple = f'<w:document {W}><w:fldSimple w:instr="DDE a b"/></w:document>'
        self.assertEqual(fault(office_file("docx", {"word/header1.xml": simple}), "docx"), office.DDE)

    def test_another_kind_inside(self):
        for kind in ("application/vnd.ms-word.document.macroEnabled.main+xml", "application/vnd.ms-office.vbaProject"):
            self.assertEqual(
                fault(office_file("docx", types=f'<Override PartName="/a" ContentType="{kind}"/>'), "docx"), office.MACROS
            )

    def test_a_part_is_read_whatever_it_is_called(self):
        override = '<Override PartName="/word/document.dat" ContentType="application/vnd.x.document.main+xml"/>'
        bad = f'<w:document {W}><w:fldSimple w:instr="DDE a b"/></w:document>'
        self.assertEqual(fault(office_file("docx", {"word/document.dat": bad}, override), "docx"), office.DDE)

    def test_files_inside(self):
        chart = office_file("xlsx")
        self.assertEqual(fault(office_file("docx", {"word/embeddings/Microsoft_Excel_Sheet1.xlsx": chart}), "docx"), "")
        for name, content in (("word/embeddings/oleObject1.bin", b"x"), ("word/embeddings/a.xlsm", chart)):
            self.assertIn(fault(office_file("docx", {name: content}), "docx"), (office.OBJECTS, office.PROGRAM))
        bad = office_file("xlsx", {"xl/externalLinks/externalLink1.xml": "<externalLink><ddeLink/></externalLink>"})
        self.assertIn(office.DDE, fault(office_file("docx", {"word/embeddings/a.xlsx": bad}), "docx"))
        self.assertEqual(fault(office_file("docx", {"word/media/a.exe": b"MZ"}), "docx"), office.PROGRAM)

    def test_names_that_stand_for_two(self):
        self.assertIn("skadad", fault(office_file("docx", {"WORD\\DOCUMENT.xml": "<a/>"}), "docx"))

    def test_a_button_that_starts_a_program(self):
        slide = '<p:a xmlns:p="x"><p:hlinkClick action="ppaction://program"/></p:a>'
        self.assertEqual(fault(office_file("pptx", {"ppt/slides/slide1.xml": slide}), "pptx"), office.LINK)

    def test_a_file_under_password(self):
        self.assertIn("lösenord", fault(b"\xd0\xcf\x11\xe0" + bytes(600), "docx"))

    def test_xml_that_swells(self):
        swells = '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><a>&b;</a>'
        self.assertEqual(fault(office_file("docx", {"word/document.xml": swells}), "docx"), looking_xml.REFUSED)
        outside = '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><a>&a;</a>'
        self.assertEqual(fault(office_file("docx", {"word/document.xml": outside}), "docx"), looking_xml.REFUSED)
        self.assertEqual(
            fault(office_file("docx", {"word/document.xml": "<a>" * 1100 + "</a>" * 1100}), "docx"), looking_xml.REFUSED
        )
        self.assertEqual(fault(office_file("docx", {"word/document.xml": "<a><b></a>"}), "docx"), looking_xml.REFUSED)


class ExcelTests(SimpleTestCase):
    def sheet(self, formula: str) -> str:
        sheet = f"<worksheet><sheetData><row><c><f>{formula}</f></c></row></sheetData></worksheet>"
        return fault(office_file("xlsx", {"xl/worksheets/sheet1.xml": sheet}), "xlsx")

    def test_formulas(self):
        for formula, said in (
            ("cmd|'/C calc'!A0", office.DDE),
            ("'cmd'|'/C calc'!A0", office.DDE),
            ('WEBSERVICE("http://a.example")', office.ELSEWHERE),
            ("SUM(A1:A9)", ""),
            ("'a|b'!A1&amp;\"x|y\"&amp;Tabell[a|b]", ""),
        ):
            self.assertEqual(self.sheet(formula), said, formula)

    def test_links_to_other_programs(self):
        for name, xml, said in (
            ("xl/externalLinks/externalLink1.xml", "<externalLink><ddeLink/></externalLink>", office.DDE),
            ("xl/externalLinks/externalLink1.xml", "<externalLink><oleLink/></externalLink>", office.DDE),
            ("xl/externalLinks/externalLink1.xml", "<externalLink><externalBook/></externalLink>", ""),
            ("xl/connections.xml", '<connections><connection refreshOnLoad="1"/></connections>', office.ELSEWHERE),
            ("xl/connections.xml", '<connections><connection id="1"/></connections>', ""),
        ):
            self.assertEqual(fault(office_file("xlsx", {name: xml}), "xlsx"), said)
        self.assertEqual(related("xlsx", "externalLinkPath", "bok2.xlsx"), "")
        self.assertEqual(related("xlsx", "xlMacrosheet", "macrosheets/sheet1.xml", "Internal"), office.MACROS)

    def test_an_ordinary_workbook(self):
        book = Workbook()
        sheet = book.active
        sheet.append(["Enhet", "Timmar"])
        sheet.append(["Norr", 7])
        sheet["C1"] = "=SUM(B2:B9)"
        sheet["A1"].hyperlink = "https://a.example/"
        chart = BarChart()
        chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=2))
        sheet.add_chart(chart)
        out = io.BytesIO()
        book.save(out)
        self.assertEqual(fault(out.getvalue(), "xlsx"), "")


NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "table", "draw", "script", "meta")
)


def odf(members: dict[str, str | bytes], ending: str = "odt") -> str:
    return fault(packed({"mimetype": office.ODF[ending], "content.xml": "<a/>"} | members), ending)


def content(inner: str, ending: str = "odt") -> str:
    xml = f'<office:document-content {NAMES} xmlns:xlink="http://www.w3.org/1999/xlink">{inner}</office:document-content>'
    return odf({"content.xml": xml}, ending)


class LibreOfficeTests(SimpleTestCase):
    def test_macros(self):
        for members in (
            {"Basic/Standard/Module1.xml": "<a/>"},
            {"Scripts/python/a.txt": "x"},
            {"Dialogs/Standard/D.xml": "<a/>"},
        ):
            self.assertEqual(odf(members), office.MACROS)
        self.assertEqual(odf({"Basic/script-lc.xml": "<a/>", "Basic/Standard/script-lb.xml": "<a/>", "Basic/": ""}), "")
        for inner in (
            '<office:event-listeners><script:event-listener script:event-name="dom:load"/></office:event-listeners>',
            "<text:script>x</text:script>",
            "<text:execute-macro/>",
        ):
            self.assertEqual(content(inner), office.MACROS)
        self.assertEqual(content("<office:scripts/>"), "")

    def test_links_to_other_programs(self):
        for inner in (
            "<office:dde-source/>",
            "<text:dde-connection-decl/>",
            "<table:dde-link/>",
            '<table:table-cell table:formula=\'of:=DDE("a";"b")\'/>',
        ):
            self.assertEqual(content(inner, "ods"), office.DDE)

    def test_objects_and_what_is_fetched(self):
        for inner, said in (
            ('<draw:object-ole xlink:href="./Object 1"/>', office.OBJECTS),
            ('<draw:object xlink:href="./Object 1"/>', ""),
            ('<draw:object xlink:href="http://a.example/x.ods"/>', office.ELSEWHERE),
            ("<draw:floating-frame/>", office.CONTROLS),
            ("<draw:applet/>", office.CONTROLS),
            ('<text:section-source xlink:href="http://a.example/x.odt"/>', office.ELSEWHERE),
            ('<meta:template xlink:href="file:///usr/share/mall.ott"/>', ""),
            ('<meta:template xlink:href="\\\\a.example\\mall.ott"/>', office.ELSEWHERE),
            ('<draw:image xlink:href="Pictures/1.png"/>', ""),
            ('<draw:image xlink:href="file://a.example/1.png"/>', office.ELSEWHERE),
            ('<text:a xlink:href="https://a.example/">x</text:a>', ""),
            ('<text:a xlink:href="vnd.sun.star.script:a?language=Basic">x</text:a>', office.LINK),
            ('<text:a xlink:href="macro:///a.b">x</text:a>', office.LINK),
        ):
            self.assertEqual(content(inner), said, inner)

    def test_empty_settings_are_no_fault(self):
        self.assertEqual(odf({"Configurations2/accelerator/current.xml": ""}), "")

    def test_under_password(self):
        locked = "<manifest:manifest xmlns:manifest='x'><manifest:encryption-data/></manifest:manifest>"
        self.assertEqual(odf({"META-INF/manifest.xml": locked}), office.LOCKED)


class SaidTests(SimpleTestCase):
    def test_each_fault_says_what_it_is_and_what_to_do(self):
        said = [
            value
            for module in (pdfs, office, images, looking_xml)
            for name, value in vars(module).items()
            if name.isupper() and isinstance(value, str) and " " in value and name not in ("ANEW", "OR_PDF")
        ]
        self.assertGreater(len(said), 20)
        for sentence in said:
            self.assertRegex(sentence, r"^(Filen|PDF-filen|Bilden)\b.*\. .*(försök igen|nya filen|ny PDF|Minska)", sentence)
