"""The background worker: runs what waits in the queue, tells that it lives, and waits when the database is away."""

import logging
import os
import time
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, connections
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

from record.beats import WORKER, beat
from record.turns import put_back_lost

IDLE = 1  # seconds between two looks into the queue
LONGEST = 30  # seconds between two attempts when the database is away
BEAT = 30  # seconds: well within the minute that is promised
log = logging.getLogger(__name__)


class PatientWorker(Worker):
    """The library's worker, which empties the queue and comes back, beats in between, and outlives the database."""

    def __init__(self) -> None:
        super().__init__(
            queue_names=["default"],
            interval=IDLE,
            batch=True,  # come back when there is nothing to do
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
            excluded_queue_names=[],
        )
        self.beaten = 0.0

    def work(self) -> None:
        """Work until somebody says stop; what is begun then is finished."""
        failed = 0
        while self.running:
            try:
                self.run()
                self.beat()
                failed = 0
            except (OperationalError, InterfaceError) as error:
                failed += 1
                log.warning("the database does not answer, attempt %s: %s", failed, str(error).partition("\n")[0][:200])
                _let_go()
            if self.running:
                time.sleep(min(2**failed, LONGEST) * IDLE)

    def run_task(self, db_task_result: Any) -> None:
        super().run_task(db_task_result)
        self.beat()

    def beat(self) -> None:
        """Now and then: tell that the worker lives, and take up what one that lives no more has left."""
        if time.monotonic() - self.beaten >= BEAT or not self.beaten:
            beat(WORKER)
            if lost := put_back_lost():
                log.warning("%s jobs that were begun and never ended are begun again", lost)
            self.beaten = time.monotonic()


def _let_go() -> None:
    """Close what is broken. A pool goes too: it looks for the database at intervals of its own, which soon are minutes."""
    for connection in connections.all(initialized_only=True):
        with suppress(Exception):
            connection.close()
        if hasattr(connection, "close_pool"):
            connection.close_pool()


class Command(BaseCommand):
    help = "Run what waits in the queue: seals and mail. SIGTERM lets it finish the job at hand."

    def handle(self, *args: Any, **options: Any) -> None:
        logging.getLogger("django_tasks_db").setLevel(logging.WARNING)  # it tells each time that the queue is empty
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # what it tells many times a second, we tell once
        os.nice(5)  # after the pages
        worker = PatientWorker()
        worker.configure_signals()
        log.info("waiting for jobs")
        worker.work()
