"""What is asked for under a condition, where the description knows of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.openapi.model import Operation, Parameter, Schema
from tests.factories import written
from tests.factories.descriptions import body, content, header, operation, parameter, response

PET: Schema = {"type": "object", "properties": {"id": {"type": "integer"}}}
ID = parameter("petId", "path", {"type": "integer"})
CREATING = operation("POST", "/pets", responses=(response("201", content(PET)),))
IF_MATCH = parameter("If-Match", "header", {"type": "string"}, required=False)


def functions(own: Operation) -> dict[str, str]:
    found = written.functions(own, CREATING)
    return {name: " ".join(source.split()) for name, source in found.items()}


def changing(*parameters: Parameter, method: str = "PUT", status: str = "412") -> Operation:
    answers = (response("200"), response(status))
    return operation(method, "/pets/{petId}", ID, *parameters, body=body(), responses=answers)


def reading(*statuses: str, tag: str = "ETag", path: str = "/pets/{petId}") -> Operation:
    tagged = response("200", content(PET), headers=(header(tag),))
    others = tuple(response(each) for each in statuses)
    own = (ID,) if "{" in path else ()
    return operation("GET", path, *own, responses=(tagged, *others))


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_change_of_another_version_is_refused(method: str) -> None:
    """RFC 9110, section 13.1.1."""
    own = replace(changing(IF_MATCH, method=method), body=None)
    source = functions(own)["other_version"]
    assert "pet_id: Json" in source
    assert """headers={"If-Match": '"no-such-version"'}""" in source
    assert "expect.refused(response)" in source
    assert "Source: #/responses/412" in source


@pytest.mark.parametrize(
    "own",
    [
        changing(),
        changing(IF_MATCH, status="404"),
        changing(replace(IF_MATCH, location="query")),
        replace(changing(IF_MATCH), path="/others/{petId}"),
        changing(IF_MATCH, method="POST"),
        changing(IF_MATCH, parameter("lacking", schema={"type": "string", "pattern": "(?=a)b"})),
    ],
    ids=["no header", "no answer", "no header of HTTP's", "nothing there", "no change", "lacking"],
)
def test_a_change_that_knows_no_versions_is_left_alone(own: Operation) -> None:
    assert "other_version" not in functions(own)


@pytest.mark.parametrize("name", ["If-None-Match", "if-none-match"])
def test_who_has_what_is_there_is_not_sent_it_again(name: str) -> None:
    """RFC 9110, section 13.1.2."""
    given = parameter(name, "header", {"type": "string"}, required=False)
    own = reading("304", tag="Etag", path="/pets")
    source = functions(replace(own, parameters=(given,)))["not_modified"]
    assert 'tag = linked(response, "Etag")' in source
    assert f'api.get("/pets", headers={{"{name}": tag}})' in source
    assert source.endswith("expect.success(response, 304)")


def test_what_is_read_again_is_there() -> None:
    source = functions(reading("304"))["not_modified"]
    assert "pet_id: Json" in source
    assert 'path={"petId": pet_id}, headers={"If-None-Match": tag}' in source


@pytest.mark.parametrize(
    "own",
    [
        reading(),
        reading("304", tag="X-Tag"),
        operation("GET", "/pets", responses=(response("304"),)),
    ],
    ids=["no answer", "no tag", "no success"],
)
def test_what_has_no_version_is_read_once(own: Operation) -> None:
    assert "not_modified" not in functions(own)
