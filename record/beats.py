"""Signs of life: what runs by itself, the worker and the timer, writes down that it has, and one sees when it stops."""

import socket

from django.utils import timezone

from record.models import Beat

WORKER = "worker"
TIMER = "timer"


def beat(name: str) -> None:
    """Write down that `name` has run just now, and where."""
    Beat.objects.update_or_create(name=name, defaults={"at": timezone.now(), "host": socket.gethostname()[:100]})
