"""The motion as it is typed, but for its att-satser (claims.py): new, changed, and taken back."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from motions import written
from motions.days import MeetingDayField
from motions.kinds import Kind
from motions.models import Motion
from motions.occasions import Occasion
from people.models import Party
from record.fields import TextLineFormField, TextWidget
from record.swedish import capital


def capitals(choices: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Choices as they stand in a list, where each begins with a capital letter."""
    return [(value, capital(str(label))) for value, label in choices]


class LaterField(TextLineFormField):
    """A line that is asked for when the motion is filed, and may be empty until then."""

    def validate(self, value: Any) -> None:
        """An empty draft is no error."""


class MotionForm(forms.ModelForm):
    """Everything about a motion but its att-satser. Nothing has to be filled in until it is filed."""

    use_required_attribute = False
    kind = forms.ChoiceField(label=written.LABELS["kind"], choices=capitals(Kind.choices))
    title = LaterField(label=written.LABELS["title"], max_length=300)
    wanted_on = MeetingDayField(
        label=written.LABELS["wanted_on"], empty="Så snart som möjligt", help_text="Det möte där ni vill få det behandlat."
    )
    due_on = MeetingDayField(
        label=written.LABELS["due_on"], empty="Välj möte", help_text="Det möte där ni vill ha svar. Behövs när ni lämnar in."
    )

    class Meta:
        model = Motion
        fields = written.NAMES
        labels = written.LABELS
        help_texts = {
            "matter": "Till exempel en punkt på dagordningen.",
            "background": "Varför ni tar upp saken. Tom rad ger nytt stycke.",
        }
        widgets = {column.name: TextWidget({"rows": 6}) for column in written.WRITTEN if column.prose}

    def __init__(self, *args: Any, parties: list[Party] | None = None, occasions: Sequence[Occasion] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["background"].required = False
        for name in ("due_on", "background"):
            self.fields[name].sometimes = True  # it depends on the kind: not "frivilligt"
        for name in ("wanted_on", "due_on"):
            self.fields[name].offer(occasions)
        if parties and len(parties) > 1:
            choices = [(party.pk, str(party)) for party in parties]
            self.fields["party"] = forms.TypedChoiceField(label="Ni lämnar in som", choices=choices, coerce=int)
            self.order_fields(["party"])

    def clean(self) -> dict[str, Any]:
        """A field that is hidden for this kind may hold what was typed for another."""
        data = super().clean()
        return data | written.not_of(data.get("kind"))

    def typed(self) -> dict[str, Any]:
        """What stands in the fields now, judged or not."""
        return {name: self[name].value() for name in self.fields}


def why_changed() -> forms.Field:
    """The reason for a new version, for those who wish to give one."""
    told = "Syns bland versionerna för alla som kan läsa."
    return TextLineFormField(label="Varför ni ändrar", required=False, max_length=300, help_text=told)


class ChangeMotionForm(MotionForm):
    """A new version of what has been filed: the same fields, but the kind stays."""

    why = why_changed()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].label = "Slag"
        self.fields["kind"].choices = [choice for choice in capitals(Kind.choices) if choice[0] == self.instance.kind]


class WithdrawMotionForm(forms.Form):
    """Why a motion is taken back, for those who wish to say it."""

    why = TextLineFormField(label="Skäl", required=False, max_length=300, help_text="Syns i historiken för alla som kan läsa.")
