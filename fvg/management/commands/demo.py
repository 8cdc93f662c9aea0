"""Lay down the demonstration and print its log-ins."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from fvg import demo
from meetings.models import Meeting


class Command(BaseCommand):
    help = "Invented people, groups, meetings and motions in every state, with a log-in for each role. Safe to run again."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--json", action="store_true", help="print the log-ins and every meeting with id, group, date and state"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("the demonstration needs DEMO=1: its passwords are known to everybody")
        made = demo.build()
        if options["json"]:
            self.stdout.write(json.dumps(self.told(), ensure_ascii=False, indent=2))
            return
        self.stdout.write("Demonstrationen är klar." if made else "Demonstrationen fanns redan.")
        width = max(len(login.email) for login in demo.LOGINS)
        for login in demo.LOGINS:
            self.stdout.write(f"  {login.email:<{width}}  {login.does}")
        self.stdout.write(f"Lösenord för alla: {demo.PASSWORD}")
        self.stdout.write(f"Adress: {settings.SITE_URL}")

    def told(self) -> dict[str, Any]:
        meetings = Meeting.objects.select_related("group").order_by("pk")
        return {
            "address": settings.SITE_URL,
            "logins": [
                {"email": login.email, "password": demo.PASSWORD, "name": login.name, "role": login.does} for login in demo.LOGINS
            ],
            "meetings": [
                {
                    "id": meeting.pk,
                    "group": str(meeting.group),
                    "date": meeting.date.isoformat() if meeting.date else None,
                    "state": meeting.state,
                }
                for meeting in meetings
            ],
        }
