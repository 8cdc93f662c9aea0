"""A warm process that brings forth web servers and workers, so that one that was killed is there again at once.

Everything is imported once, and each process is a fork of it with a process group of its own. It reads lines from its input:
`web PORT` and `work` are answered with the number of the process, `kill NUMBER` with `done`. When the input ends all of them end.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


class Nursery:
    """The other end: the warm process as seen by whoever kills what it brings forth."""

    def __init__(self, env: dict[str, str], log: Path) -> None:
        command = [sys.executable, "-m", "tests.faults.nursery"]
        self.log, self.warm = log, False
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=file, text=True, bufsize=1
            )

    def ask(self, words: str) -> str:
        if not self.warm and self.process.stdout.readline() != "warm\n":
            raise RuntimeError(
                f"the nursery did not get warm ({self.process.wait()}): {self.log.read_text(errors='replace')[-2000:]}"
            )
        self.warm = True
        self.process.stdin.write(words + "\n")
        return self.process.stdout.readline().strip()

    def start(self, words: str) -> int:
        return int(self.ask(words))

    def kill(self, group: int) -> None:
        """No goodbye: every process of the group at once."""
        self.ask(f"kill {group}")

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def _fork(words: list[str]) -> int:
    child = os.fork()
    if child:
        return child
    os.setsid()
    silence = os.open(os.devnull, os.O_RDWR)
    os.dup2(silence, 0)
    os.dup2(2, 1)  # the pipe of the answers is the parent's
    try:
        _web(words[1]) if words[0] == "web" else _work()
    finally:
        os._exit(1)


def _web(port: str) -> None:
    from gunicorn.app.wsgiapp import run

    # As in docs/operations.md; the address is taken at once, whatever is left of the one before.
    sys.argv = ["gunicorn", "fvg.wsgi", "-w", "2", "--threads", "4", "-b", f"127.0.0.1:{port}", "--log-level", "warning"]
    run()


def _work() -> None:
    from django.core.management import call_command

    call_command("work")


def main() -> None:
    import django

    django.setup()
    import gunicorn.app.wsgiapp
    import gunicorn.workers.gthread  # noqa: F401 so that it is there in every fork
    from django.urls import get_resolver

    import fvg.wsgi  # noqa: F401

    _ = get_resolver().url_patterns
    print("warm", flush=True)
    children: set[int] = set()
    for line in sys.stdin:
        words = line.split()
        if words[0] == "kill":
            _end(int(words[1]))
            children.discard(int(words[1]))
            print("done", flush=True)
        else:
            child = _fork(words)
            children.add(child)
            print(child, flush=True)
    for child in children:
        _end(child)


def _end(child: int) -> None:
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)


if __name__ == "__main__":
    main()
