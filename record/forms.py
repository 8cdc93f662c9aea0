"""What a form is told by an action that refused."""

from django import forms
from django.core.exceptions import ValidationError

from record.moves import Refused


def add_errors(form: forms.BaseForm, error: ValidationError | Refused) -> None:
    """Put what was refused at its field, or above the form when the form does not have the field."""
    if isinstance(error, Refused):
        form.add_error(None, str(error))
    elif hasattr(error, "error_dict"):
        for name, problems in error.error_dict.items():
            form.add_error(name if name in form.fields else None, problems)
    else:
        form.add_error(None, error)
