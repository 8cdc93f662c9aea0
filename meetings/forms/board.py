"""Forms for what the board decided: the decision, and each reservation or statement that was handed in with it."""

from typing import Any

from django import forms
from django.http import QueryDict

from meetings.actions.board import MOST_CHARACTERS, MOST_ENTRIES
from meetings.forms.planning import LinesField
from meetings.models import BoardDecision, BoardEntry
from record.fields import DayField, TextFormField, TextWidget, demand_together
from record.swedish import capital

MOST_NAMES = 30
KINDS = [(value, capital(str(label))) for value, label in BoardEntry.Kind.choices]


class DecisionForm(forms.ModelForm):
    """The day, the board's own § and its decision. A version says which decision was on the page."""

    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, initial=0, widget=forms.HiddenInput)

    class Meta:
        model = BoardDecision
        fields = ["decided_on", "board_paragraph", "text"]
        labels = {"decided_on": "Dag för nämndens sammanträde", "text": "Nämndens beslut"}
        help_texts = {
            "board_paragraph": "Till exempel § 9.",
            "text": "Som det står i nämndens protokoll. Har beslutet flera punkter gör du en numrerad lista.",
        }
        field_classes = {"decided_on": DayField}
        widgets = {"board_paragraph": forms.TextInput(attrs={"class": "input--short"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("version", self.instance.version if self.instance.pk else 0)
        self.fields["text"].required = True
        self.fields["text"].error_messages["required"] = "Skriv nämndens beslut."

    def _post_clean(self) -> None:
        """The row is set, checked and saved by the action."""


class EntryForm(forms.Form):
    """One reservation or statement. One without a word in it is left out."""

    kind = forms.ChoiceField(label="Slag", choices=KINDS)
    persons = LinesField(
        label="Personer", required=False, most=MOST_NAMES, widget=forms.Textarea(attrs={"rows": 2}), help_text="En per rad."
    )
    parties = LinesField(
        label="Partier",
        required=False,
        most=MOST_NAMES,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Ett per rad, som i nämndens protokoll.",
    )
    text = TextFormField(label="Text", required=False, widget=TextWidget({"rows": 4}))
    persons.sometimes = parties.sometimes = text.sometimes = True  # what is asked for depends on the others

    @property
    def blank(self) -> bool:
        return not any(self.cleaned_data.get(name) for name in ("persons", "parties", "text"))

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors and not self.blank:
            if not (data["persons"] or data["parties"]):
                self.add_error("persons", "Skriv vem eller vilka det kommer från.")
            if not data["text"]:
                self.add_error("text", "Skriv vad som lämnades in.")
        return data


EntryFormSet = forms.formset_factory(EntryForm, extra=1, max_num=MOST_ENTRIES, absolute_max=MOST_ENTRIES, validate_max=True)


def demand_readable_form(data: QueryDict) -> None:
    """Count all texts that were posted before any of them is read; when they are too much together, each field says so."""
    demand_together(data, ["text", *(f"rad-{number}-text" for number in range(MOST_ENTRIES))], most=MOST_CHARACTERS)


def standing(decision: BoardDecision | None) -> list[dict[str, Any]]:
    """The entries as a form begins with them."""
    rows = decision.entries.all() if decision else ()
    return [{"kind": row.kind, "persons": row.persons, "parties": row.parties, "text": row.text} for row in rows]


def typed(form: forms.BaseForm) -> dict[str, Any]:
    """What stands in the fields now, judged or not."""
    return {name: form[name].value() for name in form.fields}
