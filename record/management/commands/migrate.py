"""Django's `migrate`, which never leaves the database without its guards."""

from typing import Any

from django.core.management.commands import migrate

from record import guards


class Command(migrate.Command):
    """As Django's own. Whether it went well or stopped half-way, the guards are in place when it ends."""

    def handle(self, *args: Any, **options: Any) -> None:
        only_asked = options["plan"] or options["check_unapplied"]
        try:
            super().handle(*args, **options)
        finally:
            if not only_asked:
                guards.install(options["database"])
