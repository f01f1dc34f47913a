"""Requests with inputs that are generated, and what is answered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

import pytest

from testops import Api, expect, generated, generation
from testops.contract import Contract
from testops.environment import Environment
from testops.json_values import Json
from tests.fakes.target import Answer, Target

PET: Mapping[str, Json] = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string", "minLength": 1}},
}
PET_ID = {
    "name": "petId",
    "in": "path",
    "required": True,
    "style": "simple",
    "explode": False,
    "schema": {"type": "integer"},
}
CONTRACT: Mapping[str, Json] = {
    "contract": 1,
    "title": "Pets",
    "operations": {
        "PUT /pets/{petId}": {
            "pointer": "#/paths/~1pets~1{petId}/put",
            "responses": {"200": {"content": {}, "headers": {}}},
            "inputs": {
                "parameters": [PET_ID],
                "requestBody": {"required": True, "content": {"application/json": {"schema": PET}}},
            },
        }
    },
    "schemas": {},
    "inputs": {},
}


@pytest.fixture
def pets(target: Target) -> Iterator[Api]:
    """A client of the target whose contract tells inputs."""
    client = Api(Environment(target.url), Contract(CONTRACT), "PUT /pets/{petId}")
    yield client
    client.close()


def names(target: Target) -> list[str]:
    return [json.loads(each.body)["name"] for each in target.asked]


def test_each_input_is_sent_once_and_each_answer_given(pets: Api, target: Target) -> None:
    target.answers["PUT /pets/7"] = Answer(200)

    answers = list(generated(pets, "PUT", "/pets/{petId}", examples=5, seed=0, path={"petId": 7}))

    assert [each.status for each in answers] == [200] * len(target.asked)
    assert len(set(names(target))) == len(target.asked) > 1


def test_a_failure_shows_what_was_sent(pets: Api, target: Target) -> None:
    target.answers["PUT /pets/7"] = Answer(500)
    [first, *_] = generated(pets, "PUT", "/pets/{petId}", examples=5, seed=0, path={"petId": 7})

    sent = re.escape(f"Sent: {json.dumps({'json': {'name': names(target)[0]}})}")
    with pytest.raises(AssertionError, match=sent):
        expect.documented(first)


def test_an_api_that_takes_long_is_asked_less_often(
    pets: Api, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generation, "_SECONDS", 0)

    assert len(list(generated(pets, "PUT", "/pets/{petId}", examples=5, seed=0))) == 1
    assert len(target.asked) == 1
