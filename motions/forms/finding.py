"""What the list of motions shows and the statistics count, as it is chosen above them."""

from typing import Any

from django import forms
from django.http import QueryDict

from motions.forms.writing import capitals
from motions.kinds import Kind
from motions.models import MotionQuerySet, Outcome
from people.models import Group, Party, User


class MotionFilters(forms.Form):
    """What the list shows, of the motions that one may read."""

    STATUS = [
        ("", "Alla"),
        ("draft", "Utkast"),
        ("waiting", "Väntar på svar"),
        ("answered", "Besvarade"),
        ("withdrawn", "Återkallade"),
    ]
    q = forms.CharField(label="Sök", required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"}))
    grupp = forms.ModelChoiceField(label="Grupp", queryset=Group.objects.none(), required=False, empty_label="Alla")
    part = forms.TypedChoiceField(label="Organisation", coerce=int, required=False)
    slag = forms.ChoiceField(label="Slag", choices=[("", "Alla"), *capitals(Kind.choices)], required=False)
    ar = forms.TypedChoiceField(label="År", coerce=int, required=False)
    status = forms.ChoiceField(label="Status", choices=STATUS, required=False)
    utfall = forms.ChoiceField(label="Utfall", choices=[("", "Alla"), *capitals(Outcome.choices)], required=False)
    egna = forms.BooleanField(label="Bara våra egna", required=False)

    def __init__(self, data: QueryDict, *, user: User, groups: Any, motions: MotionQuerySet) -> None:
        super().__init__(data)
        self.fields["grupp"].queryset = groups
        parties = Party.objects.filter(pk__in=motions.order_by().values("party")).with_names()
        self.fields["part"].choices = [("", "Alla"), *((party.pk, str(party)) for party in parties)]
        years = motions.not_drafts().datetimes("filed_at", "year", order="DESC")
        self.fields["ar"].choices = [("", "Alla"), *((day.year, str(day.year)) for day in years)]
        if not any(user.unions_in(group) for group in user.group_ids):
            del self.fields["egna"]

    def chosen(self) -> list[str]:
        """What was chosen, in words: Organisation: Lövförbundet."""
        said = []
        for name, value in self.cleaned_data.items() if self.is_valid() else ():
            if value:
                words = dict(getattr(self.fields[name], "choices", ())).get(value, value)
                said.append(self.fields[name].label if value is True else f"{self.fields[name].label}: {words}")
        return said


class CountedFilters(MotionFilters):
    """What the statistics count: the same, but for how far something has come, which they tell themselves."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("status", "utfall"):
            del self.fields[name]
