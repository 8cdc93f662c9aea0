"""The evidence in the administration: for those who may read it, and never to be changed there."""

from typing import Any

from django.contrib import admin
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.http import HttpRequest

from meetings.models import Meeting
from meetings.states import LETTERS
from people.admin_site import ROLES, PlainList
from people.permissions import scope
from protocol.models import FrozenVersion, SealedProtocol, Signature
from record.models import Event


class EvidenceAdmin(PlainList, admin.ModelAdmin):
    """Rows that are only read. A system administrator without a mandate does not see them."""

    list_per_page = 50
    show_full_result_count = False
    actions = None
    action = "read_frozen"
    to_meeting = "meeting"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.roles_anywhere & ROLES)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).filter(**{f"{self.to_meeting}__in": self.meetings(request)})

    def meetings(self, request: HttpRequest) -> QuerySet[Meeting]:
        """The meetings for which the table lets the user read this kind of evidence."""
        return Meeting.objects.filter(scope(request.user, self.action, letters=LETTERS))


@admin.register(FrozenVersion)
class FrozenVersionAdmin(EvidenceAdmin):
    list_display = ["meeting", "n", "sha256", "frozen_at", "frozen_by"]
    list_filter = ["meeting__group"]
    list_select_related = ["meeting__group", "frozen_by__person"]
    search_fields = ["sha256"]
    search_help_text = "Sök på kontrollsumma."
    date_hierarchy = "frozen_at"
    fields = ["meeting", "n", "schema", "sha256", "frozen_at", "frozen_by"]


@admin.register(Signature)
class SignatureAdmin(EvidenceAdmin):
    list_display = ["version", "role", "name", "method", "signed_at"]
    list_filter = ["role", "version__meeting__group"]
    list_select_related = ["version__meeting__group"]
    search_fields = ["name", "digest"]
    search_help_text = "Sök på namn eller kontrollsumma."
    date_hierarchy = "signed_at"
    fields = ["version", "role", "name", "title", "party", "method", "digest", "signed_at"]
    to_meeting = "version__meeting"


@admin.register(SealedProtocol)
class SealedProtocolAdmin(EvidenceAdmin):
    list_display = ["version", "sha256", "sealed_at"]
    list_filter = ["version__meeting__group"]
    list_select_related = ["version__meeting__group"]
    search_fields = ["sha256"]
    search_help_text = "Sök på filens kontrollsumma."
    date_hierarchy = "sealed_at"
    fields = ["version", "sha256", "sealed_at"]
    to_meeting = "version__meeting"


@admin.register(Event)
class EventAdmin(EvidenceAdmin):
    list_display = ["seq", "kind", "thing", "actor", "at", "hash"]
    list_filter = ["kind"]
    list_select_related = ["chain", "actor__person"]
    search_fields = ["thing", "hash"]
    search_help_text = "Sök på föremål (meeting:7) eller kontrollsumma."
    date_hierarchy = "at"
    fields = ["chain", "seq", "kind", "thing", "actor", "at", "data_sha256", "previous", "hash"]
    action = "read_log"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        things = self.meetings(request).values(name=Concat(Value("meeting:"), Cast("pk", CharField())))
        return admin.ModelAdmin.get_queryset(self, request).filter(thing__in=things)
