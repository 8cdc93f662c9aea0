"""Work on what comes from outside, done in a process of its own with limits on time, memory and number.

A text or a file can be made so that reading or drawing it never ends. `run` hands the work to a warm process that is killed when
it takes too much; the one that asked goes on. Only plain values and bytes come back: what the process has become is not believed.
"""

import json
import os
import pickle
import resource
import select
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
HEAD = struct.Struct(">cQ")  # what follows, and its length
BYTES, PLAIN, RAISED = b"B", b"J", b"E"
MOST_ANSWER = 256 * 1024 * 1024
NICE = 10  # pages come first: what draws has time, and whoever turns a page has not; any nicer and it never has its turn
MOST_JOBS = 100  # then the process is thrown away, with whatever has grown in it


class Limits(NamedTuple):
    """What one job may take. `patience` is how long one waits for one's turn before being told to come back.

    `queue` is how many may wait in this process at a time: each holds a thread, and somebody has to answer the others.
    """

    cpu_seconds: int
    megabytes: int
    processes: int = 1
    patience: float = 30
    queue: int = 100


class TooMuch(Exception):
    """The job took more than it may; `of` says what: "time", "memory", or "crash" when the process died of it."""

    def __init__(self, of: str) -> None:
        super().__init__(of)
        self.of = of


class Busy(Exception):
    """Others' jobs are being done, and have been for as long as one waits; or so many wait already."""


class Raised(Exception):
    """The job raised an exception: its class by `name`, and what it said."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name, self.message = name, message


class Turns:
    """So many do it at a time in this process; the others wait for their turn, or are told at once to come back."""

    def __init__(self, at_once: int) -> None:
        self.free = threading.BoundedSemaphore(at_once)
        self.waiting, self.counting = 0, threading.Lock()

    @contextmanager
    def one(self, *, patience: float, queue: int) -> Iterator[None]:
        """Have a turn as long as the block runs; raises Busy, as Limits says of `patience` and `queue`."""
        self._wait(patience, queue)
        try:
            yield
        finally:
            self.free.release()

    def full(self, queue: int) -> bool:
        """Whether one more would be told at once to come back."""
        if self.free.acquire(blocking=False):
            self.free.release()
            return False
        return self.waiting >= queue

    def _wait(self, patience: float, queue: int) -> None:
        if self.free.acquire(blocking=False):
            return
        with self.counting:
            if self.waiting >= queue:
                raise Busy
            self.waiting += 1
        try:
            if not self.free.acquire(timeout=patience):
                raise Busy
        finally:
            with self.counting:
                self.waiting -= 1


def run(function: Callable[..., Any], *args: Any, limits: Limits) -> Any:
    """What `function(*args)` returns: bytes, or what JSON can say. It must be found by its name in a module without Django.

    Raises TooMuch, Busy, and Raised for an exception of its own.
    """
    return _pool(f"{function.__module__}:{function.__qualname__}", limits.processes).run(args, limits)


class _Pool:
    """The processes for one function, each kept for the next job."""

    def __init__(self, name: str, processes: int) -> None:
        self.name = name
        self.turns = Turns(processes)
        self.idle: list[_Process] = []

    def run(self, args: tuple, limits: Limits) -> Any:
        with self.turns.one(patience=limits.patience, queue=limits.queue):
            process = self.idle.pop() if self.idle else _Process(self.name)
            try:
                answer = process.ask(args, limits)
            except BaseException:
                process.kill()
                raise
            if process.jobs < MOST_JOBS:
                self.idle.append(process)
            else:
                process.kill()
            return _told(answer)


_pools: dict[tuple[int, str, int], _Pool] = {}
_opening = threading.Lock()


def _pool(name: str, processes: int) -> _Pool:
    """The pool of this process: what a fork has inherited is its parent's."""
    with _opening:
        return _pools.setdefault((os.getpid(), name, processes), _Pool(name, processes))


def _told(answer: tuple[bytes, bytes]) -> Any:
    kind, body = answer
    if kind == BYTES:
        return body
    told = json.loads(body)
    if kind == RAISED:
        if told["name"] == "MemoryError":
            raise TooMuch("memory")
        raise Raised(told["name"], told["message"])
    return told


class _Process:
    """One warm process, and the two pipes to it. When we are gone its pipe closes, and it ends."""

    def __init__(self, name: str) -> None:
        reads, self.to = os.pipe()
        self.answers, writes = os.pipe()
        self.jobs = 0
        command = [sys.executable, "-m", "record.limited", name, str(reads), str(writes)]
        # Nothing of our environment but what finds programs and fonts: no key, no password, no address of the database.
        known = {
            key: os.environ[key] for key in ("PATH", "HOME", "LANG", "XDG_CACHE_HOME", "FONTCONFIG_PATH") if key in os.environ
        }
        self.process = subprocess.Popen(  # noqa: S603 this interpreter, and a name of ours
            command, cwd=ROOT, env=known, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=(reads, writes)
        )
        os.close(reads)
        os.close(writes)

    def ask(self, args: tuple, limits: Limits) -> tuple[bytes, bytes]:
        """The answer to one job. CPU is limited by the kernel; the clock only catches what waits for nothing."""
        self.jobs += 1
        ends = time.monotonic() + 10 + 6 * limits.cpu_seconds
        job = pickle.dumps((limits, args))
        try:
            self._write(HEAD.pack(BYTES, len(job)) + job, ends)
            kind, length = HEAD.unpack(self._read(HEAD.size, ends))
            if length > MOST_ANSWER:
                raise TooMuch("memory")
            return kind, self._read(length, ends)
        except (BrokenPipeError, EOFError):
            raise TooMuch("time" if self.process.wait() in (-24, -9) else "crash") from None  # SIGXCPU, then SIGKILL

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.to)
        os.close(self.answers)

    def _write(self, data: bytes, ends: float) -> None:
        view, os_blocking = memoryview(data), os.get_blocking(self.to)
        os.set_blocking(self.to, False)
        try:
            while view:
                if not select.select([], [self.to], [], max(0, ends - time.monotonic()))[1]:
                    raise TooMuch("time")
                view = view[os.write(self.to, view) :]
        finally:
            os.set_blocking(self.to, os_blocking)

    def _read(self, length: int, ends: float) -> bytes:
        data = bytearray()
        while len(data) < length:
            if not select.select([self.answers], [], [], max(0, ends - time.monotonic()))[0]:
                raise TooMuch("time")
            part = os.read(self.answers, min(1 << 20, length - len(data)))
            if not part:
                raise EOFError
            data += part
        return bytes(data)


def main(name: str, reads: int, writes: int) -> None:
    """The life of the process: read a job, do it within its limits, answer, until the pipe closes."""
    module, _, qualname = name.partition(":")
    function = getattr(import_module(module), qualname)
    os.nice(max(0, NICE - os.getpriority(os.PRIO_PROCESS, 0)))  # the same below the worker, which is nice itself, as below a page
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with os.fdopen(reads, "rb") as jobs, os.fdopen(writes, "wb") as answers:
        while head := jobs.read(HEAD.size):
            limits, args = pickle.loads(jobs.read(HEAD.unpack(head)[1]))  # noqa: S301 from the one that started us
            _bound(limits)
            try:
                result = function(*args)
                kind, body = (BYTES, result) if isinstance(result, bytes) else (PLAIN, json.dumps(result).encode())
            except Exception as error:  # told to the one that asked, whatever it is
                kind, body = RAISED, json.dumps({"name": type(error).__name__, "message": str(error)}).encode()
            answers.write(HEAD.pack(kind, len(body)))
            answers.write(body)
            answers.flush()


def _bound(limits: Limits) -> None:
    """From now on: so much more CPU, and so much memory in all. The kernel sends SIGXCPU, and SIGKILL a little later."""
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + limits.cpu_seconds + 1, resource.RLIM_INFINITY))
    size = limits.megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (size, resource.getrlimit(resource.RLIMIT_AS)[1]))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
