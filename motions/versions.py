"""The versions of what has been filed: each as text, with what it changed. Of the time as a draft nothing is told."""

from datetime import datetime
from itertools import zip_longest
from typing import Any, NamedTuple

from motions import written
from motions.models import Claim, Motion
from motions.sheet import as_text
from motions.states import State, Verb
from people.models import User
from record.text import diff_html


class Version(NamedTuple):
    """What was filed, or what it was changed to; `before` is the version that it replaced."""

    n: int
    at: datetime
    who: User | None
    why: str
    text: str
    before: str | None
    file: str  # where it is stored; "" when there is none
    filename: str
    content_type: str
    sha256: str
    replaced: bool  # the version before had another file, be it by the same name

    @property
    def diff(self) -> str:
        """What it changed, as HTML."""
        return diff_html(self.before or "", self.text)


def of(motion: Motion) -> list[Version]:
    """The latest first."""
    begun, before = [], None
    for row in motion.history.select_related("history_user__person").order_by("history_date", "history_id"):
        filed = row.state == State.FILED and (before is None or before.state == State.DRAFT)
        if filed or is_change(row):
            begun.append(row)
        before = row
    claims = list(Claim.history.filter(motion_id=motion.pk).order_by("history_date", "history_id"))
    versions: list[Version] = []
    for n, (row, after) in enumerate(zip_longest(begun, begun[1:]), start=1):
        text = as_text(written.values(row), _standing(claims, after.history_date if after else None))
        text, before = "\n\n".join([text, *_of_file(row)]), versions[-1].text if versions else None
        replaced = bool(versions) and "" not in (row.sha256, begun[n - 2].sha256) and row.sha256 != begun[n - 2].sha256
        file = str(row.file or ""), row.filename, row.content_type, row.sha256, replaced
        versions.append(Version(n, row.history_date, row.history_user, reason(row), text, before, *file))
    return versions[::-1]


def _of_file(row: Any) -> list[str]:
    """What the version says of its file."""
    return [f"Fil: {row.filename}", f"Textalternativ: {row.description}"] if row.file else []


def is_change(row: Any) -> bool:
    """A row of the history with which a new version begins; its att-satser are written right after it."""
    return row.history_verb == Verb.CHANGE


def reason(row: Any) -> str:
    """Why, in the words of the one who did it."""
    return row.history_change_reason or ""


def number(motion: Motion) -> int:
    """How many versions there are."""
    return 1 + motion.history.filter(history_verb=Verb.CHANGE).count()


def _standing(rows: list[Any], until: datetime | None) -> list[dict[str, Any]]:
    """The att-satser as they stood just before `until`, in order."""
    held: dict[int, Any] = {}
    for row in rows:
        if until is not None and row.history_date >= until:
            break
        held[row.id] = row
    standing = sorted((row for row in held.values() if row.history_type != "-"), key=lambda row: (row.position, row.id))
    return [{"text": row.text, "points": row.points} for row in standing]
