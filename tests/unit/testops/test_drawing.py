"""What is drawn from a description of inputs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import configuration, given, settings, strategies
from hypothesis.internal.conjecture.providers import CONSTANTS_CACHE

from testops import drawing
from testops.client import RequestParts
from testops.contract import Contract, OperationContract
from testops.errors import ContractError
from testops.json_values import Json
from testops.schemas import Schemas
from tests.shared_material import ROOT

KEY = "POST /pets/{petId}"
TEXT: Mapping[str, Json] = {"type": "string"}
PET: Mapping[str, Json] = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string", "maxLength": 5}, "age": {"type": "integer"}},
    "additionalProperties": False,
}


def parameter(name: str, place: str, schema: Json = TEXT, **more: Json) -> Mapping[str, Json]:
    style = "form" if place in {"query", "cookie"} else "simple"
    told = {"name": name, "in": place, "required": True, "style": style, "explode": True}
    return {**told, "schema": schema, **more}


def body(media_type: str = "application/json", *, required: bool = True) -> Mapping[str, Json]:
    schema = {"$ref": "#/inputs/Pet"}
    return {"required": required, "content": {media_type: {"schema": schema}}}


def taking(*parameters: Mapping[str, Json], **more: Json) -> OperationContract:
    """An operation with these inputs."""
    inputs = {"parameters": list(parameters), **more}
    told = {"pointer": "#", "responses": {}, "inputs": inputs}
    document: Mapping[str, Json] = {
        "contract": 1,
        "title": "Pets",
        "operations": {KEY: told},
        "schemas": {},
        "inputs": {"Pet": PET},
    }
    return Contract(document).operation(KEY, KEY)


ID = parameter("petId", "path", {"type": "integer"})
ALL = taking(
    ID,
    parameter("sort", "query", {"enum": ["name", "age"]}),
    parameter("X-Tenant", "header"),
    parameter("theme", "cookie", {"enum": ["dark"]}),
    requestBody=body(),
)


def drawn(operation: OperationContract, **path: Json) -> list[RequestParts]:
    return drawing.parts(operation, path, 20, 0)


def test_everything_is_drawn_as_it_is_described() -> None:
    found = drawn(ALL)

    assert 10 < len(found) <= 20
    for sent in found:
        assert isinstance(sent["path"]["petId"], int)
        assert sent["query"]["sort"] in {"name", "age"}
        assert re.fullmatch("([!-~]([ -~]*[!-~])?)?", sent["headers"]["X-Tenant"])
        assert sent["cookies"] == {"theme": "dark"}
        assert Schemas({"it": PET}).accepts("/it", sent["json"])
    assert len({json.dumps(each, sort_keys=True) for each in found}) == len(found)


def test_what_is_known_of_the_path_stays_as_it_is() -> None:
    assert {json.dumps(each["path"]) for each in drawn(ALL, petId="a/7")} == {'{"petId": "a/7"}'}


def test_a_segment_is_none_that_is_taken_for_something_else() -> None:
    found = {each["path"]["petId"] for each in drawn(taking(parameter("petId", "path")))}

    assert len(found) > 5
    assert all(re.fullmatch("[A-Za-z0-9_~@$!*',;:=+.-]*[A-Za-z0-9_~]", str(each)) for each in found)


def test_texts_that_can_be_sent_are_drawn_right_away() -> None:
    """Of texts of any characters hardly one in a hundred could be sent."""
    bounded = {"type": "string", "minLength": 12, "maxLength": 14}
    names = ("one", "two", "three")
    found = drawn(taking(ID, *(parameter(name, "header", bounded) for name in names)))

    assert len(found) == 20
    texts = {text for each in found for text in each["headers"].values()}
    assert {len(each) for each in texts} == {12, 13, 14}


def test_texts_that_are_described_further_are_drawn_as_described() -> None:
    told = parameter("X-When", "header", {"type": "string", "enum": ["last month"]})

    first, *_ = drawn(taking(ID, told))
    assert first["headers"] == {"X-When": "last month"}


def test_a_body_that_may_be_left_out_is_left_out_sometimes() -> None:
    bodies = ["json" in each for each in drawn(taking(ID, requestBody=body(required=False)))]

    assert set(bodies) == {True, False}


def test_a_media_type_beside_plain_json_is_named() -> None:
    found = drawn(taking(ID, requestBody=body("application/merge-patch+json")))

    sent = {"Content-Type": "application/merge-patch+json"}
    assert all(each["headers"] == sent for each in found)


def test_a_description_that_allows_nothing_to_be_sent_decides_nothing() -> None:
    impossible = taking(parameter("petId", "path", {"enum": ["a/b"]}))

    with pytest.raises(pytest.skip.Exception, match="Needs inputs that can be sent"):
        drawn(impossible)


def test_a_contract_from_before_there_were_inputs_has_to_be_written_again() -> None:
    told = {"pointer": "#", "responses": {}}
    document = {"contract": 1, "title": "", "operations": {KEY: told}, "schemas": {}}

    with pytest.raises(ContractError, match=f"no inputs of {re.escape(KEY)}; write it again"):
        drawing.parts(Contract(document).operation(KEY, KEY), {}, 1, 0)


IN_ANOTHER_PROCESS = """
import json
import shop
from testops import drawing
from tests.unit.testops.test_drawing import drawn, taking, ALL, ID, body
print(json.dumps(drawn(ALL)))
"""


def test_a_seed_gives_the_same_wherever_it_is_drawn_and_no_file_is_written(tmp_path: Path) -> None:
    """The other process has imported other modules, whose constants Hypothesis would use."""
    (tmp_path / "shop.py").write_text(f"NAMES = {[f'a{n}' for n in range(500)]}\n", "utf-8")
    ended = subprocess.run(
        [sys.executable, "-B", "-c", IN_ANOTHER_PROCESS],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == drawn(ALL)
    assert drawing.parts(ALL, {}, 20, 1) != drawn(ALL)
    assert [each.name for each in tmp_path.iterdir()] == ["shop.py"]


def test_what_others_have_drawn_before_changes_nothing() -> None:
    """Hypothesis keeps for them which constants of these modules fit."""

    @settings(database=None)
    @given(strategies.integers(), strategies.text())
    def others(_number: int, _text: str) -> None:
        """Any test."""

    alone = drawn(ALL)
    others()
    assert CONSTANTS_CACHE.cache
    assert drawn(ALL) == alone
    assert not CONSTANTS_CACHE.cache


def test_what_others_keep_with_hypothesis_stays_where_it_was() -> None:
    before = configuration.storage_directory(intent_to_write=False).path

    drawn(ALL)

    assert configuration.storage_directory(intent_to_write=False).path == before
