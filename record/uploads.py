"""Files from outside: what one is by its content before it is kept, how it is stored, and how it is handed out again."""

import hashlib
import re
import unicodedata
import zipfile
from typing import Any, NamedTuple
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import Storage
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse

from record.moves import Refused

OFFICE = {
    "docx": ("word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "pptx": ("ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    "xlsx": ("xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
ODF = {"odt": "application/vnd.oasis.opendocument.text", "ods": "application/vnd.oasis.opendocument.spreadsheet"}
IMAGES = {"png": ("PNG", "image/png"), "jpg": ("JPEG", "image/jpeg"), "jpeg": ("JPEG", "image/jpeg")}
ACCEPT = ".pdf,.docx,.pptx,.xlsx,.odt,.ods,.png,.jpg,.jpeg"

NO_DESCRIPTION = "Beskriv vad filen innehåller, för den som inte kan se den."
MOST_PIXELS = 40_000_000
TOO_MANY_PIXELS = "Bilden är för stor. Minska den till högst 40 miljoner bildpunkter."
MOST_ZIP_MEMBERS = 2_000
MOST_UNZIPPED = 200 * 1024 * 1024
MOST_RATIO = 100


class Found(NamedTuple):
    """What a file turned out to be."""

    filename: str
    content_type: str
    sha256: str
    size: int
    storage_name: str


def described(file: UploadedFile, description: str) -> Found:
    """What the file is, as `examine` says; first of all it must be described in words."""
    if not description.strip():
        raise ValidationError({"description": NO_DESCRIPTION})
    return examine(file)


def keep(row: Any, file: UploadedFile, found: Found, description: str) -> None:
    """Put the file on a row that has file, filename, content_type and description, without saving the row.

    It is stored under a name of its own: the file that was there stays in storage.
    """
    row.filename, row.content_type, row.description = found.filename, found.content_type, description
    row.file.save(found.storage_name, file, save=False)


def again(row: Any, *, missing: str) -> File:
    """The stored file under the name it came with, to be looked into once more; raises Refused(`missing`) when it is gone."""
    try:
        return File(row.file.open("rb"), name=row.filename)
    except FileNotFoundError as error:
        raise Refused(missing) from error


def download(storage: Storage, name: str, *, filename: str, content_type: str) -> FileResponse:
    """The file as it was handed in: always saved, never shown by the browser as a page of ours."""
    try:
        file = storage.open(name, "rb")
    except FileNotFoundError as error:
        raise Refused("Filen finns inte i lagringen. Kontakta HR.") from error
    response = FileResponse(file, as_attachment=True, filename=filename, content_type=content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def examine(file: UploadedFile) -> Found:
    """What the file is; raises ValidationError under `file`, in Swedish. The name from outside is shown, never used as a path."""
    name = shown_name(file.name or "")
    ending = name.rpartition(".")[2].lower()
    if file.size > settings.APPENDIX_MAX_BYTES:
        _refuse(f"Filen är {file.size / 1048576:.0f} MB. Den får vara högst {settings.APPENDIX_MAX_BYTES // 1048576} MB.")
    if file.size == 0:
        _refuse("Filen är tom.")
    file.seek(0)
    start = file.read(1024)
    file.seek(0)
    try:
        content_type = _kind(file, ending, start)
    except ValidationError:
        raise
    except Exception:  # a file made to break its reader: whatever broke, it is not one we can keep
        _refuse("Filen går inte att läsa. Spara om den och försök igen.")
    if content_type.startswith(("application/pdf", "image/")) and _ends_as_zip(file):
        _refuse("Filen är två sorters filer på en gång. Spara om den och försök igen.")
    file.seek(0)
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return Found(name, content_type, digest.hexdigest(), file.size, f"{uuid4().hex}.{ending}")


def _kind(file: UploadedFile, ending: str, start: bytes) -> str:
    """The content type, after looking inside."""
    if ending == "pdf":
        return _pdf(file, start)
    if ending in IMAGES:
        return _image(file, ending)
    if ending not in OFFICE and ending not in ODF:
        _refuse("Filtypen kan inte tas emot. Använd PDF, Word, PowerPoint, Excel, OpenDocument, PNG eller JPEG.")
    if not start.startswith(b"PK\x03\x04"):
        _refuse(f"Filen heter .{ending} men har inte det innehållet, eller så är den skadad.")
    return _office(file, ending)


def _refuse(message: str) -> None:
    raise ValidationError({"file": message})


def _ends_as_zip(file: UploadedFile) -> bool:
    """A ZIP archive has been hung on: its last record reaches exactly to the end of the file."""
    file.seek(max(0, file.size - 65_557))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    return at >= 0 and len(tail) >= at + 22 and at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail)


def shown_name(name: str) -> str:
    """The last part of a file name, without control or direction characters; "fil" when nothing is left."""
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    name = "".join(char for char in name if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co"))
    return re.sub(r"\s+", " ", name).strip(" .")[-150:] or "fil"


def _pdf(file: UploadedFile, start: bytes) -> str:
    import pikepdf

    if not start.startswith(b"%PDF-"):
        _refuse("Filen heter .pdf men är ingen PDF.")
    try:
        with pikepdf.open(file) as pdf:
            if not pdf.pages:
                _refuse("PDF-filen har inga sidor.")
            if _has_script(pdf):
                _refuse("PDF-filen innehåller programkod. Skriv ut den till en ny PDF och försök igen.")
    except pikepdf.PasswordError:
        _refuse("PDF-filen är skyddad med lösenord. Ta bort skyddet och försök igen.")
    except pikepdf.PdfError:
        _refuse("PDF-filen går inte att läsa.")
    return "application/pdf"


def _has_script(pdf) -> bool:
    """Something in the document is a program or starts one, wherever it hangs."""
    return any(_runs(thing, 0) for thing in pdf.objects)


def _runs(thing, depth: int) -> bool:
    """Whether an object, or what lies directly in it, is a script or a launch action. Other objects are met by themselves."""
    import pikepdf

    if depth > 20:
        return True  # nobody writes this by accident
    if isinstance(thing, pikepdf.Stream):
        thing = thing.stream_dict
    if isinstance(thing, pikepdf.Array):
        return any(_runs(part, depth + 1) for part in thing if not getattr(part, "is_indirect", False))
    if not isinstance(thing, pikepdf.Dictionary):
        return False
    if str(thing.get("/S", "")) in ("/JavaScript", "/Launch"):
        return True
    return any(_runs(part, depth + 1) for part in dict(thing.items()).values() if not getattr(part, "is_indirect", False))


def _image(file: UploadedFile, ending: str) -> str:
    """An image that opens to its last point, of a size that can be printed."""
    from PIL import Image, ImageFile, UnidentifiedImageError

    kind, content_type = IMAGES[ending]
    try:
        with Image.open(file, formats=[kind]) as image:
            if image.width * image.height > MOST_PIXELS:
                _refuse(TOO_MANY_PIXELS)
            image.verify()
        ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint turns it on for the whole process; half an image is no image
        with Image.open(file, formats=[kind]) as image:
            image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        _refuse(TOO_MANY_PIXELS)
    except (UnidentifiedImageError, OSError, SyntaxError):
        _refuse(f"Filen heter .{ending} men är ingen sådan bild, eller så är den skadad.")
    return content_type


def _office(file: UploadedFile, ending: str) -> str:
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            unzipped = sum(member.file_size for member in members)
            packed = sum(member.compress_size for member in members) or 1
            if len(members) > MOST_ZIP_MEMBERS or unzipped > MOST_UNZIPPED or unzipped / packed > MOST_RATIO:
                _refuse("Filen är för stor när den packas upp.")
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                _refuse("Filen innehåller makron. Spara den utan makron och försök igen.")
            if ending in OFFICE:
                folder, content_type = OFFICE[ending]
                right = "[Content_Types].xml" in names and any(name.startswith(folder) for name in names)
            else:
                content_type = ODF[ending]
                right = (
                    "mimetype" in names
                    and archive.getinfo("mimetype").file_size < 200
                    and archive.read("mimetype") == content_type.encode()
                )
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError):
        right = False
    if not right:
        _refuse(f"Filen heter .{ending} men har inte det innehållet, eller så är den skadad.")
    return content_type
