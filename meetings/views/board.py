"""What the board decided in a matter, entered beside the protocol once its text is frozen."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from meetings.actions import board as actions
from meetings.forms.board import DecisionForm, EntryFormSet, demand_readable_form, standing, typed
from meetings.models import BoardDecision, Item
from people.access import does
from record.forms import status_of, told, told_next
from record.pages import form_page, posted, see, whole_number
from record.text import to_words


@does("enter_decision", Item)
@form_page
def enter_decision(request: HttpRequest, item: Item) -> HttpResponse:
    """Write the board's decision, its reservations and statements, correct them, or take them away."""
    actions.demand_for_board(item)
    known = BoardDecision.objects.filter(item=item).prefetch_related("entries").first()
    day = item.meeting.board_meets_on
    if posted(request) is None:
        form = DecisionForm(instance=known, initial={} if known else {"decided_on": day})
        return _page(request, item, known, form, EntryFormSet(initial=standing(known), prefix="rad"))
    if "remove" in request.POST:
        return _remove(request, item)
    demand_readable_form(request.POST)
    form, formset = DecisionForm(request.POST, instance=known), EntryFormSet(request.POST, prefix="rad")
    if "more" in request.POST:  # nothing is judged and nothing is saved; what was typed stands
        again = EntryFormSet(initial=[typed(row) for row in formset.forms], prefix="rad")
        return _page(request, item, known, DecisionForm(initial=typed(form), instance=known), again, unsaved=True)
    if form.is_valid() & formset.is_valid():
        entries = [row.cleaned_data for row in formset.forms if not row.blank]
        with told(form, stale=_now):
            actions.enter_decision(item, entries=entries, by=request.user, **form.cleaned_data)
            messages.success(request, "Nämndens beslut är sparat. Det står bredvid protokollet, inte i det.")
            return _back(item)
    return _page(request, item, known, form, formset)


def _now(current: BoardDecision) -> str:
    said = to_words(current.text) if current.pk else "ingenting; beslutet är borttaget"
    return f"Någon annan har just skrivit: ”{said}” Din text finns kvar här. Spara igen om den ska gälla."


def _remove(request: HttpRequest, item: Item) -> HttpResponse:
    changed = "Någon annan har just ändrat beslutet. Läs det som står nu och ta bort det igen om det är fel."
    with told_next(request, stale=changed):
        actions.remove_decision(item, version=whole_number(request.POST.get("version")), by=request.user)
        messages.success(request, "Nämndens beslut är borttaget.")
    return _back(item)


def _back(item: Item) -> HttpResponse:
    return see("meetings:meeting", item.meeting.pk, at=f"arende-{item.pk}")


def _page(
    request: HttpRequest, item: Item, known: BoardDecision | None, form: DecisionForm, rows: Any, *, unsaved: bool = False
) -> HttpResponse:
    context = {"meeting": item.meeting, "item": item, "known": known, "form": form, "rows": rows, "unsaved": unsaved}
    return render(request, "meetings/enter_decision.html", context, status=status_of(form))
