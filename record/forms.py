"""What a form is told by an action that refused."""

from django import forms
from django.core.exceptions import ValidationError

from record.moves import Refused, Stale


def ask_for_the_file_again(form: forms.BaseForm, name: str = "file") -> None:
    """A browser forgets the chosen file when the form comes back with errors: say so where it is chosen."""
    if form.errors and name not in form.errors and form.cleaned_data.get(name):
        form.add_error(name, "Välj filen igen. Webbläsaren behåller den inte när något annat ska rättas.")


def read_anew(form: forms.BaseForm, stale: Stale) -> None:
    """Somebody else was first: what was typed stays in the form, which from now on is for the version that stands."""
    form.data = form.data.copy()
    form.data["version"] = str(stale.current.version)


def add_errors(form: forms.BaseForm, error: ValidationError | Refused) -> None:
    """Put what was refused at its field, or above the form when the form does not have the field."""
    if isinstance(error, Refused):
        form.add_error(None, str(error))
    elif hasattr(error, "error_dict"):
        for name, problems in error.error_dict.items():
            form.add_error(name if name in form.fields else None, problems)
    else:
        form.add_error(None, error)
