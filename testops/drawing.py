"""Draws inputs that a description allows, by Schemathesis.

What is drawn depends on the seed, and on the versions of Schemathesis and Hypothesis: not on what
else is imported, of which Hypothesis would take the constants. Schemathesis reads a description
that is made here, of one operation, whose references lead nowhere but into it. Nothing is written
to any file.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, configuration, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.internal.conjecture.providers import (
    AVAILABLE_PROVIDERS,
    CONSTANTS_CACHE,
    HypothesisProvider,
)
from hypothesis.internal.constants_ast import Constants
from hypothesis.strategies import SearchStrategy
from schemathesis import Case
from schemathesis.config import SchemathesisConfig
from schemathesis.core import NotSet

from testops import addresses
from testops.client import RequestParts
from testops.contract import OperationContract
from testops.errors import ContractError
from testops.json_values import Json

#: What a server, and what stands before it, takes for a segment of a path and nothing else.
_SEGMENT = re.compile(r"[A-Za-z0-9_~@$!*',;:=+.-]*[A-Za-z0-9_~]")
#: What any header may hold (RFC 9110, section 5.5).
_FIELD = re.compile(r"[!-~]([ -~]*[!-~])?")
#: The characters of such texts, and the last one.
_TEXTS = {
    "path": ("[A-Za-z0-9_~@$!*',;:=+.-]", "[A-Za-z0-9_~]"),
    "header": ("[!-~]", "[!-~]"),
    "cookie": ("[!-~]", "[!-~]"),
}
#: A text that is only bounded may be given a pattern.
_BOUNDED = frozenset({"type", "minLength", "maxLength"})
#: Our name among the backends of Hypothesis.
_BACKEND = "testops"


class _Independent(HypothesisProvider):
    """Draws as Hypothesis does, but nothing that stands in the modules that are imported."""

    _local_constants = Constants()


AVAILABLE_PROVIDERS[_BACKEND] = _Independent


def parts(
    operation: OperationContract, path: Mapping[str, Json], examples: int, seed: int
) -> list[RequestParts]:
    """What to send, each once."""
    description = schemathesis.openapi.from_dict(_document(operation, path), config=_config())
    method, _, template = operation.key.partition(" ")
    strategy = description[template][method].as_strategy().filter(_is_sendable)
    found = {
        json.dumps(sent, sort_keys=True, default=str): sent
        for case in _drawn(strategy, examples, seed)
        for sent in [_parts(case, path)]
    }
    return list(found.values())


def _config() -> SchemathesisConfig:
    config = SchemathesisConfig()
    # Any character but surrogates. The default is the same, and takes seconds to find them out.
    config.projects.default.generation.codec = None
    return config


def _document(operation: OperationContract, path: Mapping[str, Json]) -> dict[str, Json]:
    """An OpenAPI description of this operation alone; the path's known values are fixed."""
    told = operation.inputs
    if told is None:
        raise ContractError(f"The contract tells no inputs of {operation.key}; write it again.")
    parameters = [{**each, "schema": _drawable(each, path)} for each in told["parameters"]]
    method, _, template = operation.key.partition(" ")
    return {
        "openapi": "3.1.0",
        "info": {"title": "inputs", "version": "1"},
        "paths": {template: {method.lower(): {**told, "parameters": parameters, "responses": {}}}},
        "inputs": operation.schemas.inputs,
    }


def _drawable(parameter: Mapping[str, Json], path: Mapping[str, Json]) -> Json:
    """Its schema, or one of fewer texts where most of them would be drawn in vain."""
    place, schema = parameter["in"], parameter["schema"]
    if place == "path" and parameter["name"] in path:
        return {"const": "known"}
    is_text = isinstance(schema, Mapping) and schema.get("type") in ("string", ["string"])
    if place not in _TEXTS or not is_text or schema.keys() - _BOUNDED:
        return schema
    least, most = schema.get("minLength", 1), schema.get("maxLength")
    character, last = _TEXTS[place]
    before = f"{max(least - 1, 0)},{'' if most is None else max(most - 1, 0)}"
    return {"type": "string", "pattern": f"^{character}{{{before}}}{last}$"}


def _drawn(strategy: SearchStrategy[Case[Any]], examples: int, chosen: int) -> list[Case[Any]]:
    """So many values; no more are drawn where one is of no use."""
    drawn: list[Case[Any]] = []

    @seed(chosen)
    @settings(
        max_examples=examples,
        phases=[Phase.generate],
        backend=_BACKEND,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def draw(case: Case[Any]) -> None:
        drawn.append(case)

    try:
        with _nothing_kept(), _nothing_known():
            draw()
    except Unsatisfiable:
        pytest.skip("Needs inputs that can be sent: the description allows none.")
    return drawn


@contextlib.contextmanager
def _nothing_kept() -> Iterator[None]:
    """Keep Hypothesis from writing tables into the folder in which the tests were started."""
    before = configuration.storage_directory(intent_to_write=False).home_directory
    configuration.set_hypothesis_home_dir(os.devnull)
    try:
        yield
    finally:
        configuration.set_hypothesis_home_dir(before)


@contextlib.contextmanager
def _nothing_known() -> Iterator[None]:
    """Keep from us what Hypothesis knows of the modules that are imported, and the reverse.

    It keeps the constants that fit, of all providers together.
    """
    CONSTANTS_CACHE.cache.clear()
    try:
        yield
    finally:
        CONSTANTS_CACHE.cache.clear()


def _is_sendable(case: Case[Any]) -> bool:
    """Whether nobody on the way takes the address or a header for another, or for none."""
    segments = map(addresses.text_of, case.path_parameters.values())
    fields = map(addresses.text_of, [*case.headers.values(), *case.cookies.values()])
    return all(map(_SEGMENT.fullmatch, segments)) and all(map(_FIELD.fullmatch, fields))


def _parts(case: Case[Any], path: Mapping[str, Json]) -> RequestParts:
    headers = {name: addresses.text_of(each) for name, each in case.headers.items()}
    parts: RequestParts = {"path": {**case.path_parameters, **path}}
    if case.query:
        parts["query"] = case.query
    if case.cookies:
        parts["cookies"] = case.cookies
    if not isinstance(case.body, NotSet):
        parts["json"] = case.body
        if "+" in (case.media_type or ""):
            headers["Content-Type"] = str(case.media_type)
    if headers:
        parts["headers"] = headers
    return parts
