"""What a file from outside is, found by looking inside. No Django: this has a process of its own (record/limited.py)."""

from . import images, office, pdfs
from .faults import Fault

DEEPEST = 3  # a file in a file in a file


def look(data: bytes, ending: str, depth: int = 1) -> dict[str, str]:
    """What the file is by its content: its `content_type`, or in Swedish the `fault` for which it is not taken.

    Raises MemoryError when it takes more than there is.
    """
    try:
        return {"content_type": _kind(data, ending, depth), "fault": ""}
    except Fault as fault:
        return {"content_type": "", "fault": str(fault)}
    except MemoryError:
        raise
    except Exception:  # a file made to break its reader: whatever broke, it is not one we can keep
        return {"content_type": "", "fault": "Filen går inte att läsa. Spara om den och försök igen."}


def _kind(data: bytes, ending: str, depth: int) -> str:
    if depth > DEEPEST:
        raise Fault("Filen har filer i filer i flera led. Lämna in dem var för sig.")

    def inside(name: str, content: bytes) -> str:
        """The fault of a file that lies inside this one; empty when it may lie there."""
        return look(content, name.rpartition(".")[2].lower(), depth + 1)["fault"]

    if ending == "pdf":
        content_type = pdfs.look(data, inside)
    elif ending in images.KINDS:
        content_type = images.look(data, ending)
    elif ending in office.OOXML or ending in office.ODF:
        return office.look(data, ending, inside)
    elif ending in office.WITH_MACROS:
        raise Fault(f"Filer med makron tas inte emot. Spara som .{office.WITH_MACROS[ending]} {office.OR_PDF}")
    else:
        raise Fault("Filtypen kan inte tas emot. Använd PDF, Word, PowerPoint, Excel, OpenDocument, PNG eller JPEG.")
    if _ends_as_zip(data):
        raise Fault("Filen är två sorters filer på en gång. Spara om den och försök igen.")
    return content_type


def _ends_as_zip(data: bytes) -> bool:
    """A ZIP archive has been hung on: its last record reaches exactly to the end of the file."""
    tail = data[-65_557:]
    at = tail.rfind(b"PK\x05\x06")
    return at >= 0 and len(tail) >= at + 22 and at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail)
