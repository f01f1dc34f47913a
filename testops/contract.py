"""The contract: the part of an API description that checks are held against.

One JSON document, for any version of OpenAPI:

    {"contract": 1, "title": "Pets",
     "operations": {"GET /pets": {"pointer": "#/paths/~1pets/get", "responses": {
         "200": {"pointer": "#/paths/~1pets/get/responses/200",
                 "content": {"application/json": SCHEMA},
                 "headers": {NAME: {"required": true, "schema": SCHEMA}},
                 "items": {"application/jsonl": SCHEMA}}},
         "reserved": [NAME],
         "inputs": {"parameters": [PARAMETER], "requestBody": REQUEST_BODY}}},
     "schemas": {NAME: SCHEMA},
     "inputs": {NAME: SCHEMA}}

Schemas are JSON Schema 2020-12 and refer to each other as `#/schemas/NAME`. What an operation takes
is there where inputs are generated for it, in the objects of OpenAPI 3.1; its schemas are as they
count for requests, and refer to each other as `#/inputs/NAME`. "items", of media types that are
streams of values, says what each value is; "reserved" names the query parameters whose values are
sent with reserved characters as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from testops import pointers
from testops.errors import ContractError
from testops.json_values import Json
from testops.schemas import Schemas

#: The operation that deletes a member of a collection.
_DELETION = re.compile(r"DELETE (?P<member>(?P<collection>.*)/\{\})")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_REFERENCE = re.compile(r"#/(?:schemas|inputs)/([^/]+)")


@dataclass(frozen=True, slots=True)
class DocumentedResponse:
    """One documented answer of an operation."""

    #: Where it stands in the API description: a JSON pointer as a URI fragment.
    pointer: str
    #: Where it stands in the contract.
    place: str
    #: Media types in lower case without parameters → the key under "content".
    media_types: Mapping[str, str]
    #: Header names → whether the header is required.
    headers: Mapping[str, bool]
    #: Keys under "items": media types of which each value is described.
    items: frozenset[str] = frozenset()


class Contract:
    """A contract, ready to be asked."""

    def __init__(self, document: Mapping[str, Json]) -> None:
        if document.get("contract") != 1 or not isinstance(document.get("operations"), dict):
            raise ContractError("This is no contract of version 1; write the project again.")
        self._document = document
        self.schemas = Schemas(document)

    def operation(self, *keys: str) -> OperationContract:
        """What is documented of the first of these operations ("GET /pets") that it holds.

        Raises ContractError where it holds none.
        """
        operations = self._document["operations"]
        for key in keys:
            if key in operations:
                return OperationContract(key, operations[key], self.schemas)
        raise ContractError(f"The contract does not hold the operation {' or '.join(keys)}.")


class OperationContract:
    """What is documented of one operation."""

    def __init__(self, key: str, document: Mapping[str, Json], schemas: Schemas) -> None:
        self.key = key
        self.pointer: str = document["pointer"]
        self.schemas = schemas
        #: What it takes; None where no inputs are generated for it.
        self.inputs: Mapping[str, Json] | None = document.get("inputs")
        #: Query parameters whose values are sent with reserved characters as they are.
        self.reserved: frozenset[str] = frozenset(document.get("reserved", ()))
        self._responses: Mapping[str, Json] = document["responses"]

    @property
    def statuses(self) -> tuple[str, ...]:
        """The documented statuses: "200", "2XX", "default"."""
        return tuple(self._responses)

    def media_types(self) -> tuple[str, ...]:
        """Every documented media type of an answer, each once."""
        found = (name for answer in self._responses.values() for name in answer["content"])
        return tuple(dict.fromkeys(found))

    def response_to(self, status: int) -> DocumentedResponse | None:
        """The answer documented for a status: itself, its range, or the default."""
        for name in (str(status), f"{status // 100}XX", "default"):
            if name in self._responses:
                return self._response(name)
        return None

    def _response(self, status: str) -> DocumentedResponse:
        response = self._responses[status]
        return DocumentedResponse(
            pointer=response.get("pointer", f"{self.pointer}/responses/{status}"),
            place=pointers.of("operations", self.key, "responses", status),
            media_types={essence(name): name for name in response["content"]},
            headers={name: header["required"] for name, header in response["headers"].items()},
            items=frozenset(response.get("items", ())),
        )


def load(path: Path) -> Contract:
    """Read a contract file; raises ContractError with what to do about it."""
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ContractError(f"The contract {path} cannot be read: {error}") from error
    if not isinstance(document, dict):
        raise ContractError(f"The contract {path} is no JSON object.")
    return Contract(document)


def cut(document: Mapping[str, Json], operations: Collection[str]) -> dict[str, Json]:
    """The contract of some operations only, with the schemas these lead to.

    How to delete what these create is part of it: somebody has to clean up.
    """
    wanted = set(operations) | _deletions(document["operations"], operations)
    kept = {key: value for key, value in document["operations"].items() if key in wanted}
    told = [each.get("responses") for each in kept.values()]
    taken = [each.get("inputs") for each in kept.values()]
    return {
        **document,
        "operations": kept,
        "schemas": _reached(told, document["schemas"]),
        "inputs": _reached(taken, document.get("inputs", {})),
    }


def _reached(start: Json, schemas: Mapping[str, Json]) -> dict[str, Json]:
    """Those of the schemas that a JSON value leads to."""
    names = reachable(start, schemas)
    return {name: schema for name, schema in schemas.items() if name in names}


def _deletions(documented: Collection[str], operations: Collection[str]) -> set[str]:
    """The documented deletions of what some operations may create: by POST, or by PUT."""
    creating = {_unnamed(key) for key in operations}
    return {
        key
        for key in documented
        if (found := _DELETION.fullmatch(_unnamed(key)))
        and creating & {f"POST {found['collection']}", f"PUT {found['member']}"}
    }


def _unnamed(key: str) -> str:
    """An operation whose placeholders have no names: these may differ on one path."""
    return _PLACEHOLDER.sub("{}", key)


def reachable(start: Json, schemas: Mapping[str, Json]) -> set[str]:
    """Names of the schemas that a JSON value refers to, directly or through others."""
    found: set[str] = set()
    waiting = list(references(start))
    while waiting:
        name = waiting.pop()
        if name not in found and name in schemas:
            found.add(name)
            waiting.extend(references(schemas[name]))
    return found


def essence(media_type: str) -> str:
    """A media type without its parameters, in lower case (RFC 9110, section 8.3.1)."""
    return media_type.split(";", maxsplit=1)[0].strip().lower()


def references(value: Json) -> Iterator[str]:
    """Names of the schemas that a JSON value refers to directly, each as often as it does."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Mapping):
            target = _REFERENCE.match(str(part.get("$ref")))
            if target:
                yield unquote(target[1]).replace("~1", "/").replace("~0", "~")
            waiting.extend(part.values())
        elif isinstance(part, list | tuple):
            waiting.extend(part)
