"""The request of a check: its parts as values, before they become source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from app.ai.quoting import Variable
from testops.json_values import Json


@dataclass(frozen=True, slots=True)
class Body:
    """A request body."""

    #: The argument of `Api.request` that takes it: "json", "data", "files" or "content".
    argument: str
    value: Json
    #: Sent as Content-Type; empty where the client sets it.
    media_type: str = ""
    #: Properties whose texts may be there only once, so that each request has new ones.
    fresh: tuple[str, ...] = ()
    #: A property that has each of the values of a step's `variants` in turn.
    varied: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """Something obtained before the request: `variable = function(api, *arguments)`.

    What is created becomes a fixture, which deletes it afterwards.
    """

    variable: str
    #: "existing" or "created" of testops.
    function: str
    path: str
    #: JSON pointer into what comes back.
    pointer: str
    #: What `created` sends.
    body: Body | None = None
    #: Placeholder → the variable of a step before.
    values: Mapping[str, Json] = field(default_factory=dict)
    #: The steps that this one rests on.
    after: tuple[Step, ...] = ()
    #: The path template by which it is deleted, and the values for it; empty where nothing says.
    deletion: str = ""
    deletion_values: Mapping[str, Json] = field(default_factory=dict)
    #: What is created, in a word: "project".
    noun: str = ""
    #: What the body is called at the top of the module, where that is not made of the path.
    constant: str = ""
    #: Created once for each of these values of the body's `varied` property; `single` is then what
    #: one of them is called.
    variants: tuple[Json, ...] = ()
    single: str = ""

    def chain(self) -> Iterator[Step]:
        """The steps that this one rests on, and the step itself."""
        for step in self.after:
            yield from step.chain()
        yield self


@dataclass(frozen=True, slots=True)
class Obtained(Variable):
    """In a body: the id of something that a step creates, since what is sent refers to it."""

    step: Step = field(compare=False)
    #: What would stand there by the schema alone; a body is held against its schema with this.
    made: Json = field(compare=False)


def obtained_in(value: Json) -> dict[str, Obtained]:
    """The properties of a body that are obtained; others than those at its top never are."""
    if not isinstance(value, Mapping):
        return {}
    return {name: each for name, each in value.items() if isinstance(each, Obtained)}


def as_made(value: Json) -> Json:
    """A body as it would be by the schema alone."""
    obtained = obtained_in(value)
    return {**value, **{name: each.made for name, each in obtained.items()}} if obtained else value


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
