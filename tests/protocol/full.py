"""A draft that has a row in every table that a protocol is made of."""

import hashlib
from datetime import time, timedelta

from django.core.files.base import ContentFile

from meetings.actions import agenda, attendance, balance, disagreements, placing, planning
from meetings.models import Appendix, Attendance, Commitment, Decision, Item, Meeting, Phrase, Proposal, Reservation, Statement
from motions.actions import answering, supporting
from protocol import actions, sealing
from protocol.models import FrozenVersion, SealedProtocol
from record.history import remember
from tests import factories as make
from tests.cast import Cast

FILE = b"%PDF-1.4\n%fil som ingen tolkar\n"


def make_full_draft(cast: Cast) -> Meeting:
    """Ready to freeze: items of all kinds, a motion with support and answer, an appendix, absences, remarks, a promise."""
    _ = (cast.hr, cast.other_rep, cast.safety_rep)
    meeting = cast.meeting("called")
    motion = make.make_motion(
        cast.group, cast.union, by=cast.union_rep, title="Cykelställ", claims=("att cykelställen byggs ut.",)
    )
    claim = motion.claims.get()
    supporting.support(claim, party=cast.other_union, by=cast.other_rep)
    planning.open_draft(meeting, by=cast.secretary)
    by = cast.secretary
    operations = meeting.paragraphs.get(slug="operations")
    topic = make.make_item(operations, "Lokaler", text="Lokalerna målas om.")
    decision = agenda.add_item(operations, kind=Item.Kind.DECISION, by=by, title="Ny organisation", presenter="Erik Lind")
    agenda.edit_item(decision, fields={"outcome": "no_disagreement"}, version=decision.version, by=by)
    schedule = agenda.add_item(operations, kind=Item.Kind.DECISION, by=by, title="Nytt schema", presenter="Erik Lind")
    disagreements.disagree(schedule, party=cast.other_union, reason="Schemat ger för lite vila.", by=by)
    matter = agenda.add_item(operations, kind=Item.Kind.BOARD_MATTER, by=by, title="Budget", references=["PN 2026-0012"])
    agenda.edit_item(matter, fields={"outcome": "no_comments"}, version=matter.version, by=by)
    remember(Decision(item=matter, number=1, text="Budgeten fastställs."), by=by, verb="test")
    agenda.edit_text(operations, fields={"text": "Chefen berättade om läget."}, version=operations.version, by=by)

    appendix = Appendix(meeting=meeting, position=1, title="Karta", description="En karta.", filename="karta.pdf")
    appendix.content_type, appendix.sha256, appendix.size = "application/pdf", _sha256(FILE), len(FILE)
    appendix.file.save("karta.pdf", ContentFile(FILE), save=False)
    remember(appendix, by=by, verb="test")
    agenda.refer(topic, appendix=appendix, by=by)
    placing.place(motion, meeting=meeting, paragraph=operations, by=by)
    make.make_answer(claim, by=cast.employer, released=False)
    answering.release(claim.answers.get(), by=cast.chair)
    agenda.change_agenda(
        meeting, kind="addition", subject="lokaler", party=cast.union, paragraph=operations, appendix=None, by=by
    )

    meeting = cast.ready(Meeting.objects.get(pk=meeting.pk))
    row = meeting.attendances.get(person=cast.employer.person)
    attendance.present_under(row, paragraphs=[operations], by=by)
    attendance.interrupt(row, paragraph=operations, starts=time(9, 10), ends=time(9, 20), reason="Linjen bröts.", by=by)
    leaver = meeting.attendances.get(person=cast.safety_rep.person)
    attendance.went(leaver, paragraph=meeting.paragraphs.last(), at=time(10, 55), by=by)
    attendance.choose_personnel_reps(meeting, persons=[(cast.union_rep.person, cast.union)], by=by)
    balance.open_item(
        cast.group,
        meeting=meeting,
        paragraph=operations,
        title="Se över låsen",
        owner=None,
        due=meeting.date + timedelta(days=30),
        by=by,
    )
    for model, fields in (
        (Statement, {"speakers": ["Ulla Ek"], "verb": "påpekar", "text": "Det drar."}),
        (Commitment, {"text": "Arbetsgivaren ser över draget."}),
        (Reservation, {"kind": "minute_note", "persons": ["Ulla Ek"], "parties": ["Lövförbundet"], "text": "Vi hade velat mer."}),
    ):
        remember(model(meeting=meeting, paragraph=operations, position=1, **fields), by=by, verb="test")
    remember(Phrase(group=cast.group, key="lokal", text="Lokalen är bokad."), by=by, verb="test")
    wish = Proposal(meeting=meeting, person=cast.employer.person, title="Belysning", state=Proposal.State.WITHDRAWN)
    remember(wish, by=by, verb="test")
    assert not meeting.attendances.filter(status=Attendance.Status.EXPECTED).exists()
    return Meeting.objects.get(pk=meeting.pk)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def make_sealed(cast: Cast) -> SealedProtocol:
    """The same frozen, signed by all and sealed."""
    version = actions.freeze(make_full_draft(cast), by=cast.secretary, privacy_reviewed=True)
    cast.sign_all(version)
    return sealing.seal(FrozenVersion.objects.get(pk=version.pk))
