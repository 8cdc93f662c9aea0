"""The paper of the tests: blank, but where a test looks at what is printed.

Laying a document out takes longer than most tests, and every protocol that is frozen or sealed is laid out. What is left out is
only that: the file is a real one, with its title and the files in it.
"""

import shutil
import subprocess
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from unittest import SkipTest
from unittest.mock import patch

from protocol import drawing, pdf
from record import limited

NOTHING = "Blankt papper: testet ritar inte."
BLANK = f'<!doctype html><html lang="sv"><head><title>Blankt</title></head><body><h1>{NOTHING}</h1></body></html>'


def _blank(
    draw: Callable[..., bytes],
    html: str,
    title: str,
    created: datetime,
    files: Iterable[tuple[str, bytes, str, str, str]],
    *,
    limits: limited.Limits,
) -> bytes:
    """What `limited.run` answers when it draws, without the words."""
    return drawing.draw(BLANK, title, created, list(files))


def blank_paper() -> AbstractContextManager:
    """From here on, whatever is drawn is blank."""
    return patch.object(pdf, "run", _blank)


class OnPaper:
    """What is drawn is what is there, and in a process of its own: before the class of a test that looks at the paper."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.enterClassContext(patch.object(pdf, "run", limited.run))
        super().setUpClass()


def words_on(data: bytes) -> str:
    """The words of a PDF as they stand on its pages; fails on blank paper, where nothing could be missed."""
    if not shutil.which("pdftotext"):
        raise SkipTest("pdftotext is not installed")
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=data, capture_output=True, check=True)
    told = done.stdout.decode("utf-8", "replace")
    if NOTHING in told:
        raise AssertionError("this test looks at the paper: its class is to be OnPaper")
    return told
