"""The meeting, who was there, numbered paragraphs, items, the balance list, appendices."""

from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"
    verbose_name = "Möten"
