"""Forms of the balance list: a new promise, what was said of it, and the list's filters."""

import hashlib
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from meetings.models import BalanceItem, BalanceNote, Meeting, Paragraph
from meetings.reading.numbering import numbers_now
from meetings.states import State
from people.models import Group, Person, Role, by_shown_name, today
from record.fields import DayField, TextFormField, TextLineFormField


def digest(text: str) -> str:
    """What a page says it has read, without repeating it."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class OpenBalanceForm(forms.Form):
    """A new promise."""

    title = TextLineFormField(label="Vad som ska göras", max_length=500)
    owner = forms.ModelChoiceField(Person.objects.none(), label="Ansvarig", required=False, empty_label="– ingen utsedd –")
    due = DayField(label="Klart senast", required=False)
    meeting = forms.ModelChoiceField(Meeting.objects.none(), label="Uppkom vid", required=False, empty_label="– inget möte –")
    paragraph = forms.ModelChoiceField(
        Paragraph.objects.none(), label="Under", required=False, empty_label="– ingen särskild paragraf –"
    )

    def __init__(self, *args: Any, group: Group, meetings: list[Meeting], draft: Meeting | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = members(group)
        self.fields["meeting"].queryset = Meeting.objects.filter(pk__in=[meeting.pk for meeting in meetings]).select_related(
            "group"
        )
        if draft is None:
            del self.fields["paragraph"]
        else:
            self.fields["paragraph"].queryset = draft.paragraphs.all()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        paragraph, meeting = cleaned.get("paragraph"), cleaned.get("meeting")
        if paragraph is not None and (meeting is None or paragraph.meeting_id != meeting.pk):
            self.add_error("paragraph", "Paragrafen hör till ett annat möte. Välj det mötet, eller ingen paragraf.")
        return cleaned


def members(group: Group) -> Any:
    """Those who can own a promise in the group: everybody with a seat today."""
    seats = group.mandates.valid_on(today()).exclude(role=Role.AUDITOR).values("person")
    return Person.objects.filter(pk__in=seats).order_by(by_shown_name(), "pk")


class NoteForm(forms.Form):
    """What was said of a promise at a meeting. `seen` tells which note was on the page."""

    text = TextFormField(label="Anteckning", required=False)
    meeting = forms.ModelChoiceField(Meeting.objects.none(), label="Möte", empty_label=None)
    closes = forms.BooleanField(
        label="Punkten är klar och avslutas", required=False, help_text="Skriv i anteckningen vad som är gjort."
    )
    under = forms.ModelChoiceField(
        Paragraph.objects.none(),
        label="Avslutas under",
        required=False,
        empty_label=None,
        help_text="Behövs bara när punkten avslutas.",
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, meetings: list[Meeting], texts: dict[int, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.texts = texts
        self.fields["meeting"].queryset = Meeting.objects.filter(pk__in=[meeting.pk for meeting in meetings]).select_related(
            "group"
        )
        self._offer_closing([meeting for meeting in meetings if meeting.state == State.DRAFT])
        if len(meetings) == 1:
            self.fields["meeting"].widget = forms.HiddenInput()
        if meetings:
            self.initial.setdefault("meeting", meetings[0].pk)
            self.initial.setdefault("text", texts.get(meetings[0].pk, ""))
            self.initial.setdefault("seen", digest(texts.get(meetings[0].pk, "")))

    def _offer_closing(self, begun: list[Meeting]) -> None:
        """Under which § of a protocol that is being written; a meeting that has not begun closes nothing."""
        if not begun:
            del self.fields["closes"], self.fields["under"]
            return
        agendas = [(meeting, numbers_now(meeting)) for meeting in begun]
        field = self.fields["under"]
        field.queryset = Paragraph.objects.filter(meeting__in=begun)
        said = [
            (str(meeting), [(line.paragraph.pk, line.said) for line in numbers if line.number is not None])
            for meeting, numbers in agendas
        ]
        field.choices = said if len(said) > 1 else said[0][1]
        own = [row.pk for _, numbers in agendas for _, row in numbers if row.slug == "balance"]
        self.initial.setdefault("under", own[0] if own else None)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("closes") and "text" in cleaned and not cleaned["text"].strip():
            self.add_error("text", "Skriv vad som är gjort för att avsluta punkten.")
        meeting, under = cleaned.get("meeting"), cleaned.get("under")
        if cleaned.get("closes") and under is not None and meeting is not None and under.meeting_id != meeting.pk:
            self.add_error("under", "Paragrafen hör till ett annat möte. Välj en paragraf i det möte som anteckningen gäller.")
        if meeting is not None and not self.errors:
            standing = self.texts.get(meeting.pk, "")
            # Only the note that was shown may be replaced unseen; another meeting's note must be empty.
            if standing and digest(standing) != cleaned.get("seen") and standing != cleaned["text"]:
                self._show(meeting.pk)
                raise ValidationError(
                    f"Det står redan en anteckning vid det mötet: ”{standing}” Ta med den i din text och spara igen.",
                    code="stale",
                )
            cleaned["standing"] = standing
        return cleaned

    def stands_now(self, note: BalanceNote) -> str:
        """Somebody else noted meanwhile. The words that tell what; once they have been read, the next save may replace it."""
        self.texts[note.meeting_id] = note.text
        self._show(note.meeting_id)
        return f"Någon annan antecknade just: ”{note.text}” Ta med det i din text och spara igen."

    def _show(self, meeting: int) -> None:
        """The note that stands is shown with the form: from now on it counts as seen."""
        self.data = self.data.copy()
        self.data["seen"] = digest(self.texts.get(meeting, ""))

    def facts(self) -> dict[str, Any]:
        """What is noted where, and over what."""
        return {name: self.cleaned_data[key] for name, key in (("meeting", "meeting"), ("text", "text"), ("seen", "standing"))}

    def closing(self) -> dict[str, Any]:
        """Whether the note closes the promise, and under which §."""
        return {"closes": bool(self.cleaned_data.get("closes")), "under": self.cleaned_data.get("under")}


class ReportForm(NoteForm):
    """The owner tells how it goes; closing is the secretary's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("closes", "under"):
            self.fields.pop(name, None)
        self.fields["text"].label = "Så här går det"
        self.fields["text"].required = True
        self.fields["text"].error_messages["required"] = "Skriv hur det går."


class ChangeBalanceForm(forms.Form):
    """What is promised, by whom and until when."""

    title = TextLineFormField(label="Vad som ska göras", max_length=500)
    owner = forms.ModelChoiceField(Person.objects.none(), label="Ansvarig", required=False, empty_label="– ingen utsedd –")
    due = DayField(label="Klart senast", required=False)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, item: BalanceItem, **kwargs: Any) -> None:
        initial = {"title": item.title, "owner": item.owner_id, "due": item.due, "version": item.version}
        super().__init__(*args, initial=initial, **kwargs)
        people = members(item.group)
        self.fields["owner"].queryset = people | Person.objects.filter(pk=item.owner_id) if item.owner_id else people


class ReferBalanceForm(forms.Form):
    """To which group a promise is sent, and why."""

    to = forms.ModelChoiceField(Group.objects.none(), label="Grupp", empty_label="– välj grupp –")
    why = TextFormField(
        label="Följebrev", required=False, help_text="Vad ni vill att gruppen gör. Syns för alla som läser deras balanslista."
    )

    def __init__(self, *args: Any, item: BalanceItem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = neighbours(item.group)
        self.fields["to"].error_messages["required"] = "Välj vilken grupp punkten ska skickas till."


def neighbours(group: Group) -> Any:
    """The other groups of the same tree that meet today."""
    top = group
    while top.parent is not None:
        top = top.parent
    rows = Group.objects.meeting_groups().filter(pk__in=Group.subtrees({top.pk})[top.pk]).exclude(pk=group.pk)
    return rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=today()))


class BalanceFilterForm(forms.Form):
    """What of the list to show."""

    q = forms.CharField(label="Sök", required=False, max_length=100)
    group = forms.ChoiceField(label="Grupp", required=False)
    owner = forms.ChoiceField(label="Ansvarig", required=False)
    state = forms.ChoiceField(
        label="Visa", required=False, choices=[("", "öppna"), ("overdue", "försenade"), ("closed", "avslutade"), ("all", "alla")]
    )

    def __init__(self, *args: Any, groups: list[Group], owners: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].choices = [("", "alla")] + [(str(group.pk), str(group)) for group in groups]
        self.fields["owner"].choices = [("", "alla"), ("none", "ingen utsedd")] + [(str(pk), name) for pk, name in owners]
        if len(groups) < 2:
            del self.fields["group"]
