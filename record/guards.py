"""The last lock: SQL triggers that refuse to change evidence and sealed content, on SQLite and on PostgreSQL.

Each room lists its own in `<room>/guards.py` as GUARDS. A condition is SQL over OLD and NEW; it says when to refuse.
"""

import importlib.util
from collections.abc import Iterable, Iterator
from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple

from django.apps import apps
from django.core.checks import Warning
from django.db import connections, transaction
from django.db.models import Model, Q, UniqueConstraint
from django.db.models.sql import Query

from record.history import Remembered

GUARD = "guard_"  # how the name of every guard begins


class Trigger(NamedTuple):
    """A trigger of SQLite that is no guard, as it keeps its words. Each room lists its own as TRIGGERS."""

    name: str
    table: str
    sql: str


class Guard(NamedTuple):
    """Refuse `event` (INSERT, UPDATE or DELETE) on `table` when `condition` holds. `part`: one of several on the same event.

    `postgresql` is asked there instead, where the two databases say it differently; without a `condition` SQLite cannot say it.
    `only` names the one database that is asked at all.
    """

    table: str
    event: str
    condition: str
    message: str
    part: str = ""
    postgresql: str = ""
    only: str = ""

    @property
    def name(self) -> str:
        return f"{GUARD}{self.table}_{self.event.lower()}{'_' if self.part else ''}{self.part}"

    def asked(self, vendor: str) -> str:
        """What this database is asked; "" when it cannot answer."""
        if self.only and self.only != vendor:
            return ""
        return self.condition if vendor == "sqlite" else self.postgresql or self.condition


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


def moves(table: str, ways: dict[str, set[str]], message: str, *, column: str = "state") -> Guard:
    """A row goes from a state (a key of `ways`) only where a verb leads, or stays; from a state that is not there nowhere."""
    legal = " OR ".join(f"(OLD.{column} = '{one}' AND NEW.{column} IN {among(to)})" for one, to in sorted(ways.items()) if to)
    return Guard(table, "UPDATE", f"OLD.{column} <> NEW.{column} AND NOT ({legal or '1 = 0'})", message, "moves")


# The event's canonical JSON as record.chain hashes it, keys in order. In a plain string PostgreSQL escapes what RFC 8785 escapes.
_CANONICAL = " || ".join(
    (
        """'{"actor":' || COALESCE(NEW.actor_id::text, 'null')""",
        """',"at":"' || to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
        """'","chain":' || to_json((SELECT c.key FROM record_chain c WHERE c.id = NEW.chain_id)::text)::text""",
        """',"data_sha256":' || to_json(NEW.data_sha256::text)::text""",
        """',"kind":' || to_json(NEW.kind::text)::text""",
        """',"previous":' || to_json(NEW.previous::text)::text""",
        """',"seq":' || NEW.seq""",
        """',"thing":' || to_json(NEW.thing::text)::text || '}'""",
    )
)
EVENT_HASH = f"encode(sha256(convert_to(E'samverkan.event/1\\n' || {_CANONICAL}, 'UTF8')), 'hex')"

GUARDS = [
    *evidence("record_event"),
    # An event follows the head of its chain; where the database can, it counts the hash itself.
    Guard(
        "record_event",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM record_chain c WHERE c.id = NEW.chain_id AND c.seq + 1 = NEW.seq AND c.head = NEW.previous)",
        "an event follows the last one of its chain",
    ),
    Guard(
        "record_event",
        "INSERT",
        "EXISTS (SELECT 1 FROM record_event e WHERE e.chain_id = NEW.chain_id AND e.seq + 1 = NEW.seq AND e.at > NEW.at)",
        "an event is not older than the one before it",
        "time",
    ),
    Guard("record_event", "INSERT", "", "an event has the hash of its content", "hash", f"NEW.hash <> {EVENT_HASH}"),
    # A payload comes with its event, and stays as it came: without it the log proves nothing.
    Guard(
        "record_eventpayload",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM record_event e JOIN record_chain c ON c.id = e.chain_id "
        "WHERE e.id = NEW.event_id AND e.seq = c.seq + 1)",
        "a payload comes with its event",
    ),
    *evidence("record_eventpayload"),
    # A head moves one step, to an event that is there.
    Guard("record_chain", "INSERT", f"NEW.seq <> 0 OR NEW.head <> '{'0' * 64}'", "a chain begins empty"),
    Guard(
        "record_chain",
        "UPDATE",
        "NEW.id <> OLD.id OR NEW.key <> OLD.key OR (NEW.seq <> OLD.seq OR NEW.head <> OLD.head) AND NOT (NEW.seq = OLD.seq + 1 "
        "AND EXISTS (SELECT 1 FROM record_event e WHERE e.chain_id = OLD.id AND e.seq = NEW.seq AND e.hash = NEW.head))",
        "the head of a chain is its last event",
    ),
    Guard("record_chain", "DELETE", "1 = 1", "a chain is never removed"),
    # That everything was checked, and what was found, stays; a check of a day to come would stand before every later one.
    *evidence("record_verification"),
    Guard(
        "record_verification",
        "INSERT",
        "NEW.at > datetime('now', '+10 minutes')",
        "a check is not of a time to come",
        "time",
        "NEW.at > now() + interval '10 minutes'",
    ),
]


def _rooms() -> Iterator[ModuleType]:
    """The `guards.py` of every room but this, in the order of the rooms."""
    for config in apps.get_app_configs():
        name = f"{config.name}.guards"
        if config.name != "record" and importlib.util.find_spec(name):
            yield import_module(name)


def all_guards() -> list[Guard]:
    """The guards of every room, in the order of the rooms, and one over every table of history."""
    found: list[Guard] = []
    for module in _rooms():
        found += getattr(module, "GUARDS", [])
    history = (model._meta.db_table for model in apps.get_models() if issubclass(model, Remembered))
    found = [*GUARDS, *evidence(*history), *found]
    return [*found, *_replacing(found)]


def _replacing(found: list[Guard]) -> Iterator[Guard]:
    """SQLite's INSERT OR REPLACE and UPDATE OR REPLACE remove whatever has the same key, and ask no guard of DELETE.

    So what may not be removed may not have its key taken either: for each guard of DELETE one of INSERT, and one of UPDATE.
    (With the pragma recursive_triggers SQLite does ask, but whoever connects by other means than ours leaves it out.)
    """
    models = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    never = {guard.table for guard in found if (guard.event, guard.condition) == ("UPDATE", "1 = 1")}
    for guard in found:
        if guard.event != "DELETE" or not guard.condition:
            continue
        taken, key = " OR ".join(_keys(models[guard.table])), models[guard.table]._meta.pk.column
        stays = guard.condition.replace("OLD.", "gone.")
        for event, other in (("INSERT", ""), ("UPDATE", f"gone.{key} <> OLD.{key} AND ")):
            if event == "INSERT" or guard.table not in never:
                yield guard._replace(
                    event=event,
                    condition=f"EXISTS (SELECT 1 FROM {guard.table} gone WHERE {other}({taken}) AND ({stays}))",  # noqa: S608
                    part=f"replace{guard.part}",
                    postgresql="",
                    only="sqlite",
                )


def _keys(model: type[Model]) -> Iterator[str]:
    """For each key of the table: that a row `gone` has the one of NEW."""
    options = model._meta
    keys = [[field.column] for field in options.local_concrete_fields if field.unique]
    keys += [[options.get_field(name).column for name in names] for names in options.unique_together]
    wheres = [""] * len(keys)
    for constraint in options.constraints:
        if isinstance(constraint, UniqueConstraint) and constraint.deferrable is None:  # SQLite has none that can wait
            keys.append([options.get_field(name).column for name in constraint.fields])
            wheres.append(_in_sql(model, constraint.condition) if constraint.condition else "")
    for columns, where in zip(keys, wheres, strict=True):
        yield "(" + " AND ".join([*(f"gone.{column} = NEW.{column}" for column in columns), *([where] if where else [])]) + ")"


def _in_sql(model: type[Model], condition: Q) -> str:
    """The condition of a partial key, asked of the row in whose scope it stands."""
    connection, query = connections["default"], Query(model, alias_cols=False)
    sql, values = query.build_where(condition).as_sql(query.get_compiler(connection=connection), connection)
    return sql % tuple(map(connection.schema_editor().quote_value, values))


def install_sql(guard: Guard, vendor: str) -> Iterator[str]:
    """The statements that put `guard` in place, whatever stood there before; none where the database cannot ask."""
    if not guard.asked(vendor):
        return
    if vendor == "sqlite":
        yield f"DROP TRIGGER IF EXISTS {guard.name}"
        yield _sqlite(guard)
        return
    # Tables are looked for in `public` alone: a temporary table of the same name must not answer for them.
    yield (
        f"CREATE OR REPLACE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql SET search_path = {SEARCH_PATH} "
        f"AS $${_body(guard)}$$"
    )
    yield f"DROP TRIGGER IF EXISTS {guard.name} ON {guard.table}"
    yield f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} FOR EACH ROW EXECUTE FUNCTION {guard.name}()"
    # ALWAYS: a session that plays replica would otherwise walk past it.
    yield f"ALTER TABLE {guard.table} ENABLE ALWAYS TRIGGER {guard.name}"


# PostgreSQL looks in `pg_catalog` first, named or not. It has no operator for two varchar, so one in `public` would be taken
# all the same: no path keeps the owner of the tables from that, and `surroundings` tells of every operator there.
SEARCH_PATH = "public, pg_temp"


def _sqlite(guard: Guard) -> str:
    """The trigger as SQLite keeps its words."""
    condition = guard.condition.replace("IS DISTINCT FROM", "IS NOT")  # the standard's words came to SQLite in 3.39
    return (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} FOR EACH ROW "
        f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{_message(guard)}'); END"
    )


def _body(guard: Guard) -> str:
    """The body of the trigger's function as PostgreSQL keeps its words."""
    given = "OLD" if guard.event == "DELETE" else "NEW"
    return (
        f" BEGIN IF {guard.asked('postgresql')} THEN RAISE EXCEPTION '{_message(guard)}' USING ERRCODE = '23000'; END IF; "
        f"RETURN {given}; END "
    )


def _message(guard: Guard) -> str:
    return guard.message.replace("'", "''")


# What PostgreSQL knows of each trigger that is not its own: what an honest one says in each place is in `_as_it_should`.
_POSTGRESQL = """
    SELECT t.tgname, c.relname, t.tgtype, t.tgenabled, t.tgqual IS NOT NULL, t.tgattr::text, p.proname, p.prosrc, l.lanname,
           p.prosecdef, p.proconfig::text
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_language l ON l.oid = p.prolang
    WHERE NOT t.tgisinternal AND n.nspname NOT IN ('pg_catalog', 'information_schema')
"""
_KINDS = {"INSERT": 4, "DELETE": 8, "UPDATE": 16}  # pg_trigger.tgtype, beside 1 (for each row) and 2 (before)


def _as_it_should(guard: Guard, vendor: str) -> tuple[Any, ...]:
    """How the database should describe this guard."""
    if vendor == "sqlite":
        return (_sqlite(guard),)
    kind = 3 + _KINDS[guard.event]
    return (kind, "A", False, "", guard.name, _body(guard), "plpgsql", False, f'{{"search_path={SEARCH_PATH}"}}')


def _as_it_is(using: str) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Every trigger of the database by name and table, as it describes it. One question."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute(_POSTGRESQL)
        return {(row[0], row[1]): tuple(row[2:]) for row in cursor.fetchall()}


class Standing(NamedTuple):
    """What is wrong with the guards, by name: those that are not there, that say something else, that nobody knows."""

    missing: list[str]
    other: list[str]
    unknown: list[str]


def standing(using: str = "default") -> Standing:
    """Compare every guard with what `install` would lay down, word by word; also every trigger that is none of ours."""
    vendor, there = connections[using].vendor, _as_it_is(using)
    wanted = {(guard.name, guard.table): _as_it_should(guard, vendor) for guard in all_guards() if guard.asked(vendor)}
    known = {(trigger.name, trigger.table): (trigger.sql,) for trigger in _known(vendor)}
    return Standing(
        missing=[name for name, table in wanted if (name, table) not in there],
        other=[one[0] for one in wanted if one in there and there[one] != wanted[one]],
        unknown=sorted(name for name, _ in _unknown(there, wanted | known)),
    )


def _unknown(there: dict[tuple[str, str], Any], known: dict[tuple[str, str], Any]) -> list[tuple[str, str]]:
    """The triggers that nobody laid down; one that is no guard is known only word by word."""
    return [one for one in there if one not in known or (not one[0].startswith(GUARD) and there[one] != known[one])]


def _known(vendor: str) -> Iterator[Trigger]:
    """The triggers of every room that are no guards: only SQLite has any."""
    for module in _rooms() if vendor == "sqlite" else ():
        yield from getattr(module, "TRIGGERS", ())


def names(using: str = "default") -> list[str]:
    """The guards that this database should have."""
    return [guard.name for guard in all_guards() if guard.asked(connections[using].vendor)]


def missing(using: str = "default") -> list[str]:
    """Names of the guards that are not in place as they should be, word by word (on PostgreSQL also: always firing)."""
    found = standing(using)
    return [*found.missing, *found.other]


def install(using: str = "default") -> None:
    """Put every guard in place whose table exists and that is not there word by word; take down those of an earlier version."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    asked = [guard for guard in all_guards() if guard.asked(connection.vendor)]
    there, wanted = _as_it_is(using), {(guard.name, guard.table) for guard in asked}
    for guard in asked:
        if guard.table in tables and there.get((guard.name, guard.table)) != _as_it_should(guard, connection.vendor):
            with transaction.atomic(using=using), connection.cursor() as cursor:  # never a moment without it
                for statement in install_sql(guard, connection.vendor):
                    cursor.execute(statement)
    _take_down([one for one in there if one[0].startswith(GUARD) and one not in wanted], using)


def lift(using: str = "default") -> None:
    """Take every guard down. SQLite refuses to rebuild a table that a trigger mentions; whoever lifts them puts them back."""
    _take_down([one for one in _as_it_is(using) if one[0].startswith(GUARD)], using)


def _take_down(triggers: Iterable[tuple[str, str]], using: str) -> None:
    connection = connections[using]
    with connection.cursor() as cursor:
        for name, table in triggers:
            on = "" if connection.vendor == "sqlite" else f" ON {table}"
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def lift_before_migrate(*, app_config: Any, using: str, plan: Any = (), **_: Any) -> None:
    """Take the guards down while SQLite rebuilds tables. PostgreSQL alters a table under its guards: there they stay.

    Our own `migrate` puts them back, whether it went well or not.
    """
    if app_config.name == "record" and plan and connections[using].vendor == "sqlite":
        lift(using)


def check(app_configs: Any, databases: list[str] | None = None, **_: Any) -> list[Warning]:
    """System check: warn of evidence without its guard. No error, since `migrate` asks first and puts the guards in place."""
    errors = []
    for using in databases or []:
        if "record_event" not in connections[using].introspection.table_names():
            continue  # before the first migrate there is nothing to guard
        errors += [
            Warning(
                f"The database guard {name} is missing, or says something else than it should.",
                hint="Run bin/manage migrate (in production: manage.py migrate as the owner of the tables).",
                id="record.W001",
            )
            for name in missing(using)
        ]
    return errors
