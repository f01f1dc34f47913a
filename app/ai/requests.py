"""The request of a check: its parts as values, before they become source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from testops.json_values import Json


@dataclass(frozen=True, slots=True)
class Body:
    """A request body."""

    #: The argument of `Api.request` that takes it: "json", "data", "files" or "content".
    argument: str
    value: Json
    #: Sent as Content-Type; empty where the client sets it.
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """Something obtained before the request: `variable = function(api, *arguments)`."""

    variable: str
    #: "existing" or "created" of testops.
    function: str
    path: str
    #: JSON pointer into what comes back.
    pointer: str
    #: What `created` sends.
    body: Body | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What a check sends. Values are flat: as they stand in the address or header."""

    method: str
    path_template: str
    path: Mapping[str, Json] = field(default_factory=dict)
    query: Mapping[str, Json] = field(default_factory=dict)
    headers: Mapping[str, Json] = field(default_factory=dict)
    cookies: Mapping[str, Json] = field(default_factory=dict)
    body: Body | None = None
    #: A required property that this request leaves out of the body.
    left_out: str = ""
    #: JSON pointer into the body → what is sent there instead.
    changes: Mapping[str, Json] = field(default_factory=dict)
    #: Headers that the environment must not add either.
    withheld: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    #: The fixture that asks: "api", or "other" for a second user.
    client: str = "api"
    #: Whether nothing proves who asks.
    anonymous: bool = False

    def without(self, location: str, names: frozenset[str]) -> Request:
        """The request without some names in a location; no such header is added later either."""
        if location == "query":
            return replace(self, query=_without(self.query, names))
        if location == "cookie":
            return replace(self, cookies=_without(self.cookies, names), withheld=("Cookie",))
        withheld = tuple(sorted(names))
        return replace(self, headers=_without(self.headers, names), withheld=withheld)


def _without(values: Mapping[str, Json], names: frozenset[str]) -> dict[str, Json]:
    return {name: value for name, value in values.items() if name not in names}
