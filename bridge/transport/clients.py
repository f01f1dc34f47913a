"""Makes librdkafka's clients; what it refuses of their configuration is an option's error."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from confluent_kafka import KafkaException

from bridge.transport import trouble
from bridge.transport.errors import OptionError
from bridge.transport.options import Config

Client = TypeVar("Client")


def made(kind: Callable[[Config], Client], config: Config) -> Client:
    """A client; raises OptionError that names what is wrong, without a password."""
    try:
        return kind(config)
    except KafkaException as error:
        raise OptionError(
            f"librdkafka refuses a transport option: {trouble.of(error).str()}"
        ) from error
