"""The agenda's pages: order, points, appendices and motions placed, by the right person at the right time."""

import io
import zipfile
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from meetings.actions import agenda
from meetings.models import AgendaChange, Appendix, Item, Paragraph
from tests import factories as make
from tests.meetings.test_planning_views import Pages


def png(name: str = "bild.png") -> SimpleUploadedFile:
    """A small real picture."""
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="text/html")


def docx(name: str = "brev.docx", **members: bytes) -> SimpleUploadedFile:
    """The least that is a Word file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for member, content in {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>", **members}.items():
            archive.writestr(member, content)
    return SimpleUploadedFile(name, out.getvalue())


class ArrangeViewTests(Pages):
    def setUp(self):
        self.meeting = self.cast.meeting()
        self.be(self.cast.secretary)

    def headings(self) -> list[str]:
        return [paragraph.heading for paragraph in self.meeting.paragraphs.all()]

    def test_a_paragraph_is_moved_by_button(self):
        first, second = self.meeting.paragraphs.all()[:2]
        response = self.post("move_paragraph", first.pk, till="ner")
        self.assertRedirects(response, reverse("meetings:arrange", args=[self.meeting.pk]) + f"#p{first.pk}", status_code=303)
        self.assertEqual(self.headings()[:2], [second.heading, first.heading])
        self.post("move_paragraph", first.pk, till="upp")
        self.post("move_paragraph", first.pk, till="upp")
        self.assertEqual(self.headings()[:2], [first.heading, second.heading])
        self.assertEqual(self.post("move_paragraph", first.pk, till="bort").status_code, 400)
        self.assertEqual(self.page("move_paragraph", first.pk).status_code, 405)

    def test_a_moved_paragraph_takes_the_section_of_its_new_place(self):
        paragraph = make.make_paragraph(self.meeting, "dialogue")
        self.post("move_paragraph", paragraph.pk, till="upp")
        paragraph.refresh_from_db()
        self.assertEqual(paragraph.section, "Information")

    def test_a_paragraph_is_added_where_one_says(self):
        after = make.make_paragraph(self.meeting, "operations")
        data = {"do": "paragraph", "ny-heading": "Avtackning", "ny-section": "Information", "ny-after": after.pk}
        self.assertEqual(self.post("arrange", self.meeting.pk, **data).status_code, 303)
        at = self.headings().index("Avtackning")
        self.assertEqual(self.headings()[at - 1], after.heading)
        self.assertEqual(
            list(self.meeting.paragraphs.values_list("position", flat=True)), list(range(1, len(self.headings()) + 1))
        )

    def test_a_paragraph_of_another_meeting_is_no_place(self):
        foreign = make.make_paragraph(self.cast.meeting(date=self.meeting.date + timedelta(days=7)))
        response = self.post("arrange", self.meeting.pk, **{"do": "paragraph", "ny-heading": "X", "ny-after": foreign.pk})
        self.assertEqual(list(response.context["form"].errors), ["after"])

    def test_a_heading_must_be_written_and_what_was_typed_is_kept(self):
        response = self.post("arrange", self.meeting.pk, **{"do": "paragraph", "ny-heading": " ", "ny-section": "Dialog"})
        self.assertEqual(response.context["form"]["section"].value(), "Dialog")
        self.assertEqual(list(response.context["form"].errors), ["heading"])

    def test_only_an_empty_paragraph_is_removed(self):
        paragraph = make.make_paragraph(self.meeting, "area")
        self.post("remove_paragraph", paragraph.pk)
        self.assertFalse(Paragraph.objects.filter(pk=paragraph.pk).exists())
        full = make.make_paragraph(self.meeting)
        make.make_item(full)
        self.assertContains(
            self.client.post(reverse("meetings:remove_paragraph", args=[full.pk]), follow=True), "Paragrafen har innehåll"
        )
        self.assertTrue(Paragraph.objects.filter(pk=full.pk).exists())

    def test_a_change_of_the_agenda_is_noted_and_taken_back(self):
        under = make.make_paragraph(self.meeting)
        data = {
            "do": "change",
            "andring-kind": "addition",
            "andring-subject": "Enkäten",
            "andring-paragraph": under.pk,
            "andring-party": self.cast.union.pk,
        }
        self.assertEqual(self.post("arrange", self.meeting.pk, **data).status_code, 303)
        change = AgendaChange.objects.get()
        self.assertEqual((change.subject, change.paragraph, change.party), ("Enkäten", under, self.cast.union))
        self.assertContains(self.page("arrange", self.meeting.pk), "Enkäten")
        self.post("arrange", self.meeting.pk, do="unchange", change=change.pk)
        self.assertFalse(AgendaChange.objects.exists())

    def test_only_secretary_and_chair_arrange(self):
        paragraph = self.meeting.paragraphs.first()
        for user, status in (
            (self.cast.chair, 200),
            (self.cast.employer, 403),
            (self.cast.adjuster, 403),
            (self.cast.hr, 403),
            (self.cast.stranger, 404),
        ):
            self.be(user)
            self.assertEqual(self.page("arrange", self.meeting.pk).status_code, status)
            self.assertEqual(self.post("move_paragraph", paragraph.pk, till="ner").status_code, 303 if status == 200 else status)

    def test_as_many_queries_for_thirty_as_for_one(self):
        paragraph = make.make_paragraph(self.meeting)
        make.make_item(paragraph)
        self.page("arrange", self.meeting.pk)
        with CaptureQueriesContext(connection) as single:
            self.page("arrange", self.meeting.pk)
        for number in range(29):
            make.make_item(paragraph, f"Ämne {number}")
            agenda.add_paragraph(self.meeting, heading=f"Fråga {number}", section="", after=None, by=self.cast.secretary)
        with CaptureQueriesContext(connection) as thirty:
            self.assertContains(self.page("arrange", self.meeting.pk), "Fråga 28")
        self.assertEqual(len(single), len(thirty))


class ItemViewTests(Pages):
    def setUp(self):
        self.meeting = self.cast.meeting()
        self.matters = make.make_paragraph(self.meeting, "board_matters")
        self.be(self.cast.secretary)

    def test_a_point_is_added_with_its_numbers(self):
        data = {
            "kind": "board_matter",
            "title": "Månadsrapport",
            "references": "AMN 2020-0276-1.6, AMN 2016-0222\nKS 2020/779",
            "presenter": "HR-chef",
            "board_agenda_no": "9",
        }
        self.assertEqual(self.post("add_item", self.matters.pk, **data).status_code, 303)
        item = Item.objects.get()
        self.assertEqual(item.references, ["AMN 2020-0276-1.6", "AMN 2016-0222", "KS 2020/779"])
        self.assertEqual((item.kind, item.presenter, item.board_agenda_no), ("board_matter", "HR-chef", "9"))
        self.assertNotContains(self.page("arrange", self.meeting.pk), "Kontrollera diarienumret")

    def test_an_odd_number_is_kept_with_a_warning(self):
        response = self.client.post(
            reverse("meetings:add_item", args=[self.matters.pk]),
            {"kind": "board_matter", "title": "Remiss", "references": "kanske 12"},
            follow=True,
        )
        self.assertContains(response, "Kontrollera diarienumret kanske 12")
        self.assertEqual(Item.objects.get().references, ["kanske 12"])

    def test_html_and_template_syntax_stay_words(self):
        title = "<script>alert(1)</script> {{ 7|add:7 }}"
        self.post("add_item", self.matters.pk, kind="board_matter", title=title)
        self.assertEqual(Item.objects.get().title, title)
        page = self.page("arrange", self.meeting.pk)
        self.assertContains(page, "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7|add:7 }}")
        self.assertNotContains(page, "<script>alert")

    def test_points_are_moved(self):
        one, two = make.make_item(self.matters, "Ett"), make.make_item(self.matters, "Två")
        self.post("move_item", two.pk, till="upp")
        self.assertEqual([item.title for item in self.matters.items.all()], ["Två", "Ett"])
        self.post("move_item", one.pk, till="ner")
        self.assertEqual([item.title for item in self.matters.items.all()], ["Två", "Ett"])

    def test_a_point_changed_by_two_shows_both(self):
        item = make.make_item(self.matters, "Ett")
        agenda.edit_item(Item.objects.get(), fields={"title": "Ett igen"}, version=1, by=self.cast.chair)
        response = self.post("edit_item", item.pk, title="Ett till", references="", presenter="", version=1)
        self.assertContains(response, "Ett igen", status_code=409)
        self.assertEqual((response.context["form"]["title"].value(), Item.objects.get().title), ("Ett till", "Ett igen"))

    def test_a_point_is_changed_and_removed(self):
        item = make.make_item(self.matters, "Ett")
        self.assertEqual(self.post("edit_item", item.pk, title="Två", references="", presenter="VD", version=1).status_code, 303)
        self.assertEqual((Item.objects.get().title, Item.objects.get().presenter), ("Två", "VD"))
        self.assertEqual(self.page("remove_item", item.pk).status_code, 200)
        self.assertTrue(Item.objects.exists())
        self.assertEqual(self.post("remove_item", item.pk).status_code, 303)
        self.assertFalse(Item.objects.exists())


class AppendViewTests(Pages):
    def setUp(self):
        self.meeting = self.cast.meeting("called")
        self.be(self.cast.secretary)

    def add(self, **changed):
        return self.post(
            "append", self.meeting.pk, **({"title": "Bilden", "description": "En svart ruta.", "text": ""} | changed)
        )

    def test_a_file_is_added_and_fetched_as_it_was(self):
        file = png()
        self.assertEqual(self.add(file=file).status_code, 303)
        appendix = Appendix.objects.get()
        self.assertContains(self.page("append", self.meeting.pk), "Bilaga 1: Bilden")
        for user in (self.cast.secretary, self.cast.adjuster):
            self.be(user)
            response = self.page("appendix", appendix.pk)
            file.seek(0)
            self.assertEqual(b"".join(response.streaming_content), file.read())
            self.assertEqual(response["Content-Type"], "image/png")
            self.assertEqual(response["Content-Disposition"], 'attachment; filename="bild.png"')
            self.assertEqual(response["X-Content-Type-Options"], "nosniff")
            self.assertEqual(response["Content-Security-Policy"], "sandbox; default-src 'none'")

    def test_a_name_from_outside_is_never_a_path(self):
        file = png("x.png")
        file._name = "../../å b; filename=c.png"
        self.add(file=file)
        appendix = Appendix.objects.get()
        self.assertRegex(appendix.file.name, r"^appendices/[0-9a-f]{32}\.png$")
        disposition = self.page("appendix", appendix.pk)["Content-Disposition"]
        self.assertTrue(disposition.startswith("attachment; "))
        self.assertNotIn("..", disposition)

    def test_what_is_wrong_is_said_at_its_field_and_nothing_is_stored(self):
        html = SimpleUploadedFile("../../x.pdf", b"<html><script>alert(1)</script></html>", content_type="application/pdf")
        cases = (
            ({"file": html}, "file", "ingen PDF"),
            ({"file": png(), "description": " "}, "description", "Beskriv"),
            ({"file": png(), "text": "Också text"}, "text", "inte både"),
            ({}, "file", "Välj en fil, eller skriv"),
            ({"file": SimpleUploadedFile("tom.pdf", b"")}, "file", ""),
            ({"file": docx(**{"word/vbaProject.bin": b"x"})}, "file", "makron"),
            ({"file": SimpleUploadedFile("a.exe", b"MZ")}, "file", "Filtypen"),
            ({"title": "", "file": png()}, "title", ""),
        )
        for changed, field, said in cases:
            with self.subTest(field=field, said=said):
                response = self.add(**changed)
                self.assertEqual(response.status_code, 200)
                form = response.context["form"]
                chosen = changed.get("file")
                again = ["file"] if chosen and field not in ("file", "text") else []  # a browser does not keep it
                self.assertEqual(list(form.errors), [field, *again])
                self.assertIn(said, form.errors[field][0])
                self.assertEqual(form["description"].value(), changed.get("description", "En svart ruta."))
        self.assertFalse(Appendix.objects.exists())

    def test_the_list_says_what_a_file_is_in_plain_words(self):
        self.assertEqual(self.add(file=png()).status_code, 303)
        page = self.page("append", self.meeting.pk)
        self.assertContains(page, "PNG-bild")
        self.assertNotContains(page, "image/png")

    def test_the_empty_form_complains_of_nothing(self):
        self.assertFalse(self.page("append", self.meeting.pk).context["form"].is_bound)

    def test_a_written_appendix(self):
        self.assertEqual(self.add(description="", text="Hela texten.").status_code, 303)
        appendix = Appendix.objects.get()
        self.assertEqual((appendix.text, bool(appendix.file)), ("Hela texten.", False))
        self.assertEqual(self.page("appendix", appendix.pk).status_code, 404)

    def test_what_a_union_adds_is_its_own_and_it_removes_no_other(self):
        self.add(file=png())
        theirs = Appendix.objects.get()
        self.be(self.cast.adjuster)
        self.add(title="Vår skrivelse", file=docx())
        own = Appendix.objects.get(title="Vår skrivelse")
        self.assertEqual(own.party, self.cast.union)
        self.assertEqual(self.post("remove_appendix", theirs.pk).status_code, 403)
        self.assertEqual(self.post("remove_appendix", own.pk).status_code, 303)
        self.assertEqual(list(Appendix.objects.all()), [theirs])

    def test_before_the_notice_a_union_does_not_see_what_others_have_added(self):
        planned = self.cast.meeting(date=self.meeting.date + timedelta(days=7))
        self.post("append", planned.pk, title="Hemlig", text="Text")
        secret = Appendix.objects.get()
        self.be(self.cast.adjuster)
        self.assertNotContains(self.page("append", planned.pk), "Hemlig")
        self.assertEqual(self.page("appendix", secret.pk).status_code, 409)

    def test_a_stranger_fetches_nothing(self):
        self.add(file=png())
        self.be(self.cast.stranger)
        self.assertEqual(self.page("appendix", Appendix.objects.get().pk).status_code, 404)

    def test_a_point_refers_and_the_numbers_follow_the_references(self):
        paragraph = make.make_paragraph(self.meeting)
        item = make.make_item(paragraph)
        self.add(title="Först", text="a", description="")
        self.add(title="Sedan", text="b", description="")
        later = Appendix.objects.get(title="Sedan")
        self.assertEqual(self.post("refer", item.pk, appendices=[later.pk]).status_code, 303)
        self.assertContains(self.page("append", self.meeting.pk), "Bilaga 1: Sedan")
        self.assertEqual(self.post("refer", item.pk).status_code, 303)
        self.assertContains(self.page("append", self.meeting.pk), "Bilaga 1: Först")
        self.assertFalse(item.appendix_links.exists())

    def test_a_frozen_meeting_takes_no_appendix(self):
        frozen = self.cast.meeting("approval", date=self.meeting.date + timedelta(days=7))
        self.assertEqual(self.post("append", frozen.pk, title="X", text="Y").status_code, 409)
