"""Files of Word, PowerPoint, Excel and LibreOffice: looked into for programs, and for links that act or fetch by themselves.

A link that somebody clicks on is fine, and so are pictures, charts, and addresses on the writer's own disk.
"""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import PurePosixPath

from .faults import LOOKED_INTO, PROGRAM_ENDINGS, Fault, ending_of
from .xml import Element, elements

OOXML = {
    "docx": ("word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "pptx": ("ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    "xlsx": ("xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
ODF = {"odt": "application/vnd.oasis.opendocument.text", "ods": "application/vnd.oasis.opendocument.spreadsheet"}
# The ending of a file with macros → that of the same file without.
WITH_MACROS = {
    **dict.fromkeys(("docm", "dotm"), "docx"),
    **dict.fromkeys(("xlsm", "xltm", "xlsb", "xlam"), "xlsx"),
    **dict.fromkeys(("pptm", "potm", "ppsm"), "pptx"),
}
MOST_MEMBERS = 2_000
MOST_UNZIPPED = 200 * 1024 * 1024
MOST_RATIO = 100

OR_PDF = "eller spara den som PDF, och försök igen."
MACROS = f"Filen innehåller makron. Spara den utan makron, {OR_PDF}"
CONTROLS = f"Filen innehåller programdelar (ActiveX eller webbtillägg). Ta bort dem, {OR_PDF}"
DDE = f"Filen hämtar uppgifter ur andra program (DDE). Ersätt länken med dess värde, {OR_PDF}"
OBJECTS = f"Filen har ett inbäddat eller länkat objekt (OLE) som kan köra något. Ersätt det med en bild, {OR_PDF}"
TEMPLATE = f"Filen hämtar sin mall från en server. Byt till mallen Normal under Arkiv, Alternativ, Tillägg, Mallar, {OR_PDF}"
ELSEWHERE = f"Filen hämtar delar av sitt innehåll från en annan plats. Bryt länkarna, {OR_PDF}"
LINK = f"Filen har en länk som kör något i stället för att öppna en sida. Ta bort länken, {OR_PDF}"
PROGRAM = f"Filen har ett program inuti sig. Ta bort det, {OR_PDF}"
LOCKED = "Filen är skyddad med lösenord. Ta bort skyddet och försök igen."

# The last part of a relationship's type.
RELATIONS = {
    **dict.fromkeys(("vbaproject", "wordvbadata", "xlmacrosheet", "xlintlmacrosheet", "attachedtoolbars"), MACROS),
    **dict.fromkeys(("control", "activexcontrolbinary", "webextension", "webextensiontaskpanes"), CONTROLS),
    "oleobject": OBJECTS,
    "afchunk": ELSEWHERE,
}
SHOWN_FROM_ELSEWHERE = {"hyperlink", "image", "video", "audio", "media", "externallinkpath", "xlpathmissing", "attachedtemplate"}
BOOKS = {"externallinkpath", "xlpathmissing"}  # other workbooks, whose values Excel asks before it fetches
# The first word of a Word field.
FIELDS = {"DDE": DDE, "DDEAUTO": DDE, "LINK": OBJECTS, "INCLUDETEXT": ELSEWHERE, "INCLUDE": ELSEWHERE, "DATABASE": ELSEWHERE}
ODF_TAGS = {
    **dict.fromkeys(("event-listener", "execute-macro", "module", "source-code"), MACROS),
    **dict.fromkeys(("dde-source", "dde-connection", "dde-connection-decl", "dde-link"), DDE),
    **dict.fromkeys(("applet", "floating-frame"), CONTROLS),
    "object-ole": OBJECTS,
    "encryption-data": LOCKED,
}
ODF_LINKED = {"section-source", "table-source", "cell-range-source", "object", "plugin", "auto-reload", "template"}
EMPTY_LIBRARIES = {"script-lb.xml", "script-lc.xml", "dialog-lb.xml", "dialog-lc.xml"}  # the lists, which may be empty

_RUNS = re.compile(
    r"\s*(?:javascript|vbscript|data|mhtml|ms-msdt|search|search-ms|script|macro|vnd\.sun\.star\.[a-z.]+|\.uno|service|slot):",
    re.I,
)
_WEB = re.compile(r"\s*(?:https?|ftps?|webdavs?|smb):", re.IGNORECASE)
_ACTS = re.compile(r"ppaction://(?:program|macro|ole)", re.IGNORECASE)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|\[[^\[\]]*\]")
_FETCHES = re.compile(r"\b(?:DDE|WEBSERVICE)\s*\(", re.IGNORECASE)


def look(data: bytes, ending: str, inside: Callable[[str, bytes], str]) -> str:
    """The content type of an office file without anything that runs; raises Fault. `inside` says the fault of a file in it."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Fault(f"Filen är skyddad med lösenord eller av en äldre sort. Spara den utan skydd som .{ending} och försök igen.")
    if not data.startswith(b"PK\x03\x04"):
        raise _other(ending)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _demand_bounds(archive)
            names = _names(archive, ending)
            if ending in OOXML:
                return _ooxml(archive, names, ending, inside)
            return _odf(archive, names, ending, inside)
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError) as error:
        raise _other(ending) from error


def _on_a_server(address: str) -> bool:
    """Whether a file's address names a machine on the network: \\\\server\\…, file://server/…; not file:///C:/… or a path."""
    address = address.strip().replace("\\", "/").lower()
    path = address.removeprefix("file:")
    slashes = len(path) - len(path.lstrip("/"))
    if path == address:
        return slashes >= 2
    return slashes >= 2 and slashes != 3 and not re.match(r"[a-z][:|]|localhost/", path.lstrip("/"))


def _other(ending: str) -> Fault:
    return Fault(f"Filen heter .{ending} men har inte det innehållet, eller så är den skadad.")


def _demand_bounds(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    unzipped = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    if len(members) > MOST_MEMBERS or unzipped > MOST_UNZIPPED or unzipped / packed > MOST_RATIO:
        raise Fault("Filen är för stor när den packas upp. Gör bilderna i den mindre, dela upp den eller spara den som PDF.")
    if any(member.flag_bits & 1 for member in members):
        raise Fault(LOCKED)


def _names(archive: zipfile.ZipFile, ending: str) -> dict[str, str]:
    """The members by their name as an office program reads it: small, with slashes; raises Fault when one stands for two."""
    names: dict[str, str] = {}
    for member in archive.infolist():
        name = member.filename.replace("\\", "/").lstrip("/").lower()
        if name in names:
            raise _other(ending)
        if name.endswith("vbaproject.bin"):
            raise Fault(MACROS)
        if ending_of(name) in PROGRAM_ENDINGS:
            raise Fault(PROGRAM)
        names[name] = member.filename
    return names


def _demand_harmless_files(
    archive: zipfile.ZipFile, names: dict[str, str], folder: str, inside: Callable[[str, bytes], str]
) -> None:
    """Other files inside: the tables behind charts are, what a program wrote in a form of its own is not."""
    for name, member in names.items():
        if folder in name and not name.endswith("/"):
            if ending_of(name) not in LOOKED_INTO:
                raise Fault(OBJECTS)
            if fault := inside(name, archive.read(member)):
                raise Fault(f"En fil inuti filen kan inte tas emot: {fault}")


# ---- Word, PowerPoint, Excel


def _ooxml(archive: zipfile.ZipFile, names: dict[str, str], ending: str, inside: Callable[[str, bytes], str]) -> str:
    folder, content_type = OOXML[ending]
    if "[content_types].xml" not in names or not any(name.startswith(folder) for name in names):
        raise _other(ending)
    written = _written_in_xml(archive.read(names["[content_types].xml"]), names)
    for name, member in names.items():
        if name.endswith(".rels"):
            for element in elements(archive.read(member)):
                if element.tag == "Relationship":
                    _demand_still(element)
        elif name in written:
            _demand_no_acting_words(archive.read(member), formulas=ending == "xlsx")
    _demand_harmless_files(archive, names, "/embeddings/", inside)
    return content_type


def _written_in_xml(content_types: bytes, names: dict[str, str]) -> set[str]:
    """The parts that are read as XML, whatever they are called; raises Fault when one is a program."""
    by_ending, by_name = {}, {}
    for element in elements(content_types):
        kind = element.attributes.get("ContentType", "").lower()
        if re.search(r"macro|vbaproject", kind):
            raise Fault(MACROS)
        if "activex" in kind or "webextension" in kind:
            raise Fault(CONTROLS)
        by_ending[element.attributes.get("Extension", "").lower()] = kind
        by_name[element.attributes.get("PartName", "").lstrip("/").lower()] = kind
    return {
        name for name in names if name.endswith(".xml") or by_name.get(name, by_ending.get(ending_of(name), "")).endswith("xml")
    } - {"[content_types].xml"}


def _demand_still(relation: Element) -> None:
    """Raises Fault for a relation that runs something, or fetches something without being asked."""
    kind = relation.attributes.get("Type", "").rpartition("/")[2].lower()
    target = relation.attributes.get("Target", "")
    if fault := RELATIONS.get(kind):
        raise Fault(fault)
    if relation.attributes.get("TargetMode", "").lower() != "external":
        return
    if _RUNS.match(target):
        raise Fault(LINK)
    if kind == "hyperlink":
        return
    if kind == "attachedtemplate" and (_on_a_server(target) or _WEB.match(target)):
        raise Fault(TEMPLATE)
    if kind not in SHOWN_FROM_ELSEWHERE or (kind not in BOOKS and _on_a_server(target)):
        raise Fault(ELSEWHERE)


def _demand_no_acting_words(data: bytes, *, formulas: bool) -> None:
    """Fields, formulas and buttons that fetch or start something."""
    fields: list[list[str] | None] = []  # the open ones, each with what is read of its instruction; None when that is over
    for element in elements(data, texts={"instrText", "f", "definedName"}):
        match element.tag:
            case "ddeLink" | "oleLink":
                raise Fault(DDE)
            case "fldSimple":
                _demand_harmless_field(" ".join(element.said("instr")))
            case "fldChar":
                _follow_field(fields, element.said("fldCharType"))
            case "instrText" if fields and fields[-1] is not None:
                fields[-1].append(element.text)
            case "instrText":
                _demand_harmless_field(element.text)
            case "f" | "definedName" if formulas:
                _demand_harmless_formula(element.text)
            case "connection" if {"1", "true", "on"} & {value.lower() for value in element.said("refreshOnLoad")}:
                raise Fault(ELSEWHERE)
        if any(_ACTS.match(value) for value in element.said("action")):
            raise Fault(LINK)


def _follow_field(fields: list[list[str] | None], steps: list[str]) -> None:
    for step in steps:
        if step == "begin":
            if fields and fields[-1] is not None and not "".join(fields[-1]).strip():
                raise Fault(DDE)  # what the field is called is put together by another field: nobody writes this by accident
            fields.append([])
        elif fields:
            if fields[-1] is not None:
                _demand_harmless_field("".join(fields[-1]))
            if step == "end":
                fields.pop()
            else:
                fields[-1] = None


def _demand_harmless_field(instruction: str) -> None:
    name, address = ([word.strip('" ') for word in instruction.split(maxsplit=1)] + ["", ""])[:2]
    if fault := FIELDS.get(name.upper()):
        raise Fault(fault)
    if name.upper() == "HYPERLINK" and _RUNS.match(address):
        raise Fault(LINK)
    if name.upper() == "INCLUDEPICTURE" and _on_a_server(address):
        raise Fault(ELSEWHERE)


def _demand_harmless_formula(formula: str) -> None:
    bare = _QUOTED.sub("", formula)
    if "|" in bare:  # there is no such operator: it calls another program
        raise Fault(DDE)
    if found := _FETCHES.search(bare):
        raise Fault(DDE if found.group().upper().startswith("DDE") else ELSEWHERE)


# ---- LibreOffice


def _odf(archive: zipfile.ZipFile, names: dict[str, str], ending: str, inside: Callable[[str, bytes], str]) -> str:
    content_type = ODF[ending]
    if "mimetype" not in names or archive.getinfo(names["mimetype"]).file_size > 200:
        raise _other(ending)
    if archive.read(names["mimetype"]) != content_type.encode():
        raise _other(ending)
    for name, member in names.items():
        top, *below = PurePosixPath(name).parts or ("",)
        of_program = top == "scripts" or (top in ("basic", "dialogs") and below and below[-1] not in EMPTY_LIBRARIES)
        if of_program and below and not name.endswith("/"):
            raise Fault(MACROS)
        if name.endswith((".xml", ".rdf")):
            for element in elements(archive.read(member)):
                _demand_still_element(element)
    return content_type


def _demand_still_element(element: Element) -> None:
    if fault := ODF_TAGS.get(element.tag):
        raise Fault(fault)
    if element.tag == "script" and element.uri.endswith(":text:1.0"):  # a script among the words
        raise Fault(MACROS)
    for address in element.said("href"):
        if _RUNS.match(address):
            raise Fault(LINK)
        if element.tag in ODF_LINKED and (_WEB.match(address) or _on_a_server(address)):
            raise Fault(ELSEWHERE)
        if element.tag == "image" and _on_a_server(address):
            raise Fault(ELSEWHERE)
    for formula in [*element.said("formula"), *element.said("condition")]:
        if found := _FETCHES.search(_QUOTED.sub("", formula)):
            raise Fault(DDE if found.group().upper().startswith("DDE") else ELSEWHERE)
