"""What tables are besides their guards: the constraints that the models ask for, and nothing that answers in their stead."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CheckConstraint, ForeignKey, Model, UniqueConstraint

# On PostgreSQL the owner of a table can have its rows answered, changed or left out by more than triggers. Table and what it has.
_BESIDE = """
    WITH ours AS (SELECT c.* FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public')
    SELECT c.relname, 'is no table' FROM ours c WHERE c.relkind NOT IN ('r', 'i', 'S', 't')
    UNION ALL SELECT c.relname, 'has the rule ' || r.rulename FROM pg_rewrite r JOIN ours c ON c.oid = r.ev_class
    UNION ALL SELECT c.relname, 'has the policy ' || p.polname FROM pg_policy p JOIN ours c ON c.oid = p.polrelid
    UNION ALL SELECT c.relname, 'shows its rows by policies' FROM ours c WHERE c.relrowsecurity OR c.relforcerowsecurity
    UNION ALL SELECT c.relname, 'has a table under it' FROM pg_inherits i JOIN ours c ON c.oid = i.inhparent WHERE c.relkind = 'r'
    UNION ALL SELECT c.relname, 'does not ask all rows of ' || k.conname
        FROM pg_constraint k JOIN ours c ON c.oid = k.conrelid WHERE NOT k.convalidated
    UNION ALL SELECT c.relname, 'has switched off ' || t.tgname
        FROM pg_trigger t JOIN ours c ON c.oid = t.tgrelid WHERE t.tgisinternal AND t.tgenabled <> 'O'
    UNION ALL SELECT c.relname, 'does not keep the index ' || x.relname
        FROM pg_index i JOIN ours c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
        WHERE NOT (i.indisvalid AND i.indisready AND i.indislive)
"""


def faults(using: str = "default") -> Iterator[tuple[str, list[str]]]:
    """Each table of ours, and what it lacks or has besides. The questions are as many as the tables say, however many rows."""
    connection = connections[using]
    with connection.cursor() as cursor:
        beside: dict[str, list[str]] = {}
        if connection.vendor == "postgresql":
            cursor.execute(_BESIDE)
            for table, fault in cursor.fetchall():
                beside.setdefault(table, []).append(fault)
        there = set(connection.introspection.table_names(cursor))
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            if model._meta.managed and not model._meta.proxy:
                found = _constraints(connection, cursor, table) if table in there else {}
                waits = connection.features.supports_deferrable_unique_constraints
                lacks = list(_lacks(model, found, waits)) if table in there else ["is not there"]
                yield table, [*sorted(beside.get(table, ())), *lacks]


# SQLite's answer is read out of the words of the schema, which takes long: the same words are read once.
_read: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}


def _constraints(connection: BaseDatabaseWrapper, cursor: Any, table: str) -> dict[str, dict[str, Any]]:
    """Keys, conditions and references of the table by name, as Django tells of them."""
    if connection.vendor != "sqlite":
        return connection.introspection.get_constraints(cursor, table)
    cursor.execute("SELECT sql FROM sqlite_master WHERE tbl_name = %s AND type <> 'trigger' ORDER BY name", [table])
    key = table, "\n".join(str(words) for (words,) in cursor.fetchall())
    if key not in _read:
        _read[key] = connection.introspection.get_constraints(cursor, table)
    return _read[key]


def _lacks(model: type[Model], found: dict[str, dict[str, Any]], waits: bool) -> Iterator[str]:
    """The keys, conditions and references that the model asks for, and that its table does not have.

    `waits`: the database has keys that are asked for only when a transaction ends; without, those are left out of it.
    """
    options = model._meta
    for constraint in options.constraints:
        row = found.get(constraint.name)
        if isinstance(constraint, UniqueConstraint) and (waits or constraint.deferrable is None):
            columns = [options.get_field(name).column for name in constraint.fields]
            if row is None or not row["unique"] or row["columns"] != columns:
                yield f"lacks {constraint.name}"
        elif isinstance(constraint, CheckConstraint) and (row is None or not row["check"] or not row["columns"]):
            yield f"lacks {constraint.name}"
    unique = [row["columns"] for row in found.values() if row["unique"] or row["primary_key"]]
    keys = [[options.get_field(name).column for name in names] for names in options.unique_together]
    keys += [[field.column] for field in options.local_concrete_fields if field.unique]
    yield from (f"lacks the key {', '.join(key)}" for key in keys if key not in unique)
    refers = {(row["columns"][0], row["foreign_key"]) for row in found.values() if row["foreign_key"]}
    for field in options.local_concrete_fields:
        if isinstance(field, ForeignKey) and field.db_constraint:
            target = field.target_field
            if (field.column, (target.model._meta.db_table, target.column)) not in refers:
                yield f"lacks the reference {field.column}"
