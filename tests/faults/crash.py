"""`python -m tests.faults.crash --kills 1000`: kill -9 web, worker or PostgreSQL at random moments of save, sign, seal and mail.

Ends with 1 when an acknowledged save or signature is lost, a protocol is left half-way, `verify` finds something, a letter has
not gone out, or one has gone out more often than the kills explain. Alone it uses SQLite; under `bin/pg` it has a cluster of its
own, and kills that too. Nothing here depends on how fast the machine is: what must come is waited for, for minutes.

The kills come in lots. In each, four groups write a draft and sign a protocol, all at once, while one after the other is killed
and started anew. Then ten minutes are made to pass, the timer runs, and all must be as it was said. The last lot has no kills.
"""

import argparse
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
from datetime import timedelta
from http.client import HTTPException
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

from tests.faults.mailbox import Mailbox
from tests.faults.nursery import Nursery
from tests.server import Server

GROUPS = 4  # who write and sign at the same time, each with a protocol of their own in each lot
LOGINS = ("chair", "adjuster", "secretary")
LOT = 20  # kills before everything is looked at
LONGEST = 0.8  # seconds from a start to the next kill
WITHIN = 300  # seconds in which what was left is taken up again, however slow the machine


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
        return self.fetch(urllib.request.Request(self.base + path, body, headers))

    def fetch(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            with self.opener.open(request, timeout=60) as answer:
                return answer.status, answer.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            with suppress(OSError, HTTPException):
                return error.code, error.read().decode(errors="replace")
            return 0, ""
        except (OSError, HTTPException):  # half an answer is none
            return 0, ""

    def post(self, path: str, *, script: bool = False, **data: str) -> tuple[int, str]:
        return self.ask(path, data | {"csrfmiddlewaretoken": self.csrf}, script=script)


class Web:
    """The web server; `start` comes back when it answers."""

    def __init__(self, nursery: Nursery, port: int) -> None:
        self.nursery, self.port = nursery, port

    def start(self) -> None:
        self.group = self.nursery.start(f"web {self.port}")
        until = time.monotonic() + WITHIN
        while time.monotonic() < until:
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/konto/login/", timeout=60):
                return
            time.sleep(0.05)
        raise RuntimeError("the web server did not start")

    def kill(self) -> None:
        self.nursery.kill(self.group)


class Worker:
    """The background worker, and what draws below it."""

    def __init__(self, nursery: Nursery) -> None:
        self.nursery = nursery

    def start(self) -> None:
        self.group = self.nursery.start("work")

    def kill(self) -> None:
        self.nursery.kill(self.group)


class Cluster:
    """The PostgreSQL of `bin/pg`: its processes are killed, and it finds its way back from what it has written."""

    def __init__(self, database: str) -> None:
        self.folder = Path(urllib.parse.unquote(urllib.parse.urlsplit(database).netloc.rpartition("@")[2]))
        self.program = str(max(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")))

    def ctl(self, *words: str) -> None:
        as_postgres = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        command = [*as_postgres, self.program, "-D", f"{self.folder}/data", "-w", "-t", str(WITHIN), *words]
        done = subprocess.run(command, cwd=self.folder, check=False, capture_output=True)
        if done.returncode:
            raise RuntimeError(f"{words}: {(self.folder / 'server.log').read_text(errors='replace')[-2000:]}")

    def start(self) -> None:
        # A commit is written before it is acknowledged, as in production; only the disk is not waited for: the machine stays on.
        options = f"-k {self.folder} -c listen_addresses='' -c fsync=off -c jit=off"
        self.ctl("-l", f"{self.folder}/server.log", "-o", options, "start")

    def begin_anew(self) -> None:
        """With the options of `start`: `bin/pg` has others, which lose the newest commits in a crash."""
        self.ctl("-m", "fast", "stop")
        self.start()

    def kill(self) -> None:
        head = int((self.folder / "data/postmaster.pid").read_text().split()[0])
        os.kill(head, signal.SIGSTOP)  # no child is born while they are counted
        family = [head, *(int(pid) for pid in Path(f"/proc/{head}/task/{head}/children").read_text().split())]
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + WITHIN
        while any(_lives(pid) for pid in family) and time.monotonic() < until:
            time.sleep(0.01)
        # In a container nobody may ask for the dead: their numbers live on, and would be taken for a server that runs.
        for left in (self.folder / "data/postmaster.pid", *self.folder.glob(".s.PGSQL.*.lock")):
            left.unlink()


def _lives(pid: int) -> bool:
    """A process that is dead may still have its number, until its parent has asked."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Group(threading.Thread):
    """A group at work: the secretary writes, and the three sign one after the other, each until somebody has answered."""

    def __init__(self, people: dict[str, Person], paragraph: int, version: Any, at: int, password: str) -> None:
        super().__init__(daemon=True)
        self.people, self.paragraph, self.version, self.at, self.password = people, paragraph, version, at, password
        self.waits, self.enough = list(LOGINS), threading.Event()
        self.saved: list[str] = []  # texts that were answered with "Sparat"
        self.signed: list[str] = []  # who was told that they have signed
        self.doing, self.fault, self.chance = "", "", random.Random(at)

    def run(self) -> None:
        number, until = 1, None
        try:
            while not self.enough.is_set() or self.waits:
                number = self.save(number)
                if self.waits and (self.enough.is_set() or self.chance.random() < 0.3):
                    self.sign(self.waits[0])
                if self.enough.is_set():
                    until = until or time.monotonic() + WITHIN
                    if time.monotonic() > until:
                        self.fault = f"{self.waits} could not sign"
                        return
                self.doing = ""
                time.sleep(self.chance.uniform(0, 0.1))
        except Exception as error:  # told by the one who looks
            self.fault = repr(error)

    def save(self, number: int) -> int:
        """Write once; returns the number of the text that comes next."""
        self.doing = "save"
        text = f"Protokoll {self.version.pk}, sparning {number}."
        path = f"/moten/paragraf/{self.paragraph}/spara/"
        status, told = self.people["secretary"].post(path, script=True, text=text, version=str(self.at))
        if status in (200, 409):
            self.at = json.loads(told)["version"]  # 409: what nobody answered had been saved
        elif status in (401, 403, 404, 422):
            raise RuntimeError(f"the secretary could not write: {status} {told[:200]}")
        if status == 200:
            self.saved.append(text)
        return number + 1

    def sign(self, who: str) -> None:
        self.doing = "sign"
        path = f"/protokoll/{self.version.pk}/skriv-under/"
        status, page = self.people[who].post(path, password=self.password, seen=self.version.sha256)
        if status == 303:
            self.signed.append(who)
        # What nobody answered may have been done: then one is told so at the next try.
        if status in (303, 409) or "redan skrivit under" in page:
            self.waits.remove(who)
        # 429: whoever was killed while it counted a try has left a lock, which ends by itself after ten seconds.
        elif status and status < 500 and status != 429:
            raise RuntimeError(f"{who} could not sign: {status}")


class Run:
    """What has been acknowledged, and what was found."""

    def __init__(self, env: dict[str, str], port: int, mailbox: Mailbox, seed: int) -> None:
        self.env, self.port, self.mailbox, self.chance = env, port, mailbox, random.Random(seed)
        self.faults: list[str] = []
        self.kills: Counter[str] = Counter()
        self.moments: Counter[str] = Counter()
        self.saves = self.signatures = self.seals = self.repeated = 0
        self.number = 0
        self.taken: Counter[str] = Counter()  # as it was after the last lot
        self.killing = 0.0

    def stage(self) -> None:
        """Groups of people, each with a draft to write in."""
        from tests.cast import Cast

        self.casts = [Cast() for _ in range(GROUPS)]
        self.drafts = [cast.meeting("draft").paragraphs.get(slug="operations") for cast in self.casts]

    def log_in(self) -> None:
        from tests.factories import PASSWORD

        self.people = [{who: Person(self.port, getattr(cast, who).email, PASSWORD) for who in LOGINS} for cast in self.casts]

    def lot(self, kills: int, victims: dict[str, Any]) -> None:
        """Protocols are signed and drafts written, while one after the other is killed; then all must be as it was said."""
        self.number += 1
        groups = self.begin()
        began, killed = time.monotonic(), Counter()
        for group in groups:
            group.start()
        for _ in range(kills):
            time.sleep(self.chance.uniform(0, LONGEST))
            name = self.chance.choice(sorted(victims))
            self.moments.update({group.doing for group in groups if group.doing})
            self.moments["mail"] += self.mailbox.coming > 0
            self.moments["seal"] += any(not group.waits for group in groups) and self.is_sealing(groups)
            victims[name].kill()
            time.sleep(self.chance.uniform(0, 0.2))
            victims[name].start()
            killed[name] += 1
        self.killing += time.monotonic() - began if kills else 0
        for group in groups:
            group.enough.set()
        for group in groups:
            group.join()
            if group.fault:
                self.fault(group.fault)
        self.settle(groups, victims["worker"] if kills else None)
        if kills:
            killed["worker"] += 1  # that of `settle`
        self.kills += killed
        self.look(groups, killed)

    def fault(self, words: str) -> None:
        self.faults.append(f"lot {self.number}: {words}")

    def begin(self) -> list[Group]:
        from django.db import connection

        from protocol.models import FrozenVersion
        from tests.factories import PASSWORD

        groups = []
        for cast, people, draft in zip(self.casts, self.people, self.drafts, strict=True):
            version = FrozenVersion.objects.get(meeting=cast.meeting("approval").pk)
            draft.refresh_from_db()
            groups.append(Group(people, draft.pk, version, draft.version, PASSWORD))
        connection.close()  # the cluster may be another process soon
        return groups

    def is_sealing(self, groups: list[Group]) -> bool:
        from django.db import connection

        from meetings.models import Meeting

        here = [group.version.meeting_id for group in groups]
        try:
            return Meeting.objects.filter(pk__in=here, state="adjusted").exists()
        finally:
            connection.close()

    def settle(self, groups: list[Group], worker: Worker | None) -> None:
        """Ten minutes pass, in which nobody holds what a dead worker held; then the timer runs until nothing waits."""
        from django.core.management import call_command
        from django.db.models import F

        from meetings.models import Meeting
        from people.models import Letter

        if worker is not None:
            worker.kill()
            Letter.objects.exclude(taken_until=None).update(taken_until=F("taken_until") - timedelta(minutes=10))
            # What the timer tries again after minutes is due now: a web server that is away has nothing to do with it.
            Letter.objects.filter(sent_at=None).update(due_at=F("created_at"))
            worker.start()
        here = [group.version.meeting_id for group in groups]
        until = time.monotonic() + WITHIN
        while time.monotonic() < until:
            with suppress(SystemExit):
                call_command("tick", "--json", stdout=io.StringIO(), stderr=io.StringIO())
            waits = Letter.objects.filter(sent_at=None).exists()
            if not waits and not Meeting.objects.filter(pk__in=here).exclude(state="sealed").exists():
                return
            time.sleep(0.1)
        left = Letter.objects.filter(sent_at=None).count()
        states = Counter(Meeting.objects.filter(pk__in=here).values_list("state", flat=True))
        self.fault(f"after {WITHIN} s {left} letters wait, and the protocols are {dict(states)}")

    def look(self, groups: list[Group], killed: Counter[str]) -> None:
        from meetings.models import Paragraph
        from people.models import Letter
        from protocol.models import Signature

        for at, group in enumerate(groups):
            there = set(Signature.objects.filter(version=group.version).values_list("person", flat=True))
            lost = {getattr(self.casts[at], who).person_id for who in group.signed} - there
            if lost:
                self.fault(f"{len(lost)} acknowledged signatures are lost")
            self.signatures += len(group.signed)
            self.seals += 1
            known = set(
                Paragraph.history.filter(id=group.paragraph, text__startswith=f"Protokoll {group.version.pk},").values_list(
                    "text", flat=True
                )
            )
            if missing := [text for text in group.saved if text not in known]:
                self.fault(f"{len(missing)} acknowledged saves are lost: {missing[:3]}")
            now = Paragraph.objects.get(pk=group.paragraph).text
            # A later save that nobody answered may stand there instead; an earlier one may not.
            if group.saved and int(now.rstrip(".").rpartition(" ")[2]) < int(group.saved[-1].rstrip(".").rpartition(" ")[2]):
                self.fault(f"“{group.saved[-1]}” was acknowledged, and “{now}” stands")
            self.saves += len(group.saved)
        taken = Counter(self.mailbox.taken)
        twice = {name: count for name, count in taken.items() if count > 1 and count > self.taken[name]}
        senders = killed["worker"] + killed["PostgreSQL"]
        if any(count > 2 for count in twice.values()) or len(twice) > senders:
            self.fault(f"letters went out several times, and {senders} kills can explain one each: {twice}")
        never = [pk for pk in Letter.objects.values_list("pk", flat=True) if not taken[f"<letter-{pk}@127.0.0.1>"]]
        if never:
            self.fault(f"letters that are noted as sent never were: {never[:10]}")
        self.repeated += len(twice)
        self.taken = taken

    def verify(self) -> None:
        """Everything is looked at once more by the checker of production."""
        from django.core.management import call_command

        told = io.StringIO()
        with suppress(SystemExit):
            call_command("verify", "--json", stdout=told)
        for finding in json.loads(told.getvalue())["findings"]:
            self.fault(f"verify: {finding}")


def prepare() -> None:
    """Django in this process, and the tables."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.crash", description="Kill it at random, and see what is left.")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=0, help="stop after so many minutes, however many kills there were")
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fvg-crash-") as folder:
        Path(folder, "media").mkdir()
        mailbox = Mailbox(slowest=0.1)
        server = Server(folder)
        env = server.env | {"EMAIL_URL": mailbox.address, "DJANGO_SETTINGS_MODULE": "tests.faults.settings"}
        server.env = env
        os.environ.update(env)
        nursery = Nursery(env, Path(folder, "log"))
        victims: dict[str, Any] = {"web": Web(nursery, server.port), "worker": Worker(nursery)}
        if "%2F" in env["DATABASE_URL"].upper():
            victims["PostgreSQL"] = Cluster(env["DATABASE_URL"])
            victims["PostgreSQL"].begin_anew()
        prepare()
        from django.db import connection

        run = Run(env, server.port, mailbox, chosen.seed)
        ready = 0.0
        try:
            run.stage()
            victims["web"].start()
            victims["worker"].start()
            run.log_in()
            ready = time.monotonic()
            while (left := chosen.kills - run.kills.total()) > 0 and not run.faults:
                run.lot(min(LOT, left), victims)
                so_far = f"lot {run.number}: {run.kills.total()} kills, {time.monotonic() - ready:.0f} s"
                print(so_far, file=sys.stderr, flush=True)
                if chosen.minutes and time.monotonic() - began > 60 * chosen.minutes:
                    break
            run.lot(0, victims)
            run.verify()
        finally:
            nursery.close()
            mailbox.shutdown()
            mailbox.server_close()
            connection.close()
            if hasattr(connection, "close_pool"):
                connection.close_pool()
            server.remove()
    for fault in run.faults:
        print(fault)
    print(f"{_told(run.kills)} killed, {(time.monotonic() - ready) / max(1, run.kills.total()):.1f} s a kill")
    print(f"meanwhile: {_told(run.moments)}")
    print(f"acknowledged: {run.saves} saves, {run.signatures} signatures; {run.seals} protocols; {len(run.taken)} letters")
    print(f"{len(run.faults)} faults; {run.repeated} letters repeated after a kill")
    return 1 if run.faults else 0


def _told(counts: Counter[str]) -> str:
    return f"{counts.total()} (" + ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) + ")"


if __name__ == "__main__":
    sys.exit(main())
