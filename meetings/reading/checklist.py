"""What must, and what should, be seen to before the protocol is sent for approval."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from meetings.language import wording
from meetings.language.names import look_alikes
from meetings.language.statements import key, sentences
from meetings.models import Attendance, Commitment, Item, Meeting, Paragraph
from meetings.reading import left_open, strip
from meetings.reading.desk import read_written
from meetings.reading.left_open import not_taken_up
from meetings.reading.numbering import (
    Numbers,
    awaits_comments,
    goes_to_board,
    has_content,
    lacks_file,
    only_tells_origin,
    printed_paragraphs,
    referred,
    unanswered,
)
from meetings.reading.occasions import meeting_for, still_open
from motions.states import State as MotionState
from people.models import Person, by_shown_name
from record.swedish import folded
from record.text import to_words

# The places of the list in the order they are shown, and where what is mended on a page belongs.
PLACES = ("Möte", "Närvaro", "Paragrafer", "Yrkanden", "Bilagor", "Balanslista", "Personuppgifter")
_PLACE_OF_PAGE = {
    "edit": "Möte",
    "appoint": "Möte",
    "next": "Möte",
    "attendance": "Närvaro",
    "arrange": "Paragrafer",
    "write": "Paragrafer",
    "promise": "Balanslista",
    "place": "Yrkanden",
    "motion": "Yrkanden",
    "appendices": "Bilagor",
}
_PRIVATE = ("delicate", "small_group", "id_number", "stranger")
MOST_NAMES = 500  # of one protocol are looked up in the registry


class Problem(NamedTuple):
    """One line of the list: what is wrong, whether it stops the freeze, and the page where it is mended."""

    code: str
    message: str
    blocking: bool
    page: str
    about: int | None = None  # the id that the page is of: a §, a motion, a row of the attendance
    hint: str = ""  # where in the text, or what is offered
    item: int | None = None  # the point under the § that it stands in
    sentence: str = ""  # the sentence that seems to be a promise

    @property
    def place(self) -> str:
        """Which part of the list it belongs to."""
        return "Personuppgifter" if self.code in _PRIVATE else _PLACE_OF_PAGE[self.page]


def problems(meeting: Meeting, referenced: set[int]) -> list[Problem]:
    """Everything the list has to say of a meeting read whole; `referenced` are the appendices that the text refers to."""
    return [
        *_facts(meeting),
        *_people(meeting),
        *_matters(meeting),
        *_motions(meeting),
        *_agenda_changes(meeting),
        *_waiting(meeting),
        *_balance(meeting),
        *_appendices(meeting, referenced),
        *_texts(meeting),
        *_references(meeting),
        *_promises(meeting),
        *_privacy(meeting),
        *_unfinished(meeting),
    ]


def summary(meeting: Meeting) -> tuple[int, int]:
    """How many lines stop the freeze and how many are advice, in a fixed number of queries for any draft."""
    read_written(meeting)
    referenced = {pk for paragraph in meeting.paragraphs.all() for pk in referred(meeting, paragraph)}
    rows = problems(meeting, referenced)
    blocking = sum(1 for row in rows if row.blocking)
    return blocking, len(rows) - blocking


def _facts(meeting: Meeting) -> Iterator[Problem]:
    for value, fact in (
        (meeting.date, "Datum"),
        (meeting.starts, "Starttid"),
        (meeting.ends, "Sluttid"),
        (meeting.place, "Plats"),
    ):
        if not value:
            yield Problem("facts", f"{fact} saknas.", True, "edit")
    if not meeting.adjustment_day:
        yield Problem("adjustment_day", "Justeringsdag är inte bestämd.", False, "attendance")


def _people(meeting: Meeting) -> Iterator[Problem]:
    attendances = list(meeting.attendances.all())
    present = {row.person_id: row for row in attendances if row.status == Attendance.Status.PRESENT}
    adjusters = meeting.adjusters
    if meeting.officer("chair") is None:
        yield Problem("chair", "Ordförande är inte utsedd.", True, "appoint")
    if meeting.officer("secretary") is None:
        yield Problem("secretary", "Sekreterare är inte utsedd.", True, "appoint")
    if not adjusters:
        yield Problem("adjuster", "Justerare är inte vald.", True, "attendance")
    items = [item for paragraph in meeting.paragraphs.all() for item in paragraph.items.all()]
    for problem in strip.missing(meeting.officers.all(), attendances, items):
        yield Problem(problem.code, problem.message, problem.blocking, "attendance")
    sides = {present[officer.person_id].side for officer in adjusters if officer.person_id in present}
    if adjusters and Attendance.Side.EMPLOYEE not in sides:
        yield Problem("adjuster_side", "Minst en justerare måste vara från arbetstagarsidan.", True, "attendance")
    signers = [officer.person_id for officer in meeting.officers.all()]
    if len(signers) != len(set(signers)):
        yield Problem("same_person", "Ordförande, sekreterare och justerare måste vara olika personer.", True, "appoint")
    waiting = [row.name for row in meeting.attendances.all() if row.status == Attendance.Status.EXPECTED]
    if waiting:
        names = ", ".join(waiting[:5]) + (" med flera" if waiting[5:] else "")
        yield Problem("attendance", f"Närvaron är inte ifylld för {names}.", True, "attendance")
    printed = {paragraph.pk for _, paragraph in printed_paragraphs(meeting)}
    for row in attendances:
        if row.partial and not printed & {presence.paragraph_id for presence in row.presences.all()}:
            message = f"{row.name} är bara närvarande under paragrafer som inte skrivs ut."
            yield Problem("presence_nowhere", message, True, "attendance")
        for interruption in row.interruptions.all():
            outside = [
                at
                for at in (interruption.starts, interruption.ends)
                if at and meeting.starts and meeting.ends and not meeting.starts <= at <= meeting.ends
            ]
            if outside and not meeting.loaded:
                message = f"Avbrottet för {row.name} kl. {outside[0]:%H.%M} ligger utanför mötets tid."
                yield Problem("interruption_outside", message, False, "attendance")
            if interruption.starts and not interruption.ends and not meeting.loaded:
                message = f"Avbrottet för {row.name} från kl. {interruption.starts:%H.%M} har inget slut."
                yield Problem("interruption_open", message, False, "attendance")
    yield from _names(meeting, attendances)


def _names(meeting: Meeting, attendances: list[Attendance]) -> Iterator[Problem]:
    """Names in the text that are nearly, but not, those of somebody here or with a seat in the group (R24)."""
    seats = meeting.group.mandates.valid_on(meeting.date).select_related("person") if meeting.date else ()
    known = list(dict.fromkeys([row.name for row in attendances] + [seat.person.display for seat in seats]))
    for paragraph in meeting.paragraphs.all():
        items = list(paragraph.items.all())
        parts = [line for item in items for line in (item.title, item.presenter)]
        parts += [to_words(text) for text in (paragraph.text, *(item.text for item in items)) if text.strip()]
        text = "\n".join(parts)
        for written, meant in look_alikes(text, known):
            message = f"”{paragraph}” nämner ”{written}”, som liknar {meant}. Kontrollera namnet."
            yield Problem("name", message, False, "write", paragraph.pk)


def _matters(meeting: Meeting) -> Iterator[Problem]:
    for paragraph in meeting.paragraphs.all():
        for item in paragraph.items.all():
            if item.kind == Item.Kind.DECISION and not item.outcome:
                message = f"”{item}” saknar utfall, till exempel ”ingen oenighet anmäldes”."
                yield Problem("outcome", message, True, "write", paragraph.pk, item=item.pk)
            yield from _disagreements(meeting, paragraph, item)
            yield from _requirements(paragraph, item)
            if awaits_comments(item):
                yield Problem("outcome", f"”{item}” saknar utfall.", True, "write", paragraph.pk, item=item.pk)
            said = bool(item.text.strip()) and not only_tells_origin(item.text)
            if item.outcome == Item.Outcome.NO_COMMENTS and said:
                message = f"”{item}” har både text och utfallet ”inga synpunkter”. Båda skrivs ut."
                yield Problem("outcome_text", message, False, "write", paragraph.pk, item=item.pk)
            if item.outcome in (Item.Outcome.COMMENTS, Item.Outcome.OTHER) and not said:
                message = (
                    f"”{item}” har utfallet ”{item.get_outcome_display()}” men ingen text om vilka."
                    if item.outcome == "comments"
                    else (f"”{item}” hänvisar till texten, men den är tom.")
                )
                yield Problem("outcome_text", message, False, "write", paragraph.pk, item=item.pk)


def _disagreements(meeting: Meeting, paragraph: Paragraph, item: Item) -> Iterator[Problem]:
    """Which union, and why (R49). "Ingen oenighet" or "enighet" cannot stand where a union disagrees."""
    disagreements = list(item.disagreements.all())
    if disagreements and item.outcome != Item.Outcome.DISAGREEMENT:
        said = f"utfallet är ”{item.get_outcome_display()}”" if item.outcome else "utfall saknas"
        message = f"”{item}” har anmäld oenighet, men {said}."
        yield Problem("disagreement", message, True, "write", paragraph.pk, item=item.pk)
    if item.outcome == Item.Outcome.DISAGREEMENT and not disagreements and not meeting.loaded:
        message = f"”{item}” slutade i oenighet. Ange vilken part, och varför."
        yield Problem("disagreement", message, True, "write", paragraph.pk, item=item.pk)
    if any(not row.reason.strip() for row in disagreements):
        yield Problem("disagreement_reason", f"”{item}” saknar skäl för oenigheten.", False, "write", paragraph.pk, item=item.pk)


def _requirements(paragraph: Paragraph, item: Item) -> Iterator[Problem]:
    """What a matter before decision is said to need and does not have (R51)."""
    if item.needs_assessment and not item.appendix_links.all():
        words = f"”{item}” saknar bifogad risk- och konsekvensbedömning."
        yield Problem("assessment", words, False, "write", paragraph.pk, item=item.pk, hint="Hänvisa till bilagan från ärendet.")
    if item.needs_safety_contact and item.safety_contacted_on is None:
        words = f"”{item}” säger inte när huvudskyddsombudet kontaktades."
        yield Problem("safety_contact", words, False, "write", paragraph.pk, item=item.pk, hint="Fyll i dagen under Ändra.")


def _motions(meeting: Meeting) -> Iterator[Problem]:
    appendices = {row.pk: row for row in meeting.appendices.all()}
    for placement in meeting.placements.all():
        motion = placement.motion
        if motion.state == MotionState.FILED and lacks_file(motion, appendices.get(placement.appendix_id or 0)):
            said = f"Filen till ”{motion}” är ny eller ändrad, och finns inte i bilagan."
            yield Problem("motion_file", said, True, "place", motion.pk, hint="Hämta den nya filen till bilagan.")
        if motion.to_board and motion.state == MotionState.FILED and not goes_to_board(placement, meeting):
            said = f"”{motion}” ska följa med till nämnden, men tas inte upp under ett ärende som går dit."
            yield Problem("to_board", said, False, "place", motion.pk, hint="Placera det under sitt ärende.")
        if motion.says or motion.state != MotionState.FILED:
            continue
        left = unanswered(motion)
        # A question may wait for the meeting where it is to be answered.
        due = not motion.asks or (motion.due_on is not None and meeting.date is not None and motion.due_on <= meeting.date)
        if left and due:
            how_many = f"en {motion.words.unit}" if left == 1 else f"{left} {motion.words.units}"
            said = f"{motion.words.The} ”{motion}” har {how_many} utan utlämnat svar."
            yield Problem("answer", said, not motion.asks, "motion", motion.pk)
        if placement.paragraph_id is None and not motion.asks:
            yield Problem("place", f"{motion.words.The} ”{motion}” är inte placerat under någon paragraf.", True, "place")


def _agenda_changes(meeting: Meeting) -> Iterator[Problem]:
    """What was added to the agenda or moved on it, and is not told in the § that somebody has written in words of their own."""
    for paragraph in meeting.paragraphs.all():
        text = folded(to_words(paragraph.text))
        if paragraph.slug != "agenda" or not text:
            continue
        for change in meeting.agenda_changes.all():
            names = (
                (change.party.name_on(meeting.date), change.party.short_on(meeting.date)) if change.party and meeting.date else ()
            )
            if not any(folded(name) in text for name in (change.subject, *names)):
                message = f"Texten säger inget om ”{change.subject}”, som är noterat som {change.get_kind_display()}."
                yield Problem("agenda_change", message, False, "write", paragraph.pk)


def _waiting(meeting: Meeting) -> Iterator[Problem]:
    others = list(still_open([meeting.group_id]))
    for motion in not_taken_up(meeting.group.motions.all()):
        if meeting_for(motion, others) != meeting:
            continue
        filed = "inlämnat men inte placerat" if motion.words.neuter else "inlämnad men inte placerad"
        yield Problem("waiting", f"”{motion}” är {filed} vid något möte.", False, "place")
    for motion in left_open.waiting(meeting):
        yield Problem("waiting", f"”{motion}” ska tas upp igen, men står inte på dagordningen.", False, "place")
    for placement in left_open.held_up(meeting):
        said = f"”{placement.motion}” ska tas upp igen, men kan inte placeras förrän protokollet från {placement.meeting} "
        said += "är förseglat."
        yield Problem("held_up", said, False, "place")


def _unfinished(meeting: Meeting) -> Iterator[Problem]:
    """The §§ that are not marked as done, told only when others are: not everybody uses the mark."""
    paragraphs = list(meeting.paragraphs.all())
    left = [row for row in paragraphs if not row.done]
    if left and len(left) < len(paragraphs):
        message = (
            f"”{left[0]}” är inte markerad som klar."
            if len(left) == 1
            else f"{len(left)} paragrafer är inte markerade som klara."
        )
        yield Problem("not_done", message, False, "write", left[0].pk)


def _balance(meeting: Meeting) -> Iterator[Problem]:
    """Promises without a § to print them in. The freeze itself puts each open one on the list (meetings/actions/carry.py)."""
    if meeting.balance_notes.all() and not any(paragraph.slug == "balance" for paragraph in meeting.paragraphs.all()):
        yield Problem("balance", "Det finns öppna punkter på balanslistan men ingen paragraf för den.", True, "arrange")


def _appendices(meeting: Meeting, referenced: set[int]) -> Iterator[Problem]:
    for appendix in meeting.appendices.all():
        if appendix.pk not in referenced:
            yield Problem("appendix", f"Ingen paragraf hänvisar till bilagan ”{appendix}”.", False, "appendices")


def texts_of(paragraph: Paragraph) -> Iterator[tuple[Item | None, str]]:
    """The texts of a § in reading order, each with the point it stands in (None: the § itself)."""
    rows = [(None, paragraph.text), *((item, item.text) for item in paragraph.items.all())]
    return ((item, text) for item, text in rows if text.strip())


def _texts(meeting: Meeting) -> Iterator[Problem]:
    phrases = {item.slug: item.default_phrase for item in meeting.template.items.all()} if meeting.template else {}
    for paragraph in meeting.paragraphs.all():
        if not has_content(paragraph) and not phrases.get(paragraph.slug) and not paragraph.only_with_content:
            yield Problem("empty", f"”{paragraph}” är tom. Skriv text eller ta bort paragrafen.", False, "write", paragraph.pk)
        if paragraph.slug == "next" and not has_content(paragraph) and not meeting.next_on:
            yield Problem("next", "Nästa möte är inte bestämt.", False, "next")
        for item, text in texts_of(paragraph):
            for finding in wording.findings(text):
                yield _in_text(paragraph, item, finding)
            for slot in wording.open_slots(text):
                message = f"”{item or paragraph}” har en lucka som inte är ifylld: {slot}"
                yield Problem("slot", message, True, "write", paragraph.pk, item=item.pk if item else None)


def _in_text(paragraph: Paragraph, item: Item | None, one: wording.Finding) -> Problem:
    where = f"”{item}” under ”{paragraph}”" if item else f"”{paragraph}”"
    words = f"{where} {one.said}."
    return Problem(one.code, words, False, "write", paragraph.pk, hint=one.excerpt, item=item.pk if item else None)


def _references(meeting: Meeting) -> Iterator[Problem]:
    """Numbers typed by hand, each with the thing that has that number now."""
    numbers = Numbers.of(meeting)
    headings = {number: f"§ {number}, {paragraph}" for number, paragraph in printed_paragraphs(meeting)}
    appendices = {numbers.appendices[row.pk]: f"bilaga {numbers.appendices[row.pk]}, {row}" for row in meeting.appendices.all()}
    matters = [item for _, paragraph in printed_paragraphs(meeting) for item in paragraph.items.all() if item.is_matter]
    on_the_list = {item.board_agenda_no.strip(" ."): item for item in matters if item.board_agenda_no}
    for paragraph in meeting.paragraphs.all():
        for item, text in texts_of(paragraph):
            for reference in wording.loose_references(text):
                if reference.kind == "matter":
                    matter = on_the_list.get(str(reference.number)) or next(
                        iter(matters[max(0, reference.number - 1) : reference.number]), None
                    )
                    meant = f"ärendet {matter}" if matter else ""
                else:
                    meant = (headings if reference.kind == "paragraph" else appendices).get(reference.number, "")
                hint = f"Menar du {meant}? Sätt in en hänvisning i stället." if meant else "Det numret finns inte i protokollet."
                where = f"”{item}” under ”{paragraph}”" if item else f"”{paragraph}”"
                message = f"{where} hänvisar till ”{reference.written}” i löpande text. Numret kan ändras."
                yield Problem("loose_reference", message, False, "write", paragraph.pk, hint=hint, item=item.pk if item else None)


# Promises (R41)


def loose_promises(paragraph: Paragraph, commitments: Iterable[Commitment]) -> list[str]:
    """The sentences of a § that promise something, without those in its commitments: followed up, or noted to be no promise."""
    commitments = list(commitments)
    answered = {key(sentence.text) for row in commitments for sentence in sentences(row.text)} | {
        key(row.words) for row in commitments
    }
    # What is followed up may be a part of the sentence; a note that there is no promise is of the whole sentence.
    parts = [part for row in commitments if row.followed_up and (part := key(row.words))]
    loose = []
    for _, text in texts_of(paragraph):
        for sentence in wording.promises(text):
            own = key(sentence)
            if own not in answered and not any(part in own for part in parts):
                loose.append(sentence)
    return list(dict.fromkeys(loose))


def gone(paragraph: Paragraph, commitments: Iterable[Commitment]) -> list[Commitment]:
    """Those of the § that are followed up, but whose sentence no longer stands in its text."""
    rows = [row for row in commitments if row.followed_up]
    whole = [one.text for _, text in texts_of(paragraph) for one in sentences(text)] if rows else []
    said = " ".join(" ".join(whole).split()).casefold()
    return [row for row in rows if key(row.words) not in said]


def _promises(meeting: Meeting) -> Iterator[Problem]:
    by_paragraph: dict[int | None, list[Commitment]] = {}
    for row in meeting.commitments.all():
        by_paragraph.setdefault(row.paragraph_id, []).append(row)
    for paragraph in meeting.paragraphs.all():
        own = by_paragraph.get(paragraph.pk, [])
        for sentence in loose_promises(paragraph, own):
            message = f"”{paragraph}” lovar något som ingen följer upp."
            yield Problem("promise", message, False, "promise", paragraph.pk, hint=f"”{sentence}”", sentence=sentence)
        for row in gone(paragraph, own):
            message = f"Ett åtagande under ”{paragraph}” står inte längre så i texten och följer inte med i protokollet."
            yield Problem("promise_gone", message, False, "promise", paragraph.pk, hint=f"”{row.words}”")


# Privacy (R93)


def _privacy(meeting: Meeting) -> Iterator[Problem]:
    named: dict[str, tuple[Paragraph, Item | None]] = {}
    for paragraph in meeting.paragraphs.all():
        for item, text in texts_of(paragraph):
            for finding in wording.delicate(text):
                yield _in_text(paragraph, item, finding)
            for name in wording.full_names(text):
                named.setdefault(name, (paragraph, item))
    here = [row.name for row in (*meeting.attendances.all(), *meeting.officers.all())]
    asked = list(named)[:MOST_NAMES]
    ways = {way for name in asked for way in (name, name.removesuffix("s"))}
    # By the name that others may see: an answer about the real one of somebody protected would confirm a guess.
    by_known_name = Person.objects.annotate(known=by_shown_name()).filter(known__in=ways)
    registered = by_known_name.values_list("known", flat=True)
    for name in wording.strangers(asked, here=here, registered=list(registered)):
        paragraph, item = named[name]
        yield _in_text(paragraph, item, wording.Finding("stranger", f"nämner {name}, som inte finns i närvarolistan"))
