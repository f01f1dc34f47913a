"""What says what somebody may do is not set by sending it along."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest

from app.ai import offline
from app.openapi.model import Operation, Schema
from tests.factories.descriptions import body, content, describe, operation, parameter, response

TEXT: Schema = {"type": "string", "maxLength": 40}
ROLE: Schema = {"enum": ["user", "admin"]}
ID = parameter("user_id", "path", {"type": "integer"})


def functions(own: Operation, *others: Operation) -> dict[str, str]:
    """Check → source of its function."""
    script = offline.write_case(describe(own, *others), own).script
    parts = re.split(r"\n\n\n(?=@|def )", script)[1:]
    return {re.findall(r"def test_(\w+)", part)[0]: part for part in parts if "def test_" in part}


def asking(
    method: str, path: str, shown: Mapping[str, Schema], *, sent: bool = True, **more: Schema
) -> Operation:
    """An operation that takes a name and answers a user."""
    asked: Schema = {"type": "object", "properties": {"name": TEXT}, "required": ["name"], **more}
    user: Schema = {"properties": {"id": {"type": "integer"}, "name": TEXT, **shown}}
    own = operation(
        method,
        path,
        *([ID] if "{" in path else []),
        body=body(content(asked)) if sent else None,
        responses=(response("201" if method == "POST" else "200", content(user)),),
    )
    return replace(own, security=())


def mine(shown: Mapping[str, Schema], method: str = "PATCH", **more: Schema) -> dict[str, str]:
    """The checks of one's own account, of which these are shown besides a name."""
    own = asking(method, "/me", shown, sent=True, **more)
    found = functions(own, asking("GET", "/me", shown, sent=False))
    return {name: text for name, text in found.items() if "obtain" in name}


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_role_of_ones_own_is_held_against_the_one_before(method: str) -> None:
    check = mine({"role": ROLE}, method)["cannot_obtain_role"]

    assert '"role": "admin"}\n    before = api.get("/me")' in check
    assert f'response = api.{method.lower()}("/me", json=sent)\n    found = api.get("/me")' in check
    assert check.rstrip().endswith('state.not_obtained(found, before, {"role": "admin"})')
    assert "expect.documented(response)" in check


@pytest.mark.parametrize(
    ("shown", "offered"),
    [
        ({"is_admin": {"type": "boolean"}}, '{"is_admin": True}'),
        ({"role": {"enum": ["USER", "ROLE_ADMIN"]}}, '{"role": "ROLE_ADMIN"}'),
        ({"balance": {"type": "integer"}}, '{"balance": 987654}'),
        ({"number": {"type": "integer", "readOnly": True}}, '{"number": 987654}'),
        ({"role": {"enum": ["a", "b"]}}, ""),
        ({"role": {"enum": [1, 2]}}, ""),
        ({"likes_tea": {"type": "boolean"}}, ""),
        ({"theme": {"enum": ["user", "admin"], "readOnly": True}}, ""),
        ({"is_new": {"type": "boolean", "readOnly": True}}, ""),
        ({"height": {"type": "integer"}}, ""),
    ],
)
def test_what_gives_more_is_offered(shown: Mapping[str, Schema], offered: str) -> None:
    found = mine(shown)

    assert bool(found) is bool(offered)
    assert all(f"not_obtained(found, before, {offered})" in check for check in found.values())


def test_a_few_are_enough() -> None:
    roles = dict.fromkeys(("role", "admin_role", "owner_role"), ROLE)

    assert list(mine(roles)) == ["cannot_obtain_role", "cannot_obtain_admin_role"]


def test_what_may_be_sent_may_be_obtained() -> None:
    assert mine({"role": ROLE}, properties={"name": TEXT, "role": ROLE}) == {}
    assert mine({"role": ROLE}, additionalProperties=True) == {}


@pytest.mark.parametrize(
    ("own", "others"),
    [
        (asking("PATCH", "/me", {"role": ROLE}), ()),
        (
            asking("PATCH", "/me", {"role": ROLE}, sent=False),
            (asking("GET", "/me", {"role": ROLE}),),
        ),
        (
            replace(asking("PATCH", "/me", {}), responses=(response("202"),)),
            (asking("GET", "/me", {"role": ROLE}, sent=False),),
        ),
        (asking("PATCH", "/users/{user_id}", {"role": ROLE}), ()),
        (
            asking("PATCH", "/me", {}),
            (replace(asking("GET", "/me", {}), responses=(response("200", content(TEXT)),)),),
        ),
        (asking("DELETE", "/me", {"role": ROLE}), (asking("GET", "/me", {"role": ROLE}),)),
    ],
)
def test_what_is_not_read_is_not_judged(own: Operation, others: tuple[Operation, ...]) -> None:
    assert not [name for name in functions(own, *others) if "obtain" in name]


def test_a_role_of_what_was_created_is_held_against_the_one_it_had() -> None:
    shown = {"role": ROLE}
    others = (asking("POST", "/users", shown), asking("GET", "/users/{user_id}", shown, sent=False))

    check = functions(asking("PATCH", "/users/{user_id}", shown), *others)["cannot_obtain_role"]

    assert 'before = api.get("/users/{user_id}", path={"user_id": user_id})' in check
    assert 'api.patch("/users/{user_id}", path={"user_id": user_id}, json=sent)' in check


def test_a_creation_is_held_against_the_usual_one() -> None:
    """Who creates a thing may rightly be its admin."""
    shown = {"role": ROLE}
    own = asking("POST", "/users", shown)

    check = functions(own, asking("GET", "/users/{user_id}", shown, sent=False))[
        "cannot_obtain_role"
    ]

    assert 'before = api.get("/users/{user_id}"' in check
    assert 'response = api.post("/users", json=sent)' in check
    assert 'state.not_obtained(response, before, {"role": "admin"})' in check


def test_a_creation_that_is_shown_elsewhere_is_not_judged() -> None:
    shown = {"role": ROLE}
    own = asking("POST", "/users", shown)
    wrapped: Schema = {"properties": {"data": {"properties": {"name": TEXT, **shown}}}}
    reading = replace(
        asking("GET", "/users/{user_id}", shown, sent=False),
        responses=(response("200", content(wrapped)),),
    )

    assert "cannot_obtain_role" not in functions(own, reading)
