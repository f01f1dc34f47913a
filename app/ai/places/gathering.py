"""All places of an operation; the values of those that are not required are made up."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice

from app.ai import bodies
from app.ai.inputs import Inputs
from app.ai.material import OperationMaterial
from app.ai.places import fields, parameters, properties
from app.ai.places.place import Place

#: Places of one operation; more are not varied.
_MAX_PLACES = 60


def places(material: OperationMaterial, found: Inputs) -> Iterator[Place]:
    """The places of an operation, parameters first, outer before inner."""
    everything = chain(parameters.of_operation(material, found), _body(material, found))
    return islice(everything, _MAX_PLACES)


def _body(material: OperationMaterial, found: Inputs) -> Iterator[Place]:
    request = found.request
    if request.body is None or found.content is None:
        return iter(())
    content = material.contents[found.content]
    if bodies.is_json(content):
        return properties.of_body(material, content, request, request.body)
    if request.body.argument in {"data", "files"}:
        return fields.of_body(material, content, request, request.body)
    return iter(())
