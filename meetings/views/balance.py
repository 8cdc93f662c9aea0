"""The balance list: what is promised, by whom, since when, and what has been said of it."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from meetings.actions import balance as actions
from meetings.forms.balance import ChangeForm, FilterForm, NoteForm, OpenForm, ReferForm, ReportForm
from meetings.models import BalanceItem, BalanceNote, Meeting
from meetings.reading.mentions import mentions
from meetings.states import FINISHED, NOT_HELD, WRITABLE, State
from motions.models import Answer
from people.access import does, own_page
from people.models import Group, Person, today
from people.permissions import may
from record.forms import add_errors, read_anew
from record.moves import Refused, Stale
from record.pages import form_page, see
from record.searching import says
from record.tables import as_csv, as_xlsx
from record.text import to_words

ON_A_PAGE = 50
MOST_PRINTED = 2000
LONG = 3  # open at more meetings than this is told in words
SORTS = {
    "title": ["title"],
    "group": ["group__organisation", "group__kind", "group__name"],
    "owner": [F("owner__name").asc(nulls_last=True)],
    "due": [F("due").asc(nulls_last=True)],
    "age": ["-meetings_open"],
}


# Lists


@own_page
@require_safe
def balance(request: HttpRequest) -> HttpResponse:
    """The promises of all my groups."""
    return balance_page(request, BalanceItem.objects.visible_to(request.user), None)


@does("read_balance", Group)
@require_safe
def group_balance(request: HttpRequest, group: Group) -> HttpResponse:
    """The promises of one group."""
    return balance_page(request, BalanceItem.objects.visible_to(request.user).filter(group=group), group)


class Listed(NamedTuple):
    """What was asked for of the list: the rows, and the form that chose them."""

    found: QuerySet
    groups: list[Group]
    form: FilterForm
    chosen: dict[str, str]
    sort: str


def listed(request: HttpRequest, items: QuerySet, group: Group | None) -> Listed:
    """The promises that the filters let through, in the order that was asked for."""
    groups = (
        list(Group.objects.filter(pk__in=items.values("group")).order_by("organisation", "kind", "name")) if group is None else []
    )
    owners = [(person.pk, person.display) for person in Person.objects.filter(pk__in=items.values("owner"))]
    form = FilterForm(request.GET, groups=groups, owners=owners)
    chosen = {name: value for name, value in form.cleaned_data.items() if value} if form.is_valid() else {}
    sort = request.GET.get("sort") if request.GET.get("sort") in SORTS else "due"
    found = filtered(items, chosen)
    found = found.with_age().select_related("owner", "opened_at__group", "closed_at__group").order_by(*SORTS[sort], "pk")
    return Listed(found, groups, form, chosen, sort)


def balance_page(request: HttpRequest, items: QuerySet, group: Group | None) -> HttpResponse:
    found, groups, form, chosen, sort = listed(request, items, group)
    printing = "utskrift" in request.GET
    page = Paginator(found, MOST_PRINTED if printing else ON_A_PAGE).get_page(request.GET.get("page"))
    keepers = [one for one in ([group] if group else groups) if may(request.user, "keep_balance", one)]
    asked = request.GET.copy()
    for name in ("page", "utskrift", "format"):
        asked.pop(name, None)
    context = {
        "page_obj": page,
        "rows": [(item, item.overdue, item.meetings_open > LONG and item.state == BalanceItem.State.OPEN) for item in page],
        "group": group,
        "several": group is None and len(groups) > 1,
        "filter_form": form,
        "filtered": bool(chosen),
        "open_total": items.open().count(),
        "sort": sort,
        "keepers": keepers,
        "printing": printing,
        "asked": asked.urlencode(),
        "export_url": reverse("meetings:export_group_balance", args=[group.pk]) if group else reverse("meetings:export_balance"),
        "selection": selection(form),
        "day": today(),
    }
    return render(request, "meetings/balance_print.html" if printing else "meetings/balance.html", context)


def selection(form: FilterForm) -> list[str]:
    """What was chosen, in words: Ansvarig: Erik Lind."""
    if not form.is_valid():
        return []
    said = []
    for name, field in form.fields.items():
        value = form.cleaned_data.get(name)
        words = dict(field.choices).get(value, value) if hasattr(field, "choices") else value
        if value or name == "state":
            said.append(f"{field.label}: {words}")
    return said


# The list as a file


@own_page
@require_safe
def export_balance(request: HttpRequest) -> HttpResponse:
    """The promises of all my groups, filtered as on the page, as a file."""
    return export(request, BalanceItem.objects.visible_to(request.user), None)


@does("read_balance", Group)
@require_safe
def export_group_balance(request: HttpRequest, group: Group) -> HttpResponse:
    """The promises of one group as a file."""
    return export(request, BalanceItem.objects.visible_to(request.user).filter(group=group), group)


HEADINGS = (
    "Vad", "Grupp", "Ansvarig", "Klart senast", "Läge", "Möten på listan", "Uppkom vid", "Uppkom under", "Avslutad vid",
)  # fmt: skip
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def export(request: HttpRequest, items: QuerySet, group: Group | None) -> HttpResponse:
    """CSV, or a workbook with ?format=xlsx. Each group's log tells that its list was taken out."""
    found = list(listed(request, items, group).found.select_related("group__chain", "paragraph"))
    rows = [HEADINGS, *(row_of(item) for item in found)]
    book = request.GET.get("format") == "xlsx"
    if request.method == "GET":
        actions.tell_of_export(found, kind="xlsx" if book else "csv", by=request.user)
    response = HttpResponse(
        as_xlsx(rows, title="Balanslista") if book else as_csv(rows), content_type=XLSX if book else "text/csv; charset=utf-8"
    )
    filename = f"balanslista-{today():%Y-%m-%d}.{'xlsx' if book else 'csv'}"
    response.headers["Content-Disposition"] = content_disposition_header(True, filename)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def row_of(item: BalanceItem) -> tuple:
    return (
        item.title, str(item.group), item.owner.display if item.owner else "", item.due,
        "försenad" if item.overdue else item.get_state_display(), item.meetings_open,
        str(item.opened_at) if item.opened_at else "", item.paragraph.heading if item.paragraph else "",
        str(item.closed_at) if item.closed_at else "",
    )  # fmt: skip


def filtered(items: QuerySet, chosen: dict[str, str]) -> QuerySet:
    state = chosen.get("state", "")
    if state == "overdue":
        items = items.overdue(today())
    elif state == "closed":
        items = items.filter(state=BalanceItem.State.CLOSED)
    elif state != "all":
        items = items.open()
    for word in chosen.get("q", "").split():
        items = items.filter(says(word, "title"))
    if chosen.get("group"):
        items = items.filter(group=int(chosen["group"]))
    if chosen.get("owner"):
        items = items.filter(owner__isnull=True) if chosen["owner"] == "none" else items.filter(owner=int(chosen["owner"]))
    return items


# One promise


def writable_meetings(group_id: int) -> list[Meeting]:
    """The meetings whose list can still be written in: the one being held first, then the coming ones."""
    open_ones = Meeting.objects.filter(group=group_id, state__in=WRITABLE).select_related("group")
    return sorted(open_ones, key=lambda meeting: (meeting.state != State.DRAFT, meeting.date or today().max, meeting.pk))


def readable_notes(request: HttpRequest, item: BalanceItem) -> list[BalanceNote]:
    """The notes this person may read: those of a protocol that is still written only for those who may read it."""
    notes = list(
        item.notes.select_related("meeting__group").prefetch_related("meeting__officers").order_by("meeting__date", "pk")
    )
    keeps = may(request.user, "keep_balance", item) or item.is_own(request.user)
    return [note for note in notes if keeps or note.meeting.state in NOT_HELD or may(request.user, "read_protocol", note.meeting)]


def item_page(
    request: HttpRequest, item: BalanceItem, *, note: Any = None, report: Any = None, change: Any = None
) -> HttpResponse:
    """The promise with its history; a form that could not be saved takes the place of the empty one."""
    notes = readable_notes(request, item)
    keeps, reports = may(request.user, "keep_balance", item), may(request.user, "report_balance", item)
    meetings = writable_meetings(item.group_id) if keeps or reports else []
    texts = {one.meeting_id: one.text for one in notes}
    is_open = item.state == BalanceItem.State.OPEN
    context = {
        "item": item,
        "notes": [(one, to_words(one.text)) for one in reversed(notes) if one.text or one.meeting.state not in NOT_HELD],
        "overdue": item.overdue,
        "age": BalanceItem.objects.with_age().get(pk=item.pk).meetings_open,
        "referrals": referrals(request, item),
        "sees_origin": item.referred_from_id is not None
        and BalanceItem.objects.visible_to(request.user).filter(pk=item.referred_from_id).exists(),
        "answer": answered_in(request, item),
        "why": to_words(item.referred_why),
        "refers": is_open and may(request.user, "refer_balance", item),
        "mentions": mentions(item, request.user),
        "form": note or report or change or "",
        "meetings": meetings,
        "keeps": keeps,
        "reports": reports and not keeps,
        "note_form": note or (noting(item, meetings, texts) if keeps else None),
        "report_form": report
        or (ReportForm(meetings=meetings[:1], texts=texts) if reports and not keeps and meetings and is_open else None),
        "change_form": change or (ChangeForm(item=item, auto_id="andra-%s") if keeps and is_open else None),
    }
    return render(request, "meetings/balance_item.html", context)


def noting(item: BalanceItem, meetings: list[Meeting], texts: dict[int, str]) -> NoteForm | None:
    """Where to note what is said of it; of what is closed in a protocol that is still written, the closing can be mended or taken back."""
    closed = [meeting for meeting in meetings if meeting.pk == item.closed_at_id]
    if item.state == BalanceItem.State.OPEN:
        return NoteForm(meetings=meetings, texts=texts) if meetings else None
    return NoteForm(meetings=closed, texts=texts, initial={"closes": True}) if closed else None


@does("read_balance", BalanceItem)
@require_safe
def balance_item(request: HttpRequest, item: BalanceItem) -> HttpResponse:
    """One promise and everything said of it."""
    return item_page(request, item)


@does("keep_balance", BalanceItem)
@form_page
def note(request: HttpRequest, item: BalanceItem) -> HttpResponse:
    """Note what was said at a meeting, close the promise, or change what it says."""
    if request.method != "POST":
        return see(item_url(item))
    if "change" in request.POST:
        return change(request, item)
    form = NoteForm(request.POST, meetings=writable_meetings(item.group_id), texts=texts_of(item))
    if form.is_valid() and write_note(form, item, actions.note, by=request.user, **closing(form)):
        closed = form.cleaned_data.get("closes")
        messages.success(request, "Punkten är avslutad." if closed else "Anteckningen är sparad.")
        return see(item_url(item))
    if form.has_error("__all__", "stale"):
        form.now_seen()
    return item_page(request, item, note=form)


@does("report_balance", BalanceItem)
@form_page
def report(request: HttpRequest, item: BalanceItem) -> HttpResponse:
    """The owner tells how it goes."""
    if request.method != "POST":
        return see(item_url(item))
    # Of what is closed the action says so; what stands in the closing note is not for the owner to write over.
    texts = texts_of(item) if item.state == BalanceItem.State.OPEN else {}
    form = ReportForm(request.POST, meetings=writable_meetings(item.group_id)[:1], texts=texts)
    if form.is_valid() and write_note(form, item, actions.report, by=request.user):
        messages.success(request, f"Tack. Det du skrev står på balanslistan till {form.cleaned_data['meeting']}.")
        return see(item_url(item))
    if form.has_error("__all__", "stale"):
        form.now_seen()
    return item_page(request, item, report=form)


def closing(form: NoteForm) -> dict[str, Any]:
    """Whether the note closes the promise, and under which §."""
    return {"closes": bool(form.cleaned_data.get("closes")), "under": form.cleaned_data.get("under")}


@does("refer_balance", BalanceItem)
@form_page
def refer_balance(request: HttpRequest, item: BalanceItem) -> HttpResponse:
    """Send the promise to another group, which answers when it has closed it."""
    form = ReferForm(request.POST if request.method == "POST" else None, item=item)
    if form.is_valid():
        try:
            sent = actions.refer_balance(item, by=request.user, **form.cleaned_data)
        except (Refused, ValidationError) as error:
            add_errors(form, error)
        else:
            messages.success(request, f"Punkten är skickad till {sent.group}, och står på deras balanslista.")
            return see(item_url(item))
    return render(request, "meetings/balance_refer.html", {"item": item, "form": form})


def referrals(request: HttpRequest, item: BalanceItem) -> list[dict[str, Any]]:
    """The groups that the promise was sent to, with their answer once their protocol is sealed."""
    rows = list(item.referrals.select_related("group", "closed_at__group").prefetch_related("notes"))
    seen = set(BalanceItem.objects.visible_to(request.user).filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    found = []
    for row in rows:
        answered = row.closed_at is not None and row.closed_at.state in FINISHED
        answer = next((note.text for note in row.notes.all() if note.closes), "") if answered else ""
        found.append({"item": row, "may_see": row.pk in seen, "answered": answered, "answer": to_words(answer)})
    return found


def answered_in(request: HttpRequest, item: BalanceItem) -> Answer | None:
    """The answer in which it was promised, with its motion, for those who may read it."""
    return Answer.objects.visible_to(request.user).filter(pk=item.answer_id).first() if item.answer_id else None


def write_note(form: NoteForm, item: BalanceItem, action: Any, **more: Any) -> bool:
    """Save the note; False, with the reason on the form, when it could not be saved."""
    fields = form.cleaned_data
    try:
        action(item, meeting=fields["meeting"], text=fields["text"], seen=fields["standing"], **more)
    except Stale as stale:
        form.texts[fields["meeting"].pk] = stale.current.text
        text = f"Någon annan antecknade just: ”{stale.current.text}” Ta med det i din text och spara igen."
        form.add_error(None, ValidationError(text, code="stale"))
    except (Refused, ValidationError) as error:
        add_errors(form, error)
    else:
        return True
    return False


def texts_of(item: BalanceItem) -> dict[int, str]:
    return dict(item.notes.values_list("meeting_id", "text"))


def change(request: HttpRequest, item: BalanceItem) -> HttpResponse:
    """Change what is promised, by whom and until when."""
    form = ChangeForm(request.POST, item=item, auto_id="andra-%s")
    if form.is_valid():
        try:
            actions.change_item(item, by=request.user, **form.cleaned_data)
        except Stale as stale:
            form.add_error(
                None, f"Någon annan har ändrat punkten. Nu står det: ”{stale.current.title}”. Spara igen om din text ska gälla."
            )
            read_anew(form, stale)
        except (Refused, ValidationError) as error:
            add_errors(form, error)
        else:
            messages.success(request, "Punkten är ändrad.")
            return see(item_url(item))
    return item_page(request, item, change=form)


def item_url(item: BalanceItem) -> str:
    return reverse("meetings:balance_item", args=[item.pk])


@does("keep_balance", Group)
@form_page
def open_item(request: HttpRequest, group: Group) -> HttpResponse:
    """A new promise, at the meeting that is held now or without one."""
    meetings = writable_meetings(group.pk)
    draft = next((meeting for meeting in meetings if meeting.state == State.DRAFT), None)
    form = OpenForm(
        request.POST if request.method == "POST" else None,
        group=group, meetings=meetings, draft=draft, initial={"meeting": draft.pk if draft else None, "paragraph": request.GET.get("paragraf")},
    )  # fmt: skip
    if form.is_valid():
        try:
            item = actions.open_item(group, by=request.user, **form.cleaned_data)
        except (Refused, ValidationError) as error:
            add_errors(form, error)
        else:
            messages.success(request, "Punkten står på balanslistan.")
            return see(item_url(item))
    return render(request, "meetings/balance_new.html", {"group": group, "form": form})
