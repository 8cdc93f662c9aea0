"""A frozen text that somebody has changed past the app is shown to nobody, on no page and in no file; the page says why."""

from io import StringIO

from django.core.management import CommandError, call_command
from django.test import TestCase
from django.urls import reverse

from protocol import evidence
from protocol.models import Drawing, FrozenVersion, Signature
from protocol.shown import export, show
from tests import factories as make
from tests.cast import Cast
from tests.runner import lift

SAID = "Texten till det här protokollet stämmer inte med sin kontrollsumma."


class AlteredTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()

    def altered(self, state):
        meeting = self.cast.meeting(state)
        lift()
        version = FrozenVersion.objects.get(meeting=meeting)
        data = bytes(version.data).replace("förklarade".encode(), b"forklarade")
        FrozenVersion.objects.filter(pk=version.pk).update(data=data)
        return meeting, version

    def assertKept(self, response):
        self.assertContains(response, SAID, status_code=500)
        self.assertNotContains(response, "forklarade", status_code=500)

    def test_a_text_under_approval(self):
        meeting, version = self.altered("approval")
        self.client.force_login(self.cast.chair)
        for name, pk in (("protocol", meeting.pk), ("approval", meeting.pk)):
            with self.subTest(name), self.assertLogs("protocol.middleware", "CRITICAL") as told:
                self.assertKept(response := self.client.get(reverse(f"protocol:{name}", args=[pk])))
            self.assertIn(f"frozen version {version.pk} does not match its hash", told.output[0])
            self.assertNotContains(response, "PDF", status_code=500)
        with self.assertLogs("protocol.middleware", "CRITICAL"):
            sent = {"password": make.PASSWORD, "seen": version.sha256}
            self.assertKept(self.client.post(reverse("protocol:sign", args=[version.pk]), sent))
        self.assertEqual(Signature.objects.count(), 0)

    def test_a_sealed_one_leads_to_the_sealed_file(self):
        meeting, _ = self.altered("sealed")
        self.client.force_login(self.cast.adjuster)
        for name in ("protocol", "approval", "line"):
            with self.subTest(name), self.assertLogs("protocol.middleware", "CRITICAL"):
                response = self.client.get(reverse(f"protocol:{name}", args=[meeting.pk]))
                self.assertKept(response)
                self.assertContains(response, "hämta den och kontrollera den mot ditt mejl", status_code=500)
                self.assertContains(response, f'href="{reverse("protocol:pdf", args=[meeting.pk])}"', status_code=500)
        self.assertEqual(self.client.get(reverse("protocol:pdf", args=[meeting.pk])).status_code, 200)

    def test_no_drawing_is_made_and_the_one_who_waits_is_told_why(self):
        meeting, _ = self.altered("approval")
        self.client.force_login(self.cast.chair)
        with self.assertLogs("protocol.drawings", "CRITICAL"):
            response = self.client.get(reverse("protocol:draft_pdf", args=[meeting.pk]), follow=True)
        self.assertContains(response, "Texten stämmer inte med sin kontrollsumma och ritas därför inte.")
        self.assertEqual((Drawing.objects.get().state, bytes(Drawing.objects.get().pdf or b"")), (Drawing.State.FAILED, b""))

    def test_no_export_is_written(self):
        meeting, version = self.altered("approval")
        for name in ("json", "txt", "html", "pdf"):
            with self.subTest(name), self.assertRaises(evidence.Altered):
                export(meeting, name)
        with self.assertRaisesMessage(CommandError, f"nothing is written: frozen version {version.pk}"):
            call_command("export_protocol", str(meeting.pk), "--format", "txt", stdout=StringIO())

    def test_a_whole_one_is_shown(self):
        self.assertEqual(show(self.cast.meeting("approval")).version.n, 1)
