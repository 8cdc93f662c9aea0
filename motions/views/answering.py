"""Answer a motion: who is to write, the answer to each att-sats, and its release."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from motions import actions, sheet
from motions.forms import AnswerForm, AssignForm
from motions.models import Answer, Claim, Motion, Outcome
from motions.views.common import back_to, demand_time, whole
from people.access import does
from people.models import today
from people.permissions import may
from record.forms import add_errors
from record.moves import Refused, Stale
from record.pages import form_page, see, whole_number
from record.text import diff_html


@does("assign", Motion)
@form_page
def assign(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Ask one on the employer's side to write the answers, by a day."""
    demand_time(motion, "assign")
    seats = motion.group.mandates.valid_on(today()).filter(role__in=actions.ASKED).select_related("person")
    persons = list({seat.person_id: seat.person for seat in seats.order_by("position", "pk")}.values())
    waiting = set(motion.claims.unanswered().values_list("pk", flat=True))
    claims = [pair for pair in enumerate(motion.claims.select_related("responsible"), start=1) if pair[1].pk in waiting]
    if not claims:
        raise Refused("Det finns inget att svara på nu. Det som är bordlagt får svar när det tas upp igen.")
    form = AssignForm(request.POST if request.method == "POST" else None, motion=motion, persons=persons, claims=claims)
    if form.is_valid():
        chosen = [claim for _, claim in claims if str(claim.pk) in form.cleaned_data["claims"]]
        person = next(person for person in persons if str(person.pk) == form.cleaned_data["person"])
        try:
            asked = actions.assign(motion, claims=chosen, person=person, day=form.cleaned_data["day"], by=request.user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            told = "och får mejl om det" if person.address else "men har ingen e-postadress här. Säg till själv"
            messages.success(request, f"{person.display} ska svara på {motion.words.count(len(asked))}, {told}.")
            return see("motions:motion", motion.pk)
    return render(request, "motions/assign.html", {"motion": motion, "form": form})


@does("answer", Claim)
@form_page
def answer(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Write the employer's answer to one att-sats; who may can release it at once."""
    demand_time(claim.motion, "answer")
    if request.method != "POST" and claim.released is not None and claim.drafted is None:
        actions.demand_answerable(claim.motion, claim.released)
    drafted = claim.drafted
    motion = whole(claim.motion)
    shown = next(one for one in sheet.build(motion).claims if one.claim.pk == claim.pk)
    context = {
        "motion": motion,
        "claim": claim,
        "shown": shown,
        "may_release": may(request.user, "release", claim) and not claim.put_off,
    }
    if request.method != "POST":
        form = AnswerForm(instance=drafted, initial={"version": drafted.version if drafted else 0}, kind=motion.kind)
        return render(request, "motions/answer.html", context | {"form": form})
    form = AnswerForm(request.POST, instance=drafted or Answer(claim=claim), kind=motion.kind)
    if not form.is_valid():
        return render(request, "motions/answer.html", context | {"form": form})
    releasing = request.POST.get("do") == "release" and context["may_release"]
    outcome, text = form.cleaned_data["outcome"], form.cleaned_data["text"]
    try:
        with transaction.atomic():
            written = actions.answer(
                claim, outcome=outcome, text=text, version=form.cleaned_data["version"] or 0, by=request.user
            )
            if releasing:
                actions.release(written, by=request.user)
    except (ValidationError, Refused) as error:  # what was typed stays in the form
        add_errors(form, error)
    except Stale as stale:
        return _stale_answer(request, claim, stale.current, outcome=outcome, text=text, context=context)
    else:
        messages.success(request, "Svaret är utlämnat." if releasing else f"Svaret är sparat {timezone.localtime():%H:%M}.")
        return back_to(motion, claim)
    return render(request, "motions/answer.html", context | {"form": form})


def _stale_answer(
    request: HttpRequest, claim: Claim, current: Answer | None, *, outcome: str, text: str, context: dict[str, Any]
) -> HttpResponse:
    """Both answers as text; what was typed stays in the form, ready to be saved over the other."""
    standing = claim.answers.filter(released_at=None).order_by("round").last()
    form = AnswerForm(
        initial={"outcome": outcome, "text": text, "version": standing.version if standing else 0}, kind=claim.motion.kind
    )
    theirs = _answer_text(current.outcome, current.text) if current else "(svaret är borttaget)"
    context |= {"form": form, "theirs": theirs, "diff": diff_html(theirs, _answer_text(outcome, text))}
    context["writer"] = sheet.last_writer(current) if current else None
    return render(request, "motions/answer.html", context, status=409)


def _answer_text(outcome: str, text: str) -> str:
    return f"Utfall: {Outcome(outcome).label}\n\n{text}"


@does("release", Answer)
@form_page
def release(request: HttpRequest, answer: Answer) -> HttpResponse:
    """Read the answer once more, and let the union read it: after that it is not changed."""
    claim = answer.claim
    if request.method != "POST":
        if answer.released_at is not None:
            return back_to(claim.motion, claim)
        actions.demand_releasable(claim.motion, answer)
        motion = whole(claim.motion)
        shown = next(one for one in sheet.build(motion, unreleased=True).claims if one.claim.pk == claim.pk)
        return render(request, "motions/release.html", {"motion": motion, "claim": claim, "answer": answer, "shown": shown})
    try:
        actions.release(answer, by=request.user, version=whole_number(request.POST.get("version")))
    except Stale:
        messages.warning(request, "Svaret har ändrats sedan du läste det. Läs det igen innan du lämnar ut det.")
        return back_to(claim.motion, claim)
    messages.success(request, "Svaret är utlämnat.")
    return back_to(claim.motion, claim)


@does("release", Motion)
@form_page
def release_all(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Read every answer that is written once more, and let the union read them all."""
    demand_time(motion, "release")
    if request.method == "POST":
        read = (pair.partition(":") for pair in request.POST.getlist("answer"))
        try:
            released = actions.release_all(
                motion, versions={whole_number(pk): whole_number(at) for pk, _, at in read}, by=request.user
            )
        except Stale:
            messages.warning(request, "Något av svaren har ändrats sedan du läste det. Inget är utlämnat. Läs igenom igen.")
            return see("motions:release_all", motion.pk)
        messages.success(request, f"{len(released)} svar är utlämnade." if len(released) != 1 else "Svaret är utlämnat.")
        return see("motions:motion", motion.pk)
    motion = whole(motion)
    written = [one for one in sheet.build(motion, unreleased=True).claims if one.draft is not None and not one.draft.waits]
    if not written:
        raise Refused("Det finns inget svar att lämna ut.")
    return render(request, "motions/release_all.html", {"motion": motion, "written": written})
