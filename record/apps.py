"""Ground floor: change, memory, guards, text."""

from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "record"
    verbose_name = "Logg"

    def ready(self) -> None:
        from django.core.checks import Tags, register
        from django.db.models.signals import pre_migrate
        from simple_history.signals import pre_create_historical_record

        from record import guards, history, storage

        # The signals of the house; people/apps.py has one more. A migration may rebuild a table; `migrate` puts the guards back.
        pre_migrate.connect(guards.lift_before_migrate, dispatch_uid="record.guards.lift")
        # The library has no other way to fill a column that it does not know.
        pre_create_historical_record.connect(history.write_down, dispatch_uid="record.history")
        register(guards.check, Tags.database)
        register(storage.check)
