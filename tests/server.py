"""A real web server for tests that kill it: processes and a database of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent


class Server:
    """A real web server in processes of its own, on a database of its own, that can be killed like a power cut."""

    def __init__(self, folder: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.env = os.environ | {
            "DEMO": "1",
            "DEBUG": "0",
            "SITE_URL": f"http://127.0.0.1:{self.port}",
            "ALLOWED_HOSTS": "127.0.0.1",
            "MEDIA_ROOT": f"{folder}/media",
            "EMAIL_URL": f"file://{folder}/mail",
            "STATIC_ROOT": f"{folder}/static",
        }
        url, self.database = os.environ["DATABASE_URL"], ""
        if url.startswith("sqlite"):
            self.env["DATABASE_URL"] = f"sqlite:///{folder}/killed.sqlite3"
        else:
            self.database = f"server_{self.port}"
            self.env["DATABASE_URL"] = urlsplit(url)._replace(path=f"/{self.database}").geturl()
            self.owner(f'CREATE DATABASE "{self.database}"')

    def owner(self, statement: str) -> None:
        """Say something to PostgreSQL beside any transaction."""
        at = urlsplit(os.environ["DATABASE_URL"])._replace(path="/postgres").geturl()
        with psycopg.connect(at, autocommit=True) as link:
            link.execute(statement)

    def manage(self, *words: str) -> str:
        """Run a management command and return what it printed."""
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=300)
        if done.returncode:
            raise AssertionError(done.stderr[-2000:])
        return done.stdout

    def start(self) -> None:
        command = [sys.executable, "-m", "gunicorn", "fvg.wsgi", "-w", "2", "--threads", "4", "-b", f"127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/halsa/", timeout=2).close()
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise AssertionError("the server did not start")

    def kill(self) -> None:
        """No goodbye: every process at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def remove(self) -> None:
        """Its database on PostgreSQL goes; on SQLite it goes with the folder."""
        if self.database:
            self.owner(f'DROP DATABASE "{self.database}" WITH (FORCE)')
