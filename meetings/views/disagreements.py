"""Oenighet: registered in the draft, listed over the year, and settled when the protocol is sealed."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from meetings.actions import disagreements as actions
from meetings.forms.disagreements import DisagreeForm, DisagreementFilterForm, SettleForm
from meetings.models import Disagreement, Item
from meetings.reading.disagreements import line_of, parties_for
from people.access import does, own_page
from people.models import Group, Party
from record.forms import status_of, told
from record.moves import Refused
from record.pages import form_page, posted, see, whole_number
from record.text import to_words

ON_A_PAGE = 50


KEPT = "Din text finns kvar här. Spara igen om den ska gälla."


@does("disagree", Item)
@form_page
def disagree(request: HttpRequest, item: Item) -> HttpResponse:
    """Say that a union disagrees in the matter and why, change the reason, or take it back after one more question."""
    if item.kind != Item.Kind.DECISION:
        raise Refused("Oenighet anmäls i ett ärende inför beslut.")
    parties = parties_for(item, request.user)
    if not parties:
        raise PermissionDenied
    if "take_back" in request.POST:
        return _take_back(request, item, parties)
    # One's own, and what others have said for those who read the draft.
    said = {row.party_id: row for row in Disagreement.objects.visible_to(request.user).filter(item=item)}
    first = next((party for party in parties if party.pk == whole_number(request.GET.get("part"))), parties[0])
    known = said.get(first.pk)
    initial = {"party": first.pk, "reason": known.reason if known else "", "version": known.version if known else 0}
    form = DisagreeForm(posted(request), parties=parties, initial=initial)
    if form.is_valid():
        with told(form, stale=_disagreed):
            actions.disagree(item, by=request.user, **form.cleaned_data)
            messages.success(request, "Oenigheten är antecknad. Den står i protokollet under ärendet.")
            return see("meetings:disagree", item.pk)
    mine = {party.pk for party in parties}
    context = {
        "meeting": item.meeting,
        "item": item,
        "form": form,
        "rows": [(row, to_words(row.reason), row.party_id in mine) for row in said.values()],
        "several": len(parties) > 1,
        "submit": "Anmäl oenighet" if known is None else "Spara skälet",
    }
    return render(request, "meetings/disagree.html", context, status=status_of(form))


def _disagreed(current: Disagreement) -> str:
    if current.pk:
        return f"Det står redan: ”{to_words(current.reason)}” {KEPT}"
    return f"Oenigheten är tillbakatagen sedan du läste. {KEPT}"


def _take_back(request: HttpRequest, item: Item, parties: list[Party]) -> HttpResponse:
    row = Disagreement.objects.filter(item=item, party__in=parties, pk=whole_number(request.POST["take_back"])).first()
    if row is None:
        return see("meetings:disagree", item.pk)
    if "sure" not in request.POST:
        context = {"meeting": item.meeting, "item": item, "row": row, "reason": to_words(row.reason)}
        return render(request, "meetings/take_back.html", context)
    actions.take_back(row, by=request.user)
    messages.success(request, "Oenigheten är tillbakatagen.")
    return see("meetings:disagree", item.pk)


@own_page
@require_safe
def disagreements(request: HttpRequest) -> HttpResponse:
    """The disagreements of one's groups: when, in what, whose, until when, and what became of them."""
    visible = Disagreement.objects.visible_to(request.user)
    years = sorted({day.year for day in visible.order_by().dates("item__paragraph__meeting__date", "year")}, reverse=True)
    groups = list(Group.objects.filter(pk__in=visible.order_by().values("item__paragraph__meeting__group")))
    form = DisagreementFilterForm(request.GET, years=years, groups=groups)
    chosen = form.cleaned_data if form.is_valid() else {}
    if chosen.get("ar"):
        visible = visible.filter(item__paragraph__meeting__date__year=int(chosen["ar"]))
    if chosen.get("grupp"):
        visible = visible.filter(item__paragraph__meeting__group=int(chosen["grupp"]))
    if chosen.get("lage"):
        visible = visible.filter(settlement__isnull=chosen["lage"] == "open")
    visible = visible.prefetch_related("item__paragraph__meeting__officers").order_by("-item__paragraph__meeting__date", "-pk")
    page = Paginator(visible, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [line_of(row, request.user) for row in page],
        "filter_form": form,
        "filtered": any(chosen.values()),
        "several": len(groups) > 1,
    }
    return render(request, "meetings/disagreements.html", context)


@does("settle", Disagreement)
@form_page
def settle(request: HttpRequest, disagreement: Disagreement) -> HttpResponse:
    """Close a disagreement with what became of it."""
    form = SettleForm(posted(request), disagreement=disagreement)
    if form.is_valid():
        with told(form, stale=lambda now: f"Någon annan har just skrivit: ”{to_words(now.text)}” {KEPT}"):
            actions.settle(disagreement, by=request.user, **form.cleaned_data)
            messages.success(request, "Oenigheten är avslutad.")
            return see("meetings:disagreements")
    context = {"row": disagreement, "meeting": disagreement.meeting, "form": form, "reason": to_words(disagreement.reason)}
    return render(request, "meetings/settle.html", context, status=status_of(form))
