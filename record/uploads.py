"""Files from outside: what one is by its content before it is kept, how it is stored, and how it is handed out again."""

import contextlib
import hashlib
import logging
import re
import unicodedata
from typing import Any, NamedTuple, NoReturn
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import Storage
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse

from record import limited, storage
from record.looking import look
from record.moves import Refused
from record.turns import alone

ACCEPT = ".pdf,.docx,.pptx,.xlsx,.odt,.ods,.png,.jpg,.jpeg"

NO_DESCRIPTION = "Beskriv vad filen innehåller, för den som inte kan se den."
# The patience is short, and one waits at a time: whoever waits for their turn holds a thread that others need.
LOOK = limited.Limits(cpu_seconds=10, megabytes=700, processes=1, patience=3, queue=1)
TOO_MUCH = (
    "Filen är så stor eller krånglig inuti att den inte kan kontrolleras. Filen har inte sparats. "
    "Spara ett dokument som en ny PDF, eller en bild som en ny och mindre PNG eller JPEG, och försök igen."
)
NOT_STORED = (
    "Filen kunde inte sparas: {}. Det du skrev är kvar; inget annat är ändrat. "
    "Försök igen, eller kontakta den som sköter tjänsten. Filen behöver du välja på nytt."
)
ONE_AT_A_TIME = (
    "En annan fil från dig kontrolleras just nu. Filen har inte sparats; det du skrev är kvar. "
    "Vänta tills den andra är klar, och välj filen på nytt."
)
TELL = (
    "Texten och det som är underskrivet är oförändrat. Gå tillbaka till sidan du kom från, och säg till gruppens sekreterare "
    "eller den som sköter tjänsten: den riktiga filen kan läggas tillbaka."
)
NOT_THERE = f"Filen går inte att hämta: den saknas i lagringen. {TELL}"
ANOTHER = f"Filen lämnas inte ut: den är en annan än den som lades till. {TELL}"
BUSY = "Många filer kontrolleras just nu. Filen har inte sparats. Försök igen om en stund."

logger = logging.getLogger(__name__)


class Found(NamedTuple):
    """What a file turned out to be."""

    filename: str
    content_type: str
    sha256: str
    size: int
    storage_name: str


def described(file: UploadedFile, description: str, *, by: Any) -> Found:
    """What the file is, as `examine` says; first of all it must be described in words.

    One of each person's files is looked into at a time: nobody's many files stand before everybody else's. It may take many
    seconds, so nothing is to be locked meanwhile.
    """
    if not description.strip():
        raise ValidationError({"description": NO_DESCRIPTION})
    with alone(f"file-of-{by.pk}") as mine:
        if not mine:
            _refuse(ONE_AT_A_TIME)
        return examine(file)


def keep(row: Any, file: UploadedFile, found: Found, description: str) -> None:
    """Put the file on a row that has file, filename, content_type and description, without saving the row.

    It is stored under a name of its own: the file that was there stays in storage. Raises ValidationError under `file` when it
    cannot be stored.
    """
    row.filename, row.content_type, row.description = found.filename, found.content_type, description
    try:
        storage.demand_there(row.file.storage)
        row.file.save(found.storage_name, file, save=False)
    except OSError as error:
        logger.exception("A file of %s bytes could not be stored", found.size)
        with contextlib.suppress(OSError):  # the half that was written takes room from the others
            row.file.storage.delete(row.file.field.generate_filename(row, found.storage_name))
        why = "lagringen är full" if error.errno in storage.FULL else "lagringen går inte att skriva i"
        _refuse(NOT_STORED.format(why))


def again(row: Any, *, missing: str) -> File:
    """The stored file under the name it came with, to be looked into once more; raises Refused(`missing`) when it is gone."""
    try:
        return File(row.file.open("rb"), name=row.filename)
    except FileNotFoundError as error:
        raise Refused(missing) from error


def download(stored_in: Storage, name: str, *, filename: str, content_type: str, sha256: str = "") -> FileResponse:
    """The file as it was handed in: always saved, never shown by the browser as a page of ours.

    Raises Refused where it is gone, and where it has another SHA-256 than when it came.
    """
    try:
        file = stored_in.open(name, "rb")
        same = not sha256 or hashlib.file_digest(file.file, "sha256").hexdigest() == sha256
    except OSError as error:
        logger.exception("%s cannot be read", name)
        raise Refused(NOT_THERE) from error
    if not same:
        file.close()
        logger.error("%s is not the file that came", name)
        raise Refused(ANOTHER)
    file.seek(0)
    response = FileResponse(file, as_attachment=True, filename=filename, content_type=content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def examine(file: UploadedFile) -> Found:
    """What the file is; raises ValidationError under `file`, in Swedish. The name from outside is shown, never used as a path."""
    name = shown_name(file.name or "")
    ending = name.rpartition(".")[2].lower()
    demand_size(file)
    if file.size == 0:
        _refuse("Filen är tom.")
    file.seek(0)
    data = file.read()
    file.seek(0)
    content_type = _content_type(data, ending)
    return Found(name, content_type, hashlib.sha256(data).hexdigest(), len(data), f"{uuid4().hex}.{ending}")


def demand_size(file: File) -> None:
    """Raises ValidationError under `file` for one that is larger than any that is taken."""
    if file.size > settings.APPENDIX_MAX_BYTES:
        _refuse(f"Filen är {file.size / 1048576:.0f} MB. Den får vara högst {settings.APPENDIX_MAX_BYTES // 1048576} MB.")


def _content_type(data: bytes, ending: str) -> str:
    """What a look inside finds, in a process of its own: a small file can be made so that it takes hours to read."""
    try:
        found = limited.run(look, data, ending, limits=LOOK)
    except (limited.TooMuch, limited.Raised):
        logger.warning("A .%s file of %s bytes took too much to look into", ending, len(data))
        _refuse(TOO_MUCH)
    except limited.Busy:
        _refuse(BUSY)
    if found["fault"]:
        _refuse(found["fault"])
    return found["content_type"]


def _refuse(message: str) -> NoReturn:
    raise ValidationError({"file": message})


def shown_name(name: str) -> str:
    """The last part of a file name, without control or direction characters; "fil" when nothing is left."""
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    name = "".join(char for char in name if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co"))
    return re.sub(r"\s+", " ", name).strip(" .")[-150:] or "fil"
