"""Follow a sentence up as a promise, say that it is none, or take that back: a page without scripts, a dialog at the desk.

A sentence of an answer to a motion is followed up on a page of its own.
"""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST

from meetings.actions import promises as actions
from meetings.forms.balance import members
from meetings.forms.promises import AnswerPromiseForm, PromiseForm
from meetings.language import wording
from meetings.language.statements import key, sentences, token
from meetings.models import Commitment, Paragraph
from meetings.reading import checklist, followed
from motions.models import Answer
from motions.occasions import coming
from people.access import does
from people.models import today
from people.permissions import may
from record.forms import problems, told, told_next
from record.moves import Refused
from record.pages import by_script, form_page, posted, see, whole_number
from record.text import to_html


def promises_of(paragraph: Paragraph) -> list[Commitment]:
    """The promises of a § that somebody follows up, with what the list of them shows."""
    rows = paragraph.commitments.select_related("owner", "balance_item").order_by("position", "pk")
    return [row for row in rows if row.followed_up]


def _said(paragraph: Paragraph) -> list[str]:
    """The sentences of a §, in reading order."""
    return [sentence.text for _, text in checklist.texts_of(paragraph) for sentence in sentences(text)]


@does("edit_text", Paragraph)
@form_page
def promise(request: HttpRequest, paragraph: Paragraph) -> HttpResponse:
    """Choose a sentence of the §, who follows it up and until when."""
    fetch, said = by_script(request), _said(paragraph)
    likely = checklist.loose_promises(paragraph, paragraph.commitments.all())
    chosen = next((sentence for sentence in said if token(sentence) == request.GET.get("mening")), "")
    form = PromiseForm(
        posted(request),
        meeting=paragraph.meeting,
        choices=None if fetch else said,
        likely=likely,
        keeps=may(request.user, "keep_balance", paragraph.meeting.group),
        initial={"sentence": chosen},
    )
    if form.is_valid():
        with told(form):
            made = actions.promise(paragraph, by=request.user, **form.cleaned_data)
            return _done(request, paragraph, _in_words(made))
    if fetch:
        return JsonResponse({"errors": problems(form)}, status=422)
    context = {
        "meeting": paragraph.meeting,
        "paragraph": paragraph,
        "form": form,
        "said": said,
        "chosen": chosen,
        "likely": [(sentence, token(sentence)) for sentence in likely],
        "promises": promises_of(paragraph),
        "dismissed": [row for row in paragraph.commitments.all() if not row.followed_up],
        "back": _desk_url(paragraph),
        "from_list": "checklista" in request.GET or "checklista" in request.POST,
    }
    return render(request, "meetings/promise.html", context)


@does("edit_text", Paragraph)
@require_POST
def unpromise(request: HttpRequest, paragraph: Paragraph) -> HttpResponse:
    """Take a promise back, or the note that a sentence is none."""
    commitment = Commitment.objects.filter(paragraph=paragraph, pk=whole_number(request.POST.get("promise"))).first()
    words = "Åtagandet är tillbakataget."
    if commitment is None:  # somebody was first, or the answer to the first try was lost
        words = "Åtagandet finns inte längre."
    elif not actions.unpromise(commitment, by=request.user):
        words += " Punkten står kvar på balanslistan, för något är redan antecknat om den. Avsluta den där."
    return _done(request, paragraph, words)


@does("edit_text", Paragraph)
@require_POST
def no_promise(request: HttpRequest, paragraph: Paragraph) -> HttpResponse:
    """Say that a sentence which looks like a promise is none."""
    words = key(request.POST.get("sentence", ""))
    sentence = next((one for one in _said(paragraph) if words and key(one) == words), "")
    with told_next(request):
        actions.dismiss(paragraph, sentence=sentence, by=request.user)
        messages.success(request, "Noterat: meningen är inget åtagande.")
    return _after(request, paragraph)


@does("keep_balance", Answer)
@form_page
def promise_in_answer(request: HttpRequest, answer: Answer) -> HttpResponse:
    """Put a sentence of an answer to a motion on the balance list: who follows it up, and until when."""
    motion, said = answer.claim.motion, followed.said(answer)
    if answer.released_at is None or not said:
        raise Refused(
            "Svaret är inte utlämnat än. Lämna ut det först." if said else "Svaret har ingen text som går att följa upp."
        )
    likely = [sentence for sentence in wording.promises(answer.text) if sentence in said]
    form = AnswerPromiseForm(
        posted(request),
        group=motion.group,
        choices=said,
        likely=likely,
        initial={"owner": _asked(answer), "due": _next_day(answer), "sentence": likely[0] if len(likely) == 1 else ""},
    )
    if form.is_valid():
        with told(form):
            item, new = actions.promise_in_answer(answer, by=request.user, **form.cleaned_data)
            if new:
                messages.success(request, f"På balanslistan står nu ”{item}”.")
            else:
                messages.info(request, f"Meningen fanns redan på balanslistan, som ”{item}”. Ingen ny punkt blev till.")
            return see("motions:motion", motion.pk, at=f"att-sats-{answer.claim.position}")
    there = [followed_up for followed_up in followed.of(motion, request.user) if followed_up.claim == answer.claim_id]
    context = {"motion": motion, "answer": answer, "form": form, "words": to_html(answer.text), "there": there}
    return render(request, "meetings/promise_in_answer.html", context)


def _asked(answer: Answer) -> int | None:
    """Who is proposed to follow it up: the one that was asked to answer, else the one that did, if still in the group."""
    wanted = [answer.claim.responsible_id, answer.written_by_id]
    seated = set(members(answer.claim.motion.group).filter(pk__in=[pk for pk in wanted if pk]).values_list("pk", flat=True))
    return next((pk for pk in wanted if pk in seated), None)


def _next_day(answer: Answer) -> date | None:
    """The meeting after the one where it is answered, or the next one that is planned."""
    placement = followed.placement(answer)
    if placement is not None:
        return actions.next_meeting_day(placement.meeting)
    return next((one.date for one in coming(answer.claim.motion.group) if one.date > today()), None)


def _in_words(made: Commitment) -> str:
    """What was done, in one sentence."""
    parts = [f"Ansvarig: {made.owner.display}." if made.owner else "", f"Klart senast {made.due:%Y-%m-%d}." if made.due else ""]
    where = "Åtagandet står på balanslistan." if made.balance_item_id else "Åtagandet är sparat."
    return " ".join(part for part in (where, *parts) if part)


def _done(request: HttpRequest, paragraph: Paragraph, words: str) -> HttpResponse:
    """What was done, and for a script the list of the §'s promises as it stands now."""
    if by_script(request):
        context = {"paragraph": paragraph, "promises": promises_of(paragraph)}
        return JsonResponse({"message": words, "html": render_to_string("meetings/_promises.html", context, request)})
    messages.success(request, words)
    return _after(request, paragraph)


def _desk_url(paragraph: Paragraph) -> str:
    return f"{reverse('meetings:write', args=[paragraph.pk])}#p-{paragraph.pk}"


def _after(request: HttpRequest, paragraph: Paragraph) -> HttpResponse:
    """Back to where the person came from: the check list, or the § on the desk."""
    if "checklista" in request.POST:
        return see("protocol:freeze", paragraph.meeting_id)
    return see(_desk_url(paragraph))
