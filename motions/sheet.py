"""The motion as it will print: data for the template, and the same as plain text."""

from typing import Any, NamedTuple

from django.utils.safestring import SafeString

from motions import spoken, written
from motions.kinds import WORDS
from motions.models import Answer, Claim, Motion
from people.models import Group, Party, User, today
from record.swedish import capital
from record.text import to_html

# The words of the sentences go by the kinds of the interchange format.
FORMAT_KINDS = {
    Motion.Kind.MOTION: "motion",
    Motion.Kind.INQUIRY: "inquiry",
    Motion.Kind.QUESTION: "inquiry",
    Motion.Kind.OPINION: "statement",
    Motion.Kind.NOTE: "statement",
}


class ClaimSheet(NamedTuple):
    """One att-sats in print: its text and points, who stands behind it, and the answer that may be read."""

    claim: Claim | None  # none of what is not saved yet
    number: int
    text: SafeString
    points: list[SafeString]
    support: str
    answer: SafeString
    outcome: str
    outcome_words: str
    draft: Answer | None
    draft_text: SafeString


class MotionSheet(NamedTuple):
    """The whole motion in print."""

    intro: str
    heading: str
    background: SafeString  # all of its running text
    filename: str  # of the file that comes with it, or stands in the text's place
    described: SafeString  # what the file holds, in words
    claims_intro: str
    claims: list[ClaimSheet]
    numbered: bool


def short(party: Party, printed: str = "") -> str:
    """What the party is called in running text today."""
    return printed or party.short_on(today())


def employer(group: Group) -> str:
    """What the sentences call the employer's side."""
    return "förvaltningen" if group.kind == Group.Kind.FVG else "arbetsgivaren"


def build(motion: Motion, *, unreleased: bool = False) -> MotionSheet:
    """The motion's parts in printing order; with `unreleased`, answers that are being written stand beside."""
    party = short(motion.party, motion.party_printed)
    claims = [_claim(claim, motion, party, number, unreleased) for number, claim in enumerate(motion.claims.all(), start=1)]
    return _sheet(motion, party, claims)


def typed(motion: Motion, claims: list[dict[str, Any]]) -> MotionSheet:
    """The same of what is being written and is not saved: att-satser as the form has them."""
    nothing = to_html("")
    shown = [
        ClaimSheet(
            claim=None,
            number=number,
            text=to_html(fields["text"]),
            points=[to_html(point) for point in fields["points"]],
            support="",
            answer=nothing,
            outcome="",
            outcome_words="",
            draft=None,
            draft_text=nothing,
        )
        for number, fields in enumerate(claims, start=1)
    ]
    return _sheet(motion, short(motion.party, motion.party_printed), shown)


def _sheet(motion: Motion, party: str, claims: list[ClaimSheet]) -> MotionSheet:
    kind = FORMAT_KINDS[Motion.Kind(motion.kind)]
    return MotionSheet(
        intro=spoken.motions_intro(party, kind),
        heading=heading(motion, party),
        background=to_html(written.prose(motion)),
        filename=motion.filename,
        described=to_html(motion.description),
        claims_intro=spoken.claims_intro(party, kind, len(claims)) if claims else "",
        claims=claims,
        numbered=motion.asks,
    )


def heading(motion: Motion, party: str) -> str:
    """What it is called in print: a yrkande by its title, everything else by what it is and from whom."""
    if motion.kind == Motion.Kind.QUESTION:
        return spoken.question_title(party, motion.title)
    if motion.kind == Motion.Kind.NOTE:
        return spoken.named(spoken.NOTE, party, motion.title)
    return spoken.motion_heading(FORMAT_KINDS[Motion.Kind(motion.kind)], party, motion.title or None)


def _claim(claim: Claim, motion: Motion, party: str, number: int, unreleased: bool) -> ClaimSheet:
    answer, draft = claim.answer if claim.taken_back else claim.released, claim.drafted if unreleased else None
    outcome = "withdrawn" if claim.taken_back else answer.outcome if answer else ""
    text, kind = answer.text if answer else "", FORMAT_KINDS[Motion.Kind(motion.kind)]
    answered = spoken.answer_text(spoken.answer_label(outcome, text, employer(motion.group), kind), text)
    return ClaimSheet(
        claim=claim,
        number=number,
        text=to_html(claim.text),
        points=[to_html(point) for point in claim.points],
        support=spoken.support([short(supporter.party, supporter.party_printed) for supporter in claim.supporters], party, kind),
        answer=to_html(answered),
        outcome=answer.outcome if answer else "",
        outcome_words=answer.get_outcome_display() if answer else "",
        draft=draft,
        draft_text=to_html(draft.text) if draft else to_html(""),
    )


def as_text(fields: dict[str, Any], claims: list[dict[str, Any]]) -> str:
    """Everything that was written, as text: what two people compare when they have written at the same time."""
    parts = written.as_lines(fields)
    unit = capital(WORDS[Motion.Kind(fields["kind"])].unit)
    for number, claim in enumerate(claims, start=1):
        points = "".join(f"\n   {n}. {point}" for n, point in enumerate(claim["points"], start=1))
        parts.append(f"{unit} {number}: {claim['text']}{points}")
    return "\n\n".join(parts)


def stored_text(motion: Motion) -> str:
    """`as_text` of what is stored."""
    return as_text(written.values(motion), [{"text": claim.text, "points": claim.points} for claim in motion.claims.all()])


def last_writer(thing: Any) -> User | None:
    """Who saved the row as it stands."""
    last = thing.history.select_related("history_user__person").first()
    return last.history_user if last else None
