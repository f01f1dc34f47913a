"""What the platform knows of an API: operations and their parts, whatever version they came from.

Every schema is JSON Schema 2020-12 whatever the description's version: Swagger 2.0 and OpenAPI 3.0
spellings are translated on load. References between schemas have the one form `#/schemas/<name>`
and lead into `ApiDescription.schemas`; all other references are resolved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: A JSON Schema: True, False or an object. Any: a schema's values are any JSON.
Schema = bool | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """A part of the description that could not be used; the rest was loaded."""

    #: JSON pointer into the description, as a URI fragment: "#/paths/~1pets/get".
    pointer: str
    message: str


@dataclass(frozen=True, slots=True)
class Example:
    """A value given by the description itself."""

    value: Any
    #: What it is called among others; empty where it has no name. Two of one value are the same.
    name: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter in path, query, header or cookie."""

    name: str
    #: "path", "query", "header" or "cookie"; "querystring" (OpenAPI 3.2) where the whole query is
    #: described as something that is not sent there.
    location: str
    required: bool
    schema: Schema
    pointer: str
    #: OpenAPI's style: form, simple, label, matrix, spaceDelimited, pipeDelimited, deepObject,
    #: cookie; and tabDelimited, which Swagger 2.0 has.
    style: str = "form"
    explode: bool = True
    examples: tuple[Example, ...] = ()
    #: Media type where the parameter is described by `content`; empty otherwise.
    media_type: str = ""
    description: str = ""
    #: Of a query parameter: whether reserved characters stand in its value as they are (RFC 6570,
    #: section 3.2.3), where they have no meaning of their own there.
    allows_reserved: bool = False


@dataclass(frozen=True, slots=True)
class Encoding:
    """How one property of a form is sent (OpenAPI 3.1, "Encoding Object")."""

    #: Of a part of multipart: the first that is listed; empty where none is.
    content_type: str = ""
    #: As of a query parameter.
    style: str = "form"
    explode: bool = True


@dataclass(frozen=True, slots=True)
class Content:
    """A body in one media type."""

    media_type: str
    schema: Schema
    pointer: str
    examples: tuple[Example, ...] = ()
    #: Of forms, by property; those without an entry are sent by default.
    encodings: Mapping[str, Encoding] = field(default_factory=dict)
    #: Names of values that the examples lack: `x-testops-needs`, as imports tell it.
    needs: tuple[str, ...] = ()
    #: Of a stream of values, what each of them is (OpenAPI 3.2, `itemSchema`); None of all others.
    item_schema: Schema | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """What an operation takes as request body."""

    required: bool
    contents: tuple[Content, ...]
    pointer: str


@dataclass(frozen=True, slots=True)
class Header:
    """A response header."""

    name: str
    required: bool
    schema: Schema
    pointer: str


@dataclass(frozen=True, slots=True)
class Link:
    """How an answer leads to another operation (OpenAPI 3, "Link Object")."""

    #: The other operation: its id, or the pointer to it.
    operation: str
    #: Its parameters → runtime expressions: "$response.body#/id".
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Response:
    """One documented answer."""

    #: "200", "2XX" or "default".
    status: str
    description: str
    contents: tuple[Content, ...]
    headers: tuple[Header, ...]
    pointer: str
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """A way to get a token of OAuth 2 (RFC 6749), as OpenAPI 3 names it."""

    #: "clientCredentials", "password", "authorizationCode", "implicit" or "deviceAuthorization".
    kind: str
    #: Where people or devices are authorised; http or https, empty where the flow has none.
    authorization_url: str = ""
    #: Where the token comes from; likewise.
    token_url: str = ""
    #: Names of scopes, in order.
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """A way to prove who is asking."""

    name: str
    #: "apiKey", "http", "oauth2", "openIdConnect" or "mutualTLS".
    kind: str
    #: For apiKey: "header", "query" or "cookie".
    location: str = ""
    #: For apiKey: the parameter's name.
    parameter: str = ""
    #: For http: "basic", "bearer", …
    scheme: str = ""
    #: For bearer: how the token is made, a hint: "JWT".
    bearer_format: str = ""
    #: For oauth2.
    flows: tuple[Flow, ...] = ()
    #: For openIdConnect: where its configuration is (OpenID Connect Discovery 1.0, section 4). For
    #: oauth2 of OpenAPI 3.2: where the server's metadata are (RFC 8414), which have the same form.
    discovery_url: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path."""

    #: Upper case.
    method: str
    #: As documented, with the base path of Swagger 2.0 left to the server: "/pets/{petId}".
    path: str
    pointer: str
    operation_id: str = ""
    summary: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    deprecated: bool = False
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    responses: tuple[Response, ...] = ()
    #: Alternatives, each a set of scheme names; empty means that no proof is asked for.
    security: tuple[frozenset[str], ...] = ()
    #: What is asked for besides: the scopes or roles by the name of their scheme, where any are.
    scopes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: Base URLs of its own, in place of the description's; empty where it has none.
    servers: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The operation's name everywhere: "GET /pets/{petId}"."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class ApiDescription:
    """An API description, read and normalised."""

    title: str
    version: str
    #: "2.0", "3.0", "3.1" or "3.2".
    dialect: str
    #: Base URLs as documented, relative ones made absolute against the place the description came
    #: from where that is known. Of a template with variables the one with all defaults comes first.
    servers: tuple[str, ...]
    operations: tuple[Operation, ...]
    #: Target of `#/schemas/<name>`.
    schemas: Mapping[str, Schema]
    security_schemes: Mapping[str, SecurityScheme] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
