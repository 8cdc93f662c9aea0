"""The desk's page, which is shown as it stands and when a text on it could not be saved."""

from typing import Any

from django.http import HttpRequest

from meetings.forms.desk import DeskTextForm, NewItemForm, form_for
from meetings.forms.promises import PromiseForm
from meetings.models import Paragraph
from meetings.reading.checklist import summary
from meetings.reading.desk import sheets
from meetings.reading.numbering import Numbers
from meetings.reading.phrasebook import example, for_desk
from meetings.reading.strip import strip
from people.permissions import can


def desk_context(request: HttpRequest, paragraph: Paragraph, *, bound: DeskTextForm | None = None) -> dict[str, Any]:
    """Everything the desk shows; `bound` takes the place of the form that could not be saved."""
    meeting = paragraph.meeting
    laid = sheets(meeting)
    data = for_desk(meeting, Numbers.of(meeting))
    with_forms = [(sheet, *_forms_of(sheet.line.paragraph, bound)) for sheet in laid]
    here = next(sheet for sheet in laid if sheet.line.paragraph.pk == paragraph.pk)
    stops, advice = summary(meeting)
    return {
        "meeting": meeting,
        "agenda": [sheet.line for sheet in laid],
        "sheets": with_forms,
        "line": here.line,
        "paragraph": here.line.paragraph,
        "form": bound or "",
        "done": sum(1 for sheet in laid if sheet.line.state == "done"),
        "new_item": NewItemForm(),
        "data": data,
        "line_example": example(data["parties"]),
        "promise_form": PromiseForm(meeting=meeting),
        "stops": stops,
        "advice": advice,
        "strip": strip(meeting),
        "adjusters": meeting.adjusters,
        "can": can(request.user, meeting, "freeze"),
    }


def _forms_of(paragraph: Paragraph, bound: DeskTextForm | None) -> tuple[DeskTextForm, list[DeskTextForm]]:
    """The form of a § and those of its items; the one that could not be saved keeps what was typed."""
    found = []
    for row in (paragraph, *paragraph.items.all()):
        if bound is not None and bound.row == row:
            bound.row = row
            found.append(bound)
        else:
            found.append(form_for(row))
    return found[0], found[1:]
