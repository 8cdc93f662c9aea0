"""The tables of 0.1.0: the chains. What happened stands in 0002, since it names a user, and a group of users' room has a chain."""

from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Chain',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=80, unique=True, verbose_name='nyckel')),
                ('seq', models.PositiveBigIntegerField(default=0, verbose_name='antal händelser')),
                ('head', models.CharField(default='0000000000000000000000000000000000000000000000000000000000000000', max_length=64, verbose_name='senaste kontrollsumma')),
            ],
            options={
                'verbose_name': 'händelsekedja',
                'verbose_name_plural': 'händelsekedjor',
                'indexes': [],
                'constraints': [],
            },
        ),
    ]
