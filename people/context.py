"""What every page knows: where one can go, whether this is a demonstration, and the nonce of its scripts."""

from typing import Any

from django.conf import settings
from django.contrib.admin import site
from django.http import HttpRequest
from django.urls import reverse

from people.registry import keeps_registry
from record import tracing

PLACES = (
    ("Start", "home"),
    ("Möten", "meetings:list"),
    ("Yrkanden", "motions:list"),
    ("Balanslista", "meetings:balance"),
    ("Oenigheter", "meetings:disagreements"),
    ("Protokoll", "protocol:archive"),
    ("Register", "people:registry"),
    ("Hjälp", "help"),
)


def page(request: HttpRequest) -> dict[str, Any]:
    """The context of every template."""
    return {
        "nav": nav(request),
        "demo": settings.DEMO,
        "csp_nonce": getattr(request, "csp_nonce", ""),
        "request_id": tracing.current.get(),
        "pause_hours": settings.SIGNING_PAUSE_HOURS,
        "reaches_admin": hasattr(request, "user") and site.has_permission(request),
    }


def nav(request: HttpRequest) -> list[dict[str, Any]]:
    """The main menu for somebody who is logged in, with the places that are for them."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    items = []
    for label, name in PLACES:
        if name == "people:registry" and not keeps_registry(user):
            continue
        if name == "meetings:disagreements" and not user.held:  # nobody's protocols to read
            continue
        items.append({"label": label, "url": reverse(name), "current": False})
    # The longest address that the page lies under: /moten/balans/ is the balance list, not the meetings.
    under = [
        item for item in items if request.path == item["url"] or (item["url"] != "/" and request.path.startswith(item["url"]))
    ]
    if under:
        max(under, key=lambda item: len(item["url"]))["current"] = True
    return items
