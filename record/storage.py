"""Where files lie, and what it means when there is no room left: for them, or for the database."""

import errno
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import Error
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import Storage
from django.db import DatabaseError

FULL = {errno.ENOSPC, errno.EDQUOT}
UNWRITABLE = FULL | {errno.EROFS, errno.EIO}
SQLITE_SAYS = ("database or disk is full", "disk i/o error", "readonly database", "unable to open database file")
POSTGRES_SAYS = {"53100", "58030", "25006"}  # disk_full, io_error, read_only_sql_transaction


def fault() -> str:
    """What is wrong with the folder for files; "" when files can be kept in it."""
    folder = Path(settings.MEDIA_ROOT)
    if not folder.is_dir():
        return f"MEDIA_ROOT, the folder for uploaded files, is not there: {folder}"
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return f"MEDIA_ROOT, the folder for uploaded files, cannot be written: {folder}"
    return ""


def check(app_configs: Any, **_: Any) -> list[Error]:
    """System check: the folder for files is there. It is never made anew: an empty one would hide that a disk is not mounted."""
    said = fault()
    hint = "Mount its disk, or make it for the user that runs FVG (docs/operations.md)."
    return [Error(said, hint=hint, id="record.E001")] if said else []


def demand_folder() -> None:
    """The same for a web server, which asks no system checks: raises ImproperlyConfigured."""
    if said := fault():
        raise ImproperlyConfigured(said)


def demand_there(storage: Storage) -> None:
    """Raises FileNotFoundError when the folder has gone since the start; the storage would make it anew."""
    folder = getattr(storage, "location", "")
    if folder and not Path(folder).is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), folder)


def is_out_of_room(error: BaseException | None) -> bool:
    """Whether something failed because the disk, or the database's, is full or cannot be written."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in UNWRITABLE:
            return True
        if getattr(error, "sqlstate", None) in POSTGRES_SAYS:
            return True
        if isinstance(error, DatabaseError) and any(said in str(error).lower() for said in SQLITE_SAYS):
            return True
        error = error.__cause__ or error.__context__
    return False
