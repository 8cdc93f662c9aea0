"""Who is there, under which §§, who adjusts, who goes to the board, and when the group meets next."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Max
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
from meetings.models import Attendance, Interruption, Meeting, Officer, Paragraph
from meetings.reading import attendance as reading
from meetings.reading import occasions, strip
from meetings.reading.calendar import next_working_day
from meetings.reading.numbering import numbered
from people.access import does
from people.models import Mandate, Party, Role
from people.permissions import may
from record.forms import add_errors, read_anew
from record.moves import Refused, Stale, WrongState
from record.pages import by_script, form_page, see, whole_number

SIDES = [
    ("employer", "För arbetsgivaren"),
    ("employee", "För arbetstagarna"),
    ("board", "För nämnden"),
    ("official", "Tjänstepersoner"),
]


def with_numbers(meeting: Meeting) -> list[tuple[int | None, Paragraph]]:
    return numbered(meeting.paragraphs.prefetch_related("items", "placements"), meeting.group)


def describe(row: Attendance, day: date) -> str:
    """Name, title and party as in the protocol."""
    party = row.party.short_on(day) if row.party else row.party_printed
    return ", ".join(part for part in (row.name, row.title, party) if part)


def rows_of(meeting: Meeting) -> list[Attendance]:
    """Everybody in the list, in the order of the protocol."""
    return list(
        meeting.attendances.select_related("party", "replaces").prefetch_related(
            "party__names", "presences", "movements", "interruptions__paragraph"
        )
    )


# The list


@does("attend", Meeting)
@form_page
def attendance(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The attendance list: mark everybody at once, or row by row."""
    rows = rows_of(meeting)
    # A row that came while the page was open was not on it: it is left as it is.
    shown = {row.pk for row in rows if f"initial-r{row.pk}-status" in request.POST}
    forms = [StatusForm(request.POST if row.pk in shown else None, instance=row, prefix=f"r{row.pk}") for row in rows]
    if request.method == "POST" and all([form.is_valid() for form in forms if form.is_bound]):
        changed = [(form.instance, form.changes()) for form in forms if form.is_bound and form.changed_data]
        for row, fields in changed:
            actions.attend(row, by=request.user, **fields)
        if "all" in request.POST:
            count = actions.all_expected_present(meeting, by=request.user)
            people = "En person" if count == 1 else f"{count} personer"
            messages.success(request, f"{people} markerad{'' if count == 1 else 'e'} som närvarande.")
        else:
            messages.success(request, "Närvaron är sparad." if changed else "Inget var ändrat.")
        return see("meetings:attendance", meeting.pk)
    return render(request, "meetings/attendance.html", list_context(request, meeting, rows, forms))


def list_context(request: HttpRequest, meeting: Meeting, rows: list[Attendance], forms: list[StatusForm]) -> dict[str, Any]:
    day = meeting.date
    entries = [(row, form, describe(row, day), seen_under(row, meeting)) for row, form in zip(rows, forms, strict=True)]
    counts = {status: sum(1 for row in rows if row.status == status) for status in Attendance.Status}
    reps = list(meeting.personnel_reps.select_related("person"))
    return {
        "meeting": meeting,
        "sides": [(words, [entry for entry in entries if entry[0].side == side]) for side, words in SIDES],
        "has_errors": any(form.errors for form in forms),
        "status_forms": forms,
        "counts": counts,
        "waiting": counts[Attendance.Status.EXPECTED],
        "channels": list(dict.fromkeys([*meeting.channels, *reading.CHANNELS])),
        "adjusters": [officer for officer in meeting.adjusters],
        "reps": reps,
        "has_board": meeting.group.board_id is not None,
        "planned": meeting.following.exclude(state="cancelled").order_by("date").first(),
        "may_plan": may(request.user, "plan", meeting.group),
    }


def seen_under(row: Attendance, meeting: Meeting) -> str:
    """What differs from being there all the time, in a few words."""
    parts = [f"{one.get_kind_display()} {one.at:%H.%M}" for one in row.movements.all()]
    if row.partial:
        count = len(row.presences.all())
        parts.append("närvarande under en paragraf" if count == 1 else f"närvarande under {count} paragrafer")
    broken = len(row.interruptions.all())
    if broken:
        parts.append("ett avbrott" if broken == 1 else f"{broken} avbrott")
    if row.co_opted:
        parts.append("adjungerad")
    if row.replaces:
        parts.append(f"ersätter {row.replaces.name}")
    return ", ".join(parts)


# One person


def person_page(
    request: HttpRequest,
    row: Attendance,
    *,
    status: Any = None,
    move: Any = None,
    presence: Any = None,
    interruption: Any = None,
) -> HttpResponse:
    """Everything about one person's attendance; a form that could not be saved takes the place of the empty one."""
    meeting = row.meeting
    numbers = with_numbers(meeting)
    number_by_pk = {paragraph.pk: number for number, paragraph in numbers}
    where = strip.places(meeting, [paragraph for _, paragraph in numbers])
    done, last = reading.last_done([row]).get(row.pk), strip.last_movement(row)
    now = strip.row_of(row, meeting, where, reading.channels_of(meeting), done.name if done else "")
    context = {
        "meeting": meeting,
        "row": row,
        "words": describe(row, meeting.date),
        "form": status or move or presence or interruption or "",
        "now": now,
        "events": [button for button in now.buttons if button.what in ("came", "went", "broken", "mended")],
        "marks": [button for button in now.buttons if button.what in ("here", "connect", "excused", "absent")],
        "movements": [(one, where.get(one.paragraph_id, "")) for one in row.movements.all()],
        "move_form": move or MoveForm(meeting=meeting, numbered=numbers, after=last and last.paragraph_id, auto_id="handelse-%s"),
        "status_form": status or StatusForm(instance=row),
        "presence_form": presence or PresenceForm(row=row, numbered=numbers),
        "interruption_form": interruption or InterruptionForm(meeting=meeting, numbered=numbers, auto_id="avbrott-%s"),
        "interruptions": [(one, number_by_pk.get(one.paragraph_id)) for one in row.interruptions.select_related("paragraph")],
        "channels": list(dict.fromkeys([*meeting.channels, *reading.CHANNELS])),
        "may_leave": row.co_opted or not meeting.group.mandates.valid_on(meeting.date).filter(person=row.person_id).exists(),
    }
    return render(request, "meetings/attend.html", context)


@does("attend", Attendance)
@form_page
def attend(request: HttpRequest, row: Attendance) -> HttpResponse:
    """How one person takes part; also takes somebody without a seat off the list again."""
    if request.method != "POST":
        return person_page(request, row)
    if "leave" in request.POST:
        actions.leave(row, by=request.user)
        messages.success(request, f"{row.name} är borttagen från närvarolistan.")
        return see("meetings:attendance", row.meeting_id)
    form = StatusForm(request.POST, instance=row)
    if form.is_valid():
        if form.changed_data:
            actions.attend(row, by=request.user, **form.changes())
        messages.success(request, f"Närvaron för {row.name} är sparad.")
        return see("meetings:attendance", row.meeting_id)
    return person_page(request, row, status=form)


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
    if request.method != "POST":
        return redirect("meetings:attend", pk=row.pk)
    scripted = by_script(request)
    numbers = None if scripted else with_numbers(row.meeting)
    form = MoveForm(request.POST, meeting=row.meeting, numbered=numbers, auto_id="handelse-%s")
    said = ""
    if form.is_valid():
        try:
            said = note(row, form.cleaned_data, by=request.user)
        except (Refused, ValidationError) as error:
            add_errors(form, error)
    if scripted:
        return JsonResponse(as_shown(row, said, form), status=422 if form.errors else 200)
    if form.errors:
        row.refresh_from_db()
        return person_page(request, row, move=form)
    messages.success(request, f"{said or in_words(row)}.")
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
        return f"Ångrat. {in_words(row)}"
    elif what == "retime":
        actions.retime(get_object_or_404(row.movements, pk=fields["movement"] or 0), at=at, by=by)
    else:
        actions.mark(row, status="present" if what == "here" else what, by=by)
    return ""


def in_words(row: Attendance) -> str:
    """`Karin Ek gick 10.20 efter § 7`, `Karin Ek: här, via Teams`."""
    row = Attendance.objects.select_related("meeting__group").get(pk=row.pk)
    words, _ = strip.state(row, strip.places(row.meeting))
    return f"{row.name} {words}" if words.startswith("gick ") else f"{row.name}: {words}"


def as_shown(row: Attendance, said: str, form: MoveForm) -> dict[str, Any]:
    """The strip's answer to a script: the person's row as it stands now, done or refused, and what has changed around it."""
    meeting = Meeting.objects.select_related("group").get(pk=row.meeting_id)
    whole = strip.strip(meeting)
    shown = next(one for _, rows in whole.sides for one in rows if one.pk == row.pk)
    told = {
        "row": render_to_string("meetings/_strip_row.html", {"row": shown}),
        "counts": whole.counts,
        "warnings": whole.warnings,
    }
    if form.errors:
        problems = [str(problem) for field in form.errors.values() for problem in field]
        return told | {"message": " ".join(problems), "errors": {name: list(each) for name, each in form.errors.items()}}
    return told | {"said": said or in_words(row)}


@does("attend", Attendance)
@form_page
def present_under(request: HttpRequest, row: Attendance) -> HttpResponse:
    """Under which §§ somebody was there."""
    if request.method != "POST":
        return redirect("meetings:attend", pk=row.pk)
    form = PresenceForm(request.POST, row=row, numbered=with_numbers(row.meeting))
    if form.is_valid():
        try:
            actions.present_under(row, paragraphs=form.cleaned_data["paragraphs"], by=request.user)
        except Refused as refusal:
            add_errors(form, refusal)
        else:
            messages.success(request, f"Närvaron för {row.name} är sparad.")
            return see("meetings:attend", row.pk)
    return person_page(request, row, presence=form)


@does("attend", Attendance)
@form_page
def interrupt(request: HttpRequest, row: Attendance) -> HttpResponse:
    """Note that somebody's line was broken, or take such a note away."""
    if request.method != "POST":
        return redirect("meetings:attend", pk=row.pk)
    if "remove" in request.POST:
        wanted = whole_number(request.POST["remove"])
        actions.uninterrupt(get_object_or_404(Interruption, attendance=row, pk=wanted), by=request.user)
        messages.success(request, "Avbrottet är borttaget.")
        return see("meetings:attend", row.pk)
    form = InterruptionForm(request.POST, meeting=row.meeting, numbered=with_numbers(row.meeting), auto_id="avbrott-%s")
    if form.is_valid():
        try:
            actions.interrupt(row, by=request.user, **form.cleaned_data)
        except (Refused, ValidationError) as error:
            add_errors(form, error)
        else:
            messages.success(request, f"Avbrottet för {row.name} är sparat.")
            return see("meetings:attend", row.pk)
    return person_page(request, row, interruption=form)


# Those who join


@does("attend", Meeting)
@form_page
def join(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Add somebody who has no row: an adjungerad, a presenter, a guest."""
    form = JoinForm(request.POST or None, meeting=meeting, initial={"side": "official", "co_opted": True})
    if form.is_valid():
        fields = form.cleaned_data
        person = fields["person"] or fields["name"]
        try:
            row = actions.join(
                meeting, person=person, side=fields["side"], title=fields["title"], party=fields["party"],
                co_opted=fields["co_opted"], by=request.user,
            )  # fmt: skip
        except (Refused, ValidationError) as error:
            add_errors(form, error)
        else:
            messages.success(request, f"{row.name} är med i närvarolistan.")
            return see("meetings:attendance", meeting.pk)
    return render(request, "meetings/join.html", {"meeting": meeting, "form": form})


# Adjusters


@does("elect", Meeting)
@form_page
def elect(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Choose adjusters and the day of adjustment."""
    busy = {officer.person_id for officer in meeting.officers.all() if officer.role != Officer.Role.ADJUSTER}
    chosen = {officer.person_id for officer in meeting.adjusters}
    rows = [
        row
        for row in rows_of(meeting)
        if row.person_id not in busy and (row.status == Attendance.Status.PRESENT or row.person_id in chosen)
    ]
    words = {
        row.pk: describe(row, meeting.date) + ("" if row.status == Attendance.Status.PRESENT else " (inte närvarande)")
        for row in rows
    }
    initial = {
        "adjusters": [row.pk for row in rows if row.person_id in chosen],
        "adjustment_day": meeting.adjustment_day or next_working_day(meeting.date),
    }
    form = ElectForm(request.POST if request.method == "POST" else None, rows=rows, words=words, initial=initial)
    if form.is_valid():
        try:
            actions.elect(meeting, by=request.user, **form.cleaned_data)
        except (Refused, ValidationError) as error:
            add_errors(form, error)
        else:
            messages.success(request, "Justerare och justeringsdag är sparade.")
            return see("meetings:attendance", meeting.pk, at="justerare")
    context = {"meeting": meeting, "form": form, "rows": rows, "turns": turns(meeting, rows)}
    return render(request, "meetings/elect.html", context)


def turns(meeting: Meeting, rows: list[Attendance]) -> list[tuple[str, date | None]]:
    """The unions that are here and the day each one last adjusted for this group; the one whose turn it is comes first (R34)."""
    here: dict[int, Party] = {row.party_id: row.party for row in rows if row.side == Attendance.Side.EMPLOYEE and row.party_id}
    latest = dict(
        Officer.objects.filter(role=Officer.Role.ADJUSTER, party__in=here, meeting__group=meeting.group_id)
        .exclude(meeting=meeting)
        .order_by()
        .values_list("party")
        .annotate(day=Max("meeting__date"))
    )
    order = sorted(here, key=lambda pk: (latest.get(pk) or date.min, here[pk].position, pk))
    return [(here[pk].name_on(meeting.date), latest.get(pk)) for pk in order]


# Personnel representatives and the next meeting


@does("edit_text", Meeting)
@form_page
def personnel(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Who goes to the board's meeting for the staff."""
    if meeting.group.board_id is None:
        raise Http404
    seats: dict[int, Mandate] = {}
    for seat in (
        meeting.group.mandates.valid_on(meeting.date)
        .filter(role__in=Role.OF_UNIONS)
        .select_related("person", "party")
        .prefetch_related("party__names")
        .order_by("party__position", "party", "position", "pk")
    ):
        if seat.side == "employee":
            seats.setdefault(seat.person_id, seat)
    words = {seat.pk: f"{seat.person.display}, {seat.party.name_on(meeting.date)}" for seat in seats.values()}
    chosen = set(meeting.personnel_reps.values_list("person_id", flat=True))
    initial = {"persons": [str(seat.pk) for seat in seats.values() if seat.person_id in chosen]}
    form = PersonnelForm(
        request.POST if request.method == "POST" else None, seats=list(seats.values()), words=words, initial=initial
    )
    if form.is_valid():
        actions.choose_personnel_reps(meeting, persons=form.cleaned_data["persons"], by=request.user)
        messages.success(request, "Personalföreträdarna är sparade.")
        return see("meetings:attendance", meeting.pk, at="personal")
    return render(request, "meetings/personnel.html", {"meeting": meeting, "form": form, "seats": seats})


@does("edit_text", Meeting)
@form_page
def next_meeting(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """When and where the group meets next; the meeting itself is planned from it."""
    form = NextForm(request.POST if request.method == "POST" else None, instance=meeting)
    if not form.is_bound and not meeting.next_on:
        coming = next((one for one in occasions.coming(meeting.group) if meeting.date is None or one.date > meeting.date), None)
        form.initial["next_on"] = coming and coming.date
    if not form.is_bound and not meeting.next_place:
        form.initial["next_place"] = meeting.place
    if form.is_valid():
        fields = dict(form.cleaned_data)
        version = fields.pop("version")
        try:
            planning.edit(meeting, fields=fields, version=version, by=request.user)
        except Stale as stale:
            form.add_error(None, "Någon annan har ändrat mötet sedan du öppnade sidan. Läs igenom och spara igen.")
            read_anew(form, stale)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, "Nästa möte är sparat.")
            return see("meetings:attendance", meeting.pk, at="nasta")
    return render(request, "meetings/next.html", {"meeting": meeting, "form": form})
