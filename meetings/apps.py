"""The meeting, who was there, numbered paragraphs, items, the balance list, appendices."""

from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"
    verbose_name = "Möten"

    def ready(self) -> None:
        from meetings.reading import followed, occasions
        from motions import followed as promises
        from motions import occasions as days

        # The room below asks for days and deadlines, and for what is followed up; it knows neither meetings nor the balance list.
        days.told_by(days.OccasionSource(occasions.coming, occasions.taken_up))
        promises.told_by(promises.PromiseSource(followed.of, followed.address))
