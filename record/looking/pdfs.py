"""PDF files: looked into for pages, and for anything in them that runs, reaches out or hides."""

import io
import re
from collections.abc import Callable
from typing import Any

import pikepdf

from .faults import LOOKED_INTO, Fault, ending_of, is_program

MOST_OBJECTS = 100_000
DEEPEST = 20

ANEW = "Öppna den, skriv ut den till en ny PDF och lämna in den nya filen."
SCRIPT = f"PDF-filen innehåller programkod (JavaScript). {ANEW}"
STARTS = f"PDF-filen kan starta program eller öppna andra filer. {ANEW}"
SENDS = f"PDF-filen är ett formulär som skickar eller hämtar uppgifter. {ANEW}"
BY_ITSELF = f"PDF-filen gör något av sig själv när den öppnas eller bläddras. {ANEW}"
DYNAMIC = f"PDF-filen är ett dynamiskt formulär (XFA). {ANEW}"
MEDIA = f"PDF-filen innehåller film, ljud, 3D eller annat som spelas upp. {ANEW}"
ELSEWHERE = f"PDF-filen hämtar delar av sitt innehåll från en annan plats. {ANEW}"
LOCKED = "PDF-filen är skyddad (krypterad), fast den kan öppnas. Spara den utan skydd, eller skriv ut den till en ny PDF."
TOO_MANY = f"PDF-filen består av så många delar att den inte kan kontrolleras. {ANEW}"

ACTIONS = {
    "/JavaScript": SCRIPT,
    "/Launch": STARTS,
    "/GoToR": STARTS,
    "/GoToE": STARTS,
    "/SubmitForm": SENDS,
    "/ImportData": SENDS,
    "/Rendition": MEDIA,
    "/RichMediaExecute": MEDIA,
    "/GoTo3DView": MEDIA,
}
ANNOTATIONS = {"/RichMedia": MEDIA, "/Movie": MEDIA, "/Sound": MEDIA, "/Screen": MEDIA, "/3D": MEDIA}
SCRIPT_ADDRESS = re.compile(r"\s*(?:javascript|vbscript|data):", re.IGNORECASE)
# An object is read name by name only when one of these stands in it; qpdf has undone every other way of writing them.
SUSPECT = re.compile(
    rb"/(?:JS|JavaScript|Launch|GoToR|GoToE|SubmitForm|ImportData|Rendition|RichMedia\w*|GoTo3DView|Movie|Sound|Screen|3D"
    rb"|XFA|AA|EF|OpenAction|PS|URI|F)(?![\w.-])"
)


def look(data: bytes, inside: Callable[[str, bytes], str]) -> str:
    """The content type of a PDF that has pages and only shows them; raises Fault. `inside` says the fault of a file in it."""
    if not data.startswith(b"%PDF-"):
        raise Fault("Filen heter .pdf men är ingen PDF.")
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            if pdf.is_encrypted:
                raise Fault(LOCKED)
            if int(pdf.trailer.get("/Size", 0)) > MOST_OBJECTS or len(pdf.objects) > MOST_OBJECTS:
                raise Fault(TOO_MANY)
            if not pdf.pages:
                raise Fault("PDF-filen har inga sidor.")
            for thing in (pdf.trailer, *pdf.objects):
                _demand_still(thing, inside)
    except pikepdf.PasswordError as error:
        raise Fault("PDF-filen är skyddad med lösenord. Ta bort skyddet och försök igen.") from error
    except pikepdf.PdfError as error:
        raise Fault("PDF-filen går inte att läsa. Skriv ut den till en ny PDF och försök igen.") from error
    return "application/pdf"


def _demand_still(thing: Any, inside: Callable[[str, bytes], str]) -> None:
    """Raises Fault when an object, or what lies directly in it, does something. Other objects are met by themselves."""
    written = thing.stream_dict.unparse() if isinstance(thing, pikepdf.Stream) else thing.unparse(resolved=True)
    if not SUSPECT.search(written):
        return
    if isinstance(thing, pikepdf.Stream) and "/F" in thing.stream_dict:
        raise Fault(ELSEWHERE)
    if isinstance(thing, pikepdf.Name) and str(thing) in ACTIONS:  # a name by itself, which an action elsewhere points at
        raise Fault(ACTIONS[str(thing)])
    _walk(thing, inside, 0)


def _walk(thing: Any, inside: Callable[[str, bytes], str], depth: int) -> None:
    if depth > DEEPEST:
        raise Fault(SCRIPT)  # nobody writes this by accident
    if isinstance(thing, pikepdf.Stream):
        thing = thing.stream_dict
    if isinstance(thing, pikepdf.Dictionary):
        _demand_harmless(thing, inside)
        parts = list(dict(thing.items()).values())
    elif isinstance(thing, pikepdf.Array):
        parts = list(thing)
    else:
        return
    for part in parts:
        if not getattr(part, "is_indirect", False):
            _walk(part, inside, depth + 1)


def _demand_harmless(thing: pikepdf.Dictionary, inside: Callable[[str, bytes], str]) -> None:
    if fault := ACTIONS.get(_name(thing.get("/S"))):
        raise Fault(fault)
    if fault := ANNOTATIONS.get(_name(thing.get("/Subtype"))):
        raise Fault(fault)
    if _name(thing.get("/Subtype")) == "/PS" or isinstance(thing.get("/JS"), (pikepdf.String, pikepdf.Stream, str)):
        raise Fault(SCRIPT)
    if isinstance(thing.get("/JavaScript"), (pikepdf.Dictionary, pikepdf.Array)):  # the document's own scripts
        raise Fault(SCRIPT)
    if isinstance(thing.get("/XFA"), (pikepdf.Array, pikepdf.Stream)):
        raise Fault(DYNAMIC)
    if "/Sound" in thing and _name(thing.get("/S")) == "/Sound":
        raise Fault(MEDIA)
    if isinstance(thing.get("/AA"), pikepdf.Dictionary) and len(thing.AA.keys()):
        raise Fault(BY_ITSELF)
    if isinstance(thing.get("/URI"), (pikepdf.String, str)) and SCRIPT_ADDRESS.match(str(thing.URI)):
        raise Fault(SCRIPT)
    _demand_no_more_than_a_place(thing.get("/OpenAction"))
    if isinstance(thing.get("/EF"), pikepdf.Dictionary):
        _demand_harmless_file(thing, inside)


def _demand_no_more_than_a_place(action: Any) -> None:
    """What happens when the file is opened may only be that it opens at a place in itself. What follows it is an action too."""
    if isinstance(action, pikepdf.Dictionary) and (_name(action.get("/S", pikepdf.Name.GoTo)) != "/GoTo" or "/Next" in action):
        raise Fault(ACTIONS.get(_name(action.get("/S")), BY_ITSELF))


def _demand_harmless_file(spec: pikepdf.Dictionary, inside: Callable[[str, bytes], str]) -> None:
    """A file inside the file, under each of its names."""
    names = [str(spec[key]) for key in ("/UF", "/F", "/Unix", "/DOS", "/Mac") if key in spec] or [""]
    for stream in dict(spec.EF.items()).values():
        if not isinstance(stream, pikepdf.Stream):
            continue
        content = stream.read_bytes()
        for name in set(names):
            if is_program(name, content):
                raise Fault(f"PDF-filen har en fil inuti sig som kan vara ett program: {_shown(name)}. {ANEW}")
            if ending_of(name) in LOOKED_INTO and (fault := inside(name, content)):
                raise Fault(f"Filen {_shown(name)} inuti PDF-filen kan inte tas emot: {fault}")


def _shown(name: str) -> str:
    return "".join(char if char.isprintable() else " " for char in name)[-100:].strip() or "utan namn"


def _name(value: Any) -> str:
    return str(value) if isinstance(value, pikepdf.Name) else ""
