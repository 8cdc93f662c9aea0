"""The promises in answers to motions: what can be followed up, and what the room of motions shows of it."""

from django.urls import reverse

from meetings.language.statements import sentences
from meetings.models import BalanceItem, Placement
from meetings.states import State
from motions.followed import FollowedUp
from motions.models import Answer, Motion, Outcome
from people.models import User


def said(answer: Answer) -> list[str]:
    """The sentences of an answer; one that grants without a word promises what the att-sats says."""
    text = answer.text
    if not text.strip() and answer.outcome == Outcome.GRANTED:
        text = answer.claim.text
    return list(dict.fromkeys(one.text for one in sentences(text)))


def placement(answer: Answer) -> Placement | None:
    """Where the motion is taken up at a meeting whose protocol is being written."""
    rows = Placement.objects.filter(motion=answer.claim.motion_id, meeting__state=State.DRAFT)
    return rows.select_related("meeting__group", "paragraph").order_by("pk").first()


def of(motion: Motion, user: User) -> list[FollowedUp]:
    """What of the motion's answers stands on the balance list, as far as `user` reads it."""
    rows = BalanceItem.objects.visible_to(user).filter(answer__claim__motion=motion).order_by("pk")
    return [
        FollowedUp(pk, title, BalanceItem.State(state).label, state, reverse("meetings:balance_item", args=[item]))
        for item, title, state, pk in rows.values_list("pk", "title", "state", "answer__claim")
    ]


def address(answer: Answer) -> str:
    """The page that puts a sentence of the answer on the list; "" when there is none to put."""
    return reverse("meetings:promise_in_answer", args=[answer.pk]) if said(answer) else ""
