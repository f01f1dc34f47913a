from __future__ import annotations

from dataclasses import replace

from app.openapi.model import Schema
from tests.factories.descriptions import (
    body,
    content,
    operation,
    parameter,
    pet_shop,
    response,
)
from tests.factories.written import functions, request_in

SIZE: Schema = {"type": "integer", "minimum": 1, "maximum": 9}


def test_of_very_many_variations_the_strongest_of_every_input_are_kept() -> None:
    names = [f"size{number}" for number in range(30)]
    own = operation("GET", "/pets", *(parameter(name, schema=SIZE) for name in names))

    found = [name for name in functions(own) if name.startswith("query_")]

    assert len(found) == 40
    assert found[:2] == ["query_size0_below_minimum", "query_size0_above_maximum"]
    assert not any("at_minimum" in name for name in found)


def test_an_unlikely_input_is_not_varied_where_another_cannot_be_made() -> None:
    own = operation("GET", "/pets", parameter("size", schema=SIZE), parameter("q", schema=False))

    assert list(functions(own)) == ["documented_success"]


def test_a_tunnel_is_not_varied() -> None:
    own = operation("CONNECT", "/pets", parameter("size", schema=SIZE))

    assert list(functions(own)) == ["documented_success"]


def test_a_refused_id_in_the_path_may_as_well_not_be_found() -> None:
    own = operation("GET", "/pets/{petId}", parameter("petId", "path", {"type": "integer"}))

    found = functions(own)["path_pet_id_wrong_type"]

    assert request_in(found) == 'api.get("/pets/{petId}", path={"petId": "not-a-number"})'
    assert "expect.refused(response)" in found


def test_what_is_varied_in_the_path_is_not_obtained_first() -> None:
    listing, _, reading, _ = pet_shop().operations
    pet: Schema = {"type": "object", "properties": {"id": {"type": "integer"}}}
    found = functions(reading, listing, Pet=pet, Problem={})

    assert "existing(" not in found["path_pet_id_wrong_type"]
    assert "existing(" in found["documented_success"]


def test_another_input_is_varied_on_a_resource_that_is_there() -> None:
    listing, _, reading, _ = pet_shop().operations
    pet: Schema = {"type": "object", "properties": {"id": {"type": "integer"}}}
    own = replace(reading, parameters=(*reading.parameters, parameter("size", schema=SIZE)))
    found = functions(own, listing, Pet=pet, Problem={})

    assert 'pet_id = existing(api, "/pets", "/0/id")' in found["query_size_above_maximum"]
    assert "needs" not in found["query_size_above_maximum"]


def test_without_the_resource_a_refusal_decides_nothing() -> None:
    own = operation(
        "GET", "/pets/{petId}", parameter("petId", "path"), parameter("size", schema=SIZE)
    )

    assert (
        'expect.refused(response, needs="an existing petId")'
        in (functions(own)["query_size_above_maximum"])
    )


def test_what_would_delete_is_varied_only_to_be_refused() -> None:
    own = operation("DELETE", "/pets", parameter("size", schema=SIZE), responses=(response("204"),))

    found = [name for name in functions(own) if name.startswith("query_")]

    assert found[:2] == ["query_size_below_minimum", "query_size_above_maximum"]
    assert not any("at_m" in name for name in found)


def test_what_somebody_else_has_is_not_changed() -> None:
    """An id that the description allows may be that of anything."""
    own = operation("PUT", "/pets/{petId}", parameter("petId", "path", SIZE, examples=(5,)))
    found = [name for name in functions(own) if name.startswith("path_")]

    assert found == [
        "path_pet_id_wrong_type",
        "path_pet_id_below_minimum",
        "path_pet_id_above_maximum",
    ]
    reading = operation("GET", "/pets/{petId}", parameter("petId", "path", SIZE, examples=(5,)))
    assert "path_pet_id_at_minimum" in functions(reading)


def test_where_no_success_is_documented_none_is_asked_for() -> None:
    own = operation("GET", "/pets", parameter("size", schema=SIZE), responses=(response("404"),))

    assert "expect.success" not in functions(own)["query_size_at_maximum"]


def test_an_example_is_no_variation() -> None:
    own = operation("GET", "/pets", parameter("size", schema=SIZE, examples=(9,)))

    assert "query_size_at_maximum" not in functions(own)
    assert "query_size_at_minimum" in functions(own)


def test_where_nothing_was_made_up_nothing_is_sent_before() -> None:
    own = operation("GET", "/pets", parameter("size", schema=SIZE, examples=(5,)))

    found = functions(own)["query_size_at_maximum"]

    assert found.count("api.get(") == 1
    assert "needs" not in found


def test_one_value_has_one_check() -> None:
    own = operation(
        "POST",
        "/pets",
        body=body(
            content({"required": ["a"], "properties": {"a": {"type": "string", "maxLength": 4}}})
        ),
    )

    names = list(functions(own))

    assert len([name for name in names if name.startswith("body_a_too_long")]) == 1
