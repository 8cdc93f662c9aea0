"""The words of an unfiled draft, and of an answer that is being written, reach no file, no mail and nothing that is signed."""

import json
import tempfile
from pathlib import Path

import pikepdf
from django.apps import apps
from django.core import mail as outbox
from django.db import models
from django.test import TestCase, override_settings
from django.urls import reverse

from meetings.actions import agenda, placing
from meetings.models import Meeting
from motions.actions import answering
from motions.models import Answer, Claim, Motion
from people import mail
from people.models import Letter
from protocol import actions, evidence, sealing, shown
from protocol.models import FrozenVersion, Passage
from record.models import EventPayload
from record.moves import Refused, WrongState
from tests import factories as make
from tests.cast import Cast
from tests.crawl import said, words_of_pdf
from tests.paper import OnPaper

CANARY = "kanariefagel7733"
UNRELEASED = "kanariesvar4410"
KINDS = ("json", "txt", "html", "pdf")
# Who reads meetings and motions but neither writes nor releases answers.
READERS = ("adjuster", "union_rep", "other_rep", "substitute", "safety_rep", "hr", "auditor", "admin", "stranger")


def written_down(secret: str, *, but: set[type[models.Model]]) -> list[str]:
    """The tables, evidence and history too, where these words stand, apart from the models in `but`."""
    places = []
    for model in apps.get_models():
        home = getattr(model, "instance_type", model)
        if model._meta.app_label in ("contenttypes", "auth") or home in but:
            continue
        for row in model._base_manager.all():
            values = (getattr(row, field.attname) for field in model._meta.concrete_fields)
            if any(
                secret in (bytes(value).decode("utf-8", "replace") if isinstance(value, (bytes, memoryview)) else str(value))
                for value in values
            ):
                places.append(f"{model._meta.label} {row.pk}")
    return places


class FileTests(OnPaper, TestCase):
    """A meeting goes its whole way while a draft lies beside it, and a second answer to what was tabled is being written."""

    @classmethod
    def setUpTestData(cls) -> None:
        cast = cls.cast = Cast()
        for name in (*READERS, "chair", "secretary", "employer"):
            getattr(cast, name)
        cls.meeting = make.make_meeting(cast.group, by=cast.secretary, state="draft")
        cls.draft = make.make_motion(
            cast.group,
            cast.union,
            by=cast.union_rep,
            filed=False,
            title=f"{CANARY} i rubriken",
            background=f"{CANARY} i bakgrunden",
            claims=(f"att {CANARY} hörs.",),
            matter=f"{CANARY} i ärendet",
            wanted_on=cls.meeting.date,
        )
        motion = cls.motion = make.make_motion(cast.group, cast.union, by=cast.union_rep)
        paragraph = make.make_paragraph(cls.meeting)
        # A reference to a number that is not a placed motion stays the words it was written with.
        agenda.edit_text(paragraph, fields={"text": f"Se [yrkandet](motion:{cls.draft.pk})."}, version=1, by=cast.secretary)
        placement = placing.place(motion, meeting=cls.meeting, paragraph=paragraph, by=cast.secretary)
        claim = cls.claim = motion.claims.get()
        make.make_answer(claim, by=cast.employer, text=f"{UNRELEASED} är inte utlämnat.", released=False)
        placing.postpone(placement, until=None, why="Frågan kommer tillbaka.", by=cast.secretary)
        cls.stages = {"draft": {kind: shown.export(fresh(cls.meeting), kind) for kind in KINDS}}
        version = actions.freeze(cast.ready(cls.meeting), by=cast.secretary, privacy_reviewed=True)
        cls.stages["approval"] = {kind: shown.export(fresh(cls.meeting), kind) for kind in KINDS}
        cast.sign_all(version)
        cls.sealed = sealing.seal(FrozenVersion.objects.get(pk=version.pk))
        cls.stages["sealed"] = {kind: shown.export(fresh(cls.meeting), kind) for kind in KINDS}

    def assert_silent(self, text: str, where: object = "") -> None:
        for words in (CANARY, UNRELEASED):
            self.assertNotIn(words, text, where)

    def test_no_export_of_any_state_holds_them(self):
        for state, files in self.stages.items():
            for kind, data in files.items():
                text = words_of_pdf(data) if kind == "pdf" else data.decode()
                self.assertIn(
                    "Frågan kommer tillbaka.", " ".join(text.split()), (state, kind)
                )  # what is released can be read there
                self.assert_silent(text, (state, kind))

    def test_the_pdf_carries_no_file_with_them(self):
        for state, files in self.stages.items():
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "p.pdf"
                path.write_bytes(files["pdf"])
                with pikepdf.open(path) as document:
                    carried = {name: bytes(one.get_file().read_bytes()).decode() for name, one in document.attachments.items()}
            self.assertEqual("bevis.json" in carried, state == "sealed")
            for name, text in carried.items():
                self.assert_silent(text, (state, name))

    def test_what_is_signed_and_the_proofs_do_not_hold_them(self):
        version = FrozenVersion.objects.get()
        for name, data in (("record", bytes(version.data)), ("bevis.json", evidence.proofs(version))):
            json.loads(data)
            self.assert_silent(data.decode(), name)
        for signature in version.signatures.all():
            self.assert_silent(json.dumps(signature.proof), "signature")
        for payload in EventPayload.objects.all():
            self.assert_silent(json.dumps(payload.data), "log")
        self.assert_silent(" ".join(Passage.objects.values_list("words", flat=True)), "search")

    def test_they_are_written_down_nowhere_but_where_they_belong(self):
        self.assertEqual(written_down(CANARY, but={Motion, Claim}), [])
        self.assertEqual(written_down(UNRELEASED, but={Answer}), [])
        self.assertGreater(len(written_down(CANARY, but=set())), 1)
        self.assertGreater(len(written_down(UNRELEASED, but=set())), 1)

    def test_the_calendar_file_does_not_tell(self):
        called = make.make_meeting(self.cast.group, by=self.cast.secretary, state="called")
        for name in (*READERS[:5], "secretary", "chair"):
            self.client.force_login(getattr(self.cast, name))
            for meeting in (called, self.meeting):
                response = self.client.get(reverse("meetings:calendar", args=[meeting.pk]))
                self.assertIn(response.status_code, (200, 409))
                self.assert_silent(said(response), name)

    def test_no_mail_and_not_the_demonstrations_page_of_mail(self):
        with tempfile.TemporaryDirectory() as folder:
            settings = {
                "DEMO": True,
                "EMAIL_FILE_PATH": folder,
                "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            }
            with override_settings(**settings):
                answering.release(Answer.objects.get(released_at=None, claim=self._another_claim()), by=self.cast.chair)
                for letter in Letter.objects.all():
                    mail.as_mail(letter).send()
                for name in ("union_rep", "secretary", "stranger"):
                    self.client.force_login(getattr(self.cast, name))
                    response = self.client.get(reverse("demo_mail"))
                    self.assertContains(response, "Svar på")
                    self.assertContains(response, "Kallelse")
                    self.assert_silent(said(response), name)
                    self.assertNotContains(response, "Lokalerna är slitna")  # nor what has been filed and answered
                    self.assertNotContains(response, "Frågan utreds")
        self.assert_silent("".join(letter.subject + letter.body + letter.calendar for letter in Letter.objects.all()))
        self.assertEqual(outbox.outbox, [])

    def _another_claim(self) -> Claim:
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep)
        make.make_answer(motion.claims.get(), by=self.cast.employer, released=False)
        return motion.claims.get()

    def test_a_draft_is_never_placed_at_a_meeting(self):
        meeting = make.make_meeting(self.cast.group, by=self.cast.secretary, state="called")
        with self.assertRaises((Refused, WrongState)):
            placing.place(self.draft, meeting=meeting, paragraph=make.make_paragraph(meeting), by=self.cast.secretary)


def fresh(meeting: Meeting) -> Meeting:
    return Meeting.objects.get(pk=meeting.pk)
