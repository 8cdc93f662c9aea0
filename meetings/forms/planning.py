"""Forms for the facts of a meeting: when, where, who leads it, who cannot come."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from meetings.models import Meeting
from meetings.reading.calendar import next_working_day
from people.models import Group, Mandate, Person, Role, User, by_shown_name, today
from record.fields import DayField
from record.text import TextError, stored_line

MOST_CHANNELS = 5
LONGEST_LINE = 200


class LinesField(forms.CharField):
    """One thing on each line; a list of strings."""

    widget = forms.Textarea

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        self.most = most
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def parts_of(self, written: str) -> list[str]:
        """The things as they were written, empty ones left out."""
        return [line for line in written.splitlines() if line.strip()]

    def is_long(self, written: str | None) -> bool:
        """Is it more than as many as may be, with room for space around each? Then it is not taken apart."""
        return len(written or "") > 2 * self.most * (LONGEST_LINE + 1)

    def clean(self, value: Any) -> list[str]:
        if self.is_long(value):
            raise ValidationError(f"Skriv högst {self.most} rader om {LONGEST_LINE} tecken.")
        written = self.parts_of(super().clean(value))
        if len(written) > self.most:
            raise ValidationError(f"Skriv högst {self.most} rader.")
        lines = []
        for line in written:
            try:
                line = stored_line(line)
            except TextError as error:
                raise ValidationError(error.what, code="text") from error
            if line:
                lines.append(line)
        if any(len(line) > LONGEST_LINE for line in lines):
            raise ValidationError(f"En rad får vara högst {LONGEST_LINE} tecken.")
        return lines

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.is_long(data) or (initial or []) != self.parts_of(data or "")


def time_input() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class MeetingForm(forms.ModelForm):
    """When and where. Used to plan a meeting and to change one; `version` says which one was read."""

    channels = LinesField(
        label="Digitala kanaler",
        required=False,
        most=MOST_CHANNELS,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="En per rad, till exempel Teams.",
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Meeting
        fields = ["date", "starts", "ends", "place", "board_meets_on", "deadline"]
        widgets = {
            "starts": time_input(),
            "ends": time_input(),
            "deadline": forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        }
        field_classes = {"date": DayField, "board_meets_on": DayField}
        help_texts = {
            "ends": "Måste finnas när protokollet skickas till justering.",
            "deadline": "Visas för de fackliga organisationerna.",
        }

    field_order = ["date", "starts", "ends", "place", "channels", "board_meets_on", "deadline", "version"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["date"].required = True
        self.fields["starts"].required = True
        self.fields["ends"].sometimes = True  # when the protocol is sent for approval: not "frivilligt"
        self.fields["channels"].initial = self.instance.channels
        if self.instance.pk:
            self.fields["version"].initial = self.instance.version
        if not self.instance.group.board_id:
            del self.fields["board_meets_on"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        date, board = cleaned.get("date"), cleaned.get("board_meets_on")
        if date and not 2000 <= date.year <= today().year + 5:
            self.add_error("date", "Kontrollera året.")
        if date and board and board <= date:
            self.add_error("board_meets_on", "Nämnden sammanträder efter gruppens möte. Kontrollera dagen.")
        return cleaned

    def facts(self) -> dict[str, Any]:
        """What was filled in, for the action; the day of adjustment follows a new date."""
        facts = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        if "date" in self.changed_data or not self.instance.pk:
            facts["adjustment_day"] = next_working_day(facts["date"])
        return facts


class BoardDayForm(forms.Form):
    """Which days suit, counted back from the board's meeting."""

    board = DayField(label="Nämnden sammanträder", required=False)
    before = forms.IntegerField(label="Dagar före", required=False, min_value=1, max_value=60)


class PersonChoice(forms.ModelChoiceField):
    """A person with a seat in the group, shown by name."""

    def label_from_instance(self, person: Person) -> str:
        return person.display


class AppointForm(forms.Form):
    """Who chairs and who keeps the minutes, among those with a seat on the meeting's day."""

    chair = PersonChoice(label="Ordförande", queryset=Person.objects.none(), required=False, empty_label="Inte bestämt")
    secretary = PersonChoice(label="Sekreterare", queryset=Person.objects.none(), required=False, empty_label="Inte bestämt")

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seats = meeting.group.mandates.valid_on(meeting.date or today()).exclude(role__in=[Role.HR, Role.AUDITOR])
        persons = Person.objects.filter(mandates__in=seats).distinct().order_by(by_shown_name(), "pk")
        for name in ("chair", "secretary"):
            officer = meeting.officer(name)
            field = self.fields[name]
            field.queryset = persons | Person.objects.filter(pk=officer.person_id).distinct() if officer else persons
            if officer:
                field.initial, field.empty_label, field.required = officer.person_id, None, True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("chair") and cleaned.get("chair") == cleaned.get("secretary"):
            self.add_error("secretary", "Ordförande och sekreterare måste vara olika personer.")
        return cleaned


class CancelForm(forms.Form):
    """Why the meeting is off; it is told to everybody who was called."""

    why = Meeting._meta.get_field("cancelled_why").formfield(
        required=True, label="Skäl", help_text="Skälet skickas till alla som är kallade. Skriv inget om enskilda personer."
    )


class CallForm(forms.Form):
    """How many notices had gone out when the page was shown: two clicks are one notice."""

    seen = forms.IntegerField(widget=forms.HiddenInput)


class MandateChoice(forms.ModelChoiceField):
    def label_from_instance(self, mandate: Mandate) -> str:
        what = mandate.title or mandate.get_role_display()
        return f"{what}, {mandate.party}" if mandate.party_id else what


class SubstituteChoice(forms.ModelChoiceField):
    def label_from_instance(self, mandate: Mandate) -> str:
        return f"{mandate.person.display}, {mandate.party}"


class DeclineForm(forms.Form):
    """One's own seat, and who comes instead: a substitute of the same party. Why is not asked."""

    mandate = MandateChoice(label="Vilket uppdrag gäller det?", queryset=Mandate.objects.none(), empty_label=None)
    substitute = SubstituteChoice(
        label="Ersättare",
        queryset=Mandate.objects.none(),
        required=False,
        empty_label="Ingen ersättare",
        help_text="Ersättaren får ett mejl.",
    )

    def __init__(self, *args: Any, group: Group, user: User, day, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seats = (
            group.mandates.valid_on(day)
            .select_related("person", "party")
            .prefetch_related("party__names")
            .order_by("position", "pk")
        )
        own = seats.filter(person=user.person_id).exclude(role__in=[Role.HR, Role.AUDITOR])
        self.own = list(own)
        self.fields["mandate"].queryset = own
        if len(self.own) == 1:
            self.fields["mandate"].widget = forms.HiddenInput()
            self.fields["mandate"].initial = self.own[0].pk
        parties = {mandate.party_id for mandate in self.own if mandate.party_id}
        substitutes = seats.filter(role=Role.SUBSTITUTE, party__in=parties).exclude(person=user.person_id)
        self.fields["substitute"].queryset = substitutes
        if not substitutes:
            self.fields["substitute"].help_text = "Det finns ingen ersättare för din part i registret. Kontakta HR om det är fel."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        mandate, substitute = cleaned.get("mandate"), cleaned.get("substitute")
        if mandate and substitute and mandate.party_id != substitute.party_id:
            self.add_error("substitute", "Ersättaren måste vara utsedd av samma part.")
        return cleaned
