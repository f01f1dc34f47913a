"""A property that the client may not set keeps its value, whatever the client sends.

Such are those marked `readOnly` in the body that is read back, and those that say who may do what
and stand in no request body. Each is sent in a request of its own: the request may be refused
or the property passed over, but the value sent is not read back (OWASP API3:2023).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from app.ai import answers, members, naming, reading, varying
from app.ai.checks import reading_back
from app.ai.checks.check import Found
from app.ai.members import Member
from app.ai.quoting import Expression
from app.ai.requests import Body, Step
from app.ai.scenarios import Line, Scenario, Value
from app.openapi.model import Schema
from testops.json_values import Json

_MOST = 3
#: Names that decide what somebody may do, or has.
_PRIVILEGED = frozenset(
    {
        *("role", "roles", "owner", "admin", "balance", "credit", "credits", "permission"),
        *("permissions", "verified", "approved", "tenant"),
    }
)
#: No count, sum or id gets there by chance.
_NUMBER = 987_654
_ENOUGH = 4


def checks(found: Found, member: Member) -> Iterator[Scenario]:
    """A check for each of the first few of these properties."""
    body = members.sent(found)
    if body is None or member.reading is None:
        return
    names = [*members.asked_of(member.creation, found), *body]
    operation = found.material.operation
    creates = operation.method == "POST"
    shown = answers.entity(operation, found.material.schemas, names) if creates else None
    entity = shown if creates else member.entity(names)
    if entity is None:
        return
    for name in unsettable(found, entity.properties):
        value = value_of(found, name, entity.properties[name])
        if value is not None:
            make = _creating if creates else _changing
            yield make(found, member, {name: value}, entity.at)


def unsettable(found: Found, answered: Mapping[str, Schema]) -> Sequence[str]:
    """The first few of the properties that a request should not set, privileges before others."""
    schemas = found.material.schemas
    content = members.content(found)
    asked = varying.properties(content.schema, schemas)
    whole = varying.whole(content.schema, schemas)
    is_open = whole.get("additionalProperties", False) is not False
    marked = [name for name, each in answered.items() if _is_read_only(each, found)]
    said = [
        name
        for name in answered
        if name not in asked and name not in marked and not is_open and is_privileged(name)
    ]
    ids_last = sorted(marked, key=lambda name: name.lower() in {"id", "uuid", "_id"})
    return [*said, *ids_last][:_MOST]


def _is_read_only(schema: Schema, found: Found) -> bool:
    return varying.whole(schema, found.material.schemas).get("readOnly") is True


def is_privileged(name: str) -> bool:
    """Whether a property says what somebody may do, or has."""
    return bool(set(naming.slug(naming.split(name)).split("_")) & _PRIVILEGED)


def value_of(found: Found, name: str, schema: Schema) -> Json:
    """A value that the property does not have by chance; None where there is none."""
    schemas = found.material.schemas
    whole = varying.whole(schema, schemas)
    kinds = reading.kinds(schema, schemas) - {"null"}
    if kinds & {"integer", "number"} and whole.get("maximum", _NUMBER) >= _NUMBER:
        return _NUMBER
    if kinds != {"string"} or {"enum", "const"} & whole.keys():
        return None
    unhidden = {key: each for key, each in whole.items() if key not in {"readOnly", "choices"}}
    made = varying.another(found.material, name, unhidden, (), lambda each: len(each) >= _ENOUGH)
    return made if isinstance(made, str) else None


def _creating(found: Found, member: Member, values: Mapping[str, Json], at: str) -> Scenario:
    """The property is sent with a creation, whose answer shows it."""
    steps = found.created()
    request = found.with_steps(found.inputs.request, steps)
    asked = replace(request, steps=(), body=body_of(found))
    lines = (
        Line("response = {}", (asked,)),
        Line(""),
        Line("expect.documented(response)"),
        Line(f"state.not_taken(response, {{}}{reading_back.at(at)})", (Value(values, "values"),)),
    )
    return _scenario(found, member, values, lines, request.steps)


def _changing(found: Found, member: Member, values: Mapping[str, Json], at: str) -> Scenario:
    """The property is sent with a change; what is read afterwards shows it."""
    lines = (
        Line("response = {}", (member.asked(body_of(found)),)),
        Line("found = {}", (member.read(),)),
        Line(""),
        Line("expect.documented(response)"),
        Line(f"state.lacks(found, {{}}{reading_back.at(at)})", (Value(values, "values"),)),
    )
    return _scenario(found, member, values, lines, member.steps)


def _scenario(
    found: Found,
    member: Member,
    values: Mapping[str, Json],
    lines: tuple[Line, ...],
    steps: tuple[Step, ...],
) -> Scenario:
    [name] = values
    operation = found.material.operation
    return Scenario(
        name=f"cannot set {name}",
        intent=f"The client cannot set {members.spoken(name)}.",
        source=member.reading.pointer if member.reading else operation.pointer,
        lines=(sending(found, values), *lines),
        steps=steps,
    )


def sending(found: Found, values: Mapping[str, Json]) -> Line:
    """What is sent gets its name: the documented body with some values put in."""
    body = found.inputs.request.body or Body("json", {})
    return Line("sent = {}", (Value(body.value, put_in=values, fresh=body.fresh),))


def body_of(found: Found) -> Body:
    """The body that has this name."""
    body = found.inputs.request.body
    return Body("json", Expression("sent"), body.media_type if body else "")
