"""The motions on a meeting's agenda: under which § each is taken up, where it is printed, and what is put off."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.http import require_POST

from meetings.actions import placing as actions
from meetings.forms.placing import PlaceForm, PostponeForm
from meetings.models import Meeting, Placement
from meetings.reading import left_open
from meetings.reading.left_open import could_return
from meetings.reading.numbering import Numbered, goes_to_board, lacks_file
from meetings.reading.occasions import meant_from
from meetings.states import State
from meetings.views.common import crumbs, read_numbered, steps
from motions.models import FINAL, Motion
from motions.occasions import coming
from motions.sheet import short
from people.access import does
from people.models import User
from record.forms import told
from record.moves import Refused
from record.pages import form_page, posted, see


@does("place", Meeting)
@form_page
def place(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Motions that wait, and those taken up here: under which § each, and where it is printed."""
    paragraphs = read_numbered(meeting)
    waiting, later = _waiting(meeting)
    prefetch_related_objects([meeting], Prefetch("placements__motion", Motion.objects.with_claims()))
    placements = {row.motion_id: row for row in meeting.placements.all()}
    placed = [row.motion for row in placements.values() if row.motion.state == "filed"]
    forms = _forms(request, meeting, [*waiting, *placed], placements, _places(paragraphs))
    form = next((form for form in forms if form.is_bound), None)
    if form is None and posted(request) is not None:
        raise Http404
    if form is not None and form.is_valid():
        with told(form):
            _place(meeting, form, paragraphs, request.user)
            done = "placerat" if form.thing.words.neuter else "placerad"
            messages.success(request, f"”{form.thing}” är {done}.")
            return see("meetings:place", meeting.pk, at=f"m{form.thing.pk}")
    context = {
        "meeting": meeting,
        "form": form,
        "waiting": [(form, None) for form in forms[: len(waiting)]],
        "placed": [(form, placements[form.thing.pk]) for form in forms[len(waiting) :]],
        "later": later,
        "crumbs": crumbs(meeting),
        **_marks(meeting, list(placements.values())),
    }
    return render(request, "meetings/place.html", context)


def _waiting(meeting: Meeting) -> tuple[list[Motion], set[int]]:
    """The motions that can be taken up, those meant for this meeting first, and which are meant for a later one."""
    waiting = [*left_open.motions_waiting(meeting.group), *could_return(meeting)]
    later = {motion.pk for motion in waiting if meeting.date and meant_from(motion) > meeting.date}
    return sorted(waiting, key=lambda motion: motion.pk in later), later


def _forms(
    request: HttpRequest, meeting: Meeting, motions: list[Motion], placements: dict[int, Placement], places: list[tuple[str, str]]
) -> list[PlaceForm]:
    """A form for each motion; the one that was sent is bound."""
    noted = {change.motion_id for change in meeting.agenda_changes.all()}
    chosen = request.POST.get("motion", "")
    return [
        PlaceForm(
            request.POST if chosen == str(motion.pk) else None,
            motion=motion,
            places=places,
            appendices=meeting.appendices.all(),
            initial=_standing(motion, placements.get(motion.pk), noted),
            party=short(motion.party, motion.party_printed),
            placed=motion.pk in placements,
        )
        for motion in motions
    ]


def _marks(meeting: Meeting, placements: list[Placement]) -> dict[str, set[int]]:
    """What the page says of a placement: first or last at its place, another file by now, settled, for the board in vain."""
    held = {row.pk: row for row in meeting.appendices.all()}
    return {
        "first": set(_ends(reversed(placements))),
        "last": set(_ends(placements)),
        "changed": {row.motion_id for row in placements if lacks_file(row.motion, held.get(row.appendix_id or 0))},
        "settled": {row.motion_id for row in placements if _settled(row.motion)},
        "to_board": {row.motion_id for row in placements if row.motion.to_board and not goes_to_board(row, meeting)},
    }


def _ends(placements: Iterable[Placement]) -> Iterable[int]:
    """The last at each place."""
    return {one.place: one.pk for one in placements}.values()


def _settled(motion: Motion) -> bool:
    """Everything in it has a final answer, or is put off already: there is nothing to put off."""
    return not motion.says and all(claim.outcome in FINAL or claim.put_off for claim in motion.claims.all())


def _places(rows: list[Numbered]) -> list[tuple[str, str]]:
    """Every paragraph, and under it its points."""
    places = []
    for row in rows:
        places.append((f"p{row.paragraph.pk}", row.said))
        places += [(f"i{item.pk}", f"– {item}") for item in row.paragraph.items.all()]
    return places


def _standing(motion: Motion, placement: Placement | None, noted: set[int | None]) -> dict[str, Any]:
    """What the form starts from: a file can only be an appendix."""
    if placement is None:
        return {"printed": PlaceForm.NEW} if motion.file else {}
    where = f"i{placement.item_id}" if placement.item_id else f"p{placement.paragraph_id}" if placement.paragraph_id else ""
    printed = str(placement.appendix_id or PlaceForm.IN_TEXT)
    return {"where": where, "printed": printed, "noted": placement.motion_id in noted}


def _place(meeting: Meeting, form: PlaceForm, paragraphs: list[Numbered], user: User) -> None:
    """Do as the form says; a new appendix is made and the change of the agenda noted in the same breath."""
    where, printed = form.cleaned_data["where"], form.cleaned_data["printed"]
    paragraph = next((row for _, row in paragraphs if where == f"p{row.pk}"), None)
    item = next((item for _, row in paragraphs for item in row.items.all() if where == f"i{item.pk}"), None)
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
    actions.move_placement(placement, by_steps=steps(request), by=request.user)
    return see("meetings:place", placement.meeting_id, at=f"m{placement.motion_id}")


@does("postpone", Placement)
@form_page
def postpone(request: HttpRequest, placement: Placement) -> HttpResponse:
    """Put a motion off to a later meeting."""
    meeting, motion = placement.meeting, placement.motion
    if motion.state != "filed":
        raise Refused(f"{motion.words.The} är återkallat." if motion.words.neuter else f"{motion.words.The} är återkallad.")
    days = [occasion.date for occasion in coming(meeting.group) if meeting.date is None or occasion.date > meeting.date]
    form = PostponeForm(posted(request), days=days, initial={"until": days[0].isoformat() if days else ""})
    if form.is_valid():
        until = form.cleaned_data["until"]
        with told(form):
            actions.postpone(placement, until=until, why=form.cleaned_data["why"], by=request.user)
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
