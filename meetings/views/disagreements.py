"""Oenighet: registered in the draft, listed over the year, and settled when the protocol is sealed."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from meetings.actions import disagreements as actions
from meetings.forms.disagreements import DisagreeForm, ListForm, SettleForm
from meetings.models import Disagreement, Item
from motions.models import voices
from people.access import does, own_page
from people.models import Group, Party, Role, today
from people.permissions import may
from record.forms import add_errors, read_anew
from record.moves import Refused, Stale
from record.pages import form_page, see, whole_number
from record.text import to_words

ON_A_PAGE = 50


def parties_for(request: HttpRequest, item: Item) -> list[Party]:
    """For whom this person may say it: secretary and chair for every union of the group, others for their own (a substitute when serving)."""
    user, group = request.user, item.meeting.group_id
    offices = user.roles_in(group) | item.elected(user)
    if offices & {Role.SECRETARY, Role.CHAIR}:
        rows = Party.objects.unions().filter(mandates__group=group).distinct()
    else:
        rows = Party.objects.unions().filter(pk__in=voices(user, "disagree", group, anew=True))
    return list(rows.with_names().order_by("position", "pk"))


@does("disagree", Item)
@form_page
def disagree(request: HttpRequest, item: Item) -> HttpResponse:
    """Say that a union disagrees in the matter and why, change the reason, or take it back after one more question."""
    if item.kind != Item.Kind.DECISION:
        raise Refused("Oenighet anmäls i ett ärende inför beslut.")
    parties = parties_for(request, item)
    if not parties:
        raise PermissionDenied
    # One's own, and what others have said for those who read the draft.
    rows = list(Disagreement.objects.visible_to(request.user).filter(item=item))
    if request.method == "POST" and "take_back" in request.POST:
        return take_back(request, item, parties)
    standing = {row.party_id: row for row in rows}
    first = next((party for party in parties if party.pk == whole_number(request.GET.get("part"))), parties[0])
    known = standing.get(first.pk)
    initial = {"party": first.pk, "reason": known.reason if known else "", "version": known.version if known else 0}
    form = DisagreeForm(request.POST if request.method == "POST" else None, parties=parties, initial=initial)
    status = 200
    if form.is_valid():
        try:
            actions.disagree(item, by=request.user, **form.cleaned_data)
        except Stale as stale:
            gone = "Oenigheten är tillbakatagen sedan du läste."
            now = f"Det står redan: ”{to_words(stale.current.reason)}”" if stale.current.pk else gone
            form.add_error(None, f"{now} Din text finns kvar här. Spara igen om den ska gälla.")
            read_anew(form, stale)
            status = 409
        except (ValidationError, Refused) as error:
            add_errors(form, error)
        else:
            messages.success(request, "Oenigheten är antecknad. Den står i protokollet under ärendet.")
            return see("meetings:disagree", item.pk)
    mine = {party.pk for party in parties}
    context = {
        "meeting": item.meeting,
        "item": item,
        "form": form,
        "rows": [(row, to_words(row.reason), row.party_id in mine) for row in rows],
        "several": len(parties) > 1,
        "submit": "Anmäl oenighet" if known is None else "Spara skälet",
    }
    return render(request, "meetings/disagree.html", context, status=status)


def take_back(request: HttpRequest, item: Item, parties: list[Party]) -> HttpResponse:
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
    rows = Disagreement.objects.visible_to(request.user)
    years = sorted({day.year for day in rows.order_by().dates("item__paragraph__meeting__date", "year")}, reverse=True)
    groups = list(Group.objects.filter(pk__in=rows.order_by().values("item__paragraph__meeting__group")))
    form = ListForm(request.GET, years=years, groups=groups)
    chosen = form.cleaned_data if form.is_valid() else {}
    if chosen.get("ar"):
        rows = rows.filter(item__paragraph__meeting__date__year=int(chosen["ar"]))
    if chosen.get("grupp"):
        rows = rows.filter(item__paragraph__meeting__group=int(chosen["grupp"]))
    if chosen.get("lage"):
        rows = rows.filter(settlement__isnull=chosen["lage"] == "open")
    rows = rows.prefetch_related("item__paragraph__meeting__officers").order_by("-item__paragraph__meeting__date", "-pk")
    page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [line(request, row) for row in page],
        "filter_form": form,
        "filtered": any(chosen.values()),
        "several": len(groups) > 1,
    }
    return render(request, "meetings/disagreements.html", context)


def line(request: HttpRequest, row: Disagreement) -> dict[str, Any]:
    """One row of the list."""
    settled, deadline = row.settled, row.deadline
    return {
        "row": row,
        "deadline": deadline,
        "late": settled is None and deadline is not None and deadline < today(),
        "settled": settled,
        "said": to_words(settled.text) if settled else "",
        "may_read": may(request.user, "read_protocol", row.meeting),
        "may_settle": may(request.user, "settle", row),
    }


@does("settle", Disagreement)
@form_page
def settle(request: HttpRequest, disagreement: Disagreement) -> HttpResponse:
    """Close a disagreement with what became of it."""
    form = SettleForm(request.POST if request.method == "POST" else None, disagreement=disagreement)
    status = 200
    if form.is_valid():
        try:
            actions.settle(disagreement, by=request.user, **form.cleaned_data)
        except Stale as stale:
            form.add_error(
                None,
                f"Någon annan har just skrivit: ”{to_words(stale.current.text)}” Din text finns kvar här. Spara igen om den ska gälla.",
            )
            read_anew(form, stale)
            status = 409
        except (ValidationError, Refused) as error:
            add_errors(form, error)
        else:
            messages.success(request, "Oenigheten är avslutad.")
            return see("meetings:disagreements")
    context = {"row": disagreement, "meeting": disagreement.meeting, "form": form, "reason": to_words(disagreement.reason)}
    return render(request, "meetings/settle.html", context, status=status)
