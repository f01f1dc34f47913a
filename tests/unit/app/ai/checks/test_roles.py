"""What is for administrators is refused to an ordinary user."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.openapi.model import Operation
from tests.factories.descriptions import operation, parameter, response
from tests.factories.notes import (
    FORBIDDEN,
    SECURE,
    functions,
    get,
)


@pytest.mark.parametrize(
    ("own", "is_asked"),
    [
        (get(FORBIDDEN, path="/admin/stats"), True),
        (get(FORBIDDEN, path="/projects/admin-area"), False),
        (get(path="/admin/stats"), False),
        (get(FORBIDDEN, path="/admin/stats", security=()), False),
        (replace(get(FORBIDDEN), summary="Totals; for admins only"), True),
        (replace(get(FORBIDDEN), summary="List the admins"), False),
        (replace(get(FORBIDDEN), description="Counts all.\nRequires the admin role."), True),
        (replace(get(FORBIDDEN), description="Only admins see hidden notes."), False),
        (get(response("403", description="Not an administrator")), True),
        (replace(get(FORBIDDEN), scopes={"bearer": ("ROLE_ADMIN",)}), True),
        (replace(get(FORBIDDEN), scopes={"bearer": ("admin", "read")}), False),
        (replace(get(FORBIDDEN), scopes={"bearer": ("read:admins",)}), False),
        (
            replace(get(FORBIDDEN, security=("bearer", "login")), scopes={"login": ("admin",)}),
            False,
        ),
    ],
)
def test_who_is_no_admin_is_refused_what_is_for_admins(own: Operation, *, is_asked: bool) -> None:
    assert ("not_for_ordinary_users" in functions(own)) is is_asked


def test_an_ordinary_user_is_the_second_one_if_its_name_does_not_say_otherwise() -> None:
    check = functions(get(FORBIDDEN, path="/admin/stats"))["not_for_ordinary_users"]

    assert "(other: Api)" in check
    assert check.index('other.must_not_be("admin")') < check.index("other.get(")
    assert "expect.denied(response, 403, 404)" in check


def test_what_is_for_admins_and_cannot_be_deleted_safely_is_left_out() -> None:
    own = operation(
        "DELETE",
        "/admin/{kind}",
        parameter("kind", "path", {"enum": ["a"]}),
        responses=(FORBIDDEN,),
        security=SECURE,
    )

    assert "not_for_ordinary_users" not in functions(own)
