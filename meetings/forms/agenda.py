"""Forms for the agenda: paragraphs, items, changes and appendices."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict

from meetings.forms.planning import LinesField
from meetings.language.pasting import DNR, PastedMatter, split_references, understand
from meetings.models import AgendaChange, Appendix, Item, Meeting, Paragraph
from meetings.models.template import Section
from meetings.reading.numbering import Numbered
from people.models import Party
from record import uploads
from record.fields import DayField, UploadField
from record.forms import ask_for_the_file_again

MOST_REFERENCES = 10
MOST_PASTED = 60


def odd_references(references: list[str]) -> list[str]:
    """Those that do not look like a registry number."""
    return [reference for reference in references if not DNR.fullmatch(reference)]


class ReferencesField(LinesField):
    """Registry numbers on lines or between commas."""

    def parts_of(self, written: str) -> list[str]:
        return split_references(written)


class ItemForm(forms.ModelForm):
    """The heading, registry numbers and presenter of a point under a §."""

    references = ReferencesField(
        label="Diarienummer",
        required=False,
        most=MOST_REFERENCES,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Ett per rad eller med komma emellan, till exempel KS 2020/779.",
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Item
        fields = ["kind", "title", "presenter", "board_agenda_no", "board_title", *Item.REQUIREMENTS]
        help_texts = {
            "presenter": "Helst en titel, till exempel HR-chef.",
            "needs_assessment": "Bifoga den som bilaga och hänvisa till den från ärendet.",
        }
        field_classes = {"safety_contacted_on": DayField}

    field_order = ["kind", "title", "references", "presenter", "board_agenda_no", "board_title", *Item.REQUIREMENTS, "version"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].required = True
        self.fields["references"].initial = self.instance.references
        if not self.instance.pk or self.instance.kind != Item.Kind.DECISION:
            for name in Item.REQUIREMENTS:
                del self.fields[name]
        if self.instance.pk:
            del self.fields["kind"]
            self.fields["version"].initial = self.instance.version
            if self.instance.kind != Item.Kind.BOARD_MATTER:
                del self.fields["board_agenda_no"], self.fields["board_title"]
        else:
            del self.fields["board_title"]  # it comes with the board's list, or when the matter is there

    def facts(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name not in ("version", "kind")}


class PasteForm(forms.Form):
    """The board's list as it was copied; what is understood of it is shown before anything is stored."""

    lines = forms.CharField(
        label="Ärenden",
        strip=False,
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Klistra in listan som den är: rader, numrerade rader, en tabell eller CSV. "
        "Du ser vad som blev förstått innan det sparas.",
    )

    def clean_lines(self) -> list[PastedMatter]:
        matters = understand(self.cleaned_data["lines"])
        if not matters:
            raise ValidationError("Listan är tom.")
        if len(matters) > MOST_PASTED:
            raise ValidationError(f"Klistra in högst {MOST_PASTED} ärenden åt gången. Listan har {len(matters)}.")
        return matters


class MatterForm(forms.Form):
    """One matter of a pasted list, as it was understood and as it is corrected. Unticked, it is left out, whatever it holds."""

    take = forms.BooleanField(label="Ta med", required=False)
    title = Item._meta.get_field("title").formfield(required=True, label="Rubrik")
    references = ReferencesField(
        label="Diarienummer",
        required=False,
        most=MOST_REFERENCES,
        widget=forms.TextInput,
        help_text="Flera skrivs med komma emellan.",
    )
    presenter = Item._meta.get_field("presenter").formfield(required=False)
    board_agenda_no = Item._meta.get_field("board_agenda_no").formfield(
        required=False, widget=forms.TextInput(attrs={"class": "input--short"})
    )
    line = forms.IntegerField(widget=forms.HiddenInput, required=False)
    raw = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and not self.cleaned_data.get("take"):
            self._errors = ErrorDict()

    def clean(self) -> dict[str, Any]:
        for name in list(self.errors):
            if self.cleaned_data.get("take") and self["line"].value() and name != "raw":
                self.errors[name] = self.error_class([f"Rad {self['line'].value()}: {message}" for message in self.errors[name]])
        return self.cleaned_data

    @property
    def odd(self) -> list[str]:
        """Registry numbers that may be wrong."""
        return odd_references(getattr(self, "cleaned_data", {}).get("references") or [])

    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data.get(name) or "" for name in ("title", "presenter", "board_agenda_no")} | {
            "references": self.cleaned_data.get("references") or []
        }


MatterFormSet = forms.formset_factory(MatterForm, extra=0, max_num=MOST_PASTED, absolute_max=MOST_PASTED, validate_max=True)


def matters_understood(matters: list[PastedMatter]) -> Any:
    """The list as forms to look through: each bound to what was understood, so that what is wrong is told where it stands."""
    data: dict[str, Any] = {"arende-TOTAL_FORMS": len(matters), "arende-INITIAL_FORMS": len(matters)}
    for at, matter in enumerate(matters):
        row = {
            "title": matter.title,
            "references": ", ".join(matter.references),
            "presenter": matter.presenter,
            "board_agenda_no": matter.number,
            "line": matter.line,
            "raw": "".join(char if char.isprintable() else " " for char in matter.raw[:1000]),
        }
        data |= {f"arende-{at}-{name}": value for name, value in row.items()}
        if not matter.heading:
            data[f"arende-{at}-take"] = "on"
    formset = MatterFormSet(data, prefix="arende")
    for form, matter in zip(formset.forms, matters, strict=True):
        if matter.problem and matter.title:
            form.add_error(None, f"Rad {matter.line}: {matter.problem}")
    return formset


class NumberedParagraphs(forms.ModelChoiceField):
    """A paragraph of the meeting, shown with its preliminary number."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Paragraph.objects.none(), **kwargs)

    def of(self, meeting: Meeting, rows: list[Numbered]) -> None:
        self.queryset = Paragraph.objects.filter(meeting=meeting)
        self.choices = [("", self.empty_label), *((row.paragraph.pk, row.said) for row in rows)]


class ParagraphForm(forms.Form):
    """A paragraph that the template does not have."""

    heading = Paragraph._meta.get_field("heading").formfield(required=True)
    section = forms.ChoiceField(label="Avdelning", choices=Section, required=False)
    after = NumberedParagraphs(label="Efter", required=False, empty_label="Sist")

    def __init__(self, *args: Any, meeting: Meeting, rows: list, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["after"].of(meeting, rows)


class ChangeAgendaForm(forms.ModelForm):
    """An addition to, or a move in, the agenda."""

    paragraph = NumberedParagraphs(label="Under paragraf", required=False, empty_label="Ingen särskild")

    class Meta:
        model = AgendaChange
        fields = ["kind", "party", "subject", "appendix"]

    field_order = ["kind", "party", "subject", "paragraph", "appendix"]

    def __init__(self, *args: Any, meeting: Meeting, rows: list, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["paragraph"].of(meeting, rows)
        self.fields["party"].queryset = Party.objects.filter(mandates__group=meeting.group).distinct().with_names()
        self.fields["appendix"].queryset = meeting.appendices.all()


class AppendixForm(forms.Form):
    """A file with its description, or a text written here."""

    title = Appendix._meta.get_field("title").formfield(required=True)
    file = UploadField(required=False)
    description = Appendix._meta.get_field("description").formfield(
        required=False,
        label="Textalternativ",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Vad filen innehåller, för den som inte kan se den. Måste finnas till en fil.",
    )
    text = Appendix._meta.get_field("text").formfield(required=False, label="Eller skriv bilagans text här")
    description.sometimes = True  # a file needs it

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "file" in self.errors:
            return cleaned
        if cleaned.get("file") and cleaned.get("text"):
            said = "En bilaga är en fil eller en text, inte både och. Ta bort texten och välj filen igen, eller skicka texten."
            self.add_error("text", said)
            return cleaned
        if cleaned.get("file") and not (cleaned.get("description") or "").strip() and "description" not in self.errors:
            self.add_error("description", uploads.NO_DESCRIPTION)
        elif not cleaned.get("file") and not (cleaned.get("text") or "").strip() and "text" not in self.errors:
            self.add_error("file", "Välj en fil, eller skriv en text.")
        ask_for_the_file_again(self)
        return cleaned


class ReferForm(forms.Form):
    """Which appendices an item refers to."""

    appendices = forms.ModelMultipleChoiceField(
        label="Bilagor", queryset=Appendix.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, item: Item, numbers: dict[int, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = item.meeting.appendices.all()
        self.fields["appendices"].queryset = rows
        self.fields["appendices"].choices = [
            (row.pk, f"Bilaga {numbers[row.pk]}: {row}") for row in sorted(rows, key=lambda row: numbers[row.pk])
        ]
        self.initial["appendices"] = [link.appendix_id for link in item.appendix_links.all()]
