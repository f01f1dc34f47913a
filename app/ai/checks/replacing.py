"""PUT replaces the whole resource, and is idempotent (RFC 9110, sections 9.3.4 and 9.2.2).

Written where the resource can be created and read. That nothing of the old remains is asked for
only where the description does not speak of a change of parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from app.ai import members, varying
from app.ai.checks import reading_back, unwanted
from app.ai.checks.check import Found
from app.ai.members import Member
from app.ai.quoting import Expression
from app.ai.requests import Body, Request
from app.ai.scenarios import Line, Scenario, Value
from testops.json_values import Json

#: Words by which a PUT says that it changes parts only.
_IN_PARTS = re.compile(
    r"\bpartial|\bonly (?:the|those|what|fields|properties)|\bunchanged\b|\bstays?\b|\bkeeps?\b"
    r"|\bkept\b"
    r"|\bremains?\b|\bif (?:provided|present|given|specified|set)\b|\bfields to (?:update|change)\b"
    r"|\bmerge|\bsome (?:fields|properties|facts)|\bpatch"
    r"|\bomitted fields? (?:are|is) (?:not|ignored)",
    re.IGNORECASE,
)


def checks(found: Found) -> Iterator[Scenario]:
    """The checks of a replacement; none where nothing says what was there before."""
    operation = found.material.operation
    body = members.sent(found)
    member = members.of(found) if operation.method == "PUT" and body else None
    if member is None or body is None or member.reading is None:
        return
    yield from stored(found, member, body, "replacement is read back")
    yield from _idempotent(found, member, body)
    yield from _whole(found, member, body)
    yield from unwanted.checks(found, member)


def stored(found: Found, member: Member, body: Mapping[str, Json], name: str) -> Iterator[Scenario]:
    """What was sent is read back."""
    wanted = _differing(found, member, body)
    kept, at = _compared(found, member, wanted)
    if not kept:
        return
    changed = {key: value for key, value in wanted.items() if value != body.get(key)}
    sent = Value(body, put_in={**changed, **member.own_id(body)})
    yield Scenario(
        name=name,
        intent="What was sent is read back.",
        source=found.material.operation.pointer,
        lines=(
            Line("sent = {}", (sent,)),
            _success(found, member, "sent"),
            Line("response = {}", (member.read(),)),
            Line(""),
            Line(f"state.holds(response, {{}}{at})", (_held("sent", wanted, kept),)),
        ),
        steps=member.steps,
    )


def _idempotent(found: Found, member: Member, body: Mapping[str, Json]) -> Iterator[Scenario]:
    """The same request again changes nothing more."""
    kept, _ = _compared(found, member, body)
    entity = member.entity(list(body))
    if not kept or entity is None or entity.at:
        return
    schemas = found.material.schemas
    volatile = [
        name
        for name, each in entity.properties.items()
        if name not in kept and varying.is_volatile(name, each, schemas)
    ]
    but = "".join(f", {name!r}" for name in volatile)
    yield Scenario(
        name="replacing again changes nothing",
        intent="The same replacement again changes nothing more.",
        source=found.material.operation.pointer,
        lines=(
            Line("sent = {}", (Value(body, put_in=member.own_id(body)),)),
            _success(found, member, "sent"),
            Line("before = {}", (member.read(),)),
            _success(found, member, "sent"),
            Line("after = {}", (member.read(),)),
            Line(""),
            Line(f"state.unchanged(after, before{members.code(but)})"),
        ),
        steps=member.steps,
    )


def _whole(found: Found, member: Member, body: Mapping[str, Json]) -> Iterator[Scenario]:
    """What a replacement leaves out does not stay."""
    operation = found.material.operation
    if _IN_PARTS.search(members.text_of(operation)) or not _replaces(found):
        return
    schema = members.content(found).schema
    schemas = found.material.schemas
    wide = varying.wide(found.material, found.inputs.content or 0, body)
    needed = varying.required(schema, schemas)
    kept, at = _compared(found, member, wide)
    left_out = [name for name in kept if name not in needed and wide[name] is not None]
    if not left_out:
        return
    own_id = member.own_id(wide)
    names = tuple(name for name in wide if name not in needed and name not in own_id)
    defaults = {
        name: whole["default"]
        for name in left_out
        if "default" in (whole := varying.whole(varying.properties(schema, schemas)[name], schemas))
    }
    gone = tuple(name for name in wide if name not in left_out)
    yield Scenario(
        name="replacement leaves nothing of the old",
        intent="What a replacement leaves out does not stay.",
        source=operation.pointer,
        lines=(
            Line("old = {}", (Value(wide, put_in=own_id),)),
            _success(found, member, "old"),
            Line("sent = {}", (Value(Expression("old"), left_out=names),)),
            _success(found, member, "sent"),
            Line("response = {}", (member.read(),)),
            Line(""),
            Line(f"state.lacks(response, {{}}{at})", (Value(Expression("old"), left_out=gone),)),
            *([Line(f"state.holds(response, {{}}{at})", (Value(defaults),))] if defaults else ()),
        ),
        steps=member.steps,
    )


def _replaces(found: Found) -> bool:
    """Whether parts are changed in another way: then PUT is for the whole."""
    operation = found.material.operation
    has_patch = found.material.shared.operation(f"PATCH {operation.path}") is not None
    schema = members.content(found).schema
    return has_patch or bool(varying.required(schema, found.material.schemas))


def _differing(found: Found, member: Member, body: Mapping[str, Json]) -> Mapping[str, Json]:
    """The body, made different from what was created where it is not already."""
    old = member.creation.body.value if member.creation.body else {}
    kept, _ = _compared(found, member, body)
    if not isinstance(old, Mapping) or any(old.get(name) != body[name] for name in kept):
        return body
    for name in kept:
        made = varying.other(found.material, found.inputs.content or 0, body, name)
        if made is not None:
            return {**body, name: made}
    return body


def _compared(
    found: Found, member: Member, body: Mapping[str, Json]
) -> tuple[tuple[str, ...], str]:
    """The properties that have to come back, and the argument that says where."""
    entity = member.entity(list(body))
    if entity is None:
        return (), ""
    schemas = found.material.schemas
    asked = varying.properties(members.content(found).schema, schemas)
    names = [name for name in body if not member.is_named_by(name)]
    kept = varying.kept(names, asked, entity.properties, schemas)
    return kept, reading_back.at(entity.at)


def _held(variable: str, body: Mapping[str, Json], kept: tuple[str, ...]) -> Value:
    return Value(Expression(variable), left_out=tuple(name for name in body if name not in kept))


def _success(found: Found, member: Member, variable: str) -> Line:
    """The statement that the operation succeeds with the body in a variable."""
    body = found.inputs.request.body
    own = Body("json", Expression(variable), body.media_type if body else "")
    request: Request = member.asked(own)
    steps = [each.name for each in found.path_parameters]
    return members.succeeds(request, found.material.operation, found.inputs.needs(steps))
