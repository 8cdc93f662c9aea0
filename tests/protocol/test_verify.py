"""The public check of a file or a checksum: what it answers, and what it keeps to itself."""

from unittest import mock

from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, TestCase
from django.urls import reverse

from protocol import actions, canonical
from protocol.models import SealedProtocol
from tests.cast import Cast

ADDRESS = "/verifiera/"


class VerifyTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.meeting = cls.cast.meeting("sealed")
        cls.version = cls.meeting.versions.get()
        cls.sealed = SealedProtocol.objects.get()
        cls.file = bytes(cls.sealed.pdf)

    def setUp(self):
        cache.clear()

    def check_file(self, data, name="protokoll.pdf"):
        return self.client.post(ADDRESS, {"file": SimpleUploadedFile(name, data, "application/pdf")})

    def check_sum(self, typed):
        return self.client.post(ADDRESS, {"checksum": typed})

    def test_anybody_may_ask(self):
        self.assertEqual(reverse("protocol:verify"), ADDRESS)
        self.assertEqual(self.client.get(ADDRESS).status_code, 200)
        self.assertEqual(Client(enforce_csrf_checks=True).post(ADDRESS, {"checksum": self.sealed.sha256}).status_code, 200)

    def test_the_sealed_file_is_genuine(self):
        response = self.check_file(self.file)
        self.assertContains(response, "ÄKTA")
        self.assertContains(response, "Förvaltningsgruppen, Parkförvaltningen")
        self.assertContains(response, "1 ordförande")
        self.assertEqual(response.context["kind"], "file")

    def test_one_changed_byte_makes_it_unknown(self):
        for at in (0, len(self.file) // 2, len(self.file) - 1):
            changed = self.file[:at] + bytes([self.file[at] ^ 1]) + self.file[at + 1 :]
            self.assertEqual(self.check_file(changed).context["kind"], "unknown")

    def test_a_checksum_is_read_however_it_is_written(self):
        whole = self.sealed.sha256
        for typed in (
            whole,
            whole.upper(),
            f" SHA-256: {whole}\n",
            canonical.short(whole),
            " ".join(whole[at : at + 4] for at in range(0, 64, 4)),
        ):
            self.assertEqual(self.check_sum(typed).context["kind"], "file", typed)

    def test_the_contents_checksum_is_known_as_such(self):
        response = self.check_sum(canonical.short(self.version.sha256))
        self.assertEqual(response.context["kind"], "content")
        self.assertContains(response, "Innehållet är känt")
        self.assertNotContains(response, "ÄKTA")

    def test_a_version_that_was_taken_back_does_not_count(self):
        meeting = self.cast.meeting("approval")
        version = meeting.versions.get()
        self.assertEqual(self.check_sum(version.sha256).context["kind"], "unsealed")
        actions.withdraw(meeting, reason="Hemligt skäl.", by=self.cast.secretary)
        response = self.check_sum(version.sha256)
        self.assertContains(response, "Gäller inte")
        self.assertNotContains(response, "Hemligt skäl")

    def test_no_person_and_no_union_is_named(self):
        said = self.check_file(self.file).content.decode()
        for name in ("Cecilia", "Ulla", "Stina", "Lövförbundet", "LF"):
            self.assertNotIn(name, said)

    def test_what_is_no_checksum_is_told_at_the_field(self):
        for typed in ("hej", "abc123", "g" * 64, self.sealed.sha256[:-1], "%' OR 1=1 --"):
            response = self.check_sum(typed)
            self.assertEqual(set(response.context["form"].errors), {"checksum"}, typed)
        self.assertEqual(set(self.client.post(ADDRESS).context["form"].errors), {"file"})

    def test_what_is_no_pdf_is_told_as_that(self):
        self.assertContains(self.check_file(b""), "Filen är tom")
        self.assertContains(self.check_file(b"\x89PNG\r\n\x1a\n" + b"0" * 2000), "Filen är inte en PDF")
        for file in (b"", b"\x89PNG"):
            self.assertNotContains(self.check_file(file), "OKÄND")
        self.assertContains(self.check_file(b"%PDF-1.7 en annan"), "OKÄND")

    def test_an_empty_file_and_a_strange_name_are_only_unknown(self):
        self.assertEqual(self.check_file(b"").context["kind"], "unknown")
        response = self.check_file(b"<script>alert(1)</script>", "../../<b>x</b>.pdf")
        self.assertEqual(response.context["kind"], "unknown")
        self.assertNotContains(response, "<b>x</b>")

    def test_a_file_that_is_too_large_is_refused_unread(self):
        with mock.patch("protocol.views.verification.MOST_BYTES", 1000), mock.patch("protocol.forms.MOST_BYTES", 1000):
            self.assertContains(self.check_file(b"x" * 2000), "Filen är större än 25 MB")
            self.assertContains(self.check_file(b"x" * 100_000), "Filen är större än 25 MB", status_code=413)

    def test_many_questions_in_a_row_have_to_wait(self):
        statuses = [self.check_sum("0" * 64).status_code for _ in range(31)]
        self.assertEqual(statuses, [200] * 30 + [429])
