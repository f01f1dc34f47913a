"""The suite that is executed: cases of five checks each, one of which finds something."""

from __future__ import annotations

import json
from typing import Final

from sqlalchemy.orm import Session

from app.services import descriptions, suites
from app.settings import Settings
from tests.factories import rows

CHECKS: Final = 5
#: The check of each case that finds something; the others pass.
RED: Final = 3

_THING: Final = {
    "type": "object",
    "required": ["id", "size"],
    "properties": {"id": {"type": "string"}, "size": {"type": "integer"}},
}

_HEAD: Final = '''"""GET {path}: Read one thing."""

from testops import Api, expect

OPERATION = "GET {path}"
'''

_CHECK: Final = '''

def {name}(api: Api) -> None:
    """The documented inputs get a documented success.

    Source: #/paths/~1{resource}~1{{thingId}}/get/responses/200
    """
    response = api.get("{path}", path={{"thingId": "{check}"}})

    expect.success(response, 200)
    assert response.json()["size"] == {size}
'''


def write(session: Session, base_url: str, cases: int, settings: Settings) -> str:
    """Make a suite of so many cases; its id."""
    document = json.dumps(_description(cases)).encode()
    description = descriptions.add(session, descriptions.read_bytes(document))
    suite = suites.create(
        session, description.id, name="Things", base_url=base_url, settings=settings
    )
    for number in range(cases):
        script = _script(number)
        rows.case(session, suite, f"GET {_path(number)}", script=script, generated_script=script)
    return suite.id


def asked_for(operation: str, check: str) -> str:
    """The path that a check asks for."""
    return operation.removeprefix("GET ").format(thingId=check.rpartition("_")[2])


def _path(number: int) -> str:
    return f"/things-{number}/{{thingId}}"


def _description(cases: int) -> object:
    answer = {"description": "A thing", "content": {"application/json": {"schema": _THING}}}
    parameter = {"name": "thingId", "in": "path", "required": True, "schema": {"type": "string"}}
    asked = {"get": {"parameters": [parameter], "responses": {"200": answer}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "paths": {_path(number): asked for number in range(cases)},
    }


def _script(number: int) -> str:
    path = _path(number)
    checks = (
        _CHECK.format(
            name=f"test_thing_{check}", resource=f"things-{number}", path=path, check=check,
            size=4 if check == RED else 3,
        )
        for check in range(1, CHECKS + 1)
    )  # fmt: skip
    return "".join((_HEAD.format(path=path), *checks))
