"""Properties that do not show their passwords."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from bridge.transport import address

#: librdkafka's: sasl.password, ssl.key.password, ssl.keystore.password, ssl.key.pem,
#: sasl.oauthbearer.client.secret, sasl.oauthbearer.config, and what may come.
MASK: Final = "**"
_SECRET: Final = re.compile(r"password|secret|passphrase|private|token$|\.pem$|oauthbearer\.config")


class Masked(dict[str, Any]):
    """A mapping whose text has a mask in place of each secret."""

    def __repr__(self) -> str:
        shown = {name: MASK if _SECRET.search(name) else value for name, value in self.items()}
        return repr(shown)


def hide(client: Any) -> None:  # noqa: ANN401 - kombu is untyped
    """Let a kombu Connection tell of itself without passwords.

    `celery inspect stats` sends what it tells to whoever asks, and Flower shows it.
    """
    tell = type(client).info
    client.info = lambda: {name: shown(value) for name, value in tell(client).items()}


def shown(value: object) -> object:
    """Something of a connection's settings as anybody may see it, and as JSON can hold it."""
    if isinstance(value, Mapping):
        return {
            name: MASK if _SECRET.search(str(name)) and it else shown(it)
            for name, it in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [shown(each) for each in value]
    if isinstance(value, str):
        return address.masked(value)
    return value if value is None or isinstance(value, int | float) else str(value)
