"""The versions of what has been filed: each as text, with what it changed. Of the time as a draft nothing is told."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from motions import written
from motions.models import Claim, Motion
from motions.sheet import as_text
from motions.states import State, Verb
from people.models import User
from record.text import Effort, diff_html

TEXTS = [*(column.name for column in written.WRITTEN if column.prose), "description"]


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
    effort: Effort  # what its comparison, and those of the others on the page, may take

    @property
    def diff(self) -> str:
        """What it changed, as HTML."""
        return diff_html(self.before or "", self.text, effort=self.effort)


class Versions(Sequence[Version]):
    """The versions of a motion, the latest first. Their words are fetched when one looks: of one, or of those of a page."""

    def __init__(self, motion: Motion) -> None:
        self.motion, self.begun, before = motion, [], None
        rows = motion.history.defer(*TEXTS).select_related("history_user__person").order_by("history_date", "history_id")
        for row in rows:
            filed = row.state == State.FILED and (before is None or before.state == State.DRAFT)
            if filed or is_change(row):
                self.begun.append(row)
            before = row

    def __len__(self) -> int:
        return len(self.begun)

    def __getitem__(self, at: Any) -> Any:
        latest_first = range(len(self) - 1, -1, -1)[at]
        if isinstance(latest_first, int):
            return self._told(latest_first, latest_first)[0]
        return self._told(min(latest_first), max(latest_first))[::-1] if latest_first else []

    def numbered(self, n: int) -> Version | None:
        """The version by its number."""
        return self[len(self) - n] if 1 <= n <= len(self) else None

    def _told(self, first: int, last: int) -> list[Version]:
        """From the first to the last of these, counted from 0."""
        looked_at = range(max(first - 1, 0), last + 1)  # with what the first is compared with
        ends = [after.history_date for after in self.begun[1:]] + [None]
        claims = _standing(self.motion, [ends[n] for n in looked_at])
        rows = self.motion.history.in_bulk([self.begun[n].pk for n in looked_at], field_name="history_id")
        texts = {n: _text(rows[self.begun[n].pk], standing) for n, standing in zip(looked_at, claims, strict=True)}
        effort = Effort()
        return [self._version(n, texts[n], texts.get(n - 1), effort) for n in range(first, last + 1)]

    def _version(self, n: int, text: str, before: str | None, effort: Effort) -> Version:
        row = self.begun[n]
        replaced = n > 0 and "" not in (row.sha256, self.begun[n - 1].sha256) and row.sha256 != self.begun[n - 1].sha256
        file = str(row.file or ""), row.filename, row.content_type, row.sha256, replaced
        return Version(n + 1, row.history_date, row.history_user, reason(row), text, before, *file, effort)


def of(motion: Motion) -> Versions:
    """The latest first."""
    return Versions(motion)


def _text(row: Any, claims: list[dict[str, Any]]) -> str:
    return "\n\n".join([as_text(written.values(row), claims), *_of_file(row)])


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


def _standing(motion: Motion, moments: Sequence[datetime | None]) -> list[list[dict[str, Any]]]:
    """The att-satser as they stood just before each of these moments, in order."""
    rows = list(Claim.history.filter(motion_id=motion.pk).defer("text", "points").order_by("history_date", "history_id"))
    standing = []
    for until in moments:
        held: dict[int, Any] = {}
        for row in rows:
            if until is not None and row.history_date >= until:
                break
            held[row.id] = row
        left = (row for row in held.values() if row.history_type != "-")
        standing.append([row.history_id for row in sorted(left, key=lambda row: (row.position, row.id))])
    asked = Claim.history.filter(history_id__in={pk for pks in standing for pk in pks})
    said = {pk: {"text": text, "points": points} for pk, text, points in asked.values_list("history_id", "text", "points")}
    return [[said[pk] for pk in pks] for pks in standing]
