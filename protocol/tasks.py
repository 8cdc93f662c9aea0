"""Work for the queue: the seal. It may fail and be tried again; the signatures stand whatever happens to it."""

import logging

from django_tasks import task

from meetings.states import State
from protocol import actions
from protocol.models import FrozenVersion

log = logging.getLogger(__name__)


@task()
def seal(version: int) -> None:
    """Seal one adjusted version."""
    actions.seal(FrozenVersion.objects.select_related("meeting__group__chain").get(pk=version))


def seal_later(version: int) -> None:
    """Put the seal in the queue. If even that fails, `tick` finds the meeting."""
    try:
        seal.enqueue(version)
    except Exception:  # the last signature has been committed: nothing may make it look otherwise
        log.exception("The seal of version %s could not be queued", version)


def seal_waiting() -> tuple[int, int]:
    """Seal every adjusted meeting that has not been sealed. Returns how many went well and how many failed."""
    done = failed = 0
    waiting = FrozenVersion.objects.filter(meeting__state=State.ADJUSTED, withdrawal__isnull=True, sealed__isnull=True)
    for version in waiting.select_related("meeting__group__chain"):
        try:
            actions.seal(version)
            done += 1
        except Exception:  # one that cannot be rendered must not stop the others
            log.exception("Version %s could not be sealed", version.pk)
            failed += 1
    return done, failed
