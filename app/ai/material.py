"""What the checks of one operation are written from: the description, seen from the operation."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.ai import answers, reading
from app.ai.described_inputs import DescribedInputs
from app.ai.directions import Direction, Lens
from app.ai.errors import NoValueError
from app.ai.paths import Paths
from app.ai.requested import Requested
from app.ai.requests import as_made
from app.ai.values import Source
from app.openapi.model import ApiDescription, Content, Link, Operation, Parameter, Schema
from testops.errors import ContractError
from testops.json_values import Json
from testops.schemas import Schemas

#: Schemas of so many operations are held at a time: compiled they are large.
_MOST_CHECKED = 50
_MEMBER = re.compile(r"(?P<collection>[^?#]*)/\{[^{}/]+\}")


class Material:
    """A description and a seed; shared by the operations of a suite."""

    def __init__(self, description: ApiDescription, seed: int) -> None:
        self.description = description
        self.seed = seed
        self.lens = Lens(Direction.REQUEST, description.schemas)
        self.requested = Requested(description.schemas, self.lens)
        self.described = DescribedInputs(description, self.requested)
        self._by_key = {operation.key: operation for operation in description.operations}
        #: The schemas of operations by their keys; what creates something is asked for often.
        self.checked: dict[str, Schemas | None] = {}
        #: What was worked out before, by whom and for what.
        self.remembered: dict[tuple[str, ...], object] = {}
        self.creations = [each for each in description.operations if each.method == "POST"]

    def operation(self, key: str) -> Operation | None:
        """Another operation: "GET /pets"; a slash at the end of its path does not matter."""
        return self._by_key.get(key) or self._by_key.get(_other_spelling(key))

    def linked(self, link: Link) -> Operation | None:
        """The operation that a link of the description leads to."""
        return self._by_name.get(link.operation)

    @cached_property
    def readings(self) -> Mapping[str, Sequence[Operation]]:
        """The operations that read one resource, by the segment before its placeholder."""
        found: dict[str, list[Operation]] = {}
        for operation in self.description.operations:
            path = operation.path.rstrip("/")
            if operation.method == "GET" and path.endswith("}"):
                segment = path.split("/")[-2]
                found.setdefault(segment, []).append(operation)
        return found

    @cached_property
    def created_links(self) -> Mapping[str, Sequence[tuple[Operation, Link, Operation]]]:
        """Parameter name → who creates, its links that give the parameter, where they lead."""
        found: dict[str, list[tuple[Operation, Link, Operation]]] = {}
        for creation in self.creations:
            for link in (
                each for response in answers.successes(creation) for each in response.links
            ):
                if target := self.linked(link):
                    for name in link.parameters:
                        found.setdefault(name, []).append((creation, link, target))
        return found

    @cached_property
    def _by_name(self) -> Mapping[str, Operation]:
        """Operations by what a link may name them: the id, or the place."""
        operations = self.description.operations
        by_id = {each.operation_id: each for each in operations if each.operation_id}
        return {each.pointer: each for each in operations} | by_id

    @cached_property
    def paths(self) -> Paths:
        """Which methods an address may take."""
        return Paths(self.description.operations)

    @cached_property
    def members(self) -> Mapping[str, Operation]:
        """Path of a collection → the operation that reads a member: "/pets" → "GET /pets/{id}"."""
        found = (_MEMBER.fullmatch(each.path) for each in self.description.operations)
        return {
            match["collection"]: each
            for each, match in zip(self.description.operations, found, strict=True)
            if match and each.method == "GET"
        }


@dataclass(frozen=True)
class OperationMaterial:
    """One operation: its inputs, values for them, and what decides whether a value fits."""

    shared: Material
    operation: Operation
    #: The operation the request is made for, where it is another one: its values are its own.
    purpose: str = ""

    @property
    def description(self) -> ApiDescription:
        """The description the operation is part of."""
        return self.shared.description

    @property
    def schemas(self) -> Mapping[str, Schema]:
        """What references lead to."""
        return self.shared.description.schemas

    @cached_property
    def parameters(self) -> list[Parameter]:
        """The parameters that are the check's to give."""
        return reading.parameters(self.operation, self.description)

    @cached_property
    def contents(self) -> tuple[Content, ...]:
        """The documented request bodies."""
        return self.operation.body.contents if self.operation.body else ()

    @cached_property
    def values(self) -> Source:
        """Values for the schemas of this operation."""
        return Source(self.schemas, self.shared.lens, self._chance_of)

    def accepts(self, place: str) -> Callable[[Json], bool]:
        """What says whether a value fits the schema at "/parameters/0" or "/contents/0"."""

        def fits(value: Json) -> bool:
            if self._checked is None:
                raise NoValueError("its schema is too intricate to check a value against")
            try:
                return self._checked.accepts(place, as_made(value))
            except ContractError as error:
                raise NoValueError("its schema cannot be used") from error

        return fits

    @cached_property
    def _checked(self) -> Schemas | None:
        """The schemas of all inputs, as they count for requests, with what these refer to.

        None where checking would not end.
        """
        known = self.shared.checked
        if self.operation.key not in known:
            if len(known) >= _MOST_CHECKED:
                known.clear()
            own: dict[str, list[Schema]] = {
                "parameters": [each.schema for each in self.parameters],
                "contents": [each.schema for each in self.contents],
            }
            document = self.shared.requested.document(own)
            known[self.operation.key] = None if document is None else Schemas(document)
        return known[self.operation.key]

    def _chance_of(self, name: str) -> random.Random:
        # Not for secrets: the same description and seed must give the same script.
        return random.Random(f"{self.shared.seed} {self.operation.key} {self.purpose} {name}")  # noqa: S311


def _other_spelling(key: str) -> str:
    return key.removesuffix("/") if key.endswith("/") else f"{key}/"
