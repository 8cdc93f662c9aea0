"""The balance list: open, note, close. An open promise cannot fall off."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, When
from django.utils import timezone

from meetings import letters
from meetings.models import BalanceItem, BalanceNote, Meeting, Paragraph
from meetings.reading.defaults import plain
from meetings.states import FINISHED, FROZEN, WRITABLE, State
from motions.models import Answer
from people.models import Group, Person, User, today
from record import chain
from record.history import remember
from record.models import Event
from record.moves import Refused, Stale, WrongState, hold

TAKEN_ONCE = timedelta(minutes=10)


def tell_of_export(items: list[BalanceItem], *, kind: str, by: User) -> None:
    """Note in the log of each group that its list was taken out as a file, and how much of it.

    Whoever takes it again within TAKEN_ONCE is not noted again, unless it is more of it: a page that is reloaded fills no log.
    """
    counts: dict[Group, int] = {}
    for item in items:
        counts[item.group] = counts.get(item.group, 0) + 1
    with transaction.atomic():
        for group in sorted(counts, key=lambda group: group.pk):  # in one order, so that two never wait for each other
            hold(group.chain)
            if not _told_of_export(group, counts[group], by):
                data = {"items": counts[group], "kind": kind}
                chain.append(group.chain, "balance_exported", by=by, thing=f"group:{group.pk}", data=data)


def _told_of_export(group: Group, items: int, by: User) -> bool:
    noted = Event.objects.filter(
        chain=group.chain_id, kind="balance_exported", actor=by, at__gte=timezone.now() - TAKEN_ONCE, thing=f"group:{group.pk}"
    )
    return noted.filter(payload__data__items__gte=items).exists()


def open_item(
    group: Group,
    *,
    title: str,
    by: User,
    meeting: Meeting | None = None,
    paragraph: Paragraph | None = None,
    owner: Person | None = None,
    due: date | None = None,
    answer: Answer | None = None,
    answer_part: str = "",
) -> BalanceItem:
    """Open a promise; with `meeting` it stands in that meeting's protocol. WrongState when that is frozen."""
    with transaction.atomic():
        if meeting is not None and hold(meeting).state in FROZEN:
            raise WrongState(meeting, "edit_text")
        item = BalanceItem(
            group=group,
            title=title,
            opened_at=meeting,
            paragraph=paragraph,
            owner=owner,
            due=due,
            answer=answer,
            answer_part=answer_part,
        )
        item.full_clean(exclude=["group", "opened_at", "paragraph", "owner", "answer"])
        remember(item, by=by, verb="open_item")
        if meeting is not None:
            remember(note_of(item, meeting), by=by, verb="open_item")
    return item


def change_item(item: BalanceItem, *, title: str, owner: Person | None, due: date | None, version: int, by: User) -> BalanceItem:
    """Change what is promised, by whom and until when; Stale when somebody else was first."""
    with transaction.atomic():
        stored = hold(item)
        if stored.version != version:
            raise Stale(stored)
        if stored.due != due:
            stored.reminded_on = None  # of the new day it has not been told
        stored.title, stored.owner, stored.due, stored.version = title, owner, due, stored.version + 1
        stored.full_clean(exclude=["group", "opened_at", "paragraph", "owner", "closed_at"])
        remember(stored, by=by, verb="change_item")
    vars(item).update(vars(stored))
    return item


def note(
    item: BalanceItem,
    *,
    meeting: Meeting,
    text: str,
    by: User,
    closes: bool = False,
    under: Paragraph | None = None,
    seen: str | None = None,
) -> BalanceNote:
    """Note what was said at this meeting; a closing note needs words, and the § (else the list's own) where the promise was kept.

    `seen` is the note that `by` had before them; Stale when it is another by now.
    """
    if closes and not text.strip():
        raise ValidationError({"text": "Skriv vad som är gjort för att avsluta punkten."})
    with transaction.atomic():
        meeting = hold(meeting)
        if meeting.state in FROZEN or meeting.state == "cancelled":
            raise WrongState(meeting, "edit_text")
        stored = hold(item)
        if stored.group_id != meeting.group_id:
            raise Refused("Punkten hör till en annan grupp.")
        if stored.state == BalanceItem.State.CLOSED and stored.closed_at_id != meeting.pk:
            raise Refused("Punkten är redan avslutad.")
        under = _closing_paragraph(meeting, under) if closes else None
        row = note_of(stored, meeting)
        if seen is not None and row.text != seen:
            raise Stale(row)
        row.text, row.closes, row.under = text, closes, under
        row.full_clean(exclude=["item", "meeting", "under"])
        remember(row, by=by, verb="close_item" if closes else "note")
        state = BalanceItem.State.CLOSED if closes else BalanceItem.State.OPEN
        if stored.state != state:
            stored.state, stored.closed_at = state, meeting if closes else None
            stored.version += 1
            remember(stored, by=by, verb="close_item" if closes else "reopen_item")
    vars(item).update(vars(stored))
    return row


def refer_balance(item: BalanceItem, *, to: Group, why: str, by: User) -> BalanceItem:
    """Send the promise to another group: it gets a promise of its own, linked to this one, and its secretary a letter (R89)."""
    with transaction.atomic():
        stored = hold(item)
        if stored.state != BalanceItem.State.OPEN:
            raise Refused("Punkten är avslutad och kan inte skickas vidare.")
        if to.pk in _groups_behind(stored):
            raise Refused("Punkten kommer från den gruppen. Avsluta den med ett svar i stället, så får de veta det.")
        if stored.referrals.filter(group=to).exists():
            raise Refused("Punkten är redan skickad till den gruppen.")
        sent = BalanceItem(group=to, title=stored.title, due=stored.due, referred_from=stored, referred_why=why)
        sent.full_clean(exclude=["group", "opened_at", "referred_from"])
        remember(sent, by=by, verb="refer_balance")
        remember(stored, by=by, verb="refer_balance")
        letters.tell_of_referral(sent)
    return sent


def _groups_behind(item: BalanceItem) -> set[int]:
    """The groups of the promise and of those that it was sent on from."""
    groups, origin = set(), item
    while origin is not None:
        groups.add(origin.group_id)
        origin = origin.referred_from
    return groups


def report_back(meeting: Meeting, *, by: User | None) -> None:
    """Tell other groups what a sealed protocol has closed of the promises they sent here: by letter, and on their next list."""
    closed = BalanceItem.objects.filter(closed_at=meeting, referred_from__isnull=False, reported_on__isnull=True)
    for item in closed.select_related("group", "referred_from__group"):
        letters.tell_of_report(item)
        home = soonest(item.referred_from.group_id)
        if home is not None:
            take_reports(home, by=by)


def take_unheard(meeting: Meeting, *, by: User | None) -> None:
    """Note here what was noted for meetings that were then called off."""
    noted = BalanceNote.objects.filter(
        meeting__group=meeting.group_id, meeting__state=State.CANCELLED, item__state=BalanceItem.State.OPEN
    )
    for unheard in noted.exclude(text="").select_related("item").order_by("meeting__date", "pk"):
        row = note_of(unheard.item, meeting)
        row.text = "\n\n".join(part for part in (unheard.text, row.text) if part.strip())
        remember(row, by=by, verb="note")
        unheard.text = ""
        remember(unheard, by=by, verb="note")


def note_of(item: BalanceItem, meeting: Meeting) -> BalanceNote:
    """What is said of the promise at this meeting, or a new, empty row for it."""
    stored = BalanceNote.objects.filter(item=item, meeting=meeting).first()
    return stored or BalanceNote(item=item, meeting=meeting, position=item.pk % 32000)


def soonest(group: int) -> Meeting | None:
    """The group's meeting whose list can be written in first: the one being held, else the next."""
    writable = Meeting.objects.filter(group=group, state__in=WRITABLE)
    return writable.order_by(Case(When(state=State.DRAFT, then=0), default=1), "date", "pk").first()


def take_reports(meeting: Meeting, *, by: User | None) -> None:
    """Note on this meeting's list what other groups' sealed protocols say of the promises that were sent to them; each once."""
    waiting = BalanceItem.objects.filter(
        referred_from__group=meeting.group_id,
        referred_from__state=BalanceItem.State.OPEN,
        closed_at__state__in=FINISHED,
        reported_on__isnull=True,
    )
    for item in waiting.select_related("group", "referred_from"):
        with transaction.atomic():
            held_meeting, stored, origin = hold(meeting), hold(item), hold(item.referred_from)
            if stored.reported_on is not None or held_meeting.state in FROZEN:
                continue
            row = note_of(origin, held_meeting)
            row.text = "\n\n".join(part for part in (row.text, reported(item)) if part.strip())
            remember(row, by=by, verb="report_back")
            stored.reported_on = today()
            remember(stored, by=by, verb="report_back")


def reported(item: BalanceItem) -> str:
    """What a group has answered to a promise that was sent to it, in plain form."""
    said = item.notes.filter(closes=True).first()
    return f"{plain(f'Svar från {item.group}, {item.closed_at}:')}\n\n{said.text if said else ''}"


def _closing_paragraph(meeting: Meeting, under: Paragraph | None) -> Paragraph:
    """The § of the protocol that tells of the closing. Refused when the meeting has not begun: it may still be called off."""
    if meeting.state != State.DRAFT:
        raise Refused("Mötet har inte börjat. Anteckna nu, och avsluta punkten när utkastet är öppet.")
    if under is None:
        under = meeting.paragraphs.filter(slug="balance").first()
    if under is None or under.meeting_id != meeting.pk:
        raise ValidationError({"under": "Välj under vilken paragraf i protokollet punkten avslutas."})
    return under


def report(item: BalanceItem, *, meeting: Meeting, text: str, by: User, seen: str | None = None) -> BalanceNote:
    """Note how it goes, as its owner tells it for a meeting's list; Refused when closed: only the secretary opens it again."""
    with transaction.atomic():
        if hold(item).state != BalanceItem.State.OPEN:
            raise Refused("Punkten är avslutad. Säg till sekreteraren om den ska tas upp igen.")
        return note(item, meeting=meeting, text=text, by=by, closes=False, seen=seen)
