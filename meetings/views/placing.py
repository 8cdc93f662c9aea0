"""The motions on a meeting's agenda: under which § each is taken up, where it is printed, and what is put off."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import transaction
from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.http import require_POST

from meetings.actions import placing as actions
from meetings.forms.agenda import said
from meetings.forms.placing import PlaceForm, PostponeForm
from meetings.models import Meeting, Paragraph, Placement
from meetings.reading import left_open
from meetings.reading.left_open import could_return
from meetings.reading.numbering import goes_to_board, lacks_file
from meetings.reading.occasions import meant_from
from meetings.states import State
from meetings.views.common import crumbs, read_numbered
from motions.models import FINAL, Motion
from motions.occasions import coming
from motions.sheet import short
from people.access import does
from people.models import User
from record.moves import Refused
from record.pages import form_page, posted, see


@does("place", Meeting)
@form_page
def place(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Motions that wait, and those taken up here: under which § each, and where it is printed."""
    rows = read_numbered(meeting)
    waiting = [*left_open.motions_waiting(meeting.group), *could_return(meeting)]
    later = {motion.pk for motion in waiting if meeting.date and meant_from(motion) > meeting.date}
    waiting.sort(key=lambda motion: motion.pk in later)
    prefetch_related_objects([meeting], Prefetch("placements__motion", Motion.objects.with_claims()))
    placements = {row.motion_id: row for row in meeting.placements.all()}
    placed = [row.motion for row in placements.values() if row.motion.state == "filed"]
    noted = {change.motion_id for change in meeting.agenda_changes.all()}
    held = {row.pk: row for row in meeting.appendices.all()}
    changed = {row.motion_id for row in placements.values() if lacks_file(row.motion, held.get(row.appendix_id or 0))}
    chosen = request.POST.get("motion", "")
    forms = [
        PlaceForm(
            request.POST if chosen == str(motion.pk) else None, motion=motion, places=_places(rows), appendices=meeting.appendices.all(),
            initial=_standing(motion, placements.get(motion.pk), noted), party=short(motion.party, motion.party_printed),
            placed=motion.pk in placements,
        )
        for motion in [*waiting, *placed]
    ]  # fmt: skip
    if request.method == "POST":
        form = next((form for form in forms if form.is_bound), None)
        if form is None:
            raise Http404
        if form.is_valid():
            try:
                _place(meeting, form, rows, request.user)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                placed = "placerat" if form.thing.words.neuter else "placerad"
                messages.success(request, f"”{form.thing}” är {placed}.")
                return see("meetings:place", meeting.pk, at=f"m{form.thing.pk}")
    context = {
        "meeting": meeting,
        "form": next((form for form in forms if form.is_bound), None),
        "waiting": [(form, None) for form in forms[: len(waiting)]],
        "placed": [(form, placements[form.thing.pk]) for form in forms[len(waiting) :]],
        "first": set(_ends(reversed(placements.values()))),
        "last": set(_ends(placements.values())),
        "changed": changed,
        "later": later,
        "settled": {row.motion_id for row in placements.values() if _settled(row.motion)},
        "to_board": {row.motion_id for row in placements.values() if row.motion.to_board and not goes_to_board(row, meeting)},
        "crumbs": crumbs(meeting),
    }
    return render(request, "meetings/place.html", context)


def _ends(placements: Iterable[Placement]) -> Iterable[int]:
    """The last at each place."""
    return {one.place: one.pk for one in placements}.values()


def _settled(motion: Motion) -> bool:
    """Everything in it has a final answer, or is put off already: there is nothing to put off."""
    return not motion.says and all(claim.outcome in FINAL or claim.put_off for claim in motion.claims.all())


def _places(rows: list[tuple[int | None, Paragraph]]) -> list[tuple[str, str]]:
    """Every paragraph, and under it its points."""
    places = []
    for number, paragraph in rows:
        places.append((f"p{paragraph.pk}", said(number, paragraph)))
        places += [(f"i{item.pk}", f"– {item}") for item in paragraph.items.all()]
    return places


def _standing(motion: Motion, placement: Placement | None, noted: set[int | None]) -> dict[str, Any]:
    """What the form starts from: a file can only be an appendix."""
    if placement is None:
        return {"printed": PlaceForm.NEW} if motion.file else {}
    where = f"i{placement.item_id}" if placement.item_id else f"p{placement.paragraph_id}" if placement.paragraph_id else ""
    printed = str(placement.appendix_id or PlaceForm.IN_TEXT)
    return {"where": where, "printed": printed, "noted": placement.motion_id in noted}


def _place(meeting: Meeting, form: PlaceForm, rows: list[tuple[int | None, Paragraph]], user: User) -> None:
    """Do as the form says; a new appendix is made and the change of the agenda noted in the same breath."""
    where, printed = form.cleaned_data["where"], form.cleaned_data["printed"]
    paragraph = next((row for _, row in rows if where == f"p{row.pk}"), None)
    item = next((item for _, row in rows for item in row.items.all() if where == f"i{item.pk}"), None)
    appendix = next((row for row in meeting.appendices.all() if printed == str(row.pk)), None)
    with transaction.atomic():
        if printed == PlaceForm.NEW:
            placement = actions.place_in_new_appendix(
                form.thing, meeting=meeting, paragraph=paragraph, item=item, title=form.cleaned_data["title"], by=user
            )
        else:
            placement = actions.place(form.thing, meeting=meeting, paragraph=paragraph, item=item, appendix=appendix, by=user)
        if form.cleaned_data["noted"]:
            actions.note_change(placement, moved=form.placed, by=user)
        elif form.placed:
            actions.unnote_change(placement, by=user)


@does("place", Placement)
@require_POST
def take_file(request: HttpRequest, placement: Placement) -> HttpResponse:
    """Put the file that the motion has now in its appendix."""
    taken = actions.take_file(placement, by=request.user)
    messages.success(request, f"Filen skrivs ut i bilagan ”{taken.appendix}”.")
    return see("meetings:place", placement.meeting_id, at=f"m{placement.motion_id}")


@does("place", Placement)
@require_POST
def move_placement(request: HttpRequest, placement: Placement) -> HttpResponse:
    """One step earlier or later among the motions of the meeting."""
    steps = {"upp": -1, "ner": 1}.get(request.POST.get("till", ""))
    if steps is None:
        raise BadRequest
    actions.move_placement(placement, by_steps=steps, by=request.user)
    return see("meetings:place", placement.meeting_id, at=f"m{placement.motion_id}")


@does("postpone", Placement)
@form_page
def postpone(request: HttpRequest, placement: Placement) -> HttpResponse:
    """Put a motion off to a later meeting."""
    meeting, motion = placement.meeting, placement.motion
    if motion.state != "filed":
        raise Refused(f"{motion.words.The} är återkallat." if motion.words.neuter else f"{motion.words.The} är återkallad.")
    days = [one.date for one in coming(meeting.group) if meeting.date is None or one.date > meeting.date]
    form = PostponeForm(posted(request), days=days, initial={"until": days[0].isoformat() if days else ""})
    if form.is_valid():
        try:
            actions.postpone(placement, until=form.cleaned_data["until"], why=form.cleaned_data["why"], by=request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            until = form.cleaned_data["until"]
            when = f"mötet {date_format(until, 'j F Y')}" if until else "nästa möte"
            put_off = "uppskjutet" if motion.words.neuter else "uppskjuten"
            messages.success(
                request, f"”{motion}” är {put_off} till {when}. {short(motion.party)} ser det, med skälet, på sin sida."
            )
            return see("meetings:place", meeting.pk)
    context = {
        "meeting": meeting,
        "motion": motion,
        "form": form,
        "tabled": meeting.state == State.DRAFT and not motion.says,
        "crumbs": [*crumbs(meeting), ("Placera yrkanden och skrivelser", reverse("meetings:place", args=[meeting.pk]))],
    }
    return render(request, "meetings/postpone.html", context)
