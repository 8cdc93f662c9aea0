"""The file of a motion: put beside the draft, changed and taken out of what has been filed."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from motions import versions
from motions.actions import files as actions
from motions.forms.files import AttachForm, ChangeFileForm, RemoveFileForm
from motions.models import Motion
from motions.views.common import demand_time, demand_turn
from people.access import does
from record.forms import overtaken_by, told
from record.pages import form_page, posted, see


@does("draft_motion", Motion)
@form_page
def attach(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Hand in a file instead of writing the text."""
    demand_time(motion, "attach")
    form = AttachForm(posted(request), request.FILES or None, initial={"description": motion.description}, motion=motion)
    if form.is_valid():
        with told(form):
            actions.attach(motion, **form.cleaned_data, by=request.user)
            messages.success(request, f"{_saved(motion, form)} i utkastet.")
            return see("motions:edit", motion.pk)
    return render(request, "motions/attach.html", {"motion": motion, "form": form})


@does("change_motion", Motion)
@form_page
def change_file(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Another file in what has been filed: a new version, seen by all who may read it."""
    demand_turn(request.user, "change_motion", motion)
    initial = {"description": motion.description, "version": motion.version}
    form = ChangeFileForm(posted(request), request.FILES or None, initial=initial, motion=motion)
    if form.is_valid():
        with told(form):
            actions.change_file(motion, **form.cleaned_data, by=request.user)
            messages.success(request, f"{_saved(motion, form)} som version {versions.number(motion)}.")
            return see("motions:motion", motion.pk)
        if overtaken_by(form):  # told where the file is chosen: the browser forgets it
            form.add_error(
                "file", f"{motion.words.The} har ändrats medan du skrev. Läs den nya versionen, välj filen igen och spara."
            )
    return render(request, "motions/attach.html", {"motion": motion, "form": form, "changing": True})


def _saved(motion: Motion, form: AttachForm) -> str:
    """The file, or its words alone, without where."""
    return f"Filen {motion.filename} är sparad" if form.cleaned_data["file"] else "Textalternativet är sparat"


@does("change_motion", Motion)
@form_page
def remove_file(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Take the file out of what has been filed, after asking: a new version, seen by all who may read it."""
    demand_turn(request.user, "change_motion", motion)
    actions.demand_file(motion)
    form = RemoveFileForm(posted(request), initial={"version": motion.version})
    if form.is_valid():
        with told(form, stale=f"{motion.words.The} har ändrats medan du läste. Läs den nya versionen och försök igen."):
            actions.remove_file(motion, **form.cleaned_data, by=request.user)
            messages.success(request, f"Filen är borttagen. Det är version {versions.number(motion)}.")
            return see("motions:motion", motion.pk)
    return render(request, "motions/remove_file.html", {"motion": motion, "form": form})


@does("draft_motion", Motion)
@require_POST
def detach(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Take the file away from the draft."""
    actions.detach(motion, by=request.user)
    messages.success(request, "Filen är borttagen ur utkastet.")
    return see("motions:edit", motion.pk)
