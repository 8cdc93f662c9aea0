"""What is typed: the motion with its att-satser as one form, the answer, the reason, and the filters of the list."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.text import Truncator

from motions.actions import MOST_CLAIMS
from motions.days import MeetingDayField
from motions.kinds import ASKING, SAYING, WORDS, Kind
from motions.models import FINAL, Answer, Claim, Motion, MotionQuerySet, Outcome, answers_to
from motions.occasions import Occasion
from people.models import Group, Party, Person, User
from record import uploads
from record.fields import DayField, TextFormField, TextLineFormField, TextWidget, UploadField
from record.forms import ask_for_the_file_again
from record.pages import whole_number
from record.swedish import capital
from record.text import to_words

_ATT = re.compile(r"att\b\s*", re.IGNORECASE)
_NUMBERING = re.compile(r"^\s*(?:\d{1,3}[.)]|[-–•*])\s+")


def capitals(choices: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Choices as they stand in a list, where each begins with a capital letter."""
    return [(value, capital(str(label))) for value, label in choices]


class LaterField(TextLineFormField):
    """A line that is asked for when the motion is filed, and may be empty until then."""

    def validate(self, value: Any) -> None:
        """An empty draft is no error."""


class MotionForm(forms.ModelForm):
    """Everything about a motion but its att-satser. Nothing has to be filled in until it is filed."""

    use_required_attribute = False
    kind = forms.ChoiceField(label="Vad vill ni lämna in?", choices=capitals(Kind.choices))
    title = LaterField(label="Rubrik", max_length=300)
    wanted_on = MeetingDayField(
        label="Önskat möte", empty="Så snart som möjligt", help_text="Det möte där ni vill få det behandlat."
    )
    due_on = MeetingDayField(
        label="Ska besvaras på mötet", empty="Välj möte", help_text="Det möte där ni vill ha svar. Behövs när ni lämnar in."
    )

    class Meta:
        model = Motion
        fields = ["kind", "title", "matter", "wanted_on", "due_on", "to_board", "background"]
        labels = {
            "background": "Bakgrund eller text",
            "matter": "Ärende som det gäller",
            "to_board": "Skicka med till nämnden",
        }
        help_texts = {
            "matter": "Till exempel en punkt på dagordningen.",
            "background": "Varför ni tar upp saken. Tom rad ger nytt stycke.",
        }
        widgets = {"background": TextWidget({"rows": 6})}

    def __init__(self, *args: Any, parties: list[Party] | None = None, occasions: Sequence[Occasion] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["background"].required = False
        for name in ("due_on", "background"):
            self.fields[name].sometimes = True  # it depends on the kind: not "frivilligt"
        for name in ("wanted_on", "due_on"):
            self.fields[name].offer(occasions)
        if parties and len(parties) > 1:
            choices = [(party.pk, str(party)) for party in parties]
            self.fields["party"] = forms.TypedChoiceField(label="Ni lämnar in som", choices=choices, coerce=int)
            self.order_fields(["party"])

    def clean(self) -> dict[str, Any]:
        """A field that is hidden for this kind may hold what was typed for another."""
        data = super().clean()
        if data.get("kind") in ASKING:
            data["wanted_on"] = None  # it is asked for the meeting that is to answer it
        else:
            data["due_on"] = None
        if data.get("kind") != Kind.OPINION:
            data["to_board"] = False
        return data

    def typed(self) -> dict[str, Any]:
        """What stands in the fields now, judged or not."""
        return {name: self[name].value() for name in self.fields}


def _why() -> forms.Field:
    """The reason for a new version, for those who wish to give one."""
    told = "Syns bland versionerna för alla som kan läsa."
    return TextLineFormField(label="Varför ni ändrar", required=False, max_length=300, help_text=told)


class ChangeForm(MotionForm):
    """A new version of what has been filed: the same fields, but the kind stays."""

    why = _why()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].label = "Slag"
        self.fields["kind"].choices = [choice for choice in capitals(Kind.choices) if choice[0] == self.instance.kind]


@dataclass
class Row:
    """One att-sats as it is typed: after the fixed "att", with its points one on a line. `pk` is the row of what is filed."""

    number: int
    text: str = ""
    points: str = ""
    pk: int = 0
    fixed: bool = False
    text_error: str = ""
    points_error: str = ""
    focus: bool = False


@dataclass
class Rows:
    """The att-satser of the form, in the order of the page. They are posted as two lists, so that order is all there is to say."""

    rows: list[Row]
    removed: Row | None = None
    error: str = ""
    said: str = ""
    cleaned: list[dict[str, Any]] = field(default_factory=list)
    unit: str = "Att-sats"

    @classmethod
    def posted(cls, data: QueryDict) -> "Rows":
        texts, points = data.getlist("claim_text"), data.getlist("claim_points")
        points += [""] * (len(texts) - len(points))
        pks = [whole_number(pk) for pk in data.getlist("claim_pk")]
        pks += [0] * (len(texts) - len(pks))
        return cls([Row(number, *row) for number, row in enumerate(zip(texts, points, pks, strict=False), start=1)])

    @classmethod
    def of(cls, motion: Motion | None) -> "Rows":
        claims = list(motion.claims.all()) if motion else []
        rows = [
            Row(n, without_att(motion.kind, claim.text), "\n".join(claim.points), claim.pk)
            for n, claim in enumerate(claims, start=1)
        ]
        return cls(rows or [Row(1)])

    def hold_to(self, claims: Iterable[Claim]) -> None:
        """These att-satser are filed: those with a released answer stand as they are, and a row of none of them is a new one."""
        known = {claim.pk: claim for claim in claims}
        seen: set[int] = set()
        for row in self.rows:
            row.pk = row.pk if row.pk in known and row.pk not in seen else 0
            seen.add(row.pk)
            row.fixed = _fixed(known[row.pk]) if row.pk > 0 else ""

    def check_against(self, kind: str, claims: Iterable[Claim]) -> bool:
        """Whether every answered att-sats is there as it was; what is only shown in another way is no change."""
        known = {claim.pk: claim for claim in claims}
        valid = True
        for fields in self.cleaned:
            claim = known.pop(fields["pk"], None)
            if claim is None:
                continue
            if fields["text"] == with_att(kind, without_att(kind, claim.text)):
                fields["text"] = claim.text
            if claim.released is not None and (fields["text"], fields["points"]) != (claim.text, claim.points):
                row = next(row for row in self.rows if row.pk == claim.pk)
                row.text_error, valid = (
                    "Den här har fått svar och kan inte ändras. Skriv tillbaka texten eller ladda om sidan.",
                    False,
                )
        if any(claim.released is not None for claim in known.values()):
            self.error = (
                f"{WORDS[Kind(kind)].the_unit.capitalize()} som har fått svar kan inte tas bort. Ladda om sidan och försök igen."
            )
            valid = False
        return valid

    def apply(self, verb: str, number: int, data: QueryDict, kind: str) -> None:
        """Do what the pressed button says (add, remove, up, down, restore), keeping everything that is typed."""
        here, words = number - 1, WORDS.get(kind, WORDS[Kind.MOTION])
        unit, the = capital(words.unit), capital(words.the_unit)
        if verb == "add":
            self.rows.append(Row(0, focus=True))
        elif verb == "restore":
            pk = data.get("removed_pk", "")
            row = Row(0, data.get("removed_text", ""), data.get("removed_points", ""), focus=True)
            row.pk = whole_number(pk)
            self.rows.insert(min(max(here, 0), len(self.rows)), row)
            self.said = f"{the} är tillbaka."
        elif 0 <= here < len(self.rows):
            row = self.rows.pop(here)
            if verb == "remove":
                self.removed = row
                self.said = f"{unit} {number} är borttagen."
            else:
                there = max(here - 1, 0) if verb == "up" else min(here + 1, len(self.rows))
                self.rows.insert(there, row)
                row.focus, self.said = True, f"{the} är nu nummer {there + 1}."
        for position, row in enumerate(self.rows, start=1):
            row.number = position

    def is_valid(self, kind: str) -> bool:
        """Check every row and fill `cleaned` with what is stored; rows without a word are left out."""
        text_field, line_field = TextFormField(required=False), TextLineFormField(required=False)
        self.cleaned, self.unit, valid = [], capital(WORDS.get(kind, WORDS[Kind.MOTION]).unit), True
        for row in self.rows:
            text, points = "", []
            try:
                text = text_field.clean(with_att(kind, row.text.strip()))
            except ValidationError as error:
                row.text_error, valid = error.messages[0], False
            try:
                lines = (_NUMBERING.sub("", line) for line in row.points.splitlines())
                points = [point for point in map(line_field.clean, lines) if point]
            except ValidationError as error:
                row.points_error, valid = error.messages[0], False
            if text or points:
                self.cleaned.append({"text": text, "points": points, "pk": row.pk})
        if self.cleaned and kind in SAYING:
            self.error, valid = (
                f"{WORDS[Kind(kind)].The} är bara text. Flytta det som står i rutorna till texten ovanför, och ta bort dem här.",
                False,
            )
        elif len(self.cleaned) > MOST_CLAIMS:
            units = WORDS.get(kind, WORDS[Kind.MOTION]).units
            self.error, valid = (
                f"Högst {MOST_CLAIMS} {units} får plats, och här är {len(self.cleaned)}. Dela upp dem på flera inlämningar.",
                False,
            )
        return valid

    @property
    def problems(self) -> list[dict[str, str]]:
        """For the summary of errors, in the order of the page."""
        found = [{"href": "#att-satser", "label": "", "message": self.error}] if self.error else []
        for row in self.rows:
            if row.text_error:
                found.append({"href": f"#att-{row.number}", "label": f"{self.unit} {row.number}", "message": row.text_error})
            if row.points_error:
                found.append(
                    {
                        "href": f"#punkter-{row.number}",
                        "label": f"Punkter till {self.unit.lower()} {row.number}",
                        "message": row.points_error,
                    }
                )
        return found


def with_att(kind: str, text: str) -> str:
    """As it is stored: a yrkande's att-sats begins with att, written or not."""
    return f"att {text}" if kind == Kind.MOTION and text and not _ATT.match(text) else text


def without_att(kind: str, text: str) -> str:
    """As it is typed, after the fixed att of the page."""
    return _ATT.sub("", text, count=1) if kind == Kind.MOTION and _ATT.match(text) else text


class AnswerForm(forms.ModelForm):
    """The employer's answer to one att-sats."""

    outcome = forms.ChoiceField(
        label="Utfall",
        choices=[("", "Välj utfall")],
        error_messages={"required": "Välj ett utfall."},
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Answer
        fields = ["outcome", "text"]
        labels = {"text": "Svar"}
        help_texts = {"text": "Bifall, avslag och bordläggning kan stå utan text. De andra behöver ett svar i ord."}

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices += capitals((outcome.value, outcome.label) for outcome in answers_to(kind))
        if kind in ASKING:
            self.fields["text"].help_text = "Bordläggning kan stå utan text."
        self.fields["text"].required = False
        self.fields["text"].sometimes = True  # it depends on the outcome: not "frivilligt"


class AttachForm(forms.Form):
    """A file in the place of the text, and the same in words."""

    file = UploadField()
    description = Motion._meta.get_field("description").formfield(
        required=True,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": uploads.NO_DESCRIPTION},
    )

    def __init__(self, *args: Any, motion: Motion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if motion.file:
            self.fields["file"].required = False
            self.fields["file"].sometimes = True  # the words alone can be mended: not "frivilligt"
            self.fields["file"].help_text += " Välj bara en fil om den ska bytas."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        ask_for_the_file_again(self)
        return cleaned


class RemoveFileForm(forms.Form):
    """What has been filed, without its file."""

    why = _why()
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)


class ChangeFileForm(AttachForm):
    """Another file, or the first, in what has been filed."""

    why = _why()
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)


class AssignForm(forms.Form):
    """Who on the employer's side writes the answers, to what, and by when."""

    person = forms.ChoiceField(label="Vem ska svara?", error_messages={"required": "Välj vem som ska svara."})
    day = DayField(
        label="Senast",
        help_text="Den som ska svara får mejl nu, och en påminnelse dagen innan och varje dag efter.",
        error_messages={"required": "Välj en dag."},
    )
    claims = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, motion: Motion, persons: list[Person], claims: list[tuple[int, Claim]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [("", "Välj"), *((person.pk, person.display) for person in persons)]
        unit, units = capital(motion.words.unit), capital(motion.words.units)
        self.fields["claims"].label = f"{units} utan svar"
        self.fields["claims"].error_messages["required"] = f"Välj minst en {motion.words.unit}."
        self.fields["claims"].choices = [(claim.pk, _line(unit, number, claim)) for number, claim in claims]
        self.initial.setdefault("claims", [claim.pk for _, claim in claims])


def _fixed(claim: Claim) -> str:
    """Why its words stand as they are; "" when they can be changed."""
    if claim.released is None:
        return ""
    return "Har fått svar." if claim.outcome in FINAL else "Har bordlagts."


def _line(unit: str, number: int, claim: Claim) -> str:
    """`Att-sats 2: att bullret mäts (Erik Lind, senast 3 mars)`"""
    said = [to_words(claim.text), *(f"{n}. {to_words(point)}" for n, point in enumerate(claim.points, start=1))]
    words = Truncator(" ".join(said)).chars(160)
    asked = f" ({claim.responsible}, senast {date_format(claim.answer_by, 'j F')})" if claim.responsible else ""
    return f"{unit} {number}: {words}{asked}"


class WithdrawForm(forms.Form):
    """Why a motion is taken back, for those who wish to say it."""

    why = TextLineFormField(label="Skäl", required=False, max_length=300, help_text="Syns i historiken för alla som kan läsa.")


class Filters(forms.Form):
    """What the list shows, of the motions that one may read."""

    STATUS = [
        ("", "Alla"),
        ("draft", "Utkast"),
        ("waiting", "Väntar på svar"),
        ("answered", "Besvarade"),
        ("withdrawn", "Återkallade"),
    ]
    q = forms.CharField(label="Sök", required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"}))
    grupp = forms.ModelChoiceField(label="Grupp", queryset=Group.objects.none(), required=False, empty_label="Alla")
    part = forms.TypedChoiceField(label="Organisation", coerce=int, required=False)
    slag = forms.ChoiceField(label="Slag", choices=[("", "Alla"), *capitals(Kind.choices)], required=False)
    ar = forms.TypedChoiceField(label="År", coerce=int, required=False)
    status = forms.ChoiceField(label="Status", choices=STATUS, required=False)
    utfall = forms.ChoiceField(label="Utfall", choices=[("", "Alla"), *capitals(Outcome.choices)], required=False)
    egna = forms.BooleanField(label="Bara våra egna", required=False)

    def __init__(self, data: QueryDict, *, user: User, groups: Any, motions: MotionQuerySet) -> None:
        super().__init__(data)
        self.fields["grupp"].queryset = groups
        parties = Party.objects.filter(pk__in=motions.order_by().values("party")).with_names()
        self.fields["part"].choices = [("", "Alla"), *((party.pk, str(party)) for party in parties)]
        years = motions.not_drafts().datetimes("filed_at", "year", order="DESC")
        self.fields["ar"].choices = [("", "Alla"), *((day.year, str(day.year)) for day in years)]
        if not any(user.unions_in(group) for group in user.group_ids):
            del self.fields["egna"]

    def chosen(self) -> list[str]:
        """What was chosen, in words: Organisation: Lövförbundet."""
        said = []
        for name, value in self.cleaned_data.items() if self.is_valid() else ():
            if value:
                words = dict(getattr(self.fields[name], "choices", ())).get(value, value)
                said.append(self.fields[name].label if value is True else f"{self.fields[name].label}: {words}")
        return said


class Counting(Filters):
    """What the statistics count: the same, but for how far something has come, which they tell themselves."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("status", "utfall"):
            del self.fields[name]
