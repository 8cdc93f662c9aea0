"""Images: looked into before they are kept, and drawn anew for print."""

import io
import re

from PIL import Image, ImageOps, UnidentifiedImageError

from .faults import Fault

KINDS = {"png": ("PNG", "image/png"), "jpg": ("JPEG", "image/jpeg"), "jpeg": ("JPEG", "image/jpeg")}
MOST_PIXELS = 40_000_000
MOST_SCANS = 100  # of a progressive JPEG, each a walk through the whole image; programs write some ten
MOST_CHUNKS = 500  # of a PNG, beside those with the image itself
MOST_IMAGE_CHUNKS = 100_000
MOST_POINTS = 2400  # on the longer side; on the printed page this is about 300 to the inch

TOO_MANY_PIXELS = "Bilden är för stor. Minska den till högst 40 miljoner bildpunkter."
TOO_MANY_PARTS = (
    "Bilden är uppdelad på så många delar att den inte kan kontrolleras. "
    "Öppna den i ett bildprogram, spara den som en ny PNG eller vanlig JPEG och försök igen."
)

_NEXT_MARKER = re.compile(rb"\xff+([\x01-\xcf\xd8-\xfe])")


def look(data: bytes, ending: str) -> str:
    """The content type of an image that opens to its last point, of a size that can be printed; raises Fault."""
    kind, content_type = KINDS[ending]
    if data.startswith(b"\x89PNG") and not few_chunks(data):
        raise Fault(TOO_MANY_PARTS)
    if data.startswith(b"\xff\xd8") and scans(data) > MOST_SCANS:
        raise Fault(TOO_MANY_PARTS)
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Fault(TOO_MANY_PIXELS)
            image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Fault(TOO_MANY_PIXELS) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise Fault(f"Filen heter .{ending} men är ingen sådan bild, eller så är den skadad.") from error
    return content_type


def scans(data: bytes) -> int:
    """How many scans a JPEG has, counted without decoding it; no more than one over what it may have."""
    found, at = 0, 2
    while (marker := _NEXT_MARKER.search(data, at)) and found <= MOST_SCANS:
        kind, at = marker[1][0], marker.end()
        if kind == 0xD9:  # the end of the image: what follows is not decoded
            break
        if kind == 0xDA:
            found += 1
        if kind not in (0x01, 0xD8):  # those have nothing after them, all others their length
            at += max(2, int.from_bytes(data[at : at + 2], "big"))
    return found


def few_chunks(data: bytes) -> bool:
    """Whether the parts of a PNG are as few as programs write."""
    others = images = 0
    at = 8
    while at + 8 <= len(data) and others <= MOST_CHUNKS and images <= MOST_IMAGE_CHUNKS:
        if data[at + 4 : at + 8] == b"IDAT":
            images += 1
        else:
            others += 1
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    return others <= MOST_CHUNKS and images <= MOST_IMAGE_CHUNKS


def drawn_anew(data: bytes) -> bytes:
    """The same image in 8-bit RGB, PNG or JPEG: on white, the right way up, no larger than print can show.

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
    return out.getvalue()


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits to a point, where Pillow would make everything above 255 white
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGB", image.size, "white")
        white.paste(image, mask=image)
        image = white
    return image if image.mode == "RGB" else image.convert("RGB")  # no second copy of what may be 40 million points
