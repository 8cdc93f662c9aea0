"""Read settings from the environment: a missing or malformed required value stops the start with its name."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# With recursive_triggers what INSERT OR REPLACE removes is asked of the guards too.
# WAL alone does not keep concurrent writers from "database is locked": a transaction that reads first cannot wait to upgrade.
# IMMEDIATE takes the write lock at once, and the others wait their turn. synchronous=FULL because "Sparat" is a promise.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
    "PRAGMA journal_size_limit=27103364; PRAGMA cache_size=-20000; PRAGMA recursive_triggers=ON;",
}
# A pool that finds no server tries at ever longer intervals; one that has given up tries anew for the next who asks.
# A server that is gone without a word is noticed within a minute, and not after hours.
# Tables are looked for in `public` alone, whatever the database or the role has been told to set.
POSTGRES_LINK = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "options": "-c search_path=public",
}
POSTGRES_POOL = {"min_size": 1, "max_size": 8, "timeout": 10, "reconnect_timeout": 5}


def text(name: str, default: str | None = None) -> str:
    """The value of `name`; without a default it must be there and not be empty."""
    value = os.environ.get(name, "").strip() or default
    if value is None:
        raise ImproperlyConfigured(
            f"The environment variable {name} is missing. README, “Run”, lists what FVG needs; "
            "to develop, say bin/manage instead of manage.py: it sets all of them."
        )
    return value


def flag(name: str, default: bool = False) -> bool:
    """True for 1/true/yes, False for 0/false/no; anything else stops the start."""
    value = text(name, "1" if default else "0").lower()
    if value in ("1", "true", "yes"):
        return True
    if value in ("0", "false", "no"):
        return False
    raise ImproperlyConfigured(f"The environment variable {name} must be 0 or 1, not {value!r}.")


def count(name: str, default: int) -> int:
    """A whole number, zero or more."""
    value = text(name, str(default))
    if not value.isdecimal():
        raise ImproperlyConfigured(f"The environment variable {name} must be a whole number, not {value!r}.")
    return int(value)


def names(name: str, default: str | None = None) -> list[str]:
    """A comma-separated list without empty parts."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def address(name: str, default: str | None = None) -> str:
    """An absolute http(s) address without a slash at its end."""
    value = text(name, default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
        raise ImproperlyConfigured(f"The environment variable {name} must look like https://fvg.example.se, not {value!r}.")
    return value


def folder(name: str, default: str | Path | None = None) -> Path:
    """An absolute path to a folder."""
    value = Path(text(name, str(default) if default is not None else None))
    if not value.is_absolute():
        raise ImproperlyConfigured(f"The environment variable {name} must be an absolute path, not {str(value)!r}.")
    return value


def database(name: str, default: str | None = None) -> dict[str, Any]:
    """Django's database settings from `postgres://user:password@host:port/name` or `sqlite:///absolute/path`."""
    value = text(name, default)
    parts = urlsplit(value)
    if parts.scheme == "sqlite" and parts.path.startswith("/") and len(parts.path) > 1 and not parts.netloc:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": unquote(parts.path), "OPTIONS": dict(SQLITE_OPTIONS)}
    if parts.scheme in ("postgres", "postgresql") and len(parts.path) > 1:
        host = (
            unquote(parts.netloc.rpartition("@")[2].partition(":")[0]) if "%2F" in parts.netloc.upper() else parts.hostname or ""
        )
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        try:
            port = str(parts.port or "")
        except ValueError as error:
            raise ImproperlyConfigured(f"The environment variable {name} has a port that is no number.") from error
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path[1:]),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": host,
            "PORT": port,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {"pool": dict(POSTGRES_POOL), **POSTGRES_LINK, **query},
        }
    raise ImproperlyConfigured(
        f"The environment variable {name} must look like postgres://user:password@host/name or sqlite:///absolute/path."
    )


def mail(name: str, default: str) -> dict[str, Any]:
    """Django's EMAIL_* settings from `smtp://user:password@host:587/?tls=1` or `file:///absolute/folder`."""
    value = text(name, default)
    parts = urlsplit(value)
    if parts.scheme == "file" and parts.path.startswith("/"):
        return {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend", "EMAIL_FILE_PATH": unquote(parts.path)}
    if parts.scheme == "smtp" and parts.hostname:
        query = parse_qs(parts.query)
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": parts.hostname,
            "EMAIL_PORT": parts.port or 25,
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
            "EMAIL_USE_TLS": query.get("tls") == ["1"],
            "EMAIL_USE_SSL": query.get("ssl") == ["1"],
            "EMAIL_TIMEOUT": 10,
        }
    raise ImproperlyConfigured(f"The environment variable {name} must look like smtp://host:25 or file:///absolute/folder.")
