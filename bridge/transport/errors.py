"""Every error of the transport.

OptionError              the URL or a transport option is wrong (ValueError)
ConsumerLostError        the consumer cannot go on; Celery connects again (kombu's ConnectionError)
kombu OperationalError
├── PublishError         the broker refused a message or did not confirm it in time
└── UnsupportedError     this transport cannot do it
"""

from __future__ import annotations

from kombu.exceptions import ConnectionError as KombuConnectionError
from kombu.exceptions import OperationalError


class OptionError(ValueError):
    """The broker's URL or a transport option cannot be used."""


class ConsumerLostError(KombuConnectionError):  # type: ignore[misc]  # kombu is untyped
    """The consumer has ended by itself; a new connection is needed."""


class PublishError(OperationalError):  # type: ignore[misc]  # kombu is untyped
    """A message is not known to be on its topic.

    Never retried by kombu: the producer has retried within its limit already.
    """


class UnsupportedError(OperationalError):  # type: ignore[misc]  # kombu is untyped
    """This transport cannot do what was asked."""
