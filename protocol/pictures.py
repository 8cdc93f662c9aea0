"""Uploaded images among the appendices: on screen by their own address, in print re-encoded to plain RGB."""

import logging
from base64 import b64encode
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse

from meetings.models import Appendix
from protocol.canonical import sha256
from protocol.format import Protocol
from record import limited
from record.looking.images import drawn_anew
from record.text import to_words

DRAW = limited.Limits(cpu_seconds=20, megabytes=700, processes=1, patience=30)  # more than it takes to look into an image

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Picture:
    """One image, with its text alternative and where the site serves the original."""

    appendix: Appendix

    @property
    def alt(self) -> str:
        return " ".join(to_words(self.appendix.description).split())

    @property
    def address(self) -> str:
        return reverse("meetings:appendix", args=[self.appendix.pk])

    @cached_property
    def inline(self) -> str:
        """The image for a page that needs no other file; empty when what is stored cannot be shown."""
        try:
            with self.appendix.file.open("rb") as file:
                data = file.read()
            if sha256(data) != self.appendix.sha256:
                raise ValueError("the stored file is not the one that was uploaded")
            mime, drawn = plain(data)
        except limited.Busy:  # come back: the next time the image may be there
            raise
        except Exception:  # a page without its image can be read and signed; a document that cannot be drawn cannot
            logger.exception("The image of appendix %s cannot be printed", self.appendix.pk)
            return ""
        return f"data:{mime};base64,{b64encode(drawn).decode()}"


@dataclass(frozen=True)
class Named(Picture):
    """An image by its checksum: for a page that is only compared, and need not be drawn."""

    @property
    def inline(self) -> str:
        return f"sha256:{self.appendix.sha256}"


def pictures(meeting: int, protocol: Protocol) -> dict[int, Picture]:
    """The images of a meeting by the number of their appendix: each where the text names its checksum and text alternative.

    The text decides, so that a frozen protocol shows what was frozen and never what came later.
    """
    stored = list(Appendix.objects.filter(meeting=meeting, content_type__startswith="image/").exclude(file=""))
    return {
        appendix.number: Picture(image)
        for appendix in protocol.appendices
        for image in stored
        if image.sha256 in (appendix.text or "") and image.description.strip() in appendix.text
    }


def files(meeting: int, protocol: Protocol) -> list[tuple[int, Appendix]]:
    """The uploaded files of a meeting with the number of their appendix: each where the text names its checksum."""
    stored = list(Appendix.objects.filter(meeting=meeting).exclude(file="").order_by("position"))
    return [
        (appendix.number, file) for appendix in protocol.appendices for file in stored if file.sha256 in (appendix.text or "")
    ]


def plain(data: bytes) -> tuple[str, bytes]:
    """The media type and bytes of the same image, drawn anew for print; raises what `limited.run` raises."""
    drawn = limited.run(drawn_anew, data, limits=DRAW)
    return "image/png" if drawn.startswith(b"\x89PNG") else "image/jpeg", drawn
