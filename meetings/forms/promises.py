"""The form that follows a sentence up: at the desk in a dialog, without scripts on a page of its own."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q

from meetings.actions.promises import LONGEST_TITLE, next_meeting_day
from meetings.forms.balance import members
from meetings.models import Attendance, Meeting
from people.models import Group, Person, by_shown_name
from record.fields import DayField, TextLineFormField

LONGEST = 2000


class SentenceForm(forms.Form):
    """A sentence, and who follows it up until when."""

    sentence = TextLineFormField(
        label="Mening",
        max_length=LONGEST,
        error_messages={"required": "Välj den mening som är ett åtagande."},
    )
    owner = forms.ModelChoiceField(Person.objects.none(), label="Ansvarig", required=False, empty_label="– ingen utsedd –")
    due = DayField(label="Klart senast", required=False)
    title = TextLineFormField(
        label="Så står det på balanslistan",
        max_length=LONGEST_TITLE,
        required=False,
        help_text="Lämna tomt om meningen ska stå där som den är.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def offer(self, choices: Sequence[str], likely: Sequence[str]) -> None:
        """Let one of these sentences be chosen; those that look like promises stand first."""
        rest = [one for one in choices if one not in set(likely)]
        groups = (("Ser ut som åtaganden", likely), ("Övriga meningar", rest))
        offered: list[Any] = [(name, [(one, short(one)) for one in dict.fromkeys(rows)]) for name, rows in groups if rows]
        self.fields["sentence"].widget = forms.Select(choices=[("", "– välj en mening –"), *offered])

    def offer_owners(self, people: Q) -> None:
        """Let one of these people be the owner."""
        self.fields["owner"].queryset = Person.objects.filter(people).order_by(by_shown_name(), "pk")
        self.fields["owner"].label_from_instance = lambda person: person.display


class PromiseForm(SentenceForm):
    """A sentence of a §. `choices` are all its sentences; without them a script fills the sentence in."""

    on_balance = forms.BooleanField(label="Sätt upp på balanslistan", required=False, initial=True)
    field_order = ("sentence", "owner", "due", "on_balance", "title")

    def __init__(
        self,
        *args: Any,
        meeting: Meeting,
        choices: Sequence[str] | None = None,
        likely: Sequence[str] = (),
        keeps: bool = True,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("auto_id", "promise-%s")
        super().__init__(*args, **kwargs)
        self.initial.setdefault("due", next_meeting_day(meeting))
        here = Attendance.objects.filter(meeting=meeting, status=Attendance.Status.PRESENT).values("person")
        seats = members(meeting.group).values("pk")
        self.offer_owners(Q(pk__in=here) | Q(pk__in=seats))
        if choices is None:
            self.fields["sentence"].widget = forms.Textarea(attrs={"rows": 3})
        else:
            self.offer(choices, likely)
        if not keeps:
            del self.fields["on_balance"], self.fields["title"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned.setdefault("on_balance", False)
        cleaned.setdefault("title", "")
        return cleaned


class AnswerPromiseForm(SentenceForm):
    """A sentence of an answer to a motion, on its way to the balance list."""

    def __init__(self, *args: Any, group: Group, choices: Sequence[str], likely: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_owners(Q(pk__in=members(group).values("pk")))
        self.offer(choices, likely)
        self.fields["sentence"].label = "Mening i svaret"


def short(sentence: str) -> str:
    """A sentence as it fits in a list of choices."""
    return sentence if len(sentence) <= 120 else sentence[:119].rsplit(" ", 1)[0] + "…"
