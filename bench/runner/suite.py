"""The modules that every contestant runs: written as the offline writer writes them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from app.domain.plans import PlannedCase

OPERATION = "GET /things/{thingId}"
CHECKS = 5

_CONTRACT = {
    "contract": 1,
    "title": "Things",
    "operations": {
        OPERATION: {
            "pointer": "#/paths/~1things~1{thingId}/get",
            "responses": {
                status: {
                    "pointer": f"#/paths/~1things~1{{thingId}}/get/responses/{status}",
                    "content": {"application/json": {"$ref": f"#/schemas/{schema}"}},
                    "headers": {},
                }
                for status, schema in (("200", "Thing"), ("404", "Problem"))
            },
        }
    },
    "schemas": {
        "Thing": {
            "type": "object",
            "required": ["id", "name", "tags", "size"],
            "properties": {
                "id": {"type": "string"},
                "name": {"type": "string", "minLength": 1},
                "tags": {"type": "array", "items": {"type": "string"}},
                "size": {"type": "integer", "minimum": 0},
            },
        },
        "Problem": {"type": "object", "required": ["title", "status"]},
    },
}

_HEAD = '''"""GET /things/{{thingId}}: Read one thing.

From Things, module {number}
"""

from testops import Api, expect

OPERATION = "GET /things/{{thingId}}"
'''

_FOUND = '''

def test_documented_success_{check}(api: Api) -> None:
    """The documented inputs get a documented success.

    Source: #/paths/~1things~1{{thingId}}/get/responses/200
    """
    response = api.get("/things/{{thingId}}", path={{"thingId": "{number}-{check}"}})

    expect.documented(response)
    expect.success(response, 200)
    assert response.json()["size"] == 3
'''

_UNKNOWN = '''

def test_unknown_id(api: Api) -> None:
    """An identifier that does not exist is not found.

    Source: #/paths/~1things~1{thingId}/get/responses/404
    """
    response = api.get("/things/{thingId}", path={"thingId": "unknown"})

    expect.not_found(response)
    expect.documented(response)
'''

_PLAIN_HEAD = '''"""GET /things/{thingId}: Read one thing."""

import os
from collections.abc import Iterator

import httpx
import pytest


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(base_url=os.environ["TESTOPS_BASE_URL"]) as client:
        yield client
'''

_SHARED_HEAD = '''"""GET /things/{thingId}: Read one thing."""

import httpx
'''

_CONFTEST = '''"""One TLS context for all clients."""

import os
import ssl
from collections.abc import Iterator

import httpx
import pytest

TLS = ssl.create_default_context()


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(base_url=os.environ["TESTOPS_BASE_URL"], verify=TLS) as client:
        yield client
'''

_PLAIN_FOUND = """

def test_documented_success_{check}(client: httpx.Client) -> None:
    response = client.get("/things/{number}-{check}")

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert response.json()["size"] == 3
"""

_PLAIN_UNKNOWN = """

def test_unknown_id(client: httpx.Client) -> None:
    response = client.get("/things/unknown")

    assert response.status_code == 404
"""


def contract() -> str:
    """The contract's JSON text."""
    return json.dumps(_CONTRACT)


def cases(count: int) -> tuple[PlannedCase, ...]:
    """So many modules of five checks."""
    return tuple(
        PlannedCase(f"c{n}", OPERATION, f"test_things_{n:04}.py", _script(n)) for n in range(count)
    )


def plain_cases(count: int) -> tuple[PlannedCase, ...]:
    """As many with the same requests that use nothing of ours; they hold no answer to a schema."""
    return _plain(count, _PLAIN_HEAD)


def shared_cases(count: int) -> tuple[PlannedCase, ...]:
    """The plain ones of a tester who has seen what a TLS context costs: `conftest.py` has one."""
    return _plain(count, _SHARED_HEAD)


def _plain(count: int, head: str) -> tuple[PlannedCase, ...]:
    return tuple(
        PlannedCase(f"p{n}", OPERATION, f"test_plain_{n:04}.py", _plain_script(head, n))
        for n in range(count)
    )


def write_shared(folder: Path) -> None:
    """Write the `conftest.py` that the shared ones need."""
    (folder / "conftest.py").write_text(_CONFTEST, encoding="utf-8")


def write(folder: Path, modules: Sequence[PlannedCase]) -> tuple[Path, ...]:
    """Write modules as files; the contract stands beside them."""
    (folder / "contract.json").write_text(contract(), encoding="utf-8")
    paths = [(folder / case.module, case.script) for case in modules]
    for path, script in paths:
        path.write_text(script, encoding="utf-8")
    return tuple(path for path, _ in paths)


def _script(number: int) -> str:
    found = (_FOUND.format(number=number, check=check) for check in range(1, CHECKS))
    return "".join((_HEAD.format(number=number), *found, _UNKNOWN))


def _plain_script(head: str, number: int) -> str:
    found = (_PLAIN_FOUND.format(number=number, check=check) for check in range(1, CHECKS))
    return "".join((head, *found, _PLAIN_UNKNOWN))
