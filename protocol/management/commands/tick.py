"""What the timer runs every few minutes: send what waits, seal what waits, remind."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from meetings import reminders as promised
from motions import reminders as asked
from people import mail
from protocol import reminders as unsigned
from protocol.drawings import throw_away
from protocol.sealing import seal_waiting
from record.beats import TIMER, beat
from record.turns import alone


class Command(BaseCommand):
    help = "Send waiting mail again, seal adjusted protocols that are not sealed, remind, and throw away drawn drafts."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        with alone("tick") as mine:
            if not mine:
                self.stderr.write("Another tick is running; this one does nothing.")
                return
            sealed, failed = seal_waiting()
            reminded = unsigned.remind() + promised.remind() + asked.remind()
            throw_away()
            counts = {"sealed": sealed, "seal_failed": failed, "reminded": reminded, "mail_sent": mail.deliver_waiting()}
            beat(TIMER)
        self.stdout.write(
            json.dumps(counts) if options["json"] else ", ".join(f"{name} {count}" for name, count in counts.items())
        )
        if failed:
            raise SystemExit(1)
