"""Model and form fields for texts: whatever reaches the database is clean and canonical plain form."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import QueryDict

from .text import (
    TextError,
    demand_readable,
    demand_readable_together,
    outlines_of,
    plain_of,
    stored,
    stored_line,
    to_editor_html,
    written,
)
from .uploads import ACCEPT

TOO_LONG = "Högst %(limit_value)d tecken får plats, och här är %(show_value)d."


def _text(value: Any) -> str:
    """The value as text; one that has been read already is still known as such, and not read again."""
    return value if isinstance(value, str) else str(value)


def _or_invalid(store: Callable[[str], str], raw: str) -> str:
    """The value as stored, or a ValidationError that says what is wrong with it."""
    try:
        return store(raw)
    except TextError as error:
        raise ValidationError(error.what if store is stored_line else str(error), code="text") from error


class _Stored:
    """A text column whose every road to the database goes through `store`."""

    store: Callable[[str], str]
    read: Callable[[str], str]  # the same for what comes from a form, which may be less
    default_error_messages = {"max_length": TOO_LONG}

    def to_python(self, value: Any) -> Any:
        return value if value is None else _or_invalid(self.read, _text(value))

    def get_prep_value(self, value: Any) -> Any:
        value = models.Field.get_prep_value(self, value)
        if value is None or hasattr(value, "resolve_expression"):
            return value
        return str(self.store(_text(value)))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        # The row in memory and its history read like the row in the database.
        value = super().pre_save(model_instance, add)
        if isinstance(value, str):
            value = self.store(value)
            setattr(model_instance, self.attname, value)
        return value


class PlainTextField(_Stored, models.TextField):
    """A text in the plain form."""

    description = "Text"
    store = staticmethod(stored)
    read = staticmethod(written)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **{"default": "", "blank": True} | kwargs)

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        return super().formfield(**{"form_class": TextFormField, "widget": TextWidget} | kwargs)


class PlainLineField(_Stored, models.CharField):
    """One line: a title, a name, a place."""

    description = "Rad"
    store = staticmethod(stored_line)
    read = staticmethod(stored_line)

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        return super().formfield(**({} if self.choices else {"form_class": TextLineFormField}) | kwargs)


class _Unread(str):
    """What was too much to read, kept as it was posted, with the reason."""

    reason: TextError


class TextWidget(forms.Textarea):
    """A textarea with the plain form, and in `data-html` what a script needs to put the rich editor in its place.

    The script posts HTML under the same name together with `<name>_format=html`. What is more than one can read stays as it was
    typed in the textarea: it is not parsed. A form asks for its values many times; the same HTML is read once.
    """

    _read: tuple[str, str] | None = None  # the HTML that was read last, and what it says

    def __init__(self, attrs: dict[str, Any] | None = None):
        super().__init__({"data-editor": True, "lang": "sv", "rows": 8} | (attrs or {}))

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        text, attributes = context["widget"]["value"] or "", context["widget"]["attrs"]
        if isinstance(value, _Unread) or not _readable(text):
            attributes.pop("data-editor", None)
        else:
            attributes["data-html"] = to_editor_html(text)
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        typed = super().value_from_datadict(data, files, name)
        if typed and (reason := getattr(data, "left_unread", None)):
            return _unread(typed, reason)
        if typed is None or not _is_html(data, name):
            return typed
        if self._read is None or self._read[0] != typed:
            self._read = (typed, _plain_or_unread(typed))
        return self._read[1]


def demand_together(data: QueryDict, names: Iterable[str], *, most: int) -> str:
    """Why these texts of one form are more than one can read together, or "". They are counted before any of them is parsed.

    When they are too much, each text of what was posted stays as it was typed, and its field says why.
    """
    given = [(_is_html(data, name), data.get(name, "")) for name in names]
    try:
        outlines = outlines_of([typed for html, typed in given if html])
        demand_readable_together([*outlines, *(typed for html, typed in given if not html)], most=most)
    except TextError as error:
        data.left_unread = error
        return str(error)
    return ""


def _is_html(data: Any, name: str) -> bool:
    """Did the rich editor send this field?"""
    return data.get(f"{name}_format") == "html"


def _plain_or_unread(html: str) -> str:
    try:
        return plain_of(html)
    except TextError as error:
        return _unread(html, error)


def _unread(typed: str, reason: TextError) -> _Unread:
    kept = _Unread(typed)
    kept.reason = reason
    return kept


def _readable(text: str) -> bool:
    try:
        demand_readable(text)
    except TextError:
        return False
    return True


class TextFormField(forms.CharField):
    """A text in the plain form, from the textarea or from the rich editor; errors are in Swedish and what was typed is kept."""

    widget = TextWidget
    default_error_messages = {"max_length": TOO_LONG}

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs | {"strip": False})

    def to_python(self, value: Any) -> str:
        if isinstance(value, _Unread):
            raise ValidationError(str(value.reason), code="text")
        return _or_invalid(written, _text(value)) if value not in self.empty_values else self.empty_value


class TextLineFormField(forms.CharField):
    """One line of text; pasted line breaks become spaces."""

    default_error_messages = {"max_length": TOO_LONG}

    def to_python(self, value: Any) -> str:
        return _or_invalid(stored_line, str(value)) if value not in self.empty_values else self.empty_value


def is_day(written: str) -> bool:
    """A day that there is, as a date field of the browser writes it."""
    try:
        return bool(date.fromisoformat(written))
    except ValueError:
        return False


class DayInput(forms.DateInput):
    """The browser's own field for a day. It shows nothing of a day that does not exist, so such a day comes back as text."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        written = context["widget"]["value"]
        if written and not is_day(written):
            context["widget"]["type"] = "text"
        return context


class DayField(forms.DateField):
    """A day in a form."""

    widget = DayInput
    default_error_messages = {"invalid": "Datumet finns inte. Skriv det som 2026-04-16."}


class UploadField(forms.FileField):
    """A file from outside, of the kinds that record/uploads.py can look into."""

    default_error_messages = {"required": "Välj en fil.", "empty": "Filen är tom. Välj en annan."}

    def __init__(self, **kwargs: Any):
        told = "PDF, Word, PowerPoint, Excel, OpenDocument, PNG eller JPEG, högst 25 MB."
        chooser = forms.FileInput(attrs={"accept": ACCEPT})
        super().__init__(**{"label": "Fil", "widget": chooser, "help_text": told} | kwargs)
