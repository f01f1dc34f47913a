from __future__ import annotations

import pytest

from testops import exposure
from testops.json_values import Json


@pytest.mark.parametrize(
    "name",
    [
        *("password", "passwordHash", "user_password", "passwd", "privateKey", "cardNumber"),
        *("SSN", "apiKey", "client_secret", "totp_secret", "secret_key"),
    ],
)
def test_a_secret_is_known_by_its_name(name: str) -> None:
    value = {"items": [{"owner": {name: "$2b$12$abc"}}]}

    assert list(exposure.secrets(value)) == [name]
    assert exposure.is_suspect(f'{{"{name}": 1}}'.encode())


@pytest.mark.parametrize(
    "value",
    [
        {"password_changed_at": "2026-01-01", "phone_number": "1", "key": "k", "secret": "s"},
        {"has_password": True, "password": None},
        {"password": "********"},
        {"password": "[redacted]"},
        {"password": ""},
        ["password"],
    ],
)
def test_what_tells_nothing_is_no_secret(value: Json) -> None:
    assert list(exposure.secrets(value)) == []


def test_a_body_without_such_words_is_not_looked_into() -> None:
    assert not exposure.is_suspect(b'{"id": 1, "name": "Rex"}')


USER: Json = {"type": "object", "properties": {"name": {"type": "string"}}}


@pytest.mark.parametrize(
    ("schema", "names"),
    [
        (USER, {"name"}),
        ({"type": "array", "items": {"$ref": "#/schemas/User"}}, {"name", "friend"}),
        ({"allOf": [{"$ref": "#/schemas/User"}, {"properties": {"id": False}}]},
         {"name", "friend", "id"}),
        ({"anyOf": [{"type": "null"}, USER]}, {"name"}),
        ({"enum": [1]}, set()),
        ({**USER, "additionalProperties": False}, {"name"}),
        (True, None),
        ({}, None),
        ({"type": ["object", "null"]}, None),
        ({"properties": {"data": {"type": "object"}}}, None),
        ({**USER, "additionalProperties": True}, None),
        ({**USER, "additionalProperties": {"type": "string"}}, None),
        ({**USER, "patternProperties": {}}, None),
        ({"$ref": "#/schemas/Unknown"}, None),
    ],
)  # fmt: skip
def test_only_what_lists_its_properties_is_closed(schema: Json, names: set[str] | None) -> None:
    friend = {"$ref": "#/schemas/User"}
    document = {"schemas": {"User": {"properties": {"name": {"type": "string"}, "friend": friend}}}}

    found = exposure.listed(schema, document)

    assert found == names
