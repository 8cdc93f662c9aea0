"""A file in the place of the text: looked into, described in words, read by the motion's readers, carried into the protocol."""

import hashlib
import tempfile
from datetime import timedelta
from io import BytesIO

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import TestCase, override_settings
from django.urls import reverse
from PIL import Image

from meetings.actions import agenda, placing
from meetings.models import Meeting
from meetings.reading import checklist
from motions.actions import answering, files, filing, supporting
from motions.models import Motion
from people.models import Letter, today
from protocol import actions as protocol_actions
from protocol import document, sealing
from protocol.exports import as_txt
from protocol.models import FrozenVersion
from record.moves import Refused, Stale, WrongState
from tests import factories as make
from tests.cast import Cast
from tests.world import png


def picture(shade: int) -> bytes:
    """Another square than `png`."""
    file = BytesIO()
    Image.new("RGB", (4, 4), (shade, shade, shade)).save(file, "PNG")
    return file.getvalue()


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
        return files.attach(self.draft(**fields), file=file, description="En grå ruta.", by=self.cast.union_rep)

    def get(self, who: str, motion: Motion):
        self.client.force_login(getattr(self.cast, who))
        return self.client.get(reverse("motions:attachment", args=[motion.pk]))

    def test_it_stands_in_the_place_of_the_text(self) -> None:
        self.assertEqual(sorted(filing.lacks(self.draft())), ["background"])
        motion = self.attached()
        self.assertEqual(filing.lacks(motion), {})
        self.assertEqual((motion.filename, motion.content_type), ("Vår bild.png", "image/png"))
        self.assertEqual(motion.sha256, hashlib.sha256(png()).hexdigest())

    def test_on_the_page(self) -> None:
        motion = self.draft()
        self.client.force_login(self.cast.union_rep)
        url = reverse("motions:attach", args=[motion.pk])
        page = self.client.post(url, {"file": SimpleUploadedFile("a.png", png()), "description": ""})
        self.assertEqual(list(page.context["form"].errors), ["description", "file"])
        self.assertContains(page, "Välj filen igen.")
        page = self.client.post(url, {"file": SimpleUploadedFile("a.exe", b"MZ"), "description": "Ett program."})
        self.assertContains(page, "Filtypen kan inte tas emot.")
        self.assertContains(page, "Ett program.")
        page = self.client.post(url, {"file": SimpleUploadedFile("a.png", png()), "description": "En grå ruta."}, follow=True)
        self.assertContains(page, "Filen a.png är sparad i utkastet.")
        shown = self.client.get(reverse("motions:preview", args=[motion.pk]))
        self.assertContains(shown, "Filen a.png i ord:")
        self.assertContains(shown, "En grå ruta.")
        page = self.client.post(url, {"description": "En grå kvadrat."}, follow=True)
        self.assertContains(page, "Textalternativet är sparat i utkastet.")
        kept = Motion.objects.get(pk=motion.pk)
        self.assertEqual((kept.filename, kept.description), ("a.png", "En grå kvadrat."))
        page = self.client.post(reverse("motions:detach", args=[motion.pk]), follow=True)
        self.assertContains(page, "Filen är borttagen ur utkastet.")
        self.assertEqual(Motion.objects.get(pk=motion.pk).filename, "")

    def test_a_drafts_file_is_its_unions_own_and_a_filed_one_is_read_by_the_group(self) -> None:
        motion = self.attached()
        for who, status in (("union_rep", 200), ("chair", 404), ("other_rep", 404), ("stranger", 404)):
            self.assertEqual(self.get(who, motion).status_code, status, who)
        filing.file(motion, by=self.cast.union_rep)
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
        motion = filing.file(self.attached(), by=self.cast.union_rep)
        for act in (
            lambda: files.detach(motion, by=self.cast.union_rep),
            lambda: files.attach(motion, file=SimpleUploadedFile("b.png", png()), description="x", by=self.cast.union_rep),
        ):
            with self.assertRaises(WrongState):
                act()
        with self.assertRaises(IntegrityError), transaction.atomic():
            Motion.objects.filter(pk=motion.pk).update(description="")

    def test_it_goes_with_the_protocol_as_an_appendix(self) -> None:
        motion = filing.file(self.attached(title="Bilden"), by=self.cast.union_rep)
        meeting = self.cast.meeting("draft")
        paragraph = make.make_paragraph(meeting)
        with self.assertRaisesMessage(Refused, "Yttrandet har en fil."):
            placing.place(motion, meeting=meeting, paragraph=paragraph, by=self.cast.secretary)
        placing.place_in_new_appendix(motion, meeting=meeting, paragraph=paragraph, item=None, by=self.cast.secretary)
        appendix = meeting.appendices.get()
        self.assertEqual((appendix.sha256, appendix.filename), (motion.sha256, "Vår bild.png"))
        text = " ".join(as_txt(document.build(Meeting.objects.whole().get(pk=meeting.pk)), mode="draft").split())
        self.assertEqual(text.count("En grå ruta."), 1)
        self.assertIn("Särskilt yttrande från LF: Bilden", text)

    def test_a_meeting_takes_it_along_when_it_is_wanted_there(self) -> None:
        day = today() + timedelta(days=20)
        motion = filing.file(self.attached(wanted_on=day), by=self.cast.union_rep)
        meeting = make.make_meeting(self.cast.group, by=self.cast.secretary, date=day)
        self.assertEqual(meeting.placements.get().appendix.sha256, motion.sha256)


@override_settings(MEDIA_ROOT=tempfile.mkdtemp())
class FiledFileTestCase(TestCase):
    """Something is filed with a file, and supported."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = cast = Cast()
        for name in ("chair", "secretary", "employer", "adjuster", "union_rep", "other_rep", "substitute", "hr", "stranger"):
            getattr(cast, name)
        draft = make.make_motion(cast.group, cast.union, by=cast.union_rep, filed=False, title="Bilden", background="")
        first = SimpleUploadedFile("Utkastets bild.png", picture(10))
        draft = files.attach(draft, file=first, description="En mörk ruta.", by=cast.union_rep)
        draft = files.attach(draft, file=SimpleUploadedFile("Vår bild.png", png()), description="En grå ruta.", by=cast.union_rep)
        cls.motion = filing.file(draft, by=cast.union_rep)
        supporting.support(cls.motion.claims.get(), party=cast.other_union, by=cast.other_rep)

    def motion_now(self) -> Motion:
        return Motion.objects.get(pk=self.motion.pk)

    def change(self, *, shade: int = 200, description: str = "En ljus ruta.", motion: Motion | None = None, **more) -> Motion:
        motion = motion or self.motion_now()
        file = SimpleUploadedFile("Ny bild.png", picture(shade))
        more = {"version": motion.version, "by": self.cast.union_rep} | more
        return files.change_file(motion, file=file, description=description, **more)


class ChangeFileTests(FiledFileTestCase):
    """Another file in what has been filed: a version that all read, and never another file in print than the filed one."""

    def get(self, who: str, query: str = ""):
        self.client.force_login(getattr(self.cast, who))
        return self.client.get(reverse("motions:attachment", args=[self.motion.pk]) + query)

    def body(self, who: str, query: str = "") -> bytes:
        return b"".join(self.get(who, query).streaming_content)

    def test_it_is_a_new_version_and_the_old_file_stays(self) -> None:
        self.change(why="Fel bild")
        self.assertEqual(self.body("chair"), picture(200))
        self.assertEqual(self.body("chair", "?version=2"), picture(200))
        self.assertEqual(self.body("other_rep", "?version=1"), png())
        self.assertIn("V%C3%A5r%20bild.png", self.get("chair", "?version=1")["Content-Disposition"])
        self.assertEqual(self.get("chair", "?version=1")["Content-Security-Policy"], "sandbox; default-src 'none'")
        for query in ("?version=0", "?version=3", "?version=x", "?version="):
            self.assertEqual(self.get("chair", query).status_code, 404, query)
        for who, status in (("stranger", 404), ("hr", 404)):  # HR reads motions first when they are sealed
            self.assertEqual(self.get(who, "?version=1").status_code, status, who)

    def test_no_version_tells_of_the_time_as_a_draft(self) -> None:
        self.change()
        bodies = [self.body("union_rep", f"?version={n}") for n in (1, 2)]
        self.assertNotIn(picture(10), bodies)
        page = self.client.get(reverse("motions:versions", args=[self.motion.pk]))
        self.assertNotContains(page, "Utkastets bild")
        self.assertNotContains(page, "En mörk ruta")
        draft = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, filed=False)
        draft = files.attach(draft, file=SimpleUploadedFile("a.png", png()), description="x", by=self.cast.union_rep)
        url = reverse("motions:attachment", args=[draft.pk])
        self.client.force_login(self.cast.union_rep)
        self.assertEqual([self.client.get(url).status_code, self.client.get(f"{url}?version=1").status_code], [200, 404])
        self.client.force_login(self.cast.chair)
        self.assertEqual(self.client.get(f"{url}?version=1").status_code, 404)

    def test_the_versions_page_tells_and_links_each(self) -> None:
        self.change(why="Fel bild")
        self.client.force_login(self.cast.other_rep)
        page = self.client.get(reverse("motions:versions", args=[self.motion.pk]))
        url = reverse("motions:attachment", args=[self.motion.pk])
        self.assertContains(page, f'<a href="{url}?version=1">Vår bild.png')
        self.assertContains(page, f'<a href="{url}?version=2">Ny bild.png')
        self.assertContains(page, "Fel bild")
        self.assertContains(page, hashlib.sha256(png()).hexdigest())
        self.assertContains(page, "Ny fil i stället för den förra:", count=1)

    def test_support_stands_and_those_who_answer_are_told(self) -> None:
        claim = self.motion.claims.get()
        day = today() + timedelta(days=3)
        answering.assign(self.motion, claims=[claim], person=self.cast.employer.person, day=day, by=self.cast.chair)
        self.change()
        self.assertEqual([one.party for one in claim.supporters], [self.cast.other_union])
        told = Letter.objects.filter(kind="motion_changed").values_list("person__name", flat=True)
        self.assertEqual(sorted(told), ["Cecilia Björk", "Erik Lind", "Stina Alm"])
        self.assertFalse(Letter.objects.filter(kind="support_lapsed").exists())

    def test_the_log_holds_the_new_files_hash(self) -> None:
        self.change()
        event = self.cast.group.chain.events.select_related("payload").filter(kind="motion_changed").last()
        self.assertEqual(event.payload.data["file"], hashlib.sha256(picture(200)).hexdigest())
        self.assertEqual(event.payload.data["receipt"], self.motion.receipt)

    def test_what_is_wrong_is_refused_and_changes_nothing(self) -> None:
        for more in ({"description": " "}, {"shade": 128, "description": "En grå ruta."}):
            with self.assertRaises(ValidationError):
                self.change(**more)
        with self.assertRaises(Stale):
            self.change(version=1)
        self.assertEqual(self.motion_now().sha256, self.motion.sha256)
        draft = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, filed=False)
        with self.assertRaises(WrongState):
            self.change(motion=draft)

    def test_only_the_other_words_of_the_same_file(self) -> None:
        self.assertEqual(self.change(shade=128, description="En grå fyrkant.").description, "En grå fyrkant.")
        self.client.force_login(self.cast.union_rep)
        url, now = reverse("motions:change_file", args=[self.motion.pk]), self.motion_now()
        page = self.client.post(url, {"description": "En grå kvadrat.", "version": now.version}, follow=True)
        self.assertContains(page, "Textalternativet är sparat som version 3.")
        self.assertEqual((self.motion_now().description, self.motion_now().sha256), ("En grå kvadrat.", now.sha256))

    def test_what_a_protocol_has_locked_refuses(self) -> None:
        meeting = make.make_meeting(self.cast.group, by=self.cast.secretary, state="draft")
        placing.place_in_new_appendix(
            self.motion, meeting=meeting, paragraph=make.make_paragraph(meeting), item=None, by=self.cast.secretary
        )
        make.make_answer(self.motion.claims.get(), by=self.cast.employer)
        version = protocol_actions.freeze(self.cast.ready(meeting), by=self.cast.secretary, privacy_reviewed=True)
        for _ in ("approval", "adjusted"):
            with self.assertRaises(WrongState):
                self.change()
            with self.assertRaises(IntegrityError), transaction.atomic():
                Motion.objects.filter(pk=self.motion.pk).update(sha256="0" * 64)
            self.client.force_login(self.cast.union_rep)
            self.assertEqual(self.client.get(reverse("motions:change_file", args=[self.motion.pk])).status_code, 409)
            if meeting.versions.get().signatures.count() == 0:
                self.cast.sign_all(version)

    def test_on_the_page(self) -> None:
        url = reverse("motions:change_file", args=[self.motion.pk])
        self.client.force_login(self.cast.union_rep)
        self.assertContains(self.client.get(reverse("motions:motion", args=[self.motion.pk])), url)
        page = self.client.get(url)
        self.assertContains(page, "En grå ruta.")
        data = {"description": "En ljus ruta.", "version": "1", "why": "Fel bild"}
        page = self.client.post(url, data | {"file": SimpleUploadedFile("Ny.png", picture(200))})  # somebody was first
        self.assertContains(page, "har ändrats medan du skrev")
        self.assertContains(page, "En ljus ruta.")
        self.assertContains(page, "Fel bild")
        again = data | {"version": page.context["form"]["version"].value()}
        same = self.client.post(url, again | {"description": "En grå ruta."})
        self.assertEqual(list(same.context["form"].errors), ["file"])
        page = self.client.post(url, again | {"file": SimpleUploadedFile("Ny.png", picture(200))}, follow=True)
        self.assertContains(page, "Filen Ny.png är sparad som version 2.")
        for who, status in (("chair", 403), ("other_rep", 403), ("substitute", 403), ("stranger", 404)):
            self.client.force_login(getattr(self.cast, who))
            self.assertEqual(self.client.get(url).status_code, status, who)

    def test_taken_away_it_stays_among_the_versions(self) -> None:
        url = reverse("motions:remove_file", args=[self.motion.pk])
        self.client.force_login(self.cast.union_rep)
        self.assertContains(self.client.get(reverse("motions:change_file", args=[self.motion.pk])), url)
        self.client.get(url)
        late = self.client.post(url, {"version": "1", "why": "Fel fil"})
        self.assertContains(late, "har ändrats medan du läste")
        self.assertContains(late, "Fel fil")
        data = {"version": late.context["form"]["version"].value(), "why": "Fel fil"}
        page = self.client.post(url, data, follow=True)
        self.assertContains(page, "Filen är borttagen. Det är version 2.")
        self.assertNotContains(page, "Vår bild.png")
        self.assertEqual(self.client.get(reverse("motions:attachment", args=[self.motion.pk])).status_code, 422)
        self.assertEqual(self.body("other_rep", "?version=1"), png())
        self.assertEqual([support.party for support in self.motion.claims.get().supporters], [self.cast.other_union])
        self.client.force_login(self.cast.union_rep)
        self.assertEqual(self.client.get(url).status_code, 422)  # there is none left
        for who, status in (("chair", 403), ("other_rep", 403), ("substitute", 403), ("stranger", 404)):
            self.client.force_login(getattr(self.cast, who))
            self.assertEqual(self.client.post(url, data).status_code, status, who)

    def test_what_a_meeting_has_among_its_papers_or_what_stands_for_the_text_is_not_taken_away(self) -> None:
        meeting = make.make_meeting(self.cast.group, by=self.cast.secretary, state="draft")
        placing.place_in_new_appendix(
            self.motion, meeting=meeting, paragraph=make.make_paragraph(meeting), item=None, by=self.cast.secretary
        )
        letter = make.make_motion(
            self.cast.group, self.cast.union, by=self.cast.union_rep, kind="opinion", claims=(), background="", filed=False
        )
        letter = files.attach(letter, file=SimpleUploadedFile("a.png", png()), description="x", by=self.cast.union_rep)
        letter = filing.file(letter, by=self.cast.union_rep)
        for motion, reason in ((self.motion_now(), "mötes handlingar"), (letter, "Skriv texten i yttrandet först")):
            with self.assertRaisesMessage(Refused, reason):
                files.remove_file(motion, version=motion.version, by=self.cast.union_rep)
        self.assertTrue(self.motion_now().file)

    def test_a_first_file_in_what_was_filed_as_text(self) -> None:
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep)
        self.assertEqual(self.change(motion=motion).filename, "Ny bild.png")


class PrintedFileTests(FiledFileTestCase):
    """When what is filed and what is printed differ, the check list says so and stops the freeze until they are the same."""

    def setUp(self) -> None:
        cast = self.cast
        self.meeting = make.make_meeting(cast.group, by=cast.secretary, state="draft")
        self.paragraph = make.make_paragraph(self.meeting)

    def place(self, motion: Motion | None = None, *, new: bool = True, appendix=None):
        where = {"meeting": self.meeting, "paragraph": self.paragraph, "item": None, "by": self.cast.secretary}
        motion = motion or self.motion_now()
        return placing.place_in_new_appendix(motion, **where) if new else placing.place(motion, appendix=appendix, **where)

    def told(self) -> list[str]:
        meeting = Meeting.objects.whole().get(pk=self.meeting.pk)
        found = checklist.problems(meeting, document.referenced_appendices(meeting))
        return [one.message for one in found if one.code == "motion_file" and one.blocking]

    def test_the_secretary_is_told_and_mends_it_by_one_button(self) -> None:
        placement = self.place()
        self.assertEqual(self.told(), [])
        self.change()
        self.assertEqual(self.told(), ["Filen till ”Bilden” är ny eller ändrad, och finns inte i bilagan."])
        make.make_answer(self.motion.claims.get(), by=self.cast.employer)
        with self.assertRaisesMessage(ValidationError, "och finns inte i bilagan"):
            protocol_actions.freeze(self.cast.ready(self.meeting), by=self.cast.secretary, privacy_reviewed=True)
        self.client.force_login(self.cast.secretary)
        there = f"{reverse('meetings:place', args=[self.meeting.pk])}#m{self.motion.pk}"
        self.assertContains(self.client.get(reverse("protocol:freeze", args=[self.meeting.pk])), there)
        button = reverse("meetings:take_file", args=[placement.pk])
        self.assertContains(self.client.get(reverse("meetings:place", args=[self.meeting.pk])), button)
        page = self.client.post(button, follow=True)
        self.assertContains(page, "Filen skrivs ut i bilagan ”Bilden”.")
        self.assertNotContains(page, button)
        appendix = self.meeting.appendices.get()
        self.assertEqual((appendix.sha256, appendix.description), (self.motion_now().sha256, "En ljus ruta."))
        self.assertEqual(appendix.file.read(), picture(200))
        self.assertEqual(appendix.history.last().sha256, self.motion.sha256)
        self.assertEqual(self.told(), [])
        version = protocol_actions.freeze(Meeting.objects.get(pk=self.meeting.pk), by=self.cast.secretary, privacy_reviewed=True)
        self.assertIn(self.motion_now().sha256.encode(), bytes(version.data))

    def test_other_words_for_the_file_are_told_too(self) -> None:
        placement = self.place()
        self.change(shade=128, description="En grå fyrkant.")
        self.assertEqual(len(self.told()), 1)
        placing.take_file(placement, by=self.cast.secretary)
        self.assertEqual(self.told(), [])

    def test_a_first_file_gets_an_appendix(self) -> None:
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, title="Utan fil")
        placement = self.place(motion, new=False)
        self.change(motion=motion)
        self.assertEqual(len(self.told()), 1)
        taken = placing.take_file(placement, by=self.cast.secretary)
        self.assertEqual((taken.pk, taken.appendix.sha256, taken.paragraph), (placement.pk, motion.sha256, self.paragraph))
        self.assertEqual(self.told(), [])

    def test_an_appendix_that_holds_something_else_is_left_alone(self) -> None:
        file = SimpleUploadedFile("Alla yrkanden.png", picture(77))
        shared = agenda.append(self.meeting, title="Alla", file=file, description="Allt.", by=self.cast.secretary)
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep, title="Utan fil")
        placement = self.place(motion, new=False, appendix=shared)
        self.change(motion=motion)
        taken = placing.take_file(placement, by=self.cast.secretary)
        self.assertNotEqual(taken.appendix, shared)
        shared.refresh_from_db()
        self.assertEqual(shared.filename, "Alla yrkanden.png")

    def test_asked_for_twice_it_is_done_once(self) -> None:
        placement = self.place()
        placing.take_file(placement, by=self.cast.secretary)
        self.change()
        for _ in range(2):
            placing.take_file(placement, by=self.cast.secretary)
        self.assertEqual(self.meeting.appendices.get().history.count(), 2)

    def test_what_has_no_file_has_none_to_take(self) -> None:
        motion = make.make_motion(self.cast.group, self.cast.union, by=self.cast.union_rep)
        with self.assertRaises(Refused):
            placing.take_file(self.place(motion, new=False), by=self.cast.secretary)

    def test_a_protocol_that_is_sealed_keeps_its_own(self) -> None:
        """Taken up again at a later meeting it may be changed; the sealed protocol and its appendix stay as they were signed."""
        placement = self.place()
        make.make_answer(self.motion.claims.get(), by=self.cast.employer, outcome="tabled", text="")
        version = protocol_actions.freeze(self.cast.ready(self.meeting), by=self.cast.secretary, privacy_reviewed=True)
        self.cast.sign_all(version)
        sealing.seal(FrozenVersion.objects.get(pk=version.pk))
        sealed, self.meeting = self.meeting, make.make_meeting(self.cast.group, by=self.cast.secretary, state="draft")
        self.assertEqual(self.motion_now().phase, "U")
        self.change()
        self.assertEqual(len(self.told()), 1)
        self.assertEqual(sealed.appendices.get().sha256, self.motion.sha256)
        with self.assertRaises(WrongState):
            placing.take_file(placement, by=self.cast.secretary)
