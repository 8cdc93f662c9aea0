"""The desk's forms: one text with the version it was written from, and what the secretary says of an item besides its text."""

from typing import Any

from django import forms

from meetings.models import Item, Meeting, Paragraph
from meetings.reading.numbering import only_tells_origin
from record.fields import TextFormField


class DeskTextForm(forms.Form):
    """A text and the version it was read at. Only what was posted is saved."""

    text = TextFormField(label="Text", required=False)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, row: Any, **kwargs: Any) -> None:
        self.row = row
        key = row._meta.model_name
        super().__init__(
            *args, **{"auto_id": f"{key}-{row.pk}-%s", "initial": {"text": row.text, "version": row.version}} | kwargs
        )

    def facts(self) -> dict[str, Any]:
        """What is to be saved: the fields that were on the page, without the version."""
        return {name: self.cleaned_data[name] for name in self.fields if name not in ("version", "done") and name in self.data}


class DeskParagraphForm(DeskTextForm):
    """The text of a §, and whether it is finished; empty: as it was."""

    done = forms.TypedChoiceField(
        choices=[("0", "nej"), ("1", "ja")],
        coerce=lambda value: value == "1",
        empty_value=None,
        required=False,
        widget=forms.HiddenInput,
    )

    def __init__(self, *args: Any, row: Paragraph, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        self.fields["text"].label = "Text"


class DeskItemForm(DeskTextForm):
    """The text of an item and, for a matter, what came of it."""

    outcome = forms.ChoiceField(label="Utfall", required=False)

    def __init__(self, *args: Any, row: Item, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        self.carried = only_tells_origin(row.text)
        self.fields["text"].label = f"Text till ”{row}”"
        self.initial.setdefault("outcome", row.outcome)
        offered = list(Item.OUTCOMES[Item.Kind(row.kind)])
        if row.outcome not in offered:  # read from a file
            offered.append(Item.Outcome(row.outcome))
        if row.is_matter:
            self.fields["outcome"].choices = [(outcome.value, outcome.label.capitalize()) for outcome in offered]
        else:
            del self.fields["outcome"]


def form_for(row: Paragraph | Item, data: Any = None, **kwargs: Any) -> DeskTextForm:
    """The form that edits this row."""
    return (DeskParagraphForm if isinstance(row, Paragraph) else DeskItemForm)(data, row=row, **kwargs)


class NewItemForm(forms.ModelForm):
    """A point under the § that is being written: its heading and what it is."""

    class Meta:
        model = Item
        fields = ["title", "kind", "presenter"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"auto_id": "new-item-%s"} | kwargs))
        self.fields["title"].required = True


class HereForm(forms.Form):
    """Where somebody is at the desk; `tab` is made by the page each time it is opened."""

    tab = forms.UUIDField()
    paragraph = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    typing = forms.BooleanField(required=False)
    leaving = forms.BooleanField(required=False)
    strip = forms.CharField(required=False, max_length=16)

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meeting = meeting

    def clean_paragraph(self) -> Paragraph | None:
        """The § that is open there; none when somebody has taken it away."""
        return self.meeting.paragraphs.filter(pk=self.cleaned_data["paragraph"] or 0).first()
