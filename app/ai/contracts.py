"""Writes the contract: what generated tests hold answers against (see `testops.contract`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from app.ai.described_inputs import DescribedInputs
from app.ai.directions import Direction, Lens
from app.ai.requested import Requested
from app.openapi.model import ApiDescription, Operation, Response
from testops import contract
from testops.json_values import Json


def contract_of(
    description: ApiDescription, operations: Collection[str] | None = None
) -> dict[str, Json]:
    """The contract of all operations, or of those whose keys are given."""
    wanted = None if operations is None else set(operations)
    lens = Lens(Direction.RESPONSE, description.schemas)
    inputs = DescribedInputs(description, _requested(description))
    kept = {
        each.key: _operation(each, lens, inputs)
        for each in description.operations
        if wanted is None or each.key in wanted
    }
    told = [each["responses"] for each in kept.values()]
    names = contract.reachable(told, description.schemas)
    return {
        "contract": 1,
        "title": description.title,
        "operations": kept,
        "schemas": {name: lens.schema(description.schemas[name]) for name in sorted(names)},
        "inputs": dict(sorted(inputs.schemas.items())),
    }


def _requested(description: ApiDescription) -> Requested:
    return Requested(description.schemas, Lens(Direction.REQUEST, description.schemas))


def _operation(operation: Operation, lens: Lens, inputs: DescribedInputs) -> Mapping[str, Json]:
    taken = inputs.of(operation)
    reserved = [each.name for each in operation.parameters if each.allows_reserved]
    return {
        "pointer": operation.pointer,
        "responses": {each.status: _response(each, lens) for each in operation.responses},
        **({} if taken is None else {"inputs": taken}),
        **({"reserved": reserved} if reserved else {}),
    }


def _response(response: Response, lens: Lens) -> Mapping[str, Json]:
    items = {
        each.media_type: lens.schema(each.item_schema)
        for each in response.contents
        if each.item_schema is not None
    }
    return {
        "pointer": response.pointer,
        "content": {each.media_type: lens.schema(each.schema) for each in response.contents},
        "headers": {
            each.name: {"required": each.required, "schema": lens.schema(each.schema)}
            for each in response.headers
            # OpenAPI 3.1, "Response Object": a header of this name is to be ignored.
            if each.name.lower() != "content-type"
        },
        **({"items": items} if items else {}),
    }
