"""Delivers messages by e-mail, through the server that an administrator has named.

The standard library sends, and not Apprise: of what a server answers, Apprise tells nothing, and
its first digit decides whether trying again can help (RFC 5321, section 4.2.1).
"""

from __future__ import annotations

import contextlib
import email.utils
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import Enum
from typing import Final, cast
from urllib.parse import parse_qs, unquote, urlsplit

from app.domain.channels import Address
from app.errors import InvalidInputError, PlatformError
from app.services.deliveries import Message
from bridge.notifiers.outgoing import LaterError

#: For all of a delivery; each answer of the server has what is left of it.
TOTAL_SECONDS: Final = 20.0

#: From here on an answer is for good.
_PERMANENT: Final = 500
_FORM: Final = "Write smtp://user:password@host:587?from=testops@example.com."


class Security(Enum):
    """How a connection is kept from being read; the value is the scheme of the server's URL."""

    #: For a server on the same machine or network.
    NONE = "smtp+plain"
    STARTTLS = "smtp"
    TLS = "smtps"


_PORTS: Final = {Security.NONE: 25, Security.STARTTLS: 587, Security.TLS: 465}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in, and as whom."""

    host: str
    port: int
    security: Security
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)


def server_of(url: str) -> MailServer:
    """The server that TESTOPS_SMTP_URL names; raises InvalidInputError, which does not show it."""
    try:
        parts = urlsplit(url)
        port = parts.port
        security = Security(parts.scheme)
    except ValueError as error:
        raise _unreadable("The scheme is smtp, smtps or smtp+plain.") from error
    senders = parse_qs(parts.query).get("from", [])
    if not parts.hostname or len(senders) != 1 or "@" not in senders[0]:
        raise _unreadable("A host and a sender are needed.")
    return MailServer(
        host=parts.hostname,
        port=port or _PORTS[security],
        security=security,
        sender=senders[0],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def _unreadable(reason: str) -> InvalidInputError:
    return InvalidInputError(reason, where="TESTOPS_SMTP_URL", hint=_FORM)


class MailNotifier:
    """Hands mail in at a server; without one, says so."""

    def __init__(
        self,
        server: MailServer | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        self._server = server
        self._clock = clock
        self._total_seconds = total_seconds

    def send(self, address: Address, message: Message) -> None:
        """As `bridge.notifiers.notifier.Notifier` says."""
        if self._server is None:
            raise InvalidInputError(
                "No mail can be sent from here.",
                hint="An administrator names the mail server: TESTOPS_SMTP_URL.",
            )
        deadline = self._clock() + self._total_seconds
        recipients = address.place.split(",")
        letter = composed(message, sender=self._server.sender, recipients=recipients)
        try:
            refused = self._hand_in(self._server, letter, recipients, deadline)
        except smtplib.SMTPException as error:
            raise _refusal(error) from error
        except OSError as error:
            raise LaterError(f"The mail server does not answer: {type(error).__name__}.") from error
        if refused:
            raise InvalidInputError(f"Only some got it; refused was: {', '.join(sorted(refused))}.")

    def _hand_in(
        self, server: MailServer, letter: EmailMessage, recipients: list[str], deadline: float
    ) -> list[str]:
        with contextlib.closing(_connected(server, lambda: deadline - self._clock())) as connection:
            if server.user:
                connection.login(server.user, server.password)
            refused = connection.send_message(letter, server.sender, recipients)
            # It has arrived, whatever the server answers to this.
            with contextlib.suppress(smtplib.SMTPException, OSError):
                connection.quit()
        return list(refused)


class _Timed(smtplib.SMTP):
    """A connection each of whose answers has what is left of the whole."""

    def __init__(self, host: str, port: int, seconds_left: Callable[[], float]) -> None:
        self._seconds_left = seconds_left
        super().__init__(host, port, timeout=_some(seconds_left()))

    def getreply(self) -> tuple[int, bytes]:
        """The next answer; TimeoutError after the deadline."""
        cast("socket.socket", self.sock).settimeout(_some(self._seconds_left()))
        return super().getreply()


class _TimedTls(_Timed, smtplib.SMTP_SSL):
    """The same with TLS from the first byte."""


def _connected(server: MailServer, seconds_left: Callable[[], float]) -> _Timed:
    if server.security is Security.TLS:
        return _TimedTls(server.host, server.port, seconds_left)
    connection = _Timed(server.host, server.port, seconds_left)
    if server.security is Security.STARTTLS:
        try:
            connection.starttls(context=ssl.create_default_context())
        except BaseException:
            connection.close()
            raise
    return connection


def _some(seconds: float) -> float:
    """A timeout for a socket, for which 0 would be something else."""
    return max(seconds, 0.001)


def composed(message: Message, *, sender: str, recipients: Sequence[str]) -> EmailMessage:
    """The letter; each attempt has the same Message-ID (RFC 5322, section 3.6.4)."""
    letter = EmailMessage()
    letter["Subject"] = " ".join(message.title.split())
    letter["From"] = sender
    letter["To"] = ", ".join(recipients)
    letter["Date"] = email.utils.localtime()
    letter["Message-ID"] = f"<{message.id}@{sender.rpartition('@')[2].strip('>')}>"
    # RFC 3834, section 5: nobody's holiday is told to us.
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(message.text)
    return letter


def _refusal(error: smtplib.SMTPException) -> PlatformError:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = min(code for code, _ in error.recipients.values())
    elif isinstance(error, smtplib.SMTPResponseException):
        code = error.smtp_code
    elif isinstance(error, smtplib.SMTPNotSupportedError):
        code = _PERMANENT
    else:
        return LaterError("The mail server ended the connection.")
    said = f"The mail server answered {code}: {_MEANINGS.get(type(error), 'it refused')}."
    return InvalidInputError(said) if code >= _PERMANENT else LaterError(said)


_MEANINGS: Final[Mapping[type[smtplib.SMTPException], str]] = {
    smtplib.SMTPAuthenticationError: "it does not accept the user and password",
    smtplib.SMTPSenderRefused: "it does not accept the sender",
    smtplib.SMTPRecipientsRefused: "it accepts none of the recipients",
    smtplib.SMTPDataError: "it does not accept the message",
    smtplib.SMTPNotSupportedError: "it cannot do what is asked of it",
}
