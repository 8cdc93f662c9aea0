"""What can be done with a motion: one function per verb. Unions draft, file, withdraw and support; the employer answers."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format

from motions import letters
from motions.kinds import ASKING, SAYING
from motions.models import FINAL, Answer, Claim, Motion, Outcome, Support, answers_to, receipt_number
from motions.occasions import aimed_at, coming
from motions.states import FOLLOWS, LOCKED, State
from people.models import Group, Party, Person, Role, User, today
from record import chain, uploads
from record.history import forget, remember
from record.moves import Refused, Stale, WrongState, hold, moving
from record.swedish import capital

MOST_CLAIMS = 600
OUTDATED = "{The} har ändrats sedan svaret skrevs. Läs den nya texten, spara svaret på nytt och lämna ut det sedan."
TABLED_NOW = "{The} är bordlagd den här gången. Den får svar när den tas upp nästa gång."
# A yrkande and a question say what they want in their att-satser; the others need a text or a file.
WITHOUT_TEXT = (Motion.Kind.MOTION, Motion.Kind.QUESTION)
TO_ANSWER = timedelta(days=7)  # before a meeting, its answers should be there
# Who can be asked to write an answer.
ASKED = (Role.EMPLOYER_REP, Role.CHAIR)


@contextmanager
def _unlocked(motion: Motion, verb: str) -> Iterator[Motion]:
    """Hold the motion; it must be in a state for `verb`, and no protocol may have locked it."""
    with transaction.atomic():
        held = hold(motion)
        if held.locked or held.state not in held.MOVES[verb].sources:
            raise WrongState(held, verb)
        yield held


def draft(group: Group, *, party: Party, by: User, kind: str = Motion.Kind.MOTION) -> Motion:
    """A new, empty draft that only the union's own representatives in the group can see."""
    motion = Motion(group=group, party=party, author=by.person, kind=kind)
    remember(motion, by=by, why="draft_motion")
    return motion


def save_draft(motion: Motion, *, fields: dict[str, Any], claims: Sequence[dict[str, Any]], version: int, by: User) -> Motion:
    """Replace the draft's text and att-satser as one; refuses when somebody else has saved since `version`."""
    if len(claims) > MOST_CLAIMS:
        raise ValidationError(f"Högst {MOST_CLAIMS} {motion.words.units} får plats.")
    with _unlocked(motion, "draft_motion") as held:
        if held.version != version:
            raise Stale(held)
        for name, value in fields.items():
            setattr(held, name, value)
        _only_of_its_kind(held, claims)
        held.version += 1
        held.full_clean(exclude=["party", "group", "author"])
        remember(held, by=by, why="draft_motion")
        _write_claims(held, claims, by=by)
    vars(motion).update(vars(held))
    return motion


def _only_of_its_kind(motion: Motion, claims: Sequence[dict[str, Any]]) -> None:
    """Only questions are due, on the meeting they are for; only an opinion goes to the board; what is text alone has no att-satser."""
    if motion.kind in ASKING:
        motion.wanted_on = None
    else:
        motion.due_on = None
    if motion.kind != Motion.Kind.OPINION:
        motion.to_board = False
    if motion.kind in SAYING and claims:
        raise ValidationError(f"{motion.words.The} är bara text. Flytta det som står i rutorna nedanför till texten.")


def _write_claims(motion: Motion, claims: Sequence[dict[str, Any]], *, by: User) -> None:
    """Make the motion's att-satser these, in this order, changing only the rows that differ."""
    old = list(motion.claims.all())
    for position, fields in enumerate(claims, start=1):
        claim = old[position - 1] if position <= len(old) else Claim(motion=motion, position=position)
        wanted = (fields["text"], list(fields.get("points", [])))
        if claim.pk is None or (claim.text, claim.points) != wanted:
            claim.text, claim.points = wanted
            remember(claim, by=by, why="draft_motion")
    for claim in old[len(claims) :]:
        forget(claim, by=by, why="draft_motion")


def attach(motion: Motion, *, file: UploadedFile | None, description: str, by: User) -> Motion:
    """Put a file, looked into and described in words, beside the draft's text; one that was there is replaced.

    Without a file, the one that is there is described in other words.
    """
    found = uploads.described(file, description) if file else None
    with _unlocked(motion, "attach") as held:
        _put_file(held, file, found, description)
        remember(held, by=by, why="attach")
    vars(motion).update(vars(held))
    return motion


def _put_file(held: Motion, file: UploadedFile | None, found: uploads.Found | None, description: str) -> None:
    if file is None or found is None:
        if not held.file:
            raise ValidationError({"file": "Välj en fil."})
        held.description = description
    else:
        uploads.keep(held, file, found, description)
        held.sha256 = found.sha256
    held.version += 1
    held.full_clean(exclude=["party", "group", "author"])


def _take_file_away(held: Motion) -> None:
    """The row without its file; the file itself stays in storage until retention clears it."""
    held.file, held.filename, held.content_type, held.sha256, held.description = "", "", "", "", ""
    held.version += 1


def detach(motion: Motion, *, by: User) -> Motion:
    """Take the file away from the draft."""
    with _unlocked(motion, "detach") as held:
        _take_file_away(held)
        remember(held, by=by, why="detach")
    vars(motion).update(vars(held))
    return motion


def discard(motion: Motion, *, by: User) -> None:
    """Throw a draft away. What has been filed is never removed."""
    with _unlocked(motion, "draft_motion") as held:
        for claim in held.claims.all():
            forget(claim, by=by, why="discard")
        forget(held, by=by, why="discard")


def _no_day(motion: Motion) -> str:
    return f"Välj vilket möte {motion.words.the} ska besvaras på."


def lacks(motion: Motion) -> dict[str, list[str]]:
    """What has to be written before the motion can be filed: field ("__all__" for the whole) → what is wrong."""
    found: dict[str, list[str]] = {}
    claims = list(motion.claims.all())
    if not motion.title.strip():
        found["title"] = ["Skriv en rubrik innan du lämnar in."]
    if motion.kind not in SAYING and not any(claim.text for claim in claims):
        example = "att förvaltningen …" if motion.kind not in ASKING else "Hur ser förvaltningen på …?"
        found[NON_FIELD_ERRORS] = [f"Skriv minst en {motion.words.unit}. Exempel: {example}"]
    elif not all(claim.text for claim in claims):
        found[NON_FIELD_ERRORS] = [f"En {motion.words.unit} är tom. Skriv den eller ta bort den."]
    if motion.kind in ASKING and motion.due_on is None:
        found["due_on"] = [_no_day(motion)]
    if motion.state == State.DRAFT and motion.due_on is not None and motion.due_on < today():
        found["due_on"] = ["Dagen har varit. Välj ett möte som kommer."]
    if motion.kind not in WITHOUT_TEXT and not (motion.background.strip() or motion.file):
        found["background"] = ["Skriv texten, eller välj en fil, innan du lämnar in."]
    return found


def file(motion: Motion, *, by: User, version: int | None = None, meeting: date | None = None) -> Motion:
    """Hand it in: from now on it is received by the authority, gets its number and time, and can be read by the group.

    With `version`, refuses when somebody has changed the draft since that one was read. `meeting` is the later meeting that is
    chosen when the deadline of the one it was meant for has passed.
    """
    with transaction.atomic():
        group = hold(motion.group)  # the serial number is drawn under the group's lock
        with moving(motion, "file_motion", by=by) as held:
            if version is not None and held.version != version:
                raise Stale(held)
            if missing := lacks(held):
                raise ValidationError(missing)
            occasions = coming(group)
            if meeting is not None and any(one.date == meeting for one in occasions):
                if held.kind in ASKING:
                    held.due_on = meeting
                else:
                    held.wanted_on = meeting
            aimed = aimed_at(occasions, held.aim)
            held.deadline = aimed.deadline if aimed else None
            now = timezone.now()
            year = timezone.localtime(now).year
            serial = Motion.objects.filter(group=group, filed_at__year=year).count() + 1
            held.filed_at, held.receipt = now, receipt_number(held, serial, year)
        chain.append(group.chain, "motion_filed", by=by, thing=f"motion:{motion.pk}", data=_told(motion))
        letters.receipt(motion, by=by, meeting=aimed.date if aimed else None)
        letters.tell_of_filed(motion)
    return motion


def change(
    motion: Motion, *, fields: dict[str, Any], claims: Sequence[dict[str, Any]], version: int, by: User, why: str = ""
) -> set[Party]:
    """A new version of what has been filed, seen by all who may read it. Returns the parties whose support lapsed.

    Each row of `claims` names by `pk` the att-sats that it was; those named by none are removed. One with a released answer stays
    as it is. Support is for the words that were supported: it lapses, with a trace, where they change, and the supporters are told.
    """
    if len(claims) > MOST_CLAIMS:
        raise ValidationError(f"Högst {MOST_CLAIMS} {motion.words.units} får plats.")
    with _unlocked(motion, "change_motion") as held:
        if held.version != version:
            raise Stale(held)
        _demand_unsettled(held)
        for name, value in fields.items():
            setattr(held, name, value)
        _only_of_its_kind(held, claims)
        if held.kind in ASKING and held.due_on is None:
            raise ValidationError({"due_on": [_no_day(held)]})
        held.version += 1
        held.full_clean(exclude=["party", "group", "author"])
        remember(held, by=by, why=f"change_motion: {why}" if why else "change_motion")
        concerned = letters.taking_it_up(held)  # before an att-sats goes, and whoever was writing its answer with it
        lapsed = _change_claims(held, claims, by=by)
        if missing := lacks(held):
            raise ValidationError(missing)
        chain.append(held.group.chain, "motion_changed", by=by, thing=f"motion:{held.pk}", data=_told(held))
        letters.tell_of_change(held, concerned)
        letters.tell_of_lapse(held, lapsed)
    vars(motion).update(vars(held))
    return lapsed


def change_file(motion: Motion, *, file: UploadedFile | None, description: str, version: int, by: User, why: str = "") -> Motion:
    """A new version of what has been filed, with another file or its first, or other words for the one it has.

    The old file can still be read among the versions.

    The att-satser are the same, so support for them stands. What holds the old file at a meeting is told to the secretary there
    (meetings/checklist.py).
    """
    found = uploads.described(file, description) if file else None
    with _new_version(motion, version=version, by=by, why=why) as held:
        if (held.sha256, held.description) == (found.sha256 if found else held.sha256, description):
            raise ValidationError({"file": "Det är samma fil och textalternativ som redan är inlämnade."})
        _put_file(held, file, found, description)
    return motion


def remove_file(motion: Motion, *, version: int, by: User, why: str = "") -> Motion:
    """A new version of what has been filed, without its file, which can still be read among the versions."""
    with _new_version(motion, version=version, by=by, why=why) as held:
        demand_file(held)
        _take_file_away(held)
    return motion


@contextmanager
def _new_version(motion: Motion, *, version: int, by: User, why: str) -> Iterator[Motion]:
    """Hold what was read as `version`; what the caller changes in its row is remembered as a new version, logged and told."""
    with _unlocked(motion, "change_motion") as held:
        if held.version != version:
            raise Stale(held)
        _demand_unsettled(held)
        yield held
        remember(held, by=by, why=f"change_motion: {why}" if why else "change_motion")
        chain.append(held.group.chain, "motion_changed", by=by, thing=f"motion:{held.pk}", data=_told(held))
        letters.tell_of_change(held, letters.taking_it_up(held))
    vars(motion).update(vars(held))


def demand_file(motion: Motion) -> None:
    """There is a file to take away, no meeting has it among its papers, and what it was filed with says something without it."""
    if not motion.file:
        raise Refused(f"{motion.words.The} har ingen fil.")
    if motion.handled:
        raise Refused(f"Filen följer med ett mötes handlingar och kan inte tas bort ur {motion.words.the}. Byt fil i stället.")
    if motion.kind not in WITHOUT_TEXT and not motion.background.strip():
        raise Refused(f"Filen står i stället för texten. Skriv texten i {motion.words.the} först, och ta sedan bort filen.")


def _demand_unsettled(motion: Motion) -> None:
    """What has final answers to everything stands as it was answered: nobody's answer gets another heading or file above it."""
    claims = motion.claims.prefetch_related("answers")
    if claims and all(claim.outcome in FINAL for claim in claims):
        raise Refused(
            f"{motion.words.The} har fått slutliga svar och kan inte ändras. Lämna in på nytt om något ska läggas till."
        )


def _change_claims(motion: Motion, claims: Sequence[dict[str, Any]], *, by: User) -> set[Party]:
    """Write the att-satser of a new version, each in the row that it was. Returns the parties whose support lapsed."""
    old = {claim.pk: claim for claim in motion.claims.prefetch_related("answers", "supports__party__names")}
    kept = [old.pop(fields["pk"], None) if fields.get("pk") else None for fields in claims]
    lapsed: set[Party] = set()
    for claim in old.values():
        lapsed |= _lapse(claim, by=by)
        for row in (*claim.answers.all(), *claim.supports.all(), claim):  # their history stays
            forget(row, by=by, why="change_motion")
    moved = [claim for position, claim in enumerate(kept, start=1) if claim is not None and claim.position != position]
    for claim in moved:  # uniqueness may be checked at once: step aside first
        Claim.objects.filter(pk=claim.pk).update(position=10_000 + claim.position)
    for position, (claim, fields) in enumerate(zip(kept, claims, strict=True), start=1):
        wanted = (fields["text"], list(fields.get("points", [])))
        if claim is None:
            remember(Claim(motion=motion, position=position, text=wanted[0], points=wanted[1]), by=by, why="change_motion")
        elif (claim.text, claim.points) != wanted:
            lapsed |= _lapse(claim, by=by)
            claim.position, (claim.text, claim.points) = position, wanted
            remember(claim, by=by, why="change_motion")
        elif claim.position != position:
            claim.position = position
            remember(claim, by=by, why="change_motion")
    return lapsed


def _lapse(claim: Claim, *, by: User) -> set[Party]:
    """The words change: support for them ends, and an answer that is being written must be read anew before it is released."""
    if claim.released is not None:
        raise Refused(f"{capital(claim.motion.words.the_unit)} har fått svar och kan inte ändras eller tas bort.")
    standing = claim.supporters
    for support in standing:
        support.withdrawn_at = timezone.now()
        remember(support, by=by, why="change_motion")
    if (drafted := claim.drafted) is not None:
        drafted.version, drafted.outdated = drafted.version + 1, True
        remember(drafted, by=by, why="change_motion")
    return {support.party for support in standing}


def withdraw(motion: Motion, *, by: User, why: str = "") -> Motion:
    """The union takes it back; it stays visible as withdrawn."""
    with transaction.atomic():
        if hold(motion).locked:
            raise WrongState(motion, "withdraw_motion")
        with moving(motion, "withdraw_motion", by=by, why=why) as held:
            held.withdrawn_at = timezone.now()
        chain.append(motion.group.chain, "motion_withdrawn", by=by, thing=f"motion:{motion.pk}", data={"receipt": motion.receipt})
        letters.tell_of_withdrawal(motion)
    return motion


def _told(motion: Motion) -> dict[str, Any]:
    """What the log keeps of a filed motion: enough to prove its words."""
    return {
        "receipt": motion.receipt,
        "kind": motion.kind,
        "title": motion.title,
        "background": motion.background,
        "file": motion.sha256,
        "claims": [{"text": claim.text, "points": claim.points} for claim in motion.claims.all()],
    }


def support(claim: Claim, *, party: Party, by: User, version: int | None = None) -> Support:
    """`party` stands behind the att-sats. Saying it twice changes nothing; one's own motion needs no support.

    With `version`, refuses when the motion has been changed since that one was read.
    """
    with _unlocked(claim.motion, "support") as motion:
        if version is not None and motion.version != version:
            raise Stale(motion)
        if motion.party_id == party.pk:
            raise Refused("Det ni själva har lämnat in behöver inget stöd av er.")
        standing = Support.objects.filter(claim=claim, party=party, withdrawn_at=None).first()
        if standing is None:
            standing = Support(claim=claim, party=party, by=by.person)
            remember(standing, by=by, why="support")
    return standing


def unsupport(claim: Claim, *, party: Party, by: User) -> None:
    """Take the support back; that it was given stays to be seen."""
    with _unlocked(claim.motion, "unsupport"):
        standing = Support.objects.filter(claim=claim, party=party, withdrawn_at=None).first()
        if standing is not None:
            standing.withdrawn_at = timezone.now()
            remember(standing, by=by, why="unsupport")


def assign(motion: Motion, *, claims: Sequence[Claim], person: Person, day: date, by: User) -> list[Claim]:
    """Ask one on the employer's side to write the answers to these att-satser by a day, and tell them. Returns those that wait for one."""
    seats = motion.group.mandates.valid_on(today()).filter(role__in=ASKED, person=person)
    if not seats.exists():
        raise ValidationError({"person": "Välj någon som företräder arbetsgivaren i gruppen."})
    if day < today():
        raise ValidationError({"day": "Dagen har passerat. Välj en dag som kommer."})
    with _unlocked(motion, "assign") as held:
        wanted = held.claims.unanswered().filter(pk__in=[claim.pk for claim in claims])
        asked = list(wanted)
        if not asked:
            raise Refused("Det finns inget kvar att svara på bland dem du valde.")
        relieved = {claim.responsible for claim in asked if claim.responsible is not None and claim.responsible != person}
        left = set(held.claims.unanswered().exclude(pk__in=[claim.pk for claim in asked]).values_list("responsible", flat=True))
        for claim in asked:
            claim.responsible, claim.answer_by = person, day
            remember(claim, by=by, why="assign")
        letters.ask_to_answer(held, person, day)
        for one in sorted(relieved, key=lambda one: one.pk):
            letters.relieve(held, one, still=one.pk in left)
    return asked


def answer(claim: Claim, *, outcome: str, text: str, version: int, by: User) -> Answer:
    """Write the answer to an att-sats; the union sees it when it is released. `version` 0 means: there is none yet."""
    if outcome not in answers_to(claim.motion.kind):
        raise ValidationError({"outcome": "Välj ett utfall."})
    if not text.strip() and outcome in (Outcome.ANSWERED, Outcome.PARTLY_GRANTED):
        raise ValidationError({"text": "Skriv svaret. Det utfallet kan inte stå utan text."})
    with _unlocked(claim.motion, "answer") as motion:
        answers = list(claim.answers.order_by("round"))
        last = answers[-1] if answers else None
        if last is not None and last.released_at:
            demand_answerable(motion, last)
        if last is None or last.released_at:
            if version != 0:
                raise Stale(last)
            last = Answer(claim=claim, round=motion.round, version=0)
        elif last.version != version:
            raise Stale(last)
        fresh = last.pk is None or last.outdated
        last.outcome, last.text, last.written_by, last.outdated = outcome, text, by.person, False
        last.version += 1
        last.full_clean(exclude=["claim", "written_by"])
        remember(last, by=by, why="answer")
        if fresh and last.round <= motion.round:
            letters.tell_of_written(motion, by=by)
    return last


def demand_answerable(motion: Motion, last: Answer) -> None:
    """Nothing is answered after a final answer, nor twice at the same meeting."""
    if last.outcome in FINAL:
        raise Refused(f"{capital(motion.words.the_unit)} har redan fått ett slutligt svar.")
    if last.round >= motion.round:
        raise Refused(TABLED_NOW.format(The=capital(motion.words.the_unit)))


def demand_releasable(motion: Motion, answer: Answer) -> None:
    """It was written to the words that stand now, and not for the next time, when the att-sats was tabled this time."""
    if answer.outdated:
        raise Refused(OUTDATED.format(The=capital(motion.words.the_unit)))
    if answer.round > motion.round:
        raise Refused(TABLED_NOW.format(The=capital(motion.words.the_unit)))


def release(answer: Answer, *, by: User, version: int | None = None) -> Answer:
    """Let the union read the answer; after this it is not changed. With `version`, only the one that was read is released."""
    with _unlocked(answer.claim.motion, "release") as motion:
        held = hold(answer)
        if held.released_at is None:
            if version is not None and held.version != version:
                raise Stale(held)
            demand_releasable(motion, held)
            held.released_at, held.round = timezone.now(), motion.round
            remember(held, by=by, why="release")
            letters.tell_of_answer(motion)
    vars(answer).update(vars(held))
    return answer


def release_all(motion: Motion, *, versions: dict[int, int], by: User) -> list[Answer]:
    """Let the union read these answers at once, as they were read (pk → version); none of them when one has been changed since."""
    with transaction.atomic():
        answers = Answer.objects.filter(pk__in=versions, claim__motion=motion).select_related("claim__motion")
        return [release(answer, by=by, version=versions[answer.pk]) for answer in answers.order_by("claim__position")]


def postpone(
    motion: Motion, *, until: date, words: str, table: bool, why: str, by: User, next_time: bool = False
) -> list[Answer]:
    """Put it off to the meeting on `until`, or with `next_time` to whichever comes first from then on, and tell those it concerns.
    Returns the answers that say so.

    With `table`, each att-sats that has no final answer gets one that tables it in `words`, unless it is tabled already; an answer that is
    being written waits for the next time. What is text alone has nothing to table.
    """
    with _unlocked(motion, "postpone") as held:
        tabled, claims = [], list(held.claims.prefetch_related("answers").select_related("responsible__user"))
        asked = {claim.responsible for claim in claims if claim.responsible is not None and claim.outcome not in FINAL}
        for claim in claims if table else ():
            last = claim.released
            if last is not None and (last.outcome in FINAL or claim.put_off):
                continue
            number, waiting = held.round, claim.drafted
            if waiting is not None:
                waiting.round = max(waiting.round, number + 1)
                remember(waiting, by=by, why="postpone")
            answer = Answer(claim=claim, round=number, outcome=Outcome.TABLED, text=words, written_by=by.person)
            answer.released_at = timezone.now()
            remember(answer, by=by, why="postpone")
            tabled.append(answer)
        held.postponed_to, held.next_time = until, next_time
        remember(held, by=by, why=f"postpone: {why}" if why else "postpone")
        data = {"receipt": held.receipt, "until": until.isoformat(), "tabled": len(tabled)}
        chain.append(held.group.chain, "motion_postponed", by=by, thing=f"motion:{held.pk}", data=data)
        letters.tell_of_postponed(held, asked)
    vars(motion).update(vars(held))
    return tabled


def take_up(motion: Motion, phase: str, *, day: date | None = None, again: bool = False, by: User | None) -> None:
    """A meeting on `day` takes it up: it is open again, and put off no longer. `again`: the same meeting, at another place on its agenda."""
    held = hold(motion)
    held.phase = phase
    if not again:
        held.handled += 1
        held.postponed_to, held.next_time = None, False
    remember(held, by=by, why="place")
    if day is not None and not again:
        _ask_anew(held, day, by=by)
    vars(motion).update(vars(held))


def _ask_anew(motion: Motion, day: date, *, by: User | None) -> None:
    """Who was asked for an answer to an earlier meeting has until some days before this one."""
    wanted = max(today(), day - TO_ANSWER)
    for claim in motion.claims.unanswered().filter(answer_by__lt=min(today(), wanted)):
        claim.answer_by = wanted
        remember(claim, by=by, why="assign")


def follow_meeting(group: Group, *, before: date, day: date | None, by: User) -> list[Motion]:
    """A meeting has got another day: what is meant for it follows. Returns those that did."""
    meant = Q(postponed_to=before, next_time=False) | (Q(wanted_on=before) | Q(due_on=before)) & ~Q(phase__in=LOCKED)
    found = list(group.motions.exclude(state=State.WITHDRAWN).filter(meant).order_by("pk")) if day is not None else []
    for motion in found:
        held = hold(motion)
        if held.postponed_to == before:
            held.postponed_to = day
        if not held.locked:
            held.wanted_on = day if held.wanted_on == before else held.wanted_on
            held.due_on = day if held.due_on == before else held.due_on
        remember(held, by=by, why=FOLLOWS)
        if not held.locked and day is not None:
            _table_to(held, before, day, by=by)
    return found


def _table_to(motion: Motion, before: date, day: date, *, by: User) -> None:
    """What the draft says of it when it is tabled names the day that the meeting has got."""
    old, new = (f"till mötet den {date_format(one, 'j F Y')}" for one in (before, day))
    for answer in Answer.objects.filter(claim__motion=motion, outcome=Outcome.TABLED, round=motion.round, text__contains=old):
        answer.text = answer.text.replace(old, new)
        remember(answer, by=by, why=FOLLOWS)


def set_phase(motions: Sequence[Motion], phase: str, *, by: User | None, why: str) -> None:
    """The meeting opens or locks its motions; called by `meetings` and `protocol` inside their own transaction."""
    for motion in motions:
        held = hold(motion)
        if held.phase != phase:
            held.phase = phase
            remember(held, by=by, why=why)
