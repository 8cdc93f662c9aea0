"""Who is there, under which §§, who adjusts, who goes to the board, and when the group meets next."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string

from meetings.actions import attendance as actions
from meetings.actions import planning
from meetings.forms.attendance import (
    ElectForm,
    InterruptionForm,
    JoinForm,
    MoveForm,
    NextForm,
    PersonnelForm,
    PresenceForm,
    StatusForm,
)
from meetings.models import Attendance, Interruption, Meeting
from meetings.reading import occasions, strip
from meetings.reading.attendance import (
    CHANNELS,
    channels_of,
    describe,
    differs,
    electable,
    last_done,
    rows_of,
    turns,
    union_seats,
)
from meetings.reading.calendar import next_working_day
from meetings.reading.numbering import numbers_now
from people.access import does
from people.permissions import can
from record.forms import problems, told
from record.moves import WrongState
from record.pages import by_script, form_page, posted, see, whole_number

SIDES = [
    ("employer", "För arbetsgivaren"),
    ("employee", "För arbetstagarna"),
    ("board", "För nämnden"),
    ("official", "Tjänstepersoner"),
]


# The list


@does("attend", Meeting)
@form_page
def attendance(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The attendance list: mark everybody at once, or row by row."""
    rows = rows_of(meeting)
    # A row that came while the page was open was not on it: it is left as it is.
    shown = {row.pk for row in rows if f"initial-r{row.pk}-status" in request.POST}
    forms = [StatusForm(request.POST if row.pk in shown else None, instance=row, prefix=f"r{row.pk}") for row in rows]
    if posted(request) is not None and all([form.is_valid() for form in forms if form.is_bound]):
        _mark(request, meeting, [form for form in forms if form.is_bound and form.changed_data])
        return see("meetings:attendance", meeting.pk)
    return render(request, "meetings/attendance.html", _list(request, meeting, forms))


def _mark(request: HttpRequest, meeting: Meeting, changed: list[StatusForm]) -> None:
    """Save the rows that were changed, and then mark everybody that is still expected, when the button says so."""
    changes = [(form.instance, form.changes()) for form in changed]
    for row, fields in changes:
        actions.attend(row, by=request.user, **fields)
    if "all" in request.POST:
        count = actions.all_expected_present(meeting, by=request.user)
        people = "En person" if count == 1 else f"{count} personer"
        messages.success(request, f"{people} markerad{'' if count == 1 else 'e'} som närvarande.")
    else:
        messages.success(request, "Närvaron är sparad." if changes else "Inget var ändrat.")


def _list(request: HttpRequest, meeting: Meeting, forms: list[StatusForm]) -> dict[str, Any]:
    """The list as the page shows it, side by side, and what lies beside it."""
    attendances = [form.instance for form in forms]
    entries = [(form.instance, form, describe(form.instance, meeting.date), differs(form.instance)) for form in forms]
    counts = {status: sum(1 for row in attendances if row.status == status) for status in Attendance.Status}
    return {
        "meeting": meeting,
        "sides": [(label, [entry for entry in entries if entry[0].side == side]) for side, label in SIDES],
        "has_errors": any(form.errors for form in forms),
        "status_forms": forms,
        "counts": counts,
        "waiting": counts[Attendance.Status.EXPECTED],
        "channels": list(dict.fromkeys([*meeting.channels, *CHANNELS])),
        "adjusters": [officer for officer in meeting.adjusters],
        "reps": list(meeting.personnel_reps.select_related("person")),
        "has_board": meeting.group.board_id is not None,
        "planned": meeting.following.exclude(state="cancelled").order_by("date").first(),
        "can": can(request.user, meeting.group, "plan"),
    }


# One person


def _person(request: HttpRequest, row: Attendance, **bound: Any) -> HttpResponse:
    """Everything about one person's attendance; `bound` is the form that was refused: status, move, presence or interruption."""
    meeting = row.meeting
    numbers = numbers_now(meeting)
    number_by_pk = {paragraph.pk: number for number, paragraph in numbers}
    where = strip.places(meeting, [paragraph for _, paragraph in numbers])
    done, last = last_done([row]).get(row.pk), strip.last_movement(row)
    now = strip.row_of(row, meeting, where, channels_of(meeting), done.name if done else "")
    forms = {
        "move": MoveForm(meeting=meeting, numbered=numbers, after=last and last.paragraph_id, auto_id="handelse-%s"),
        "status": StatusForm(instance=row),
        "presence": PresenceForm(row=row, numbered=numbers),
        "interruption": InterruptionForm(meeting=meeting, numbered=numbers, auto_id="avbrott-%s"),
    } | bound
    context = {
        "meeting": meeting,
        "row": row,
        "words": describe(row, meeting.date),
        "form": next(iter(bound.values()), ""),
        "now": now,
        "events": [button for button in now.buttons if button.what in ("came", "went", "broken", "mended")],
        "marks": [button for button in now.buttons if button.what in ("here", "connect", "excused", "absent")],
        "movements": [(movement, where.get(movement.paragraph_id, "")) for movement in row.movements.all()],
        "interruptions": [
            (interruption, number_by_pk.get(interruption.paragraph_id))
            for interruption in row.interruptions.select_related("paragraph")
        ],
        "channels": list(dict.fromkeys([*meeting.channels, *CHANNELS])),
        "seatless": row.co_opted or not meeting.group.mandates.valid_on(meeting.date).filter(person=row.person_id).exists(),
        **{f"{name}_form": form for name, form in forms.items()},
    }
    return render(request, "meetings/attend.html", context)


@does("attend", Attendance)
@form_page
def attend(request: HttpRequest, row: Attendance) -> HttpResponse:
    """How one person takes part; also takes somebody without a seat off the list again."""
    if "leave" in request.POST:
        actions.leave(row, by=request.user)
        messages.success(request, f"{row.name} är borttagen från närvarolistan.")
        return see("meetings:attendance", row.meeting_id)
    form = StatusForm(posted(request), instance=row)
    if form.is_valid():
        if form.changed_data:
            actions.attend(row, by=request.user, **form.changes())
        messages.success(request, f"Närvaron för {row.name} är sparad.")
        return see("meetings:attendance", row.meeting_id)
    return _person(request, row, status=form)


def tells_script(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What is too late is told to a script as JSON; a page is told by the middleware."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except WrongState as refusal:
            if not by_script(request):
                raise
            return JsonResponse({"message": f"{refusal.reason} {refusal.next_step}".strip()}, status=409)

    return asked


@tells_script
@does("attend", Attendance)
@form_page
def move(request: HttpRequest, row: Attendance) -> HttpResponse:
    """Somebody comes, goes, changes channel, loses the line: one thing, under the § that is open and by the clock that is now."""
    if posted(request) is None:
        return redirect("meetings:attend", pk=row.pk)
    scripted, said = by_script(request), ""
    numbers = None if scripted else numbers_now(row.meeting)
    form = MoveForm(request.POST, meeting=row.meeting, numbered=numbers, auto_id="handelse-%s")
    if form.is_valid():
        with told(form):
            said = note(row, form.cleaned_data, by=request.user)
    if scripted:
        return JsonResponse(as_shown(row, said, form), status=422 if form.errors else 200)
    if form.errors:
        row.refresh_from_db()
        return _person(request, row, move=form)
    messages.success(request, f"{said or strip.in_words(row)}.")
    return see("meetings:attend", row.pk)


def note(row: Attendance, fields: dict[str, Any], *, by: Any) -> str:
    """Do what the button says. Returns words that the row itself does not say afterwards, or ""."""
    what, paragraph, at = fields["what"], fields["paragraph"], fields["at"]
    if what in ("came", "here") and strip.open_interruption(row) is not None:
        what = "mended"  # who was cut off and is back is here again
    if what == "came":
        actions.came(row, paragraph=paragraph, at=at, by=by)
    elif what == "went":
        actions.went(row, paragraph=paragraph, at=at, by=by)
    elif what == "broken":
        actions.broken(row, paragraph=paragraph, at=at, by=by)
    elif what == "mended":
        if actions.mended(row, at=at, by=by) is None:
            return f"{row.name}: avbrottet var kortare än en minut och noteras inte"
    elif what == "connect":
        actions.connect(row, channel=fields["channel"], by=by)
    elif what == "undo":
        actions.undo(row, last=fields["last"], by=by)
        return f"Ångrat. {strip.in_words(row)}"
    elif what == "retime":
        actions.retime(get_object_or_404(row.movements, pk=fields["movement"] or 0), at=at, by=by)
    else:
        actions.mark(row, status="present" if what == "here" else what, by=by)
    return ""


def as_shown(row: Attendance, said: str, form: MoveForm) -> dict[str, Any]:
    """The strip's answer to a script: the person's row as it stands now, done or refused, and what has changed around it."""
    whole = strip.strip(Meeting.objects.select_related("group").get(pk=row.meeting_id))
    shown = next(person for _, people in whole.sides for person in people if person.pk == row.pk)
    answer = {
        "row": render_to_string("meetings/_strip_row.html", {"row": shown}),
        "counts": whole.counts,
        "warnings": whole.warnings,
    }
    if form.errors:
        wrong = problems(form)
        return answer | {"message": " ".join(message for field in wrong.values() for message in field), "errors": wrong}
    return answer | {"said": said or strip.in_words(row)}


@does("attend", Attendance)
@form_page
def present_under(request: HttpRequest, row: Attendance) -> HttpResponse:
    """Under which §§ somebody was there."""
    if posted(request) is None:
        return redirect("meetings:attend", pk=row.pk)
    form = PresenceForm(request.POST, row=row, numbered=numbers_now(row.meeting))
    if form.is_valid():
        with told(form):
            actions.present_under(row, paragraphs=form.cleaned_data["paragraphs"], by=request.user)
            messages.success(request, f"Närvaron för {row.name} är sparad.")
            return see("meetings:attend", row.pk)
    return _person(request, row, presence=form)


@does("attend", Attendance)
@form_page
def interrupt(request: HttpRequest, row: Attendance) -> HttpResponse:
    """Note that somebody's line was broken, or take such a note away."""
    if posted(request) is None:
        return redirect("meetings:attend", pk=row.pk)
    if "remove" in request.POST:
        wanted = whole_number(request.POST["remove"])
        actions.uninterrupt(get_object_or_404(Interruption, attendance=row, pk=wanted), by=request.user)
        messages.success(request, "Avbrottet är borttaget.")
        return see("meetings:attend", row.pk)
    form = InterruptionForm(request.POST, meeting=row.meeting, numbered=numbers_now(row.meeting), auto_id="avbrott-%s")
    if form.is_valid():
        with told(form):
            actions.interrupt(row, by=request.user, **form.cleaned_data)
            messages.success(request, f"Avbrottet för {row.name} är sparat.")
            return see("meetings:attend", row.pk)
    return _person(request, row, interruption=form)


# Those who join


@does("attend", Meeting)
@form_page
def join(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Add somebody who has no row: an adjungerad, a presenter, a guest."""
    form = JoinForm(posted(request), meeting=meeting, initial={"side": "official", "co_opted": True})
    if form.is_valid():
        fields = {name: form.cleaned_data[name] for name in ("side", "title", "party", "co_opted")}
        person = form.cleaned_data["person"] or form.cleaned_data["name"]
        with told(form):
            row = actions.join(meeting, person=person, by=request.user, **fields)
            messages.success(request, f"{row.name} är med i närvarolistan.")
            return see("meetings:attendance", meeting.pk)
    return render(request, "meetings/join.html", {"meeting": meeting, "form": form})


# Adjusters


@does("elect", Meeting)
@form_page
def elect(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Choose adjusters and the day of adjustment."""
    candidates = electable(meeting)
    away = " (inte närvarande)"
    labels = {
        row.pk: describe(row, meeting.date) + ("" if row.status == Attendance.Status.PRESENT else away) for row in candidates
    }
    chosen = {officer.person_id for officer in meeting.adjusters}
    initial = {
        "adjusters": [row.pk for row in candidates if row.person_id in chosen],
        "adjustment_day": meeting.adjustment_day or next_working_day(meeting.date),
    }
    form = ElectForm(posted(request), rows=candidates, words=labels, initial=initial)
    if form.is_valid():
        with told(form):
            actions.elect(meeting, by=request.user, **form.cleaned_data)
            messages.success(request, "Justerare och justeringsdag är sparade.")
            return see("meetings:attendance", meeting.pk, at="justerare")
    context = {"meeting": meeting, "form": form, "rows": candidates, "turns": turns(meeting, candidates)}
    return render(request, "meetings/elect.html", context)


# Personnel representatives and the next meeting


@does("edit_text", Meeting)
@form_page
def personnel(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Who goes to the board's meeting for the staff."""
    if meeting.group.board_id is None:
        raise Http404
    seats = union_seats(meeting)
    labels = {seat.pk: f"{seat.person.display}, {seat.party.name_on(meeting.date)}" for seat in seats}
    chosen = set(meeting.personnel_reps.values_list("person_id", flat=True))
    initial = {"persons": [str(seat.pk) for seat in seats if seat.person_id in chosen]}
    form = PersonnelForm(posted(request), seats=seats, words=labels, initial=initial)
    if form.is_valid():
        actions.choose_personnel_reps(meeting, persons=form.cleaned_data["persons"], by=request.user)
        messages.success(request, "Personalföreträdarna är sparade.")
        return see("meetings:attendance", meeting.pk, at="personal")
    return render(request, "meetings/personnel.html", {"meeting": meeting, "form": form, "seats": seats})


CHANGED = "Någon annan har ändrat mötet sedan du öppnade sidan. Läs igenom och spara igen."


@does("edit_text", Meeting)
@form_page
def next_meeting(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """When and where the group meets next; the meeting itself is planned from it."""
    known = {}
    if not meeting.next_on:
        coming = next(
            (occasion for occasion in occasions.coming(meeting.group) if meeting.date is None or occasion.date > meeting.date),
            None,
        )
        known["next_on"] = coming and coming.date
    if not meeting.next_place:
        known["next_place"] = meeting.place
    form = NextForm(posted(request), instance=meeting, initial=known)
    if form.is_valid():
        fields = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        with told(form, stale=CHANGED):
            planning.edit(meeting, fields=fields, version=form.cleaned_data["version"], by=request.user)
            messages.success(request, "Nästa möte är sparat.")
            return see("meetings:attendance", meeting.pk, at="nasta")
    return render(request, "meetings/next.html", {"meeting": meeting, "form": form})
