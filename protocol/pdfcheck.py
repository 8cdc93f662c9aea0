"""Our own check of every file we make: what would keep it from being PDF/A-3a and PDF/UA-1."""

import io
import re
from collections.abc import Iterator
from itertools import pairwise

import pikepdf

_DRAWS = {"Tj", "TJ", "'", '"', "Do", "f", "F", "f*", "S", "s", "B", "B*", "b", "b*", "sh", "EI", "INLINE IMAGE"}


def check(pdf: bytes) -> list[str]:
    """What keeps the file from being PDF/A-3a and PDF/UA-1, as far as we look; an empty list is a pass."""
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            return sorted(
                {*_check_catalogue(document), *_check_objects(document), *_check_headings(document), *_check_pages(document)}
            )
    except pikepdf.PdfError as error:
        return [f"not a PDF: {error}"]


def _check_catalogue(document: pikepdf.Pdf) -> Iterator[str]:
    root = document.Root
    packet = root.get("/Metadata")
    xmp = packet.read_bytes().decode("utf-8", "replace") if packet is not None else ""
    if packet is not None and "/Filter" in packet:
        yield "metadata is compressed"
    for wanted, name in (
        (r"<pdfaid:part>3<|pdfaid:part=.3", "PDF/A part 3"),
        (r"(?i)<pdfaid:conformance>A<|pdfaid:conformance=.A", "PDF/A level A"),
        (r"<pdfuaid:part>1<|pdfuaid:part=.1", "PDF/UA part 1"),
        ("pdfaExtension:schemas", "extension schema"),
        (r"<dc:title>.*\S.*</dc:title>", "title"),
    ):
        if not re.search(wanted, xmp, re.S):
            yield f"metadata without {name}"
    if not str(root.get("/Lang", "")):
        yield "no language"
    if not bool(root.get("/MarkInfo", {}).get("/Marked", False)):
        yield "not marked as tagged"
    if not bool(root.get("/ViewerPreferences", {}).get("/DisplayDocTitle", False)):
        yield "title is not displayed"
    if "/OutputIntents" not in root:
        yield "no output intent"
    if "/StructTreeRoot" not in root:
        yield "no structure tree"
    if "/ID" not in document.trailer:
        yield "no file identifier"
    if "/Encrypt" in document.trailer:
        yield "encrypted"


def _check_objects(document: pikepdf.Pdf) -> Iterator[str]:
    for item in document.objects:
        if isinstance(item, pikepdf.Stream):
            if item.get("/Subtype") == "/Image" and bool(item.get("/Interpolate", False)):
                yield "image with interpolation"
        elif isinstance(item, pikepdf.Dictionary):
            descriptor = item.get("/FontDescriptor")
            embedded = descriptor is None or any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3"))
            if item.get("/Type") == "/Font" and not embedded:
                yield f"font {item.get('/BaseFont')} is not embedded"
            if item.get("/Type") == "/StructElem" and item.get("/S") == "/Figure" and not str(item.get("/Alt", "")):
                yield "figure without text alternative"
            if item.get("/Subtype") == "/Link" and not str(item.get("/Contents", "")):
                yield "link without description"
            if item.get("/Type") == "/Filespec" and "/AFRelationship" not in item:
                yield "attachment without relationship"
            if item.get("/S") in ("/JavaScript", "/Launch", "/Sound", "/Movie"):
                yield f"forbidden action {item.get('/S')}"


def _check_headings(document: pikepdf.Pdf) -> Iterator[str]:
    tree = document.Root.get("/StructTreeRoot")
    levels: list[int] = []
    waiting = [tree.get("/K")] if tree is not None else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, pikepdf.Array):
            waiting += reversed(list(node))
        elif isinstance(node, pikepdf.Dictionary):
            if heading := re.fullmatch(r"/H([1-6])", str(node.get("/S", ""))):
                levels.append(int(heading[1]))
            waiting.append(node.get("/K"))
    if not levels or levels[0] != 1:
        yield "the first heading is not of level 1"
    for before, after in pairwise(levels):
        if after > before + 1:
            yield f"a heading of level {after} follows one of level {before}"


def _check_pages(document: pikepdf.Pdf) -> Iterator[str]:
    for number, page in enumerate(document.pages, start=1):
        depth = 0
        for instruction in pikepdf.parse_content_stream(page):
            operator = str(instruction.operator)
            if operator in ("BDC", "BMC"):
                depth += 1
            elif operator == "EMC":
                depth -= 1
            elif operator in _DRAWS and depth <= 0:
                yield f"untagged content on page {number}"
                break
