"""A resource goes from one state to another as the description lists it, and in no other way.

Written for a POST below a resource whose body names the next state, where a conflict (409) is
documented and the words list which states may follow each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.ai import answers, members, naming, transitions, varying
from app.ai.checks.check import Found
from app.ai.members import Member
from app.ai.requests import Body, Request
from app.ai.scenarios import Line, Scenario, Value
from app.ai.transitions import Machine
from app.openapi.model import Response, Schema
from testops.json_values import Json

#: Of each kind.
_MOST = 8


def checks(found: Found) -> Iterator[Scenario]:
    """A check for each way that is listed, and for each that is not."""
    operation = found.material.operation
    conflict = next((each for each in operation.responses if each.status == "409"), None)
    body = members.sent(found) if operation.method == "POST" and conflict else None
    member = members.acted_on(found) if body else None
    if member is None or body is None or conflict is None:
        return
    for name, states in _states(found, body):
        machine = _machine(found, member, states, conflict)
        if machine is not None:
            yield from _allowed(found, member, machine, {**body, name: ""}, name)
            yield from _refused(found, member, machine, {**body, name: ""}, name)
            return


def _states(found: Found, body: Mapping[str, Json]) -> Iterator[tuple[str, list[str]]]:
    """Properties of the body that have one of a few texts."""
    schemas = found.material.schemas
    for name, schema in varying.properties(members.content(found).schema, schemas).items():
        values = varying.whole(schema, schemas).get("enum", [])
        if name in body and values and all(isinstance(each, str) and each for each in values):
            yield name, list(values)


def _machine(found: Found, member: Member, states: list[str], conflict: Response) -> Machine | None:
    operation = found.material.operation
    creation = found.material.shared.operation(f"POST {member.creation.path}")
    begun = f"{creation.summary} {creation.description}" if creation else ""
    first = transitions.only_one(begun, states)
    text = f"{operation.summary} {operation.description} {conflict.description}"
    return transitions.machine(text, states, first) if first else None


def _allowed(
    found: Found, member: Member, machine: Machine, body: Mapping[str, Json], name: str
) -> Iterator[Scenario]:
    shown = _shown(found, machine)
    for before, after in machine.allowed[:_MOST]:
        way = machine.way(before)
        if way is None:
            continue
        held = (Line("state.holds(response, {})", (Value({shown: after}, "state"),)),)
        yield Scenario(
            name=f"from {before} to {after}",
            intent=f"From {_said(before)} it can go to {_said(after)}.",
            source=found.material.operation.pointer,
            lines=(
                *(_success(found, member, {**body, name: each}) for each in way),
                Line("response = {}", (_request(found, member, {**body, name: after}),)),
                Line(""),
                Line("expect.documented(response)"),
                members.succeeded(found.material.operation, _needs(found)),
                *(held if shown else ()),
            ),
            steps=member.steps,
        )


def _refused(
    found: Found, member: Member, machine: Machine, body: Mapping[str, Json], name: str
) -> Iterator[Scenario]:
    reached = [pair for pair in machine.refused if machine.way(pair[0]) is not None]
    for before, after in reached[:_MOST]:
        yield Scenario(
            name=f"not from {before} to {after}",
            intent=f"From {_said(before)} it cannot go to {_said(after)}.",
            source=found.material.operation.pointer,
            lines=(
                *(
                    _success(found, member, {**body, name: each})
                    for each in machine.way(before) or ()
                ),
                Line("response = {}", (_request(found, member, {**body, name: after}),)),
                Line(""),
                Line("expect.refused(response)"),
                Line("expect.documented(response)"),
            ),
            steps=member.steps,
        )


def _shown(found: Found, machine: Machine) -> str:
    """The one property of the answer that has these states; empty where there is none."""
    schemas = found.material.schemas
    shown: Mapping[str, Schema] = answers.schema(found.material.operation, schemas).get(
        "properties", {}
    )
    states = {state for pair in machine.allowed for state in pair}
    fitting = [
        name
        for name, each in shown.items()
        if states <= set(map(str, varying.whole(each, schemas).get("enum", ())))
    ]
    return fitting[0] if len(fitting) == 1 else ""


def _success(found: Found, member: Member, body: Mapping[str, Json]) -> Line:
    request = _request(found, member, body)
    return members.succeeds(request, found.material.operation, _needs(found))


def _needs(found: Found) -> str:
    return found.inputs.needs([each.name for each in found.path_parameters])


def _request(found: Found, member: Member, body: Mapping[str, Json]) -> Request:
    own = found.inputs.request.body
    return member.asked(Body("json", body, own.media_type if own else ""))


def _said(state: str) -> str:
    return naming.slug(state).replace("_", " ")
