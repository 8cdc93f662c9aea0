"""The file that comes with a motion, or stands in the place of its text."""

from typing import Any

from django import forms

from motions.forms.writing import why_changed
from motions.models import Motion
from record import uploads
from record.fields import UploadField
from record.forms import ask_for_the_file_again


class AttachForm(forms.Form):
    """A file in the place of the text, and the same in words."""

    file = UploadField()
    description = Motion._meta.get_field("description").formfield(
        required=True,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": uploads.NO_DESCRIPTION},
    )

    def __init__(self, *args: Any, motion: Motion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if motion.file:
            self.fields["file"].required = False
            self.fields["file"].sometimes = True  # the words alone can be mended: not "frivilligt"
            self.fields["file"].help_text += " Välj bara en fil om den ska bytas."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        ask_for_the_file_again(self)
        return cleaned


class RemoveFileForm(forms.Form):
    """What has been filed, without its file."""

    why = why_changed()
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)


class ChangeFileForm(AttachForm):
    """Another file, or the first, in what has been filed."""

    why = why_changed()
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
