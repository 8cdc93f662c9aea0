"""Yrkanden: claims, support, answers."""

from django.apps import AppConfig


class MotionsConfig(AppConfig):
    name = "motions"
    verbose_name = "Yrkanden"
