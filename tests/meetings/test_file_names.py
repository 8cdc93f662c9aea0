"""File names made to do harm, and the same file twice: shown as words, never a path, and printed and sealed all the same."""

import io
import json

import pikepdf
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase
from django.urls import reverse

from meetings.actions import agenda
from meetings.models import Appendix, Meeting
from protocol import actions, exports, sealing, shown
from protocol.models import FrozenVersion, SealedProtocol
from tests import factories as make
from tests.cast import Cast
from tests.crawl import words_of_pdf
from tests.paper import OnPaper
from tests.world import png

LONG = "lång" * 75 + ".png"
# What the browser says the file is called → what it is called from then on.
NAMES = {
    "<img src=x onerror=alert(1)>.png": "<img src=x onerror=alert(1)>.png",
    '"><script>alert(1)<!--.png': '"><script>alert(1)<!--.png',
    "</title></script><b>fet</b>.png": "b>.png",  # what stands before a slash is a folder
    "'a' \"b\" & c;filename=evil.exe.png": "'a' \"b\" & c;filename=evil.exe.png",
    "{{ settings.SECRET_KEY }}{% debug %}.png": "{{ settings.SECRET_KEY }}{% debug %}.png",
    "[klicka](https://evil.example) **fet** # x.png": "evil.example) **fet** # x.png",
    "räkning\u202egnp.exe.png": "räkninggnp.exe.png",
    "a\u200bb\u2066c\ufeff.png": "abc.png",
    "rad\r\nSet-Cookie: x=1.png": "radSet-Cookie: x=1.png",
    "../../x.png": "x.png",
    "..\\..\\windows\\x.png": "x.png",
    "/etc/passwd.png": "passwd.png",
    "....//....//y.png": "y.png",
    "-rf ~ $(id) `id` | x.png": "-rf ~ $(id) `id` | x.png",
    "%2e%2e%2fx.png": "%2e%2e%2fx.png",
    LONG: LONG[-150:],
}


def upload(name: str, content: bytes = b"") -> SimpleUploadedFile:
    """A picture that says it is called `name`, whatever Django's own cleaning would make of it."""
    file = SimpleUploadedFile("x.png", content or png())
    file._name = name
    return file


class FileNameTests(OnPaper, TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = cast = Cast()
        _ = (cast.chair, cast.secretary, cast.employer, cast.adjuster)
        cls.meeting = make.make_meeting(cast.group, by=cast.secretary, state="draft")
        item = make.make_item(make.make_paragraph(cls.meeting), "Bilder")
        cls.rows = {}
        for number, name in enumerate(NAMES, start=1):
            row = agenda.append(
                cls.meeting, title=f"Bild {number}", description="En grå punkt.", file=upload(name), by=cast.secretary
            )
            agenda.refer(item, appendix=row, by=cast.secretary)
            cls.rows[name] = Appendix.objects.get(pk=row.pk)

    def test_the_name_is_the_last_part_without_what_hides(self):
        self.assertEqual({name: row.filename for name, row in self.rows.items()}, NAMES)

    def test_the_name_is_never_a_path(self):
        for row in self.rows.values():
            self.assertRegex(row.file.name, r"^appendices/[0-9a-f]{32}\.png$")
            self.assertTrue(row.file.path.startswith(str(settings.MEDIA_ROOT)))

    def test_the_pages_show_it_as_words(self):
        self.client.force_login(self.cast.secretary)
        names = ("meetings:append", "meetings:meeting", "protocol:protocol")
        for address in (reverse(name, args=[self.meeting.pk]) for name in names):
            response = self.client.get(address)
            self.assertEqual(response.status_code, 200, address)
            page = response.content.decode()
            for told in (
                "<img src=x",
                "<script>alert",
                "<b>fet",
                "<strong>fet",
                settings.SECRET_KEY,
                'href="https://evil.example',
            ):
                self.assertNotIn(told, page, address)
            self.assertIn("&lt;img src=x onerror=alert(1)&gt;.png", page, address)
            self.assertEqual([sign for sign in "\u202e\u200b\u2066\ufeff" if sign in page], [], address)

    def test_the_download_says_the_name_and_nothing_more(self):
        self.client.force_login(self.cast.secretary)
        for name, row in self.rows.items():
            with self.subTest(name):
                response = self.client.get(reverse("meetings:appendix", args=[row.pk]))
                said = response["Content-Disposition"]
                self.assertTrue(said.startswith("attachment; filename"), said)
                self.assertNotRegex(said, r"[\r\n\x00-\x1f]")
                self.assertNotIn("Set-Cookie", response.headers)
                self.assertEqual((response["Content-Type"], response["X-Content-Type-Options"]), ("image/png", "nosniff"))
                # One name, and it ends where it should: a quote in it is escaped.
                self.assertEqual(said.replace('\\"', "").count('"') in (0, 2), True, said)

    def test_every_way_to_print_it_prints_it_as_words(self):
        document = shown.show(Meeting.objects.get(pk=self.meeting.pk))
        html = exports.as_html(document.protocol, **document.options)
        for told in ("<img src=x", "<script", "<b>fet", "<strong>fet", 'href="https://evil.example'):
            self.assertNotIn(told, html)
        text = exports.as_txt(document.protocol, **document.options)
        data = json.loads(exports.as_json(document.protocol))
        pdf = words_of_pdf(exports.as_pdf(document.protocol, **document.options))
        self.assertEqual(len(data["appendices"]), len(NAMES))
        for name in ("<img src=x onerror=alert(1)>.png", "{{ settings.SECRET_KEY }}", "Filen abc.png", "$(id)"):
            self.assertIn(name, " ".join(text.split()))
            self.assertIn(name.partition(" ")[0], pdf)
        self.assertNotRegex(text + pdf, "[\u202e\u200b\u2066]")

    def test_it_is_frozen_signed_and_sealed_with_names_of_our_own(self):
        version = actions.freeze(self.cast.ready(self.meeting), by=self.cast.secretary, privacy_reviewed=True)
        self.cast.sign_all(version)
        sealing.seal(FrozenVersion.objects.get(pk=version.pk))
        with pikepdf.open(io.BytesIO(bytes(SealedProtocol.objects.get().pdf))) as document:
            carried = {name: bytes(spec.get_file().read_bytes()) for name, spec in document.attachments.items()}
        pictures = {f"bilaga-{number}.png" for number in range(1, len(NAMES) + 1)}
        self.assertEqual(set(carried), {"protokoll.json", "bevis.json"} | pictures)
        signed = json.loads(carried["protokoll.json"])
        self.assertEqual(sorted(one["filename"] for one in signed["appendices"]), sorted(NAMES.values()))

    def test_the_form_takes_such_a_name_too(self):
        """As the browser sends it: what Django makes of the name first changes nothing for the worse."""
        self.client.force_login(self.cast.secretary)
        planned = make.make_meeting(self.cast.group, by=self.cast.secretary)
        for name in (
            "../../x.png",
            "<img src=x onerror=alert(1)>.png",
            'a"b.png',
            "räkning\u202egnp.png",
            LONG,
            "a%0D%0AX-Evil: 1.png",
        ):
            with self.subTest(name):
                data = {"title": "Bild", "description": "En grå punkt.", "text": "", "file": SimpleUploadedFile(name, png())}
                response = self.client.post(reverse("meetings:append", args=[planned.pk]), data, follow=True)
                self.assertEqual((response.status_code, len(response.redirect_chain)), (200, 1))
                row = Appendix.objects.filter(meeting=planned).latest("pk")
                self.assertNotRegex(row.filename, "[/\\\\\r\n\u202e]")
                self.assertLessEqual(len(row.filename), 150)
                self.assertNotContains(response, "<img src=x")


class SameFileTwiceTests(OnPaper, TestCase):
    """The same bytes in two appendices are two appendices."""

    def setUp(self) -> None:
        self.cast = Cast()
        _ = (self.cast.chair, self.cast.secretary, self.cast.employer, self.cast.adjuster)
        self.meeting = make.make_meeting(self.cast.group, by=self.cast.secretary, state="draft")
        self.client.force_login(self.cast.secretary)

    def append(self, title: str, name: str):
        data = {"title": title, "description": "En grå punkt.", "text": "", "file": SimpleUploadedFile(name, png())}
        return self.client.post(reverse("meetings:append", args=[self.meeting.pk]), data)

    def test_both_are_kept_frozen_sealed_and_downloaded(self):
        for title, name in (("Först", "bild.png"), ("Sedan", "bild.png"), ("En gång till", "annan.png")):
            self.assertEqual(self.append(title, name).status_code, 303)
        appendices = list(Appendix.objects.filter(meeting=self.meeting))
        self.assertEqual(len({row.sha256 for row in appendices}), 1)
        self.assertEqual(len({row.file.name for row in appendices}), 3)
        item = make.make_item(make.make_paragraph(self.meeting), "Bilder")
        for row in appendices:
            agenda.refer(item, appendix=row, by=self.cast.secretary)
            download = self.client.get(reverse("meetings:appendix", args=[row.pk]))
            self.assertEqual(b"".join(download.streaming_content), png())
        version = actions.freeze(self.cast.ready(self.meeting), by=self.cast.secretary, privacy_reviewed=True)
        self.cast.sign_all(version)
        sealed = sealing.seal(FrozenVersion.objects.get(pk=version.pk))
        with pikepdf.open(io.BytesIO(bytes(sealed.pdf))) as document:
            carried = {name: bytes(spec.get_file().read_bytes()) for name, spec in document.attachments.items()}
        self.assertEqual(
            {name: data for name, data in carried.items() if name.startswith("bilaga")},
            {f"bilaga-{n}.png": png() for n in (1, 2, 3)},
        )
        for kind in ("json", "txt", "html", "pdf"):
            self.assertTrue(shown.export(Meeting.objects.get(pk=self.meeting.pk), kind))
        for title in ("Först", "Sedan", "En gång till"):
            self.assertIn(title, shown.export(Meeting.objects.get(pk=self.meeting.pk), "txt").decode())

    def test_one_is_taken_away_and_the_other_stays_whole(self):
        self.append("Först", "bild.png")
        self.append("Sedan", "bild.png")
        first, second = Appendix.objects.filter(meeting=self.meeting).order_by("position")
        agenda.remove_appendix(first, by=self.cast.secretary)
        download = self.client.get(reverse("meetings:appendix", args=[second.pk]))
        self.assertEqual(b"".join(download.streaming_content), png())
