"""Delivers notifications to the services that Apprise knows: mail, chat, webhooks."""

from __future__ import annotations

import re
from urllib.parse import unquote

import apprise
from apprise.logger import NotifyLogEntry

from app.errors import InvalidInputError, UnavailableError

#: For the whole of one delivery.
TIMEOUT_SECONDS = 20.0

#: Parts of a URL shorter than this are words, not secrets.
_SECRET_LENGTH = 4
_MASK = "***"


class AppriseNotifier:
    """Sends to Apprise URLs, see https://github.com/caronc/apprise/wiki. Thread-safe."""

    def send(self, url: str, *, title: str, text: str) -> None:
        """Blocks until the service has answered, at most TIMEOUT_SECONDS or so.

        Raises InvalidInputError for a URL that Apprise does not know, UnavailableError where the
        service did not take the message.
        """
        reasons: list[str] = []

        def note(entry: NotifyLogEntry, _service: apprise.NotifyBase | None) -> None:
            reasons.append(entry.message)

        channel = apprise.Apprise()
        if not channel.add(url):
            raise InvalidInputError(
                "The channel's URL names no service.", hint="See the list of Apprise's URLs."
            )
        delivered = channel.notify(
            body=text, title=title, timeout=TIMEOUT_SECONDS, log_callback=note
        )
        if not delivered:
            raise UnavailableError(f"The message was not delivered: {_told(reasons, url)}")


def _told(reasons: list[str], url: str) -> str:
    """The last thing that Apprise said, without any part of the URL in it."""
    reason = reasons[-1] if reasons else "no reason given."
    parts = {part for part in re.split(r"[/:@?&=,;#]+", unquote(url)) if part}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= _SECRET_LENGTH:
            reason = reason.replace(part, _MASK)
    return reason
