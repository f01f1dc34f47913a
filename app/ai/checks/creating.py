"""What a creation promises: it is read where Location leads, listed, and there at most once.

Written for a POST whose resource GET reads. A creation that is refused leaves nothing behind; where
a conflict is documented and its words say that something is there already, the same body is refused
the second time (RFC 9110, sections 9.3.3, 10.2.2, 15.3.2 and 15.5.10).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from app.ai import answers, members, naming, paginating, reading, resources, varying
from app.ai.checks import reading_back, unwanted
from app.ai.checks.check import Found
from app.ai.members import Member
from app.ai.quoting import Expression, literal
from app.ai.requests import Body, Request, Step
from app.ai.scenarios import Line, Scenario, Value
from app.openapi.model import Operation, Response, Schema
from testops.json_values import Json

_TWICE = re.compile(
    r"\balready (?:\w+ ){0,3}(?:exists?|has|have|taken|used|registered|there|in use)\b"
    r"|\balready (?:a|an|has|have)\b|\bduplicate|\bunique|\bsame (?:name|title|email|key|code|slug)"
    r"|\b(?:name|title|e-?mail|username|slug|key|code)\b.{0,30}\b(?:taken|in use|exists)\b",
    re.IGNORECASE,
)
#: Words by which a list says that it does not show everything.
_PARTIAL = re.compile(
    r"\b(?:published|active|approved|featured|popular|top|recent|latest|trending|random|some"
    r"|matching|archived|deleted|pending|overdue|recommended|nearby|best)\b",
    re.IGNORECASE,
)
#: Properties, or values of one, by which an item says that not every list shows it.
_UNLISTED = frozenset(
    {
        *("draft", "drafted", "hidden", "published", "unpublished", "unlisted", "approved"),
        *("archived", "inactive", "enabled", "disabled", "deleted", "visible", "pending"),
    }
)


def checks(found: Found) -> Iterator[Scenario]:
    """The checks of a creation; none where nothing reads what it creates."""
    operation = found.material.operation
    member = members.made(found) if operation.method == "POST" else None
    if member is None or found.inputs.lacking:
        return
    yield from _kept(found, member)
    yield from _located(found, member)
    yield from _listed(found, member)
    yield from _left_behind(found, member)
    yield from _twice(found)
    yield from unwanted.checks(found, member)


def _kept(found: Found, member: Member) -> Iterator[Scenario]:
    """Every property is kept, those too that may be left out."""
    body, place = members.sent(found), found.inputs.content
    if body is None or place is None or member.creation.body is None:
        return
    wide = varying.wide(found.material, place, body)
    step = replace(
        member.creation,
        variable=f"whole_{member.creation.variable}",
        body=replace(
            member.creation.body,
            value=wide,
            fresh=tuple(name for name in member.creation.body.fresh if name in wide),
        ),
        constant=f"WHOLE_{member.creation.noun.upper() or 'RESOURCE'}",
    )
    path = {**member.path, member.parameter.name: Expression(step.variable)}
    whole = replace(member, steps=(*member.steps[:-1], _renamed(step)), path=path)
    line = reading_back.held(whole)
    if line is not None:
        yield Scenario(
            name="created is read back",
            intent="What was created is read back with all that was sent.",
            source=_pointer(found.material.operation),
            lines=(Line("response = {}", (whole.read(),)), Line(""), line),
            steps=whole.steps,
        )


def _renamed(step: Step) -> Step:
    """The step, deleting under its own name."""
    own = [name for name in reading.placeholders(step.deletion) if name not in step.values]
    values = {**step.deletion_values, **{name: Expression(step.variable) for name in own[-1:]}}
    return replace(step, deletion_values=values if step.deletion else {})


def _located(found: Found, member: Member) -> Iterator[Scenario]:
    """Where Location is documented, it leads to what was created."""
    operation = found.material.operation
    documented = next((each for each in answers.successes(operation) if _locates(each)), None)
    if documented is None or member.reading is None:
        return
    steps = found.created()
    request = found.with_steps(found.inputs.request, steps)
    yield Scenario(
        name="location leads to it",
        intent="The address in Location leads to what was created.",
        source=documented.pointer,
        lines=(
            Line("response = {}", (replace(request, steps=()),)),
            members.succeeded(operation, found.inputs.needs(steps)),
            Line(f"found = located(api, response, {members.code(literal(member.template))})"),
            Line(""),
            members.succeeded(member.reading, name="found"),
        ),
        steps=request.steps,
    )


def _locates(response: Response) -> bool:
    return any(header.name.lower() == "location" for header in response.headers)


def _listed(found: Found, member: Member) -> Iterator[Scenario]:
    """What was created is in the list of its collection."""
    listing = _whole_list(found, member)
    name = (
        resources.id_in(listing.item, member.parameter, found.material.schemas) if listing else None
    )
    if listing is None or name is None or member.creation.pointer[:1] != "/":
        return
    yield Scenario(
        name="created is listed",
        intent="What was created is in the list.",
        source=listing.operation.pointer,
        lines=(
            Line(f"items = {listing.all_of()}", ()),
            Line(""),
            Line("state.some_holds(items, {})", (_one(name, member.creation.variable),)),
        ),
        steps=member.steps,
    )


def _one(name: str, variable: str) -> Value:
    return Value({name: Expression(variable)}, "id")


def _whole_list(found: Found, member: Member) -> paginating.List | None:
    """The list of the collection, where it shows all there is."""
    listing = paginating.of(found.material, member.creation.path)
    if (
        listing is None
        or not listing.is_whole
        or _PARTIAL.search(members.text_of(listing.operation))
    ):
        return None
    return (
        None if any(_hides(name, each, found) for name, each in listing.properties()) else listing
    )


def _hides(name: str, schema: Schema, found: Found) -> bool:
    """Whether an item says by a property that lists may leave it out."""
    if set(naming.slug(naming.split(name)).split("_")) & _UNLISTED:
        return True
    values = varying.whole(schema, found.material.schemas).get("enum", ())
    return any(str(each).lower() in _UNLISTED for each in values)


def _left_behind(found: Found, member: Member) -> Iterator[Scenario]:
    """A creation that is refused leaves nothing in the list."""
    body, place = members.sent(found), found.inputs.content
    listing = _whole_list(found, member)
    if body is None or place is None or listing is None:
        return
    body = varying.wide(found.material, place, body)
    required, mark = _missing_and_mark(found, body, listing.item)
    if not mark:
        return
    steps = found.created()
    request = found.with_steps(found.inputs.request, steps)
    sent = Value(body, left_out=(required,), fresh=(mark,))
    asked = replace(request, steps=(), body=Body("json", Expression("sent"), _type(request)))
    yield Scenario(
        name="refused leaves nothing",
        intent="A creation that is refused leaves nothing behind.",
        source=f"{members.content(found).pointer}/schema/required",
        lines=(
            Line("sent = {}", (sent,)),
            Line("response = {}", (asked,)),
            Line(f"items = {listing.all_of()}"),
            Line(""),
            Line("expect.refused(response)"),
            Line(f"state.none_holds(items, {{{{{literal(mark)}: sent[{literal(mark)}]}}}})"),
        ),
        steps=request.steps,
    )


def _missing_and_mark(
    found: Found, body: Mapping[str, Json], item: Mapping[str, Json]
) -> tuple[str, str]:
    """A required property to leave out, and a text by which the rest would be found in the list."""
    schemas = found.material.schemas
    content = members.content(found)
    asked = varying.properties(content.schema, schemas)
    answered = item.get("properties", {})
    whole = varying.required(content.schema, schemas)
    for required in (name for name in whole if name in body):
        rest = [name for name in varying.kept(list(body), asked, answered, schemas)
                if name != required]  # fmt: skip
        texts = [name for name in rest if varying.is_text(name, asked[name], schemas)]
        fitting = [
            name for name in texts if isinstance(body[name], str) and _is_long(asked, name, found)
        ]
        if fitting and "default" not in varying.whole(asked[required], schemas):
            return required, fitting[0]
    return "", ""


def _is_long(asked: Mapping[str, Schema], name: str, found: Found) -> bool:
    """Whether a text may be as long as a new one is."""
    whole = varying.whole(asked[name], found.material.schemas)
    return bool(whole.get("maxLength", 100) >= _NEW_LENGTH)


#: A made text with what makes it new.
_NEW_LENGTH = 40


def _twice(found: Found) -> Iterator[Scenario]:
    """What may be there only once is refused the second time."""
    operation = found.material.operation
    conflict = next((each for each in operation.responses if each.status == "409"), None)
    body = found.inputs.request.body
    if conflict is None or body is None or not body.fresh or members.sent(found) is None:
        return
    if not _TWICE.search(f"{operation.summary} {operation.description} {conflict.description}"):
        return
    steps = found.created()
    request = found.with_steps(found.inputs.request, steps)
    asked = replace(request, steps=(), body=Body("json", Expression("sent"), _type(request)))
    yield Scenario(
        name="second of the same is refused",
        intent="What may be there only once is refused the second time.",
        source=conflict.pointer,
        lines=(
            Line("sent = {}", (Value(body.value, fresh=body.fresh),)),
            members.succeeds(asked, operation, found.inputs.needs(steps)),
            Line("response = {}", (asked,)),
            Line(""),
            Line("expect.refused(response)"),
            Line("expect.documented(response)"),
        ),
        steps=request.steps,
    )


def _type(request: Request) -> str:
    return request.body.media_type if request.body else ""


def _pointer(operation: Operation) -> str:
    return next((each.pointer for each in answers.successes(operation)), operation.pointer)
