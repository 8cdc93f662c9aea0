"""The secretary's desk: the whole protocol on one page, written § by §, and who else is writing in it."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from meetings.actions import agenda as actions
from meetings.actions import writers
from meetings.forms.desk import HereForm, NewItemForm, TextForm, form_for
from meetings.forms.promises import PromiseForm
from meetings.models import Item, Meeting, Paragraph
from meetings.reading.checklist import summary
from meetings.reading.desk import lines, sheets, told, versions
from meetings.reading.numbering import Numbers
from meetings.reading.phrasebook import example, for_desk
from meetings.reading.strip import Strip, strip
from people.access import does
from people.permissions import may
from record.forms import add_errors
from record.moves import Refused
from record.text import to_editor_html

JUST_NOW = timedelta(seconds=8)


@does("edit_text", Meeting)
@require_safe
def desk(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """To the first § that is not finished."""
    paragraphs = list(meeting.paragraphs.all())
    if not paragraphs:
        messages.info(request, "Mötet har inga paragrafer. Lägg till dem i dagordningen först.")
        return redirect("meetings:arrange", pk=meeting.pk)
    first = next((paragraph for paragraph in paragraphs if not paragraph.done), paragraphs[0])
    return redirect("meetings:write", pk=first.pk)


@gzip_page  # all §§ are in it; its own token is masked anew each time, and it repeats nothing that was asked
@does("edit_text", Paragraph)
@require_safe
def write(request: HttpRequest, paragraph: Paragraph) -> HttpResponse:
    """The desk with one § open."""
    return render(request, "meetings/write.html", desk_context(request, paragraph))


def desk_context(request: HttpRequest, paragraph: Paragraph, *, bound: TextForm | None = None) -> dict[str, Any]:
    """Everything the desk shows; `bound` takes the place of the form that could not be saved."""
    meeting = paragraph.meeting
    laid = sheets(meeting)
    data = for_desk(meeting, Numbers.of(meeting))
    rows = [(sheet, *forms_of(sheet.line.paragraph, bound)) for sheet in laid]
    here = next(sheet for sheet in laid if sheet.line.paragraph.pk == paragraph.pk)
    stops, advice = summary(meeting)
    return {
        "meeting": meeting,
        "agenda": [sheet.line for sheet in laid],
        "sheets": rows,
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
        "may_freeze": may(request.user, "freeze", meeting),
    }


def forms_of(paragraph: Paragraph, bound: TextForm | None) -> tuple[TextForm, list[TextForm]]:
    """The form of a § and those of its items; the one that could not be saved keeps what was typed."""
    found = []
    for row in (paragraph, *paragraph.items.all()):
        if bound is not None and bound.row == row:
            bound.row = row
            found.append(bound)
        else:
            found.append(form_for(row))
    return found[0], found[1:]


@does("arrange", Paragraph)
@require_POST
def new_item(request: HttpRequest, paragraph: Paragraph) -> HttpResponse:
    """A point under the § that is being written: its heading now, the rest when there is time."""
    form = NewItemForm(request.POST)
    if form.is_valid():
        try:
            item = actions.add_item(paragraph, by=request.user, **form.cleaned_data)
        except (ValidationError, Refused) as error:
            add_errors(form, error)
        else:
            context = {"item_form": form_for(item), "paragraph": paragraph, "user": request.user}
            return JsonResponse(
                {"id": item.pk, "html": render_to_string("meetings/_item_form.html", context, request)}, status=201
            )
    return JsonResponse({"errors": {name: list(problems) for name, problems in form.errors.items()}}, status=422)


def write_url(paragraph: Paragraph, item: Item | None = None) -> str:
    """The desk with the § open, at the item."""
    return reverse("meetings:write", args=[paragraph.pk]) + (f"#item-{item.pk}" if item is not None else "")


# The others at the desk


@does("edit_text", Meeting)
@require_POST
def here(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Tell where one is; get who else is here, how far each § has come, and which texts others have saved."""
    form = HereForm(request.POST, meeting=meeting)
    if not form.is_valid():
        return JsonResponse({"errors": {name: list(problems) for name, problems in form.errors.items()}}, status=422)
    if form.cleaned_data["leaving"]:
        writers.leave(meeting, tab=form.cleaned_data["tab"], by=request.user)
        return HttpResponse(status=204)
    facts = {name: form.cleaned_data[name] for name in ("tab", "paragraph", "typing")}
    others = writers.report(meeting, by=request.user, **facts)
    agenda = lines(meeting)
    where = {line.paragraph.pk: line.where for line in agenda}
    now = timezone.now()
    shown = strip(meeting)
    changed = form.cleaned_data["strip"] not in ("", shown.mark)
    return JsonResponse(
        {
            "strip": strip_data(shown) if changed else None,
            "others": [
                {
                    "who": str(writer.user),
                    "own": writer.user_id == request.user.pk,
                    "paragraph": writer.paragraph_id,
                    "where": where.get(writer.paragraph_id, ""),
                    "typing": writer.typing and now - writer.seen_at < JUST_NOW,
                }
                for writer in others
            ],
            "agenda": [told(line) for line in agenda],
            "done": sum(1 for line in agenda if line.state == "done"),
            "versions": versions(meeting),
        }
    )


def strip_data(shown: Strip) -> dict[str, Any]:
    """The strip for a page whose own is no longer as it stands."""
    html = render_to_string("meetings/_strip_sides.html", {"strip": shown})
    return {"mark": shown.mark, "html": html, "counts": shown.counts, "warnings": shown.warnings}


@does("edit_text", Paragraph)
@require_safe
def text(request: HttpRequest, paragraph: Paragraph) -> HttpResponse:
    """A § or one of its items (`?punkt=`) as it stands now, for an open page in which nothing of it is unsaved."""
    row: Paragraph | Item = paragraph
    if chosen := request.GET.get("punkt"):
        key = forms.IntegerField(min_value=1, max_value=2**63 - 1)
        try:
            row = get_object_or_404(Item, paragraph=paragraph, pk=key.clean(chosen))
        except ValidationError as error:
            raise Http404 from error
    return JsonResponse(current_text(row))


def current_text(row: Paragraph | Item) -> dict[str, Any]:
    """The text for the script: in plain form, as the editor takes it, and what else its form holds."""
    found = {"version": row.version, "text": row.text, "html": to_editor_html(row.text)}
    return found | ({"outcome": row.outcome} if isinstance(row, Item) else {"done": int(row.done)})
