"""The motion as it will print: data for the template, and the same as plain text."""

from typing import Any, NamedTuple

from django.utils.safestring import SafeString

from motions import spoken
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


WRITTEN = ("kind", "title", "matter", "wanted_on", "due_on", "to_board", "background")


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


class Sheet(NamedTuple):
    """The whole motion in print."""

    intro: str
    heading: str
    background: SafeString
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


def build(motion: Motion, *, unreleased: bool = False) -> Sheet:
    """The motion's parts in printing order; with `unreleased`, answers that are being written stand beside."""
    party, kind = short(motion.party, motion.party_printed), FORMAT_KINDS[Motion.Kind(motion.kind)]
    claims = [_claim(claim, motion, party, number, unreleased) for number, claim in enumerate(motion.claims.all(), start=1)]
    return Sheet(
        intro=spoken.motions_intro(party, kind),
        heading=heading(motion, party),
        background=to_html(motion.background),
        filename=motion.filename,
        described=to_html(motion.description),
        claims_intro=spoken.claims_intro(party, kind, len(claims)) if claims else "",
        claims=claims,
        numbered=motion.asks,
    )


def typed(motion: Motion, claims: list[dict[str, Any]]) -> Sheet:
    """The same of what is being written and is not saved: att-satser as the form has them."""
    party, kind = short(motion.party, motion.party_printed), FORMAT_KINDS[Motion.Kind(motion.kind)]
    nothing = to_html("")
    shown = [
        ClaimSheet(
            claim=None, number=number, text=to_html(fields["text"]), points=[to_html(point) for point in fields["points"]],
            support="", answer=nothing, outcome="", outcome_words="", draft=None, draft_text=nothing,
        )
        for number, fields in enumerate(claims, start=1)
    ]  # fmt: skip
    return Sheet(
        intro=spoken.motions_intro(party, kind),
        heading=heading(motion, party),
        background=to_html(motion.background),
        filename=motion.filename,
        described=to_html(motion.description),
        claims_intro=spoken.claims_intro(party, kind, len(shown)) if shown else "",
        claims=shown,
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
    words, kind = answer.text if answer else "", FORMAT_KINDS[Motion.Kind(motion.kind)]
    written = spoken.answer_text(spoken.answer_label(outcome, words, employer(motion.group), kind), words)
    return ClaimSheet(
        claim=claim,
        number=number,
        text=to_html(claim.text),
        points=[to_html(point) for point in claim.points],
        support=spoken.support([short(one.party, one.party_printed) for one in claim.supporters], party, kind),
        answer=to_html(written),
        outcome=answer.outcome if answer else "",
        outcome_words=answer.get_outcome_display() if answer else "",
        draft=draft,
        draft_text=to_html(draft.text) if draft else to_html(""),
    )


def as_text(fields: dict[str, Any], claims: list[dict[str, Any]]) -> str:
    """Everything that was written, as text: what two people compare when they have written at the same time."""
    parts = [f"Slag: {Motion.Kind(fields['kind']).label}", f"Rubrik: {fields['title']}"]
    if fields["matter"]:
        parts.append(f"Ärende: {fields['matter']}")
    if fields["wanted_on"]:
        parts.append(f"Önskat möte: {fields['wanted_on']}")
    if fields["due_on"]:
        parts.append(f"Besvaras på mötet: {fields['due_on']}")
    if fields["to_board"]:
        parts.append("Ska till nämnden: ja")
    parts.append(fields["background"])
    unit = capital(WORDS[Motion.Kind(fields["kind"])].unit)
    for number, claim in enumerate(claims, start=1):
        points = "".join(f"\n   {n}. {point}" for n, point in enumerate(claim["points"], start=1))
        parts.append(f"{unit} {number}: {claim['text']}{points}")
    return "\n\n".join(parts)


def stored_text(motion: Motion) -> str:
    """`as_text` of what is stored."""
    fields = {name: getattr(motion, name) for name in WRITTEN}
    return as_text(fields, [{"text": claim.text, "points": claim.points} for claim in motion.claims.all()])


def last_writer(thing: Any) -> User | None:
    """Who saved the row as it stands."""
    last = thing.history.select_related("history_user__person").first()
    return last.history_user if last else None
