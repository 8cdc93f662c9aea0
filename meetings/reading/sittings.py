"""The history of a text as people remember it: who sat with it when, and what became another."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from meetings.models import Item, Paragraph
from meetings.states import Verb
from record.text import Effort, diff_html, to_words

SAME_SITTING = timedelta(minutes=10)


class Sitting(NamedTuple):
    """What one person saved of a text without a longer pause: one line of the history."""

    row: Any  # the last history row
    who: str
    began: datetime
    ended: datetime
    saves: int
    before: str
    text: str
    effort: Effort  # what its comparison, and those of the others on the page, may take

    @property
    def diff(self) -> str:
        return diff_html(to_words(self.before), to_words(self.text), effort=self.effort)


def sittings(row: Paragraph | Item) -> list[Sitting]:
    """The history of the row's text, newest first; autosaves of the same person with pauses under ten minutes are one line."""
    history: list[Sitting] = []
    saves, effort = row.history.select_related("history_user__person").order_by("history_date", "history_id"), Effort()
    for past in saves.iterator(chunk_size=200):  # hundreds, each with the whole text; only the last of a sitting is kept
        before = history[-1].text if history else ""
        if history and past.text == before:
            continue
        who = str(past.history_user) if past.history_user else "Systemet"
        last = history[-1] if history else None
        # What is thrown away must still be there to fetch: a restored text, or one that lost half, is a line of its own.
        breaks = past.history_verb == Verb.RESTORE or (last is not None and len(past.text) < len(last.text) / 2)
        if last is not None and last.saves and not breaks and last.who == who and past.history_date - last.ended <= SAME_SITTING:
            history[-1] = last._replace(row=past, ended=past.history_date, saves=last.saves + 1, text=past.text)
        else:
            # The row as it was first laid out is no save, but what the first one is compared with.
            history.append(
                Sitting(
                    row=past,
                    who=who,
                    began=past.history_date,
                    ended=past.history_date,
                    saves=1 if history or past.text else 0,
                    before=before,
                    text=past.text,
                    effort=effort,
                )
            )
    return history[::-1]
