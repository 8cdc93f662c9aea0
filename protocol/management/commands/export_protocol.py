"""Write a meeting's protocol to a file, in one of the formats."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from meetings.models import Meeting
from protocol import shown
from protocol.evidence import Altered
from protocol.exports import FORMATS


class Command(BaseCommand):
    help = (
        "Write the protocol of meeting ID as one of "
        + ", ".join(f"{name} ({kind.label})" for name, kind in FORMATS.items())
        + ". A sealed protocol's PDF is the stored file."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("id", type=int, help="the meeting's id")
        parser.add_argument("--format", choices=list(FORMATS), required=True)
        parser.add_argument("-o", "--output", metavar="FILE", help="where to write; without it, standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        meeting = Meeting.objects.filter(pk=options["id"]).first()
        if meeting is None:
            raise CommandError(f"there is no meeting {options['id']}", returncode=1)
        try:
            data = shown.export(meeting, options["format"])
        except Altered as error:
            raise CommandError(f"nothing is written: {error}", returncode=1) from error
        if options["output"]:
            try:
                Path(options["output"]).write_bytes(data)
            except OSError as error:
                raise CommandError(f"{options['output']}: {error.strerror}") from error
        else:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
