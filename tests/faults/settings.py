"""The settings of production, with passwords that are checked at once: what is asked here is what a kill leaves behind."""

from fvg.settings import *  # noqa: F403
from fvg.settings import ACCOUNT_RATE_LIMITS, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Here a person signs a hundred times as often as anybody does.
ACCOUNT_RATE_LIMITS = ACCOUNT_RATE_LIMITS | {"reauthenticate": "10000/m/user"}
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
