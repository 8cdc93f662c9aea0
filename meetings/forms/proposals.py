"""Forms for proposals to the agenda: propose, place under a §, return with a reason."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from meetings.forms.agenda import NumberedParagraphs
from meetings.models import Meeting, Proposal
from meetings.reading.numbering import Numbered
from people.models import Party
from record import uploads
from record.fields import TextWidget, UploadField
from record.forms import ask_for_the_file_again


def _field(name: str, **options: Any) -> forms.Field:
    return Proposal._meta.get_field(name).formfield(**options)


class ProposeForm(forms.Form):
    """What one wants taken up, and perhaps a file about it."""

    title = _field("title", help_text="Vad punkten ska heta på dagordningen. Skriv inga namn på enskilda personer.")
    text = _field("text", required=False, label="Vad gäller det?", widget=TextWidget({"rows": 6}))
    file = UploadField(required=False)
    description = _field(
        "description",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Vad filen innehåller, för den som inte kan se den. Måste finnas till en fil.",
    )

    def __init__(self, *args: Any, parties: list[Party], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["description"].sometimes = True  # a file needs it
        self.parties = parties
        if len(parties) > 1:
            choices = [(party.pk, str(party)) for party in parties]
            self.fields["party"] = forms.TypedChoiceField(label="Du föreslår för", choices=choices, coerce=int)
            self.order_fields(["party"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        described = (cleaned.get("description") or "").strip()
        if cleaned.get("file") and not described and "description" not in self.errors:
            self.add_error("description", uploads.NO_DESCRIPTION)
        elif described and not cleaned.get("file") and "file" not in self.errors:
            # Browsers never keep a chosen file when a form comes back.
            self.add_error("file", "Välj filen som textalternativet hör till, eller töm textalternativet.")
        ask_for_the_file_again(self)
        return cleaned

    def facts(self) -> dict[str, Any]:
        """What the action takes; somebody with one union speaks for that."""
        facts = {name: self.cleaned_data[name] for name in ("title", "text", "file", "description")}
        wanted = self.cleaned_data.get("party")
        facts["party"] = next((party for party in self.parties if wanted in (None, party.pk)), None)
        return facts


class PlaceProposalForm(forms.Form):
    """Under which § and by what name."""

    title = _field("title", label="Rubrik på dagordningen")
    paragraph = NumberedParagraphs(label="Tas upp under", empty_label="Välj paragraf")
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, meeting: Meeting, rows: list[Numbered], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["paragraph"].of(meeting, rows)


class ReturnProposalForm(forms.Form):
    """Why not; the one who proposed reads it."""

    reason = _field(
        "reason",
        label="Skäl",
        required=True,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Den som föreslog får ett mejl och läser skälet på mötets sida. Skriv också vad som kan göras i stället.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean_reason(self) -> str:
        reason = self.cleaned_data["reason"]
        if not reason.strip():
            raise ValidationError("Skriv varför förslaget lämnas tillbaka.")
        return reason
