"""Check everything that can be checked: the log, the guards, the signatures, the files, the states."""

import json
import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from protocol import evidence
from record import verifying
from record.models import Event
from record.verifying import Looked, Report

HEAD = re.compile(r"(\S+) #(\d+) ([0-9a-f]{64})\b")
CHECKSUM = re.compile(r"\(SHA-256\): ([0-9a-f]{64})\b")


class Command(BaseCommand):
    help = (
        "Check the log, the database guards, signatures, frozen texts, sealed files, kept files and states. "
        "Exit 1 when something is wrong, with a line for each thing."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--json", action="store_true", help="print counts and findings as JSON")
        parser.add_argument(
            "--witness",
            nargs="+",
            default=[],
            metavar="FILE",
            help="mails of seals that somebody has kept (.eml or text): the heads and checksums in them must be in the log",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        checks = verifying.all_checks()
        if options["witness"]:
            checks["witness"] = lambda: witnessed([Path(name) for name in options["witness"]])
        report = verifying.look(checks)
        verifying.keep(report)
        self.stdout.write(json.dumps(_as_json(report)) if options["json"] else "\n".join(_in_words(report)))
        if report.findings:
            raise SystemExit(1)


def _as_json(report: Report) -> dict[str, Any]:
    return {"ok": not report.findings, "counts": report.counts, "findings": [one._asdict() for one in report.findings]}


def _in_words(report: Report) -> Iterator[str]:
    yield from map(verifying.line, report.findings)
    yield ", ".join(f"{name} {count}" for name, count in report.counts.items())
    yield f"{len(report.findings)} findings" if report.findings else "nothing is wrong"


def witnessed(paths: list[Path]) -> Iterator[Looked]:
    """What kept mails say of the log still stands in it. Raises CommandError for a file that cannot be read."""
    for path in paths:
        try:
            said = _text(path.read_bytes())
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        yield Looked(str(path), list(_contradicted(said)))


def _text(data: bytes) -> str:
    """The words of a mail, or of a file that is none."""
    message = message_from_bytes(data, policy=policy.default)
    if not message.keys():
        return data.decode("utf-8", "replace")
    return "\n".join(part.get_content() for part in message.walk() if part.get_content_type() == "text/plain")


def _contradicted(said: str) -> Iterator[str]:
    heads, sums = HEAD.findall(said), CHECKSUM.findall(said)
    if not heads:
        yield "no head of a log stands in it"
    for key, seq, digest in heads:
        if not Event.objects.filter(chain__key=key, seq=int(seq), hash=digest).exists():
            yield f"the log does not have {key} #{seq} {digest}"
    for digest in sums:
        if evidence.sealed_event(digest) is None:
            yield f"the log has sealed no file with the checksum {digest}"
