"""What `check --deploy` says of an environment that is not for production."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning

NO_PROXY = Warning(
    "TRUSTED_PROXIES is not set: all visitors behind the proxy count as one, and whoever guesses passwords keeps everybody out.",
    hint="TRUSTED_PROXIES=1 for the one proxy of docs/operations.md, which sets X-Forwarded-For itself.",
    id="fvg.W001",
)
DEMO = Warning("DEMO=1: everybody can read the mail in the browser.", hint="Take it out, or DEMO=0.", id="fvg.W002")
DEBUG = Warning("DEBUG=1: errors show their source and settings.", hint="Take it out, or DEBUG=0.", id="fvg.W003")
ANY_HOST = Warning(
    'ALLOWED_HOSTS has a "*": the site answers to any name.',
    hint="Name the hosts, separated by commas: ALLOWED_HOSTS=fvg.example.se.",
    id="fvg.W004",
)


def check_environment(**_: Any) -> list[CheckMessage]:
    """A warning for each setting that leaves a door open."""
    found = (
        (NO_PROXY, settings.SITE_URL.startswith("https:") and not settings.ALLAUTH_TRUSTED_PROXY_COUNT),
        (DEMO, settings.DEMO),
        (DEBUG, settings.DEBUG),
        (ANY_HOST, any("*" in name for name in settings.ALLOWED_HOSTS)),
    )
    return [warning for warning, holds in found if holds]
