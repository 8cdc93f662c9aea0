"""A file in the place of the text: looked into, described in words, read by those who read the motion, and carried into the protocol."""

import hashlib
import tempfile
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import TestCase, override_settings
from django.urls import reverse

from meetings.actions import placing
from motions import actions
from motions.models import Motion
from people.models import today
from protocol import document
from protocol.exports import as_txt
from record.moves import Refused, WrongState
from tests import factories as make
from tests.cast import Cast
from tests.world import png


@override_settings(MEDIA_ROOT=tempfile.mkdtemp())
class FileTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = Cast()
        for name in ("chair", "secretary", "union_rep", "other_rep", "stranger"):
            getattr(cls.cast, name)

    def draft(self, **fields) -> Motion:
        fields = {"background": "", "kind": "opinion", "claims": ()} | fields
        return make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, filed=False, **fields)

    def attached(self, **fields) -> Motion:
        file = SimpleUploadedFile("Vår bild.png", png())
        return actions.attach(self.draft(**fields), file=file, description="En grå ruta.", by=self.cast.union_rep)

    def get(self, who: str, motion: Motion):
        self.client.force_login(getattr(self.cast, who))
        return self.client.get(reverse("motions:attachment", args=[motion.pk]))

    def test_it_stands_in_the_place_of_the_text(self) -> None:
        self.assertEqual(sorted(actions.lacks(self.draft())), ["background"])
        motion = self.attached()
        self.assertEqual(actions.lacks(motion), {})
        self.assertEqual((motion.filename, motion.content_type), ("Vår bild.png", "image/png"))
        self.assertEqual(motion.sha256, hashlib.sha256(png()).hexdigest())

    def test_on_the_page(self) -> None:
        motion = self.draft()
        self.client.force_login(self.cast.union_rep)
        url = reverse("motions:attach", args=[motion.pk])
        page = self.client.post(url, {"file": SimpleUploadedFile("a.png", png()), "description": ""})
        self.assertEqual(list(page.context["form"].errors), ["description"])
        page = self.client.post(url, {"file": SimpleUploadedFile("a.exe", b"MZ"), "description": "Ett program."})
        self.assertContains(page, "Filtypen kan inte tas emot.")
        self.assertContains(page, "Ett program.")
        page = self.client.post(url, {"file": SimpleUploadedFile("a.png", png()), "description": "En grå ruta."}, follow=True)
        self.assertContains(page, "Filen a.png är sparad i utkastet.")
        shown = self.client.get(reverse("motions:preview", args=[motion.pk]))
        self.assertContains(shown, "En grå ruta.")
        page = self.client.post(reverse("motions:detach", args=[motion.pk]), follow=True)
        self.assertContains(page, "Filen är borttagen ur utkastet.")
        self.assertEqual(Motion.objects.get(pk=motion.pk).filename, "")

    def test_a_drafts_file_is_its_unions_own_and_a_filed_one_is_read_by_the_group(self) -> None:
        motion = self.attached()
        for who, status in (("union_rep", 200), ("chair", 404), ("other_rep", 404), ("stranger", 404)):
            self.assertEqual(self.get(who, motion).status_code, status, who)
        actions.file(motion, by=self.cast.union_rep)
        for who, status in (("union_rep", 200), ("chair", 200), ("other_rep", 200), ("stranger", 404)):
            self.assertEqual(self.get(who, motion).status_code, status, who)
        answer = self.get("chair", motion)
        self.assertEqual(b"".join(answer.streaming_content), png())
        self.assertTrue(answer["Content-Disposition"].startswith("attachment"))
        self.assertEqual(answer["Content-Security-Policy"], "sandbox; default-src 'none'")
        self.assertEqual(
            self.get("chair", make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep)).status_code, 422
        )

    def test_what_is_filed_keeps_its_file(self) -> None:
        motion = actions.file(self.attached(), by=self.cast.union_rep)
        for act in (
            lambda: actions.detach(motion, by=self.cast.union_rep),
            lambda: actions.attach(motion, file=SimpleUploadedFile("b.png", png()), description="x", by=self.cast.union_rep),
        ):
            with self.assertRaises(WrongState):
                act()
        with self.assertRaises(IntegrityError), transaction.atomic():
            Motion.objects.filter(pk=motion.pk).update(description="")

    def test_it_goes_with_the_protocol_as_an_appendix(self) -> None:
        motion = actions.file(self.attached(title="Bilden"), by=self.cast.union_rep)
        meeting = self.cast.meeting("draft")
        paragraph = make.make_paragraph(meeting)
        with self.assertRaisesMessage(Refused, "Yttrandet har en fil."):
            placing.place(motion, meeting=meeting, paragraph=paragraph, by=self.cast.secretary)
        placing.place_in_new_appendix(motion, meeting=meeting, paragraph=paragraph, item=None, by=self.cast.secretary)
        appendix = meeting.appendices.get()
        self.assertEqual((appendix.sha256, appendix.filename), (motion.sha256, "Vår bild.png"))
        words = " ".join(as_txt(document.build(document.whole(meeting.pk)), mode="draft").split())
        self.assertEqual(words.count("En grå ruta."), 1)
        self.assertIn("Särskilt yttrande från LF: Bilden", words)

    def test_a_meeting_takes_it_along_when_it_is_wanted_there(self) -> None:
        day = today() + timedelta(days=20)
        motion = actions.file(self.attached(wanted_on=day), by=self.cast.union_rep)
        meeting = make.make_meeting(self.cast.group, by=self.cast.secretary, date=day)
        self.assertEqual(meeting.placements.get().appendix.sha256, motion.sha256)
