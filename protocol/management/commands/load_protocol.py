"""Load a protocol from a file in the interchange format."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from protocol import format as form
from protocol.legacy.load import Conflict, load


class Command(BaseCommand):
    help = (
        "Load a protocol (samverkan-protocol/1, JSON). The same content twice gives the same meeting. "
        "Exit 2: the file breaks the format. Exit 3: the group has another protocol from that day. "
        "Nothing is written in either case."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file", help="the JSON file")
        parser.add_argument("--state", choices=["draft", "approval"], default="draft", help="the state the meeting gets")
        parser.add_argument("--json", action="store_true", help='print {"meeting": ID}')
        parser.add_argument("--dry-run", action="store_true", help="check and load, then take everything back")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        try:
            data = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}", returncode=2) from error
        try:
            protocol = form.loads(data)
        except form.FormatError as error:
            raise CommandError(f"{path.name}: {error}", returncode=2) from error
        with transaction.atomic():
            try:
                meeting = load(protocol, filename=path.name, state=options["state"])
            except form.FormatError as error:
                raise CommandError(f"{path.name}: {error}", returncode=2) from error
            except Conflict as error:
                raise CommandError(str(error), returncode=3) from error
            if options["dry_run"]:
                transaction.set_rollback(True)
        if options["json"]:
            self.stdout.write(json.dumps({"meeting": None if options["dry_run"] else meeting.pk}))
        else:
            self.stdout.write("would be loaded" if options["dry_run"] else f"meeting {meeting.pk}")
