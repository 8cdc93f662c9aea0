"""The secretary's desk: the protocol written § by §, saved while one types, and never over somebody else's text."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from meetings.actions import agenda as actions
from meetings.agenda import Numbers, numbered
from meetings.forms.desk import TextForm, form_for
from meetings.models import Attendance, Item, Meeting, Paragraph
from meetings.sentences import default_texts
from people.access import does
from people.permissions import may
from record.moves import Refused, Stale, WrongState
from record.text import diff_html, to_words

SAME_SITTING = timedelta(minutes=10)
GROUPS_ON_A_PAGE = 10
# What the slots of a template's sentence are filled with when the protocol is made.
SLOTS = {
    "{ordförande}": "ordförandens namn och titel",
    "{sekreterare}": "sekreterarens namn",
    "{justerare}": "vilka som är valda till justerare, och justeringsdagen",
    "{dagordning}": "att dagordningen godkändes, med tillägg och flyttade punkter",
    "{personalföreträdare}": "vilka som deltar för personalen vid nämnden",
    "{balanslista}": "de öppna punkterna på balanslistan",
    "{nästa möte}": "dag, tid och plats för nästa möte",
}


# The desk


class Line(NamedTuple):
    """A § in the agenda at the side."""

    number: int | None
    paragraph: Paragraph
    state: str  # empty, started or done
    section: str  # the heading to print above it, when a section begins

    @property
    def words(self) -> str:
        return {"empty": "tom", "started": "påbörjad", "done": "klar"}[self.state]


def state_of(paragraph: Paragraph) -> str:
    """How far the writing has come: empty, started or done."""
    if paragraph.done:
        return "done"
    written = paragraph.text or any(item.text or item.outcome for item in paragraph.items.all()) or paragraph.placements.all()
    return "started" if written else "empty"


def lines(meeting: Meeting) -> list[Line]:
    """The whole agenda with preliminary numbers, in a fixed number of queries."""
    paragraphs = meeting.paragraphs.prefetch_related("items", "placements__motion")
    found, section = [], ""
    for number, paragraph in numbered(paragraphs, meeting.group):
        found.append(Line(number, paragraph, state_of(paragraph), paragraph.section if paragraph.section != section else ""))
        section = paragraph.section
    return found


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


def keeps_text(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """When it is too late to write, what was typed is shown, so that it can be copied."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except WrongState as refusal:
            if is_fetch(request):
                return JsonResponse({"locked": True, "message": f"{refusal.reason} {refusal.next_step}"}, status=409)
            if request.method != "POST" or not request.POST.get("text"):
                raise
            context = {"reason": refusal.reason, "next_step": refusal.next_step, "typed": words_of_typed(request)}
            return render(request, "meetings/write_locked.html", context, status=409)

    return guarded


def words_of_typed(request: HttpRequest) -> str:
    """The posted text as words, whatever is wrong with it."""
    typed = TextForm.base_fields["text"].widget.value_from_datadict(request.POST, request.FILES, "text") or ""
    return to_words(str(typed)[:500_000])


@does("edit_text", Paragraph)
@require_safe
def write(request: HttpRequest, paragraph: Paragraph) -> HttpResponse:
    """The desk with one § open."""
    return render(request, "meetings/write.html", desk_context(request, paragraph))


def desk_context(request: HttpRequest, paragraph: Paragraph, *, bound: TextForm | None = None) -> dict[str, Any]:
    """Everything the desk shows; `bound` takes the place of the form that could not be saved."""
    meeting = paragraph.meeting
    agenda = lines(meeting)
    at = [line.paragraph.pk for line in agenda].index(paragraph.pk)
    here = agenda[at]
    row = here.paragraph
    if bound is not None:
        bound.row = row if isinstance(bound.row, Paragraph) else next(item for item in row.items.all() if item.pk == bound.row.pk)
    forms = [bound if bound is not None and bound.row == one else form_for(one) for one in (row, *row.items.all())]
    statuses = list(meeting.attendances.values_list("status", flat=True))
    last = row.history.select_related("history_user__person").first()
    template = meeting.template.items.filter(slug=row.slug).first() if meeting.template_id and row.slug else None
    phrase = template.default_phrase if template else ""
    sentence = default_texts(meeting, Numbers.of(meeting)).get(row.slug, "") if phrase else ""
    return {
        "meeting": meeting,
        "agenda": agenda,
        "line": here,
        "paragraph": row,
        "text_form": forms[0],
        "item_forms": forms[1:],
        "form": bound or "",
        "previous_line": agenda[at - 1] if at else None,
        "next_line": agenda[at + 1] if at + 1 < len(agenda) else None,
        "done": sum(1 for line in agenda if line.state == "done"),
        "help_text": template.help_text if template else "",
        "phrase": phrase,
        "sentence": sentence,
        "sentence_words": to_words(sentence),
        "slots": [(slot, words) for slot, words in SLOTS.items() if slot in phrase],
        "saved_at": last.history_date if last is not None and last.history_change_reason == "edit_text" else None,
        "no_comments_left": sum(
            1 for item in row.items.all() if item.kind == Item.Kind.BOARD_MATTER and not item.outcome and not item.text
        ),
        "present": statuses.count(Attendance.Status.PRESENT),
        "away": statuses.count(Attendance.Status.EXCUSED) + statuses.count(Attendance.Status.ABSENT),
        "expected": statuses.count(Attendance.Status.EXPECTED),
        "adjusters": meeting.adjusters,
        "may_freeze": may(request.user, "freeze", meeting),
    }


# Saving


def is_fetch(request: HttpRequest) -> bool:
    """The request comes from our script, which wants JSON and never a redirect."""
    return request.headers.get("X-Requested-With") == "fetch"


@keeps_text
@does("edit_text", Paragraph)
@require_http_methods(["GET", "HEAD", "POST"])
def save(request: HttpRequest, paragraph: Paragraph) -> HttpResponse:
    """Save the text of a §."""
    if request.method != "POST":  # back from the log-in
        return redirect("meetings:write", pk=paragraph.pk)
    return save_row(request, paragraph, paragraph) or see(write_url(paragraph))


@keeps_text
@does("edit_text", Item)
@require_http_methods(["GET", "HEAD", "POST"])
def save_item(request: HttpRequest, item: Item) -> HttpResponse:
    """Save the text and the outcome of an item."""
    if request.method != "POST":
        return redirect("meetings:write", pk=item.paragraph_id)
    return save_row(request, item.paragraph, item) or see(write_url(item.paragraph, item))


def save_row(request: HttpRequest, paragraph: Paragraph, row: Paragraph | Item, *, quietly: bool = False) -> HttpResponse | None:
    """Save what was posted for the row. None when a plain form was saved; else the answer to give."""
    form = form_for(row, request.POST)
    if not form.is_valid():
        return refused(request, paragraph, form)
    fields = form.posted()
    version = form.cleaned_data["version"]
    try:
        if not (version == row.version and is_same(row, fields)):
            edit = actions.edit_text if isinstance(row, Paragraph) else actions.edit_item
            edit(row, fields=fields, version=version, by=request.user)
    except Stale as stale:
        if not is_same(stale.current, fields):
            return conflict(request, paragraph, stale.current, form)
        row = stale.current  # the same words are there already: an answer was lost on its way, and the script asks again
    except (ValidationError, Refused) as error:
        add_errors(form, error)
        return refused(request, paragraph, form)
    # From here on the change is committed: the actions end their transaction before they return.
    clock = f"{timezone.localtime():%H:%M}"
    if is_fetch(request):
        return JsonResponse({"version": row.version, "saved_at": clock, "state": state_of(with_items(paragraph.pk))})
    if not quietly:
        messages.success(request, f"Sparat {clock}")
    return None


def with_items(pk: int) -> Paragraph:
    return Paragraph.objects.prefetch_related("items", "placements").get(pk=pk)


def is_same(row: Paragraph | Item, fields: dict[str, Any]) -> bool:
    """The row already says what was posted."""
    return all(getattr(row, name) == value for name, value in fields.items())


def add_errors(form: TextForm, error: ValidationError | Refused) -> None:
    """Put what an action refused at its field, or above the form."""
    if isinstance(error, Refused):
        form.add_error(None, str(error))
    elif hasattr(error, "error_dict"):
        for name, problems in error.error_dict.items():
            form.add_error(name if name in form.fields else None, problems)
    else:
        form.add_error(None, error)


def refused(request: HttpRequest, paragraph: Paragraph, form: TextForm) -> HttpResponse:
    """What was wrong, with everything typed kept."""
    if is_fetch(request):
        return JsonResponse({"errors": {name: list(problems) for name, problems in form.errors.items()}}, status=422)
    return render(request, "meetings/write.html", desk_context(request, paragraph, bound=form))


def conflict(request: HttpRequest, paragraph: Paragraph, current: Paragraph | Item, form: TextForm) -> HttpResponse:
    """Somebody else was first: both texts, and the choice is the person's."""
    who, when = last_hand(current)
    mine, theirs = form.cleaned_data.get("text", current.text), current.text
    number = number_of(paragraph)
    context = {
        "who": who,
        "when": when,
        "where": number,
        "mine": to_words(mine),
        "theirs": to_words(theirs),
    }
    if is_fetch(request):
        message = f"{who} sparade {number} kl. {when:%H:%M}. Din text finns kvar."
        told = {"message": message, "who": who, "at": f"{when:%H:%M}", "where": number, "version": current.version}
        return JsonResponse(told | {"mine": context["mine"], "theirs": context["theirs"]}, status=409)
    kept = {name: form.cleaned_data[name] for name in form.fields} | {"version": current.version}
    context |= {
        "paragraph": paragraph,
        "meeting": paragraph.meeting,
        "row": current,
        "is_item": isinstance(current, Item),
        "keep_mine": form_for(current, initial=kept, auto_id="keep-%s"),
        "merge": form_for(current, initial=kept, auto_id="merge-%s"),
        "diff": diff_html(context["theirs"], context["mine"]),
        "my_outcome": Item.Outcome(kept["outcome"]).label if "outcome" in kept and kept["outcome"] != current.outcome else "",
        "their_outcome": current.get_outcome_display() if "outcome" in kept and kept["outcome"] != current.outcome else "",
        "back": write_url(paragraph),
    }
    return render(request, "meetings/write_conflict.html", context, status=409)


def last_hand(row: Paragraph | Item) -> tuple[str, datetime]:
    """Who saved the row last, and when."""
    last = row.history.select_related("history_user__person").first()
    who = str(last.history_user) if last is not None and last.history_user else "Någon annan"
    return who, timezone.localtime(last.history_date if last is not None else timezone.now())


def number_of(paragraph: Paragraph) -> str:
    """`§ 7`, or the heading of a § that has no number."""
    meeting = paragraph.meeting
    rows = numbered(meeting.paragraphs.prefetch_related("items", "placements"), meeting.group)
    number = next((number for number, row in rows if row.pk == paragraph.pk), None)
    return f"§ {number}" if number else paragraph.heading


def see(url: str) -> HttpResponse:
    """After a form that was saved: look at the page."""
    return HttpResponseRedirect(url, status=303)


def write_url(paragraph: Paragraph, item: Item | None = None) -> str:
    return reverse("meetings:write", args=[paragraph.pk]) + (f"#item-{item.pk}" if item is not None else "")


@keeps_text
@does("edit_text", Paragraph)
@require_POST
def done(request: HttpRequest, paragraph: Paragraph) -> HttpResponse:
    """Mark a § as finished, after saving the text that came with it, and go on to the next one."""
    if "text" in request.POST:
        answer = save_row(request, paragraph, paragraph, quietly=True)
        if answer is not None:
            return answer
    finished = request.POST.get("done", "1") == "1"
    actions.set_done(paragraph, done=finished, by=request.user)
    if not finished:
        return see(write_url(paragraph))
    rows = list(paragraph.meeting.paragraphs.all())
    at = [row.pk for row in rows].index(paragraph.pk)
    following = [row for row in rows[at + 1 :] + rows[:at] if not row.done]
    if not following:
        messages.success(request, "Alla paragrafer är klara. Gå igenom checklistan och skicka till justering.")
        return see(write_url(paragraph))
    return see(write_url(following[0]))


@does("edit_text", Paragraph)
@require_POST
def no_comments(request: HttpRequest, paragraph: Paragraph) -> HttpResponse:
    """ "Inga synpunkter" on every board matter that nothing has been written about."""
    count = actions.no_comments_on_the_rest(paragraph, by=request.user)
    matters = "ett ärende" if count == 1 else f"{count} ärenden"
    messages.success(request, f"Inga synpunkter på {matters}." if count else "Alla ärenden har redan text eller utfall.")
    return see(write_url(paragraph))


# Earlier versions


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
    """The history of the row's text, newest first; autosaves of the same person within ten minutes are one line."""
    found: list[Sitting] = []
    for past in row.history.select_related("history_user__person").order_by("history_date", "history_id"):
        before = found[-1].text if found else ""
        if found and past.text == before:
            continue
        who = str(past.history_user) if past.history_user else "Systemet"
        last = found[-1] if found else None
        if last is not None and last.saves and last.who == who and past.history_date - last.ended <= SAME_SITTING:
            found[-1] = last._replace(row=past, ended=past.history_date, saves=last.saves + 1, text=past.text)
        else:
            # The row as it was laid out is the ground that the first person's words stand on.
            found.append(
                Sitting(past, who, past.history_date, past.history_date, 1 if found or past.text else 0, before, past.text)
            )
    return found[::-1]


@does("edit_text", Paragraph)
@require_http_methods(["GET", "HEAD", "POST"])
def versions(request: HttpRequest, paragraph: Paragraph) -> HttpResponse:
    """The history of a text, what changed each time, and the way back: an old text becomes the newest version."""
    row = paragraph
    chosen = request.GET.get("punkt") or request.POST.get("punkt")
    if chosen:
        if not chosen.isascii() or not chosen.isdigit() or len(chosen) > 18:
            raise Http404
        row = get_object_or_404(Item.objects.filter(paragraph=paragraph), pk=int(chosen))
    here = reverse("meetings:versions", args=[paragraph.pk]) + (f"?punkt={row.pk}" if row is not paragraph else "")
    error = ""
    if request.method == "POST":
        wanted, version = request.POST.get("restore", ""), request.POST.get("version", "")
        if not (wanted.isascii() and wanted.isdigit() and version.isascii() and version.isdigit() and len(wanted + version) < 30):
            raise Http404
        past = row.history.filter(history_id=int(wanted)).first()
        if past is None:
            raise Http404
        edit = actions.edit_text if isinstance(row, Paragraph) else actions.edit_item
        try:
            edit(row, fields={"text": past.text}, version=int(version), by=request.user)
        except Stale as stale:
            who, when = last_hand(stale.current)
            error = f"{who} sparade en ny text kl. {when:%H:%M}. Den är inte ersatt. Läs den nedan och välj igen."
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
    return render(request, "meetings/versions.html", context, status=409 if error else 200)
