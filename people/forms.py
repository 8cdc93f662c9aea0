"""The forms of this room: invite somebody, choose a password, prove who one is, and say which mail one does without."""

import logging
from typing import Any

from allauth.account.forms import ChangePasswordForm, ReauthenticateForm, ResetPasswordForm
from allauth.account.models import EmailAddress
from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError

from people.allauth import has_second_step, use_second_step
from people.hashing import Crowded
from people.letters import meant_for
from people.models import Person, User

log = logging.getLogger("people.accounts")  # whatever fails to prove who one is stands under one name
AGAIN = "Vänta på nästa kod och försök igen. En reservkod gäller en enda gång."


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


class AsksForBoth(forms.Form):
    """A form that asks `user` for the password, and for a code too when they have a second step.

    The code is used up last, when all the rest is in order: nobody finds one out without the password, and a slip costs none.
    """

    def ask_for_code(self, *, after: str) -> None:
        """Add the field, after the one of the password, for somebody who has a second step."""
        if has_second_step(self.user):
            self.fields["code"] = forms.CharField(
                label="Kod från din autentiseringsapp",
                max_length=20,
                widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "input--medium"}),
                help_text="Sex siffror, eller en av dina reservkoder. En kod gäller en gång: har du nyss använt den, "
                "vänta på nästa.",
                error_messages={"required": "Skriv koden från din autentiseringsapp, eller en reservkod."},
            )
            names = [name for name in self.fields if name != "code"]
            names.insert(names.index(after) + 1, "code")
            self.order_fields(names)

    def is_own_password(self, password: str) -> bool:
        """Whether it is the password of the user; one that is not leaves a line in the log.

        Raises ValidationError when so many others are asked for theirs that it could not be looked at.
        """
        try:
            right = self.user.check_password(password)
        except Crowded as crowded:
            raise ValidationError(str(crowded)) from None
        if not right:
            log.warning("wrong password from somebody who is logged in: user %s", self.user.pk)
        return right

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and "code" in self.fields:
            try:
                use_second_step(self.user, cleaned["code"])
            except ValidationError as error:
                self.add_error(
                    "code", " ".join([*error.messages, "Vänta på nästa kod och försök igen. En reservkod gäller en enda gång."])
                )
        return cleaned


class ProveForm(AsksForBoth, ReauthenticateForm):
    """Prove once more who one is, before something that is protected."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ask_for_code(after="password")

    def clean_password(self) -> str:
        try:
            return super().clean_password()
        except Crowded as crowded:
            raise ValidationError(str(crowded)) from None


class NewPasswordForm(AsksForBoth, ChangePasswordForm):
    """Another password, by whoever knows the old one and has the second step."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ask_for_code(after="oldpassword")

    def clean_oldpassword(self) -> str:
        self.is_own_password(self.cleaned_data["oldpassword"])
        return super().clean_oldpassword()


class ForgottenForm(ResetPasswordForm):
    """A link to another password, sent only to an address that its owner has confirmed, or where an invitation waits."""

    def clean_email(self) -> str:
        email = super().clean_email()
        confirmed = set(EmailAddress.objects.filter(email__iexact=email, verified=True).values_list("user", flat=True))
        self.users = [
            user
            for user in self.users
            if user.pk in confirmed or (not user.has_usable_password() and user.email.lower() == email.lower())
        ]
        return email
