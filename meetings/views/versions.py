"""Earlier versions of a text: who wrote what when, what changed, and the way back."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from meetings.actions import agenda as actions
from meetings.models import Item, Paragraph
from meetings.views.saving import last_hand, number_of, write_url
from people.access import does
from record.moves import Stale
from record.pages import form_page, see, whole_number
from record.swedish import capital
from record.text import diff_html, to_words

SAME_SITTING = timedelta(minutes=10)
GROUPS_ON_A_PAGE = 10


class Sitting(NamedTuple):
    """What one person saved of a text without a longer pause: one line of the history."""

    row: Any  # the last history row
    who: str
    began: datetime
    ended: datetime
    saves: int
    before: str
    text: str

    @property
    def diff(self) -> str:
        return diff_html(to_words(self.before), to_words(self.text))


def sittings(row: Paragraph | Item) -> list[Sitting]:
    """The history of the row's text, newest first; autosaves of the same person with pauses under ten minutes are one line."""
    found: list[Sitting] = []
    for past in row.history.select_related("history_user__person").order_by("history_date", "history_id"):
        before = found[-1].text if found else ""
        if found and past.text == before:
            continue
        who = str(past.history_user) if past.history_user else "Systemet"
        last = found[-1] if found else None
        # What is thrown away must still be there to fetch: a restored text, or one that lost half, is a line of its own.
        breaks = past.history_change_reason == "restore" or (last is not None and len(past.text) < len(last.text) / 2)
        if last is not None and last.saves and not breaks and last.who == who and past.history_date - last.ended <= SAME_SITTING:
            found[-1] = last._replace(row=past, ended=past.history_date, saves=last.saves + 1, text=past.text)
        else:
            # The row as it was laid out is the ground that the first person's words stand on.
            found.append(
                Sitting(past, who, past.history_date, past.history_date, 1 if found or past.text else 0, before, past.text)
            )
    return found[::-1]


@does("edit_text", Paragraph)
@form_page
def versions(request: HttpRequest, paragraph: Paragraph) -> HttpResponse:
    """The history of a text, what changed each time, and the way back: an old text becomes the newest version."""
    row = paragraph
    chosen = request.GET.get("punkt") or request.POST.get("punkt")
    if chosen:
        row = get_object_or_404(Item.objects.filter(paragraph=paragraph), pk=whole_number(chosen))
    here = reverse("meetings:versions", args=[paragraph.pk]) + (f"?punkt={row.pk}" if row is not paragraph else "")
    error, status = "", 200
    if request.method == "POST":
        wanted, version = request.POST.get("restore", ""), request.POST.get("version", "")
        if not (wanted.isascii() and wanted.isdigit() and version.isascii() and version.isdigit() and len(wanted + version) < 30):
            raise Http404
        past = row.history.filter(history_id=int(wanted)).first()
        if past is None:
            raise Http404
        edit = actions.edit_text if isinstance(row, Paragraph) else actions.edit_item
        try:
            edit(row, fields={"text": past.text}, version=int(version), by=request.user, why="restore")
        except ValidationError as refused:  # the rules of a text may have become stricter since it was written
            error = f"Texten gick inte att återställa. {' '.join(refused.messages)}"
        except Stale as stale:
            status = 409
            who, when = last_hand(stale.current, request.user)
            error = f"{capital(who)} sparade en ny text kl. {when:%H:%M}. Den är inte ersatt. Läs den nedan och välj igen."
        else:
            messages.success(request, f"Texten från {timezone.localtime(past.history_date):%H:%M} är nu den senaste versionen.")
            return see(here)
    row.refresh_from_db()
    page = Paginator(sittings(row), GROUPS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "meeting": paragraph.meeting,
        "paragraph": paragraph,
        "row": row,
        "is_item": row is not paragraph,
        "where": number_of(paragraph),
        "page_obj": page,
        "error": error,
        "here": here,
        "back": write_url(paragraph, row if row is not paragraph else None),
    }
    return render(request, "meetings/versions.html", context, status=status)
