"""The tables of 0.1.0, continued: the events, after the room of the users."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0001_initial'),
        ('record', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('chain', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='record.chain', verbose_name='kedja')),
                ('seq', models.PositiveBigIntegerField(verbose_name='nummer')),
                ('previous', models.CharField(max_length=64, verbose_name='föregående')),
                ('hash', models.CharField(max_length=64, unique=True, verbose_name='kontrollsumma')),
                ('kind', models.CharField(max_length=40, verbose_name='slag')),
                ('actor', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='av')),
                ('at', models.DateTimeField(verbose_name='tid')),
                ('thing', models.CharField(db_index=True, max_length=80, verbose_name='föremål')),
                ('data_sha256', models.CharField(max_length=64, verbose_name='uppgifternas kontrollsumma')),
            ],
            options={
                'verbose_name': 'händelse',
                'verbose_name_plural': 'händelser',
                'ordering': ['chain', 'seq'],
                'constraints': [models.UniqueConstraint(fields=('chain', 'seq'), name='event_seq_once_per_chain')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='EventPayload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='payload', to='record.event', verbose_name='händelse')),
                ('salt', models.CharField(max_length=32, verbose_name='salt')),
                ('data', models.JSONField(verbose_name='uppgifter')),
            ],
            options={
                'verbose_name': 'händelsens uppgifter',
                'verbose_name_plural': 'händelsernas uppgifter',
                'indexes': [],
                'constraints': [],
            },
        ),
    ]
