"""What a PostgreSQL database holds besides what `migrate` lays down: all of it may answer in the place of what is ours."""

import re
from collections.abc import Iterator

from django.db import connections

# What our migrations bring with them; its parts are the database administrator's, whoever asked for it.
EXTENSIONS = ("plpgsql", "pg_trgm")
# Only a trigger can call such a function, and `guards` tells of every trigger. Those of earlier versions lie here too.
_OF_A_GUARD = re.compile(r"public\.guard_\w+\(\)")

# Whoever owns the tables can make an operator for any two types that PostgreSQL itself only compares by way of others, as oid and
# regclass. So both sides here are of types for which it has an operator of its own, which is always found first.
# Kind, name, whether it is of an extension of ours, whether only a trigger can call it.
_THINGS = """
    SELECT o.type, o.identity,
        EXISTS (
            SELECT 1 FROM pg_depend e JOIN pg_extension x ON x.oid = e.refobjid
            WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype = 'e'
                AND e.refclassid = 'pg_extension'::regclass::oid AND x.extname = ANY (%s::name[])
        ) AND NOT EXISTS (
            SELECT 1 FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid JOIN pg_database b ON b.oid = s.dbid
            WHERE s.classid = d.classid AND s.objid = d.objid AND s.deptype = 'o' AND b.datname = current_database()
                AND NOT r.rolsuper
        ),
        EXISTS (
            SELECT 1 FROM pg_proc p
            WHERE d.classid = 'pg_proc'::regclass::oid AND p.oid = d.objid AND p.prorettype = 'trigger'::regtype::oid
        )
    FROM pg_namespace n JOIN pg_depend d ON d.refobjid = n.oid AND d.refclassid = 'pg_namespace'::regclass::oid
    CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, 0) o
    WHERE n.nspname <> 'information_schema' AND left(n.nspname::text, 3) <> 'pg_'
"""
_MORE = """
    SELECT 'schema', nspname::text FROM pg_namespace
    WHERE nspname NOT IN ('public', 'information_schema') AND left(nspname::text, 3) <> 'pg_'
    UNION ALL SELECT 'extension', extname::text FROM pg_extension WHERE NOT extname = ANY (%s::name[])
    UNION ALL SELECT 'event trigger', evtname::text FROM pg_event_trigger
    UNION ALL SELECT 'cast', o.identity
        FROM pg_cast c CROSS JOIN LATERAL pg_identify_object('pg_cast'::regclass::oid, c.oid, 0) o WHERE c.oid >= '16384'
"""
_SETTINGS = """
    SELECT coalesce(r.rolname::text, ''), s.setconfig
    FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole LEFT JOIN pg_database d ON d.oid = s.setdatabase
    WHERE d.datname = current_database()
        OR s.setdatabase = '0' AND (s.setrole = '0' OR r.rolname = current_user OR r.rolname = session_user)
"""


def strangers(using: str = "default") -> Iterator[str]:
    """Schemas, extensions, casts, event triggers that are none of ours; all that lies in such a schema, all but tables in ours.

    Written like "function public.same(text,text)". SQLite has none of these.
    """
    if connections[using].vendor != "postgresql":
        return
    with connections[using].cursor() as cursor:
        cursor.execute(_MORE, [list(EXTENSIONS)])
        found = [f"{kind} {name}" for kind, name in cursor.fetchall()]
        cursor.execute(_THINGS, [list(EXTENSIONS)])
        for kind, name, of_extension, of_trigger in cursor.fetchall():
            tables = kind in ("table", "sequence") and name.startswith("public.")  # `constraints` looks at those that are ours
            guard = of_trigger and _OF_A_GUARD.fullmatch(name)
            # An extension is told of above; privileges by default say who may, and not what is answered.
            if not (tables or guard or of_extension or kind in ("extension", "default acl")):
                found.append(f"{kind} {name}")
    yield from sorted(found)


def settings(using: str = "default") -> Iterator[str]:
    """What the database or a role sets for whoever connects, and a search path that leads elsewhere, in words."""
    if connections[using].vendor != "postgresql":
        return
    with connections[using].cursor() as cursor:
        cursor.execute(_SETTINGS)
        for role, given in cursor.fetchall():
            yield from (f"sets {one} for {role or 'every role'}" for one in given)
        cursor.execute("SELECT current_schemas(false)::text[]")
        (path,) = cursor.fetchone()
        if path != ["public"]:
            yield f"looks for tables in {', '.join(path) or 'nothing'}"
