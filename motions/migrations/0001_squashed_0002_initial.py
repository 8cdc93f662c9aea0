import django.db.models.constraints
import django.db.models.deletion
import django.utils.timezone
import record.fields
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('motions', '0001_initial'), ('motions', '0002_initial')]

    initial = True

    dependencies = [
        ('people', '0002_initial'),
        ('people', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalMotion',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('kind', models.CharField(choices=[('motion', 'yrkande'), ('inquiry', 'skrivelse eller fråga'), ('opinion', 'särskilt yttrande')], default='motion', max_length=10, verbose_name='slag')),
                ('party_printed', record.fields.PlainLineField(blank=True, editable=False, max_length=120, verbose_name='part enligt källan')),
                ('title', record.fields.PlainLineField(blank=True, max_length=300, verbose_name='rubrik')),
                ('background', record.fields.PlainTextField(blank=True, default='', verbose_name='bakgrund')),
                ('matter', record.fields.PlainLineField(blank=True, max_length=300, verbose_name='ärende som yrkandet gäller')),
                ('number', models.PositiveSmallIntegerField(blank=True, editable=False, null=True, verbose_name='nummer i källan')),
                ('wanted_on', models.DateField(blank=True, null=True, verbose_name='önskat möte')),
                ('state', models.CharField(choices=[('draft', 'utkast'), ('filed', 'inlämnat'), ('withdrawn', 'återkallat')], default='draft', editable=False, max_length=10, verbose_name='tillstånd')),
                ('phase', models.CharField(choices=[('K', 'öppet'), ('U', 'behandlas'), ('J', 'låst för justering'), ('S', 'förseglat'), ('A', 'arkiverat')], default='K', editable=False, max_length=1, verbose_name='fas')),
                ('filed_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='inlämnat')),
                ('receipt', models.CharField(blank=True, editable=False, max_length=40, verbose_name='mottagningsnummer')),
                ('withdrawn_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='återkallat')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='skapat')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('author', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.person', verbose_name='författare')),
                ('group', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.group', verbose_name='grupp')),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('party', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.party', verbose_name='facklig organisation')),
            ],
            options={
                'verbose_name': 'historical yrkande',
                'verbose_name_plural': 'historical yrkanden',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Motion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('motion', 'yrkande'), ('inquiry', 'skrivelse eller fråga'), ('opinion', 'särskilt yttrande')], default='motion', max_length=10, verbose_name='slag')),
                ('party_printed', record.fields.PlainLineField(blank=True, editable=False, max_length=120, verbose_name='part enligt källan')),
                ('title', record.fields.PlainLineField(blank=True, max_length=300, verbose_name='rubrik')),
                ('background', record.fields.PlainTextField(blank=True, default='', verbose_name='bakgrund')),
                ('matter', record.fields.PlainLineField(blank=True, max_length=300, verbose_name='ärende som yrkandet gäller')),
                ('number', models.PositiveSmallIntegerField(blank=True, editable=False, null=True, verbose_name='nummer i källan')),
                ('wanted_on', models.DateField(blank=True, null=True, verbose_name='önskat möte')),
                ('state', models.CharField(choices=[('draft', 'utkast'), ('filed', 'inlämnat'), ('withdrawn', 'återkallat')], default='draft', editable=False, max_length=10, verbose_name='tillstånd')),
                ('phase', models.CharField(choices=[('K', 'öppet'), ('U', 'behandlas'), ('J', 'låst för justering'), ('S', 'förseglat'), ('A', 'arkiverat')], default='K', editable=False, max_length=1, verbose_name='fas')),
                ('filed_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='inlämnat')),
                ('receipt', models.CharField(blank=True, editable=False, max_length=40, verbose_name='mottagningsnummer')),
                ('withdrawn_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='återkallat')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='skapat')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='motions', to='people.person', verbose_name='författare')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='motions', to='people.group', verbose_name='grupp')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='motions', to='people.party', verbose_name='facklig organisation')),
            ],
            options={
                'verbose_name': 'yrkande',
                'verbose_name_plural': 'yrkanden',
                'ordering': ['filed_at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('filed_at__isnull', True), ('receipt', ''), ('state', 'draft')), models.Q(models.Q(('state', 'draft'), _negated=True), ('filed_at__isnull', False), models.Q(('receipt', ''), _negated=True)), _connector='OR'), name='filed_motion_has_time_and_receipt'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'withdrawn'), ('withdrawn_at__isnull', False)), models.Q(models.Q(('state', 'withdrawn'), _negated=True), ('withdrawn_at__isnull', True)), _connector='OR'), name='withdrawn_motion_has_time'), models.UniqueConstraint(condition=models.Q(('receipt', ''), _negated=True), fields=('receipt',), name='receipt_once')],
            },
        ),
        migrations.CreateModel(
            name='Claim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='ordning')),
                ('text', record.fields.PlainTextField(blank=True, default='', verbose_name='att-sats')),
                ('points', models.JSONField(blank=True, default=list, verbose_name='numrerade punkter')),
                ('motion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='motions.motion', verbose_name='yrkande')),
            ],
            options={
                'verbose_name': 'att-sats',
                'verbose_name_plural': 'att-satser',
                'ordering': ['position', 'pk'],
                'constraints': [models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('motion', 'position'), name='claim_position_once')],
            },
        ),
        migrations.CreateModel(
            name='HistoricalClaim',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='ordning')),
                ('text', record.fields.PlainTextField(blank=True, default='', verbose_name='att-sats')),
                ('points', models.JSONField(blank=True, default=list, verbose_name='numrerade punkter')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('motion', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='motions.motion', verbose_name='yrkande')),
            ],
            options={
                'verbose_name': 'historical att-sats',
                'verbose_name_plural': 'historical att-satser',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalAnswer',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('round', models.PositiveSmallIntegerField(default=1, verbose_name='behandling')),
                ('outcome', models.CharField(choices=[('granted', 'bifalls'), ('partly_granted', 'bifalls delvis'), ('answered', 'besvaras'), ('rejected', 'avslås'), ('tabled', 'bordläggs'), ('withdrawn', 'återtas')], max_length=20, verbose_name='utfall')),
                ('text', record.fields.PlainTextField(blank=True, default='', verbose_name='svar')),
                ('released_at', models.DateTimeField(blank=True, null=True, verbose_name='utlämnat')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('claim', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='motions.claim', verbose_name='att-sats')),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('written_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.person', verbose_name='skrivet av')),
            ],
            options={
                'verbose_name': 'historical svar',
                'verbose_name_plural': 'historical svar',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalSupport',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('party_printed', record.fields.PlainLineField(blank=True, editable=False, max_length=120, verbose_name='part enligt källan')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='tid')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='återtaget')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.person', verbose_name='av')),
                ('claim', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='motions.claim', verbose_name='att-sats')),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('party', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.party', verbose_name='part')),
            ],
            options={
                'verbose_name': 'historical stöd',
                'verbose_name_plural': 'historical stöd',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Support',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('party_printed', record.fields.PlainLineField(blank=True, editable=False, max_length=120, verbose_name='part enligt källan')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='tid')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='återtaget')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person', verbose_name='av')),
                ('claim', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='supports', to='motions.claim', verbose_name='att-sats')),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='supports', to='people.party', verbose_name='part')),
            ],
            options={
                'verbose_name': 'stöd',
                'verbose_name_plural': 'stöd',
                'ordering': ['at', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('withdrawn_at__isnull', True)), fields=('claim', 'party'), name='support_once_per_party')],
            },
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('round', models.PositiveSmallIntegerField(default=1, verbose_name='behandling')),
                ('outcome', models.CharField(choices=[('granted', 'bifalls'), ('partly_granted', 'bifalls delvis'), ('answered', 'besvaras'), ('rejected', 'avslås'), ('tabled', 'bordläggs'), ('withdrawn', 'återtas')], max_length=20, verbose_name='utfall')),
                ('text', record.fields.PlainTextField(blank=True, default='', verbose_name='svar')),
                ('released_at', models.DateTimeField(blank=True, null=True, verbose_name='utlämnat')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('written_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person', verbose_name='skrivet av')),
                ('claim', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='motions.claim', verbose_name='att-sats')),
            ],
            options={
                'verbose_name': 'svar',
                'verbose_name_plural': 'svar',
                'ordering': ['round', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('claim', 'round'), name='one_answer_per_round')],
            },
        ),
    ]
