"""What takes too long, too much or dies is stopped, and the one that asked goes on."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import patch

from django.test import SimpleTestCase

from record import limited
from record.limited import Busy, Limits, Raised, TooMuch, run
from tests.record import jobs

LIMITS = Limits(cpu_seconds=1, megabytes=600)


class LimitedTests(SimpleTestCase):
    def test_bytes_and_plain_values_come_back(self):
        self.assertEqual(run(jobs.double, b"ab" * 1_000_000, limits=LIMITS), b"ab" * 2_000_000)
        self.assertIsInstance(run(jobs.who, limits=LIMITS), int)

    def test_the_process_is_kept_warm(self):
        first = run(jobs.who, limits=LIMITS)
        self.assertEqual(run(jobs.who, limits=LIMITS), first)
        self.assertNotEqual(first, os.getpid())

    def test_it_is_thrown_away_after_so_many_jobs(self):
        limits = LIMITS._replace(processes=2)  # a pool of its own
        with patch.object(limited, "MOST_JOBS", 2):
            pids = [run(jobs.who, limits=limits) for _ in range(4)]
        self.assertEqual(len(set(pids)), 2)

    def test_what_never_ends_is_stopped(self):
        with self.assertRaises(TooMuch) as caught:
            run(jobs.spin, limits=LIMITS)
        self.assertEqual(caught.exception.of, "time")

    def test_what_swells_is_stopped(self):
        with self.assertRaises(TooMuch) as caught:
            run(jobs.swell, limits=LIMITS)
        self.assertEqual(caught.exception.of, "memory")

    def test_what_dies_is_told_and_the_next_job_is_done(self):
        with self.assertRaises(TooMuch) as caught:
            run(jobs.die, limits=LIMITS)
        self.assertEqual(caught.exception.of, "crash")
        with self.assertRaises(TooMuch):
            run(jobs.die, limits=LIMITS)

    def test_an_exception_is_told_by_name(self):
        with self.assertRaises(Raised) as caught:
            run(jobs.fail, "ord", limits=LIMITS)
        self.assertEqual((caught.exception.name, caught.exception.message), ("KeyError", "'ord'"))
        with self.assertRaises(Raised):  # by the same process: it has come to no harm
            run(jobs.fail, "ord", limits=LIMITS)

    def test_no_more_at_once_than_may_be(self):
        limits = LIMITS._replace(patience=0.01)
        begun = threading.Event()
        with ThreadPoolExecutor() as threads:

            def long_job():
                begun.set()
                return run(jobs.sleep, 0.5, limits=limits)

            first = threads.submit(long_job)
            begun.wait()
            refused = 0
            while not first.done():
                try:
                    run(jobs.sleep, 0, limits=limits)
                except Busy:
                    refused += 1
            self.assertEqual(first.result(), "awake")
        self.assertGreater(refused, 0)

    def test_no_more_wait_than_may_hold_a_thread(self):
        limits = LIMITS._replace(patience=600, queue=1)
        turns = limited._pool("tests.record.jobs:double", limits.processes).turns
        with ThreadPoolExecutor() as threads:
            with turns.one(patience=0, queue=0):  # somebody's job is being done
                waits = threads.submit(run, jobs.double, b"a", limits=limits)
                while not turns.waiting:
                    threading.Event().wait(0.01)
                with self.assertRaises(Busy):
                    run(jobs.double, b"b", limits=limits)
            self.assertEqual(waits.result(), b"aa")
        self.assertEqual(run(jobs.double, b"b", limits=limits), b"bb")

    def test_the_pages_come_first(self):
        self.assertGreater(run(jobs.priority, limits=LIMITS), jobs.priority())

    def test_it_has_its_turn_also_when_the_one_that_asks_lets_others_go_first(self):
        asks = (
            "from record.limited import *; from tests.record import jobs; import os;"
            "os.nice(max(0, 5 - jobs.priority())); print(run(jobs.priority, limits=Limits(1, 600)) <= max(NICE, jobs.priority()))"
        )
        told = subprocess.run([sys.executable, "-c", asks], cwd=limited.ROOT, capture_output=True, text=True, check=False)
        self.assertEqual(told.stdout.strip(), "True", told.stderr)

    def test_it_knows_no_secret_of_ours(self):
        with patch.dict(os.environ, {"SECRET_KEY": "hemligt", "DATABASE_URL": "hemligt"}):  # its first job: it is started here
            known = run(jobs.environment, limits=LIMITS)
        self.assertFalse({"SECRET_KEY", "DATABASE_URL", "OWNER_DATABASE_URL"} & set(known))

    def test_it_ends_with_the_one_that_started_it(self):
        """However that one ends: killed, it cannot say goodbye."""
        asks = (
            "from record.limited import *; from tests.record import jobs; import os, signal, sys;"
            "print(run(jobs.who, limits=Limits(1, 600)), flush=True); os.kill(os.getpid(), signal.SIGKILL)"
        )
        told = subprocess.run([sys.executable, "-c", asks], cwd=limited.ROOT, capture_output=True, text=True, check=False)
        pid = int(told.stdout)
        for _ in range(600):
            try:
                state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
            except (FileNotFoundError, ProcessLookupError):
                return
            if state == "Z":  # over; whoever inherited it has only not looked yet
                return
            threading.Event().wait(0.05)
        self.fail(f"process {pid} is still there")
