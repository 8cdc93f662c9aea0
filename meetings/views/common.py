"""What the pages of a meeting share: the way to them, the agenda that they show, the page that asks before something is done."""

from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import prefetch_related_objects
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from meetings.models import Item, Meeting, Paragraph
from meetings.models.meeting import AGENDA
from meetings.reading.numbering import Numbered, numbered


def crumbs(meeting: Meeting | None = None) -> list[tuple[str, str]]:
    """The way here: the list, and the meeting when the page lies under one."""
    way = [("Möten", reverse("meetings:list"))]
    return way if meeting is None else [*way, (str(meeting), reverse("meetings:meeting", args=[meeting.pk]))]


def read_numbered(meeting: Meeting) -> list[Numbered]:
    """The meeting's paragraphs with preliminary numbers, and what a page about the agenda shows, in a fixed number of queries."""
    prefetch_related_objects([meeting], *AGENDA)
    return numbered(meeting.paragraphs.all(), meeting.group)


def write_url(paragraph: Paragraph, item: Item | None = None) -> str:
    """The desk with the § open, at the item."""
    return reverse("meetings:write", args=[paragraph.pk]) + (f"#item-{item.pk}" if item is not None else "")


def steps(request: HttpRequest) -> int:
    """One step up (-1) or down (1), as the button says."""
    try:
        return {"upp": -1, "ner": 1}[request.POST.get("till", "")]
    except KeyError as error:
        raise BadRequest from error


def confirm(request: HttpRequest, meeting: Meeting, form: Form, **context: Any) -> HttpResponse:
    """A page with one question and one button: heading, words, submit, submit_class, back. `form` tells what was refused."""
    return render(request, "meetings/confirm.html", {"meeting": meeting, "form": form, "crumbs": crumbs(meeting), **context})
