"""Meetings in the administration: the same rights, the same version check and the same closed doors as on the pages."""

from datetime import timedelta

from django.contrib import admin
from django.test import TestCase
from django.urls import reverse

from meetings import standard
from meetings.actions import agenda, balance
from meetings.models import AgendaTemplate, Item, Meeting, Officer, Paragraph
from tests import factories as make
from tests.cast import Cast

MODELS = (
    "meeting",
    "paragraph",
    "item",
    "attendance",
    "interruption",
    "officer",
    "personnelrep",
    "appendix",
    "agendachange",
    "balanceitem",
    "balancenote",
    "agendatemplate",
)


def address(model: str, page: str = "changelist", *args) -> str:
    return reverse(f"admin:meetings_{model}_{page}", args=args)


class AdminTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        for one in ("chair", "secretary", "employer", "adjuster", "hr", "admin", "stranger"):
            getattr(cls.cast, one)

    def be(self, user) -> None:
        self.client.force_login(user)

    def written(self, row, **changed) -> dict:
        """The change page's form as a browser would post it, with changes."""
        form = self.client.get(address(row._meta.model_name, "change", row.pk)).context["adminform"].form
        data = {name: form[name].value() for name in form.fields}
        data = {
            name: "\n".join(value) if isinstance(value, list) else "" if value is None else value for name, value in data.items()
        }
        return data | changed


class WhoTests(AdminTests):
    def test_every_list_opens_for_secretary_chair_and_hr(self):
        self.cast.meeting("draft")
        for user in (self.cast.secretary, self.cast.chair, self.cast.hr):
            self.be(user)
            for model in MODELS:
                with self.subTest(user=str(user), model=model):
                    self.assertEqual(self.client.get(address(model), {"q": "a"}).status_code, 200)

    def test_a_system_administrator_without_mandate_meets_none_of_it(self):
        meeting = self.cast.meeting("draft")
        self.be(self.cast.admin)
        self.assertNotContains(self.client.get(reverse("admin:index")), "/meetings/")
        for model in MODELS:
            self.assertEqual(self.client.get(address(model)).status_code, 403)
        row = meeting.paragraphs.first()
        self.assertNotEqual(self.client.get(address("paragraph", "change", row.pk)).status_code, 200)
        self.assertNotEqual(self.client.get(address("paragraph", "history", row.pk)).status_code, 200)

    def test_a_union_representative_does_not_come_in(self):
        self.be(self.cast.adjuster)
        for model in MODELS:
            self.assertEqual(self.client.get(address(model), follow=True).status_code, 403)

    def test_another_groups_rows_are_not_there(self):
        meeting = self.cast.meeting("draft")
        self.be(self.cast.stranger)
        for row in (meeting, meeting.paragraphs.first(), meeting.officers.first(), meeting.attendances.first()):
            name = row._meta.model_name
            self.assertEqual(self.client.get(address(name)).context["cl"].result_count, 0)
            self.assertEqual(
                self.client.get(address(name, "change", row.pk)).status_code, 302
            )  # the admin's way of saying: not found
            self.assertEqual(self.client.get(address(name, "history", row.pk)).status_code, 404)
            version = row.history.first().pk
            self.assertEqual(self.client.get(address(name, "simple_history", row.pk, version)).status_code, 404)

    def test_hr_reads_the_text_only_when_it_is_sealed_and_never_its_earlier_versions(self):
        meeting = self.cast.meeting("draft")
        self.be(self.cast.hr)
        self.assertEqual(self.client.get(address("paragraph")).context["cl"].result_count, 0)
        sealed = self.cast.meeting("sealed")
        row = sealed.paragraphs.first()
        self.assertEqual(self.client.get(address("paragraph", "change", row.pk)).status_code, 200)
        self.assertEqual(self.client.get(address("paragraph", "history", row.pk)).status_code, 403)
        self.assertEqual(self.client.get(address("paragraph", "simple_history", row.pk, row.history.first().pk)).status_code, 403)
        self.assertNotIn(meeting.pk, {one.meeting_id for one in self.client.get(address("paragraph")).context["cl"].queryset})

    def test_nothing_is_deleted_or_added(self):
        meeting = self.cast.meeting("draft")
        self.be(self.cast.secretary)
        for model in MODELS:
            self.assertEqual(self.client.get(address(model, "add")).status_code, 403)
        for row in (meeting, meeting.paragraphs.first(), meeting.officers.first()):
            self.assertEqual(self.client.post(address(row._meta.model_name, "delete", row.pk), {"post": "yes"}).status_code, 403)

    def test_groups_of_others_are_not_named_in_the_filter(self):
        self.be(self.cast.secretary)
        self.cast.meeting()
        self.assertNotContains(self.client.get(address("meeting")), "SVG Skogen")

    def test_every_registered_model_is_among_those_tested_here(self):
        self.assertEqual(
            sorted(m._meta.model_name for m in admin.site._registry if m._meta.app_label == "meetings"), sorted(MODELS)
        )


class SaveTests(AdminTests):
    def test_a_paragraph_is_saved_through_the_action_and_remembers_who(self):
        row = make.make_paragraph(self.cast.meeting("draft"))
        self.be(self.cast.secretary)
        response = self.client.post(address("paragraph", "change", row.pk), self.written(row, text="Läget är gott."))
        self.assertEqual(response.status_code, 302)
        row.refresh_from_db()
        self.assertEqual((row.text, row.version), ("Läget är gott.", 2))
        last = row.history.first()
        self.assertEqual((last.history_user, last.history_verb), (self.cast.secretary, "edit_text"))

    def test_a_text_that_somebody_else_has_changed_is_not_overwritten_and_both_are_shown(self):
        row = make.make_paragraph(self.cast.meeting("draft"))
        self.be(self.cast.secretary)
        data = self.written(row, text="Min text.")
        agenda.edit_text(Paragraph.objects.get(pk=row.pk), fields={"text": "Din text."}, version=1, by=self.cast.chair)
        response = self.client.post(address("paragraph", "change", row.pk), data)
        self.assertContains(response, "Din text.")
        form = response.context["adminform"].form
        self.assertEqual(form["text"].value(), "Min text.")
        row.refresh_from_db()
        self.assertEqual(row.text, "Din text.")
        again = {name: form[name].value() or "" for name in form.fields}
        self.assertEqual(self.client.post(address("paragraph", "change", row.pk), again).status_code, 302)
        row.refresh_from_db()
        self.assertEqual(row.text, "Min text.")

    def test_rows_without_a_version_are_not_overwritten_either(self):
        meeting = self.cast.meeting("draft")
        paragraph = meeting.paragraphs.first()
        appendix = agenda.append(meeting, title="Karta", text="Så här.", by=self.cast.secretary)
        change = agenda.change_agenda(
            meeting, kind="addition", subject="Lokaler", party=None, paragraph=paragraph, appendix=None, by=self.cast.secretary
        )
        for row, field in ((appendix, "title"), (change, "subject"), (meeting.attendances.first(), "title")):
            with self.subTest(model=row._meta.model_name):
                self.be(self.cast.chair)
                stale, page = self.written(row, **{field: "Min rubrik"}), address(row._meta.model_name, "change", row.pk)
                self.be(self.cast.secretary)
                self.assertEqual(self.client.post(page, self.written(row, **{field: "Din rubrik"})).status_code, 302)
                before = row.history.count()
                self.be(self.cast.chair)
                response = self.client.post(page, stale)
                self.assertContains(response, "Någon annan har ändrat sedan du öppnade sidan.")
                self.assertContains(response, "nu står där ”Din rubrik”, du skrev ”Min rubrik”.")
                form = response.context["adminform"].form
                self.assertEqual(form[field].value(), "Min rubrik")
                row.refresh_from_db()
                self.assertEqual((getattr(row, field), row.history.count()), ("Din rubrik", before))
                again = {name: form[name].value() or "" for name in form.fields}
                self.assertEqual(self.client.post(page, again).status_code, 302)
                row.refresh_from_db()
                self.assertEqual((getattr(row, field), row.history.first().history_user), ("Min rubrik", self.cast.chair))

    def test_a_save_without_the_version_that_was_read_is_refused(self):
        appendix = agenda.append(self.cast.meeting("draft"), title="Karta", text="Så här.", by=self.cast.secretary)
        self.be(self.cast.secretary)
        data = self.written(appendix, title="Utan version")
        for version in ("", "0", "999999", "x"):
            self.client.post(address("appendix", "change", appendix.pk), data | {"read_version": version})
        appendix.refresh_from_db()
        self.assertEqual(appendix.title, "Karta")

    def test_after_the_freeze_it_is_read_only(self):
        meeting = self.cast.meeting("draft")
        row = make.make_paragraph(meeting)
        self.be(self.cast.secretary)
        data = self.written(row, text="För sent.")
        frozen = self.cast.meeting("approval", date=meeting.date + timedelta(days=30))
        for row in (frozen.paragraphs.first(), frozen, frozen.officers.first(), frozen.attendances.first()):
            self.assertEqual(self.client.get(address(row._meta.model_name, "change", row.pk)).status_code, 200)
            self.assertEqual(self.client.post(address(row._meta.model_name, "change", row.pk), data).status_code, 403)
        self.assertFalse(frozen.paragraphs.filter(text="För sent.").exists())

    def test_an_items_text_waits_for_the_meeting_and_its_title_does_not(self):
        item = make.make_item(make.make_paragraph(self.cast.meeting()), "Läget")
        self.be(self.cast.secretary)
        data = self.written(item, title="Läget nu", references="KS 2020/779, AMN 2016-0222")
        self.assertNotIn("text", data)
        self.assertEqual(self.client.post(address("item", "change", item.pk), data | {"text": "Smugglat."}).status_code, 302)
        item.refresh_from_db()
        self.assertEqual((item.title, item.references, item.text), ("Läget nu", ["KS 2020/779", "AMN 2016-0222"], ""))

    def test_an_outcome_that_does_not_suit_is_refused_at_its_field(self):
        item = make.make_item(make.make_paragraph(self.cast.meeting("draft")), "Läget")
        self.be(self.cast.secretary)
        response = self.client.post(address("item", "change", item.pk), self.written(item, outcome="agreement"))
        self.assertEqual(list(response.context["adminform"].form.errors), ["outcome"])
        self.assertEqual(Item.objects.get().outcome, "")

    def test_a_meeting_is_changed_with_the_same_rules_as_on_its_page(self):
        meeting = self.cast.meeting()
        self.be(self.cast.secretary)
        response = self.client.post(address("meeting", "change", meeting.pk), self.written(meeting, starts="09:00", ends="08:00"))
        self.assertEqual(list(response.context["adminform"].form.errors), ["ends"])
        response = self.client.post(address("meeting", "change", meeting.pk), self.written(meeting, place="Ny sal"))
        self.assertEqual((response.status_code, Meeting.objects.get().place, Meeting.objects.get().version), (302, "Ny sal", 2))

    def test_attendance_officers_and_the_balance_list(self):
        meeting = self.cast.meeting("draft")
        self.be(self.cast.secretary)
        row = meeting.attendances.first()
        self.assertEqual(
            self.client.post(address("attendance", "change", row.pk), self.written(row, status="present")).status_code, 302
        )
        row.refresh_from_db()
        self.assertEqual(row.status, "present")
        item = balance.open_item(self.cast.group, title="Se över lokalerna", by=self.cast.secretary)
        self.assertEqual(
            self.client.post(address("balanceitem", "change", item.pk), self.written(item, title="Se över salen")).status_code,
            302,
        )
        item.refresh_from_db()
        self.assertEqual((item.title, item.version), ("Se över salen", 2))
        self.be(self.cast.chair)
        officer = Officer.objects.get(meeting=meeting, role="chair")
        data = self.written(officer, person=self.cast.employer.person_id)
        self.assertEqual(self.client.post(address("officer", "change", officer.pk), data).status_code, 302)
        officer.refresh_from_db()
        self.assertEqual((officer.name, officer.title), ("Erik Lind", "HR-chef"))

    def test_an_old_version_is_not_put_back(self):
        row = make.make_paragraph(self.cast.meeting("draft"))
        agenda.edit_text(row, fields={"text": "Ny."}, version=1, by=self.cast.secretary)
        self.be(self.cast.secretary)
        old = row.history.last().pk
        self.assertEqual(self.client.get(address("paragraph", "simple_history", row.pk, old)).status_code, 200)
        self.assertEqual(self.client.post(address("paragraph", "simple_history", row.pk, old), {"text": ""}).status_code, 403)


class TemplateTests(AdminTests):
    def test_a_used_template_stays_and_a_new_version_is_changed(self):
        meeting = self.cast.meeting()
        common = AgendaTemplate.objects.get()
        self.be(self.cast.secretary)
        data = {"action": "new_version", "_selected_action": [common.pk]}
        self.assertEqual(self.client.post(address("agendatemplate"), data).status_code, 302)
        own = AgendaTemplate.objects.get(group=self.cast.group)
        self.assertEqual([item.slug for item in own.items.all()], [line.slug for line in standard.LINES])
        self.assertEqual(meeting.template, common)
        page = self.client.get(address("agendatemplate", "change", own.pk))
        self.assertTrue(page.context["inline_admin_formsets"][0].has_change_permission)
        later = self.cast.meeting(date=meeting.date + timedelta(days=30))
        self.assertEqual(later.template, own)
        page = self.client.get(address("agendatemplate", "change", own.pk))
        self.assertFalse(page.context["inline_admin_formsets"][0].has_change_permission)

    def test_hr_reads_templates_and_changes_none(self):
        template = standard.template_for(self.cast.group)
        self.be(self.cast.hr)
        self.assertEqual(self.client.get(address("agendatemplate", "change", template.pk)).status_code, 200)
        self.assertEqual(self.client.post(address("agendatemplate", "change", template.pk), {}).status_code, 403)
