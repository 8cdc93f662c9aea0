"""The employer's answer to an att-sats, and who is asked to write it."""

from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.text import Truncator

from motions.forms.writing import capitals
from motions.kinds import ASKING
from motions.models import Answer, Claim, Motion, answers_to
from people.models import Person
from record.fields import DayField
from record.swedish import capital
from record.text import to_words


class AnswerForm(forms.ModelForm):
    """The employer's answer to one att-sats."""

    outcome = forms.ChoiceField(
        label="Utfall",
        choices=[("", "Välj utfall")],
        error_messages={"required": "Välj ett utfall."},
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Answer
        fields = ["outcome", "text"]
        labels = {"text": "Svar"}
        help_texts = {"text": "Bifall, avslag och bordläggning kan stå utan text. De andra behöver ett svar i ord."}

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices += capitals((outcome.value, outcome.label) for outcome in answers_to(kind))
        if kind in ASKING:
            self.fields["text"].help_text = "Bordläggning kan stå utan text."
        self.fields["text"].required = False
        self.fields["text"].sometimes = True  # it depends on the outcome: not "frivilligt"

    def facts(self) -> dict[str, Any]:
        """What the answer is to be; version 0 is for the first."""
        return self.cleaned_data | {"version": self.cleaned_data["version"] or 0}


class AssignForm(forms.Form):
    """Who on the employer's side writes the answers, to what, and by when."""

    person = forms.ChoiceField(label="Vem ska svara?", error_messages={"required": "Välj vem som ska svara."})
    day = DayField(
        label="Senast",
        help_text="Den som ska svara får mejl nu, och en påminnelse dagen innan och varje dag efter.",
        error_messages={"required": "Välj en dag."},
    )
    claims = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, motion: Motion, persons: list[Person], claims: list[tuple[int, Claim]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.persons, self.claims = {str(person.pk): person for person in persons}, claims
        self.fields["person"].choices = [("", "Välj"), *((person.pk, person.display) for person in persons)]
        unit, units = capital(motion.words.unit), capital(motion.words.units)
        self.fields["claims"].label = f"{units} utan svar"
        self.fields["claims"].error_messages["required"] = f"Välj minst en {motion.words.unit}."
        self.fields["claims"].choices = [(claim.pk, in_short(unit, number, claim)) for number, claim in claims]
        self.initial.setdefault("claims", [claim.pk for _, claim in claims])

    def clean_person(self) -> Person:
        """The person, for the key that was chosen."""
        return self.persons[self.cleaned_data["person"]]

    def clean_claims(self) -> list[Claim]:
        """The att-satser, for the keys that were chosen."""
        return [claim for _, claim in self.claims if str(claim.pk) in self.cleaned_data["claims"]]


def in_short(unit: str, number: int, claim: Claim) -> str:
    """`Att-sats 2: att bullret mäts (Erik Lind, senast 3 mars)`"""
    parts = [to_words(claim.text), *(f"{n}. {to_words(point)}" for n, point in enumerate(claim.points, start=1))]
    words = Truncator(" ".join(parts)).chars(160)
    asked = f" ({claim.responsible}, senast {date_format(claim.answer_by, 'j F')})" if claim.responsible else ""
    return f"{unit} {number}: {words}{asked}"
