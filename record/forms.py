"""What a form, or a page without one, is told by an action that refused.

It is in one place, so that a view reads, checks, does one thing and answers.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from record.moves import Refused, Stale

# What stands above a form or a page when somebody else was first: a sentence, or what makes one of the row as it stands now.
Said = str | Callable[[Any], str]


@contextmanager
def told(form: forms.BaseForm, *, stale: Said = "", at: str | None = None) -> Iterator[None]:
    """Do one thing for a valid form; when it is refused, the form says so and the page is shown again with all that was typed.

    ValidationError goes to its field and Refused above the form, or to the field `at`. When somebody else was first (Stale),
    `form.stale` is the row as it stands now, the form is for that version from now on, and `stale` stands above it.
    Everything else, WrongState among it, goes on to whoever asked.
    """
    try:
        yield
    except (ValidationError, Refused) as error:
        add_errors(form, error, at=at)
    except Stale as error:
        form.stale = error.current
        read_anew(form, error)
        if stale:
            form.add_error(None, ValidationError(_in_words(stale, error), code="stale"))


@contextmanager
def told_next(request: HttpRequest, *, stale: Said = "") -> Iterator[None]:
    """Do one thing for a button without a form; what was refused is said on the page that is shown next, whatever that is."""
    try:
        yield
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except Refused as error:
        messages.error(request, str(error))
    except Stale as error:
        messages.warning(request, _in_words(stale, error) or str(error))


def _in_words(said: Said, error: Stale) -> str:
    return said(error.current) if callable(said) else said


def overtaken_by(form: forms.BaseForm) -> Any:
    """The row as it stands now when somebody else was first, else None."""
    return getattr(form, "stale", None)


def status_of(form: forms.BaseForm) -> int:
    """The page's status: 409 when somebody else was first, else 200."""
    return 200 if overtaken_by(form) is None else 409


def problems(form: forms.BaseForm) -> dict[str, list[str]]:
    """What is wrong, by field, for a script."""
    return {name: list(said) for name, said in form.errors.items()}


def collided(form: forms.BaseForm, current: Any) -> list[dict[str, str]]:
    """For each field that differs: what stands there now, and what was typed. Nothing typed is lost.

    A form that is not of its model's fields says it itself, as `form.collided`.
    """
    if hasattr(form, "collided"):
        return form.collided(current)
    now = type(form)(instance=current)
    differences = []
    for field in form.visible_fields():
        standing, typed = _shown(now[field.name]), _shown(field)
        if standing != typed:
            differences.append({"label": field.label, "now": standing or "–", "typed": typed or "–"})
    return differences


def _shown(field: forms.BoundField) -> str:
    value = field.value()
    formatted = field.field.widget.format_value(value)
    return str(formatted if formatted is not None else "").strip()


def ask_for_the_file_again(form: forms.BaseForm, name: str = "file") -> None:
    """A browser forgets the chosen file when the form comes back with errors: say so where it is chosen."""
    if form.errors and name not in form.errors and form.cleaned_data.get(name):
        form.add_error(name, "Välj filen igen. Webbläsaren behåller den inte när något annat ska rättas.")


def read_anew(form: forms.BaseForm, stale: Stale) -> None:
    """Somebody else was first: what was typed stays in the form, which from now on is for the version that stands."""
    if "version" in form.fields:
        form.data = form.data.copy()
        form.data[form.add_prefix("version")] = str(stale.current.version)


def add_errors(form: forms.BaseForm, error: ValidationError | Refused, *, at: str | None = None) -> None:
    """Put what was refused at its field, or above the form when the form does not have the field; a rule's no at `at`."""
    if isinstance(error, Refused):
        form.add_error(at, str(error))
    elif hasattr(error, "error_dict"):
        for name, said in error.error_dict.items():
            form.add_error(name if name in form.fields else None, said)
    else:
        form.add_error(None, error)
