"""The meeting page and the autosave, over HTTP, against the site's plainest page on the same server."""

import http.client
import re
from collections.abc import Callable
from urllib.parse import urlencode

from bench import Line, medians
from bench.throwaway import server, session_key

FLOOR = "× a public page of text (/trygghet/) on the same server"


class Browser:
    """One kept connection with the cookies of one log-in."""

    def __init__(self, address: str, user=None) -> None:
        self.connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=30)
        self.address = address
        self.cookies = {"session": session_key(user)} if user else {}

    def ask(self, method: str, path: str, data: dict[str, str] | None = None, expected: int = 200) -> str:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), "Origin": self.address}
        if data is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "X-Requested-With": "fetch"}
        self.connection.request(method, path, urlencode(data) if data is not None else None, headers)
        response = self.connection.getresponse()
        body = response.read().decode("utf-8", "replace")
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        if response.status != expected:
            raise RuntimeError(f"{method} {path}: {response.status}")
        return body

    def token(self, path: str) -> str:
        """The CSRF token of a form on that page."""
        return re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.ask("GET", path))[1]


def measure() -> list[Line]:
    """Medians of fifty rounds on kept connections, each round one of each."""
    from django.conf import settings
    from django.urls import reverse

    from fvg.demo import LOGINS
    from meetings.models import Meeting, Paragraph
    from people.models import User

    address = settings.SITE_URL
    secretary = User.objects.get(email=LOGINS[0].email)
    meeting = Meeting.objects.filter(state="draft").first()
    paragraph = Paragraph.objects.filter(meeting=meeting, slug="operations").get()
    with server(address):
        stranger, reader, writer = Browser(address), Browser(address, secretary), Browser(address, secretary)
        page = reverse("meetings:meeting", args=[meeting.pk])
        save = saver(writer, paragraph)
        floor, read, saved = medians(
            lambda: stranger.ask("GET", reverse("trust")), lambda: reader.ask("GET", page), save, runs=50
        )
    return [Line("meeting page", read / floor, FLOOR), Line("autosave", saved / floor, FLOOR)]


def saver(writer: Browser, paragraph) -> Callable[[], None]:
    """A function that saves a new text each time, as the desk does while somebody writes."""
    import json

    from django.urls import reverse

    token = writer.token(reverse("meetings:write", args=[paragraph.pk]))
    state = {"version": paragraph.version, "words": "Avdelningschefen informerade."}

    def save() -> None:
        state["words"] += " Ordet."
        data = {"csrfmiddlewaretoken": token, "text": state["words"], "version": str(state["version"])}
        state["version"] = json.loads(writer.ask("POST", reverse("meetings:save", args=[paragraph.pk]), data))["version"]

    return save
