"""Trigrams of the words to search in. Where the database cannot have them the search reads every passage instead."""

from django.db import DatabaseError, migrations, transaction

# SQLite: which passages hold which three letters in a row; the words themselves stay in the table. Kept in step by triggers.
SQLITE = (
    "CREATE VIRTUAL TABLE protocol_passage_trigrams USING fts5(folded, content='protocol_passage', content_rowid='id', detail=none, "
    "tokenize='trigram case_sensitive 1')",
    "CREATE TRIGGER protocol_passage_trigrams_insert AFTER INSERT ON protocol_passage BEGIN "
    "INSERT INTO protocol_passage_trigrams (rowid, folded) VALUES (NEW.id, NEW.folded); END",
    "CREATE TRIGGER protocol_passage_trigrams_delete AFTER DELETE ON protocol_passage BEGIN "
    "INSERT INTO protocol_passage_trigrams (protocol_passage_trigrams, rowid, folded) VALUES ('delete', OLD.id, OLD.folded); END",
    "CREATE TRIGGER protocol_passage_trigrams_update AFTER UPDATE ON protocol_passage BEGIN "
    "INSERT INTO protocol_passage_trigrams (protocol_passage_trigrams, rowid, folded) VALUES ('delete', OLD.id, OLD.folded); "
    "INSERT INTO protocol_passage_trigrams (rowid, folded) VALUES (NEW.id, NEW.folded); END",
    "INSERT INTO protocol_passage_trigrams (protocol_passage_trigrams) VALUES ('rebuild')",
)
SQLITE_BACK = (
    "DROP TRIGGER IF EXISTS protocol_passage_trigrams_insert",
    "DROP TRIGGER IF EXISTS protocol_passage_trigrams_delete",
    "DROP TRIGGER IF EXISTS protocol_passage_trigrams_update",
    "DROP TABLE IF EXISTS protocol_passage_trigrams",
)
# PostgreSQL: the owner of the database may add this extension; where the packages or the right are missing, an administrator adds it.
POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX protocol_passage_trigrams ON protocol_passage USING gin (folded gin_trgm_ops) WITH (fastupdate = off)",
)
POSTGRESQL_BACK = ("DROP INDEX IF EXISTS protocol_passage_trigrams",)


def add(apps, schema_editor):
    connection = schema_editor.connection
    statements = {"sqlite": SQLITE, "postgresql": POSTGRESQL}.get(connection.vendor, ())
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    except DatabaseError as error:
        print(f"\n  The index for the search was not made, so searching stays slow: {str(error).splitlines()[0]}")


def remove(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for statement in {"sqlite": SQLITE_BACK, "postgresql": POSTGRESQL_BACK}.get(schema_editor.connection.vendor, ()):
            cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("protocol", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]
