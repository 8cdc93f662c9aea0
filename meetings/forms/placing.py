"""Forms for the motions on an agenda: where one is placed, and to when one is put off."""

from datetime import date
from typing import Any

from django import forms
from django.utils.formats import date_format

from meetings.models import Appendix
from motions.models import Motion
from record.fields import TextLineFormField
from record.swedish import genitive


class PlaceForm(forms.Form):
    """Where a motion is taken up, and where it is printed."""

    motion = forms.IntegerField(widget=forms.HiddenInput)
    where = forms.ChoiceField(label="Tas upp under")
    printed = forms.ChoiceField(label="Skrivs ut")
    title = TextLineFormField(
        label="Rubrik på ny bilaga",
        required=False,
        max_length=Appendix._meta.get_field("title").max_length,
        help_text="Bara när du väljer en ny bilaga. Flera yrkanden kan sedan skrivas ut i samma.",
    )
    noted = forms.BooleanField(label="Berätta om det under Godkännande av dagordning", required=False)

    IN_TEXT, NEW = "text", "ny"

    def __init__(
        self, *args: Any, motion: Motion, places: list, appendices: list, party: str, placed: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, auto_id=f"motion{motion.pk}_%s", **kwargs)
        self.thing, self.placed = motion, placed
        self.fields["motion"].initial = motion.pk
        self.fields["where"].choices = [("", "Välj paragraf"), *places]
        self.fields["where"].error_messages["required"] = f"Välj under vilken paragraf ”{motion}” tas upp."
        self.fields["printed"].choices = [
            (self.IN_TEXT, "i protokollets text"),
            (self.NEW, "i en ny bilaga"),
            *((str(row.pk), f"i bilagan {row}") for row in appendices),
        ]
        what = motion.words.of_somebody if placed else motion.words.one
        self.fields["noted"].help_text = (
            f"Som flyttat: ”{genitive(party)} {what} flyttades till §\xa010 och dagordningen godkändes sedan.”"
            if placed
            else f"Som tillägg: ”Dagordningen godkändes med tillägg av {what} från {party} under §\xa010 …”"
        )


class PostponeForm(forms.Form):
    """To which meeting, and why."""

    until = forms.TypedChoiceField(
        label="Till vilket möte?", coerce=date.fromisoformat, empty_value=None, required=False, widget=forms.RadioSelect
    )
    why = TextLineFormField(
        label="Varför",
        max_length=500,
        help_text="Den fackliga organisationen får veta det, och det skrivs i protokollet om mötet har börjat.",
        error_messages={"required": "Skriv varför."},
    )

    def __init__(self, *args: Any, days: list[date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].sometimes = True  # one is always chosen: not "frivilligt"
        self.fields["until"].choices = [
            *((day.isoformat(), date_format(day, "j F Y").capitalize()) for day in days),
            ("", "Nästa möte, dagen är inte bestämd"),
        ]
