"""The seal, made at once or by the queue. It may fail and be tried again; the signatures stand whatever happens to it."""

import logging

from django.db import transaction
from django_tasks import task

from meetings.actions.balance import report_back
from meetings.actions.carry import bring_to_next
from meetings.states import State
from motions.actions.handling import set_phase
from motions.states import Phase
from protocol import canonical, evidence, letters
from protocol.models import FrozenVersion, SealedProtocol
from record import chain
from record.moves import WrongState, hold, moving

log = logging.getLogger(__name__)


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
