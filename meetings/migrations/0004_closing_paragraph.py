"""A closing note says under which § the promise was kept. Those that were written before stood under the list's own §."""

import django.db.models.deletion
from django.db import migrations, models


def say_where(apps, schema_editor):
    BalanceNote, Paragraph = apps.get_model("meetings", "BalanceNote"), apps.get_model("meetings", "Paragraph")
    for note in BalanceNote.objects.filter(closes=True, under=None):
        rows = Paragraph.objects.filter(meeting=note.meeting_id).order_by("position", "pk")
        BalanceNote.objects.filter(pk=note.pk).update(under=rows.filter(slug="balance").first() or rows.first())


class Migration(migrations.Migration):
    dependencies = [("meetings", "0003_desk")]

    operations = [
        migrations.AddField(
            model_name="balancenote",
            name="under",
            field=models.ForeignKey(
                blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="closings",
                to="meetings.paragraph", verbose_name="avslutas under",
            ),
        ),
        migrations.AddField(
            model_name="historicalbalancenote",
            name="under",
            field=models.ForeignKey(
                blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+", to="meetings.paragraph", verbose_name="avslutas under",
            ),
        ),
        migrations.RunPython(say_where, migrations.RunPython.noop),
    ]
