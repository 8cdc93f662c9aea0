"""Saving at the desk: while one types, never over somebody else's text, and nothing typed is lost."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from meetings.actions import agenda as actions
from meetings.forms.desk import DeskTextForm, form_for
from meetings.models import Item, Paragraph
from meetings.reading.desk import as_data, last_hand, state_of
from meetings.reading.numbering import numbered_now
from meetings.views.common import write_url
from meetings.views.common_desk import desk_context
from people.access import does
from record.fields import TextWidget
from record.forms import overtaken_by, problems, told
from record.moves import WrongState
from record.pages import by_script, form_page, posted, see
from record.swedish import capital
from record.text import apart, diff_html, merge, to_editor_html, to_words


def keeps_text(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """When it is too late to write, what was typed is shown, so that it can be copied."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except WrongState as refusal:
            if by_script(request):
                return JsonResponse({"locked": True, "message": f"{refusal.reason} {refusal.next_step}"}, status=409)
            if not request.POST.get("text"):
                raise
            context = {"reason": refusal.reason, "next_step": refusal.next_step, "typed": words_of_typed(request)}
            return render(request, "meetings/write_locked.html", context, status=409)

    return guarded


def words_of_typed(request: HttpRequest) -> str:
    """The posted text as words, whatever is wrong with it."""
    typed = TextWidget().value_from_datadict(request.POST, request.FILES, "text") or ""
    return to_words(str(typed)[:500_000])


@keeps_text
@does("edit_text", Paragraph)
@form_page
def save(request: HttpRequest, paragraph: Paragraph) -> HttpResponse:
    """Save the text of a §."""
    if posted(request) is None:  # back from the log-in
        return redirect("meetings:write", pk=paragraph.pk)
    return save_row(request, paragraph, paragraph) or see(write_url(paragraph))


@keeps_text
@does("edit_text", Item)
@form_page
def save_item(request: HttpRequest, item: Item) -> HttpResponse:
    """Save the text and the outcome of an item."""
    if posted(request) is None:
        return redirect("meetings:write", pk=item.paragraph_id)
    return save_row(request, item.paragraph, item) or see(write_url(item.paragraph, item))


def save_row(request: HttpRequest, paragraph: Paragraph, row: Paragraph | Item, *, quietly: bool = False) -> HttpResponse | None:
    """Save what was posted for the row. None when a plain form was saved; else the answer to give."""
    if by_script(request) and request.POST.get("by", str(request.user.pk)) != str(request.user.pk):
        return JsonResponse({"who": str(request.user)}, status=401)  # somebody else has logged in in this browser since
    form = form_for(row, request.POST)
    if not form.is_valid():
        return refused(request, paragraph, form)
    fields = form.facts()
    version, finished = form.cleaned_data["version"], form.cleaned_data.get("done")
    with told(form):
        if fields and not (version == row.version and is_same(row, fields)):
            edit = actions.edit_text if isinstance(row, Paragraph) else actions.edit_item
            edit(row, fields=fields, version=version, by=request.user)
    if form.errors:
        return refused(request, paragraph, form)
    if current := overtaken_by(form):
        if not is_same(current, fields):
            return conflict(request, paragraph, current, form)
        row = current  # the same words are there already: an answer was lost on its way, and the script asks again
    if finished is not None and finished != row.done:
        actions.set_done(row, done=finished, by=request.user)
    # From here on the change is committed: the actions end their transaction before they return.
    clock = f"{timezone.localtime():%H:%M}"
    if by_script(request):
        # Where no text was sent, the page still has the one it had, however old it is.
        shown = Paragraph.objects.prefetch_related("items", "placements").get(pk=paragraph.pk)
        return JsonResponse({"version": row.version if fields else version, "saved_at": clock, "state": state_of(shown)})
    if not quietly:
        messages.success(request, f"Sparat {clock}")
    return None


def is_same(row: Paragraph | Item, fields: dict[str, Any]) -> bool:
    """The row already says what was posted."""
    return all(getattr(row, name) == value for name, value in fields.items())


def refused(request: HttpRequest, paragraph: Paragraph, form: DeskTextForm) -> HttpResponse:
    """What was wrong, with everything typed kept."""
    if by_script(request):
        return JsonResponse({"errors": problems(form)}, status=422)
    return render(request, "meetings/write.html", desk_context(request, paragraph, bound=form))


def conflict(request: HttpRequest, paragraph: Paragraph, current: Paragraph | Item, form: DeskTextForm) -> HttpResponse:
    """Somebody else was first: both texts, and the choice is the person's."""
    who, when = last_hand(current, request.user)
    mine, theirs = to_words(form.cleaned_data.get("text", current.text)), to_words(current.text)
    where = numbered_now(paragraph).where
    both = {"who": who, "where": where, "mine": mine, "theirs": theirs, "diff": diff_html(theirs, mine)} | _outcomes(
        current, form
    )
    if by_script(request):
        message = f"{capital(who)} sparade {where} kl. {when:%H:%M}. Din text finns kvar."
        answer = {"message": message, "at": f"{when:%H:%M}", "version": current.version, "current": as_data(current)}
        together = joined(current, form)
        if together is not None:
            answer["together"] = together | {"words": to_words(together["text"]), "html": to_editor_html(together["text"])}
        return JsonResponse(answer | both, status=409)
    context = {"paragraph": paragraph, "meeting": paragraph.meeting, "when": when, "back": write_url(paragraph)}
    return render(request, "meetings/write_conflict.html", context | both | _choices(current, form), status=409)


def _outcomes(current: Item | Paragraph, form: DeskTextForm) -> dict[str, str]:
    """The two outcomes, when they differ."""
    if "outcome" not in form.fields:
        return {}
    wanted = form.cleaned_data.get("outcome", "")
    if wanted == current.outcome:
        return {}
    return {"my_outcome": Item.Outcome(wanted).label, "their_outcome": Item.Outcome(current.outcome).label}


def _choices(current: Paragraph | Item, form: DeskTextForm) -> dict[str, Any]:
    """The forms of the page that asks: keep what was typed, or write the two together."""
    kept = {name: form.cleaned_data[name] for name in form.fields if name != "done"} | {"version": current.version}
    together = joined(current, form)
    return {
        "row": current,
        "is_item": isinstance(current, Item),
        "keep_mine": form_for(current, initial=kept, auto_id="keep-%s"),
        "merge": form_for(current, initial=kept | (together or {}), auto_id="merge-%s"),
        "together": together is not None,
    }


def joined(current: Paragraph | Item, form: DeskTextForm) -> dict[str, Any] | None:
    """Text and outcome with what both have changed since the text that the form was written from; None when they collide.

    `apart` says that their changes nowhere touch: then the script saves the joined text without asking.
    """
    base = current.history.filter(version=form.cleaned_data["version"]).first()
    if base is None:
        return None
    merged = {}
    for name, mine in form.facts().items():
        was, theirs = getattr(base, name), getattr(current, name)
        both = merge(was, mine, theirs) if name == "text" else theirs if mine == was else mine if theirs in (was, mine) else None
        if both is None:
            return None
        merged[name] = both
    if merged.get("text") in (None, current.text):
        return None
    return merged | {"apart": apart(base.text, form.facts()["text"], current.text)}


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
    paragraphs = list(paragraph.meeting.paragraphs.all())
    at = [row.pk for row in paragraphs].index(paragraph.pk)
    following = [row for row in paragraphs[at + 1 :] + paragraphs[:at] if not row.done]
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
    said = f"Inga synpunkter på {matters}." if count else "Alla ärenden har redan text eller utfall."
    if by_script(request):
        return JsonResponse({"message": said})
    messages.success(request, said)
    return see(write_url(paragraph))
