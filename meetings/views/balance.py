"""The balance list: what is promised, by whom, since when, and what has been said of it."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from meetings.actions import balance as actions
from meetings.forms.balance import BalanceFilterForm, ChangeBalanceForm, NoteForm, OpenBalanceForm, ReferBalanceForm, ReportForm
from meetings.models import BalanceItem, Meeting
from meetings.reading import balance as reading
from meetings.reading.mentions import mentions
from meetings.states import NOT_HELD, State
from people.access import does, own_page
from people.models import Group, Person, by_shown_name, today
from people.permissions import can, may
from record.forms import told
from record.pages import form_page, posted, see
from record.swedish import capital
from record.tables import as_csv, as_xlsx
from record.text import to_words

ON_A_PAGE = 50
MOST_PRINTED = 2000
LONG = 3  # open at more meetings than this is told in words


# Lists


@own_page
@require_safe
def balance(request: HttpRequest) -> HttpResponse:
    """The promises of all my groups."""
    return _list(request, BalanceItem.objects.visible_to(request.user), None)


@does("read_balance", Group)
@require_safe
def group_balance(request: HttpRequest, group: Group) -> HttpResponse:
    """The promises of one group."""
    return _list(request, BalanceItem.objects.visible_to(request.user).filter(group=group), group)


class AskedOfList(NamedTuple):
    """What was asked for of the list: the promises, and the form that chose them."""

    items: QuerySet
    groups: list[Group]
    form: BalanceFilterForm
    chosen: dict[str, str]
    sort: str


def _asked(request: HttpRequest, items: QuerySet, group: Group | None) -> AskedOfList:
    """The promises that the filters in the address let through, in the order that was asked for."""
    groups = []
    if group is None:
        groups = list(Group.objects.filter(pk__in=items.values("group")).order_by("organisation", "kind", "name"))
    owners = [
        (person.pk, person.display)
        for person in Person.objects.filter(pk__in=items.values("owner")).order_by(by_shown_name(), "pk")
    ]
    form = BalanceFilterForm(request.GET, groups=groups, owners=owners)
    chosen = {name: value for name, value in form.cleaned_data.items() if value} if form.is_valid() else {}
    sort = request.GET.get("sort") if request.GET.get("sort") in reading.SORTS else "due"
    return AskedOfList(reading.chosen_of(items, chosen, sort=sort), groups, form, chosen, sort)


def _list(request: HttpRequest, items: QuerySet, group: Group | None) -> HttpResponse:
    asked, printing = _asked(request, items, group), "utskrift" in request.GET
    page = Paginator(asked.items, MOST_PRINTED if printing else ON_A_PAGE).get_page(request.GET.get("page"))
    address = request.GET.copy()
    for name in ("page", "utskrift", "format"):
        address.pop(name, None)
    context = {
        "page_obj": page,
        "rows": [(item, item.overdue, item.meetings_open > LONG and item.state == BalanceItem.State.OPEN) for item in page],
        "group": group,
        "several": group is None and len(asked.groups) > 1,
        "filter_form": asked.form,
        "filtered": bool(asked.chosen),
        "open_total": items.open().count(),
        "sort": asked.sort,
        "keepers": [each for each in ([group] if group else asked.groups) if may(request.user, "keep_balance", each)],
        "printing": printing,
        "asked": address.urlencode(),
        "export_url": reverse("meetings:export_group_balance", args=[group.pk]) if group else reverse("meetings:export_balance"),
        "selection": _selection(asked.form),
        "day": today(),
    }
    return render(request, "meetings/balance_print.html" if printing else "meetings/balance.html", context)


def _selection(form: BalanceFilterForm) -> list[str]:
    """What was chosen, in words: Ansvarig: Erik Lind."""
    if not form.is_valid():
        return []
    said = []
    for name, field in form.fields.items():
        value = form.cleaned_data.get(name)
        shown = dict(field.choices).get(value, value) if hasattr(field, "choices") else value
        if value or name == "state":
            said.append(f"{field.label}: {shown}")
    return said


# The list as a file


@own_page
@require_safe
def export_balance(request: HttpRequest) -> HttpResponse:
    """The promises of all my groups, filtered as on the page, as a file."""
    return _export(request, BalanceItem.objects.visible_to(request.user), None)


@does("read_balance", Group)
@require_safe
def export_group_balance(request: HttpRequest, group: Group) -> HttpResponse:
    """The promises of one group as a file."""
    return _export(request, BalanceItem.objects.visible_to(request.user).filter(group=group), group)


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _export(request: HttpRequest, items: QuerySet, group: Group | None) -> HttpResponse:
    """CSV, or a workbook with ?format=xlsx. Each group's log tells that its list was taken out."""
    taken = list(_asked(request, items, group).items.select_related("group__chain", "paragraph"))
    table = [reading.HEADINGS, *(reading.cells(item) for item in taken)]
    book = request.GET.get("format") == "xlsx"
    if request.method == "GET":
        actions.tell_of_export(taken, kind="xlsx" if book else "csv", by=request.user)
    response = HttpResponse(
        as_xlsx(table, title="Balanslista") if book else as_csv(table), content_type=XLSX if book else "text/csv; charset=utf-8"
    )
    filename = f"balanslista-{today():%Y-%m-%d}.{'xlsx' if book else 'csv'}"
    response.headers["Content-Disposition"] = content_disposition_header(True, filename)
    response.headers["Cache-Control"] = "private, no-store"
    return response


# One promise


def _item(request: HttpRequest, item: BalanceItem, **bound: Any) -> HttpResponse:
    """The promise with its history; `bound` is the form that could not be saved: note, report or change."""
    user = request.user
    notes, answer = reading.readable_notes(item, user), reading.answered_in(item, user)
    allowed = can(user, item, "keep_balance", "report_balance", "refer_balance")
    meetings = reading.writable_meetings(item.group_id) if allowed["keep_balance"] or allowed["report_balance"] else []
    context = {
        "item": item,
        "notes": [(note, to_words(note.text)) for note in reversed(notes) if note.text or note.meeting.state not in NOT_HELD],
        "overdue": item.overdue,
        "age": BalanceItem.objects.with_age().get(pk=item.pk).meetings_open,
        "referrals": reading.referrals(item, user),
        "sees_origin": reading.sees_origin(item, user),
        "answer": answer,
        "answered": f"{capital(str(answer.claim.motion))}, {answer.claim.motion.words.unit} {answer.claim.position}"
        if answer
        else "",
        "why": to_words(item.referred_why),
        "mentions": mentions(item, user),
        "form": next(iter(bound.values()), ""),
        "meetings": meetings,
        "can": allowed,
    }
    texts = {note.meeting_id: note.text for note in notes}
    for name, form in (_forms(item, meetings, texts, allowed) | bound).items():
        context[f"{name}_form"] = form
    return render(request, "meetings/balance_item.html", context)


def _forms(item: BalanceItem, meetings: list[Meeting], texts: dict[int, str], allowed: dict[str, bool]) -> dict[str, Any]:
    """What the promise's page offers: to note and change it for those who keep the list, to report for the owner."""
    is_open = item.state == BalanceItem.State.OPEN
    if allowed["keep_balance"]:
        change = ChangeBalanceForm(item=item, auto_id="andra-%s") if is_open else None
        return {"note": _noting(item, meetings, texts), "change": change}
    if allowed["report_balance"] and meetings and is_open:
        return {"report": ReportForm(meetings=meetings[:1], texts=texts)}
    return {}


def _noting(item: BalanceItem, meetings: list[Meeting], texts: dict[int, str]) -> NoteForm | None:
    """Where to note what is said of it, or to mend or take back its closing while the protocol of that is still written."""
    closed = [meeting for meeting in meetings if meeting.pk == item.closed_at_id]
    if item.state == BalanceItem.State.OPEN:
        return NoteForm(meetings=meetings, texts=texts) if meetings else None
    return NoteForm(meetings=closed, texts=texts, initial={"closes": True}) if closed else None


@does("read_balance", BalanceItem)
@require_safe
def balance_item(request: HttpRequest, item: BalanceItem) -> HttpResponse:
    """One promise and everything said of it."""
    return _item(request, item)


def _to(item: BalanceItem) -> HttpResponse:
    """To the promise's own page."""
    return see("meetings:balance_item", item.pk)


@does("keep_balance", BalanceItem)
@form_page
def note(request: HttpRequest, item: BalanceItem) -> HttpResponse:
    """Note what was said at a meeting, close the promise, or change what it says."""
    if posted(request) is None:
        return _to(item)
    if "change" in request.POST:
        return _change(request, item)
    form = NoteForm(request.POST, meetings=reading.writable_meetings(item.group_id), texts=reading.texts_of(item))
    if form.is_valid():
        with told(form, stale=form.stands_now):
            actions.note(item, by=request.user, **form.facts(), **form.closing())
            messages.success(request, "Punkten är avslutad." if form.closing()["closes"] else "Anteckningen är sparad.")
            return _to(item)
    return _item(request, item, note=form)


def _change(request: HttpRequest, item: BalanceItem) -> HttpResponse:
    """Change what is promised, by whom and until when."""
    form = ChangeBalanceForm(request.POST, item=item, auto_id="andra-%s")
    if form.is_valid():
        with told(form, stale=_changed):
            actions.change_item(item, by=request.user, **form.cleaned_data)
            messages.success(request, "Punkten är ändrad.")
            return _to(item)
    return _item(request, item, change=form)


def _changed(current: BalanceItem) -> str:
    return f"Någon annan har ändrat punkten. Nu står det: ”{current.title}”. Spara igen om din text ska gälla."


@does("report_balance", BalanceItem)
@form_page
def report(request: HttpRequest, item: BalanceItem) -> HttpResponse:
    """The owner tells how it goes."""
    if posted(request) is None:
        return _to(item)
    # Of what is closed the action says so; what stands in the closing note is not for the owner to write over.
    texts = reading.texts_of(item) if item.state == BalanceItem.State.OPEN else {}
    form = ReportForm(request.POST, meetings=reading.writable_meetings(item.group_id)[:1], texts=texts)
    if form.is_valid():
        with told(form, stale=form.stands_now):
            actions.report(item, by=request.user, **form.facts())
            messages.success(request, f"Tack. Det du skrev står på balanslistan till {form.cleaned_data['meeting']}.")
            return _to(item)
    return _item(request, item, report=form)


@does("refer_balance", BalanceItem)
@form_page
def refer_balance(request: HttpRequest, item: BalanceItem) -> HttpResponse:
    """Send the promise to another group, which answers when it has closed it."""
    form = ReferBalanceForm(posted(request), item=item)
    if form.is_valid():
        with told(form):
            sent = actions.refer_balance(item, by=request.user, **form.cleaned_data)
            messages.success(request, f"Punkten är skickad till {sent.group}, och står på deras balanslista.")
            return _to(item)
    return render(request, "meetings/balance_refer.html", {"item": item, "form": form})


@does("keep_balance", Group)
@form_page
def open_item(request: HttpRequest, group: Group) -> HttpResponse:
    """A new promise, at the meeting that is held now or without one."""
    meetings = reading.writable_meetings(group.pk)
    draft = next((meeting for meeting in meetings if meeting.state == State.DRAFT), None)
    initial = {"meeting": draft.pk if draft else None, "paragraph": request.GET.get("paragraf")}
    form = OpenBalanceForm(posted(request), group=group, meetings=meetings, draft=draft, initial=initial)
    if form.is_valid():
        with told(form):
            item = actions.open_item(group, by=request.user, **form.cleaned_data)
            messages.success(request, "Punkten står på balanslistan.")
            return _to(item)
    return render(request, "meetings/balance_new.html", {"group": group, "form": form})
