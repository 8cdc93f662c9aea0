"""Forms for the agenda: paragraphs, items, changes, appendices, and where a motion is placed."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from meetings import uploads
from meetings.forms.planning import LinesField
from meetings.models import AgendaChange, Appendix, Item, Meeting, Paragraph
from meetings.models.template import Section
from motions.models import Motion
from people.models import Party
from record.text import TextError, stored_line

# AMN 2020-0276-1.6, AMN 2016-0222, KS 2020/779, DNR 325-2196/09: what a registry number looks like. Others are kept, with a warning.
DNR = re.compile(r"[A-ZÅÄÖ]{2,5} \d{4}(-\d{4}(-\d{1,2}(\.\d{1,2})*)?|/\d{1,6})|DNR \d{1,4}-\d{1,5}/\d{2,4}", re.I)
MOST_REFERENCES = 10
MOST_PASTED = 60


def odd_references(references: list[str]) -> list[str]:
    """Those that do not look like a registry number."""
    return [reference for reference in references if not DNR.fullmatch(reference)]


def split_references(written: str) -> list[str]:
    """The registry numbers in a cell: between commas or on lines of their own."""
    return [part.strip() for part in re.split(r"[,\n]", written) if part.strip()]


class ReferencesField(LinesField):
    """Registry numbers on lines or between commas."""

    def clean(self, value: Any) -> list[str]:
        return super().clean("\n".join(split_references(value or "")))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != split_references(data or "")


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
        fields = ["kind", "title", "presenter", "board_agenda_no"]
        help_texts = {"presenter": "Helst en titel, till exempel HR-chef."}

    field_order = ["kind", "title", "references", "presenter", "board_agenda_no", "version"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].required = True
        self.fields["references"].initial = self.instance.references
        if self.instance.pk:
            del self.fields["kind"]
            self.fields["version"].initial = self.instance.version
            if self.instance.kind != Item.Kind.BOARD_MATTER:
                del self.fields["board_agenda_no"]

    def facts(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name not in ("version", "kind")}


class PasteForm(forms.Form):
    """Several board matters at once, one on each line: title ; registry numbers ; presenter."""

    lines = forms.CharField(
        label="Ärenden",
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Ett ärende per rad: rubrik ; diarienummer ; föredragande. Bara rubriken måste finnas.",
    )

    def clean_lines(self) -> list[dict[str, Any]]:
        rows = []
        for number, line in enumerate(self.cleaned_data["lines"].splitlines(), start=1):
            if not line.strip():
                continue
            try:
                parts = [stored_line(part) for part in line.split(";")]
            except TextError as error:
                raise ValidationError(f"Rad {number}: {error.what}") from error
            title, references, presenter = [*parts, "", ""][:3]
            if (
                not title
                or len(parts) > 3
                or len(title) > 500
                or len(presenter) > 200
                or len(split_references(references)) > MOST_REFERENCES
            ):
                raise ValidationError(f"Rad {number} går inte att läsa. Skriv: rubrik ; diarienummer ; föredragande.")
            rows.append({"title": title, "references": split_references(references), "presenter": presenter})
        if len(rows) > MOST_PASTED:
            raise ValidationError(f"Klistra in högst {MOST_PASTED} ärenden åt gången.")
        return rows


class NumberedParagraphs(forms.ModelChoiceField):
    """A paragraph of the meeting, shown with its preliminary number."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Paragraph.objects.none(), **kwargs)

    def of(self, meeting: Meeting, rows: list[tuple[int | None, Paragraph]]) -> None:
        self.queryset = Paragraph.objects.filter(meeting=meeting)
        self.choices = [("", self.empty_label), *((paragraph.pk, said(number, paragraph)) for number, paragraph in rows)]


def said(number: int | None, paragraph: Paragraph) -> str:
    """§ 7 Rubrik, or the heading alone when it has no number."""
    return f"§ {number} {paragraph.heading}" if number else paragraph.heading


class ParagraphForm(forms.Form):
    """A paragraph that the template does not have."""

    heading = Paragraph._meta.get_field("heading").formfield(required=True)
    section = forms.ChoiceField(label="Avdelning", choices=Section, required=False)
    after = NumberedParagraphs(label="Efter", required=False, empty_label="Sist")

    def __init__(self, *args: Any, meeting: Meeting, rows: list, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["after"].of(meeting, rows)


class ChangeForm(forms.ModelForm):
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
    file = forms.FileField(
        label="Fil",
        required=False,
        widget=forms.FileInput(attrs={"accept": uploads.ACCEPT}),
        help_text="PDF, Word, PowerPoint, Excel, OpenDocument, PNG eller JPEG, högst 25 MB.",
    )
    description = Appendix._meta.get_field("description").formfield(
        required=False, label="Textalternativ", widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Vad filen innehåller, för den som inte kan se den. Måste finnas till en fil.",
    )  # fmt: skip
    text = Appendix._meta.get_field("text").formfield(required=False, label="Eller skriv bilagans text här")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "file" in self.errors:
            return cleaned
        if cleaned.get("file") and cleaned.get("text"):
            self.add_error("text", "Välj en fil eller skriv en text, inte både och.")
        elif cleaned.get("file") and not (cleaned.get("description") or "").strip() and "description" not in self.errors:
            self.add_error("description", "Beskriv vad filen innehåller, för den som inte kan se den.")
        elif not cleaned.get("file") and not (cleaned.get("text") or "").strip() and "text" not in self.errors:
            self.add_error("file", "Välj en fil, eller skriv en text.")
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


class PlaceForm(forms.Form):
    """Where a motion is taken up, and where it is printed."""

    motion = forms.IntegerField(widget=forms.HiddenInput)
    where = forms.ChoiceField(label="Tas upp under")
    printed = forms.ChoiceField(label="Skrivs ut")

    IN_TEXT, NEW = "text", "ny"

    def __init__(self, *args: Any, motion: Motion, places: list, appendices: list, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"motion{motion.pk}_%s", **kwargs)
        self.thing = motion
        self.fields["motion"].initial = motion.pk
        self.fields["where"].choices = [("", "Välj paragraf"), *places]
        self.fields["printed"].choices = [
            (self.IN_TEXT, "i protokollets text"),
            (self.NEW, "i en ny bilaga"),
            *((str(row.pk), f"i bilagan {row}") for row in appendices),
        ]
