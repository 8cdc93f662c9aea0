"""The phrase page of a group: what `/` offers at the desk, and how the group wants it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from meetings.actions import phrases as actions
from meetings.forms.phrases import NewForm, TextForm
from meetings.models import Meeting, Phrase
from meetings.reading.phrasebook import SLOTS, Entry, entries
from meetings.views.common import crumbs
from people.access import does
from people.models import Group, User
from people.permissions import may
from record.forms import add_errors
from record.moves import Refused, Stale
from record.pages import form_page, see
from record.text import to_words

# What the buttons of a row do, and what is said afterwards.
DONE = {
    "hide": (actions.hide_phrase, "/{key} är dold för gruppen."),
    "restore": (actions.restore_phrase, "/{key} är standardfrasen igen."),
    "remove": (actions.remove_phrase, "/{key} är borttagen."),
}
STEPS = {"up": -1, "down": 1}


@does("edit_template", Group)
@form_page
def phrases(request: HttpRequest, group: Group) -> HttpResponse:
    """All phrases of the group, with what may be done to each, and a form for one more; `?andra=isy` opens one for rewriting."""
    if request.method == "POST":
        return _do(request, group)
    entry = next((entry for entry in entries(group) if entry.key == request.GET.get("andra")), None)
    if entry is None and "andra" in request.GET:
        raise Http404
    return _page(request, group, TextForm(entry=entry) if entry else None)


def _do(request: HttpRequest, group: Group) -> HttpResponse:
    """What was posted: a new phrase, another text, a move, or a button of a row."""
    doing, key = request.POST.get("do", ""), request.POST.get("key", "")[:40]
    if doing == "add":
        return _add(request, group)
    if doing == "rewrite":
        return _rewrite(request, group, key)
    version = request.POST.get("version", "")
    if doing not in {*DONE, *STEPS} or not (version.isdecimal() and version.isascii() and len(version) < 10):
        raise BadRequest
    try:
        if doing in STEPS:
            actions.move_phrase(group, key=key, by_steps=STEPS[doing], by=request.user)
        else:
            verb, said = DONE[doing]
            verb(group, key=key, version=int(version), by=request.user)
            messages.success(request, said.format(key=key))
    except Stale as stale:
        now = to_words(stale.current.text) or "dold eller borttagen"
        messages.warning(request, f"Någon annan har ändrat /{key} sedan du läste listan. Nu: {now}")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return see("meetings:phrases", group.pk, at=f"fras-{key}" if key.isalpha() else "")


def _add(request: HttpRequest, group: Group) -> HttpResponse:
    form = NewForm(request.POST)
    if form.is_valid():
        try:
            row = actions.add_phrase(group, **form.cleaned_data, by=request.user)
        except ValidationError as error:
            add_errors(form, error)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"/{row.key} är tillagd.")
            return see("meetings:phrases", group.pk, at=f"fras-{row.key}")
    return _page(request, group, form)


def _rewrite(request: HttpRequest, group: Group, key: str) -> HttpResponse:
    """Another text. When somebody else was first, both texts are shown, and the typed one stays in the form."""
    entry = next((entry for entry in entries(group) if entry.key == key), None)
    if entry is None:  # removed meanwhile: what was typed can be added anew
        return _page(request, group, NewForm(request.POST), stale=_both(Phrase(group=group, key=key), request), status=409)
    form = TextForm(request.POST, entry=entry)
    if form.is_valid():
        try:
            actions.rewrite_phrase(group, **form.cleaned_data, by=request.user)
        except Stale as stale:
            data = request.POST.copy()
            data["version"] = stale.current.version
            again = TextForm(data, entry=entry)
            return _page(request, group, again, stale=_both(stale.current, request), status=409)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, f"/{key} är ändrad.")
            return see("meetings:phrases", group.pk, at=f"fras-{key}")
    return _page(request, group, form)


def _both(current: Phrase, request: HttpRequest) -> list[dict[str, str]]:
    """What stands there now, and what was typed."""
    typed = TextForm.base_fields["text"].widget.value_from_datadict(request.POST, request.FILES, "text") or ""
    now = to_words(current.text) or "dold eller borttagen"
    return [{"label": f"/{current.key}", "now": now, "typed": to_words(str(typed)[:100_000])}]


def _page(
    request: HttpRequest, group: Group, form: NewForm | TextForm | None, *, stale: Any = None, status: int = 200
) -> HttpResponse:
    """The page with `form` open: the one of a phrase that is rewritten, or the one for a new phrase."""
    rows: list[Entry] = entries(group)
    context = {
        "group": group,
        "rows": rows,
        "slots": [(f"{{{name}}}", words) for name, words in SLOTS.items()],
        "form": form or "",
        "text_form": form if isinstance(form, TextForm) else None,
        "new_form": form if isinstance(form, NewForm) else NewForm(),
        "stale": stale,
        "meeting": _being_written(group, request.user),
        "crumbs": crumbs(),
        "back": reverse("meetings:phrases", args=[group.pk]),
    }
    return render(request, "meetings/phrases.html", context, status=status)


def _being_written(group: Group, user: User) -> Meeting | None:
    """The newest meeting whose protocol is being written, to go back to."""
    meeting = group.meetings.visible_to(user).filter(state="draft").first()
    return meeting if meeting is not None and may(user, "edit_text", meeting) else None
