"""The forms of the approval, the archive and the check of a file."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from meetings.models import Meeting, Paragraph
from people.forms import AsksForBoth, log
from people.models import Group, PartyName, User
from protocol.models import Signature
from record.fields import TextFormField, TextWidget

MOST_BYTES = 25 * 1024 * 1024


class FreezeForm(forms.Form):
    """The last thing before the freeze."""

    privacy_reviewed = forms.BooleanField(
        label="Jag har granskat texten med tanke på enskildas uppgifter",
        help_text="Inga uppgifter om hälsa, och inte fler uppgifter om enskilda än vad ärendet behöver.",
        error_messages={"required": "Bekräfta att texten är granskad med tanke på enskildas uppgifter."},
    )


class RestoreFileForm(forms.Form):
    """The file that an appendix has lost; which appendix it belongs to, its checksum says."""

    file = forms.FileField(label="Samma fil som när bilagan lades till", help_text="Namnet får vara ett annat. Innehållet inte.")


class SignForm(AsksForBoth):
    """The password once more, the second step of whoever has one, and the hash of the text that the page showed."""

    password = forms.CharField(
        label="Ditt lösenord",
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "class": "input--medium"}),
        error_messages={"required": "Skriv ditt lösenord."},
    )
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, throttled: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="sign_%s", **kwargs)
        self.user, self.throttled = user, throttled
        self.ask_for_code(after="password")

    def clean_password(self) -> str:
        if self.throttled:
            log.warning("signing refused after too many tries: user %s", self.user.pk)
            raise ValidationError("Det har blivit för många försök. Vänta en minut och försök igen.")
        if not self.is_own_password(self.cleaned_data["password"]):
            raise ValidationError("Lösenordet stämmer inte. Försök igen.")
        return ""  # nothing needs it any more

    @property
    def method(self) -> str:
        """How the person has proved who they are."""
        return Signature.Method.TOTP if "code" in self.fields else Signature.Method.PASSWORD


class RequestChangeForm(forms.Form):
    """What a signer wants changed: where, what, and perhaps how it should read."""

    paragraph = forms.ModelChoiceField(
        Paragraph.objects.none(), label="Vilken paragraf gäller det?", required=False, empty_label="Hela protokollet"
    )
    comment = TextFormField(label="Vad behöver ändras?", required=False, widget=TextWidget({"rows": 4}))
    wording = TextFormField(label="Ditt förslag till text", required=False, widget=TextWidget({"rows": 4}))

    def __init__(self, *args: Any, meeting: Meeting, numbers: dict[int, int], **kwargs: Any) -> None:
        super().__init__(*args, auto_id="change_%s", **kwargs)
        self.fields["comment"].sometimes = self.fields["wording"].sometimes = True  # one of them is needed: not "frivilligt"
        self.fields["paragraph"].queryset = meeting.paragraphs.filter(pk__in=numbers)
        self.fields["paragraph"].label_from_instance = lambda paragraph: f"§ {numbers[paragraph.pk]}  {paragraph.heading}"


class RefuseForm(forms.Form):
    """Why the text stays as it is."""

    answer = TextFormField(
        label="Varför ändras inte texten?",
        widget=TextWidget({"rows": 3}),
        error_messages={"required": "Skriv varför texten inte ändras."},
    )


class WithdrawTextForm(forms.Form):
    """Why the text is taken back."""

    reason = TextFormField(
        label="Varför tas protokollet tillbaka?",
        help_text="Alla som skriver under får läsa skälet.",
        widget=TextWidget({"rows": 3}),
        error_messages={"required": "Skriv varför protokollet tas tillbaka."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="withdraw_%s", **kwargs)


class SearchForm(forms.Form):
    """What to look for in the archive; every choice comes from what the person may read."""

    q = forms.CharField(
        label="Sök ord i protokollen", max_length=200, required=False, widget=forms.TextInput(attrs={"type": "search"})
    )
    group = forms.ModelChoiceField(Group.objects.none(), label="Grupp", required=False, empty_label="Alla grupper")
    year = forms.TypedChoiceField(label="År", required=False, coerce=int, empty_value=None)
    said_by = forms.ChoiceField(label="Sagt av", required=False)

    def __init__(self, *args: Any, groups: list[int], years: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].queryset = Group.objects.filter(pk__in=groups)
        names = PartyName.objects.order_by("name").values_list("name", flat=True).distinct()
        self.fields["said_by"].choices = [("", "Vem som helst"), *((name, name) for name in names)]
        self.fields["year"].choices = [("", "Alla år"), *((year, str(year)) for year in years)]


class VerifyForm(forms.Form):
    """A file, or the checksum of one."""

    file = forms.FileField(
        label="PDF-filen",
        required=False,
        allow_empty_file=True,
        max_length=1000,
        help_text="Högst 25 MB. Filen läses men sparas inte.",
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
    )
    checksum = forms.CharField(
        label="eller klistra in en kontrollsumma",
        required=False,
        max_length=400,
        help_text="Står på protokollets sista sida och i mejlet om att det är förseglat.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and file.size > MOST_BYTES:
            raise ValidationError("Filen är större än 25 MB och kan inte kontrolleras här.")
        return file

    def clean_checksum(self) -> str:
        written = re.sub(r"sha-?256|[\s:]", "", self.cleaned_data["checksum"].lower())
        if written and not re.fullmatch(r"[0-9a-f]{32}|[0-9a-f]{64}", written):
            raise ValidationError("En kontrollsumma har 64 tecken (eller 32 i kortform): siffrorna 0–9 och bokstäverna a–f.")
        return written

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not (cleaned.get("file") or cleaned.get("checksum")):
            self.add_error("file", "Välj en fil, eller klistra in en kontrollsumma.")
        return cleaned
