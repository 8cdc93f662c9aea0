"""What is written is handed in, and taken back."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils import timezone

from motions import letters, written
from motions.kinds import ASKING, SAYING
from motions.models import Motion, receipt_number
from motions.occasions import aimed_at, coming
from motions.states import State
from people.models import User, today
from record import chain
from record.moves import Stale, WrongState, hold, moving

# A yrkande and a question say what they want in their att-satser; the others need a text or a file.
WITHOUT_TEXT = (Motion.Kind.MOTION, Motion.Kind.QUESTION)


def no_day(motion: Motion) -> str:
    """What is said when something that asks names no meeting to be answered at."""
    return f"Välj vilket möte {motion.words.the} ska besvaras på."


def lacks(motion: Motion) -> dict[str, list[str]]:
    """What has to be written before the motion can be filed: field ("__all__" for the whole) → what is wrong."""
    lacking: dict[str, list[str]] = {}
    claims = list(motion.claims.all())
    if not motion.title.strip():
        lacking["title"] = ["Skriv en rubrik innan du lämnar in."]
    if motion.kind not in SAYING and not any(claim.text for claim in claims):
        example = "att förvaltningen …" if motion.kind not in ASKING else "Hur ser förvaltningen på …?"
        lacking[NON_FIELD_ERRORS] = [f"Skriv minst en {motion.words.unit}. Exempel: {example}"]
    elif not all(claim.text for claim in claims):
        lacking[NON_FIELD_ERRORS] = [f"En {motion.words.unit} är tom. Skriv den eller ta bort den."]
    if motion.kind in ASKING and motion.due_on is None:
        lacking["due_on"] = [no_day(motion)]
    if motion.state == State.DRAFT and motion.due_on is not None and motion.due_on < today():
        lacking["due_on"] = ["Dagen har varit. Välj ett möte som kommer."]
    if motion.kind not in WITHOUT_TEXT and not (motion.background.strip() or motion.file):
        lacking["background"] = ["Skriv texten, eller välj en fil, innan du lämnar in."]
    return lacking


def file(motion: Motion, *, by: User, version: int | None = None, meeting: date | None = None) -> Motion:
    """Hand it in: from now on it is received by the authority, gets its number and time, and can be read by the group.

    Raises Stale when somebody has changed the draft since `version` was read, and ValidationError with what it lacks. `meeting`
    is the later meeting that is chosen when the deadline of the one it was meant for has passed.
    """
    with transaction.atomic():
        group = hold(motion.group)  # the serial number is drawn under the group's lock
        with moving(motion, "file_motion", by=by) as stored:
            if version is not None and stored.version != version:
                raise Stale(stored)
            if missing := lacks(stored):
                raise ValidationError(missing)
            occasions = coming(group)
            if meeting is not None and any(occasion.date == meeting for occasion in occasions):
                if stored.kind in ASKING:
                    stored.due_on = meeting
                else:
                    stored.wanted_on = meeting
            aimed = aimed_at(occasions, stored.aim)
            stored.deadline = aimed.deadline if aimed else None
            now = timezone.now()
            year = timezone.localtime(now).year
            serial = Motion.objects.filter(group=group, filed_at__year=year).count() + 1
            stored.filed_at, stored.receipt = now, receipt_number(stored, serial, year)
        chain.append(group.chain, "motion_filed", by=by, thing=f"motion:{motion.pk}", data=told(motion))
        letters.receipt(motion, by=by, meeting=aimed.date if aimed else None)
        letters.tell_of_filed(motion)
    return motion


def told(motion: Motion) -> dict[str, Any]:
    """What the log keeps of a filed motion: enough to prove whose it is, its words, and the days that were meant."""
    return {
        **{name: _in_json(value) for name, value in written.values(motion, written.TOLD).items()},
        "file": motion.sha256,
        "claims": [{"text": claim.text, "points": claim.points} for claim in motion.claims.all()],
    }


def _in_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return chain.stamp(value)
    return value.isoformat() if isinstance(value, date) else value


def withdraw(motion: Motion, *, by: User, why: str = "") -> Motion:
    """The union takes it back; it stays visible as withdrawn. Raises WrongState when a protocol has locked it."""
    with transaction.atomic():
        if hold(motion).locked:
            raise WrongState(motion, "withdraw_motion")
        with moving(motion, "withdraw_motion", by=by, why=why) as stored:
            stored.withdrawn_at = timezone.now()
        chain.append(motion.group.chain, "motion_withdrawn", by=by, thing=f"motion:{motion.pk}", data={"receipt": motion.receipt})
        letters.tell_of_withdrawal(motion)
    return motion
