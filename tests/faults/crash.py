"""`python -m tests.faults.crash --rounds 1000`: kill -9 web, worker or PostgreSQL at random moments of save, sign, seal and mail.

Ends with 1 when an acknowledged save or signature is lost, a protocol is left half-way, `verify` finds something, or a letter has
gone out more often than kills explain. Alone it uses SQLite; under `bin/pg` it has a cluster of its own, and kills that too.
"""

import argparse
import email
import email.policy
import io
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from contextlib import suppress
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

from tests.server import ROOT, Server

GROUPS = 4  # so that nobody signs more often than a person may try
LOGINS = ("chair", "adjuster", "secretary")
WITHIN = 90  # seconds in which what was left is taken up again


class Stays(urllib.request.HTTPRedirectHandler):
    """A redirect is the answer: what was posted has been done."""

    def redirect_request(self, *args: Any, **known: Any) -> None:
        return None


class Person:
    """Somebody with a browser, whose server may be gone at any moment."""

    def __init__(self, port: int, login: str, password: str) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()), Stays())
        token = self.token(self.ask("/konto/login/")[1])
        status, _ = self.ask("/konto/login/", {"login": login, "password": password, "csrfmiddlewaretoken": token})
        if status != 302:
            raise RuntimeError(f"{login} was not let in: {status}")
        self.csrf = self.token(self.ask("/profil/")[1])

    @staticmethod
    def token(page: str) -> str:
        return page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]

    def ask(self, path: str, data: dict[str, str] | None = None, *, script: bool = False) -> tuple[int, str]:
        """Status and body; 0 when nobody answered."""
        body = urllib.parse.urlencode(data).encode() if data is not None else None
        headers = {"Referer": self.base + path} | ({"X-Requested-With": "fetch", "Accept": "application/json"} if script else {})
        try:
            with self.opener.open(urllib.request.Request(self.base + path, body, headers), timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with suppress(OSError):
                return error.code, error.read().decode()
            return error.code, ""
        except (urllib.error.URLError, OSError):
            return 0, ""

    def post(self, path: str, *, script: bool = False, **data: str) -> tuple[int, str]:
        return self.ask(path, data | {"csrfmiddlewaretoken": self.csrf}, script=script)


class Worker:
    """The background worker, in a process group of its own."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.start()

    def start(self) -> None:
        command = [sys.executable, "manage.py", "work"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.server.env, **quiet)

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Cluster:
    """The PostgreSQL of `bin/pg`, stopped as by a power cut."""

    def __init__(self, server: Server) -> None:
        self.folder = urllib.parse.unquote(urllib.parse.urlsplit(server.env["DATABASE_URL"]).netloc.rpartition("@")[2])
        self.programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))

    def run(self, *words: str) -> None:
        as_postgres = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        options = f"-k {self.folder} -c listen_addresses='' -c fsync=off"
        more = ["-l", f"{self.folder}/server.log", "-o", options, "start"] if words == ("start",) else ["-m", "immediate", "stop"]
        command = [*as_postgres, str(self.programs[-1]), "-D", f"{self.folder}/data", "-w", *more]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)

    def kill(self) -> None:
        self.run("stop")

    def start(self) -> None:
        self.run("start")


class Run:
    """What has been acknowledged, and what was found."""

    def __init__(self, server: Server, seed: int) -> None:
        self.server, self.chance = server, random.Random(seed)
        self.faults: list[str] = []
        self.kills: Counter[str] = Counter()
        self.saves = self.signatures = 0

    def stage(self, meetings: int) -> None:
        """Groups of people, each with a draft to write in and protocols to sign."""
        from meetings.models import Meeting
        from protocol.models import FrozenVersion
        from tests.cast import Cast

        self.casts = [Cast() for _ in range(GROUPS)]
        self.drafts = [cast.meeting("draft").paragraphs.get(slug="operations") for cast in self.casts]
        self.versions = []
        for n in range(meetings):
            cast = self.casts[n % GROUPS]
            meeting = Meeting.objects.get(pk=cast.meeting("approval").pk)
            self.versions.append((n % GROUPS, FrozenVersion.objects.get(meeting=meeting)))

    def log_in(self) -> None:
        from tests.factories import PASSWORD

        self.people = [
            {who: Person(self.server.port, getattr(cast, who).email, PASSWORD) for who in LOGINS} for cast in self.casts
        ]

    def round(self, n: int, victims: dict[str, Any]) -> None:
        """One protocol is signed and a draft is written, while something is killed; then all must be as it was said."""
        from tests.factories import PASSWORD

        group, version = self.versions[n]
        people, paragraph = self.people[group], self.drafts[group]
        name = self.chance.choice(sorted(victims))
        paragraph.refresh_from_db()
        version_now, signed, saved = paragraph.version, set(), ""
        killer = threading.Timer(self.chance.uniform(0, 3), victims[name].kill)
        killer.start()
        for who in LOGINS:
            if version_now:
                text = f"Omgång {n}, {who}."
                path = f"/moten/paragraf/{paragraph.pk}/spara/"
                status, told = people["secretary"].post(path, script=True, text=text, version=str(version_now))
                # What was not answered may have been saved: then nobody knows the version any more.
                version_now, saved = (json.loads(told)["version"], text) if status == 200 else (0, saved)
            status, _ = people[who].post(f"/protokoll/{version.pk}/skriv-under/", password=PASSWORD, seen=version.sha256)
            if status == 303:
                signed.add(getattr(self.casts[group], who).person_id)
            time.sleep(self.chance.uniform(0, 0.6))
        killer.join()
        self.kills[name] += 1
        victims[name].start()
        self.settle(n, version, people, signed, saved, paragraph)

    def settle(self, n: int, version: Any, people: dict[str, Person], signed: set[int], saved: str, paragraph: Any) -> None:
        from django.core.management import call_command
        from django.db import connection

        from meetings.models import Meeting
        from protocol.models import Signature
        from tests.factories import PASSWORD

        connection.close()  # the cluster may be another process
        there = set(Signature.objects.filter(version=version).values_list("person", flat=True))
        if lost := signed - there:
            self.faults.append(f"round {n}: {len(lost)} acknowledged signatures are lost")
        self.signatures += len(signed)
        paragraph.refresh_from_db()
        if saved:
            self.saves += 1
            # A save that was not answered may have been done; one that was answered is there, or was followed by such a one.
            if f"Omgång {n}, " not in paragraph.text:
                self.faults.append(f"round {n}: “{saved}” was acknowledged, and “{paragraph.text}” stands")
        for who, person in people.items():
            for _ in range(3):
                status, _page = person.post(f"/protokoll/{version.pk}/skriv-under/", password=PASSWORD, seen=version.sha256)
                if status:
                    break
                time.sleep(1)
            del who
        until = time.monotonic() + WITHIN
        while Meeting.objects.get(pk=version.meeting_id).state != "sealed" and time.monotonic() < until:
            time.sleep(0.5)
            if self.chance.random() < 0.2:  # the timer
                call_command("tick", "--json", stdout=io.StringIO(), stderr=io.StringIO())
        if (state := Meeting.objects.get(pk=version.meeting_id).state) != "sealed":
            self.faults.append(f"round {n}: the protocol is still {state} after {WITHIN} s")

    def read_mail(self, folder: Path) -> Counter[str]:
        """How often each letter has gone out, by its Message-ID."""
        sent: Counter[str] = Counter()
        for file in folder.glob("*.log"):
            for part in file.read_bytes().split(b"-" * 79):
                if part.strip():
                    sent[str(email.message_from_bytes(part.lstrip(b"\n"), policy=email.policy.default)["Message-ID"])] += 1
        return sent

    def conclude(self, mail: Path) -> None:
        """Everything is checked once more by the checker, and the letters are counted."""
        found = subprocess.run(
            [sys.executable, "manage.py", "verify", "--json"],
            cwd=ROOT,
            env=self.server.env,
            capture_output=True,
            text=True,
            check=False,
        )
        self.faults += [f"verify: {finding}" for finding in json.loads(found.stdout)["findings"]]
        twice = {name: count for name, count in self.read_mail(mail).items() if count > 1}
        if any(count > 2 for count in twice.values()) or len(twice) > self.kills.total():
            self.faults.append(f"letters that went out several times: {twice}")
        self.repeated = len(twice)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.crash", description="Kill it at random, and see what is left.")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fvg-crash-") as folder:
        server = Server(folder)
        os.environ.update(server.env, DJANGO_SETTINGS_MODULE="fvg.settings")
        Path(folder, "media").mkdir()
        for words in (
            ("migrate", "--verbosity", "0"),
            ("createcachetable",),
            ("collectstatic", "--no-input", "--verbosity", "0"),
        ):
            server.manage(*words)
        import django

        django.setup()
        run = Run(server, chosen.seed)
        run.stage(chosen.rounds)
        server.start()
        worker = Worker(server)
        victims = {"web": server, "worker": worker}
        if "%2F" in server.env["DATABASE_URL"]:
            victims["PostgreSQL"] = Cluster(server)
        try:
            run.log_in()
            for n in range(chosen.rounds):
                run.round(n, victims)
                print(f"round {n + 1}: {len(run.faults)} faults", file=sys.stderr, flush=True)
            run.conclude(Path(folder, "mail"))
        finally:
            worker.kill()
            server.kill()
            from django.db import connection

            connection.close()
            server.remove()
    for fault in run.faults:
        print(fault)
    killed = ", ".join(f"{name} {count}" for name, count in sorted(run.kills.items()))
    print(f"{chosen.rounds} kills ({killed}); acknowledged: {run.saves} saves, {run.signatures} signatures")
    print(f"{len(run.faults)} faults; {run.repeated} letters repeated after a kill")
    return 1 if run.faults else 0


if __name__ == "__main__":
    sys.exit(main())
