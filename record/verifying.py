"""The one checker: every room lists in `<room>/checks.py`, as CHECKS, what can be checked of what it keeps.

A check walks its things one at a time, so that memory stays flat, and says of each what is wrong with it.
"""

import importlib.util
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import NamedTuple

from django.apps import apps
from django.db import connection, transaction

from record.models import Verification

KEPT = 20  # of what is found: enough to see what it is about; the command prints all
log = logging.getLogger(__name__)


class Looked(NamedTuple):
    """One thing that a check has looked at, written like "meeting:7", and every fault in it."""

    thing: str
    faults: list[str]


class Deviation(NamedTuple):
    """What is wrong with which thing, and which check found it."""

    check: str
    thing: str
    wrong: str


class Report(NamedTuple):
    """How many things each check has looked at, and everything that was wrong."""

    counts: dict[str, int]
    findings: list[Deviation]


Check = Callable[[], Iterator[Looked]]


def all_checks() -> dict[str, Check]:
    """The checks of every room by name, in the order of the rooms."""
    found: dict[str, Check] = {}
    for config in apps.get_app_configs():
        name = f"{config.name}.checks"
        if importlib.util.find_spec(name):
            found |= getattr(import_module(name), "CHECKS", {})
    return found


def look(checks: dict[str, Check]) -> Report:
    """Run the checks. One that stops half-way is itself a finding, and does not stop the others."""
    counts: dict[str, int] = {}
    findings: list[Deviation] = []
    with at_one_moment():
        for name, check in checks.items():
            counts[name] = 0
            try:
                with transaction.atomic():  # what PostgreSQL refuses to answer must not silence the other checks
                    for looked in check():
                        counts[name] += 1
                        findings += [Deviation(name, looked.thing, wrong) for wrong in looked.faults]
            except Exception as error:  # what is too broken to be read must be told, and the rest is read all the same
                log.exception("The check of %s stopped", name)
                findings.append(Deviation(name, "", f"the check stopped after {counts[name]}: {type(error).__name__}: {error}"))
    return Report(counts, findings)


@contextmanager
def at_one_moment() -> Iterator[None]:
    """All is read as it stood at one moment: what people write meanwhile waits for nothing, and is not half seen.

    PostgreSQL is told to do nothing else than for a page. What could ask how isolated a transaction is, and answer a page
    otherwise, is told of by `surroundings` and `constraints`.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        connection.ensure_connection()  # it is told its mode when it is made
        mode, connection.transaction_mode = connection.transaction_mode, "DEFERRED"  # IMMEDIATE would keep all from writing
        try:
            with transaction.atomic():
                yield
        finally:
            connection.transaction_mode = mode
    else:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield


def line(finding: Deviation) -> str:
    """sealed sealedprotocol:12: the log has sealed another file"""
    return f"{finding.check} {finding.thing}: {finding.wrong}"


def keep(report: Report) -> Verification:
    """Keep that everything was checked, for `last_verification`: how much was wrong, of what kinds, and the first of it."""
    return Verification.objects.create(
        looked=sum(report.counts.values()),
        findings=len(report.findings),
        found={
            "kinds": Counter(one.check for one in report.findings),
            "lines": [line(one)[:300] for one in report.findings[:KEPT]],
        },
    )


def last_verification() -> Verification | None:
    """When everything was last checked, and how much was wrong; None when it never has been."""
    return Verification.objects.order_by("-at", "-pk").first()
