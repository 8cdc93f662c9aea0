"""Front door: settings, urls, start page."""

from django.apps import AppConfig


class FvgConfig(AppConfig):
    name = "fvg"
    verbose_name = "FVG"

    def ready(self) -> None:
        from django.core.checks import Tags, register

        from fvg import deploying

        register(deploying.check_environment, Tags.security, deploy=True)
