"""Who has the desk open right now. No text and no evidence: rows that are forgotten as soon as the tab is."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from meetings.models import Meeting, Paragraph, Writer
from people.models import User, by_shown_name

GONE = timedelta(hours=1)


def report(meeting: Meeting, *, tab: str, paragraph: Paragraph | None, typing: bool, by: User) -> list[Writer]:
    """Note that `by` is at the desk in this tab; returns the others who are there, by name."""
    now = timezone.now()
    row = Writer(meeting=meeting, user=by, tab=tab, paragraph=paragraph, typing=typing, seen_at=now)
    try:
        _put(row)
    except IntegrityError:  # the § was taken away just now
        row.paragraph = None
        _put(row)
    Writer.objects.filter(meeting=meeting, seen_at__lt=now - GONE).delete()
    others = Writer.objects.here().filter(meeting=meeting).exclude(tab=tab)
    return list(others.select_related("user__person").order_by(by_shown_name("user__person__"), "pk"))


def _put(row: Writer) -> None:
    """Write the tab's row, over the one that was there."""
    with transaction.atomic():
        Writer.objects.bulk_create(
            [row],
            update_conflicts=True,
            unique_fields=["meeting", "tab"],
            update_fields=["user", "paragraph", "typing", "seen_at"],
        )


def leave(meeting: Meeting, *, tab: str, by: User) -> None:
    """Forget a tab that is closed."""
    Writer.objects.filter(meeting=meeting, tab=tab, user=by).delete()
