"""How many att-satser were granted, answered, rejected …: by union, by year and by kind, of motions that one may read."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.db.models import Count, QuerySet
from django.db.models.functions import ExtractYear

from motions.kinds import WORDS, Kind
from motions.models import Claim, Motion, Outcome
from people.models import Party
from record.swedish import capital

# The columns of every table; the last is for what waits for an answer.
OUTCOMES: list[tuple[str, str]] = [*((one.value, capital(one.label)) for one in Outcome), ("", "Utan svar")]


class Counted(NamedTuple):
    """So many att-satser of one union, kind and year had this outcome."""

    party: int
    kind: str
    year: int
    outcome: str
    number: int


class OutcomeLine(NamedTuple):
    """A line of a table: what it is about, a number for each outcome with the outcome's name, and their sum."""

    name: str
    cells: list[tuple[str, int]]
    total: int


class OutcomeTable(NamedTuple):
    """One way to cut the same numbers; `total` is the same in all."""

    slug: str
    heading: str
    of: str
    lines: list[OutcomeLine]
    total: OutcomeLine


def counts(motions: QuerySet[Motion]) -> list[Counted]:
    """The att-satser of what is filed among `motions`, counted by the database in one question."""
    claims = Claim.objects.with_outcome().filter(motion__in=motions.not_drafts().order_by().values("pk"))
    by_year = claims.annotate(year=ExtractYear("motion__filed_at")).order_by()
    rows = by_year.values_list("motion__party", "motion__kind", "year", "told").annotate(number=Count("pk"))
    return [Counted(*row) for row in rows]


def tables(found: list[Counted], parties: Iterable[Party]) -> list[OutcomeTable]:
    """By union in the order of the registry, by year with the latest first, and by kind."""
    years = sorted({one.year for one in found}, reverse=True)
    return [
        _table("part", "Per organisation", "Organisation", found, [(one.pk, str(one)) for one in parties], lambda one: one.party),
        _table("ar", "Per år", "År", found, [(year, str(year)) for year in years], lambda one: one.year),
        _table("slag", "Per slag", "Slag", found, [(kind, capital(WORDS[kind].many)) for kind in Kind], lambda one: one.kind),
    ]


def _table(
    slug: str, heading: str, of: str, found: list[Counted], names: list[tuple[object, str]], key: Callable[[Counted], object]
) -> OutcomeTable:
    lines = [_line(name, [one for one in found if key(one) == wanted]) for wanted, name in names]
    return OutcomeTable(slug, heading, of, [line for line in lines if line.total], _line("Alla", found))


def _line(name: str, found: list[Counted]) -> OutcomeLine:
    numbers: Counter[str] = Counter()
    for one in found:
        numbers[one.outcome] += one.number
    return OutcomeLine(name, [(words, numbers[outcome]) for outcome, words in OUTCOMES], numbers.total())


def rows(counted: list[Counted], parties: Iterable[Party]) -> list[tuple[str | int, ...]]:
    """The same as one table for a spreadsheet: a row for each year, union and kind."""
    cut: dict[tuple[int, int, str], list[Counted]] = {}
    for count in counted:
        cut.setdefault((count.year, count.party, count.kind), []).append(count)
    heads: tuple[str, ...] = ("År", "Organisation", "Slag", *(label for _, label in OUTCOMES), "Summa")
    written: list[tuple[str | int, ...]] = [heads]
    for year in sorted({count.year for count in counted}, reverse=True):
        for party in parties:
            for kind in Kind:
                if own := cut.get((year, party.pk, kind)):
                    line = _line("", own)
                    written.append((year, str(party), kind.label, *(number for _, number in line.cells), line.total))
    return written
