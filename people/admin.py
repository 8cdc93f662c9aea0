"""The registry in the administration: system administrators keep all of it, HR the persons and mandates of its own subtree."""

import dataclasses
import unicodedata
from datetime import datetime
from typing import Any

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, CharField, F, Q, QuerySet, When
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from simple_history.template_utils import HistoricalRecordContextHelper

from people import actions, confirming, inviting, mail
from people.admin_held import HeldAdmin
from people.admin_site import PlainList, RecordedAdmin
from people.allauth import proved_anew
from people.letters import KINDS
from people.models import (
    Group,
    Letter,
    Mandate,
    Party,
    PartyName,
    Person,
    Role,
    Service,
    User,
    Waiting,
    by_shown_name,
    searchable,
    today,
)
from people.permissions import may
from people.registry import ADMINISTER, is_open, keeps_registry, kept_groups, open_person
from record.forms import told
from record.moves import hold
from record.pages import posted

# Also the order of a list tells a name.
BY_SHOWN_NAME = by_shown_name()


class FindsPersons:
    """A search for people by what the one who searches may meet: a closed name or address is not found by guessing it.

    `searched` names what `search_fields` may then hold: there → (the field, the way to the person it belongs to).
    """

    searched = {"real_name": ("person__name", "person")}
    unasked: frozenset[str] = frozenset()  # fields that no address (?field__startswith=) may ask about

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, term: str) -> tuple[QuerySet, bool]:
        columns = {name: searchable(request.user, field, path) for name, (field, path) in self.searched.items()}
        return super().get_search_results(request, queryset.annotate(**columns), term)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return lookup.partition("__")[0] not in self.unasked and super().lookup_allowed(lookup, value, request)


class RegistryAdmin(HeldAdmin):
    """What only a system administrator changes, and all who keep the registry may look up."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return keeps_registry(request.user) and (obj is None or self.is_kept(request.user, obj))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_staff

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_staff

    def is_kept(self, user: User, obj: Any) -> bool:
        """Whether this row belongs to what `user` keeps."""
        return True

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        obj, name = kwargs.get("obj"), self.opts.model_name
        if obj is not None and name in ("user", "mandate", "party"):
            things = confirming.concerning(request.user).filter(**{name: obj}, settled_at__isnull=True)
            context["awaited"] = [(thing, is_open(request, thing.subject)) for thing in things]
        return super().render_change_form(request, context, *args, **kwargs)


class Seats:
    """What HR changes too: mandates and services, by the group that they belong to. Nobody changes what is their own."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return keeps_registry(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return keeps_registry(request.user)
        return self.is_kept(request.user, obj) and self.mandate_of(obj).person_id != request.user.person_id

    def is_kept(self, user: User, obj: Any) -> bool:
        return may(user, ADMINISTER, self.mandate_of(obj).group)

    def mandate_of(self, obj: Any) -> Mandate:
        return obj


class Guarded(FindsPersons):
    """A page about one person. What is closed to whoever reads it is left out, and so is the history, where it stands too.

    An administrator opens one person at a time: a step of its own, with the password, that the log of the administration keeps.
    """

    closed: frozenset[str] = frozenset()  # the fields that tell

    def person_of(self, obj: Any) -> Person | None:
        return obj

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields = list(super().get_fields(request, obj))
        if obj is None or is_open(request, self.person_of(obj)):
            return fields
        return [name for name in fields if name not in self.closed]

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.open_view)
        return [path("<int:pk>/oppna/", page, name=f"people_{self.opts.model_name}_open"), *super().get_urls()]

    def open_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the real name and the address of one protected person to an administrator who needs them."""
        if not request.user.is_staff:
            raise PermissionDenied
        obj = self.get_queryset(request).filter(pk=pk).first()
        if obj is None or self.person_of(obj) is None:
            raise Http404
        return self.open_after_proof(request, obj)

    @method_decorator(reauthentication_required)
    def open_after_proof(self, request: HttpRequest, obj: Any) -> HttpResponse:
        open_person(request, self.person_of(obj))
        self.log_change(request, obj, "Öppnade de skyddade uppgifterna.")
        messages.warning(
            request, "Nu visas skyddade uppgifter på personens sidor, i några minuter. Att du öppnade dem är sparat."
        )
        return redirect(f"admin:people_{self.opts.model_name}_change", obj.pk)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        obj = kwargs.get("obj")
        closed = obj is not None and not is_open(request, self.person_of(obj))
        context["can"] = {**context.get("can", {}), "open": closed and request.user.is_staff}
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return self.first_open(request, object_id) or super().history_view(request, object_id, extra_context)

    def history_form_view(self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None) -> HttpResponse:
        return self.first_open(request, object_id) or super().history_form_view(request, object_id, version_id, extra_context)

    def first_open(self, request: HttpRequest, object_id: str) -> HttpResponse | None:
        """The way to the row's own page, for whoever has to open it first; raises PermissionDenied for whoever cannot."""
        obj = self.get_object(request, object_id)
        if obj is None or is_open(request, self.person_of(obj)):
            return None
        if not request.user.is_staff:
            raise PermissionDenied
        messages.warning(request, "Historiken innehåller skyddade uppgifter. Välj först Visa skyddade uppgifter.")
        return redirect(f"admin:people_{self.opts.model_name}_change", obj.pk)


class ValidFilter(admin.SimpleListFilter):
    """Today's mandates, those to come, those that have ended."""

    title = "giltighet"
    parameter_name = "giltighet"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("nu", "gäller i dag"), ("kommande", "kommande"), ("slut", "avslutade")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "nu":
            return queryset.valid_on(today())
        if self.value() == "kommande":
            return queryset.filter(starts__gt=today())
        return queryset.filter(ends__lt=today()) if self.value() == "slut" else queryset


@admin.register(Person)
class PersonAdmin(Guarded, RegistryAdmin):
    list_display = ["shown", "protected", "user"]
    sortable_by = ["shown", "protected"]
    ordering = [BY_SHOWN_NAME, "pk"]
    closed = frozenset({"name", "email"})
    unasked = closed
    list_filter = ["protected"]
    list_select_related = ["user"]
    searched = {"real_name": ("name", "")}
    search_fields = ["real_name", "shown_name"]
    search_help_text = "Sök på namn."
    fields = ["name", "email", "protected", "shown_name"]

    @admin.display(description="namn", ordering=BY_SHOWN_NAME)
    def shown(self, person: Person) -> str:
        return person.display

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        return super().get_queryset(request).visible_to(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return keeps_registry(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Person | None = None) -> bool:
        if obj is None:
            return keeps_registry(request.user)
        if not is_open(request, obj):
            return False  # whoever takes the protection away has first opened what it hides
        if request.user.is_staff:
            return True
        groups = {mandate.group for mandate in obj.mandates.select_related("group")}
        return keeps_registry(request.user) and (not groups or any(may(request.user, ADMINISTER, group) for group in groups))


NAMELESS = "Skriv vad organisationen heter."


class PartyNameForm(ModelForm):
    """Nobody speaks in a union's name by making another party with it, be it an old name of it or one that was taken away."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "name" in self.fields:  # whoever only reads has no field
            self.fields["name"].error_messages["required"] = NAMELESS

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for field in ("name", "abbreviation"):
            if field in self.changed_data and is_name_of_another(cleaned.get(field, ""), self.instance.party_id):
                self.add_error(
                    field,
                    "En annan part heter så, eller har hetat så. Gäller det samma part: öppna den och ändra där. "
                    "Annars: lägg till något som skiljer dem åt.",
                )
        return cleaned


def is_name_of_another(said: str, party: int | None) -> bool:
    """Whether another party is or was called so, or nearly; one that this party is one with by a merger does not count."""
    word = _bare(said)
    if not word:
        return False
    merged = Party.objects.merged()
    own = {party, merged.get(party)} | {old for old, heir in merged.items() if heir in (party, merged.get(party))}
    rows = [*PartyName.objects.exclude(party__in=own), *PartyName.history.exclude(party__in=own)]
    return any(word in (_bare(row.name), _bare(row.abbreviation)) for row in rows)


def _bare(said: str) -> str:
    """The letters and digits alone, as they are read."""
    return "".join(char for char in unicodedata.normalize("NFKC", said).casefold() if char.isalnum())


class PartyNames(forms.BaseInlineFormSet):
    """A party has a name from the first day: it is never taken away again."""

    default_error_messages = {**forms.BaseInlineFormSet.default_error_messages, "too_few_forms": NAMELESS}


class PartyNameInline(admin.StackedInline):
    model = PartyName
    form = PartyNameForm
    formset = PartyNames
    extra = 0
    min_num = 1
    fields = ["name", "abbreviation", "valid_from"]
    formfield_overrides = RecordedAdmin.formfield_overrides

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> type[PartyNames]:
        return super().get_formset(request, obj, validate_min=True, **kwargs)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return keeps_registry(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_staff

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_staff

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Party)
class PartyAdmin(RegistryAdmin):
    list_display = ["__str__", "kind", "position", "successor"]
    list_filter = ["kind"]
    search_fields = ["names__name", "names__abbreviation"]
    search_help_text = "Sök på namn eller förkortning, nu gällande eller tidigare."
    autocomplete_fields = ["successor"]
    fields = ["kind", "position", "successor", "contact"]
    inlines = [PartyNameInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Party | None = None) -> list[str]:
        return ["kind"] if obj is not None else []  # whom somebody sits for, employer or employees, is not turned around

    def version_of(self, obj: Party) -> str:
        """The names are written on the same page."""
        named = PartyName.history.filter(party=obj.pk).order_by("-pk").values_list("pk", flat=True).first()
        return f"{super().version_of(obj)}.{named or 0}"

    def save_model(self, request: HttpRequest, obj: Party, form: Any, change: bool) -> None:
        """Another successor or contact counts when a second person has confirmed it, and not before."""
        before = hold(obj) if change else None
        successor, contact = obj.successor, obj.contact
        obj.successor = before.successor if before else None
        obj.contact = before.contact if before else obj.contact
        super().save_model(request, obj, form, change)
        asked = []
        if contact != obj.contact:  # first: who reads it is told of the rest, too
            asked.append(confirming.ask_for_contact(obj, contact, by=request.user))
            obj.refresh_from_db(fields=["contact"])
        if successor != obj.successor:
            asked.append(confirming.ask_for_successor(obj, successor, by=request.user))
        for waiting in filter(None, asked):
            what = "Efterföljaren" if waiting.kind == Waiting.Kind.SUCCESSOR else "Kontaktadressen"
            who = confirming.who_confirms(waiting)
            messages.info(request, f"{what} gäller när {who} har bekräftat. De som berörs får ett mejl nu.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Party]:
        return super().get_queryset(request).prefetch_related("names", "successor__names")


@admin.register(Group)
class GroupAdmin(RegistryAdmin):
    list_display = ["name", "kind", "organisation", "parent", "is_safety_committee", "valid_to"]
    list_filter = ["kind", "organisation", "is_safety_committee"]
    list_select_related = ["parent"]
    search_fields = ["name", "abbreviation", "organisation"]
    search_help_text = "Sök på namn, förkortning eller förvaltning."
    autocomplete_fields = ["parent", "board"]
    fieldsets = [
        (None, {"fields": ["kind", "name", "definite", "abbreviation", "organisation"]}),
        ("Plats i trädet", {"fields": ["parent", "board", "is_safety_committee"]}),
        ("Protokoll", {"fields": ["empty_paragraphs"]}),
        ("Oenighet", {"fields": ["negotiation_days"]}),
        ("Giltighet", {"fields": ["valid_from", "valid_to"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        groups = super().get_queryset(request)
        return groups if request.user.is_staff else groups.filter(pk__in=[group.pk for group in kept_groups(request.user)])

    def is_kept(self, user: User, obj: Group) -> bool:
        return may(user, ADMINISTER, obj)


def gives_more(before: Mandate, after: Mandate) -> bool:
    """Whether the mandate is somebody else's, another one, or valid on days when it was not."""
    names = ("person_id", "group_id", "party_id", "role")
    another = any(getattr(before, name) != getattr(after, name) for name in names) or after.starts < before.starts
    return another or (before.ends is not None and (after.ends is None or after.ends > before.ends))


@admin.register(Mandate)
class MandateAdmin(FindsPersons, Seats, RegistryAdmin):
    list_display = ["person", "role", "group", "party", "starts", "ends", "counts"]
    list_filter = [ValidFilter, "role", "group__organisation", "group__kind"]
    list_select_related = ["person", "group", "party"]
    sortable_by = ["role", "starts", "ends"]
    search_fields = ["real_name", "person__shown_name", "group__name", "group__abbreviation", "party__names__name"]
    search_help_text = "Sök på person, grupp eller part."
    autocomplete_fields = ["person", "group", "party", "substitute_for"]
    date_hierarchy = "starts"
    fields = ["person", "group", "role", "party", "title", "position", "starts", "ends", "substitute_for"]

    def lock(self, obj: Mandate) -> None:
        """The person before the mandate, as an invitation does."""
        hold(obj.person)
        super().lock(obj)

    @admin.display(description="bekräftat", boolean=True)
    def counts(self, mandate: Mandate) -> bool:
        return not mandate.waits

    def save_model(self, request: HttpRequest, obj: Mandate, form: Any, change: bool) -> None:
        """A union's mandate that is new, another or longer gives no rights until a second person has confirmed it."""
        before = hold(obj) if change else None  # not from the form, which tells what its sender likes
        more = before is None or gives_more(before, obj)
        if more and obj.role in Role.OF_UNIONS:
            obj.confirmed_at = obj.confirmed_by = None
        super().save_model(request, obj, form, change)
        if more and (asked := confirming.ask_for_mandate(obj, by=request.user)):
            messages.info(request, f"Uppdraget gäller när {confirming.who_confirms(asked)} har bekräftat.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mandate]:
        mandates = super().get_queryset(request).prefetch_related("party__names")
        return mandates if request.user.is_staff else mandates.filter(group__in=kept_groups(request.user))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "person" and request.user.person_id:  # nobody gives themself a mandate
            kwargs["queryset"] = Person.objects.visible_to(request.user).exclude(pk=request.user.person_id)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Service)
class ServiceAdmin(FindsPersons, Seats, RegistryAdmin):
    list_display = ["mandate", "date"]
    list_select_related = ["mandate__person", "mandate__group"]
    searched = {"real_name": ("mandate__person__name", "mandate__person")}
    search_fields = ["real_name", "mandate__person__shown_name", "mandate__group__name"]
    search_help_text = "Sök på person eller grupp."
    autocomplete_fields = ["mandate"]
    date_hierarchy = "date"
    fields = ["mandate", "date"]

    def mandate_of(self, obj: Service) -> Mandate:
        return obj.mandate

    def get_queryset(self, request: HttpRequest) -> QuerySet[Service]:
        services = super().get_queryset(request)
        return services if request.user.is_staff else services.filter(mandate__group__in=kept_groups(request.user))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "mandate" and request.user.person_id:
            mandates = self.admin_site._registry[Mandate].get_queryset(request)
            kwargs["queryset"] = mandates.exclude(person=request.user.person_id)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class DiscreetHistory(HistoricalRecordContextHelper):
    """Differences without the password."""

    def context_for_delta_changes(self, delta: Any) -> list[dict[str, Any]]:
        told = [change for change in delta.changes if change.field not in ("password", "last_login")]
        return super().context_for_delta_changes(dataclasses.replace(delta, changes=told))


@admin.register(User)
class UserAdmin(Guarded, RegistryAdmin):
    """Log-ins. The password is the user's own: the administrator invites, and sees no more than that it has been done."""

    list_display = ["address", "person", "is_active", "is_staff", "invited_at", "activated_at", "last_login"]
    sortable_by = ["is_active", "is_staff", "invited_at", "activated_at", "last_login"]
    ordering = [
        Case(When(person__protected=True, then=F("person__shown_name")), default=F("email"), output_field=CharField()),
        "pk",
    ]
    closed = frozenset({"email"})
    unasked = frozenset({"email", "password"})
    list_filter = ["is_active", "is_staff", ("activated_at", admin.EmptyFieldListFilter)]
    list_select_related = ["person"]
    searched = {"open_email": ("email", "person"), "real_name": ("person__name", "person")}
    search_fields = ["open_email", "real_name", "person__shown_name"]
    search_help_text = "Sök på e-post eller namn."
    autocomplete_fields = ["person"]
    fields = ["email", "person", "is_active", "is_staff", "invited_at", "activated_at", "last_login"]
    actions = ["invite_again", "log_out"]
    change_form_template = "admin/people/user/change_form.html"

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.replace_email_view)
        return [path("<int:pk>/ny-adress/", page, name="people_user_replace_email"), *super().get_urls()]

    def person_of(self, obj: User) -> Person | None:
        return obj.person

    def lock(self, obj: User) -> None:
        """The person before the log-in, as an invitation does."""
        if obj.person:
            hold(obj.person)
        super().lock(obj)

    @admin.display(description="e-post")
    def address(self, user: User) -> str:
        return "(skyddad adress)" if user.person and user.person.protected else user.email

    def has_view_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return request.user.is_staff

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        fixed = ["invited_at", "activated_at", "last_login"]
        if obj is not None:
            fixed.append("person")  # a log-in never becomes somebody else's
            if obj.has_usable_password():
                fixed.append("email")  # from then on it is the user who changes it
            if obj.pk == request.user.pk:
                fixed += ["is_active", "is_staff"]
        return fixed

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> HttpResponse:
        user = kwargs.get("obj")
        context["can"] = {"replace_email": user is not None and self.gets_new_email(request, user)}
        return super().render_change_form(request, context, *args, **kwargs)

    def gets_new_email(self, request: HttpRequest, user: User) -> bool:
        """An invited user's address is changed in the form; from the first log-in on it is replaced, with a reason."""
        return request.user.is_staff and user.is_active and user.has_usable_password() and user.pk != request.user.pk

    def replace_email_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """For somebody who cannot read their mail any more, and so cannot change the address themself."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        user = self.get_queryset(request).filter(pk=pk).first()
        if user is None:
            raise Http404
        if not self.gets_new_email(request, user):
            raise PermissionDenied
        return self.replace_email_form(request, user)

    @method_decorator(reauthentication_required)
    def replace_email_form(self, request: HttpRequest, user: User) -> HttpResponse:
        """Asks for the administrator's own password first, unless it was given a few minutes ago."""
        form = ReplaceEmailForm(posted(request))
        if form.is_valid():
            with told(form, at="email"):
                confirming.ask_for_email(user, **form.cleaned_data, by=request.user)
                messages.success(
                    request, "Adressen byts när personen, eller en annan systemadministratör, har bekräftat. De får ett mejl nu."
                )
                return redirect("admin:people_user_change", user.pk)
        title = f"Byt e-post för {user}"
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": title,
            "original": user,
            "form": form,
            "address": user.email if is_open(request, user.person) else "en skyddad adress",
        }
        return TemplateResponse(request, "admin/people/user/replace_email.html", context)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "person":
            kwargs["queryset"] = Person.objects.filter(Q(user=None))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_form(self, request: HttpRequest, obj: User | None = None, **kwargs: Any) -> type[ModelForm]:
        return super().get_form(request, obj, form=type("UserForm", (UserForm,), {"by": request.user}), **kwargs)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Whoever makes or changes a log-in has just given the password: an open session makes no administrators."""
        view = super().changeform_view
        return (proved_anew(view) if self.has_change_permission(request) else view)(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Another administrator counts when a second one has confirmed it."""
        before = hold(obj) if change else None
        had, wanted = before is not None and before.is_staff and before.is_active, obj.is_staff and obj.is_active
        asked = wanted and not had
        if asked:
            obj.is_staff = False
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if not change or "email" in form.changed_data:
            inviting.send_invitation(obj, by=request.user)
            waits = confirming.waiting_words(obj.person) if obj.person else ""
            messages.info(request, f"En inbjudan är på väg till {obj.email}. {waits}".strip())
        if change and not obj.is_active:
            actions.end_sessions(obj)
        if had and not wanted:
            confirming.tell_of_former_staff(obj, by=request.user)
        if asked and confirming.ask_for_staff(obj, by=request.user):
            messages.info(
                request, f"{obj} når administrationen när en annan systemadministratör har bekräftat. De får ett mejl nu."
            )

    def get_historical_record_context_helper(self, request: HttpRequest, historical_record: Any) -> DiscreetHistory:
        return DiscreetHistory(self.model, historical_record)

    @admin.action(description="Skicka inbjudan igen", permissions=["change"])
    def invite_again(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        sent = sum(inviting.invite_again(user, by=request.user) for user in queryset)
        self.message_user(request, f"{sent} av {len(queryset)} har fått inbjudan igen. Övriga behöver ingen.")

    @admin.action(description="Logga ut överallt", permissions=["change"])
    def log_out(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        ended = sum(actions.end_sessions(user) for user in queryset)
        self.message_user(request, f"{ended} inloggningar avslutades.")


class UserForm(ModelForm):
    """An address that somebody else already logs in with is refused, and that of whoever invites."""

    by: User

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].strip().lower()
        if actions.is_taken(email, but=self.instance if self.instance.pk else None):
            self.add_error("email", "Adressen hör redan till ett annat inlogg.")
        elif self.instance.pk != self.by.pk and confirming.is_of(email, self.by):
            self.add_error("email", inviting.OWN)
        return email


class ReplaceEmailForm(forms.Form):
    """Where the log-in's mail goes from now on, and why."""

    email = forms.EmailField(
        label="Ny e-postadress", max_length=254, widget=forms.EmailInput(attrs={"class": "vTextField", "autocomplete": "off"})
    )
    reason = forms.CharField(
        label="Skäl",
        max_length=200,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        help_text="Sparas i historiken. Skriv hur du vet vem du har talat med.",
    )


class SentFilter(admin.SimpleListFilter):
    """What has become of a letter; what somebody has to decide on comes first."""

    title = "läge"
    parameter_name = "lage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("drojer", "har väntat länge"),
            ("avvisade", "mottagaren avvisas"),
            ("fel", "misslyckade"),
            ("vantar", "väntar"),
            ("undanlagda", "undanlagda"),
            ("skickade", "skickade"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Letter]) -> QuerySet[Letter]:
        chosen = {
            "drojer": lambda: queryset.waiting().filter(created_at__lte=timezone.now() - mail.LATE),
            "avvisade": lambda: queryset.waiting().filter(refused=True),
            "fel": lambda: queryset.waiting().exclude(fault=""),
            "vantar": lambda: queryset.waiting().filter(fault=""),
            "undanlagda": lambda: queryset.filter(set_aside_at__isnull=False),
            "skickade": lambda: queryset.filter(sent_at__isnull=False),
        }.get(self.value())
        return chosen() if chosen else queryset


def _at(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


@admin.register(Letter)
class LetterAdmin(FindsPersons, PlainList, admin.ModelAdmin):
    """The outbox as a system administrator may see it: to whom, when and what went wrong, never what it says."""

    list_display = ["recipient", "kind_in_words", "state_in_words", "fault", "created_at", "attempts", "sent_at"]
    list_display_links = None
    list_filter = [SentFilter]
    list_select_related = ["person", "set_aside_by__person"]
    list_per_page = 50
    show_full_result_count = False
    sortable_by = ["kind_in_words", "fault", "created_at", "attempts", "sent_at"]
    unasked = frozenset({"address", "subject", "body", "calendar", "fault"})
    searched = {"open_address": ("address", "person"), "real_name": ("person__name", "person")}
    search_fields = ["open_address", "real_name", "person__shown_name"]
    search_help_text = "Sök på mottagare."
    ordering = [F("sent_at").desc(nulls_first=True), "-created_at", "-pk"]
    date_hierarchy = "created_at"
    fields = ["recipient", "kind_in_words", "state_in_words", "created_at", "attempts", "sent_at", "fault"]
    actions = ["try_again", "give_up"]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_staff

    def has_view_permission(self, request: HttpRequest, obj: Letter | None = None) -> bool:
        return request.user.is_staff

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Letter | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Letter | None = None) -> bool:
        return False

    @admin.display(description="mottagare")
    def recipient(self, letter: Letter) -> str:
        if letter.person is None:
            return letter.address
        return f"{letter.person} (skyddad adress)" if letter.person.protected else f"{letter.person}, {letter.address}"

    @admin.display(description="slag", ordering="kind")
    def kind_in_words(self, letter: Letter) -> str:
        return KINDS[letter.kind].label

    @admin.display(description="läge")
    def state_in_words(self, letter: Letter) -> str:
        if letter.sent_at:
            return "skickat"
        if letter.set_aside_at:
            return f"undanlagt {_at(letter.set_aside_at)}" + (f" av {letter.set_aside_by}" if letter.set_aside_by else "")
        if letter.under_way:
            return "på väg"
        words = "mottagaren avvisas" if letter.refused else "misslyckat" if letter.fault else "väntar"
        return f"{words}, försök {_at(letter.due_at)}" if letter.due_at > timezone.now() else words

    @admin.action(description="Försök igen", permissions=["view"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Letter]) -> None:
        begun = [letter for letter in queryset if mail.try_again(letter.pk)]
        for letter in begun:
            self.log_change(request, letter, "Försök igen")
        self.message_user(request, f"{len(begun)} av {len(queryset)} skickas igen. Övriga är skickade eller på väg.")

    @admin.action(description="Ge upp", permissions=["view"])
    def give_up(self, request: HttpRequest, queryset: QuerySet[Letter]) -> None:
        aside = [letter for letter in queryset if mail.give_up(letter.pk, by=request.user)]
        for letter in aside:
            self.log_change(request, letter, "Ge upp")
        self.message_user(
            request,
            f"{len(aside)} av {len(queryset)} är undanlagda och skickas inte. De finns kvar under Undanlagda, där du kan försöka "
            "igen. Övriga är skickade, på väg eller redan undanlagda.",
        )
