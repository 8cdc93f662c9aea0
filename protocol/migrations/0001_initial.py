"""The tables of 0.1.0, and the index for the search."""

import django.db.models.deletion
import django.utils.timezone
import record.fields
import simple_history.models
from django.conf import settings
from django.db import DatabaseError, migrations, models, transaction


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

    initial = True

    dependencies = [
        ('meetings', '0001_initial'),
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='FrozenVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='meetings.meeting', verbose_name='möte')),
                ('n', models.PositiveSmallIntegerField(verbose_name='version')),
                ('schema', models.CharField(max_length=40, verbose_name='schema')),
                ('data', models.BinaryField(verbose_name='innehåll')),
                ('sha256', models.CharField(max_length=64, verbose_name='kontrollsumma')),
                ('frozen_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='frystes')),
                ('frozen_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='av')),
            ],
            options={
                'verbose_name': 'fryst version',
                'verbose_name_plural': 'frysta versioner',
                'ordering': ['meeting', 'n'],
                'constraints': [models.UniqueConstraint(fields=('meeting', 'n'), name='version_once_per_meeting')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='Withdrawal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='withdrawal', to='protocol.frozenversion', verbose_name='version')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='av')),
                ('reason', record.fields.PlainTextField(blank=True, default='', verbose_name='skäl')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='tid')),
            ],
            options={
                'verbose_name': 'återtagande',
                'verbose_name_plural': 'återtaganden',
                'indexes': [],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='Signature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='protocol.frozenversion', verbose_name='version')),
                ('role', models.CharField(choices=[('chair', 'ordförande'), ('secretary', 'sekreterare'), ('adjuster', 'justerare')], max_length=10, verbose_name='uppgift')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='people.person', verbose_name='person')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='inlogg')),
                ('name', models.CharField(max_length=120, verbose_name='namn')),
                ('title', models.CharField(blank=True, max_length=120, verbose_name='titel')),
                ('party', models.CharField(blank=True, max_length=120, verbose_name='organisation')),
                ('method', models.CharField(choices=[('password', 'lösenord'), ('password_totp', 'lösenord och engångskod'), ('passkey', 'passernyckel')], max_length=20, verbose_name='sätt')),
                ('digest', models.CharField(max_length=64, verbose_name='underskriftens kontrollsumma')),
                ('proof', models.JSONField(default=dict, verbose_name='bevis')),
                ('signed_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='tid')),
            ],
            options={
                'verbose_name': 'underskrift',
                'verbose_name_plural': 'underskrifter',
                'ordering': ['signed_at', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('version', 'person'), name='signed_once_per_person'), models.UniqueConstraint(condition=models.Q(('role', 'adjuster'), _negated=True), fields=('version', 'role'), name='signed_once_per_office')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='HistoricalChangeRequest',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('history_verb', models.CharField(blank=True, default='', max_length=40, verbose_name='vad som gjordes')),
                ('history_origin', models.CharField(blank=True, default='', max_length=80, verbose_name='vad det kom från')),
                ('heading', models.CharField(blank=True, max_length=320, verbose_name='gäller')),
                ('comment', record.fields.PlainTextField(blank=True, default='', verbose_name='vad som behöver ändras')),
                ('wording', record.fields.PlainTextField(blank=True, default='', verbose_name='förslag till text')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='tid')),
                ('resolved_at', models.DateTimeField(blank=True, null=True, verbose_name='avgjord')),
                ('accepted', models.BooleanField(blank=True, null=True, verbose_name='godtagen')),
                ('answer', record.fields.PlainTextField(blank=True, default='', verbose_name='svar')),
                ('version', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='protocol.frozenversion', verbose_name='version')),
                ('person', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.person', verbose_name='av')),
                ('paragraph', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='meetings.paragraph', verbose_name='paragraf')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical begäran om ändring',
                'verbose_name_plural': 'historical begäranden om ändring',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'indexes': [],
                'constraints': [],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='ChangeRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='change_requests', to='protocol.frozenversion', verbose_name='version')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person', verbose_name='av')),
                ('paragraph', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='meetings.paragraph', verbose_name='paragraf')),
                ('heading', models.CharField(blank=True, max_length=320, verbose_name='gäller')),
                ('comment', record.fields.PlainTextField(blank=True, default='', verbose_name='vad som behöver ändras')),
                ('wording', record.fields.PlainTextField(blank=True, default='', verbose_name='förslag till text')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='tid')),
                ('resolved_at', models.DateTimeField(blank=True, null=True, verbose_name='avgjord')),
                ('accepted', models.BooleanField(blank=True, null=True, verbose_name='godtagen')),
                ('answer', record.fields.PlainTextField(blank=True, default='', verbose_name='svar')),
            ],
            options={
                'verbose_name': 'begäran om ändring',
                'verbose_name_plural': 'begäranden om ändring',
                'ordering': ['at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('accepted__isnull', True), ('resolved_at__isnull', True)), models.Q(('accepted__isnull', False), ('resolved_at__isnull', False), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='resolved_request_has_answer')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='SealedProtocol',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='sealed', to='protocol.frozenversion', verbose_name='version')),
                ('pdf', models.BinaryField(verbose_name='PDF')),
                ('sha256', models.CharField(max_length=64, unique=True, verbose_name='filens kontrollsumma')),
                ('certificate', models.TextField(blank=True, verbose_name='certifikat')),
                ('timestamp', models.BinaryField(blank=True, default=b'', verbose_name='tidsstämpel')),
                ('sealed_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='förseglat')),
            ],
            options={
                'verbose_name': 'förseglat protokoll',
                'verbose_name_plural': 'förseglade protokoll',
                'indexes': [],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='LegacySource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('meeting', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='source', to='meetings.meeting', verbose_name='möte')),
                ('sha256', models.CharField(max_length=64, unique=True, verbose_name='kontrollsumma')),
                ('filename', models.CharField(max_length=200, verbose_name='fil')),
                ('loaded_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='inläst')),
                ('warnings', models.JSONField(default=list, verbose_name='varningar vid inläsningen')),
            ],
            options={
                'verbose_name': 'inläst källa',
                'verbose_name_plural': 'inlästa källor',
                'indexes': [],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='Passage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='passages', to='meetings.meeting', verbose_name='möte')),
                ('number', models.PositiveSmallIntegerField(verbose_name='paragraf')),
                ('heading', models.CharField(max_length=300, verbose_name='rubrik')),
                ('words', models.TextField(verbose_name='text')),
                ('folded', models.TextField(verbose_name='text i gemener')),
            ],
            options={
                'verbose_name': 'sökbar text',
                'verbose_name_plural': 'sökbara texter',
                'ordering': ['-meeting', 'number'],
                'indexes': [],
                'constraints': [],
            },
        ),
        # Trigrams of the words to search in. Where the database cannot have them the search reads every passage instead.
        migrations.RunPython(add, remove),
    ]
