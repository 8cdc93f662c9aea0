"""Earlier versions of a text: who wrote what when, what changed, and the way back."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from meetings.actions import agenda as actions
from meetings.models import Item, Paragraph
from meetings.reading.desk import last_hand
from meetings.reading.numbering import numbered_now
from meetings.reading.sittings import sittings
from meetings.states import Verb
from meetings.views.common import write_url
from people.access import does
from people.models import User
from record.forms import overtaken_by, status_of, told
from record.pages import form_page, posted, see, whole_number
from record.swedish import capital

SITTINGS_ON_A_PAGE = 10


@does("edit_text", Paragraph)
@form_page
def versions(request: HttpRequest, paragraph: Paragraph) -> HttpResponse:
    """The history of a text, what changed each time, and the way back: an old text becomes the newest version."""
    row: Paragraph | Item = paragraph
    chosen = request.GET.get("punkt") or request.POST.get("punkt")
    if chosen:
        row = get_object_or_404(Item.objects.filter(paragraph=paragraph), pk=whole_number(chosen))
    here = reverse("meetings:versions", args=[paragraph.pk]) + (f"?punkt={row.pk}" if row is not paragraph else "")
    form = Form(posted(request))
    if form.is_valid():
        past, version = _wanted(request, row)
        edit = actions.edit_text if isinstance(row, Paragraph) else actions.edit_item
        with told(form, stale=lambda current: _overtaken(current, request.user)):
            edit(row, fields={"text": past.text}, version=version, by=request.user, verb=Verb.RESTORE)
            messages.success(request, f"Texten från {timezone.localtime(past.history_date):%H:%M} är nu den senaste versionen.")
            return see(here)
    row.refresh_from_db()
    context = {
        "meeting": paragraph.meeting,
        "paragraph": paragraph,
        "row": row,
        "is_item": row is not paragraph,
        "where": numbered_now(paragraph).where,
        "page_obj": Paginator(sittings(row), SITTINGS_ON_A_PAGE).get_page(request.GET.get("page")),
        "error": _why_not(form),
        "here": here,
        "back": write_url(paragraph, row if row is not paragraph else None),
    }
    return render(request, "meetings/versions.html", context, status=status_of(form))


def _wanted(request: HttpRequest, row: Paragraph | Item) -> tuple[Paragraph | Item, int]:
    """The row of the history to go back to, and the version that the page showed."""
    past = row.history.filter(history_id=whole_number(request.POST.get("restore"))).first()
    version = whole_number(request.POST.get("version"))
    if past is None or not version:
        raise Http404
    return past, version


def _overtaken(current: Paragraph | Item, reader: User) -> str:
    who, when = last_hand(current, reader)
    return f"{capital(who)} sparade en ny text kl. {when:%H:%M}. Den är inte ersatt. Läs den nedan och välj igen."


def _why_not(form: Form) -> str:
    """What was refused; the rules of a text may have become stricter since it was written."""
    said = " ".join(form.non_field_errors())
    return f"Texten gick inte att återställa. {said}" if said and overtaken_by(form) is None else said
