"""The sentences that a formal § gets when it has no text of its own: the template's phrase with its slots filled from data."""

from collections import Counter
from datetime import date

from meetings.language import spoken
from meetings.models import AgendaChange, BalanceNote, Meeting
from meetings.reading.numbering import Numbers
from motions.kinds import WORDS, Kind
from people.models import Party
from record.swedish import ended, folded, genitive, join
from record.text import blocks, write

CLOSED = "Avslutade punkter:"


def default_texts(meeting: Meeting, numbers: Numbers) -> dict[str, str]:
    """Slug → sentence in plain form, for each phrase of the template whose data is there: slots are filled, no code runs."""
    if meeting.template is None:
        return {}
    filled = slots(meeting, numbers)
    texts = {}
    for item in meeting.template.items.all():
        phrase = item.default_phrase
        used = [slot for slot in filled if slot in phrase]
        if phrase and all(filled[slot] for slot in used):
            for slot in used:
                phrase = phrase.replace(slot, filled[slot])
            texts[item.slug] = phrase
    return texts


def slots(meeting: Meeting, numbers: Numbers) -> dict[str, str]:
    """What the slots stand for; empty when the data is missing. Only these names are replaced."""
    day = meeting.date
    chair, secretary = meeting.officer("chair"), meeting.officer("secretary")
    adjusters = [(officer.name, _party(officer.party, day)) for officer in meeting.adjusters]
    board, group = meeting.group.board, meeting.group
    reps = [(str(rep.person), _party(rep.party, day)) for rep in meeting.personnel_reps.all()]
    clock = f"{meeting.next_at:%H:%M}" if meeting.next_at else None
    return {
        "{ordförande}": plain(f"{chair.name}, {chair.title}," if chair.title else chair.name) if chair else "",
        "{sekreterare}": plain(secretary.name) if secretary else "",
        "{justerare}": plain(spoken.elected_adjusters(adjusters, _iso(meeting.adjustment_day))) if adjusters else "",
        "{dagordning}": plain(_agenda(meeting, numbers)),
        "{personalföreträdare}": plain(spoken.personnel_reps(reps, board.definite, _iso(meeting.board_meets_on)))
        if board
        else "",
        "{balanslista}": balance_list(meeting, numbers),
        "{nästa möte}": plain(spoken.next_meeting(_iso(meeting.next_on), clock, meeting.next_place, group.definite))
        if meeting.next_on
        else "",
    }


def _agenda(meeting: Meeting, numbers: Numbers) -> str:
    """The agenda was approved, with what was added and moved; what one union had moved to one § is told together."""
    additions: list[str] = []
    came: dict[tuple[int, str, str, str], list[AgendaChange]] = {}
    moves: dict[tuple[int | str, int | None], list[AgendaChange]] = {}
    for change in meeting.agenda_changes.all():
        under = f" under § {numbers.paragraphs[change.paragraph_id]}" if change.paragraph_id in numbers.paragraphs else ""
        see = f", se bilaga {numbers.appendices[change.appendix_id]}" if change.appendix_id in numbers.appendices else ""
        if change.kind == "move":
            moves.setdefault((change.party_id if change.motion else change.subject, change.paragraph_id), []).append(change)
        elif change.motion:
            came.setdefault((change.motion.party_id, change.motion.kind, under, see), []).append(change)
        else:
            by = f"från {_party(change.party, meeting.date)}" if change.party else ""
            additions.append(f"{by}{under} gällande {change.subject}{see}".strip())
    for (_, kind, under, see), changes in came.items():
        nouns, who = WORDS[Kind(kind)], _short(changes[0].motion.party, meeting.date)
        titles = join(change.motion.title for change in changes)
        additions.append(f"av {nouns.many if changes[1:] else nouns.one} från {who}{under} gällande {titles}{see}")
    told = []
    for (_, paragraph), changes in moves.items():
        number = numbers.paragraphs.get(paragraph or 0)
        told.append((_moved(changes, meeting.date), f"§ {number}" if number else "en annan punkt"))
    return spoken.agenda_approved(additions, told)


def _moved(changes: list[AgendaChange], day: date | None) -> str:
    """`LRs yrkanden`, `Visions yrkande och skrivelse`; what was written by hand as it stands."""
    if changes[0].motion is None:
        return changes[0].subject
    count = Counter(change.motion.kind for change in changes)
    words = join(WORDS[Kind(kind)].of_somebody if number == 1 else WORDS[Kind(kind)].many for kind, number in count.items())
    return f"{genitive(_short(changes[0].motion.party, day))} {words}"


def balance_list(meeting: Meeting, numbers: Numbers, said: str = "") -> str:
    """The list as bullets, without what `said` names: what is open, with what was said, then what was closed, why and where."""
    heard = folded(said)
    notes = [note for note in meeting.balance_notes.all() if not (heard and folded(note.item.title) in heard)]
    still_open = [f"- {_bullet(note.item.title, note.text)}" for note in notes if is_open(note, meeting)]
    done = [f"- {_bullet(note.item.title, _closing(note, numbers))}" for note in notes if note.closes]
    parts = []
    if still_open:
        parts += [spoken.BALANCE_INTRO, "\n".join(still_open)]
    if done:
        parts += [CLOSED, "\n".join(done)]
    return "\n\n".join(parts)


def closings_left(meeting: Meeting, numbers: Numbers, said: str) -> str:
    """The list to print after a § written in words of its own (`said`), when those leave out that something was closed."""
    heard = folded(said)
    left = any(note.closes and folded(note.item.title) not in heard for note in meeting.balance_notes.all())
    return balance_list(meeting, numbers, said) if left else ""


def is_open(note: BalanceNote, meeting: Meeting) -> bool:
    """Whether the promise is open at this meeting; although it has a place here, an earlier meeting may have closed it."""
    closed = note.item.closed_at
    if note.closes or closed is None or closed.pk == meeting.pk:
        return not note.closes
    if meeting.loaded or closed.date is None or meeting.date is None:
        return True
    return (closed.date, closed.pk) > (meeting.date, meeting.pk)


def _closing(note: BalanceNote, numbers: Numbers) -> str:
    number = numbers.paragraphs.get(note.under_id) if note.under is not None and note.under.slug != "balance" else None
    text = " ".join(note.text.split())
    return f"{ended(text)} Avslutad under § {number}." if number else text


def _bullet(title: str, said: str) -> str:
    """One bullet; a note of several lines is folded into one."""
    return plain(f"{title.rstrip('.')}: {' '.join(said.split())}" if said.strip() else title)


def plain(words: str) -> str:
    """Words in plain form: what a name holds is never read as markup."""
    return write((blocks.Paragraph((blocks.Words(words),)),))


def _party(party: Party | None, day: date | None) -> str | None:
    return party.name_on(day or date.max) if party else None


def _short(party: Party, day: date | None) -> str:
    return party.short_on(day or date.max)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
