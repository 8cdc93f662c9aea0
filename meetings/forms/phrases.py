"""Forms of the phrase page: a new phrase, and another text for one that there is."""

from typing import Any

from django import forms

from meetings.actions.phrases import LONGEST_KEY, key_of
from meetings.models import Phrase
from meetings.reading.phrasebook import PhraseEntry
from record.fields import TextFormField
from record.text import to_words

SLOTS_HINT = "Inom { } står det som fylls i när frasen används, till exempel {roll} eller {part}."


def words_now(phrase: Phrase) -> str:
    """What the phrase says as it stands now."""
    return to_words(phrase.text) or "dold eller borttagen"


class PhraseForm(forms.Form):
    """What both forms do: when somebody else was first, the two texts are shown side by side."""

    def collided(self, current: Phrase) -> list[dict[str, str]]:
        """What stands there now, and what was typed, as far as it can be read."""
        typed = self.fields["text"].widget.value_from_datadict(self.data, {}, "text") or ""
        return [{"label": f"/{current.key}", "now": words_now(current), "typed": to_words(str(typed)[:100_000])}]


class NewPhraseForm(PhraseForm):
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


class RewriteForm(PhraseForm):
    """Another text for a phrase."""

    key = forms.CharField(max_length=LONGEST_KEY, widget=forms.HiddenInput)
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    text = TextFormField(label="Fras", help_text=SLOTS_HINT)

    def __init__(self, *args: Any, entry: PhraseEntry, **kwargs: Any) -> None:
        initial = {"key": entry.key, "version": entry.version, "text": entry.text or entry.standard}
        super().__init__(*args, **{"initial": initial, "auto_id": "andra-%s"} | kwargs)
        self.entry = entry
