"""Front door: settings, urls, start page."""

from django.apps import AppConfig


class FvgConfig(AppConfig):
    name = "fvg"
    verbose_name = "FVG"
