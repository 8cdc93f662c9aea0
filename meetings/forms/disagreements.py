"""Forms for oenighet: who disagrees and why, what became of it, and which of them to list."""

from typing import Any

from django import forms

from meetings.models import Disagreement, Settlement
from people.models import Group, Party, today
from record.fields import DayField, TextFormField


class DisagreeForm(forms.Form):
    """A union and its reason. A version says which reason was on the page."""

    party = forms.ModelChoiceField(Party.objects.none(), label="Part", empty_label=None)
    reason = TextFormField(label="Skäl", required=False, help_text="Står i protokollet, under ärendet.")
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, initial=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, parties: list[Party], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["party"]
        field.queryset = Party.objects.filter(pk__in=[party.pk for party in parties])
        field.choices = [(party.pk, str(party)) for party in parties]
        if len(parties) == 1:
            field.widget = forms.HiddenInput()
            self.initial.setdefault("party", parties[0].pk)


class SettleForm(forms.Form):
    """What became of a disagreement."""

    result = forms.ChoiceField(label="Resultat", choices=[("", "– välj –"), *Settlement.Result.choices])
    settled_on = DayField(label="Avslutad den")
    text = TextFormField(label="Vad som hände", help_text="Till exempel när förhandlingen hölls och vad den kom fram till.")
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, disagreement: Disagreement, **kwargs: Any) -> None:
        row = disagreement.settled
        initial = (
            {"result": row.result, "settled_on": row.settled_on, "text": row.text, "version": row.version}
            if row
            else {"settled_on": today(), "version": 0}
        )
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["text"].error_messages["required"] = "Skriv vad som hände."


class DisagreementFilterForm(forms.Form):
    """Which disagreements to show."""

    ar = forms.ChoiceField(label="År", required=False)
    grupp = forms.ChoiceField(label="Grupp", required=False)
    lage = forms.ChoiceField(label="Visa", required=False, choices=[("", "alla"), ("open", "öppna"), ("settled", "avslutade")])

    def __init__(self, *args: Any, years: list[int], groups: list[Group], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ar"].choices = [("", "alla"), *((str(year), str(year)) for year in years)]
        self.fields["grupp"].choices = [("", "alla"), *((str(group.pk), str(group)) for group in groups)]
        if len(groups) < 2:
            del self.fields["grupp"]
