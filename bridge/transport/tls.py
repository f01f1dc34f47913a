"""Celery's `broker_use_ssl` as librdkafka properties; the words are those of Python's `ssl`."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Final

from bridge.transport.errors import OptionError

#: With and without `ssl_`, as kombu's other transports have it.
_NAMES: Final[Mapping[str, str]] = {
    "ca_certs": "ssl.ca.location",
    "certfile": "ssl.certificate.location",
    "keyfile": "ssl.key.location",
    "password": "ssl.key.password",
    "ciphers": "ssl.cipher.suites",
}
_SWITCHES: Final[Mapping[str, str]] = {
    "cert_reqs": "enable.ssl.certificate.verification",
    "check_hostname": "ssl.endpoint.identification.algorithm",
}
_UNVERIFIED: Final = frozenset([ssl.CERT_NONE, "CERT_NONE", "none"])


def properties(use_ssl: object) -> dict[str, str | bool]:
    """Properties of a connection over TLS; none where `use_ssl` is false.

    Raises OptionError where it has words that Kafka's client has no property for.
    """
    if not use_ssl:
        return {}
    given = use_ssl if isinstance(use_ssl, Mapping) else {}
    found: dict[str, str | bool] = {}
    for key, value in given.items():
        name = str(key).removeprefix("ssl_")
        if name in _NAMES:
            found[_NAMES[name]] = str(value)
        elif name == "cert_reqs":
            found[_SWITCHES[name]] = value not in _UNVERIFIED
        elif name == "check_hostname":
            found[_SWITCHES[name]] = "https" if value else "none"
        else:
            raise OptionError(
                f"broker_use_ssl cannot be given {key!r}: it takes "
                f"{', '.join([*_NAMES, *_SWITCHES])}; for the rest use the transport option kafka"
            )
    return found
