"""What WeasyPrint leaves to do before its PDF/A-3a is a PDF/UA-1 too, and the only place that looks inside what it has drawn.

It may change in any release: tests/protocol/test_pdfua.py tells at an upgrade what broke."""

import io
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime

_UA = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Which part of ISO 14289 the file follows</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""


def attachment(data: bytes, *, name: str, mime: str, relationship: str, description: str, at: datetime):
    """A file to lie in the PDF, of the type that is told: WeasyPrint would guess it from the name."""
    from weasyprint import Attachment

    item = Attachment(string=data, name=name, description=description, relationship=relationship, created=at, modified=at)
    item.source = nullcontext((io.BytesIO(data), None, None, mime))
    return item


def undrawn(document) -> Iterator[int]:
    """The code points of a drawn document that none of its fonts could draw, each once, in order."""
    yield from sorted({codepoint for font in document.fonts.values() for codepoint in font.missing})


def finish(document, pdf) -> None:
    """Mends the objects of WeasyPrint's own file, before it is written."""
    _list_bodies(pdf)
    _margins_to_artifacts(pdf)
    _name_ua(pdf)


def _list_bodies(pdf) -> None:
    """A list item may hold only a label and a body: the blocks of an att-sats with its support and answer get one body."""
    import pydyf

    for item in [item for item in pdf.objects if isinstance(item, dict) and item.get("S") == "/LI"]:
        kids = [(kid, pdf.objects[_object(kid)]) for kid in item["K"]]
        blocks = [(kid, element) for kid, element in kids if element.get("S") not in ("/Lbl", "/LBody")]
        if blocks:
            body = pydyf.Dictionary({"Type": "/StructElem", "S": "/LBody", "P": item.reference, "Pg": item["Pg"]})
            body["K"] = pydyf.Array([kid for kid, _ in blocks])
            pdf.add_object(body)
            for _, element in blocks:
                element["P"] = body.reference
            item["K"] = pydyf.Array([kid for kid, element in kids if element.get("S") in ("/Lbl", "/LBody")] + [body.reference])


def _name_ua(pdf) -> None:
    """The PDF/UA identifier, and the schema that PDF/A wants for it, in the one metadata packet; left readable for archives."""
    packet = pdf.objects[_object(pdf.catalog["Metadata"])]
    xml = b"".join(part if isinstance(part, bytes) else str(part).encode() for part in packet.stream)
    end = xml.rindex(b"</rdf:RDF>")
    packet.stream = [xml[:end] + _UA + xml[end:]]
    packet.compress = False


def _object(reference) -> int:
    text = reference.decode() if isinstance(reference, bytes) else str(reference)
    return int(text.split()[0])


def _margins_to_artifacts(pdf) -> None:
    """Running headers become artifacts: WeasyPrint tags them outside the tree, and a reader would hear them on every page."""
    import pydyf

    root = pdf.objects[_object(pdf.catalog["StructTreeRoot"])]
    reached, waiting = set(), [_object(kid) for kid in root["K"]]
    while waiting:
        number = waiting.pop()
        if number not in reached:
            reached.add(number)
            kids = pdf.objects[number].get("K") or ()
            waiting += [_object(kid) for kid in kids if isinstance(kid, (str, bytes))]
    numbers = pdf.objects[_object(root["ParentTree"])]["Nums"]
    owners = dict(zip(numbers[::2], numbers[1::2], strict=True))
    for page in [item for item in pdf.objects if isinstance(item, dict) and item.get("Type") == "/Page"]:
        marked = owners[page["StructParents"]]
        loose = {mcid for mcid, owner in enumerate(marked) if _object(owner) not in reached}
        stream = pdf.objects[_object(page["Contents"])].stream
        for at, operator in enumerate(stream):
            if operator == b"BDC" and isinstance(stream[at - 1], dict) and stream[at - 1].get("MCID") in loose:
                stream[at - 2], stream[at - 1] = "/Artifact", pydyf.Dictionary({"Type": "/Pagination"})
        for mcid in loose:
            marked[mcid] = "null"
    for number, item in enumerate(pdf.objects):
        if isinstance(item, dict) and item.get("Type") == "/StructElem" and number not in reached:
            item.clear()  # an emptied object keeps its number; a freed one would shift the others
