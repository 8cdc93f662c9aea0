"""Small files that would take hours to read are refused soon, and the next file is looked into as if nothing had been."""

import io

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import SimpleTestCase, tag
from PIL import Image

from record import uploads
from tests import THOROUGH
from tests.record.test_looking import pdf, png


def progressive(scans: int, side: int) -> bytes:
    """One colour, and a last scan that stands there again and again."""
    out = io.BytesIO()
    Image.new("RGB", (side, side)).save(out, "JPEG", progressive=True)
    whole = out.getvalue()
    at = whole.rindex(b"\xff\xda")
    return whole[:at] + whole[at:-2] * scans + b"\xff\xd9"


def crowded(objects: int) -> bytes:
    """A PDF with so many objects, which says that it has ten."""
    body = [b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n"]
    body.append(b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n")
    body += [b"%d 0 obj<</A[1 2<</B 3>>]>>endobj\n" % number for number in range(4, objects)]
    return b"%PDF-1.7\n" + b"".join(body) + b"trailer<</Root 1 0 R/Size 10>>\n%%EOF"


@tag("walk")
class HostileFileTests(SimpleTestCase):
    takes_long = True

    def test_each_is_refused_and_the_next_is_taken(self):
        for name, data in (
            ("a.jpg", progressive(99 if THOROUGH else 200, 6_300 if THOROUGH else 100)),
            ("a.jpg", progressive(20_000, 60)),
            ("a.png", png(800_000 if THOROUGH else 20_000)),
            ("a.pdf", crowded(1_000_000 if THOROUGH else 310_000)),
            ("a.pdf", b"%PDF-1.7\n1 0 obj " + b"[" * (5_000_000 if THOROUGH else 100_000)),
            ("a.pdf", b"%PDF-1.7\n" + b"1 0 obj<<>>stream\n" * (1_000_000 if THOROUGH else 20_000)),
        ):
            with self.subTest(name, size=len(data)):
                with self.assertRaises(ValidationError) as caught:
                    uploads.examine(SimpleUploadedFile(name, data))
                self.assertEqual(list(caught.exception.message_dict), ["file"])
                self.assertEqual(uploads.examine(SimpleUploadedFile("b.pdf", pdf())).content_type, "application/pdf")
