"""An identifier that cannot exist is answered with 404 Not Found.

Written where the description says so, by a documented 404, or where HTTP does: GET of a resource
whose path ends in an id. Not every value in a path identifies something ("/delay/{seconds}"), so
a number counts only by its name, and without a documented 404 so does a text.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace

from app.ai import merging, patterns, reading, serialising
from app.ai.checks.check import Check, Found
from app.openapi.model import Operation, Parameter, Response
from testops.json_values import Json

#: Fits 32 bits, and no sequence of ids gets there.
_NUMBER = 999_999_999
_UUID = "ffffffff-ffff-4fff-bfff-ffffffffffff"
#: A shorter text may exist by chance.
_MIN_LENGTH = 8
_PATTERN_TRIES = 20
#: Formats whose texts are few enough to exist by chance, or name something outside the API.
_COMMON = frozenset({"date", "date-time", "time", "email", "ipv4", "ipv6", "uri", "hostname"})


def checks(found: Found) -> Iterator[Check]:
    """At most one check: every identifier in the path replaced by an unknown one."""
    operation = found.material.operation
    documented = next((each for each in operation.responses if each.status == "404"), None)
    if found.inputs.lacking or operation.method == "CONNECT":
        return
    if not _is_demanded(operation, documented):
        return
    unknown = unknown_path(found, by_name_only=documented is None)
    if unknown is None:
        return
    yield Check(
        name="unknown id",
        intent="An identifier that does not exist is not found.",
        source=documented.pointer if documented else operation.pointer,
        request=replace(found.inputs.request, path={**found.inputs.request.path, **unknown}),
        expectation="not_found",
    )


def _is_demanded(operation: Operation, documented: Response | None) -> bool:
    """Whether 404 is the right answer: not for a PUT that creates what is not there."""
    names = reading.placeholders(operation.path)
    if not names:
        return False
    creates = operation.method == "PUT" and any(
        each.status == "201" for each in operation.responses
    )
    if documented is not None:
        return not creates
    ends_in_id = operation.path.endswith(f"{{{names[-1]}}}") and _is_named(operation, names[-1])
    return operation.method == "GET" and ends_in_id


def unknown_path(found: Found, *, by_name_only: bool = False) -> Mapping[str, Json] | None:
    """Values for the identifiers; None where the last one in the path can have no unknown value."""
    unknown: dict[str, Json] = {}
    for place, parameter in enumerate(found.material.parameters):
        if parameter.location == "path" and _identifies(found, parameter, by_name_only):
            value = _unknown_value(found, parameter, place)
            if value is not None:
                unknown.update(serialising.flat(parameter, value))
    return unknown or None


def _identifies(found: Found, parameter: Parameter, by_name_only: bool) -> bool:  # noqa: FBT001 - passed on
    kinds = reading.kinds(parameter.schema, found.material.schemas)
    named = _is_named(found.material.operation, parameter.name)
    return named or (not by_name_only and kinds <= {"string"})


def _is_named(operation: Operation, name: str) -> bool:
    """Whether the name says that the value identifies something."""
    return reading.is_id(name) or reading.names_its_collection(operation.path, name)


def _unknown_value(found: Found, parameter: Parameter, place: int) -> Json:
    """A value of the right kind that cannot exist; None where the schema leaves none."""
    whole = merging.merged(parameter.schema, found.material.schemas) or {}
    if not {"enum", "const"} & whole.keys():
        accepts = found.material.accepts(f"/parameters/{place}")
        chance = found.material.values.chance_of(f"unknown {parameter.name}")
        return next((each for each in _candidates(whole, chance) if accepts(each)), None)
    return None


def _candidates(whole: Mapping[str, Json], chance: random.Random) -> Iterator[Json]:
    kinds = whole.get("type", "string")
    if "integer" in kinds or "number" in kinds:
        yield _NUMBER
    elif whole.get("format") in {"uuid", "guid"}:
        yield _UUID
    elif "pattern" in whole:
        made = (patterns.text_for(whole["pattern"], chance) for _ in range(_PATTERN_TRIES))
        yield from (text for text in made if text and len(text) >= _MIN_LENGTH)
    elif whole.get("format") not in _COMMON:
        yield f"unknown-{chance.getrandbits(32):08x}"
        yield f"{chance.getrandbits(_MIN_LENGTH * 4):08x}"
