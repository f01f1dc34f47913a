"""A module that generates inputs runs in the same cage as any other."""

from __future__ import annotations

import json
from collections.abc import Mapping

from app.domain.outcomes import Outcome
from app.domain.plans import Limits, PlannedCase, Shard, Target
from testops.json_values import Json
from tests.behaviour.worker.support import LOOPBACK, TargetServer, checks
from worker.engine import Engine

SCHEMA = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
PLACE = {"in": "query", "required": True, "style": "form", "explode": True}
INPUTS = {
    "parameters": [
        {"name": "id", "schema": {"type": "string", "format": "uuid"}, **PLACE},
        {"name": "day", "schema": {"type": "string", "format": "date"}, **PLACE},
    ],
    "requestBody": {"required": True, "content": {"application/json": {"schema": SCHEMA}}},
}
ANSWER: Mapping[str, Json] = {"200": {"content": {}, "headers": {}}}
CONTRACT = {
    "contract": 1,
    "operations": {"POST /echo": {"pointer": "#", "responses": ANSWER, "inputs": INPUTS}},
    "schemas": {},
    "inputs": {},
}
SCRIPT = """
import os
from testops import Api, expect, generated

OPERATION = "POST /echo"

def test_generated(api: Api) -> None:
    for response in generated(api, "POST", "/echo", examples=5, seed=0):
        expect.success(response, 200)

def test_nothing_was_written() -> None:
    assert not os.path.exists(".hypothesis")
"""


def test_inputs_are_generated_in_the_cage(sdk_engine: Engine, target: TargetServer) -> None:
    case = PlannedCase("c1", "POST /echo", "test_it.py", SCRIPT)
    shard = Shard(
        "r1",
        0,
        1,
        Target(target.url, network=LOOPBACK),
        (case,),
        json.dumps(CONTRACT),
        Limits(case_seconds=60),
    )

    found = checks(sdk_engine.execute(shard))

    assert {name: check.message for name, check in found.items()} == dict.fromkeys(found, "")
    assert {check.outcome for check in found.values()} == {Outcome.PASSED}
    assert len({path for _, path, _ in target.seen}) == len(target.seen) > 1
