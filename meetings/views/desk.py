"""The secretary's desk: the whole protocol on one page, written § by §, and who else is writing in it."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from meetings.actions import agenda as actions
from meetings.actions import writers
from meetings.forms.desk import HereForm, NewItemForm, form_for
from meetings.models import Item, Meeting, Paragraph, Writer
from meetings.reading.desk import as_data, line_data, lines, versions
from meetings.reading.strip import Strip, strip
from meetings.views.common_desk import desk_context
from people.access import does
from people.models import User
from record.forms import problems, told
from record.pages import whole_number

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


@does("arrange", Paragraph)
@require_POST
def new_item(request: HttpRequest, paragraph: Paragraph) -> HttpResponse:
    """A point under the § that is being written: its heading now, the rest when there is time."""
    form = NewItemForm(request.POST)
    if form.is_valid():
        with told(form):
            item = actions.add_item(paragraph, by=request.user, **form.cleaned_data)
            context = {"item_form": form_for(item), "paragraph": paragraph, "user": request.user}
            return JsonResponse(
                {"id": item.pk, "html": render_to_string("meetings/_item_form.html", context, request)}, status=201
            )
    return JsonResponse({"errors": problems(form)}, status=422)


# The others at the desk


@does("edit_text", Meeting)
@require_POST
def here(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Tell where one is; get who else is here, how far each § has come, and which texts others have saved."""
    form = HereForm(request.POST, meeting=meeting)
    if not form.is_valid():
        return JsonResponse({"errors": problems(form)}, status=422)
    if form.cleaned_data["leaving"]:
        writers.leave(meeting, tab=form.cleaned_data["tab"], by=request.user)
        return HttpResponse(status=204)
    facts = {name: form.cleaned_data[name] for name in ("tab", "paragraph", "typing")}
    others = writers.report(meeting, by=request.user, **facts)
    agenda, shown = lines(meeting), strip(meeting)
    changed = form.cleaned_data["strip"] not in ("", shown.mark)
    where = {line.paragraph.pk: line.where for line in agenda}
    return JsonResponse(
        {
            "strip": strip_data(shown) if changed else None,
            "others": [writer_data(writer, request.user, where.get(writer.paragraph_id, "")) for writer in others],
            "agenda": [line_data(line) for line in agenda],
            "done": sum(1 for line in agenda if line.state == "done"),
            "versions": versions(meeting),
        }
    )


def writer_data(writer: Writer, reader: User, where: str) -> dict[str, Any]:
    """Somebody at the desk: who, under which §, and whether they write just now."""
    return {
        "who": str(writer.user),
        "own": writer.user_id == reader.pk,
        "paragraph": writer.paragraph_id,
        "where": where,
        "typing": writer.typing and timezone.now() - writer.seen_at < JUST_NOW,
    }


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
        row = get_object_or_404(Item, paragraph=paragraph, pk=whole_number(chosen))
    return JsonResponse(as_data(row))
