"""PATCH changes what it names and leaves the rest (RFC 5789, section 2; RFC 7386, section 2).

Written where the resource can be created and read. Of a merge patch, null takes a property away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from app.ai import answers, members, reading, varying
from app.ai.checks import reading_back, replacing, unwanted
from app.ai.checks.check import Found
from app.ai.members import Member
from app.ai.requests import Body
from app.ai.scenarios import Line, Scenario, Value
from testops.contract import essence
from testops.json_values import Json

#: Properties that are set first, to see whether they stay.
_MOST = 4
_MERGE = "application/merge-patch+json"


def checks(found: Found) -> Iterator[Scenario]:
    """The checks of a change; none where nothing says what was there before."""
    operation = found.material.operation
    body = members.sent(found)
    member = members.of(found) if operation.method == "PATCH" and body else None
    if member is None or body is None or member.reading is None:
        return
    settable = dict(_settable(found, member))
    first = dict(islice(settable.items(), _MOST))
    body = {name: value for name, value in body.items() if not member.is_named_by(name)} or first
    yield from replacing.stored(found, member, body, "change is read back")
    yield from _rest(found, member, first)
    yield from _cleared(found, member, settable)
    yield from unwanted.checks(found, member)


def _rest(found: Found, member: Member, settable: Mapping[str, Json]) -> Iterator[Scenario]:
    """A change leaves alone what it does not name."""
    entity = member.entity(list(settable))
    if entity is None or len(settable) < 2:  # noqa: PLR2004 - one is changed, another one stays
        return
    ordered = sorted(settable, key=lambda name: not _is_text(found, name))
    changed, rest = ordered[0], {name: settable[name] for name in settable if name != ordered[0]}
    yield Scenario(
        name="change leaves the rest",
        intent=f"A change of {members.spoken(changed)} leaves the rest as it is.",
        source=found.material.operation.pointer,
        lines=(
            _success(found, member, rest),
            _success(found, member, {changed: settable[changed]}),
            Line("response = {}", (member.read(),)),
            Line(""),
            Line(f"state.holds(response, {{}}{reading_back.at(entity.at)})", (Value(rest),)),
        ),
        steps=member.steps,
    )


def _cleared(found: Found, member: Member, settable: Mapping[str, Json]) -> Iterator[Scenario]:
    """Null takes a property away, or its value."""
    clearable = (each for each in settable.items() if _may_clear(found, member, each[0]))
    name, value = next(clearable, ("", None))
    entity = member.entity([name]) if name else None
    if entity is None:
        return
    yield Scenario(
        name=f"null clears {name}",
        intent=f"Null takes the value of {members.spoken(name)} away.",
        source=found.material.operation.pointer,
        lines=(
            _success(found, member, {name: value}),
            _success(found, member, {name: None}),
            Line("response = {}", (member.read(),)),
            Line(""),
            Line(
                f"state.lacks(response, {{}}{reading_back.at(entity.at)})", (Value({name: value}),)
            ),
        ),
        steps=member.steps,
    )


def _may_clear(found: Found, member: Member, name: str) -> bool:
    """Whether the schema has null, or the patch is a merge of what need not be there."""
    schemas, content = found.material.schemas, members.content(found)
    if "null" in reading.kinds(varying.properties(content.schema, schemas)[name], schemas):
        return True
    needed = (
        varying.required(answers.schema(member.reading, schemas), schemas) if member.reading else ()
    )
    return essence(content.media_type) == _MERGE and name not in needed


def _settable(found: Found, member: Member) -> Iterator[tuple[str, Json]]:
    """Properties that can be set alone, with values that are not their defaults."""
    schema, schemas = members.content(found).schema, found.material.schemas
    if varying.required(schema, schemas):
        return
    asked = varying.properties(schema, schemas)
    defaults = _defaults(found, member)
    entity = member.entity(list(asked))
    own = [name for name in asked if not member.is_named_by(name)]
    names = varying.kept(own, asked, entity.properties, schemas) if entity else ()
    place = found.inputs.content or 0
    for name in names:
        given = {name: defaults[name]} if name in defaults else {}
        made = varying.other(found.material, place, given, name)
        if made is not None:
            yield name, made


def _defaults(found: Found, member: Member) -> Mapping[str, Json]:
    """What the properties are at the beginning, as far as the description says it."""
    asked = members.asked_of(member.creation, found)
    wholes = {name: varying.whole(each, found.material.schemas) for name, each in asked.items()}
    return {name: whole["default"] for name, whole in wholes.items() if "default" in whole}


def _is_text(found: Found, name: str) -> bool:
    schemas = found.material.schemas
    schema = varying.properties(members.content(found).schema, schemas)[name]
    return reading.kinds(schema, schemas) == {"string"}


def _success(found: Found, member: Member, values: Mapping[str, Json]) -> Line:
    body = found.inputs.request.body
    request = member.asked(Body("json", values, body.media_type if body else ""))
    # The values are made up, whatever the example holds.
    needs = found.inputs.needs([each.name for each in found.path_parameters])
    names = ", ".join(members.spoken(name) for name in values)
    return members.succeeds(
        request, found.material.operation, needs or f"values the API takes for {names}"
    )
