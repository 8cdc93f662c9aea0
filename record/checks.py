"""What `verify` looks at on the ground floor: the chains, the history of every row, and the guards word by word."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from heapq import merge
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

from django.apps import apps
from django.db.models import NOT_PROVIDED, Model

from record import chain, constraints, guards, surroundings
from record.chain import SLACK
from record.history import Remembered
from record.models import Chain
from record.verifying import Looked


def chains() -> Iterator[Looked]:
    """Every event of every chain has the hash of its content, follows the one before, and the head is the last."""
    for log in Chain.objects.order_by("pk").iterator():
        yield Looked(log.key, chain.verify(log))


def guards_in_place() -> Iterator[Looked]:
    """Every guard says what it should and fires; there is no other trigger."""
    found = guards.standing()
    wrong = {
        **dict.fromkeys(found.missing, "is not in place"),
        **dict.fromkeys(found.other, "does not say what it should, or does not fire"),
        **dict.fromkeys(found.unknown, "is a trigger that nobody knows"),
    }
    for name in sorted({*guards.names(), *wrong}):
        yield Looked(name, [wrong[name]] if name in wrong else [])


def tables() -> Iterator[Looked]:
    """Every table has the keys, conditions and references that its model asks for; no rule or policy answers in its stead."""
    for table, faults in constraints.faults():
        yield Looked(table, faults)


def database() -> Iterator[Looked]:
    """Nothing lies beside the tables that could answer in their stead, and nothing is set for whoever connects."""
    yield Looked("settings", list(surroundings.settings()))
    for stranger in surroundings.strangers():
        yield Looked(stranger, ["is none of ours"])


def histories() -> Iterator[Looked]:
    """Every row that is remembered stands as its newest history says, from the first; none is gone but as it says."""
    for model in apps.get_models():
        manager = getattr(model._meta, "simple_history_manager_attribute", None)
        if manager and issubclass(getattr(model, manager).model, Remembered):
            yield from _histories(model, getattr(model, manager))


def _histories(model: type[Model], history: Any) -> Iterator[Looked]:
    """Two questions for each table, read side by side by key: a row, and then what is remembered of it, the oldest first."""
    key = model._meta.pk.attname
    # Column → whether the database itself fills it in rows that are older than the column.
    columns = {field.attname: field.db_default is not NOT_PROVIDED for field in history.model.tracked_fields}
    live = model._base_manager.order_by(key).values_list(key, *columns).iterator(chunk_size=500)
    past = history.order_by(key, "history_id").values_list(key, "history_type", "history_date", *columns).iterator(chunk_size=500)
    rows = merge(
        ((pk, "", None, now) for pk, *now in live), ((pk, how, at, was) for pk, how, at, *was in past), key=itemgetter(0)
    )
    for pk, found in groupby(rows, key=itemgetter(0)):
        now, told, times = None, [], []
        for _, how, at, values in found:
            if how:
                told.append((how, values))
                times.append(at)
            else:
                now = values
        yield Looked(f"{model._meta.model_name}:{pk}", [*_history(columns, now, told), *_times(times)])


def _times(times: list[datetime]) -> Iterator[str]:
    """Each row of a history is as old as its place says, but for clocks that differ a little."""
    for before, after in pairwise(times):
        if before - after > SLACK:
            yield f"its history goes back in time, from {before:%Y-%m-%d %H:%M} to {after:%Y-%m-%d %H:%M} (UTC)"


# A migration that adds a column with the time of now as its default fills a table and its history one after the other.
MIGRATED = timedelta(minutes=10)


def _same(is_now: Any, was: Any, filled: bool) -> bool:
    both = isinstance(is_now, datetime) and isinstance(was, datetime)
    return is_now == was or (filled and both and abs(is_now - was) < MIGRATED)


def _history(columns: dict[str, bool], now: list[Any] | None, told: list[tuple[str, list[Any]]]) -> Iterator[str]:
    if not told:
        yield "it has no history"
        return
    how, last = told[-1]
    if told[0][0] != "+":
        yield "the beginning of its history is gone"
    if now is None and how != "-":
        yield "it is gone, and its history does not say that it was removed"
    elif now is not None and how == "-":
        yield "its history says that it was removed"
    elif now is not None and now != last:
        read = zip(columns.items(), now, last, strict=True)
        if differs := [column for (column, filled), is_now, was in read if not _same(is_now, was, filled)]:
            yield f"it is not as its history says: {', '.join(differs)}"
    if "version" in columns:
        place = list(columns).index("version")
        counted = [values[place] for _, values in told]
        for before, after in pairwise(counted):
            if after not in (before, before + 1):
                yield f"its history goes from version {before} to version {after}"


CHECKS = {"chains": chains, "histories": histories, "guards": guards_in_place, "tables": tables, "database": database}
