"""What the timer runs every few minutes: look at files, send what waits, seal what waits, remind."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from meetings import reminders as promised
from motions import reminders as asked
from people import mail
from protocol import reminders as unsigned
from protocol.drawings import throw_away
from protocol.sealing import look_at_waiting_files, seal_waiting
from record.beats import TIMER, beat
from record.turns import alone


class Command(BaseCommand):
    help = "Look at the files of what is signed, send mail again, seal what is adjusted, remind, and throw away drawn drafts."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        with alone("tick") as mine:
            if not mine:
                self.stderr.write("Another tick is running; this one does nothing.")
                return
            look_at_waiting_files()
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
