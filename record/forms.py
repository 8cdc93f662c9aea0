"""What a form is told by an action that refused: in one place, so that a view reads, checks, does one thing and answers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from record.moves import Refused, Stale


@contextmanager
def told(form: forms.BaseForm, *, stale: str | Callable[[Any], str] = "") -> Iterator[None]:
    """Do one thing for a valid form; when it is refused, the form says so and the page is shown again with all that was typed.

    ValidationError goes to its field and Refused above the form. When somebody else was first (Stale), `form.stale` is the row as
    it stands now, the form is for that version from now on, and `stale`, a sentence or what makes one of the row, stands above it.
    Everything else, WrongState among it, goes on to whoever asked.
    """
    try:
        yield
    except (ValidationError, Refused) as error:
        add_errors(form, error)
    except Stale as error:
        form.stale = error.current
        read_anew(form, error)
        if stale:
            form.add_error(None, ValidationError(stale(error.current) if callable(stale) else stale, code="stale"))


def status_of(form: forms.BaseForm) -> int:
    """The page's status: 409 when somebody else was first, else 200."""
    return 200 if getattr(form, "stale", None) is None else 409


def collided(form: forms.ModelForm, current: Any) -> list[dict[str, str]]:
    """For each field that differs: what stands there now, and what was typed. Nothing typed is lost."""
    now = type(form)(instance=current)
    rows = []
    for field in form.visible_fields():
        standing, typed = _shown(now[field.name]), _shown(field)
        if standing != typed:
            rows.append({"label": field.label, "now": standing or "–", "typed": typed or "–"})
    return rows


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
    form.data = form.data.copy()
    form.data[form.add_prefix("version")] = str(stale.current.version)


def add_errors(form: forms.BaseForm, error: ValidationError | Refused) -> None:
    """Put what was refused at its field, or above the form when the form does not have the field."""
    if isinstance(error, Refused):
        form.add_error(None, str(error))
    elif hasattr(error, "error_dict"):
        for name, problems in error.error_dict.items():
            form.add_error(name if name in form.fields else None, problems)
    else:
        form.add_error(None, error)
