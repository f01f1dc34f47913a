"""Whose a resource is, as far as the description says: what a second user must be refused.

A documented 403 or 404 alone says little: roles and missing things are answered so too. It has to
be said that an operation is for owners, or that it is refused to others. What is said of a refusal
holds for what the creator may have made public only where it was made private, or where nothing in
it could say who may see it. It is also enough that 403 is documented where it is not for creating,
so that it depends on the resource, with no word of another reason, and that the API itself names an
owner. Who has written a thing need not be the only one who may change it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from app.ai import answers, bodies, merging, naming, reading, wording
from app.ai.checks.check import Found
from app.ai.quoting import Expression
from app.ai.requests import Body, Step
from app.openapi.model import Operation, Response, Schema
from testops.json_values import Json

_FORBIDDEN, _NOT_FOUND = 403, 404
#: Before the names of what is made private.
_PREFIX = "private_"
_CHANGES = frozenset({"PUT", "PATCH", "DELETE"})

#: Of a refusal: that the resource is somebody else's.
_ANOTHER = (
    r"(?:(?:an)?other (?:user|person|account|customer|owner)s?|(?:some|any)(?:one|body) else"
    r"|a different (?:user|person|account|customer|owner))"
)
_NOT_YOURS = re.compile(
    rf"(?i)\b{_ANOTHER}['\u2019]|\b(?:belong(?:s|ing)? to|owned by|created by|of|by) {_ANOTHER}\b"
    r"|\bnot (?:yours?|owned|own)\b|\b(?:not|isn['\u2019]t|only|unless|must be)(?: by| to| for)? "
    rf"(?:(?:an?|the|its|their|this) (?:[\w'\u2019-]+ )?)?{wording.OWNERS}\b"
)
#: Of a refusal: that the resource is there, but not for everybody.
_NOT_FOR_ALL = re.compile(
    r"(?i)\b(?:may|can|could|must|is|are)(?: ?not|n't)\b[^.;]*"
    r"\b(?:see|view|read|access|visible|accessible)\b|\bnot (?:visible|accessible)\b|\bno access\b"
)
#: Of a refusal: that it may come for another reason than who asks, or for what they are.
_NOT_THIS = re.compile(
    r"(?i)\b(?:locked|archived|closed|frozen|read[- ]only|published|final(?:i[sz]ed)?|stat(?:e|us)"
    r"|already|roles?|admin\w*|editors?|moderators?|managers?|members?|staff|scopes?|plans?|quotas?"
    r"|limits?|csrf)\b"
)
#: By these, plain or with "id" or "name" behind them, an API says whose a resource is.
_OWNERS = re.compile(r"(?:owner|owned_by|user)(?:_id|_uuid|_name|name|id)?")
#: A property of these names says who may see a resource, and the value with which nobody else may.
_PUBLIC = re.compile(r"(?:is_)?(?:public|shared|published)|public(?:ly)?_visible")
_PRIVATE = re.compile(r"(?:is_)?private")
_LEVEL = re.compile(r"visibility|privacy|access(?:_level)?|sharing")


class Says(Enum):
    """What the description says of a second user."""

    #: Must be refused.
    REFUSED = "refused"
    #: May be refused; whether that is so of this resource remains open.
    OPEN = "open"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a second user gets, and the place that says so."""

    says: Says
    pointer: str
    #: How the resource is created, so that it is as private as can be.
    step: Step

    def steps(self, known: Mapping[str, Step]) -> dict[str, Step]:
        """Each parameter with its step, given how they are created else."""
        chain = {each.variable: each for each in self.step.chain()}
        return {
            name: chain.get(f"{_PREFIX}{each.variable}") or chain[each.variable]
            for name, each in known.items()
        }


def rule(found: Found) -> Rule | None:
    """The rule for an operation on a resource that can be created; None for any other."""
    names = {each.name for each in found.path_parameters}
    steps = found.created()
    step = steps.get(reading.placeholders(found.material.operation.path)[-1]) if steps else None
    refusals = [each for status in _DENIALS if (each := found.documented(status))]
    # Of several ids in a path all but the last have to be what the last rests on.
    if step is None or steps.keys() != names or not refusals:
        return None
    if not {each.variable for each in steps.values()} <= {each.variable for each in step.chain()}:
        return None
    known = Known(found, refusals, step)
    if known.operation.method in _CHANGES and known.is_of_itself:
        return _of_changing(known)
    return _of_using(known)


_DENIALS = (_FORBIDDEN, _NOT_FOUND)


@dataclass(frozen=True, slots=True)
class Known:
    """What a rule is made from."""

    found: Found
    #: The documented answers that may say why another user is refused.
    refusals: Sequence[Response]
    step: Step

    @property
    def operation(self) -> Operation:
        """What another user asks for."""
        return self.found.material.operation

    @property
    def creation(self) -> Operation | None:
        """What creates the resource, or what it all hangs on: whoever owns that owns the rest."""
        return self.found.material.shared.operation(f"POST {next(self.step.chain()).path}")

    @property
    def is_for_owners(self) -> bool:
        """Whether the operation is said to be for whom the resource belongs to."""
        is_only = wording.is_only_for(wording.OWNERS, self.operation)
        return is_only or wording.is_for_ones_own(self.operation)

    @property
    def is_of_itself(self) -> bool:
        """Whether the resource is asked for, and not something that is in it or done with it."""
        return self.operation.path.endswith("}")

    def said(self, sign: re.Pattern[str]) -> str:
        """The pointer to a refusal whose words have a sign; empty where none has."""
        return next((each.pointer for each in self.refusals if sign.search(each.description)), "")

    def asked(self) -> Mapping[str, Schema]:
        """The properties of the body that creates the resource."""
        body = self.creation.body if self.creation else None
        for content in body.contents if body else ():
            if bodies.is_json(content):
                return _properties(merging.merged(content.schema, self.found.material.schemas))
        return {}

    def answered(self) -> Mapping[str, Schema]:
        """The properties of the resource as it is answered when it was created."""
        schemas = self.found.material.schemas
        return _properties(answers.schema(self.creation, schemas) if self.creation else None)


def _of_changing(known: Known) -> Rule:
    """A change of the resource itself: by whoever it belongs to, whoever may see it."""
    if known.is_for_owners:
        return Rule(Says.REFUSED, known.operation.pointer, known.step)
    if pointer := known.said(_NOT_YOURS):
        return Rule(Says.REFUSED, pointer, known.step)
    if depends := _depends(known):
        return Rule(depends, known.refusals[0].pointer, known.step)
    return _of_using(known)


def _depends(known: Known) -> Says | None:
    """What a 403 says of whose the resource is; None where it may be there for any other reason."""
    forbidden = known.found.documented(_FORBIDDEN)
    creating = known.creation.responses if known.creation else ()
    if forbidden is None or str(_FORBIDDEN) in {each.status for each in creating}:
        return None
    if _NOT_THIS.search(forbidden.description):
        return None
    return Says.REFUSED if any(_owners(known)) else Says.OPEN


def _of_using(known: Known) -> Rule:
    """Anything else that is done with the resource: by whoever may see it."""
    hidden = _hidden(known)
    if known.is_for_owners:
        return Rule(Says.REFUSED, known.operation.pointer, hidden or known.step)
    theirs = known.said(_NOT_YOURS) or _of_nobody_else(known)
    private = theirs or known.said(_NOT_FOR_ALL)
    if hidden is not None:
        says = Says.REFUSED if private else Says.OPEN
        return Rule(says, private or known.refusals[0].pointer, hidden)
    if not private:
        return Rule(Says.NOTHING, "", known.step)
    return Rule(
        Says.OPEN if _has_levels(known) or not theirs else Says.REFUSED, private, known.step
    )


def _of_nobody_else(known: Known) -> str:
    """The pointer to the 403 that only somebody else than the owner can get; empty for none."""
    is_meant = known.is_of_itself and _depends(known) is Says.REFUSED
    return known.refusals[0].pointer if is_meant else ""


def _has_levels(known: Known) -> bool:
    """Whether any property of a new resource could say who may see it."""
    schemas = known.found.material.schemas
    wholes = [merging.merged(schema, schemas) or {} for schema in known.asked().values()]
    return any("enum" in whole or "boolean" in whole.get("type", ()) for whole in wholes)


def _owners(known: Known) -> Iterator[str]:
    """The properties by which the API, and not who asks, says whose a new resource is."""
    schemas, asked = known.found.material.schemas, known.asked()
    for name, schema in known.answered().items():
        read_only = (merging.merged(schema, schemas) or {}).get("readOnly") is True
        if _OWNERS.fullmatch(_plain(name)) and (read_only or name not in asked):
            yield name


def _hidden(known: Known) -> Step | None:
    """The step that creates a resource which nobody else may see; None where none says so."""
    first = next(known.step.chain())
    sent = first.body
    if sent is None or sent.argument != "json" or not isinstance(sent.value, Mapping):
        return None
    for name, schema in known.asked().items():
        whole = merging.merged(schema, known.found.material.schemas) or {}
        value = _private(_plain(name), whole)
        if value is not None:
            body = replace(sent, value={**sent.value, name: value})
            return _renamed(known.step, first.variable, body)
    return None


def _renamed(step: Step, first: str, body: Body) -> Step:
    """The chain under names of its own, what it hangs on made with another body."""
    after = tuple(_renamed(each, first, body) for each in step.after)
    return replace(
        step,
        variable=f"{_PREFIX}{step.variable}",
        body=body if step.variable == first else step.body,
        after=after,
        values=_prefixed(step.values),
        deletion_values=_prefixed(step.deletion_values),
        noun=f"{_PREFIX}{step.noun}",
        constant=f"{_PREFIX}{step.noun}".upper(),
    )


def _prefixed(values: Mapping[str, Json]) -> dict[str, Json]:
    return {
        name: Expression(f"{_PREFIX}{value}") if isinstance(value, Expression) else value
        for name, value in values.items()
    }


def _properties(whole: Mapping[str, Json] | None) -> Mapping[str, Schema]:
    found: Mapping[str, Schema] = (whole or {}).get("properties", {})
    return found


def _private(name: str, schema: Mapping[str, Json]) -> Json:
    """The value of a property with which nobody else sees a resource; None where none is known."""
    if "boolean" in schema.get("type", ()):
        if _PUBLIC.fullmatch(name):
            return False
        return True if _PRIVATE.fullmatch(name) else None
    is_level = _LEVEL.fullmatch(name) and "private" in schema.get("enum", ())
    return "private" if is_level else None


def _plain(name: str) -> str:
    return naming.slug(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name))
