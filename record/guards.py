"""The last lock: SQL triggers that refuse to change evidence and sealed content, on SQLite and on PostgreSQL.

Each room lists its own in `<room>/guards.py` as GUARDS. A condition is SQL over OLD and NEW; it says when to refuse.
"""

import importlib.util
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any, NamedTuple

from django.apps import apps
from django.core.checks import Warning
from django.db import connections


class Guard(NamedTuple):
    """Refuse `event` (INSERT, UPDATE or DELETE) on `table` when `condition` holds."""

    table: str
    event: str
    condition: str
    message: str

    @property
    def name(self) -> str:
        return f"guard_{self.table}_{self.event.lower()}"


def evidence(*tables: str) -> list[Guard]:
    """These tables are only ever added to."""
    return [
        Guard(table, event, "1 = 1", f"{table} is evidence and is never changed")
        for table in tables
        for event in ("UPDATE", "DELETE")
    ]


def closed(table: str, when: str) -> list[Guard]:
    """Nothing in this table may be added, changed or removed while `when` holds; write the row as {row}."""
    rows = {"INSERT": ["NEW"], "UPDATE": ["OLD", "NEW"], "DELETE": ["OLD"]}
    return [
        Guard(
            table, event, " OR ".join(f"({when.format(row=row)})" for row in names), f"{table} belongs to a text that is locked"
        )
        for event, names in rows.items()
    ]


def among(values: Iterable[str]) -> str:
    """`('J', 'S')`: the values of a state as SQL lists them."""
    return "(" + ", ".join(f"'{value}'" for value in sorted(values)) + ")"


def all_guards() -> list[Guard]:
    """The guards of every room, in the order of the rooms."""
    found: list[Guard] = []
    for config in apps.get_app_configs():
        name = f"{config.name}.guards"
        if config.name != "record" and importlib.util.find_spec(name):
            found += getattr(import_module(name), "GUARDS", [])
    # A payload may be erased (its salted hash stays in the event), but never rewritten.
    payload = Guard("record_eventpayload", "UPDATE", "1 = 1", "record_eventpayload is evidence and is never changed")
    return [*evidence("record_event"), payload, *found]


def install_sql(guard: Guard, vendor: str) -> Iterator[str]:
    """The statements that put `guard` in place, whatever stood there before."""
    message = guard.message.replace("'", "''")
    if vendor == "sqlite":
        condition = guard.condition.replace("IS DISTINCT FROM", "IS NOT")  # the standard's words came to SQLite in 3.39
        yield f"DROP TRIGGER IF EXISTS {guard.name}"
        yield (
            f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} FOR EACH ROW "
            f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )
        return
    given = "OLD" if guard.event == "DELETE" else "NEW"
    yield (
        f"CREATE OR REPLACE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {guard.condition} THEN RAISE EXCEPTION '{message}' USING ERRCODE = '23000'; END IF; RETURN {given}; END $$"
    )
    yield f"DROP TRIGGER IF EXISTS {guard.name} ON {guard.table}"
    yield f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} FOR EACH ROW EXECUTE FUNCTION {guard.name}()"
    # ALWAYS: a session that plays replica would otherwise walk past it.
    yield f"ALTER TABLE {guard.table} ENABLE ALWAYS TRIGGER {guard.name}"


def install(using: str = "default") -> None:
    """Put every guard in place whose table exists."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for guard in all_guards():
            if guard.table in tables:
                for statement in install_sql(guard, connection.vendor):
                    cursor.execute(statement)


def lift_before_migrate(*, app_config: Any, using: str, plan: Any = (), **_: Any) -> None:
    """Take the guards down while tables are rebuilt: SQLite refuses to rename a table that a trigger mentions."""
    connection = connections[using]
    if app_config.name != "record" or not plan:
        return
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for guard in all_guards():
            if guard.table in tables:
                on = "" if connection.vendor == "sqlite" else f" ON {guard.table}"
                cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name}{on}")


def install_after_migrate(*, app_config: Any, using: str, **_: Any) -> None:
    """Called after each app's migration; the last app's call sees all tables."""
    if app_config.name == "protocol":
        install(using)


def missing(using: str = "default") -> list[str]:
    """Names of the guards that are not in place (on PostgreSQL: in place and always firing)."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgenabled = 'A'")
        there = {row[0][:63] for row in cursor.fetchall()}
    return [guard.name for guard in all_guards() if guard.name[:63] not in there]


def check(app_configs: Any, databases: list[str] | None = None, **_: Any) -> list[Warning]:
    """System check: warn of evidence without its guard. No error, since `migrate` asks first and puts the guards in place."""
    errors = []
    for using in databases or []:
        if "record_event" not in connections[using].introspection.table_names():
            continue  # before the first migrate there is nothing to guard
        errors += [
            Warning(
                f"The database guard {name} is missing.",
                hint="Run bin/manage migrate (in production: manage.py migrate as the owner of the tables).",
                id="record.W001",
            )
            for name in missing(using)
        ]
    return errors
