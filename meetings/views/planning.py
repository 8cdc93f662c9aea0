"""The meeting from the plan to the open draft: list, plan, page, facts, officers, notice, calling off, one's own absence."""

from contextlib import suppress
from copy import copy
from datetime import date
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import F, Prefetch, Q, prefetch_related_objects
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from meetings import letters
from meetings.actions import planning
from meetings.forms.planning import AppointForm, BoardDayForm, CallForm, CancelForm, DeclineForm, MeetingForm
from meetings.models import Attendance, Meeting, Officer
from meetings.reading import calendar, left_open
from meetings.reading.numbering import appendix_numbers
from meetings.reading.occasions import meeting_for, still_open
from meetings.reading.proposals import proposals_of
from meetings.states import WRITABLE, State, Verb
from meetings.views.common import confirm, crumbs, read_numbered
from motions.models import Motion, voices
from people.access import does, own_page
from people.models import Group, User, today
from people.permissions import can, may
from record.forms import overtaken_by, status_of, told
from record.moves import Refused
from record.pages import form_page, posted, see

PER_PAGE = 25


@own_page
@require_safe
def meeting_list(request: HttpRequest) -> HttpResponse:
    """The meetings one may see: those to come, or those that have been."""
    seen = Meeting.objects.visible_to(request.user)
    groups = list(Group.objects.filter(pk__in=seen.order_by().values("group")))
    years = sorted({day.year for day in seen.order_by().dates("date", "year")}, reverse=True)
    group = _one_of(request.GET.get("grupp"), {str(each.pk): each for each in groups})
    year = _one_of(request.GET.get("ar"), {str(each): each for each in years})
    if group is not None:
        seen = seen.filter(group=group)
    if year is not None:
        seen = seen.filter(date__year=year)
    past = request.GET.get("visa") == "tidigare"
    to_come = Q(date__gte=today()) | Q(date__isnull=True)
    meetings = seen.exclude(to_come) if past else seen.filter(to_come).order_by(F("date").asc(nulls_first=True), "starts", "pk")
    plannable = [each for each in Group.objects.visible_to(request.user).meeting_groups() if may(request.user, "plan", each)]
    context = {
        "page": Paginator(meetings, PER_PAGE).get_page(request.GET.get("page")),
        "groups": groups,
        "years": years,
        "group": group,
        "year": year,
        "past": past,
        "plannable": plannable,
    }
    return render(request, "meetings/list.html", context)


def _one_of(key: str | None, known: dict[str, Any]) -> Any:
    """What the filter names, or None: an address that somebody has edited shows everything, as no filter does."""
    return known.get(key or "")


@does("plan", Group)
@form_page
def plan(request: HttpRequest, group: Group) -> HttpResponse:
    """A new meeting: proposed days to choose among, and what the previous meeting had."""
    if group.kind == Group.Kind.BOARD:
        raise Refused("En nämnd har inga möten här.")
    known = _known(request, group)
    form = MeetingForm(posted(request), instance=Meeting(group=group), initial=_from_previous(request, known))
    if form.is_valid():
        with told(form):
            meeting = planning.plan(group, by=request.user, **form.facts())
            messages.success(request, "Mötet är planerat. Gå igenom dagordningen och skicka sedan kallelsen.")
            return see("meetings:meeting", meeting.pk)
    return render(request, "meetings/plan.html", {"group": group, "form": form, "crumbs": crumbs(), **known._asdict()})


class Known(NamedTuple):
    """What a new meeting is planned from."""

    previous: Meeting | None
    board_form: BoardDayForm
    board_day: date | None
    proposals: list[calendar.ProposedDay]


def _known(request: HttpRequest, group: Group) -> Known:
    """The group's last meeting, the board's day when it was asked for, and the days that suit."""
    held = group.meetings.exclude(state=State.CANCELLED).filter(date__isnull=False).order_by("-date", "-pk")
    form = BoardDayForm(request.GET if "board" in request.GET else None, initial={"before": calendar.DAYS_BEFORE_BOARD})
    board_day, before = None, calendar.DAYS_BEFORE_BOARD
    if form.is_valid():
        board_day, before = form.cleaned_data["board"], form.cleaned_data["before"] or before
    earlier = list(held.values_list("date", flat=True)[:12])
    proposals = calendar.propose(after=today(), earlier=earlier, board_day=board_day, before=before)
    return Known(held.first(), form, board_day, proposals)


def _from_previous(request: HttpRequest, known: Known) -> dict[str, Any]:
    """What the form starts from: the day chosen among the proposals, else the agreed next meeting, else the first proposal."""
    previous, facts = known.previous, {"board_meets_on": known.board_day}
    if previous is not None:
        facts |= {
            "starts": previous.next_at or previous.starts,
            "place": previous.next_place or previous.place,
            "channels": previous.channels,
            "date": previous.next_on if previous.next_on and previous.next_on > today() else None,
        }
    chosen = BoardDayForm.base_fields["board"]
    with suppress(ValidationError):  # an address that somebody has edited
        facts["date"] = chosen.clean(request.GET.get("dag", "")) or facts.get("date")
    facts["date"] = facts.get("date") or (known.proposals[0].day if known.proposals else None)
    return facts


@does("see_meeting", Meeting)
@require_safe
def meeting(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The meeting's own page: facts, what to do next, and the agenda and documents for those who may read them."""
    user = request.user
    allowed = _can(user, meeting)
    paragraphs = read_numbered(meeting) if allowed["read_agenda"] else []
    if meeting.frozen:
        items = [item for _, paragraph in paragraphs for item in paragraph.items.all()]
        prefetch_related_objects(items, "board_decision__entries")
    printed = [(number, paragraph) for number, paragraph in paragraphs if number is not None]
    context = {
        "meeting": meeting,
        "can": allowed,
        "signs": meeting.state == State.APPROVAL
        and any(allowed[f"sign_as_{role}"] for role in ("chair", "adjuster", "secretary")),
        "rows": printed,
        "unsent": _changed_since_notice(meeting) if allowed["call"] else False,
        "own_absence": _own_absence(user, meeting),
        "board": meeting.frozen,
        "today_or_past": meeting.date is not None and meeting.date <= today(),
        "crumbs": crumbs(),
        **_motions(user, meeting, allowed),
        **proposals_of(user, meeting),
    }
    if allowed["read_appendix"]:
        numbers = appendix_numbers(meeting, printed)
        context["appendices"] = sorted(((numbers[row.pk], row) for row in meeting.appendices.all()), key=lambda pair: pair[0])
    return render(request, "meetings/meeting.html", context)


BUTTONS = (
    "read_agenda",
    "read_appendix",
    "read_protocol",
    "edit_text",
    "arrange",
    "propose",
    "append",
    "place",
    "attend",
    "appoint",
    "call",
    "open_draft",
    "cancel",
    "delete",
    "decline",
    "disagree",
    "freeze",
    "sign_as_chair",
    "sign_as_adjuster",
    "sign_as_secretary",
    "read_frozen",
    "withdraw",
    "seal",
    "download",
    "read_log",
    "enter_decision",
)


def _can(user: User, meeting: Meeting) -> dict[str, bool]:
    """What the table lets this user do here and now."""
    prefetch_related_objects(
        [meeting], Prefetch("officers", Officer.objects.select_related("person", "party").prefetch_related("party__names"))
    )
    files = meeting.state in WRITABLE and bool(voices(user, "draft_motion", meeting.group_id))
    return can(user, meeting, *BUTTONS) | {"draft_motion": files}


def _motions(user: User, meeting: Meeting, allowed: dict[str, bool]) -> dict[str, list[Motion]]:
    """The motions that the user may read: those taken up here, and those of the group that wait for a meeting."""
    if not allowed["read_agenda"]:
        return {"placed": [], "waiting": []}
    visible = Motion.objects.visible_to(user).with_claims()
    placed = list(visible.filter(placements__meeting=meeting).order_by("placements__position", "pk"))
    waiting: list[Motion] = []
    if meeting.state in WRITABLE:
        untaken, others = left_open.not_taken_up(visible.filter(group=meeting.group_id)), list(still_open([meeting.group_id]))
        waiting = [motion for motion in untaken if meeting_for(motion, others) == meeting]
    return {"placed": placed, "waiting": waiting}


def _changed_since_notice(meeting: Meeting) -> bool:
    """Date, time or place was edited after the last notice went out."""
    if meeting.state != State.CALLED:
        return False
    last = meeting.history.filter(history_verb=Verb.CALL).order_by("-history_id").first()
    return last is not None and last.version != meeting.version


def _own_absence(user: User, meeting: Meeting) -> Attendance | None:
    """The user's own row when it says that they cannot come."""
    if user.person_id is None:
        return None
    return (
        meeting.attendances.filter(person=user.person_id, status=Attendance.Status.EXCUSED)
        .prefetch_related("replaced_by")
        .first()
    )


@does("arrange", Meeting)
@form_page
def edit(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Date, time, place and channels."""
    form = MeetingForm(posted(request), instance=copy(meeting))
    if form.is_valid():
        with told(form):
            planning.edit(meeting, fields=form.facts(), version=form.cleaned_data["version"] or 0, by=request.user)
            messages.success(request, "Ändringen är sparad.")
            return see("meetings:meeting", meeting.pk)
    context = {"meeting": meeting, "form": form, "crumbs": crumbs(meeting)}
    return render(request, "meetings/edit.html", context, status=status_of(form))


@does("appoint", Meeting)
@form_page
def appoint(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Who chairs the meeting and who keeps its minutes."""
    form = AppointForm(posted(request), meeting=meeting)
    if form.is_valid():
        planning.appoint(meeting, chair=form.cleaned_data["chair"], secretary=form.cleaned_data["secretary"], by=request.user)
        messages.success(request, "Uppdragen är sparade.")
        return see("meetings:meeting", meeting.pk)
    return render(request, "meetings/appoint.html", {"meeting": meeting, "form": form, "crumbs": crumbs(meeting)})


@does("call", Meeting)
@form_page
def call(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """A last look at the notice and its receivers; the button sends it."""
    form = CallForm(posted(request), initial={"seen": meeting.notices})
    if form.is_valid():
        with told(form):
            planning.call(meeting, by=request.user, seen=form.cleaned_data["seen"])
            messages.success(request, "Kallelsen är skickad.")
            return see("meetings:meeting", meeting.pk)
    if overtaken_by(form):
        messages.info(request, "Kallelsen var redan skickad. Ingen ny skickades.")
        return see("meetings:meeting", meeting.pk)
    persons = letters.recipients(meeting) if meeting.date else []
    changed = meeting.notices > 0
    subject, body = letters.call_letter(meeting, changed=changed) if meeting.date else ("", "")
    context = {
        "meeting": meeting,
        "form": form,
        "changed": changed,
        "reached": [person for person in persons if person.address],
        "unreached": [person for person in persons if not person.address],
        "subject": subject,
        "body": body,
        "missing": planning.lacks_for_call(meeting),
        "crumbs": crumbs(meeting),
    }
    return render(request, "meetings/call.html", context)


@does("cancel", Meeting)
@form_page
def cancel(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Call it off, with a reason."""
    form = CancelForm(posted(request))
    if form.is_valid():
        called = meeting.state == State.CALLED
        with told(form):
            planning.cancel(meeting, why=form.cleaned_data["why"], by=request.user)
            messages.success(request, "Mötet är inställt. Alla som var kallade får besked." if called else "Mötet är inställt.")
            return see("meetings:meeting", meeting.pk)
    return render(request, "meetings/cancel.html", {"meeting": meeting, "form": form, "crumbs": crumbs(meeting)})


@does("delete", Meeting)
@form_page
def delete(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Remove an empty planned meeting."""
    form = Form(posted(request))
    if form.is_valid():
        with told(form):
            name = str(meeting)
            planning.delete(meeting, by=request.user)
            messages.success(request, f"{name} är borttaget.")
            return see("meetings:list")
    return confirm(
        request,
        meeting,
        form,
        heading="Ta bort mötet",
        submit="Ta bort mötet",
        submit_class="button--danger",
        words="Bara ett planerat möte som ingen har kallats till och som inget är skrivet i kan tas bort.",
        back=reverse("meetings:meeting", args=[meeting.pk]),
    )


@does("open_draft", Meeting)
@form_page
def open_draft(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The meeting begins."""
    form = Form(posted(request))
    if form.is_valid():
        planning.open_draft(meeting, by=request.user)
        messages.success(request, "Utkastet är öppet. Fyll i närvaron och skriv under paragraferna.")
        return see("meetings:desk", meeting.pk)
    explanation = (
        "Alla med uppdrag i gruppen läggs in i närvarolistan, och du kan skriva i protokollet. Mötet kan inte längre ställas in."
    )
    if meeting.date and meeting.date > today():
        explanation += " Mötet är inte i dag: öppna utkastet först när mötet börjar."
    return confirm(
        request,
        meeting,
        form,
        heading="Öppna utkastet",
        submit="Öppna utkastet",
        words=explanation,
        back=reverse("meetings:meeting", args=[meeting.pk]),
    )


@does("decline", Meeting)
@form_page
def decline(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Say that one cannot come oneself, and call in a substitute."""
    form = DeclineForm(posted(request), group=meeting.group, user=request.user, day=meeting.date or today())
    absence = _own_absence(request.user, meeting)
    settled = absence is not None and bool(absence.replaced_by.all())
    if not settled and form.is_valid():
        substitute = form.cleaned_data["substitute"]
        with told(form):
            planning.decline(meeting, mandate=form.cleaned_data["mandate"], substitute=substitute, by=request.user)
            messages.success(
                request, f"Förhindret är anmält. {substitute.person} kallas in." if substitute else "Förhindret är anmält."
            )
            return see("meetings:meeting", meeting.pk)
    context = {"meeting": meeting, "form": form, "absence": absence, "settled": settled, "crumbs": crumbs(meeting)}
    return render(request, "meetings/decline.html", context)


@does("see_meeting", Meeting)
@require_safe
def calendar_file(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """The meeting as a calendar file, with the same identity as in the notice."""
    if not (meeting.date and meeting.starts):
        raise Refused("Mötet har ingen dag och tid än.")
    method = "CANCEL" if meeting.state == State.CANCELLED else "PUBLISH"
    response = HttpResponse(
        letters.calendar(meeting, method=method, person=request.user.person),
        content_type=f"text/calendar; method={method}; charset=utf-8",
    )
    response["Content-Disposition"] = f'attachment; filename="mote-{meeting.date.isoformat()}.ics"'
    return response
