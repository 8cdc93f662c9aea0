"""Forms of the phrase page: a new phrase, and another text for one that there is."""

from typing import Any

from django import forms

from meetings.actions.phrases import LONGEST_KEY, key_of
from meetings.reading.phrasebook import Entry
from record.fields import TextFormField

SLOTS_HINT = "Inom { } står det som fylls i när frasen används, till exempel {roll} eller {part}."


class NewForm(forms.Form):
    """A phrase of the group's own."""

    key = forms.CharField(
        label="Nyckel",
        max_length=LONGEST_KEY + 1,
        help_text="Det du skriver efter /. Bara bokstäver.",
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false", "size": 12}),
    )
    text = TextFormField(label="Fras", help_text=SLOTS_HINT)

    def clean_key(self) -> str:
        try:
            return key_of(self.cleaned_data["key"])
        except forms.ValidationError as error:
            raise forms.ValidationError(error.message_dict["key"]) from error


class TextForm(forms.Form):
    """Another text for a phrase."""

    key = forms.CharField(max_length=LONGEST_KEY, widget=forms.HiddenInput)
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    text = TextFormField(label="Fras", help_text=SLOTS_HINT)

    def __init__(self, *args: Any, entry: Entry, **kwargs: Any) -> None:
        initial = {"key": entry.key, "version": entry.version, "text": entry.text or entry.standard}
        super().__init__(*args, **{"initial": initial, "auto_id": "andra-%s"} | kwargs)
        self.entry = entry
