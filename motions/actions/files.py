"""A file comes with the motion, in the draft and in what has been filed, and is taken out of it."""

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from motions.actions.changing import new_version
from motions.actions.filing import WITHOUT_TEXT
from motions.actions.holding import unlocked
from motions.models import Motion
from people.models import User
from record import uploads
from record.history import remember
from record.moves import Refused


def attach(motion: Motion, *, file: UploadedFile | None, description: str, by: User) -> Motion:
    """Put a file, looked into and described in words, beside the draft's text; one that was there is replaced.

    Without a file, the one that is there is described in other words. Raises ValidationError for a file that is not taken.
    """
    upload = uploads.described(file, description, by=by) if file else None
    with unlocked(motion, "attach") as stored:
        _put_file(stored, file, upload, description)
        remember(stored, by=by, verb="attach")
    vars(motion).update(vars(stored))
    return motion


def detach(motion: Motion, *, by: User) -> Motion:
    """Take the file away from the draft."""
    with unlocked(motion, "detach") as held:
        _take_file_away(held)
        remember(held, by=by, verb="detach")
    vars(motion).update(vars(held))
    return motion


def change_file(motion: Motion, *, file: UploadedFile | None, description: str, version: int, by: User, why: str = "") -> Motion:
    """A new version of what has been filed, with another file or its first, or other words for the one it has.

    The old file can still be read among the versions. Raises Stale, and ValidationError for what is no change or is not taken.

    The att-satser are the same, so support for them stands. What holds the old file at a meeting is told to the secretary there
    (meetings/checklist.py).
    """
    upload = uploads.described(file, description, by=by) if file else None
    with new_version(motion, version=version, by=by, why=why) as stored:
        if (stored.sha256, stored.description) == (upload.sha256 if upload else stored.sha256, description):
            raise ValidationError({"file": "Det är samma fil och textalternativ som redan är inlämnade."})
        _put_file(stored, file, upload, description)
    return motion


def remove_file(motion: Motion, *, version: int, by: User, why: str = "") -> Motion:
    """A new version of what has been filed, without its file, which can still be read among the versions.

    Raises Stale, and Refused.
    """
    with new_version(motion, version=version, by=by, why=why) as held:
        demand_file(held)
        _take_file_away(held)
    return motion


def demand_file(motion: Motion) -> None:
    """Raises Refused when there is no file to take away, a meeting has it among its papers, or nothing is said without it."""
    if not motion.file:
        raise Refused(f"{motion.words.The} har ingen fil.")
    if motion.handled:
        raise Refused(f"Filen följer med ett mötes handlingar och kan inte tas bort ur {motion.words.the}. Byt fil i stället.")
    if motion.kind not in WITHOUT_TEXT and not motion.background.strip():
        raise Refused(f"Filen står i stället för texten. Skriv texten i {motion.words.the} först, och ta sedan bort filen.")


def _put_file(held: Motion, file: UploadedFile | None, found: uploads.Found | None, description: str) -> None:
    if file is None or found is None:
        if not held.file:
            raise ValidationError({"file": "Välj en fil."})
        held.description = description
    else:
        uploads.keep(held, file, found, description)
        held.sha256 = found.sha256
    held.version += 1
    held.full_clean(exclude=["party", "group", "author"])


def _take_file_away(held: Motion) -> None:
    """The row without its file; the file itself stays in storage until retention clears it."""
    held.file, held.filename, held.content_type, held.sha256, held.description = "", "", "", "", ""
    held.version += 1
