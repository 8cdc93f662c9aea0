"""The meeting, who was there, numbered paragraphs, items, the balance list, appendices."""

from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"
    verbose_name = "Möten"

    def ready(self) -> None:
        from meetings.occasions import coming
        from motions.occasions import told_by

        told_by(coming)  # the room below asks for days and deadlines, and knows no meetings
