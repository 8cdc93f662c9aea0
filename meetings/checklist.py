"""What must, and what should, be seen to before the protocol is sent for approval."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from meetings.actions.planning import not_taken_up
from meetings.agenda import has_content
from meetings.models import Attendance, BalanceItem, Item, Meeting, Paragraph
from record.text import to_words

PROMISES = re.compile(r"\b(tar med sig|tas med|kommer (dock )?att|utreds|utreda|återkommer|ser över|översyn)\b", re.I)
FIRST_PERSON = re.compile(r"\b(jag|mig|min|mitt|mina)\b", re.I)
LOOSE_REFERENCE = re.compile(r"(§|\bparagraf|\bärende|\bbilaga)\s*\d+", re.I)
MAILBOX = re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.]+\b")
INTRANET = re.compile(r"https?://\S*(intran[ae]t|intern\.|sharepoint)\S*", re.I)


class Problem(NamedTuple):
    """One line of the list: what is wrong, whether it stops the freeze, and the page where it is mended."""

    code: str
    message: str
    blocking: bool
    page: str
    paragraph: int | None = None


def problems(meeting: Meeting, referenced: set[int]) -> list[Problem]:
    """Everything the list has to say of a meeting read whole; `referenced` are the appendices that the text refers to."""
    return [
        *_facts(meeting),
        *_people(meeting),
        *_matters(meeting),
        *_motions(meeting),
        *_waiting(meeting),
        *_balance(meeting),
        *_appendices(meeting, referenced),
        *_texts(meeting),
        *_unfinished(meeting),
    ]


def _facts(meeting: Meeting) -> Iterator[Problem]:
    for value, words in (
        (meeting.date, "Datum"),
        (meeting.starts, "Starttid"),
        (meeting.ends, "Sluttid"),
        (meeting.place, "Plats"),
    ):
        if not value:
            yield Problem("facts", f"{words} saknas.", True, "edit")
    if not meeting.adjustment_day:
        yield Problem("adjustment_day", "Justeringsdag är inte bestämd.", False, "attendance")


def _people(meeting: Meeting) -> Iterator[Problem]:
    present = {row.person_id: row for row in meeting.attendances.all() if row.status == Attendance.Status.PRESENT}
    chair, secretary, adjusters = meeting.officer("chair"), meeting.officer("secretary"), meeting.adjusters
    if chair is None:
        yield Problem("chair", "Ordförande är inte utsedd.", True, "appoint")
    elif chair.person_id not in present:
        yield Problem("chair_absent", f"Ordföranden {chair.name} är inte markerad som närvarande.", True, "attendance")
    if secretary is None:
        yield Problem("secretary", "Sekreterare är inte utsedd.", True, "appoint")
    if not adjusters:
        yield Problem("adjuster", "Justerare är inte vald.", True, "attendance")
    for adjuster in adjusters:
        if adjuster.person_id not in present:
            yield Problem("adjuster_absent", f"Justeraren {adjuster.name} är inte markerad som närvarande.", True, "attendance")
    sides = {present[one.person_id].side for one in adjusters if one.person_id in present}
    if adjusters and Attendance.Side.EMPLOYEE not in sides:
        yield Problem("adjuster_side", "Minst en justerare måste vara från arbetstagarsidan.", True, "attendance")
    signers = [officer.person_id for officer in meeting.officers.all()]
    if len(signers) != len(set(signers)):
        yield Problem("same_person", "Ordförande, sekreterare och justerare måste vara olika personer.", True, "appoint")
    waiting = [row.name for row in meeting.attendances.all() if row.status == Attendance.Status.EXPECTED]
    if waiting:
        names = ", ".join(waiting[:5]) + (" med flera" if waiting[5:] else "")
        yield Problem("attendance", f"Närvaron är inte ifylld för {names}.", True, "attendance")


def _matters(meeting: Meeting) -> Iterator[Problem]:
    for paragraph in meeting.paragraphs.all():
        for item in paragraph.items.all():
            if item.kind == Item.Kind.DECISION and not item.outcome:
                yield Problem(
                    "outcome", f"”{item}” saknar utfall, till exempel ”ingen oenighet anmäldes”.", True, "write", paragraph.pk
                )
            if item.kind == Item.Kind.BOARD_MATTER and not item.outcome and not item.text.strip():
                yield Problem("outcome", f"”{item}” saknar utfall.", True, "write", paragraph.pk)


def _motions(meeting: Meeting) -> Iterator[Problem]:
    for placement in meeting.placements.all():
        motion = placement.motion
        if motion.kind != "motion" or motion.state != "filed":
            continue
        unanswered = sum(1 for claim in motion.claims.all() if claim.released is None)
        if unanswered:
            words = "en att-sats" if unanswered == 1 else f"{unanswered} att-satser"
            yield Problem("answer", f"Yrkandet ”{motion}” har {words} utan utlämnat svar.", True, "motion", motion.pk)
        if placement.paragraph_id is None:
            yield Problem("place", f"Yrkandet ”{motion}” är inte placerat under någon paragraf.", True, "place")


def _waiting(meeting: Meeting) -> Iterator[Problem]:
    for motion in not_taken_up(meeting.group.motions.all()):
        yield Problem("waiting", f"”{motion}” är inlämnat men inte placerat vid något möte.", False, "place")


def _unfinished(meeting: Meeting) -> Iterator[Problem]:
    """Only for those who use the mark: where nothing is marked, nothing is missing."""
    rows = list(meeting.paragraphs.all())
    left = [row for row in rows if not row.done]
    if left and len(left) < len(rows):
        words = (
            f"”{left[0]}” är inte markerad som klar."
            if len(left) == 1
            else f"{len(left)} paragrafer är inte markerade som klara."
        )
        yield Problem("not_done", words, False, "write", left[0].pk)


def _balance(meeting: Meeting) -> Iterator[Problem]:
    carried = {note.item_id for note in meeting.balance_notes.all()}
    fallen = BalanceItem.objects.open().filter(group=meeting.group).exclude(pk__in=carried).count()
    if fallen:
        yield Problem("balance", "Balanslistan saknar öppna punkter. Hämta in dem igen.", True, "balance")
    if carried and not any(paragraph.slug == "balance" for paragraph in meeting.paragraphs.all()):
        yield Problem("balance", "Det finns öppna punkter på balanslistan men ingen paragraf för den.", True, "arrange")


def _appendices(meeting: Meeting, referenced: set[int]) -> Iterator[Problem]:
    for appendix in meeting.appendices.all():
        if appendix.pk not in referenced:
            yield Problem("appendix", f"Ingen paragraf hänvisar till bilagan ”{appendix}”.", False, "appendices")


def _texts(meeting: Meeting) -> Iterator[Problem]:
    phrases = {item.slug: item.default_phrase for item in meeting.template.items.all()} if meeting.template else {}
    for paragraph in meeting.paragraphs.all():
        if not has_content(paragraph) and not phrases.get(paragraph.slug) and not paragraph.only_with_content:
            yield Problem("empty", f"”{paragraph}” är tom. Skriv text eller ta bort paragrafen.", False, "write", paragraph.pk)
        for text in (paragraph.text, *(item.text for item in paragraph.items.all())):
            yield from _text(paragraph, text)


def _text(paragraph: Paragraph, text: str) -> Iterator[Problem]:
    words = to_words(text) if text.strip() else ""
    found = [
        ("double_space", "  " in words, "har dubbla mellanslag"),
        ("empty_bullet", bool(re.search(r"(?m)^\s*(-|•|\d+\.)\s*$", words)), "har en tom punkt i en lista"),
        ("first_person", bool(FIRST_PERSON.search(words)), "är skriven i jag-form"),
        ("loose_reference", bool(LOOSE_REFERENCE.search(re.sub(r"\[[^\]]*\]\((paragraph|appendix|item):\d+\)", "", text))),
         "hänvisar till ett nummer i löpande text; numret kan ändras"),
        ("mailbox", bool(MAILBOX.search(words)), "innehåller en e-postadress"),
        ("intranet", bool(INTRANET.search(words)), "har en länk som bara går att öppna inifrån"),
        ("promise", bool(PROMISES.search(words)), "innehåller ett löfte som kanske ska till balanslistan"),
    ]  # fmt: skip
    for code, there, said in found:
        if there:
            yield Problem(code, f"”{paragraph}” {said}.", False, "write", paragraph.pk)
