"""The broker's URL: `kafka://[user:password@]host[:port][,host[:port]…]`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Protocol
from urllib.parse import unquote

from bridge.transport import tls
from bridge.transport.errors import OptionError

DEFAULT_PORT: Final = 9092

_USER: Final = re.compile(r"^(?P<user>[^:@/]*)(?::(?P<password>[^@/]*))?@")
_HOST: Final = re.compile(r"^(?P<host>\[[0-9A-Fa-f:.]+\]|[^:\[\]\s/?#@]+)(?::(?P<port>\d{1,5}))?$")
_SECRET: Final = re.compile(r"(?<=://)(?P<user>[^:@/;]*):[^@/;]*@")


class Client(Protocol):
    """What a kombu Connection says of the broker it is to."""

    #: The URL; the host alone where kombu has taken it apart.
    hostname: str | None
    port: int | None
    userid: str | None
    password: str | Callable[[], str] | None
    #: Celery's `broker_use_ssl`.
    ssl: object


@dataclass(frozen=True, slots=True)
class Address:
    """Where the brokers are, and who we are to them."""

    #: As librdkafka's `bootstrap.servers` wants it.
    brokers: str
    username: str = ""
    password: str = field(default="", repr=False)
    is_tls: bool = False
    #: What `broker_use_ssl` says of certificates.
    tls: Mapping[str, str | bool] = field(default_factory=dict, repr=False)

    @property
    def security_protocol(self) -> str:
        """The way to the brokers; a password goes over TLS."""
        if self.username:
            return "SASL_SSL"
        return "SSL" if self.is_tls else "PLAINTEXT"


def of(client: Client) -> Address:
    """The address of a kombu connection; raises OptionError as `parse` does."""
    # Kombu takes a URL apart when it fails over to it, and Celery may be given the parts.
    hosts = client.hostname or f"localhost:{DEFAULT_PORT}"
    is_apart = client.port and "://" not in hosts
    found = parse(f"{hosts}:{client.port}" if is_apart else hosts, client.ssl)
    password = client.password() if callable(client.password) else client.password
    return replace(
        found,
        username=found.username or client.userid or "",
        password=found.password or password or "",
    )


def parse(url: str, use_ssl: object = None) -> Address:
    """Read a URL, a bare `host[:port]` list will do, and Celery's `broker_use_ssl`.

    Raises OptionError that shows the URL without its password.
    """
    rest = url.partition("://")[2] or url
    user = _USER.match(rest)
    hosts = rest[user.end() if user else 0 :].rstrip("/")
    return Address(
        brokers=",".join(_host(host, url) for host in hosts.split(",")),
        username=unquote(user["user"]) if user else "",
        password=unquote(user["password"] or "") if user else "",
        is_tls=bool(use_ssl),
        tls=tls.properties(use_ssl),
    )


def masked(url: str, mask: str = "**") -> str:
    """The URL, or URLs, with the mask in place of each password."""
    return _SECRET.sub(lambda found: f"{found['user']}:{mask}@", url)


def _host(text: str, url: str) -> str:
    found = _HOST.match(text)
    if found is None:
        raise OptionError(
            f"The broker URL {masked(url)!r} is wrong at {text!r}: "
            "write kafka://[user:password@]host[:port],host[:port]"
        )
    return f"{found['host']}:{found['port'] or DEFAULT_PORT}"
