"""What was created is read back as it was sent (RFC 9110, section 9.3.3: POST creates, GET shows).

Written for a GET that reads one resource, where another operation creates it. Compared are the
properties that both bodies have in common and that the client decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.ai import members, playing, varying
from app.ai.checks.check import Found
from app.ai.members import Member
from app.ai.scenarios import Line, Scenario, Value


def checks(found: Found) -> Iterator[Scenario]:
    """At most one check."""
    operation = found.material.operation
    member = members.of(found) if operation.method == "GET" else None
    if member is None or member.reading is None or found.inputs.request.query:
        return
    line = held(member)
    if line is not None:
        yield Scenario(
            name="reads what was created",
            intent="What was created is read back as it was sent.",
            source=operation.pointer,
            lines=(Line("response = {}", (member.read(),)), Line(""), line),
            steps=member.steps,
        )


def held(member: Member) -> Line | None:
    """The statement that `response` holds what the member was created with."""
    body = member.creation.body
    if body is None or body.argument != "json" or not isinstance(body.value, Mapping):
        return None
    entity = member.entity(list(body.value))
    if entity is None:
        return None
    # Who creates something may propose an id, but need not get it.
    new = [name for name in body.value if member.is_named_by(name)]
    names = [name for name in body.value if name not in (*body.fresh, *new)]
    schemas = member.found.material.schemas
    asked = members.asked_of(member.creation, member.found)
    kept = varying.kept(names, asked, entity.properties, schemas)
    if not kept:
        return None
    value = compared(body.value, kept, playing.new_name(member.creation))
    return Line(f"state.holds(response, {{}}{at(entity.at)})", (value,))


def compared(body: Mapping[str, object], kept: tuple[str, ...], argument: str = "json") -> Value:
    """The properties of a body that are compared, as a change of it."""
    return Value(body, argument, left_out=tuple(name for name in body if name not in kept))


def at(pointer: str) -> str:
    """The argument that says where in the answer the resource stands."""
    return f", at={pointer!r}" if pointer else ""
