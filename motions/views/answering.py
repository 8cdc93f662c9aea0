"""Answer a motion: who is to write, the answer to each att-sats, and its release."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from motions import sheet
from motions.actions import answering as actions
from motions.forms.answering import AnswerForm, AssignForm
from motions.models import Answer, Claim, Motion, Outcome
from motions.views.common import back_to, demand_time, shown_claim, warned, whole
from people.access import does
from people.models import Person, today
from people.permissions import may
from record.forms import overtaken_by, status_of, told
from record.moves import Refused
from record.pages import form_page, posted, see, whole_number
from record.text import diff_html


@does("assign", Motion)
@form_page
def assign(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Ask one on the employer's side to write the answers, by a day."""
    demand_time(motion, "assign")
    unanswered = set(motion.claims.unanswered().values_list("pk", flat=True))
    claims = [pair for pair in enumerate(motion.claims.select_related("responsible"), start=1) if pair[1].pk in unanswered]
    if not claims:
        raise Refused("Det finns inget att svara på nu. Det som är bordlagt får svar när det tas upp igen.")
    form = AssignForm(posted(request), motion=motion, persons=_askable(motion), claims=claims)
    if form.is_valid():
        person = form.cleaned_data["person"]
        with told(form):
            asked = actions.assign(motion, by=request.user, **form.cleaned_data)
            reached = "och får mejl om det" if person.address else "men har ingen e-postadress här. Säg till själv"
            messages.success(request, f"{person.display} ska svara på {motion.words.count(len(asked))}, {reached}.")
            return see("motions:motion", motion.pk)
    return render(request, "motions/assign.html", {"motion": motion, "form": form})


def _askable(motion: Motion) -> list[Person]:
    """Those on the employer's side who can be asked, each once."""
    seats = motion.group.mandates.valid_on(today()).filter(role__in=actions.ASKED).select_related("person")
    return list({seat.person_id: seat.person for seat in seats.order_by("position", "pk")}.values())


@does("answer", Claim)
@form_page
def answer(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Write the employer's answer to one att-sats; who may can release it at once."""
    demand_time(claim.motion, "answer")
    drafted = claim.drafted
    if request.method != "POST" and claim.released is not None and drafted is None:
        actions.demand_answerable(claim.motion, claim.released)
    motion = whole(claim.motion)
    can_release = may(request.user, "release", claim) and not claim.put_off
    form = AnswerForm(
        posted(request),
        instance=drafted or Answer(claim=claim),
        kind=motion.kind,
        initial={"version": drafted.version if drafted else 0},
    )
    if form.is_valid():
        with told(form):
            releasing = request.POST.get("do") == "release" and can_release
            actions.answer_and_release(claim, **form.facts(), releasing=releasing, by=request.user)
            messages.success(request, "Svaret är utlämnat." if releasing else f"Svaret är sparat {timezone.localtime():%H:%M}.")
            return back_to(motion, claim)
    context = {"motion": motion, "shown": shown_claim(motion, claim), "form": form, "can": {"release": can_release}}
    return render(request, "motions/answer.html", context | _collision(form, claim), status=status_of(form))


def _collision(form: AnswerForm, claim: Claim) -> dict[str, Any]:
    """When somebody else was first: both answers as text; what was typed stays in the form, ready to be saved over the other."""
    current = overtaken_by(form)
    if current is None:
        return {}
    waiting = claim.answers.filter(released_at=None).order_by("round").last()
    form.data["version"] = waiting.version if waiting else 0  # when the other has been released, what is saved next is a new one
    theirs = _as_text(current.outcome, current.text) if current.pk else "(svaret är borttaget)"
    mine = _as_text(form.cleaned_data["outcome"], form.cleaned_data["text"])
    return {"theirs": theirs, "diff": diff_html(theirs, mine), "writer": sheet.last_writer(current) if current.pk else None}


def _as_text(outcome: str, text: str) -> str:
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
        context = {"motion": motion, "claim": claim, "answer": answer, "shown": shown_claim(motion, claim, unreleased=True)}
        return render(request, "motions/release.html", context)
    with warned(request, "Svaret har ändrats sedan du läste det. Läs det igen innan du lämnar ut det."):
        actions.release(answer, by=request.user, version=whole_number(request.POST.get("version")))
        messages.success(request, "Svaret är utlämnat.")
    return back_to(claim.motion, claim)


@does("release", Motion)
@form_page
def release_all(request: HttpRequest, motion: Motion) -> HttpResponse:
    """Read every answer that is written once more, and let the union read them all."""
    demand_time(motion, "release")
    if request.method == "POST":
        read = (pair.partition(":") for pair in request.POST.getlist("answer"))
        versions = {whole_number(pk): whole_number(version) for pk, _, version in read}
        with warned(request, "Något av svaren har ändrats sedan du läste det. Inget är utlämnat. Läs igenom igen."):
            released = actions.release_all(motion, versions=versions, by=request.user)
            messages.success(request, f"{len(released)} svar är utlämnade." if len(released) != 1 else "Svaret är utlämnat.")
            return see("motions:motion", motion.pk)
        return see("motions:release_all", motion.pk)
    motion = whole(motion)
    written = [
        claim for claim in sheet.build(motion, unreleased=True).claims if claim.draft is not None and not claim.draft.waits
    ]
    if not written:
        raise Refused("Det finns inget svar att lämna ut.")
    return render(request, "motions/release_all.html", {"motion": motion, "written": written})
