"""The agenda and its documents: order, points and appendices."""

from copy import copy
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from meetings.actions import agenda as actions
from meetings.actions import carry
from meetings.actions.matters import MattersListed, known_among, list_matters
from meetings.forms.agenda import (
    AppendixForm,
    ChangeAgendaForm,
    ItemForm,
    MatterFormSet,
    ParagraphForm,
    PasteForm,
    ReferForm,
    matters_understood,
    odd_references,
)
from meetings.models import AgendaChange, Appendix, Item, Meeting, Paragraph
from meetings.reading.numbering import appendix_numbers, has_content, kind_under, numbered_now
from meetings.reading.proposals import proposals_of
from meetings.views.common import confirm, crumbs, read_numbered, steps
from people.access import does
from people.models import User
from people.permissions import can, may
from record import uploads
from record.forms import status_of, told, told_next
from record.pages import by_script, form_page, posted, see, whole_number


def _numbers(meeting: Meeting) -> dict[int, int]:
    """Appendix → preliminary number."""
    return appendix_numbers(meeting, [(number, paragraph) for number, paragraph in read_numbered(meeting) if number is not None])


def _under(meeting: Meeting) -> list[tuple[str, str]]:
    """The way to a page about a part of the agenda."""
    return [*crumbs(meeting), ("Dagordning", reverse("meetings:arrange", args=[meeting.pk]))]


@does("arrange", Meeting)
@form_page
def arrange(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The agenda as it will be: order, points, new paragraphs, changes to be told."""
    doing = request.POST.get("do", "")
    if doing == "unchange":
        return _unchange(request, meeting)
    if doing == "carry":
        return _carry(request, meeting)
    if posted(request) is not None and doing not in ("paragraph", "change"):
        raise BadRequest
    paragraphs = read_numbered(meeting)
    paragraph_form = ParagraphForm(request.POST if doing == "paragraph" else None, prefix="ny", meeting=meeting, rows=paragraphs)
    change_form = ChangeAgendaForm(
        request.POST if doing == "change" else None, prefix="andring", meeting=meeting, rows=paragraphs
    )
    form = change_form if doing == "change" else paragraph_form
    if form.is_valid():
        with told(form):
            at = (_add_paragraph if doing == "paragraph" else _add_change)(meeting, form.cleaned_data, request.user)
            return see("meetings:arrange", meeting.pk, at=at)
    context = {
        "meeting": meeting,
        "rows": [(number, paragraph, has_content(paragraph)) for number, paragraph in paragraphs],
        "form": form,
        "paragraph_form": paragraph_form,
        "change_form": change_form,
        "crumbs": crumbs(meeting),
        **proposals_of(request.user, meeting),
    }
    return render(request, "meetings/arrange.html", context)


def _add_paragraph(meeting: Meeting, data: dict[str, Any], user: User) -> str:
    paragraph = actions.add_paragraph(meeting, heading=data["heading"], section=data["section"], after=data["after"], by=user)
    return f"p{paragraph.pk}"


def _add_change(meeting: Meeting, data: dict[str, Any], user: User) -> str:
    actions.change_agenda(meeting, by=user, **data)
    return "andringar"


def _unchange(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    change = AgendaChange.objects.filter(meeting=meeting, pk=whole_number(request.POST.get("change"))).first()
    if change is not None:
        actions.unchange_agenda(change, by=request.user)
    return see("meetings:arrange", meeting.pk, at="andringar")


def _carry(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Fetch what earlier meetings left open since last time."""
    came = carry.carry_over(meeting, by=request.user)
    if came.nothing:
        messages.info(request, "Inget nytt har blivit kvar från tidigare möten.")
    else:
        counts = (
            (came.promises, "från balanslistan"),
            (came.tabled, "bordlagda"),
            (came.motions, "yrkanden eller skrivelser"),
        )
        fetched = ", ".join(f"{number} {whence}" for number, whence in counts if number)
        messages.success(request, f"Det som blev kvar är hämtat: {fetched}.")
    return see("meetings:arrange", meeting.pk)


@does("arrange", Paragraph)
@require_POST
def move_paragraph(request: HttpRequest, paragraph: Paragraph) -> HttpResponse:
    actions.move_paragraph(paragraph, by_steps=steps(request), by=request.user)
    return see("meetings:arrange", paragraph.meeting_id, at=f"p{paragraph.pk}")


@does("arrange", Paragraph)
@require_POST
def remove_paragraph(request: HttpRequest, paragraph: Paragraph) -> HttpResponse:
    heading, meeting = paragraph.heading, paragraph.meeting_id
    with told_next(request):
        actions.remove_paragraph(paragraph, by=request.user)
        messages.success(request, f"”{heading}” är borttagen ur dagordningen.")
    return see("meetings:arrange", meeting)


@does("arrange", Item)
@require_POST
def move_item(request: HttpRequest, item: Item) -> HttpResponse:
    actions.move_item(item, by_steps=steps(request), by=request.user)
    return see("meetings:arrange", item.paragraph.meeting_id, at=f"i{item.pk}")


@does("arrange", Paragraph)
@form_page
def add_item(request: HttpRequest, paragraph: Paragraph) -> HttpResponse:
    """A point under a paragraph: one with its particulars, or the board's list, which is looked through before it is stored."""
    doing = request.POST.get("do", "")
    if doing == "store":
        return _list_matters(request, paragraph)
    pasting = doing == "paste"
    kind = kind_under(paragraph)
    form = ItemForm(None if pasting else posted(request), instance=Item(paragraph=paragraph, kind=kind))
    paste = PasteForm(request.POST if pasting else None, prefix="flera")
    if pasting and paste.is_valid():
        return _look_through(request, paragraph, matters_understood(paste.cleaned_data["lines"]))
    if not pasting and form.is_valid():
        with told(form):
            item = actions.add_item(paragraph, kind=form.cleaned_data["kind"], by=request.user, **form.facts())
            _warn_of_odd(request, item.references)
            return _after_adding(request, paragraph, item)
    meeting = paragraph.meeting
    context = {
        "meeting": meeting,
        "paragraph": paragraph,
        "heading": numbered_now(paragraph).said,
        "form": paste if pasting else form,
        "item_form": form,
        "paste": paste,
        "crumbs": _under(meeting),
    }
    return render(request, "meetings/add_item.html", context)


def _after_adding(request: HttpRequest, paragraph: Paragraph, item: Item | None) -> HttpResponse:
    if may(request.user, "edit_text", paragraph):  # the meeting is on: back to the § that is being written
        return see("meetings:write", paragraph.pk)
    return see("meetings:arrange", paragraph.meeting_id, at=f"i{item.pk}" if item else f"p{paragraph.pk}")


def _look_through(request: HttpRequest, paragraph: Paragraph, formset: Any, *, problem: str = "") -> HttpResponse:
    """What was understood of the list, each matter with what it will become; nothing is stored yet."""
    formset.is_valid()
    ticked = [form for form in formset.forms if form.cleaned_data.get("take")]
    items = list(paragraph.items.filter(kind=Item.Kind.BOARD_MATTER))
    known = dict(zip(map(id, ticked), known_among(items, [form.facts() for form in ticked]), strict=True))
    context = {
        "meeting": paragraph.meeting,
        "paragraph": paragraph,
        "heading": numbered_now(paragraph).said,
        "formset": formset,
        "rows": [(form, known.get(id(form))) for form in formset.forms],
        "problem": problem,
        "crumbs": [*_under(paragraph.meeting), ("Lägg till punkt", reverse("meetings:add_item", args=[paragraph.pk]))],
    }
    return render(request, "meetings/paste.html", context)


def _list_matters(request: HttpRequest, paragraph: Paragraph) -> HttpResponse:
    """Store the list as it was looked through and corrected."""
    formset = MatterFormSet(request.POST, prefix="arende")
    if not formset.is_valid():
        return _look_through(request, paragraph, formset)
    matters = [form.facts() for form in formset.forms if form.cleaned_data.get("take")]
    if not matters:
        return _look_through(request, paragraph, formset, problem="Kryssa för minst ett ärende.")
    whole = Form({})  # what is refused is said of the list as a whole
    with told(whole):
        became = list_matters(paragraph, rows=matters, by=request.user)
        messages.success(request, f"Listan är inläst: {_counted(became)}.")
        _warn_of_odd(request, [reference for item in became.added for reference in item.references])
        return _after_adding(request, paragraph, became.added[-1] if became.added else None)
    return _look_through(request, paragraph, formset, problem=" ".join(whole.non_field_errors()))


def _counted(became: MattersListed) -> str:
    """2 nya ärenden, 1 fanns redan och är oförändrat"""
    counts = (
        (len(became.added), "nya ärenden" if len(became.added) != 1 else "nytt ärende"),
        (len(became.renamed), "fanns redan under en annan rubrik, och båda rubrikerna står kvar"),
        (became.known, "fanns redan och är oförändrade" if became.known != 1 else "fanns redan och är oförändrat"),
    )
    return ", ".join(f"{number} {words}" for number, words in counts if number)


def _warn_of_odd(request: HttpRequest, references: list[str]) -> None:
    """Odd registry numbers are kept: they may be right all the same."""
    odd = odd_references(references)
    if odd:
        messages.warning(
            request,
            f"Kontrollera diarienumret {', '.join(odd[:5])}. Det är sparat, men ser inte ut som till exempel KS 2020/779.",
        )


@does("arrange", Paragraph)
@require_POST
def copy_topics(request: HttpRequest, paragraph: Paragraph) -> HttpResponse:
    """Last time's topics as headings under this §."""
    items = carry.copy_topics(paragraph, by=request.user)
    said_of = "ett ämne" if len(items) == 1 else f"{len(items)} ämnen"
    words = f"{said_of.capitalize()} från förra mötet är tillagda." if items else "Alla ämnen från förra mötet står redan här."
    if by_script(request):
        return JsonResponse({"message": words, "added": [item.pk for item in items]})
    messages.success(request, words)
    return _after_adding(request, paragraph, None)


@does("arrange", Item)
@form_page
def edit_item(request: HttpRequest, item: Item) -> HttpResponse:
    """Heading, registry numbers and presenter of a point."""
    form = ItemForm(posted(request), instance=copy(item))
    if form.is_valid():
        with told(form):
            actions.edit_item(item, fields=form.facts(), version=form.cleaned_data["version"] or 0, by=request.user)
            messages.success(request, "Punkten är sparad.")
            _warn_of_odd(request, item.references)
            return see("meetings:arrange", item.paragraph.meeting_id, at=f"i{item.pk}")
    meeting = item.paragraph.meeting
    context = {"meeting": meeting, "item": item, "form": form, "crumbs": _under(meeting)}
    return render(request, "meetings/edit_item.html", context, status=status_of(form))


@does("arrange", Item)
@form_page
def remove_item(request: HttpRequest, item: Item) -> HttpResponse:
    """Take a point away, after a question."""
    meeting, form = item.paragraph.meeting, Form(posted(request))
    if form.is_valid():
        with told(form):
            name = str(item)
            actions.remove_item(item, by=request.user)
            messages.success(request, f"”{name}” är borttagen.")
            return see("meetings:arrange", meeting.pk, at=f"p{item.paragraph_id}")
    return confirm(
        request,
        meeting,
        form,
        heading=f"Ta bort ”{item}”",
        submit="Ta bort punkten",
        submit_class="button--danger",
        words="Text som är skriven under punkten försvinner ur protokollet. Den finns kvar i historiken.",
        back=reverse("meetings:arrange", args=[meeting.pk]),
        crumbs=_under(meeting),
    )


@does("arrange", Item)
@form_page
def refer(request: HttpRequest, item: Item) -> HttpResponse:
    """Which appendices the point refers to."""
    meeting = item.paragraph.meeting
    numbers = _numbers(meeting)
    form = ReferForm(posted(request), item=item, numbers=numbers)
    if form.is_valid():
        wanted = {appendix.pk: appendix for appendix in form.cleaned_data["appendices"]}
        standing = {link.appendix_id: link.appendix for link in item.appendix_links.select_related("appendix")}
        for pk in sorted(standing.keys() - wanted.keys()):
            actions.unrefer(item, appendix=standing[pk], by=request.user)
        for pk in sorted(wanted.keys() - standing.keys(), key=numbers.__getitem__):
            actions.refer(item, appendix=wanted[pk], by=request.user)
        messages.success(request, "Hänvisningarna är sparade.")
        return see("meetings:arrange", meeting.pk, at=f"i{item.pk}")
    return render(request, "meetings/refer.html", {"meeting": meeting, "item": item, "form": form, "crumbs": _under(meeting)})


@does("append", Meeting)
@form_page
def append(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The meeting's appendices, and a form for one more."""
    form = AppendixForm(posted(request), request.FILES or None)
    if form.is_valid():
        with told(form):
            actions.append(meeting, by=request.user, **form.cleaned_data, **_of_whom(request.user, meeting))
            messages.success(request, "Bilagan är tillagd.")
            return see("meetings:append", meeting.pk)
    numbers, appendices = _numbers(meeting), []
    allowed = can(request.user, meeting, "read_appendix", "arrange")
    added = _added_by(meeting)
    for appendix in sorted(meeting.appendices.all(), key=lambda appendix: numbers[appendix.pk]):
        own = added.get(appendix.pk) == request.user.pk
        if own or allowed["read_appendix"]:
            row = {"number": numbers[appendix.pk], "appendix": appendix, "items": _referring(meeting, appendix)}
            appendices.append(row | {"mine": own or allowed["arrange"]})
    context = {"meeting": meeting, "form": form, "rows": appendices, "can": allowed, "crumbs": crumbs(meeting)}
    return render(request, "meetings/append.html", context)


def _of_whom(user: User, meeting: Meeting) -> dict[str, Any]:
    """What a union hands in is the union's, and says so."""
    unions = user.unions_in(meeting.group_id)
    return {"party_id": min(unions)} if unions and not may(user, "arrange", meeting) else {}


def _added_by(meeting: Meeting) -> dict[int, int | None]:
    """Appendix → the user that added it."""
    rows = Appendix.history.filter(meeting=meeting.pk, history_type="+").values_list("id", "history_user_id")
    return dict(rows)


def _referring(meeting: Meeting, appendix: Appendix) -> list[Item]:
    """The points that refer to the appendix."""
    return [
        item
        for paragraph in meeting.paragraphs.all()
        for item in paragraph.items.all()
        if any(link.appendix_id == appendix.pk for link in item.appendix_links.all())
    ]


@does("append", Appendix)
@form_page
def remove_appendix(request: HttpRequest, appendix: Appendix) -> HttpResponse:
    """Take an appendix away: one's own, or any of them for those who arrange the agenda."""
    meeting, form = appendix.meeting, Form(posted(request))
    if not may(request.user, "arrange", meeting) and _added_by(meeting).get(appendix.pk) != request.user.pk:
        raise PermissionDenied
    if form.is_valid():
        with told(form):
            name = str(appendix)
            actions.remove_appendix(appendix, by=request.user)
            messages.success(request, f"Bilagan ”{name}” är borttagen.")
            return see("meetings:append", meeting.pk)
    return confirm(
        request,
        meeting,
        form,
        heading=f"Ta bort bilagan ”{appendix}”",
        submit="Ta bort bilagan",
        submit_class="button--danger",
        words="Det som hänvisar till bilagan gör det inte längre, och de andra bilagorna numreras om.",
        back=reverse("meetings:append", args=[meeting.pk]),
        crumbs=[*crumbs(meeting), ("Bilagor", reverse("meetings:append", args=[meeting.pk]))],
    )


@does("read_appendix", Appendix)
@never_cache
@require_safe
def appendix(request: HttpRequest, appendix: Appendix) -> HttpResponse:
    """The file as it was uploaded: always saved, never shown by the browser as a page of ours."""
    if not appendix.file:
        raise Http404
    return uploads.download(
        appendix.file.storage,
        appendix.file.name,
        filename=appendix.filename,
        content_type=appendix.content_type,
        sha256=appendix.sha256,
    )
