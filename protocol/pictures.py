"""Uploaded images among the appendices: on screen by their own address, in print re-encoded to plain RGB."""

import io
import logging
from base64 import b64encode
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse
from PIL import Image, ImageOps

from meetings.models import Appendix
from protocol.canonical import sha256
from protocol.format import Protocol
from record.text import to_words

MOST_POINTS = 2400  # on the longer side; on the printed page this is about 300 to the inch

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
        except Exception:  # a page without its image can be read and signed; a document that cannot be drawn cannot
            logger.exception("The image of appendix %s cannot be printed", self.appendix.pk)
            return ""
        return f"data:{mime};base64,{b64encode(drawn).decode()}"


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


def plain(data: bytes) -> tuple[str, bytes]:
    """The media type and bytes of the same image in 8-bit RGB: on white, the right way up, no larger than print can show.

    Nothing else that was in the file comes along; PDF/A takes neither CMYK nor transparency without more.
    """
    with Image.open(io.BytesIO(data), formats=["PNG", "JPEG"]) as source:
        kind = "PNG" if source.format == "PNG" else "JPEG"  # what a telephone writes may call itself MPO
        source.draft(None, (MOST_POINTS, MOST_POINTS))  # a large JPEG need not be unpacked whole
        image = _rgb(source)
        image.thumbnail((MOST_POINTS, MOST_POINTS))
        image = ImageOps.exif_transpose(image)
    image.info.clear()
    out = io.BytesIO()
    image.save(out, kind, quality=88)
    return f"image/{kind.lower()}", out.getvalue()


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits to a point, where Pillow would make everything above 255 white
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image if image.mode == "RGB" else image.convert("RGB")  # no second copy of what may be 40 million points
