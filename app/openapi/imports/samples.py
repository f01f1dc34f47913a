"""A request as somebody sent or saved it, whatever tool kept it, and what was answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Names and values in the order they were sent.
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form."""

    name: str
    value: str = ""
    is_file: bool = False


@dataclass(frozen=True, slots=True)
class Payload:
    """A body: text in a media type, or the fields of a form."""

    media_type: str
    text: str = ""
    fields: tuple[FormField, ...] = ()
    #: What of it is not as it has to be: a secret, a variable without a value, a file.
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that was saved or recorded."""

    status: int
    description: str = ""
    #: None where it had no body, or one that was not kept.
    payload: Payload | None = None


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a request proved who was asking: a security scheme of OpenAPI, without the proof."""

    name: str
    #: The Security Scheme Object.
    definition: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sample:
    """One request."""

    method: str
    #: "https://api.example.com"; empty where the tool did not keep it.
    origin: str
    #: With parameters in braces where the tool names them: "/pets/{petId}".
    path: str
    #: JSON pointer into what was imported, or a line of it.
    pointer: str
    query: Pairs = ()
    #: Query parameters that are known by name only.
    unset_query: tuple[str, ...] = ()
    headers: Pairs = ()
    #: Values of the parameters in the path.
    path_values: Mapping[str, str] = field(default_factory=dict)
    body: Payload | None = None
    answers: tuple[Answer, ...] = ()
    schemes: tuple[Scheme, ...] = ()
    title: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """What could not be taken over, and where it stands."""

    pointer: str
    message: str


@dataclass(frozen=True, slots=True)
class Kept:
    """Everything that a tool kept."""

    title: str
    samples: tuple[Sample, ...]
    remarks: tuple[Remark, ...] = ()
    description: str = ""
    version: str = ""
