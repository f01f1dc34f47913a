"""Writes the contract: what generated tests hold answers against (see `testops.contract`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from app.ai.directions import Direction, Lens
from app.openapi.model import ApiDescription, Operation, Response
from testops import contract
from testops.json_values import Json


def contract_of(
    description: ApiDescription, operations: Collection[str] | None = None
) -> dict[str, Json]:
    """The contract of all operations, or of those whose keys are given."""
    wanted = None if operations is None else set(operations)
    lens = Lens(Direction.RESPONSE, description.schemas)
    kept = {
        each.key: _operation(each, lens)
        for each in description.operations
        if wanted is None or each.key in wanted
    }
    names = contract.reachable(kept, description.schemas)
    return {
        "contract": 1,
        "title": description.title,
        "operations": kept,
        "schemas": {name: lens.schema(description.schemas[name]) for name in sorted(names)},
    }


def _operation(operation: Operation, lens: Lens) -> Mapping[str, Json]:
    return {
        "pointer": operation.pointer,
        "responses": {each.status: _response(each, lens) for each in operation.responses},
    }


def _response(response: Response, lens: Lens) -> Mapping[str, Json]:
    return {
        "pointer": response.pointer,
        "content": {each.media_type: lens.schema(each.schema) for each in response.contents},
        "headers": {
            each.name: {"required": each.required, "schema": lens.schema(each.schema)}
            for each in response.headers
            # OpenAPI 3.1, "Response Object": a header of this name is to be ignored.
            if each.name.lower() != "content-type"
        },
    }
