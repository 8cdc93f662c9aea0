"""A mail server that remembers which letters it has taken, and takes its time, so that whoever sends is killed meanwhile too."""

import email
import email.policy
import random
import socketserver
import threading
import time
from collections import Counter


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.say("220 mailbox")
        while line := self.rfile.readline():
            verb = line.split(maxsplit=1)[0].upper() if line.strip() else b""
            if verb == b"DATA":
                self.say("354 go on")
                if not self.take():
                    return
            self.say("221 bye" if verb == b"QUIT" else "250 well")
            if verb == b"QUIT":
                return

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())

    def take(self) -> bool:
        """Keep one letter; False when it does not come to its end. Whoever sent it may be gone before hearing that it was."""
        data = bytearray()
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
            data += line
        self.server.keep(str(email.message_from_bytes(bytes(data), policy=email.policy.default)["Message-ID"]))
        return True


class Mailbox(socketserver.ThreadingTCPServer):
    """Listens on a port of its own, until it is closed."""

    daemon_threads = True

    def __init__(self, slowest: float) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.slowest, self.taken, self.coming = slowest, Counter(), 0
        self.turn = threading.Lock()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    @property
    def address(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def keep(self, name: str) -> None:
        with self.turn:
            self.taken[name] += 1
            self.coming += 1
        time.sleep(random.uniform(0, self.slowest))
        with self.turn:
            self.coming -= 1

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever was killed does not listen to the end."""
