"""The broker's URL: `kafka://[user:password@]host[:port][,host[:port]…]`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from bridge.transport.errors import OptionError

DEFAULT_PORT: Final = 9092

_USER: Final = re.compile(r"^(?P<user>[^:@/]*)(?::(?P<password>[^@/]*))?@")
_HOST: Final = re.compile(r"^(?P<host>\[[0-9A-Fa-f:.]+\]|[^:\[\]\s/?#@]+)(?::(?P<port>\d{1,5}))?$")
_SECRET: Final = re.compile(r"(?<=://)(?P<user>[^:@/]*):[^@/]*@")


@dataclass(frozen=True, slots=True)
class Address:
    """Where the brokers are, and who we are to them."""

    #: As librdkafka's `bootstrap.servers` wants it.
    brokers: str
    username: str = ""
    password: str = field(default="", repr=False)


def parse(url: str) -> Address:
    """Read a URL; a bare `host[:port]` list will do.

    Raises OptionError that shows the URL without its password.
    """
    rest = url.partition("://")[2] or url
    user = _USER.match(rest)
    hosts = rest[user.end() if user else 0 :].rstrip("/")
    return Address(
        brokers=",".join(_host(host, url) for host in hosts.split(",")),
        username=unquote(user["user"]) if user else "",
        password=unquote(user["password"] or "") if user else "",
    )


def masked(url: str, mask: str = "**") -> str:
    """The URL with the mask in place of its password."""
    return _SECRET.sub(lambda found: f"{found['user']}:{mask}@", url)


def _host(text: str, url: str) -> str:
    found = _HOST.match(text)
    if found is None:
        raise OptionError(
            f"The broker URL {masked(url)!r} is wrong at {text!r}: "
            "write kafka://[user:password@]host[:port],host[:port]"
        )
    return f"{found['host']}:{found['port'] or DEFAULT_PORT}"
