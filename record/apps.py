"""Ground floor: change, memory, guards, text."""

from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "record"
    verbose_name = "Logg"

    def ready(self) -> None:
        from django.core.checks import Tags, register
        from django.db.models.signals import post_migrate, pre_migrate

        from record import guards

        # The only signals in the house: a migration may rebuild a table, and on SQLite a rebuilt table has lost its triggers.
        pre_migrate.connect(guards.lift_before_migrate, dispatch_uid="record.guards.lift")
        post_migrate.connect(guards.install_after_migrate, dispatch_uid="record.guards")
        register(guards.check, Tags.database)
