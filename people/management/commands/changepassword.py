"""`manage.py changepassword EMAIL`: Django's own, and then told, logged and paused for like any other change of proof."""

from typing import Any

from django.contrib.auth.management.commands import changepassword
from django.core.management.base import CommandError

from people.models import User
from people.proof import Proved, change_proof, changes


class Command(changepassword.Command):
    """For whoever has the server. The owner of the log-in is told all the same, and does not sign for a while."""

    help = "Choose another password for a log-in. All its addresses are told, the groups' logs have it, and signing waits."

    def handle(self, *args: Any, **options: Any) -> str:
        user = User.objects.filter(email__iexact=options["username"] or "").first()
        if user is None:
            raise CommandError("there is no log-in with that address")
        # No transaction around it: somebody sits and types in between.
        before = Proved.of(user.pk)
        done = super().handle(*args, **{**options, "username": user.email})
        if found := changes(before, Proved.of(user.pk)):
            change_proof(user, found, addresses=before.confirmed or [user.email], by=None)
        return done
