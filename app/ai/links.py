"""Finds where an existing id comes from: `/pets` lists or creates what `/pets/{petId}` names.

Of a path in another one (`/projects/{project_id}/tasks`) the outer resource is obtained first, and
so is what a body refers to (`room_id`, where `/rooms/{roomId}` is read).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from app.ai import answers, inputs, merging, naming, reading, requests, resources
from app.ai.inputs import Inputs
from app.ai.material import OperationMaterial
from app.ai.quoting import Expression
from app.ai.requests import Obtained, Step
from app.ai.resources import Resource
from app.openapi.model import Operation, Parameter, Schema
from testops import pointers

#: Resources inside each other.
_MAX_DEPTH = 4

#: How a resource is obtained.
Obtain = Callable[[OperationMaterial, Parameter, int], Step | None]


@dataclass(frozen=True, slots=True)
class _Outer:
    """The steps for the placeholders in the path of a list or a creation."""

    steps: tuple[Step, ...]
    values: dict[str, Expression]


def existing(
    material: OperationMaterial, parameter: Parameter, depth: int = _MAX_DEPTH
) -> Step | None:
    """A step that takes the id from what the collection lists; None where none is obvious."""
    # Nothing in it depends on what the request is made for.
    key = ("existing", material.operation.key, parameter.name, str(depth))
    return _once(material, key, lambda: _existing(material, parameter, depth))


def _existing(material: OperationMaterial, parameter: Parameter, depth: int) -> Step | None:
    member = resources.member_of(material.operation.path, parameter.name)
    listing = material.shared.operation(f"GET {resources.collection_of(member)}")
    if listing is None or not member.endswith(f"/{{{parameter.name}}}"):
        return None
    if any(each.required for each in listing.parameters if each.location != "path"):
        return None
    found = answers.listing(listing, material.schemas)
    name = resources.id_in(found.item, parameter, material.schemas) if found else None
    outer = _outer(material, listing, existing, depth)
    if found is None or name is None or outer is None:
        return None
    return Step(
        resources.variable(member, parameter.name),
        "existing",
        listing.path,
        f"{found.at}{pointers.plain(['0', name])}",
        values=outer.values,
        after=outer.steps,
    )


def created(
    material: OperationMaterial, parameter: Parameter, depth: int = _MAX_DEPTH
) -> Step | None:
    """A step that creates a resource of the collection and takes its id; None likewise."""
    key = ("created", material.operation.key, material.purpose, parameter.name, str(depth))
    return _once(material, key, lambda: _created(material, parameter, depth))


def _once(
    material: OperationMaterial, key: tuple[str, ...], find: Callable[[], Step | None]
) -> Step | None:
    """What is found for a key, looked for the first time only: several checks ask for it."""
    remembered = material.shared.remembered
    if key not in remembered:
        remembered[key] = find()
    step = remembered[key]
    return step if isinstance(step, Step) else None


def _created(material: OperationMaterial, parameter: Parameter, depth: int) -> Step | None:
    member = resources.member_of(material.operation.path, parameter.name)
    if not member.endswith(f"/{{{parameter.name}}}"):
        return None
    resource = resources.of(material.shared, member, parameter)
    if resource is None or resource.creation is material.operation:
        return None
    outer = _outer(material, resource.creation, created, depth)
    return _creation(material, resource, parameter, outer, depth) if outer else None


def _creation(
    material: OperationMaterial,
    resource: Resource,
    parameter: Parameter,
    outer: _Outer,
    depth: int,
) -> Step | None:
    creation = resource.creation
    own = OperationMaterial(material.shared, creation, material.purpose or material.operation.key)
    found = connected(own, depth - 1)
    request = found.request
    if found.lacking or request.query or request.headers or request.cookies:
        return None
    variable = resources.variable(resource.member, parameter.name)
    referred = requests.obtained_in(request.body.value if request.body else None)
    after = (*outer.steps, *(each.step for each in referred.values()))
    if any(step.variable == variable for each in after for step in each.chain()):
        return None
    values = {**outer.values, parameter.name: Expression(variable)}
    deletion = _deletion(material, resource.member, values)
    return Step(
        variable,
        "created",
        creation.path,
        resource.pointer,
        request.body,
        values=outer.values,
        after=after,
        deletion=deletion,
        deletion_values={name: values[name] for name in reading.placeholders(deletion)},
        noun=resources.noun(resource.member),
    )


def connected(material: OperationMaterial, depth: int = _MAX_DEPTH) -> Inputs:
    """The inputs of an operation, whose body refers to resources that are created for it."""
    found = inputs.gathered(material)
    body = found.request.body
    if depth < 1 or body is None or body.argument != "json" or found.content is None:
        return found
    schema = material.contents[found.content].schema
    properties = (merging.merged(schema, material.schemas) or {}).get("properties", {})
    referred = {
        name: Obtained(step.variable, step, made)
        for name, made in (body.value.items() if isinstance(body.value, Mapping) else ())
        if isinstance(made, str | int) and (step := _to(material, name, properties, depth))
    }
    if not referred:
        return found
    fresh = tuple(name for name in body.fresh if name not in referred)
    body = replace(body, value={**body.value, **referred}, fresh=fresh)
    return replace(
        found,
        request=replace(found.request, body=body),
        made_up=[name for name in found.made_up if name not in referred],
    )


def _to(
    material: OperationMaterial, name: str, properties: Mapping[str, Schema], depth: int
) -> Step | None:
    """The step that creates what a property names: "room_id" what is at "/rooms/{roomId}"."""
    whole = merging.merged(properties.get(name, True), material.schemas) or {}
    if not reading.is_id(name) or {"enum", "const"} & whole.keys():
        return None
    places = resources.referred_to(material.shared).get(naming.plain(name), ())
    if len(places) != 1:
        return None
    [(member, parameter)] = places
    ours, theirs = (reading.kinds(each, material.schemas) for each in (whole, parameter.schema))
    if ours and theirs and not ours & theirs:
        return None
    own = OperationMaterial(material.shared, member, material.purpose or material.operation.key)
    step = created(own, parameter, depth)
    return None if step is None or step.path == material.operation.path else step


def _outer(
    material: OperationMaterial, operation: Operation, obtain: Obtain, depth: int
) -> _Outer | None:
    """How what an operation lies in is obtained; None where that is not obvious."""
    own = OperationMaterial(material.shared, operation, material.purpose or material.operation.key)
    steps = {}
    for parameter in (each for each in own.parameters if each.location == "path"):
        step = obtain(own, parameter, depth - 1) if depth > 1 else None
        if step is None:
            return None
        steps[parameter.name] = step
    values = {name: Expression(step.variable) for name, step in steps.items()}
    return _Outer(tuple(steps.values()), values)


def _deletion(material: OperationMaterial, member: str, values: dict[str, Expression]) -> str:
    """The path by which a member is deleted; empty where that asks for more than is known."""
    deleting = material.shared.operation(f"DELETE {member}")
    if deleting is None or any(
        each.required for each in deleting.parameters if each.location != "path"
    ):
        return ""
    known = all(name in values for name in reading.placeholders(deleting.path))
    return deleting.path if known else ""
