"""The seal, made at once or by the queue. It may fail and be tried again; the signatures stand whatever happens to it."""

import logging

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction
from django_tasks import task

from meetings.actions.balance import report_back
from meetings.actions.carry import bring_to_next
from meetings.models import Appendix, Meeting
from meetings.states import State
from motions.actions.handling import set_phase
from motions.states import Phase
from people.models import User
from protocol import canonical, evidence, letters
from protocol.models import FrozenVersion, SealedProtocol, SealFault
from protocol.shown import current_version
from record import chain, uploads
from record.moves import WrongState, hold, moving
from record.storage import demand_there

log = logging.getLogger(__name__)

NOT_THE_SAME = (
    "Det är inte samma fil: den skiljer sig från den som saknas, om så bara på ett tecken. Inget är ändrat och underskrifterna "
    "gäller. Välj filen som den var när bilagan lades till, eller be den som sköter tjänsten hämta den ur säkerhetskopian."
)


class CannotSeal(Exception):
    """The file cannot be made before something has been mended; says what."""


def look_at_files(meeting: Meeting, *, by: User | None = None) -> str:
    """Which appendices' files are lost, in words, and "" when none is. Kept for the pages to tell.

    Those who can take a file back from the backup, and those who can put it back, are told once; and once more when none is lost
    any longer, but for the one `by` whom it was put back.
    """
    lost = ", ".join(str(one) for one in evidence.lost_files(meeting))
    with transaction.atomic():
        if not lost:
            mended, _ = SealFault.objects.filter(meeting=meeting).delete()
            if mended:
                letters.tell_of_file_back(meeting, by=by)
        else:
            _, new = SealFault.objects.update_or_create(meeting=meeting, defaults={"fault": lost})
            if new:
                letters.tell_of_lost_file(meeting, lost)
    return lost


def look_at_waiting_files() -> None:
    """Look at the files of what people sign: a lost one is told of before anybody signs, and so is one that was put back."""
    for meeting in Meeting.objects.filter(state__in=(State.APPROVAL, State.ADJUSTED)).order_by("pk"):
        look_at_files(meeting)


def restore_file(meeting: Meeting, *, file: File, by: User) -> None:
    """Put back the file of an appendix that has lost it: the very same one, bit for bit. What people have signed is untouched.

    Raises ValidationError for any other file, or one that is too large, and WrongState for a meeting whose text nobody signs or
    has signed.
    """
    uploads.demand_size(file)
    digest = canonical.sha256_of(file)
    with transaction.atomic():
        stored = hold(meeting)
        if stored.state not in (State.APPROVAL, State.ADJUSTED):
            raise WrongState(stored, "seal")
        lost = [one.appendix for one in evidence.lost_files(stored) if one.appendix.sha256 == digest]
        if not lost:
            raise ValidationError({"file": NOT_THE_SAME})
        for appendix in lost:
            _put_back(appendix, file)
            data = {"appendix": appendix.pk, "sha256": digest}
            chain.append(stored.group.chain, "file_restored", by=by, thing=evidence.thing(stored), data=data)
    version = current_version(meeting)
    if not look_at_files(meeting, by=by) and stored.state == State.ADJUSTED and version is not None:
        transaction.on_commit(lambda: seal_later(version.pk))


def _put_back(appendix: Appendix, file: File) -> None:
    """Under the name that the row has: the row is locked, as all that people sign."""
    storage, name = appendix.file.storage, appendix.file.name
    demand_there(storage)
    storage.delete(name)
    file.seek(0)
    if storage.save(name, file) != name:
        raise CannotSeal(f"{name} could not be put back under its own name")


@task()
def seal_task(version: int) -> None:
    """Seal one adjusted version."""
    seal(FrozenVersion.objects.select_related("meeting__group__chain").get(pk=version))


def seal_later(version: int) -> None:
    """Put the seal in the queue. If even that fails, `tick` finds the meeting."""
    try:
        seal_task.enqueue(version)
    except Exception:  # the last signature has been committed: nothing may make it look otherwise
        log.exception("The seal of version %s could not be queued", version)


def seal_waiting() -> tuple[int, int]:
    """Seal every adjusted meeting that has not been sealed. Returns how many went well and how many failed."""
    done = failed = 0
    waiting = FrozenVersion.objects.filter(meeting__state=State.ADJUSTED, withdrawal__isnull=True, sealed__isnull=True)
    for version in waiting.select_related("meeting__group__chain"):
        try:
            seal(version)
            done += 1
        except Exception:  # one that cannot be rendered must not stop the others
            log.exception("Version %s could not be sealed", version.pk)
            failed += 1
    return done, failed


def seal(version: FrozenVersion) -> SealedProtocol:
    """Render the signed bytes once, store the file and send it to all; raises WrongState for what is not adjusted.

    It is safe to run again: what is sealed is never sealed again.
    """
    done = SealedProtocol.objects.filter(version=version).first()
    if done is not None:
        return done
    meeting = version.meeting
    if meeting.state != State.ADJUSTED:
        raise WrongState(meeting, "seal")
    if lost := look_at_files(meeting):
        raise CannotSeal(f"version {version.pk}: {lost}")
    # Rendering takes seconds and is the same every time; it is done before the lock, so that nobody's saving waits for it.
    pdf = evidence.sealed_pdf(version)
    with transaction.atomic():
        if hold(meeting).state != State.ADJUSTED:
            return SealedProtocol.objects.get(version=version)
        sealed = SealedProtocol.objects.create(version=version, pdf=pdf, sha256=canonical.sha256(pdf))
        with moving(meeting, "seal", by=None) as stored:
            motions = [placement.motion for placement in stored.placements.select_related("motion")]
            set_phase(motions, Phase.SEALED, by=None, verb="seal")
            event = chain.append(
                stored.group.chain,
                "sealed",
                by=None,
                thing=evidence.thing(stored),
                data={"version": version.n, "file_sha256": sealed.sha256},
            )
        letters.tell_of_seal(meeting, sealed, event)
        report_back(meeting, by=None)
        bring_to_next(meeting)
    return sealed
