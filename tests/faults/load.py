"""`python -m tests.faults.load`: eight people ask for costly PDFs and upload costly files, and the pages stay fast.

Web server and worker run as in production. `/halsa/` and the page of a meeting are asked every half second, first at rest and
then during all of it. Prints how long they took; ends with 1 when `/halsa/` once took longer than a second or was not 200, when
a page was not there, or when nothing costly was done.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

from tests.faults.crash import Person, Web, Worker, prepare
from tests.faults.nursery import Nursery
from tests.server import Server

PEOPLE = 8
EVERY = 0.5  # seconds between two questions
SOON = 1.0  # seconds in which the monitoring has its answer
LINE = "| {n} | Lokalerna vid Kvarngatan målas om | klart {n} |\n"
LONG = "| Nr | Vad | När |\n|---|---|---|\n" + "".join(LINE.format(n=n) for n in range(600))


SAID = {
    "Många filer kontrolleras": "told to come back",
    "krånglig inuti": "costs too much",
    "En annan fil från dig": "one at a time",
    "Den får vara högst": "too large",
    "skadad": "broken",
}


class Watch(threading.Thread):
    """Somebody who asks for a page every half second until told to stop."""

    def __init__(self, ask: Any) -> None:
        super().__init__(daemon=True)
        self.ask, self.enough, self.took, self.statuses = ask, threading.Event(), [], Counter()

    def run(self) -> None:
        while not self.enough.is_set():
            began = time.monotonic()
            self.statuses[self.ask()] += 1
            self.took.append(time.monotonic() - began)
            self.enough.wait(max(0, EVERY - self.took[-1]))

    def stop(self) -> list[float]:
        self.enough.set()
        self.join()
        return self.took


class Visitor(threading.Thread):
    """Somebody who asks for a PDF of the long draft, and uploads a file that takes long to look into, again and again."""

    def __init__(self, person: Person, meeting: int, files: list[tuple[str, bytes]], enough: threading.Event):
        super().__init__(daemon=True)
        self.person, self.meeting, self.files, self.enough = person, meeting, files, enough
        self.did: Counter[str] = Counter()

    def run(self) -> None:
        number = 0
        while not self.enough.is_set():
            number += 1
            status, _ = self.person.ask(f"/protokoll/{self.meeting}/utkast.pdf?n={number}")
            self.did[f"PDF {status}"] += 1
            name, data = random.choice(self.files)
            self.did[self.upload(name, data)] += 1
            self.enough.wait(random.uniform(0.5, 1.5))  # by hand one chooses a file no faster

    def upload(self, name: str, data: bytes) -> str:
        """What became of the file."""
        edge = "-----------------------------7"
        fields = {"csrfmiddlewaretoken": self.person.csrf, "title": "En plan", "description": "En plan över lokalerna"}
        body = b"".join(
            f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in fields.items()
        )
        body += f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode() + data
        body += f"\r\n--{edge}--\r\n".encode()
        address = f"{self.person.base}/moten/{self.meeting}/bilagor/"
        headers = {"Content-Type": f"multipart/form-data; boundary={edge}", "Referer": address}
        status, page = self.person.fetch(urllib.request.Request(address, body, headers))
        return (
            "file kept"
            if status == 303
            else next((f"file {words}" for key, words in SAID.items() if key in page), f"file refused, {status}")
        )


def costly() -> list[tuple[str, bytes]]:
    """Files that are looked into for seconds, and refused or taken."""
    from tests.hostile.test_files import crowded, progressive
    from tests.record.test_looking import png

    return [("a.jpg", progressive(99, 6_300)), ("a.pdf", crowded(600_000)), ("a.png", png(800_000))]


def told(name: str, rest: list[float], during: list[float]) -> float:
    """Print how long a page took; returns the longest that it took during the load."""

    def figures(took: list[float]) -> tuple[float, float, float]:
        return statistics.median(took) * 1000, statistics.quantiles(took, n=20)[-1] * 1000, max(took) * 1000

    before, then = figures(rest), figures(during)
    words = "{}: at rest {:.0f} / {:.0f} ms (median, 95 %), during {:.0f} / {:.0f} ms, at most {:.0f} ms; {:.1f} times the median"
    print(words.format(name, *before[:2], *then, then[0] / before[0]))
    return max(during)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults.load", description="Are the pages fast while much is asked for?"
    )
    parser.add_argument("--seconds", type=int, default=60)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fvg-load-") as folder:
        Path(folder, "media").mkdir()
        server = Server(folder)
        server.env |= {"DJANGO_SETTINGS_MODULE": "tests.faults.settings"}
        os.environ.update(server.env)
        nursery = Nursery(server.env, Path(folder, "log"))
        prepare()
        from django.db import connection

        try:
            return _measure(chosen.seconds, nursery, server.port)
        finally:
            nursery.close()
            connection.close()
            if hasattr(connection, "close_pool"):
                connection.close_pool()
            server.remove()


def _measure(seconds: int, nursery: Nursery, port: int) -> int:
    from meetings.actions import agenda
    from protocol.models import Drawing
    from tests.cast import Cast
    from tests.factories import PASSWORD, make_member

    cast = Cast()
    meetings = [cast.meeting("draft") for _ in range(PEOPLE)]
    for meeting in meetings:
        agenda.edit_text(meeting.paragraphs.get(slug="operations"), fields={"text": LONG}, version=1, by=cast.secretary)
    secretaries = [make_member(cast.group, "secretary") for _ in range(PEOPLE)]
    Web(nursery, port).start()
    Worker(nursery).start()
    people = [Person(port, one.email, PASSWORD) for one in secretaries]
    reader = Person(port, cast.secretary.email, PASSWORD)
    monitoring = Person.__new__(Person)  # without a log-in
    monitoring.base, monitoring.opener = reader.base, urllib.request.build_opener()
    quiet = cast.meeting("draft")

    def watch() -> list[Watch]:
        pages = (lambda: monitoring.ask("/halsa/")[0], lambda: reader.ask(f"/moten/{quiet.pk}/")[0])
        watches = [Watch(page) for page in pages]
        for one in watches:
            one.start()
        return watches

    for page in ("/halsa/", f"/moten/{quiet.pk}/"):  # both web processes have shown it before it is measured
        for _ in range(6):
            reader.ask(page)
    at_rest = watch()
    time.sleep(seconds / 4)
    rest = [one.stop() for one in at_rest]
    enough, files = threading.Event(), costly()
    visitors = [Visitor(person, meeting.pk, files, enough) for person, meeting in zip(people, meetings, strict=True)]
    under_load = watch()
    for visitor in visitors:
        visitor.start()
    time.sleep(seconds)
    during = [one.stop() for one in under_load]
    enough.set()
    did = sum((visitor.did for visitor in visitors), Counter())
    longest = told("/halsa/", rest[0], during[0])
    told("the page of a meeting", rest[1], during[1])
    drawn = Drawing.objects.filter(state=Drawing.State.DONE).count()
    print(f"meanwhile: {dict(did)}; {drawn} PDFs were drawn")
    statuses = sum((one.statuses for one in (*at_rest, *under_load)), Counter())
    print(f"answers: {dict(statuses)}")
    return int(longest > SOON or set(statuses) != {200} or not drawn or not did)


if __name__ == "__main__":
    sys.exit(main())
