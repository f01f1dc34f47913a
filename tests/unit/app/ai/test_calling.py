"""How requests are put into words."""

from __future__ import annotations

import pytest

from app.ai import calling
from app.ai.quoting import literal
from app.ai.requests import Body, Request
from testops.json_values import Json

PET: dict[str, Json] = {"name": "Rex", "tag": "dog", "age": 3}
NAMED = {literal(PET): "BODY"}


def said(request: Request, constants: dict[str, str]) -> str:
    """The call as the formatter quotes it."""
    return calling.call(request, constants).replace("'", '"')


def test_each_part_is_an_argument() -> None:
    request = Request(
        "GET",
        "/pets/{petId}",
        path={"petId": 7},
        query={"full": True},
        headers={"X-Tag": "a"},
        cookies={"shop": "b"},
        client="other",
        anonymous=True,
        withheld=("X-Key",),
    )

    assert said(request, {literal({"petId": 7}): "PATH"}) == (
        'other.get("/pets/{petId}", path=PATH, query={"full": True}, headers={"X-Tag": "a"},'
        ' cookies={"shop": "b"}, anonymous=True, withhold=["X-Key"])'
    )


def test_a_method_without_a_function_of_its_own_is_named() -> None:
    assert said(Request("HEAD", "/pets"), {}) == 'api.request("HEAD", "/pets")'


def test_the_media_type_is_a_header() -> None:
    body = Body("json", 7, "application/merge-patch+json")

    assert said(Request("PATCH", "/pets", body=body), {}) == (
        'api.patch("/pets", headers={"Content-Type": "application/merge-patch+json"}, json=7)'
    )


@pytest.mark.parametrize(
    ("changes", "left_out", "expected"),
    [
        ({}, "", 'fresh(BODY, "name")'),
        ({"/age": 4}, "", 'fresh(BODY, "name") | {"age": 4}'),
        ({"/name": ""}, "", 'BODY | {"name": ""}'),
        ({"/tag/0": 4}, "", 'replaced(fresh(BODY, "name"), "/tag/0", 4)'),
        ({}, "tag", 'without(fresh(BODY, "name"), "tag")'),
        ({}, "name", 'without(BODY, "name")'),
    ],
)
def test_what_differs_is_told_and_the_rest_is_new(
    changes: dict[str, Json], left_out: str, expected: str
) -> None:
    body = Body("json", PET, fresh=("name",))
    request = Request("POST", "/pets", body=body, changes=changes, left_out=left_out)

    assert said(request, NAMED) == f'api.post("/pets", json={expected})'


@pytest.mark.parametrize(
    ("changes", "left_out", "expected"),
    [
        ({}, "", 'fresh({"name": "Rex", "tag": "dog", "age": 3}, "name")'),
        ({"/age": 4}, "", 'fresh({"name": "Rex", "tag": "dog", "age": 4}, "name")'),
        ({"/name": "x"}, "", '{"name": "x", "tag": "dog", "age": 3}'),
        ({}, "tag", 'fresh({"name": "Rex", "age": 3}, "name")'),
    ],
)
def test_a_body_without_a_name_is_told_as_it_is_sent(
    changes: dict[str, Json], left_out: str, expected: str
) -> None:
    body = Body("json", PET, fresh=("name",))
    request = Request("POST", "/pets", body=body, changes=changes, left_out=left_out)

    assert said(request, {}) == f'api.post("/pets", json={expected})'


def test_a_named_body_that_is_no_object_is_changed_in_its_place() -> None:
    body = Body("json", [1, 2])
    request = Request("POST", "/pets", body=body, changes={"/0": 9})

    assert said(request, {"[1, 2]": "BODY"}) == ('api.post("/pets", json=replaced(BODY, "/0", 9))')
