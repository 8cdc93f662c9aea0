"""Write a motion: the one form for new, old and filed, its file, and the draft thrown away."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from motions import actions, sheet
from motions import versions as history
from motions.forms import AttachForm, ChangeFileForm, ChangeForm, MotionForm, RemoveFileForm, Row, Rows
from motions.kinds import ASKING, Kind
from motions.models import Motion, voices
from motions.occasions import coming
from motions.states import State
from motions.views.common import demand_time, demand_turn, parties_of, timing
from people.access import does
from people.models import Group, Party
from record.forms import add_errors, read_anew
from record.moves import Stale
from record.pages import form_page, see, whole_number
from record.swedish import genitive, join
from record.text import diff_html

BEGUN = "begun"  # in the session: which draft each new form has become
MOST_BEGUN = 20


@does("draft_motion", Group)
@form_page
def draft(request: HttpRequest, group: Group) -> HttpResponse:
    """A new motion; nothing is kept until it is saved."""
    parties = parties_of(voices(request.user, "draft_motion", group.pk, anew=True))
    if not parties:
        raise PermissionDenied
    return _writing(request, group=group, motion=None, parties=parties)


@does("draft_motion", Motion)
@form_page
def edit(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Go on with a draft."""
    demand_time(motion, "draft_motion")
    return _writing(request, group=motion.group, motion=motion, parties=[motion.party])


def _writing(request: HttpRequest, *, group: Group, motion: Motion | None, parties: list[Party]) -> HttpResponse:
    """The one form for new and old. Its buttons say what is done: rows are added, moved and removed here too, without a script."""
    asked = request.GET.get("slag", "")
    instance = motion or Motion(group=group, party=parties[0], kind=asked if asked in Kind.values else Kind.MOTION)
    occasions = coming(group)
    context: dict[str, Any] = {"group": group, "motion": motion, "parties": parties, "version": motion.version if motion else 0}
    context |= {"occasions": occasions, **timing(occasions, motion.aim if motion else None)}
    more = {"parties": parties, "occasions": occasions}
    if request.method != "POST":
        context["fresh"] = "" if motion else uuid4().hex
        return _form_page(request, MotionForm(instance=instance, **more), Rows.of(motion), context)
    context["fresh"] = fresh = request.POST.get("fresh", "")[:32]
    if motion is None and (known := _begun(request, fresh, group)) is not None:
        return _again(request, known)
    form, rows = MotionForm(request.POST, instance=instance, **more), Rows.posted(request.POST)
    context["version"] = whole_number(request.POST.get("version"))
    verb, _, row = request.POST.get("do", "save").partition(":")
    if verb == "show":
        return _show(request, form, rows, instance, parties)
    if verb not in ("save", "review"):
        rows.apply(verb, whole_number(row), request.POST, request.POST.get("kind", ""))
        return _form_page(request, MotionForm(initial=form.typed(), **more), rows, context | {"unsaved": True})
    valid = form.is_valid()
    if not rows.is_valid(form.cleaned_data.get("kind", "")) or not valid:
        return _form_page(request, form, rows, context)
    fields = {name: form.cleaned_data[name] for name in MotionForm.Meta.fields}
    if motion is None and not rows.cleaned and not any(fields[name] for name in ("title", "matter", "background")):
        form.add_error("title", "Skriv något först: en rubrik, en text eller en att-sats.")
        return _form_page(request, form, rows, context)
    party = next((party for party in parties if party.pk == form.cleaned_data.get("party")), parties[0])
    try:
        with transaction.atomic():
            saved = motion or actions.draft(group, party=party, by=request.user, kind=fields["kind"])
            version = context["version"] if motion else saved.version
            actions.save_draft(saved, fields=fields, claims=rows.cleaned, version=version, by=request.user)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return _form_page(request, form, rows, context)
    except Stale as stale:
        theirs, mine = sheet.stored_text(stale.current), sheet.as_text(fields, rows.cleaned)
        context |= {"version": stale.current.version, "theirs": theirs, "diff": diff_html(theirs, mine), "unsaved": True}
        context["writer"] = sheet.last_writer(stale.current)
        return _form_page(request, form, rows, context, status=409)
    if motion is None and fresh:
        begun = request.session.get(BEGUN, {})
        request.session[BEGUN] = dict([*begun.items(), (fresh, saved.pk)][-MOST_BEGUN:])
    if rows.cleaned and (empty := len(rows.rows) - len(rows.cleaned)):
        words = saved.words
        messages.info(
            request, f"En tom {words.unit} togs inte med." if empty == 1 else f"{empty} tomma {words.units} togs inte med."
        )
    if verb == "review":
        return see("motions:preview", saved.pk)
    messages.success(request, f"Utkastet är sparat {timezone.localtime():%H:%M}.")
    return see("motions:edit", saved.pk)


def _begun(request: HttpRequest, fresh: str, group: Group) -> Motion | None:
    """The draft that this very form has begun already: the browser went back to it, or sent it twice."""
    pk = request.session.get(BEGUN, {}).get(fresh)
    return Motion.objects.visible_to(request.user).filter(pk=pk, group=group, state=State.DRAFT).first() if pk else None


def _again(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Go on with that draft instead of a second one like it; what somebody else has written in it since is told as always."""
    request.POST = request.POST.copy()
    if sheet.last_writer(motion) == request.user:
        request.POST["version"] = str(motion.version)
    return _writing(request, group=motion.group, motion=motion, parties=[motion.party])


def _show(request: HttpRequest, form: MotionForm, rows: Rows, of: Motion, parties: list[Party]) -> HttpResponse:
    """As it will print, of what stands in the form now; nothing is saved, and what is wrong is told when it is."""
    form.is_valid()
    read = form.cleaned_data
    kind = read.get("kind") or Kind.MOTION
    party = next((party for party in parties if party.pk == read.get("party")), parties[0])
    written = Motion(kind=kind, group=of.group, party=party, title=read.get("title", ""), background=read.get("background", ""))
    written.filename, written.description = of.filename, of.description
    rows.is_valid(kind)
    return render(request, "motions/_print.html", {"sheet": sheet.typed(written, [] if written.says else rows.cleaned)})


def _form_page(request: HttpRequest, form: MotionForm, rows: Rows, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    problems = [{"href": "", "label": "", "message": message} for message in form.non_field_errors()] if form.is_bound else []
    if form.is_bound:
        problems += [
            {"href": f"#{bound.id_for_label}", "label": bound.label, "message": message}
            for bound in form
            for message in bound.errors
        ]
    union = join([genitive(sheet.short(party)) for party in context["parties"]])
    context |= {
        "form": form,
        "rows": rows,
        "blank": Row(0),
        "asking": form["kind"].value() in ASKING,
        "problems": problems + rows.problems,
        "union": union,
    }
    return render(request, "motions/edit.html", context, status=status)


@does("change_motion", Motion)
@form_page
def change(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Change what has been filed: a new version, seen by all who may read it."""
    demand_turn(request.user, "change_motion", motion)
    claims, occasions = list(motion.claims.prefetch_related("answers")), coming(motion.group)
    context: dict[str, Any] = {"group": motion.group, "motion": motion, "parties": [motion.party], "version": motion.version}
    context |= {"occasions": occasions, "changing": True}
    if request.method != "POST":
        rows = Rows.of(motion)
        rows.hold_to(claims)
        return _form_page(request, ChangeForm(instance=motion, occasions=occasions), rows, context)
    before = {name: getattr(motion, name) for name in MotionForm.Meta.fields}
    form, rows = ChangeForm(request.POST, instance=motion, occasions=occasions), Rows.posted(request.POST)
    rows.hold_to(claims)
    context["version"] = whole_number(request.POST.get("version"))
    verb, _, row = request.POST.get("do", "save").partition(":")
    if verb == "show":
        return _show(request, form, rows, motion, [motion.party])
    if verb != "save":
        rows.apply(verb, whole_number(row), request.POST, motion.kind)
        rows.hold_to(claims)
        again = ChangeForm(initial=form.typed(), instance=motion, occasions=occasions)
        return _form_page(request, again, rows, context | {"unsaved": True})
    valid = form.is_valid()
    valid = rows.is_valid(motion.kind) and rows.check_against(motion.kind, claims) and valid
    if not valid:
        return _form_page(request, form, rows, context)
    fields = {name: form.cleaned_data[name] for name in MotionForm.Meta.fields}
    same = [(one.text, one.points, one.pk) for one in claims] == [(one["text"], one["points"], one["pk"]) for one in rows.cleaned]
    if same and fields == before and context["version"] == motion.version:
        messages.info(request, "Inget är ändrat, så det blev ingen ny version.")
        return see("motions:motion", motion.pk)
    try:
        lapsed = actions.change(
            motion, fields=fields, claims=rows.cleaned, version=context["version"], by=request.user, why=form.cleaned_data["why"]
        )
    except ValidationError as error:
        add_errors(form, error)
        return _form_page(request, form, rows, context)
    except Stale as stale:
        theirs, mine = sheet.stored_text(stale.current), sheet.as_text(fields, rows.cleaned)
        context |= {"version": stale.current.version, "theirs": theirs, "diff": diff_html(theirs, mine), "unsaved": True}
        context["writer"] = sheet.last_writer(stale.current)
        return _form_page(request, form, rows, context, status=409)
    ended = f" {genitive(join(map(sheet.short, lapsed)))} stöd för det som ändrades har upphört." if lapsed else ""
    messages.success(request, f"Ändringen är sparad som version {history.number(motion)}.{ended}")
    return see("motions:motion", motion.pk)


@does("draft_motion", Motion)
@form_page
def attach(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Hand in a file instead of writing the text."""
    demand_time(motion, "attach")
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = AttachForm(*posted, initial={"description": motion.description}, motion=motion)
    if form.is_valid():
        try:
            actions.attach(motion, **form.cleaned_data, by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            what = f"Filen {motion.filename} är sparad" if form.cleaned_data["file"] else "Textalternativet är sparat"
            messages.success(request, f"{what} i utkastet.")
            return see("motions:edit", motion.pk)
    return render(request, "motions/attach.html", {"motion": motion, "form": form})


@does("change_motion", Motion)
@form_page
def change_file(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Another file in what has been filed: a new version, seen by all who may read it."""
    demand_turn(request.user, "change_motion", motion)
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = ChangeFileForm(*posted, initial={"description": motion.description, "version": motion.version}, motion=motion)
    if form.is_valid():
        try:
            actions.change_file(motion, **form.cleaned_data, by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        except Stale as stale:
            read_anew(form, stale)
            form.add_error(
                "file", f"{motion.words.The} har ändrats medan du skrev. Läs den nya versionen, välj filen igen och spara."
            )
        else:
            what = f"Filen {motion.filename} är sparad" if form.cleaned_data["file"] else "Textalternativet är sparat"
            messages.success(request, f"{what} som version {history.number(motion)}.")
            return see("motions:motion", motion.pk)
    return render(request, "motions/attach.html", {"motion": motion, "form": form, "changing": True})


@does("change_motion", Motion)
@form_page
def remove_file(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Take the file out of what has been filed, after asking: a new version, seen by all who may read it."""
    demand_turn(request.user, "change_motion", motion)
    actions.demand_file(motion)
    form = RemoveFileForm(request.POST if request.method == "POST" else None, initial={"version": motion.version})
    if form.is_valid():
        try:
            actions.remove_file(motion, **form.cleaned_data, by=request.user)
        except Stale as stale:
            read_anew(form, stale)
            form.add_error(None, f"{motion.words.The} har ändrats medan du läste. Läs den nya versionen och försök igen.")
        else:
            messages.success(request, f"Filen är borttagen. Det är version {history.number(motion)}.")
            return see("motions:motion", motion.pk)
    return render(request, "motions/remove_file.html", {"motion": motion, "form": form})


@does("draft_motion", Motion)
@require_POST
def detach(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Take the file away from the draft."""
    actions.detach(motion, by=request.user)
    messages.success(request, "Filen är borttagen ur utkastet.")
    return see("motions:edit", motion.pk)


@does("draft_motion", Motion)
@form_page
def discard(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Throw a draft away, after asking."""
    demand_time(motion, "draft_motion")
    if request.method == "POST":
        actions.discard(motion, by=request.user)
        messages.success(request, "Utkastet är borttaget.")
        return see("motions:list")
    return render(request, "motions/discard.html", {"motion": motion})
