"""Find motions: by group, union, kind, year, how far they have come, what was answered, and words."""

import json
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from motions.models import Answer, Claim, Motion
from motions.states import State
from motions.written import WORDED
from people.models import User
from record.searching import says
from record.text.stems import stems


def filtered(motions: QuerySet[Motion], wanted: dict[str, Any], user: User) -> QuerySet[Motion]:
    """Those of `motions` that fit what was chosen (motions.forms.finding.MotionFilters)."""
    for name, field in (("grupp", "group"), ("part", "party"), ("slag", "kind"), ("ar", "filed_at__year")):
        if wanted.get(name):
            motions = motions.filter(**{field: wanted[name]})
    if wanted.get("egna"):
        motions = motions.filter(party__in={seat.party for seat in user.held if seat.party is not None})
    if wanted.get("utfall"):
        told = Claim.objects.with_outcome().filter(motion=OuterRef("pk"), told=wanted["utfall"])
        motions = motions.not_drafts().filter(Exists(told))
    if wanted.get("q"):
        motions = holding(motions, wanted["q"])
    return _so_far(motions, wanted.get("status", ""))


def _so_far(motions: QuerySet[Motion], status: str) -> QuerySet[Motion]:
    unanswered = Exists(Claim.objects.with_outcome().filter(motion=OuterRef("pk"), told=""))
    match status:
        case "draft":
            return motions.filter(state=State.DRAFT)
        case "withdrawn":
            return motions.filter(state=State.WITHDRAWN)
        case "waiting":
            return motions.filter(unanswered, state=State.FILED)
        case "answered":
            return motions.filter(~unanswered, Exists(Claim.objects.filter(motion=OuterRef("pk"))), state=State.FILED)
    return motions


def holding(motions: QuerySet[Motion], query: str) -> QuerySet[Motion]:
    """Those where every word of the query stands, inflected or in a compound: in the text, an att-sats or a released answer.

    A receipt's number finds its motion.
    """
    wanted = stems(query)
    everywhere = Q(pk__isnull=not wanted)  # no word is found nowhere
    for word in wanted:
        claims = Claim.objects.alias(listed=Cast("points", TextField())).filter(motion=OuterRef("pk"))
        answers = Answer.objects.filter(claim__motion=OuterRef("pk"), released_at__isnull=False)
        everywhere &= (
            says(word, *WORDED, "description")
            | Exists(claims.filter(says(word, "text") | says(word, "listed") | Q(listed__contains=json.dumps(word)[1:-1])))
            | Exists(answers.filter(says(word, "text")))
        )
    return motions.filter(everywhere | Q(receipt__iexact=query.strip()))
