"""The sealed file: what is in it, and that what people get is what was stored."""

import io

import pikepdf
from django.test import TestCase
from django.urls import reverse

from protocol import actions, canonical, evidence, pdfcheck, sealing
from protocol.models import FrozenVersion, SealedProtocol
from record.models import Event
from tests.cast import Cast
from tests.paper import OnPaper
from tests.protocol.full import FILE, make_full_draft


class SealedFileTests(OnPaper, TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.meeting = make_full_draft(cls.cast)
        cls.version = actions.freeze(cls.meeting, by=cls.cast.secretary, privacy_reviewed=True)
        cls.cast.sign_all(cls.version)
        cls.sealed = sealing.seal(FrozenVersion.objects.get(pk=cls.version.pk))
        cls.file = bytes(SealedProtocol.objects.get().pdf)

    def carried(self):
        with pikepdf.open(io.BytesIO(self.file)) as document:
            return {name: bytes(spec.get_file().read_bytes()) for name, spec in document.attachments.items()}

    def test_the_file_carries_the_signed_bytes_the_proofs_and_the_appendices(self):
        carried = self.carried()
        self.assertEqual(set(carried), {"protokoll.json", "bevis.json", "bilaga-1.pdf"})
        self.assertEqual(carried["protokoll.json"], bytes(self.version.data))
        self.assertEqual(carried["bilaga-1.pdf"], FILE)
        self.assertTrue(canonical.is_canonical(carried["bevis.json"]))

    def test_the_proofs_say_who_signed_what_and_when(self):
        import json

        proofs = json.loads(self.carried()["bevis.json"])
        self.assertEqual(proofs["content_sha256"], self.version.sha256)
        self.assertEqual([one["role"] for one in proofs["signatures"]], ["chair", "adjuster", "secretary"])
        for one in proofs["signatures"]:
            self.assertEqual(one["digest"], canonical.sha256(canonical.dumps(one["signed"])))
        self.assertEqual(proofs["events"][-1]["hash"], Event.objects.get(kind="adjusted").hash)

    def test_the_file_is_fit_for_the_archive(self):
        self.assertEqual(pdfcheck.check(self.file), [])

    def test_the_same_version_renders_to_the_same_bytes(self):
        self.assertEqual(evidence.sealed_pdf(FrozenVersion.objects.get(pk=self.version.pk)), self.file)

    def test_what_is_downloaded_is_what_was_stored(self):
        for user in (self.cast.hr, self.cast.adjuster, self.cast.employer):
            self.client.force_login(user)
            response = self.client.get(reverse("protocol:pdf", args=[self.meeting.pk]))
            self.assertEqual(response.content, self.file)
            self.assertEqual(canonical.sha256(response.content), self.sealed.sha256)
        self.assertEqual(response["Content-Type"], "application/pdf")
        self.assertEqual(
            response["Content-Disposition"], f'attachment; filename="Protokoll FVG {self.meeting.date.isoformat()}.pdf"'
        )
        self.assertEqual(response["ETag"], f'"{self.sealed.sha256}"')
        self.assertEqual(response["Cache-Control"], "private, no-store")

    def test_a_file_that_one_has_already_is_not_sent_again(self):
        self.client.force_login(self.cast.hr)
        response = self.client.get(
            reverse("protocol:pdf", args=[self.meeting.pk]), headers={"If-None-Match": f'"{self.sealed.sha256}"'}
        )
        self.assertEqual((response.status_code, response.content), (304, b""))

    def test_a_sealed_protocol_is_never_drawn_again_for_a_reader(self):
        self.client.force_login(self.cast.hr)
        response = self.client.get(reverse("protocol:draft_pdf", args=[self.meeting.pk]))
        self.assertRedirects(response, reverse("protocol:pdf", args=[self.meeting.pk]), fetch_redirect_response=False)
