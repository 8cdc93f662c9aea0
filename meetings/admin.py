"""Meetings in the administration: for secretary, chair and HR, by the same table, version check and actions as the pages."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from meetings import standard
from meetings.actions import agenda, attendance, balance, planning
from meetings.forms.agenda import MOST_REFERENCES, ReferencesField
from meetings.forms.planning import MOST_CHANNELS, AppointForm, LinesField
from meetings.models import (
    AgendaChange,
    AgendaTemplate,
    Appendix,
    Attendance,
    BalanceItem,
    BalanceNote,
    Interruption,
    Item,
    Meeting,
    Officer,
    Paragraph,
    PersonnelRep,
    TemplateItem,
)
from meetings.states import LETTERS
from people.admin import FindsPersons
from people.admin_site import ROLES, RecordedAdmin
from people.models import Group, User
from people.permissions import Verdict, decide, may, scope
from record.forms import collided
from record.history import remember
from record.moves import during, hold


class GroupFilter(admin.SimpleListFilter):
    """One of the user's own groups. The names of others are not listed."""

    title = "grupp"
    parameter_name = "grupp"

    def lookups(self, request: HttpRequest, model_admin: "OfMeeting") -> list[tuple[str, str]]:
        return [(str(group.pk), str(group)) for group in Group.objects.filter(pk__in=request.user.group_ids).meeting_groups()]

    def __init__(self, request: HttpRequest, params: Any, model: type, model_admin: "OfMeeting") -> None:
        self.path = model_admin.to_group
        super().__init__(request, params, model, model_admin)

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = self.value() or ""
        return queryset.filter(**{self.path: chosen}) if chosen.isdecimal() else queryset


class VersionedForm(forms.ModelForm):
    """Refuses to overwrite what somebody else has written since the page was read, and shows both texts. What was typed stays."""

    read_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["read_version"] = self.version_of(self.instance)

    def version_of(self, row: Any) -> int:
        return row.version

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.instance.pk or "read_version" not in self.fields:
            return cleaned
        if hasattr(self.instance, "meeting"):
            hold(self.instance.meeting)  # the same order as the actions: first the meeting, then the row
        current = hold(self.instance)
        if self.version_of(current) != cleaned.get("read_version"):
            said = [f"{row['label']}: nu står där ”{row['now']}”, du skrev ”{row['typed']}”." for row in collided(self, current)]
            self.add_error(None, ["Någon annan har ändrat sedan du öppnade sidan. Spara igen om din text ska gälla.", *said])
            self.data = self.data.copy()
            self.data[self.add_prefix("read_version")] = self.version_of(current)
        return cleaned


class RememberedForm(VersionedForm):
    """The same for rows without a version of their own: each save leaves a row in the history, and the latest is the version."""

    def version_of(self, row: Any) -> int:
        return row.history.values_list("history_id", flat=True).first() or 0


class OfMeeting(RecordedAdmin):
    """Rows of a meeting. `sees` and `changes` are rows of the permission table; after the freeze nothing is changed."""

    sees = "read_protocol"
    changes = "edit_text"
    to_meeting, to_group = "meeting", "meeting__group"
    editable: list[str] = []
    list_filter: Any = [GroupFilter]

    def thing(self, obj: Any) -> Any:
        """What the permission table is asked about."""
        return obj

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return bool(request.user.roles_anywhere & ROLES)
        return any(may(request.user, verb, self.thing(obj)) for verb in (self.sees, self.changes))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # new rows are made where the meeting is planned and written

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return self.has_view_permission(request) and bool(self.editable)
        return bool(self.editable) and may(request.user, self.changes, self.thing(obj))

    def has_view_history_or_change_history_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Earlier texts are for those whose part it is to write, whatever the state is now."""
        return obj is not None and decide(request.user, self.changes, self.thing(obj)) is not Verdict.FORBIDDEN

    has_view_history_permission = has_view_history_or_change_history_permission

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        user = request.user
        allowed = scope(user, self.sees, letters=LETTERS) | scope(user, self.changes, letters=LETTERS)
        meetings = Meeting.objects.visible_to(user).filter(allowed).order_by().values("pk")
        return super().get_queryset(request).filter(**{f"{self.to_meeting}__in": meetings})

    def get_history_queryset(self, request: HttpRequest, history_manager: Any, pk_name: str, object_id: Any) -> QuerySet:
        self._or_404(request, object_id)
        return super().get_history_queryset(request, history_manager, pk_name, object_id)

    def history_form_view(self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None) -> HttpResponse:
        self._or_404(request, object_id)
        return super().history_form_view(request, object_id, version_id, extra_context)

    def _or_404(self, request: HttpRequest, object_id: Any) -> None:
        if not str(object_id).isdecimal() or not self.get_queryset(request).filter(pk=object_id).exists():
            raise Http404

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields = list(super().get_fields(request, obj))
        checked = issubclass(self.form, VersionedForm) and obj is not None and self.has_change_permission(request, obj)
        return [*fields, "read_version"] if checked else fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for name in self.fields if name not in self.editable_fields(request, obj)]

    def editable_fields(self, request: HttpRequest, obj: Any) -> list[str]:
        return self.editable

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Through the room's own action, with what was changed and the version that was read."""
        changed = {name: form.cleaned_data[name] for name in form.changed_data if name != "read_version"}
        if changed:
            self.write(obj, changed, version=form.cleaned_data.get("read_version"), by=request.user)

    def write(self, obj: Any, changed: dict[str, Any], *, version: int | None, by: User) -> None:
        """For rows that have no action of their own: hold the meeting, check the row whole, remember."""
        with during(obj.meeting, self.changes):
            obj.full_clean()
            remember(obj, by=by, verb=self.changes, why="i administrationen")


class MeetingAdminForm(VersionedForm):
    channels = LinesField(label="Digitala kanaler", required=False, most=MOST_CHANNELS, widget=forms.Textarea(attrs={"rows": 2}))


@admin.register(Meeting)
class MeetingAdmin(OfMeeting):
    form = MeetingAdminForm
    sees, changes, to_meeting, to_group = "see_meeting", "arrange", "pk", "group"
    list_display = ["__str__", "group", "date", "starts", "place", "state"]
    list_filter = [GroupFilter, "state", "kind"]
    list_select_related = ["group"]
    date_hierarchy = "date"
    search_fields = ["place", "group__name", "group__abbreviation"]
    search_help_text = "Sök på plats eller grupp."
    editable = ["date", "starts", "ends", "place", "channels", "board_meets_on", "deadline"]
    fields = ["group", "state", *editable, "adjustment_day"]

    def write(self, obj: Meeting, changed: dict[str, Any], *, version: int | None, by: User) -> None:
        planning.edit(obj, fields=changed, version=version or 0, by=by)


@admin.register(Paragraph)
class ParagraphAdmin(OfMeeting):
    form = VersionedForm
    list_display = ["heading", "meeting", "position", "section", "done"]
    list_filter = [GroupFilter, "meeting__state", "done"]
    list_select_related = ["meeting__group"]
    search_fields = ["heading", "text"]
    search_help_text = "Sök i rubrik och text."
    editable = ["heading", "text"]
    fields = ["meeting", "section", *editable, "done"]

    def write(self, obj: Paragraph, changed: dict[str, Any], *, version: int | None, by: User) -> None:
        agenda.edit_text(obj, fields=changed, version=version or 0, by=by)


class ItemAdminForm(VersionedForm):
    references = ReferencesField(
        label="Diarienummer", required=False, most=MOST_REFERENCES, widget=forms.Textarea(attrs={"rows": 2})
    )

    def clean_outcome(self) -> str:
        outcome = self.cleaned_data["outcome"]
        if outcome not in Item.OUTCOMES[Item.Kind(self.instance.kind)] and outcome != self.instance.outcome:
            raise forms.ValidationError("Det utfallet passar inte för den sortens punkt.")
        return outcome


@admin.register(Item)
class ItemAdmin(OfMeeting):
    form = ItemAdminForm
    changes, to_meeting, to_group = "arrange", "paragraph__meeting", "paragraph__meeting__group"
    list_display = ["__str__", "kind", "paragraph", "meeting", "presenter", "outcome"]
    list_filter = [GroupFilter, "paragraph__meeting__state", "kind", "outcome"]
    list_select_related = ["paragraph__meeting__group"]
    search_fields = ["title", "presenter", "text", "references"]
    search_help_text = "Sök i rubrik, diarienummer, föredragande och text."
    editable = ["title", "references", "board_agenda_no", "presenter", "text", "outcome"]
    fields = ["paragraph", "kind", *editable]

    def editable_fields(self, request: HttpRequest, obj: Item | None) -> list[str]:
        if obj is not None and not may(request.user, "edit_text", obj):  # before the meeting there is no text to write
            return [name for name in self.editable if name not in ("text", "outcome")]
        return self.editable

    def write(self, obj: Item, changed: dict[str, Any], *, version: int | None, by: User) -> None:
        agenda.edit_item(obj, fields=changed, version=version or 0, by=by)


@admin.register(Attendance)
class AttendanceAdmin(OfMeeting):
    form = RememberedForm
    changes = "attend"
    list_display = ["name", "title", "side", "party", "status", "meeting"]
    list_filter = [GroupFilter, "status", "side", "meeting__state"]
    list_select_related = ["meeting__group", "party"]
    search_fields = ["name", "title"]
    search_help_text = "Sök på namn eller titel."
    editable = ["title", "status", "channel"]
    fields = ["meeting", "name", "party", "side", *editable, "co_opted", "replaces"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("party__names")

    def write(self, obj: Attendance, changed: dict[str, Any], *, version: int | None, by: User) -> None:
        attendance.attend(obj, by=by, **changed)


@admin.register(Interruption)
class InterruptionAdmin(OfMeeting):
    changes, to_meeting, to_group = "attend", "attendance__meeting", "attendance__meeting__group"
    list_display = ["attendance", "paragraph", "starts", "ends", "reason"]
    list_select_related = ["attendance", "paragraph"]
    search_fields = ["attendance__name", "reason"]
    fields = ["attendance", "paragraph", "starts", "ends", "reason"]

    def thing(self, obj: Interruption) -> Attendance:
        return obj.attendance


class OfficerForm(forms.ModelForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "person" in self.fields:
            choice = AppointForm(meeting=self.instance.meeting).fields[self.instance.role]
            self.fields["person"].queryset = choice.queryset

    def clean_person(self) -> Any:
        person = self.cleaned_data["person"]
        if self.instance.meeting.officers.exclude(pk=self.instance.pk).filter(person=person).exists():
            raise forms.ValidationError("Ordförande, sekreterare och justerare måste vara olika personer.")
        return person


@admin.register(Officer)
class OfficerAdmin(OfMeeting):
    """Chair and secretary. Adjusters are elected at the meeting, on the page for that."""

    form = OfficerForm
    sees, changes = "see_meeting", "appoint"
    list_display = ["name", "role", "title", "party", "meeting"]
    list_filter = [GroupFilter, "role", "meeting__state"]
    list_select_related = ["meeting__group", "party"]
    search_fields = ["name", "title"]
    editable = ["person"]
    fields = ["meeting", "role", "person", "name", "title", "party"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("party__names")

    def has_change_permission(self, request: HttpRequest, obj: Officer | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.role in ("chair", "secretary"))

    def write(self, obj: Officer, changed: dict[str, Any], *, version: int | None, by: User) -> None:
        chosen = {"chair": None, "secretary": None} | {obj.role: changed["person"]}
        planning.appoint(obj.meeting, by=by, **chosen)


@admin.register(PersonnelRep)
class PersonnelRepAdmin(FindsPersons, OfMeeting):
    list_display = ["person", "party", "meeting"]
    list_select_related = ["person", "party", "meeting__group"]
    search_fields = ["real_name", "person__shown_name"]
    fields = ["meeting", "person", "party"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("party__names")

    def thing(self, obj: PersonnelRep) -> Meeting:
        return obj.meeting


@admin.register(Appendix)
class AppendixAdmin(OfMeeting):
    """Title and description; a file is replaced by removing the appendix and adding another."""

    form = RememberedForm
    sees, changes = "read_appendix", "append"
    list_display = ["__str__", "meeting", "party", "filename", "size"]
    list_filter = [GroupFilter, "meeting__state"]
    list_select_related = ["meeting__group", "party"]
    search_fields = ["title", "filename", "description"]
    search_help_text = "Sök på titel, filnamn eller beskrivning."
    editable = ["title", "description", "text", "author", "dated"]
    fields = ["meeting", "title", "party", "author", "dated", "description", "text", "filename", "content_type", "size", "sha256"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("party__names")

    def has_change_permission(self, request: HttpRequest, obj: Appendix | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or may(request.user, "arrange", obj))


@admin.register(AgendaChange)
class AgendaChangeAdmin(OfMeeting):
    form = RememberedForm
    changes = "arrange"
    list_display = ["subject", "kind", "party", "meeting"]
    list_filter = [GroupFilter, "kind", "meeting__state"]
    list_select_related = ["meeting__group", "party"]
    search_fields = ["subject"]
    editable = ["kind", "subject"]
    fields = ["meeting", "kind", "party", "subject", "paragraph", "appendix"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("party__names")


@admin.register(BalanceItem)
class BalanceItemAdmin(FindsPersons, OfMeeting):
    form = VersionedForm
    sees, changes, to_group = "read_balance", "keep_balance", "group"
    list_display = ["title", "group", "owner", "due", "state"]
    list_filter = [GroupFilter, "state"]
    list_select_related = ["group", "owner"]
    date_hierarchy = "due"
    searched = {"real_name": ("owner__name", "owner")}
    search_fields = ["title", "real_name", "owner__shown_name"]
    search_help_text = "Sök på vad som ska göras eller ansvarig."
    editable = ["title", "owner", "due"]
    fields = ["group", *editable, "state", "opened_at", "closed_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return RecordedAdmin.get_queryset(self, request).filter(
            pk__in=BalanceItem.objects.visible_to(request.user).order_by().values("pk")
        )

    def write(self, obj: BalanceItem, changed: dict[str, Any], *, version: int | None, by: User) -> None:
        wanted = {"title": obj.title, "owner": obj.owner, "due": obj.due} | changed
        balance.change_item(obj, version=version or 0, by=by, **wanted)


@admin.register(BalanceNote)
class BalanceNoteAdmin(OfMeeting):
    form = RememberedForm
    list_display = ["item", "meeting", "closes"]
    list_filter = [GroupFilter, "closes"]
    list_select_related = ["item", "meeting__group"]
    search_fields = ["item__title", "text"]
    editable = ["text"]
    fields = ["item", "meeting", "text", "closes", "under"]

    def thing(self, obj: BalanceNote) -> Meeting:
        return obj.meeting

    def write(self, obj: BalanceNote, changed: dict[str, Any], *, version: int | None, by: User) -> None:
        balance.note(obj.item, meeting=obj.meeting, text=obj.text, closes=obj.closes, under=obj.under, by=by)


class TemplateItemInline(admin.StackedInline):
    """The paragraphs of a version that no meeting uses yet."""

    model = TemplateItem
    extra = 0
    fields = ["position", "slug", "heading", "section", "rule", "needs", "help_text", "default_phrase"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.roles_anywhere & ROLES)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and is_open(request.user, obj)

    has_add_permission = has_delete_permission = has_change_permission


def is_open(user: User, template: AgendaTemplate) -> bool:
    """The group's own template, in a version that no meeting has been planned with."""
    if template.group is None or not may(user, "edit_template", template.group):
        return False
    return not Meeting.objects.filter(template=template).exists()


@admin.register(AgendaTemplate)
class AgendaTemplateAdmin(RecordedAdmin):
    """Templates are versions: what a meeting has been planned with stays as it was, and a change begins with a new version."""

    list_display = ["name", "version", "group", "retired"]
    list_filter = ["retired"]
    list_select_related = ["group"]
    search_fields = ["name", "group__name"]
    search_help_text = "Sök på namn eller grupp."
    fields = ["name", "group", "version", "retired"]
    inlines = [TemplateItemInline]
    actions = ["new_version"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        templates = super().get_queryset(request)
        if not request.user.roles_anywhere & ROLES:
            return templates.none()
        return templates.filter(group__isnull=True) | templates.filter(group__in=request.user.group_ids)

    def has_view_permission(self, request: HttpRequest, obj: AgendaTemplate | None = None) -> bool:
        if obj is None or obj.group_id is None:
            return bool(request.user.roles_anywhere & ROLES)
        return obj.group_id in request.user.group_ids

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AgendaTemplate | None = None) -> bool:
        if obj is None:
            return bool(request.user.roles_anywhere & {"secretary", "chair"})
        return obj.group is not None and may(request.user, "edit_template", obj.group)

    def get_readonly_fields(self, request: HttpRequest, obj: AgendaTemplate | None = None) -> list[str]:
        fixed = ["group", "version"]
        return fixed if obj is not None and is_open(request.user, obj) else ["name", *fixed]

    def save_model(self, request: HttpRequest, obj: AgendaTemplate, form: Any, change: bool) -> None:
        remember(obj, by=request.user, verb="edit_template")

    @admin.action(description="Gör en ny version att ändra i", permissions=["change"])
    def new_version(self, request: HttpRequest, queryset: QuerySet) -> None:
        """A copy with the next number: of the group's own template, or of a common one for each group where one may."""
        for template in queryset:
            groups = (
                [template.group] if template.group else list(Group.objects.filter(pk__in=request.user.group_ids).meeting_groups())
            )
            for group in groups:
                if may(request.user, "edit_template", group):
                    made = standard.new_version(template, group=group, by=request.user)
                    self.message_user(request, f"{made} för {group} är skapad.", messages.SUCCESS)
