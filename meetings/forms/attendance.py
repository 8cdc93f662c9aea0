"""Forms for who is there: status, channel, comings and goings, breaks, who joins, adjusters, personnel, the next meeting."""

import datetime as dt
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from meetings.actions.attendance import MOST_PERSONNEL_REPS, REASONS
from meetings.language import names
from meetings.models import Attendance, Meeting, Paragraph
from meetings.models.meeting import instant
from meetings.reading.numbering import Numbered
from people.models import Mandate, Party, Person, Role, by_shown_name
from record.fields import DayField, TextLineFormField

_CLOCK = re.compile(r"([01]?\d|2[0-3])(?:\s*[.:]?\s*([0-5]\d))?")


class ClockField(forms.TimeField):
    """A time as people write it: 9, 9.05, 09:05, 905, kl. 9."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TimeInput(format="%H:%M", attrs={"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(**{"widget": widget} | kwargs)

    def to_python(self, value: Any) -> dt.time | None:
        if value in self.empty_values or isinstance(value, dt.time):
            return super().to_python(value)
        found = _CLOCK.fullmatch(re.sub(r"^kl\.?\s*", "", str(value).strip(), flags=re.I))
        if found is None or not str(value).isascii():
            raise ValidationError("Skriv ett klockslag, till exempel 9.30.", code="invalid")
        return dt.time(int(found[1]), int(found[2] or 0))


class StatusForm(forms.ModelForm):
    """How one person takes part. Only what is changed on this page is saved, so that two can mark at the same time."""

    class Meta:
        model = Attendance
        fields = ["status", "channel"]
        widgets = {"status": forms.RadioSelect, "channel": forms.TextInput(attrs={"list": "channels", "autocomplete": "off"})}

    # The order in which one marks people at a meeting.
    STATUSES = [
        (Attendance.Status.PRESENT, "Närvarande"),
        (Attendance.Status.EXCUSED, "Förhinder"),
        (Attendance.Status.ABSENT, "Frånvarande"),
        (Attendance.Status.EXPECTED, "Väntas"),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["status"].choices = self.STATUSES
        self.fields["channel"].help_text = ""
        for field in self.fields.values():
            field.show_hidden_initial = True

    def _post_clean(self) -> None:
        """The row itself is changed by the action, under its lock."""

    def status_initial(self) -> str:
        """What the status was when the page was made: radio buttons written one by one leave it out."""
        return self["status"].as_hidden(only_initial=True)

    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.changed_data}


class MoveForm(forms.Form):
    """One thing that happens to somebody's attendance: by a key on the strip, or by a button on the person's page.

    `ago` is for how many seconds a key has waited for the network; the clock is always the server's. `channel`, `last` and
    `movement` name what the button was about, so that a request that is sent again does nothing twice.
    """

    WHAT = ("here", "excused", "absent", "came", "went", "broken", "mended", "connect", "undo", "retime")
    UNDER = ("came", "went")

    what = forms.ChoiceField(choices=[(one, one) for one in WHAT], error_messages={"invalid_choice": "Knappen finns inte."})
    paragraph = forms.ModelChoiceField(
        Paragraph.objects.none(),
        label="Under",
        required=False,
        empty_label="– välj paragraf –",
        error_messages={"invalid_choice": "Paragrafen finns inte vid det här mötet längre."},
    )
    at = ClockField(label="Klockan", required=False, help_text="Tomt: nu.")
    ago = forms.IntegerField(required=False, min_value=0, max_value=12 * 3600)
    channel = TextLineFormField(required=False, max_length=40)
    last = TextLineFormField(required=False, max_length=40)
    movement = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)

    def __init__(
        self,
        *args: Any,
        meeting: Meeting,
        numbered: list[Numbered] | None = None,
        after: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["paragraph"]
        field.queryset = meeting.paragraphs.all()
        if numbered is not None:
            field.choices = [("", field.empty_label), *((row.paragraph.pk, row.said) for row in numbered)]
            keys = [paragraph.pk for _, paragraph in numbered]
            rest = numbered[keys.index(after) :] if after in keys else numbered
            # Where the meeting is: the first § that is not finished, and not before the one where the person last moved.
            self.initial.setdefault(
                "paragraph", next((paragraph.pk for number, paragraph in rest if number and not paragraph.done), after)
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        what = cleaned.get("what")
        if what in self.UNDER and not cleaned.get("paragraph") and "paragraph" not in self.errors:
            self.add_error("paragraph", "Välj under vilken paragraf.")
        if what == "retime" and not cleaned.get("at") and "at" not in self.errors:
            self.add_error("at", "Skriv ett klockslag.")
        pressed = timezone.localtime() - dt.timedelta(seconds=cleaned.get("ago") or 0)
        cleaned["at"] = cleaned.get("at") or pressed.time().replace(second=0, microsecond=0)
        return cleaned


class PresenceForm(forms.Form):
    """Under which §§ somebody was there."""

    paragraphs = forms.ModelMultipleChoiceField(
        Paragraph.objects.none(), label="Närvarande under", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, row: Attendance, numbered: list[Numbered], **kwargs: Any) -> None:
        chosen = (
            {presence.paragraph_id for presence in row.presences.all()}
            if row.partial
            else {paragraph.pk for _, paragraph in numbered}
        )
        super().__init__(*args, initial={"paragraphs": chosen}, **kwargs)
        field = self.fields["paragraphs"]
        field.queryset = row.meeting.paragraphs.all()
        field.choices = [(row.paragraph.pk, row.said) for row in numbered]


class InterruptionForm(forms.Form):
    """A broken line: from when, until when, under which §, and the technical reason."""

    starts = ClockField(label="Från")
    ends = ClockField(label="Till")
    paragraph = forms.ModelChoiceField(
        Paragraph.objects.none(), label="Under", required=False, empty_label="– ingen särskild paragraf –"
    )
    reason = forms.ChoiceField(label="Teknisk orsak", choices=[(one, one) for one in REASONS])

    def __init__(self, *args: Any, meeting: Meeting, numbered: list[Numbered], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meeting = meeting
        field = self.fields["paragraph"]
        field.queryset = meeting.paragraphs.all()
        field.choices = [("", field.empty_label), *((row.paragraph.pk, row.said) for row in numbered)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        starts, ends = cleaned.get("starts"), cleaned.get("ends")
        if starts and ends and ends <= starts:
            self.add_error("ends", "Avbrottet kan inte sluta innan det börjar.")
        return cleaned


class JoinForm(forms.Form):
    """Somebody who has no row yet: from the group's registry, or a new name."""

    person = forms.ModelChoiceField(Person.objects.none(), label="Person i gruppen", required=False, empty_label="– välj –")
    name = TextLineFormField(
        label="Eller ett nytt namn", max_length=120, required=False, help_text="För den som inte finns i gruppens register."
    )
    title = TextLineFormField(label="Titel", max_length=120, required=False, help_text="Som den ska stå i protokollet.")
    side = forms.ChoiceField(
        label="Sida",
        choices=[("employer", "Arbetsgivaren"), ("employee", "Arbetstagarna"), ("official", "Tjänsteperson, föredragande")],
        widget=forms.RadioSelect,
    )
    party = forms.ModelChoiceField(Party.objects.none(), label="Facklig organisation", required=False, empty_label="– ingen –")
    co_opted = forms.BooleanField(label="Adjungerad", required=False, help_text="Deltar utan att ha en plats i gruppen.")

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meant = self._look_alikes(meeting) if self.is_bound else {}
        if self.meant:
            name = self["name"].value().strip()
            choices = [(str(pk), who) for pk, who in self.meant.items()]
            self.fields["meant"] = forms.ChoiceField(
                label="Menade du någon av dem som redan finns?",
                choices=[*choices, ("new", f"Nej, lägg till {name}")],
                widget=forms.RadioSelect,
                error_messages={"required": "Namnet liknar någon som redan finns. Välj vem du menade."},
            )
            self.order_fields(["person", "name", "meant", "title", "side", "party", "co_opted"])
        there = meeting.attendances.values("person")
        members = meeting.group.mandates.valid_on(meeting.date).exclude(role__in=[Role.HR, Role.AUDITOR]).values("person")
        self.fields["person"].queryset = (
            Person.objects.filter(pk__in=members).exclude(pk__in=there).order_by(by_shown_name(), "pk")
        )
        self.fields["party"].queryset = Party.objects.unions().with_names()

    def _look_alikes(self, meeting: Meeting) -> dict[int, str]:
        """Persons of the group or its earlier meetings whose name is near the written one; nobody when one is chosen."""
        written = str(self.data.get(self.add_prefix("name")) or "").strip()
        if not written or len(written) > 120 or self.data.get(self.add_prefix("person")):
            return {}
        seats = meeting.group.mandates.valid_on(meeting.date).values("person")
        earlier = Attendance.objects.filter(meeting__group=meeting.group_id).values("person")
        known = Person.objects.filter(Q(pk__in=seats) | Q(pk__in=earlier)).order_by(by_shown_name(), "pk")
        titles = dict(
            Attendance.objects.filter(meeting__group=meeting.group_id)
            .order_by("pk")
            .values_list("person", "title")
            .exclude(title="")
        )
        return {
            person.pk: ", ".join(part for part in (person.display, titles.get(person.pk, "")) if part)
            for person in known
            if names.near(written, [person.display])
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        chosen = cleaned.pop("meant", "new")
        if chosen != "new":
            cleaned["person"], cleaned["name"] = Person.objects.get(pk=chosen), ""
        if not self.errors and bool(cleaned.get("person")) == bool(cleaned.get("name")):
            self.add_error(
                "name",
                "Välj en person eller skriv ett namn, inte båda."
                if cleaned.get("name")
                else "Välj en person eller skriv ett namn.",
            )
        if cleaned.get("party") and cleaned.get("side") not in (None, "employee"):
            self.add_error("party", "En facklig organisation hör till arbetstagarnas sida.")
        return cleaned


class ElectForm(forms.Form):
    """The adjusters, among those present, and the day of adjustment."""

    adjusters = forms.ModelMultipleChoiceField(
        Attendance.objects.none(),
        label="Justerare",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Välj minst en justerare."},
    )
    adjustment_day = DayField(label="Justeringsdag", required=False)

    def __init__(self, *args: Any, rows: list[Attendance], words: dict[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["adjusters"]
        field.queryset = Attendance.objects.filter(pk__in=[row.pk for row in rows])
        field.choices = [(row.pk, words[row.pk]) for row in rows]
        self.sides = {row.pk: row.side for row in rows}

    def clean_adjusters(self) -> list[Attendance]:
        chosen = list(self.cleaned_data["adjusters"])
        if not any(self.sides.get(row.pk) == Attendance.Side.EMPLOYEE for row in chosen):
            raise ValidationError("Minst en justerare måste vara från arbetstagarsidan.")
        return chosen


class PersonnelForm(forms.Form):
    """Who goes to the board for the staff: from the unions' seats in the group, also those who are not here today."""

    persons = forms.MultipleChoiceField(
        label="Personalföreträdare",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=f"Högst {MOST_PERSONNEL_REPS}. Ingen markerad betyder att ingen är vald.",
    )

    def __init__(self, *args: Any, seats: list[Mandate], words: dict[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seats = {str(seat.pk): seat for seat in seats}
        self.fields["persons"].choices = [(str(seat.pk), words[seat.pk]) for seat in seats]

    def clean_persons(self) -> list[tuple[Person, Party | None]]:
        chosen = {seat.person_id: (seat.person, seat.party) for seat in (self.seats[key] for key in self.cleaned_data["persons"])}
        if len(chosen) > MOST_PERSONNEL_REPS:
            raise ValidationError(f"Välj högst {MOST_PERSONNEL_REPS} personalföreträdare.")
        return list(chosen.values())


class NextForm(forms.ModelForm):
    """When and where the group meets next."""

    next_at = ClockField(label="Klockan", required=False)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    class Meta:
        model = Meeting
        fields = ["next_on", "next_at", "next_place"]
        labels = {"next_on": "Dag", "next_place": "Plats"}
        field_classes = {"next_on": DayField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.instance.version

    def _post_clean(self) -> None:
        """The meeting itself is changed by the action, under its lock."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        day, clock, today = cleaned.get("next_on"), cleaned.get("next_at"), self.instance.date
        if day and today and day <= today:
            self.add_error("next_on", "Nästa möte måste vara efter det här.")
        if clock and not day:
            self.add_error("next_on", "Skriv vilken dag.")
        if day and clock:
            try:
                instant(day, clock)
            except ValidationError as error:
                self.add_error("next_at", error)
        return cleaned
