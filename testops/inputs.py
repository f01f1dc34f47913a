"""Inputs a check takes from elsewhere: from another operation's answer, or from other inputs."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from typing import Unpack
from urllib.parse import unquote, urlsplit

import pytest

from testops import pointers
from testops.client import Api, RequestParts, Response
from testops.json_values import Json

_SUCCESS = range(200, 300)
#: So many characters that no two runs make the same.
_TAG_BYTES = 4


def existing(api: Api, path_template: str, pointer: str, **parts: Unpack[RequestParts]) -> Json:
    """The value at a JSON pointer in what GET on a path answers: `existing(api, "/pets", "/0/id")`.

    Skips, naming what is missing, where the list cannot be read or holds nothing.
    """
    return _picked(api.get(path_template, **parts), pointer)


def created(api: Api, path_template: str, pointer: str, **parts: Unpack[RequestParts]) -> Json:
    """The value at a JSON pointer in what POST on a path answers; `parts` as in `Api.request`.

    In place of a pointer a header may be named: of "Location" it is the last segment of the
    address in it. Skips, naming what is missing, where nothing is created.
    """
    return _picked(api.post(path_template, **parts), pointer)


def linked(response: Response, pointer: str) -> Json:
    """The value at a JSON pointer in an answer, or in a header of it, that leads to another one.

    Skips, naming what is missing, where there is none.
    """
    return _picked(response, pointer)


def without(values: Mapping[str, Json], *names: str) -> dict[str, Json]:
    """The same values but for some: `without(BODY, "name")`."""
    return {key: value for key, value in values.items() if key not in names}


def fresh(values: Mapping[str, Json], *names: str) -> dict[str, Json]:
    """The same values, with texts that nobody has used before under some names.

    For what may be there only once: "alex@example.com" becomes "alex-5e1f02aa@example.com".
    """
    return {**values, **{name: _new(values[name]) for name in names}}


def _new(text: str) -> str:
    if _is_uuid(text):
        return str(uuid.uuid4())
    name, at, domain = text.partition("@")
    return f"{name}-{secrets.token_hex(_TAG_BYTES)}{at}{domain}"


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def replaced(values: Json, pointer: str, value: Json) -> Json:
    """The same values but for the one at a JSON pointer: `replaced(BODY, "/lines/0/count", 0)`."""
    return pointers.replaced(values, pointer, value)


def _picked(response: Response, pointer: str) -> Json:
    if response.status not in _SUCCESS:
        pytest.skip(f"Needs an existing resource: {response}.")
    try:
        if pointer.startswith("/"):
            return pointers.value_at(response.json(), pointer)
        text = response.headers[pointer]
        return _last_segment(text) if pointer == "Location" else text
    except (ValueError, LookupError):
        pytest.skip(f"Needs an existing resource: {response} without {pointer}.")


def _last_segment(address: str) -> str:
    return unquote(urlsplit(address).path.rstrip("/").rpartition("/")[2])
