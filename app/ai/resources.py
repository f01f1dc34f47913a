"""Infers which operation creates what a path names, and where its answer says the id.

In this order: a link of the description that leads from the answer to the path; a POST on the path
before the placeholder; the only POST on a collection of that name whose answer has the schema that
is read at the path. Nothing else is obvious enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.ai import answers, merging, naming, reading
from app.ai.material import Material
from app.openapi.model import Operation, Parameter, Schema
from testops import pointers
from testops.json_values import Json

_BODY = "$response.body#"
#: Where an answer names what it has created (RFC 9110, section 15.3.2).
_LOCATION = "Location"
_IDS = ("id", "uuid", "_id")
#: A name that says nothing of what it identifies.
_GENERIC = frozenset({"id", "uuid", "guid", "slug", "key", "name", "pk", "code"})
_REFERRED_TO = ("referred to",)
_VOWEL_ENDINGS = ("ses", "xes", "zes", "ches", "shes")


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that one operation creates and a path names."""

    #: "/projects/{project_id}".
    member: str
    creation: Operation
    #: JSON pointer into what the creation answers, or "Location".
    pointer: str


def of(shared: Material, member: str, parameter: Parameter) -> Resource | None:
    """The resource that a path names with its last placeholder; None where that is not obvious."""
    return (
        _linked(shared, member, parameter)
        or _collected(shared, member, parameter)
        or _shaped(shared, member, parameter)
    )


def made_by(shared: Material, creation: Operation) -> tuple[Resource, Parameter] | None:
    """What an operation creates and GET reads, with the placeholder that names it."""
    segment = creation.path.rstrip("/").rpartition("/")[2]
    for operation in shared.readings.get(segment, ()):
        last = reading.placeholders(operation.path)[-1:]
        for parameter in reading.parameters(operation, shared.description):
            if parameter.location == "path" and [parameter.name] == last:
                found = of(shared, operation.path, parameter)
                if found and found.creation is creation:
                    return found, parameter
    return None


def member_of(path: str, name: str) -> str:
    """The path up to a placeholder: "/loans/{loanId}" of "/loans/{loanId}/return"."""
    before, found, _ = path.partition(f"{{{name}}}")
    return before + found


def collection_of(member: str) -> str:
    """The path before the last segment."""
    return member.rpartition("/")[0]


def noun(member: str) -> str:
    """What a member is, in a word: "project" of "/projects/{project_id}"."""
    literals = [part for part in member.split("/") if part and "{" not in part]
    word = naming.slug(literals[-1]) if literals else ""
    if word.endswith("ies") and len(word) > len("ties"):
        return f"{word[:-3]}y"
    if word.endswith(_VOWEL_ENDINGS):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def variable(member: str, name: str) -> str:
    """What the id is called: "project_id", also where the placeholder is only "id"."""
    plain = naming.slug(name)
    word = noun(member)
    is_told = plain in _GENERIC and word and not word[0].isdigit()
    variable = f"{word}_{plain}" if is_told else naming.variable_name(name)
    # A fixture of that name would look like a check.
    return f"one_{variable}" if variable.startswith("test") else variable


def referred_to(shared: Material) -> Mapping[str, Sequence[tuple[Operation, Parameter]]]:
    """What others call an id, without its spelling → what reads by it, and the parameter for it.

    "roomid" → GET /rooms/{roomId}, also where the placeholder is only "id".
    """
    known = shared.remembered.get(_REFERRED_TO)
    if isinstance(known, dict):
        return known
    found: dict[str, list[tuple[Operation, Parameter]]] = {}
    for member in shared.members.values():
        last = reading.placeholders(member.path)[-1]
        called = naming.plain(variable(member.path, last))
        for each in reading.parameters(member, shared.description):
            if each.location == "path" and each.name == last:
                found.setdefault(called, []).append((member, each))
    shared.remembered[_REFERRED_TO] = found
    return found


def id_in(
    item: Mapping[str, Json], parameter: Parameter, schemas: Mapping[str, Schema]
) -> str | None:
    """The property that the parameter takes: of its name, or the item's `id`."""
    properties: Mapping[str, Schema] = item.get("properties", {})
    wanted = naming.plain(parameter.name)
    same = [name for name in properties if naming.plain(name) == wanted]
    if reading.is_id(parameter.name) or same:
        same.extend(name for name in _IDS if name in properties)
    ours = reading.kinds(parameter.schema, schemas)
    for name in same:
        theirs = reading.kinds(properties[name], schemas)
        if not (ours and theirs) or ours & theirs:
            return name
    return None


def _linked(shared: Material, member: str, parameter: Parameter) -> Resource | None:
    for creation, link, target in shared.created_links.get(parameter.name, ()):
        given = link.parameters[parameter.name]
        leads_here = member_of(target.path, parameter.name) == member
        if leads_here and given.startswith(f"{_BODY}/"):
            return Resource(member, creation, given.removeprefix(_BODY))
    return None


def _collected(shared: Material, member: str, parameter: Parameter) -> Resource | None:
    collection = collection_of(member)
    creation = shared.operation(f"POST {collection}") or shared.operation(f"POST {collection}/")
    return _answering(shared, member, parameter, creation) if creation else None


def _shaped(shared: Material, member: str, parameter: Parameter) -> Resource | None:
    read = shared.operation(f"GET {member}")
    schemas = shared.description.schemas
    if read is None or not (wanted := answers.name(read, schemas)):
        return None
    segment = collection_of(member).rpartition("/")[2]
    alike = [
        each
        for each in shared.creations
        if each.path.rstrip("/").rpartition("/")[2] == segment
        and answers.name(each, schemas) == wanted
    ]
    return _answering(shared, member, parameter, alike[0]) if len(alike) == 1 else None


def _answering(
    shared: Material, member: str, parameter: Parameter, creation: Operation
) -> Resource | None:
    """The resource, where the creation's answer says what its id is."""
    schemas = shared.description.schemas
    whole = answers.schema(creation, schemas)
    for place, item in _objects(whole, schemas):
        if name := id_in(item, parameter, schemas):
            return Resource(member, creation, pointers.plain([*place, name]))
    located = any(
        header.name.lower() == _LOCATION.lower()
        for response in answers.successes(creation)
        for header in response.headers
    )
    # Only where the member lies below: the last segment is nobody's id otherwise.
    return Resource(member, creation, _LOCATION) if located else None


def _objects(
    whole: Mapping[str, Json], schemas: Mapping[str, Schema]
) -> Iterator[tuple[list[str], Mapping[str, Json]]]:
    """The object at the top, and those right in it."""
    yield [], whole
    for name, part in whole.get("properties", {}).items():
        inner = merging.merged(part, schemas) or {}
        if "properties" in inner:
            yield [name], inner
