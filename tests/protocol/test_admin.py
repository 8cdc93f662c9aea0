"""The evidence in the administration: who sees it, and that nobody changes it there."""

from django.test import TestCase
from django.urls import reverse

from protocol.models import FrozenVersion, SealedProtocol, Signature
from record.models import Event
from tests.cast import Cast

MODELS = (FrozenVersion, Signature, SealedProtocol, Event)


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


class EvidenceAdminTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.cast = Cast()
        cls.sealed = cls.cast.meeting("sealed")

    def rows(self, user, model):
        self.client.force_login(user)
        response = self.client.get(address(model, "changelist"))
        return set(response.context["cl"].queryset) if response.status_code == 200 else response.status_code

    def test_those_who_may_read_the_protocol_see_its_evidence(self):
        for user in (self.cast.hr, self.cast.secretary, self.cast.chair):
            for model in MODELS:
                self.assertEqual(
                    self.rows(user, model),
                    set(model.objects.filter(**({"thing": f"meeting:{self.sealed.pk}"} if model is Event else {}))),
                    model,
                )

    def test_hr_does_not_see_what_is_not_sealed(self):
        approval = self.cast.meeting("approval")
        self.assertEqual({one.meeting for one in self.rows(self.cast.hr, FrozenVersion)}, {self.sealed})
        self.assertEqual({one.meeting for one in self.rows(self.cast.secretary, FrozenVersion)}, {self.sealed, approval})
        self.client.force_login(self.cast.hr)
        hidden = self.client.get(address(FrozenVersion, "change", approval.versions.get().pk))
        self.assertEqual(hidden.status_code, 302)  # the admin's own answer for a row that does not exist

    def test_administrators_strangers_and_members_see_none_of_it(self):
        for model in MODELS:
            self.assertEqual(self.rows(self.cast.admin, model), 403)
            self.assertEqual(self.rows(self.cast.stranger, model), set())
            self.assertEqual(self.rows(self.cast.adjuster, model), 302)

    def test_nobody_adds_changes_or_deletes(self):
        for user in (self.cast.hr, self.cast.secretary, self.cast.chair, self.cast.admin):
            self.client.force_login(user)
            for model in MODELS:
                row = model.objects.first()
                self.assertEqual(self.client.get(address(model, "add")).status_code, 403)
                self.assertEqual(self.client.post(address(model, "change", row.pk), {"sha256": "0" * 64}).status_code, 403)
                self.assertEqual(self.client.post(address(model, "delete", row.pk), {"post": "yes"}).status_code, 403)
                self.client.post(address(model, "changelist"), {"action": "delete_selected", "_selected_action": row.pk})
        self.assertEqual([model.objects.count() for model in MODELS[:3]], [1, 3, 1])

    def test_a_row_is_shown_without_the_bytes(self):
        self.client.force_login(self.cast.hr)
        for model in MODELS:
            self.assertEqual(self.client.get(address(model, "change", model.objects.order_by("-pk").first().pk)).status_code, 200)
