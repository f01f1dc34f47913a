"""Of several documented successes, each that can be asked for is."""

from __future__ import annotations

import pytest

from app.openapi.model import Content, Example, Operation, Parameter, Response
from tests.factories import written
from tests.factories.descriptions import (
    ANYTHING,
    JSON,
    body,
    content,
    operation,
    parameter,
    response,
)

#: The writing of a thing, and what creates and reads it.
LETTER = parameter("thingId", "path", {"type": "string"})
THING = {"type": "object", "properties": {"id": {"type": "string"}, "size": {"type": "integer"}}}


def kinds(own: Operation, *others: Operation) -> dict[str, str]:
    """Function → source, of the successes."""
    found = written.functions(own, *others)
    return {
        name: " ".join(source.split())
        for name, source in found.items()
        if name.startswith("documented_")
    }


def answers(*statuses: str) -> tuple[Response, ...]:
    return tuple(response(each) for each in statuses)


def put(*statuses: str, path: str = "/things/{thingId}", of: Parameter = LETTER) -> Operation:
    given = body(content({"type": "object"}, examples=({"size": 1},)))
    return operation("PUT", path, of, body=given, responses=answers(*statuses))


def creating() -> tuple[Operation, ...]:
    """What creates a thing, and reads it."""
    thing = content(THING)
    example = body(content(THING, examples=({"size": 1},)))
    return (
        operation("POST", "/things", body=example, responses=(response("201", thing),)),
        operation("GET", "/things/{thingId}", LETTER, responses=(response("200", thing),)),
    )


def example(value: object, name: str, media_type: str = JSON) -> Content:
    return Content(media_type, ANYTHING, "#/content", (Example({"usual": 1}), Example(value, name)))


@pytest.mark.parametrize(
    "statuses", [("200",), ("200", "404"), ("200", "302"), ("2XX", "200"), ("default",), ()]
)
def test_one_success_has_one_check(statuses: tuple[str, ...]) -> None:
    own = operation("GET", "/pets", responses=answers(*statuses))
    assert set(kinds(own)) == {"documented_success"}


def test_what_brings_a_success_is_asked_for_where_it_is_not_said() -> None:
    own = operation(
        "GET", "/pets", responses=(response("200"), response("204", description="No pets."))
    )
    found = kinds(own)
    assert set(found) == {"documented_success", "documented_204"}
    assert "expect.success(response, 200, 204)" in found["documented_success"]
    reason = (
        '@pytest.mark.skip(reason="Needs inputs that are answered with 204 No Content: No pets.'
    )
    assert found["documented_204"].startswith(reason)
    assert "Source: #/responses/204" in found["documented_204"]


def test_a_put_tells_creating_from_replacing() -> None:
    """RFC 9110, section 9.3.4: what is there is not created, what is not there is."""
    found = kinds(put("200", "201"), *creating())
    assert set(found) == {"documented_success", "documented_201"}
    assert "thing_id: Json" in found["documented_success"]
    assert "expect.success(response, 200)" in found["documented_success"]
    assert 'path={"thingId": "unknown-' in found["documented_201"]
    assert "expect.preferred( response, 201" in found["documented_201"].replace("(r", "( r")


def test_a_put_within_another_resource_creates_in_one_that_is_there() -> None:
    path = "/things/{thingId}/parts/{partId}"
    own = operation(
        *("PUT", path, LETTER, parameter("partId", "path", {"type": "string"})),
        responses=answers("201", "204"),
    )
    source = kinds(own, *creating())["documented_201"]
    assert 'path={"thingId": thing_id, "partId": "unknown-' in source


def test_where_it_is_not_known_that_something_is_there_a_put_may_create() -> None:
    found = kinds(put("200", "201"))
    assert "expect.success(response, 200, 201" in found["documented_success"]


@pytest.mark.parametrize(
    "own",
    [
        put("201", "202"),
        put("200", "201", path="/things/{thingId}/cover"),
        put("200", "201", of=parameter("thingId", "path", {"enum": ["a"]})),
    ],
    ids=["nothing replaced", "of a part", "no unknown id"],
)
def test_a_put_that_is_not_known_to_create_is_left_out(own: Operation) -> None:
    skipped = [source for source in kinds(own).values() if "pytest.mark.skip" in source]
    assert len(skipped) == 1


def test_a_part_is_asked_for_by_a_range() -> None:
    own = operation("GET", "/file", responses=answers("200", "206"))
    source = kinds(own)["documented_206"]
    assert 'api.get("/file", headers={"Range": "bytes=0-0"})' in source
    assert "expect.preferred(response, 206, needs=" in source


def test_only_what_is_read_has_ranges() -> None:
    own = operation("POST", "/file", responses=answers("200", "206"))
    assert "skip" in kinds(own)["documented_206"]


@pytest.mark.parametrize(
    ("given", "is_asked"),
    [
        (parameter("Prefer", "header", {"type": "string"}, required=False), True),
        (parameter("prefer", "query", {"type": "string"}, required=False), False),
        (parameter("X-Other", "header", {"type": "string"}, required=False), False),
    ],
)
def test_who_may_prefer_not_to_wait_does(given: Parameter, *, is_asked: bool) -> None:
    """RFC 7240, section 4.1."""
    own = operation("POST", "/jobs", given, responses=answers("201", "202"))
    source = kinds(own)["documented_202"]
    assert ('headers={"Prefer": "respond-async"}' in source) is is_asked
    assert ("skip" in source) is not is_asked


def test_an_example_of_the_inputs_is_for_the_answer_with_an_example_of_its_name() -> None:
    own = operation(
        "POST",
        "/jobs",
        parameter("mode", examples=("a", "b"), names=("", "slow")),
        body=body(example({"size": 9}, "slow")),
        responses=(response("200"), response("202", example({"job": 1}, "slow"))),
    )
    found = kinds(own)
    assert 'query={"mode": "b"}, json={"size": 9}' in found["documented_202"]
    assert "expect.preferred(response, 202, needs=" in found["documented_202"]
    assert 'query={"mode": "a"}, json={"usual": 1}' in found["documented_success"]


def test_an_example_may_name_the_status_that_it_is_for() -> None:
    pet = parameter("petId", "path", examples=("7",), names=("gives 204",))
    own = operation("GET", "/pets/{petId}", pet, responses=answers("200", "204"))
    assert 'path={"petId": "7"}' in kinds(own)["documented_204"]


def test_an_example_that_is_for_several_answers_says_nothing() -> None:
    both = example({"job": 1}, "slow")
    own = operation(
        "POST", "/jobs", body=body(both), responses=(response("200", both), response("202", both))
    )
    assert "skip" in kinds(own)["documented_202"]


def test_where_no_success_can_be_asked_for_the_others_cannot_either() -> None:
    lacking = parameter("size", schema={"type": "string", "pattern": "^(?=a)b$"})
    own = operation("GET", "/pets", lacking, responses=answers("200", "204"))
    assert set(kinds(own)) == {"documented_success"}
    own = operation(
        "DELETE", "/pets/{id}", parameter("id", "path"), responses=answers("200", "204")
    )
    assert '"Needs a resource that may be deleted."' in kinds(own)["documented_204"]
