"""Promises: a sentence of the protocol becomes an åtagande that somebody follows up, or is noted to be none."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from meetings.actions import balance
from meetings.language.statements import key, token
from meetings.models import BalanceItem, BalanceNote, Commitment, Meeting, Paragraph
from meetings.reading import followed
from meetings.reading.defaults import plain
from meetings.states import FROZEN, State
from motions.models import Answer
from people.models import Person, User, today
from record.history import forget, remember
from record.moves import Refused, during, hold

LONGEST_TITLE = 500


def promise(
    paragraph: Paragraph,
    *,
    sentence: str,
    by: User,
    owner: Person | None = None,
    due: date | None = None,
    on_balance: bool = True,
    title: str = "",
) -> Commitment:
    """Follow the sentence up: who, until when, and on the balance list (as `title`, else in the sentence's own words).

    The same asked for twice is one promise, since an answer may be lost on its way; Refused when the sentence is followed up in
    another way. ValidationError when nothing would follow it up, or the day lies before the meeting.
    """
    sentence = " ".join(sentence.split())
    if not key(sentence):
        raise ValidationError({"sentence": "Välj eller skriv den mening som är ett åtagande."})
    if owner is None and due is None and not on_balance:
        raise ValidationError("Ange vem som ansvarar, till när eller sätt upp det på balanslistan. Annars följer ingen upp det.")
    with during(paragraph.meeting, "edit_text") as meeting:
        if due is not None and meeting.date and due < meeting.date:
            raise ValidationError({"due": "Dagen har redan varit när mötet hålls."})
        standing = _same(paragraph, sentence)
        if standing is not None and standing.followed_up:
            if (standing.owner, standing.due, standing.balance_item is not None) == (owner, due, on_balance):
                return standing
            raise Refused("Meningen är redan ett åtagande. Ta tillbaka det först om något ska ändras.")
        commitment = standing or _new(paragraph, sentence)
        commitment.owner, commitment.due = owner, due
        if on_balance:
            commitment.balance_item = balance.open_item(
                meeting.group,
                title=title.strip() or shortened(sentence),
                meeting=meeting,
                paragraph=paragraph,
                owner=owner,
                due=due,
                by=by,
            )
        commitment.full_clean(exclude=["meeting", "paragraph", "owner", "balance_item"])
        remember(commitment, by=by, verb="promise")
    return commitment


def promise_in_answer(
    answer: Answer, *, sentence: str, by: User, owner: Person | None = None, due: date | None = None, title: str = ""
) -> tuple[BalanceItem, bool]:
    """Put a sentence of a released answer on the balance list (as `title`, else in its own words). Says whether it is new there.

    What is answered at a meeting that is being written stands in that protocol. The same sentence asked for twice is one item.
    Refused before the answer is released; ValidationError for a sentence that is not in it, or a day that has passed.
    """
    said = next((part for part in followed.said(answer) if key(part) == key(sentence)), None)
    if said is None:
        raise ValidationError({"sentence": "Välj en av meningarna i svaret."})
    with transaction.atomic():
        if hold(answer).released_at is None:
            raise Refused("Svaret är inte utlämnat än. Lämna ut det först: balanslistan läses av alla i gruppen.")
        standing = BalanceItem.objects.filter(answer=answer, answer_part=token(said)).first()
        if standing is not None:
            return standing, False
        placement = followed.placement(answer)
        meeting = placement.meeting if placement else None
        if due is not None and due < (meeting.date if meeting and meeting.date else today()):
            raise ValidationError({"due": "Dagen har redan varit när mötet hålls." if meeting else "Dagen har passerat."})
        item = balance.open_item(
            answer.claim.motion.group,
            title=title.strip() or shortened(said),
            meeting=meeting,
            paragraph=placement.paragraph if placement else None,
            owner=owner,
            due=due,
            answer=answer,
            answer_part=token(said),
            by=by,
        )
    return item, True


def dismiss(paragraph: Paragraph, *, sentence: str, by: User) -> Commitment:
    """Note that the sentence is no promise, so that the check list asks no more; Refused when somebody follows it up."""
    sentence = " ".join(sentence.split())
    if not key(sentence):
        raise ValidationError({"sentence": "Välj den mening som inte är ett åtagande."})
    with during(paragraph.meeting, "edit_text"):
        commitment = _same(paragraph, sentence)
        if commitment is not None and commitment.followed_up:
            raise Refused("Meningen är ett åtagande. Ta tillbaka det först.")
        if commitment is None:
            commitment = _new(paragraph, sentence)
            commitment.full_clean(exclude=["meeting", "paragraph", "owner", "balance_item"])
            remember(commitment, by=by, verb="dismiss")
    return commitment


def unpromise(commitment: Commitment, *, by: User) -> bool:
    """Take a promise, or the note that there is none, back before the freeze; True when nothing of it is left on the list.

    What somebody has written about on the list stays there until it is closed: an open promise does not fall off by itself.
    """
    with during(commitment.meeting, "edit_text") as meeting:
        stored = hold(commitment)
        item = stored.balance_item
        forget(stored, by=by, verb="unpromise")
        if item is None:
            return True
        item = hold(item)
        notes = list(item.notes.select_related("meeting"))
        untouched = all(not note.closes and note.meeting.state not in FROZEN for note in notes)
        untouched = untouched and not BalanceNote.history.filter(item_id=item.pk).exclude(text="").exists()
        ours = item.opened_at_id == meeting.pk and item.state == BalanceItem.State.OPEN and item.version == 1
        if not (untouched and ours) or item.commitments.exists() or item.referrals.exists():
            return False
        for note in notes:
            forget(note, by=by, verb="unpromise")
        forget(item, by=by, verb="unpromise")
    return True


def next_meeting_day(meeting: Meeting) -> date | None:
    """The first day that a promise is asked for: that of the next meeting, as it is told or planned."""
    if meeting.next_on:
        return meeting.next_on
    if not meeting.date:
        return None
    later = Meeting.objects.filter(group=meeting.group_id, date__gt=meeting.date).exclude(state=State.CANCELLED)
    return later.order_by("date").values_list("date", flat=True).first()


def shortened(sentence: str) -> str:
    """The sentence as a title of the balance list."""
    sentence = sentence.rstrip(". ")
    return sentence if len(sentence) <= LONGEST_TITLE else sentence[: LONGEST_TITLE - 1].rsplit(" ", 1)[0] + "…"


def _same(paragraph: Paragraph, sentence: str) -> Commitment | None:
    """The promise, or the note that there is none, of this sentence under the §."""
    wanted = key(sentence)
    known = Commitment.objects.filter(paragraph=paragraph).select_related("owner", "balance_item")
    return next((row for row in known if key(row.words) == wanted), None)


def _new(paragraph: Paragraph, sentence: str) -> Commitment:
    last = Commitment.objects.filter(meeting=paragraph.meeting_id).aggregate(last=Max("position"))["last"]
    return Commitment(meeting=paragraph.meeting, paragraph=paragraph, position=(last or 0) + 1, text=plain(sentence))
