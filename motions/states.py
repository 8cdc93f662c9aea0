"""A motion's life as a table.

Its meeting opens and locks it through `phase`: see meetings/actions/planning.py and protocol/actions.py.
"""

from django.db import models

from record.moves import Move, step


class State(models.TextChoices):
    """What the claimant has done with it."""

    DRAFT = "draft", "utkast"
    FILED = "filed", "inlämnat"
    WITHDRAWN = "withdrawn", "återkallat"


class Phase(models.TextChoices):
    """Where its meeting stands, in the letters of the permission table."""

    OPEN = "K", "öppet"
    DRAFTING = "U", "behandlas"
    LOCKED = "J", "låst för justering"
    SEALED = "S", "förseglat"
    ARCHIVED = "A", "arkiverat"


class Verb:
    """What is asked for in the history: who does it and who reads that it was done say it by these names."""

    ASSIGN = "assign"
    CHANGE = "change_motion"
    FOLLOW = "follow_meeting"  # the meeting it is for gets another day
    POSTPONE = "postpone"


LOCKED = frozenset({Phase.LOCKED, Phase.SEALED, Phase.ARCHIVED})

MOVES: dict[str, Move] = {
    "draft_motion": step(State.DRAFT),
    "attach": step(State.DRAFT),
    "detach": step(State.DRAFT),
    "file_motion": step(State.DRAFT, to=State.FILED),
    "withdraw_motion": step(State.FILED, to=State.WITHDRAWN),
    Verb.CHANGE: step(State.FILED),
    "support": step(State.FILED),
    "unsupport": step(State.FILED),
    Verb.ASSIGN: step(State.FILED),
    "answer": step(State.FILED),
    "release": step(State.FILED),
    "place": step(State.FILED),
    Verb.POSTPONE: step(State.FILED),
}

# {The} is the word for its kind: yrkandet, skrivelsen, frågan …
WHY_NOT = {
    State.DRAFT: ("{The} har inte lämnats in än.", "Lämna in först."),
    State.FILED: ("{The} har redan lämnats in.", "Där det står går det att läsa, ändra och återkalla."),
    State.WITHDRAWN: ("{The} har återkallats.", "Lämna in på nytt om saken ska tas upp igen."),
}
WHY_LOCKED = (
    "{The} går inte att ändra nu, eftersom protokollet från mötet är under justering eller redan justerat.",
    "Tar ordföranden eller sekreteraren tillbaka protokollet går det att ändra igen.",
)
