"""Inputs a check takes from elsewhere: from another operation's answer, or from other inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

import pytest

from testops import pointers
from testops.client import Api, RequestParts, Response
from testops.json_values import Json

_SUCCESS = range(200, 300)


def existing(api: Api, path_template: str, pointer: str) -> Json:
    """The value at a JSON pointer in what GET on a path answers: `existing(api, "/pets", "/0/id")`.

    Skips, naming what is missing, where the list cannot be read or holds nothing.
    """
    return _picked(api.get(path_template), pointer)


def created(api: Api, path_template: str, pointer: str, **parts: Unpack[RequestParts]) -> Json:
    """The value at a JSON pointer in what POST on a path answers; `parts` as in `Api.request`.

    Skips, naming what is missing, where nothing is created.
    """
    return _picked(api.post(path_template, **parts), pointer)


def without(values: Mapping[str, Json], name: str) -> dict[str, Json]:
    """The same values but for one: `without(BODY, "name")`."""
    return {key: value for key, value in values.items() if key != name}


def replaced(values: Json, pointer: str, value: Json) -> Json:
    """The same values but for the one at a JSON pointer: `replaced(BODY, "/lines/0/count", 0)`."""
    return pointers.replaced(values, pointer, value)


def _picked(response: Response, pointer: str) -> Json:
    if response.status not in _SUCCESS:
        pytest.skip(f"Needs an existing resource: {response}.")
    try:
        return pointers.value_at(response.json(), pointer)
    except (ValueError, LookupError):
        pytest.skip(f"Needs an existing resource: {response} without {pointer}.")
