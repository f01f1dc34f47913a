"""A mail server on loopback that keeps what is handed in; enough of RFC 5321 for one client."""

from __future__ import annotations

import base64
import socketserver
import threading
from collections.abc import Mapping
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Self


class MailServer:
    """Listens while in its context; answers "250 ok", or by the first word of a command."""

    def __init__(self, answers: Mapping[str, str] | None = None) -> None:
        self.answers = dict(answers or {})
        self.letters: list[EmailMessage] = []
        self.recipients: list[str] = []
        #: User and password of each client that proved itself (RFC 4616).
        self.users: list[tuple[str, str]] = []
        #: Announced after EHLO.
        self.offers: tuple[str, ...] = ("AUTH PLAIN",)
        handler = type("Conversation", (_Conversation,), {"fake": self})
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Conversation(socketserver.StreamRequestHandler):
    """What is said to one client."""

    fake: MailServer

    def handle(self) -> None:
        self._say(self.fake.answers.get("", "220 here"))
        while line := self.rfile.readline():
            command = line.decode().strip()
            word = command.partition(" ")[0].upper()
            answers = self.fake.answers
            answer = answers.get(command.upper()) or answers.get(word) or ""
            if answer == "hang up" or (answer == "be silent" and not self.rfile.readline()):
                return
            usual = getattr(self, f"_on_{word.lower()}", lambda _: "250 ok")
            self._say(answer or usual(command))
            if word == "QUIT":
                return

    def _on_ehlo(self, _: str) -> str:
        *lines, last = ("here", *self.fake.offers)
        return "\r\n".join((*(f"250-{line}" for line in lines), f"250 {last}"))

    def _on_auth(self, command: str) -> str:
        proof = base64.b64decode(command.rpartition(" ")[2]).decode()
        _, user, password = proof.split("\0")
        self.fake.users.append((user, password))
        return "235 welcome"

    def _on_rcpt(self, command: str) -> str:
        self.fake.recipients.append(command.partition(":")[2].strip(" <>"))
        return "250 ok"

    def _on_data(self, _: str) -> str:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        read = message_from_bytes(b"".join(lines), policy=policy.default)
        self.fake.letters.append(read)
        return "250 ok"

    def _on_quit(self, _: str) -> str:
        return "221 bye"

    def _say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())
