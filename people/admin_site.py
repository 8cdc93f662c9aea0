"""The administration: one site for all rooms. It opens by mandate and asks the permission table, never Django's permissions."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, models
from django.forms import DateInput, ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.decorators import method_decorator
from simple_history.admin import SimpleHistoryAdmin

from record.searching import shortened

# Models of other packages would ask Django's permissions and show what nobody should see (keys of the second step, sessions).
ROOMS = {"record", "people", "motions", "meetings", "protocol"}
# Who may open the site at all; what they meet inside, each model says.
ROLES = {"secretary", "chair", "hr"}


class Config(AdminConfig):
    """Django's admin with our site."""

    default_site = "people.admin_site.Site"


class Site(admin.AdminSite):
    """The administration of all rooms: who comes in, what is shown there, and that one logs in on the site's own page."""

    site_header = "FVG samverkan: administration"
    site_title = "FVG samverkan"
    index_title = "Administration"
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return user.is_authenticated and user.is_active and (user.is_staff or bool(user.roles_anywhere & ROLES))

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        given = model_or_iterable if isinstance(model_or_iterable, Iterable) else [model_or_iterable]
        ours = [model for model in given if model._meta.app_label in ROOMS]
        if ours:
            super().register(ours, admin_class, **options)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The start page also says when everything was last checked, and how that went."""
        from record.verifying import last_verification  # a model, and this file is read before the models

        return super().index(request, {"verified": last_verification(), **(extra_context or {})})

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one way to log in, with its throttling and second step."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        after = request.GET.get("next") or request.get_full_path()
        return redirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': after})}")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("account_change_password")


class AsksColumns:
    """A list that an address (?column=) may ask about the columns of its rows, and about nothing that other rows say of them.

    Whose draft it is would else be told by ?motions=17, where no page shows the draft.
    """

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        known = {"pk", *(name for field in self.opts.concrete_fields for name in (field.name, field.attname))}
        known |= {getattr(one, "parameter_name", "") for one in self.get_list_filter(request)}
        return lookup.partition("__")[0] in known and super().lookup_allowed(lookup, value, request)


class AsItWasRead:
    """A form that knows which version of its row it was opened on, and is refused when somebody else has saved another since."""

    read: str | None = None  # what the page was opened on; None of a form that does not tell
    stands: str = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.read is not None and self.read != self.stands:
            raise ValidationError(OVERTAKEN, code="stale")
        return cleaned


OVERTAKEN = (
    "Någon annan har ändrat uppgifterna sedan du öppnade sidan. Inget är sparat, och det du skrev står kvar här. Jämför med "
    "Historik, rätta det som inte stämmer längre och spara igen."
)


class FewWords:
    """A search for the first few words that were asked for: each is a condition on every column that is searched."""

    def get_search_results(self, request: HttpRequest, queryset: models.QuerySet, term: str) -> tuple[models.QuerySet, bool]:
        return super().get_search_results(request, queryset, shortened(term))


class RecordedAdmin(AsksColumns, FewWords, SimpleHistoryAdmin):
    """A model with history. Nothing is deleted here, history is read and never written, and every save says where it came from.

    A room's admin answers `has_view_permission`, `has_add_permission` and `has_change_permission` from the permission table, and
    `get_queryset` from `visible_to`; choices of other models are then limited to what their own admin shows.
    """

    list_per_page = 50
    formfield_overrides = {models.DateField: {"widget": DateInput(format="%Y-%m-%d", attrs={"type": "date"})}}
    show_full_result_count = False
    save_on_top = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def history_form_view(self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None) -> HttpResponse:
        """An old version, for reading. Without this a POST would put it back, past every rule."""
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        return super().history_form_view(request, object_id, version_id, extra_context)

    def history_view_title(self, request: HttpRequest, obj: Any) -> str:
        return f"Historik: {obj}"

    def history_form_view_title(self, request: HttpRequest, obj: Any) -> str:
        return f"Tidigare version: {obj}"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        from record.history import ADMINISTER, remember  # a model, and this file is read before the models

        remember(obj, by=request.user, verb=ADMINISTER, why="i administrationen")

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """The rows that are written on the same page as the one they belong to."""
        from record.history import ADMINISTER, forget, remember

        written = formset.save(commit=False)
        for row in formset.deleted_objects:
            forget(row, by=request.user, verb=ADMINISTER)
        for row in written:
            remember(row, by=request.user, verb=ADMINISTER)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The choices are what the user may see of the other model, also when the form comes back."""
        other = self.admin_site._registry.get(db_field.remote_field.model)
        if other is not None and "queryset" not in kwargs:
            kwargs["queryset"] = other.get_queryset(request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class HeldAdmin(RecordedAdmin):
    """Rows that give rights: what others do at the same moment waits, and is never undone.

    Of a form that is sent the row is locked before anything is asked of it, and only what the form shows is taken from it.
    """

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        obj = super().get_object(request, object_id, from_field)
        if obj is None or request.method != "POST" or not connection.in_atomic_block:
            return obj
        self.lock(obj)
        return super().get_object(request, object_id, from_field)

    def lock(self, obj: Any) -> None:
        """Hold the row until it is saved, after what the verbs of its room hold before it."""
        from record.moves import hold

        hold(obj)

    def version_of(self, obj: Any) -> str:
        """Which version of the row somebody reads; logging in, which has no verb, makes no other one."""
        return str(obj.history.exclude(history_verb="").order_by("-pk").values_list("pk", flat=True).first() or 0)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> type[ModelForm]:
        form = super().get_form(request, obj, change, **kwargs)
        if obj is None:
            return form
        known = {"read": request.POST.get("opened_on"), "stands": self.version_of(obj)}
        return type(form.__name__, (AsItWasRead, form), known)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        obj = kwargs.get("obj")
        context["opened_on"] = self.version_of(obj) if obj is not None else ""
        return super().render_change_form(request, context, *args, **kwargs)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """What the form shows comes from the form, everything else from the row as it stands."""
        from record.moves import hold

        obj = super().save_form(request, form, change)
        if change:
            stored = hold(obj)
            for field in obj._meta.concrete_fields:
                if field.name not in form.fields:
                    setattr(obj, field.attname, getattr(stored, field.attname))
        return obj
