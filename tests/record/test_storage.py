"""A disk that is full or gone is told in words, and nothing typed is lost."""

import errno
import shutil
import tempfile
from pathlib import Path
from unittest.mock import patch

from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import SimpleTestCase, TestCase, override_settings
from django.urls import reverse

from meetings.models import Appendix, Paragraph
from record import storage
from tests import factories as make
from tests.cast import Cast
from tests.world import png


def full(*_args, **_kwargs):
    raise OSError(errno.ENOSPC, "No space left on device")


class FolderTests(SimpleTestCase):
    def errors(self) -> list[str]:
        return [error.id for error in run_checks() if error.id == "record.E001"]

    def test_nothing_starts_without_the_folder_for_files(self):
        self.assertEqual(self.errors(), [])
        with tempfile.NamedTemporaryFile() as file, tempfile.TemporaryDirectory() as folder:
            for place in (file.name, f"{folder}/gone"):
                with override_settings(MEDIA_ROOT=place):
                    self.assertEqual(self.errors(), ["record.E001"])
                    with self.assertRaisesRegex(ImproperlyConfigured, "MEDIA_ROOT"):
                        storage.demand_folder()
            with override_settings(MEDIA_ROOT=folder), patch.object(storage.os, "access", return_value=False):
                self.assertEqual(self.errors(), ["record.E001"])


class NoRoomTests(SimpleTestCase):
    def test_what_means_that_there_is_no_room(self):
        wrapped = OperationalError("could not extend file")
        wrapped.__cause__ = type("DiskFull", (Exception,), {"sqlstate": "53100"})()
        for error in (
            OSError(errno.ENOSPC, ""),
            OSError(errno.EROFS, ""),
            OperationalError("database or disk is full"),
            OperationalError("disk I/O error"),
            OperationalError("attempt to write a readonly database"),
            wrapped,
        ):
            self.assertTrue(storage.is_out_of_room(error), error)
        for error in (None, ValueError("database or disk is full"), OperationalError("database is locked"), KeyError("a")):
            self.assertFalse(storage.is_out_of_room(error), error)


class FullTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        cls.meeting = make.make_meeting(cls.cast.group, by=cls.cast.secretary, state="draft")
        cls.paragraph = make.make_paragraph(cls.meeting)

    def setUp(self) -> None:
        self.client.force_login(self.cast.secretary)

    def append(self):
        typed = {"title": "Karta", "description": "Bordet vid fönstret.", "file": SimpleUploadedFile("bild.png", png())}
        return self.client.post(reverse("meetings:append", args=[self.meeting.pk]), typed)

    def test_a_file_for_which_there_is_no_room(self):
        for number, said in ((errno.ENOSPC, "lagringen är full"), (errno.EROFS, "går inte att skriva"), (errno.EACCES, "skriva")):
            failing = patch.object(FileSystemStorage, "_save", side_effect=OSError(number, "no"))
            with self.subTest(said), failing, self.assertLogs("record.uploads", "ERROR"):
                page = self.append()
            self.assertContains(page, said)
            self.assertContains(page, "Det du skrev är kvar; inget annat är ändrat.")
            self.assertContains(page, "Bordet vid fönstret.")
        self.assertFalse(Appendix.objects.exists())

    def test_a_folder_that_has_gone_is_not_made_anew(self):
        folder = tempfile.mkdtemp()
        with override_settings(MEDIA_ROOT=folder), self.assertLogs("record.uploads", "ERROR"):
            shutil.rmtree(folder)
            self.assertContains(self.append(), "Filen kunde inte sparas")
        self.assertFalse(Path(folder).exists())

    def save(self, **headers):
        self.client.raise_request_exception = False
        address = reverse("meetings:save", args=[self.paragraph.pk])
        return self.client.post(address, {"text": "Det jag skrev nyss.", "version": self.paragraph.version}, **headers)

    def test_a_database_without_room_keeps_what_was_typed(self):
        failing = patch("meetings.actions.agenda.remember", side_effect=OperationalError("database or disk is full"))
        with failing, self.assertLogs("django.request", "ERROR"):
            page = self.save()
            answer = self.save(headers={"X-Requested-With": "fetch"})
        self.assertContains(page, "inte plats för mer", status_code=503)
        self.assertContains(page, "Det jag skrev nyss.", status_code=503)
        self.assertEqual(answer.status_code, 503)
        self.assertIn("sparades inte", answer.json()["message"])
        self.assertNotEqual(Paragraph.objects.get(pk=self.paragraph.pk).text, "Det jag skrev nyss.")

    def test_the_page_stands_when_nothing_else_does(self):
        failing = patch("meetings.actions.agenda.remember", side_effect=OperationalError("disk I/O error"))
        broken = patch("people.resend.render", side_effect=OperationalError("disk I/O error"))
        with failing, broken, self.assertLogs("django.request", "ERROR"), self.assertLogs("fvg.views", "ERROR"):
            page = self.save()
        self.assertContains(page, "Det senaste du gjorde sparades inte.", status_code=503)

    def test_other_errors_say_what_they_said(self):
        with patch("meetings.actions.agenda.remember", side_effect=KeyError("a")), self.assertLogs("django.request", "ERROR"):
            page = self.save()
        self.assertContains(page, "Det senaste du gjorde kanske inte blev klart.", status_code=500)
