"""Who, in which group, with which right."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "people"
    verbose_name = "Register"

    def ready(self) -> None:
        from allauth.mfa.signals import authentication_failed

        from people.accounts import second_step_failed

        # The log-in package has no other way to tell of it.
        authentication_failed.connect(second_step_failed, dispatch_uid="people.second_step_failed")
