"""Nobody gives themselves a role: what decides what one may do is not set by sending it along.

Mass assignment (OWASP API3:2023) of what `app.ai.checks.unwanted` leaves out: roles out of a list
and switches such as `is_admin`, which a creator may rightly have already, and whatever belongs to a
resource that is not created but always there, such as one's own account at "/me". So what was there
before is asked for too: only what came with the request has been taken from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from app.ai import answers, members, reading, varying, wording
from app.ai.answers import Entity
from app.ai.checks import reading_back, unwanted
from app.ai.checks.check import Found
from app.ai.members import Member
from app.ai.requests import Request
from app.ai.scenarios import Line, Scenario, Value
from app.openapi.model import Operation, Schema
from testops.json_values import Json

_CHANGES = frozenset({"PUT", "PATCH"})
_MOST = 2


def checks(found: Found) -> Iterator[Scenario]:
    """A check for each of the first few of these properties."""
    operation = found.material.operation
    if members.sent(found) is None or members.is_later(operation):
        return
    place = _place(found)
    entity = _entity(found, place) if place else None
    if place is None or entity is None:
        return
    names = unwanted.unsettable(found, entity.properties)
    offers = ((name, _offer(found, place, name, entity.properties[name])) for name in names)
    for name, value in islice((pair for pair in offers if pair[1] is not None), _MOST):
        yield _scenario(found, place, entity, {name: value})


@dataclass(frozen=True, slots=True)
class _Place:
    """Where it is read what somebody may do."""

    reading: Operation
    request: Request
    #: What is changed or created; None for what is always there.
    member: Member | None


def _place(found: Found) -> _Place | None:
    operation = found.material.operation
    if operation.method in _CHANGES and not reading.placeholders(operation.path):
        read = members.readable(found, operation.path)
        return _Place(read, Request("GET", read.path), None) if read else None
    member = members.of(found) if operation.method in _CHANGES else members.made(found)
    if member is None or member.reading is None:
        return None
    return _Place(member.reading, member.read(), member)


def _entity(found: Found, place: _Place) -> Entity | None:
    """Where the properties stand that are sent; a creation has to answer them in the same place."""
    schemas, names = found.material.schemas, list(members.sent(found) or ())
    entity = answers.entity(place.reading, schemas, names)
    if entity and found.material.operation.method == "POST":
        answered = answers.entity(found.material.operation, schemas, names)
        return entity if answered and answered.at == entity.at else None
    return entity


def _offer(found: Found, place: _Place, name: str, schema: Schema) -> Json:
    """A value that gives more than there was; None where none is known."""
    schemas = found.material.schemas
    choices = varying.whole(schema, schemas).get("enum", ())
    is_switch = reading.kinds(schema, schemas) - {"null"} == {"boolean"}
    if is_switch or choices:
        return (is_switch or _highest(choices)) if unwanted.is_privileged(name) else None
    return unwanted.value_of(found, name, schema) if place.member is None else None


def _highest(values: Sequence[Json]) -> Json:
    """The value of administrators, if there is one."""
    texts = (value for value in values if isinstance(value, str))
    return next((text for text in texts if wording.ADMIN_ROLE.fullmatch(text)), None)


def _scenario(found: Found, place: _Place, entity: Entity, values: Mapping[str, Json]) -> Scenario:
    [name] = values
    operation, at = found.material.operation, reading_back.at(entity.at)
    known = place.member.path if place.member else {}
    own = {each: known[each] for each in reading.placeholders(operation.path)}
    asked = replace(found.inputs.request, path=own, body=unwanted.body_of(found))
    creates = operation.method == "POST"
    shown = "response" if creates else "found"
    return Scenario(
        name=f"cannot obtain {name}",
        intent=f"Nobody gets {members.spoken(name)} by asking for it.",
        source=place.reading.pointer,
        lines=(
            unwanted.sending(found, values),
            Line("before = {}", (place.request,)),
            Line("response = {}", (asked,)),
            *([] if creates else [Line("found = {}", (place.request,))]),
            Line(""),
            Line("expect.documented(response)"),
            Line(f"state.not_obtained({shown}, before, {{}}{at})", (Value(values, "values"),)),
        ),
        steps=place.member.steps if place.member else (),
    )
