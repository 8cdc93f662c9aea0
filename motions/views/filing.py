"""Hand a motion in after reading it as it prints, and take it back."""

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST, require_safe

from motions import followed, sheet, written
from motions.actions import filing as actions
from motions.forms.writing import WithdrawMotionForm
from motions.models import Motion
from motions.occasions import coming
from motions.views.common import demand_time, demand_turn, speaks, timing, whole
from people.access import does
from people.permissions import may
from record.forms import told
from record.moves import Stale
from record.pages import form_page, posted, see, whole_number
from record.swedish import capital


@does("draft_motion", Motion)
@require_safe
def preview(request: HttpRequest, motion: Motion) -> HttpResponse:
    """The motion as it will print, to be read before it is filed."""
    demand_time(motion, "draft_motion")
    return _preview(request, motion)


def _preview(request: HttpRequest, motion: Motion, *, stale: bool = False) -> HttpResponse:
    lacking, occasions = actions.lacks(motion), coming(motion.group)
    context = {
        "motion": whole(motion),
        "missing": [("" if name == NON_FIELD_ERRORS else name, message) for name, said in lacking.items() for message in said],
        "facts": written.facts(motion),
        "can": {"file": may(request.user, "file_motion", motion) and speaks(request.user, "file_motion", motion)},
        "sheet": sheet.build(motion),
        "writer": sheet.last_writer(motion) if stale else None,
        "stale": stale,
        "no_meeting": motion.due_on is not None and motion.due_on not in {occasion.date for occasion in occasions},
        **timing(occasions, motion.aim),
    }
    return render(request, "motions/preview.html", context, status=409 if stale else 200)


@does("file_motion", Motion)
@require_POST
def file(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Hand in what was read on the check page."""
    if not speaks(request.user, "file_motion", motion):
        raise PermissionDenied
    try:
        meeting = parse_date(request.POST.get("meeting", "")[:10])
        actions.file(motion, by=request.user, version=whole_number(request.POST.get("version")), meeting=meeting)
    except (ValidationError, ValueError):  # the check page says what is missing
        return see("motions:preview", motion.pk)
    except Stale as stale:  # the check page is shown with what stands now
        return _preview(request, stale.current, stale=True)
    messages.success(request, f"{capital(motion.words.filed)}. Mottagningsnummer {motion.receipt}.")
    return see("motions:motion", motion.pk)


@does("withdraw_motion", Motion)
@form_page
def withdraw(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Take a filed motion back, after asking."""
    demand_turn(request.user, "withdraw_motion", motion)
    form = WithdrawMotionForm(posted(request))
    if form.is_valid():
        with told(form):
            actions.withdraw(motion, by=request.user, why=form.cleaned_data["why"])
            messages.success(request, f"Ni har återkallat {motion.words.the}. Det går fortfarande att läsa.")
            return see("motions:motion", motion.pk)
    motion = whole(motion)
    context = {
        "motion": motion,
        "form": form,
        "answered": sum(1 for claim in motion.claims.all() if claim.released is not None),
        "supported": sum(1 for claim in motion.claims.all() if claim.supporters),
        "promises": sum(map(len, followed.of(motion, request.user).values())),
    }
    return render(request, "motions/withdraw.html", context)
