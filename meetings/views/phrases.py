"""The phrase page of a group: what `/` offers at the desk, and how the group wants it."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from meetings.actions import phrases as actions
from meetings.forms.phrases import NewPhraseForm, RewriteForm, words_now
from meetings.models import Meeting, Phrase
from meetings.reading.phrasebook import SLOTS, entries
from meetings.views.common import crumbs
from people.access import does
from people.models import Group, User
from people.permissions import may
from record.forms import status_of, told, told_next
from record.pages import form_page, posted, see

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
    if posted(request) is not None:
        return _do(request, group)
    entry = next((entry for entry in entries(group) if entry.key == request.GET.get("andra")), None)
    if entry is None and "andra" in request.GET:
        raise Http404
    return _page(request, group, RewriteForm(entry=entry) if entry else None)


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
    with told_next(request, stale=_changed):
        if doing in STEPS:
            actions.move_phrase(group, key=key, by_steps=STEPS[doing], by=request.user)
        else:
            verb, said = DONE[doing]
            verb(group, key=key, version=int(version), by=request.user)
            messages.success(request, said.format(key=key))
    return see("meetings:phrases", group.pk, at=f"fras-{key}" if key.isalpha() else "")


def _changed(current: Phrase) -> str:
    return f"Någon annan har ändrat /{current.key} sedan du läste listan. Nu: {words_now(current)}"


def _add(request: HttpRequest, group: Group) -> HttpResponse:
    form = NewPhraseForm(request.POST)
    if form.is_valid():
        with told(form):
            phrase = actions.add_phrase(group, **form.cleaned_data, by=request.user)
            messages.success(request, f"/{phrase.key} är tillagd.")
            return see("meetings:phrases", group.pk, at=f"fras-{phrase.key}")
    return _page(request, group, form)


def _rewrite(request: HttpRequest, group: Group, key: str) -> HttpResponse:
    """Another text. When somebody else was first, both texts are shown, and the typed one stays in the form."""
    entry = next((entry for entry in entries(group) if entry.key == key), None)
    if entry is None:  # removed meanwhile: what was typed can be added anew
        form = NewPhraseForm(request.POST)
        form.stale = Phrase(group=group, key=key)
        return _page(request, group, form)
    form = RewriteForm(request.POST, entry=entry)
    if form.is_valid():
        with told(form):
            actions.rewrite_phrase(group, **form.cleaned_data, by=request.user)
            messages.success(request, f"/{key} är ändrad.")
            return see("meetings:phrases", group.pk, at=f"fras-{key}")
    return _page(request, group, form)


def _page(request: HttpRequest, group: Group, form: NewPhraseForm | RewriteForm | None) -> HttpResponse:
    """The page with `form` open: the one of a phrase that is rewritten, or the one for a new phrase."""
    context = {
        "group": group,
        "rows": entries(group),
        "slots": [(f"{{{name}}}", meaning) for name, meaning in SLOTS.items()],
        "form": form or "",
        "text_form": form if isinstance(form, RewriteForm) else None,
        "new_form": form if isinstance(form, NewPhraseForm) else NewPhraseForm(),
        "meeting": _being_written(group, request.user),
        "crumbs": crumbs(),
        "back": reverse("meetings:phrases", args=[group.pk]),
    }
    return render(request, "meetings/phrases.html", context, status=status_of(form) if form else 200)


def _being_written(group: Group, user: User) -> Meeting | None:
    """The newest meeting whose protocol is being written, to go back to."""
    meeting = group.meetings.visible_to(user).filter(state="draft").first()
    return meeting if meeting is not None and may(user, "edit_text", meeting) else None
