"""The protocol as one document: build, show, PDF, sign, seal, verify, load, export."""

from django.apps import AppConfig


class ProtocolConfig(AppConfig):
    name = "protocol"
    verbose_name = "Protokoll"

    def ready(self) -> None:
        from django.core.checks import Tags, register

        from protocol import search

        register(search.check, Tags.database)
