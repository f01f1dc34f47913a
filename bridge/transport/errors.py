"""Every error of the transport.

OptionError              the URL or a transport option is wrong (ValueError)
kombu ConnectionError    Celery connects again, to the next URL where there are several
├── ConsumerLostError    the consumer cannot go on
└── BrokerAwayError      no broker of this URL answers, and there is another URL
kombu OperationalError
├── PublishError         the broker refused a message or did not confirm it in time
│   └── BatchError       some messages of a batch; also kombu's BatchPublishError
├── BrokerError          the broker refused something else or did not answer in time
└── UnsupportedError     this transport cannot do it
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kombu.exceptions import BatchPublishError, OperationalError
from kombu.exceptions import ConnectionError as KombuConnectionError

#: How many messages an error's text names; all of them are in its `failures`.
_NAMED: Final = 3


class OptionError(ValueError):
    """The broker's URL or a transport option cannot be used."""


class ConsumerLostError(KombuConnectionError):  # type: ignore[misc]  # kombu is untyped
    """The consumer has ended by itself; a new connection is needed."""


class BrokerAwayError(KombuConnectionError):  # type: ignore[misc]  # kombu is untyped
    """No broker of a URL answers; raised only where kombu may go on to another URL."""


class PublishError(OperationalError):  # type: ignore[misc]  # kombu is untyped
    """A message is not known to be on its topic.

    Never retried by kombu: the producer has retried within its limit already.
    """


@dataclass(frozen=True, slots=True)
class Failure:
    """One message of a batch that is not known to be on its topic."""

    #: Which message of the batch, counted from 0.
    number: int
    topic: str
    #: Empty where the message is no task of Celery's.
    task_id: str
    reason: str

    def __str__(self) -> str:
        task = f", task {self.task_id}" if self.task_id else ""
        return f"message {self.number} for {self.topic}{task}: {self.reason}"


class BatchError(PublishError, BatchPublishError):  # type: ignore[misc]  # kombu is untyped
    """Some messages of a batch are not known to be on their topics; all others are.

    `failures` names each of them.
    """

    def __init__(self, failures: Sequence[Failure], *, total: int, brokers: str) -> None:
        self.failures = tuple(failures)
        named = [str(failure) for failure in self.failures[:_NAMED]]
        if len(self.failures) > _NAMED:
            named.append(f"and {len(self.failures) - _NAMED} more")
        super().__init__(
            f"Kafka at {brokers} did not take {len(self.failures)} of {total} messages: "
            f"{'; '.join(named)}"
        )


class BrokerError(OperationalError):  # type: ignore[misc]  # kombu is untyped
    """A question or an order to the broker failed."""


class UnsupportedError(OperationalError):  # type: ignore[misc]  # kombu is untyped
    """This transport cannot do what was asked."""
