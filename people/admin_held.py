"""Forms of the administration for rows that give rights: nobody undoes there what others do at the same moment."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse

from people.admin_site import RecordedAdmin
from record.moves import hold

OVERTAKEN = (
    "Någon annan har ändrat uppgifterna sedan du öppnade sidan. Inget är sparat, och det du skrev står kvar här. Jämför med "
    "Historik, rätta det som inte stämmer längre och spara igen."
)


class AsItWasRead:
    """A form that knows which version of its row it was opened on, and is refused when somebody else has saved another since."""

    read: str | None = None  # what the page was opened on; None of a form that does not tell
    stands: str = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.read is not None and self.read != self.stands:
            raise ValidationError(OVERTAKEN, code="stale")
        return cleaned


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
        obj = super().save_form(request, form, change)
        if change:
            stored = hold(obj)
            for field in obj._meta.concrete_fields:
                if field.name not in form.fields:
                    setattr(obj, field.attname, getattr(stored, field.attname))
        return obj
