"""A meeting to choose by its day: one of the group's coming meetings, or any other day."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format

from motions.occasions import Occasion
from record.fields import DayField, is_day

OTHER = "annan"  # posted by the list of meetings: the day stands in the field beside it


class MeetingDayInput(forms.Widget):
    """A list of meetings with "another day" last, and a day for that. Without meetings, only the day."""

    template_name = "motions/_meeting_day.html"

    def __init__(self, *, empty: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.empty = empty
        self.meetings: list[tuple[str, str]] = []

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        day = value.isoformat() if isinstance(value, date) else str(value or "")
        known = day in ("", *(meeting for meeting, _ in self.meetings))
        widget = context["widget"]
        widget |= {
            "meetings": self.meetings,
            "empty": self.empty,
            "chosen": day if known else OTHER,
            "other": OTHER,
        }
        attributes = {
            "type": "date" if known or day == OTHER or is_day(day) else "text",
            "name": f"{name}_day" if self.meetings else name,
        }
        typed = {"value": "" if known or day == OTHER else day}
        wrong = {key: attribute for key, attribute in widget["attrs"].items() if key in ("aria-invalid", "aria-describedby")}
        if not self.meetings:
            attributes |= typed | widget["attrs"]
        else:
            attributes |= {"id": f"{widget['attrs'].get('id', '')}_day"} | typed
            if widget["chosen"] == OTHER and "aria-invalid" in wrong:  # the day is wrong, not the list it stands beside
                attributes |= wrong
                widget["attrs"] = {key: attribute for key, attribute in widget["attrs"].items() if key not in wrong}
        widget["of_day"] = {"attrs": attributes}
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        chosen = data.get(name)
        return (data.get(f"{name}_day") or OTHER) if chosen == OTHER else chosen


class MeetingDayField(DayField):
    """The day of a meeting. `empty` is what choosing none means."""

    def __init__(self, *, empty: str, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "widget": MeetingDayInput(empty=empty)} | kwargs)

    def to_python(self, value: Any) -> date | None:
        if value == OTHER:
            raise ValidationError("Skriv vilken dag, eller välj ett möte.")
        return super().to_python(value)

    def offer(self, occasions: Iterable[Occasion]) -> None:
        """The meetings to choose among."""
        self.widget.meetings = [(one.date.isoformat(), _words(one)) for one in occasions]


def _words(occasion: Occasion) -> str:
    """`16 april 2026 (stopptid 2 april kl. 12:00)`"""
    day = date_format(occasion.date, "j F Y")
    if occasion.deadline is None:
        return day
    if occasion.late:
        return f"{day} (stopptiden har gått ut)"
    at = timezone.localtime(occasion.deadline)
    return f"{day} (stopptid {date_format(at, 'j F')} kl. {at:%H:%M})"
