"""PDFs that somebody has asked for: drawn by the worker, one at a time for each person, and kept for an hour."""

import logging
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from meetings.models import Item, Meeting
from people.models import User
from protocol import board, canonical, exports, pdf
from protocol.evidence import Altered
from protocol.models import Drawing
from protocol.pictures import Named
from protocol.shown import Shown, file_name, show
from record import limited
from record.moves import Refused

KEPT = timedelta(hours=1)
LOST = timedelta(minutes=10)  # whoever has drawn for so long is no more
AFTER_THE_REST = -10  # letters and seals come first in the queue
ALTERED = "Texten stämmer inte med sin kontrollsumma och ritas därför inte. Säg till den som sköter tjänsten."
logger = logging.getLogger(__name__)


class Sheet(NamedTuple):
    """What `pdf.render` is given, the name of the file, a key (the same for the same pages), and the matters that it tells of."""

    page: dict[str, Any]
    filename: str
    key: str
    matters: tuple[int, ...] = ()


def key_of(shown: Shown) -> str:
    """The same for what gives the same pages of a protocol; no image is drawn to know it."""
    named = {number: Named(picture.appendix) for number, picture in shown.options["pictures"].items()}
    return _hashed(exports.page_of(shown.protocol, **shown.options | {"pictures": named}))


def _hashed(page: dict[str, Any]) -> str:
    return canonical.sha256(page["html"].encode())


def sheet_of(kind: str, meeting: Meeting, item: Item | None = None) -> Sheet:
    """The sheet as it stands now. Raises Refused when there is nothing to draw."""
    if kind == Drawing.Kind.PROTOCOL:
        shown = show(meeting)
        name = file_name("Protokoll" if shown.version else "Utkast", meeting.group.abbreviation, meeting.date)
        return Sheet(exports.page_of(shown.protocol, **shown.options), name, key_of(shown))
    package = board.package(meeting, item)
    if package is None:
        raise Refused("Ingen facklig organisation har lämnat synpunkter, så det finns inget att ta ut.")
    name = file_name("Fackliga synpunkter", meeting.group.abbreviation, meeting.date)
    page = board.page_of(package, created=timezone.now())
    return Sheet(page, name, _hashed(page), tuple(item.pk for item in package.items))


def ask(kind: str, meeting: Meeting, *, by: User, item: Item | None = None) -> Drawing:
    """Put the person's wish in the queue, unless it stands there. It replaces another one of theirs that has not begun."""
    with transaction.atomic():
        lost = _in_turn(by.pk)
        wanted = Drawing.objects.filter(user=by, kind=kind, meeting=meeting, item=item)
        drawing = wanted.under_way().first()
        if drawing is not None:
            if lost:
                transaction.on_commit(lambda: draw.enqueue(drawing.pk))
            return drawing
        wanted.delete()
        Drawing.objects.filter(user=by, state=Drawing.State.WAITING).delete()
        drawing = Drawing.objects.create(kind=kind, meeting=meeting, item=item, user=by)
    draw.enqueue(drawing.pk)
    drawing.refresh_from_db()
    return drawing


def tried(meeting: Meeting) -> Drawing | None:
    """How it went the last time that the protocol was drawn as it stands now, whoever asked for it; None when it has not been."""
    ended = Drawing.objects.filter(kind=Drawing.Kind.PROTOCOL, meeting=meeting).ended()
    # Most often nothing has been drawn at all; then the sheet need not be made to know it.
    return ended.filter(key=key_of(show(meeting))).defer("pdf").last() if ended.exists() else None


def ahead_of(drawing: Drawing) -> int:
    """How many stand before it in the queue."""
    return Drawing.objects.under_way().filter(pk__lt=drawing.pk).count()


@task(priority=AFTER_THE_REST)
def draw(pk: int) -> None:
    """Draw what was asked for, unless the person has something else on the board; and then what they have asked for meanwhile."""
    drawing = _begin(pk)
    if drawing is None:
        return
    fields = _drawn(drawing)
    # It may have been thrown away meanwhile, or taken by another worker: then there is nothing to note.
    Drawing.objects.filter(pk=drawing.pk, state=Drawing.State.BEGUN, begun_at=drawing.begun_at).update(**fields)
    following = Drawing.objects.filter(user=drawing.user_id, state=Drawing.State.WAITING).first()
    if following is not None:
        draw.enqueue(following.pk)


def _drawn(drawing: Drawing) -> dict[str, Any]:
    """What has become of it, as fields of the row."""
    key = ""
    try:
        sheet = sheet_of(drawing.kind, drawing.meeting, drawing.item)
        key = sheet.key
        same = Drawing.objects.filter(kind=drawing.kind, meeting=drawing.meeting, key=key, state=Drawing.State.DONE).last()
        file = bytes(same.pdf) if same else pdf.render(**sheet.page)
    except limited.Busy:
        return {"state": Drawing.State.FAILED, "key": "", "fault": "Andra bilder läses just nu. Försök igen om en stund."}
    except (pdf.RenderError, Refused) as error:
        return {"state": Drawing.State.FAILED, "key": key, "fault": str(error)}
    except Altered as error:
        logger.critical("Drawing %s of meeting %s: %s", drawing.pk, drawing.meeting_id, error)
        return {"state": Drawing.State.FAILED, "key": key, "fault": ALTERED}
    except Exception:  # the one who waits must hear of it, whatever it was
        logger.exception("Drawing %s of meeting %s failed", drawing.pk, drawing.meeting_id)
        return {"state": Drawing.State.FAILED, "key": key, "fault": "Ett fel som har skrivits i systemets logg."}
    return {"state": Drawing.State.DONE, "key": key, "filename": sheet.filename, "matters": list(sheet.matters), "pdf": file}


def _begin(pk: int) -> Drawing | None:
    """Take it from the queue; None when it is gone or begun, or when the person has another one being drawn."""
    with transaction.atomic():
        drawing = Drawing.objects.filter(pk=pk).first()
        if drawing is None:
            return None
        if _in_turn(drawing.user_id):  # one waits now: this one, or what the person has asked for since
            pk = Drawing.objects.get(user=drawing.user_id, state=Drawing.State.WAITING).pk
        if Drawing.objects.filter(user=drawing.user_id, state=Drawing.State.BEGUN).exists():
            return None
        waiting = Drawing.objects.filter(pk=pk, state=Drawing.State.WAITING)
        if not waiting.update(state=Drawing.State.BEGUN, begun_at=timezone.now()):
            return None
        return Drawing.objects.select_related("meeting__group", "item").get(pk=pk)


def _in_turn(user: int) -> bool:
    """What one person asks for happens in turns. Returns whether a dead worker has left something.

    That waits again, for the hour that it is kept, unless the person has asked for something else since.
    """
    User.objects.select_for_update().get(pk=user)
    lost = Drawing.objects.filter(user=user, state=Drawing.State.BEGUN, begun_at__lt=timezone.now() - LOST)
    if Drawing.objects.filter(user=user, state=Drawing.State.WAITING).exists():
        return bool(lost.update(state=Drawing.State.FAILED, fault="Den som ritade slutade svara."))
    return bool(lost.update(state=Drawing.State.WAITING, begun_at=None))


def throw_away() -> int:
    """Delete what has been kept long enough; returns how many. Run by `manage.py tick`."""
    return Drawing.objects.filter(asked_at__lt=timezone.now() - KEPT).delete()[0]
