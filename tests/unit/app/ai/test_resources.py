from __future__ import annotations

from dataclasses import replace

import pytest

from app.ai import resources
from app.ai.material import Material
from app.openapi.model import Link, Operation, Schema
from tests.factories.descriptions import (
    content,
    describe,
    header,
    operation,
    parameter,
    response,
)

ID = parameter("loanId", "path", {"type": "integer"})
LOAN: Schema = {"properties": {"id": {"type": "integer"}, "book": {"type": "string"}}}
NAMED: Schema = {"$ref": "#/schemas/Loan"}
MEMBER = "/loans/{loanId}"
READING = operation("GET", MEMBER, ID, responses=(response("200", content(NAMED)),))
LINK = Link("read", {"loanId": "$response.body#/loan/number"})


def creation(
    path: str = "/loans", schema: Schema = LOAN, *, links: tuple[Link, ...] = (), location: str = ""
) -> Operation:
    headers = (header(location, {"type": "string"}),) if location else ()
    answer = replace(response("201", content(schema), headers=headers), links=links)
    return operation("POST", path, responses=(answer,))


def found(*operations: Operation) -> str | None:
    """Where the id of a loan is, and after what."""
    read = replace(READING, operation_id="read")
    material = Material(describe(*operations, read, schemas={"Loan": LOAN}), 0)
    resource = resources.of(material, MEMBER, ID)
    return f"{resource.creation.path} {resource.pointer}" if resource else None


@pytest.mark.parametrize(
    ("creations", "expected"),
    [
        ((creation(),), "/loans /id"),
        ((creation("/loans/"),), "/loans/ /id"),
        ((creation(schema={"properties": {"loan_id": {"type": "integer"}}}),), "/loans /loan_id"),
        ((creation(schema={"properties": {"data": LOAN}}),), "/loans /data/id"),
        ((creation(schema={"properties": {"data": True, "at": {}}}),), None),
        ((creation(schema={"properties": {"id": {"type": "string"}}}),), None),
        ((creation(schema=True, location="Location"),), "/loans Location"),
        ((creation(schema=True, location="X-Place"),), None),
        # A link says more than a name.
        ((creation(), creation("/borrow", links=(LINK,))), "/borrow /loan/number"),
        ((creation("/borrow", links=(replace(LINK, operation="gone"),)),), None),
        ((creation("/borrow", links=(Link("read", {"loanId": "$request.path.x"}),)),), None),
        ((creation("/borrow", links=(Link("read", {}),)),), None),
        # A schema says more than a place.
        ((creation("/books/{bookId}/loans", NAMED),), "/books/{bookId}/loans /id"),
        ((creation("/books/{bookId}/loans"),), None),
        ((creation("/books/{bookId}/borrow", NAMED),), None),
        ((creation("/a/loans", NAMED), creation("/b/loans", NAMED)), None),
        ((), None),
    ],
)
def test_what_creates_a_resource_is_obvious_or_not_known(
    creations: tuple[Operation, ...], expected: str | None
) -> None:
    assert found(*creations) == expected


def test_what_nothing_reads_is_found_by_its_place_only() -> None:
    material = Material(describe(creation("/books/{bookId}/loans", NAMED)), 0)

    assert resources.of(material, MEMBER, ID) is None


def test_a_creation_makes_what_is_read() -> None:
    own = creation()
    other = operation("GET", "/old/loans/{n}/{loanId}", ID)
    foreign = operation("GET", "/x/loans/{loanId}", ID)
    shared = Material(describe(own, other, foreign, READING, schemas={"Loan": LOAN}), 0)

    made = resources.made_by(shared, own)

    assert made is not None
    assert (made[0].member, made[1].name) == (MEMBER, "loanId")
    assert resources.made_by(shared, creation("/others")) is None


@pytest.mark.parametrize(
    ("member", "noun"),
    [
        ("/projects/{id}", "project"),
        ("/a/companies/{id}", "company"),
        ("/ties/{id}", "tie"),
        ("/boxes/{id}", "box"),
        ("/classes/{id}", "class"),
        ("/business/{id}", "business"),
        ("/{id}", ""),
    ],
)
def test_a_member_has_a_noun(member: str, noun: str) -> None:
    assert resources.noun(member) == noun


@pytest.mark.parametrize(
    ("member", "name", "variable"),
    [
        ("/projects/{id}", "id", "project_id"),
        ("/projects/{projectId}", "projectId", "project_id"),
        ("/{id}", "id", "id_"),
        ("/tests/{id}", "id", "one_test_id"),
        ("/pets/{testName}", "testName", "one_test_name"),
        ("/2fa/{id}", "id", "id_"),
    ],
)
def test_an_id_says_whose_it_is(member: str, name: str, variable: str) -> None:
    assert resources.variable(member, name).startswith(variable.rstrip("_"))
