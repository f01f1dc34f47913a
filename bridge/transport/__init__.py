"""Celery over Kafka: a kombu transport. Importing this package registers `kafka://`.

    import bridge.transport
    app = Celery(broker="kafka://host1:9092,host2:9092")

What it guarantees, its options and its limits are in the README beside this file.
"""

from __future__ import annotations

import logging
from typing import Final

from kombu import transport as _kombu

#: Where kombu finds the transport; it is imported with the first connection.
_TRANSPORT: Final = "bridge.transport.transport:Transport"


def register() -> None:
    """Make `kafka://` mean this transport, and not the one that comes with kombu."""
    _kombu.TRANSPORT_ALIASES["kafka"] = _TRANSPORT
    _kombu._transport_cache.pop("kafka", None)  # noqa: SLF001 - kombu has no other way


register()
# An application without logging hears nothing from us, as is the custom of libraries.
logging.getLogger(__name__).addHandler(logging.NullHandler())
