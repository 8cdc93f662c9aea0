"""The forms of this room: invite somebody, choose one's first password, and say which mail one does without."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password

from people.letters import meant_for
from people.models import Person, User


class InviteForm(forms.Form):
    """Where the invitation goes."""

    email = forms.EmailField(
        label="E-postadress", max_length=254, help_text="Inbjudan skickas hit. Personen loggar sedan in med adressen."
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not person.protected:  # contact data of a protected person is never shown
            self.initial.setdefault("email", person.address)
        self.fields["email"].widget.attrs.update(autocomplete="off", spellcheck="false")


class MailForm(forms.Form):
    """The kinds of letter that one can get and may refuse, each ticked when it is wanted."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.silent = set(user.person.silences.values_list("kind", flat=True))
        for name, kind in meant_for(user).items():
            if kind.optional:
                self.fields[name] = forms.BooleanField(
                    label=kind.label, help_text=kind.why, required=False, initial=name not in self.silent
                )

    @property
    def silenced(self) -> set[str]:
        """The kinds that are not wanted; what was said of a kind that is not asked about stands."""
        return {name for name, wanted in self.cleaned_data.items() if not wanted} | (self.silent - self.fields.keys())


class ActivateForm(forms.Form):
    """Choose a password, twice."""

    password = forms.CharField(
        label="Lösenord", strip=False, max_length=4096, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    again = forms.CharField(
        label="Lösenordet igen", strip=False, max_length=4096, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["password"].help_text = " ".join(password_validators_help_texts())

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("password") and cleaned.get("again") and cleaned["password"] != cleaned["again"]:
            self.add_error("again", "Lösenorden är inte lika. Skriv samma lösenord två gånger.")
        return cleaned
