"""Asks with inputs that are generated from what the description says of them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace

from testops.client import Api, Response
from testops.json_values import Json

#: A check that has asked for so long asks no more, however few of its examples it had.
_SECONDS = 5.0
#: What is shown of what was sent.
_SHOWN = 300


def generated(
    api: Api,
    method: str,
    path_template: str,
    *,
    examples: int,
    seed: int,
    path: Mapping[str, Json] | None = None,
) -> Iterator[Response]:
    """Ask with so many different inputs that the description allows, and give each answer.

    `path` holds values that are known. Stops early where the API takes long. Skips where the
    description allows nothing that can be sent.
    """
    # Most modules that import this package generate nothing, and the library is a large one.
    from testops import drawing  # noqa: PLC0415

    operation = api.operation(method, path_template)
    end = time.monotonic() + _SECONDS
    for parts in drawing.parts(operation, path or {}, examples, seed):
        response = api.request(method, path_template, **parts)
        sent = json.dumps({name: each for name, each in parts.items() if name != "path"})
        yield replace(response, sent=sent[:_SHOWN])
        if time.monotonic() > end:
            return
