"""Finds where an existing id comes from: `/pets` lists or creates what `/pets/{petId}` names.

Only the obvious link is taken: the path before the placeholder is itself an operation without
placeholders, and what it answers holds a property of the parameter's name, or an `id`.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.ai import inputs, merging, naming, reading
from app.ai.material import OperationMaterial
from app.ai.requests import Step
from app.openapi.model import Operation, Parameter, Schema
from testops import pointers
from testops.contract import essence
from testops.json_values import Json


def existing(material: OperationMaterial, parameter: Parameter) -> Step | None:
    """A step that takes the id from what the collection lists; None where none is obvious."""
    listing = _collection(material, parameter, "GET")
    if listing is None or any(each.required for each in listing.parameters):
        return None
    tokens, item = _listed(answered(listing, material.schemas), material.schemas)
    name = _id_in(item, parameter, material.schemas)
    if name is None:
        return None
    pointer = pointers.plain([*tokens, "0", name])
    return Step(naming.variable_name(parameter.name), "existing", listing.path, pointer)


def created(material: OperationMaterial, parameter: Parameter) -> Step | None:
    """A step that creates a resource of the collection and takes its id; None likewise."""
    creation = _collection(material, parameter, "POST")
    if creation is None:
        return None
    name = _id_in(answered(creation, material.schemas), parameter, material.schemas)
    found = inputs.gathered(OperationMaterial(material.shared, creation, material.operation.key))
    request = found.request
    if name is None or found.lacking or request.query or request.headers or request.cookies:
        return None
    variable = naming.variable_name(parameter.name)
    return Step(variable, "created", creation.path, pointers.plain([name]), request.body)


def _collection(material: OperationMaterial, parameter: Parameter, method: str) -> Operation | None:
    """The operation on the path before the parameter's placeholder."""
    before, found, _ = material.operation.path.partition(f"/{{{parameter.name}}}")
    if not found or "{" in before:
        return None
    return material.shared.operation(f"{method} {before}")


def answered(operation: Operation, schemas: Mapping[str, Schema]) -> Mapping[str, Json]:
    """The schema of the first documented success, read in one place; empty where none is JSON."""
    for response in operation.responses:
        for content in response.contents if response.status.startswith("2") else ():
            if essence(content.media_type).endswith("json"):
                return merging.merged(content.schema, schemas) or {}
    return {}


def _listed(
    answer: Mapping[str, Json], schemas: Mapping[str, Schema]
) -> tuple[list[str], Mapping[str, Json]]:
    """Where the items are, and the schema of one: at the top, or in the only list of an object."""
    if "items" in answer:
        return [], merging.merged(answer["items"], schemas) or {}
    properties = answer.get("properties", {})
    wholes = {name: merging.merged(part, schemas) or {} for name, part in properties.items()}
    lists = {name: whole for name, whole in wholes.items() if "items" in whole}
    if len(lists) != 1:
        return [], {}
    [(name, whole)] = lists.items()
    return [name], merging.merged(whole["items"], schemas) or {}


def _id_in(
    item: Mapping[str, Json], parameter: Parameter, schemas: Mapping[str, Schema]
) -> str | None:
    """The property that the parameter takes: of its name, or the item's `id`."""
    properties: Mapping[str, Schema] = item.get("properties", {})
    wanted = naming.slug(parameter.name)
    same = [name for name in properties if naming.slug(name) == wanted]
    if reading.is_id(parameter.name) or same:
        same.extend(name for name in ("id", "uuid") if name in properties)
    ours = reading.kinds(parameter.schema, schemas)
    for name in same:
        theirs = reading.kinds(properties[name], schemas)
        if not (ours and theirs) or ours & theirs:
            return name
    return None
