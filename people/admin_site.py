"""The administration: one site for all rooms. It opens by mandate and asks the permission table, never Django's permissions."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import models
from django.forms import DateInput
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


class PlainList:
    """A list that an address may ask about the columns of its rows (?column=) and for a few words, and about nothing else.

    Whose draft it is would be told by ?motions=17, where no page shows the draft; and each word is a condition on every column
    that is searched.
    """

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        known = {"pk", *(name for field in self.opts.concrete_fields for name in (field.name, field.attname))}
        known |= {getattr(one, "parameter_name", "") for one in self.get_list_filter(request)}
        return lookup.partition("__")[0] in known and super().lookup_allowed(lookup, value, request)

    def get_search_results(self, request: HttpRequest, queryset: models.QuerySet, term: str) -> tuple[models.QuerySet, bool]:
        return super().get_search_results(request, queryset, shortened(term))


class RecordedAdmin(PlainList, SimpleHistoryAdmin):
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
