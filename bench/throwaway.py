"""The demonstration in a folder that is thrown away, in SQLite or under `bin/pg` in its PostgreSQL, with gunicorn before it."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]


def database_in(folder: str) -> str:
    """SQLite in the folder, unless `bin/pg` has just made a cluster. Any other database is somebody's own: it is left alone."""
    given = os.environ.get("DATABASE_URL", "")
    made_by_pg = given.startswith("postgres://postgres@%2Ftmp%2Fpg") and given.endswith("/fvg")
    return given if made_by_pg else f"sqlite:///{folder}/fvg.sqlite3"


@contextmanager
def demonstration() -> Iterator[str]:
    """Set this process up on a fresh demonstration; gives its SITE_URL, where `server` answers.

    Call it before anything of Django's.
    """
    with tempfile.TemporaryDirectory(prefix="fvg-demo-") as folder:
        address = f"http://127.0.0.1:{free_port()}"
        os.environ.update(
            DEBUG="0",
            DEMO="1",
            SECRET_KEY="only-for-a-throwaway-0123456789-abcdefghijklmnopqrstuvwxyz",
            SITE_URL=address,
            ALLOWED_HOSTS="127.0.0.1",
            DATABASE_URL=database_in(folder),
            DJANGO_ALLOW_ASYNC_UNSAFE="1",
            DJANGO_SETTINGS_MODULE="fvg.settings",
        )
        for name in ("media", "static", "mail"):
            (Path(folder) / name).mkdir()
        os.environ.update(MEDIA_ROOT=f"{folder}/media", STATIC_ROOT=f"{folder}/static", EMAIL_URL=f"file://{folder}/mail")
        os.environ.pop("OWNER_DATABASE_URL", None)
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        call_command("collectstatic", verbosity=0, interactive=False)
        from fvg import demo

        demo.build()
        yield address
        from django.db import connections

        connections.close_all()


@contextmanager
def server(address: str) -> Iterator[None]:
    """Gunicorn as in production, at that address, until the block ends."""
    command = [sys.executable, "-m", "gunicorn", "fvg.wsgi", "-w", "1", "--threads", "4", "--log-level", "warning"]
    command += ["--keep-alive", "30", "--graceful-timeout", "2", "-b", address.removeprefix("http://")]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"})
    try:
        host, _, port = address.removeprefix("http://").partition(":")
        for _ in range(100):
            try:
                socket.create_connection((host, int(port)), 1).close()
                break
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError("gunicorn ended by itself") from None
                time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait(10)


def session_key(user) -> str:
    """A session in the database in which `user` is logged in."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return session.session_key
