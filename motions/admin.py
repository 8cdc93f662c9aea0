"""Filed motions in the administration, for reading. A draft is not met here, not even by its own union."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from motions import written
from motions.models import Answer, Claim, Motion, answering
from motions.states import State
from people.admin_site import RecordedAdmin
from people.permissions import may


class Filed(RecordedAdmin):
    """Read-only, and only what the permission table lets one read of what has been filed."""

    history_list_display: list[str] = []

    def motion_of(self, obj: Any) -> Motion:
        return obj

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return bool(request.user.held)
        motion = self.motion_of(obj)
        return motion.state != State.DRAFT and may(request.user, "read_motion", motion)

    def get_history_queryset(self, request: HttpRequest, history_manager: Any, pk_name: str, object_id: Any) -> QuerySet:
        """The versions from the filing on: what was written and taken away before it belongs to the union."""
        rows = super().get_history_queryset(request, history_manager, pk_name, object_id)
        obj = self.get_queryset(request).filter(pk=object_id).first() if str(object_id).isdigit() else None
        if obj is None:
            raise Http404
        return self.since_filing(request, rows, obj)

    def since_filing(self, request: HttpRequest, rows: QuerySet, obj: Any) -> QuerySet:
        return rows.filter(history_date__gte=self.motion_of(obj).filed_at)

    def history_form_view(self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None) -> HttpResponse:
        """One old version, if it is among those that the list of versions shows."""
        rows = self.get_history_queryset(request, self.model.history, self.model._meta.pk.attname, object_id)
        if not str(version_id).isdigit() or not rows.filter(history_id=version_id).exists():
            raise Http404
        return super().history_form_view(request, object_id, version_id, extra_context)


@admin.register(Motion)
class MotionAdmin(Filed):
    list_display = ["title", "kind", "party", "group", "filed_at", "receipt", "state"]
    list_filter = ["kind", "state", "group__organisation"]
    list_select_related = ["group", "party"]
    search_fields = ["title", "receipt", "party__names__name", "party__names__abbreviation"]
    search_help_text = "Sök på rubrik, mottagningsnummer eller organisation."
    date_hierarchy = "filed_at"
    fields = [
        "kind",
        "group",
        "party",
        "author",
        *(name for name in written.PRINTED if name != "kind"),
        "filename",
        "description",
        *(name for name in written.NAMES if name not in written.PRINTED),
        "state",
        "phase",
        "filed_at",
        "deadline",
        "receipt",
        "withdrawn_at",
    ]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Motion]:
        return Motion.objects.visible_to(request.user).not_drafts().prefetch_related("party__names")

    def since_filing(self, request: HttpRequest, rows: QuerySet, obj: Motion) -> QuerySet:
        return rows.exclude(state=State.DRAFT)


@admin.register(Claim)
class ClaimAdmin(Filed):
    list_display = ["__str__", "motion", "position"]
    list_select_related = ["motion"]
    search_fields = ["text", "motion__title", "motion__receipt"]
    search_help_text = "Sök på att-sats, rubrik eller mottagningsnummer."
    fields = ["motion", "position", "text", "points"]
    readonly_fields = fields

    def motion_of(self, obj: Claim) -> Motion:
        return obj.motion

    def get_queryset(self, request: HttpRequest) -> QuerySet[Claim]:
        return Claim.objects.visible_to(request.user).exclude(motion__state=State.DRAFT)


@admin.register(Answer)
class AnswerAdmin(Filed):
    list_display = ["__str__", "claim", "outcome", "released_at"]
    list_filter = ["outcome"]
    list_select_related = ["claim__motion"]
    search_fields = ["text", "claim__motion__title", "claim__motion__receipt"]
    search_help_text = "Sök på svar, rubrik eller mottagningsnummer."
    fields = ["claim", "round", "outcome", "text", "written_by", "released_at"]
    readonly_fields = fields

    def motion_of(self, obj: Answer) -> Motion:
        return obj.claim.motion

    def get_queryset(self, request: HttpRequest) -> QuerySet[Answer]:
        return Answer.objects.visible_to(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Answer | None = None) -> bool:
        if obj is not None and obj.released_at is None and obj.group_id not in answering(request.user):
            return False
        return super().has_view_permission(request, obj)

    def since_filing(self, request: HttpRequest, rows: QuerySet, obj: Answer) -> QuerySet:
        return rows if obj.group_id in answering(request.user) else rows.filter(released_at__isnull=False)
